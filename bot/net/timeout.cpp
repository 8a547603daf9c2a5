// Deadlines, signals and the machine's clock. The race between an operation and its timer is compiled once, here, since the
// templates behind it are expensive.
#include "bot/net/timeout.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <map>

namespace esc::net {

namespace asio = boost::asio;

namespace {

bool aborted(std::exception_ptr const& exception) {
    try {
        std::rethrow_exception(exception);
    } catch (boost::system::system_error const& error) {
        return error.code() == asio::error::operation_aborted;
    } catch (...) {
        return false;
    }
}

}  // namespace

asio::awaitable<bool> ends_within(asio::awaitable<void> operation, std::chrono::steady_clock::duration limit) {
    auto const executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor, limit);
    auto race = asio::experimental::make_parallel_group(asio::co_spawn(executor, std::move(operation), asio::deferred),
                                                        timer.async_wait(asio::deferred));
    auto const [order, failure, timer_error] = co_await race.async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
    bool const expired = order[0] == 1 && !timer_error;
    if (failure && !(expired && aborted(failure))) std::rethrow_exception(failure);
    co_return !expired;
}

Signal::Signal(asio::any_io_executor executor) : timer_(executor, asio::steady_timer::time_point::max()) {}

void Signal::notify() {
    notified_ = true;
    timer_.cancel();
}

namespace {

// Takes the timer back also when the waiting coroutine is cancelled or destroyed.
class ArmedTimer {
public:
    ArmedTimer(Clock& clock, Instant at, std::function<void()> callback)
        : clock_(clock), id_(clock.call_at(at, std::move(callback))) {}
    ~ArmedTimer() { clock_.cancel(id_); }
    ArmedTimer(ArmedTimer const&) = delete;
    ArmedTimer& operator=(ArmedTimer const&) = delete;

private:
    Clock& clock_;
    Clock::TimerId id_;
};

}  // namespace

asio::awaitable<void> Signal::wait(Clock& clock, std::optional<Instant> at) {
    if (notified_ || (at && clock.now() >= *at)) {
        co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);  // let others have a turn
    } else {
        std::optional<ArmedTimer> armed;
        if (at) armed.emplace(clock, *at, [this] { timer_.cancel(); });
        co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
        // The timer only ever ends by being cancelled; whether this coroutine was meant is told by its own state.
        if ((co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none)
            throw boost::system::system_error(asio::error::operation_aborted);
    }
    notified_ = false;
}

asio::awaitable<bool> comes_true(std::function<bool()> condition, std::chrono::steady_clock::duration limit) {
    constexpr auto look_again = std::chrono::milliseconds{10};
    auto const end = std::chrono::steady_clock::now() + limit;
    asio::steady_timer pause(co_await asio::this_coro::executor);
    while (!condition()) {
        if (std::chrono::steady_clock::now() >= end) co_return false;
        pause.expires_after(look_again);
        co_await pause.async_wait(asio::use_awaitable);
    }
    co_return true;
}

asio::awaitable<void> sleep_until(Clock& clock, Instant at) {
    Signal signal(co_await asio::this_coro::executor);
    while (clock.now() < at) co_await signal.wait(clock, at);
}

namespace {

class SystemClock final : public Clock {
public:
    explicit SystemClock(asio::any_io_executor executor) : state_(std::make_shared<State>(std::move(executor))) {}
    ~SystemClock() override {
        state_->timers.clear();
        state_->wake.cancel();
    }

    [[nodiscard]] Instant now() const override { return read(); }

    TimerId call_at(Instant at, std::function<void()> callback) override {
        auto const id = ++state_->last_id;
        auto const entry = state_->timers.emplace(Key{at, id}, std::move(callback)).first;
        state_->when.emplace(id, at);
        if (entry == state_->timers.begin()) arm(state_);
        return id;
    }

    void cancel(TimerId id) override {
        auto const found = state_->when.find(id);
        if (found == state_->when.end()) return;
        state_->timers.erase(Key{found->second, id});
        state_->when.erase(found);
        if (state_->timers.empty()) state_->wake.cancel();
    }

private:
    using Key = std::pair<Instant, TimerId>;
    struct State {
        explicit State(asio::any_io_executor executor) : wake(executor) {}
        asio::steady_timer wake;
        std::map<Key, std::function<void()>> timers;
        std::map<TimerId, Instant> when;
        TimerId last_id = 0;
    };
    // The wall clock can be set; it is looked at again at least this often while anybody waits.
    static constexpr Duration look_again = std::chrono::seconds{30};

    static Instant read() { return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()); }

    static void arm(std::shared_ptr<State> const& state) {
        if (state->timers.empty()) return;
        auto const next = state->timers.begin()->first.first;
        auto const current = read();
        auto const left = next <= current ? Duration::zero() : next >= current + look_again ? look_again : next - current;
        state->wake.expires_after(left);
        state->wake.async_wait([weak = std::weak_ptr(state)](boost::system::error_code error) {
            if (auto const alive = weak.lock(); alive && !error) run_due(alive);
        });
    }

    static void run_due(std::shared_ptr<State> const& state) {
        struct ArmAgain {
            std::shared_ptr<State> const& state;
            ~ArmAgain() { arm(state); }
        } const arm_again{state};
        auto const current = read();
        // What callbacks add waits for the next round, so that a callback which repeats itself cannot hold the thread.
        auto const newest = state->last_id;
        for (auto at = state->timers.begin(); at != state->timers.end() && at->first.first <= current;) {
            if (at->first.second > newest) {
                ++at;
                continue;
            }
            auto const callback = std::move(at->second);
            auto const key = at->first;
            state->timers.erase(at);
            state->when.erase(key.second);
            callback();
            at = state->timers.upper_bound(key);
        }
    }

    std::shared_ptr<State> state_;
};

}  // namespace

std::unique_ptr<Clock> make_system_clock(asio::any_io_executor executor) {
    return std::make_unique<SystemClock>(std::move(executor));
}

}  // namespace esc::net
