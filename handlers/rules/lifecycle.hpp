// What may become of an escalation, and who may do it: total functions from values to a Decision or a sentence that says
// why not and who may (domain.md sections 2, 3 and 6). No clock of their own, no store.
#pragma once

#include "bot/base/config.hpp"
#include "bot/base/result.hpp"
#include "bot/base/time.hpp"
#include "handlers/people.hpp"
#include "store/model.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace esc::rules {

// The acting side of every rule.
struct By {
    Person actor{};
    Instant now{};
    std::string trace{};
};

struct RaiseRequest {
    EscalationId id{};
    WorkspaceId workspace{};
    Severity severity = Severity::sev3;
    std::string title{};  // may be empty for a reaction: "Message from …" until the text is fetched
    std::string description{};
    std::string account{};
    Origin origin = Origin::modal;
    MessageRef source{};
    Instant opened_at{};         // source time; clamped to at most now
    std::string response_url{};  // a slash command's; the link to the card follows there
};
[[nodiscard]] Result<Decision> raise(RaiseRequest const& request, SlaTargets const& targets, By const& by);

// new → working by taking it; locks and accepts. By the owner who has not accepted yet: accepts. Errc::conflict names the
// owner otherwise ("Ana was faster" is said by the handler, which knows names).
[[nodiscard]] Result<Decision> claim(Escalation const& before, By const& by);
// new → working by a lead or manager; locks, not yet accepted. Errc::forbidden for others, Errc::conflict once owned: only a
// manager's override moves the owner.
[[nodiscard]] Result<Decision> assign(Escalation const& before, Person const& to, By const& by);
// The first refusal of a second claim, and of an assign by an agent, is kept in the ledger.
[[nodiscard]] LedgerEvent refused(EventType type, Error const& why, By const& by);
// The owner (or a lead or manager) states that the customer was answered: stops first response.
[[nodiscard]] Result<Decision> replied(Escalation const& before, By const& by);
// Any open and owned state → resolved. Owner or manager.
[[nodiscard]] Result<Decision> resolve(Escalation const& before, std::string const& text, By const& by);
// resolved → working: same owner, lock back on, resolution clock continues. Owner, lead, manager or the raiser, inside the
// window.
[[nodiscard]] Result<Decision> reopen(Escalation const& before, std::string const& reason, std::chrono::seconds window,
                                      By const& by);

// Sets rank, next_point, updated_at and version; every rule ends with it.
void finish(Decision& decision, Instant now);

}  // namespace esc::rules
