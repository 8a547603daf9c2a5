// Calls as Slack wants them, and answers sorted by what is done next.
#include "bot/slack/web_api.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

using namespace esc;
using namespace esc::slack;
namespace json = boost::json;

namespace {

std::string field(Call const& call, std::string_view name) {
    auto const found = std::find_if(call.form.begin(), call.form.end(), [&](auto const& f) { return f.first == name; });
    return found == call.form.end() ? std::string{"(absent)"} : found->second;
}

blocks::Message message() {
    blocks::Message out{.text = "Hello & welcome"};
    out += blocks::divider();
    return out;
}

json::object object(std::string const& text) { return json::parse(text).as_object(); }

Error error_of(Call const& call, int status, std::string_view retry_after, std::string_view body) {
    auto const answer = parse_answer(call, status, retry_after, body);
    BOOST_TEST_REQUIRE(answer.has_error());
    return answer.error();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(web_api)

BOOST_AUTO_TEST_CASE(post_message) {
    Post const post{.channel = {"C1"},
                    .thread_ts = {"1.1"},
                    .message = message(),
                    .metadata = PostMetadata{.key = "card:12", .installation = "abc", .generation = 3}};
    auto const call = chat_post_message(post);
    BOOST_TEST(call.method == "chat.postMessage");
    BOOST_TEST((call.tier == Tier::special));
    BOOST_TEST(call.posts_to.value == "C1");
    BOOST_TEST(call.changes_something);
    BOOST_TEST(field(call, "thread_ts") == "1.1");
    BOOST_TEST(field(call, "parse") == "none");
    BOOST_TEST(field(call, "unfurl_links") == "false");
    BOOST_TEST(field(call, "unfurl_media") == "false");
    BOOST_TEST(field(call, "link_names") == "(absent)");
    BOOST_TEST(field(call, "text") == "Hello & welcome");
    BOOST_TEST(field(call, "blocks") == R"([{"type":"divider"}])");
    BOOST_TEST(
        json::parse(field(call, "metadata")) ==
        json::parse(
            R"({"event_type":"escalation_surface","event_payload":{"key":"card:12","installation":"abc","generation":3}})"));
    auto const bare = chat_post_message({.channel = {"C1"}, .message = {.text = "x"}});
    for (auto const* name : {"thread_ts", "metadata", "blocks"}) BOOST_TEST(field(bare, name) == "(absent)");
}

BOOST_AUTO_TEST_CASE(update_and_ephemeral_do_not_parse_either) {
    auto const update = chat_update({"C1"}, {"1700000000.000100"}, message());
    BOOST_TEST(update.method == "chat.update");
    BOOST_TEST(field(update, "ts") == "1700000000.000100");
    BOOST_TEST(field(update, "parse") == "none");
    BOOST_TEST(field(update, "metadata") == "(absent)");
    BOOST_TEST(update.posts_to.empty());
    auto const ephemeral = chat_post_ephemeral({"C1"}, {"U1"}, {}, message());
    BOOST_TEST(field(ephemeral, "user") == "U1");
    BOOST_TEST(field(ephemeral, "parse") == "none");
    BOOST_TEST(field(ephemeral, "thread_ts") == "(absent)");
}

BOOST_AUTO_TEST_CASE(text_is_at_most_4000_characters) {
    for (std::size_t const size : {std::size_t{4000}, std::size_t{4001}}) {
        auto const call = chat_update({"C1"}, {"1.1"}, {.text = std::string(size, 'x')});
        BOOST_TEST(blocks::length(field(call, "text")) == 4000U);
        BOOST_TEST(field(call, "text").ends_with("…") == (size > 4000));
    }
}

BOOST_AUTO_TEST_CASE(views_go_where_they_belong) {
    blocks::Modal const modal{.callback_id = "c", .title = "x"};
    for (auto const& call : {views_open("t1", modal), views_push("t1", modal)}) {
        BOOST_TEST(field(call, "trigger_id") == "t1");
        BOOST_TEST(object(field(call, "view")) == modal.json());
    }
    auto const update = views_update("V1", modal);
    BOOST_TEST(field(update, "view_id") == "V1");
    BOOST_TEST(field(update, "trigger_id") == "(absent)");
    BOOST_TEST(object(field(update, "view")) == modal.json());
    blocks::Home home{.private_metadata = "page 2"};
    home += blocks::divider();
    auto const publish = views_publish({"U1"}, home);
    BOOST_TEST(field(publish, "user_id") == "U1");
    BOOST_TEST(object(field(publish, "view")).at("type") == "home");
    BOOST_TEST(object(field(publish, "view")).at("private_metadata") == "page 2");
}

BOOST_AUTO_TEST_CASE(methods_and_pace) {
    struct Row {
        Call call;
        std::string_view method;
        Tier tier;
        bool changes;
    };
    std::vector<Row> const rows{
        {views_open("t", {.callback_id = "c", .title = "x"}), "views.open", Tier::four, true},
        {views_push("t", {.callback_id = "c", .title = "x"}), "views.push", Tier::four, true},
        {views_update("V1", {.callback_id = "c", .title = "x"}), "views.update", Tier::four, true},
        {views_publish({"U1"}, {}), "views.publish", Tier::four, true},
        {auth_test(), "auth.test", Tier::special, false},
        {apps_connections_open(), "apps.connections.open", Tier::one, false},
        {users_info({"U1"}), "users.info", Tier::four, false},
        {users_list(""), "users.list", Tier::two, false},
        {usergroups_users_list({"S1"}), "usergroups.users.list", Tier::two, false},
        {conversations_info({"C1"}), "conversations.info", Tier::three, false},
        {conversations_members({"C1"}, ""), "conversations.members", Tier::four, false},
        {chat_get_permalink({"C1"}, {"1.1"}), "chat.getPermalink", Tier::special, false},
        {one_message({"C1"}, {"1.1"}), "conversations.replies", Tier::three, false},
        {conversations_history({"C1"}, "1.0", ""), "conversations.history", Tier::three, false},
        {conversations_replies({"C1"}, {"1.1"}, "", ""), "conversations.replies", Tier::three, false},
        {conversations_open({"U1"}), "conversations.open", Tier::three, false},
        {chat_update({"C1"}, {"1.1"}, {}), "chat.update", Tier::three, true},
        {chat_post_ephemeral({"C1"}, {"U1"}, {}, {}), "chat.postEphemeral", Tier::four, true},
    };
    for (auto const& row : rows) {
        BOOST_TEST(row.call.method == row.method);
        BOOST_TEST((row.call.tier == row.tier));
        BOOST_TEST(row.call.changes_something == row.changes);
        BOOST_TEST((row.call.token == (row.method == "apps.connections.open" ? Call::Token::app : Call::Token::bot)));
        BOOST_TEST(field(row.call, "token") == "(absent)");
    }
    BOOST_TEST(apps_connections_open().form.empty());
    BOOST_TEST(json::parse(field(rows[0].call, "view")).at("type") == "modal");
}

BOOST_AUTO_TEST_CASE(arguments_of_reads) {
    auto const one = one_message({"C1"}, {"1.1"});
    for (auto const* name : {"ts", "latest", "oldest"}) BOOST_TEST(field(one, name) == "1.1");
    BOOST_TEST(field(one, "inclusive") == "true");
    BOOST_TEST(field(users_list("abc="), "cursor") == "abc=");
    BOOST_TEST(field(users_list(""), "cursor") == "(absent)");
    BOOST_TEST(field(usergroups_users_list({"S1"}), "usergroup") == "S1");
    BOOST_TEST(field(chat_get_permalink({"C1"}, {"1.1"}), "message_ts") == "1.1");
    BOOST_TEST(field(conversations_open({"U1"}), "users") == "U1");
    BOOST_TEST(field(conversations_members({"C1"}, "next"), "channel") == "C1");
    BOOST_TEST(field(conversations_members({"C1"}, "next"), "cursor") == "next");
    auto const history = conversations_history({"C1"}, "1.0", "next");
    BOOST_TEST(field(history, "oldest") == "1.0");
    BOOST_TEST(field(history, "cursor") == "next");
    BOOST_TEST(field(history, "include_all_metadata") == "true");
    BOOST_TEST(field(conversations_replies({"C1"}, {"1.1"}, "", ""), "ts") == "1.1");
}

BOOST_AUTO_TEST_CASE(form) {
    BOOST_TEST(form_body({}) == "");
    BOOST_TEST(form_body({{"a", "1 2"}, {"b", "x&y=z%+"}, {"c", ""}}) == "a=1+2&b=x%26y%3Dz%25%2B&c=");
    BOOST_TEST(form_body({{"t", "é😀\n-_.*~\"{}"}}) == "t=%C3%A9%F0%9F%98%80%0A-_.*%7E%22%7B%7D");
    BOOST_TEST(form_body({{"n", std::string{"\0", 1}}}) == "n=%00");
}

BOOST_AUTO_TEST_CASE(good_answer) {
    auto const answer = parse_answer(auth_test(), 200, "", R"({"ok":true,"team_id":"T1"})");
    BOOST_TEST_REQUIRE(answer.has_value());
    BOOST_TEST(answer->at("team_id") == "T1");
}

BOOST_AUTO_TEST_CASE(codes) {
    auto const reading = users_info({"U1"});
    auto const writing = chat_update({"C1"}, {"1.1"}, {});
    std::vector<std::tuple<std::string, Errc, Errc>> const cases{
        // Slack's code, when reading, when writing
        {"ratelimited", Errc::rate_limited, Errc::rate_limited},
        {"rate_limited", Errc::rate_limited, Errc::rate_limited},
        {"service_unavailable", Errc::unavailable, Errc::timed_out},
        {"internal_error", Errc::unavailable, Errc::timed_out},
        {"fatal_error", Errc::unavailable, Errc::timed_out},
        {"request_timeout", Errc::unavailable, Errc::timed_out},
        {"team_added_to_org", Errc::unavailable, Errc::unavailable},
        {"org_login_required", Errc::unavailable, Errc::unavailable},
        {"missing_scope", Errc::forbidden, Errc::forbidden},
        {"not_in_channel", Errc::forbidden, Errc::forbidden},
        {"is_archived", Errc::forbidden, Errc::forbidden},
        {"restricted_action", Errc::forbidden, Errc::forbidden},
        {"restricted_action_thread_only_channel", Errc::forbidden, Errc::forbidden},
        {"invalid_auth", Errc::forbidden, Errc::forbidden},
        {"token_revoked", Errc::forbidden, Errc::forbidden},
        {"messages_tab_disabled", Errc::forbidden, Errc::forbidden},
        {"channel_not_found", Errc::not_found, Errc::not_found},
        {"message_not_found", Errc::not_found, Errc::not_found},
        {"unknown_method", Errc::forbidden, Errc::forbidden},
        {"hash_conflict", Errc::conflict, Errc::conflict},
        {"expired_trigger_id", Errc::conflict, Errc::conflict},
        {"trigger_exchanged", Errc::conflict, Errc::conflict},
        {"invalid_blocks", Errc::invalid, Errc::invalid},
        {"msg_too_long", Errc::invalid, Errc::invalid},
        {"never_heard_of", Errc::invalid, Errc::invalid},
    };
    for (auto const& [code, read, write] : cases) {
        auto const body = R"({"ok":false,"error":")" + code + "\"}";
        BOOST_TEST_CONTEXT(code) {
            BOOST_TEST((error_of(reading, 200, "", body).code == read));
            BOOST_TEST((error_of(writing, 200, "", body).code == write));
            BOOST_TEST(error_of(writing, 200, "", body).cause == code);
        }
    }
}

BOOST_AUTO_TEST_CASE(what_only_an_admin_can_mend) {
    for (auto const* cause : {"not_authed", "invalid_auth", "account_inactive", "token_revoked", "token_expired", "team_disabled",
                              "user_removed_from_team", "not_allowed_token_type"})
        BOOST_TEST(is_about_token(cause), cause);
    for (auto const* cause : {"", "missing_scope", "not_in_channel", "org_login_required", "team_added_to_org"})
        BOOST_TEST(!is_about_token(cause), cause);
}

BOOST_AUTO_TEST_CASE(status_comes_before_the_body) {
    auto const reading = users_info({"U1"});
    auto const writing = chat_update({"C1"}, {"1.1"}, {});
    auto const limited = error_of(writing, 429, "30", R"({"ok":true})");
    BOOST_TEST((limited.code == Errc::rate_limited));
    BOOST_TEST((limited.retry_after == std::chrono::seconds{30}));
    BOOST_TEST((error_of(writing, 503, "", R"({"ok":true})").code == Errc::timed_out));
    BOOST_TEST((error_of(reading, 500, "", "").code == Errc::unavailable));
    BOOST_TEST(error_of(reading, 502, "", "<html>").cause == "http_502");
    BOOST_TEST(error_of(reading, 503, "", R"({"ok":false,"error":"service_unavailable"})").cause == "service_unavailable");
    BOOST_TEST((error_of(reading, 200, "5", R"({"ok":false,"error":"ratelimited"})").retry_after == std::chrono::seconds{5}));
}

BOOST_AUTO_TEST_CASE(answers_that_are_none) {
    auto const reading = users_info({"U1"});
    auto const writing = chat_update({"C1"}, {"1.1"}, {});
    for (auto const* body : {"", "<html>", "[]", "null", "{}", R"({"ok":"true"})", R"({"ok":null})", R"({"ok":true)"}) {
        BOOST_TEST((error_of(writing, 200, "", body).code == Errc::timed_out));
        BOOST_TEST((error_of(reading, 200, "", body).code == Errc::unavailable));
    }
    BOOST_TEST((error_of(writing, 302, "", "").code == Errc::unavailable));
    BOOST_TEST((error_of(writing, 404, "", "not here").code == Errc::not_found));
    BOOST_TEST(error_of(writing, 200, "", R"({"ok":false})").cause == "unknown_error");
    BOOST_TEST(error_of(writing, 200, "", R"({"ok":false,"error":7})").cause == "unknown_error");
}

BOOST_AUTO_TEST_CASE(retry_after_of_any_kind) {
    std::vector<std::pair<std::string, long>> const cases{{"1", 1000},
                                                          {" 2 ", 2000},
                                                          {"0.5", 500},
                                                          {"0", 0},
                                                          {"-3", 0},
                                                          {"", 0},
                                                          {"soon", 0},
                                                          {"1x", 0},
                                                          {"nan", 0},
                                                          {"inf", 0},
                                                          {"1e9", 0},
                                                          {"99999999999", 86'400'000},
                                                          {"Wed, 21 Oct 2026 07:28:00 GMT", 0}};
    for (auto const& [header, ms] : cases) BOOST_TEST_CONTEXT(header) {
            BOOST_TEST(error_of(auth_test(), 429, header, "").retry_after.count() == ms);
        }
}

BOOST_AUTO_TEST_CASE(messages_say_what_is_missing) {
    auto const scope =
        error_of(auth_test(), 200, "", R"({"ok":false,"error":"missing_scope","needed":"chat:write","provided":"commands"})");
    BOOST_TEST(scope.message.find("chat:write") != std::string::npos);
    BOOST_TEST(scope.message.find("commands") != std::string::npos);
    auto const blocks = error_of(
        auth_test(), 200, "",
        R"({"ok":false,"error":"invalid_blocks","errors":[{"message":"too long","pointer":"/blocks/0"},"odd",7],)"
        R"("response_metadata":{"messages":["[ERROR] must be less than 151 characters [json-pointer:/blocks/0/text]",null]}})");
    for (auto const* part : {"json-pointer:/blocks/0/text", "too long", "odd"})
        BOOST_TEST(blocks.message.find(part) != std::string::npos);
    std::string endless = R"({"ok":false,"error":"x","errors":[)";
    for (int i = 0; i < 500; ++i) endless += "\"" + std::string(300, 'e') + "\",";
    BOOST_TEST(error_of(auth_test(), 200, "", endless + "\"\"]}").message.size() < 1200U);
}

BOOST_AUTO_TEST_CASE(identity) {
    auto const got = read_identity(object(R"({"team_id":"T1","user_id":"U1","bot_id":"B1","url":"https://x.slack.com/"})"));
    BOOST_TEST(got->bot_user.value == "U1");
    BOOST_TEST(got->workspace_url == "https://x.slack.com/");
    BOOST_TEST(read_identity(object(R"({"user_id":"U1"})")).has_error());
}

BOOST_AUTO_TEST_CASE(users) {
    auto const ana = *read_user(object(
        R"({"id":"U1","team_id":"T1","name":"ana.b","real_name":"Ana B","profile":{"display_name":"ana\n","real_name":"Ana B"},"tz":"Europe/Berlin","is_owner":true})"));
    BOOST_TEST(ana.name == "ana");
    BOOST_TEST(ana.timezone == "Europe/Berlin");
    BOOST_TEST(ana.admin);
    BOOST_TEST(!ana.bot);
    BOOST_TEST(read_user(object(R"({"id":"U1","profile":{"display_name":"","real_name":"Ana B"}})"))->name == "Ana B");
    BOOST_TEST(read_user(object(R"({"id":"U1","name":"ana","profile":null})"))->name == "ana");
    BOOST_TEST(read_user(object(R"({"id":"U1"})"))->name == "U1");
    BOOST_TEST(read_user(object(R"({"id":"USLACKBOT","is_bot":false})"))->bot);
    BOOST_TEST(read_user(object(R"({"id":"U1","is_ultra_restricted":true})"))->guest);
    BOOST_TEST(read_user(object(R"({"id":"U1","is_stranger":true,"deleted":true})"))->stranger);
    BOOST_TEST(read_user(object(R"({"name":"x"})")).has_error());
    auto const answer =
        object(R"({"members":[{"id":"U1"},{"name":"broken"},null,{"id":"U2"}],"response_metadata":{"next_cursor":"n"}})");
    BOOST_TEST(read_users(answer)->size() == 2U);
    BOOST_TEST(next_cursor(answer) == "n");
    BOOST_TEST(next_cursor(object("{}")) == "");
    BOOST_TEST(read_users(object("{}")).has_error());
}

BOOST_AUTO_TEST_CASE(channels) {
    auto const got =
        *read_channel(object(R"({"channel":{"id":"C1","name":"help","is_private":true,"is_ext_shared":true,"is_member":true}})"));
    BOOST_TEST((got.is_private && got.shared && got.member && !got.direct && !got.archived));
    auto const direct = *read_channel(object(R"({"channel":{"id":"D1","is_im":true}})"));
    BOOST_TEST((direct.direct && direct.is_private && direct.member));
    BOOST_TEST(read_channel(object(R"({"channel":"C1"})")).has_error());
}

BOOST_AUTO_TEST_CASE(posted_and_found_messages) {
    auto const posted = *read_posted(object(R"({"channel":"C1","ts":"2.2","message":{"thread_ts":"1.1"}})"));
    BOOST_TEST(posted.channel.value == "C1");
    BOOST_TEST(posted.thread_ts.value == "1.1");
    BOOST_TEST(read_posted(object(R"({"channel":"C1"})")).has_error());
    auto const messages = read_messages(object(
        R"({"messages":[{"ts":"1.1","thread_ts":"1.1","user":"U1","text":"a &lt;b"},7,{"text":"no ts"},)"
        R"({"ts":"2.2","thread_ts":"1.1","bot_id":"B1","metadata":{"event_type":"escalation_surface","event_payload":{"key":"card:1","installation":"i"}}},)"
        R"({"ts":"3.3","metadata":{"event_type":"other","event_payload":{"key":"card:1"}}}]})"));
    BOOST_TEST_REQUIRE(messages.size() == 3U);
    BOOST_TEST(messages[0].thread_ts.empty());
    BOOST_TEST(messages[0].text == "a &lt;b");
    BOOST_TEST(messages[1].metadata_key == "card:1");
    BOOST_TEST(messages[1].metadata_installation == "i");
    BOOST_TEST(messages[2].metadata_key == "");
    BOOST_TEST(read_messages(object("{}")).empty());
}

BOOST_AUTO_TEST_CASE(answers_to_interactions) {
    auto const ephemeral = json::parse(ephemeral_json(message()));
    BOOST_TEST(ephemeral.at("response_type") == "ephemeral");
    BOOST_TEST(ephemeral.at("blocks").as_array().size() == 1U);
    BOOST_TEST(!ephemeral.at("replace_original").as_bool());
    BOOST_TEST(!json::parse(ephemeral_json({.text = "x"})).as_object().contains("blocks"));
    BOOST_TEST(view_errors_json({{"title", "Say what is wrong"}}) ==
               R"({"response_action":"errors","errors":{"title":"Say what is wrong"}})");
    auto const update = json::parse(view_update_json({.callback_id = "c", .title = "t"}));
    BOOST_TEST(update.at("response_action") == "update");
    BOOST_TEST(update.at_pointer("/view/callback_id") == "c");
    BOOST_TEST(view_clear_json() == R"({"response_action":"clear"})");
}

BOOST_AUTO_TEST_SUITE_END()
