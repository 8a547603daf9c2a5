#include "handlers/due.hpp"

#include "handlers/answers.hpp"
#include "handlers/rules/alerts.hpp"

namespace esc::handlers {

Work fire_due_points(Env const& env, int limit, std::shared_ptr<Fired> fired) {
    return [now = env.now, trace = env.trace, ladder = rules::ladder_of(*env.people), limit, fired = std::move(fired)](Tx& tx) {
        *fired = {};
        for (auto const& escalation : tx.due(now, limit)) {
            auto decision = rules::fire_due(escalation, ladder, now);
            if (!decision) continue;
            for (auto& event : decision->events) {
                event.trace = trace;
                fired->points.push_back(event.source_time);
            }
            save(tx, *std::move(decision));
        }
        // Without progress there is nothing to come back for at once.
        fired->more_due = !fired->points.empty() && !tx.due(now, 1).empty();
        return done();
    };
}

}  // namespace esc::handlers
