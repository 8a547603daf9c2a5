// What is said in the source's thread, and what that does to clocks and states. Slack only; tickets and mail come later.
#pragma once

#include "bot/base/config.hpp"
#include "bot/base/result.hpp"
#include "handlers/rules/access.hpp"
#include "store/model.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace esc::rules {

// The customer wrote in the source's thread at `at` (clamped to [opened, now]): starts the next-response clock at the oldest
// unanswered message, ends waiting on the customer at that time, and reopens what is resolved inside the window unless it only
// says thanks. Nothing when it changes nothing or nothing from the customer counts here (no external author).
[[nodiscard]] std::optional<Decision> customer_wrote(Escalation const& before, PersonId const& author, std::string_view text,
                                                     Instant at, std::string_view ts, Config const& config, By const& by);
// Somebody of ours wrote where the customer reads: stops first and next response at that time. Nothing otherwise.
[[nodiscard]] std::optional<Decision> colleague_wrote(Escalation const& before, Instant at, std::string_view ts, By const& by);
// "Thanks!", "danke, alles gut 👍": at most a few words, none of which reports trouble.
[[nodiscard]] bool only_thanks(std::string_view text);

// The owner (or a lead or manager) states that the customer was answered: stops first and next response.
[[nodiscard]] Result<Decision> replied(Escalation const& before, By const& by);

// The source message was edited: recorded, and where its text may be shown (public, not from outside the rules of `located`)
// the description and a title that was taken from it follow.
[[nodiscard]] std::optional<Decision> source_edited(Escalation const& before, std::string_view new_text, Instant at,
                                                    By const& by);
[[nodiscard]] std::optional<Decision> source_deleted(Escalation const& before, Instant at, By const& by);

}  // namespace esc::rules
