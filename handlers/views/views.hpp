// What people see: pure functions from facts to blocks. `now` is an argument; dates are Slack date tokens with a UTC fallback.
#pragma once

#include "bot/base/config.hpp"
#include "bot/slack/blocks.hpp"
#include "handlers/rules/alerts.hpp"
#include "handlers/rules/outbox_items.hpp"
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
// The answer when it was raised: "ESC-12 opened as SEV2", and later the link to the card.
[[nodiscard]] slack::blocks::Message raised_answer(Escalation const& escalation, std::string_view card_permalink);
[[nodiscard]] slack::blocks::Message queue(std::vector<Escalation> const& rows, QueueCounts const& counts, QueueFilter filter,
                                           Instant now);

// Modals. Block ids are the input names below; the callback ids are routes.
inline constexpr std::string_view open_callback = "esc.open";  // inputs: title, severity, description, account
// The forms of verbs have the callback id handlers::route(verb) and a CardRef as private_metadata.
// Severity is chosen from four options, each with its criterion, an example that fits and one that does not.
// `private_metadata` comes back with the submission: where the form was opened from.
[[nodiscard]] slack::blocks::Modal open_modal(Config const& config, std::string private_metadata);

}  // namespace esc::views
