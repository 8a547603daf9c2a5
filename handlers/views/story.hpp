// What one person reads who wants to know all of it: the whole escalation, every deadline and the rank explained, and the
// history. Each is a message; pressed in a form or in Home it is a form of the same blocks.
#pragma once

#include "bot/base/time.hpp"
#include "bot/slack/blocks.hpp"
#include "handlers/rules/access.hpp"
#include "handlers/rules/lifecycle.hpp"
#include "store/model.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace esc::views {

// Everything that is on record about it, texts in full as far as a message takes them, and what the reader can do now
// (rules::offered). `command` is what to type before a verb; `merged` and `asked` are a card's.
[[nodiscard]] slack::blocks::Message whole(Escalation const& escalation, std::vector<SlaClock> const& closed,
                                           std::vector<SourceLink> const& links, std::vector<rules::Verb> const& offered,
                                           std::string_view command, Instant now, std::vector<EscalationId> const& merged = {},
                                           std::optional<rules::ResolveRequest> const& asked = {});

// "Merged into this: ESC-3, ESC-4 and 2 more"; empty without any.
[[nodiscard]] std::string merged_line(std::vector<EscalationId> const& merged, std::size_t shown_max);

// Of each clock: what it measures, start, target, pauses with their reasons and due as a sum, the points that were told and those
// to come, the outcome; and the rank as a sum. `closed` are the clocks that are over, `events` the ledger's.
[[nodiscard]] slack::blocks::Message clocks_explained(Escalation const& escalation, std::vector<SlaClock> const& closed,
                                                      std::vector<StoredEvent> const& events, Instant now);

inline constexpr std::string_view history_older_action = "esc.history_older";  // value: CardRef, a colon, the page
inline constexpr std::string_view history_newer_action = "esc.history_newer";
// Newest first, twenty a page. Pages count from 1; one that there is not becomes the nearest.
[[nodiscard]] slack::blocks::Message history(Escalation const& escalation, std::vector<StoredEvent> const& events,
                                             std::size_t page);
// Who did what, as markup, without the text that was written. Total: every type has its sentence. Only tests call it, to ask for
// the sentence of each type alone.
[[nodiscard]] std::string event_sentence(StoredEvent const& event);

// The same blocks in a form without anything to submit.
[[nodiscard]] slack::blocks::Modal as_modal(slack::blocks::Message const& message, Escalation const& escalation, rules::Verb verb,
                                            std::string_view word);

}  // namespace esc::views
