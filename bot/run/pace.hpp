// How often what shows an escalation's countdown is brought up to date as time passes.
#pragma once

#include "bot/base/time.hpp"
#include "store/model.hpp"

#include <optional>

namespace esc::run {

inline constexpr Duration near_pace = std::chrono::minutes{1};  // anything is due within the hour, or was
inline constexpr Duration far_pace = std::chrono::minutes{5};

struct Pace {
    Duration every = far_pace;
    std::optional<Instant> faster_from{};
};
// Nothing when no clock runs.
[[nodiscard]] std::optional<Pace> pace_of(Escalation const& escalation, Instant now);

}  // namespace esc::run
