// The adaptor with real sockets on loopback: what goes over the wire when the machine decides.
#include "bot/run/socket_mode.hpp"

#include "bot/base/log.hpp"
#include "bot/net/http_client.hpp"
#include "tests/support/scripted_server.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace esc;
using esc::test::Answer;
using esc::test::Asked;
using run::Ack;
using run::SocketMode;
using run::SocketModeFsm;

namespace {

struct World {
    struct Delivered {
        slack::Envelope envelope{};
        std::shared_ptr<Ack> ack{};
    };

    boost::asio::io_context io{};
    ManualClock clock{from_us(1'790'000'000'000'000)};
    Metrics metrics{};
    test::ScriptedServer slack{io.get_executor()};
    net::TlsContext tls{};
    net::HttpClient http{io.get_executor(), tls, {}};
    run::WebClient web;
    std::vector<Delivered> delivered{};
    std::optional<Error> gave_up{};
    std::vector<std::string> lines{};
    int tickets = 0;
    SocketMode sockets;

    explicit World(SocketModeFsm::Options options = {}, bool loopback_allowed = true)
        : web(http, clock, make_environment(slack), metrics),
          sockets(
              io.get_executor(), clock, web, tls, metrics, options, loopback_allowed,
              [this](slack::Envelope envelope, std::shared_ptr<Ack> ack) {
                  delivered.push_back({std::move(envelope), std::move(ack)});
              },
              [this](Error error) { gave_up = std::move(error); }) {
        log::set_sink([this](std::string_view line) { lines.emplace_back(line); });
        log::set_level(log::Level::debug);
        slack.answer = [this](Asked const&) { return ticket(); };
    }
    ~World() {
        delivered.clear();
        BOOST_TEST(test::run_to_end(io, sockets.stop()));
        log::set_level(log::Level::info);
        log::set_sink({});
        BOOST_TEST(!logged("ticket="));  // never, whatever happened
        BOOST_TEST(!logged("xapp-"));
    }
    World(World const&) = delete;
    World& operator=(World const&) = delete;

    static Environment make_environment(test::ScriptedServer const& server) {
        Environment some;
        some.bot_token = "xoxb-1";
        some.app_token = "xapp-1-very-secret";
        some.api_url = server.address("http", "/api/");
        return some;
    }
    Answer ticket() {
        ++tickets;
        return {.body = R"({"ok":true,"url":")" + slack.address("ws", "/link/?ticket=t" + std::to_string(tickets)) + "\"}"};
    }
    bool until(std::function<bool()> const& done) { return test::run_until(io, done); }
    bool until_peers(std::size_t count) {
        return until([this, count] { return slack.peers.size() >= count; });
    }
    test::Peer& peer(std::size_t number) { return *slack.peers.at(number - 1); }
    void hello(std::size_t number) {
        peer(number).send(R"({"type":"hello","num_connections":1,"connection_info":{"app_id":"A1"}})");
    }
    void envelope(std::size_t number, std::string const& id, bool accepts_payload = false) {
        peer(number).send(R"({"type":"events_api","envelope_id":")" + id + R"(","accepts_response_payload":)" +
                          (accepts_payload ? "true" : "false") + R"(,"payload":{"team_id":"T1","event_id":"Ev)" + id +
                          R"(","type":"event_callback","event":{"type":"app_home_opened","user":"U1"}}})");
    }
    void two_ready() {
        sockets.start();
        for (std::size_t number : {1U, 2U}) {
            BOOST_TEST_REQUIRE(until_peers(number));
            hello(number);
        }
        BOOST_TEST_REQUIRE(until([this] { return ready() == 2; }));
        clock.advance(1min);  // long enough for a refresh to count as routine
    }
    [[nodiscard]] int ready() const {
        if (measured(R"(esc_socket_connections{state="ready"} 2)")) return 2;
        return measured(R"(esc_socket_connections{state="ready"} 1)") ? 1 : 0;
    }
    [[nodiscard]] bool logged(std::string const& text) const {
        return std::any_of(lines.begin(), lines.end(), [&](auto const& line) { return line.find(text) != std::string::npos; });
    }
    [[nodiscard]] bool measured(std::string const& line) const { return metrics.expose().find(line) != std::string::npos; }
    bool until_delivered(std::size_t count) {
        return until([this, count] { return delivered.size() >= count; });
    }
    bool until_received(std::size_t number, std::string const& frame) {
        return until([this, number, frame] {
            auto const& all = peer(number).received;
            return std::find(all.begin(), all.end(), frame) != all.end();
        });
    }
    void refuse(std::string const& cause) {
        slack.answer = [cause](Asked const&) { return Answer{.body = R"({"ok":false,"error":")" + cause + "\"}"}; };
    }
};

std::string bare(std::string const& id) { return slack::ack_frame(id); }

}  // namespace

BOOST_AUTO_TEST_SUITE(socket_mode)

BOOST_AUTO_TEST_CASE(ready_means_past_hello) {
    World world;
    BOOST_TEST(!world.sockets.ready());
    world.sockets.start();
    BOOST_TEST_REQUIRE(world.until_peers(1));
    BOOST_TEST(!world.sockets.ready());
    BOOST_TEST(world.slack.asked.at(0).target == "/api/apps.connections.open");
    BOOST_TEST(world.slack.asked.at(0).headers.at("authorization") == "Bearer xapp-1-very-secret");
    BOOST_TEST(world.peer(1).target == "/link/?ticket=t1");
    world.hello(1);
    BOOST_TEST_REQUIRE(world.until_peers(2));
    BOOST_TEST(world.sockets.ready());
    BOOST_TEST(world.peer(2).target == "/link/?ticket=t2");
}

BOOST_AUTO_TEST_CASE(an_envelope_is_delivered_and_acknowledged_where_it_came_from) {
    World world;
    world.two_ready();
    world.envelope(2, "e1", true);
    BOOST_TEST_REQUIRE(world.until_delivered(1));
    BOOST_TEST(world.delivered[0].envelope.envelope_id == "e1");
    BOOST_TEST(!world.sockets.quiet());
    BOOST_TEST(world.peer(2).received.empty());  // nothing is acknowledged before the dispatcher says so
    BOOST_TEST((*world.delivered[0].ack)(R"({"text":"hi"})"));
    BOOST_TEST_REQUIRE(world.until_received(2, slack::ack_frame("e1", R"({"text":"hi"})")));
    BOOST_TEST(!(*world.delivered[0].ack)());
    BOOST_TEST(world.delivered[0].ack->ignored() == 1);
    BOOST_TEST(world.until([&] { return world.sockets.quiet(); }));
    BOOST_TEST(world.peer(2).received.size() == 1U);
    BOOST_TEST(world.peer(1).received.empty());
    BOOST_TEST(world.measured(R"(esc_envelopes_total{type="events_api"} 1)"));
    BOOST_TEST(world.measured("esc_ack_seconds_count 1"));
}

BOOST_AUTO_TEST_CASE(a_payload_that_cannot_go_leaves_a_bare_ack) {
    World world;
    world.two_ready();
    world.envelope(1, "e1", false);
    world.envelope(1, "e2", true);
    BOOST_TEST_REQUIRE(world.until_delivered(2));
    BOOST_TEST(!(*world.delivered[0].ack)(R"({"text":"hi"})"));
    BOOST_TEST(!(*world.delivered[1].ack)("{\"text\":\"" + std::string(20'000, 'x') + "\"}"));
    BOOST_TEST(world.until_received(1, bare("e1")));
    BOOST_TEST(world.until_received(1, bare("e2")));
}

BOOST_AUTO_TEST_CASE(an_envelope_let_go_is_counted_and_not_acknowledged) {
    World world;
    world.two_ready();
    world.envelope(1, "e1");
    BOOST_TEST_REQUIRE(world.until_delivered(1));
    world.delivered.clear();
    BOOST_TEST(world.sockets.quiet());
    BOOST_TEST(world.measured("esc_acks_missing_total 1"));
}

BOOST_AUTO_TEST_CASE(refresh_without_a_gap) {
    World world;
    world.two_ready();
    world.envelope(1, "e1");
    BOOST_TEST_REQUIRE(world.until_delivered(1));
    world.peer(1).send(R"({"type":"disconnect","reason":"refresh_requested","debug_info":{"host":"h"}})");
    BOOST_TEST_REQUIRE(world.until_peers(3));
    BOOST_TEST(world.ready() == 2);
    world.hello(3);
    world.envelope(1, "e2");  // the old one is heard while it drains
    BOOST_TEST_REQUIRE(world.until_delivered(2));
    (*world.delivered[0].ack)();
    (*world.delivered[1].ack)();
    BOOST_TEST(world.until_received(1, bare("e1")));
    BOOST_TEST(world.until_received(1, bare("e2")));
    BOOST_TEST(world.ready() == 2);
    BOOST_TEST(!world.peer(1).gone);
    test::settle(world.io);
    world.clock.advance(10s);
    BOOST_TEST(world.until([&] { return world.peer(1).gone; }));
    BOOST_TEST(world.ready() == 2);
    BOOST_TEST(world.measured(R"(esc_socket_reconnects_total{reason="refresh_requested"} 1)"));
}

BOOST_AUTO_TEST_CASE(acks_go_elsewhere_when_their_connection_is_gone) {
    World world;
    world.two_ready();
    world.envelope(1, "e1");
    BOOST_TEST_REQUIRE(world.until_delivered(1));
    world.peer(1).drop();
    BOOST_TEST_REQUIRE(world.until([&] { return world.ready() == 1; }));
    (*world.delivered[0].ack)();
    BOOST_TEST(world.until_received(2, bare("e1")));
    BOOST_TEST(world.measured("esc_acks_rerouted_total 1"));
    BOOST_TEST(world.sockets.quiet());
}

BOOST_AUTO_TEST_CASE(acks_wait_for_the_next_connection_when_all_are_gone) {
    World world;
    world.two_ready();
    world.envelope(1, "e1");
    BOOST_TEST_REQUIRE(world.until_delivered(1));
    world.peer(1).drop();
    world.peer(2).drop();
    BOOST_TEST_REQUIRE(world.until([&] { return world.ready() == 0; }));
    (*world.delivered[0].ack)();
    BOOST_TEST(world.sockets.quiet());
    world.clock.advance(2s);
    BOOST_TEST_REQUIRE(world.until_peers(3));
    world.hello(3);
    BOOST_TEST(world.until_received(3, bare("e1")));
}

BOOST_AUTO_TEST_CASE(rubbish_harms_nothing) {
    World world;
    world.two_ready();
    world.peer(1).send("UNAUTHENTICATED: cache_error");
    world.peer(1).send("{");
    world.peer(1).send("[]");
    world.peer(1).send("");
    world.peer(1).send_binary(std::string("\0\xff\x01", 3));
    world.peer(1).send_binary(R"({"type":"hello"})");
    world.peer(1).send(R"({"type":"tomorrow","envelope_id":"u1","payload":{}})");
    world.envelope(1, "e1");
    BOOST_TEST_REQUIRE(world.until_delivered(1));
    BOOST_TEST(world.until_received(1, bare("u1")));
    BOOST_TEST(world.ready() == 2);
    BOOST_TEST(world.slack.peers.size() == 2U);
    BOOST_TEST(world.measured(R"(esc_envelopes_total{type="unreadable"} 1)"));
    BOOST_TEST(world.measured(R"(esc_envelopes_total{type="garbage"} 6)"));
}

BOOST_AUTO_TEST_CASE(a_flood_keeps_its_order) {
    World world;
    world.two_ready();
    constexpr std::size_t count = 3'000;
    for (std::size_t number = 0; number < count; ++number) world.envelope(1, "e" + std::to_string(number));
    BOOST_TEST_REQUIRE(world.until_delivered(count));
    for (auto const& one : world.delivered) (*one.ack)();
    BOOST_TEST_REQUIRE(world.until([&] { return world.peer(1).received.size() == count; }));
    for (std::size_t number = 0; number < count; ++number)
        BOOST_TEST_REQUIRE(world.peer(1).received[number] == bare("e" + std::to_string(number)));
    BOOST_TEST(world.sockets.quiet());
}

BOOST_AUTO_TEST_CASE(retry_after_of_the_ticket_is_obeyed) {
    World world;
    world.slack.answer = [&](Asked const&) {
        return world.slack.asked.size() == 1 ? Answer{.status = 429, .headers = {{"Retry-After", "40"}}} : world.ticket();
    };
    world.sockets.start();
    BOOST_TEST_REQUIRE(world.until([&] { return world.logged("socket_open_failed"); }));
    world.clock.advance(39s);
    test::settle(world.io);
    BOOST_TEST(world.slack.asked.size() == 1U);
    world.clock.advance(1s);
    BOOST_TEST(world.until_peers(1));
}

BOOST_AUTO_TEST_CASE(a_refused_token_ends_it) {
    World world;
    world.refuse("invalid_auth");
    world.sockets.start();
    BOOST_TEST_REQUIRE(world.until([&] { return world.gave_up.has_value(); }));
    BOOST_TEST(world.gave_up->cause == "invalid_auth");
    world.clock.advance(24h);
    test::settle(world.io);
    BOOST_TEST(world.slack.asked.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_used_ticket_is_never_dialled_again) {
    World world;
    world.slack.upgrade_status = 408;
    world.sockets.start();
    BOOST_TEST_REQUIRE(world.until([&] { return world.logged("socket_open_failed"); }));
    world.slack.upgrade_status = 101;
    world.clock.advance(1s);
    BOOST_TEST_REQUIRE(world.until_peers(1));
    BOOST_TEST(world.peer(1).target == "/link/?ticket=t2");
}

BOOST_AUTO_TEST_CASE(plain_sockets_only_where_they_were_allowed) {
    World world({}, false);
    world.sockets.start();
    BOOST_TEST_REQUIRE(world.until([&] { return world.logged("socket_open_failed"); }));
    test::settle(world.io);
    BOOST_TEST(world.slack.peers.empty());
}

BOOST_AUTO_TEST_CASE(odd_answers_for_a_ticket) {
    for (std::string const body : {R"({"ok":true})", R"({"ok":true,"url":5})", R"({"ok":true,"url":"ticket=x"})",
                                   R"({"ok":true,"url":"http://127.0.0.1:1/?ticket=x"})", "ticket=x", ""}) {
        World world;
        world.slack.answer = [body](Asked const&) { return Answer{.body = body}; };
        world.sockets.start();
        BOOST_TEST(world.until([&] { return world.logged("socket_open_failed"); }));
        BOOST_TEST(!world.gave_up);
    }
}

BOOST_AUTO_TEST_CASE(without_hello_a_connection_is_given_up) {
    World world;
    world.sockets.start();
    BOOST_TEST_REQUIRE(world.until_peers(1));
    BOOST_TEST_REQUIRE(world.until([&] { return world.logged("socket_opened"); }));
    world.clock.advance(10s);
    BOOST_TEST(world.until([&] { return world.peer(1).gone; }));
    world.clock.advance(1s);
    BOOST_TEST(world.until_peers(2));
}

BOOST_AUTO_TEST_CASE(a_close_that_is_never_answered_does_not_hold_up_the_end) {
    World world;
    world.slack.reads = false;  // the peers see nothing: no close is answered
    world.two_ready();
    world.envelope(1, "e1");
    BOOST_TEST_REQUIRE(world.until_delivered(1));
    (*world.delivered[0].ack)();
    BOOST_TEST(test::run_to_end(world.io, world.sockets.stop()));
    BOOST_TEST(!world.sockets.ready());
    BOOST_TEST(!world.clock.next_timer().has_value());
}

BOOST_AUTO_TEST_CASE(stop_while_a_ticket_is_awaited) {
    World world;
    world.slack.answer = [](Asked const&) { return Answer{.manner = Answer::Manner::silent}; };
    world.sockets.start();
    BOOST_TEST_REQUIRE(world.until([&] { return world.slack.asked.size() == 1; }));
    BOOST_TEST(test::run_to_end(world.io, world.sockets.stop()));
    world.clock.advance(24h);
    test::settle(world.io);
    BOOST_TEST(world.slack.asked.size() == 1U);
}

BOOST_AUTO_TEST_CASE(stop_sends_the_acks_that_wait) {
    World world;
    world.two_ready();
    world.envelope(1, "e1");
    BOOST_TEST_REQUIRE(world.until_delivered(1));
    (*world.delivered[0].ack)();
    BOOST_TEST(test::run_to_end(world.io, world.sockets.stop()));
    BOOST_TEST(world.until_received(1, bare("e1")));
}

BOOST_AUTO_TEST_CASE(an_ack_may_outlive_everything) {
    std::shared_ptr<Ack> ack;
    {
        World world;
        world.two_ready();
        world.envelope(1, "e1");
        BOOST_TEST_REQUIRE(world.until_delivered(1));
        ack = world.delivered[0].ack;
    }
    BOOST_TEST((*ack)());
}

BOOST_AUTO_TEST_SUITE_END()
