// The facts of a ledger event, as those who tell what happened read them.
#pragma once

#include "bot/base/time.hpp"
#include "store/model.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace esc::views {

// What is missing or of another kind reads as nothing: a sentence can always be said.
class EventFacts {
public:
    explicit EventFacts(LedgerEvent const& event);

    [[nodiscard]] std::string text(std::string_view name) const;  // as it is: not escaped
    [[nodiscard]] std::string word(std::string_view name, std::string_view otherwise = {}) const;
    [[nodiscard]] std::optional<std::int64_t> number(std::string_view name) const;
    [[nodiscard]] bool flag(std::string_view name) const;
    [[nodiscard]] std::string person(std::string_view name, std::string_view otherwise = "somebody") const;  // as a mention
    [[nodiscard]] std::optional<Instant> instant(std::string_view name) const;                               // of microseconds
    [[nodiscard]] std::string key(std::string_view name) const;  // of another escalation
    [[nodiscard]] boost::json::array list(std::string_view name) const;

private:
    boost::json::object object_{};
};

[[nodiscard]] std::string_view rung_reached(std::int64_t rung);  // "at risk", "critical", "breached"
// Of a state's code: "waiting_customer" waits on "customer".
[[nodiscard]] std::string waits_on(std::string_view state);

}  // namespace esc::views
