// Checks that the configuration file, the environment and the command line share. Each says what is wrong in words for a person,
// or nothing.
#pragma once

#include "bot/base/result.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace esc::config_checks {

// A Slack token in a place where text is expected: it must be refused and never be repeated in a message.
[[nodiscard]] bool looks_like_token(std::string_view text);
// The text in quotes for a message, shortened; a token is hidden.
[[nodiscard]] std::string quoted(std::string_view text);

// The address may hold a password, so it is never repeated.
[[nodiscard]] std::optional<std::string> store_url_problem(std::string_view url);
[[nodiscard]] std::optional<std::string> listen_problem(std::string_view address);
[[nodiscard]] std::optional<std::string> api_url_problem(std::string_view url);

// "400d": nothing but days, at least one, at most ten years.
[[nodiscard]] Result<std::chrono::seconds> parse_days(std::string_view text);

}  // namespace esc::config_checks
