// Total look-ups over Boost.JSON, and its parser with limits.
#include "bot/slack/json.hpp"

#include <boost/json/parse.hpp>
#include <boost/system/error_code.hpp>

#include <algorithm>
#include <cmath>

namespace json = boost::json;

namespace esc::slack {

namespace {

// The value of a \uXXXX escape at `at`, or −1.
int escape_value(std::string_view text, std::size_t at) {
    if (text.size() - at < 6 || text[at] != '\\' || text[at + 1] != 'u') return -1;
    int value = 0;
    for (std::size_t i = at + 2; i < at + 6; ++i) {
        char const c = text[i];
        int digit = 0;
        if (c >= '0' && c <= '9') {
            digit = c - '0';
        } else if (c >= 'a' && c <= 'f') {
            digit = c - 'a' + 10;
        } else if (c >= 'A' && c <= 'F') {
            digit = c - 'A' + 10;
        } else {
            return -1;
        }
        value = value * 16 + digit;
    }
    return value;
}

bool is_high(int value) { return value >= 0xD800 && value <= 0xDBFF; }
bool is_low(int value) { return value >= 0xDC00 && value <= 0xDFFF; }

std::string with_whole_surrogates(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] != '\\') {
            out += text[at++];
            continue;
        }
        auto const value = escape_value(text, at);
        if (value < 0) {  // another escape: both characters, so that "\\u" is not taken for one
            out += text.substr(at, 2);
            at += std::min<std::size_t>(2, text.size() - at);
        } else if (is_high(value) && text.size() - at >= 12 && is_low(escape_value(text, at + 6))) {
            out += text.substr(at, 12);
            at += 12;
        } else {
            out += is_high(value) || is_low(value) ? std::string_view{"\\ufffd"} : text.substr(at, 6);
            at += 6;
        }
    }
    return out;
}

json::value const* find(json::object const& from, json_at::Path path) {
    json::object const* here = &from;
    json::value const* found = nullptr;
    for (auto const name : path) {
        if (here == nullptr) return nullptr;
        found = here->if_contains(name);
        if (found == nullptr) return nullptr;
        here = found->if_object();
    }
    return found;
}

}  // namespace

Result<json::value> parse_json(std::string_view text, json::storage_ptr storage) {
    json::parse_options options;
    options.max_depth = json_depth_max;
    boost::system::error_code error;
    auto value = json::parse(text, error, storage, options);
    if (error && text.find("\\u") != std::string_view::npos) {
        error.clear();
        value = json::parse(with_whole_surrogates(text), error, std::move(storage), options);
    }
    if (error) return fail(Errc::invalid, "not JSON: {}", error.message());
    return value;
}

namespace json_at {

json::object const* object(json::object const& from, Path path) {
    auto const* value = find(from, path);
    return value == nullptr ? nullptr : value->if_object();
}

json::array const* array(json::object const& from, Path path) {
    auto const* value = find(from, path);
    return value == nullptr ? nullptr : value->if_array();
}

std::string text(json::object const& from, Path path) {
    auto const* value = find(from, path);
    if (value == nullptr || !value->is_string()) return {};
    return std::string{std::string_view{value->get_string()}};
}

std::string first_text(json::object const& from, std::initializer_list<Path> paths) {
    for (auto const& path : paths)
        if (auto found = text(from, path); !found.empty()) return found;
    return {};
}

std::int64_t number(json::object const& from, Path path, std::int64_t otherwise) {
    auto const* value = find(from, path);
    if (value == nullptr) return otherwise;
    if (value->is_int64()) return value->get_int64();
    constexpr double exact_max = 9.0e15;
    if (value->is_double() && std::abs(value->get_double()) < exact_max) return static_cast<std::int64_t>(value->get_double());
    return otherwise;
}

bool flag(json::object const& from, Path path) {
    auto const* value = find(from, path);
    return value != nullptr && value->is_bool() && value->get_bool();
}

Result<std::string> required_text(json::object const& from, Path path, std::string_view prefix) {
    auto found = text(from, path);
    if (!found.empty()) return found;
    std::string name{prefix};
    for (auto const part : path) {
        if (!name.empty()) name += '.';
        name += part;
    }
    return fail(Errc::invalid, "{} is missing", name);
}

}  // namespace json_at

}  // namespace esc::slack
