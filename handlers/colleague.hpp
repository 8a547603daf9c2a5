// Who of those whom Slack describes is one of us. The one place that tells colleagues from people from outside.
#pragma once

#include "bot/base/config.hpp"
#include "bot/base/ids.hpp"
#include "bot/slack/user.hpp"

namespace esc {

// People of our workspace; its guests where the configuration says so, and then it must be certain that they are its own. Never
// somebody whom Slack calls a stranger.
[[nodiscard]] inline bool is_colleague(slack::User const& user, WorkspaceId const& ours, Config const& config) {
    if (user.stranger) return false;
    if (user.guest) return config.people.guests_internal && !ours.empty() && user.workspace == ours;
    return user.workspace.empty() || ours.empty() || user.workspace == ours;
}

}  // namespace esc
