// What the app told Slack about itself: commands, shortcuts, subscribed events, scopes and switches. Without a manifest
// everything is allowed.
#pragma once

#include "bot/base/result.hpp"
#include "tests/fake_slack/json.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace esc::fake {

struct AppManifest {
    bool everything = true;
    std::string display_name{};
    std::map<std::string, bool> commands{};          // "/escalate" → should_escape
    std::map<std::string, std::string> shortcuts{};  // callback_id → "global" or "message"
    std::set<std::string> events{};                  // "message.channels", "reaction_added", …
    std::set<std::string> scopes{};
    bool home_tab = true;
    bool messages_tab = true;
    bool messages_tab_read_only = false;
    bool interactivity = true;

    [[nodiscard]] static Result<AppManifest> read(std::string_view json_text);
    [[nodiscard]] static Result<AppManifest> load(std::string const& path);

    [[nodiscard]] bool subscribed(std::string const& event) const { return everything || events.contains(event); }
    // should_escape of the command, or nothing when the app has no such command.
    [[nodiscard]] std::optional<bool> command(std::string const& name) const;
    [[nodiscard]] bool has_shortcut(std::string const& callback_id, std::string const& type) const;
};

// The bot scope without which Slack does not send this event; empty when none is needed.
[[nodiscard]] std::string_view scope_of_event(std::string_view event);

}  // namespace esc::fake
