// Commands raised by time: clock points that have come.
#pragma once

#include "handlers/router.hpp"

namespace esc::handlers {

// Fires up to `limit` points that are due at env.now, each once, with alerts to the rung's recipients. `*remaining` is set to
// true when more are due. Lateness is kept in the alert's facts.
[[nodiscard]] Work fire_due_points(Env const& env, int limit, std::shared_ptr<bool> remaining);

}  // namespace esc::handlers
