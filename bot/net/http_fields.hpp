// What client and server agree on about header fields. Field texts may come from configuration or from people, so they are
// checked before they are put on a wire.
#pragma once

#include <string_view>

namespace esc::net {

// A name of token characters and a value without control characters: cannot end the field or begin another one.
[[nodiscard]] bool is_sound_field(std::string_view name, std::string_view value);
// Visible ASCII that begins with '/'.
[[nodiscard]] bool is_sound_target(std::string_view target);
[[nodiscard]] bool equal_ignoring_case(std::string_view left, std::string_view right);

}  // namespace esc::net
