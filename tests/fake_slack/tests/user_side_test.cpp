// People: commands, clicks, modals, shortcuts, reactions; what arrives at response URLs.
#include "tests/fake_slack/tests/fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>

namespace esc::fake {

BOOST_AUTO_TEST_SUITE(user_side)

namespace {

json::object payload_of(json::object const& envelope) { return object_of(envelope, "payload"); }

// A message of the bot in #help with one button.
std::string post_button(Fake& fake, std::string const& action_id) {
    json::object const button{{"type", "button"}, {"action_id", action_id}, {"text", plain("Go")}, {"value", "v1"}};
    return text_of(
        fake.call("chat.postMessage", {{"channel", fake.channel("help")},
                                       {"text", "x"},
                                       {"blocks", json::array{json::object{{"type", "actions"}, {"elements", {button}}}}}}),
        "ts");
}

// Opens a modal for @ana and returns its id.
std::string open_modal(Fake& fake, json::object view) {
    auto const trigger = fake.site.workspace.make_trigger(fake.person("ana"), fake.clock.now(), false);
    return text_of(object_of(fake.call("views.open", {{"trigger_id", trigger}, {"view", std::move(view)}}), "view"), "id");
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_command_waits_for_its_ack) {
    Fake fake;
    auto const wire = fake.connect();
    auto const answer = fake.begin(
        "command", {{"user", "@riley"}, {"channel", "#help"}, {"command", "/escalate"}, {"text", "for @ana in #triage <b>"}});
    BOOST_TEST(!answer->has_value());
    auto const payload = payload_of(wire->last());
    BOOST_TEST(text_of(wire->last(), "type") == "slash_commands");
    BOOST_TEST(flag_of(wire->last(), "accepts_response_payload"));
    BOOST_TEST(text_of(payload, "text") ==
               "for <@" + fake.person("ana") + "|ana> in <#" + fake.channel("triage") + "|triage> &lt;b&gt;");
    fake.ack(wire->last(), json::object{{"text", "done"}});
    BOOST_TEST(text_of(**answer, "outcome") == "acked");
    BOOST_TEST(text_of(object_of(**answer, "ephemeral"), "text") == "done");
    BOOST_TEST(array_of(fake.act("ephemerals", {{"user", "@riley"}}), "messages").size() == 1U);
    BOOST_TEST(array_of(fake.act("ephemerals", {{"user", "@ana"}}), "messages").empty());
    BOOST_TEST(fake.violations() == 0U);
}

BOOST_AUTO_TEST_CASE(a_command_is_not_repeated) {
    Fake fake;
    json::object const body{{"user", "@riley"}, {"channel", "#help"}, {"command", "/escalate"}};
    BOOST_TEST(text_of(fake.act("command", body), "outcome") == "no_connection");
    auto const wire = fake.connect();
    auto const sent = wire->sent.size();
    auto const answer = fake.begin("command", body);
    fake.clock.advance(std::chrono::minutes{10});
    BOOST_TEST(text_of(**answer, "outcome") == "timed_out");
    BOOST_TEST(wire->sent.size() == sent + 1);
    fake.ack(wire->last());
    BOOST_TEST(fake.violations() == 1U);
}

BOOST_AUTO_TEST_CASE(who_may_not) {
    AppManifest manifest;
    manifest.everything = false;
    manifest.commands["/escalate"] = true;
    manifest.shortcuts["escalate_message"] = "message";
    manifest.scopes = {"commands", "chat:write"};
    Fake fake(manifest);
    auto const refused = [&](std::string const& name, json::object const& body) { return !flag_of(fake.act(name, body), "ok"); };
    BOOST_TEST(refused("command", {{"user", "@riley"}, {"channel", "#help"}, {"command", "/other"}}));
    BOOST_TEST(!refused("command", {{"user", "@riley"}, {"channel", "#help"}, {"command", "/escalate"}}));
    BOOST_TEST(refused("command", {{"user", "@carol"}, {"channel", "#acme-shared"}, {"command", "/escalate"}}));
    BOOST_TEST(refused("shortcut", {{"user", "@riley"}, {"callback_id", "escalate_message"}}));
    BOOST_TEST(refused("message", {{"user", "@riley"}, {"channel", "#triage"}, {"text", "x"}}));
    BOOST_TEST(refused("message", {{"user", "@nobody"}, {"channel", "#help"}, {"text", "x"}}));
    BOOST_TEST(refused("message", {{"user", "@riley"}, {"channel", "#help"}, {"text", "x"}, {"colour", "red"}}));
    BOOST_TEST(refused("dance", {{"user", "@riley"}}));
}

BOOST_AUTO_TEST_CASE(a_click_needs_a_button_that_is_shown) {
    Fake fake;
    auto const wire = fake.connect();
    auto const ts = post_button(fake, "claim");
    json::object body{{"user", "@ana"}, {"channel", "#help"}, {"ts", ts}, {"action_id", "claim"}};
    BOOST_TEST(!flag_of(fake.act("click", {{"user", "@ana"}, {"channel", "#help"}, {"ts", ts}, {"action_id", "other"}}), "ok"));
    auto const first = fake.begin("click", body);
    auto const envelope = wire->last();
    auto const action = array_of(payload_of(envelope), "actions")[0].get_object();
    BOOST_TEST(text_of(action, "value") == "v1");
    BOOST_TEST(text_of(object_of(payload_of(envelope), "container"), "message_ts") == ts);
    fake.ack(envelope, json::object());
    BOOST_TEST(text_of(**first, "outcome") == "acked");

    fake.call("chat.update", {{"channel", fake.channel("help")}, {"ts", ts}, {"text", "done"}});
    BOOST_TEST(!flag_of(fake.act("click", body), "ok"));
    body["stale"] = true;
    auto const stale = fake.begin("click", body);
    BOOST_TEST(!stale->has_value());
}

BOOST_AUTO_TEST_CASE(response_urls_live_five_uses_or_half_an_hour) {
    Fake fake;
    auto const wire = fake.connect();
    auto const url = [&] {
        fake.begin("command", {{"user", "@riley"}, {"channel", "#help"}, {"command", "/escalate"}});
        return text_of(payload_of(wire->last()), "response_url").substr(fake.site.base_url.size());
    };
    auto const first = url();
    for (int i = 0; i < Workspace::response_url_uses; ++i) BOOST_TEST(fake.people.respond(first, R"({"text":"x"})").first == 200);
    BOOST_TEST(fake.people.respond(first, R"({"text":"x"})").second == "used_url");
    auto const second = url();
    fake.clock.advance(Workspace::response_url_life);
    BOOST_TEST(fake.people.respond(second, R"({"text":"x"})").first == 200);
    fake.clock.advance(Duration{1});
    BOOST_TEST(fake.people.respond(second, R"({"text":"x"})").second == "expired_url");
    BOOST_TEST(fake.people.respond("/commands/none", R"({"text":"x"})").first == 404);
    auto const third = url();
    BOOST_TEST(fake.people.respond(third, "text=x").first == 400);
    BOOST_TEST(fake.people.respond(third, R"({"txt":"x"})").first == 400);
    BOOST_TEST(fake.people.respond(third, R"({"text":"all","response_type":"in_channel"})").first == 200);
    BOOST_TEST(fake.site.workspace.channel("help")->messages.size() == 1U);
}

BOOST_AUTO_TEST_CASE(triggers_are_used_once_and_within_three_seconds) {
    Fake fake;
    auto const open = [&](std::string const& trigger) {
        return fake.error("views.open", {{"trigger_id", trigger}, {"view", modal({text_input("a")})}});
    };
    auto const trigger = [&] { return fake.site.workspace.make_trigger(fake.person("ana"), fake.clock.now(), false); };
    auto const first = trigger();
    BOOST_TEST(fake.error("views.open", {{"trigger_id", first}, {"view", {{"type", "modal"}}}}) == "invalid_arguments");
    BOOST_TEST(open(first) == "ok");
    BOOST_TEST(open(first) == "exchanged_trigger_id");
    BOOST_TEST(open("made up") == "invalid_trigger_id");
    auto const second = trigger();
    fake.clock.advance(Workspace::trigger_life);
    BOOST_TEST(open(second) == "ok");
    auto const third = trigger();
    fake.clock.advance(Workspace::trigger_life + Duration{1});
    BOOST_TEST(open(third) == "expired_trigger_id");
    BOOST_TEST(fake.error("views.push", {{"trigger_id", trigger()}, {"view", modal({text_input("a")})}}) == "invalid_trigger_id");
}

BOOST_AUTO_TEST_CASE(updates_of_views_check_their_hash) {
    Fake fake;
    auto const id = open_modal(fake, modal({text_input("a")}));
    auto const hash = fake.site.workspace.view_by_id(id)->hash;
    json::object const view = modal({text_input("b")});
    BOOST_TEST(fake.error("views.update", {{"view_id", id}, {"hash", hash}, {"view", view}}) == "ok");
    BOOST_TEST(fake.error("views.update", {{"view_id", id}, {"hash", hash}, {"view", view}}) == "hash_conflict");
    BOOST_TEST(fake.error("views.update", {{"view_id", "V000"}, {"view", view}}) == "not_found");
    json::object const home{{"type", "home"}, {"blocks", json::array()}};
    BOOST_TEST(fake.error("views.publish", {{"user_id", fake.person("ana")}, {"view", home}}) == "ok");
    BOOST_TEST(fake.error("views.publish", {{"user_id", fake.person("ana")}, {"view", home}, {"hash", "old"}}) ==
               "hash_conflict");
    BOOST_TEST(fake.error("views.publish", {{"user_id", fake.person("ana")}, {"view", view}}) == "invalid_arguments");
}

BOOST_AUTO_TEST_CASE(a_submission_is_checked_before_it_is_sent) {
    Fake fake;
    auto const wire = fake.connect();
    open_modal(fake, modal({text_input("a")}));
    auto const sent = wire->sent.size();
    auto const refused = [&](json::object const& values) {
        auto const answer = fake.act("submit", {{"user", "@ana"}, {"values", values}});
        return text_of(answer, "outcome") == "refused_by_client" && object_of(answer, "errors").size() == 1;
    };
    BOOST_TEST(refused({}));
    BOOST_TEST(refused({{"a", ""}}));
    BOOST_TEST(refused({{"a", "eleven char"}}));
    BOOST_TEST(refused({{"a", "ten chars!"}, {"other", "x"}}));
    BOOST_TEST(wire->sent.size() == sent);
    auto const answer = fake.begin("submit", {{"user", "@ana"}, {"values", {{"a", "ten chars!"}}}});
    auto const values = object_of(object_of(object_of(payload_of(wire->last()), "view"), "state"), "values");
    BOOST_TEST(text_of(object_of(object_of(values, "a"), "text"), "value") == "ten chars!");
    fake.ack(wire->last());
    BOOST_TEST(flag_of(**answer, "closed"));
    BOOST_TEST(fake.act("view", {{"user", "@ana"}}).at("view").is_null());
}

BOOST_AUTO_TEST_CASE(answers_to_a_submission) {
    Fake fake;
    auto const wire = fake.connect();
    auto const submit = [&](json::object const& payload) {
        open_modal(fake, modal({text_input("a")}));
        auto const answer = fake.begin("submit", {{"user", "@ana"}, {"values", {{"a", "x"}}}});
        fake.ack(wire->last(), payload);
        return **answer;
    };
    auto const errors = submit({{"response_action", "errors"}, {"errors", {{"a", "No."}}}});
    BOOST_TEST(text_of(object_of(errors, "errors"), "a") == "No.");
    BOOST_TEST(!flag_of(errors, "closed"));
    auto const updated = submit({{"response_action", "update"}, {"view", modal({text_input("b")})}});
    BOOST_TEST(text_of(array_of(object_of(updated, "view"), "blocks")[0].get_object(), "block_id") == "b");
    BOOST_TEST(flag_of(submit({{"response_action", "clear"}}), "closed"));
    BOOST_TEST(fake.violations() == 0U);
    submit({{"response_action", "errors"}, {"errors", {{"no such block", "No."}}}});
    BOOST_TEST(fake.violations() == 1U);
    submit({{"response_action", "dance"}});
    BOOST_TEST(fake.violations() == 2U);
    submit({{"response_action", "update"}, {"view", {{"type", "modal"}}}});
    BOOST_TEST(fake.violations() == 3U);
}

BOOST_AUTO_TEST_CASE(events_go_where_the_bot_is_and_only_when_subscribed) {
    AppManifest manifest;
    manifest.everything = false;
    manifest.events = {"reaction_added", "message.channels"};
    manifest.scopes = {"reactions:read", "channels:history", "chat:write"};
    Fake fake(manifest);
    auto const wire = fake.connect();
    auto const events_after = [&](std::string const& action, json::object const& body) {
        auto const before = wire->sent.size();
        BOOST_TEST(flag_of(fake.act(action, body), "ok"));
        return wire->sent.size() - before;
    };
    auto const say = [](std::string const& channel) {
        return json::object{{"user", "@ana"}, {"channel", channel}, {"text", "hi @bot"}};
    };
    BOOST_TEST(events_after("message", say("#help")) == 1U);         // no app_mention: not subscribed
    BOOST_TEST(events_after("message", say("#private-ops")) == 0U);  // message.groups is not subscribed
    BOOST_TEST(events_after("message", say("#elsewhere")) == 0U);    // the bot is not there
    auto const ts = fake.site.workspace.channel("help")->messages.begin()->first;
    json::object const reaction{{"user", "@bo"}, {"channel", "#help"}, {"ts", ts}, {"name", "eyes"}};
    BOOST_TEST(events_after("react", reaction) == 1U);
    auto const event = object_of(payload_of(wire->last()), "event");
    BOOST_TEST(text_of(object_of(event, "item"), "ts") == ts);
    BOOST_TEST(text_of(event, "item_user") == fake.person("ana"));
    BOOST_TEST(events_after("unreact", reaction) == 0U);
    fake.control("scopes", {{"remove", json::array{"reactions:read"}}});
    BOOST_TEST(events_after("react", reaction) == 0U);
    BOOST_TEST(!flag_of(fake.act("react", reaction), "ok"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace esc::fake
