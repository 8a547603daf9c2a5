#include "handlers/views/board.hpp"

#include "handlers/views/parts.hpp"

#include <fmt/format.h>

#include <utility>

namespace esc::views {

namespace blocks = slack::blocks;

namespace {

constexpr std::size_t text_max = 3500;  // of 4000 that a change of a message takes

// One content for everybody: what is pressed is decided by who presses.
blocks::Element row_button(Escalation const& escalation, Instant now) {
    if (rules::makes_sense(rules::Verb::claim, escalation, now)) return verb_button(rules::Verb::claim, escalation);
    return more_button(escalation, "Open");
}

blocks::Message fixed(std::string text) {
    blocks::Message message{.text = std::move(text)};
    message += blocks::section(blocks::mrkdwn_text(message.text));
    return message;
}

}  // namespace

blocks::Message board(BoardPage const& page, Config const& config) {
    auto const& list = page.board.list;
    auto const head = narrowed_heading(list);
    // The counts are of everything that is open.
    auto const counted = (head == heading(QueueFilter::open) ? "" : "In all ") + counts_line(page.counts);
    blocks::Message message{.text = fmt::format("{}: {}.", head, counted)};
    message += blocks::section(blocks::mrkdwn_text(fmt::format("*{}*\n{}", head, counted)));
    for (auto const& [escalation, card_permalink] : page.rows) {
        message += blocks::section(blocks::mrkdwn_text(row(escalation, card_permalink, page.now, Due::told)),
                                   row_button(escalation, page.now));
        auto const read_out =
            fmt::format("\n{}: {} · {}", headline(escalation), row_countdown(escalation, page.now), owner(escalation));
        if (blocks::length(message.text) + blocks::length(read_out) <= text_max) message.text += read_out;
    }
    if (page.rows.empty()) {
        message += blocks::section(blocks::mrkdwn_text(nothing_in(list)));
        message.text += fmt::format(" {}", nothing_in(list));
    }
    if (page.more)
        message += blocks::actions("", {blocks::button({.action_id = std::string{queue_next_action},
                                                        .text = "Show the others",
                                                        .value = fmt::format("{} 2", queue_words(list))})});
    message += blocks::context(
        {blocks::mrkdwn_text(fmt::format("{} · kept current until `{} unpin`", as_of(page.now), config.slack.queue_command))});
    return message;
}

std::string_view to_string(BoardEnd why) noexcept {
    switch (why) {
        case BoardEnd::unpinned:
            return "unpinned";
        case BoardEnd::moved:
            return "moved";
        case BoardEnd::deleted:
            return "deleted";
        case BoardEnd::outsiders:
            return "outsiders";
        case BoardEnd::guests:
            return "guests";
        case BoardEnd::direct:
            return "direct";
        case BoardEnd::not_a_member:
            return "not_a_member";
        case BoardEnd::archived:
            return "archived";
        case BoardEnd::refused:
            return "refused";
    }
    return "unknown";
}

blocks::Message board_gone(BoardEnd why) {
    switch (why) {
        case BoardEnd::moved:
            return fixed("The board stands further down in this channel.");
        case BoardEnd::outsiders:
        case BoardEnd::guests:
            return fixed("People from outside can read here now. The board that stood here was taken away.");
        case BoardEnd::unpinned:
        case BoardEnd::deleted:
        case BoardEnd::direct:
        case BoardEnd::not_a_member:
        case BoardEnd::archived:
        case BoardEnd::refused:
            break;
    }
    return fixed("The board that stood here was taken away.");
}

blocks::Message board_impossible(BoardEnd why, PersonId const& bot, Config const& config) {
    auto const& command = config.slack.queue_command;
    switch (why) {
        case BoardEnd::outsiders:
            return fixed(
                "People from outside read this channel, and a board is not for them. Pin it in a channel of your own people.");
        case BoardEnd::guests:
            return fixed(
                "There are guests in this channel, or too many people to know that, and a board is not for guests. Pin it in a "
                "smaller "
                "channel of your own people.");
        case BoardEnd::direct:
            return fixed(
                fmt::format("A board stands in a channel, for all who read there. Here `{}` shows the queue to you.", command));
        case BoardEnd::not_a_member:
            return fixed(
                fmt::format("I am not in this channel, so the board cannot stand here. Type `/invite` {} here, then `{} pin` "
                            "again.",
                            blocks::person(bot).text, command));
        case BoardEnd::archived:
            return fixed("This channel is archived, so the board cannot stand here. Pin it in another one.");
        case BoardEnd::unpinned:
        case BoardEnd::moved:
        case BoardEnd::deleted:
        case BoardEnd::refused:
            break;
    }
    return fixed(
        "Slack does not let me post in this channel, so the board cannot stand here. Ask who manages the channel, or pin it in "
        "another one.");
}

}  // namespace esc::views
