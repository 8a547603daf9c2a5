// What has come in before: the keys that make every input count once.
#pragma once

#include "bot/base/time.hpp"

#include <string_view>

namespace esc::sql {
class Connection;
}

namespace esc::inbox {

// True when the key is new; false when it was seen before.
[[nodiscard]] bool accept(sql::Connection& connection, std::string_view key, Instant received_at);

}  // namespace esc::inbox
