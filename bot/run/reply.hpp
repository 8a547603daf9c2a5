// How an answer reaches the person who acted: where a payload can be answered, and the ways outside the ack.
#pragma once

#include "bot/base/ids.hpp"
#include "bot/run/web_client.hpp"
#include "bot/slack/blocks.hpp"
#include "bot/slack/payloads.hpp"
#include "handlers/router.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace esc::run {

struct Address {
    enum class Kind : std::uint8_t { command, action, view, shortcut, event } kind = Kind::event;
    PersonId user{};
    WorkspaceId workspace{};     // where the app is installed
    WorkspaceId presumed{};      // whose member the user is taken for while Slack does not tell; empty: an outsider
    ChannelId channel{};         // where it happened; empty in views and global shortcuts
    std::string response_url{};  // may be empty
    std::string trigger_id{};
};
[[nodiscard]] Address::Kind kind_of(slack::Payload const& payload);
[[nodiscard]] Address address_of(slack::Payload const& payload);

inline constexpr std::string_view still_working_text = "Still working on it. It is in the queue and will be done.";
inline constexpr std::string_view try_again_text = "That did not work just now, and nothing was changed. Please try again.";
[[nodiscard]] slack::blocks::Message plain_message(std::string_view sentence);
[[nodiscard]] slack::blocks::Message errors_as_message(std::vector<std::pair<std::string, std::string>> const& errors);
// A modal without inputs that says something.
[[nodiscard]] slack::blocks::Modal word_modal(std::string_view title, std::string_view sentence);

// The ack payload of a submitted view; empty: close it. Field errors keep the form open, a refusal replaces it by its words.
[[nodiscard]] std::string view_answer(handlers::Outcome const& outcome, slack::ViewSubmission const& submission);

// By response_url, else an ephemeral in the channel, else a DM; the loss is logged. What may have arrived is not repeated.
boost::asio::awaitable<void> tell_person(WebClient& web, Address address, slack::blocks::Message message);
// Opens the form, then tells `message`. A form that cannot be opened (the trigger lives 3 s) is told too.
boost::asio::awaitable<void> open_modal(WebClient& web, Address address, slack::blocks::Modal modal,
                                        std::optional<slack::blocks::Message> message);

}  // namespace esc::run
