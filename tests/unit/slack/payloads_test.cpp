// Payloads by kind: what is taken from where, and what may be absent.
#include "bot/slack/parse_payloads.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include <string>
#include <utility>
#include <vector>

using namespace esc;
using namespace esc::slack;

namespace {

boost::json::object object(std::string const& text) { return boost::json::parse(text).as_object(); }

template <class T>
T as(Result<Payload> const& payload) {
    BOOST_TEST_REQUIRE(payload.has_value());
    BOOST_TEST_REQUIRE(std::holds_alternative<T>(*payload));
    return std::get<T>(*payload);
}

Result<Payload> event(std::string const& inner, std::string const& outer = "") {
    return parse_event(
        object(R"({"type":"event_callback","event_id":"Ev1","team_id":"T1",)" + outer + R"("event":)" + inner + "}"));
}

Result<Payload> action(std::string const& element, std::string const& more) {
    return parse_interaction(
        object(R"({"type":"block_actions","user":{"id":"U1","team_id":"T2"},"team":{"id":"T1"},"trigger_id":"t",)" + more +
               R"("actions":[)" + element + "]}"));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(payloads)

BOOST_AUTO_TEST_CASE(reaction) {
    auto const got = as<ReactionAdded>(event(
        R"({"type":"reaction_added","user":"U1","reaction":"fire::skin-tone-2","item":{"type":"message","channel":"C1","ts":"1.2"},"event_ts":"3.4"})",
        R"("is_ext_shared_channel":true,"authorizations":[{"team_id":"T7"}],)"));
    BOOST_TEST(got.head.event_id == "Ev1");
    BOOST_TEST(got.head.workspace.value == "T7");
    BOOST_TEST(got.head.shared_channel);
    BOOST_TEST(got.reaction == "fire");
    BOOST_TEST((got.item == MessageRef{{"C1"}, {"1.2"}, {}}));
    BOOST_TEST(got.item_user.empty());
    BOOST_TEST(got.event_ts == "3.4");
    // A ts that came as a number has lost digits: no ts.
    auto const number = event(R"({"type":"reaction_added","user":"U1","reaction":"x","item":{"channel":"C1","ts":1.2}})");
    BOOST_TEST((number.error().code == Errc::invalid));
    BOOST_TEST(number.error().message.find("event.item.ts") != std::string::npos);
    BOOST_TEST(as<OtherEvent>(event(R"({"type":"reaction_added","user":"U1","reaction":"x","item":{"type":"file","file":"F1"}})"))
                   .subtype == "file");
}

BOOST_AUTO_TEST_CASE(workspace_of_an_event_falls_back_to_team_id) {
    for (auto const* outer :
         {"", R"("authorizations":[],)", R"("authorizations":null,)", R"("authorizations":[{"team_id":null}],)"})
        BOOST_TEST(as<OtherEvent>(event(R"({"type":"message","subtype":"bot_message"})", outer)).head.workspace.value == "T1");
}

BOOST_AUTO_TEST_CASE(other_events) {
    BOOST_TEST(as<AppHomeOpened>(event(R"({"type":"app_home_opened","user":"U1","tab":"home"})")).tab == "home");
    BOOST_TEST(as<MemberJoinedChannel>(event(R"({"type":"member_joined_channel","user":"U1","channel":"C1"})")).channel.value ==
               "C1");
    for (auto const* sharing : {R"({"type":"channel_shared","connected_team_id":"T2","channel":"C1"})",
                                R"({"type":"channel_unshared","previously_connected_team_id":"T2","channel":"C1"})"})
        BOOST_TEST(as<ChannelSharing>(event(sharing)).channel.value == "C1");
    auto const renamed =
        as<ChannelIdChanged>(event(R"({"type":"channel_id_changed","old_channel_id":"G1","new_channel_id":"C2"})"));
    BOOST_TEST(renamed.from.value == "G1");
    BOOST_TEST(renamed.to.value == "C2");
    BOOST_TEST(as<UserChanged>(event(R"({"type":"user_change","user":{"id":"U1"}})")).user.value == "U1");
    BOOST_TEST(!as<UserChanged>(event(R"({"type":"user_change","user":{"id":"U1"}})")).now.has_value());
    auto const gone = as<UserChanged>(event(R"({"type":"user_change","user":{"id":"U1","team_id":"T1","deleted":true}})"));
    BOOST_REQUIRE(gone.now.has_value());
    BOOST_TEST(gone.now->id.value == "U1");
    BOOST_TEST(gone.now->workspace.value == "T1");
    BOOST_TEST(gone.now->deleted);
    BOOST_TEST(as<SubteamMembersChanged>(event(R"({"type":"subteam_members_changed","subteam_id":"S1"})")).group.value == "S1");
    BOOST_TEST(as<SubteamMembersChanged>(event(R"({"type":"subteam_updated","subteam":{"id":"S1"}})")).group.value == "S1");
    BOOST_TEST(as<AccessRevoked>(event(R"({"type":"app_uninstalled"})")).head.event_id == "Ev1");
    BOOST_TEST(as<AccessRevoked>(event(R"({"type":"tokens_revoked","tokens":{"bot":["U9"]}})")).head.event_id == "Ev1");
    BOOST_TEST(as<AccessRevoked>(event(R"({"type":"tokens_revoked"})")).head.event_id == "Ev1");
    BOOST_TEST(as<OtherEvent>(event(R"({"type":"tokens_revoked","tokens":{"oauth":["U1"],"bot":[]}})")).type == "tokens_revoked");
    BOOST_TEST(as<OtherEvent>(event(R"({"type":"message"})")).type == "message");
    BOOST_TEST(event_id(*event(R"({"type":"message"})")) == "Ev1");
}

BOOST_AUTO_TEST_CASE(slash_command) {
    auto const got = as<SlashCommand>(parse_slash_command(object(
        R"({"team_id":"T1","user_id":"U1","channel_id":"C1","command":"/escalate","text":"sev2 x","trigger_id":"t","response_url":"r"})")));
    BOOST_TEST(got.workspace.value == "T1");
    BOOST_TEST(got.channel.value == "C1");
    BOOST_TEST(got.text == "sev2 x");
    BOOST_TEST(got.trigger_id == "t");
    BOOST_TEST(got.response_url == "r");
    BOOST_TEST(as<SlashCommand>(parse_slash_command(object(R"({"user_id":"U1","command":"/x","text":null})"))).text == "");
    BOOST_TEST(parse_slash_command(object(R"({"user_id":"U1"})")).error().message.find("command") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(action_values) {
    std::vector<std::pair<std::string, std::string>> const cases{
        {R"({"type":"button","action_id":"a","value":"12:v7"})", "12:v7"},
        {R"({"type":"button","action_id":"a"})", ""},
        {R"({"type":"static_select","action_id":"a","selected_option":{"value":"x","text":{}}})", "x"},
        {R"({"type":"radio_buttons","action_id":"a","selected_option":null})", ""},
        {R"({"type":"overflow","action_id":"a","selected_option":{"value":"y"}})", "y"},
        {R"({"type":"users_select","action_id":"a","selected_user":"U5"})", "U5"},
    };
    for (auto const& [element, value] : cases) BOOST_TEST(as<BlockAction>(action(element, "")).value == value);
}

BOOST_AUTO_TEST_CASE(action_in_a_message) {
    std::string const button = R"({"type":"button","action_id":"esc.claim","block_id":"b","value":"1:v1"})";
    auto const full = as<BlockAction>(action(
        button,
        R"("channel":{"id":"C1"},"message":{"ts":"2.2","thread_ts":"1.1"},"container":{"message_ts":"9.9"},"response_url":"r",)"));
    BOOST_TEST((full.message == MessageRef{{"C1"}, {"2.2"}, {"1.1"}}));
    BOOST_TEST(full.workspace.value == "T1");
    BOOST_TEST(full.user_workspace.value == "T2");
    BOOST_TEST(full.block_id == "b");
    BOOST_TEST(full.response_url == "r");
    BOOST_TEST(full.view_id == "");
    // Ephemeral messages come without `message`.
    auto const ephemeral = as<BlockAction>(
        action(button, R"("container":{"type":"message","message_ts":"2.2","channel_id":"C1","is_ephemeral":true},)"));
    BOOST_TEST((ephemeral.message == MessageRef{{"C1"}, {"2.2"}, {}}));
    auto const parent = as<BlockAction>(action(button, R"("channel":{"id":"C1"},"message":{"ts":"2.2","thread_ts":"2.2"},)"));
    BOOST_TEST(parent.message.thread_ts.empty());
}

BOOST_AUTO_TEST_CASE(action_in_a_view) {
    auto const got = as<BlockAction>(action(
        R"({"type":"button","action_id":"a"})",
        R"("container":{"type":"view","view_id":"V1"},"view":{"id":"V1","hash":"h","callback_id":"c","private_metadata":"m","app_installed_team_id":"T9"},)"));
    BOOST_TEST(got.view_id == "V1");
    BOOST_TEST(got.view_hash == "h");
    BOOST_TEST(got.view_callback_id == "c");
    BOOST_TEST(got.view_private_metadata == "m");
    BOOST_TEST(got.workspace.value == "T9");
    BOOST_TEST(got.message.channel.empty());
}

BOOST_AUTO_TEST_CASE(view_submission) {
    auto const got = as<ViewSubmission>(parse_interaction(object(
        R"({"type":"view_submission","user":{"id":"U1","team_id":"T1"},"team":null,"view":{"id":"V1","callback_id":"esc.open","hash":"h",)"
        R"("private_metadata":"m","state":{"values":{"title":{"x":{"type":"plain_text_input","value":"Checkout"}},)"
        R"("severity":{"x":{"type":"radio_buttons","selected_option":{"value":"2"}}},"who":{"x":{"type":"users_select","selected_user":"U2"}},)"
        R"("account":{"x":{"type":"plain_text_input","value":null}},"odd":7}}}})")));
    BOOST_TEST(got.callback_id == "esc.open");
    BOOST_TEST(got.private_metadata == "m");
    BOOST_TEST(got.workspace.value == "T1");
    BOOST_TEST(got.state.get("title") == "Checkout");
    BOOST_TEST(got.state.get("severity") == "2");
    BOOST_TEST(got.state.get("who") == "U2");
    BOOST_TEST(got.state.get("account") == "");
    BOOST_TEST(got.state.get("nothing") == "");
    auto const bare =
        as<ViewSubmission>(parse_interaction(object(R"({"type":"view_submission","user":{"id":"U1"},"view":{"id":"V1"}})")));
    BOOST_TEST(bare.state.values.empty());
}

BOOST_AUTO_TEST_CASE(shortcuts) {
    auto const global = as<Shortcut>(parse_interaction(
        object(R"({"type":"shortcut","callback_id":"new_escalation","trigger_id":"t","user":{"id":"U1"},"team":{"id":"T1"}})")));
    BOOST_TEST(global.callback_id == "new_escalation");
    BOOST_TEST(global.message.channel.empty());
    auto const message = as<Shortcut>(parse_interaction(object(
        R"({"type":"message_action","callback_id":"escalate_message","trigger_id":"t","user":{"id":"U1"},"team":{"id":"T1"},)"
        R"("channel":{"id":"C1"},"message_ts":"2.2","message":{"ts":"2.2","thread_ts":"1.1","text":"help &amp; hurry"}})")));
    BOOST_TEST((message.message == MessageRef{{"C1"}, {"2.2"}, {"1.1"}}));
    BOOST_TEST(message.message_text == "help &amp; hurry");
    BOOST_TEST(parse_interaction(object(R"({"type":"message_action","callback_id":"x","user":{"id":"U1"}})")).has_error());
}

BOOST_AUTO_TEST_CASE(other_interactions) {
    BOOST_TEST(as<OtherInteraction>(parse_interaction(object(R"({"type":"block_suggestion"})"))).type == "block_suggestion");
    BOOST_TEST(
        as<ViewClosed>(parse_interaction(object(R"({"type":"view_closed","user":{"id":"U1"},"view":{"callback_id":"c"}})")))
            .callback_id == "c");
    BOOST_TEST(parse_interaction(object("{}")).has_error());
}

BOOST_AUTO_TEST_SUITE_END()
