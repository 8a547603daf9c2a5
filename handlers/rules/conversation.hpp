// What is said in the source's thread, and what that does to clocks and states. Slack only; tickets and mail come later.
#pragma once

#include "bot/base/config.hpp"
#include "bot/base/result.hpp"
#include "handlers/rules/access.hpp"
#include "store/model.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace esc::rules {

// What was heard of the conversation before, each ascending: needed only for a message older than the last answer.
struct Talk {
    std::vector<Instant> customer{};
    std::vector<Instant> colleagues{};
};
// Somebody from outside wrote in the source's thread at `at` (clamped to [opened, now]): starts the next-response clock at the
// oldest unanswered message, ends waiting on the customer at that time, and reopens what is resolved inside the window unless it
// only says thanks. Who answers there an internal message is its customer from then on. A message that arrives after its answer
// lays its clock down as over. Nothing when that very message is known, when there is no author, or when all is over.
[[nodiscard]] std::optional<Decision> customer_wrote(Escalation const& before, PersonId const& author, std::string_view text,
                                                     Instant at, std::string_view ts, Talk const& talk, Config const& config,
                                                     By const& by);
// Somebody from outside wrote in the thread of what is over or goes on in another one: they read along there from then on. Who
// came first is its customer. While it is merged every word is kept for an unmerge; no clock runs and nobody is told here.
[[nodiscard]] std::optional<Decision> overheard(Escalation const& before, PersonId const& author, Instant at, std::string_view ts,
                                                By const& by);
// It was reopened, by whom or what `by_whom` says, and stays with its owner: they are told, and who acts for them.
void tell_reopened(Decision& decision, std::string_view by_whom, std::string const& quote, By const& by);
// Somebody of ours wrote where the customer reads: stops first and next response at that time; a breach that was told while the
// event was on its way is taken back. Nothing without a customer, before it was raised, or when it is older than the last answer
// and stops nothing.
[[nodiscard]] std::optional<Decision> colleague_wrote(Escalation const& before, Instant at, std::string_view ts, By const& by);
// "Thanks!", "danke, alles gut 👍": at most a few words, none of which reports trouble.
[[nodiscard]] bool only_thanks(std::string_view text);

// The owner (or a lead or manager) states that the customer was answered: stops first and next response.
[[nodiscard]] Result<Decision> replied(Escalation const& before, By const& by);

// The source message was edited: recorded, and said in the card's thread. Title and description become what `follows` has, for
// an escalation that took both from the message. From a private source no text is kept, here as little as there.
struct SourceText {
    std::string title{};
    std::string description{};
};
[[nodiscard]] std::optional<Decision> source_edited(Escalation const& before, std::string_view new_text,
                                                    std::optional<SourceText> const& follows, Instant at, By const& by);
[[nodiscard]] std::optional<Decision> source_deleted(Escalation const& before, Instant at, By const& by);

}  // namespace esc::rules
