// The words that configuration, rules, store and views share.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace esc {

enum class Severity : std::uint8_t { sev1 = 1, sev2 = 2, sev3 = 3, sev4 = 4 };
inline constexpr std::array all_severities{Severity::sev1, Severity::sev2, Severity::sev3, Severity::sev4};

[[nodiscard]] std::string_view to_string(Severity severity) noexcept;                  // "SEV2"
[[nodiscard]] std::optional<Severity> parse_severity(std::string_view text) noexcept;  // "sev2", "SEV2", "2"

// The numbers are stored: never reuse one.
enum class ClockKind : std::uint8_t {
    owner = 1,           // creation → first assignment
    acceptance = 2,      // assignment by another → accepted, or the owner's first action
    first_response = 3,  // creation → first public human reply
    next_response = 4,   // oldest unanswered customer message → public human reply
    promise = 6,         // made → kept
    resolution = 7,      // creation → resolved; pauses while waiting on the customer or a vendor
    engineering = 8,     // handed to engineering → somebody there accepts by name
};
inline constexpr std::array all_clock_kinds{ClockKind::owner,         ClockKind::acceptance, ClockKind::first_response,
                                            ClockKind::next_response, ClockKind::promise,    ClockKind::resolution,
                                            ClockKind::engineering};
[[nodiscard]] std::string_view to_string(ClockKind kind) noexcept;  // "owner", "first_response", …
[[nodiscard]] std::string_view label(ClockKind kind) noexcept;      // "Owner", "First response", …
[[nodiscard]] std::optional<ClockKind> parse_clock_kind(std::string_view text) noexcept;

// Roles include those below them: manager ⊃ lead ⊃ agent ⊃ requester. Admin configures and may break glass; it is a flag
// beside the role (Person::admin), not a rank.
enum class Role : std::uint8_t { outsider = 0, requester = 1, agent = 2, lead = 3, manager = 4 };
[[nodiscard]] std::string_view to_string(Role role) noexcept;

}  // namespace esc
