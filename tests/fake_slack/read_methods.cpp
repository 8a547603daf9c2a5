// Methods that read: auth, people, user groups, conversations, messages. Also apps.connections.open.
#include "tests/fake_slack/web_api.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace esc::fake {

namespace {

constexpr auto string = ArgumentType::string;
constexpr auto boolean = ArgumentType::boolean;
constexpr auto integer = ArgumentType::integer;

json::object ok() { return {{"ok", true}}; }

// Items from..from+limit of `all` under `key`, with Slack's cursor.
json::object paged(MethodCall& call, std::string_view key, json::array all, std::int64_t default_limit, std::int64_t max_limit) {
    std::size_t from = 0;
    if (auto const cursor = call.text("cursor"); !cursor.empty()) {
        auto const it = call.site.cursors.find(cursor);
        if (it == call.site.cursors.end()) return refusal("invalid_cursor");
        from = it->second;
    }
    auto const limit = number_of(call.arguments, "limit").value_or(default_limit);
    if (limit < 1 || limit > max_limit) return refusal("invalid_limit");
    auto const to = std::min(all.size(), from + static_cast<std::size_t>(limit));
    json::array page;
    for (auto i = from; i < to; ++i) page.push_back(std::move(all[i]));
    std::string next;
    if (to < all.size()) {
        next = call.site.workspace.random_id("", 15) + "=";
        call.site.cursors[next] = to;
    }
    auto out = ok();
    out[key] = std::move(page);
    out["has_more"] = !next.empty();
    out["response_metadata"] = {{"next_cursor", next}};
    return out;
}

json::object auth_test(MethodCall& call) {
    auto const& person = *call.site.workspace.person_by_id(call.actor);
    auto out = ok();
    out["url"] = Workspace::team_url;
    out["team"] = Workspace::team_name;
    out["user"] = person.handle;
    out["team_id"] = Workspace::team_id;
    out["user_id"] = person.id;
    if (call.by_bot) out["bot_id"] = Workspace::bot_id;
    out["is_enterprise_install"] = false;
    return out;
}

json::object connections_open(MethodCall& call) {
    auto host = call.site.base_url;
    host.replace(0, 4, "ws");  // http → ws
    auto out = ok();
    out["url"] = fmt::format("{}/link/?ticket={}&app_id={}", host, call.site.workspace.make_ticket(), Workspace::app_id);
    return out;
}

json::object users_info(MethodCall& call) {
    auto const* person = call.site.workspace.person_by_id(call.text("user"));
    if (person == nullptr) return refusal("user_not_found");
    auto out = ok();
    out["user"] = call.site.person_json(*person);
    return out;
}

json::object users_list(MethodCall& call) {
    json::array members;
    for (auto const& [id, person] : call.site.workspace.people)
        if (person.team_id == Workspace::team_id) members.push_back(call.site.person_json(person));
    auto out = paged(call, "members", std::move(members), 200, 1000);
    if (out.contains("has_more")) out.erase("has_more");
    return out;
}

json::object usergroups_list(MethodCall& call) {
    json::array groups;
    for (auto const& [id, group] : call.site.workspace.groups) {
        json::object entry{{"id", id},
                           {"team_id", Workspace::team_id},
                           {"is_usergroup", true},
                           {"name", group.handle},
                           {"handle", group.handle},
                           {"date_delete", 0}};
        json::array users;
        for (auto const& user : group.users) users.emplace_back(user);
        if (flag_of(call.arguments, "include_users")) entry["users"] = std::move(users);
        if (flag_of(call.arguments, "include_count")) entry["user_count"] = group.users.size();
        groups.push_back(std::move(entry));
    }
    auto out = ok();
    out["usergroups"] = std::move(groups);
    return out;
}

json::object usergroups_users_list(MethodCall& call) {
    auto const it = call.site.workspace.groups.find(call.text("usergroup"));
    if (it == call.site.workspace.groups.end()) return refusal("no_such_subteam");
    json::array users;
    for (auto const& user : it->second.users) users.emplace_back(user);
    auto out = ok();
    out["users"] = std::move(users);
    return out;
}

// The channel of the call when the actor may see it and the scope is there.
Channel* visible_channel(MethodCall& call, std::string_view scope, json::object& problem) {
    auto* channel = call.site.workspace.channel_by_id(call.text("channel"));
    if (channel == nullptr || !may_see(call, *channel)) {
        problem = refusal("channel_not_found");
        return nullptr;
    }
    auto const needed = channel_scope(*channel, scope);
    if (call.by_bot && !call.site.workspace.scopes.contains(needed)) {
        problem = missing_scope(call.site, needed);
        return nullptr;
    }
    return channel;
}

json::object conversations_info(MethodCall& call) {
    json::object problem;
    auto const* channel = visible_channel(call, "read", problem);
    if (channel == nullptr) return problem;
    auto out = ok();
    auto shown = call.site.channel_json(*channel, call.actor);
    if (flag_of(call.arguments, "include_num_members")) shown["num_members"] = channel->members.size();
    out["channel"] = std::move(shown);
    return out;
}

json::object conversations_list(MethodCall& call) {
    auto types = call.text("types");
    if (types.empty()) types = "public_channel";
    auto const wanted = [&](std::string_view type) {
        return ("," + types + ",").find(fmt::format(",{},", type)) != std::string::npos;
    };
    for (auto const& [type, scope] :
         {std::pair{"public_channel", "channels:read"}, {"private_channel", "groups:read"}, {"im", "im:read"}})
        if (wanted(type) && call.by_bot && !call.site.workspace.scopes.contains(scope)) return missing_scope(call.site, scope);
    json::array list;
    for (auto const& [id, channel] : call.site.workspace.channels) {
        auto const* type = channel.is_im() ? "im" : channel.is_private ? "private_channel" : "public_channel";
        if (!wanted(type) || !may_see(call, channel)) continue;
        if (channel.is_archived && flag_of(call.arguments, "exclude_archived")) continue;
        list.push_back(call.site.channel_json(channel, call.actor));
    }
    auto out = paged(call, "channels", std::move(list), 100, 1000);
    if (out.contains("has_more")) out.erase("has_more");
    return out;
}

json::object conversations_members(MethodCall& call) {
    json::object problem;
    auto const* channel = visible_channel(call, "read", problem);
    if (channel == nullptr) return problem;
    json::array members;
    for (auto const& member : channel->members) members.emplace_back(member);
    auto out = paged(call, "members", std::move(members), 100, 1000);
    if (out.contains("has_more")) out.erase("has_more");
    return out;
}

json::object conversations_open(MethodCall& call) {
    auto& workspace = call.site.workspace;
    auto const* person = workspace.person_by_id(call.text("users"));
    if (call.has("channel") == call.has("users")) return refusal("invalid_arguments");
    if (call.text("users").find(',') != std::string::npos) return missing_scope(call.site, "mpim:write");
    Channel const* channel = nullptr;
    if (person != nullptr) {
        if (person->is_bot) return refusal("cannot_dm_bot");
        channel = &workspace.dm_with(*person);
    } else if (call.has("channel")) {
        channel = workspace.channel_by_id(call.text("channel"));
        if (channel == nullptr || !channel->is_im()) return refusal("channel_not_found");
    } else {
        return refusal("user_not_found");
    }
    auto out = ok();
    out["no_op"] = true;
    out["already_open"] = true;
    out["channel"] =
        flag_of(call.arguments, "return_im") ? call.site.channel_json(*channel, call.actor) : json::object{{"id", channel->id}};
    return out;
}

// oldest/latest are exclusive unless inclusive; ts are compared as text of equal length.
std::function<bool(std::string const&)> in_window(MethodCall const& call) {
    auto normal = [](std::string ts) {
        if (!ts.empty() && ts.find('.') == std::string::npos) ts += ".000000";
        auto const dot = ts.find('.');
        return ts.empty() ? ts : std::string(10 - std::min<std::size_t>(dot, 10), '0') + ts;
    };
    return [oldest = normal(call.text("oldest")), latest = normal(call.text("latest")),
            inclusive = flag_of(call.arguments, "inclusive")](std::string const& ts) {
        if (!oldest.empty() && (inclusive ? ts < oldest : ts <= oldest)) return false;
        return latest.empty() || (inclusive ? ts <= latest : ts < latest);
    };
}

bool may_read(MethodCall const& call, Channel const& channel) { return !call.by_bot || channel.has(call.actor); }

json::object history(MethodCall& call) {
    json::object problem;
    auto const* channel = visible_channel(call, "history", problem);
    if (channel == nullptr) return problem;
    if (!may_read(call, *channel)) return refusal("not_in_channel");
    auto const wanted = in_window(call);
    json::array messages;
    for (auto it = channel->messages.rbegin(); it != channel->messages.rend(); ++it)
        if ((it->second.thread_ts.empty() || it->second.broadcast) && wanted(it->first))
            messages.push_back(call.site.message_json(*channel, it->second, flag_of(call.arguments, "include_all_metadata")));
    return paged(call, "messages", std::move(messages), 100, 999);
}

json::object replies(MethodCall& call) {
    json::object problem;
    auto const* channel = visible_channel(call, "history", problem);
    if (channel == nullptr) return problem;
    if (!may_read(call, *channel)) return refusal("not_in_channel");
    auto const first = channel->messages.find(call.text("ts"));
    if (first == channel->messages.end()) return refusal("thread_not_found");
    bool const all_metadata = flag_of(call.arguments, "include_all_metadata");
    json::array messages;
    messages.push_back(call.site.message_json(*channel, first->second, all_metadata));
    auto const wanted = in_window(call);
    for (auto const* reply : call.site.workspace.replies(*channel, first->first))
        if (wanted(reply->ts)) messages.push_back(call.site.message_json(*channel, *reply, all_metadata));
    return paged(call, "messages", std::move(messages), 100, 999);
}

json::object permalink(MethodCall& call) {
    auto const* channel = call.site.workspace.channel_by_id(call.text("channel"));
    if (channel == nullptr || !may_see(call, *channel)) return refusal("channel_not_found");
    auto const it = channel->messages.find(call.text("message_ts"));
    if (it == channel->messages.end()) return refusal("message_not_found");
    auto out = ok();
    out["channel"] = channel->id;
    out["permalink"] = call.site.workspace.permalink(*channel, it->second);
    return out;
}

}  // namespace

std::vector<Method> const& read_methods() {
    constexpr auto both = Tokens::bot_or_user;
    static std::vector<Method> const methods{
        {"auth.test", 600, "", both, {}, auth_test},
        {"apps.connections.open", 50, "", Tokens::app, {}, connections_open},
        {"users.info", 100, "users:read", both, {{"user", string, true}, {"include_locale", boolean}}, users_info},
        {"users.list", 20, "users:read", both, {{"cursor"}, {"limit", integer}, {"include_locale", boolean}}, users_list},
        {"usergroups.list",
         20,
         "usergroups:read",
         both,
         {{"include_users", boolean}, {"include_count", boolean}, {"include_disabled", boolean}},
         usergroups_list},
        {"usergroups.users.list",
         20,
         "usergroups:read",
         both,
         {{"usergroup", string, true}, {"include_disabled", boolean}},
         usergroups_users_list},
        {"conversations.info",
         50,
         "",
         both,
         {{"channel", string, true}, {"include_locale", boolean}, {"include_num_members", boolean}},
         conversations_info},
        {"conversations.list",
         20,
         "",
         both,
         {{"types"}, {"exclude_archived", boolean}, {"limit", integer}, {"cursor"}},
         conversations_list},
        {"conversations.members",
         100,
         "",
         both,
         {{"channel", string, true}, {"limit", integer}, {"cursor"}},
         conversations_members},
        {"conversations.open",
         50,
         "im:write",
         Tokens::bot,
         {{"users"}, {"channel"}, {"return_im", boolean}, {"prevent_creation", boolean}},
         conversations_open},
        {"conversations.history",
         50,
         "",
         both,
         {{"channel", string, true},
          {"oldest"},
          {"latest"},
          {"inclusive", boolean},
          {"limit", integer},
          {"cursor"},
          {"include_all_metadata", boolean}},
         history},
        {"conversations.replies",
         50,
         "",
         both,
         {{"channel", string, true},
          {"ts", string, true},
          {"oldest"},
          {"latest"},
          {"inclusive", boolean},
          {"limit", integer},
          {"cursor"},
          {"include_all_metadata", boolean}},
         replies},
        {"chat.getPermalink", 600, "", both, {{"channel", string, true}, {"message_ts", string, true}}, permalink},
    };
    return methods;
}

}  // namespace esc::fake
