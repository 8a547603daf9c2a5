// Strong ids: a person is never mistaken for a channel. All Slack ids are opaque text; their prefixes mean nothing to us
// except where Slack documents them (a configuration entry that starts with S is a user group).
#pragma once

#include <fmt/core.h>

#include <algorithm>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace esc {

template <class Tag>
struct TextId {
    std::string value{};

    [[nodiscard]] bool empty() const noexcept { return value.empty(); }
    friend auto operator<=>(TextId const&, TextId const&) = default;
};

using WorkspaceId = TextId<struct WorkspaceTag>;  // Slack team id, T…
using PersonId = TextId<struct PersonTag>;        // Slack user id, U… or W…
using GroupId = TextId<struct GroupTag>;          // Slack user group, S…
using ChannelId = TextId<struct ChannelTag>;      // C…, G… or D…
using MessageTs = TextId<struct MessageTsTag>;    // "1700000000.000100"; never parsed as a floating point number

// ESC-12: short, sayable, unique within the installation, counted up from 1.
struct EscalationId {
    std::int64_t number = 0;

    [[nodiscard]] std::string key() const { return fmt::format("ESC-{}", number); }
    // Accepts "ESC-12", "esc-12" and "12"; nothing else.
    [[nodiscard]] static std::optional<EscalationId> parse(std::string_view text);
    friend auto operator<=>(EscalationId const&, EscalationId const&) = default;
};

// One message; thread_ts is the parent's ts when the message is a reply, else empty.
struct MessageRef {
    ChannelId channel{};
    MessageTs ts{};
    MessageTs thread_ts{};

    friend bool operator==(MessageRef const&, MessageRef const&) = default;
};

}  // namespace esc

// Written out by hand: <fmt/core.h> only declares what the formatter of a text does, and its users would have to include
// <fmt/format.h> themselves or fail to link.
template <class Tag>
struct fmt::formatter<esc::TextId<Tag>> {
    constexpr auto parse(fmt::format_parse_context& context) { return context.begin(); }
    auto format(esc::TextId<Tag> const& id, fmt::format_context& context) const {
        return std::copy(id.value.begin(), id.value.end(), context.out());
    }
};
template <>
struct fmt::formatter<esc::EscalationId> {
    constexpr auto parse(fmt::format_parse_context& context) { return context.begin(); }
    auto format(esc::EscalationId const& id, fmt::format_context& context) const {
        auto const key = id.key();
        return std::copy(key.begin(), key.end(), context.out());
    }
};
template <class Tag>
struct std::hash<esc::TextId<Tag>> {
    std::size_t operator()(esc::TextId<Tag> const& id) const noexcept { return std::hash<std::string>{}(id.value); }
};
