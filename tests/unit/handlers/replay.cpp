// What a ledger tells of an escalation, and what verify says where the escalation is something else.
#include "store/replay.hpp"

#include "handlers/answers.hpp"
#include "handlers/rules/lifecycle.hpp"
#include "handlers/rules/parts.hpp"
#include "world.hpp"

#include <fmt/format.h>
#include <boost/test/unit_test.hpp>

#include <functional>

namespace {

using namespace esc;
using namespace esc::handler_test;

Instant at(std::int64_t seconds) { return t0 + std::chrono::seconds{seconds}; }

constexpr auto as_raised =
    R"({"replay":1,"severity":"SEV2","channel":"C1","ts":"1.1","thread_ts":"","team":"","links":1,"answers":[1,2,0,0,0],)"
    R"("computed":"SEV1","unconfirmed":true})";

LedgerEvent event(EventType type, std::int64_t seconds, std::string data, std::string actor = "U1") {
    return {.type = type,
            .recorded_at = at(seconds),
            .source_time = at(seconds),
            .actor = {std::move(actor)},
            .data = std::move(data)};
}

// Raised at 10, taken at 20, handed to another at 30, waiting on an engineer since 40.
Replayed some_ledger() {
    Replayed so_far;
    for (auto const& one :
         {event(EventType::raised, 10, as_raised, "U_RAISER"), event(EventType::claimed, 20, R"({"owner":"U1","accepted":true})"),
          event(EventType::overridden, 30, R"({"from":"U1","owner":"U2","hops":1})", "U_MAX"),
          event(EventType::waited, 40, R"({"on":"waiting_engineering","since_us":5,"engineer":"U3","accepted":true})", "U2"),
          event(EventType::joined, 50, R"({"person":"U4","as":"watcher"})")})
        replay(so_far, one);
    return so_far;
}
Escalation as_told() {
    Escalation row;
    row.state = State::waiting_engineering;
    row.severity = Severity::sev2;
    row.title = "no replay tells it";
    row.source = {{"C1"}, {"1.1"}, {}};
    row.raised_by = {"U_RAISER"};
    row.opened_at = row.created_at = at(10);
    row.owner = {"U2"};
    row.owned_since = at(30);
    row.accepted_at = at(40);
    row.hops = 1;
    row.clocks = {{.kind = ClockKind::engineering, .started_at = at(40)}};
    auto& details = row.details;
    details.answers = SeverityAnswers{.impact = SeverityAnswers::Impact::stopped, .scope = SeverityAnswers::Scope::many};
    details.computed = Severity::sev1;
    details.unconfirmed_since = at(10);
    details.unconfirmed_alert_at = at(900);
    details.waiting = Waiting{.since = from_us(5), .reason = "theirs", .engineer = {"U3"}, .checklist = "said"};
    details.participants = {{Participant::Kind::watcher, {"U4"}, at(50)}};
    details.generations[ClockKind::engineering] = 1;
    return row;
}

std::string told_otherwise(Replayed const& replayed, Escalation const& row, std::int64_t links = 1) {
    return fmt::format("{}", fmt::join(differences(replayed, row, links), "\n"));
}

BOOST_AUTO_TEST_SUITE(replaying)

BOOST_AUTO_TEST_CASE(a_ledger_tells_what_became_of_it) {
    BOOST_TEST(told_otherwise(some_ledger(), as_told()) == "");
    BOOST_TEST(told_otherwise(some_ledger(), as_told(), 2) == "its ledger tells links 1, and it has 2");
}

BOOST_AUTO_TEST_CASE(each_fact_that_is_another_is_named) {
    struct {
        std::string named;
        std::function<void(Escalation&)> change;
    } const table[] = {
        {"state", [](Escalation& row) { row.state = State::working; }},
        {"severity", [](Escalation& row) { row.severity = Severity::sev1; }},
        {"team", [](Escalation& row) { row.team = "support"; }},
        {"thread", [](Escalation& row) { row.source.thread_ts = {"1.0"}; }},
        {"owner U2, and it has nothing", [](Escalation& row) { row.owner = {}; }},
        {"owned since", [](Escalation& row) { row.owned_since = at(31); }},
        {"accepted at", [](Escalation& row) { row.accepted_at.reset(); }},
        {"hops", [](Escalation& row) { row.hops = 0; }},
        {"reopen count", [](Escalation& row) { row.reopen_count = 1; }},
        {"resolved at", [](Escalation& row) { row.resolved_at = at(60); }},
        {"card's channel", [](Escalation& row) { row.card_channel = {"C9"}; }},
        {"answers", [](Escalation& row) { row.details.answers.reset(); }},
        {"unconfirmed_since", [](Escalation& row) { row.details.unconfirmed_since = at(11); }},
        {"coverage", [](Escalation& row) { row.details.coverage = Coverage{.acting = {"U5"}}; }},
        {"participants", [](Escalation& row) { row.details.participants.clear(); }},
        {"waiting", [](Escalation& row) { row.details.waiting->engineer = {}; }},
        {"merge", [](Escalation& row) { row.details.merge = Merge{.into = {7}}; }},
    };
    for (auto const& row : table) BOOST_TEST_CONTEXT(row.named) {
            auto changed = as_told();
            row.change(changed);
            auto const found = differences(some_ledger(), changed, 1);
            BOOST_REQUIRE_EQUAL(found.size(), 1U);
            BOOST_TEST(found.front().find(row.named) != std::string::npos, found.front());
        }
}

BOOST_AUTO_TEST_CASE(a_ledger_that_does_not_tell_enough_is_not_compared) {
    Replayed old;
    replay(old, event(EventType::raised, 10, R"({"severity":"SEV3"})"));
    BOOST_TEST(told_otherwise(old, as_told(), 9) == "");
}

BOOST_AUTO_TEST_CASE(any_event_is_read_whatever_it_says) {
    for (auto const* data :
         {"", "{", "[]", "{}", R"({"owner":7,"links":[1,[],["x"]],"people":[1,[1,2,3]],"answers":[1,"2",null,{},[]]})",
          R"({"on":"nowhere","to":"SEV9","hops":"many","expires_us":"soon","people":[[9,"U1",7]]})"})
        for (auto type = EventType::raised; type <= last_event_type;
             type = static_cast<EventType>(static_cast<std::uint8_t>(type) + 1)) {
            auto so_far = some_ledger();
            replay(so_far, event(type, 60, data));
            BOOST_CHECK_NO_THROW(static_cast<void>(differences(so_far, as_told(), 1)));
        }
}

BOOST_AUTO_TEST_CASE(a_change_that_its_event_does_not_tell_is_a_problem) {
    World world;
    auto const id = world.open_one();
    world.escalate("claim 1", ana);
    BOOST_TEST(world.problems().empty());
    world.run(handlers::Work{[&](Tx& tx) {
        auto decision = rules::decide(*tx.escalation(id));
        decision.after.hops = 3;
        decision.events.push_back(rules::event_of(EventType::noted, rules::by_system(world.now), {}));
        rules::finish(decision, world.now);
        tx.apply(decision);
        return handlers::done();
    }});
    BOOST_REQUIRE_EQUAL(world.problems().size(), 1U);
    BOOST_TEST(world.problems().front() == "ESC-1: its ledger tells hops 0, and it has 3");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
