// Whether those in charge are there. Some of it nobody tells: a person was deactivated while the service was down, or somebody
// was made owner during a long absence; bot/run looks after that every hour with the functions below.
#pragma once

#include "handlers/router.hpp"
#include "store/tx.hpp"

#include <map>
#include <vector>

namespace esc::handlers {

// Owners and acting owners of what is open, each once.
[[nodiscard]] std::vector<PersonId> people_in_charge(Snapshot const& snapshot);
// Whether they are active, as far as it is known.
using Active = std::map<PersonId, bool>;
// Open ones where somebody in charge is gone, or back, and that does not say so yet.
[[nodiscard]] std::vector<EscalationId> to_look_after(Snapshot const& snapshot, Active const& active, Config const& config,
                                                      Instant now);
// Flags them, takes flags off, ends coverage by somebody who is gone. Owners stay.
[[nodiscard]] Work look_after(std::vector<EscalationId> ids, Active active, Env const& env);

}  // namespace esc::handlers
