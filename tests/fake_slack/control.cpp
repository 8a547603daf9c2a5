// Orders of a test: break connections, let methods fail or wait, take scopes away, look into the journal.
#include "tests/fake_slack/user_side.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

namespace esc::fake {

namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 14> known_orders{{
    {"disconnect", "reason all"},
    {"drop_sockets", ""},
    {"fail", "method times status error retry_after after_effect"},
    {"delay", "method ms"},
    {"scopes", "remove add"},
    {"archive", "channel"},
    {"share", "channel shared"},
    {"group", "group users"},
    {"user", "user deleted guest admin"},
    {"invite", "channel user"},
    {"delete_message", "channel ts"},
    {"journal", ""},
    {"violations", ""},
    {"connections", ""},
}};

std::string order_problem(std::string_view name, json::object const& body) {
    auto const known =
        std::find_if(known_orders.begin(), known_orders.end(), [&](auto const& entry) { return entry.first == name; });
    if (known == known_orders.end()) return fmt::format("There is no order \"{}\".", name);
    auto const keys = fmt::format(" {} ", known->second);
    for (auto const& member : body)
        if (keys.find(fmt::format(" {} ", std::string_view(member.key()))) == std::string::npos)
            return fmt::format("/control/{} does not know \"{}\".", name, std::string_view(member.key()));
    return {};
}

}  // namespace

json::object UserSide::change_group(json::object const& body) {
    auto const name = text_of(body, "group");
    for (auto& [id, group] : site_.workspace.groups) {
        if (id != name && group.handle != (name.starts_with('@') ? name.substr(1) : name)) continue;
        std::vector<std::string> users;
        for (auto const& user : array_of(body, "users")) {
            auto const* person = user.is_string() ? site_.workspace.person(std::string_view(user.get_string())) : nullptr;
            if (person == nullptr || person->team_id != Workspace::team_id)
                return refusal("A group has people of the workspace.");
            users.push_back(person->id);
        }
        auto const before = std::exchange(group.users, std::move(users));
        site_.group_changed(group, before);
        return {{"ok", true}};
    }
    return refusal(fmt::format("There is no group {}.", name));
}

json::object UserSide::change_person(json::object const& body) {
    auto* person = site_.workspace.person(text_of(body, "user"));
    if (person == nullptr || person->is_bot) return refusal(fmt::format("There is no person {}.", text_of(body, "user")));
    if (body.contains("deleted")) {
        person->is_deleted = flag_of(body, "deleted");
        // Who is deactivated leaves the groups, as in Slack.
        for (auto& [id, group] : site_.workspace.groups)
            if (auto const before = group.users; person->is_deleted && std::erase(group.users, person->id) > 0)
                site_.group_changed(group, before);
    }
    if (body.contains("guest")) person->is_guest = person->is_single_channel_guest = flag_of(body, "guest");
    if (body.contains("admin")) person->is_admin = flag_of(body, "admin");
    site_.person_changed(*person);
    return {{"ok", true}};
}

json::object UserSide::invite(json::object const& body) {
    auto* channel = site_.workspace.channel(text_of(body, "channel"));
    auto const* person = site_.workspace.person(text_of(body, "user"));
    if (channel == nullptr || person == nullptr || channel->is_im()) return refusal("There is no such channel or person.");
    if (!channel->members.insert(person->id).second) return refusal(fmt::format("@{} is in it already.", person->handle));
    site_.channel_event(*channel, "member_joined_channel", person->id);
    return {{"ok", true}};
}

json::object UserSide::control(std::string const& name, json::object const& body) {
    if (auto const problem = order_problem(name, body); !problem.empty()) return refusal(problem);
    json::object out{{"ok", true}};
    if (name == "disconnect") {
        auto const reason = text_of(body, "reason");
        if (reason.empty()) return refusal("/control/disconnect needs \"reason\".");
        site_.hub.disconnect(reason, reason == "link_disabled" || flag_of(body, "all"));
    } else if (name == "drop_sockets") {
        site_.hub.drop_all();
    } else if (name == "fail") {
        auto const method = text_of(body, "method");
        if (method.empty()) return refusal("/control/fail needs \"method\" (\"*\" for all).");
        auto const retry_after_s = number_of(body, "retry_after").value_or(0);
        site_.records.order(
            method, {.times = static_cast<int>(number_of(body, "times").value_or(1)),
                     .status = static_cast<int>(number_of(body, "status").value_or(retry_after_s > 0 ? 429 : 200)),
                     .error = retry_after_s > 0 && text_of(body, "error").empty() ? "ratelimited" : text_of(body, "error"),
                     .retry_after_s = static_cast<int>(retry_after_s),
                     .after_effect = flag_of(body, "after_effect")});
    } else if (name == "delay") {
        site_.records.order_delay(text_of(body, "method"), std::chrono::milliseconds{number_of(body, "ms").value_or(0)});
    } else if (name == "scopes") {
        for (auto const& scope : array_of(body, "remove"))
            if (scope.is_string()) site_.workspace.scopes.erase(std::string(scope.get_string()));
        for (auto const& scope : array_of(body, "add"))
            if (scope.is_string()) site_.workspace.scopes.emplace(scope.get_string());
    } else if (name == "group") {
        return change_group(body);
    } else if (name == "user") {
        return change_person(body);
    } else if (name == "invite") {
        return invite(body);
    } else if (name == "archive" || name == "share" || name == "delete_message") {
        auto* channel = site_.workspace.channel(text_of(body, "channel"));
        if (channel == nullptr) return refusal(fmt::format("There is no channel {}.", text_of(body, "channel")));
        if (name == "archive") {
            channel->is_archived = true;
            site_.channel_event(*channel, "channel_archive", site_.workspace.person("max")->id);
        } else if (name == "share") {
            bool const now = flag_of(body, "shared") && !channel->is_ext_shared;
            channel->is_ext_shared = flag_of(body, "shared");
            // A private channel that is shared gets another id for good.
            if (now && channel->is_private) {
                auto const before = site_.workspace.give_another_id(*channel);
                site_.channel_id_changed(*channel, before);
                out["was"] = before;
            }
            site_.sharing_changed(*channel);
        } else {
            auto const it = channel->messages.find(text_of(body, "ts"));
            if (it == channel->messages.end()) return refusal("There is no such message.");
            auto const before = it->second;
            site_.workspace.remove(*channel, before.ts);
            site_.message_deleted(*channel, before, before.ts);
        }
    } else if (name == "journal") {
        json::array calls;
        for (auto const& entry : site_.records.journal())
            calls.push_back({{"at", to_iso(entry.at)},
                             {"at_us", to_us(entry.at)},
                             {"method", entry.method},
                             {"arguments", entry.arguments},
                             {"status", entry.status},
                             {"answer", entry.answer}});
        out["calls"] = std::move(calls);
    } else if (name == "connections") {
        out["open"] = site_.hub.open_connections();
    } else {
        json::array list;
        for (auto const& [at, what] : site_.records.violations()) list.push_back({{"at", to_iso(at)}, {"what", what}});
        out["violations"] = std::move(list);
    }
    return out;
}

}  // namespace esc::fake
