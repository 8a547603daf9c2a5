// Deadlines and waiting. Deadlines of network operations use the machine's timers; waiting for a moment of the day goes
// through esc::Clock, so that tests and the demo can move time.
#pragma once

#include "bot/base/result.hpp"
#include "bot/base/time.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace esc::net {

// Whether `operation` ended by itself; otherwise it was cancelled and has ended too. Its exceptions come through.
boost::asio::awaitable<bool> ends_within(boost::asio::awaitable<void> operation, std::chrono::steady_clock::duration limit);

template <class T>
boost::asio::awaitable<void> keep_result(boost::asio::awaitable<T> operation, std::optional<T>& into) {
    into.emplace(co_await std::move(operation));
}

// The operation's result, or Errc::timed_out that names `what`. The operation is cancelled and has ended when this returns.
// A value that came at the last moment counts as in time.
template <class T>
boost::asio::awaitable<Result<T>> with_timeout(boost::asio::awaitable<Result<T>> operation,
                                               std::chrono::steady_clock::duration limit, std::string what) {
    std::optional<Result<T>> result;
    bool const in_time = co_await ends_within(keep_result(std::move(operation), result), limit);
    if (result && (in_time || result->has_value())) co_return *std::move(result);
    co_return fail(Errc::timed_out, "{} took longer than {} ms", what,
                   std::chrono::duration_cast<std::chrono::milliseconds>(limit).count());
}

// Wakes one waiting coroutine; a notify() before the wait is remembered. Single-threaded.
class Signal {
public:
    explicit Signal(boost::asio::any_io_executor executor);
    void notify();
    // Until notify() or `at` on `clock`, whichever comes first; without `at` until notify().
    boost::asio::awaitable<void> wait(Clock& clock, std::optional<Instant> at);

private:
    boost::asio::steady_timer timer_;
    bool notified_ = false;
};

// Looks every few milliseconds whether `condition` holds, at most for `limit`; whether it did. For the end of a service, where
// what is waited for does not tell.
boost::asio::awaitable<bool> comes_true(std::function<bool()> condition, std::chrono::steady_clock::duration limit);

// Until `at` on `clock`.
boost::asio::awaitable<void> sleep_until(Clock& clock, Instant at);

// The machine's time, with timers on an io_context.
std::unique_ptr<Clock> make_system_clock(boost::asio::any_io_executor executor);

}  // namespace esc::net
