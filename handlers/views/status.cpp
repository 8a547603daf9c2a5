// The short reply in the source's own thread.
#include "handlers/views/parts.hpp"
#include "handlers/views/views.hpp"

#include <fmt/format.h>

namespace esc::views {

namespace blocks = slack::blocks;

blocks::Message status_reply(Escalation const& escalation, Config const& config, std::string_view card_permalink) {
    auto const severity =
        blocks::markup("{} · {}: {}", escalation.id, to_string(escalation.severity), config.text(escalation.severity).criteria);
    blocks::Message message{.text = fmt::format("{}. {}, {}", severity, state_word(escalation.state), owner(escalation))};
    auto line = fmt::format("{}\n{}", severity, status(escalation));
    if (!card_permalink.empty()) line += " · " + blocks::link(card_permalink, "Card").text;
    message += blocks::section(blocks::mrkdwn_text(line));
    return message;
}

}  // namespace esc::views
