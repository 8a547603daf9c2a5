// The forms that change the state: waiting, going on, a workaround, resolving, reopening, declining, merging. Block ids are the
// input names that stand with each; the callback ids are routes.
#pragma once

#include "bot/slack/blocks.hpp"
#include "handlers/rules/access.hpp"
#include "handlers/rules/lifecycle.hpp"
#include "store/model.hpp"

#include <string_view>

namespace esc::views {

// Whom it waits for, of those on whom this person may let it wait, why, and that the customer was asked. A vendor and engineering
// need more: the next form asks for it, with the reason as it was said. Inputs: on ("customer", "vendor", "engineering"), reason,
// asked ("yes").
[[nodiscard]] slack::blocks::Modal wait_modal(Escalation const& escalation, rules::By const& by);
inline constexpr std::string_view wait_vendor_callback = "esc.wait.vendor";  // inputs: reason, reference, review_at
[[nodiscard]] slack::blocks::Modal wait_vendor_modal(Escalation const& escalation, std::string_view reason, Instant review_at);
// For managers, of what waits on the customer or a vendor. Inputs: until, reason.
inline constexpr std::string_view wait_longer_callback = "esc.wait.longer";
[[nodiscard]] slack::blocks::Modal wait_longer_modal(Escalation const& escalation, Instant until);
inline constexpr std::string_view engineer_block = "engineer";
// Inputs: reason, repro, logs, impact, deadline, engineer
inline constexpr std::string_view wait_engineering_callback = "esc.wait.engineering";
[[nodiscard]] slack::blocks::Modal wait_engineering_modal(Escalation const& escalation, std::string_view reason);

// From engineering back to work. Inputs: how ("resumed", "fixed", "bounced"), code (rules::bounce_reasons), text.
enum class Resumes : std::uint8_t { owner, engineer };
[[nodiscard]] slack::blocks::Modal resume_modal(Escalation const& escalation, Resumes who);
[[nodiscard]] slack::blocks::Modal mitigate_modal(Escalation const& escalation);  // input: workaround
// Inputs: resolution, exit ("met", "waived"), exit_text, cause (rules::cause_classes), preventable, customer_told ("yes", "no"),
// warranted ("SEV2"). `said`: what is filled in.
[[nodiscard]] slack::blocks::Modal resolve_modal(Escalation const& escalation, rules::ResolveRequest const& said = {});
// How the criteria of an exit are kept, and read again for the form.
inline constexpr std::string_view exit_checked = "Checked: ";
inline constexpr std::string_view exit_waived = "Waived: ";
[[nodiscard]] slack::blocks::Modal reopen_modal(Escalation const& escalation);   // input: reason
[[nodiscard]] slack::blocks::Modal decline_modal(Escalation const& escalation);  // input: reason
// Input: into, the other one's key; what looks like the same one stands there.
[[nodiscard]] slack::blocks::Modal merge_modal(Escalation const& escalation);

}  // namespace esc::views
