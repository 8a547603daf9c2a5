// Readers for JSON from outside.
#include "tests/fake_slack/json.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>

namespace esc::fake {

std::string text_of(json::object const& object, std::string_view key) {
    auto const* value = object.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

bool flag_of(json::object const& object, std::string_view key) {
    auto const* value = object.if_contains(key);
    return value != nullptr && value->is_bool() && value->get_bool();
}

std::optional<std::int64_t> number_of(json::object const& object, std::string_view key) {
    auto const* value = object.if_contains(key);
    if (value == nullptr || !value->is_number()) return std::nullopt;
    boost::system::error_code error;
    auto const number = value->to_number<std::int64_t>(error);
    if (error) return std::nullopt;
    return number;
}

json::object object_of(json::object const& object, std::string_view key) {
    auto const* value = object.if_contains(key);
    return value != nullptr && value->is_object() ? value->get_object() : json::object();
}

json::array array_of(json::object const& object, std::string_view key) {
    auto const* value = object.if_contains(key);
    return value != nullptr && value->is_array() ? value->get_array() : json::array();
}

std::optional<json::value> parse_json(std::string_view text) {
    boost::system::error_code error;
    auto value = json::parse(text, error);
    if (error) return std::nullopt;
    return value;
}

std::size_t code_points(std::string_view utf8) noexcept {
    return static_cast<std::size_t>(
        std::count_if(utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

json::object refusal(std::string_view error) { return {{"ok", false}, {"error", error}}; }

json::object with_messages(std::string_view error, std::vector<std::string> const& messages) {
    auto out = refusal(error);
    json::array errors;
    json::array lines;
    for (auto const& message : messages) {
        errors.emplace_back(message);
        lines.emplace_back("[ERROR] " + message);
    }
    if (error == "invalid_blocks") out["errors"] = std::move(errors);
    out["response_metadata"] = {{"messages", std::move(lines)}};
    return out;
}

}  // namespace esc::fake
