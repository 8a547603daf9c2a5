// What the verbs around ownership share: whom one can choose, forms that come back, and what happened meanwhile.
#pragma once

#include "handlers/act.hpp"
#include "handlers/router.hpp"
#include "handlers/views/ownership.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace esc::handlers {

// Everybody who may own an escalation of the workspace or of some team: a Work or Query learns the team only later.
[[nodiscard]] std::vector<Person> all_owners(Env const& env);
[[nodiscard]] std::optional<Person> find(std::vector<Person> const& people, PersonId const& id);
// Those of the escalation's team apart from its owner, by name, who is away last. Beyond what a list shows, nobody.
[[nodiscard]] std::vector<views::Candidate> candidates(std::vector<Person> const& people, Escalation const& escalation,
                                                       Snapshot const& snapshot, Instant now);

// Who was named or chosen. Errc::invalid with a sentence for who is not known here.
[[nodiscard]] Result<Person> known_person(PersonId const& id, Env const& env);

// The inputs at which refusals stand, by their cause (rules::refusal).
using Inputs = std::map<std::string_view, std::string_view>;
// A form came back. What another answer can mend stands at its input and the form stays open; anything else (somebody was
// faster, another state) takes the form's place, with who it was and with what was written.
[[nodiscard]] Work submitted(Act act, Inputs inputs, std::string written, Env const& env);
// Below a refusal that takes a form's place, so that nothing is lost.
void add_written(Outcome& outcome, std::string_view written);

// The newest of the events that `is_meant` finds; for telling who was faster.
[[nodiscard]] std::optional<StoredEvent> last_event(Snapshot const& snapshot, EscalationId id,
                                                    std::function<bool(StoredEvent const&)> const& is_meant);
// The version of the escalation that the event made, where it says so; else 0.
[[nodiscard]] std::int64_t version_made_by(StoredEvent const& event);
// A fact of the event's data; empty where it is none or no text.
[[nodiscard]] std::string fact(StoredEvent const& event, std::string_view name);

}  // namespace esc::handlers
