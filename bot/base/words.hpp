// What a mistyped word probably meant.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace esc {

[[nodiscard]] std::string lower(std::string_view text);  // ASCII
// Insertions, deletions, replacements and swapped neighbours.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);
// The nearest of the candidates, which are lower case; the first of equals; empty only without candidates. One that contains
// the word counts as nearest of all.
[[nodiscard]] std::string_view closest(std::string_view word, std::vector<std::string_view> const& candidates);
[[nodiscard]] bool looks_like(std::string_view word, std::string_view candidate);  // a slip of the finger away, or the same

}  // namespace esc
