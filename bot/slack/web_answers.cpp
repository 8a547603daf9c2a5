// What came back from the Web API: sorted by what the caller does next, and read into structs.
#include "bot/slack/json.hpp"
#include "bot/slack/web_api.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace json = boost::json;

namespace esc::slack {

namespace {

using json_at::first_text;
using json_at::flag;
using json_at::text;

template <std::size_t N>
bool one_of(std::string_view code, std::array<std::string_view, N> const& codes) {
    return std::find(codes.begin(), codes.end(), code) != codes.end();
}

// Slack may have done it all the same.
constexpr std::array<std::string_view, 4> unclear{"service_unavailable", "internal_error", "fatal_error", "request_timeout"};
// While a workspace moves into an organisation; it comes back.
constexpr std::array<std::string_view, 4> again_later{"team_added_to_org", "org_login_required", "migration_in_progress",
                                                      "accesslimited"};
constexpr std::array<std::string_view, 2> slow_down{"ratelimited", "rate_limited"};
constexpr std::array<std::string_view, 9> about_token{
    "not_authed",    "invalid_auth",           "account_inactive",       "token_revoked",
    "token_expired", "not_allowed_token_type", "user_removed_from_team", "team_disabled",
    "invalid_token"};
constexpr std::array<std::string_view, 32> refused{"missing_scope",
                                                   "not_in_channel",
                                                   "is_archived",
                                                   "ekm_access_denied",
                                                   "messages_tab_disabled",
                                                   "no_permission",
                                                   "access_denied",
                                                   "team_access_not_granted",
                                                   "two_factor_setup_required",
                                                   "cant_update_message",
                                                   "edit_window_closed",
                                                   "cannot_dm_bot",
                                                   "user_disabled",
                                                   "user_not_in_channel",
                                                   "thread_locked",
                                                   "posting_to_general_channel_denied",
                                                   "cannot_reply_to_message",
                                                   "external_channel_migrating",
                                                   "slack_connect_file_link_sharing_blocked",
                                                   "user_is_restricted",
                                                   "user_is_bot",
                                                   "is_inactive",
                                                   "enterprise_is_restricted",
                                                   "method_not_supported_for_channel_type",
                                                   "not_enabled",
                                                   "no_dual_broadcast_content_update",
                                                   "deprecated_endpoint",
                                                   "method_deprecated",
                                                   "unknown_method",
                                                   "plan_upgrade_required",
                                                   "paid_only",
                                                   "paid_teams_only"};
constexpr std::array<std::string_view, 11> absent{
    "channel_not_found", "user_not_found",  "users_not_found", "message_not_found", "thread_not_found", "view_not_found",
    "subteam_not_found", "no_such_subteam", "team_not_found",  "user_not_visible",  "not_found"};
// The click was too long ago, or somebody changed it meanwhile: a person has to look again.
constexpr std::array<std::string_view, 6> overtaken{"hash_conflict",        "expired_trigger_id", "trigger_expired",
                                                    "exchanged_trigger_id", "trigger_exchanged",  "invalid_trigger_id"};

// It may have happened if the call changes something.
Errc unclear_code(Call const& call) { return call.changes_something ? Errc::timed_out : Errc::unavailable; }

Errc classify(Call const& call, std::string_view code) {
    if (one_of(code, slow_down)) return Errc::rate_limited;
    if (one_of(code, unclear)) return unclear_code(call);
    if (one_of(code, again_later)) return Errc::unavailable;
    if (one_of(code, about_token) || one_of(code, refused) || code.starts_with("restricted_action")) return Errc::forbidden;
    if (one_of(code, absent)) return Errc::not_found;
    if (one_of(code, overtaken)) return Errc::conflict;
    return Errc::invalid;
}

// Whole seconds, perhaps with a fraction; 0 when it is anything else. A day is more than Slack ever asks for.
std::chrono::milliseconds parse_retry_after(std::string_view header) {
    constexpr double day_s = 24 * 3600;
    while (header.starts_with(' ')) header.remove_prefix(1);
    while (header.ends_with(' ')) header.remove_suffix(1);
    double seconds = 0;
    auto const [end, error] = std::from_chars(header.data(), header.data() + header.size(), seconds, std::chars_format::fixed);
    if (error != std::errc{} || end != header.data() + header.size() || !std::isfinite(seconds) || seconds <= 0)
        return std::chrono::milliseconds{0};
    return std::chrono::milliseconds{static_cast<std::int64_t>(std::min(seconds, day_s) * 1000)};
}

void add_detail(std::string& to, std::string_view detail) {
    constexpr std::size_t details_max = 600;
    if (detail.empty() || to.size() > details_max) return;
    to += to.empty() ? "" : "; ";
    to += blocks::cut(blocks::one_line(detail), 200);
}

// needed/provided of a missing scope, and the messages that alone say what is wrong with an argument.
std::string details(json::object const& answer) {
    std::string out;
    if (auto const needed = text(answer, {"needed"}); !needed.empty()) {
        add_detail(out, "needed: " + needed);
        if (auto const provided = text(answer, {"provided"}); !provided.empty()) add_detail(out, "provided: " + provided);
    }
    if (auto const* messages = json_at::array(answer, {"response_metadata", "messages"}))
        for (auto const& message : *messages)
            if (auto const* sentence = message.if_string()) add_detail(out, *sentence);
    if (auto const* errors = json_at::array(answer, {"errors"}))
        for (auto const& error : *errors) {
            if (auto const* sentence = error.if_string()) add_detail(out, *sentence);
            if (auto const* object = error.if_object())
                add_detail(out, text(*object, {"message"}) + " " + text(*object, {"pointer"}));
        }
    return out;
}

Error api_error(Call const& call, Errc code, std::string cause, std::string_view detail) {
    Error error =
        detail.empty() ? fail(code, "{}: {}", call.method, cause) : fail(code, "{}: {} ({})", call.method, cause, detail);
    error.cause = std::move(cause);
    return error;
}

std::string user_name(json::object const& user) {
    return blocks::one_line(
        first_text(user, {{"profile", "display_name"}, {"profile", "real_name"}, {"real_name"}, {"name"}, {"id"}}));
}

}  // namespace

bool is_about_token(std::string_view cause) { return one_of(cause, about_token); }

Result<json::object> parse_answer(Call const& call, int status, std::string_view retry_after, std::string_view body) {
    if (status == 429) {
        auto error = api_error(call, Errc::rate_limited, "ratelimited", {});
        error.retry_after = parse_retry_after(retry_after);
        return error;
    }
    auto parsed = parse_json(body);
    auto* answer = parsed ? parsed->if_object() : nullptr;
    auto const code = answer == nullptr ? std::string{} : blocks::cut(blocks::one_line(text(*answer, {"error"})), 100);
    if (status >= 500 || status == 408)
        return api_error(call, unclear_code(call), code.empty() ? fmt::format("http_{}", status) : code, {});
    auto const* ok = answer == nullptr ? nullptr : answer->if_contains("ok");
    if (ok == nullptr || !ok->is_bool()) {
        // A redirect or a refusal by something on the way: Slack never saw the call.
        if (status == 404) return api_error(call, Errc::not_found, "http_404", "no JSON in the answer");
        if (status >= 300) return api_error(call, Errc::unavailable, fmt::format("http_{}", status), "no JSON in the answer");
        return api_error(call, unclear_code(call), "unreadable_answer", "the answer is not Slack's JSON");
    }
    if (ok->get_bool()) return std::move(*answer);
    auto error = api_error(call, classify(call, code), code.empty() ? "unknown_error" : code, details(*answer));
    if (error.code == Errc::rate_limited) error.retry_after = parse_retry_after(retry_after);
    return error;
}

Result<Identity> read_identity(json::object const& answer) {
    ESC_TRY(auto workspace, json_at::required_text(answer, {"team_id"}, "auth.test"));
    ESC_TRY(auto user, json_at::required_text(answer, {"user_id"}, "auth.test"));
    return Identity{.workspace = {std::move(workspace)},
                    .workspace_url = text(answer, {"url"}),
                    .bot_user = {std::move(user)},
                    .bot_id = text(answer, {"bot_id"})};
}

Result<User> read_user(json::object const& user_object) {
    ESC_TRY(auto id, json_at::required_text(user_object, {"id"}, "user"));
    User user;
    // Slackbot says of itself that it is no bot.
    user.bot = flag(user_object, {"is_bot"}) || flag(user_object, {"is_workflow_bot"}) || id == "USLACKBOT";
    user.id.value = std::move(id);
    user.workspace.value = first_text(user_object, {{"team_id"}, {"profile", "team"}});
    user.name = user_name(user_object);
    user.timezone = text(user_object, {"tz"});
    user.deleted = flag(user_object, {"deleted"});
    user.admin = flag(user_object, {"is_admin"}) || flag(user_object, {"is_owner"}) || flag(user_object, {"is_primary_owner"});
    user.guest = flag(user_object, {"is_restricted"}) || flag(user_object, {"is_ultra_restricted"});
    user.stranger = flag(user_object, {"is_stranger"});
    return user;
}

Result<std::vector<User>> read_users(json::object const& answer) {
    auto const* members = json_at::array(answer, {"members"});
    if (members == nullptr) return fail(Errc::invalid, "users.list: members is missing");
    std::vector<User> users;
    for (auto const& member : *members) {
        auto const* object = member.if_object();
        if (object == nullptr) continue;
        if (auto user = read_user(*object)) users.push_back(*std::move(user));
    }
    return users;
}

std::string next_cursor(json::object const& answer) { return text(answer, {"response_metadata", "next_cursor"}); }

Result<Channel> read_channel(json::object const& answer) {
    auto const* object = json_at::object(answer, {"channel"});
    if (object == nullptr) return fail(Errc::invalid, "channel is missing");
    ESC_TRY(auto id, json_at::required_text(*object, {"id"}, "channel"));
    Channel channel;
    channel.id.value = std::move(id);
    channel.name = blocks::one_line(text(*object, {"name"}));
    channel.direct = flag(*object, {"is_im"}) || flag(*object, {"is_mpim"});
    channel.is_private = flag(*object, {"is_private"}) || channel.direct;
    channel.shared = flag(*object, {"is_ext_shared"}) || flag(*object, {"is_pending_ext_shared"});
    channel.member = flag(*object, {"is_member"}) || channel.direct;
    channel.archived = flag(*object, {"is_archived"});
    return channel;
}

Result<std::vector<PersonId>> read_members(json::object const& answer) {
    auto const* members = json_at::array(answer, {"members"});
    if (members == nullptr) return fail(Errc::invalid, "members is missing");
    std::vector<PersonId> people;
    for (auto const& member : *members)
        if (member.is_string()) people.push_back({std::string(member.get_string())});
    return people;
}

Result<Posted> read_posted(json::object const& answer) {
    auto ts = first_text(answer, {{"ts"}, {"message_ts"}});
    if (ts.empty()) return fail(Errc::invalid, "ts is missing");
    Posted posted{
        .channel = {text(answer, {"channel"})}, .ts = {std::move(ts)}, .thread_ts = {text(answer, {"message", "thread_ts"})}};
    if (posted.thread_ts == posted.ts) posted.thread_ts.value.clear();
    return posted;
}

std::vector<HistoryMessage> read_messages(json::object const& answer) {
    std::vector<HistoryMessage> out;
    auto const* messages = json_at::array(answer, {"messages"});
    if (messages == nullptr) return out;
    for (auto const& value : *messages) {
        auto const* object = value.if_object();
        if (object == nullptr) continue;
        HistoryMessage message{.ts = {text(*object, {"ts"})},
                               .thread_ts = {text(*object, {"thread_ts"})},
                               .user = {text(*object, {"user"})},
                               .bot_id = text(*object, {"bot_id"}),
                               .text = text(*object, {"text"})};
        if (message.ts.empty()) continue;
        message.begins_thread = message.thread_ts == message.ts;
        if (message.begins_thread) message.thread_ts.value.clear();
        if (text(*object, {"metadata", "event_type"}) == "escalation_surface") {
            message.metadata_key = text(*object, {"metadata", "event_payload", "key"});
            message.metadata_installation = text(*object, {"metadata", "event_payload", "installation"});
        }
        out.push_back(std::move(message));
    }
    return out;
}

}  // namespace esc::slack
