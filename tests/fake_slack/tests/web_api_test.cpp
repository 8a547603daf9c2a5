// Tokens, scopes, arguments, channels, messages, paging, limits and ordered faults.
#include "tests/fake_slack/tests/fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace esc::fake {

BOOST_AUTO_TEST_SUITE(web_api)

BOOST_AUTO_TEST_CASE(tokens) {
    Fake fake;
    auto const error = [&](std::string const& token, std::string const& method, json::object const& arguments = {}) {
        return text_of(fake.call_with(token, method, arguments).body, "error");
    };
    auto const bot = fake.site.workspace.bot_token;
    auto const app = fake.site.workspace.app_token;
    auto const riley = "xoxp-" + fake.person("riley");
    BOOST_TEST(error(bot, "auth.test") == "");
    BOOST_TEST(error("xoxb-other", "auth.test") == "invalid_auth");
    BOOST_TEST(error("xoxp-U000", "auth.test") == "invalid_auth");
    BOOST_TEST(error(app, "auth.test") == "not_allowed_token_type");
    BOOST_TEST(error(bot, "apps.connections.open") == "not_allowed_token_type");
    BOOST_TEST(error(app, "apps.connections.open") == "");
    BOOST_TEST(error(riley, "chat.postMessage", {{"channel", fake.channel("help")}, {"text", "x"}}) == "not_allowed_token_type");
    auto const open = [&](std::string const& authorization, std::string const& body) {
        return text_of(fake.web
                           .call({.method = "apps.connections.open",
                                  .verb = "POST",
                                  .content_type = "application/x-www-form-urlencoded",
                                  .authorization = authorization,
                                  .query = "",
                                  .body = body})
                           .body,
                       "error");
    };
    BOOST_TEST(open("", "token=" + app) == "not_authed");
    BOOST_TEST(open("Bearer " + app, "") == "");
    BOOST_TEST(error(bot, "chat.whatever") == "unknown_method");
}

BOOST_AUTO_TEST_CASE(forms_carry_json_and_typed_values) {
    Fake fake;
    auto const answer = fake.web.call({.method = "chat.postMessage",
                                       .verb = "POST",
                                       .content_type = "application/x-www-form-urlencoded",
                                       .authorization = "Bearer " + fake.site.workspace.bot_token,
                                       .query = "",
                                       .body = "channel=" + fake.channel("help") +
                                               "&text=a+%26+b&unfurl_links=false&blocks=%5B%7B%22type%22%3A%22divider%22%7D%5D"});
    BOOST_TEST(flag_of(answer.body, "ok"));
    auto const message = object_of(answer.body, "message");
    BOOST_TEST(text_of(message, "text") == "a & b");
    BOOST_TEST(array_of(message, "blocks").size() == 1U);
    BOOST_TEST(fake.violations() == 0U);
}

BOOST_AUTO_TEST_CASE(refusals_by_argument) {
    Fake fake;
    auto const help = fake.channel("help");
    auto const triage = fake.channel("triage");
    auto const ts = fake.post(help);
    auto const typed = text_of(fake.act("message", {{"user", "@riley"}, {"channel", "#help"}, {"text", "hi"}}), "ts");
    fake.act("message", {{"user", "@ana"}, {"channel", "#triage"}, {"text", "gone soon"}});
    fake.site.workspace.channel("private-ops")->is_archived = true;
    auto const long_text = std::string(4001, 'x');
    std::vector<std::tuple<std::string, json::object, std::string>> const table{
        {"chat.postMessage", {{"channel", help}}, "no_text"},
        {"chat.postMessage", {{"channel", help}, {"text", ""}}, "no_text"},
        {"chat.postMessage", {{"text", "x"}}, "invalid_arguments"},
        {"chat.postMessage", {{"channel", help}, {"text", "x"}, {"colour", "red"}}, "invalid_arguments"},
        {"chat.postMessage", {{"channel", help}, {"text", "x"}, {"link_names", "perhaps"}}, "invalid_arguments"},
        {"chat.postMessage", {{"channel", help}, {"blocks", "[broken"}}, "invalid_blocks_format"},
        {"chat.postMessage", {{"channel", help}, {"blocks", json::array{json::object{{"type", "x"}}}}}, "invalid_blocks"},
        {"chat.postMessage", {{"channel", "C000"}, {"text", "x"}}, "channel_not_found"},
        {"chat.postMessage", {{"channel", "#help"}, {"text", "x"}}, "channel_not_found"},
        {"chat.postMessage", {{"channel", fake.channel("elsewhere")}, {"text", "x"}}, "not_in_channel"},
        {"chat.postMessage", {{"channel", fake.channel("private-ops")}, {"text", "x"}}, "is_archived"},
        {"chat.postMessage", {{"channel", help}, {"text", "x"}, {"thread_ts", "1.000001"}}, "thread_not_found"},
        {"chat.postMessage", {{"channel", help}, {"text", "x"}, {"metadata", {{"event_type", "t"}}}}, "invalid_metadata_schema"},
        {"chat.postMessage", {{"channel", help}, {"text", "x"}, {"username", "me"}}, "missing_scope"},
        {"chat.update", {{"channel", help}, {"ts", ts}, {"text", long_text}}, "msg_too_long"},
        {"chat.update", {{"channel", help}, {"ts", ts}, {"text", long_text.substr(1)}}, "ok"},
        {"chat.update", {{"channel", help}, {"ts", "1.000001"}, {"text", "x"}}, "message_not_found"},
        {"chat.update", {{"channel", help}, {"ts", typed}, {"text", "x"}}, "cant_update_message"},
        {"chat.update", {{"channel", fake.person("ana")}, {"ts", ts}, {"text", "x"}}, "channel_not_found"},
        {"chat.delete", {{"channel", help}, {"ts", typed}}, "cant_delete_message"},
        {"chat.postEphemeral", {{"channel", help}, {"user", "U000"}, {"text", "x"}}, "user_not_found"},
        {"chat.postEphemeral", {{"channel", triage}, {"user", fake.person("riley")}, {"text", "x"}}, "user_not_in_channel"},
        {"chat.getPermalink", {{"channel", help}, {"message_ts", "1.000001"}}, "message_not_found"},
        {"reactions.add", {{"channel", help}, {"timestamp", ts}, {"name", ":eyes:"}}, "invalid_name"},
        {"reactions.add", {{"channel", help}, {"timestamp", "1.000001"}, {"name", "eyes"}}, "message_not_found"},
        {"reactions.add", {{"channel", help}, {"timestamp", ts}, {"name", "eyes"}}, "ok"},
        {"reactions.add", {{"channel", help}, {"timestamp", ts}, {"name", "eyes"}}, "already_reacted"},
        {"users.info", {{"user", "U000"}}, "user_not_found"},
        {"usergroups.users.list", {{"usergroup", "S000"}}, "no_such_subteam"},
        {"conversations.history", {{"channel", fake.channel("elsewhere")}}, "not_in_channel"},
        {"conversations.history", {{"channel", help}, {"cursor", "made up"}}, "invalid_cursor"},
        {"conversations.history", {{"channel", help}, {"limit", 1000}}, "invalid_limit"},
        {"conversations.replies", {{"channel", help}, {"ts", "1.000001"}}, "thread_not_found"},
        {"conversations.open", {{"users", "U000"}}, "user_not_found"},
    };
    for (auto const& [method, arguments, expected] : table) {
        BOOST_TEST_CONTEXT(method << " " << json::serialize(arguments).substr(0, 100))
        BOOST_TEST(fake.error(method, arguments) == expected);
    }
}

BOOST_AUTO_TEST_CASE(scopes_and_what_they_name) {
    Fake fake;
    auto const help = fake.channel("help");
    std::vector<std::tuple<std::string, std::string, json::object>> const table{
        {"chat:write", "chat.postMessage", {{"channel", help}, {"text", "x"}}},
        {"users:read", "users.info", {{"user", fake.person("ana")}}},
        {"channels:history", "conversations.history", {{"channel", help}}},
        {"groups:history", "conversations.history", {{"channel", fake.channel("private-ops")}}},
        {"channels:read", "conversations.info", {{"channel", help}}},
        {"groups:read", "conversations.info", {{"channel", fake.channel("private-ops")}}},
        {"im:write", "conversations.open", {{"users", fake.person("ana")}}},
        {"usergroups:read", "usergroups.list", {}},
        {"reactions:write", "reactions.add", {{"channel", help}, {"timestamp", fake.post(help)}, {"name", "eyes"}}},
    };
    for (auto const& [scope, method, arguments] : table) {
        fake.control("scopes", {{"remove", json::array{scope}}});
        auto const answer = fake.call(method, arguments);
        BOOST_TEST_CONTEXT(scope) {
            BOOST_TEST(text_of(answer, "error") == "missing_scope");
            BOOST_TEST(text_of(answer, "needed") == scope);
            BOOST_TEST(("," + text_of(answer, "provided") + ",").find("," + scope + ",") == std::string::npos);
        }
        fake.control("scopes", {{"add", json::array{scope}}});
        BOOST_TEST(fake.error(method, arguments) == "ok");
    }
}

BOOST_AUTO_TEST_CASE(timestamps_are_strictly_monotonic_per_channel) {
    Fake fake;
    auto const first = fake.post(fake.channel("help"));
    auto const second = fake.post(fake.channel("help"));
    auto const elsewhere = fake.post(fake.channel("triage"));
    BOOST_TEST(first < second);
    BOOST_TEST(first == elsewhere);  // a ts means nothing without its channel
}

BOOST_AUTO_TEST_CASE(an_update_without_blocks_takes_them_away_and_keeps_metadata) {
    Fake fake;
    auto const help = fake.channel("help");
    auto const posted = fake.call("chat.postMessage", {{"channel", help},
                                                       {"text", "x"},
                                                       {"blocks", json::array{json::object{{"type", "divider"}}}},
                                                       {"metadata", {{"event_type", "t"}, {"event_payload", {{"key", "k"}}}}}});
    auto const changed =
        object_of(fake.call("chat.update", {{"channel", help}, {"ts", text_of(posted, "ts")}, {"text", "y"}}), "message");
    BOOST_TEST(!changed.contains("blocks"));
    BOOST_TEST(text_of(object_of(object_of(changed, "metadata"), "event_payload"), "key") == "k");
    auto const bare = fake.call("conversations.history", {{"channel", help}});
    auto const full = fake.call("conversations.history", {{"channel", help}, {"include_all_metadata", true}});
    BOOST_TEST(!object_of(array_of(bare, "messages")[0].get_object(), "metadata").contains("event_payload"));
    BOOST_TEST(object_of(array_of(full, "messages")[0].get_object(), "metadata").contains("event_payload"));
}

BOOST_AUTO_TEST_CASE(history_pages_newest_first_and_windows_are_exclusive) {
    Fake fake;
    fake.site.limits.enforced = false;
    auto const help = fake.channel("help");
    std::vector<std::string> ts;
    for (int i = 0; i < 5; ++i) {
        ts.push_back(fake.post(help));
        fake.clock.advance(std::chrono::seconds{1});
    }
    std::vector<std::string> seen;
    std::string cursor;
    do {
        json::object arguments{{"channel", help}, {"limit", 2}};
        if (!cursor.empty()) arguments["cursor"] = cursor;
        auto const page = fake.call("conversations.history", arguments);
        for (auto const& message : array_of(page, "messages")) seen.push_back(text_of(message.get_object(), "ts"));
        cursor = text_of(object_of(page, "response_metadata"), "next_cursor");
    } while (!cursor.empty());
    BOOST_TEST(seen == std::vector<std::string>(ts.rbegin(), ts.rend()), boost::test_tools::per_element());
    auto const between = [&](bool inclusive) {
        return array_of(fake.call("conversations.history",
                                  {{"channel", help}, {"oldest", ts[1]}, {"latest", ts[3]}, {"inclusive", inclusive}}),
                        "messages")
            .size();
    };
    BOOST_TEST(between(false) == 1U);
    BOOST_TEST(between(true) == 3U);
}

BOOST_AUTO_TEST_CASE(threads) {
    Fake fake;
    auto const help = fake.channel("help");
    auto const parent = fake.post(help);
    auto const reply = text_of(fake.call("chat.postMessage", {{"channel", help}, {"text", "r"}, {"thread_ts", parent}}), "ts");
    BOOST_TEST(fake.error("chat.postMessage", {{"channel", help}, {"text", "r"}, {"thread_ts", reply}}) == "thread_not_found");
    auto const history = array_of(fake.call("conversations.history", {{"channel", help}}), "messages");
    BOOST_TEST(history.size() == 1U);
    BOOST_TEST(number_of(history[0].get_object(), "reply_count").value_or(0) == 1);
    BOOST_TEST(array_of(fake.call("conversations.replies", {{"channel", help}, {"ts", parent}}), "messages").size() == 2U);
    auto const alone =
        array_of(fake.call("conversations.replies",
                           {{"channel", help}, {"ts", reply}, {"oldest", reply}, {"latest", reply}, {"inclusive", true}}),
                 "messages");
    BOOST_TEST(alone.size() == 1U);
    BOOST_TEST(text_of(alone[0].get_object(), "thread_ts") == parent);
    fake.control("delete_message", {{"channel", "#help"}, {"ts", parent}});
    BOOST_TEST(fake.error("chat.update", {{"channel", help}, {"ts", parent}, {"text", "x"}}) == "message_not_found");
    BOOST_TEST(fake.error("chat.postMessage", {{"channel", help}, {"text", "r"}, {"thread_ts", parent}}) == "ok");
}

BOOST_AUTO_TEST_CASE(people_read_what_they_may_see) {
    Fake fake;
    auto const history = [&](std::string_view who, std::string_view channel) {
        return text_of(
            fake.call_with("xoxp-" + fake.person(who), "conversations.history", {{"channel", fake.channel(channel)}}).body,
            "error");
    };
    BOOST_TEST(history("ana", "private-ops") == "");
    BOOST_TEST(history("riley", "private-ops") == "channel_not_found");
    BOOST_TEST(history("max", "elsewhere") == "");
    BOOST_TEST(history("carol", "acme-shared") == "");
    BOOST_TEST(history("carol", "help") == "channel_not_found");
    BOOST_TEST(history("guest", "general") == "channel_not_found");
    auto const members = array_of(fake.call("users.list", {}), "members");
    for (auto const& member : members) BOOST_TEST(text_of(member.get_object(), "id") != fake.person("carol"));
}

BOOST_AUTO_TEST_CASE(rate_limits_say_when_to_come_back) {
    Fake fake;
    auto const post = [&] {
        return fake.call_with(fake.site.workspace.bot_token, "chat.postMessage",
                              {{"channel", fake.channel("help")}, {"text", "x"}});
    };
    for (int i = 0; i < RateLimits::posts_burst; ++i) BOOST_TEST(post().status == 200);
    auto const refused = post();
    BOOST_TEST(refused.status == 429);
    BOOST_TEST(text_of(refused.body, "error") == "ratelimited");
    std::string retry_after;
    for (auto const& [name, value] : refused.headers)
        if (name == "Retry-After") retry_after = value;
    BOOST_TEST(retry_after == "1");
    fake.post(fake.channel("triage"));
    fake.clock.advance(std::chrono::seconds{1});
    BOOST_TEST(post().status == 200);
    BOOST_TEST(post().status == 429);

    auto const burst = RateLimits::burst_of(20);
    for (int i = 0; i < burst; ++i) BOOST_TEST(fake.error("users.list", {}) == "ok");
    BOOST_TEST(fake.error("users.list", {}) == "ratelimited");
    BOOST_TEST(fake.error("users.info", {{"user", fake.person("ana")}}) == "ok");
    fake.clock.advance(std::chrono::seconds{3});
    BOOST_TEST(fake.error("users.list", {}) == "ok");
}

BOOST_AUTO_TEST_CASE(ordered_faults) {
    Fake fake;
    auto const help = fake.channel("help");
    fake.control("fail", {{"method", "chat.postMessage"}, {"times", 2}, {"status", 503}});
    for (int i = 0; i < 2; ++i)
        BOOST_TEST(fake.call_with(fake.site.workspace.bot_token, "chat.postMessage", {{"channel", help}, {"text", "x"}}).status ==
                   503);
    BOOST_TEST(fake.site.workspace.channel("help")->messages.empty());
    fake.control("fail", {{"method", "chat.postMessage"}, {"error", "internal_error"}, {"after_effect", true}});
    BOOST_TEST(fake.error("chat.postMessage", {{"channel", help}, {"text", "lost"}}) == "internal_error");
    BOOST_TEST(fake.site.workspace.channel("help")->messages.size() == 1U);
    BOOST_TEST(fake.error("chat.postMessage", {{"channel", help}, {"text", "x"}}) == "ok");
    BOOST_TEST(fake.site.records.journal().size() == 4U);
    BOOST_TEST(text_of(fake.site.records.journal()[0].arguments, "text") == "x");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace esc::fake
