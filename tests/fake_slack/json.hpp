// Small readers for JSON that came from outside: every one answers "empty" instead of throwing when the shape is another.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace esc::fake {

namespace json = boost::json;

[[nodiscard]] std::string text_of(json::object const& object, std::string_view key);
[[nodiscard]] bool flag_of(json::object const& object, std::string_view key);
[[nodiscard]] std::optional<std::int64_t> number_of(json::object const& object, std::string_view key);
[[nodiscard]] json::object object_of(json::object const& object, std::string_view key);
[[nodiscard]] json::array array_of(json::object const& object, std::string_view key);
// Nothing when it is no JSON.
[[nodiscard]] std::optional<json::value> parse_json(std::string_view text);
// Unicode code points, which is how Slack counts.
[[nodiscard]] std::size_t code_points(std::string_view utf8) noexcept;
// {"ok":false,"error":…}
[[nodiscard]] json::object refusal(std::string_view error);
// The same with the reasons where Slack puts them.
[[nodiscard]] json::object with_messages(std::string_view error, std::vector<std::string> const& messages);

}  // namespace esc::fake
