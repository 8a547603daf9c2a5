// Time zones by their IANA names. The only door to the zone database, so that nobody else pays for its header.
#pragma once

#include "bot/base/result.hpp"
#include "bot/base/time.hpp"

#include <string_view>

namespace esc {

// Whether the system's zone database knows the name ("Europe/Berlin"). UTC is known even without a database.
[[nodiscard]] bool zone_exists(std::string_view name);

// A moment as people type it, in their zone: "14:30" (the next time it is that), "tomorrow 9:00", "mon 10:00",
// "2026-11-24 14:30", "2h", "in 90m". Errc::invalid names the forms. Never before `now`. An unknown zone counts as UTC.
[[nodiscard]] Result<Instant> parse_when(std::string_view text, std::string_view zone, Instant now);

}  // namespace esc
