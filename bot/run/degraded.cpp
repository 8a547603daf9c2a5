// The table of scopes, and what is one cause.
#include "bot/run/degraded.hpp"

#include "bot/base/log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace esc::run {

namespace {

constexpr std::array uses{
    ScopeUse{"commands", "the slash commands and the shortcut \"New escalation\""},
    ScopeUse{"chat:write", "cards, replies, alerts and answers"},
    ScopeUse{"reactions:read", "raising by reaction"},
    ScopeUse{"app_mentions:read", "being called by name, also in threads"},
    ScopeUse{"channels:read", "placing cards; knowing which public channels are shared with outsiders"},
    ScopeUse{"groups:read", "placing cards in private channels; knowing those that escalations come from"},
    ScopeUse{"channels:history",
             "the text of escalated messages and what is answered to them; short replies in their threads, and without a triage "
             "channel cards beside them; finding a card again after a crash"},
    ScopeUse{
        "groups:history",
        "what is answered to escalated messages in private channels, and short replies there; finding a card there again after "
        "a crash"},
    ScopeUse{"im:write", "alerts by direct message"},
    ScopeUse{"im:history", "finding a direct message again after a crash"},
    ScopeUse{"users:read", "names and roles of people, and telling guests apart"},
    ScopeUse{"usergroups:read", "user groups in [people] and [[team]]"},
};

constexpr std::string_view needed = "(needed: ";  // as parse_answer() writes it

std::string_view remedy(std::string_view cause) {
    if (cause == "missing_scope") return "the scope named in the error, and a reinstall of the app";
    if (cause == "not_in_channel" || cause == "channel_not_found") return "an invitation of the bot to the channel";
    if (cause == "is_archived") return "a channel that is not archived";
    if (cause == "messages_tab_disabled") return "the app's messages tab (App Home)";
    return "see the error";
}

std::string about(std::string_view feature, Error const& error) {
    if (error.cause == "missing_scope")
        if (auto const at = error.message.find(needed); at != std::string::npos) {
            auto const from = at + needed.size();
            return "scope " + error.message.substr(from, error.message.find_first_of(";)", from) - from);
        }
    return fmt::format("{} {}", feature, error.cause);
}

}  // namespace

void say_degraded(std::string_view feature, Error const& error, std::string_view where, std::string_view needs) {
    log::warning_seldom(about(feature, error), "feature_degraded",
                        {{"feature", feature},
                         {"needs", needs.empty() ? remedy(error.cause) : needs},
                         {"where", where},
                         {"cause", error.cause},
                         {"error", error.message}});
}

std::span<ScopeUse const> scope_uses() { return uses; }

std::vector<std::string> split_scopes(std::string_view told) {
    std::vector<std::string> all;
    std::string one;
    for (char const c : told) {
        if (c == ',') {
            all.push_back(std::exchange(one, {}));
        } else if (c != ' ') {
            one += c;
        }
    }
    if (!one.empty()) all.push_back(std::move(one));
    return all;
}

std::string_view people_untold(Config const& config) {
    if (config.people.nobody() && config.teams.empty())
        return "names and roles of people: guests cannot be told apart, and with nobody in [people] or [[team]] everybody of the "
               "workspace counts as an agent, guests as well";
    return "names and roles of people: guests cannot be told apart, so that who is not in [people] or [[team]] counts as a "
           "requester at most";
}

bool names_groups(Config const& config) {
    auto const has_group = [](std::vector<std::string> const& listed) {
        return std::any_of(listed.begin(), listed.end(), [](auto const& id) { return id.starts_with('S'); });
    };
    auto const& people = config.people;
    return has_group(people.admins) || has_group(people.managers) || has_group(people.leads) || has_group(people.agents) ||
           std::any_of(config.teams.begin(), config.teams.end(), [&](TeamConfig const& team) {
               return has_group(team.members) || has_group(team.leads) || has_group(team.managers);
           });
}

void say_missing_scopes(std::string_view told, Config const& config) {
    auto const granted = split_scopes(told);
    for (auto const& [scope, feature] : uses) {
        if (std::find(granted.begin(), granted.end(), scope) != granted.end()) continue;
        if (scope == "usergroups:read" && !names_groups(config)) continue;
        auto error = fail(Errc::forbidden, "missing_scope {}{}; provided: {})", needed, scope, told);
        error.cause = "missing_scope";
        say_degraded(scope == "users:read" ? people_untold(config) : feature, error, "everywhere");
    }
}

}  // namespace esc::run
