// Rank: who comes before whom, by examples.
#include "handlers/rules/rank.hpp"

#include "people_and_times.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace esc;
using namespace esc::handler_test;

Escalation due_in(Severity severity, Duration left) {
    Escalation escalation;
    escalation.severity = severity;
    escalation.state = State::working;
    escalation.owner = {"U_ANA"};
    escalation.opened_at = t0;
    SlaClock clock;
    clock.started_at = t0;
    clock.due = t0 + left;
    escalation.clocks.push_back(clock);
    return escalation;
}

BOOST_AUTO_TEST_SUITE(rank)

BOOST_AUTO_TEST_CASE(sums_worked_by_hand) {
    auto const ahead = [](Escalation const& escalation) { return from_us(rules::rank(escalation)) - t0; };
    BOOST_TEST((ahead(due_in(Severity::sev1, 1h)) == 1h - 720h));
    BOOST_TEST((ahead(due_in(Severity::sev2, 1h)) == 1h - 72h));
    BOOST_TEST((ahead(due_in(Severity::sev3, 1h)) == 1h));
    BOOST_TEST((ahead(due_in(Severity::sev4, 1h)) == 25h));

    auto escalation = due_in(Severity::sev3, 10h);
    escalation.owner = {};
    BOOST_TEST((ahead(escalation) == 9h + 30min));
    escalation.reopen_count = 2;  // one head start however often
    BOOST_TEST((ahead(escalation) == 9h));
    escalation.hops = 3;  // one for each
    BOOST_TEST((ahead(escalation) == 7h + 30min));
    escalation.details.bounces = 2;  // engineering gave it back: one for each
    BOOST_TEST((ahead(escalation) == 6h + 30min));
}

BOOST_AUTO_TEST_CASE(a_new_sev1_outranks_what_is_overdue_for_less_than_30_days) {
    auto const outage = rules::rank(due_in(Severity::sev1, 15min));
    BOOST_TEST(outage < rules::rank(due_in(Severity::sev3, -29 * 24h)));
    BOOST_TEST(outage > rules::rank(due_in(Severity::sev3, -31 * 24h)));
    BOOST_TEST(outage < rules::rank(due_in(Severity::sev2, -26 * 24h)));
    BOOST_TEST(rules::rank(due_in(Severity::sev3, 23h)) < rules::rank(due_in(Severity::sev4, 1h)));
}

BOOST_AUTO_TEST_CASE(the_earliest_running_clock_counts) {
    auto escalation = due_in(Severity::sev3, 5h);
    escalation.clocks.push_back(escalation.clocks[0]);
    escalation.clocks[1].due = t0 + 1h;
    BOOST_TEST(rules::rank(escalation) == to_us(t0 + 1h));
    escalation.clocks[1].stopped_at = t0;
    BOOST_TEST(rules::rank(escalation) == to_us(t0 + 5h));
}

BOOST_AUTO_TEST_CASE(without_a_clock_after_everything_that_has_one) {
    auto none = due_in(Severity::sev1, 1h);
    none.clocks.clear();
    none.hops = 1000;
    auto const far = due_in(Severity::sev4, 24h * 365'000);
    BOOST_TEST(rules::rank(none) > rules::rank(far));
    auto later = none;
    later.opened_at += 1min;
    BOOST_TEST(rules::rank(none) < rules::rank(later));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
