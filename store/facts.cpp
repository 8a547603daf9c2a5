#include "store/facts.hpp"

#include <boost/json/parse.hpp>

#include <utility>

namespace esc {

namespace json = boost::json;

Facts::Facts(LedgerEvent const& event) {
    boost::system::error_code error;
    auto value = json::parse(event.data, error);
    if (!error && value.is_object()) object_ = std::move(value.get_object());
}

std::string Facts::text(std::string_view name) const {
    auto const* value = object_.if_contains(name);
    return value != nullptr && value->is_string() ? std::string{value->get_string()} : std::string{};
}

std::optional<std::int64_t> Facts::number(std::string_view name) const {
    auto const* value = object_.if_contains(name);
    if (value == nullptr || !value->is_int64()) return std::nullopt;
    return value->get_int64();
}

bool Facts::flag(std::string_view name) const {
    auto const* value = object_.if_contains(name);
    return value != nullptr && value->is_bool() && value->get_bool();
}

std::optional<Instant> Facts::instant(std::string_view name) const {
    auto const us = number(name);
    if (!us) return std::nullopt;
    return from_us(*us);
}

json::array Facts::list(std::string_view name) const {
    auto const* value = object_.if_contains(name);
    return value != nullptr && value->is_array() ? value->get_array() : json::array{};
}

}  // namespace esc
