// Golden files: what a program says, laid down to be read and reviewed. Those of Block Kit are also asked of Slack's own types.
#pragma once

#include <boost/json/value.hpp>

#include <string_view>

namespace esc::test {

// Compares with tests/data/blocks/<name>.json, by structure. With ESC_REGENERATE=1 in the environment it writes the file.
void check_golden(std::string_view name, boost::json::value const& value);
// {"text":…,"blocks":[…]}, of anything that has both.
template <class Message>
[[nodiscard]] boost::json::value as_json(Message const& message) {
    return {{"text", message.text}, {"blocks", message.blocks_json()}};
}

}  // namespace esc::test
