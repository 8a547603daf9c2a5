// Time zones by their IANA names. The only door to the zone database, so that nobody else pays for its header.
#pragma once

#include "bot/base/result.hpp"
#include "bot/base/time.hpp"

#include <string_view>

namespace esc {

// Whether the system's zone database knows the name ("Europe/Berlin"). UTC is known even without a database.
[[nodiscard]] bool zone_exists(std::string_view name);

// A moment as people type it, in their zone: "14:30" (the next time it is that), "tomorrow 9:00", "mon 10:00",
// "2026-11-24 14:30", "2h", "in 90m", "3d". Errc::invalid names the forms. Never before `now`. An unknown zone counts as UTC.
// A day names the next such moment that is still to come: "mon 10:00" on a Monday at noon is next week's. A time that is skipped
// when clocks go forward is the moment they do; one that comes twice is the first of the two that is still to come.
[[nodiscard]] Result<Instant> parse_when(std::string_view text, std::string_view zone, Instant now);

// The same at the beginning of a longer text, such as "tomorrow 9:00 we send the fix": as many words as make a moment.
struct WhenAndRest {
    Instant at{};
    std::string_view rest{};  // what follows, without the space before it; looks into the text that was read
};
[[nodiscard]] Result<WhenAndRest> leading_when(std::string_view text, std::string_view zone, Instant now);

}  // namespace esc
