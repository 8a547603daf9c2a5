// Who is told when a point passes, and what is told. An alert always has a recipient.
#pragma once

#include "bot/base/config.hpp"
#include "bot/base/result.hpp"
#include "handlers/people.hpp"
#include "handlers/rules/sla.hpp"
#include "store/model.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace esc::rules {

// The people an alert can fall back on, taken from People before the store's thread is entered.
struct Ladder {
    std::vector<PersonId> leads{};
    std::vector<PersonId> managers{};
    std::vector<PersonId> admins{};
};
// Of the workspace and of each team, since a Work learns the team only from the escalation.
struct Ladders {
    Ladder workspace{};
    std::map<std::string, Ladder, std::less<>> teams{};
    [[nodiscard]] Ladder const& of(std::string_view team) const {
        auto const found = teams.find(team);
        return found == teams.end() ? workspace : found->second;
    }
};
[[nodiscard]] Ladders ladders_of(People const& people, Config const& config);
// The managers, and where there are none who stands in: admins, else leads.
[[nodiscard]] std::vector<PersonId> managers_or_next(Ladder const& ladder);
// Both, each once; without either the admins.
[[nodiscard]] std::vector<PersonId> leads_and_managers(Ladder const& ladder);
// The leads, else managers, else admins.
[[nodiscard]] std::vector<PersonId> leads_or_next(Ladder const& ladder);

// Rung 1: owner. Rung 2: owner and leads. Rung 3: owner, leads and managers. Without an owner, or where a group is empty, the
// next one stands in: leads, else managers, else admins. Each person once, sorted.
[[nodiscard]] std::vector<PersonId> recipients(int rung, PersonId const& owner, Ladder const& ladder);

struct AlertFact;
// When the owner cannot be reached by DM, the warning that only the owner would have got goes to those who stand in. The later
// rungs have other recipients anyway.
[[nodiscard]] std::vector<OutboxItem> stand_ins(AlertFact const& fact, Ladder const& ladder);

// When its recipient turns out to be from outside: those who hear of that rung where there is no owner.
[[nodiscard]] std::vector<OutboxItem> without_recipient(AlertFact const& fact, Ladder const& ladder);

// Why it is said: the point's moment came; or a change left the clock where that point lies behind it.
enum class AlertCause : std::uint8_t { moment = 0, regrade = 1, unmerge = 2 };
[[nodiscard]] std::string_view to_string(AlertCause cause) noexcept;

// What an alert says; kept in the outbox item's body. The rest is rendered from the escalation when it is sent.
struct AlertFact {
    EscalationId escalation{};
    ClockKind clock = ClockKind::owner;
    int generation = 0;
    int rung = 1;
    Instant point_at{};                      // when it was due to be said
    Instant fired_at{};                      // when it was decided
    Instant due{};                           // the clock's
    PersonId to{};                           // empty: the card's thread
    AlertCause cause = AlertCause::moment;   // else `point_at` is when the change was made
    std::int64_t version = 0;                // that the change made; 0 for a moment that came
    [[nodiscard]] std::string body() const;  // JSON
    [[nodiscard]] static Result<AlertFact> parse(std::string_view body);
    // What its key tells: all but when it fired and when its clock was due.
    [[nodiscard]] static std::optional<AlertFact> from_key(std::string_view key);
    // "alert:12:first_response:0:1:<point in µs>:U1" or "…:thread": unique per clock, generation, rung, point and recipient (a
    // configured list may hold several points of rung 2, and a point that a change put ahead again lies at another instant
    // than those that were told). By a change its version stands behind the rung: "3r7", "3u7".
    [[nodiscard]] std::string key() const;
};

// All points that are due: each is counted as fired, the breach marks the clock, one alert per recipient and one in the card's
// thread; without any recipient, who raised it is told. When several points of one clock have passed at once (the service was
// down), only the highest rung alerts, once, with its lateness. Nothing when none is due.
[[nodiscard]] std::optional<Decision> fire_due(Escalation const& before, Ladder const& ladder, Instant now);

// The breach it tells of has been put ahead again by a milder severity; it is told anew when it comes.
[[nodiscard]] bool taken_back(AlertFact const& fact, SlaClock const& clock);
// Not worth sending any more: it was taken back, or a higher rung of the same clock has been told, to this reader as well.
[[nodiscard]] bool outrun(AlertFact const& fact, Escalation const& escalation, Ladder const& ladder, Instant now);

// After a change that moved the points of `clock`, one of `decision.after`: the rung it stands at now is told at once, as the
// points of that rung are not told any more; nothing when it stood there before (`rung_before`) or has stopped.
void alert_changed(Decision& decision, SlaClock const& clock, int rung_before, AlertCause cause, Ladder const& ladder,
                   Instant now);

}  // namespace esc::rules
