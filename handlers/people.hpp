// Who is who, as the rules need it. The directory in bot/run answers; tests answer from a table. Asked on the io thread only.
#pragma once

#include "bot/base/ids.hpp"
#include "bot/base/vocabulary.hpp"

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace esc {

struct TeamRole {
    std::string team{};
    Role role = Role::agent;
    friend bool operator==(TeamRole const&, TeamRole const&) = default;
};

struct Person {
    PersonId id{};
    std::string name{};                  // for plain text; mentions use the id
    Role role = Role::outsider;          // in the whole workspace
    bool admin = false;                  // configures; break glass
    bool active = true;                  // neither deactivated nor a bot
    std::string timezone{};              // IANA name; empty: not known
    std::vector<TeamRole> team_roles{};  // in the order of [[team]]

    // The role for escalations of a team: never less than in the workspace.
    [[nodiscard]] Role in(std::string_view team) const {
        auto highest = role;
        for (auto const& one : team_roles)
            if (one.team == team && one.role > highest) highest = one.role;
        return highest;
    }
    // The person as that team sees them.
    [[nodiscard]] Person seen_by(std::string_view team) const {
        auto copy = *this;
        copy.role = in(team);
        return copy;
    }
};

// Who is known to be no active colleague: deactivated, from outside, or a bot.
using Gone = std::shared_ptr<std::set<PersonId> const>;

class People {
public:
    People() = default;
    People(People const&) = delete;
    People& operator=(People const&) = delete;
    virtual ~People() = default;
    // Nothing when nobody of that id is known (yet).
    [[nodiscard]] virtual std::optional<Person> find(PersonId const& id) const = 0;
    // Active people of that very role (not those above) in a team ("": the workspace), groups expanded; a team without any has
    // the workspace's. With nobody configured: managers() are the workspace's admins. Sorted by id.
    [[nodiscard]] virtual std::vector<PersonId> leads(std::string_view team) const = 0;
    [[nodiscard]] virtual std::vector<PersonId> managers(std::string_view team) const = 0;
    // Everybody who may own an escalation of the team: active agents, leads and managers, sorted by name.
    [[nodiscard]] virtual std::vector<Person> eligible_owners(std::string_view team) const = 0;
    [[nodiscard]] virtual std::vector<PersonId> admins() const = 0;
    [[nodiscard]] virtual Gone gone() const = 0;  // never null; a Work may keep it
};

}  // namespace esc
