// Clocks that stand still: what moves, what stays, and that running and paused time add up to the time that passed.
#include "handlers/rules/alerts.hpp"
#include "handlers/rules/rank.hpp"
#include "handlers/rules/wakes.hpp"

#include "states_data.hpp"

#include <boost/test/unit_test.hpp>

#include <random>

namespace {

using namespace esc;
using namespace esc::handler_test;

SlaClock eight_hours() { return rules::start_clock(ClockKind::resolution, 0, t0, 8h, {}); }

BOOST_AUTO_TEST_SUITE(pauses)

BOOST_AUTO_TEST_CASE(a_pause_moves_due_and_the_points_to_come_by_its_length) {
    struct Row {
        char const* name;
        Duration from;
        Duration to;
        Duration due;      // after t0
        Duration at_risk;  // rung 1
    };
    Row const rows[] = {{"in the first hour", 0h, 1h, 9h, 7h},
                        {"in the middle", 2h, 5h, 11h, 9h},
                        {"no time at all", 2h, 2h, 8h, 6h},
                        {"until after the old due", 3h, 20h, 25h, 23h},
                        {"one microsecond", 3h, 3h + 1us, 8h + 1us, 6h + 1us}};
    for (auto const& row : rows) {
        BOOST_TEST_CONTEXT(row.name) {
            auto const paused = rules::pause_clock(eight_hours(), t0 + row.from);
            BOOST_TEST(!paused.running());
            BOOST_TEST(!paused.next_point().has_value());
            BOOST_TEST(paused.due == t0 + 8h);
            auto const clock = rules::resume_clock(paused, t0 + row.to);
            BOOST_TEST(clock.running());
            BOOST_TEST(clock.due == t0 + row.due);
            BOOST_TEST(clock.points.front().at == t0 + row.at_risk);
            BOOST_TEST(clock.points.back().at == clock.due + 1us);
            BOOST_TEST(clock.paused.count() == (row.to - row.from).count());
            BOOST_TEST(clock.started_at == t0);
            BOOST_TEST((clock.due == clock.started_at + clock.target + clock.paused));
        }
    }
}

BOOST_AUTO_TEST_CASE(points_that_fired_before_a_pause_stay_where_they_were) {
    auto clock = eight_hours();
    rules::pass_points(clock, t0 + 6h);
    BOOST_TEST(clock.points_fired == 1);
    auto const after = rules::resume_clock(rules::pause_clock(clock, t0 + 7h), t0 + 9h);
    BOOST_TEST(after.points[0].at == t0 + 6h);
    BOOST_TEST(after.points[1].at == clock.points[1].at + 2h);
    BOOST_TEST(after.points_fired == 1);
}

BOOST_AUTO_TEST_CASE(running_and_paused_time_are_the_time_between_start_and_stop) {
    std::mt19937_64 random{std::random_device{}()};
    auto const some = [&](std::uint64_t most) { return Duration{static_cast<std::int64_t>(random() % most)}; };
    for (int round = 0; round < 500; ++round) {
        auto clock = eight_hours();
        auto now = t0;
        Duration running{0};
        Duration paused{0};
        for (int step = 0; step < 12; ++step) {
            auto const span = some(3'600'000'000);
            now += span;
            (clock.running() ? running : paused) += span;
            clock = random() % 2 == 0 ? rules::pause_clock(clock, now) : rules::resume_clock(clock, now);
        }
        auto const last = some(3'600'000'000);
        now += last;
        (clock.running() ? running : paused) += last;
        auto const stopped = rules::stop_clock(clock, now);
        BOOST_TEST((*stopped.stopped_at - stopped.started_at == running + paused));
        BOOST_TEST(stopped.paused.count() == paused.count());
        BOOST_TEST(((stopped.outcome == ClockOutcome::met) == (running <= 8h)));
        BOOST_TEST((stopped.due == stopped.started_at + stopped.target + stopped.paused));
    }
}

BOOST_AUTO_TEST_CASE(a_clock_that_does_not_run_cannot_pause_and_one_that_runs_cannot_resume) {
    auto const stopped = rules::stop_clock(eight_hours(), t0 + 1h);
    BOOST_TEST((rules::pause_clock(stopped, t0 + 2h) == stopped));
    BOOST_TEST((rules::resume_clock(stopped, t0 + 2h) == stopped));
    BOOST_TEST((rules::resume_clock(eight_hours(), t0 + 2h) == eight_hours()));
    auto const paused = rules::pause_clock(eight_hours(), t0 + 1h);
    BOOST_TEST((rules::pause_clock(paused, t0 + 2h) == paused));
    // Not before its start, and a resume before the pause gives nothing back.
    BOOST_TEST((rules::pause_clock(eight_hours(), t0 - 1h).paused_at == t0));
    BOOST_TEST(rules::resume_clock(paused, t0).due == t0 + 8h);
}

BOOST_AUTO_TEST_CASE(a_breached_clock_stays_breached_through_a_pause) {
    auto clock = eight_hours();
    rules::pass_points(clock, t0 + 9h);
    BOOST_TEST(clock.outcome == ClockOutcome::breached);
    auto const after = rules::resume_clock(rules::pause_clock(clock, t0 + 9h), t0 + 30h);
    BOOST_TEST(after.outcome == ClockOutcome::breached);
    BOOST_TEST(rules::stop_clock(after, t0 + 31h).outcome == ClockOutcome::breached);
    BOOST_TEST(!after.next_point().has_value());  // told once
}

BOOST_AUTO_TEST_CASE(stopping_a_paused_clock_ends_the_pause) {
    struct Row {
        Duration ran;  // before the pause
        ClockOutcome outcome;
    };
    for (auto const& row : {Row{8h, ClockOutcome::met}, Row{8h + 1us, ClockOutcome::breached}}) {
        auto const stopped = rules::stop_clock(rules::pause_clock(eight_hours(), t0 + row.ran), t0 + 100h);
        BOOST_TEST(stopped.outcome == row.outcome);
        BOOST_TEST((stopped.stopped_at == t0 + 100h));
        BOOST_TEST(!stopped.paused_at.has_value());
    }
}

BOOST_AUTO_TEST_CASE(only_the_resolution_clock_pauses_and_only_on_the_customer_or_a_vendor) {
    for (auto const state : {State::waiting_customer, State::waiting_vendor, State::waiting_engineering, State::mitigated}) {
        BOOST_TEST_CONTEXT(to_string(state)) {
            auto const waiting = in(state);
            bool const pauses = state == State::waiting_customer || state == State::waiting_vendor;
            BOOST_TEST(waiting.clock(ClockKind::resolution)->paused_at.has_value() == pauses);
            BOOST_TEST(waiting.clock(ClockKind::first_response)->running());
        }
    }
}

BOOST_AUTO_TEST_CASE(a_paused_clock_never_alerts) {
    auto waiting = in(State::waiting_customer);
    std::erase_if(waiting.clocks, [](SlaClock const& clock) { return clock.kind != ClockKind::resolution; });
    BOOST_TEST(rules::due_points(waiting, t0 + 10'000h).empty());
    BOOST_TEST(!rules::fire_due(waiting, ladder(), t0 + 10'000h).has_value());
    // What comes next by itself is the end of the pause.
    BOOST_TEST((rules::next_point(waiting) == waiting.details.waiting->until));
    auto const running = rules::resume(waiting, {}, {}, ladder(), by(ana, t0 + 1h)).value().after;
    BOOST_TEST(rules::fire_due(running, ladder(), t0 + 10'000h).has_value());
}

BOOST_AUTO_TEST_CASE(a_paused_clock_does_not_rank) {
    auto working = owned();
    std::erase_if(working.clocks, [](SlaClock const& clock) { return clock.kind != ClockKind::resolution; });
    auto waiting = working;
    for (auto& clock : waiting.clocks) clock = rules::pause_clock(clock, t0);
    BOOST_TEST(rules::rank(waiting) > rules::rank(working));
    waiting.clocks.clear();
    working.clocks.clear();
    BOOST_TEST(rules::rank(waiting) == rules::rank(working));
}

BOOST_AUTO_TEST_CASE(how_late_a_paused_clock_is_does_not_grow) {
    auto const paused = rules::pause_clock(eight_hours(), t0 + 5h);
    BOOST_TEST((rules::look(paused, t0 + 100h) == rules::ClockLook::on_time));
    auto const warned = rules::pause_clock(eight_hours(), t0 + 7h);
    BOOST_TEST((rules::look(warned, t0 + 100h) == rules::ClockLook::at_risk));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
