// Who acts for the owner of a SEV1 has said that it is solved: what was said, and whether it still waits for the last word.
#pragma once

#include "handlers/rules/lifecycle.hpp"
#include "store/tx.hpp"

#include <optional>

namespace esc::handlers {

// Since it was resolved, merged or denied the last time; nothing where nobody has.
[[nodiscard]] std::optional<rules::ResolveRequest> said_to_be_solved(EscalationId id, Snapshot const& snapshot);
// The same while who said it acts for the owner of what goes on: for the card and for who may say no.
[[nodiscard]] std::optional<rules::ResolveRequest> waits_to_be_resolved(Escalation const& escalation, Snapshot const& snapshot);

}  // namespace esc::handlers
