// The short reply in the source's own thread.
#include "handlers/views/parts.hpp"
#include "handlers/views/views.hpp"

#include <fmt/format.h>

namespace esc::views {

namespace blocks = slack::blocks;

blocks::Message status_reply(Escalation const& escalation, Config const& config, std::string_view card_permalink, Instant now) {
    auto const severity =
        blocks::markup("{} · {}: {}", escalation.id, to_string(escalation.severity), config.text(escalation.severity).criteria);
    blocks::Message message{.text = fmt::format("{}. {}, {}", severity, state_word(escalation), owner(escalation))};
    auto line = fmt::format("{}\n*{}* · {}", severity, state_word(escalation), owner(escalation, now));
    if (!card_permalink.empty()) line += " · " + blocks::link(card_permalink, "Card").text;
    message += blocks::section(blocks::mrkdwn_text(line));
    if (rules::makes_sense(rules::Verb::undo, escalation, now))
        message += blocks::actions("", {verb_button(rules::Verb::undo, escalation)});
    return message;
}

blocks::Message outsiders_reply() {
    blocks::Message message{.text = "This message has been passed on to the team."};
    message += blocks::section(blocks::mrkdwn_text(message.text));
    return message;
}

blocks::Message customer_reply(rules::CustomerReplyFact const& fact) {
    // Plain text: whatever stands in the configuration calls nobody and leads nowhere.
    blocks::Message message{.text = blocks::escape(fact.text)};
    message += blocks::section(blocks::plain_text(fact.text));
    return message;
}

blocks::Message withdrawn() {
    blocks::Message message{.text = "People from outside can read here now. What stood here has moved."};
    message += blocks::section(blocks::mrkdwn_text(message.text));
    return message;
}

blocks::Message taken_back() {
    blocks::Message message{.text = "People from outside can read here now. What stood here was taken back."};
    message += blocks::section(blocks::mrkdwn_text(message.text));
    return message;
}

}  // namespace esc::views
