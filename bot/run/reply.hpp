// How an answer reaches the person who acted: where a payload can be answered, and the ways outside the ack.
#pragma once

#include "bot/base/ids.hpp"
#include "bot/run/directory.hpp"
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
    enum class Kind : std::uint8_t { command, action, view, shortcut, mention, event } kind = Kind::event;
    // Where an action was pressed: that is where it is answered.
    enum class Place : std::uint8_t { message, modal, home } place = Place::message;
    PersonId user{};             // empty where Slack does not tell, as for a deleted message
    WorkspaceId workspace{};     // where the app is installed
    Origin origin{};             // what the payload tells of the user
    ChannelId channel{};         // where it happened; empty in views and global shortcuts
    MessageTs thread_ts{};       // the thread a mention stands in
    std::string response_url{};  // may be empty
    std::string trigger_id{};
    std::string view_id{};  // of the view that was pressed in or submitted
};
[[nodiscard]] Address::Kind kind_of(slack::Payload const& payload);
[[nodiscard]] Address address_of(slack::Payload const& payload);
// Slack sends it again when it is not acknowledged, and nobody looks at an answer.
[[nodiscard]] inline bool comes_again(Address const& address) {
    return address.kind == Address::Kind::event || address.kind == Address::Kind::mention;
}

inline constexpr std::string_view still_working_text = "Still working on it. It is in the queue and will be done.";
inline constexpr std::string_view not_told_text = "Slack did not say in time who you are. Nothing was done; please try again.";
inline constexpr std::string_view try_again_text = "That did not work just now, and nothing was changed. Please try again.";
[[nodiscard]] slack::blocks::Message plain_message(std::string_view sentence);
[[nodiscard]] slack::blocks::Message errors_as_message(std::vector<std::pair<std::string, std::string>> const& errors);
// Modals without inputs that say something.
[[nodiscard]] slack::blocks::Modal word_modal(std::string_view title, std::string_view sentence);
[[nodiscard]] slack::blocks::Modal word_modal(std::string_view title, slack::blocks::Message const& message);
inline constexpr std::string_view not_done_title = "Not done";
// How a refusal, or a message, looks as a modal.
[[nodiscard]] slack::blocks::Modal as_modal(slack::blocks::Message const& message, bool refused);

// The ack payload of a submitted view. Field errors keep the form open, a refusal replaces it by its words, another modal takes
// its place, success closes it and what lies below.
struct ViewAnswer {
    std::string payload{};
    bool says_all = false;  // nothing is left to be told another way
};
[[nodiscard]] ViewAnswer view_answer(handlers::Outcome const& outcome, slack::ViewSubmission const& submission);

// By response_url, else an ephemeral in the channel, else a DM; the loss is logged. What may have arrived is not repeated.
boost::asio::awaitable<void> tell_person(WebClient& web, Address address, slack::blocks::Message message);
// Opens the form, then tells `message`. A form that cannot be opened (the trigger lives 3 s) is told too.
boost::asio::awaitable<void> open_modal(WebClient& web, Address address, slack::blocks::Modal modal,
                                        std::optional<slack::blocks::Message> message);
// On top of the modal that was pressed in; in its place where Slack takes no further one.
boost::asio::awaitable<void> push_modal(WebClient& web, Address address, slack::blocks::Modal modal);
// The modal that was pressed in or submitted from now on shows this. When it is gone, `message` is told instead.
boost::asio::awaitable<void> update_modal(WebClient& web, Address address, slack::blocks::Modal modal,
                                          std::optional<slack::blocks::Message> message);

}  // namespace esc::run
