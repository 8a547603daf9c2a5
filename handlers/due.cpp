#include "handlers/due.hpp"

#include "handlers/answers.hpp"
#include "handlers/rules/alerts.hpp"

namespace esc::handlers {

Work fire_due_points(Env const& env, int limit, std::shared_ptr<bool> remaining) {
    return [now = env.now, trace = env.trace, ladder = rules::ladder_of(*env.people), limit,
            remaining = std::move(remaining)](Tx& tx) {
        auto fired = false;
        for (auto const& escalation : tx.due(now, limit)) {
            auto decision = rules::fire_due(escalation, ladder, now);
            if (!decision) continue;
            for (auto& event : decision->events) event.trace = trace;
            save(tx, *std::move(decision));
            fired = true;
        }
        // Without progress there is nothing to come back for at once.
        *remaining = fired && !tx.due(now, 1).empty();
        return done();
    };
}

}  // namespace esc::handlers
