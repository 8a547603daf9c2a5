// A person as Slack describes them, in users.info and users.list as in the event user_change.
#pragma once

#include "bot/base/ids.hpp"

#include <string>

namespace esc::slack {

struct User {
    PersonId id{};
    WorkspaceId workspace{};  // team_id
    std::string name{};       // display name, else real name, else name
    std::string timezone{};
    bool bot = false;
    bool deleted = false;
    bool admin = false;  // workspace admin or owner
    bool guest = false;  // restricted or ultra restricted
    bool stranger = false;
};

}  // namespace esc::slack
