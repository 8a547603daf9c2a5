#include "bot/run/pace.hpp"

namespace esc::run {
namespace {

constexpr Duration near = std::chrono::hours{1};  // before and after something is due

}  // namespace

std::optional<Pace> pace_of(Escalation const& escalation, Instant now) {
    std::optional<Pace> pace;
    for (auto const& clock : escalation.clocks) {
        if (!clock.running()) continue;
        if (!pace) pace.emplace();
        auto const left = clock.due - now;
        if (left <= near && left >= -near) pace->every = near_pace;
        if (left > near && (!pace->faster_from || clock.due - near < *pace->faster_from)) pace->faster_from = clock.due - near;
    }
    return pace;
}

}  // namespace esc::run
