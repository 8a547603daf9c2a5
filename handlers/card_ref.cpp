#include "handlers/card_ref.hpp"

#include <fmt/core.h>

#include <charconv>
#include <system_error>

namespace esc::handlers {

Result<CardRef> CardRef::parse(std::string_view value) {
    auto const broken = fail(Errc::invalid, "This button does not say which escalation it belongs to: use the newest card.");
    auto const colon = value.find(":v");
    if (colon == std::string_view::npos) return broken;
    auto const number = [](std::string_view digits) -> std::int64_t {
        std::int64_t read = 0;
        auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), read);
        return error == std::errc{} && end == digits.data() + digits.size() ? read : 0;
    };
    CardRef const ref{{number(value.substr(0, colon))}, number(value.substr(colon + 2))};
    if (ref.id.number <= 0 || ref.version <= 0) return broken;
    return ref;
}

std::string CardRef::make(Escalation const& escalation) {
    return fmt::format("{}:v{}", escalation.id.number, escalation.version);
}

}  // namespace esc::handlers
