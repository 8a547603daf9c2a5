// Grading: the five questions, what they come to, the levels with what fits and what does not, and the reason for another one.
// The same inputs stand in the form of an existing escalation and in that of a new one.
#pragma once

#include "bot/base/config.hpp"
#include "bot/slack/blocks.hpp"
#include "handlers/people.hpp"
#include "store/model.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace esc::views {

// Block ids. The five questions are in severity_questions.
inline constexpr std::string_view severity_block = "severity";
inline constexpr std::string_view severity_code_block = "code";
inline constexpr std::string_view severity_reason_block = "severity_reason";
inline constexpr std::string_view as_computed = "computed";  // the choice of no level: what the answers say

// One of the five questions; an answer's value is its place in the enumeration.
struct SeverityQuestion {
    std::string_view block;
    std::string_view label;
    std::array<std::string_view, 5> answers;  // "" beyond the last; the first is "unknown"
};
inline constexpr std::array severity_questions{
    SeverityQuestion{"impact",
                     "How bad is it?",
                     {"Not known", "Production use has stopped", "A core function is badly impaired", "A function is impaired",
                      "A question or a minor fault"}},
    SeverityQuestion{"scope", "Who is affected?", {"Not known", "Everybody", "Many", "Few", ""}},
    SeverityQuestion{
        "workaround", "Is there a workaround?", {"Not known", "None", "A fragile one", "One that people can live with", ""}},
    SeverityQuestion{"data_exposed", "Is data or security exposed?", {"Not known", "Yes", "No", "", ""}},
    SeverityQuestion{"contractual", "Is a commitment in the contract touched?", {"Not known", "Yes", "No", "", ""}}};
// By a question's block id: "0" is unknown. What is no answer leaves it as it was.
void answer(SeverityAnswers& answers, std::string_view block, std::string_view value);
[[nodiscard]] std::string answer_value(SeverityAnswers const& answers, std::string_view block);

// What has been filled in.
struct SeverityForm {
    SeverityAnswers answers{};
    std::optional<Severity> level{};  // nothing: what the answers say
    std::string code{};
    std::string reason{};
};

// Everything from the first question to the reason. `changed_action` is the action of every input that changes what the form
// says; `now`: the level it has, nothing for a new one; `settled`: Details::settled.
void add_severity_inputs(slack::blocks::Modal& modal, Config const& config, SeverityForm const& form,
                         std::string_view changed_action, std::optional<Severity> now, Person const& actor,
                         std::optional<Severity> settled = {});

inline constexpr std::string_view severity_changed_action = "esc.severity.changed";
// What the actor needs a lead's word for is said where it is chosen; who may confirms an unconfirmed SEV1 by a button.
[[nodiscard]] slack::blocks::Modal severity_modal(Escalation const& escalation, Config const& config, SeverityForm const& form,
                                                  Person const& actor);
// As it is: the answers that were given, the level it has.
[[nodiscard]] SeverityForm severity_form(Escalation const& escalation);
// For leads, of what is over. Input: level ("SEV3").
inline constexpr std::string_view grade_block = "level";
[[nodiscard]] slack::blocks::Modal grade_modal(Escalation const& escalation, Config const& config);
// After a button in the form.
[[nodiscard]] slack::blocks::Modal severity_confirmed(Escalation const& escalation);

}  // namespace esc::views
