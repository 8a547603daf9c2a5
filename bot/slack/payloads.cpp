// Reading payloads: only what the structs hold is touched, and what may be absent is allowed to be.
#include "bot/slack/json.hpp"
#include "bot/slack/parse_payloads.hpp"
#include "bot/slack/web_api.hpp"

#include <algorithm>
#include <array>
#include <type_traits>

namespace json = boost::json;

namespace esc::slack {

namespace {

using json_at::first_text;
using json_at::flag;
using json_at::required_text;
using json_at::text;

// --- events ---------------------------------------------------------------------------------------------------------

EventHead head_of(json::object const& outer) {
    EventHead head;
    head.event_id = text(outer, {"event_id"});
    head.shared_channel = flag(outer, {"is_ext_shared_channel"});
    // In a shared channel team_id may be the other side's: the authorization names the installation that this came for.
    if (auto const* authorizations = json_at::array(outer, {"authorizations"}); authorizations && !authorizations->empty())
        if (auto const* first = authorizations->front().if_object()) head.workspace.value = text(*first, {"team_id"});
    if (head.workspace.empty()) head.workspace.value = text(outer, {"team_id"});
    return head;
}

OtherEvent other(EventHead head, json::object const& event) {
    return {.head = std::move(head), .type = text(event, {"type"}), .subtype = text(event, {"subtype"})};
}

Result<Payload> reaction_added(EventHead head, json::object const& event) {
    // Files and their comments can be reacted to as well; they are nothing to us.
    if (auto const kind = text(event, {"item", "type"}); !kind.empty() && kind != "message")
        return Payload{OtherEvent{.head = std::move(head), .type = "reaction_added", .subtype = kind}};
    ESC_TRY(auto user, required_text(event, {"user"}, "event"));
    ESC_TRY(auto name, required_text(event, {"reaction"}, "event"));
    ESC_TRY(auto channel, required_text(event, {"item", "channel"}, "event"));
    ESC_TRY(auto ts, required_text(event, {"item", "ts"}, "event"));
    if (auto const tone = name.find("::"); tone != std::string::npos) name.resize(tone);
    return Payload{ReactionAdded{.head = std::move(head),
                                 .user = {std::move(user)},
                                 .reaction = std::move(name),
                                 .item = {.channel = {std::move(channel)}, .ts = {std::move(ts)}},
                                 .item_user = {text(event, {"item_user"})},
                                 .event_ts = text(event, {"event_ts"})}};
}

Result<Payload> reaction_removed(EventHead head, json::object const& event) {
    ESC_TRY(auto read, reaction_added(std::move(head), event));
    if (auto* not_ours = std::get_if<OtherEvent>(&read)) {
        not_ours->type = "reaction_removed";
        return read;
    }
    auto& added = std::get<ReactionAdded>(read);
    return Payload{ReactionRemoved{.head = std::move(added.head),
                                   .user = std::move(added.user),
                                   .reaction = std::move(added.reaction),
                                   .item = std::move(added.item),
                                   .event_ts = std::move(added.event_ts)}};
}

// --- messages -------------------------------------------------------------------------------------------------------

// Also what an app posts in a person's name, and Slackbot's words: no human wrote them.
bool by_bot(json::object const& message) { return !text(message, {"bot_id"}).empty() || text(message, {"user"}) == "USLACKBOT"; }

// Whatever we post, refresh and delete comes back to us.
bool said_by_us(json::object const& outer, json::object const& event) {
    auto const app = text(outer, {"api_app_id"});
    if (app.empty()) return false;
    return first_text(event, {{"app_id"},
                              {"bot_profile", "app_id"},
                              {"message", "app_id"},
                              {"message", "bot_profile", "app_id"},
                              {"previous_message", "app_id"},
                              {"previous_message", "bot_profile", "app_id"}}) == app;
}

MessageRef ref_of(std::string channel, std::string ts, std::string thread_ts) {
    // The first message of a thread carries its own ts there.
    if (thread_ts == ts) thread_ts.clear();
    return {.channel = {std::move(channel)}, .ts = {std::move(ts)}, .thread_ts = {std::move(thread_ts)}};
}

Result<MessageRef> place_of(json::object const& event) {
    ESC_TRY(auto channel, required_text(event, {"channel"}, "event"));
    ESC_TRY(auto ts, required_text(event, {"ts"}, "event"));
    return ref_of(std::move(channel), std::move(ts), text(event, {"thread_ts"}));
}

Result<Payload> message_deleted(EventHead head, json::object const& event) {
    ESC_TRY(auto channel, required_text(event, {"channel"}, "event"));
    // A thread's first message leaves a stone behind, and that is told as a change.
    auto ts = first_text(event, {{"deleted_ts"}, {"previous_message", "ts"}, {"message", "ts"}});
    if (ts.empty()) return fail(Errc::invalid, "event.deleted_ts is missing");
    auto thread_ts = first_text(event, {{"previous_message", "thread_ts"}, {"message", "thread_ts"}});
    return Payload{MessageDeleted{.head = std::move(head),
                                  .message = ref_of(std::move(channel), std::move(ts), std::move(thread_ts)),
                                  .event_ts = first_text(event, {{"event_ts"}, {"ts"}})}};
}

Result<Payload> message_changed(EventHead head, json::object const& event) {
    auto const* now = json_at::object(event, {"message"});
    if (now == nullptr) return fail(Errc::invalid, "event.message is missing");
    if (text(*now, {"subtype"}) == "tombstone") return message_deleted(std::move(head), event);
    // An unfurled link and a first reply come as changes that change no word.
    auto const* before = json_at::object(event, {"previous_message"});
    auto said = text(*now, {"text"});
    if (before != nullptr && text(*before, {"text"}) == said) return Payload{other(std::move(head), event)};
    ESC_TRY(auto channel, required_text(event, {"channel"}, "event"));
    ESC_TRY(auto ts, required_text(event, {"message", "ts"}, "event"));
    return Payload{MessageChanged{.head = std::move(head),
                                  .user = {by_bot(*now) ? std::string{} : text(*now, {"user"})},
                                  .message = ref_of(std::move(channel), std::move(ts), text(*now, {"thread_ts"})),
                                  .text = std::move(said),
                                  .event_ts = first_text(event, {{"event_ts"}, {"ts"}})}};
}

Result<Payload> message(EventHead head, json::object const& event) {
    auto const subtype = text(event, {"subtype"});
    if (subtype == "message_changed") return message_changed(std::move(head), event);
    if (subtype == "message_deleted") return message_deleted(std::move(head), event);
    auto const of_a_person = subtype.empty() || subtype == "file_share" || subtype == "thread_broadcast";
    auto user = text(event, {"user"});
    if (!of_a_person || user.empty() || by_bot(event)) return Payload{other(std::move(head), event)};
    ESC_TRY(auto place, place_of(event));
    return Payload{MessagePosted{.head = std::move(head),
                                 .user = {std::move(user)},
                                 .user_workspace = {text(event, {"user_team"})},
                                 .message = std::move(place),
                                 .text = text(event, {"text"}),
                                 .channel_type = text(event, {"channel_type"})}};
}

Result<Payload> app_mention(EventHead head, json::object const& event) {
    auto user = text(event, {"user"});
    if (user.empty() || by_bot(event)) return Payload{other(std::move(head), event)};
    ESC_TRY(auto place, place_of(event));
    return Payload{AppMention{.head = std::move(head),
                              .user = {std::move(user)},
                              .user_workspace = {text(event, {"user_team"})},
                              .message = std::move(place),
                              .text = text(event, {"text"})}};
}

Result<Payload> app_home_opened(EventHead head, json::object const& event) {
    ESC_TRY(auto user, required_text(event, {"user"}, "event"));
    return Payload{AppHomeOpened{.head = std::move(head),
                                 .user = {std::move(user)},
                                 .tab = text(event, {"tab"}),
                                 .private_metadata = text(event, {"view", "private_metadata"})}};
}

Result<Payload> member_joined(EventHead head, json::object const& event) {
    ESC_TRY(auto user, required_text(event, {"user"}, "event"));
    ESC_TRY(auto channel, required_text(event, {"channel"}, "event"));
    return Payload{MemberJoinedChannel{.head = std::move(head), .user = {std::move(user)}, .channel = {std::move(channel)}}};
}

Result<Payload> channel_sharing(EventHead head, json::object const& event) {
    auto channel = first_text(event, {{"channel"}});
    if (channel.empty()) return fail(Errc::invalid, "event.channel is missing");
    return Payload{ChannelSharing{.head = std::move(head), .channel = {std::move(channel)}}};
}

Result<Payload> channel_id_changed(EventHead head, json::object const& event) {
    ESC_TRY(auto from, required_text(event, {"old_channel_id"}, "event"));
    ESC_TRY(auto to, required_text(event, {"new_channel_id"}, "event"));
    return Payload{ChannelIdChanged{.head = std::move(head), .from = {std::move(from)}, .to = {std::move(to)}}};
}

Result<Payload> user_changed(EventHead head, json::object const& event) {
    ESC_TRY(auto user, required_text(event, {"user", "id"}, "event"));
    UserChanged changed{.head = std::move(head), .user = {std::move(user)}, .now = {}};
    auto const& described = *json_at::object(event, {"user"});
    // Without the workspace it is no description: nobody may become a colleague by what is left out.
    if (!text(described, {"team_id"}).empty())
        if (auto now = read_user(described)) changed.now = *std::move(now);
    return Payload{std::move(changed)};
}

Result<Payload> subteam_changed(EventHead head, json::object const& event) {
    auto group = first_text(event, {{"subteam_id"}, {"subteam", "id"}});
    if (group.empty()) return fail(Errc::invalid, "event.subteam_id is missing");
    return Payload{SubteamMembersChanged{.head = std::move(head), .group = {std::move(group)}}};
}

Result<Payload> tokens_revoked(EventHead head, json::object const& event) {
    // Tokens of single people are not ours; only the bot's counts.
    auto const* tokens = json_at::object(event, {"tokens"});
    auto const* bots = tokens == nullptr ? nullptr : json_at::array(*tokens, {"bot"});
    if (tokens != nullptr && (bots == nullptr || bots->empty())) return Payload{other(std::move(head), event)};
    return Payload{AccessRevoked{.head = std::move(head)}};
}

Result<Payload> app_uninstalled(EventHead head, json::object const&) { return Payload{AccessRevoked{.head = std::move(head)}}; }

struct EventKind {
    std::string_view type{};
    Result<Payload> (*read)(EventHead, json::object const&) = nullptr;
};
constexpr std::array event_kinds{
    EventKind{"reaction_added", reaction_added},
    EventKind{"reaction_removed", reaction_removed},
    EventKind{"message", message},
    EventKind{"app_mention", app_mention},
    EventKind{"app_home_opened", app_home_opened},
    EventKind{"member_joined_channel", member_joined},
    EventKind{"channel_shared", channel_sharing},
    EventKind{"channel_unshared", channel_sharing},
    EventKind{"channel_id_changed", channel_id_changed},
    EventKind{"user_change", user_changed},
    EventKind{"subteam_members_changed", subteam_changed},
    EventKind{"subteam_updated", subteam_changed},
    EventKind{"tokens_revoked", tokens_revoked},
    EventKind{"app_uninstalled", app_uninstalled},
};

// --- interactions ---------------------------------------------------------------------------------------------------

// The workspace the app is installed in: views say so themselves.
WorkspaceId workspace_of(json::object const& payload) {
    return {first_text(payload, {{"view", "app_installed_team_id"}, {"team", "id"}, {"user", "team_id"}})};
}

// What an element of any kind holds: a text, the value of the chosen option, the chosen id, seconds since 1970; what holds
// several joins them by commas.
std::string element_value(json::object const& element) {
    auto one = first_text(element, {{"value"},
                                    {"selected_option", "value"},
                                    {"selected_user"},
                                    {"selected_channel"},
                                    {"selected_conversation"},
                                    {"selected_date"},
                                    {"selected_time"}});
    if (!one.empty()) return one;
    if (auto const seconds = json_at::number(element, {"selected_date_time"}); seconds != 0) return std::to_string(seconds);
    for (auto const* name : {"selected_options", "selected_users", "selected_channels", "selected_conversations"}) {
        auto const* chosen = json_at::array(element, {name});
        if (chosen == nullptr) continue;
        for (auto const& item : *chosen) {
            auto const* option = item.if_object();
            auto const value = option != nullptr  ? text(*option, {"value"})
                               : item.is_string() ? std::string{std::string_view{item.get_string()}}
                                                  : std::string{};
            if (value.empty()) continue;
            if (!one.empty()) one += ',';
            one += value;
        }
    }
    return one;
}

MessageRef message_of(json::object const& payload) {
    MessageRef message;
    message.channel.value = first_text(payload, {{"channel", "id"}, {"container", "channel_id"}});
    message.ts.value = first_text(payload, {{"message", "ts"}, {"message_ts"}, {"container", "message_ts"}});
    message.thread_ts.value = first_text(payload, {{"message", "thread_ts"}, {"container", "thread_ts"}});
    // The first message of a thread carries its own ts there.
    if (message.thread_ts == message.ts) message.thread_ts.value.clear();
    return message;
}

ViewState state_of(json::object const& payload) {
    ViewState state;
    auto const* blocks = json_at::object(payload, {"view", "state", "values"});
    if (blocks == nullptr) return state;
    for (auto const& block : *blocks) {
        auto const* elements = block.value().if_object();
        if (elements == nullptr) continue;
        for (auto const& element : *elements) {
            auto const* held = element.value().if_object();
            if (held == nullptr) continue;
            // An input block holds one element.
            state.values.emplace(std::string{std::string_view{block.key()}}, element_value(*held));
            break;
        }
    }
    return state;
}

Result<Payload> block_actions(json::object const& payload) {
    ESC_TRY(auto user, required_text(payload, {"user", "id"}, ""));
    auto const* actions = json_at::array(payload, {"actions"});
    auto const* first = actions == nullptr || actions->empty() ? nullptr : actions->front().if_object();
    if (first == nullptr) return fail(Errc::invalid, "actions is missing");
    ESC_TRY(auto action_id, required_text(*first, {"action_id"}, "actions[0]"));

    BlockAction action;
    action.workspace = workspace_of(payload);
    action.user.value = std::move(user);
    action.user_workspace.value = text(payload, {"user", "team_id"});
    action.action_id = std::move(action_id);
    action.block_id = text(*first, {"block_id"});
    action.value = element_value(*first);
    action.trigger_id = text(payload, {"trigger_id"});
    action.response_url = text(payload, {"response_url"});
    action.view_id = first_text(payload, {{"view", "id"}, {"container", "view_id"}});
    action.view_type = text(payload, {"view", "type"});
    action.view_hash = text(payload, {"view", "hash"});
    action.view_callback_id = text(payload, {"view", "callback_id"});
    action.view_private_metadata = text(payload, {"view", "private_metadata"});
    action.view_state = state_of(payload);
    if (action.view_id.empty()) action.message = message_of(payload);
    return Payload{std::move(action)};
}

Result<Payload> view_submission(json::object const& payload) {
    ESC_TRY(auto user, required_text(payload, {"user", "id"}, ""));
    ESC_TRY(auto view_id, required_text(payload, {"view", "id"}, ""));
    ViewSubmission submission;
    submission.workspace = workspace_of(payload);
    submission.user.value = std::move(user);
    submission.user_workspace.value = text(payload, {"user", "team_id"});
    submission.callback_id = text(payload, {"view", "callback_id"});
    submission.private_metadata = text(payload, {"view", "private_metadata"});
    submission.view_id = std::move(view_id);
    submission.hash = text(payload, {"view", "hash"});
    submission.state = state_of(payload);
    return Payload{std::move(submission)};
}

Result<Payload> view_closed(json::object const& payload) {
    ESC_TRY(auto user, required_text(payload, {"user", "id"}, ""));
    return Payload{ViewClosed{.user = {std::move(user)}, .callback_id = text(payload, {"view", "callback_id"})}};
}

Result<Payload> shortcut(json::object const& payload) {
    ESC_TRY(auto user, required_text(payload, {"user", "id"}, ""));
    ESC_TRY(auto callback_id, required_text(payload, {"callback_id"}, ""));
    Shortcut shortcut;
    shortcut.workspace = workspace_of(payload);
    shortcut.user.value = std::move(user);
    shortcut.callback_id = std::move(callback_id);
    shortcut.trigger_id = text(payload, {"trigger_id"});
    shortcut.response_url = text(payload, {"response_url"});
    return Payload{std::move(shortcut)};
}

Result<Payload> message_action(json::object const& payload) {
    ESC_TRY(auto read, shortcut(payload));
    auto& action = std::get<Shortcut>(read);
    action.message = message_of(payload);
    if (action.message.channel.empty()) return fail(Errc::invalid, "channel.id is missing");
    if (action.message.ts.empty()) return fail(Errc::invalid, "message.ts is missing");
    action.message_text = text(payload, {"message", "text"});
    action.channel_name = text(payload, {"channel", "name"});
    if (auto const* about = json_at::object(payload, {"message"}); about != nullptr && !by_bot(*about))
        action.message_user.value = text(*about, {"user"});
    return read;
}

struct InteractionKind {
    std::string_view type{};
    Result<Payload> (*read)(json::object const&) = nullptr;
};
constexpr std::array interaction_kinds{
    InteractionKind{"block_actions", block_actions},   InteractionKind{"view_submission", view_submission},
    InteractionKind{"view_closed", view_closed},       InteractionKind{"shortcut", shortcut},
    InteractionKind{"message_action", message_action},
};

}  // namespace

Result<Payload> parse_event(json::object const& outer) {
    auto const* event = json_at::object(outer, {"event"});
    if (event == nullptr) {
        if (text(outer, {"type"}) == "app_rate_limited")
            return Payload{AppRateLimited{.minute = json_at::number(outer, {"minute_rate_limited"})}};
        return fail(Errc::invalid, "event is missing");
    }
    ESC_TRY(auto type, required_text(*event, {"type"}, "event"));
    if (type == "message" && said_by_us(outer, *event)) return Payload{other(head_of(outer), *event)};
    auto const kind = std::find_if(event_kinds.begin(), event_kinds.end(), [&](auto const& k) { return k.type == type; });
    if (kind == event_kinds.end()) return Payload{other(head_of(outer), *event)};
    return kind->read(head_of(outer), *event);
}

Result<Payload> parse_slash_command(json::object const& fields) {
    ESC_TRY(auto user, required_text(fields, {"user_id"}, ""));
    ESC_TRY(auto command, required_text(fields, {"command"}, ""));
    return Payload{SlashCommand{.workspace = {text(fields, {"team_id"})},
                                .user = {std::move(user)},
                                .channel = {text(fields, {"channel_id"})},
                                .command = std::move(command),
                                .text = text(fields, {"text"}),
                                .trigger_id = text(fields, {"trigger_id"}),
                                .response_url = text(fields, {"response_url"})}};
}

Result<Payload> parse_interaction(json::object const& payload) {
    ESC_TRY(auto type, required_text(payload, {"type"}, ""));
    auto const kind =
        std::find_if(interaction_kinds.begin(), interaction_kinds.end(), [&](auto const& k) { return k.type == type; });
    if (kind == interaction_kinds.end()) return Payload{OtherInteraction{.type = std::move(type)}};
    return kind->read(payload);
}

std::string event_id(Payload const& payload) {
    return std::visit(
        [](auto const& held) -> std::string {
            if constexpr (requires { held.head.event_id; }) {
                return held.head.event_id;
            } else {
                return {};
            }
        },
        payload);
}

}  // namespace esc::slack
