// The shared words as text and back.
#include "bot/base/vocabulary.hpp"

namespace esc {

std::string_view to_string(Severity severity) noexcept {
    switch (severity) {
        case Severity::sev1:
            return "SEV1";
        case Severity::sev2:
            return "SEV2";
        case Severity::sev3:
            return "SEV3";
        case Severity::sev4:
            return "SEV4";
    }
    return "SEV?";
}

std::optional<Severity> parse_severity(std::string_view text) noexcept {
    if (text.size() == 4) {
        constexpr std::string_view word = "sev";
        for (std::size_t i = 0; i < word.size(); ++i) {
            // Setting bit 5 folds ASCII letters to lower case and maps nothing else onto the three letters.
            if (static_cast<char>(text[i] | 0x20) != word[i]) return std::nullopt;
        }
        text.remove_prefix(word.size());
    }
    if (text.size() != 1 || text.front() < '1' || text.front() > '4') return std::nullopt;
    return static_cast<Severity>(text.front() - '0');
}

std::string_view to_string(ClockKind kind) noexcept {
    switch (kind) {
        case ClockKind::owner:
            return "owner";
        case ClockKind::acceptance:
            return "acceptance";
        case ClockKind::first_response:
            return "first_response";
        case ClockKind::next_response:
            return "next_response";
        case ClockKind::promise:
            return "promise";
        case ClockKind::resolution:
            return "resolution";
        case ClockKind::engineering:
            return "engineering";
    }
    return "unknown";
}

std::string_view label(ClockKind kind) noexcept {
    switch (kind) {
        case ClockKind::owner:
            return "Owner";
        case ClockKind::acceptance:
            return "Acceptance";
        case ClockKind::first_response:
            return "First response";
        case ClockKind::next_response:
            return "Next response";
        case ClockKind::promise:
            return "Promise";
        case ClockKind::resolution:
            return "Resolution";
        case ClockKind::engineering:
            return "Engineering";
    }
    return "Unknown";
}

std::optional<ClockKind> parse_clock_kind(std::string_view text) noexcept {
    for (auto const kind : all_clock_kinds) {
        if (text == to_string(kind)) return kind;
    }
    return std::nullopt;
}

std::string_view to_string(Role role) noexcept {
    switch (role) {
        case Role::outsider:
            return "outsider";
        case Role::requester:
            return "requester";
        case Role::agent:
            return "agent";
        case Role::lead:
            return "lead";
        case Role::manager:
            return "manager";
    }
    return "unknown";
}

}  // namespace esc
