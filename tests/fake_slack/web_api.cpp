// From HTTP to a typed call: token, arguments, scope, limits, faults, journal.
#include "tests/fake_slack/web_api.hpp"

#include <boost/json/serialize.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace esc::fake {

std::vector<std::pair<std::string, std::string>> decode_form(std::string_view form) {
    auto decode = [](std::string_view text) {
        std::string out;
        for (std::size_t i = 0; i < text.size(); ++i) {
            unsigned value = 0;
            if (text[i] == '+') {
                out += ' ';
            } else if (text[i] == '%' && i + 2 < text.size() &&
                       std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16).ptr == text.data() + i + 3) {
                out += static_cast<char>(value);
                i += 2;
            } else {
                out += text[i];
            }
        }
        return out;
    };
    std::vector<std::pair<std::string, std::string>> out;
    while (!form.empty()) {
        auto const end = std::min(form.find('&'), form.size());
        auto const pair = form.substr(0, end);
        form.remove_prefix(std::min(end + 1, form.size()));
        if (pair.empty()) continue;
        auto const equals = std::min(pair.find('='), pair.size());
        out.emplace_back(decode(pair.substr(0, equals)), decode(pair.substr(std::min(equals + 1, pair.size()))));
    }
    return out;
}

json::object missing_scope(Site const& site, std::string_view needed) {
    auto out = refusal("missing_scope");
    out["needed"] = needed;
    out["provided"] = fmt::format("{}", fmt::join(site.workspace.scopes, ","));
    return out;
}

std::string channel_scope(Channel const& channel, std::string_view what) {
    return fmt::format("{}:{}", channel.is_im() ? "im" : channel.is_private ? "groups" : "channels", what);
}

bool may_see(MethodCall const& call, Channel const& channel) {
    if (channel.has(call.actor)) return true;
    auto const* person = call.site.workspace.person_by_id(call.actor);
    bool const outsider = person == nullptr || person->is_guest || person->team_id != Workspace::team_id;
    return !outsider && !channel.is_private;
}

namespace {

Method const* find_method(std::string_view name) {
    for (auto const* list : {&read_methods(), &chat_methods(), &view_methods()})
        for (auto const& method : *list)
            if (method.name == name) return &method;
    return nullptr;
}

// Turns a form's strings into what the argument's type says; a value that does not fit stays as it is.
json::value typed(ArgumentType type, json::value const& given) {
    if (!given.is_string()) return given;
    std::string_view const text = given.get_string();
    switch (type) {
        case ArgumentType::string:
            return given;
        case ArgumentType::boolean:
            if (text == "true" || text == "1") return true;
            if (text == "false" || text == "0") return false;
            return given;
        case ArgumentType::integer: {
            std::int64_t number = 0;
            auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
            if (error == std::errc() && end == text.data() + text.size()) return number;
            return given;
        }
        case ArgumentType::array:
        case ArgumentType::object:
            return parse_json(text).value_or(given);
    }
    return given;
}

bool fits(ArgumentType type, json::value const& value) {
    switch (type) {
        case ArgumentType::string:
            return value.is_string();
        case ArgumentType::boolean:
            return value.is_bool();
        case ArgumentType::integer:
            return value.is_int64() || value.is_uint64();
        case ArgumentType::array:
            return value.is_array();
        case ArgumentType::object:
            return value.is_object();
    }
    return false;
}

// What is wrong with the arguments, after typing them in place; nothing when they are right.
std::optional<json::object> check_arguments(Site& site, Method const& method, json::object& arguments) {
    std::vector<std::string> complaints;
    std::optional<json::object> special;
    for (auto& member : arguments) {
        auto const name = std::string(member.key());
        if (name == "team_id") continue;  // official clients send it with every call
        auto const spec = std::find_if(method.arguments.begin(), method.arguments.end(),
                                       [&](Argument const& argument) { return argument.name == name; });
        if (spec == method.arguments.end()) {
            complaints.push_back(fmt::format("invalid additional property: {} [json-pointer:]", name));
            site.records.violation(fmt::format("{}: unknown argument {}", method.name, name));
            continue;
        }
        member.value() = typed(spec->type, member.value());
        if (fits(spec->type, member.value())) continue;
        if (name == "blocks") special = refusal("invalid_blocks_format");
        if (name == "metadata") special = refusal("invalid_metadata_format");
        complaints.push_back(fmt::format("invalid value for {} [json-pointer:/{}]", name, name));
    }
    for (auto const& argument : method.arguments)
        if (argument.required && !arguments.contains(argument.name))
            complaints.push_back(fmt::format("missing required field: {} [json-pointer:]", argument.name));
    if (special) return special;
    if (!complaints.empty()) return with_messages("invalid_arguments", complaints);
    return std::nullopt;
}

bool sends_json(WebRequest const& request) { return request.content_type.starts_with("application/json"); }

// Reads the body or the query; what Slack says when it cannot.
std::optional<json::object> read_arguments(WebRequest const& request, json::object& arguments) {
    if (request.verb == "POST" && sends_json(request)) {
        auto const parsed = parse_json(request.body.empty() ? "{}" : request.body);
        if (!parsed) return refusal("invalid_json");
        if (!parsed->is_object()) return refusal("json_not_object");
        for (auto const& member : parsed->get_object())
            if (!member.value().is_null()) arguments[member.key()] = member.value();  // null means "not given"
        return std::nullopt;
    }
    if (request.verb == "POST" && !request.body.empty() && !request.content_type.starts_with("application/x-www-form-urlencoded"))
        return refusal("invalid_post_type");
    for (auto& [name, value] : decode_form(request.verb == "POST" ? request.body : request.query)) arguments[name] = value;
    return std::nullopt;
}

}  // namespace

WebAnswer WebApi::perform(WebRequest const& request, json::object& arguments) {
    WebAnswer answer;
    auto refuse = [&](json::object body) {
        answer.body = std::move(body);
        return answer;
    };
    auto const* method = find_method(request.method);
    if (method == nullptr) {
        site_.records.violation("called a method the fake does not know: " + request.method);
        return refuse(refusal("unknown_method"));
    }

    bool const is_json = sends_json(request);
    std::string token;
    if (request.authorization.starts_with("Bearer ")) token = request.authorization.substr(7);
    if (arguments.contains("token")) {
        if (token.empty() && !is_json && method->tokens != Tokens::app) token = text_of(arguments, "token");
        arguments.erase("token");
    }
    if (token.empty()) return refuse(refusal("not_authed"));

    auto& workspace = site_.workspace;
    MethodCall call{.site = site_, .arguments = arguments, .now = site_.clock.now()};
    if (token == workspace.bot_token) {
        call.actor = std::string(Workspace::bot_user);
        if (method->tokens == Tokens::app) return refuse(refusal("not_allowed_token_type"));
    } else if (token == workspace.app_token) {
        if (method->tokens != Tokens::app) return refuse(refusal("not_allowed_token_type"));
    } else if (token.starts_with("xoxp-") && workspace.person_by_id(token.substr(5)) != nullptr) {
        call.actor = token.substr(5);
        call.by_bot = false;
        if (method->tokens != Tokens::bot_or_user) return refuse(refusal("not_allowed_token_type"));
    } else {
        return refuse(refusal("invalid_auth"));
    }
    if (call.by_bot && method->tokens != Tokens::app) {
        answer.headers.emplace_back("x-oauth-scopes", fmt::format("{}", fmt::join(workspace.scopes, ",")));
        if (!method->scope.empty()) answer.headers.emplace_back("x-accepted-oauth-scopes", method->scope);
        if (auto const wait_s = site_.limits.take_method(request.method, method->per_minute, call.now); wait_s > 0) {
            answer.status = 429;
            answer.headers.emplace_back("Retry-After", std::to_string(wait_s));
            return refuse(refusal("ratelimited"));
        }
        if (!method->scope.empty() && !workspace.scopes.contains(std::string(method->scope)))
            return refuse(missing_scope(site_, method->scope));
    }
    if (auto complaint = check_arguments(site_, *method, arguments)) return refuse(std::move(*complaint));

    auto body = method->run(call);
    if (auto const wait_s = number_of(body, "retry_after_s")) {  // the channel's own limit
        body.erase("retry_after_s");
        answer.status = 429;
        answer.headers.emplace_back("Retry-After", std::to_string(*wait_s));
    }
    if (is_json && request.content_type.find("charset") == std::string::npos) {
        body["warning"] = "missing_charset";
        auto metadata = object_of(body, "response_metadata");
        metadata["warnings"] = json::array{"missing_charset"};
        body["response_metadata"] = std::move(metadata);
    }
    return refuse(std::move(body));
}

WebAnswer WebApi::call(WebRequest const& request) {
    auto const fault = site_.records.take_fault(request.method);
    json::object arguments;
    WebAnswer answer;
    if (auto problem = read_arguments(request, arguments)) {
        answer.body = std::move(*problem);
    } else if (!fault || fault->after_effect) {
        answer = perform(request, arguments);
    }
    arguments.erase("token");
    if (fault) {
        answer = WebAnswer{};
        answer.status = fault->status;
        answer.body = refusal(fault->error.empty() ? "internal_error" : fault->error);
        if (fault->retry_after_s > 0) answer.headers.emplace_back("Retry-After", std::to_string(fault->retry_after_s));
    }
    answer.headers.emplace_back("x-slack-req-id", site_.workspace.random_id("", 32));
    auto const error = text_of(answer.body, "error");
    if (error.starts_with("invalid_blocks") || error == "invalid_arguments" || error == "msg_too_long" || error == "no_text" ||
        error == "view_too_large")
        site_.records.violation(
            fmt::format("{}: {} {}", request.method, error, json::serialize(object_of(answer.body, "response_metadata"))));
    site_.records.called(
        {.at = {}, .method = request.method, .arguments = std::move(arguments), .status = answer.status, .answer = answer.body});
    return answer;
}

}  // namespace esc::fake
