// Reading JSON that strangers wrote: bounded depth, half surrogate pairs repaired, and look-ups that take a wrong type for
// an absent field. Slack sends null, leaves out and adds fields as it likes.
#pragma once

#include "bot/base/result.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/storage_ptr.hpp>
#include <boost/json/value.hpp>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace esc::slack {

inline constexpr std::size_t json_depth_max = 64;

// Errc::invalid when it is no JSON. A lone UTF-16 surrogate escape, which JavaScript happily writes, reads as U+FFFD.
[[nodiscard]] Result<boost::json::value> parse_json(std::string_view text, boost::json::storage_ptr storage = {});

namespace json_at {

// Null where the path is absent, null or of another type. A path is the names from `object` down.
using Path = std::initializer_list<std::string_view>;
[[nodiscard]] boost::json::object const* object(boost::json::object const& from, Path path);
[[nodiscard]] boost::json::array const* array(boost::json::object const& from, Path path);
// Empty likewise. Numbers are not text: a ts that came as a number has lost its last digits already.
[[nodiscard]] std::string text(boost::json::object const& from, Path path);
// The first of the paths that holds a text.
[[nodiscard]] std::string first_text(boost::json::object const& from, std::initializer_list<Path> paths);
[[nodiscard]] std::int64_t number(boost::json::object const& from, Path path, std::int64_t otherwise = 0);
[[nodiscard]] bool flag(boost::json::object const& from, Path path);
// Errc::invalid naming the path when it is absent or empty. `prefix` says where `from` stands.
[[nodiscard]] Result<std::string> required_text(boost::json::object const& from, Path path, std::string_view prefix);

}  // namespace json_at

}  // namespace esc::slack
