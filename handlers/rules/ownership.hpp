// Who owns it: locked from the first assignment until it is resolved; only a manager's word (or, marked as such, breaking the
// glass) moves it. Acting owners and absence change nothing about that.
#pragma once

#include "bot/base/config.hpp"
#include "bot/base/result.hpp"
#include "handlers/people.hpp"
#include "handlers/rules/access.hpp"
#include "handlers/rules/alerts.hpp"
#include "store/model.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace esc::rules {

// new → working by taking it; locks and accepts. By the owner who has not accepted yet: accepts.
[[nodiscard]] Result<Decision> claim(Escalation const& before, By const& by);
// The owner takes on what was assigned; stops the acceptance clock. As an engineer: see waiting.hpp.
[[nodiscard]] Result<Decision> accept(Escalation const& before, By const& by);
// What a form needs to know before it asks.
[[nodiscard]] Result<void> may_assign(Escalation const& before, By const& by);
// new → working by a lead or manager; locks, and starts the acceptance clock unless given to oneself.
[[nodiscard]] Result<Decision> assign(Escalation const& before, Person const& to, Config const& config, By const& by);
// A refused claim, assign or override for the ledger, with the version it was refused at: the handler keeps one per actor and
// version, so that hammering a button adds nothing.
[[nodiscard]] LedgerEvent refused(EventType type, Escalation const& before, Error const& why, By const& by);

// The owner asks managers for another owner (`to` empty: they choose). One at a time; a new one replaces the old. Managers are
// told with Approve and Deny; reminded half-way; at the end it expires and the owner is still the owner.
[[nodiscard]] Result<Decision> request_transfer(Escalation const& before, Person const* to, std::string const& reason,
                                                Config const& config, Ladder const& ladder, By const& by);
// By a manager; with [ownership] second_approver, from the second move on, not the one who asked. `to`: whom the request names,
// else whom the manager names; null: nobody, or nobody who is known. `from`: who owns it, null: not known. Counts as a move like
// an override: asker and new owner are told, and a bounced escalation is announced.
[[nodiscard]] Result<Decision> approve_transfer(Escalation const& before, Person const* to, Config const& config,
                                                Ladder const& ladder, By const& by, Person const* from);
[[nodiscard]] Result<Decision> deny_transfer(Escalation const& before, std::string const& reason, By const& by);

struct ReasonCode {
    std::string_view code;
    std::string_view label;
};
inline constexpr std::array owner_reasons{
    ReasonCode{"skill", "Skill"},       ReasonCode{"conflict", "Conflict of interest"}, ReasonCode{"leave", "Leave"},
    ReasonCode{"workload", "Workload"}, ReasonCode{"customer", "Customer request"},     ReasonCode{"error", "Assigned in error"},
    ReasonCode{"other", "Other"}};
inline constexpr std::size_t override_text_min = 15;  // characters that can be seen, white space at the ends not counted
inline constexpr int bounced_from = 2;                // hops

struct OverrideRequest {
    Person to{};
    std::string code{"other"};
    std::string text{};
    bool break_glass = false;      // a lead or admin says that no manager can be reached
    std::optional<Person> from{};  // who owns it, where that one is known: moves between teams are counted
};
// Moves the accountable owner at once. By a manager; by a lead or admin only with break_glass, which managers are told and the
// audit shows. With [ownership] second_approver a manager's move from the second on is a request that another manager approves as
// a transfer. Locks for the new owner, who is asked to accept; both are told; counts a hop, and from the second on managers and
// leads hear of a bounced escalation.
[[nodiscard]] Result<Decision> override_owner(Escalation const& before, OverrideRequest const& request, Config const& config,
                                              Ladder const& ladder, By const& by);

// By itself (wakes.hpp): managers are told of the request again; it expires; the owner is still gone.
[[nodiscard]] Decision remind_transfer(Escalation const& before, Ladder const& ladder, By const& by);
[[nodiscard]] Decision expire_transfer(Escalation const& before, Ladder const& ladder, By const& by);
[[nodiscard]] Decision remind_owner_gone(Escalation const& before, Ladder const& ladder, By const& by);

inline constexpr std::chrono::hours coverage_max{24 * 14};
// An acting owner until `until`: gets the alerts and acts; the accountable owner stays. Replaces a running coverage.
[[nodiscard]] Result<Decision> cover(Escalation const& before, Person const& acting, Instant until, By const& by);
// Who acts for the owner, and has no other role by which to name somebody, can end that and nothing more.
[[nodiscard]] bool only_hands_back(Escalation const& escalation, By const& by);
// Before its time, by who may start one or by the acting owner; or at it, by itself.
[[nodiscard]] Result<Decision> end_coverage(Escalation const& before, By const& by);

// How an owner is not there: deactivated (or made a guest, which is the same here), or away until a moment that they named.
struct Absence {
    bool deactivated = false;
    std::optional<Instant> until{};
};
inline constexpr std::chrono::hours unavailable_again{1};
// The owner is away past the limit or was deactivated: flagged, managers are told every hour until somebody owns it who is
// there; while an acting owner covers an absence, once. Nothing when it is flagged so already or not open and owned.
[[nodiscard]] std::optional<Decision> owner_gone(Escalation const& before, Absence const& absence, Ladder const& ladder,
                                                 By const& by);
// Takes the flag off; nothing without one.
[[nodiscard]] std::optional<Decision> owner_back(Escalation const& before, By const& by);

}  // namespace esc::rules
