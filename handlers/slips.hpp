// Lines that are nearly a command of ours. Without a question each would open an escalation that nobody wants.
#pragma once

#include "bot/base/config.hpp"
#include "handlers/router.hpp"

#include <cstdint>
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
    bool complete = true;  // `meant` can be done as it is; else it is an example
};

struct VerbNames {
    std::map<std::string, VerbHelp, std::less<>> const& all;  // and their usage
    std::vector<std::string_view> with_key{};
    std::vector<std::string_view> of_oneself{};
};

// `line` is no command as it stands. Nothing where it may well be a title: a slip is one or two words, or has a verb and a key
// that cannot be mistaken.
[[nodiscard]] std::optional<Slip> slip_in(Words const& line, VerbNames const& verbs, Config const& config);

}  // namespace esc::handlers
