// Ways in: the same source never makes a second one, teams, links, the form with the questions, and Escalate message.
#include "handlers/open_form.hpp"
#include "handlers/raising.hpp"
#include "handlers/rules/outbox_items.hpp"
#include "handlers/views/raise.hpp"

#include "views_data.hpp"
#include "world.hpp"

#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>

namespace {

using namespace esc;
using namespace esc::handler_test;
using handlers::similar_titles;
using handlers::team_for;

slack::ViewState form(std::string title, std::map<std::string, std::string> const& more = {}) {
    slack::ViewState state;
    state.values = {{"title", std::move(title)}, {"severity", "computed"}};
    for (auto const& [block, value] : more) state.values[block] = value;
    return state;
}

handlers::Outcome submit(World& world, slack::ViewState state, Person const& who = raiser, std::string metadata = {}) {
    return world.submit(views::open_callback, std::move(metadata), std::move(state), who);
}

bool errs_at(handlers::Outcome const& outcome, std::string_view block) {
    return std::any_of(outcome.reply.view_errors.begin(), outcome.reply.view_errors.end(),
                       [&](auto const& error) { return error.first == block && !error.second.empty(); });
}

slack::Shortcut on_message(std::string channel, std::string channel_name, std::string text = "Checkout fails\nfor all") {
    slack::Shortcut shortcut;
    shortcut.callback_id = "escalate_message";
    shortcut.trigger_id = "trigger";
    shortcut.response_url = "https://hooks.example/2";
    shortcut.message = {{std::move(channel)}, {"1700000000.000100"}, {"1690000000.000100"}};
    shortcut.message_text = std::move(text);
    shortcut.channel_name = std::move(channel_name);
    return shortcut;
}

std::string json_of(std::optional<slack::blocks::Modal> const& modal) {
    BOOST_REQUIRE(modal.has_value());
    return boost::json::serialize(modal->json());
}

int raised_again(World const& world, EscalationId id) {
    auto const events = world.events(id);
    return static_cast<int>(std::count(events.begin(), events.end(), EventType::raised_again));
}

BOOST_AUTO_TEST_SUITE(raising_sources)

// --- the team ------------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(the_team_is_the_sources_else_the_raisers_else_the_first) {
    Config config;
    BOOST_TEST(team_for(config, {"C1"}, ana) == "");
    TeamConfig first;
    first.name = "first";
    TeamConfig second;
    second.name = "second";
    second.sources = {"C2", "C3"};
    config.teams = {first, second};
    auto member = ana;
    member.team_roles = {{"second", Role::agent}, {"first", Role::lead}};
    auto member_of_first = ana;
    member_of_first.team_roles = {{"first", Role::agent}};
    BOOST_TEST(team_for(config, {"C3"}, member_of_first) == "second");  // the channel counts most
    BOOST_TEST(team_for(config, {"C1"}, member) == "second");
    BOOST_TEST(team_for(config, {}, member) == "second");
    BOOST_TEST(team_for(config, {"C1"}, ana) == "first");
    BOOST_TEST(team_for(config, {}, ana) == "first");
}

BOOST_AUTO_TEST_CASE(an_escalation_carries_its_team_and_roles_in_it_count) {
    World world;
    TeamConfig team;
    team.name = "payments";
    team.sources = {"C_SOURCE"};
    world.config->teams = {team};
    auto lead_there = raiser;
    lead_there.team_roles = {{"payments", Role::lead}};
    world.people.table.push_back(lead_there);
    BOOST_TEST(!world.escalate("owner:<@U_ANA> Checkout fails", lead_there).refused);
    BOOST_TEST(world.at({1}).team == "payments");
    BOOST_TEST(world.at({1}).owner == ana.id);
    BOOST_TEST(world.escalate("owner:<@U_ANA> Checkout fails again", raiser).refused);
}

// --- the same source -----------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_message_raised_again_names_the_one_it_has_and_is_kept_once_per_person) {
    World world;
    world.react(raiser);
    world.react(ana);
    world.react(ana);
    world.react(ben);
    BOOST_TEST(world.snapshot().queue_counts().open == 1);
    BOOST_TEST(raised_again(world, {1}) == 2);  // Ana and Ben, once each
    auto const notice = world.snapshot().outbox_row("notice:1:raised_again:U_ANA");
    BOOST_REQUIRE(notice.has_value());
    BOOST_TEST(rules::NoticeFact::parse(notice->item.body)->channel == ChannelId{"C_SOURCE"});
    BOOST_TEST(world.problems().empty());
}

BOOST_AUTO_TEST_CASE(nothing_is_said_in_a_shared_channel_to_who_raises_it_again) {
    World world;
    slack::ReactionAdded event;
    event.head.shared_channel = true;
    event.reaction = "rotating_light";
    event.item = {{"C_SHARED"}, {"1700000000.000100"}, {}};
    event.event_ts = "1700000000.000000";
    event.user = raiser.id;
    world.send(event, raiser);
    event.user = ana.id;
    world.send(event, ana);
    auto const notice = world.snapshot().outbox_row("notice:1:raised_again:U_ANA");
    BOOST_REQUIRE(notice.has_value());
    BOOST_TEST(rules::NoticeFact::parse(notice->item.body)->channel.empty());  // by direct message
}

BOOST_AUTO_TEST_CASE(reaction_shortcut_form_and_link_of_one_message_are_one_escalation) {
    World world;
    auto const opened = world.send(on_message("C_SOURCE", "help"), raiser);
    BOOST_REQUIRE(opened.open_modal.has_value());
    auto const metadata = opened.open_modal->private_metadata;
    BOOST_TEST(!submit(world, form("Checkout fails"), raiser, metadata).refused);
    world.react(ana);
    BOOST_TEST(text_of(world.send(on_message("C_SOURCE", "help"), ben)).find("escalated already") != std::string::npos);
    auto const late = submit(world, form("The till is down", {{"description", "Since noon"}}), lea, metadata);
    BOOST_TEST(text_of(late).find("escalated already") != std::string::npos);
    BOOST_TEST(late.reply.view_errors.empty());
    BOOST_TEST(text_of(late).find("The till is down") != std::string::npos);
    BOOST_TEST(text_of(late).find("Since noon") != std::string::npos);
    auto const link =
        world.escalate("Checkout link:<https://acme.slack.com/archives/C_SOURCE/p1700000000000100?thread_ts=1.2>", max);
    BOOST_TEST(text_of(link).find("ESC-1") != std::string::npos);
    BOOST_TEST(world.snapshot().queue_counts().open == 1);
    BOOST_TEST(raised_again(world, {1}) == 4);
    BOOST_TEST(world.problems().empty());
}

BOOST_AUTO_TEST_CASE(who_only_tried_a_known_link_in_the_form_does_not_keep_the_raiser_from_undoing) {
    World world;
    world.escalate("Exports fail link:https://acme.example/tickets/1", raiser);
    BOOST_TEST(errs_at(submit(world, form("Another", {{"link", "https://acme.example/tickets/1"}}), ben), "link"));
    BOOST_TEST(!submit(world, form("Another", {}), ben).refused);
    BOOST_TEST(raised_again(world, {1}) == 0);
    BOOST_TEST(!world.escalate("undo 1", raiser).refused);
}

BOOST_AUTO_TEST_CASE(a_link_that_an_open_one_has_opens_nothing) {
    World world;
    BOOST_TEST(!world.escalate("Exports fail link:<https://Acme.example/tickets/1/|ticket>", raiser).refused);
    auto const links = world.snapshot().links({1});
    BOOST_REQUIRE(links.size() == 1U);
    BOOST_TEST(links.front().system == url_system);
    BOOST_TEST(links.front().external_id == "https://acme.example/tickets/1");
    BOOST_TEST(world.at({1}).description == "");
    auto const again = world.escalate("The same link:https://acme.example/tickets/1", ana);
    BOOST_TEST(!again.refused);
    BOOST_TEST(text_of(again).find("escalated already") != std::string::npos);
    BOOST_TEST(text_of(again).find("The same link:https://acme.example/tickets/1") != std::string::npos);  // nothing is lost
    // A form stays open at the link, and a word leads to the one that has it.
    auto const kept = submit(world, form("The same", {{"link", "https://acme.example/tickets/1#top"}}), ben);
    BOOST_TEST(errs_at(kept, "link"));
    BOOST_TEST(kept.reply.view_errors.front().second.find("ESC-1 has this link already") != std::string::npos);
    BOOST_TEST(boost::json::serialize(kept.reply.message->blocks_json()).find("esc.show") != std::string::npos);
    // Once the form is gone, what was written comes along.
    BOOST_TEST(boost::json::serialize(kept.reply.message->blocks_json()).find("The same") == std::string::npos);
    auto const after_form = boost::json::serialize(kept.reply.after_form->blocks_json());
    for (auto const* part : {"escalated already", "The same"}) BOOST_TEST(after_form.find(part) != std::string::npos, part);
    BOOST_TEST(world.snapshot().queue_counts().open == 1);
    BOOST_TEST(raised_again(world, {1}) == 1);  // Ana; what Ben means nobody knows yet
    // The same address twice in one line, and another one.
    BOOST_TEST(
        !world.escalate("Other link:https://a.example/1 link:https://a.example/1/ link:https://b.example/", raiser).refused);
    BOOST_TEST(world.snapshot().links({2}).size() == 2U);
    BOOST_TEST(world.problems().empty());
}

BOOST_AUTO_TEST_CASE(what_is_over_gives_its_link_to_the_new_one) {
    World world;
    world.escalate("Exports fail link:https://acme.example/tickets/1", raiser);
    BOOST_TEST(!world.escalate("decline 1 It is a question", lea).refused);
    BOOST_TEST(!world.escalate("Exports fail again link:https://acme.example/tickets/1", raiser).refused);
    BOOST_TEST(world.at({2}).open());
    BOOST_TEST(world.snapshot().links({1}).empty());
    BOOST_TEST(world.snapshot().links({2}).size() == 1U);
    BOOST_TEST(world.problems().empty());
}

BOOST_AUTO_TEST_CASE(a_resolved_message_is_reopened_not_raised_anew) {
    World world;
    world.react(raiser);
    world.escalate("claim 1", ana);
    world.escalate("resolve 1 Restarted it", ana);
    BOOST_REQUIRE(world.at({1}).state == State::resolved);
    auto const again = world.send(on_message("C_SOURCE", "help"), ben);
    BOOST_TEST(text_of(again).find("reopen") != std::string::npos);
    BOOST_TEST(!again.open_modal.has_value());
}

BOOST_AUTO_TEST_CASE(a_declined_message_can_be_raised_again) {
    World world;
    world.react(raiser);
    BOOST_TEST(!world.escalate("decline 1 It is a question", lea).refused);
    world.react(ana);
    BOOST_TEST(world.at({2}).open());
    BOOST_TEST(raised_again(world, {1}) == 0);
    world.react(ben);
    BOOST_TEST(raised_again(world, {2}) == 1);
    BOOST_TEST(world.problems().empty());
}

BOOST_AUTO_TEST_CASE(a_merged_message_names_what_it_was_merged_into) {
    World world;
    world.react(raiser);
    world.open_one("The same elsewhere");
    BOOST_TEST(!world.escalate("merge 1 into 2", max).refused);
    BOOST_REQUIRE(world.at({1}).state == State::merged);
    auto const again = world.send(on_message("C_SOURCE", "help"), ben);
    BOOST_TEST(text_of(again).find("ESC-2") != std::string::npos);
    BOOST_TEST(raised_again(world, {2}) == 1);
}

BOOST_AUTO_TEST_CASE(outsiders_are_told_nothing_about_what_is_there) {
    World world;
    world.escalate("Exports fail link:https://acme.example/tickets/1", raiser);
    auto const refused = world.escalate("Mine link:https://acme.example/tickets/1", outsider);
    BOOST_TEST(refused.refused);
    BOOST_TEST(text_of(refused).find("Exports") == std::string::npos);
    BOOST_TEST(world.send(on_message("C_SOURCE", "help"), outsider).refused);
    BOOST_TEST(raised_again(world, {1}) == 0);
}

BOOST_AUTO_TEST_CASE(an_address_that_is_none_is_an_error) {
    World world;
    for (auto const* text :
         {"x link:", "x link: https://a.example", "x link:foo", "x link:ftp://a.example", "x link:javascript:alert(1)"})
        BOOST_TEST(world.escalate(text, raiser).refused, text);
    for (auto const* link : {"foo", "javascript:alert(1)", "https://", "https://a b"})
        BOOST_TEST(errs_at(submit(world, form("x", {{"link", link}})), "link"), link);
    BOOST_TEST(world.snapshot().queue_counts().open == 0);
}

// --- what looks alike ----------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(titles_are_alike_when_most_words_are) {
    struct Row {
        char const* a;
        char const* b;
        bool alike;
    };
    Row const rows[] = {
        {"Checkout fails", "Checkout fails for all users", true},
        {"CHECKOUT, fails!", "checkout fails", true},
        {"Login broken after update", "Exports slow after update", false},  // 2 of 4
        {"Checkout fails", "Exports fail", false},
        {"Zahlung schlägt fehl", "zahlung schlägt fehl bei allen", true},
        {"", "Checkout", false},
        {"...", "...", false},
    };
    for (auto const& row : rows) {
        BOOST_TEST(similar_titles(row.a, row.b) == row.alike, row.a << " / " << row.b);
        BOOST_TEST(similar_titles(row.b, row.a) == row.alike);
    }
    // Three of five are sixty percent, two of four are not.
    BOOST_TEST(similar_titles("aaa bbb ccc ddd eee", "aaa bbb ccc xxx yyy"));
    BOOST_TEST(!similar_titles("aaa bbb ccc ddd", "aaa bbb xxx yyy"));
}

BOOST_AUTO_TEST_CASE(the_same_account_and_a_similar_title_within_a_day_is_offered_for_merging) {
    World world;
    world.escalate("for:acme Checkout fails", raiser);
    world.escalate("for:ACME Checkout fails for all", raiser);
    BOOST_TEST((world.at({2}).details.similar == EscalationId{1}));
    world.escalate("for:other Checkout fails", raiser);
    world.escalate("Checkout fails", raiser);
    world.escalate("for:acme Reports are late", raiser);
    for (std::int64_t number = 3; number <= 5; ++number) BOOST_TEST(world.at({number}).details.similar.number == 0);
    world.now = t0 + 24h + 1s;
    world.escalate("for:acme Checkout fails", raiser);
    BOOST_TEST(world.at({6}).details.similar.number == 0);
}

// --- the form ------------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(the_answers_give_the_level_and_another_one_needs_a_reason) {
    World world;
    std::map<std::string, std::string> const stopped{{"impact", "1"}, {"scope", "1"}, {"workaround", "1"}};
    BOOST_TEST(!submit(world, form("All down", stopped)).refused);
    BOOST_TEST(world.at({1}).severity == Severity::sev1);
    BOOST_TEST(!world.at({1}).details.unconfirmed_since.has_value());
    BOOST_TEST((world.at({1}).details.computed == Severity::sev1));

    BOOST_TEST(!submit(world, form("Nothing answered")).refused);
    BOOST_TEST(world.at({2}).severity == Severity::sev3);

    std::map<std::string, std::string> partly{{"impact", "3"}, {"severity", "SEV2"}};
    BOOST_TEST(errs_at(submit(world, form("One up", partly)), "severity_reason"));
    partly["severity_reason"] = "They pay for it";
    partly["code"] = "contract";
    BOOST_TEST(!submit(world, form("One up", partly)).refused);
    BOOST_TEST(world.at({3}).severity == Severity::sev2);
    BOOST_TEST((world.events({3}) == std::vector<EventType>{EventType::raised, EventType::severity_changed}));

    std::map<std::string, std::string> const by_hand{{"severity", "SEV1"}};
    BOOST_TEST(!submit(world, form("Without the questions", by_hand)).refused);
    BOOST_TEST(world.at({4}).details.unconfirmed_since.has_value());
    for (auto const* severity : {"", "sev7", "garbage"})
        BOOST_TEST(errs_at(submit(world, form("x", {{"severity", severity}})), "severity"));
    BOOST_TEST(world.problems().empty());
}

BOOST_AUTO_TEST_CASE(while_it_is_answered_the_form_says_what_follows_and_loses_nothing) {
    World world;
    slack::BlockAction changed;
    changed.user = ana.id;
    changed.action_id = views::open_changed_action;
    changed.view_private_metadata = R"({"channel":"C1","response_url":""})";
    changed.view_state = form("A <title>", {{"impact", "1"}, {"workaround", "2"}, {"severity", "SEV4"}, {"account", "acme"}});
    auto const outcome = world.send(changed, ana);
    BOOST_REQUIRE(outcome.replace_modal.has_value());
    auto const text = json_of(outcome.replace_modal);
    for (auto const* part : {"The answers say *SEV2*", "say below why it is SEV4", "\"initial_value\":\"A <title>\"", "acme"})
        BOOST_TEST(text.find(part) != std::string::npos, part);
    BOOST_TEST(outcome.replace_modal->private_metadata == changed.view_private_metadata);
}

// --- Escalate message ----------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_public_message_fills_the_form_and_is_the_source) {
    World world;
    auto const opened = world.send(on_message("C_SOURCE", "help", "*Checkout* &lt;fails&gt;\nfor all"), raiser);
    auto const text = json_of(opened.open_modal);
    BOOST_TEST(text.find("\"initial_value\":\"*Checkout* <fails> for all\"") != std::string::npos);
    BOOST_TEST(text.find("/invite") != std::string::npos);
    BOOST_TEST(!submit(world, form("Checkout fails"), raiser, opened.open_modal->private_metadata).refused);
    auto const escalation = world.at({1});
    BOOST_TEST((escalation.origin == Origin::slack_message));
    BOOST_TEST((escalation.source == MessageRef{{"C_SOURCE"}, {"1700000000.000100"}, {"1690000000.000100"}}));
    BOOST_TEST(world.snapshot().outbox_row("response:1").has_value());
}

BOOST_AUTO_TEST_CASE(nothing_is_copied_from_private_conversations) {
    struct Row {
        char const* channel;
        char const* name;
        bool copied;
    };
    Row const rows[] = {{"C1", "help", true},           {"C1", "privategroup", false}, {"C1", "", false},
                        {"D1", "directmessage", false}, {"D1", "help", false},         {"G1", "help", false},
                        {"C1", "mpdm-a--b-1", false}};
    for (auto const& row : rows) {
        World world;
        auto const opened = world.send(on_message(row.channel, row.name, "Geheim"), raiser);
        auto const text = json_of(opened.open_modal);
        BOOST_TEST((text.find("Geheim") != std::string::npos) == row.copied, row.channel << " " << row.name);
        BOOST_TEST((text.find("private conversation") != std::string::npos) == !row.copied);
        // Also after an answer was changed.
        slack::BlockAction changed;
        changed.action_id = views::open_changed_action;
        changed.view_private_metadata = opened.open_modal->private_metadata;
        changed.view_state = form("");
        auto const again = json_of(world.send(changed, raiser).replace_modal);
        BOOST_TEST((again.find("private conversation") != std::string::npos) == !row.copied);
    }
}

BOOST_AUTO_TEST_CASE(a_hostile_message_is_shown_harmlessly) {
    World world;
    std::string const hostile = "<!channel> <@U1> *x* \u202E" + std::string(5000, 'x');
    auto const opened = world.send(on_message("C_SOURCE", "help", hostile), raiser);
    BOOST_REQUIRE(opened.open_modal.has_value());
    view_test::check_form(*opened.open_modal, {});
    for (auto const* metadata : {"", "garbage", "[]", R"({"channel":"C1","ts":7})", R"({"ts":"1.1"})"})
        BOOST_TEST(!submit(world, form("x"), raiser, metadata).refused, metadata);
}

BOOST_AUTO_TEST_CASE(the_answer_offers_undo_while_nobody_has_it) {
    World world;
    auto const fresh = text_of(world.escalate("Checkout fails", raiser));
    BOOST_TEST(fresh.find("esc.undo") != std::string::npos);
    auto const owned = text_of(world.escalate("owner:<@U_ANA> Checkout fails", ana));
    BOOST_TEST(owned.find("esc.undo") == std::string::npos);
    BOOST_TEST(!world.press("esc.undo", "1:v1", raiser).refused);
    BOOST_TEST(world.at({1}).state == State::declined);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
