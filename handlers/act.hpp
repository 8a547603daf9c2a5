// The common shape of everything done to one escalation: load it, see the actor as its team does, let a rule decide, save,
// answer. A verb's file says only what is particular to it.
#pragma once

#include "handlers/answers.hpp"
#include "handlers/router.hpp"
#include "handlers/rules/access.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace esc::handlers {

// The inputs of a form at which refusals stand, by their cause (rules::refusal). Both are constants.
using Inputs = std::map<std::string_view, std::string_view>;
// The answer to a refusal. What another answer mends stands at its input and the form stays open; anything else (who may not,
// somebody was faster, another state) is a message, which takes a form's place, with `written` below it so that nothing is lost.
[[nodiscard]] Outcome refusal(Escalation const& before, Error const& error, Inputs const& inputs, std::string_view written,
                              Snapshot const& snapshot);

// What was done, for the answer to it.
struct Acted {
    Escalation const& before;
    Escalation const& after;
    rules::By const& by;
    Snapshot const& snapshot;  // after it
};

struct Act {
    CardRef ref{};  // version 0: typed
    // Runs on the store's thread; `tx` is for looking (other escalations, who is away), the decision does the writing.
    std::function<Result<Decision>(Escalation const& before, rules::By const& by, Tx const& tx)> rule{};
    std::function<Outcome(Acted const& acted)> said{};  // empty: nothing to say, the card shows it
    // Of a form that came back, for refusal(); a button and a typed verb have none.
    Inputs inputs{};
    std::string written{};
    // Refusals that are to be looked at later (refusal_is_kept) go into the ledger under this type.
    std::optional<EventType> keep_refusals_as{};
};
[[nodiscard]] Work act(Act act, Env const& env);

// The other way: look, and answer or open a form. `by` is the actor as the escalation's team sees them.
using Look = std::function<Outcome(Escalation const& escalation, rules::By const& by, Snapshot const& snapshot)>;
[[nodiscard]] Query look(EscalationId id, Look look, Env const& env);
// Opens the form when that is allowed now; else says who may. So nobody types what will be refused.
using May = std::function<Result<void>(Escalation const& escalation, rules::By const& by)>;
using Form = std::function<slack::blocks::Modal(Escalation const& escalation, rules::By const& by, Snapshot const& snapshot)>;
[[nodiscard]] Query open_form(May may, EscalationId id, Form form, Env const& env);
[[nodiscard]] Query open_form(rules::Verb verb, EscalationId id, Form form, Env const& env);  // by the table alone

// "esc.claim", "esc.override": the action id of a verb's button and the callback id of its form.
[[nodiscard]] std::string route(rules::Verb verb);

}  // namespace esc::handlers
