// The Web API methods an escalation bot uses, strict: token kinds, scopes, unknown and missing arguments, Block Kit,
// rate limits. Every call is written into the journal.
#pragma once

#include "tests/fake_slack/site.hpp"

#include <string>
#include <utility>
#include <vector>

namespace esc::fake {

struct WebRequest {
    std::string method{};  // "chat.postMessage"
    std::string verb{};    // "POST" or "GET"
    std::string content_type{};
    std::string authorization{};
    std::string query{};
    std::string body{};
};

struct WebAnswer {
    int status = 200;
    json::object body{};
    std::vector<std::pair<std::string, std::string>> headers{};
};

class WebApi {
public:
    explicit WebApi(Site& site) : site_(site) {}
    [[nodiscard]] WebAnswer call(WebRequest const& request);

private:
    [[nodiscard]] WebAnswer perform(WebRequest const& request, json::object& arguments);
    Site& site_;
};

// One call, as a method sees it: arguments are present as their types say, and the token is allowed.
struct MethodCall {
    Site& site;
    json::object const& arguments;
    std::string actor{};  // the bot's user or the user of an xoxp token
    bool by_bot = true;
    Instant now{};

    [[nodiscard]] std::string text(std::string_view name) const { return text_of(arguments, name); }
    [[nodiscard]] bool has(std::string_view name) const { return arguments.contains(name); }
};

enum class ArgumentType : std::uint8_t { string, boolean, integer, array, object };
struct Argument {
    std::string_view name{};
    ArgumentType type = ArgumentType::string;
    bool required = false;
};
enum class Tokens : std::uint8_t { bot, bot_or_user, app };
struct Method {
    std::string_view name{};
    int per_minute = 50;
    std::string_view scope{};  // empty: none, or by kind of channel
    Tokens tokens = Tokens::bot;
    std::vector<Argument> arguments{};
    json::object (*run)(MethodCall&) = nullptr;
};

[[nodiscard]] std::vector<Method> const& read_methods();
[[nodiscard]] std::vector<Method> const& chat_methods();
[[nodiscard]] std::vector<Method> const& view_methods();

// --- shared by the methods ---
[[nodiscard]] json::object missing_scope(Site const& site, std::string_view needed);
// "channels:history", "groups:history" or "im:history"; `what` is history, read or write.
[[nodiscard]] std::string channel_scope(Channel const& channel, std::string_view what);
[[nodiscard]] bool may_see(MethodCall const& call, Channel const& channel);

// A form or query string; values undecoded beyond percent and plus.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> decode_form(std::string_view form);

}  // namespace esc::fake
