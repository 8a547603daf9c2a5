// Lines that are nearly a command of ours. Without a question each would open an escalation that nobody wants.
#pragma once

#include "bot/base/config.hpp"
#include "handlers/router.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace esc::handlers {

struct Slip {
    enum class Command : std::uint8_t { escalate, queue };

    std::string said{};   // plain text in front of `meant`: "There is no \"clam\". The closest is"
    std::string meant{};  // the words after the command, as Slack wrote them; empty when nobody can tell
    Command command = Command::escalate;
    bool complete = true;                  // `meant` can be done as it is; else it is an example
    std::optional<EscalationId> to_see{};  // `meant` only shows this one, if there is one
};

struct VerbNames {
    std::map<std::string, VerbHelp, std::less<>> const& all;  // and their usage
    std::vector<std::string_view> with_key{};
    std::vector<std::string_view> of_oneself{};
    std::function<bool(std::string_view verb, Words const& behind)> meant{};  // of those of oneself
};

// `line` is no command as it stands. Nothing where it may well be a title: a slip is one or two words, or has a verb and a key
// near each other. A verb followed by two words or more without a number is a title.
[[nodiscard]] std::optional<Slip> slip_in(Words const& line, VerbNames const& verbs, Config const& config);
// A verb and its key, and behind them what the verb has no use for: "claim 5 6".
[[nodiscard]] std::optional<Slip> left_over(Words const& line, VerbNames const& verbs);
// What was typed after the queue command and belongs to the other one: "claim 12".
[[nodiscard]] std::optional<Slip> slip_in_queue(Words const& line, VerbNames const& verbs);

// What was probably meant, a button that does it where it is complete, and one for who meant a title.
[[nodiscard]] Plan asked_back(Slip slip, slack::SlashCommand const& in, Env const& env);

}  // namespace esc::handlers
