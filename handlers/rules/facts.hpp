// Events' data, as rules and views read it.
#pragma once

#include "store/facts.hpp"

#include <cstdint>

namespace esc::rules {

using esc::Facts;

// The version of the escalation that the event made, where it says so; else 0.
[[nodiscard]] inline std::int64_t version_made_by(LedgerEvent const& event) { return Facts{event}.number("version").value_or(0); }

}  // namespace esc::rules
