// What rules ask to become true outside, with the keys by which it is known again. An alert, which says more, has a file of
// its own (alerts.hpp).
#pragma once

#include "bot/base/ids.hpp"
#include "bot/base/result.hpp"
#include "bot/base/time.hpp"
#include "store/model.hpp"

#include <string>
#include <string_view>

namespace esc::rules {

// Desired state: rendered from the newest escalation when its turn comes.
[[nodiscard]] std::string card_key(EscalationId id);  // "card:12": also the key of the card's surface
[[nodiscard]] OutboxItem card_item(EscalationId id, Instant due_at);
[[nodiscard]] OutboxItem status_reply_item(EscalationId id, Instant due_at);
[[nodiscard]] OutboxItem locate_item(EscalationId id, Instant due_at);

// The link to the card, told through the response_url of who raised it.
struct ResponseFact {
    std::string url{};
    [[nodiscard]] std::string body() const;  // JSON
    [[nodiscard]] static Result<ResponseFact> parse(std::string_view body);
};
[[nodiscard]] OutboxItem response_item(EscalationId id, ResponseFact const& fact, Instant due_at);

// A word to one person that is a fact, not a surface.
struct NoticeFact {
    PersonId to{};
    ChannelId channel{};                     // said there, visible to that person only; empty: by DM
    std::string text{};                      // mrkdwn, foreign text in it already escaped
    [[nodiscard]] std::string body() const;  // JSON
    [[nodiscard]] static Result<NoticeFact> parse(std::string_view body);
};
// "notice:12:<what>": one per escalation and occasion.
[[nodiscard]] OutboxItem notice_item(EscalationId id, std::string_view what, NoticeFact const& fact, Instant due_at);

// Asks for the card, and for the short reply of a message source, to show the newest state; nothing before they are placed.
void refresh_surfaces(Decision& decision, Instant now);

}  // namespace esc::rules
