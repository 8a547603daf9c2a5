// What may become of an escalation, and what each change leaves behind. Who may do it: access_test.cpp.
#include "handlers/rules/lifecycle.hpp"

#include "people_and_times.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

namespace {

using namespace esc;
using namespace esc::handler_test;
namespace json = boost::json;

json::object data_of(LedgerEvent const& event) { return json::parse(event.data).as_object(); }

SlaClock const* closed(Decision const& decision, ClockKind kind) {
    for (auto const& clock : decision.closed_clocks)
        if (clock.kind == kind) return &clock;
    return nullptr;
}

std::vector<std::string> keys(Decision const& decision) {
    std::vector<std::string> all;
    for (auto const& item : decision.outbox) all.push_back(item.key);
    return all;
}

Escalation placed(Escalation escalation, Origin origin) {
    escalation.card_channel = {"C_TRIAGE"};
    escalation.origin = origin;
    return escalation;
}

BOOST_AUTO_TEST_SUITE(lifecycle)

BOOST_AUTO_TEST_CASE(a_raise_starts_clocks_at_its_source_time) {
    auto wanted = request();
    wanted.opened_at = t0 - 50min;
    auto const decision = rules::raise(wanted, targets(), by(raiser)).value();
    auto const& after = decision.after;
    BOOST_TEST(after.version == 1);
    BOOST_TEST(after.state == State::fresh);
    BOOST_TEST(after.owner.empty());
    BOOST_TEST(after.opened_at == t0 - 50min);
    BOOST_TEST(after.created_at == t0);
    BOOST_REQUIRE_EQUAL(after.clocks.size(), 3U);
    for (auto const& clock : after.clocks) BOOST_TEST(clock.started_at == t0 - 50min);
    // 15 min to an owner are over, and so is the hour's first point at 45 min: none of them will alert.
    BOOST_TEST(after.clock(ClockKind::owner)->outcome == ClockOutcome::breached);
    BOOST_TEST(after.clock(ClockKind::first_response)->points_fired == 1);
    BOOST_TEST(after.clock(ClockKind::resolution)->points_fired == 0);
    BOOST_TEST(after.next_point == t0 + 4min);
    BOOST_REQUIRE_EQUAL(decision.events.size(), 1U);
    BOOST_TEST(decision.events[0].type == EventType::raised);
    BOOST_TEST(decision.events[0].source_time == t0 - 50min);
    BOOST_TEST(decision.events[0].recorded_at == t0);
    BOOST_TEST(decision.events[0].data.find("Checkout") == std::string::npos);  // texts apart
    BOOST_TEST(decision.events[0].text.find("Checkout") != std::string::npos);
    BOOST_TEST(decision.links.empty());
    BOOST_TEST(keys(decision) == std::vector<std::string>{"locate:12"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_raise_from_the_future_starts_now) {
    auto wanted = request();
    wanted.opened_at = t0 + 5min;
    BOOST_TEST(rules::raise(wanted, targets(), by(raiser)).value().after.opened_at == t0);
}

BOOST_AUTO_TEST_CASE(a_raise_from_a_message_needs_no_title_and_links_it) {
    auto wanted = request();
    wanted.title.clear();
    BOOST_TEST(rules::raise(wanted, targets(), by(raiser)).error().cause == rules::refusal::text);
    wanted.origin = Origin::slack_message;
    wanted.source.ts = {"1700000000.000100"};
    wanted.response_url = "https://hooks.example/1";
    wanted.description.clear();
    wanted.account.clear();
    auto const decision = rules::raise(wanted, targets(), by(raiser)).value();
    BOOST_TEST(decision.after.title == rules::interim_title);
    BOOST_TEST(decision.events[0].text.empty());  // nobody has written anything
    BOOST_REQUIRE_EQUAL(decision.links.size(), 1U);
    BOOST_TEST(decision.links[0].system == "slack");
    BOOST_TEST(decision.links[0].external_id == "C_SOURCE:1700000000.000100");
    BOOST_TEST(keys(decision) == (std::vector<std::string>{"locate:12", "response:12"}), boost::test_tools::per_element());
    BOOST_TEST(json::parse(decision.outbox[1].body).at("url").as_string() == "https://hooks.example/1");
}

BOOST_AUTO_TEST_CASE(only_active_people_of_the_workspace_raise) {
    BOOST_TEST(rules::raise(request(), targets(), by(outsider)).error().code == Errc::forbidden);
    auto gone = raiser;
    gone.active = false;
    BOOST_TEST(rules::raise(request(), targets(), by(gone)).error().code == Errc::forbidden);
}

BOOST_AUTO_TEST_CASE(a_claim_locks_accepts_and_stops_the_owner_clock) {
    auto const decision = rules::claim(fresh(), by(ana, t0 + 15min)).value();
    auto const& after = decision.after;
    BOOST_TEST(after.state == State::working);
    BOOST_TEST(after.owner == ana.id);
    BOOST_TEST(after.owned_since == t0 + 15min);
    BOOST_TEST(after.accepted_at == t0 + 15min);
    BOOST_TEST(after.clock(ClockKind::owner) == nullptr);
    BOOST_REQUIRE(closed(decision, ClockKind::owner));
    BOOST_TEST(closed(decision, ClockKind::owner)->outcome == ClockOutcome::met);  // exactly at due
    BOOST_TEST(rules::claim(fresh(), by(ana, t0 + 15min + 1us)).value().closed_clocks[0].outcome == ClockOutcome::breached);
    BOOST_TEST(after.clocks.size() == 2U);
    BOOST_TEST(decision.events[0].type == EventType::claimed);
}

BOOST_AUTO_TEST_CASE(an_assigned_owner_accepts_by_claiming_or_by_the_first_act) {
    auto const assigned = handler_test::assign(fresh(), ana, by(lea)).value().after;
    BOOST_TEST(assigned.state == State::working);
    BOOST_TEST(assigned.owner == ana.id);
    BOOST_TEST(!assigned.accepted_at.has_value());
    auto const accepted = rules::claim(assigned, by(ana, t0 + 3min)).value();
    BOOST_TEST(accepted.after.accepted_at == t0 + 3min);
    BOOST_TEST(accepted.after.owned_since == t0);
    BOOST_REQUIRE(closed(accepted, ClockKind::acceptance));
    BOOST_TEST(closed(accepted, ClockKind::acceptance)->outcome == ClockOutcome::met);
    BOOST_TEST(accepted.events[0].type == EventType::accepted);
    BOOST_TEST(rules::replied(assigned, by(ana, t0 + 4min)).value().after.accepted_at == t0 + 4min);
    BOOST_TEST(!rules::replied(assigned, by(lea, t0 + 4min)).value().after.accepted_at.has_value());
    BOOST_TEST(handler_test::resolve(assigned, "x", by(ana, t0 + 4min)).value().after.accepted_at == t0 + 4min);
    // A lead who takes it by naming herself has accepted.
    BOOST_TEST(handler_test::assign(fresh(), lea, by(lea)).value().after.accepted_at == t0);
}

BOOST_AUTO_TEST_CASE(only_active_agents_and_above_can_be_owners) {
    auto gone = ana;
    gone.active = false;
    for (auto const& who : {outsider, raiser, adm, gone})
        BOOST_TEST(handler_test::assign(fresh(), who, by(max)).error().cause == rules::refusal::target);
    BOOST_TEST(rules::claim(fresh(), by(gone)).error().cause == rules::refusal::role);
}

BOOST_AUTO_TEST_CASE(replied_stops_the_first_response_once) {
    auto const decision = rules::replied(owned(), by(ana, t0 + 1h)).value();
    BOOST_REQUIRE(closed(decision, ClockKind::first_response));
    BOOST_TEST(closed(decision, ClockKind::first_response)->outcome == ClockOutcome::met);
    BOOST_TEST(rules::replied(decision.after, by(ana)).error().cause == rules::refusal::answered);
    BOOST_TEST(decision.after.clocks.size() == 1U);
}

BOOST_AUTO_TEST_CASE(resolve_stops_all_clocks_and_keeps_the_resolution_clock) {
    struct Row {
        bool answered;
        Duration after;
        std::optional<ClockOutcome> first_response;  // as closed by the resolve
        ClockOutcome resolution;
    };
    // Nobody is answered by a status change: the first response is cancelled, or breached when its hour was over.
    Row const rows[] = {{false, 30min, ClockOutcome::cancelled, ClockOutcome::met},
                        {false, 1h, ClockOutcome::cancelled, ClockOutcome::met},
                        {false, 1h + 1us, ClockOutcome::breached, ClockOutcome::met},
                        {true, 8h, std::nullopt, ClockOutcome::met},
                        {true, 8h + 1us, std::nullopt, ClockOutcome::breached}};
    for (auto const& row : rows) {
        auto const before = row.answered ? rules::replied(owned(), by(ana)).value().after : owned();
        auto const decision = handler_test::resolve(before, "Restarted it", by(ana, t0 + row.after)).value();
        auto const& after = decision.after;
        BOOST_TEST(after.state == State::resolved);
        BOOST_TEST(after.resolution == "Restarted it");
        BOOST_TEST(after.resolved_at == t0 + row.after);
        BOOST_TEST(after.owner == ana.id);
        BOOST_TEST(after.next_point == t0 + row.after + built_in().reopen_window);  // it is closed then
        auto const* first = closed(decision, ClockKind::first_response);
        BOOST_TEST((first == nullptr) == !row.first_response.has_value());
        if (first != nullptr) BOOST_TEST(first->outcome == *row.first_response);
        BOOST_TEST(data_of(decision.events[0]).at("unanswered").as_bool() == !row.answered);
        BOOST_TEST(decision.events[0].text == "Restarted it");
        BOOST_REQUIRE_EQUAL(after.clocks.size(), 1U);
        BOOST_TEST(after.clocks[0].kind == ClockKind::resolution);
        BOOST_TEST(!after.clocks[0].running());
        BOOST_TEST(after.clocks[0].outcome == row.resolution);
    }
    BOOST_TEST(handler_test::resolve(owned(), "", by(ana)).error().cause == rules::refusal::text);
}

BOOST_AUTO_TEST_CASE(reopen_restores_owner_lock_and_clock) {
    auto const before = resolved(t0 + 2h);
    auto const decision = rules::reopen(before, "Still fails", 168h, by(raiser, t0 + 26h), {}).value();
    auto const& after = decision.after;
    BOOST_TEST(after.state == State::working);
    BOOST_TEST(after.owner == ana.id);
    BOOST_TEST(after.owned_since == before.owned_since);
    BOOST_TEST(after.reopen_count == 1);
    BOOST_TEST(after.resolution.empty());
    BOOST_TEST(!after.resolved_at.has_value());
    BOOST_REQUIRE_EQUAL(after.clocks.size(), 1U);
    BOOST_TEST(after.clocks[0].generation == 1);
    BOOST_TEST(after.clocks[0].due == t0 + 26h + 6h);  // 2 of 8 hours were used
    BOOST_TEST(after.next_point == t0 + 26h + 4h);     // 75 %: 6 hours used
    BOOST_REQUIRE_EQUAL(decision.closed_clocks.size(), 1U);
    BOOST_TEST(decision.closed_clocks[0].generation == 0);
    BOOST_TEST(decision.closed_clocks[0].outcome == ClockOutcome::met);
    BOOST_TEST(rules::claim(after, by(ben)).error().cause == rules::refusal::owned);
    BOOST_TEST(rules::reopen(before, "", 168h, by(raiser, t0 + 26h), {}).error().cause == rules::refusal::text);
}

BOOST_AUTO_TEST_CASE(the_window_ends_after_its_last_instant) {
    auto const before = resolved(t0);
    BOOST_TEST(rules::reopen(before, "again", 168h, by(raiser, t0 + 168h), {}).has_value());
    BOOST_TEST(rules::reopen(before, "again", 168h, by(max, t0 + 168h + 1us), {}).error().cause == rules::refusal::too_late);
}

BOOST_AUTO_TEST_CASE(changes_ask_for_the_card_once_it_is_placed) {
    auto const changes = [](Escalation const& before) { return keys(rules::claim(before, by(ana)).value()); };
    BOOST_TEST(changes(fresh()).empty());
    BOOST_TEST(changes(placed(fresh(), Origin::modal)) == std::vector<std::string>{"card:12"}, boost::test_tools::per_element());
    auto const both = std::vector<std::string>{"card:12", "status:12"};
    auto const before = placed(fresh(), Origin::slack_message);
    BOOST_TEST(changes(before) == both, boost::test_tools::per_element());
    BOOST_TEST(keys(handler_test::assign(before, ana, by(lea)).value()) ==
                   (std::vector<std::string>{"notice:12:assigned:U_ANA", "card:12", "status:12"}),
               boost::test_tools::per_element());
    auto const owner = rules::claim(before, by(ana)).value().after;
    BOOST_TEST(keys(rules::replied(owner, by(ana)).value()) == both, boost::test_tools::per_element());
    auto const over = handler_test::resolve(owner, "x", by(ana)).value();
    BOOST_TEST(keys(over) == (std::vector<std::string>{"notice:12:resolved:v3:U_RAISER", "card:12", "status:12"}),
               boost::test_tools::per_element());
    BOOST_TEST(keys(rules::reopen(over.after, "x", 1h, by(ana), {}).value()) == both, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_refusal_for_the_ledger_says_when_and_why) {
    auto const before = owned();
    auto const error = rules::claim(before, by(ben)).error();
    auto const event = rules::refused(EventType::claim_refused, before, error, by(ben, t0 + 1s));
    BOOST_TEST(event.type == EventType::claim_refused);
    BOOST_TEST(event.actor == ben.id);
    BOOST_TEST((event.actor_role == Role::agent));
    BOOST_TEST(data_of(event).at("version").as_int64() == before.version);
    BOOST_TEST(data_of(event).at("reason").as_string() == "owned");
    BOOST_TEST(data_of(event).at("owner").as_string() == ana.id.value);
    BOOST_TEST(event.text.empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
