// The forms of the work on an escalation: note, next step, promise, handoff note, helpers, links.
#pragma once

#include "bot/base/time.hpp"
#include "bot/slack/blocks.hpp"
#include "store/model.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace esc::views {

// Names of the inputs.
inline constexpr std::string_view note_block = "note";
inline constexpr std::string_view next_step_block = "next_step";
inline constexpr std::string_view promise_block = "promise";
inline constexpr std::string_view promise_to_block = "to";
inline constexpr std::string_view promise_due_block = "due";
inline constexpr std::string_view trend_block = "trend";
inline constexpr std::string_view tried_block = "tried";
inline constexpr std::string_view theory_block = "theory";
inline constexpr std::string_view blocker_block = "blocker";
inline constexpr std::string_view if_then_block = "if_then";
inline constexpr std::string_view helper_block = "helper";
inline constexpr std::string_view link_block = "url";
inline constexpr std::string_view title_block = "title";
inline constexpr std::string_view description_block = "description";
// Buttons inside of forms.
inline constexpr std::string_view promise_kept_action = "esc.promise_kept";
inline constexpr std::string_view helper_off_action = "esc.helper_off";  // value: CardRef, a colon, the person

[[nodiscard]] slack::blocks::Modal note_modal(Escalation const& escalation);
[[nodiscard]] slack::blocks::Modal describe_modal(Escalation const& escalation);
[[nodiscard]] slack::blocks::Modal next_step_modal(Escalation const& escalation);  // with what it is now
// With the promise that stands, which is kept by a button there; a new one replaces it.
[[nodiscard]] slack::blocks::Modal promise_modal(Escalation const& escalation, Instant suggested_due);
// The last values are there to be changed, with what was typed below the one of what was tried.
[[nodiscard]] slack::blocks::Modal brief_modal(Escalation const& escalation, std::string_view tried = {});
[[nodiscard]] std::string and_tried(Brief const& last, std::string_view tried);
[[nodiscard]] slack::blocks::Modal helpers_modal(Escalation const& escalation);  // each with a button that ends it
[[nodiscard]] slack::blocks::Modal link_modal(Escalation const& escalation, std::vector<SourceLink> const& links);

[[nodiscard]] std::string helper_off_value(Escalation const& escalation, PersonId const& person);

}  // namespace esc::views
