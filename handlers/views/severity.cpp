#include "handlers/views/severity.hpp"

#include "handlers/card_ref.hpp"
#include "handlers/rules/severity.hpp"
#include "handlers/rules/work.hpp"
#include "handlers/views/parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace esc::views {

namespace blocks = slack::blocks;

namespace {

constexpr std::size_t guide_text_max = 300;

std::string guide_text(std::string_view text) { return blocks::escape(blocks::cut(blocks::one_line(text), guide_text_max)); }

void add_lines(std::string& to, std::string_view mark, std::vector<std::string> const& texts) {
    for (auto const& text : texts) to += fmt::format("\n{} {}", mark, guide_text(text));
}

// Criterion, what fits and what does not, of one level.
blocks::Block guide(Severity severity, SeverityText const& text) {
    auto lines = fmt::format("*{}* {}", to_string(severity), guide_text(text.criteria));
    add_lines(lines, "✅ Fits:", text.examples);
    add_lines(lines, "❌ Does not:", text.counter_examples);
    return blocks::context({blocks::mrkdwn_text(lines)});
}

blocks::InputBlock question(SeverityQuestion const& asked, SeverityAnswers const& answers, std::string_view changed_action) {
    auto const given = answer_value(answers, asked.block);
    blocks::Choice choice{.action_id = std::string{changed_action},
                          .initial_value = given == "0" ? std::string{} : given,
                          .placeholder = std::string{asked.answers.front()}};
    for (std::size_t value = 0; value < asked.answers.size(); ++value)
        if (!asked.answers[value].empty())
            choice.options.push_back({.text = std::string{asked.answers[value]}, .value = std::to_string(value)});
    return blocks::input({.block_id = std::string{asked.block},
                          .label = std::string{asked.label},
                          .element = blocks::static_select(choice),
                          .optional = true,
                          .dispatch_action = true});
}

blocks::Block what_the_answers_say(Config const& config, std::optional<Severity> computed) {
    if (!computed)
        return blocks::context({blocks::mrkdwn_text("Answer what you know. What is not known counts as the milder answer.")});
    return blocks::section(blocks::mrkdwn("The answers say {}: {}", blocks::raw(fmt::format("*{}*", to_string(*computed))),
                                          blocks::one_line(config.text(*computed).criteria)));
}

blocks::InputBlock level_choice(Config const& config, SeverityForm const& form, std::string_view changed_action, bool fresh) {
    blocks::Choice choice{.action_id = std::string{changed_action},
                          .initial_value = std::string{form.level ? to_string(*form.level) : as_computed}};
    choice.options.push_back({.text = "As the answers say",
                              .value = std::string{as_computed},
                              .description = fresh ? "SEV3 when none is answered" : "Answer at least one of the questions"});
    for (auto const severity : all_severities) {
        auto const name = std::string{to_string(severity)};
        choice.options.push_back({.text = name, .value = name, .description = config.text(severity).criteria});
    }
    return blocks::input({.block_id = std::string{severity_block},
                          .label = "Severity",
                          .element = blocks::radio_buttons(choice),
                          .dispatch_action = true});
}

// What follows from choosing that level; empty when nothing does.
std::string consequence(SeverityForm const& form, std::optional<Severity> computed, std::optional<Severity> now,
                        std::optional<Severity> settled, Person const& actor) {
    auto const wanted = form.level ? form.level : computed;
    if (!wanted) return {};
    if (!now && !computed && *wanted == Severity::sev1)
        return "Without answers it runs as SEV1 at once and stays unconfirmed until a lead or manager has said yes. Answer what "
               "you know: it helps them.";
    std::string said;
    auto const differs = computed ? *wanted != *computed : now && *wanted != *now;
    if (differs)
        said = computed ? fmt::format("The answers say {}: say below why it is {}.", to_string(*computed), to_string(*wanted))
                        : fmt::format("Say below why it is {}.", to_string(*wanted));
    auto const from = now ? now : computed;
    if (!from || !rules::needs_a_word(*from, settled, computed, *wanted, actor)) return said;
    if (!said.empty()) said += ' ';
    if (!now && *wanted == Severity::sev1)
        return said + "It runs as SEV1 at once and stays unconfirmed until a lead or manager has said yes.";
    return said + fmt::format("{} needs a lead's or manager's word: they are asked, and until then it is {}.", to_string(*wanted),
                              to_string(*from));
}

}  // namespace

void answer(SeverityAnswers& answers, std::string_view block, std::string_view value) {
    auto const* const asked = std::find_if(severity_questions.begin(), severity_questions.end(),
                                           [&](SeverityQuestion const& one) { return one.block == block; });
    if (asked == severity_questions.end() || value.size() != 1 || value.front() < '0') return;
    auto const place = static_cast<std::size_t>(value.front() - '0');
    if (place >= asked->answers.size() || asked->answers[place].empty()) return;
    if (block == "impact") answers.impact = static_cast<SeverityAnswers::Impact>(place);
    if (block == "scope") answers.scope = static_cast<SeverityAnswers::Scope>(place);
    if (block == "workaround") answers.workaround = static_cast<SeverityAnswers::Workaround>(place);
    if (block == "data_exposed") answers.data_exposed = static_cast<SeverityAnswers::YesNo>(place);
    if (block == "contractual") answers.contractual = static_cast<SeverityAnswers::YesNo>(place);
}

std::string answer_value(SeverityAnswers const& answers, std::string_view block) {
    auto place = 0;
    if (block == "impact") place = static_cast<int>(answers.impact);
    if (block == "scope") place = static_cast<int>(answers.scope);
    if (block == "workaround") place = static_cast<int>(answers.workaround);
    if (block == "data_exposed") place = static_cast<int>(answers.data_exposed);
    if (block == "contractual") place = static_cast<int>(answers.contractual);
    return std::to_string(place);
}

void add_severity_inputs(blocks::Modal& modal, Config const& config, SeverityForm const& form, std::string_view changed_action,
                         std::optional<Severity> now, Person const& actor, std::optional<Severity> settled) {
    auto const computed = rules::computed_severity(form.answers);
    for (auto const& asked : severity_questions) modal += question(asked, form.answers, changed_action);
    modal += what_the_answers_say(config, computed);
    modal += level_choice(config, form, changed_action, !now);
    for (auto const severity : all_severities) modal += guide(severity, config.text(severity));
    if (auto const said = consequence(form, computed, now, settled, actor); !said.empty())
        modal += blocks::section(blocks::mrkdwn("⚠ {}", said));
    blocks::Choice codes{.action_id = std::string{severity_code_block}, .initial_value = form.code, .placeholder = "Other"};
    for (auto const& reason : rules::severity_reasons)
        codes.options.push_back({.text = std::string{reason.label}, .value = std::string{reason.code}});
    modal += blocks::input({.block_id = std::string{severity_code_block},
                            .label = "Kind of reason",
                            .element = blocks::static_select(codes),
                            .optional = true});
    modal += blocks::input({.block_id = std::string{severity_reason_block},
                            .label = "Why this level?",
                            .element = blocks::plain_text_input({.action_id = std::string{severity_reason_block},
                                                                 .initial_value = form.reason,
                                                                 .multiline = true,
                                                                 .max_length = static_cast<int>(rules::work_text_limit)}),
                            .hint = "Needed when it is not what the answers say.",
                            .optional = true});
}

blocks::Modal severity_modal(Escalation const& escalation, Config const& config, SeverityForm const& form, Person const& actor) {
    auto modal = on_existing(escalation, rules::Verb::severity, "Severity");
    modal.submit = "Save";
    auto const& details = escalation.details;
    auto const decides = actor.role >= Role::lead;
    if (details.unconfirmed_since) {
        auto const who = decides ? "confirm it or lower it" : "a lead or manager confirms or lowers it";
        modal += blocks::section(blocks::mrkdwn("{} since {}: nobody has answered for it yet, {}.",
                                                blocks::raw(fmt::format("*Unconfirmed {}*", to_string(escalation.severity))),
                                                blocks::date(*details.unconfirmed_since), who));
        if (decides) modal += blocks::actions("", {confirm_button(escalation)});
    }
    if (auto const& request = details.severity_request)
        modal +=
            blocks::section(blocks::mrkdwn("{} asked for {}, {}. What is saved here settles that.", blocks::person(request->by),
                                           std::string{to_string(request->to)}, blocks::date(request->at)));
    add_severity_inputs(modal, config, form, severity_changed_action, escalation.severity, actor, details.settled);
    return modal;
}

SeverityForm severity_form(Escalation const& escalation) {
    SeverityForm form;
    form.answers = escalation.details.answers.value_or(SeverityAnswers{});
    form.level = escalation.severity;
    if (escalation.details.computed == escalation.severity) form.level.reset();
    return form;
}

blocks::Modal grade_modal(Escalation const& escalation, Config const& config) {
    auto modal = on_existing(escalation, rules::Verb::grade, "Grade");
    auto const& said = escalation.details.warranted;
    blocks::Choice choice{.action_id = std::string{grade_block},
                          .initial_value = std::string{to_string(said ? said->level : escalation.severity)}};
    for (auto const severity : all_severities)
        choice.options.push_back(
            {.text = fmt::format("{}{}", to_string(severity), severity == escalation.severity ? " (as it was)" : ""),
             .value = std::string{to_string(severity)},
             .description = config.text(severity).criteria});
    modal += blocks::input({.block_id = std::string{grade_block},
                            .label = "Which level was warranted?",
                            .element = blocks::radio_buttons(choice),
                            .hint = "By what could be known then, not by what came out later."});
    return modal;
}

blocks::Modal severity_confirmed(Escalation const& escalation) {
    auto modal = on_existing(escalation, rules::Verb::severity, "Severity");
    modal.submit.clear();
    modal.close = "Close";
    modal +=
        blocks::section(blocks::mrkdwn("{} is confirmed as {}.", escalation.id, std::string{to_string(escalation.severity)}));
    return modal;
}

}  // namespace esc::views
