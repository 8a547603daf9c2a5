// What may become of an escalation, and who may do it: total functions from values to a Decision or a sentence that says
// why not and who may. No clock of their own, no store.
#pragma once

#include "bot/base/config.hpp"
#include "bot/base/result.hpp"
#include "bot/base/time.hpp"
#include "handlers/people.hpp"
#include "store/model.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace esc::rules {

// Why something was refused, as Error::cause. The message is a whole sentence without names, since rules know ids only;
// a handler that can render a mention adds who owns it.
namespace refusal {
inline constexpr std::string_view owned = "owned";        // another person is the locked owner
inline constexpr std::string_view yours = "yours";        // the actor owns it already
inline constexpr std::string_view unowned = "unowned";    // needs an owner first
inline constexpr std::string_view not_open = "not_open";  // resolved or over
inline constexpr std::string_view not_resolved = "not_resolved";
inline constexpr std::string_view too_late = "too_late";  // the reopen window is over
inline constexpr std::string_view role = "role";          // this actor's role may not
inline constexpr std::string_view target = "target";      // this person cannot be the owner
inline constexpr std::string_view answered = "answered";  // first response does not run (any more)
inline constexpr std::string_view text = "text";          // a text is missing
}  // namespace refusal

// A message's title until its text is fetched, when it must not be fetched, and when it could not be.
inline constexpr std::string_view interim_title = "Message in a channel, text follows";
inline constexpr std::string_view private_title = "Message in a private channel";
inline constexpr std::string_view textless_title = "Message in a channel";

// Code points; whoever raises or shows an escalation keeps to them.
inline constexpr std::size_t title_limit = 150;  // a card's header takes no more
inline constexpr std::size_t account_limit = 80;

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
    std::string title{};  // may be empty for a message: interim_title until the text is fetched
    std::string description{};
    std::string account{};
    Origin origin = Origin::modal;
    MessageRef source{};
    Instant opened_at{};         // source time; clamped to at most now
    std::string response_url{};  // a slash command's; the link to the card follows there
};
[[nodiscard]] Result<Decision> raise(RaiseRequest const& request, SlaTargets const& targets, By const& by);

// new → working by taking it; locks and accepts. By the owner who has not accepted yet: accepts. Errc::conflict names the
// owner otherwise ("<@ana> has it already" is said by the handler, which can mention).
[[nodiscard]] Result<Decision> claim(Escalation const& before, By const& by);
// new → working by a lead or manager; locks, not yet accepted. Errc::forbidden for others, Errc::conflict once owned: only a
// manager's override moves the owner.
[[nodiscard]] Result<Decision> assign(Escalation const& before, Person const& to, By const& by);
// A refused claim or assign for the ledger, with the version it was refused at: the handler keeps one per actor and version, so
// that a second claim and an agent's assign are on record and hammering a button adds nothing.
[[nodiscard]] LedgerEvent refused(EventType type, Escalation const& before, Error const& why, By const& by);
// The owner (or a lead or manager) states that the customer was answered: stops first response.
[[nodiscard]] Result<Decision> replied(Escalation const& before, By const& by);
// Any open and owned state → resolved. Owner or manager. The resolution clock stops and stays with the escalation, for a
// reopen. A first response that still runs is not met by this, since a status change answers no customer:
// past its due it is breached, else cancelled, and the ledger says "unanswered".
[[nodiscard]] Result<void> may_resolve(Escalation const& before, Person const& actor);
[[nodiscard]] Result<Decision> resolve(Escalation const& before, std::string const& text, By const& by);
// resolved → working: same owner, lock back on, resolution clock continues with the time it had used; the stopped generation
// becomes a row of its own. Owner, lead, manager or the raiser, inside the window.
[[nodiscard]] Result<void> may_reopen(Escalation const& before, std::chrono::seconds window, Person const& actor, Instant now);
[[nodiscard]] Result<Decision> reopen(Escalation const& before, std::string const& reason, std::chrono::seconds window,
                                      By const& by);

// Sets rank, next_point, updated_at and version; every rule ends with it.
void finish(Decision& decision, Instant now);

}  // namespace esc::rules
