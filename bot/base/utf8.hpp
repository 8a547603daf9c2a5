// Reading UTF-8 from strangers, one code point at a time. Never fails: what is not UTF-8 reads as U+FFFD.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace esc::utf8 {

inline constexpr char32_t replacement = 0xFFFD;

struct CodePoint {
    char32_t value = replacement;
    std::size_t size = 1;  // bytes read, at least 1
    bool valid = false;
};
// `at` < text.size().
[[nodiscard]] CodePoint decode(std::string_view text, std::size_t at) noexcept;
void append(std::string& to, char32_t value);
// Code points, invalid bytes counted as one each.
[[nodiscard]] std::size_t length(std::string_view text) noexcept;

// Controls, and the characters that turn the reading direction of what follows. Line feed and tab are no controls here.
[[nodiscard]] bool is_hidden_control(char32_t value) noexcept;
// Continues the character before it on the screen: combining marks, variation selectors, joiners, skin tones.
[[nodiscard]] bool continues_character(char32_t value) noexcept;

}  // namespace esc::utf8
