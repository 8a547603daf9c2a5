#include "handlers/card_ref.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <system_error>

namespace esc::handlers {
namespace {

std::optional<State> state_named(std::string_view name) {
    for (auto const state :
         {State::fresh, State::working, State::waiting_customer, State::waiting_vendor, State::waiting_engineering,
          State::mitigated, State::resolved, State::closed, State::declined, State::merged})
        if (to_string(state) == name) return state;
    return std::nullopt;
}

}  // namespace

Result<CardRef> CardRef::parse(std::string_view value) {
    auto const broken = fail(Errc::invalid, "This button does not say which escalation it belongs to: use the newest card.");
    auto const colon = value.find(":v");
    if (colon == std::string_view::npos) return broken;
    auto const number = [](std::string_view digits) -> std::int64_t {
        std::int64_t read = 0;
        auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), read);
        return error == std::errc{} && end == digits.data() + digits.size() ? read : 0;
    };
    auto rest = value.substr(colon + 2);
    auto const next = [&rest] {
        auto const end = std::min(rest.find(':'), rest.size());
        auto const word = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        return std::string{word};
    };
    CardRef ref{.id = {number(value.substr(0, colon))}, .version = number(next())};
    if (ref.id.number <= 0 || ref.version <= 0) return broken;
    if (!rest.empty()) ref.shown = Shown{.state = state_named(next()), .severity = next(), .owner = {next()}};
    return ref;
}

std::string CardRef::make(Escalation const& escalation) {
    return fmt::format("{}:v{}", escalation.id.number, escalation.version);
}

std::string CardRef::make_of_card(Escalation const& escalation) {
    auto const shown = shown_of(escalation);
    return fmt::format("{}:{}:{}:{}", make(escalation), to_string(escalation.state), shown.severity, shown.owner);
}

CardRef::Shown CardRef::shown_of(Escalation const& escalation) {
    return {escalation.state, std::string{to_string(escalation.severity)}, escalation.owner};
}

}  // namespace esc::handlers
