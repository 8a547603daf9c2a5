// The clock that tests stand on: order, re-entrancy and cancelling.
#include "bot/base/time.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace std::chrono_literals;

namespace {

esc::Instant const start = esc::from_us(1'700'000'000'000'000);

struct Fixture {
    esc::ManualClock clock{start};
    std::vector<std::string> log{};
    std::function<void()> note(std::string word) {
        return [this, word = std::move(word)] { log.push_back(word + "@" + std::to_string((clock.now() - start) / 1s)); };
    }
    void expect(std::vector<std::string> const& expected) { BOOST_TEST(log == expected, boost::test_tools::per_element()); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(manual_clock, Fixture)

BOOST_AUTO_TEST_CASE(callbacks_run_in_order_each_at_its_own_instant) {
    clock.call_at(start + 20s, note("late"));
    clock.call_at(start + 10s, note("first of two"));
    clock.call_at(start + 10s, note("second of two"));
    clock.call_at(start + 31s, note("too far"));
    clock.advance(30s);
    expect({"first of two@10", "second of two@10", "late@20"});
    BOOST_TEST((clock.now() == start + 30s));
    BOOST_TEST((clock.next_timer() == start + 31s));
}

BOOST_AUTO_TEST_CASE(a_moment_that_is_reached_exactly_is_due) {
    clock.call_at(start + 10s, note("a"));
    clock.advance(10s - 1us);
    expect({});
    clock.advance(1us);
    expect({"a@10"});
    clock.advance(1h);
    expect({"a@10"});
}

BOOST_AUTO_TEST_CASE(a_timer_in_the_past_waits_for_the_next_move_and_time_does_not_go_back) {
    clock.call_at(start - 10s, note("past"));
    expect({});
    clock.advance(0s);
    expect({"past@0"});
    clock.advance_to(start - 1h);
    BOOST_TEST((clock.now() == start));
}

BOOST_AUTO_TEST_CASE(a_callback_may_set_timers_on_the_way) {
    clock.call_at(start + 10s, [&] {
        note("outer")();
        clock.call_at(start + 15s, note("inner"));
        clock.call_at(start + 5s, note("inner past"));
    });
    clock.call_at(start + 12s, note("between"));
    clock.advance(20s);
    expect({"outer@10", "inner past@10", "between@12", "inner@15"});
}

BOOST_AUTO_TEST_CASE(a_callback_may_cancel_itself_and_others) {
    esc::Clock::TimerId victim = 0;
    esc::Clock::TimerId self = 0;
    self = clock.call_at(start + 10s, [&] {
        note("killer")();
        clock.cancel(self);
        clock.cancel(victim);
    });
    victim = clock.call_at(start + 10s, note("victim"));
    clock.advance(20s);
    expect({"killer@10"});
    BOOST_TEST(!clock.next_timer().has_value());
}

BOOST_AUTO_TEST_CASE(cancelling_is_harmless_when_unknown_or_twice) {
    auto const id = clock.call_at(start + 1s, note("a"));
    auto const other = clock.call_at(start + 1s, note("b"));
    BOOST_TEST(id != other);
    clock.cancel(id);
    clock.cancel(id);
    clock.cancel(987654);
    clock.advance(2s);
    clock.cancel(other);
    expect({"b@1"});
}

BOOST_AUTO_TEST_CASE(a_callback_may_move_the_clock_further_than_the_caller) {
    clock.call_at(start + 10s, [&] {
        clock.advance(1h);
        note("moved")();
    });
    clock.call_at(start + 30s, note("on the way"));
    clock.advance(20s);
    expect({"on the way@30", "moved@3610"});
    BOOST_TEST((clock.now() == start + 3610s));
}

BOOST_AUTO_TEST_CASE(a_callback_that_throws_is_gone_and_the_others_stay) {
    clock.call_at(start + 10s, [] { throw std::runtime_error("broken"); });
    clock.call_at(start + 20s, note("later"));
    BOOST_CHECK_THROW(clock.advance(30s), std::runtime_error);
    BOOST_TEST((clock.now() == start + 10s));
    clock.advance(20s);
    expect({"later@20"});
}

BOOST_AUTO_TEST_SUITE_END()
