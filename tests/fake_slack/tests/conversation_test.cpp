// What is said, edited and deleted; views on top of each other and at Home; who is who.
#include "tests/fake_slack/tests/fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

namespace esc::fake {

BOOST_AUTO_TEST_SUITE(conversation)

namespace {

json::object event_of(json::object const& envelope) { return object_of(object_of(envelope, "payload"), "event"); }

json::object say(std::string const& text, std::string const& thread_ts = "", std::string const& channel = "#help") {
    json::object body{{"user", "@ana"}, {"channel", channel}, {"text", text}};
    if (!thread_ts.empty()) body["thread_ts"] = thread_ts;
    return body;
}

json::object button(std::string const& action_id) {
    return {{"type", "actions"},
            {"elements",
             json::array{json::object{{"type", "button"}, {"action_id", action_id}, {"text", plain("Go")}, {"value", "1"}}}}};
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_mention_comes_beside_its_message) {
    Fake fake;
    auto const wire = fake.connect();
    auto const before = wire->sent.size();
    auto const said = fake.act("message", say("@bot help"));
    BOOST_TEST_REQUIRE(wire->sent.size() == before + 2);
    auto const message = event_of(wire->sent[before]);
    auto const mention = event_of(wire->sent[before + 1]);
    BOOST_TEST(text_of(message, "type") == "message");
    BOOST_TEST(text_of(message, "channel_type") == "channel");
    BOOST_TEST(text_of(mention, "type") == "app_mention");
    BOOST_TEST(text_of(mention, "ts") == text_of(said, "ts"));
    BOOST_TEST(text_of(mention, "text") == "<@" + std::string(Workspace::bot_user) + "> help");
    fake.act("message", say("@bot help", text_of(said, "ts")));
    BOOST_TEST(text_of(event_of(wire->last()), "thread_ts") == text_of(said, "ts"));
}

BOOST_AUTO_TEST_CASE(people_edit_and_delete_their_own) {
    Fake fake;
    auto const wire = fake.connect();
    auto const ts = text_of(fake.act("message", say("Checkout fails")), "ts");
    json::object edit{{"user", "@bo"}, {"channel", "#help"}, {"ts", ts}, {"text", "Search fails"}};
    BOOST_TEST(!flag_of(fake.act("edit", edit), "ok"));
    edit["user"] = "@ana";
    BOOST_TEST(flag_of(fake.act("edit", edit), "ok"));
    auto const changed = event_of(wire->last());
    BOOST_TEST(text_of(changed, "subtype") == "message_changed");
    BOOST_TEST(text_of(object_of(changed, "message"), "text") == "Search fails");
    BOOST_TEST(text_of(object_of(changed, "message"), "ts") == ts);
    BOOST_TEST(object_of(changed, "message").contains("edited"));
    BOOST_TEST(text_of(object_of(changed, "previous_message"), "text") == "Checkout fails");
    BOOST_TEST(!flag_of(fake.act("delete", {{"user", "@bo"}, {"channel", "#help"}, {"ts", ts}}), "ok"));
    BOOST_TEST(flag_of(fake.act("delete", {{"user", "@ana"}, {"channel", "#help"}, {"ts", ts}}), "ok"));
    BOOST_TEST(text_of(event_of(wire->last()), "subtype") == "message_deleted");
    BOOST_TEST(text_of(event_of(wire->last()), "deleted_ts") == ts);
    BOOST_TEST(!flag_of(fake.act("edit", edit), "ok"));
}

BOOST_AUTO_TEST_CASE(a_thread_keeps_a_stone_in_place_of_its_first_message) {
    Fake fake;
    auto const wire = fake.connect();
    auto const ts = text_of(fake.act("message", say("Checkout fails")), "ts");
    fake.act("message", say("me too", ts));
    fake.act("delete", {{"user", "@ana"}, {"channel", "#help"}, {"ts", ts}});
    auto const event = event_of(wire->last());
    BOOST_TEST(text_of(event, "subtype") == "message_changed");
    BOOST_TEST(text_of(object_of(event, "message"), "subtype") == "tombstone");
    BOOST_TEST(text_of(object_of(event, "previous_message"), "user") == fake.person("ana"));
}

BOOST_AUTO_TEST_CASE(replies_files_and_replies_that_go_to_the_channel) {
    Fake fake;
    auto const wire = fake.connect();
    auto const ts = text_of(fake.act("message", say("Checkout fails")), "ts");
    auto reply = say("fixed", ts);
    reply["broadcast"] = true;
    auto const reply_ts = text_of(fake.act("message", reply), "ts");
    BOOST_TEST(text_of(event_of(wire->last()), "subtype") == "thread_broadcast");
    BOOST_TEST(text_of(object_of(event_of(wire->last()), "root"), "ts") == ts);
    auto file = say("", ts);
    file["file"] = "trace.txt";
    BOOST_TEST(flag_of(fake.act("message", file), "ok"));
    BOOST_TEST(text_of(event_of(wire->last()), "subtype") == "file_share");
    BOOST_TEST(!flag_of(fake.act("message", say("", ts)), "ok"));
    BOOST_TEST(!flag_of(fake.act("message", say("x", reply_ts)), "ok"));  // a reply to a reply
}

BOOST_AUTO_TEST_CASE(a_person_may_think_better_of_it) {
    Fake fake;
    auto const wire = fake.connect();
    auto asked = button("drop");
    asked["elements"].get_array()[0].get_object()["confirm"] = {
        {"title", plain("Sure?")}, {"text", plain("It goes.")}, {"confirm", plain("Yes")}, {"deny", plain("No")}};
    auto const ts =
        text_of(fake.call("chat.postMessage",
                          {{"channel", fake.channel("help")}, {"text", "x"}, {"blocks", json::array{asked, button("plain")}}}),
                "ts");
    auto const sent = wire->sent.size();
    json::object body{{"user", "@ana"}, {"channel", "#help"}, {"ts", ts}, {"action_id", "drop"}, {"deny", true}};
    BOOST_TEST(text_of(fake.act("click", body), "outcome") == "denied");
    body["action_id"] = "plain";
    BOOST_TEST(!flag_of(fake.act("click", body), "ok"));
    BOOST_TEST(wire->sent.size() == sent);
}

BOOST_AUTO_TEST_CASE(three_views_lie_on_top_of_each_other) {
    Fake fake;
    auto const wire = fake.connect();
    auto const trigger = fake.site.workspace.make_trigger(fake.person("ana"), fake.clock.now(), false);
    fake.call("views.open", {{"trigger_id", trigger}, {"view", modal({button("more")})}});
    auto const push = [&] {
        fake.begin("click", {{"user", "@ana"}, {"action_id", "more"}});
        auto const payload = object_of(wire->last(), "payload");
        BOOST_TEST(text_of(object_of(payload, "view"), "type") == "modal");
        return fake.error("views.push", {{"trigger_id", text_of(payload, "trigger_id")}, {"view", modal({button("more")})}});
    };
    BOOST_TEST(push() == "ok");
    BOOST_TEST(push() == "ok");
    BOOST_TEST(push() == "push_limit_reached");
    BOOST_TEST(fake.site.workspace.person("ana")->modals.size() == 3U);
}

BOOST_AUTO_TEST_CASE(home_is_shown_when_it_is_opened_and_pushes_nothing) {
    Fake fake;
    auto const wire = fake.connect();
    fake.act("open_home", {{"user", "@ana"}});
    BOOST_TEST(!event_of(wire->last()).contains("view"));
    json::object const home{{"type", "home"}, {"private_metadata", "mine"}, {"blocks", json::array{button("open")}}};
    BOOST_TEST(fake.error("views.publish", {{"user_id", fake.person("ana")}, {"view", home}}) == "ok");
    fake.act("open_home", {{"user", "@ana"}});
    BOOST_TEST(text_of(object_of(event_of(wire->last()), "view"), "private_metadata") == "mine");
    fake.begin("click", {{"user", "@ana"}, {"action_id", "open"}, {"home", true}});
    auto const payload = object_of(wire->last(), "payload");
    BOOST_TEST(text_of(object_of(payload, "view"), "type") == "home");
    json::object const arguments{{"trigger_id", text_of(payload, "trigger_id")}, {"view", modal({text_input("a")})}};
    BOOST_TEST(fake.error("views.push", arguments) == "invalid_trigger_id");
}

BOOST_AUTO_TEST_CASE(what_forms_hold) {
    Fake fake;
    auto const wire = fake.connect();
    json::object const option{{"text", plain("Told")}, {"value", "told"}};
    json::object const ticks{{"type", "input"},
                             {"block_id", "ticks"},
                             {"optional", true},
                             {"label", plain("Ticks")},
                             {"element", {{"type", "checkboxes"}, {"action_id", "a"}, {"options", json::array{option}}}}};
    json::object const when{{"type", "input"},
                            {"block_id", "when"},
                            {"label", plain("When")},
                            {"element", {{"type", "datetimepicker"}, {"action_id", "a"}, {"initial_date_time", 1'795'000'000}}}};
    json::object const who{{"type", "input"},
                           {"block_id", "who"},
                           {"label", plain("Who")},
                           {"element", {{"type", "users_select"}, {"action_id", "a"}, {"initial_user", fake.person("bo")}}}};
    auto const trigger = fake.site.workspace.make_trigger(fake.person("ana"), fake.clock.now(), false);
    BOOST_TEST_REQUIRE(fake.error("views.open", {{"trigger_id", trigger}, {"view", modal({ticks, when, who})}}) == "ok");
    fake.begin("submit", {{"user", "@ana"}, {"values", {{"ticks", json::array{"told"}}}}});
    auto const values = object_of(object_of(object_of(object_of(wire->last(), "payload"), "view"), "state"), "values");
    BOOST_TEST(json::serialize(object_of(object_of(values, "ticks"), "a").at("selected_options").at(0).at("value")) ==
               "\"told\"");
    BOOST_TEST(number_of(object_of(object_of(values, "when"), "a"), "selected_date_time").value_or(0) == 1'795'000'000);
    BOOST_TEST(text_of(object_of(object_of(values, "who"), "a"), "selected_user") == fake.person("bo"));
}

BOOST_AUTO_TEST_CASE(who_is_who_changes) {
    Fake fake;
    auto const wire = fake.connect();
    fake.control("group", {{"group", "agents"}, {"users", json::array{"@ana", "@riley"}}});
    auto const group = event_of(wire->last());
    BOOST_TEST(text_of(group, "type") == "subteam_members_changed");
    BOOST_TEST(array_of(group, "added_users").at(0).as_string() == fake.person("riley"));
    BOOST_TEST(array_of(group, "removed_users").at(0).as_string() == fake.person("bo"));
    fake.control("user", {{"user", "@riley"}, {"guest", true}});
    BOOST_TEST(flag_of(object_of(event_of(wire->last()), "user"), "is_restricted"));
    fake.control("user", {{"user", "@riley"}, {"deleted", true}});
    BOOST_TEST(flag_of(object_of(event_of(wire->last()), "user"), "deleted"));
    BOOST_TEST(fake.site.workspace.groups.at("S05AGT2K9F").users.size() == 1U);
    fake.control("invite", {{"channel", "#elsewhere"}, {"user", "@bot"}});
    BOOST_TEST(text_of(event_of(wire->last()), "type") == "member_joined_channel");
    fake.act("message", say("hello", "", "#elsewhere"));
    BOOST_TEST(text_of(event_of(wire->last()), "text") == "hello");
    fake.control("share", {{"channel", "#elsewhere"}, {"shared", true}});
    BOOST_TEST(text_of(event_of(wire->last()), "type") == "channel_shared");
    fake.control("share", {{"channel", "#elsewhere"}, {"shared", false}});
    BOOST_TEST(text_of(event_of(wire->last()), "type") == "channel_unshared");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace esc::fake
