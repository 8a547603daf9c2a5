// What Slack sends, as plain structs: only the fields this program uses. Missing optional fields are empty; a missing
// required one is Errc::invalid that names its path. Facts: docs.slack.dev, reference for each payload.
#pragma once

#include "bot/base/ids.hpp"
#include "bot/base/result.hpp"
#include "bot/slack/user.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace esc::slack {

struct SlashCommand {
    WorkspaceId workspace{};
    PersonId user{};
    ChannelId channel{};
    std::string command{};  // "/escalate"
    std::string text{};
    std::string trigger_id{};
    std::string response_url{};
    MessageRef message{};  // where it was said as a mention ("@bot escalate …"); empty when typed as a command
};

// One input's value by block_id: text of a plain_text_input, value of a select's option, id of a users_select, seconds since
// 1970 of a datetimepicker; what holds several (checkboxes, multi selects) joined by commas.
struct ViewState {
    std::map<std::string, std::string, std::less<>> values{};
    [[nodiscard]] std::string_view get(std::string_view block_id) const {
        auto const found = values.find(block_id);
        return found == values.end() ? std::string_view{} : std::string_view{found->second};
    }
};

// One pressed button or changed element. Several actions in one payload do not occur for what we send; the first counts.
struct BlockAction {
    WorkspaceId workspace{};  // the workspace the app is installed in
    PersonId user{};
    WorkspaceId user_workspace{};  // user.team_id: differs for people from outside
    std::string action_id{};
    std::string block_id{};
    std::string value{};  // button value, or the selected option's value
    std::string trigger_id{};
    std::string response_url{};  // empty when pressed in a view
    MessageRef message{};        // empty channel when pressed in a view
    std::string view_id{};       // empty when pressed in a message
    std::string view_type{};     // "modal" or "home"; empty when pressed in a message
    std::string view_hash{};
    std::string view_callback_id{};
    std::string view_private_metadata{};
    ViewState view_state{};  // what the inputs of the view hold
};

struct ViewSubmission {
    WorkspaceId workspace{};
    PersonId user{};
    WorkspaceId user_workspace{};
    std::string callback_id{};
    std::string private_metadata{};
    std::string view_id{};
    std::string hash{};
    ViewState state{};
};

struct ViewClosed {
    PersonId user{};
    std::string callback_id{};
};

struct Shortcut {
    WorkspaceId workspace{};
    PersonId user{};
    std::string callback_id{};
    std::string trigger_id{};
    std::string response_url{};  // message shortcuts only
    MessageRef message{};        // message shortcuts only
    std::string message_text{};
    PersonId message_user{};     // its author; empty for a bot's
    std::string channel_name{};  // "privategroup" and "directmessage" where Slack does not tell it
};

// The outer event wrapper's fields that matter, with the inner event.
struct EventHead {
    std::string event_id{};
    WorkspaceId workspace{};
    bool shared_channel = false;  // is_ext_shared_channel: outsiders can read along
};
struct ReactionAdded {
    EventHead head{};
    PersonId user{};
    std::string reaction{};  // emoji name without colons; a skin tone suffix "::skin-tone-2" is cut off
    MessageRef item{};       // thread_ts is not told by Slack and stays empty
    PersonId item_user{};    // may be empty
    std::string event_ts{};
};
struct ReactionRemoved {
    EventHead head{};
    PersonId user{};  // whose reaction it was
    std::string reaction{};
    MessageRef item{};
    std::string event_ts{};
};
// A message of a person, in a channel or thread; not of bots, not joins and other words of Slack's own.
struct MessagePosted {
    EventHead head{};
    PersonId user{};
    WorkspaceId user_workspace{};  // user_team; empty when not told
    MessageRef message{};          // thread_ts is empty at top level
    std::string text{};            // as Slack writes it
    std::string channel_type{};    // "channel", "group", "im", "mpim"
};
struct MessageChanged {
    EventHead head{};
    PersonId user{};       // its author; empty for a bot's
    MessageRef message{};  // the one that was edited
    std::string text{};    // as it reads now
    std::string event_ts{};
};
struct MessageDeleted {
    EventHead head{};
    MessageRef message{};
    std::string event_ts{};
};
// "@bot escalate …": also arrives as a MessagePosted with the same ts.
struct AppMention {
    EventHead head{};
    PersonId user{};
    WorkspaceId user_workspace{};
    MessageRef message{};
    std::string text{};  // with the mention in it
};
struct AppHomeOpened {
    EventHead head{};
    PersonId user{};
    std::string tab{};               // "home" or "messages"
    std::string private_metadata{};  // of the Home that is shown; empty at first
};
struct MemberJoinedChannel {
    EventHead head{};
    PersonId user{};
    ChannelId channel{};
};
// People from outside can read it from now on, or cannot any more.
struct ChannelSharing {
    EventHead head{};
    ChannelId channel{};
};
// A private channel is being shared with another organisation, which gives it another id for good.
struct ChannelIdChanged {
    EventHead head{};
    ChannelId from{};
    ChannelId to{};
};
struct UserChanged {
    EventHead head{};
    PersonId user{};
    std::optional<User> now{};  // nothing when the event does not describe the person
};
struct SubteamMembersChanged {
    EventHead head{};
    GroupId group{};
};
// The app was removed or its token revoked (app_uninstalled, tokens_revoked).
struct AccessRevoked {
    EventHead head{};
};
// Anything else that arrived as an event: acknowledged, counted by type, nothing more.
struct OtherEvent {
    EventHead head{};
    std::string type{};
    std::string subtype{};
};
// app_rate_limited has no inner event.
struct AppRateLimited {
    std::int64_t minute = 0;
};
// Interactive payloads of a type this program does not use.
struct OtherInteraction {
    std::string type{};
};

using Payload =
    std::variant<SlashCommand, BlockAction, ViewSubmission, ViewClosed, Shortcut, ReactionAdded, ReactionRemoved, MessagePosted,
                 MessageChanged, MessageDeleted, AppMention, AppHomeOpened, MemberJoinedChannel, ChannelSharing, ChannelIdChanged,
                 UserChanged, SubteamMembersChanged, AccessRevoked, AppRateLimited, OtherEvent, OtherInteraction>;

}  // namespace esc::slack
