// A word to one person that is a fact, not a surface: kept in the body of a `notice` outbox item.
#pragma once

#include "bot/base/ids.hpp"
#include "bot/base/time.hpp"
#include "store/model.hpp"

#include <string>
#include <string_view>

namespace esc::rules {

struct NoticeFact {
    PersonId to{};
    ChannelId channel{};                     // said there, visible to that person only; empty: by DM
    std::string text{};                      // mrkdwn, foreign text in it already escaped
    [[nodiscard]] std::string body() const;  // JSON: {"to":…,"channel":…,"text":…}
};

// "notice:12:<what>": one per escalation and occasion.
[[nodiscard]] OutboxItem notice(EscalationId id, std::string_view what, NoticeFact const& fact, Instant due_at);

}  // namespace esc::rules
