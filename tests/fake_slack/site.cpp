// Slack's JSON shapes (docs.slack.dev/reference: objects, events).
#include "tests/fake_slack/site.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <utility>

namespace esc::fake {

Site::Site(Clock& the_clock, AppManifest manifest)
    : clock(the_clock), app(std::move(manifest)), records(the_clock), hub(the_clock, records, std::string(Workspace::app_id)) {
    if (app.everything) return;
    workspace.scopes = app.scopes;
    if (app.display_name.empty()) return;
    auto& bot = *workspace.person_by_id(Workspace::bot_user);
    bot.real_name = app.display_name;
    bot.handle.clear();
    for (char const c : app.display_name)
        bot.handle += c == ' ' ? '-' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

json::object Site::message_json(Channel const& channel, Message const& message, bool all_metadata) const {
    json::object out{{"type", "message"}, {"user", message.user}, {"text", message.text}, {"ts", message.ts}};
    if (!message.subtype.empty()) out["subtype"] = message.subtype;
    auto const person = workspace.people.find(message.user);
    if (person != workspace.people.end()) out["team"] = person->second.team_id;
    if (message.by_bot) {
        out["bot_id"] = Workspace::bot_id;
        out["app_id"] = Workspace::app_id;
        out["bot_profile"] = {{"id", Workspace::bot_id},
                              {"app_id", Workspace::app_id},
                              {"user_id", Workspace::bot_user},
                              {"name", person == workspace.people.end() ? "" : person->second.real_name},
                              {"deleted", false},
                              {"team_id", Workspace::team_id}};
    }
    if (!message.blocks.empty()) out["blocks"] = message.blocks;
    if (!message.attachments.empty()) out["attachments"] = message.attachments;
    if (message.broadcast) out["subtype"] = "thread_broadcast";
    if (!message.edited_ts.empty()) out["edited"] = {{"user", message.user}, {"ts", message.edited_ts}};
    if (message.metadata) {
        out["metadata"] =
            all_metadata ? *message.metadata : json::object{{"event_type", text_of(*message.metadata, "event_type")}};
    }
    if (!message.reactions.empty()) {
        json::array reactions;
        for (auto const& reaction : message.reactions) {
            json::array users;
            for (auto const& user : reaction.users) users.emplace_back(user);
            reactions.push_back({{"name", reaction.name}, {"count", reaction.users.size()}, {"users", std::move(users)}});
        }
        out["reactions"] = std::move(reactions);
    }
    if (!message.thread_ts.empty()) {
        out["thread_ts"] = message.thread_ts;
        auto const parent = channel.messages.find(message.thread_ts);
        if (parent != channel.messages.end()) out["parent_user_id"] = parent->second.user;
    } else if (auto const answers = workspace.replies(channel, message.ts); !answers.empty()) {
        std::set<std::string> users;
        json::array reply_users;
        for (auto const* answer : answers)
            if (users.insert(answer->user).second) reply_users.emplace_back(answer->user);
        out["thread_ts"] = message.ts;
        out["reply_count"] = answers.size();
        out["reply_users_count"] = users.size();
        out["reply_users"] = std::move(reply_users);
        out["latest_reply"] = answers.back()->ts;
        out["is_locked"] = false;
        out["subscribed"] = false;
    }
    return out;
}

json::object Site::person_json(Person const& person) const {
    bool const external = person.team_id != Workspace::team_id;
    json::object out{{"id", person.id},
                     {"team_id", person.team_id},
                     {"name", person.handle},
                     {"deleted", person.is_deleted},
                     {"real_name", person.real_name},
                     {"profile",
                      {{"real_name", person.real_name},
                       {"display_name", person.is_bot ? std::string() : person.handle},
                       {"real_name_normalized", person.real_name},
                       {"display_name_normalized", person.is_bot ? std::string() : person.handle},
                       {"team", person.team_id},
                       {"image_72", fmt::format("https://avatars.slack.example/{}-72.png", person.id)}}},
                     {"is_bot", person.is_bot},
                     {"is_app_user", false},
                     {"updated", 1'700'000'000}};
    if (external) {  // a workspace is not told more about people of another
        out["is_stranger"] = false;
    } else {
        out["tz"] = person.timezone;
        out["tz_label"] = "Central European Time";
        out["tz_offset"] = 3600;
        out["is_admin"] = person.is_admin;
        out["is_owner"] = person.is_owner;
        out["is_primary_owner"] = person.is_owner;
        out["is_restricted"] = person.is_guest;
        out["is_ultra_restricted"] = person.is_single_channel_guest;
    }
    return out;
}

json::object Site::channel_json(Channel const& channel, std::string const& seen_by) const {
    if (channel.is_im()) {
        return {{"id", channel.id},       {"created", 1'700'000'000}, {"is_im", true},
                {"is_org_shared", false}, {"user", channel.im_user},  {"is_archived", false},
                {"is_open", true},        {"is_user_deleted", false}, {"context_team_id", Workspace::team_id}};
    }
    json::object out{{"id", channel.id},
                     {"name", channel.name},
                     {"name_normalized", channel.name},
                     {"is_channel", true},
                     {"is_group", channel.is_private},
                     {"is_im", false},
                     {"is_mpim", false},
                     {"is_private", channel.is_private},
                     {"created", 1'700'000'000},
                     {"is_archived", channel.is_archived},
                     {"is_general", channel.name == "general"},
                     {"is_shared", channel.is_ext_shared},
                     {"is_ext_shared", channel.is_ext_shared},
                     {"is_org_shared", false},
                     {"is_pending_ext_shared", false},
                     {"context_team_id", Workspace::team_id},
                     {"is_member", channel.has(seen_by)},
                     {"topic", {{"value", ""}, {"creator", ""}, {"last_set", 0}}},
                     {"purpose", {{"value", ""}, {"creator", ""}, {"last_set", 0}}}};
    if (channel.is_ext_shared) {
        out["connected_team_ids"] = json::array{json::string(Workspace::other_team_id)};
        out["shared_team_ids"] = json::array{json::string(Workspace::team_id), json::string(Workspace::other_team_id)};
    }
    return out;
}

json::object Site::view_json(View const& view) const {
    auto out = view.definition;
    for (auto const* key : {"title", "submit", "close"})
        if (!out.contains(key)) out[key] = nullptr;
    for (auto const* key : {"callback_id", "private_metadata", "external_id"})
        if (!out.contains(key)) out[key] = "";
    for (auto const* key : {"clear_on_close", "notify_on_close"})
        if (!out.contains(key)) out[key] = false;
    out["id"] = view.id;
    out["team_id"] = Workspace::team_id;
    out["app_id"] = Workspace::app_id;
    out["app_installed_team_id"] = Workspace::team_id;
    out["bot_id"] = Workspace::bot_id;
    out["hash"] = view.hash;
    out["root_view_id"] = view.root_id;
    out["previous_view_id"] = view.previous_id.empty() ? json::value(nullptr) : json::value(view.previous_id);
    if (!out.contains("state")) out["state"] = {{"values", json::object()}};
    return out;
}

void Site::send(std::string const& subscription, Channel const* channel, json::object event) {
    if (!app.subscribed(subscription)) return;
    auto const scope = scope_of_event(subscription);
    if (!scope.empty() && !workspace.scopes.contains(std::string(scope))) return;
    if (channel != nullptr && !channel->has(std::string(Workspace::bot_user))) return;
    auto const now = clock.now();
    if (!event.contains("event_ts")) event["event_ts"] = fmt::format("{}.{:06}", to_us(now) / 1'000'000, to_us(now) % 1'000'000);
    hub.send_event({{"token", verification_token},
                    {"team_id", Workspace::team_id},
                    {"context_team_id", Workspace::team_id},
                    {"context_enterprise_id", nullptr},
                    {"api_app_id", Workspace::app_id},
                    {"event", std::move(event)},
                    {"type", "event_callback"},
                    {"event_id", workspace.random_id("Ev0", 8)},
                    {"event_time", to_unix(now)},
                    {"authorizations", json::array{{{"enterprise_id", nullptr},
                                                    {"team_id", Workspace::team_id},
                                                    {"user_id", Workspace::bot_user},
                                                    {"is_bot", true},
                                                    {"is_enterprise_install", false}}}},
                    {"is_ext_shared_channel", channel != nullptr && channel->is_ext_shared},
                    {"event_context", workspace.random_id("4-", 40)}});
}

namespace {

std::string channel_type(Channel const& channel) { return channel.is_im() ? "im" : channel.is_private ? "group" : "channel"; }
std::string message_subscription(Channel const& channel) {
    return channel.is_im() ? "message.im" : channel.is_private ? "message.groups" : "message.channels";
}

}  // namespace

void Site::message_posted(Channel const& channel, Message const& message) {
    auto event = message_json(channel, message, true);
    if (message.broadcast)
        if (auto const root = channel.messages.find(message.thread_ts); root != channel.messages.end())
            event["root"] = message_json(channel, root->second, true);
    event["channel"] = channel.id;
    event["channel_type"] = channel_type(channel);
    event["event_ts"] = message.ts;
    if (!message.by_bot) event["client_msg_id"] = fmt::format("{}-fake", message.ts);
    if (channel.is_ext_shared) {
        event["user_team"] = event.contains("team") ? event["team"] : json::value(Workspace::team_id);
        event["source_team"] = event["user_team"];
    }
    auto mention = event;
    send(message_subscription(channel), &channel, std::move(event));
    bool const mentions_bot = message.text.find(fmt::format("<@{}>", Workspace::bot_user)) != std::string::npos;
    if (!mentions_bot || message.by_bot || channel.is_im()) return;
    mention["type"] = "app_mention";
    mention.erase("channel_type");
    send("app_mention", &channel, std::move(mention));
}

void Site::message_changed(Channel const& channel, Message const& before, Message const& after) {
    json::object event{{"type", "message"},
                       {"subtype", "message_changed"},
                       {"hidden", true},
                       {"channel", channel.id},
                       {"channel_type", channel_type(channel)},
                       {"message", message_json(channel, after, true)},
                       {"previous_message", message_json(channel, before, true)}};
    event["ts"] = fmt::format("{}.{:06}", to_us(clock.now()) / 1'000'000, to_us(clock.now()) % 1'000'000);
    send(message_subscription(channel), &channel, std::move(event));
}

void Site::message_deleted(Channel const& channel, Message const& before, std::string const& deleted_ts) {
    // A thread's first message leaves a stone behind, and that is told as a change.
    if (auto const stone = channel.messages.find(deleted_ts); stone != channel.messages.end())
        return message_changed(channel, before, stone->second);
    json::object event{{"type", "message"},
                       {"subtype", "message_deleted"},
                       {"hidden", true},
                       {"channel", channel.id},
                       {"channel_type", channel_type(channel)},
                       {"deleted_ts", deleted_ts},
                       {"previous_message", message_json(channel, before, true)}};
    event["ts"] = fmt::format("{}.{:06}", to_us(clock.now()) / 1'000'000, to_us(clock.now()) % 1'000'000);
    send(message_subscription(channel), &channel, std::move(event));
}

void Site::reaction_changed(Channel const& channel, Message const& message, std::string const& user, std::string const& name,
                            bool added) {
    std::string const type = added ? "reaction_added" : "reaction_removed";
    send(type, &channel,
         {{"type", type},
          {"user", user},
          {"reaction", name},
          {"item", {{"type", "message"}, {"channel", channel.id}, {"ts", message.ts}}},
          {"item_user", message.user}});
}

void Site::channel_event(Channel const& channel, std::string const& type, std::string const& user) {
    send(type, &channel, {{"type", type}, {"channel", channel.id}, {"user", user}});
}

void Site::sharing_changed(Channel const& channel) {
    if (channel.is_ext_shared)
        return send("channel_shared", &channel,
                    {{"type", "channel_shared"}, {"connected_team_id", Workspace::other_team_id}, {"channel", channel.id}});
    send("channel_unshared", &channel,
         {{"type", "channel_unshared"},
          {"previously_connected_team_id", Workspace::other_team_id},
          {"channel", channel.id},
          {"is_ext_shared", false}});
}

void Site::channel_id_changed(Channel const& channel, std::string const& before) {
    send("channel_id_changed", &channel,
         {{"type", "channel_id_changed"}, {"old_channel_id", before}, {"new_channel_id", channel.id}});
}

void Site::home_opened(Person const& person, std::string const& tab) {
    json::object event{{"type", "app_home_opened"}, {"user", person.id}, {"channel", workspace.dm_with(person).id}, {"tab", tab}};
    if (tab == "home" && person.home) event["view"] = view_json(*person.home);
    send("app_home_opened", nullptr, std::move(event));
}

void Site::person_changed(Person const& person) {
    send("user_change", nullptr, {{"type", "user_change"}, {"user", person_json(person)}, {"cache_ts", to_unix(clock.now())}});
}

void Site::group_changed(UserGroup const& group, std::vector<std::string> const& users_before) {
    auto const missing_in = [](std::vector<std::string> const& from, std::vector<std::string> const& in) {
        json::array out;
        for (auto const& user : from)
            if (std::find(in.begin(), in.end(), user) == in.end()) out.emplace_back(user);
        return out;
    };
    auto added = missing_in(group.users, users_before);
    auto removed = missing_in(users_before, group.users);
    json::object event{{"type", "subteam_members_changed"},
                       {"subteam_id", group.id},
                       {"team_id", Workspace::team_id},
                       {"date_previous_update", 1'700'000'000},
                       {"date_update", to_unix(clock.now())}};
    event["added_users_count"] = std::to_string(added.size());
    event["removed_users_count"] = std::to_string(removed.size());
    event["added_users"] = std::move(added);
    event["removed_users"] = std::move(removed);
    send("subteam_members_changed", nullptr, std::move(event));
}

json::object Site::interaction(std::string_view type, Person const& person, bool from_view) {
    return {{"type", type},
            {"user", {{"id", person.id}, {"username", person.handle}, {"name", person.handle}, {"team_id", person.team_id}}},
            {"api_app_id", Workspace::app_id},
            {"token", verification_token},
            {"team", {{"id", Workspace::team_id}, {"domain", Workspace::team_domain}}},
            {"enterprise", nullptr},
            {"is_enterprise_install", false},
            {"trigger_id", workspace.make_trigger(person.id, clock.now(), from_view)}};
}

}  // namespace esc::fake
