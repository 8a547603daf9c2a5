// What of ours stands in a channel is asked for anew when other people may read there: what is open, and what has long been over.
// Whether it may stay is the question that the relay puts before anything is sent.
#pragma once

#include "bot/base/result.hpp"
#include "bot/base/time.hpp"
#include "store/tx.hpp"

#include <string>
#include <string_view>

namespace esc::handlers {

inline constexpr int channel_page = 25;  // escalations of one transaction

[[nodiscard]] std::string channel_key(ChannelId const& channel);  // "channel:C1"
struct ChannelFact {
    ChannelId channel{};
    EscalationId before{};                   // where it goes on, the newest first; empty: with all of them
    [[nodiscard]] std::string body() const;  // JSON
    [[nodiscard]] static Result<ChannelFact> parse(std::string_view body);
};
[[nodiscard]] OutboxItem channel_item(ChannelFact const& fact, Instant due_at);

// Everything of that escalation in that channel. The words of a fact are written down nowhere once it is sent: one with an empty
// body is only asked whether it may stay.
void ask_anew(Tx& tx, EscalationId id, ChannelId const& channel, Instant now);

}  // namespace esc::handlers
