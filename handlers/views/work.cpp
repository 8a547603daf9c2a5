#include "handlers/views/work.hpp"

#include "handlers/card_ref.hpp"
#include "handlers/rules/lifecycle.hpp"
#include "handlers/rules/work.hpp"
#include "handlers/views/parts.hpp"

#include <fmt/format.h>

#include <utility>

namespace esc::views {

namespace blocks = slack::blocks;

namespace {

using rules::Verb;

constexpr std::size_t helpers_shown = 40;  // each is a block of a view that takes a hundred
constexpr std::size_t links_shown = 10;
constexpr std::size_t whom_max = 80;

struct LongText {
    std::string_view block{};
    std::string label{};
    std::string hint{};
    std::string value{};
    bool optional = false;
};
blocks::InputBlock long_text(LongText const& text) {
    return blocks::input({.block_id = std::string{text.block},
                          .label = text.label,
                          .element = blocks::plain_text_input({.action_id = std::string{text.block},
                                                               .initial_value = text.value,
                                                               .multiline = true,
                                                               .max_length = static_cast<int>(rules::work_text_limit)}),
                          .hint = text.hint,
                          .optional = text.optional});
}

void add_quoted(blocks::Modal& modal, std::string const& above, std::string_view text) {
    auto const quoted = quote(text);
    modal += blocks::section(blocks::mrkdwn_text(quoted.empty() ? above : above + "\n" + quoted));
}

blocks::Element promise_kept_button(Escalation const& escalation) {
    return blocks::button({.action_id = std::string{promise_kept_action},
                           .text = "Kept",
                           .value = handlers::CardRef::make(escalation),
                           .style = blocks::Style::primary,
                           .accessibility_label = fmt::format("The promise on {} was kept", escalation.id)});
}

std::string whom(Promise const& promise) {
    auto const name = blocks::cut(blocks::one_line(promise.to), whom_max);
    return name.empty() ? std::string{"the customer"} : blocks::escape(name);
}

}  // namespace

blocks::Modal note_modal(Escalation const& escalation) {
    auto modal = on_existing(escalation, Verb::note, "Note");
    modal += long_text({.block = note_block,
                        .label = "What should people know?",
                        .hint = "It is kept in the history and said in the card's thread, never to the customer."});
    return modal;
}

blocks::Modal describe_modal(Escalation const& escalation) {
    auto modal = on_existing(escalation, Verb::describe, "Describe");
    auto const described = escalation.title != rules::private_title;
    modal += blocks::input({.block_id = std::string{title_block},
                            .label = "What is wrong?",
                            .element = blocks::plain_text_input({.action_id = std::string{title_block},
                                                                 .initial_value = described ? escalation.title : std::string{},
                                                                 .max_length = static_cast<int>(rules::title_limit)}),
                            .hint = "Everybody who can see the card reads it."});
    modal += long_text({.block = description_block,
                        .label = "What else should people know?",
                        .value = escalation.description,
                        .optional = true});
    return modal;
}

blocks::Modal next_step_modal(Escalation const& escalation) {
    auto modal = on_existing(escalation, Verb::next_step, "Next step");
    if (auto const& now = escalation.details.next_step)
        add_quoted(modal, fmt::format("Set by {} {}:", blocks::person(now->by).text, blocks::date(now->at).text), now->text);
    modal += long_text({.block = next_step_block,
                        .label = "What happens next, and who does it?",
                        .hint = "It replaces what the card says now."});
    return modal;
}

blocks::Modal promise_modal(Escalation const& escalation, Instant suggested_due) {
    auto modal = on_existing(escalation, Verb::promise, "Promise");
    if (auto const& promise = escalation.details.promise) {
        add_quoted(modal,
                   fmt::format("{} promised {} by {}:", blocks::person(promise->by).text, whom(*promise),
                               blocks::date(promise->due).text),
                   promise->text);
        modal += blocks::actions("", {promise_kept_button(escalation)});
    }
    modal +=
        long_text({.block = promise_block,
                   .label = "What is promised?",
                   .hint = escalation.details.promise ? "A new promise replaces the one above, and its clock is cancelled."
                                                      : "Its clock warns you like the others until you say that it was kept."});
    modal += blocks::input({.block_id = std::string{promise_due_block},
                            .label = "Until when?",
                            .element = blocks::datetimepicker(promise_due_block, suggested_due),
                            .hint = "Within thirty days."});
    modal += blocks::input({.block_id = std::string{promise_to_block},
                            .label = "To whom?",
                            .element = blocks::plain_text_input({.action_id = std::string{promise_to_block},
                                                                 .placeholder = "The customer",
                                                                 .max_length = static_cast<int>(rules::promise_to_limit)}),
                            .optional = true});
    return modal;
}

std::string and_tried(Brief const& last, std::string_view tried) {
    if (last.tried.empty() || tried.empty()) return last.tried + std::string{tried};
    return fmt::format("{}\n{}", last.tried, tried);
}

blocks::Modal brief_modal(Escalation const& escalation, std::string_view tried) {
    static Brief const nothing{};
    auto const& last = escalation.details.brief ? *escalation.details.brief : nothing;
    auto modal = on_existing(escalation, Verb::brief, "Handoff note");
    modal.submit = "Save";
    if (escalation.details.brief)
        modal += blocks::context({blocks::mrkdwn_text(
            fmt::format("Last written by {} {}.", blocks::person(last.by).text, blocks::date(last.at).text))});
    blocks::Choice trend{.action_id = std::string{trend_block}};
    for (auto const one : {Brief::Trend::better, Brief::Trend::same, Brief::Trend::worse}) {
        std::string const value{rules::to_string(one)};
        trend.options.push_back({.text = one == Brief::Trend::same ? "the same" : value, .value = value, .description = {}});
        if (one == last.trend) trend.initial_value = value;
    }
    modal += blocks::input({.block_id = std::string{trend_block},
                            .label = "How does it go?",
                            .element = blocks::radio_buttons(trend),
                            .optional = true});
    modal += long_text({.block = tried_block, .label = "What was tried?", .value = and_tried(last, tried), .optional = true});
    modal += long_text({.block = theory_block, .label = "What is the theory?", .value = last.theory, .optional = true});
    modal += long_text({.block = blocker_block, .label = "What blocks it?", .value = last.blocker, .optional = true});
    modal += long_text({.block = if_then_block,
                        .label = "What to do if …?",
                        .hint = "If the customer calls again, then …",
                        .value = last.if_then,
                        .optional = true});
    modal += long_text({.block = next_step_block,
                        .label = "What happens next?",
                        .hint = "The next step, as the card shows it.",
                        .value = escalation.details.next_step ? escalation.details.next_step->text : std::string{},
                        .optional = true});
    return modal;
}

std::string helper_off_value(Escalation const& escalation, PersonId const& person) {
    return fmt::format("{}:{}", handlers::CardRef::make(escalation), person);
}

blocks::Modal helpers_modal(Escalation const& escalation) {
    auto modal = on_existing(escalation, Verb::helper, "Helpers");
    modal.submit = "Add";
    modal.close = "Close";
    std::size_t shown = 0;
    for (auto const& one : escalation.details.participants) {
        if (one.kind != Participant::Kind::helper || shown == helpers_shown) continue;
        ++shown;
        modal += blocks::section(
            blocks::mrkdwn_text(fmt::format("{} since {}", blocks::person(one.person).text, blocks::date(one.since).text)),
            blocks::button({.action_id = std::string{helper_off_action},
                            .text = "Remove",
                            .value = helper_off_value(escalation, one.person),
                            .accessibility_label = fmt::format("Remove this helper from {}", escalation.id)}));
    }
    if (shown == 0) modal += blocks::section(blocks::mrkdwn_text("Nobody helps yet."));
    modal += blocks::input({.block_id = std::string{helper_block},
                            .label = "Who should help?",
                            .element = blocks::users_select(helper_block, "Choose a person"),
                            .hint = "They are asked by direct message. The owner stays the same."});
    return modal;
}

blocks::Modal link_modal(Escalation const& escalation, std::vector<SourceLink> const& links) {
    auto modal = on_existing(escalation, Verb::link, "Link");
    std::string lines;
    std::size_t shown = 0;
    for (auto const& link : links) {
        if (link.url.empty()) continue;
        if (++shown > links_shown) continue;
        lines += blocks::link(link.url, blocks::cut(link.url, 100)).text + "\n";
    }
    if (shown > links_shown) lines += fmt::format("and {} more", shown - links_shown);
    if (!lines.empty()) modal += blocks::section(blocks::mrkdwn_text(lines));
    modal += blocks::input({.block_id = std::string{link_block},
                            .label = "Where else does it live?",
                            .element = blocks::plain_text_input(
                                {.action_id = std::string{link_block}, .placeholder = "https://example.com/tickets/1"}),
                            .hint = "A ticket, an incident, a document."});
    return modal;
}

}  // namespace esc::views
