// The WebSocket client against a raw peer: what is on the wire, and every way in which a peer can be mute, rude or gone.
#include "bot/net/websocket.hpp"

#include "bot/net/task_group.hpp"
#include "tests/unit/net/support.hpp"

#include <boost/asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

using namespace esc;
using namespace esc::net;
using namespace esc::net::test;
using namespace std::chrono_literals;

namespace {

// Limits that no good peer reaches; a test that wants one to pass sets it.
Websocket::Options patient() {
    return {.connect_limit = 1h, .handshake_limit = 1h, .idle_limit = 1h, .close_limit = 1h, .frame_bytes_max = 1U << 20};
}

struct World {
    asio::io_context io{};
    Certificates certificates = make_certificates("localhost");
    TlsContext tls{certificates.root_pem};
    Listener listener{io};
    TlsFront front{io, certificates, listener.port()};

    [[nodiscard]] Url url() const { return listener.url("/link/?ticket=secret"); }
    // Both kinds of transport, the same test.
    void each(std::function<void(Url)> const& check) {
        for (auto const& one : {url(), front.url("/link/?ticket=secret")}) BOOST_TEST_CONTEXT(one.origin()) check(one);
    }
};

// A server's side of a test, after the upgrade.
using Script = std::function<Awaitable<>(Peer&)>;

Awaitable<> serve(World& world, Script script) {
    auto peer = co_await world.listener.accept();
    co_await peer.upgrade();
    co_await script(peer);
}

Awaitable<> expect_read_fails(Websocket& socket, std::string part) {
    auto const message = co_await socket.read();
    BOOST_REQUIRE(message.has_error());
    BOOST_TEST((message.error().code == Errc::unavailable));
    BOOST_TEST(message.error().message.find(part) != std::string::npos, message.error().message);
    BOOST_TEST(message.error().message.find("secret") == std::string::npos);
}

Awaitable<> read_into(Websocket& socket, std::optional<Result<Websocket::Message>>& into) {
    into.emplace(co_await socket.read());
}

Awaitable<> until_end(Peer& peer) { co_await peer.read_rest(); }
Awaitable<> reset_at_once(Peer& peer) {
    peer.reset();
    co_return;
}
Awaitable<> close_at_once(Peer& peer) {
    peer.close();
    co_return;
}
Awaitable<> reset_in_frame(Peer& peer) {
    co_await peer.write(frame(1, std::string(300, 'x')).substr(0, 100));
    peer.reset();
}
Awaitable<> answers_close_and_stays(Peer& peer) {
    auto const close = co_await peer.read_frame();
    BOOST_TEST(close.opcode == 8);
    co_await peer.write(frame(8, close.payload));
    co_await peer.read_rest();  // ends when the client drops TCP
}

}  // namespace

BOOST_AUTO_TEST_SUITE(websocket)

BOOST_AUTO_TEST_CASE(messages_go_both_ways) {
    World world;
    world.each([&](Url url) {
        auto const server = [](Peer& peer) -> Awaitable<> {
            auto const hello = co_await peer.read_frame();
            BOOST_TEST(hello.payload == "hello");
            BOOST_TEST(hello.masked);
            BOOST_TEST(hello.opcode == 1);
            co_await peer.write(frame(1, "one") + frame(2, std::string("\0two", 4)) + frame(1, ""));
            co_await peer.write(frame(1, "thr", false) + frame(9, "Ping from applink-2") + frame(0, "ee"));
            auto const pong = co_await peer.read_frame();
            BOOST_TEST(pong.opcode == 10);
            BOOST_TEST(pong.payload == "Ping from applink-2");
            co_await peer.write(frame(1, std::string(300'000, 'x')));
            co_await answers_close_and_stays(peer);
        };
        auto const client = [&]() -> Awaitable<> {
            auto socket = *co_await Websocket::connect(url, world.tls, patient());
            auto const connected_at = socket->last_heard();
            BOOST_TEST((co_await socket->write("hello")).has_value());
            auto message = *co_await socket->read();
            BOOST_TEST(message.data == "one");
            BOOST_TEST(message.text);
            message = *co_await socket->read();
            BOOST_TEST(message.data == std::string("\0two", 4));
            BOOST_TEST(!message.text);
            BOOST_TEST((*co_await socket->read()).data == "");
            BOOST_TEST((*co_await socket->read()).data == "three");
            BOOST_TEST((*co_await socket->read()).data.size() == 300'000U);
            BOOST_TEST((socket->last_heard() > connected_at));
            co_await socket->close();
            co_await expect_read_fails(*socket, "closed by us");
        };
        run(world.io, serve(world, server), client());
    });
}

BOOST_AUTO_TEST_CASE(the_request_is_a_plain_upgrade) {
    World world;
    auto const server = [&]() -> Awaitable<> {
        auto peer = co_await world.listener.accept();
        auto const head = co_await peer.upgrade();
        BOOST_TEST(head.starts_with("GET /link/?ticket=secret HTTP/1.1\r\n"));
        BOOST_TEST(head.find("Host: 127.0.0.1:" + std::to_string(world.listener.port()) + "\r\n") != std::string::npos);
        BOOST_TEST(head.find("permessage-deflate") == std::string::npos);
    };
    auto const client = [&]() -> Awaitable<> {
        auto const socket = co_await Websocket::connect(world.url(), world.tls, patient());
        BOOST_TEST(socket.has_value());
    };
    run(world.io, server(), client());
}

BOOST_AUTO_TEST_CASE(an_ack_of_any_allowed_size_is_one_frame) {
    World world;
    world.each([&](Url url) {
        std::vector<std::size_t> const sizes{1, 125, 126, 4096, 4097, 10'041, 19'000, 65'535, 65'536, 200'000};
        auto const server = [&](Peer& peer) -> Awaitable<> {
            for (auto const size : sizes) {
                auto const got = co_await peer.read_frame();
                BOOST_TEST(got.fin);
                BOOST_TEST(got.opcode == 1);
                BOOST_TEST(got.payload == std::string(size, 'a'));
            }
        };
        auto const client = [&]() -> Awaitable<> {
            auto const socket = *co_await Websocket::connect(url, world.tls, patient());
            for (auto const size : sizes) BOOST_TEST((co_await socket->write(std::string(size, 'a'))).has_value());
            co_await expect_read_fails(*socket, "");
        };
        run(world.io, serve(world, server), client());
    });
}

BOOST_AUTO_TEST_CASE(several_texts_are_a_frame_each_in_order) {
    World world;
    world.each([&](Url url) {
        std::vector<std::string> texts;
        for (std::size_t number = 0; number < 400; ++number) texts.push_back(std::to_string(number) + std::string(number, 'a'));
        texts.emplace_back(200'000, 'b');  // more than is gathered in one go
        texts.emplace_back("last");
        auto const server = [&](Peer& peer) -> Awaitable<> {
            std::string pings;
            for (int number = 0; number < 20; ++number) pings += frame(9, "ping");
            co_await peer.write(pings + frame(1, "go"));
            std::size_t pongs = 0;
            for (std::size_t next = 0; next < texts.size() || pongs < 20;) {
                auto const got = co_await peer.read_frame();
                BOOST_TEST(got.fin);
                if (got.opcode == 10) {
                    BOOST_TEST(got.payload == "ping");
                    ++pongs;
                    continue;
                }
                BOOST_REQUIRE(next < texts.size());
                BOOST_TEST((got.payload == texts[next++]));
            }
            co_await peer.write(frame(1, "thanks"));
        };
        auto const client = [&]() -> Awaitable<> {
            auto const socket = *co_await Websocket::connect(url, world.tls, patient());
            std::optional<Result<Websocket::Message>> first;
            TaskGroup tasks(world.io.get_executor());
            tasks.spawn("read", read_into(*socket, first));
            BOOST_TEST((co_await socket->write(texts)).has_value());
            BOOST_TEST((co_await socket->write(std::vector<std::string>{})).has_value());
            co_await tasks.wait();
            BOOST_REQUIRE(first.has_value());
            BOOST_TEST((**first).data == "go");
            BOOST_TEST((*co_await socket->read()).data == "thanks");
            co_await expect_read_fails(*socket, "");
            BOOST_TEST((co_await socket->write(texts)).has_error());
        };
        run(world.io, serve(world, server), client());
    });
}

BOOST_AUTO_TEST_CASE(no_upgrade_is_unavailable_and_keeps_the_ticket_to_itself) {
    struct {
        char const* answer;
        char const* part;
    } const table[] = {
        {"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n", "408"},
        {"HTTP/1.1 403 Forbidden\r\nContent-Length: 6\r\n\r\nsecret", "403"},
        {"HTTP/1.1 302 Found\r\nLocation: http://h/?ticket=secret\r\nContent-Length: 0\r\n\r\n", "302"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "200"},
        {"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: AAAA\r\n\r\n",
         ""},
        {"\x16\x03\x01 garbage \r\n\r\n", ""},
        {"HTTP/1.1 101 \r\nX", ""},
        {"", ""},
    };
    for (auto const& row : table) {
        BOOST_TEST_CONTEXT(row.answer) {
            World world;
            auto const server = [&]() -> Awaitable<> {
                auto peer = co_await world.listener.accept();
                co_await peer.read_head();
                co_await peer.write(row.answer);
                peer.close();
            };
            auto const client = [&]() -> Awaitable<> {
                auto const socket = co_await Websocket::connect(world.url(), world.tls, patient());
                BOOST_REQUIRE(socket.has_error());
                BOOST_TEST((socket.error().code == Errc::unavailable));
                BOOST_TEST(socket.error().message.find(row.part) != std::string::npos, socket.error().message);
                BOOST_TEST(socket.error().message.find("secret") == std::string::npos);
            };
            run(world.io, server(), client());
        }
    }
}

BOOST_AUTO_TEST_CASE(an_endless_head_is_cut_off) {
    World world;
    auto const server = [&]() -> Awaitable<> {
        auto peer = co_await world.listener.accept();
        co_await peer.read_head();
        if (!co_await peer.try_write("HTTP/1.1 101 Switching Protocols\r\nX: " + std::string(8'000'000, 'x'))) co_return;
        BOOST_ERROR("took eight megabytes of one field");
    };
    auto const client = [&]() -> Awaitable<> {
        BOOST_TEST((co_await Websocket::connect(world.url(), world.tls, patient())).has_error());
    };
    run(world.io, server(), client());
}

BOOST_AUTO_TEST_CASE(a_mute_server_is_given_up_at_each_step) {
    World world;
    auto const mute = [&]() -> Awaitable<> {
        auto peer = co_await world.listener.accept();
        co_await peer.read_rest();  // ends only because the client gives up
    };
    auto const client = [&](Url url, Websocket::Options options, std::string part) -> Awaitable<> {
        auto const socket = co_await Websocket::connect(url, world.tls, options);
        BOOST_REQUIRE(socket.has_error());
        BOOST_TEST((socket.error().code == Errc::unavailable));
        BOOST_TEST(socket.error().message.find(part) != std::string::npos, socket.error().message);
    };
    auto options = patient();
    options.connect_limit = 300ms;
    auto no_tls = world.url();
    no_tls.tls = true;
    run(world.io, mute(), client(no_tls, options, "TLS"));
    options = patient();
    options.handshake_limit = 20ms;
    run(world.io, mute(), client(world.url(), options, "opening a WebSocket"));
    run(world.io, mute(), client(world.front.url(), options, "opening a WebSocket"));
}

BOOST_AUTO_TEST_CASE(a_peer_that_went_mute_is_noticed) {
    World world;
    world.each([&](Url url) {
        auto const client = [&]() -> Awaitable<> {
            auto options = patient();
            options.idle_limit = 30ms;
            auto const socket = *co_await Websocket::connect(url, world.tls, options);
            co_await expect_read_fails(*socket, "nothing heard");
            BOOST_TEST((co_await socket->write("too late")).has_error());
            co_await socket->close();
        };
        run(world.io, serve(world, until_end), client());
    });
}

BOOST_AUTO_TEST_CASE(a_quiet_peer_that_answers_pings_stays) {
    World world;
    auto const server = [](Peer& peer) -> Awaitable<> {
        for (int ping = 0; ping < 3; ++ping) {
            auto const got = co_await peer.read_frame();
            BOOST_TEST(got.opcode == 9);
            co_await peer.write(frame(10, got.payload));
        }
        co_await peer.write(frame(1, "still here"));
        co_await peer.read_rest();
    };
    auto const client = [&]() -> Awaitable<> {
        auto options = patient();
        options.idle_limit = 1s;
        auto const socket = *co_await Websocket::connect(world.url(), world.tls, options);
        auto const message = co_await socket->read();
        BOOST_REQUIRE(message.has_value());
        BOOST_TEST(message->data == "still here");
        socket->abort();
    };
    run(world.io, serve(world, server), client());
}

BOOST_AUTO_TEST_CASE(a_pong_counts_as_heard) {
    World world;
    auto const server = [](Peer& peer) -> Awaitable<> {
        co_await peer.write(frame(10, ""));
        co_await peer.read_rest();
    };
    auto const client = [&]() -> Awaitable<> {
        auto const socket = *co_await Websocket::connect(world.url(), world.tls, patient());
        auto const connected_at = socket->last_heard();
        std::optional<Result<Websocket::Message>> message;
        TaskGroup group(world.io.get_executor());
        group.spawn("reads", read_into(*socket, message));
        while (socket->last_heard() == connected_at) co_await settle();
        BOOST_TEST(!message.has_value());
        socket->abort();
        co_await group.wait();
        BOOST_TEST(message->has_error());
    };
    run(world.io, serve(world, server), client());
}

BOOST_AUTO_TEST_CASE(rude_ends_and_garbage) {
    struct {
        char const* what;
        std::string bytes;
        char const* part;
    } const table[] = {
        {"close code and reason",
         frame(8,
               "\x03\xe9"
               "refresh"),
         "1001: refresh"},
        {"close without a code", frame(8, ""), "closed by the peer"},
        {"masked by the server",
         std::string("\x81\x81"
                     "abcd"
                     "x",
                     7),
         ""},
        {"reserved opcode", frame(3, "x"), ""},
        {"reserved bits",
         std::string("\xf1\x01"
                     "x",
                     3),
         ""},
        {"not UTF-8", frame(1, "\xff\xfe"), ""},
        {"continuation of nothing", frame(0, "x"), ""},
        {"fragmented ping", frame(9, "x", false), ""},
        {"over the limit, said at once", std::string("\x81\x7f\0\0\0\0\x7f\0\0\0", 10), ""},
        {"over the limit, in pieces", frame(1, std::string(600'000, 'x'), false) + frame(0, std::string(600'000, 'x')), ""},
        {"HTTP again", "HTTP/1.1 400 Bad Request\r\n\r\n", ""},
        {"half a frame", frame(1, std::string(300, 'x')).substr(0, 100), ""},
        {"nothing", "", ""},
    };
    for (auto const& row : table) {
        BOOST_TEST_CONTEXT(row.what) {
            World world;
            std::optional<Peer> peer;
            auto const server = [&]() -> Awaitable<> {
                peer.emplace(co_await world.listener.accept());
                co_await peer->upgrade();
                co_await peer->try_write(row.bytes);  // the client may hang up in the middle
                peer->close();
            };
            auto const client = [&]() -> Awaitable<> {
                auto const socket = *co_await Websocket::connect(world.url(), world.tls, patient());
                co_await expect_read_fails(*socket, row.part);
                BOOST_TEST((co_await socket->read()).has_error());
                BOOST_TEST((co_await socket->write("x")).has_error());
                co_await socket->close();
            };
            run(world.io, server(), client());
        }
    }
}

BOOST_AUTO_TEST_CASE(a_peer_that_closes_but_keeps_tcp_open_holds_nobody_up) {
    World world;
    world.each([&](Url url) {
        auto const server = [](Peer& peer) -> Awaitable<> {
            co_await peer.write(frame(8, "\x03\xe8"));
            auto const reply = co_await peer.read_frame();
            BOOST_TEST(reply.opcode == 8);
            co_await peer.read_rest();
        };
        auto const client = [&]() -> Awaitable<> {
            auto const socket = *co_await Websocket::connect(url, world.tls, patient());
            co_await expect_read_fails(*socket, "1000");
            co_await socket->close();
        };
        run(world.io, serve(world, server), client());
    });
}

BOOST_AUTO_TEST_CASE(resets) {
    World world;
    for (Script const& script : {Script(reset_at_once), Script(reset_in_frame), Script(close_at_once)}) {
        world.each([&](Url url) {
            auto const client = [&]() -> Awaitable<> {
                auto const socket = *co_await Websocket::connect(url, world.tls, patient());
                co_await expect_read_fails(*socket, "");
                co_await socket->close();
                co_await socket->close();
            };
            run(world.io, serve(world, script), client());
        });
    }
}

BOOST_AUTO_TEST_CASE(closing_never_hangs) {
    World world;
    for (bool const polite : {true, false}) {
        world.each([&](Url url) {
            BOOST_TEST_CONTEXT((polite ? "answers but keeps TCP open" : "does not answer")) {
                auto const client = [&]() -> Awaitable<> {
                    auto options = patient();
                    if (!polite) options.close_limit = 20ms;
                    auto const socket = *co_await Websocket::connect(url, world.tls, options);
                    std::optional<Result<Websocket::Message>> message;
                    TaskGroup group(world.io.get_executor());
                    group.spawn("reads", read_into(*socket, message));
                    co_await settle();
                    group.spawn("closes too", socket->close());
                    co_await socket->close();
                    co_await group.wait();
                    BOOST_REQUIRE(message.has_value());
                    BOOST_TEST(message->has_error());
                    co_await socket->close();
                };
                run(world.io, serve(world, polite ? Script(answers_close_and_stays) : Script(until_end)), client());
            }
        });
    }
}

BOOST_AUTO_TEST_CASE(closing_a_full_connection_never_hangs) {
    World world;
    std::optional<Peer> peer;
    auto const server = [&]() -> Awaitable<> {
        peer.emplace(co_await world.listener.accept());
        co_await peer->upgrade();  // and then does not read
    };
    auto const client = [&]() -> Awaitable<> {
        auto options = patient();
        options.close_limit = 20ms;
        auto const socket = *co_await Websocket::connect(world.url(), world.tls, options);
        TaskGroup group(world.io.get_executor());
        bool written = true;
        auto const floods = [&]() -> Awaitable<> {
            written = (co_await socket->write(std::string(60'000'000, 'x'))).has_value();
        };
        group.spawn("floods", floods());
        co_await settle();
        co_await socket->close();
        co_await group.wait();
        BOOST_TEST(!written);
    };
    run(world.io, server(), client());
}

BOOST_AUTO_TEST_CASE(abort_and_cancel_end_a_read) {
    World world;
    world.each([&](Url url) {
        auto const client = [&]() -> Awaitable<> {
            auto socket = *co_await Websocket::connect(url, world.tls, patient());
            std::optional<Result<Websocket::Message>> message;
            TaskGroup group(world.io.get_executor());
            group.spawn("reads", read_into(*socket, message));
            co_await settle();
            socket->abort();
            co_await group.wait();
            BOOST_TEST((message->error().code == Errc::unavailable));
            BOOST_TEST((co_await socket->read()).has_error());

            socket = *co_await Websocket::connect(url, world.tls, patient());
            group.spawn("reads", read_into(*socket, message));
            co_await settle();
            group.cancel();
            co_await group.wait();
        };
        run(world.io, serve(world, until_end), serve(world, until_end), client());
    });
}

BOOST_AUTO_TEST_CASE(a_websocket_may_go_while_it_reads) {
    World world;
    world.each([&](Url url) {
        auto const client = [&]() -> Awaitable<> {
            auto socket = *co_await Websocket::connect(url, world.tls, patient());
            std::optional<Result<Websocket::Message>> message;
            TaskGroup group(world.io.get_executor());
            group.spawn("reads", read_into(*socket, message));
            co_await settle();
            socket.reset();
            co_await group.wait();
            BOOST_TEST(message->has_error());
        };
        run(world.io, serve(world, until_end), client());
    });
}

BOOST_AUTO_TEST_SUITE_END()
