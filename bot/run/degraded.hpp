// What does not work for want of a right or a place: one line an hour for each cause, and the service goes on.
#pragma once

#include "bot/base/config.hpp"
#include "bot/base/result.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace esc::run {

// Logs "feature_degraded". Whatever the feature, one missing scope is one cause. `where`: the item, channel or person it was
// noticed with. `needs` empty: what the error's cause asks for.
void say_degraded(std::string_view feature, Error const& error, std::string_view where, std::string_view needs = {});

// The bot's scopes and what does not work without each.
struct ScopeUse {
    std::string_view scope;
    std::string_view feature;
};
std::span<ScopeUse const> scope_uses();
// `told`: the header x-oauth-scopes, a list with commas.
[[nodiscard]] std::vector<std::string> split_scopes(std::string_view told);
// What it means to live without users:read, with this configuration.
[[nodiscard]] std::string_view people_untold(Config const& config);
// User groups need a scope only where the configuration names some.
[[nodiscard]] bool names_groups(Config const& config);
// say_degraded() for each scope that is not among those told: some are never refused, since without them nothing arrives.
void say_missing_scopes(std::string_view told, Config const& config);

}  // namespace esc::run
