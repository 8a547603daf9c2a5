// The open clocks of an escalation as one text column, so that a new escalation costs one row and not one per clock.
// Per clock "kind,generation,start,target,due,outcome,fired,stop,points" with instants as µs after the start, stop "x" while
// running and "p<µs>" while paused, points "-" or "rung+µs" joined by "/", and behind them ",<µs>" when there were pauses;
// clocks joined by ";".
#pragma once

#include "store/model.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace esc {

[[nodiscard]] std::string pack_clocks(std::vector<SlaClock> const& clocks);
// Accepts exactly what pack_clocks writes; throws sql::DatabaseError otherwise.
[[nodiscard]] std::vector<SlaClock> unpack_clocks(std::string_view packed);

[[nodiscard]] std::string pack_points(std::vector<ClockPoint> const& points, Instant started_at);
[[nodiscard]] std::vector<ClockPoint> unpack_points(std::string_view packed, Instant started_at);

}  // namespace esc
