// The facts of a ledger event in words, as those who tell what happened say them.
#pragma once

#include "handlers/rules/facts.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace esc::views {

// What is missing or of another kind has a word to stand in: a sentence can always be said.
class EventFacts : public rules::Facts {
public:
    using Facts::Facts;

    [[nodiscard]] std::string word(std::string_view name, std::string_view otherwise = {}) const;
    [[nodiscard]] std::string person(std::string_view name, std::string_view otherwise = "somebody") const;  // as a mention
    [[nodiscard]] std::string key(std::string_view name) const;  // of another escalation
};

[[nodiscard]] std::string_view rung_reached(std::int64_t rung);  // "at risk", "critical", "breached"
// Of a state's code: "waiting_customer" waits on "the customer".
[[nodiscard]] std::string waits_on(std::string_view state);

}  // namespace esc::views
