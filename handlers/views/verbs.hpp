// What people read about each verb: one table, from which More, help and every button take their words, their order and their
// groups. What one types, and what that does, is said where the verb is registered (VerbHelp).
#pragma once

#include "handlers/rules/access.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace esc::views {

// What one thinks of a verb as: whose it is, where it stands, the work on it, looking.
enum class Group : std::uint8_t { ownership, state, work, look };
inline constexpr std::array groups{Group::ownership, Group::state, Group::work, Group::look};

[[nodiscard]] std::string_view title_of(Group group);

struct VerbFacts {
    rules::Verb verb;
    Group group;
    std::string_view label;    // of its button
    std::string_view what;     // what pressing it means
    std::string_view example;  // of what to type where its usage is none
};
using VerbTable = std::array<VerbFacts, rules::all_verbs.size()>;
[[nodiscard]] VerbTable const& all_facts();  // in the order in which they are listed
[[nodiscard]] VerbFacts const& facts_of(rules::Verb verb);

}  // namespace esc::views
