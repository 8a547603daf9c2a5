// The fake on a real port: a hand-written client says exactly which bytes it sends.
#include "tests/fake_slack/fake_slack.hpp"
#include "tests/fake_slack/frames.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <boost/test/unit_test.hpp>

#include <fmt/format.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace esc::fake {

namespace asio = boost::asio;
using asio::ip::tcp;

BOOST_AUTO_TEST_SUITE(server)

namespace {

struct Running {
    Running() : slack(io.get_executor(), clock, {}) { port = slack.start(0).value(); }

    // Runs the fake until `done`; the limit only keeps a broken fake from hanging the test.
    void run_until(std::function<bool()> const& done) {
        auto const limit = std::chrono::steady_clock::now() + std::chrono::seconds{20};
        while (!done() && std::chrono::steady_clock::now() < limit) io.run_for(std::chrono::milliseconds{1});
        BOOST_REQUIRE(done());
    }
    tcp::socket connect() {
        tcp::socket socket(io);
        socket.connect({asio::ip::address_v4::loopback(), port});
        return socket;
    }
    // Sends a request and returns all bytes up to and with `end`.
    std::string exchange(tcp::socket& socket, std::string const& request, std::string const& end) {
        asio::write(socket, asio::buffer(request));
        return read_to(socket, end);
    }
    std::string read_to(tcp::socket& socket, std::string const& end) {
        std::string text;
        bool finished = false;
        asio::async_read_until(socket, asio::dynamic_buffer(text), end,
                               [&](boost::system::error_code, std::size_t) { finished = true; });
        run_until([&] { return finished; });
        return text;
    }
    std::string ticket_path() {
        auto socket = connect();
        auto const answer =
            exchange(socket,
                     fmt::format("POST /api/apps.connections.open HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n"
                                 "Content-Length: 0\r\n\r\n",
                                 slack.app_token()),
                     "}");
        auto const from = answer.find("/link/");
        return answer.substr(from, answer.find('"', from) - from);
    }
    std::string upgrade(tcp::socket& socket, std::string const& path, std::string const& end) {
        return exchange(socket,
                        fmt::format("GET {} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                                    path),
                        end);
    }

    asio::io_context io{1};
    ManualClock clock{from_us(1'795'000'000'000'000)};
    FakeSlack slack;
    std::uint16_t port = 0;
};

// A client's frame; the mask of zeros leaves the bytes readable.
std::string frame(unsigned first_byte, std::string const& payload) {
    return std::string{static_cast<char>(first_byte), static_cast<char>(0x80U | payload.size()), 0, 0, 0, 0} + payload;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_ticket_opens_one_connection) {
    Running running;
    auto const path = running.ticket_path();
    auto first = running.connect();
    auto const greeting = running.upgrade(first, path, "18060}}");
    BOOST_TEST(greeting.starts_with("HTTP/1.1 101"));
    BOOST_TEST(greeting.find("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") != std::string::npos);
    BOOST_TEST(running.slack.connections() == 1U);
    auto second = running.connect();
    BOOST_TEST(running.upgrade(second, path, "}").starts_with("HTTP/1.1 403"));
    BOOST_TEST(running.slack.connections() == 1U);
}

BOOST_AUTO_TEST_CASE(whole_acks_count_and_cut_ones_do_not) {
    Running running;
    auto socket = running.connect();
    running.upgrade(socket, running.ticket_path(), "18060}}");
    for (bool const cut : {false, true}) {
        running.slack.user_now("message", {{"user", "@riley"}, {"channel", "#help"}, {"text", "hi"}});
        BOOST_TEST(!running.slack.quiet());
        auto const envelope = running.read_to(socket, "\"authorizations\"");
        auto const at = envelope.find("\"envelope_id\":\"") + 15;
        auto const ack = R"({"envelope_id":")" + envelope.substr(at, 36) + "\"}";
        auto const violations = [&] { return array_of(running.slack.control("violations", {}), "violations").size(); };
        if (cut) {
            asio::write(socket, asio::buffer(frame(0x01, ack.substr(0, 10)) + frame(0x80, ack.substr(10))));
            running.run_until([&] { return violations() == 1; });
            BOOST_TEST(!running.slack.quiet());
        } else {
            asio::write(socket, asio::buffer(frame(0x81, ack)));
            running.run_until([&] { return running.slack.quiet(); });
            BOOST_TEST(violations() == 0U);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_vanished_client_is_forgotten) {
    Running running;
    {
        auto socket = running.connect();
        running.upgrade(socket, running.ticket_path(), "18060}}");
    }
    running.run_until([&] { return running.slack.connections() == 0; });
}

BOOST_AUTO_TEST_CASE(stopping_in_the_middle_of_everything) {
    Running running;
    auto socket = running.connect();
    running.upgrade(socket, running.ticket_path(), "18060}}");
    running.slack.control("delay", {{"method", "auth.test"}, {"ms", 60'000}});
    auto waiting = running.connect();
    asio::write(waiting, asio::buffer(fmt::format("POST /api/auth.test HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n"
                                                  "Content-Length: 0\r\n\r\n",
                                                  running.slack.bot_token())));
    running.run_until([&] { return !running.slack.quiet(); });
    running.slack.user("command", {{"user", "@riley"}, {"channel", "#help"}, {"command", "/escalate"}},
                       [](json::object const&) {});
    running.slack.stop();
    running.run_until([&] { return running.io.stopped(); });  // nothing is left that could keep it running
    BOOST_TEST(!running.clock.next_timer().has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace esc::fake
