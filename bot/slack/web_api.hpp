// Slack's Web API as data: a Call says what to send and how it is paced; parse_answer() says what came back. No I/O.
// docs.slack.dev/apis/web-api and the page of each method. Bodies are form fields with nested values as JSON strings, which
// every method accepts.
#pragma once

#include "bot/base/ids.hpp"
#include "bot/base/result.hpp"
#include "bot/slack/blocks.hpp"
#include "bot/slack/user.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace esc::slack {

// Calls a minute that Slack grants a method per workspace; posts are paced per channel too.
enum class Tier : std::uint8_t { one = 1, two = 20, three = 50, four = 100, special = 255 };

struct Call {
    std::string_view method{};  // "chat.postMessage"; a literal
    Tier tier = Tier::three;
    std::vector<std::pair<std::string, std::string>> form{};
    ChannelId posts_to{};           // not empty: takes a turn in this channel's lane of about one message a second
    bool changes_something = true;  // false: a read, safe to repeat after an unclear failure
    enum class Token : std::uint8_t { bot, app } token = Token::bot;
};

// --- writing --------------------------------------------------------------------------------------------------------

// Found again by metadata after an unclear failure: event_type "escalation_surface", event_payload {key, installation}.
struct PostMetadata {
    std::string key{};           // the outbox key
    std::string installation{};  // random, made once per store: two installations never take each other's messages
    int generation = 1;
};
struct Post {
    ChannelId channel{};    // a channel, or a user id for a DM
    MessageTs thread_ts{};  // empty: top level
    blocks::Message message{};
    std::optional<PostMetadata> metadata{};
};
// Always parse=none, no unfurling, no link_names: text from customers must not ping or link by itself.
[[nodiscard]] Call chat_post_message(Post const& post);
[[nodiscard]] Call chat_update(ChannelId const& channel, MessageTs const& ts, blocks::Message const& message);  // text ≤ 4000
[[nodiscard]] Call chat_post_ephemeral(ChannelId const& channel, PersonId const& user, MessageTs const& thread_ts,
                                       blocks::Message const& message);
[[nodiscard]] Call views_open(std::string_view trigger_id, blocks::Modal const& modal);
[[nodiscard]] Call views_push(std::string_view trigger_id,
                              blocks::Modal const& modal);  // on top of the modal that was pressed in
[[nodiscard]] Call views_update(std::string_view view_id, blocks::Modal const& modal);
[[nodiscard]] Call views_publish(PersonId const& user, blocks::Home const& home);
// --- reading --------------------------------------------------------------------------------------------------------
[[nodiscard]] Call auth_test();
[[nodiscard]] Call apps_connections_open();
[[nodiscard]] Call users_info(PersonId const& user);
[[nodiscard]] Call users_list(std::string_view cursor);
[[nodiscard]] Call usergroups_users_list(GroupId const& group);
[[nodiscard]] Call conversations_info(ChannelId const& channel);
[[nodiscard]] Call conversations_members(ChannelId const& channel, std::string_view cursor);
[[nodiscard]] Call chat_get_permalink(ChannelId const& channel, MessageTs const& ts);
// One message by its ts: conversations.replies with ts=latest=oldest=ts, inclusive, which finds top-level messages and replies.
[[nodiscard]] Call one_message(ChannelId const& channel, MessageTs const& ts);
// Newest first since `oldest`, with metadata: the place to look for a message that may have been posted.
[[nodiscard]] Call conversations_history(ChannelId const& channel, std::string_view oldest, std::string_view cursor);
[[nodiscard]] Call conversations_replies(ChannelId const& channel, MessageTs const& thread_ts, std::string_view oldest,
                                         std::string_view cursor);
[[nodiscard]] Call conversations_open(PersonId const& user);  // the DM's channel id

// --- answers --------------------------------------------------------------------------------------------------------

// application/x-www-form-urlencoded
[[nodiscard]] std::string form_body(std::vector<std::pair<std::string, std::string>> const& form);

// Order: status 429 → 5xx or not JSON → "ok". Codes: 429 and "ratelimited" → rate_limited with retry_after; 5xx,
// service_unavailable, internal_error, fatal_error, request_timeout → timed_out when the call changes something (it may
// have happened), else unavailable; missing_scope, not_in_channel, channel_not_found, is_archived, restricted_action… →
// forbidden or not_found; Error::cause is Slack's own code; message holds `needed` and response_metadata.messages.
[[nodiscard]] Result<boost::json::object> parse_answer(Call const& call, int status, std::string_view retry_after,
                                                       std::string_view body);

// The token is at fault, or the app as a whole: every call fails alike until an admin mends it, and waiting does not.
[[nodiscard]] bool is_about_token(std::string_view cause);

struct Identity {  // auth.test
    WorkspaceId workspace{};
    std::string workspace_url{};
    PersonId bot_user{};
    std::string bot_id{};
};
[[nodiscard]] Result<Identity> read_identity(boost::json::object const& answer);

[[nodiscard]] Result<User> read_user(boost::json::object const& user_object);
[[nodiscard]] Result<std::vector<User>> read_users(boost::json::object const& answer);
[[nodiscard]] std::string next_cursor(boost::json::object const& answer);  // empty: the end

struct Channel {  // conversations.info
    ChannelId id{};
    std::string name{};
    bool is_private = false;
    bool shared = false;  // is_ext_shared
    bool direct = false;  // is_im or is_mpim
    bool member = false;  // the bot is in it
    bool archived = false;
};
[[nodiscard]] Result<Channel> read_channel(boost::json::object const& answer);

[[nodiscard]] Result<std::vector<PersonId>> read_members(boost::json::object const& answer);  // conversations.members

struct Posted {
    ChannelId channel{};
    MessageTs ts{};
    MessageTs thread_ts{};  // empty when Slack posted it at top level
};
[[nodiscard]] Result<Posted> read_posted(boost::json::object const& answer);

struct HistoryMessage {
    MessageTs ts{};
    MessageTs thread_ts{};       // of the thread that it answers in; empty at top level
    bool begins_thread = false;  // it has been answered in its own
    PersonId user{};
    std::string bot_id{};
    std::string text{};          // as Slack stores it: entities still escaped
    std::string metadata_key{};  // of event_type "escalation_surface", else empty
    std::string metadata_installation{};
};
[[nodiscard]] std::vector<HistoryMessage> read_messages(boost::json::object const& answer);

// Message text for people: <@U1>, <#C1|name>, <https://x|label> resolved to readable text, entities decoded once.
[[nodiscard]] std::string readable_text(std::string_view slack_text);

// The answer to one interaction, by what the payload kind allows.
[[nodiscard]] std::string ephemeral_json(blocks::Message const& message);  // slash ack and response_url
[[nodiscard]] std::string view_errors_json(std::vector<std::pair<std::string, std::string>> const& errors);  // block_id → text
[[nodiscard]] std::string view_update_json(blocks::Modal const& modal);
[[nodiscard]] std::string view_clear_json();  // closes the form and those below it

}  // namespace esc::slack
