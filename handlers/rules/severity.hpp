// Severity: five questions → a computed level; another one needs a reason, a big change a lead's or manager's word. Account
// value is no input.
#pragma once

#include "bot/base/config.hpp"
#include "bot/base/result.hpp"
#include "handlers/rules/access.hpp"
#include "handlers/rules/alerts.hpp"
#include "handlers/rules/ownership.hpp"
#include "store/model.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace esc::rules {

// Nothing while every answer is unknown; else the level, unknown answers counting as the milder one.
[[nodiscard]] std::optional<Severity> computed_severity(SeverityAnswers const& answers);

inline constexpr std::array severity_reasons{
    ReasonCode{"business", "Business impact beyond the questions"}, ReasonCode{"contract", "Contract or commitment"},
    ReasonCode{"new_facts", "New facts"}, ReasonCode{"error", "Was graded in error"}, ReasonCode{"other", "Other"}};

struct SeverityChoice {
    std::optional<Severity> level{};           // nothing: the computed one
    std::optional<SeverityAnswers> answers{};  // nothing: as they are
    std::string code{"other"};
    std::string reason{};  // needed when the level is not the computed one
};
// At once, or, when it is two or more levels up or touches SEV1 and the actor is no lead or manager, as a request that leads
// and managers are told of with Approve and Deny. Targets follow the new level with the elapsed time kept; what is overdue by
// that is marked breached, and a downgrade never removes a breach. The same level with the same answers on an unconfirmed SEV1
// by a lead or manager confirms it.
[[nodiscard]] Result<Decision> set_severity(Escalation const& before, SeverityChoice const& choice, Config const& config,
                                            Ladder const& ladder, By const& by);
[[nodiscard]] Result<Decision> approve_severity(Escalation const& before, Config const& config, By const& by);
[[nodiscard]] Result<Decision> deny_severity(Escalation const& before, std::string const& reason, By const& by);
// By a lead or manager.
[[nodiscard]] Result<Decision> confirm_severity(Escalation const& before, By const& by);
// A SEV1 raised without the questions: marked, and told to managers after fifteen minutes.
void mark_unconfirmed(Escalation& fresh, Instant now);

// Nobody has confirmed it in fifteen minutes (wakes.hpp): managers are told, once.
[[nodiscard]] Decision remind_unconfirmed(Escalation const& before, Ladder const& ladder, By const& by);

// The clocks of `severity`, with the time already used kept; for set_severity and merges.
[[nodiscard]] SlaClock retarget(SlaClock clock, std::optional<std::chrono::seconds> target,
                                std::vector<AtRiskPoint> const& at_risk, Instant now);

}  // namespace esc::rules
