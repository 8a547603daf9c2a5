// Methods that write messages and reactions.
#include "tests/fake_slack/block_kit.hpp"
#include "tests/fake_slack/web_api.hpp"

#include <boost/json/serialize.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace esc::fake {

namespace {

constexpr auto string = ArgumentType::string;
constexpr auto boolean = ArgumentType::boolean;
constexpr auto array = ArgumentType::array;
constexpr auto object = ArgumentType::object;

constexpr std::size_t post_text_max = 40'000;   // chat.postMessage cuts here
constexpr std::size_t update_text_max = 4'000;  // chat.update refuses more
constexpr std::size_t metadata_bytes_max = 16'384;

// What is wrong with text, blocks and metadata; empty when nothing.
json::object content_problem(MethodCall const& call) {
    if (!call.has("text") && !call.has("blocks") && !call.has("attachments")) return refusal("no_text");
    if (call.text("text").empty() && array_of(call.arguments, "blocks").empty() &&
        array_of(call.arguments, "attachments").empty())
        return refusal("no_text");
    if (auto const complaints = check_blocks(array_of(call.arguments, "blocks"), Surface::message); !complaints.empty())
        return with_messages("invalid_blocks", complaints);
    if (array_of(call.arguments, "attachments").size() > 100) return refusal("too_many_attachments");
    if (call.has("metadata")) {
        auto const metadata = object_of(call.arguments, "metadata");
        if (auto const complaints = check_metadata(metadata); !complaints.empty())
            return with_messages("invalid_metadata_schema", complaints);
        if (json::serialize(metadata).size() > metadata_bytes_max) return refusal("metadata_too_large");
    }
    return {};
}

std::string cut(std::string text, std::size_t limit) {
    std::size_t seen = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if ((static_cast<unsigned char>(text[i]) & 0xC0U) == 0x80U) continue;
        if (seen++ == limit) {
            text.resize(i);
            break;
        }
    }
    return text;
}

// The channel to write into, or the reason why not in `problem`.
Channel* writable_channel(MethodCall& call, json::object& problem) {
    auto& workspace = call.site.workspace;
    auto* channel = workspace.channel_by_id(call.text("channel"));
    if (channel == nullptr) {
        auto const* person = workspace.person_by_id(call.text("channel"));
        if (person != nullptr && !person->is_bot) channel = &workspace.dm_with(*person);
    }
    if (channel == nullptr || (channel->is_private && !channel->has(call.actor))) {
        problem = refusal("channel_not_found");
        return nullptr;
    }
    if (channel->is_im() && !call.site.app.messages_tab) {
        problem = refusal("messages_tab_disabled");
        return nullptr;
    }
    if (channel->is_archived) {
        problem = refusal("is_archived");
        return nullptr;
    }
    if (!channel->has(call.actor) && !workspace.scopes.contains("chat:write.public")) {
        problem = refusal("not_in_channel");
        return nullptr;
    }
    return channel;
}

bool bad_thread(Channel const& channel, std::string const& thread_ts) {
    if (thread_ts.empty()) return false;
    auto const parent = channel.messages.find(thread_ts);
    return parent == channel.messages.end() || !parent->second.thread_ts.empty();
}

Message new_message(MethodCall const& call) {
    Message message;
    message.user = std::string(Workspace::bot_user);
    message.by_bot = true;
    message.thread_ts = call.text("thread_ts");
    message.text = cut(call.text("text"), post_text_max);
    message.blocks = array_of(call.arguments, "blocks");
    message.attachments = array_of(call.arguments, "attachments");
    if (call.has("metadata")) message.metadata = object_of(call.arguments, "metadata");
    message.broadcast = flag_of(call.arguments, "reply_broadcast");
    return message;
}

json::object post_message(MethodCall& call) {
    json::object problem;
    auto* channel = writable_channel(call, problem);
    if (channel == nullptr) return problem;
    if (problem = content_problem(call); !problem.empty()) return problem;
    if (bad_thread(*channel, call.text("thread_ts"))) return refusal("thread_not_found");
    if ((call.has("username") || call.has("icon_emoji") || call.has("icon_url")) &&
        !call.site.workspace.scopes.contains("chat:write.customize"))
        return missing_scope(call.site, "chat:write.customize");
    if (code_points(call.text("text")) > post_text_max)
        call.site.records.violation("chat.postMessage: the text was cut at 40000");
    if (auto const wait_s = call.site.limits.take_post(channel->id, call.now); wait_s > 0) {
        auto out = refusal("ratelimited");
        out["retry_after_s"] = wait_s;
        return out;
    }
    auto const& message = call.site.workspace.post(*channel, new_message(call), call.now);
    call.site.message_posted(*channel, message);
    return {
        {"ok", true}, {"channel", channel->id}, {"ts", message.ts}, {"message", call.site.message_json(*channel, message, true)}};
}

// A message of the bot in a channel it can write to.
Message* own_message(MethodCall& call, Channel*& channel, std::string_view not_own, json::object& problem) {
    if (call.site.workspace.person_by_id(call.text("channel")) != nullptr) {
        problem = refusal("channel_not_found");  // here a DM goes by its D… id
        return nullptr;
    }
    channel = writable_channel(call, problem);
    if (channel == nullptr) return nullptr;
    auto const it = channel->messages.find(call.text("ts"));
    if (it == channel->messages.end() || it->second.subtype == "tombstone") {
        problem = refusal("message_not_found");
        return nullptr;
    }
    if (it->second.user != call.actor) {
        problem = refusal(not_own);
        return nullptr;
    }
    return &it->second;
}

json::object update(MethodCall& call) {
    json::object problem;
    Channel* channel = nullptr;
    auto* message = own_message(call, channel, "cant_update_message", problem);
    if (message == nullptr) return problem;
    if (problem = content_problem(call); !problem.empty()) return problem;
    if (code_points(call.text("text")) > update_text_max) return refusal("msg_too_long");
    auto const before = *message;
    message->earlier_blocks.push_back(message->blocks);
    message->blocks = array_of(call.arguments, "blocks");  // text without blocks takes the blocks away
    fill_in_ids(call.site.workspace, message->blocks);
    if (call.has("attachments")) message->attachments = array_of(call.arguments, "attachments");
    if (call.has("text")) message->text = call.text("text");
    if (call.has("metadata")) message->metadata = object_of(call.arguments, "metadata");
    if (message->blocks.empty()) message->edited_ts = fmt::format("{}.000000", to_unix(call.now));
    call.site.message_changed(*channel, before, *message);
    return {{"ok", true},
            {"channel", channel->id},
            {"ts", message->ts},
            {"text", message->text},
            {"message", call.site.message_json(*channel, *message, true)}};
}

json::object remove(MethodCall& call) {
    json::object problem;
    Channel* channel = nullptr;
    auto* message = own_message(call, channel, "cant_delete_message", problem);
    if (message == nullptr) return problem;
    auto const before = *message;
    call.site.workspace.remove(*channel, before.ts);
    call.site.message_deleted(*channel, before, before.ts);
    return {{"ok", true}, {"channel", channel->id}, {"ts", before.ts}};
}

json::object post_ephemeral(MethodCall& call) {
    json::object problem;
    auto* channel = writable_channel(call, problem);
    if (channel == nullptr) return problem;
    auto const user = call.text("user");
    if (call.site.workspace.person_by_id(user) == nullptr) return refusal("user_not_found");
    if (!channel->has(user)) return refusal("user_not_in_channel");
    if (problem = content_problem(call); !problem.empty()) return problem;
    if (bad_thread(*channel, call.text("thread_ts"))) return refusal("thread_not_found");
    auto message = new_message(call);
    message.ts = call.site.workspace.next_ts(*channel, call.now);
    fill_in_ids(call.site.workspace, message.blocks);
    auto const ts = message.ts;
    channel->ephemerals[user].push_back(std::move(message));
    return {{"ok", true}, {"message_ts", ts}};
}

json::object add_reaction(MethodCall& call) {
    json::object problem;
    auto* channel = writable_channel(call, problem);
    if (channel == nullptr) return problem;
    auto const name = call.text("name");
    bool const well_formed = !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
        return std::islower(c) != 0 || std::isdigit(c) != 0 || c == '_' || c == '-' || c == '+' || c == '\'' || c >= 0x80;
    });
    if (!well_formed) return refusal("invalid_name");
    auto const it = channel->messages.find(call.text("timestamp"));
    if (it == channel->messages.end()) return refusal("message_not_found");
    auto& reactions = it->second.reactions;
    auto entry = std::find_if(reactions.begin(), reactions.end(), [&](Reaction const& r) { return r.name == name; });
    if (entry == reactions.end()) entry = reactions.insert(reactions.end(), Reaction{.name = name, .users = {}});
    if (std::find(entry->users.begin(), entry->users.end(), call.actor) != entry->users.end()) return refusal("already_reacted");
    entry->users.push_back(call.actor);
    call.site.reaction_changed(*channel, it->second, call.actor, name, true);
    return {{"ok", true}};
}

}  // namespace

std::vector<Method> const& chat_methods() {
    static std::vector<Method> const methods{
        {"chat.postMessage",
         300,
         "chat:write",
         Tokens::bot,
         {{"channel", string, true},
          {"text"},
          {"blocks", array},
          {"attachments", array},
          {"thread_ts"},
          {"reply_broadcast", boolean},
          {"parse"},
          {"link_names", boolean},
          {"unfurl_links", boolean},
          {"unfurl_media", boolean},
          {"metadata", object},
          {"mrkdwn", boolean},
          {"username"},
          {"icon_emoji"},
          {"icon_url"}},
         post_message},
        {"chat.update",
         50,
         "chat:write",
         Tokens::bot,
         {{"channel", string, true},
          {"ts", string, true},
          {"text"},
          {"blocks", array},
          {"attachments", array},
          {"parse"},
          {"link_names", boolean},
          {"metadata", object},
          {"reply_broadcast", boolean}},
         update},
        {"chat.delete", 50, "chat:write", Tokens::bot, {{"channel", string, true}, {"ts", string, true}}, remove},
        {"chat.postEphemeral",
         100,
         "chat:write",
         Tokens::bot,
         {{"channel", string, true},
          {"user", string, true},
          {"text"},
          {"blocks", array},
          {"attachments", array},
          {"thread_ts"},
          {"parse"},
          {"link_names", boolean}},
         post_ephemeral},
        {"reactions.add",
         50,
         "reactions:write",
         Tokens::bot,
         {{"channel", string, true}, {"timestamp", string, true}, {"name", string, true}},
         add_reaction},
    };
    return methods;
}

}  // namespace esc::fake
