// What people write to a rule: something can be read, and not more than a card's thread can show.
#pragma once

#include "bot/base/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace esc::rules {

// What a person sees of it: white space at the ends does not count and in between once, nor does what shows nothing.
[[nodiscard]] std::size_t visible_characters(std::string_view text);
// Something of it is seen: more than white space, controls and marks that turn the reading direction.
[[nodiscard]] bool can_be_read(std::string_view text);
// Errc::invalid where it is longer than work_text_limit, or where nothing of it can be read: then the sentence is `otherwise`.
[[nodiscard]] Result<void> needs_text(std::string_view text, std::string const& otherwise);
// The same for a text that may be missing.
[[nodiscard]] Result<void> fits_limit(std::string_view text);

}  // namespace esc::rules
