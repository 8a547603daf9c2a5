// Time zones by their IANA names. The only door to the zone database, so that nobody else pays for its header.
#pragma once

#include <string_view>

namespace esc {

// Whether the system's zone database knows the name ("Europe/Berlin"). UTC is known even without a database.
[[nodiscard]] bool zone_exists(std::string_view name);

}  // namespace esc
