// Who is who, as the rules need it. The directory in bot/run answers; tests answer from a table. Asked on the io thread only.
#pragma once

#include "bot/base/ids.hpp"
#include "bot/base/vocabulary.hpp"

#include <optional>
#include <string>
#include <vector>

namespace esc {

struct Person {
    PersonId id{};
    std::string name{};  // for plain text; mentions use the id
    Role role = Role::outsider;
    bool admin = false;  // configures; break glass
    bool active = true;  // neither deactivated nor a bot
};

class People {
public:
    People() = default;
    People(People const&) = delete;
    People& operator=(People const&) = delete;
    virtual ~People() = default;
    // Nothing when nobody of that id is known (yet).
    [[nodiscard]] virtual std::optional<Person> find(PersonId const& id) const = 0;
    // Active people of that very role (not those above), groups expanded; with nobody configured: managers() are the
    // workspace's admins. Sorted by id.
    [[nodiscard]] virtual std::vector<PersonId> leads() const = 0;
    [[nodiscard]] virtual std::vector<PersonId> managers() const = 0;
    [[nodiscard]] virtual std::vector<PersonId> admins() const = 0;
};

}  // namespace esc
