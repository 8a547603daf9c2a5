// Whether those in charge are there. Some of it nobody tells: a person was deactivated while the service was down, or somebody
// was made owner during a long absence; bot/run looks after that every hour with the functions below.
#pragma once

#include "handlers/router.hpp"
#include "handlers/rules/access.hpp"
#include "handlers/rules/alerts.hpp"
#include "store/tx.hpp"

#include <map>
#include <memory>
#include <vector>

namespace esc::handlers {

// Owners and acting owners of what is open, each once.
[[nodiscard]] std::vector<PersonId> people_in_charge(Snapshot const& snapshot);
// Whether they are active colleagues, as far as it is known: a guest may do nothing, and is as gone as who was deactivated.
using Active = std::map<PersonId, bool>;
// Open ones where somebody in charge is gone, or back, and that does not say so yet.
[[nodiscard]] std::vector<EscalationId> to_look_after(Snapshot const& snapshot, Active const& active, Config const& config,
                                                      Instant now);
// Flags them, takes flags off, ends coverage by somebody who is gone. Owners stay.
[[nodiscard]] Work look_after(std::vector<EscalationId> ids, Active active, Env const& env);
// The same work; when it gives an escalation to somebody who is away for long, or back to them by opening it again, that is
// flagged and told at once, as it is when they go away.
[[nodiscard]] Work minding_absence(Work work, EscalationId id, Env const& env);
// For work that finds only then which escalation it is about: asked before and after.
class Minding {
public:
    explicit Minding(Env const& env);
    void mind(Tx& tx, Escalation const& before) const;

private:
    std::shared_ptr<Config const> config_;
    rules::Ladders ladders_;
    rules::By by_;
};

}  // namespace esc::handlers
