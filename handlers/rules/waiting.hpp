// Waiting on somebody: on the customer or a vendor the resolution clock pauses, with a reason and a longest time; on
// engineering it never does, and a clock of its own asks for a named engineer.
#pragma once

#include "bot/base/config.hpp"
#include "bot/base/result.hpp"
#include "handlers/rules/access.hpp"
#include "handlers/rules/alerts.hpp"
#include "store/model.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace esc::rules {

struct WaitRequest {
    State on = State::waiting_customer;
    std::string reason{};
    bool asked = false;                  // customer: "they were asked" was ticked; where messages are seen, seeing it is enough
    std::string reference{};             // vendor
    std::optional<Instant> review_at{};  // at most the pause cap away, unless a manager waits; customer: nothing is the cap
    // Engineering: all four, else refused with what is missing.
    std::string repro{};
    std::string logs{};
    std::string impact{};
    std::string deadline{};
    PersonId engineer{};  // may be empty: whoever accepts by name
};
// working → waiting_*. Customer: needs a question sent after the customer's last message; the pause starts at that message's
// time, unless that is longer ago than a pause may last. Where the customer's messages are not seen, it must be stated that they
// were asked. Vendor: reference and review time; on SEV1 and SEV2 a lead or manager must do it, since the promise to the customer
// pauses. Engineering: starts the engineering clock, and nothing pauses. All: reason; a pause ends by itself at the review time
// or after [service] pause_cap, and the event says when it began within ten minutes of the customer's last message.
[[nodiscard]] Result<Decision> wait(Escalation const& before, WaitRequest const& request, Config const& config, By const& by);
// A manager puts off the end of a pause, also beyond the cap, by at most `pause_longest` from now: an override on record, with a
// reason that the owner reads.
inline constexpr std::chrono::days pause_longest{90};
[[nodiscard]] Result<Decision> wait_longer(Escalation const& before, Instant until, std::string const& reason, By const& by);
// What a form needs to know before it asks: errors that no answer can mend.
[[nodiscard]] Result<void> may_wait(Escalation const& before, State on, By const& by);

// An engineer accepts by name what waits on engineering: stops that clock and makes the engineer a participant.
[[nodiscard]] Result<Decision> engineering_accept(Escalation const& before, By const& by);
// Who resumes it does so for engineering, not as its owner or manager.
[[nodiscard]] bool resumes_as_engineer(Escalation const& escalation, By const& by);

inline constexpr std::array bounce_reasons{std::string_view{"not_ours"}, std::string_view{"more_information"},
                                           std::string_view{"works_as_designed"}, std::string_view{"cannot_reproduce"},
                                           std::string_view{"other"}};
// waiting_* or mitigated → working. By the owner or a manager, or the engineer (fixed, or given back with `bounce_reason`,
// which counts a bounce; the second one alerts managers and leads).
[[nodiscard]] Result<Decision> resume(Escalation const& before, std::string const& text, std::string_view bounce_reason,
                                      Ladder const& ladder, By const& by);
// The pause ends by itself (wakes.hpp): back to working, the owner is nudged, leads hear of it.
[[nodiscard]] Decision pause_over(Escalation const& before, Ladder const& ladder, By const& by);
// any active → mitigated, with the workaround's text.
[[nodiscard]] Result<Decision> mitigate(Escalation const& before, std::string const& workaround, By const& by);

}  // namespace esc::rules
