// Clocks: when they start, what they owe, which points lie on the way. Elapsed time on a 24×7 calendar.
#pragma once

#include "bot/base/config.hpp"
#include "bot/base/time.hpp"
#include "store/model.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace esc::rules {

// A clock of `kind` that starts at `started_at` with its points laid out. Points at or before `passed_until` are counted as
// fired without an alert (first sight: what passed before the item was seen never alerts, though a breach stays a breach).
// Built in: rung 1 at 75 % used; rung 2 at 90 % used or 15 min left, whichever is earlier, but at 90 % where 15 min left would
// not come after rung 1. Configured: the earliest point is rung 1, all later ones rung 2; one that would lie at or before the
// start or at or after due warns nobody and is left out.
[[nodiscard]] SlaClock start_clock(ClockKind kind, int generation, Instant started_at, std::chrono::seconds target,
                                   std::vector<AtRiskPoint> const& at_risk, Instant passed_until = Instant::min());
[[nodiscard]] std::vector<SlaClock> start_clocks(SlaTargets const& targets, Instant opened_at,
                                                 Instant passed_until = Instant::min());
// Counts points at or before `until` as passed; the breach among them marks the clock.
void pass_points(SlaClock& clock, Instant until);
// Stops it, ending a pause: met if at ≤ due, else breached; a breach that has happened stays one. `at` is clamped to [started_at,
// …]. A clock that has stopped is left as it is.
[[nodiscard]] SlaClock stop_clock(SlaClock clock, Instant at);
// It stands still from `at` on, not before its start; one that is paused or stopped is left as it is.
[[nodiscard]] SlaClock pause_clock(SlaClock clock, Instant at);
// It goes on at `at`: due and the points to come move by the length of the pause. One that runs is left as it is.
[[nodiscard]] SlaClock resume_clock(SlaClock clock, Instant at);
// The clock a reopen continues: next generation, elapsed time kept; points that lie at or before `at` are passed over; an
// already breached clock stays breached.
[[nodiscard]] SlaClock continue_clock(SlaClock const& stopped, Instant at);
// The earliest point or wake (wakes.hpp): when something happens by itself.
[[nodiscard]] std::optional<Instant> next_point(Escalation const& escalation);

// By its present target; the outcome also remembers what was overdue by a level it had before.
[[nodiscard]] bool overdue(SlaClock const& clock, Instant now);
enum class ClockLook : std::uint8_t { on_time, at_risk, breached, met };
[[nodiscard]] ClockLook look(SlaClock const& clock, Instant now);

// A point that has come on a running clock and has not been counted yet.
struct DuePoint {
    ClockKind clock = ClockKind::owner;
    int generation = 0;
    ClockPoint point{};
};
// Earliest first.
[[nodiscard]] std::vector<DuePoint> due_points(Escalation const& escalation, Instant now);

}  // namespace esc::rules
