// From Slack's JSON to the structs of payloads.hpp, one function per kind of delivery. Total: a payload that lacks what is
// needed is Errc::invalid and names the path.
#pragma once

#include "bot/slack/payloads.hpp"

#include <boost/json/object.hpp>

namespace esc::slack {

// The outer event wrapper (type "event_callback"), or app_rate_limited.
[[nodiscard]] Result<Payload> parse_event(boost::json::object const& outer);
// The form fields of a slash command as an object.
[[nodiscard]] Result<Payload> parse_slash_command(boost::json::object const& fields);
// block_actions, view_submission, view_closed, shortcut, message_action; any other type is an OtherInteraction.
[[nodiscard]] Result<Payload> parse_interaction(boost::json::object const& payload);
// The id that all deliveries of one event share; empty where there is none.
[[nodiscard]] std::string event_id(Payload const& payload);

}  // namespace esc::slack
