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
#include <vector>

namespace esc::rules {

// Nothing while every answer is unknown; else the level, unknown answers counting as the mildest one.
//
//   many or everybody affected   no workaround   fragile one   acceptable one
//   production use stopped       SEV1            SEV2          SEV2 for everybody, SEV3 for many
//   a core function impaired     SEV2            SEV2          SEV3
//   a function impaired          SEV3            SEV3          SEV3
//   question or minor fault      SEV4            SEV4          SEV4
//
//   few affected                 no workaround   fragile one   acceptable one
//   production use stopped       SEV2            SEV2          SEV3
//   a core function impaired     SEV2            SEV3          SEV3
//   a function impaired          SEV3            SEV3          SEV3
//   question or minor fault      SEV4            SEV4          SEV4
//
// Data or security exposed: SEV1 without a workaround, else at least SEV2. A commitment in the contract touched: at least SEV2
// without a workaround, else at least SEV3.
[[nodiscard]] std::optional<Severity> computed_severity(SeverityAnswers const& answers);

inline constexpr std::array severity_reasons{
    ReasonCode{"business", "Business impact beyond the questions"}, ReasonCode{"contract", "Contract or commitment"},
    ReasonCode{"new_facts", "New facts"}, ReasonCode{"error", "Was graded in error"}, ReasonCode{"other", "Other"}};
[[nodiscard]] ReasonCode const* severity_reason(std::string_view code);  // null: there is no such code

inline constexpr int levels_up_to_confirm = 2;  // so many at once need a lead's or manager's word

struct SeverityChoice {
    std::optional<Severity> level{};           // nothing: the computed one
    std::optional<SeverityAnswers> answers{};  // nothing: as they are
    std::string code{"other"};
    std::string reason{};  // needed when the level is not the computed one
};
// Whether the change would be asked for, not made: two or more levels up (from `settled`, in whatever steps, or from what the
// answers say), or to or from SEV1, by less than a lead. `settled`: Details::settled; nothing: the level it has.
[[nodiscard]] bool needs_a_word(Severity now, std::optional<Severity> settled, std::optional<Severity> computed, Severity wanted,
                                Person const& actor);
// At once, or, when needs_a_word, as a request that leads and managers are told of with Approve and Deny; a newer one takes its
// place, and who asked for the other is told. Targets follow the new level with the elapsed time kept. The rung at which a clock
// stands by that alone is told at once; what is overdue is kept apart ("breached_on_regrade" in the event, "on re-grade" in the
// alert). A downgrade never removes a breach from the outcome, but what lies ahead by the milder level is told when it comes, and
// what was told as overdue and is not any more is taken back. What was due before is alerted first. The same level with the same
// answers on an unconfirmed SEV1 by a lead or manager confirms it.
[[nodiscard]] Result<Decision> set_severity(Escalation const& before, SeverityChoice const& choice, Config const& config,
                                            Ladder const& ladder, By const& by);
// What was asked for comes true; an unconfirmed SEV1 for which nothing else is asked is confirmed.
[[nodiscard]] Result<Decision> approve_severity(Escalation const& before, Config const& config, Ladder const& ladder,
                                                By const& by);
[[nodiscard]] Result<Decision> deny_severity(Escalation const& before, std::string const& reason, By const& by);
// By a lead or manager: the one way to confirm, whatever word or button leads here.
[[nodiscard]] Result<Decision> confirm_severity(Escalation const& before, By const& by);
// A SEV1 raised without the questions: marked, and told to managers after fifteen minutes.
void mark_unconfirmed(Escalation& fresh, Instant now);

// By itself (wakes.hpp). Nobody has confirmed it in fifteen minutes: managers are told, once.
[[nodiscard]] Decision remind_unconfirmed(Escalation const& before, Ladder const& ladder, By const& by);
// A request waits as a transfer does: after fifteen minutes leads and managers are told of it once more, and at the end it
// expires and the level stays.
[[nodiscard]] Decision remind_severity(Escalation const& before, Ladder const& ladder, By const& by);
[[nodiscard]] Decision expire_severity(Escalation const& before, Ladder const& ladder, By const& by);

// A notice's button that is no verb: confirms it as it is, with one to lower it beside.
inline constexpr std::string_view confirm_word = "confirm";

// The level with which something is raised. Nobody waits for a lead's word to raise a SEV1: it runs as SEV1 and is unconfirmed.
// Any other choice that needs a word runs as the answers say until a lead or manager has said yes.
struct RaisedSeverity {
    Severity severity = Severity::sev3;  // without answers and without a level: SEV3
    std::optional<SeverityAnswers> answers{};
    std::optional<Severity> computed{};
    std::optional<Severity> asked_for{};  // what a lead or manager must say yes to
    bool unconfirmed = false;             // a SEV1 against the answers
    std::string code{};                   // why it is not what the answers say
    std::string reason{};
};
[[nodiscard]] Result<RaisedSeverity> raised_severity(SeverityChoice const& choice, Person const& actor);
// Writes into what rules::raise decided why its level is not what the answers say, and asks for what needs a word: leads are told
// at once of an unconfirmed SEV1.
void explain_raised_severity(Decision& raised, RaisedSeverity const& how, Config const& config, Ladder const& ladder,
                             By const& by);

// The clocks of `severity`, with the time already used kept; for set_severity and merges. Points that lie at or before `now` (for
// a paused clock: before its pause) are passed over. Without a target the clock stays as it is: whoever asks cancels it.
[[nodiscard]] SlaClock retarget(SlaClock clock, std::optional<std::chrono::seconds> target,
                                std::vector<AtRiskPoint> const& at_risk, Instant now);

}  // namespace esc::rules
