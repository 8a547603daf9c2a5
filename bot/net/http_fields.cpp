// Checks of header fields and targets, and the look-up of a field in an answer.
#include "bot/net/http_fields.hpp"

#include "bot/net/http_client.hpp"

#include <algorithm>

namespace esc::net {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_token(char c) {
    constexpr std::string_view others = "!#$%&'*+-.^_`|~";
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || others.find(c) != std::string_view::npos;
}

bool is_control(char c) {
    auto const code = static_cast<unsigned char>(c);
    return (code < 0x20 && code != '\t') || code == 0x7f;
}

}  // namespace

bool is_sound_field(std::string_view name, std::string_view value) {
    return !name.empty() && std::ranges::all_of(name, is_token) && std::ranges::none_of(value, is_control);
}

bool is_sound_target(std::string_view target) {
    return target.starts_with('/') && std::ranges::all_of(target, [](char c) { return c > 0x20 && c < 0x7f; });
}

bool equal_ignoring_case(std::string_view left, std::string_view right) {
    return std::ranges::equal(left, right, {}, lower, lower);
}

std::string_view HttpResponse::header(std::string_view name) const {
    for (auto const& [key, value] : headers)
        if (equal_ignoring_case(key, name)) return value;
    return {};
}

}  // namespace esc::net
