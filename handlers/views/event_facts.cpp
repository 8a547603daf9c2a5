#include "handlers/views/event_facts.hpp"

#include "bot/slack/blocks.hpp"
#include "handlers/views/parts.hpp"

#include <boost/json/parse.hpp>

#include <utility>

namespace esc::views {

namespace blocks = slack::blocks;
namespace json = boost::json;

EventFacts::EventFacts(LedgerEvent const& event) {
    boost::system::error_code error;
    auto value = json::parse(event.data, error);
    if (!error && value.is_object()) object_ = std::move(value.get_object());
}

std::string EventFacts::text(std::string_view name) const {
    auto const* value = object_.if_contains(name);
    return value != nullptr && value->is_string() ? std::string{value->get_string()} : std::string{};
}

std::string EventFacts::word(std::string_view name, std::string_view otherwise) const {
    auto word = word_of(text(name));
    return word.empty() ? std::string{otherwise} : word;
}

std::optional<std::int64_t> EventFacts::number(std::string_view name) const {
    auto const* value = object_.if_contains(name);
    if (value == nullptr || !value->is_int64()) return std::nullopt;
    return value->get_int64();
}

bool EventFacts::flag(std::string_view name) const {
    auto const* value = object_.if_contains(name);
    return value != nullptr && value->is_bool() && value->get_bool();
}

std::string EventFacts::person(std::string_view name, std::string_view otherwise) const {
    auto const id = text(name);
    return id.empty() ? std::string{otherwise} : blocks::person({id}).text;
}

std::optional<Instant> EventFacts::instant(std::string_view name) const {
    auto const us = number(name);
    if (!us) return std::nullopt;
    return from_us(*us);
}

std::string EventFacts::key(std::string_view name) const {
    auto const id = number(name);
    return id ? EscalationId{*id}.key() : std::string{"another one"};
}

json::array EventFacts::list(std::string_view name) const {
    auto const* value = object_.if_contains(name);
    return value != nullptr && value->is_array() ? value->get_array() : json::array{};
}

std::string_view rung_reached(std::int64_t rung) {
    if (rung >= rung_breach) return "breached";
    return rung == rung_critical ? "critical" : "at risk";
}

std::string waits_on(std::string_view state) {
    constexpr std::string_view waiting = "waiting_";
    return word_of(state.starts_with(waiting) ? state.substr(waiting.size()) : state);
}

}  // namespace esc::views
