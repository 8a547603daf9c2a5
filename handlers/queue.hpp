// What others may know of the words after the queue command.
#pragma once

#include <string_view>

namespace esc::handlers {

[[nodiscard]] bool names_a_queue(std::string_view word);  // "mine", lower case

}  // namespace esc::handlers
