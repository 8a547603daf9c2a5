// Everything one person may do with an escalation now, as a modal: buttons with a line each about what they do.
#pragma once

#include "bot/slack/blocks.hpp"
#include "handlers/rules/access.hpp"
#include "store/model.hpp"

#include <string>
#include <vector>

namespace esc::views {

// What would make sense now but not for this person: "Agents, leads and managers: Claim", one entry for each kind of people.
[[nodiscard]] std::vector<std::string> for_others(Escalation const& escalation, rules::By const& by);

[[nodiscard]] slack::blocks::Modal more(Escalation const& escalation, rules::By const& by, std::string_view card_permalink);

}  // namespace esc::views
