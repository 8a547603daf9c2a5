// What was said in the source's thread before an escalation was raised: context for who works on it, kept as texts of those who
// said it.
#pragma once

#include "bot/base/ids.hpp"
#include "bot/base/vocabulary.hpp"
#include "handlers/rules/access.hpp"
#include "store/model.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace esc::rules {

struct SaidBefore {
    PersonId by{};
    Role role = Role::outsider;
    std::string name{};  // a mention would call them
    MessageTs ts{};
    std::string text{};  // readable text
};
enum class ThreadRead : std::uint8_t { whole, in_part };
// A thread may be long: what begins it, and the newest.
inline constexpr std::size_t said_before_max = 20;
inline constexpr std::size_t said_text_limit = 600;  // code points

// Adds what comes after the others, cut; what says nothing is left out, and of too many the oldest but the first.
void keep(std::vector<SaidBefore>& said, SaidBefore one);

// An event for each, by its author and erased with their texts, and one message in the card's thread. It asks for the version
// that the decision will have, like everything that is said there.
void attach_thread(Decision& decision, std::vector<SaidBefore> const& said, ThreadRead read, By const& by);
// In place of it, once it is known that it cannot be read.
void say_thread_unread(Decision& decision, By const& by);

}  // namespace esc::rules
