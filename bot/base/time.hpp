// Instants, the clock everybody asks, and durations as people write them.
#pragma once

#include "bot/base/result.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace esc {

using Duration = std::chrono::microseconds;
using Instant = std::chrono::sys_time<Duration>;  // UTC, microseconds

// The one source of time. Callbacks run on the io thread. Everything that waits for a moment of the day (points, pacing,
// back-off, Retry-After, refresh) waits through it; only deadlines of network operations use the machine's own timers.
class Clock {
public:
    using TimerId = std::uint64_t;

    Clock() = default;
    Clock(Clock const&) = delete;
    Clock& operator=(Clock const&) = delete;
    virtual ~Clock() = default;
    [[nodiscard]] virtual Instant now() const = 0;
    // Calls `callback` once, on the io thread, when now() >= at; never from inside call_at itself.
    virtual TimerId call_at(Instant at, std::function<void()> callback) = 0;
    // After this the callback will not run. Unknown or fired ids are ignored.
    virtual void cancel(TimerId id) = 0;
};

// Stands still until told to move. For tests and the demo. Not thread-safe: one thread moves it and runs the callbacks;
// now() may be asked from any thread.
class ManualClock final : public Clock {
public:
    explicit ManualClock(Instant start) : now_us_(start.time_since_epoch().count()) {}
    [[nodiscard]] Instant now() const override;
    TimerId call_at(Instant at, std::function<void()> callback) override;
    void cancel(TimerId id) override;
    // Moves to `to`, running the callbacks that fall due on the way, each at its own instant and in order.
    void advance_to(Instant to);
    void advance(Duration by) { advance_to(now() + by); }
    [[nodiscard]] std::optional<Instant> next_timer() const;

private:
    std::atomic<std::int64_t> now_us_;
    std::multimap<Instant, std::pair<TimerId, std::function<void()>>> timers_;
    TimerId last_id_ = 0;
};

// "90s", "15m", "4h", "1h30m": elapsed time. "bh" and "bd" are refused by name until calendars exist.
[[nodiscard]] Result<std::chrono::seconds> parse_elapsed(std::string_view text);
// "4h", "15m", "1h30m", "45s": the shortest text that parse_elapsed reads back.
[[nodiscard]] std::string format_elapsed(std::chrono::seconds span);
// For a countdown: "45s", "12m", "3h 05m", "2d 4h". Negative spans are shown by their size. Rounded down.
[[nodiscard]] std::string format_left(Duration left);
// "2026-11-23T09:00:00Z"; with six digits behind the seconds when the instant is not a whole one.
[[nodiscard]] std::string to_iso(Instant at);
// "14:32 UTC" today is not known here, so always "Nov 23, 14:32 UTC".
[[nodiscard]] std::string to_utc_text(Instant at);
// Slack's ts "1700000000.000100" to an instant; nothing when it is not one.
[[nodiscard]] std::optional<Instant> parse_slack_ts(std::string_view ts);

[[nodiscard]] constexpr std::int64_t to_us(Instant at) { return at.time_since_epoch().count(); }
[[nodiscard]] constexpr Instant from_us(std::int64_t us) { return Instant{Duration{us}}; }
[[nodiscard]] constexpr std::int64_t to_unix(Instant at) {
    return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
}

}  // namespace esc
