// Clocks: when they start, what they owe, which points lie on the way. Elapsed time on a 24×7 calendar (domain.md section 4).
#pragma once

#include "bot/base/config.hpp"
#include "bot/base/time.hpp"
#include "store/model.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace esc::rules {

// A clock of `kind` that starts at `started_at` with its points laid out. `passed_until`: points at or before it are counted as
// fired without an alert (first sight, carried-over time).
[[nodiscard]] SlaClock start_clock(ClockKind kind, int generation, Instant started_at, std::chrono::seconds target,
                                   std::vector<AtRiskPoint> const& at_risk);
[[nodiscard]] std::vector<SlaClock> start_clocks(SlaTargets const& targets, Instant opened_at);
// Stops it: met if at ≤ due, else breached. `at` is clamped to [started_at, …].
[[nodiscard]] SlaClock stop_clock(SlaClock clock, Instant at);
// The clock a reopen continues: next generation, elapsed time kept; points that lie at or before `at` are passed over; an
// already breached clock stays breached.
[[nodiscard]] SlaClock continue_clock(SlaClock const& stopped, Instant at);
[[nodiscard]] std::optional<Instant> next_point(Escalation const& escalation);

enum class ClockLook : std::uint8_t { on_time, at_risk, breached, met };
[[nodiscard]] ClockLook look(SlaClock const& clock, Instant now);

// The point that is due on this escalation at `now`, if any: which clock, which point.
struct DuePoint {
    ClockKind clock = ClockKind::owner;
    int generation = 0;
    ClockPoint point{};
};
[[nodiscard]] std::vector<DuePoint> due_points(Escalation const& escalation, Instant now);

}  // namespace esc::rules
