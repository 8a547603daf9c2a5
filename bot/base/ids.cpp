// Reads the keys that people type. Strict on purpose: a key that is nearly right must not name another escalation.
#include "bot/base/ids.hpp"

#include <charconv>
#include <system_error>

namespace esc {

std::optional<EscalationId> EscalationId::parse(std::string_view text) {
    if (text.starts_with("ESC-") || text.starts_with("esc-")) text.remove_prefix(4);
    // from_chars would take a minus sign, and a leading zero would give one escalation two keys.
    if (text.empty() || text.front() < '1' || text.front() > '9') return std::nullopt;
    std::int64_t number = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return EscalationId{number};
}

}  // namespace esc
