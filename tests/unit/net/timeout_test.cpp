// Deadlines, signals, and both clocks.
#include "bot/net/timeout.hpp"

#include "tests/unit/net/support.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <boost/test/unit_test.hpp>

#include "bot/net/task_group.hpp"

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

using namespace esc;
using namespace esc::net;
using namespace esc::net::test;
using namespace std::chrono_literals;

namespace {

struct NoDefault {
    explicit NoDefault(int v) : value(std::make_unique<int>(v)) {}
    std::unique_ptr<int> value;
};

struct Ended {
    bool& flag;
    ~Ended() { flag = true; }
};

Awaitable<Result<NoDefault>> at_once(int value) { co_return NoDefault(value); }
Awaitable<Result<void>> refuses() { co_return fail(Errc::conflict, "no"); }
Awaitable<Result<int>> throws() {
    throw std::runtime_error("broken");
    co_return 1;
}
Awaitable<Result<int>> mute(bool& ended) {
    Ended const note{ended};
    asio::steady_timer timer(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
    co_await timer.async_wait(asio::use_awaitable);
    co_return 1;
}
// Takes its cancellation for an ordinary error, as operations with Result do.
Awaitable<Result<int>> mute_with_result() {
    asio::steady_timer timer(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
    auto const [error] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    co_return fail(Errc::unavailable, "{}", error.message());
}
Awaitable<> keep(Awaitable<Result<int>> operation, std::optional<Result<int>>& into) { into = co_await std::move(operation); }

constexpr Instant start{std::chrono::hours{480'000}};

}  // namespace

BOOST_AUTO_TEST_SUITE(timeout)

BOOST_AUTO_TEST_CASE(results_come_through) {
    asio::io_context io;
    auto const body = [&]() -> Awaitable<> {
        auto const value = co_await with_timeout(at_once(5), 1h, "it");
        BOOST_TEST(*value->value == 5);
        auto const refused = co_await with_timeout(refuses(), 1h, "it");
        BOOST_TEST((refused.error().code == Errc::conflict));
        auto const endless = co_await with_timeout(at_once(6), std::chrono::steady_clock::duration::max(), "it");
        BOOST_TEST(*endless->value == 6);
    };
    run(io, body());
}

BOOST_AUTO_TEST_CASE(a_value_that_is_there_at_once_is_in_time_for_a_limit_of_nothing) {
    asio::io_context io;
    auto const body = [&]() -> Awaitable<> {
        auto const value = co_await with_timeout(at_once(5), 0ms, "it");
        BOOST_TEST(value.has_value());
    };
    run(io, body());
}

BOOST_AUTO_TEST_CASE(an_exception_does_not_wait_for_the_limit) {
    asio::io_context io;
    auto const body = [&]() -> Awaitable<> { co_await with_timeout(throws(), 1h, "it"); };
    BOOST_CHECK_THROW(run(io, body()), std::runtime_error);
}

BOOST_AUTO_TEST_CASE(the_limit_ends_the_operation) {
    asio::io_context io;
    bool ended = false;
    auto const body = [&]() -> Awaitable<> {
        auto const result = co_await with_timeout(mute(ended), 1ms, "the mute one");
        BOOST_TEST(ended);
        BOOST_TEST((result.error().code == Errc::timed_out));
        BOOST_TEST(result.error().message.find("the mute one") != std::string::npos);
        auto const swallowed = co_await with_timeout(mute_with_result(), 1ms, "it");
        BOOST_TEST((swallowed.error().code == Errc::timed_out));
        auto const nested = co_await with_timeout(with_timeout(mute(ended), 1ms, "inner"), 1h, "outer");
        BOOST_TEST(nested.error().message.find("inner") != std::string::npos);
    };
    run(io, body());
}

BOOST_AUTO_TEST_CASE(cancelling_the_caller_ends_it_before_the_limit) {
    asio::io_context io;
    TaskGroup group(io.get_executor());
    bool ended = false;
    std::optional<Result<int>> thrown;
    std::optional<Result<int>> swallowed;
    auto const body = [&]() -> Awaitable<> {
        group.spawn("throws", keep(with_timeout(mute(ended), 1h, "it"), thrown));
        group.spawn("swallows", keep(with_timeout(mute_with_result(), 1h, "it"), swallowed));
        group.spawn("nested", keep(with_timeout(with_timeout(mute(ended), 1h, "it"), 1h, "it"), thrown));
        co_await settle();
        BOOST_TEST(group.running() == 3U);
        group.cancel();
        co_await group.wait();
    };
    run(io, body());
    BOOST_TEST(ended);
    BOOST_TEST(!thrown.has_value());
    if (swallowed) BOOST_TEST((swallowed->error().code == Errc::unavailable));
}

BOOST_AUTO_TEST_CASE(signal_remembers_and_wakes) {
    asio::io_context io;
    ManualClock clock(start);
    Signal signal(io.get_executor());
    std::vector<int> seen;
    auto const waiter = [&]() -> Awaitable<> {
        signal.notify();
        signal.notify();
        co_await signal.wait(clock, std::nullopt);
        seen.push_back(1);
        co_await signal.wait(clock, std::nullopt);
        seen.push_back(2);
        co_await signal.wait(clock, start + 5s);
        seen.push_back(3);
        co_await signal.wait(clock, start);  // past: at once
        seen.push_back(4);
    };
    auto const driver = [&]() -> Awaitable<> {
        co_await settle();
        BOOST_TEST((seen == std::vector{1}));
        signal.notify();
        co_await settle();
        BOOST_TEST((seen == std::vector{1, 2}));
        BOOST_TEST((clock.next_timer() == start + 5s));
        clock.advance(4s);
        co_await settle();
        BOOST_TEST((seen == std::vector{1, 2}));
        clock.advance(1s);
        co_await settle();
        BOOST_TEST((seen == std::vector{1, 2, 3, 4}));
        BOOST_TEST(!clock.next_timer().has_value());
    };
    run(io, waiter(), driver());
}

BOOST_AUTO_TEST_CASE(a_woken_signal_takes_its_timer_back) {
    asio::io_context io;
    ManualClock clock(start);
    auto const body = [&]() -> Awaitable<> {
        TaskGroup group(io.get_executor());
        auto signal = std::make_unique<Signal>(io.get_executor());
        group.spawn("waits", signal->wait(clock, start + 5s));
        co_await settle();
        BOOST_TEST(clock.next_timer().has_value());
        signal->notify();
        co_await settle();
        BOOST_TEST(!clock.next_timer().has_value());
        group.spawn("waits", signal->wait(clock, start + 5s));
        group.spawn("sleeps", sleep_until(clock, start + 5s));
        co_await settle();
        group.cancel();
        co_await group.wait();
        signal.reset();
        BOOST_TEST(!clock.next_timer().has_value());
        clock.advance(1h);
    };
    run(io, body());
}

BOOST_AUTO_TEST_CASE(sleeping_follows_the_clock) {
    asio::io_context io;
    ManualClock clock(start);
    bool awake = false;
    auto const sleeper = [&]() -> Awaitable<> {
        co_await sleep_until(clock, start + 1h);
        awake = true;
        co_await sleep_until(clock, start);
    };
    auto const driver = [&]() -> Awaitable<> {
        co_await settle();
        clock.advance(1h - 1us);
        co_await settle();
        BOOST_TEST(!awake);
        clock.advance(1us);
    };
    run(io, sleeper(), driver());
    BOOST_TEST(awake);
}

BOOST_AUTO_TEST_CASE(system_clock_calls_in_order_and_never_at_once) {
    asio::io_context io;
    auto const clock = make_system_clock(io.get_executor());
    auto const now = clock->now();
    std::vector<int> seen;
    clock->call_at(now + 3ms, [&] { seen.push_back(3); });
    auto const dropped = clock->call_at(now + 1ms, [&] { seen.push_back(-1); });
    clock->call_at(now + 2ms, [&] {
        BOOST_TEST((clock->now() >= now + 2ms));
        seen.push_back(2);
    });
    clock->call_at(now - 1h, [&] { seen.push_back(0); });
    BOOST_TEST(seen.empty());
    clock->cancel(dropped);
    clock->cancel(dropped);
    clock->cancel(987654);
    io.run();
    BOOST_TEST((seen == std::vector{0, 2, 3}));
}

BOOST_AUTO_TEST_CASE(system_clock_callbacks_may_add_and_cancel) {
    asio::io_context io;
    auto const clock = make_system_clock(io.get_executor());
    auto const past = clock->now() - 1s;
    std::vector<int> seen;
    Clock::TimerId victim = 0;
    Clock::TimerId self = 0;
    clock->call_at(past, [&] {
        seen.push_back(1);
        clock->cancel(victim);
        clock->cancel(self);
        clock->call_at(past - 1h, [&] { seen.push_back(4); });  // earlier than all, but asked for later
    });
    self = clock->call_at(past, [&] { seen.push_back(-2); });
    victim = clock->call_at(past + 1us, [&] { seen.push_back(-1); });
    clock->call_at(past + 2us, [&] { seen.push_back(3); });
    io.run();
    BOOST_TEST((seen == std::vector{1, 3, 4}));
}

BOOST_AUTO_TEST_CASE(system_clock_without_timers_keeps_nothing_alive) {
    asio::io_context io;
    auto clock = make_system_clock(io.get_executor());
    auto const id = clock->call_at(clock->now() + 1000h, [] {});
    clock->cancel(id);
    io.run();  // returns: nothing is pending
    clock->call_at(clock->now() + 1000h, [] {});
    clock.reset();
    io.restart();
    io.run();
    // A callback that repeats itself does not hold the thread.
    clock = make_system_clock(io.get_executor());
    int rounds = 0;
    std::function<void()> again = [&] {
        ++rounds;
        clock->call_at(clock->now() - 1s, again);
    };
    again();
    io.restart();
    for (int turn = 0; turn < 5; ++turn) io.run_one();
    BOOST_TEST(rounds <= 6);
    BOOST_TEST(rounds > 1);
}

BOOST_AUTO_TEST_SUITE_END()
