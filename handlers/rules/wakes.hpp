// What happens by itself besides clock points, each at a moment that a field of the escalation holds: the scheduler sleeps until
// the earliest (rules::next_point), and the rule moves or clears that field, so that nothing happens twice.
#pragma once

#include "handlers/rules/alerts.hpp"
#include "store/model.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace esc::rules {

enum class Wake : std::uint8_t {
    pause_over,         // review time or cap of a pause: back to working, the owner is nudged
    transfer_reminder,  // managers are told again
    transfer_expired,   // nobody decided: the owner still owns it
    coverage_over,      // alerts go to the accountable owner again
    owner_back,         // the absence that an owner named is over
    owner_unavailable,  // managers are told again, every hour
    severity_reminder,  // leads and managers are told again
    severity_expired,   // nobody decided: the level stays
    unconfirmed,        // a SEV1 unconfirmed for fifteen minutes: managers
    window_over,        // resolved → closed
};
struct DueWake {
    Wake what = Wake::pause_over;
    Instant at{};
    friend bool operator==(DueWake const&, DueWake const&) = default;
};
// To come or due, earliest first.
[[nodiscard]] std::vector<DueWake> wakes(Escalation const& escalation);
// The earliest wake that is due; nothing when none is. To be asked again until then.
[[nodiscard]] std::optional<Decision> wake(Escalation const& before, Ladder const& ladder, Instant now);

}  // namespace esc::rules
