// What Slack's client does with a form: turns what a person enters into state values, refuses what the element does not
// allow, and finds the interactive element that a person presses.
#pragma once

#include "tests/fake_slack/workspace.hpp"

#include <optional>
#include <string>

namespace esc::fake {

struct FormReading {
    json::object values{};  // block_id → action_id → value, as in view.state.values
    json::object errors{};  // block_id → sentence: the client would not send this
};

// Takes `given` (block_id → what the person enters) into view.typed and reads the whole form.
[[nodiscard]] FormReading read_form(Workspace& workspace, View& view, json::object const& given);
// The state of a view as it stands, without checking that it is complete.
[[nodiscard]] json::object form_state(Workspace& workspace, View& view);

// An element with this action_id (and block_id, and for buttons this value, when not empty).
struct Pressed {
    json::object element{};
    std::string block_id{};
};
[[nodiscard]] std::optional<Pressed> find_element(json::array const& blocks, std::string const& action_id,
                                                  std::string const& block_id, std::string const& value);
// The entry of `actions` in block_actions; nothing when the element does not offer that value.
[[nodiscard]] std::optional<json::object> action_of(Workspace& workspace, Pressed const& pressed, json::value const& value,
                                                    std::string const& action_ts);

}  // namespace esc::fake
