#include "handlers/due.hpp"

#include "handlers/answers.hpp"
#include "handlers/rules/alerts.hpp"
#include "handlers/rules/wakes.hpp"

namespace esc::handlers {

Work fire_due_points(Env const& env, int limit, std::shared_ptr<Fired> fired) {
    return [now = env.now, trace = env.trace, ladders = rules::ladders_of(*env.people, *env.config), config = env.config, limit,
            fired = std::move(fired)](Tx& tx) {
        *fired = {};
        for (auto const& escalation : tx.due(now, limit)) {
            auto const& ladder = ladders.of(escalation.team);
            auto current = escalation;
            auto const apply = [&](std::optional<Decision> decision) {
                if (!decision) return false;
                for (auto& event : decision->events) {
                    event.trace = trace;
                    fired->points.push_back(event.source_time);
                }
                current = decision->after;
                save(tx, *std::move(decision));
                return true;
            };
            apply(rules::fire_due(current, ladder, now));
            while (apply(rules::wake(current, ladder, now))) {
            }
        }
        // Without progress there is nothing to come back for at once.
        fired->more_due = !fired->points.empty() && !tx.due(now, 1).empty();
        return done();
    };
}

}  // namespace esc::handlers
