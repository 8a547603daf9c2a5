// The work on it: notes, next step, promise, handoff note, people who help or watch, links, acknowledgements.
#pragma once

#include "bot/base/config.hpp"
#include "bot/base/result.hpp"
#include "handlers/rules/access.hpp"
#include "store/model.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace esc::rules {

// Code points; what is longer is refused with its length, never cut.
inline constexpr std::size_t work_text_limit = 3000;
inline constexpr std::size_t promise_to_limit = 80;
inline constexpr std::chrono::hours promise_at_most{24 * 30};
inline constexpr std::size_t participants_max = 50;  // each is told of changes: a room full is a channel
inline constexpr std::size_t links_max = 30;         // checked by the handler, which can count them

// A note lies in the ledger and is said in the card's thread.
[[nodiscard]] Result<Decision> note(Escalation const& before, std::string const& text, By const& by);
[[nodiscard]] Result<Decision> set_next_step(Escalation const& before, std::string const& text, By const& by);
// One at a time, due in the future and within thirty days; a new one replaces the old, whose clock is cancelled. Its clock
// warns like the others.
[[nodiscard]] Result<Decision> promise(Escalation const& before, Promise const& promise, Config const& config, By const& by);
[[nodiscard]] Result<void> may_promise_until(Instant due, Instant now);
[[nodiscard]] Result<Decision> keep_promise(Escalation const& before, By const& by);
// Better, the same, worse, or one of its texts: something must be said.
[[nodiscard]] Result<Decision> brief(Escalation const& before, Brief const& brief, By const& by,
                                     std::string const& next_step = {});
[[nodiscard]] std::string_view to_string(Brief::Trend trend) noexcept;  // "better", "unknown"
// Whoever is made a helper is told. Ownership stays as it is.
[[nodiscard]] Result<Decision> join(Escalation const& before, Participant::Kind kind, Person const& who, By const& by);
[[nodiscard]] Result<Decision> leave(Escalation const& before, Participant::Kind kind, PersonId const& who, By const& by);
[[nodiscard]] bool watches(Escalation const& escalation, PersonId const& who);
// `url` is http or https; the handler has looked whether another open escalation has it.
[[nodiscard]] Result<Decision> link(Escalation const& before, std::string const& url, By const& by);
// A ticket that a text names, where no other open one has it.
void add_ticket(Decision& decision, SourceLink const& link, By const& by);
// Another open one has that ticket, and keeps the link: its card offers a merge from now on.
void offer_merge(Decision& decision, EscalationId other, std::string const& url, By const& by);
// The other side, whose thread hears of it.
[[nodiscard]] Decision name_same_ticket(Escalation const& before, EscalationId other, std::string const& url, By const& by);
// The other side, where one that is over had it.
[[nodiscard]] Decision give_up_link(Escalation const& before, SourceLink const& link, EscalationId to, By const& by);
// "https://Acme.zendesk.com/tickets/1/" and "https://acme.zendesk.com/tickets/1" are the same: scheme and host in lower case, no
// fragment, no slash at the end; a ticket's as ticket_address() has it. Errc::invalid for what is no web address.
[[nodiscard]] Result<std::string> normal_url(std::string_view text);
// The same without knowing tickets. Links from before they were known are stored under it.
[[nodiscard]] Result<std::string> plain_url(std::string_view text);
// Silences rungs that would repeat for a while; nothing repeats yet, so it records who knows, and says so in the thread.
[[nodiscard]] Result<Decision> acknowledge(Escalation const& before, By const& by);

// Watchers hear by direct message of changes of state, owner and severity: one word for a decision, never to who did it and
// never to those whom the decision tells more already. For ended() alone.
void tell_watchers(Decision& decision, By const& by);

}  // namespace esc::rules
