// What the verbs around ownership share: whom one can choose, and what happened meanwhile.
#pragma once

#include "handlers/act.hpp"
#include "handlers/router.hpp"
#include "handlers/views/ownership.hpp"
#include "handlers/views/states.hpp"
#include "handlers/views/work.hpp"

#include <array>
#include <optional>
#include <string_view>
#include <vector>

namespace esc::handlers {

// Everybody who may own an escalation of the workspace or of some team: a Work or Query learns the team only later.
[[nodiscard]] std::vector<Person> all_owners(Env const& env);
[[nodiscard]] std::optional<Person> find(std::vector<Person> const& people, PersonId const& id);
// Those of the escalation's team apart from its owner, by name, who is away last. Beyond what a list shows, nobody.
[[nodiscard]] std::vector<views::Candidate> candidates(std::vector<Person> const& people, Escalation const& escalation,
                                                       Snapshot const& snapshot, Instant now);

// The inputs of all forms that choose a person: who was chosen there is asked about before the form's handler runs.
inline constexpr std::array<std::string_view, 3> person_blocks{views::owner_block, views::helper_block, views::engineer_block};
// Who was named or chosen. Errc::invalid with a sentence for who is not known here.
[[nodiscard]] Result<Person> known_person(PersonId const& id, Env const& env);
// The same of an input that may be left empty.
[[nodiscard]] Result<std::optional<Person>> chosen_person(slack::ViewState const& state, std::string_view block, Env const& env);

// Adds to the answer, which may be empty, that the owner is away; nothing when that is not so, or to the owner.
void say_if_away(Outcome& outcome, Escalation const& after, Snapshot const& snapshot, rules::By const& by);
// The same act; who gives the escalation another owner by it is told when that one is away.
[[nodiscard]] Act telling_if_away(Act act);

}  // namespace esc::handlers
