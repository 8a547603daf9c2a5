// The calls, one function each. Tiers are those of the method pages; apps.connections.open is paced as the slowest, since
// Slack's own papers disagree about it.
#include "bot/slack/web_api.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <fmt/format.h>

namespace json = boost::json;

namespace esc::slack {

namespace {

using Form = std::vector<std::pair<std::string, std::string>>;

// chat.update refuses longer texts; they are advised against everywhere.
constexpr std::size_t message_text_max = 4000;
constexpr std::string_view users_page = "200";
constexpr std::string_view messages_page = "100";

void add(Form& form, std::string_view name, std::string_view value) { form.emplace_back(name, value); }
void add_unless_empty(Form& form, std::string_view name, std::string_view value) {
    if (!value.empty()) add(form, name, value);
}

// parse=none every time: chat.update falls back to "client" on each call, which would make links and mentions of plain words.
void add_message(Form& form, blocks::Message const& message) {
    add(form, "text", blocks::cut_markup(message.text, message_text_max));
    if (!message.blocks.empty()) add(form, "blocks", json::serialize(message.blocks_json()));
    add(form, "parse", "none");
}

Call read(std::string_view method, Tier tier, Form form = {}) {
    return {.method = method, .tier = tier, .form = std::move(form), .posts_to = {}, .changes_something = false};
}

Call write(std::string_view method, Tier tier, Form form) {
    return {.method = method, .tier = tier, .form = std::move(form), .posts_to = {}, .changes_something = true};
}

std::string metadata_json(PostMetadata const& metadata) {
    return json::serialize(
        json::object{{"event_type", "escalation_surface"},
                     {"event_payload",
                      {{"key", metadata.key}, {"installation", metadata.installation}, {"generation", metadata.generation}}}});
}

json::object message_json(blocks::Message const& message) {
    json::object out{{"text", blocks::cut_markup(message.text, message_text_max)}};
    if (!message.blocks.empty()) out["blocks"] = message.blocks_json();
    return out;
}

}  // namespace

Call chat_post_message(Post const& post) {
    Form form;
    add(form, "channel", post.channel.value);
    add_unless_empty(form, "thread_ts", post.thread_ts.value);
    add_message(form, post.message);
    add(form, "unfurl_links", "false");
    add(form, "unfurl_media", "false");
    if (post.metadata) add(form, "metadata", metadata_json(*post.metadata));
    auto call = write("chat.postMessage", Tier::special, std::move(form));
    call.posts_to = post.channel;
    return call;
}

Call chat_update(ChannelId const& channel, MessageTs const& ts, blocks::Message const& message) {
    Form form;
    add(form, "channel", channel.value);
    add(form, "ts", ts.value);
    add_message(form, message);
    return write("chat.update", Tier::three, std::move(form));
}

Call chat_post_ephemeral(ChannelId const& channel, PersonId const& user, MessageTs const& thread_ts,
                         blocks::Message const& message) {
    Form form;
    add(form, "channel", channel.value);
    add(form, "user", user.value);
    add_unless_empty(form, "thread_ts", thread_ts.value);
    add_message(form, message);
    return write("chat.postEphemeral", Tier::four, std::move(form));
}

Call views_open(std::string_view trigger_id, blocks::Modal const& modal) {
    Form form;
    add(form, "trigger_id", trigger_id);
    add(form, "view", json::serialize(modal.json()));
    return write("views.open", Tier::four, std::move(form));
}

Call views_push(std::string_view trigger_id, blocks::Modal const& modal) {
    Form form;
    add(form, "trigger_id", trigger_id);
    add(form, "view", json::serialize(modal.json()));
    return write("views.push", Tier::four, std::move(form));
}

Call views_update(std::string_view view_id, blocks::Modal const& modal) {
    Form form;
    add(form, "view_id", view_id);
    add(form, "view", json::serialize(modal.json()));
    return write("views.update", Tier::four, std::move(form));
}

Call views_publish(PersonId const& user, blocks::Home const& home) {
    Form form;
    add(form, "user_id", user.value);
    add(form, "view", json::serialize(home.json()));
    return write("views.publish", Tier::four, std::move(form));
}

Call auth_test() { return read("auth.test", Tier::special); }

Call apps_connections_open() {
    auto call = read("apps.connections.open", Tier::one);
    call.token = Call::Token::app;
    return call;
}

Call users_info(PersonId const& user) { return read("users.info", Tier::four, {{"user", user.value}}); }

Call users_list(std::string_view cursor) {
    Form form;
    add(form, "limit", users_page);
    add_unless_empty(form, "cursor", cursor);
    return read("users.list", Tier::two, std::move(form));
}

Call usergroups_users_list(GroupId const& group) {
    return read("usergroups.users.list", Tier::two, {{"usergroup", group.value}});
}

Call conversations_info(ChannelId const& channel) {
    return read("conversations.info", Tier::three, {{"channel", channel.value}});
}

Call conversations_members(ChannelId const& channel, std::string_view cursor) {
    Form form{{"channel", channel.value}, {"limit", "1000"}};
    add_unless_empty(form, "cursor", cursor);
    return read("conversations.members", Tier::four, std::move(form));
}

Call chat_get_permalink(ChannelId const& channel, MessageTs const& ts) {
    return read("chat.getPermalink", Tier::special, {{"channel", channel.value}, {"message_ts", ts.value}});
}

Call one_message(ChannelId const& channel, MessageTs const& ts) {
    // No limit of 1: for a reply the thread's first message may come along.
    return read(
        "conversations.replies", Tier::three,
        {{"channel", channel.value}, {"ts", ts.value}, {"latest", ts.value}, {"oldest", ts.value}, {"inclusive", "true"}});
}

Call conversations_history(ChannelId const& channel, std::string_view oldest, std::string_view cursor) {
    Form form;
    add(form, "channel", channel.value);
    add_unless_empty(form, "oldest", oldest);
    add_unless_empty(form, "cursor", cursor);
    add(form, "inclusive", "true");
    add(form, "limit", messages_page);
    add(form, "include_all_metadata", "true");
    return read("conversations.history", Tier::three, std::move(form));
}

Call conversations_replies(ChannelId const& channel, MessageTs const& thread_ts, std::string_view oldest,
                           std::string_view cursor) {
    Form form;
    add(form, "channel", channel.value);
    add(form, "ts", thread_ts.value);
    add_unless_empty(form, "oldest", oldest);
    add_unless_empty(form, "cursor", cursor);
    add(form, "inclusive", "true");
    add(form, "limit", messages_page);
    add(form, "include_all_metadata", "true");
    return read("conversations.replies", Tier::three, std::move(form));
}

Call conversations_open(PersonId const& user) {
    // Opens what may be open already: safe to repeat.
    return read("conversations.open", Tier::three, {{"users", user.value}});
}

std::string form_body(Form const& form) {
    std::string out;
    auto const encode = [&out](std::string_view text) {
        constexpr std::string_view digits = "0123456789ABCDEF";
        for (char const c : text) {
            auto const byte = static_cast<unsigned char>(c);
            bool const plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
                               c == '_' || c == '.' || c == '*';
            if (plain) {
                out += c;
            } else if (c == ' ') {
                out += '+';
            } else {
                out += '%';
                out += digits[byte >> 4U];
                out += digits[byte & 0x0FU];
            }
        }
    };
    for (auto const& [name, value] : form) {
        if (!out.empty()) out += '&';
        encode(name);
        out += '=';
        encode(value);
    }
    return out;
}

std::string ephemeral_json(blocks::Message const& message) {
    auto out = message_json(message);
    out["response_type"] = "ephemeral";
    out["replace_original"] = false;
    return json::serialize(out);
}

std::string view_errors_json(std::vector<std::pair<std::string, std::string>> const& errors) {
    json::object by_block;
    for (auto const& [block_id, sentence] : errors) by_block[block_id] = sentence;
    return json::serialize(json::object{{"response_action", "errors"}, {"errors", std::move(by_block)}});
}

std::string view_update_json(blocks::Modal const& modal) {
    return json::serialize(json::object{{"response_action", "update"}, {"view", modal.json()}});
}

std::string view_clear_json() { return json::serialize(json::object{{"response_action", "clear"}}); }

}  // namespace esc::slack
