// The common shape of everything done to one escalation: load it, see the actor as its team does, let a rule decide, save,
// answer. A verb's file says only what is particular to it.
#pragma once

#include "handlers/answers.hpp"
#include "handlers/router.hpp"
#include "handlers/rules/access.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace esc::handlers {

struct Act {
    CardRef ref{};  // version 0: typed
    // Runs on the store's thread; `tx` is for looking (other escalations, who is away), the decision does the writing.
    std::function<Result<Decision>(Escalation const& before, rules::By const& by, Tx const& tx)> rule{};
    std::function<Outcome(Escalation const& after)> said{};  // empty: nothing to say, the card shows it
    // In a form a refusal stands at this input and the form stays open; empty: as a message.
    std::string block{};
    // Refusals because somebody else owns it are kept in the ledger under this type.
    std::optional<EventType> keep_refusals_as{};
};
[[nodiscard]] Work act(Act act, Env const& env);

// The other way: look, and answer or open a form. `by` is the actor as the escalation's team sees them.
using Look = std::function<Outcome(Escalation const& escalation, rules::By const& by, Snapshot const& snapshot)>;
[[nodiscard]] Query look(EscalationId id, Look look, Env const& env);
// Opens the form when the verb is allowed now; else says who may. So nobody types what will be refused.
[[nodiscard]] Query open_form(rules::Verb verb, EscalationId id,
                              std::function<slack::blocks::Modal(Escalation const&, rules::By const&, Snapshot const&)> form,
                              Env const& env);

// "esc.claim", "esc.override": the action id of a verb's button and the callback id of its form.
[[nodiscard]] std::string route(rules::Verb verb);

}  // namespace esc::handlers
