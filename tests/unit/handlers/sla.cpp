// Clocks and their points: where they lie, what stops a clock, what a reopen continues.
#include "handlers/rules/sla.hpp"

#include "people_and_times.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace esc;
using namespace esc::handler_test;
using rules::ClockLook;

std::vector<ClockPoint> points_of(std::chrono::seconds target, std::vector<AtRiskPoint> const& at_risk = {}) {
    return rules::start_clock(ClockKind::first_response, 0, t0, target, at_risk).points;
}

AtRiskPoint percent(int used) { return {AtRiskPoint::Form::percent_used, used, 0s}; }
AtRiskPoint left(std::chrono::seconds span) { return {AtRiskPoint::Form::time_left, 75, span}; }

BOOST_AUTO_TEST_SUITE(sla)

BOOST_AUTO_TEST_CASE(built_in_points) {
    struct Row {
        std::chrono::seconds target;
        Duration at_risk;
        Duration critical;
    };
    // Worked by hand: 75 %; then 90 % or 15 min left, whichever is earlier, unless 15 min left does not lie after 75 %.
    Row const rows[] = {
        {5min, 225s, 270s},       // 15 min left lies before the start
        {15min, 675s, 810s},      // exactly at the start
        {59min, 2655s, 3186s},    // 44 min < 44.25 min: 90 %
        {1h, 45min, 54min},       // 15 min left is the 75 % point: 90 %, so that the two rungs stay apart
        {61min, 2745s, 46min},    // 45.75 min and 46 min
        {2h, 90min, 105min},      // 15 min left
        {150min, 6750s, 135min},  // 90 % and 15 min left are the same moment
        {4h, 3h, 216min},         // 90 % is earlier than 225 min
        {120h, 90h, 108h},        //
        {1s, 750ms, 900ms},       // nothing is rounded
        {7s, 5250ms, 6300ms},
    };
    for (auto const& row : rows) {
        auto const points = points_of(row.target);
        BOOST_TEST_CONTEXT("target " << row.target.count() << " s") {
            BOOST_REQUIRE_EQUAL(points.size(), 3U);
            BOOST_TEST(points[0] == (ClockPoint{rung_at_risk, t0 + row.at_risk}));
            BOOST_TEST(points[1] == (ClockPoint{rung_critical, t0 + row.critical}));
            BOOST_TEST(points[2] == (ClockPoint{rung_breach, t0 + row.target + 1us}));
        }
    }
}

BOOST_AUTO_TEST_CASE(configured_points_are_sorted_and_numbered) {
    auto const points = points_of(1h, {left(5min), percent(50), percent(80), left(12min), left(12min)});
    std::vector<ClockPoint> const expected{{rung_at_risk, t0 + 30min},
                                           {rung_critical, t0 + 48min},  // 80 % and 12 min left: once
                                           {rung_critical, t0 + 55min},
                                           {rung_breach, t0 + 1h + 1us}};
    BOOST_CHECK_EQUAL_COLLECTIONS(points.begin(), points.end(), expected.begin(), expected.end());
}

BOOST_AUTO_TEST_CASE(configured_points_that_warn_nobody_are_left_out) {
    auto const points = points_of(10min, {left(15min), left(10min), left(0s), percent(100), percent(0)});
    BOOST_REQUIRE_EQUAL(points.size(), 1U);
    BOOST_TEST(points[0] == (ClockPoint{rung_breach, t0 + 10min + 1us}));
}

BOOST_AUTO_TEST_CASE(points_are_ascending_for_every_target) {
    for (int minutes = 1; minutes < 20'000; minutes += minutes < 200 ? 1 : 97) {
        auto const points = points_of(std::chrono::minutes{minutes});
        BOOST_REQUIRE_EQUAL(points.size(), 3U);
        BOOST_REQUIRE(points[0].at > t0);
        BOOST_REQUIRE(points[0].at <= points[1].at);
        BOOST_REQUIRE(points[1].at < points[2].at);
    }
}

BOOST_AUTO_TEST_CASE(a_missing_target_is_no_clock) {
    auto const clocks = rules::start_clocks({{}, 1h, {}, {}}, t0);
    BOOST_REQUIRE_EQUAL(clocks.size(), 1U);
    BOOST_TEST(clocks[0].kind == ClockKind::first_response);
    BOOST_TEST(rules::start_clocks({}, t0).empty());
}

BOOST_AUTO_TEST_CASE(stopping_at_due_meets_it_and_the_first_instant_after_breaches) {
    auto const clock = rules::start_clock(ClockKind::resolution, 0, t0, 1h, {});
    struct Row {
        Duration after;
        ClockOutcome outcome;
        Duration stopped;
    };
    Row const rows[] = {{0s, ClockOutcome::met, 0s},
                        {1h, ClockOutcome::met, 1h},
                        {1h + 1us, ClockOutcome::breached, 1h + 1us},
                        {-5min, ClockOutcome::met, 0s},  // the wall clock went back
                        {48h, ClockOutcome::breached, 48h}};
    for (auto const& row : rows) {
        auto const stopped = rules::stop_clock(clock, t0 + row.after);
        BOOST_TEST(stopped.outcome == row.outcome);
        BOOST_TEST(stopped.stopped_at == t0 + row.stopped);
        BOOST_TEST(!stopped.running());
        BOOST_TEST(!stopped.next_point().has_value());
        BOOST_TEST((rules::stop_clock(stopped, t0 + 500h) == stopped));  // twice changes nothing
    }
}

BOOST_AUTO_TEST_CASE(a_breach_that_has_happened_stays_one) {
    auto clock = rules::start_clock(ClockKind::resolution, 0, t0, 1h, {});
    rules::pass_points(clock, t0 + 2h);
    BOOST_TEST(clock.outcome == ClockOutcome::breached);
    BOOST_TEST(rules::stop_clock(clock, t0 + 30min).outcome == ClockOutcome::breached);  // the wall clock went back
}

BOOST_AUTO_TEST_CASE(looks) {
    auto const clock = rules::start_clock(ClockKind::resolution, 0, t0, 100min, {});  // 75 min, 85 min, 100 min
    BOOST_TEST((rules::look(clock, t0) == ClockLook::on_time));
    BOOST_TEST((rules::look(clock, t0 + 75min - 1us) == ClockLook::on_time));
    BOOST_TEST((rules::look(clock, t0 + 75min) == ClockLook::at_risk));
    BOOST_TEST((rules::look(clock, t0 + 100min) == ClockLook::at_risk));
    BOOST_TEST((rules::look(clock, t0 + 100min + 1us) == ClockLook::breached));
    BOOST_TEST((rules::look(rules::stop_clock(clock, t0 + 99min), t0 + 200min) == ClockLook::met));
    BOOST_TEST((rules::look(rules::stop_clock(clock, t0 + 101min), t0 + 101min) == ClockLook::breached));
    // What was overdue by an earlier target and is not by this one is remembered, and looks as it is.
    auto marked = clock;
    marked.outcome = ClockOutcome::breached;
    BOOST_TEST((rules::look(marked, t0) == ClockLook::on_time));
    BOOST_TEST((rules::look(marked, t0 + 75min) == ClockLook::at_risk));
    BOOST_TEST((rules::look(marked, t0 + 100min + 1us) == ClockLook::breached));
    BOOST_TEST((rules::look(rules::stop_clock(marked, t0 + 99min), t0 + 200min) == ClockLook::met));
    BOOST_TEST((rules::stop_clock(marked, t0 + 99min).outcome == ClockOutcome::breached));
}

BOOST_AUTO_TEST_CASE(first_sight_passes_points_over_and_keeps_the_breach) {
    struct Row {
        Duration seen_after;
        int passed;
        ClockOutcome outcome;
    };
    Row const rows[] = {{0s, 0, ClockOutcome::running},
                        {75min - 1us, 0, ClockOutcome::running},
                        {75min, 1, ClockOutcome::running},
                        {100min, 2, ClockOutcome::running},
                        {100min + 1us, 3, ClockOutcome::breached}};
    for (auto const& row : rows) {
        auto const clock = rules::start_clock(ClockKind::resolution, 0, t0, 100min, {}, t0 + row.seen_after);
        BOOST_TEST(clock.points_fired == row.passed);
        BOOST_TEST(clock.outcome == row.outcome);
        BOOST_TEST(clock.running());
    }
}

BOOST_AUTO_TEST_CASE(a_reopen_continues_with_the_time_that_was_used) {
    // 100 min, stopped after 80, resolved for 3 days, reopened: 20 min are left. 75 min had passed, 85 min has not.
    auto const started = rules::start_clock(ClockKind::resolution, 0, t0, 100min, {});
    auto const stopped = rules::stop_clock(started, t0 + 80min);
    auto const reopened_at = t0 + 80min + 72h;
    auto const clock = rules::continue_clock(stopped, reopened_at);
    BOOST_TEST(clock.generation == 1);
    BOOST_TEST(clock.started_at == reopened_at - 80min);
    BOOST_TEST(clock.due == reopened_at + 20min);
    BOOST_TEST(clock.outcome == ClockOutcome::running);
    BOOST_TEST(clock.points_fired == 1);
    BOOST_REQUIRE(clock.next_point().has_value());
    BOOST_TEST(*clock.next_point() == (ClockPoint{rung_critical, reopened_at + 5min}));
    BOOST_TEST(clock.points.back() == (ClockPoint{rung_breach, reopened_at + 20min + 1us}));
    BOOST_TEST(rules::stop_clock(clock, reopened_at + 20min).outcome == ClockOutcome::met);

    // Once more, after 10 more minutes: 10 are left.
    auto const again = rules::continue_clock(rules::stop_clock(clock, reopened_at + 10min), reopened_at + 24h);
    BOOST_TEST(again.generation == 2);
    BOOST_TEST(again.due == reopened_at + 24h + 10min);
    BOOST_TEST(again.points_fired == 2);
}

BOOST_AUTO_TEST_CASE(a_breached_clock_stays_breached_when_it_goes_on) {
    auto const started = rules::start_clock(ClockKind::resolution, 0, t0, 100min, {});
    auto const stopped = rules::stop_clock(started, t0 + 130min);  // nobody fired its points meanwhile
    auto const clock = rules::continue_clock(stopped, t0 + 24h);
    BOOST_TEST(clock.outcome == ClockOutcome::breached);
    BOOST_TEST(clock.due == t0 + 24h - 30min);
    BOOST_TEST(!clock.next_point().has_value());
    BOOST_TEST(rules::stop_clock(clock, t0 + 25h).outcome == ClockOutcome::breached);
}

BOOST_AUTO_TEST_CASE(due_points_come_in_order_and_not_from_stopped_clocks) {
    auto escalation = fresh();  // owner 15 min, first response 60 min, resolution 480 min
    BOOST_TEST(rules::next_point(escalation) == t0 + 675s);
    BOOST_TEST(rules::due_points(escalation, t0 + 675s - 1us).empty());
    auto const due = rules::due_points(escalation, t0 + 55min);
    BOOST_REQUIRE_EQUAL(due.size(), 5U);
    for (std::size_t i = 1; i < due.size(); ++i) BOOST_TEST(due[i - 1].point.at <= due[i].point.at);
    for (auto& clock : escalation.clocks) clock = rules::stop_clock(clock, t0);
    BOOST_TEST(rules::due_points(escalation, t0 + 50h).empty());
    BOOST_TEST(!rules::next_point(escalation).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
