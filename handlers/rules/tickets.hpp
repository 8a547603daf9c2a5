// Which addresses are those of tickets: what two texts that name the same one have in common. Ordinary pages, documents and
// pictures are none.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace esc::rules {

// The one address that all ways of writing a ticket's come to, with https, lower case and without what only says where on its
// page one is: Zendesk, Freshdesk, Intercom, HubSpot, Zammad, Chatwoot, Request Tracker, Jira with its service desk, Linear, and
// issues and changes of GitHub and GitLab. Known by host where the vendor has one, else by a path that only they use, since many
// run their own. Nothing for any other page, and for what hides its host.
[[nodiscard]] std::optional<std::string> ticket_address(std::string_view url);

// Those that a text names, as they stand there and each ticket once: "<https://…|label>" as Slack writes links, where the label
// does not count, or bare. A text that names more than so many is a list, and about none of them.
inline constexpr std::size_t tickets_max = 5;
[[nodiscard]] std::vector<std::string> tickets_in(std::string_view slack_text);

}  // namespace esc::rules
