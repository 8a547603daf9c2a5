// Frames of Socket Mode: what Slack is known to send, and what it should not.
#include "bot/slack/envelope.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <random>
#include <string>
#include <vector>

using namespace esc::slack;

namespace {

std::string envelope(std::string const& type, std::string const& payload, std::string const& more = "") {
    return R"({"envelope_id":"e1","type":")" + type + R"(","accepts_response_payload":true,"payload":)" + payload + more + "}";
}

std::string const reaction_event =
    R"({"type":"event_callback","team_id":"T9","event_id":"Ev1","event_time":1,"is_ext_shared_channel":true,)"
    R"("authorizations":[{"team_id":"T1","enterprise_id":null}],"event":{"type":"reaction_added","user":"U1",)"
    R"("reaction":"rotating_light::skin-tone-3","item":{"type":"message","channel":"C1","ts":"1700000000.000100"},)"
    R"("item_user":"U2","event_ts":"1700000001.000200"}})";

template <class T>
T get(Frame const& frame) {
    BOOST_TEST_REQUIRE(std::holds_alternative<T>(frame));
    return std::get<T>(frame);
}

template <class T>
T payload(Frame const& frame) {
    auto const held = get<Envelope>(frame);
    BOOST_TEST_REQUIRE(std::holds_alternative<T>(held.payload));
    return std::get<T>(held.payload);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(envelope_frames)

BOOST_AUTO_TEST_CASE(hello) {
    auto const full = get<Hello>(parse_frame(
        R"({"type":"hello","num_connections":2,"connection_info":{"app_id":"A1"},"debug_info":{"approximate_connection_time":18060}})"));
    BOOST_TEST(full.num_connections == 2);
    BOOST_TEST(full.app_id == "A1");
    BOOST_TEST((full.approximate_connection_time == std::chrono::seconds{18060}));

    for (auto const* bare :
         {R"({"type":"hello"})", R"({"type":"hello","num_connections":null,"connection_info":null,"debug_info":7})",
          R"({"type":"hello","num_connections":-3,"debug_info":{"approximate_connection_time":-1}})",
          R"({"type":"hello","num_connections":"2","debug_info":{"approximate_connection_time":1e300}})"}) {
        auto const told = get<Hello>(parse_frame(bare));
        BOOST_TEST(told.num_connections == 0);
        BOOST_TEST(!told.approximate_connection_time);
    }
}

BOOST_AUTO_TEST_CASE(disconnect) {
    BOOST_TEST(get<Disconnect>(parse_frame(R"({"type":"disconnect","reason":"link_disabled","debug_info":{}})")).reason ==
               "link_disabled");
    BOOST_TEST(get<Disconnect>(parse_frame(R"({"type":"disconnect"})")).reason == "");
}

BOOST_AUTO_TEST_CASE(event_is_known_by_its_event_id) {
    auto const first =
        get<Envelope>(parse_frame(envelope("events_api", reaction_event, R"(,"retry_attempt":1,"retry_reason":"timeout")")));
    BOOST_TEST(first.envelope_id == "e1");
    BOOST_TEST(first.key == "Ev1");
    BOOST_TEST(first.retry_attempt == 1);
    BOOST_TEST(first.retry_reason == "timeout");
    BOOST_TEST(first.accepts_response_payload);
    auto const without =
        get<Envelope>(parse_frame(envelope("events_api", R"({"event":{"type":"x"}})", R"(,"retry_attempt":null)")));
    BOOST_TEST(without.key == "e1");
    BOOST_TEST(without.retry_attempt == 0);
}

BOOST_AUTO_TEST_CASE(payload_may_be_a_string_of_json) {
    auto const quoted = boost::json::serialize(boost::json::string{reaction_event});
    auto const event = payload<ReactionAdded>(parse_frame(envelope("events_api", quoted)));
    BOOST_TEST(event.item.ts.value == "1700000000.000100");
}

BOOST_AUTO_TEST_CASE(rate_limit_notice_has_no_inner_event) {
    auto const text = envelope("events_api", R"({"type":"app_rate_limited","minute_rate_limited":1518467820,"team_id":"T1"})");
    BOOST_TEST(payload<AppRateLimited>(parse_frame(text)).minute == 1518467820);
    BOOST_TEST(get<Envelope>(parse_frame(text)).key == "e1");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_understood_is_still_acknowledged) {
    for (auto const& text : std::vector<std::string>{
             envelope("brand_new", "{}"), envelope("events_api", "null"), envelope("events_api", "[]"),
             envelope("events_api", "7"), envelope("events_api", R"("not json")"), envelope("events_api", R"("[1]")"),
             envelope("events_api", "{}"), envelope("events_api", R"({"event":[]})"),
             envelope("events_api", R"({"event":{"type":7}})"), envelope("slash_commands", "{}"),
             envelope("interactive", R"({"type":""})"),
             envelope("interactive", R"({"type":"block_actions","user":{"id":"U1"},"actions":[]})"),
             R"({"envelope_id":"e1","type":"events_api"})", R"({"envelope_id":"e1"})", R"({"envelope_id":"e1","type":null})"}) {
        BOOST_TEST_CONTEXT(text) {
            auto const got = get<Unreadable>(parse_frame(text));
            BOOST_TEST(got.envelope_id == "e1");
            BOOST_TEST(!got.why.empty());
        }
    }
}

BOOST_AUTO_TEST_CASE(garbage) {
    for (auto const& text : std::vector<std::string>{
             "", " ", "null", "7", "[]", "\"hello\"", "{", "UNAUTHENTICATED: cache_error", "{}", R"({"type":"ping"})",
             R"({"envelope_id":7,"type":"events_api","payload":{}})", R"({"envelope_id":"","type":"events_api","payload":{}})",
             std::string(100'000, '['), std::string(1000, '{'), "\xFF\xFE{}", std::string("{\0}", 3), R"({"type":"hello"} x)"}) {
        BOOST_TEST_CONTEXT(text.substr(0, 60)) { BOOST_TEST(!get<Garbage>(parse_frame(text)).why.empty()); }
    }
}

BOOST_AUTO_TEST_CASE(depth_is_bounded) {
    auto const nested = [](std::size_t depth) {
        return envelope("events_api",
                        R"({"event":{"type":"x","deep":)" + std::string(depth, '[') + std::string(depth, ']') + "}}");
    };
    BOOST_TEST(std::holds_alternative<Envelope>(parse_frame(nested(50))));
    BOOST_TEST(std::holds_alternative<Garbage>(parse_frame(nested(200))));
}

BOOST_AUTO_TEST_CASE(half_surrogates_do_not_lose_a_delivery) {
    auto const command = [](std::string const& text) {
        return payload<SlashCommand>(
            parse_frame(envelope("slash_commands", R"({"user_id":"U1","command":"/escalate","text":")" + text + "\"}")));
    };
    BOOST_TEST(command(R"(a \ud83d b)").text == "a \uFFFD b");
    BOOST_TEST(command(R"(\ude00)").text == "\uFFFD");
    BOOST_TEST(command(R"(\ud83d\ude00 \ud83d)").text == "😀 \uFFFD");
    BOOST_TEST(command(R"(\\ud83d \ud83d\n)").text == "\\ud83d \uFFFD\n");
}

BOOST_AUTO_TEST_CASE(every_prefix_and_many_mutations_give_a_frame) {
    auto const whole = envelope("events_api", reaction_event);
    for (std::size_t size = 0; size < whole.size(); ++size)
        BOOST_TEST(std::holds_alternative<Garbage>(parse_frame(whole.substr(0, size))));
    std::mt19937 random{11};
    std::string const alphabet = "{}[]\",:0\\unutrf e.-\xFF";
    for (int round = 0; round < 20'000; ++round) {
        auto mutated = whole;
        for (unsigned i = 0; i < 1 + random() % 4; ++i) mutated[random() % mutated.size()] = alphabet[random() % alphabet.size()];
        (void)parse_frame(mutated);
    }
}

BOOST_AUTO_TEST_CASE(any_field_may_have_any_type) {
    std::vector<std::string> const samples{
        envelope("events_api", reaction_event),
        envelope("interactive",
                 R"({"type":"block_actions","user":{"id":"U1","team_id":"T1"},"actions":[{"action_id":"a","value":"v"}],)"
                 R"("container":{"message_ts":"1.2","channel_id":"C1"},"view":{"id":"V1","state":{"values":{}}}})"),
        envelope("interactive", R"({"type":"view_submission","user":{"id":"U1"},"view":{"id":"V1","state":{"values":{"b":{"a":)"
                                R"({"type":"static_select","selected_option":{"value":"x"}}}}}}})"),
        envelope("slash_commands", R"({"user_id":"U1","command":"/x","text":"y"})")};
    // Replaces every value in turn, at every depth.
    struct Walk {
        boost::json::value& root;
        boost::json::value const& replacement;
        void at(boost::json::value& here) {
            auto const kept = here;
            here = replacement;
            (void)parse_frame(boost::json::serialize(root));
            here = kept;
            if (auto* object = here.if_object())
                for (auto& member : *object) at(member.value());
            if (auto* array = here.if_array())
                for (auto& element : *array) at(element);
        }
    };
    for (auto const& sample : samples)
        for (auto const* replacement : {"null", "7", "-1.5e300", "\"\"", "[]", "{}", "[null]", "true", "[{}]"}) {
            auto root = boost::json::parse(sample);
            auto const value = boost::json::parse(replacement);
            Walk{root, value}.at(root);
        }
}

BOOST_AUTO_TEST_CASE(acks) {
    BOOST_TEST(ack_frame("e1") == R"({"envelope_id":"e1"})");
    BOOST_TEST(ack_frame("e\"1", R"({"text":"x"})") == R"({"envelope_id":"e\"1","payload":{"text":"x"}})");
}

BOOST_AUTO_TEST_SUITE_END()
