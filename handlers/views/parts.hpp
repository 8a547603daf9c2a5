// What several views say in the same words: state, owner, clocks, account, buttons. Markup unless the name says plain.
#pragma once

#include "bot/base/time.hpp"
#include "bot/slack/blocks.hpp"
#include "handlers/rules/access.hpp"
#include "handlers/rules/outbox_items.hpp"
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

// A button that does a verb: action id handlers::route(verb), the escalation's CardRef as value.
[[nodiscard]] slack::blocks::Element verb_button(rules::Verb verb, Escalation const& escalation,
                                                 slack::blocks::Style style = slack::blocks::Style::normal);
[[nodiscard]] std::string_view label(rules::Verb verb);                           // "Claim", "Request transfer"
[[nodiscard]] slack::blocks::Element claim_button(Escalation const& escalation);  // "Claim", or "Accept" for who was assigned
[[nodiscard]] std::string sentence(rules::Said const& said);                      // people filled in, the quote below
// It has no owner, or its owner has not said yes yet.
[[nodiscard]] bool waits_for_acceptance(Escalation const& escalation);

// A form of a verb on one escalation: callback id handlers::route(verb), its CardRef as private_metadata, headline on top.
[[nodiscard]] slack::blocks::Modal on_existing(Escalation const& escalation, rules::Verb verb, std::string_view word);

// Foreign text of several lines, cut and drawn as a quote.
[[nodiscard]] std::string quote(std::string_view foreign);

}  // namespace esc::views
