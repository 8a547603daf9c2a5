// What people see: pure functions from facts to blocks. `now` is an argument; dates are Slack date tokens with a UTC fallback.
#pragma once

#include "bot/base/config.hpp"
#include "bot/slack/blocks.hpp"
#include "handlers/rules/alerts.hpp"
#include "handlers/rules/lifecycle.hpp"
#include "handlers/rules/outbox_items.hpp"
#include "handlers/views/raise.hpp"
#include "store/model.hpp"
#include "store/tx.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace esc::views {

// At most five buttons, by state, the last one More. `closed`: its clocks that are over (Snapshot::closed_clocks); one that was
// missed stays on the card, one that was met is told once all is resolved. `links`: Snapshot::links. "Same as ESC-7?" is asked
// whenever details.similar is set: who calls has looked whether that one is open. `merged`: the ones that go on in it; `asked`:
// what who acts for the owner has said while it waits to be resolved.
[[nodiscard]] slack::blocks::Message card(Escalation const& escalation, std::vector<SlaClock> const& closed,
                                          std::vector<SourceLink> const& links, Instant now,
                                          std::vector<EscalationId> const& merged = {},
                                          std::optional<rules::ResolveRequest> const& asked = {});
// The short reply in the source's own thread: key, severity criterion, status, link to the card; Undo while that is possible.
[[nodiscard]] slack::blocks::Message status_reply(Escalation const& escalation, Config const& config,
                                                  std::string_view card_permalink, Instant now);
// What that reply becomes when somebody from outside has come to read it: a fixed text that tells nothing.
[[nodiscard]] slack::blocks::Message outsiders_reply();
// The configured words to who wrote from outside, and nothing else.
[[nodiscard]] slack::blocks::Message customer_reply(rules::CustomerReplyFact const& fact);
// What the card becomes where people from outside have come to read it: it comes anew elsewhere.
[[nodiscard]] slack::blocks::Message withdrawn();
// What stood under it, and the card of what is over, becomes: nothing takes its place.
[[nodiscard]] slack::blocks::Message taken_back();
// A DM or a reply in the card's thread. `now` tells time left or how late; an alert that came late says how late, by when it was
// posted; nothing: it is posted now. `reader`: who gets it, where that is known, and so which buttons are of use.
[[nodiscard]] slack::blocks::Message alert(rules::AlertFact const& fact, Escalation const& escalation,
                                           std::string_view card_permalink, Instant now,
                                           std::optional<Person> const& reader = std::nullopt,
                                           std::optional<Instant> posted_at = std::nullopt);
// A word to one person, with those of its buttons that are still of use to them; and a line in the card's thread.
[[nodiscard]] slack::blocks::Message notice(rules::NoticeFact const& fact, Escalation const& escalation,
                                            std::string_view card_permalink, Instant now,
                                            std::optional<Person> const& reader = std::nullopt);
[[nodiscard]] slack::blocks::Message thread_note(rules::ThreadNoteFact const& fact, Escalation const& escalation);

struct QueueRow {
    Escalation escalation{};
    std::string card_permalink{};  // empty: not known
};
struct QueuePage {
    QueueQuery query{};  // what was asked for; `now` is the time of the answer
    int page = 1;
    int beyond = 0;     // the page that was asked for, where `page` is the last one and is shown instead
    bool more = false;  // there is a next page
    std::vector<QueueRow> rows{};
    QueueCounts counts{};
    Snapshot::Load load{};  // of who asks, with `mine`
};
// Previous and Next carry the words of the list and the page they lead to: "mine sev1 for:\"acme\" 2".
inline constexpr std::string_view queue_next_action = "esc.queue";
inline constexpr std::string_view queue_previous_action = "esc.queue.previous";
[[nodiscard]] slack::blocks::Message queue(QueuePage const& page);
// "My queue", "Unowned", and what to say when the list is empty.
[[nodiscard]] std::string_view heading(QueueFilter filter);
[[nodiscard]] std::string_view nothing_here(QueueFilter filter);
// The same of a list that may be narrowed: "Queue: at risk · SEV1 · Account: acme · team support"; and as it is typed.
[[nodiscard]] std::string narrowed_heading(QueueQuery const& query);
[[nodiscard]] std::string_view nothing_in(QueueQuery const& query);
[[nodiscard]] std::string queue_words(QueueQuery const& query);  // "unowned sev1 for:\"acme\""
[[nodiscard]] std::string counts_line(QueueCounts const& counts);
// Behind the heading of one's own list: " · 2 owned · 1 covered"; nothing of nothing.
[[nodiscard]] std::string load_words(Snapshot::Load const& load);

}  // namespace esc::views
