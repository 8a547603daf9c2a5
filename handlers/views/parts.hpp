// What several views say in the same words: state, owner, clocks, account, buttons. Markup unless the name says plain.
#pragma once

#include "bot/base/time.hpp"
#include "bot/slack/blocks.hpp"
#include "store/model.hpp"

#include <string>
#include <vector>

namespace esc::views {

[[nodiscard]] std::string plain_headline(Escalation const& escalation);  // "ESC-12 · SEV2 · Checkout fails"
[[nodiscard]] std::string title(Escalation const& escalation);           // one line, escaped
[[nodiscard]] std::string headline(Escalation const& escalation);        // the same as plain_headline, escaped
// With the key as a link where the card's place is known.
[[nodiscard]] std::string linked_headline(Escalation const& escalation, std::string_view card_permalink);
[[nodiscard]] std::string_view state_word(State state);           // "New", "Waiting on customer"
[[nodiscard]] std::string owner(Escalation const& escalation);    // "🔒 <@U1>", "No owner"
[[nodiscard]] std::string account(Escalation const& escalation);  // "Account: acme", "Account unknown"
[[nodiscard]] std::string status(Escalation const& escalation);   // state, owner, bounces, reopenings

[[nodiscard]] std::string time_left(Instant due, Instant now);  // "12m left", "4m over"
// "⚠ First response 12m left" of a running clock; "Resolution met after 3h 05m" of one that has stopped.
[[nodiscard]] std::string countdown(SlaClock const& clock, Instant now);
// The same and when it is due, each reader in their own zone.
[[nodiscard]] std::string countdown_and_due(SlaClock const& clock, Instant now);
// The running clock that is due first, or none.
[[nodiscard]] SlaClock const* most_urgent(Escalation const& escalation);

[[nodiscard]] slack::blocks::Element claim_button(Escalation const& escalation);  // "Claim", or "Accept" for who was assigned
[[nodiscard]] slack::blocks::Element replied_button(Escalation const& escalation);
[[nodiscard]] slack::blocks::Element resolve_button(Escalation const& escalation, slack::blocks::Style style);
[[nodiscard]] slack::blocks::Element reopen_button(Escalation const& escalation);
// It has no owner, or its owner has not said yes yet.
[[nodiscard]] bool waits_for_acceptance(Escalation const& escalation);

// Foreign text of several lines, cut and drawn as a quote.
[[nodiscard]] std::string quote(std::string_view foreign);

}  // namespace esc::views
