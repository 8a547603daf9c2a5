#include "handlers/rules/rank.hpp"

#include "bot/base/time.hpp"

#include <chrono>
#include <optional>

namespace esc::rules {
namespace {

using namespace std::chrono_literals;

// Behind every deadline there can be, with room for the head starts below.
constexpr std::int64_t behind_all_deadlines_us = std::int64_t{1} << 62;

Duration head_start(Severity severity) {
    switch (severity) {
        case Severity::sev1:
            return std::chrono::days{30};
        case Severity::sev2:
            return std::chrono::days{3};
        case Severity::sev3:
            return Duration{0};
        case Severity::sev4:
            return -std::chrono::days{1};
    }
    return Duration{0};
}

}  // namespace

std::int64_t rank(Escalation const& escalation) {
    std::optional<Instant> due;
    for (auto const& clock : escalation.clocks)
        if (clock.running() && (!due || clock.due < *due)) due = clock.due;

    auto ahead = head_start(escalation.severity);
    if (escalation.reopen_count > 0) ahead += 30min;
    ahead += escalation.hops * Duration{30min};
    if (!escalation.owned()) ahead += 30min;

    // Without a deadline, who waits longest comes first.
    if (!due) return behind_all_deadlines_us + to_us(escalation.opened_at - ahead);
    return to_us(*due - ahead);
}

}  // namespace esc::rules
