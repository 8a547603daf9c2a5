// Slack's rules for blocks and views: known types and fields, limits, surfaces, unique ids. Stricter than Slack only in
// knowing fewer block types (those an escalation bot may use), which it refuses by name.
#pragma once

#include "tests/fake_slack/json.hpp"

#include <string>
#include <vector>

namespace esc::fake {

enum class Surface : std::uint8_t { message, modal, home };

// Sentences as Slack writes them: "must be less than 151 characters [json-pointer:/blocks/0/text/text]". Empty: accepted.
using Complaints = std::vector<std::string>;

[[nodiscard]] Complaints check_blocks(json::array const& blocks, Surface surface, std::string const& pointer = "/blocks");
[[nodiscard]] Complaints check_view(json::object const& view, Surface surface);
[[nodiscard]] Complaints check_metadata(json::object const& metadata);

constexpr std::size_t view_bytes_max = 250'000;

}  // namespace esc::fake
