// What may become of an escalation, and who may do it: total functions from values to a Decision or a sentence that says
// why not and who may. No clock of their own, no store.
#pragma once

#include "bot/base/config.hpp"
#include "bot/base/result.hpp"
#include "bot/base/time.hpp"
#include "handlers/people.hpp"
#include "handlers/rules/access.hpp"
#include "handlers/rules/alerts.hpp"
#include "store/model.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace esc::rules {

// A message's title until its text is fetched, when it must not be fetched, and when it could not be.
inline constexpr std::string_view interim_title = "Message in a channel, text follows";
inline constexpr std::string_view textless_title = "Message in a channel";

// Code points; whoever raises or shows an escalation keeps to them.
inline constexpr std::size_t title_limit = 150;  // a card's header takes no more
inline constexpr std::size_t account_limit = 80;

struct RaiseRequest {
    EscalationId id{};
    WorkspaceId workspace{};
    Severity severity = Severity::sev3;
    std::string title{};  // may be empty for a message: interim_title until the text is fetched
    std::string description{};
    std::string account{};
    Origin origin = Origin::modal;
    MessageRef source{};
    Instant opened_at{};  // source time; clamped to at most now
    std::string team{};
    std::optional<SeverityAnswers> answers{};  // a SEV1 without them is unconfirmed until a lead or manager says so
    std::string response_url{};                // a slash command's; the link to the card follows there
    std::vector<SourceLink> links{};           // besides the message it is raised from
};
[[nodiscard]] Result<Decision> raise(RaiseRequest const& request, SlaTargets const& targets, By const& by);

inline constexpr std::array cause_classes{
    std::string_view{"bug"},         std::string_view{"configuration"}, std::string_view{"infrastructure"},
    std::string_view{"third_party"}, std::string_view{"user_error"},    std::string_view{"documentation"},
    std::string_view{"unknown"}};
struct ResolveRequest {
    std::string text{};
    std::string exit_criteria{};  // what was checked, or why that was waived; empty for a typed resolve, which is flagged
    std::string cause{};          // one of cause_classes, or empty
    std::optional<bool> preventable{};
    bool customer_told = false;           // by statement: stops the response clocks that still run
    std::optional<Severity> warranted{};  // the level that was right by what could be known; nothing: the one it had
    PersonId asked_by{};                  // who acted for the owner, of what they have said before
};
// Where the customer's messages are seen, one of them without an answer, or none to the first, must be answered before a form
// resolves it; a typed resolve is flagged instead.
// Any active state → resolved. Owner or manager; a SEV1 by the acting owner only where the configuration lets them: else what
// they say is kept, and owner and managers are asked to resolve it. The resolution clock stops and stays with the escalation, for
// a reopen. `asked`: what who acts for the owner has said and still waits; typed anew it replaces the text alone, and who said it
// hears that it is resolved. A response clock that still runs is not met by this, since a status change answers no customer: past
// its due it is breached, else cancelled, and the ledger says "unanswered". Pauses, requests and promises end.
[[nodiscard]] Result<Decision> resolve(Escalation const& before, ResolveRequest const& request, Config const& config,
                                       By const& by, Ladder const& ladder, std::optional<ResolveRequest> const& asked = {});
// What who acts for the owner has said, of the event that keeps it (resolve_asked).
[[nodiscard]] ResolveRequest asked_to_resolve(LedgerEvent const& event);
// Who resolves what another one, who acts for the owner, says to be solved: its owner and managers.
[[nodiscard]] bool has_the_last_word(Escalation const& escalation, By const& by);
// It is not solved: it goes on, and who said so hears why. The ledger keeps it as the end of what was asked.
[[nodiscard]] Result<Decision> deny_resolve(Escalation const& before, PersonId const& asked_by, std::string const& reason,
                                            By const& by);
// resolved → closed: who raised it says that it is solved, or, for a customer outside, its owner or a manager says so for them.
[[nodiscard]] Result<Decision> close(Escalation const& before, By const& by);
// The same by itself, when the window to reopen it is over (wakes.hpp).
[[nodiscard]] Decision window_over(Escalation const& before, By const& by);
// resolved → working: same owner, lock back on, resolution clock continues with the time it had used; the stopped generation
// becomes a row of its own; an answer is owed anew (the next-response clock of `targets`). Owner, lead, manager or the raiser,
// inside the window.
[[nodiscard]] Result<void> may_reopen(Escalation const& before, std::chrono::seconds window, By const& by);
// What both ways back do, at `at`: same owner, lock back on, the resolution forgotten, its clock goes on.
void open_again(Decision& decision, Instant at);
[[nodiscard]] Result<Decision> reopen(Escalation const& before, std::string const& reason, std::chrono::seconds window,
                                      By const& by, SlaTargets const& targets);
// All clocks that stopped with it go on with the time they had used; each stopped one becomes a row of its own.
void continue_clocks(Decision& decision, Instant at);
// new → declined, with a reason that the raiser is told. What a customer raised needs an answer first.
[[nodiscard]] Result<Decision> decline(Escalation const& before, std::string const& reason, By const& by);
// new → declined by who raised it, while nobody owns it, nobody else has raised it as well and two minutes have not passed. The
// message it came from is free again: raised once more it opens a new one. Without a reason: that tells it from a decline.
enum class Raisers : std::uint8_t { one, several };
[[nodiscard]] Result<Decision> undo(Escalation const& before, Raisers raisers, By const& by);

// Sets rank, next_point, updated_at and version; every rule ends with it.
void finish(Decision& decision, Instant now);

}  // namespace esc::rules
