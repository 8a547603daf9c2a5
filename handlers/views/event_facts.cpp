#include "handlers/views/event_facts.hpp"

#include "bot/slack/blocks.hpp"
#include "handlers/rules/access.hpp"
#include "handlers/views/parts.hpp"

namespace esc::views {

namespace blocks = slack::blocks;

std::string EventFacts::word(std::string_view name, std::string_view otherwise) const {
    auto word = word_of(text(name));
    return word.empty() ? std::string{otherwise} : word;
}

std::string EventFacts::person(std::string_view name, std::string_view otherwise) const {
    auto const id = text(name);
    return id.empty() ? std::string{otherwise} : blocks::person({id}).text;
}

std::string EventFacts::key(std::string_view name) const {
    auto const id = number(name);
    return id ? EscalationId{*id}.key() : std::string{"another one"};
}

std::string_view rung_reached(std::int64_t rung) {
    if (rung >= rung_breach) return "breached";
    return rung == rung_critical ? "critical" : "at risk";
}

std::string waits_on(std::string_view state) {
    for (auto const one : {State::waiting_customer, State::waiting_vendor, State::waiting_engineering})
        if (state == to_string(one)) return std::string{rules::waits_on(one)};
    return word_of(state);
}

}  // namespace esc::views
