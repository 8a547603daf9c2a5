// Claim, assign, reply, resolve and reopen through the router and a store: one winner, polite refusals, what is recorded.
#include "handlers/views/views.hpp"

#include "world.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

namespace {

using namespace esc;
using namespace esc::handler_test;

std::string value_of(World const& world, EscalationId id) { return handlers::CardRef::make(world.at(id)); }

bool has(handlers::Outcome const& outcome, std::string_view part) { return text_of(outcome).find(part) != std::string::npos; }

void place(World& world, EscalationId id) {
    handlers::LocateFacts facts;
    facts.id = id;
    facts.source_channel = channel("C_SOURCE");
    world.locate(facts);
}

BOOST_AUTO_TEST_SUITE(ownership)

BOOST_AUTO_TEST_CASE(two_claims_one_owner_and_one_polite_refusal) {
    World world;
    auto const id = world.open_one();
    auto const card = value_of(world, id);  // both see the same card
    auto const first = world.press("esc.claim", card, ana);
    BOOST_TEST(!first.refused);
    BOOST_TEST(text_of(first) == "");  // the card shows it
    auto const second = world.press("esc.claim", card, ben);
    BOOST_TEST(second.refused);
    BOOST_TEST(has(second, "<@U_ANA>"));
    BOOST_TEST(has(second, "manager"));
    BOOST_TEST(world.at(id).owner == ana.id);
    BOOST_TEST(world.at(id).version == 2);
    BOOST_TEST(world.events(id) == (std::vector{EventType::raised, EventType::claimed, EventType::claim_refused}),
               boost::test_tools::per_element());
    // Hammering adds nothing; another person does.
    for (int i = 0; i < 5; ++i) world.press("esc.claim", card, ben);
    BOOST_TEST(world.events(id).size() == 3U);
    world.press("esc.claim", card, max);
    BOOST_TEST(world.events(id).size() == 4U);
    // The owner pressing again is told so and leaves no trace.
    BOOST_TEST(world.press("esc.claim", card, ana).refused);
    BOOST_TEST(world.events(id).size() == 4U);
    BOOST_TEST(world.problems().empty());
}

BOOST_AUTO_TEST_CASE(a_stale_card_is_refreshed_when_it_misled) {
    World world;
    auto const id = world.open_one();
    place(world, id);
    auto const old = value_of(world, id);
    world.press("esc.claim", old, ana);
    world.drop("card:1");
    auto const has_card = [&] {
        auto const keys = world.outbox();
        return std::count(keys.begin(), keys.end(), "card:1") == 1;
    };
    world.escalate("claim 1", ben);  // typed: no card was misread
    BOOST_TEST(!has_card());
    world.press("esc.claim", value_of(world, id), ben);  // the newest card
    BOOST_TEST(!has_card());
    world.press("esc.claim", old, ben);
    BOOST_TEST(has_card());
}

BOOST_AUTO_TEST_CASE(a_stale_card_can_still_be_claimed) {
    World world;
    auto const id = world.open_one();
    auto const old = value_of(world, id);
    place(world, id);
    BOOST_TEST(value_of(world, id) != old);
    BOOST_TEST(!world.press("esc.claim", old, ana).refused);
    BOOST_TEST(world.at(id).owner == ana.id);
}

BOOST_AUTO_TEST_CASE(a_press_on_an_old_card_that_still_counts_is_told_what_had_changed) {
    World world;
    auto const id = world.open_one();
    place(world, id);
    auto const old = handlers::CardRef::make_of_card(world.at(id));
    world.escalate("note 1 nothing that the card shows", lea);
    world.escalate("severity 1 sev2 they lose orders", lea);
    auto const claimed = world.press("esc.claim", old, ana);
    BOOST_TEST(!claimed.refused);
    BOOST_TEST(has(claimed, "SEV2 (was SEV3)"), text_of(claimed));
    BOOST_TEST(!has(claimed, "was new"));  // that is what the press has done
    // On the newest card, and on a message that may well be old, there is nothing to say.
    world.escalate("transfer 1 <@U_BEN> I leave at six", ana);
    auto const replied = world.press("esc.replied", handlers::CardRef::make_of_card(world.at(id)), ana);
    BOOST_TEST(text_of(replied).empty());
    BOOST_TEST(!world.press("esc.approve", handlers::CardRef::make_of_card(world.at(id)), max).refused);
    auto const accepted = world.press("esc.accept", value_of(world, id), ben);
    BOOST_TEST(!accepted.refused);
    BOOST_TEST(text_of(accepted).empty());
}

BOOST_AUTO_TEST_CASE(a_card_from_before_a_state_was_worded_anew_says_of_no_state_that_it_was_another) {
    World world;
    auto const id = world.open_one();
    place(world, id);
    world.escalate("claim 1", ana);
    world.escalate("wait 1 customer Asked for a file", ana);
    auto const press = [&](std::string_view state) {
        auto const value = fmt::format("{}:v1:{}:SEV3:U_ANA", id.number, state);
        return text_of(world.press("esc.watch", value, lea));
    };
    BOOST_TEST(press("waiting on the customer").find("had become") == std::string::npos);
    auto const said = press("working");
    BOOST_TEST(said.find("waiting on the customer (was working)") != std::string::npos, said);
}

BOOST_AUTO_TEST_CASE(assigning_is_for_leads_and_an_agents_first_try_is_kept) {
    World world;
    auto const id = world.open_one();
    auto const text = fmt::format("assign {} <@U_BEN|ben>", id.number);
    for (int i = 0; i < 3; ++i) BOOST_TEST(world.escalate(text, ana).refused);
    BOOST_TEST(world.escalate(text, bystander).refused);
    BOOST_TEST(world.events(id) == (std::vector{EventType::raised, EventType::assign_refused}), boost::test_tools::per_element());
    auto const outcome = world.escalate(text, lea);
    BOOST_TEST(!outcome.refused);
    BOOST_TEST(has(outcome, "<@U_BEN>"));
    BOOST_TEST(world.at(id).owner == ben.id);
    BOOST_TEST(!world.at(id).accepted_at.has_value());
    BOOST_TEST(world.snapshot().outbox_row("notice:1:assigned:U_BEN").has_value());
    // Not even a lead or manager moves it afterwards; the try is on record.
    for (auto const& who : {lea, max}) {
        auto const refused = world.escalate(fmt::format("assign {} <@U_ANA>", id.number), who);
        BOOST_TEST(refused.refused);
        BOOST_TEST(has(refused, "<@U_BEN>"));
    }
    BOOST_TEST(world.events(id).size() == 5U);
    BOOST_TEST(world.at(id).owner == ben.id);
}

BOOST_AUTO_TEST_CASE(an_assigned_person_is_told_how_to_accept_and_foreign_text_stays_text) {
    World world;
    auto const id = world.open_one("sev2 &lt;!channel&gt; *all* <http://evil.example|Slack>");
    BOOST_TEST(!world.escalate(fmt::format("assign {} <@U_BEN>", id.number), lea).refused);
    auto const row = world.snapshot().outbox_row("notice:1:assigned:U_BEN");
    BOOST_REQUIRE(row.has_value());
    auto const fact = rules::NoticeFact::parse(row->item.body).value();
    auto const body = text_of(handlers::say(views::notice(fact, world.at(id), {}, t0)));
    for (auto const* part : {"<@U_LEA>", "ESC-1", "SEV2", "accept it", "esc.accept"})
        BOOST_TEST(body.find(part) != std::string::npos, body);
    for (auto const* part : {"<!channel>", "*all*", "<http"}) BOOST_TEST(body.find(part) == std::string::npos, body);
    BOOST_TEST(!world.escalate("claim 1", ben).refused);
    BOOST_TEST(world.at(id).accepted_at.has_value());
}

BOOST_AUTO_TEST_CASE(unknown_keys_are_refused_everywhere) {
    World world;
    for (auto const* text :
         {"claim 9", "assign 9 <@U_ANA>", "replied 9", "resolve 9", "resolve 9 done", "reopen 9", "reopen 9 why", "show 9"})
        BOOST_TEST(has(world.escalate(text, max), "ESC-9"), text);
    for (auto const action : {"esc.claim", "esc.replied", "esc.resolve", "esc.reopen"})
        BOOST_TEST(has(world.press(action, "9:v1", max), "ESC-9"));
    slack::ViewState state;
    state.values = {{"resolution", "done"}, {"reason", "why"}};
    BOOST_TEST(world.submit("esc.resolve", "9:v1", state, max).refused);
    BOOST_TEST(world.submit("esc.reopen", "9:v1", state, max).refused);
    BOOST_TEST(world.submit("esc.resolve", "garbage", state, max).refused);
}

BOOST_AUTO_TEST_CASE(the_way_of_one_escalation) {
    World world;
    auto const id = world.open_one();
    place(world, id);
    BOOST_TEST(world.press("esc.resolve", value_of(world, id), ana).refused);  // no owner yet
    world.press("esc.claim", value_of(world, id), ana);
    world.now += 20min;
    BOOST_TEST(world.press("esc.replied", value_of(world, id), bystander).refused);
    BOOST_TEST(!world.press("esc.replied", value_of(world, id), ana).refused);
    BOOST_TEST(world.press("esc.replied", value_of(world, id), ana).refused);

    // Who may not resolve is told before typing.
    auto const early = world.press("esc.resolve", value_of(world, id), ben);
    BOOST_TEST(early.refused);
    BOOST_TEST(!early.open_modal.has_value());
    auto const opened = world.press("esc.resolve", value_of(world, id), ana);
    BOOST_REQUIRE(opened.open_modal.has_value());
    auto const metadata = opened.open_modal->private_metadata;
    slack::ViewState state;
    state.values["resolution"] = "  ";
    auto const empty = world.submit("esc.resolve", metadata, state, ana);
    BOOST_REQUIRE_EQUAL(empty.reply.view_errors.size(), 1U);
    BOOST_TEST(empty.reply.view_errors[0].first == "resolution");
    state.values = {{"resolution", " Restarted the gateway "},
                    {"exit", "met"},
                    {"exit_text", "Checkout works again"},
                    {"cause", "bug"},
                    {"preventable", "no"},
                    {"customer_told", "yes"}};
    BOOST_TEST(!world.submit("esc.resolve", metadata, state, ana).refused);
    BOOST_TEST(world.at(id).state == State::resolved);
    BOOST_TEST(world.at(id).resolution == "Restarted the gateway");
    BOOST_TEST(world.submit("esc.resolve", metadata, state, ana).refused);  // twice

    world.now += 24h;
    BOOST_TEST(world.press("esc.reopen", value_of(world, id), ben).refused);
    auto const again = world.press("esc.reopen", value_of(world, id), raiser);
    BOOST_REQUIRE(again.open_modal.has_value());
    state.values["reason"] = "Fails again";
    BOOST_TEST(!world.submit("esc.reopen", again.open_modal->private_metadata, state, raiser).refused);
    BOOST_TEST(world.at(id).state == State::working);
    BOOST_TEST(world.at(id).owner == ana.id);
    BOOST_TEST(has(world.escalate("resolve 1 Fixed for &lt;good&gt;", max), "ESC-1"));
    BOOST_TEST(world.at(id).resolution == "Fixed for <good>");
    BOOST_TEST(has(world.escalate("reopen 1 no", lea), "<@U_ANA>"));
    BOOST_TEST(has(world.escalate("resolve 1", ana), "modal esc.resolve"));  // a verb without its text asks for it

    BOOST_TEST(
        world.events(id) == (std::vector{EventType::raised, EventType::located, EventType::claimed, EventType::replied,
                                         EventType::resolved, EventType::reopened, EventType::resolved, EventType::reopened}),
        boost::test_tools::per_element());
    BOOST_TEST(world.problems().empty());
    BOOST_TEST(world.snapshot().closed_clocks(id).size() == 5U);  // owner, first and next response, two generations of resolution
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
