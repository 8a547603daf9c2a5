// What several views say in the same words: state, owner, clocks, account, buttons. Markup unless the name says plain.
#pragma once

#include "bot/base/time.hpp"
#include "bot/slack/blocks.hpp"
#include "handlers/rules/access.hpp"
#include "handlers/rules/outbox_items.hpp"
#include "store/model.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace esc::views {

[[nodiscard]] std::string plain_headline(Escalation const& escalation);  // "ESC-12 · SEV2 · Checkout fails"
[[nodiscard]] std::string title(Escalation const& escalation);           // one line, escaped
[[nodiscard]] std::string headline(Escalation const& escalation);        // the same as plain_headline, escaped
// With the key as a link where the card's place is known.
[[nodiscard]] std::string linked_headline(Escalation const& escalation, std::string_view card_permalink);
[[nodiscard]] std::string capitalized(std::string words);
[[nodiscard]] std::string state_word(Escalation const& escalation);  // "New", "Waiting on the customer", "Withdrawn"
[[nodiscard]] std::string owner(Escalation const& escalation);       // "🔒 <@U1>", "No owner"
// The same with who acts for the owner now: "🔒 <@U1>, <@U2> acts until …".
[[nodiscard]] std::string owner(Escalation const& escalation, Instant now);
[[nodiscard]] std::string account(Escalation const& escalation);  // "Account: acme", "Account unknown"
// State, owner, acting owner, and what is out of the ordinary: unconfirmed, bounced, owner unavailable, reopened.
[[nodiscard]] std::string status(Escalation const& escalation, Instant now);
// " · Source message" with its link, or that it was deleted, or that texts were erased; may be empty.
[[nodiscard]] std::string about_source(Escalation const& escalation);

inline constexpr Duration late_from = std::chrono::seconds{5};  // what is told later than that says how much
[[nodiscard]] std::string time_left(Instant due, Instant now);  // "12m left", "4m over"
// "⚠ First response 12m left" of a running clock; "⏸ Resolution 5h 00m left" of one that stands still; "Resolution met after
// 3h 05m" of one that has stopped.
[[nodiscard]] std::string countdown(SlaClock const& clock, Instant now);
// The same and when it is due, each reader in their own zone; of one that stands still, since when.
[[nodiscard]] std::string countdown_and_due(SlaClock const& clock, Instant now);
// The running clock that is due first, or none.
[[nodiscard]] SlaClock const* most_urgent(Escalation const& escalation);
// What is looked at long after it was sent tells, too, when a clock is due.
enum class Due : std::uint8_t { left_out, told };
// That clock's countdown; else one that stands still; else that there is none.
[[nodiscard]] std::string row_countdown(Escalation const& escalation, Instant now, Due due = Due::left_out);
// Two lines of a list: key, severity, title; then countdown, owner, account and the state when it is not simply worked on.
[[nodiscard]] std::string row(Escalation const& escalation, std::string_view card_permalink, Instant now,
                              Due due = Due::left_out);

// A button on one escalation: its CardRef as value.
[[nodiscard]] slack::blocks::Element button(Escalation const& escalation, std::string_view action, std::string text,
                                            slack::blocks::Style style = slack::blocks::Style::normal);
// One that does a verb: action id handlers::route(verb), with the verb's label.
[[nodiscard]] slack::blocks::Element verb_button(rules::Verb verb, Escalation const& escalation,
                                                 slack::blocks::Style style = slack::blocks::Style::normal);
// As it stands on the card: with what the card shows beside, so that a press on an old one is told what has changed.
[[nodiscard]] slack::blocks::Element card_button(rules::Verb verb, Escalation const& escalation, slack::blocks::Style style);
// Whether a message to that person shows a verb's button; of who is not known only what makes no sense is left out.
[[nodiscard]] bool for_reader(rules::Verb verb, Escalation const& escalation, std::optional<Person> const& reader, Instant now);
// What can be said to an unconfirmed one: "Confirm SEV1", or "Lower" by the form that grades.
inline constexpr std::string_view confirm_action = "esc.severity.confirm";
[[nodiscard]] slack::blocks::Element confirm_button(Escalation const& escalation);
[[nodiscard]] std::vector<slack::blocks::Element> confirm_buttons(Escalation const& escalation);
[[nodiscard]] std::string_view label(rules::Verb verb);  // "Claim", "Request transfer"
// Opens all that the person who presses may do. The action id is more_action, the value the escalation's CardRef.
inline constexpr std::string_view more_action = "esc.more";
[[nodiscard]] slack::blocks::Element more_button(Escalation const& escalation, std::string text = "More");
[[nodiscard]] std::string sentence(rules::Said const& said);  // people and moments filled in, the quote below

// A form of a verb on one escalation: callback id handlers::route(verb), its CardRef as private_metadata, headline on top.
[[nodiscard]] slack::blocks::Modal on_existing(Escalation const& escalation, rules::Verb verb, std::string_view word);

// Which level was warranted, says who, and whether a lead has confirmed it; empty where it was the one it had.
[[nodiscard]] std::string warranted_line(Escalation const& escalation);

// "<@U2>, who acts for <@U1>, says that it is solved. Its owner or a manager resolves or denies it"
[[nodiscard]] std::string asks_to_resolve(Escalation const& escalation, PersonId const& by);

// Foreign text of several lines, cut and drawn as a quote.
[[nodiscard]] std::string quote(std::string_view foreign);
// All of it, in pieces that each fit into a section below a short heading; what would take more than eight ends in "…".
[[nodiscard]] std::vector<std::string> quote_in_full(std::string_view foreign);
// Foreign text as one escaped line of at most so many characters.
[[nodiscard]] std::string line(std::string_view foreign, std::size_t limit);
// A code of ours as a word: "third_party" is "third party". Escaped, since it comes from the store.
[[nodiscard]] std::string word_of(std::string_view code);
[[nodiscard]] std::string at(Instant when);  // each reader sees it in their own zone
// Of what is kept current, to the minute: what is otherwise unchanged need not be sent again.
[[nodiscard]] std::string as_of(Instant now);  // "as of 14:32"

// A text of several lines, line by line, and a message, block by block. What is empty adds nothing.
void add_line(std::string& to, std::string_view text);
void add(slack::blocks::Message& message, std::string const& markup);        // a section
void add_small(slack::blocks::Message& message, std::string const& markup);  // a context

}  // namespace esc::views
