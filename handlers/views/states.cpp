#include "handlers/views/states.hpp"

#include "handlers/card_ref.hpp"
#include "handlers/rules/waiting.hpp"
#include "handlers/rules/work.hpp"
#include "handlers/views/parts.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace esc::views {

namespace blocks = slack::blocks;

namespace {

constexpr std::size_t exit_text_limit = 1000;  // a word goes before it, and both must fit the ledger's limit

blocks::InputBlock text_input(std::string const& block, std::string label, std::string hint, std::string_view initial = {},
                              std::size_t limit = rules::work_text_limit) {
    return blocks::input({.block_id = block,
                          .label = std::move(label),
                          .element = blocks::plain_text_input({.action_id = block,
                                                               .initial_value = std::string{initial},
                                                               .multiline = true,
                                                               .max_length = static_cast<int>(limit)}),
                          .hint = std::move(hint)});
}

blocks::InputBlock choice_input(std::string const& block, std::string label, std::vector<blocks::Option> options,
                                std::string initial = {}) {
    return blocks::input({.block_id = block,
                          .label = std::move(label),
                          .element = blocks::radio_buttons(
                              {.action_id = block, .options = std::move(options), .initial_value = std::move(initial)})});
}

// Two options cannot have the same value, and people choose by the text.
std::vector<blocks::Option> yes_or_no(std::string yes, std::string no) {
    return {{.text = "Yes", .value = "yes", .description = std::move(yes)},
            {.text = "No", .value = "no", .description = std::move(no)}};
}

blocks::Element list(std::string block, std::vector<blocks::Option> options, std::string placeholder, std::string initial = {}) {
    return blocks::static_select({.action_id = std::move(block),
                                  .options = std::move(options),
                                  .initial_value = std::move(initial),
                                  .placeholder = std::move(placeholder)});
}

// The word in front of what was said about the exit, as the form's value.
std::string exit_value(std::string_view criteria) {
    if (criteria.starts_with(exit_checked)) return "met";
    return criteria.starts_with(exit_waived) ? "waived" : "";
}
std::string_view exit_words(std::string_view criteria) {
    if (criteria.starts_with(exit_checked)) criteria.remove_prefix(exit_checked.size());
    if (criteria.starts_with(exit_waived)) criteria.remove_prefix(exit_waived.size());
    return criteria;
}
std::string yes_no(bool known, bool yes) { return !known ? "" : yes ? "yes" : "no"; }

void add_now(blocks::Modal& modal, Escalation const& escalation) {
    auto const& waiting = escalation.details.waiting;
    auto line = fmt::format("*{}* · {}", state_word(escalation), owner(escalation));
    if (waiting)
        if (auto const why = quote(waiting->reason); !why.empty()) line += "\n" + why;
    modal += blocks::section(blocks::mrkdwn_text(line));
}

blocks::Modal wait_for(Escalation const& escalation, std::string_view callback, std::string_view word) {
    auto modal = on_existing(escalation, rules::Verb::wait, word);
    modal.callback_id = std::string{callback};
    modal.submit = "Wait";
    return modal;
}

}  // namespace

blocks::Modal wait_modal(Escalation const& escalation, rules::By const& by) {
    auto modal = on_existing(escalation, rules::Verb::wait, "Wait");
    auto const may = [&](State on) { return rules::may_wait(escalation, on, by).has_value(); };
    std::vector<blocks::Option> whom;
    if (may(State::waiting_customer))
        whom.push_back(
            {.text = "Customer", .value = "customer", .description = "The resolution clock stands still until they answer."});
    if (may(State::waiting_vendor))
        whom.push_back({.text = "Vendor",
                        .value = "vendor",
                        .description = "Somebody outside. Asks for their reference and a review time."});
    if (may(State::waiting_engineering))
        whom.push_back({.text = "Engineering",
                        .value = "engineering",
                        .description = "Inside the company: the clocks run on. Asks for four facts."});
    auto const first = whom.empty() ? std::string{} : whom.front().value;
    modal += choice_input("on", "Waiting for", std::move(whom), first);
    if (auto const vendor = rules::may_wait(escalation, State::waiting_vendor, by); !vendor)
        modal += blocks::context({blocks::mrkdwn("{}", vendor.error().message)});
    modal += text_input("reason", "What does it wait for?", "Others read this in the thread and on the card.");
    if (may(State::waiting_customer)) {
        modal += blocks::input({.block_id = "review_at",
                                .label = "Look at it again",
                                .element = blocks::datetimepicker("review_at", {}),
                                .hint = "Then it goes on by itself. Empty: after the longest pause.",
                                .optional = true});
        modal += blocks::input(
            {.block_id = "asked",
             .label = "Only for the customer",
             .element = blocks::checkboxes(
                 {.action_id = "asked", .options = {{.text = "They were asked after they last wrote", .value = "yes"}}}),
             .optional = true});
    }
    return modal;
}

blocks::Modal wait_vendor_modal(Escalation const& escalation, std::string_view reason, Instant review_at) {
    auto modal = wait_for(escalation, wait_vendor_callback, "Vendor");
    modal += text_input("reason", "What does it wait for?", "The resolution clock stands still until the review time.", reason);
    modal +=
        blocks::input({.block_id = "reference",
                       .label = "Their reference",
                       .element = blocks::plain_text_input(
                           {.action_id = "reference", .placeholder = "Their ticket number or its address", .max_length = 200})});
    modal += blocks::input({.block_id = "review_at",
                            .label = "Look at it again",
                            .element = blocks::datetimepicker("review_at", review_at),
                            .hint = "Then it goes on by itself, and its owner is told."});
    return modal;
}

blocks::Modal wait_longer_modal(Escalation const& escalation, Instant until) {
    auto modal = wait_for(escalation, wait_longer_callback, "Wait longer");
    add_now(modal, escalation);
    modal += blocks::input({.block_id = "until",
                            .label = "Until when?",
                            .element = blocks::datetimepicker("until", until),
                            .hint = "Then it goes on by itself, and its owner is told."});
    modal += text_input("reason", "Why for longer?", "Its owner and the audit read it.");
    return modal;
}

blocks::Modal wait_engineering_modal(Escalation const& escalation, std::string_view reason) {
    auto modal = wait_for(escalation, wait_engineering_callback, "Engineering");
    modal += text_input("reason", "What does engineering have to do?", "The clocks of the customer run on.", reason);
    modal += text_input("repro", "How to reproduce it", "Steps, or that it cannot be reproduced and what was tried.");
    modal += text_input("logs", "Logs", "Where they are, with the time of the fault.");
    modal += text_input("impact", "Impact", "Who cannot do what, and since when.");
    modal += text_input("deadline", "Deadline", "What was promised, or what happens when.");
    modal += blocks::input({.block_id = std::string{engineer_block},
                            .label = "Engineer",
                            .element = blocks::users_select(engineer_block, "Somebody of engineering"),
                            .hint = "Must accept by name. Nobody chosen: whoever of engineering accepts.",
                            .optional = true});
    return modal;
}

blocks::Modal resume_modal(Escalation const& escalation, Resumes who) {
    auto modal = on_existing(escalation, rules::Verb::resume, "Resume");
    add_now(modal, escalation);
    std::vector<blocks::Option> ways{
        {.text = "Engineering fixed it", .value = "fixed", .description = "Say how, below."},
        {.text = "Engineering gives it back", .value = "bounced", .description = "Choose why, below."}};
    if (who == Resumes::owner)
        ways.insert(ways.begin(),
                    {.text = "We go on ourselves", .value = "resumed", .description = "Engineering is no longer needed."});
    modal += choice_input("how", "What happened?", std::move(ways), who == Resumes::owner ? "resumed" : "fixed");
    modal += blocks::input({.block_id = "code",
                            .label = "Why it goes back",
                            .element = list("code",
                                            {{.text = "Not ours", .value = "not_ours"},
                                             {.text = "More information is needed", .value = "more_information"},
                                             {.text = "Works as designed", .value = "works_as_designed"},
                                             {.text = "Cannot be reproduced", .value = "cannot_reproduce"},
                                             {.text = "Other", .value = "other"}},
                                            "Only when it goes back"),
                            .optional = true});
    modal += blocks::input({.block_id = "text",
                            .label = "In words",
                            .element = blocks::plain_text_input(
                                {.action_id = "text", .multiline = true, .max_length = static_cast<int>(rules::work_text_limit)}),
                            .hint = "The owner is told.",
                            .optional = true});
    return modal;
}

blocks::Modal mitigate_modal(Escalation const& escalation) {
    auto modal = on_existing(escalation, rules::Verb::mitigate, "Mitigated");
    modal += text_input("workaround", "Which workaround is in place?",
                        "It works for the customer. The fix is still to come, so the resolution clock runs on.");
    return modal;
}

blocks::Modal resolve_modal(Escalation const& escalation, rules::ResolveRequest const& said) {
    auto modal = on_existing(escalation, rules::Verb::resolve, "Resolve");
    modal += text_input("resolution", "What solved it?", "Those who raised and watch it read this.", said.text);
    modal +=
        choice_input("exit", "Does the fix, or an accepted workaround, work for the customer?",
                     {{.text = "Yes, checked", .value = "met", .description = "Say below how it was checked."},
                      {.text = "Not checked", .value = "waived", .description = "Say below why it is resolved all the same."}},
                     exit_value(said.exit_criteria));
    modal += text_input("exit_text", "How it was checked, or why not", "A test, their word, a graph.",
                        exit_words(said.exit_criteria), exit_text_limit);
    modal += blocks::input({.block_id = "cause",
                            .label = "Cause",
                            .element = list("cause",
                                            {{.text = "Bug", .value = "bug"},
                                             {.text = "Configuration", .value = "configuration"},
                                             {.text = "Infrastructure", .value = "infrastructure"},
                                             {.text = "Third party", .value = "third_party"},
                                             {.text = "Use of the product", .value = "user_error"},
                                             {.text = "Documentation", .value = "documentation"},
                                             {.text = "Unknown", .value = "unknown"}},
                                            "What kind of thing caused it", said.cause)});
    bool const filled_in = !said.exit_criteria.empty();
    modal += choice_input("preventable", "Could we have prevented it?",
                          yes_or_no("Something of ours would have caught it.", "Not by us."),
                          yes_no(said.preventable.has_value(), said.preventable.value_or(false)));
    modal += choice_input("customer_told", "Was the customer told?",
                          yes_or_no("Ends the response clocks that still run.", "It stays on record as unanswered."),
                          yes_no(filled_in, said.customer_told));
    std::vector<blocks::Option> levels;
    levels.reserve(all_severities.size());
    for (auto const severity : all_severities)
        levels.push_back({.text = std::string{to_string(severity)}, .value = std::string{to_string(severity)}});
    modal += blocks::input({.block_id = "warranted",
                            .label = "Which level was warranted?",
                            .element = list("warranted", std::move(levels), "As it was",
                                            std::string{to_string(said.warranted.value_or(escalation.severity))}),
                            .hint = "By what could be known then. Another one is confirmed by a lead; clocks stay as they are.",
                            .optional = true});
    return modal;
}

blocks::Modal reopen_modal(Escalation const& escalation) {
    auto modal = on_existing(escalation, rules::Verb::reopen, "Reopen");
    modal += text_input("reason", "Why does it come back?",
                        "The owner stays the same and the resolution clock goes on from where it stopped.");
    return modal;
}

blocks::Modal decline_modal(Escalation const& escalation) {
    auto modal = on_existing(escalation, rules::Verb::decline, "Decline");
    modal += text_input("reason", "Why is it no escalation?", "Who raised it is told this, word for word.");
    return modal;
}

blocks::Modal merge_modal(Escalation const& escalation) {
    auto modal = on_existing(escalation, rules::Verb::merge, "Merge");
    auto const similar = escalation.details.similar;
    modal +=
        blocks::input({.block_id = "into",
                       .label = "Into which one?",
                       .element = blocks::plain_text_input({.action_id = "into",
                                                            .initial_value = similar.number > 0 ? similar.key() : std::string{},
                                                            .placeholder = "ESC-7",
                                                            .max_length = 40}),
                       .hint = "This one ends, the other goes on with the earlier start and the stricter times. It can be taken "
                               "apart again for seven days."});
    return modal;
}

}  // namespace esc::views
