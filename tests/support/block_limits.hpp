// Block Kit's limits, checked on finished JSON: an oracle that shares no code with the builders. For tests of views, and for
// the fake Slack.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace esc::test {

// What Slack would refuse, one sentence each with a JSON pointer; empty: nothing.
[[nodiscard]] std::vector<std::string> check_message_blocks(boost::json::array const& blocks);
[[nodiscard]] std::vector<std::string> check_modal(boost::json::object const& view);
[[nodiscard]] std::vector<std::string> check_home(boost::json::object const& view);

// Every <token> that would be alive: those in mrkdwn texts below `value`. Text that is left open ("<@U1") counts.
[[nodiscard]] std::vector<std::string> live_tokens(boost::json::value const& value);
// The same for one mrkdwn text, such as a message's fallback.
[[nodiscard]] std::vector<std::string> tokens_of(std::string_view markup);
// Mrkdwn texts without verbatim:true: there, bare @here and addresses come alive.
[[nodiscard]] std::vector<std::string> not_verbatim(boost::json::value const& value);

}  // namespace esc::test
