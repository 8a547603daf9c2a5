// After a raise: what the relay found out about the source (text, permalink, kind of channel), and the command that writes
// it down, chooses where the card goes and asks for the card. Raised by the relay, not by a route.
#pragma once

#include "bot/slack/web_api.hpp"
#include "handlers/router.hpp"

#include <optional>
#include <string>

namespace esc::handlers {

// What `locate` has to find out, told from the stored escalation.
struct LocateFacts {
    EscalationId id{};
    // Nothing when it could not be had; `trouble` then says why, in words for the log.
    std::optional<slack::Channel> source_channel{};
    std::optional<slack::Channel> triage_channel{};  // [channels] triage, when configured
    std::optional<std::string> message_text{};       // readable text; never asked for from private channels
    std::string permalink{};
    std::string trouble{};
};
// Card goes to [channels] triage, else to the channel where it was raised; never into a shared, direct, archived or unjoined
// channel: then leads (else managers, else admins) get the card by DM. From a private channel no text is copied: the title
// stays what the raiser typed, or "Message in a private channel".
[[nodiscard]] Work located(LocateFacts facts, Env const& env);

}  // namespace esc::handlers
