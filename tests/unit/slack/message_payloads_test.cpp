// What is said in channels, mentions, Home and forms: shapes as docs.slack.dev prints them, and what is read from each.
#include "bot/slack/parse_payloads.hpp"

#include <fmt/format.h>
#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

using namespace esc;
using namespace esc::slack;

namespace {

boost::json::object object(std::string const& text) { return boost::json::parse(text).as_object(); }

Result<Payload> event(std::string const& inner, std::string const& outer = "") {
    return parse_event(object(R"({"token":"z","team_id":"T123ABC456","api_app_id":"A123","type":"event_callback",)"
                              R"("event_id":"Ev123ABC456","event_time":1515449522,)" +
                              outer + R"("event":)" + inner + "}"));
}

template <class T>
T as(Result<Payload> const& payload) {
    BOOST_TEST_REQUIRE(payload.has_value());
    BOOST_TEST_REQUIRE(std::holds_alternative<T>(*payload));
    return std::get<T>(*payload);
}

std::string show(MessageRef const& ref) { return fmt::format("{} {} {}", ref.channel, ref.ts, ref.thread_ts); }

struct Show {
    std::string operator()(MessagePosted const& in) const {
        return fmt::format("posted {} by {}|{} in {}: {}", show(in.message), in.user, in.user_workspace, in.channel_type,
                           in.text);
    }
    std::string operator()(MessageChanged const& in) const {
        return fmt::format("changed {} by {} at {}: {}", show(in.message), in.user, in.event_ts, in.text);
    }
    std::string operator()(MessageDeleted const& in) const {
        return fmt::format("deleted {} at {}", show(in.message), in.event_ts);
    }
    std::string operator()(AppMention const& in) const {
        return fmt::format("mention {} by {}|{}: {}", show(in.message), in.user, in.user_workspace, in.text);
    }
    std::string operator()(ReactionRemoved const& in) const {
        return fmt::format("unreacted {} by {}: {} at {}", show(in.item), in.user, in.reaction, in.event_ts);
    }
    std::string operator()(AppHomeOpened const& in) const {
        return fmt::format("home {} {} [{}]", in.user, in.tab, in.private_metadata);
    }
    std::string operator()(OtherEvent const& in) const { return fmt::format("other {} {}", in.type, in.subtype); }
    std::string operator()(auto const&) const { return "something else"; }
};

std::string show(Result<Payload> const& payload) {
    return payload ? std::visit(Show{}, *payload) : "invalid: " + payload.error().message;
}

struct Case {
    std::string_view name;
    std::string inner;
    std::string expected;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(message_payloads)

BOOST_AUTO_TEST_CASE(every_message_event) {
    std::vector<Case> const cases{
        {"in a channel",
         R"({"type":"message","channel":"C123ABC456","user":"U123ABC456","text":"Hello world","ts":"1355517523.000005","event_ts":"1355517523.000005","channel_type":"channel"})",
         "posted C123ABC456 1355517523.000005  by U123ABC456| in channel: Hello world"},
        {"in a private channel", R"({"type":"message","channel":"G1","user":"U1","text":"x","ts":"1.1","channel_type":"group"})",
         "posted G1 1.1  by U1| in group: x"},
        {"in a direct message", R"({"type":"message","channel":"D1","user":"U1","text":"help","ts":"1.1","channel_type":"im"})",
         "posted D1 1.1  by U1| in im: help"},
        {"a reply",
         R"({"type":"message","channel":"C1","user":"U1","text":"x","ts":"2.2","thread_ts":"1.1","parent_user_id":"U2","channel_type":"channel"})",
         "posted C1 2.2 1.1 by U1| in channel: x"},
        {"a thread's first message", R"({"type":"message","channel":"C1","user":"U1","text":"x","ts":"1.1","thread_ts":"1.1"})",
         "posted C1 1.1  by U1| in : x"},
        {"of somebody from another workspace",
         R"({"type":"message","channel":"C1","user":"U1","user_team":"T9","source_team":"T9","team":"T9","text":"x","ts":"1.1"})",
         "posted C1 1.1  by U1|T9 in : x"},
        {"a file with words",
         R"({"type":"message","subtype":"file_share","channel":"C1","user":"U1","text":"see","ts":"1.1","upload":true,"files":[{"id":"F1"}]})",
         "posted C1 1.1  by U1| in : see"},
        {"a file without words",
         R"({"type":"message","subtype":"file_share","channel":"C1","user":"U1","text":"","ts":"1.1","files":[{"id":"F1"}]})",
         "posted C1 1.1  by U1| in : "},
        {"a reply also sent to the channel",
         R"({"type":"message","subtype":"thread_broadcast","channel":"C1","user":"U1","text":"x","ts":"2.2","thread_ts":"1.1","root":{"ts":"1.1"}})",
         "posted C1 2.2 1.1 by U1| in : x"},
        {"of a bot, as it was once told",
         R"({"type":"message","subtype":"bot_message","channel":"C1","bot_id":"B1","text":"x","ts":"1.1"})",
         "other message bot_message"},
        {"of a bot, as it is told now",
         R"({"type":"message","channel":"C1","user":"U9","bot_id":"B1","app_id":"A9","text":"x","ts":"1.1"})", "other message "},
        {"of this app", R"({"type":"message","channel":"C1","user":"U9","app_id":"A123","text":"x","ts":"1.1"})",
         "other message "},
        {"of Slackbot", R"({"type":"message","channel":"C1","user":"USLACKBOT","text":"x","ts":"1.1"})", "other message "},
        {"somebody came in",
         R"({"type":"message","subtype":"channel_join","channel":"C1","user":"U1","text":"<@U1> has joined","ts":"1.1"})",
         "other message channel_join"},
        {"a topic",
         R"({"type":"message","subtype":"channel_topic","channel":"C1","user":"U1","text":"x","topic":"y","ts":"1.1"})",
         "other message channel_topic"},
        {"hidden and replied to",
         R"({"type":"message","subtype":"message_replied","hidden":true,"channel":"C1","message":{"ts":"1.1"},"ts":"2.2"})",
         "other message message_replied"},
        {"an edit",
         R"({"type":"message","subtype":"message_changed","hidden":true,"channel":"C123ABC456","ts":"1358878755.000001","event_ts":"1358878755.000001","message":{"type":"message","user":"U123ABC456","text":"Hello, world!","ts":"1355517523.000005","edited":{"user":"U123ABC456","ts":"1358878755.000001"}},"previous_message":{"text":"Hello","ts":"1355517523.000005"}})",
         "changed C123ABC456 1355517523.000005  by U123ABC456 at 1358878755.000001: Hello, world!"},
        {"an edit of a reply, without what stood there",
         R"({"type":"message","subtype":"message_changed","channel":"C1","ts":"3.3","message":{"user":"U1","text":"x","ts":"2.2","thread_ts":"1.1"}})",
         "changed C1 2.2 1.1 by U1 at 3.3: x"},
        {"an edit by a bot",
         R"({"type":"message","subtype":"message_changed","channel":"C1","ts":"3.3","message":{"user":"U9","bot_id":"B1","app_id":"A9","text":"x","ts":"2.2"}})",
         "changed C1 2.2  by  at 3.3: x"},
        {"a card of ours that was refreshed",
         R"({"type":"message","subtype":"message_changed","channel":"C1","ts":"3.3","message":{"user":"U9","bot_id":"B1","app_id":"A123","text":"x","ts":"2.2"}})",
         "other message message_changed"},
        {"the same by its profile only",
         R"({"type":"message","subtype":"message_changed","channel":"C1","ts":"3.3","message":{"user":"U9","bot_id":"B1","bot_profile":{"app_id":"A123"},"text":"x","ts":"2.2"}})",
         "other message message_changed"},
        {"a link that was unfurled",
         R"({"type":"message","subtype":"message_changed","channel":"C1","ts":"3.3","message":{"user":"U1","text":"x","ts":"2.2","attachments":[{}]},"previous_message":{"text":"x","ts":"2.2"}})",
         "other message message_changed"},
        {"a deletion",
         R"({"type":"message","subtype":"message_deleted","hidden":true,"channel":"C123ABC456","ts":"1358878755.000001","deleted_ts":"1358878749.000002","event_ts":"1358878755.000002"})",
         "deleted C123ABC456 1358878749.000002  at 1358878755.000002"},
        {"a deletion of a reply",
         R"({"type":"message","subtype":"message_deleted","channel":"C1","ts":"3.3","deleted_ts":"2.2","previous_message":{"user":"U1","ts":"2.2","thread_ts":"1.1"}})",
         "deleted C1 2.2 1.1 at 3.3"},
        {"a deletion that names the message itself only",
         R"({"type":"message","subtype":"message_deleted","channel":"C1","ts":"3.3","previous_message":{"user":"U1","ts":"2.2","thread_ts":"2.2"}})",
         "deleted C1 2.2  at 3.3"},
        {"a deletion of a message of ours",
         R"({"type":"message","subtype":"message_deleted","channel":"C1","ts":"3.3","deleted_ts":"2.2","previous_message":{"bot_id":"B1","app_id":"A123","ts":"2.2"}})",
         "other message message_deleted"},
        {"a thread's first message goes and leaves a stone",
         R"({"type":"message","subtype":"message_changed","hidden":true,"channel":"C1","ts":"3.3","message":{"subtype":"tombstone","text":"This message was deleted.","user":"USLACKBOT","hidden":true,"ts":"1.1","thread_ts":"1.1"},"previous_message":{"user":"U1","text":"x","ts":"1.1","thread_ts":"1.1"}})",
         "deleted C1 1.1  at 3.3"},
        {"a mention",
         R"({"type":"app_mention","user":"U061F7AUR","text":"<@U0LAN0Z89> is it everything a river should be?","ts":"1515449522.000016","channel":"C123ABC456","event_ts":"1515449522000016"})",
         "mention C123ABC456 1515449522.000016  by U061F7AUR|: <@U0LAN0Z89> is it everything a river should be?"},
        {"a mention in a thread by somebody from another workspace",
         R"({"type":"app_mention","user":"U1","user_team":"T9","text":"<@U9> help","ts":"2.2","thread_ts":"1.1","channel":"C1"})",
         "mention C1 2.2 1.1 by U1|T9: <@U9> help"},
        {"a mention by a bot",
         R"({"type":"app_mention","user":"U1","bot_id":"B1","text":"<@U9> help","ts":"2.2","channel":"C1"})",
         "other app_mention "},
        {"a reaction taken back",
         R"({"type":"reaction_removed","user":"U123ABC456","reaction":"thumbsup::skin-tone-3","item_user":"U222222222","item":{"type":"message","channel":"C123ABC456","ts":"1360782400.498405"},"event_ts":"1360782804.083113"})",
         "unreacted C123ABC456 1360782400.498405  by U123ABC456: thumbsup at 1360782804.083113"},
        {"a reaction taken back from a file",
         R"({"type":"reaction_removed","user":"U1","reaction":"x","item":{"type":"file","file":"F1"}})",
         "other reaction_removed file"},
        {"the Home tab, first time",
         R"({"type":"app_home_opened","user":"U123ABC456","channel":"D123ABC456","event_ts":"1515449522000016","tab":"home"})",
         "home U123ABC456 home []"},
        {"the Home tab again",
         R"({"type":"app_home_opened","user":"U1","channel":"D1","tab":"home","view":{"id":"VPASKP233","team_id":"T21312902","type":"home","blocks":[],"private_metadata":"mine","callback_id":"","hash":"1231232323.12321312"}})",
         "home U1 home [mine]"},
        {"the messages tab", R"({"type":"app_home_opened","user":"U1","channel":"D1","tab":"messages"})", "home U1 messages []"},
        {"a message without a place", R"({"type":"message","user":"U1","text":"x","ts":"1.1"})",
         "invalid: event.channel is missing"},
        {"a message without a ts", R"({"type":"message","user":"U1","text":"x","channel":"C1","ts":1.1})",
         "invalid: event.ts is missing"},
        {"an edit of nothing", R"({"type":"message","subtype":"message_changed","channel":"C1"})",
         "invalid: event.message is missing"},
        {"a deletion of nothing", R"({"type":"message","subtype":"message_deleted","channel":"C1"})",
         "invalid: event.deleted_ts is missing"},
        {"a mention without a place", R"({"type":"app_mention","user":"U1","text":"x","ts":"1.1"})",
         "invalid: event.channel is missing"},
    };
    for (auto const& [name, inner, expected] : cases)
        BOOST_TEST(show(event(inner)) == expected, name << ": " << show(event(inner)));
}

BOOST_AUTO_TEST_CASE(the_head_of_a_message) {
    auto const posted = as<MessagePosted>(event(R"({"type":"message","channel":"C1","user":"U1","text":"x","ts":"1.1"})",
                                                R"("is_ext_shared_channel":true,"authorizations":[{"team_id":"T7"}],)"));
    BOOST_TEST(posted.head.shared_channel);
    BOOST_TEST(posted.head.workspace.value == "T7");
    BOOST_TEST(posted.head.event_id == "Ev123ABC456");
}

BOOST_AUTO_TEST_CASE(what_the_elements_of_a_form_hold) {
    std::vector<std::pair<std::string, std::string>> const cases{
        {R"({"type":"checkboxes","selected_options":[{"value":"told","text":{}},{"value":"checked"}]})", "told,checked"},
        {R"({"type":"checkboxes","selected_options":[]})", ""},
        {R"({"type":"multi_static_select","selected_options":[{"value":"a"}]})", "a"},
        {R"({"type":"multi_users_select","selected_users":["U1","U2"]})", "U1,U2"},
        {R"({"type":"multi_channels_select","selected_channels":["C1"]})", "C1"},
        {R"({"type":"multi_conversations_select","selected_conversations":["C1","D2"]})", "C1,D2"},
        {R"({"type":"datetimepicker","selected_date_time":1628633820})", "1628633820"},
        {R"({"type":"datetimepicker","selected_date_time":null})", ""},
        {R"({"type":"number_input","value":"7"})", "7"},
        {R"({"type":"users_select","selected_user":"U1"})", "U1"},
        {R"({"type":"static_select","selected_option":{"value":"customer"}})", "customer"},
    };
    for (auto const& [element, expected] : cases) {
        auto const submitted = parse_interaction(
            object(R"({"type":"view_submission","user":{"id":"U1"},"view":{"id":"V1","state":{"values":{"b":{"x":)" + element +
                   "}}}}}"));
        BOOST_TEST(as<ViewSubmission>(submitted).state.get("b") == expected, element);
        auto pressed = object(element);
        pressed["action_id"] = "a";
        auto payload = object(R"({"type":"block_actions","user":{"id":"U1"}})");
        payload["actions"] = boost::json::array{pressed};
        BOOST_TEST(as<BlockAction>(parse_interaction(payload)).value == expected, element);
    }
}

BOOST_AUTO_TEST_CASE(in_which_view_a_button_was_pressed) {
    for (auto const* type : {"modal", "home"}) {
        auto payload = object(R"({"type":"block_actions","user":{"id":"U1"},"actions":[{"action_id":"a"}]})");
        payload["view"] = {{"id", "V1"}, {"type", type}};
        BOOST_TEST(as<BlockAction>(parse_interaction(payload)).view_type == type);
    }
}

BOOST_AUTO_TEST_CASE(who_wrote_the_message_of_a_shortcut) {
    auto const shortcut = [](std::string const& message) {
        return as<Shortcut>(parse_interaction(object(
            R"({"type":"message_action","callback_id":"escalate_message","user":{"id":"U1"},"channel":{"id":"C1"},"message_ts":"1.1","message":)" +
            message + "}")));
    };
    BOOST_TEST(shortcut(R"({"ts":"1.1","user":"U7","text":"x"})").message_user.value == "U7");
    BOOST_TEST(shortcut(R"({"ts":"1.1","user":"U7","bot_id":"B1","text":"x"})").message_user.empty());
    BOOST_TEST(shortcut(R"({"ts":"1.1","bot_id":"B1","subtype":"bot_message","text":"x"})").message_user.empty());
}

BOOST_AUTO_TEST_CASE(the_channel_of_a_shortcut_is_named_as_slack_tells_it) {
    auto const named = [](std::string const& channel) {
        return as<Shortcut>(
                   parse_interaction(object(
                       R"({"type":"message_action","callback_id":"c","user":{"id":"U1"},"message_ts":"1.1","message":{},"channel":)" +
                       channel + "}")))
            .channel_name;
    };
    BOOST_TEST(named(R"({"id":"C1","name":"general"})") == "general");
    BOOST_TEST(named(R"({"id":"C1","name":"privategroup"})") == "privategroup");
    BOOST_TEST(named(R"({"id":"C1"})").empty());
}

BOOST_AUTO_TEST_CASE(a_change_in_a_form_tells_what_all_of_its_inputs_hold) {
    auto const action = as<BlockAction>(parse_interaction(object(
        R"({"type":"block_actions","user":{"id":"U1"},"actions":[{"action_id":"a","block_id":"impact","selected_option":{"value":"stopped"}}],)"
        R"("view":{"id":"V1","state":{"values":{"impact":{"a":{"selected_option":{"value":"stopped"}}},"scope":{"a":{"selected_option":null}}}}}})")));
    BOOST_TEST(action.view_state.get("impact") == "stopped");
    BOOST_TEST(action.view_state.get("scope").empty());
}

BOOST_AUTO_TEST_SUITE_END()
