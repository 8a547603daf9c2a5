// The App Home and More through the router: who sees what, filters, pages, approvals, and that every button leads somewhere.
#include "handlers/views/home.hpp"
#include "handlers/views/more.hpp"
#include "world.hpp"

#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>

namespace {

using namespace esc;
using namespace esc::handler_test;

bool has(std::string const& all, std::string_view part) { return all.find(part) != std::string::npos; }

slack::blocks::Home opened(World& world, Person const& actor, std::string metadata = {}) {
    slack::AppHomeOpened event;
    event.user = actor.id;
    event.tab = "home";
    event.private_metadata = std::move(metadata);
    auto outcome = world.send(event, actor);
    BOOST_REQUIRE(outcome.home.has_value());
    return *std::move(outcome.home);
}
std::string text(slack::blocks::Home const& home) { return boost::json::serialize(home.json()); }

slack::blocks::Home pressed(World& world, std::string_view action, std::string value, std::string metadata, Person const& actor) {
    slack::BlockAction press;
    press.user = actor.id;
    press.action_id = action;
    press.value = std::move(value);
    press.view_type = "home";
    press.view_private_metadata = std::move(metadata);
    auto outcome = world.send(press, actor);
    BOOST_REQUIRE(outcome.home.has_value());
    return *std::move(outcome.home);
}

void change(World& world, EscalationId id, std::function<void(Escalation&)> const& how) {
    world.run(handlers::Work{[&](Tx& tx) {
        Decision decision;
        decision.after = tx.escalation(id).value();
        how(decision.after);
        LedgerEvent event;
        event.type = EventType::noted;
        event.recorded_at = world.now;
        event.source_time = world.now;
        event.data = "{}";
        decision.events = {event};
        rules::finish(decision, world.now);
        tx.apply(decision);
        return handlers::done();
    }});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(app_home)

BOOST_AUTO_TEST_CASE(agents_see_their_work_first_and_leads_the_whole_queue) {
    World world;
    world.open_one("Of Ana");
    world.open_one("Of Ben");
    world.open_one("Of nobody");
    world.escalate("claim 1", ana);
    world.escalate("claim 2", ben);
    auto const agent = text(opened(world, ana));
    BOOST_TEST(has(agent, "My work"));
    BOOST_TEST(has(agent, "Of Ana"));
    BOOST_TEST(!has(agent, "Of Ben"));
    BOOST_TEST(has(agent, "Of nobody"));  // below one's own: what waits for somebody
    BOOST_TEST(has(agent, "3 open"));
    for (auto const& who : {lea, max}) {
        auto const home = opened(world, who);
        BOOST_TEST(home.private_metadata == R"({"filter":"all","page":1})");
        for (auto const* title : {"Of Ana", "Of Ben", "Of nobody"}) BOOST_TEST(has(text(home), title), title);
    }
    auto team_lead = ben;
    team_lead.team_roles = {{"payments", Role::lead}};
    BOOST_TEST(has(opened(world, team_lead).private_metadata, "all"));
}

BOOST_AUTO_TEST_CASE(what_one_covers_is_ones_work) {
    World world;
    world.open_one("Of Ben");
    world.escalate("claim 1", ben);
    BOOST_TEST(!has(text(opened(world, ana)), "Of Ben"));
    BOOST_TEST(!world.escalate("cover 1 <@U_ANA> until 3h", ben).refused);
    auto const covering = text(opened(world, ana));
    for (auto const* words : {"Of Ben", "My work · 1 covered", "<@U_ANA> acts until"}) BOOST_TEST(has(covering, words), words);
    BOOST_TEST(has(text(opened(world, ben)), "My work · 1 owned"));
    BOOST_TEST(!world.escalate("cover 1 off", ben).refused);
    BOOST_TEST(!has(text(opened(world, ana)), "Of Ben"));
}

BOOST_AUTO_TEST_CASE(requesters_see_what_they_raised_open_ones_first) {
    World world;
    for (int i = 1; i <= 21; ++i) world.open_one(fmt::format("Number {:02} of many", i));
    world.escalate("Of somebody else", bystander);
    world.escalate("claim 21", ana);
    world.escalate("resolve 21 Done", ana);
    auto const first = opened(world, raiser);
    BOOST_TEST((has(text(first), "Number 20") && has(text(first), "Number 01") && has(text(first), "\"Open\"")));
    for (auto const* words : {"Number 21", "Of somebody else", "esc.claim", "open ·", "Previous"})
        BOOST_TEST(!has(text(first), words), words);
    auto const second = pressed(world, "esc.home.page", "2", first.private_metadata, raiser);
    BOOST_TEST((has(text(second), "Number 21") && has(text(second), "Resolved") && !has(text(second), "Number 20")));
    BOOST_TEST(text(opened(world, raiser, second.private_metadata)) == text(second));
    BOOST_TEST(has(text(opened(world, person("U_NEW", Role::requester))), "Nothing yet."));
}

BOOST_AUTO_TEST_CASE(requesters_and_outsiders_see_no_queue) {
    World world;
    world.escalate("Secret title", ana);
    for (auto const& who : {raiser, bystander, outsider}) {
        auto const home = text(opened(world, who));
        BOOST_TEST(!has(home, "Secret title"));
        BOOST_TEST(!has(home, "open ·"));
        auto const paged = text(pressed(world, "esc.home.page", "1", R"({"filter":"all","page":1})", who));
        BOOST_TEST(!has(paged, "Secret title"));
        auto const filtered = text(pressed(world, "esc.home.filter", "all", "", who));
        BOOST_TEST(!has(filtered, "Secret title"));
    }
    BOOST_TEST(has(text(opened(world, raiser)), "/escalate"));
    BOOST_TEST(!has(text(opened(world, outsider)), "/escalate"));
}

BOOST_AUTO_TEST_CASE(the_messages_tab_is_no_home) {
    World world;
    slack::AppHomeOpened event;
    event.user = ana.id;
    event.tab = "messages";
    BOOST_TEST(!world.send(event, ana).home.has_value());
}

BOOST_AUTO_TEST_CASE(a_filter_and_a_page_are_kept_and_turned) {
    World world;
    for (int i = 1; i <= 45; ++i) world.open_one(fmt::format("Number {:02} of many", i));
    auto const first = opened(world, lea);
    BOOST_TEST((has(text(first), "Number 20") && !has(text(first), "Number 21") && !has(text(first), "Previous")));
    auto const second = pressed(world, "esc.home.page", "2", first.private_metadata, lea);
    BOOST_TEST((has(text(second), "Number 21") && has(text(second), "Number 40") && !has(text(second), "Number 41")));
    BOOST_TEST(second.private_metadata == R"({"filter":"all","page":2})");
    BOOST_TEST(text(opened(world, lea, second.private_metadata)) == text(second));  // opened again: where one was
    auto const third = pressed(world, "esc.home.page", "3", second.private_metadata, lea);
    BOOST_TEST((has(text(third), "Number 45") && !has(text(third), "\"Next\"")));
    auto const back = pressed(world, "esc.home.page.previous", "2", third.private_metadata, lea);
    BOOST_TEST(text(back) == text(second));
    auto const filtered = pressed(world, "esc.home.filter", "breached", second.private_metadata, lea);
    BOOST_TEST(filtered.private_metadata == R"({"filter":"breached","page":1})");
    BOOST_TEST(has(text(filtered), "Nothing that is open has breached"));
}

BOOST_AUTO_TEST_CASE(pages_are_counted_and_one_that_is_gone_is_the_last_there_is) {
    World world;
    for (int i = 1; i <= 22; ++i) world.open_one(fmt::format("Number {:02} of many", i));
    auto const second = pressed(world, "esc.home.page", "9", R"({"filter":"all","page":1})", lea);
    BOOST_TEST((has(text(second), "Number 22") && has(text(second), "page 2 of 2")));
    BOOST_TEST(second.private_metadata == R"({"filter":"all","page":2})");
    BOOST_TEST(has(text(pressed(world, "esc.home.page", "9", R"({"filter":"mine","page":1})", ana)), "You own nothing"));
    BOOST_TEST(has(text(pressed(world, "esc.home.page", "9", "", raiser)), "Number 20"));
    // Below one's own work some of what has no owner, and how much more there is.
    BOOST_TEST(has(text(opened(world, ana)), "and 17 more: choose Without an owner above"));
    // Who may also assign or decline it has Open beside Claim.
    auto const lead = text(opened(world, lea));
    BOOST_TEST((has(lead, "esc.claim") && has(lead, "esc.more")));
    BOOST_TEST(!has(text(opened(world, ana)), "esc.more"));
}

BOOST_AUTO_TEST_CASE(what_cannot_be_read_is_the_first_page) {
    World world;
    world.open_one("Here");
    for (auto const* metadata : {"", "{", "[]", "null", R"({"filter":7,"page":"x"})", R"({"filter":"nonsense","page":-3})",
                                 R"({"page":99999999999999})", "\xFF"}) {
        auto const home = opened(world, lea, metadata);
        BOOST_TEST(has(home.private_metadata, "\"filter\":\"all\""), metadata);
        BOOST_TEST(home.blocks.size() > 3U);
    }
    for (auto const* value : {"", "x", "-1", "0", "99999999999999999999", "2x"})
        BOOST_TEST(pressed(world, "esc.home.page", value, "", lea).private_metadata == R"({"filter":"all","page":1})", value);
    BOOST_TEST(pressed(world, "esc.home.filter", "nonsense", "", ana).private_metadata == R"({"filter":"mine","page":1})");
}

BOOST_AUTO_TEST_CASE(approvals_reach_who_may_give_them_in_their_team) {
    World world;
    auto const id = world.open_one("Wanted");
    world.escalate("claim 1", ana);
    auto const sees = [&](Person const& who) { return has(text(opened(world, who)), "Waiting for your word"); };
    for (auto const& who : {ana, lea, max}) BOOST_TEST(!sees(who));
    change(world, id,
           [](Escalation& one) { one.details.transfer = TransferRequest{ana.id, {}, "My shift ends", t0, t0 + 12h, t0 + 24h}; });
    BOOST_TEST(sees(max));
    BOOST_TEST(!sees(lea));
    BOOST_TEST(!sees(ana));
    change(world, id, [](Escalation& one) {
        one.details.transfer.reset();
        one.details.severity_request = SeverityRequest{ana.id, Severity::sev1, "other", "All users", t0};
    });
    BOOST_TEST((sees(max) && sees(lea) && !sees(ana)));
    change(world, id, [](Escalation& one) {
        one.details.severity_request.reset();
        one.details.unconfirmed_since = t0;
        one.details.unconfirmed_alert_at = t0 + 15min;
        one.severity = Severity::sev1;
        one.team = "payments";
    });
    BOOST_TEST(sees(lea));
    auto elsewhere = ben;
    elsewhere.team_roles = {{"support", Role::lead}};
    BOOST_TEST(!sees(elsewhere));
    elsewhere.team_roles = {{"payments", Role::lead}};
    BOOST_TEST(sees(elsewhere));
}

BOOST_AUTO_TEST_CASE(what_is_over_hides_no_request_of_what_goes_on) {
    World world;
    constexpr int over = 101;
    for (int i = 0; i < over; ++i) {
        auto const id = world.open_one("Imports fail");
        change(world, id, [](Escalation& one) {
            one.state = State::closed;
            one.owner = ana.id;
            one.clocks.clear();
            one.next_point.reset();
            one.details.warranted = Warranted{.level = Severity::sev4, .by = ana.id, .at = t0, .graded_by = {}};
        });
    }
    auto const id = world.open_one("Wanted");
    world.escalate(fmt::format("claim {}", id.number), ana);
    change(world, id,
           [](Escalation& one) { one.details.transfer = TransferRequest{ana.id, {}, "My shift ends", t0, t0 + 12h, t0 + 24h}; });
    auto const home = text(opened(world, max));
    BOOST_TEST(has(home, "was warranted"));
    BOOST_TEST(home.find("asks for a transfer") < home.find("was warranted"));
    BOOST_TEST(has(home, "and at least 90 more"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(more_modal)

BOOST_AUTO_TEST_CASE(more_opens_for_everybody_of_the_workspace) {
    World world;
    auto const id = world.open_one("Checkout fails");
    auto const value = handlers::CardRef::make(world.at(id));
    for (auto const& who : {raiser, bystander, ana, lea, max, adm}) {
        auto const outcome = world.press("esc.more", value, who);
        BOOST_REQUIRE(outcome.open_modal.has_value());
        BOOST_TEST(outcome.open_modal->callback_id == "esc.more");
        BOOST_TEST(outcome.open_modal->private_metadata == value);
    }
    BOOST_TEST(world.press("esc.more", value, outsider).refused);
    BOOST_TEST(world.press("esc.more", "99:v1", ana).refused);
    BOOST_TEST(world.press("esc.more", "nonsense", ana).refused);
}

BOOST_AUTO_TEST_CASE(more_sees_people_as_the_escalations_team_does) {
    World world;
    auto const id = world.open_one("Checkout fails");
    change(world, id, [](Escalation& one) { one.team = "payments"; });
    auto team_lead = bystander;
    team_lead.team_roles = {{"payments", Role::lead}};
    auto const value = handlers::CardRef::make(world.at(id));
    auto const offered = [&](Person const& who) {
        return has(boost::json::serialize(world.press("esc.more", value, who).open_modal->json()), "esc.assign");
    };
    BOOST_TEST(offered(team_lead));
    BOOST_TEST(!offered(bystander));
}

BOOST_AUTO_TEST_CASE(more_shows_what_is_next_after_a_press_in_it) {
    World world;
    auto const id = world.open_one("Checkout fails");
    slack::BlockAction press;
    press.user = ana.id;
    press.action_id = "esc.claim";
    press.value = handlers::CardRef::make(world.at(id));
    BOOST_TEST(!world.send(press, ben).replace_modal.has_value());  // on the card: nothing to show
    press.view_callback_id = "esc.more";
    press.view_id = "V1";
    BOOST_TEST(world.at(id).owner == ben.id);
    auto const refused = world.send(press, ana);
    BOOST_TEST(refused.refused);
    BOOST_TEST(!refused.replace_modal.has_value());
    press.action_id = "esc.replied";
    press.value = handlers::CardRef::make(world.at(id));
    auto const outcome = world.send(press, ben);
    BOOST_REQUIRE(outcome.replace_modal.has_value());
    auto const shown = boost::json::serialize(outcome.replace_modal->json());
    BOOST_TEST(has(shown, "esc.transfer"));
    BOOST_TEST(!has(shown, "\"esc.replied\""));  // it has been done
    BOOST_TEST(outcome.replace_modal->private_metadata == handlers::CardRef::make(world.at(id)));
    press.action_id = "esc.resolve";
    auto const form = world.send(press, ben);  // forms come on top
    BOOST_TEST((form.open_modal.has_value() && !form.replace_modal.has_value()));
}

BOOST_AUTO_TEST_CASE(every_button_that_can_be_offered_has_a_route) {
    auto const routes = handlers::make_router().routes();
    auto const there = [&](std::string const& route) { return std::count(routes.begin(), routes.end(), route) == 1; };
    for (auto const verb : rules::all_verbs) BOOST_TEST(there(fmt::format("action esc.{}", rules::to_string(verb))));
    for (auto const* route :
         {"action esc.more", "action esc.queue", "action esc.queue.previous", "action esc.home.filter", "action esc.home.page",
          "action esc.home.page.previous", "action esc.help", "event app_home_opened"})
        BOOST_TEST(there(route), route);
}

BOOST_AUTO_TEST_SUITE_END()
