// The form of a new escalation, with the severity criteria beside the choice.
#include "handlers/card_ref.hpp"
#include "handlers/rules/lifecycle.hpp"
#include "handlers/views/parts.hpp"
#include "handlers/views/views.hpp"

#include <fmt/format.h>

#include <utility>

namespace esc::views {

namespace blocks = slack::blocks;

namespace {

constexpr std::size_t guide_text_max = 300;

std::string guide_text(std::string_view text) { return blocks::escape(blocks::cut(blocks::one_line(text), guide_text_max)); }

void add_lines(std::string& to, std::string_view mark, std::vector<std::string> const& texts) {
    for (auto const& text : texts) to += fmt::format("\n{} {}", mark, guide_text(text));
}

blocks::Element severity_choice(Config const& config) {
    blocks::Choice choice{.action_id = "severity", .initial_value = std::string{to_string(Severity::sev3)}};
    for (auto const severity : all_severities) {
        auto const name = std::string{to_string(severity)};
        choice.options.push_back({.text = name, .value = name, .description = config.text(severity).criteria});
    }
    return blocks::radio_buttons(choice);
}

// Criterion, what fits and what does not, of one level.
blocks::Block severity_guide(Severity severity, SeverityText const& text) {
    auto lines = fmt::format("*{}* {}", to_string(severity), guide_text(text.criteria));
    add_lines(lines, "✅ Fits:", text.examples);
    add_lines(lines, "❌ Does not:", text.counter_examples);
    return blocks::context({blocks::mrkdwn_text(lines)});
}

}  // namespace

blocks::Modal open_modal(Config const& config, std::string private_metadata) {
    blocks::Modal modal{.callback_id = std::string{open_callback},
                        .title = "New escalation",
                        .submit = "Escalate",
                        .private_metadata = std::move(private_metadata)};
    modal += blocks::input({.block_id = "title",
                            .label = "What is wrong?",
                            .element = blocks::plain_text_input({.action_id = "title",
                                                                 .placeholder = "Checkout fails for all users",
                                                                 .max_length = static_cast<int>(rules::title_limit)})});
    modal += blocks::input({.block_id = "severity", .label = "Severity", .element = severity_choice(config)});
    for (auto const severity : all_severities) modal += severity_guide(severity, config.text(severity));
    modal += blocks::input({.block_id = "description",
                            .label = "Description",
                            .element = blocks::plain_text_input({.action_id = "description", .multiline = true}),
                            .hint = "Who is affected since when, and what was tried.",
                            .optional = true});
    modal += blocks::input({.block_id = "account",
                            .label = "Account",
                            .element = blocks::plain_text_input({.action_id = "account",
                                                                 .placeholder = "Name or domain of the customer",
                                                                 .max_length = static_cast<int>(rules::account_limit)}),
                            .optional = true});
    return modal;
}

}  // namespace esc::views
