// Socket Mode: who gets what, acknowledgements, redelivery, disconnects; frames.
#include "tests/fake_slack/frames.hpp"
#include "tests/fake_slack/tests/fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace esc::fake {

BOOST_AUTO_TEST_SUITE(socket_mode)

namespace {

void say(Fake& fake) { fake.act("message", {{"user", "@riley"}, {"channel", "#help"}, {"text", "hi"}}); }

}  // namespace

BOOST_AUTO_TEST_CASE(hello_counts_connections_up_to_ten) {
    Fake fake;
    for (std::size_t i = 1; i <= SocketHub::connections_max; ++i)
        BOOST_TEST(number_of(fake.connect()->last(), "num_connections").value_or(0) == static_cast<std::int64_t>(i));
    auto const eleventh = fake.connect();
    BOOST_TEST(text_of(eleventh->last(), "reason") == "too_many_websockets");
    BOOST_TEST(eleventh->closed);
    BOOST_TEST(fake.site.hub.open_connections() == SocketHub::connections_max);
    BOOST_TEST(fake.violations() == 1U);
}

BOOST_AUTO_TEST_CASE(each_envelope_goes_to_one_connection_in_turn) {
    Fake fake;
    auto const first = fake.connect();
    auto const second = fake.connect();
    for (int i = 0; i < 4; ++i) say(fake);
    BOOST_TEST(first->sent.size() == 3U);
    BOOST_TEST(second->sent.size() == 3U);
}

BOOST_AUTO_TEST_CASE(events_come_again_at_once_then_after_one_and_five_minutes) {
    Fake fake;
    auto const wire = fake.connect();
    say(fake);
    std::vector<std::int64_t> at;
    std::string const id = text_of(object_of(wire->last(), "payload"), "event_id");
    auto const start = fake.clock.now();
    std::size_t seen = wire->sent.size();
    for (int second = 0; second <= 900; ++second) {
        fake.clock.advance_to(start + std::chrono::seconds{second});
        if (wire->sent.size() == seen) continue;
        seen = wire->sent.size();
        at.push_back(second);
        BOOST_TEST(number_of(wire->last(), "retry_attempt").value_or(-1) == static_cast<std::int64_t>(at.size()));
        BOOST_TEST(text_of(wire->last(), "retry_reason") == "timeout");
        BOOST_TEST(text_of(object_of(wire->last(), "payload"), "event_id") == id);
    }
    BOOST_TEST(at == (std::vector<std::int64_t>{3, 66, 369}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_ack_ends_it) {
    Fake fake;
    auto const wire = fake.connect();
    say(fake);
    BOOST_TEST(fake.site.hub.unacked() == 1U);
    fake.ack(wire->last());
    BOOST_TEST(fake.site.hub.unacked() == 0U);
    auto const sent = wire->sent.size();
    fake.clock.advance(std::chrono::hours{1});
    BOOST_TEST(wire->sent.size() == sent);
    BOOST_TEST(fake.violations() == 0U);
}

BOOST_AUTO_TEST_CASE(an_event_waits_for_a_connection) {
    Fake fake;
    say(fake);
    fake.clock.advance(std::chrono::seconds{10});
    auto const wire = fake.connect();
    fake.clock.advance(std::chrono::minutes{1});
    BOOST_TEST(text_of(wire->last(), "type") == "events_api");
    BOOST_TEST(number_of(wire->last(), "retry_attempt").value_or(0) == 2);
}

BOOST_AUTO_TEST_CASE(acks_that_slack_does_not_take) {
    Fake fake;
    auto const wire = fake.connect();
    auto const unacked_after = [&](auto respond) {
        say(fake);
        auto const before = fake.violations();
        respond(std::string(wire->last().at("envelope_id").get_string()));
        BOOST_TEST(fake.violations() == before + 1);
        auto const left = fake.site.hub.unacked();
        fake.clock.advance(std::chrono::hours{1});
        return left;
    };
    auto const frame = [](std::string const& id, std::string const& rest) {
        return R"({"envelope_id":")" + id + "\"" + rest + "}";
    };
    auto& hub = fake.site.hub;
    auto const send = [&](std::string const& text, bool fragmented = false) { hub.received(fake.connection, text, fragmented); };
    BOOST_TEST(unacked_after([&](std::string const& id) { send(frame(id, ""), true); }) == 1U);
    BOOST_TEST(unacked_after([&](std::string const&) { send("not json"); }) == 1U);
    BOOST_TEST(unacked_after([&](std::string const&) { send(frame("unknown", "")); }) == 1U);
    BOOST_TEST(unacked_after([&](std::string const& id) { send(frame(id, R"(,"payload":{"text":"x"})")); }) == 0U);
    auto const of_size = [&](std::string const& id, std::size_t size) {
        auto const bare = frame(id, R"(,"payload":{"text":""})").size();
        return frame(id, R"(,"payload":{"text":")" + std::string(size - bare, 'x') + "\"}");
    };
    BOOST_TEST(unacked_after([&](std::string const& id) { send(of_size(id, SocketHub::ack_bytes_max)); }) == 1U);
    auto const answer = fake.begin("command", {{"user", "@riley"}, {"channel", "#help"}, {"command", "/escalate"}});
    send(of_size(std::string(wire->last().at("envelope_id").get_string()), SocketHub::ack_bytes_max - 1));
    BOOST_TEST(answer->has_value());
}

BOOST_AUTO_TEST_CASE(a_refresh_gives_notice_and_then_closes) {
    Fake fake;
    auto const old = fake.connect();
    auto const other = fake.connect();
    fake.control("disconnect", {{"reason", "refresh_requested"}});
    BOOST_TEST(text_of(old->last(), "reason") == "refresh_requested");
    say(fake);
    BOOST_TEST(text_of(other->last(), "type") == "events_api");
    BOOST_TEST(!old->closed);
    fake.clock.advance(SocketHub::notice);
    BOOST_TEST(old->closed);
    BOOST_TEST(!other->closed);
    fake.control("disconnect", {{"reason", "link_disabled"}});
    BOOST_TEST(text_of(other->last(), "reason") == "link_disabled");
    auto const third = fake.connect();
    fake.control("drop_sockets", {});
    BOOST_TEST(third->dropped);
    BOOST_TEST(fake.site.hub.open_connections() == 0U);
}

BOOST_AUTO_TEST_CASE(tickets_are_used_once) {
    Workspace workspace;
    auto const ticket = workspace.make_ticket();
    BOOST_TEST(workspace.use_ticket(ticket));
    BOOST_TEST(!workspace.use_ticket(ticket));
    BOOST_TEST(!workspace.use_ticket(""));
}

BOOST_AUTO_TEST_CASE(frames) {
    BOOST_TEST(accept_key("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");  // RFC 6455, 1.3
    std::string const hello("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", 11);           // RFC 6455, 5.7
    FrameReader reader;
    for (std::size_t i = 0; i < hello.size(); ++i) {
        BOOST_TEST(!reader.next().has_value());
        reader.feed(hello.substr(i, 1));
    }
    auto const frame = reader.next();
    BOOST_TEST((frame && frame->final && frame->opcode == Opcode::text));
    BOOST_TEST(frame->payload == "Hello");
    FrameReader unmasked;
    unmasked.feed(encode_frame(Opcode::text, "Hello"));
    BOOST_TEST(!unmasked.next().has_value());
    BOOST_TEST(!unmasked.error().empty());
    FrameReader too_long;
    too_long.feed(std::string("\x81\xff\x00\x00\x00\x00\x7f\xff\xff\xff\x00\x00\x00\x00", 14));
    BOOST_TEST(!too_long.next().has_value());
    BOOST_TEST(!too_long.error().empty());
    BOOST_TEST(encode_frame(Opcode::text, std::string(125, 'x')).size() == 127U);
    BOOST_TEST(encode_frame(Opcode::text, std::string(126, 'x')).size() == 130U);
    BOOST_TEST(encode_frame(Opcode::text, std::string(65'536, 'x')).size() == 65'546U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace esc::fake
