// Messages, reactions, commands, clicks and shortcuts.
#include "tests/fake_slack/user_side.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <vector>

namespace esc::fake {

namespace {

struct Known {
    std::string_view name;
    std::vector<std::string_view> required;
    std::vector<std::string_view> optional;
};

std::vector<Known> const& known_actions() {
    static std::vector<Known> const list{
        {"message", {"user", "channel", "text"}, {"thread_ts", "broadcast", "file"}},
        {"edit", {"user", "channel", "ts", "text"}, {}},
        {"delete", {"user", "channel", "ts"}, {}},
        {"react", {"user", "channel", "ts", "name"}, {}},
        {"unreact", {"user", "channel", "ts", "name"}, {}},
        {"command", {"user", "channel", "command"}, {"text"}},
        {"click", {"user", "action_id"}, {"channel", "ts", "value", "block_id", "stale", "home", "deny"}},
        {"submit", {"user"}, {"values"}},
        {"close_view", {"user"}, {"all"}},
        {"shortcut", {"user", "callback_id"}, {"channel", "ts"}},
        {"open_home", {"user"}, {"tab"}},
        {"view", {"user"}, {}},
        {"home", {"user"}, {}},
        {"dms", {"user"}, {}},
        {"ephemerals", {"user"}, {"channel"}},
    };
    return list;
}

std::string body_problem(std::string const& name, json::object const& body) {
    for (auto const& known : known_actions()) {
        if (known.name != name) continue;
        auto has = [](std::vector<std::string_view> const& keys, std::string_view key) {
            return std::find(keys.begin(), keys.end(), key) != keys.end();
        };
        for (auto const key : known.required)
            if (!body.contains(key)) return fmt::format("/user/{} needs \"{}\".", name, key);
        for (auto const& member : body)
            if (!has(known.required, member.key()) && !has(known.optional, member.key()))
                return fmt::format("/user/{} does not know \"{}\".", name, std::string_view(member.key()));
        return {};
    }
    return fmt::format("There is no user action \"{}\".", name);
}

}  // namespace

json::object UserSide::look_up(json::object const& body, Action& action) {
    auto& workspace = site_.workspace;
    action.body = body;
    action.person = workspace.person(text_of(body, "user"));
    if (action.person == nullptr) return refusal(fmt::format("There is no person {}.", text_of(body, "user")));
    auto const name = text_of(body, "channel");
    if (name.empty()) return {};
    action.channel = name == "dm" ? &workspace.dm_with(*action.person) : workspace.channel(name);
    if (action.channel == nullptr) return refusal(fmt::format("There is no channel {}.", name));
    if (!action.channel->has(action.person->id)) return refusal(fmt::format("@{} is not in {}.", action.person->handle, name));
    auto const ts = text_of(body, "ts");
    if (ts.empty()) return {};
    if (auto const it = action.channel->messages.find(ts); it != action.channel->messages.end()) {
        action.message = &it->second;
        return {};
    }
    for (auto& message : action.channel->ephemerals[action.person->id]) {
        if (message.ts != ts) continue;
        action.message = &message;
        action.ephemeral = true;
        return {};
    }
    return refusal(fmt::format("There is no message {} in {} that @{} can see.", ts, name, action.person->handle));
}

void UserSide::act(std::string const& name, json::object const& body, Done done) {
    if (auto const problem = body_problem(name, body); !problem.empty()) return done(refusal(problem));
    Action action;
    if (auto problem = look_up(body, action); !problem.empty()) return done(std::move(problem));
    auto& person = *action.person;
    if (name == "message") return done(message(action));
    if (name == "edit") return done(edit(action));
    if (name == "delete") return done(remove(action));
    if (name == "react" || name == "unreact") return done(react(action, name == "react"));
    if (name == "command") return command(action, std::move(done));
    if (name == "click") return action.channel == nullptr ? click_view(action, std::move(done)) : click(action, std::move(done));
    if (name == "submit") return submit(action, std::move(done));
    if (name == "shortcut") return shortcut(action, std::move(done));
    json::object out{{"ok", true}};
    if (name == "close_view") {
        if (person.modals.empty()) return done(refusal(fmt::format("@{} has no view open.", person.handle)));
        close_view(action);
    } else if (name == "open_home") {
        auto const tab = text_of(body, "tab");
        site_.home_opened(person, tab.empty() ? "home" : tab);
    } else if (name == "view") {
        out["view"] = person.modals.empty() ? json::value(nullptr) : json::value(site_.view_json(person.modals.back()));
    } else if (name == "home") {
        out["home"] = person.home ? json::value(site_.view_json(*person.home)) : json::value(nullptr);
    } else if (name == "dms") {
        json::array list;
        auto const& dm = site_.workspace.dm_with(person);
        for (auto const& [ts, message] : dm.messages) list.push_back(site_.message_json(dm, message, true));
        out["channel"] = dm.id;
        out["messages"] = std::move(list);
    } else {
        json::array list;
        for (auto const& [id, channel] : site_.workspace.channels) {
            if (action.channel != nullptr && action.channel != &channel) continue;
            auto const it = channel.ephemerals.find(person.id);
            if (it == channel.ephemerals.end()) continue;
            for (auto const& message : it->second) {
                auto shown = site_.message_json(channel, message, true);
                shown["channel"] = id;
                list.push_back(std::move(shown));
            }
        }
        out["messages"] = std::move(list);
    }
    done(std::move(out));
}

namespace {

json::array typed_blocks(std::string const& typed) {
    return json::array{json::object{
        {"type", "rich_text"},
        {"elements", json::array{json::object{{"type", "rich_text_section"},
                                              {"elements", json::array{json::object{{"type", "text"}, {"text", typed}}}}}}}}};
}

}  // namespace

json::object UserSide::message(Action& action) {
    auto const typed = text_of(action.body, "text");
    auto const thread_ts = text_of(action.body, "thread_ts");
    if (action.channel->is_archived) return refusal("The channel is archived.");
    if (!thread_ts.empty() && !action.channel->messages.contains(thread_ts)) return refusal("There is no such thread.");
    auto const file = text_of(action.body, "file");
    bool const broadcast = flag_of(action.body, "broadcast");
    if (broadcast && thread_ts.empty()) return refusal("Only a reply can also be sent to the channel.");
    if (typed.empty() && file.empty()) return refusal("There is nothing to send.");
    if (auto const parent = action.channel->messages.find(thread_ts);
        parent != action.channel->messages.end() && !parent->second.thread_ts.empty())
        return refusal("A thread begins with a message that is no reply.");
    Message message;
    message.user = action.person->id;
    message.text = site_.workspace.stored_text(typed);
    message.thread_ts = thread_ts;
    message.broadcast = broadcast;
    if (!file.empty()) message.subtype = "file_share";
    if (!typed.empty()) message.blocks = typed_blocks(typed);
    auto const& posted = site_.workspace.post(*action.channel, std::move(message), site_.clock.now());
    site_.message_posted(*action.channel, posted);
    return {{"ok", true}, {"channel", action.channel->id}, {"ts", posted.ts}};
}

json::object UserSide::edit(Action& action) {
    auto const typed = text_of(action.body, "text");
    if (action.message == nullptr || action.ephemeral || action.message->user != action.person->id || action.message->by_bot)
        return refusal("People edit their own messages only.");
    if (typed.empty()) return refusal("An edit leaves something; delete it instead.");
    auto const before = *action.message;
    auto& message = *action.message;
    auto const now = site_.clock.now();
    message.text = site_.workspace.stored_text(typed);
    message.blocks = typed_blocks(typed);
    message.edited_ts = fmt::format("{}.000000", to_unix(now));
    site_.message_changed(*action.channel, before, message);
    return {{"ok", true}};
}

json::object UserSide::remove(Action& action) {
    if (action.message == nullptr || action.ephemeral) return refusal("There is no such message.");
    if (action.message->user != action.person->id && !action.person->is_admin)
        return refusal("People delete their own messages only.");
    auto const before = *action.message;
    site_.workspace.remove(*action.channel, before.ts);
    site_.message_deleted(*action.channel, before, before.ts);
    return {{"ok", true}};
}

json::object UserSide::react(Action& action, bool add) {
    if (action.message == nullptr || action.ephemeral) return refusal("Nobody can react to this message.");
    auto const name = text_of(action.body, "name");
    auto& reactions = action.message->reactions;
    auto entry = std::find_if(reactions.begin(), reactions.end(), [&](Reaction const& r) { return r.name == name; });
    bool const there =
        entry != reactions.end() && std::find(entry->users.begin(), entry->users.end(), action.person->id) != entry->users.end();
    if (there == add) return refusal(add ? "This reaction is there already." : "There is no such reaction of this person.");
    if (add) {
        if (entry == reactions.end()) entry = reactions.insert(reactions.end(), Reaction{.name = name, .users = {}});
        entry->users.push_back(action.person->id);
    } else {
        std::erase(entry->users, action.person->id);
        if (entry->users.empty()) reactions.erase(entry);
    }
    site_.reaction_changed(*action.channel, *action.message, action.person->id, name, add);
    return {{"ok", true}};
}

void UserSide::command(Action& action, Done done) {
    auto const name = text_of(action.body, "command");
    auto const escapes = site_.app.command(name);
    bool const outsider = action.person->team_id != Workspace::team_id;
    if (!escapes || outsider || !site_.workspace.scopes.contains("commands"))
        return done(refusal(fmt::format("{} is not a valid command.", name)));
    if (action.channel->is_archived) return done(refusal("The channel is archived."));
    ResponseUrl target{.channel = action.channel->id, .user = action.person->id, .made = site_.clock.now()};
    auto text = text_of(action.body, "text");
    if (*escapes) text = site_.workspace.escaped_command_text(text);
    json::object payload{{"token", verification_token},
                         {"team_id", Workspace::team_id},
                         {"team_domain", Workspace::team_domain},
                         {"channel_id", action.channel->id},
                         {"channel_name", action.channel->is_im()      ? "directmessage"
                                          : action.channel->is_private ? "privategroup"
                                                                       : action.channel->name},
                         {"user_id", action.person->id},
                         {"user_name", action.person->handle},
                         {"command", name},
                         {"text", text},
                         {"api_app_id", Workspace::app_id},
                         {"is_enterprise_install", "false"},
                         {"response_url", site_.response_url(target)},
                         {"trigger_id", site_.workspace.make_trigger(action.person->id, site_.clock.now(), false)}};
    site_.hub.send_request(Kind::slash_commands, std::move(payload), true,
                           [this, target, done = std::move(done)](Delivery delivery, std::optional<json::object> ack) {
                               json::object out{{"ok", true}, {"outcome", to_string(delivery)}};
                               if (ack) {
                                   auto taken = take_response(target, *ack);
                                   if (taken.contains("error")) {
                                       site_.records.violation("answered a command with: " + text_of(taken, "error"));
                                   } else if (taken.contains("message")) {
                                       bool const shown_to_all = text_of(*ack, "response_type") == "in_channel";
                                       out[shown_to_all ? "message" : "ephemeral"] = taken["message"];
                                   }
                               }
                               done(std::move(out));
                           });
}

void UserSide::interact(json::object payload, bool accepts_response, Done done) {
    if (!site_.app.interactivity) return done(refusal("The app has interactivity switched off."));
    site_.hub.send_request(Kind::interactive, std::move(payload), accepts_response,
                           [this, done = std::move(done)](Delivery delivery, std::optional<json::object> const& ack) {
                               if (ack) site_.records.violation("acknowledged an interaction with a payload that means nothing");
                               done({{"ok", true}, {"outcome", to_string(delivery)}});
                           });
}

bool UserSide::thinks_better(Action const& action, json::object const& element, Done const& done) {
    if (!flag_of(action.body, "deny")) return false;
    if (element.contains("confirm"))
        done({{"ok", true}, {"outcome", "denied"}});
    else
        done(refusal("The element asks nothing back."));
    return true;
}

void UserSide::click(Action& action, Done done) {
    if (action.message == nullptr) return done(refusal("/user/click in a channel needs \"ts\"."));
    auto const& message = *action.message;
    auto const action_id = text_of(action.body, "action_id");
    auto const block_id = text_of(action.body, "block_id");
    auto const value = text_of(action.body, "value");
    auto pressed = find_element(message.blocks, action_id, block_id, value);
    if (flag_of(action.body, "stale"))
        for (auto it = message.earlier_blocks.rbegin(); !pressed && it != message.earlier_blocks.rend(); ++it)
            pressed = find_element(*it, action_id, block_id, value);
    if (!pressed) return done(refusal(fmt::format("The message shows no element {} with that value.", action_id)));
    if (thinks_better(action, pressed->element, done)) return;
    auto const now = site_.clock.now();
    auto const* given = action.body.if_contains("value");
    auto const acted = action_of(site_.workspace, *pressed, given == nullptr ? json::value(nullptr) : *given,
                                 fmt::format("{}.{:06}", to_us(now) / 1'000'000, to_us(now) % 1'000'000));
    if (!acted) return done(refusal("The element does not offer that value."));

    auto payload = site_.interaction("block_actions", *action.person, false);
    json::object container{
        {"type", "message"}, {"message_ts", message.ts}, {"channel_id", action.channel->id}, {"is_ephemeral", action.ephemeral}};
    if (!message.thread_ts.empty()) container["thread_ts"] = message.thread_ts;
    payload["container"] = std::move(container);
    payload["channel"] = {{"id", action.channel->id}, {"name", action.channel->is_im() ? "directmessage" : action.channel->name}};
    if (!action.ephemeral) payload["message"] = site_.message_json(*action.channel, message, true);
    payload["state"] = {{"values", json::object()}};
    payload["actions"] = json::array{*acted};
    payload["response_url"] = site_.response_url({.channel = action.channel->id,
                                                  .user = action.person->id,
                                                  .message_ts = message.ts,
                                                  .of_ephemeral = action.ephemeral,
                                                  .made = now});
    interact(std::move(payload), true, std::move(done));
}

void UserSide::shortcut(Action& action, Done done) {
    auto const callback_id = text_of(action.body, "callback_id");
    bool const on_message = action.channel != nullptr;
    bool const outsider = action.person->team_id != Workspace::team_id;
    if (outsider || !site_.app.has_shortcut(callback_id, on_message ? "message" : "global"))
        return done(refusal(fmt::format("The app offers @{} no such shortcut {}.", action.person->handle, callback_id)));
    auto payload = site_.interaction(on_message ? "message_action" : "shortcut", *action.person, false);
    auto const now = site_.clock.now();
    payload["action_ts"] = fmt::format("{}.{:06}", to_us(now) / 1'000'000, to_us(now) % 1'000'000);
    payload["callback_id"] = callback_id;
    if (on_message) {
        if (action.message == nullptr || action.ephemeral) return done(refusal("A message shortcut needs a message (\"ts\")."));
        payload["message_ts"] = action.message->ts;
        payload["message"] = site_.message_json(*action.channel, *action.message, true);
        payload["channel"] = {{"id", action.channel->id},
                              {"name", action.channel->is_im() ? "directmessage" : action.channel->name}};
        payload["response_url"] = site_.response_url(
            {.channel = action.channel->id, .user = action.person->id, .message_ts = action.message->ts, .made = now});
    }
    interact(std::move(payload), false, std::move(done));
}

}  // namespace esc::fake
