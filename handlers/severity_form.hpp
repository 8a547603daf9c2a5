// What the severity inputs of a form hold, for the form of an escalation and for that of a new one.
#pragma once

#include "bot/slack/payloads.hpp"
#include "handlers/rules/severity.hpp"
#include "handlers/views/severity.hpp"

namespace esc::handlers {

[[nodiscard]] bool has_severity(slack::ViewState const& state);  // one of the levels, or "as the answers say"
[[nodiscard]] views::SeverityForm severity_form(slack::ViewState const& state);
[[nodiscard]] rules::SeverityChoice severity_choice(slack::ViewState const& state);

}  // namespace esc::handlers
