// Reads the parts of slack_manifest.json that decide what Slack sends.
#include "tests/fake_slack/app_manifest.hpp"

#include <array>
#include <fstream>
#include <sstream>
#include <utility>

namespace esc::fake {

Result<AppManifest> AppManifest::read(std::string_view json_text) {
    auto const parsed = parse_json(json_text);
    if (!parsed || !parsed->is_object()) return fail(Errc::invalid, "The manifest is not a JSON object.");
    auto const& root = parsed->get_object();
    auto const features = object_of(root, "features");
    auto const settings = object_of(root, "settings");

    AppManifest manifest;
    manifest.everything = false;
    manifest.display_name = text_of(object_of(features, "bot_user"), "display_name");
    for (auto const& item : array_of(features, "slash_commands"))
        if (item.is_object())
            manifest.commands[text_of(item.get_object(), "command")] = flag_of(item.get_object(), "should_escape");
    for (auto const& item : array_of(features, "shortcuts"))
        if (item.is_object()) manifest.shortcuts[text_of(item.get_object(), "callback_id")] = text_of(item.get_object(), "type");
    for (auto const& item : array_of(object_of(settings, "event_subscriptions"), "bot_events"))
        if (item.is_string()) manifest.events.emplace(item.get_string());
    for (auto const& item : array_of(object_of(object_of(root, "oauth_config"), "scopes"), "bot"))
        if (item.is_string()) manifest.scopes.emplace(item.get_string());
    auto const home = object_of(features, "app_home");
    manifest.home_tab = flag_of(home, "home_tab_enabled");
    manifest.messages_tab = flag_of(home, "messages_tab_enabled");
    manifest.messages_tab_read_only = flag_of(home, "messages_tab_read_only_enabled");
    manifest.interactivity = flag_of(object_of(settings, "interactivity"), "is_enabled");
    if (!flag_of(settings, "socket_mode_enabled"))
        return fail(Errc::invalid, "The manifest does not switch Socket Mode on (settings.socket_mode_enabled).");
    return manifest;
}

Result<AppManifest> AppManifest::load(std::string const& path) {
    std::ifstream file(path);
    if (!file) return fail(Errc::not_found, "The manifest {} cannot be read.", path);
    std::ostringstream text;
    text << file.rdbuf();
    return read(text.str());
}

std::optional<bool> AppManifest::command(std::string const& name) const {
    if (everything) return name.starts_with('/') ? std::optional<bool>(true) : std::nullopt;
    auto const it = commands.find(name);
    return it == commands.end() ? std::nullopt : std::optional<bool>(it->second);
}

bool AppManifest::has_shortcut(std::string const& callback_id, std::string const& type) const {
    if (everything) return true;
    auto const it = shortcuts.find(callback_id);
    return it != shortcuts.end() && it->second == type;
}

std::string_view scope_of_event(std::string_view event) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 17> table{{
        {"message.channels", "channels:history"},
        {"message.groups", "groups:history"},
        {"message.im", "im:history"},
        {"app_mention", "app_mentions:read"},
        {"reaction_added", "reactions:read"},
        {"reaction_removed", "reactions:read"},
        {"member_joined_channel", "channels:read"},
        {"member_left_channel", "channels:read"},
        {"channel_archive", "channels:read"},
        {"channel_unarchive", "channels:read"},
        {"channel_rename", "channels:read"},
        {"channel_shared", "channels:read"},
        {"channel_unshared", "channels:read"},
        {"channel_id_changed", "channels:read"},
        {"subteam_members_changed", "usergroups:read"},
        {"user_change", "users:read"},
        {"team_join", "users:read"},
    }};
    for (auto const& [name, scope] : table)
        if (name == event) return scope;
    return {};
}

}  // namespace esc::fake
