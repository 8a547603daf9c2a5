// The work on it: notes, next step, promise, handoff note, people who help or watch, links, acknowledgements.
#pragma once

#include "bot/base/config.hpp"
#include "bot/base/result.hpp"
#include "handlers/rules/access.hpp"
#include "store/model.hpp"

#include <string>
#include <string_view>

namespace esc::rules {

inline constexpr std::size_t work_text_limit = 3000;  // code points

// A note lies in the ledger and is said in the card's thread.
[[nodiscard]] Result<Decision> note(Escalation const& before, std::string const& text, By const& by);
[[nodiscard]] Result<Decision> set_next_step(Escalation const& before, std::string const& text, By const& by);
// One at a time; a new one replaces the old, whose clock is cancelled. Its clock warns like the others.
[[nodiscard]] Result<Decision> promise(Escalation const& before, Promise const& promise, Config const& config, By const& by);
[[nodiscard]] Result<Decision> keep_promise(Escalation const& before, By const& by);
[[nodiscard]] Result<Decision> brief(Escalation const& before, Brief const& brief, By const& by);
[[nodiscard]] Result<Decision> join(Escalation const& before, Participant::Kind kind, Person const& who, By const& by);
[[nodiscard]] Result<Decision> leave(Escalation const& before, Participant::Kind kind, PersonId const& who, By const& by);
// `url` is http or https; the handler has looked whether another open escalation has it.
[[nodiscard]] Result<Decision> link(Escalation const& before, std::string const& url, By const& by);
// "https://Acme.zendesk.com/tickets/1/" and "https://acme.zendesk.com/tickets/1" are the same: scheme and host in lower case, no
// fragment, no slash at the end. Errc::invalid for what is no web address.
[[nodiscard]] Result<std::string> normal_url(std::string_view text);
// Silences rungs that would repeat for a while; nothing repeats yet, so it records who knows, and says so in the thread.
[[nodiscard]] Result<Decision> acknowledge(Escalation const& before, By const& by);

}  // namespace esc::rules
