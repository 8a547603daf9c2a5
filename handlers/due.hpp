// Commands raised by time: clock points that have come.
#pragma once

#include "bot/base/time.hpp"
#include "handlers/router.hpp"

#include <memory>
#include <vector>

namespace esc::handlers {

// What the last run of the Work fired.
struct Fired {
    std::vector<Instant> points{};  // each point's own moment
    bool more_due = false;
};
// Fires the points that are due at env.now of up to `limit` escalations, each once, with alerts to the rung's recipients.
// Lateness is kept in the alert's facts.
[[nodiscard]] Work fire_due_points(Env const& env, int limit, std::shared_ptr<Fired> fired);

}  // namespace esc::handlers
