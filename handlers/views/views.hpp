// What people see: pure functions from facts to blocks. `now` is an argument; dates are Slack date tokens with a UTC fallback.
#pragma once

#include "bot/base/config.hpp"
#include "bot/slack/blocks.hpp"
#include "handlers/rules/alerts.hpp"
#include "handlers/rules/outbox_items.hpp"
#include "handlers/views/raise.hpp"
#include "store/model.hpp"
#include "store/tx.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace esc::views {

// Buttons by state: new: Claim; working: Reply sent (while first response runs), Resolve; resolved: Reopen.
// `closed`: its clocks that are over (Snapshot::closed_clocks). A broken promise stays on the card, a kept one is told once all
// is resolved.
[[nodiscard]] slack::blocks::Message card(Escalation const& escalation, std::vector<SlaClock> const& closed,
                                          std::vector<SourceLink> const& links, Instant now);
// The short reply in the source's own thread: key, severity criterion, status, link to the card.
[[nodiscard]] slack::blocks::Message status_reply(Escalation const& escalation, Config const& config,
                                                  std::string_view card_permalink);
// A DM or a reply in the card's thread. `now` tells time left or how late; a late alert says how late.
[[nodiscard]] slack::blocks::Message alert(rules::AlertFact const& fact, Escalation const& escalation,
                                           std::string_view card_permalink, Instant now);
// A word to one person, with its buttons; and a line in the card's thread.
[[nodiscard]] slack::blocks::Message notice(rules::NoticeFact const& fact, Escalation const& escalation,
                                            std::string_view card_permalink);
[[nodiscard]] slack::blocks::Message thread_note(rules::ThreadNoteFact const& fact, Escalation const& escalation);
[[nodiscard]] slack::blocks::Message queue(std::vector<Escalation> const& rows, QueueCounts const& counts, QueueFilter filter,
                                           Instant now);

}  // namespace esc::views
