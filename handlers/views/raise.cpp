#include "handlers/views/raise.hpp"

#include "handlers/rules/lifecycle.hpp"
#include "handlers/rules/work.hpp"
#include "handlers/views/parts.hpp"

#include <fmt/format.h>

#include <utility>

namespace esc::views {

namespace blocks = slack::blocks;

namespace {

void say_about_the_message(blocks::Modal& modal, RaiseForm::Message message) {
    if (message == RaiseForm::Message::of_private_channel)
        modal += blocks::section(
            blocks::mrkdwn_text("This message may be from a private conversation, so nothing is copied from it: its text stays "
                                "where it is. What you write here is what the escalation shows, with a link to the message."));
}

}  // namespace

blocks::Modal open_modal(Config const& config, std::string private_metadata, RaiseForm const& form, Person const& actor) {
    blocks::Modal modal{.callback_id = std::string{open_callback},
                        .title = "New escalation",
                        .submit = "Escalate",
                        .private_metadata = std::move(private_metadata)};
    say_about_the_message(modal, form.message);
    modal += blocks::input({.block_id = "title",
                            .label = "What is wrong?",
                            .element = blocks::plain_text_input({.action_id = "title",
                                                                 .initial_value = form.title,
                                                                 .placeholder = "Checkout fails for all users",
                                                                 .max_length = static_cast<int>(rules::title_limit)})});
    add_severity_inputs(modal, config, form.severity, open_changed_action, {}, actor);
    modal += blocks::input({.block_id = "description",
                            .label = "Description",
                            .element = blocks::plain_text_input({.action_id = "description",
                                                                 .initial_value = form.description,
                                                                 .multiline = true,
                                                                 .max_length = static_cast<int>(rules::work_text_limit)}),
                            .hint = "Who is affected since when, and what was tried.",
                            .optional = true});
    modal += blocks::input({.block_id = "account",
                            .label = "Account",
                            .element = blocks::plain_text_input({.action_id = "account",
                                                                 .initial_value = form.account,
                                                                 .placeholder = "Name or domain of the customer",
                                                                 .max_length = static_cast<int>(rules::account_limit)}),
                            .optional = true});
    modal +=
        blocks::input({.block_id = "link",
                       .label = "Link",
                       .element = blocks::plain_text_input(
                           {.action_id = "link", .initial_value = form.link, .placeholder = "https://example.com/tickets/1"}),
                       .hint = "The ticket or page it is about. If it has been escalated already, you are told.",
                       .optional = true});
    // Whether it is there, and whether there is a thread, the form cannot know.
    if (form.message == RaiseForm::Message::of_private_channel)
        modal += blocks::context({blocks::mrkdwn_text(
            "Is the app not in that channel yet? Invite it there by name (`/invite`), so that it can answer in the thread.")});
    if (form.message == RaiseForm::Message::readable)
        modal += blocks::context({blocks::mrkdwn_text(
            "What was said in the message's thread so far comes with it. Is the app not in that channel yet? Invite it there by "
            "name (`/invite`), so that it can read that and answer in the thread.")});
    return modal;
}

std::string raised_notes(Escalation const& escalation) {
    auto const& details = escalation.details;
    std::string notes;
    if (details.severity_request)
        notes += fmt::format("{} waits for a lead's or manager's word. ", to_string(details.severity_request->to));
    if (details.unconfirmed_since) notes += "It is unconfirmed until a lead or manager has said yes. ";
    if (details.similar.number != 0)
        notes += fmt::format("It {} {}: the card can merge them. ", details.same_ticket ? "has the same ticket as" : "looks like",
                             details.similar);
    return notes;
}

blocks::Message raised_answer(Escalation const& escalation, std::string_view card_permalink) {
    auto line = fmt::format("{} opened as {}: {}. ", escalation.id, to_string(escalation.severity), title(escalation));
    if (escalation.owned()) line += owner(escalation) + ". ";
    line += raised_notes(escalation);
    line += card_permalink.empty() ? std::string{"Its card is on the way."} : blocks::link(card_permalink, "Open the card").text;
    blocks::Message message{.text = line};
    message += blocks::section(blocks::mrkdwn_text(line));
    if (escalation.state == State::fresh && !escalation.owned())
        message += blocks::actions("", {verb_button(rules::Verb::undo, escalation)});
    return message;
}

blocks::Message raised_again_answer(Escalation const& escalation, std::string_view card_permalink) {
    auto const line = fmt::format("This has been escalated already: {} · {} · {}.", linked_headline(escalation, card_permalink),
                                  state_word(escalation), owner(escalation));
    blocks::Message message{.text = line};
    message += blocks::section(blocks::mrkdwn_text(
        escalation.state == State::resolved ? line + " If it is back, reopen it; nothing new was opened." : line));
    message += blocks::actions("", {verb_button(rules::Verb::show, escalation)});
    return message;
}

}  // namespace esc::views
