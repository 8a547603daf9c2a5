// Connecting, TLS checks, and the pipe in memory.
#include "bot/net/stream.hpp"

#include "bot/net/task_group.hpp"
#include "bot/net/timeout.hpp"
#include "tests/unit/net/support.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/test/unit_test.hpp>

#include <string>

using namespace esc;
using namespace esc::net;
using namespace esc::net::test;
using namespace std::chrono_literals;

namespace {

constexpr auto outcome = asio::as_tuple(asio::use_awaitable);

Awaitable<std::string> read_some(Stream& stream) {
    std::string bytes(1024, '\0');
    auto const [error, size] = co_await stream.async_read_some(asio::buffer(bytes), outcome);
    bytes.resize(size);
    co_return error ? bytes + "<" + error.message() + ">" : bytes;
}
Awaitable<> note_end(Stream& stream, std::string& into) { into = co_await read_some(stream); }
Awaitable<> wait_for_peer(Listener& listener, std::optional<Peer>& into) { into.emplace(co_await listener.accept()); }

}  // namespace

BOOST_AUTO_TEST_SUITE(stream)

BOOST_AUTO_TEST_CASE(pipe_carries_bytes_and_the_end) {
    asio::io_context io;
    auto [near_end, far_end] = make_pipe(io.get_executor());
    auto& left = near_end;
    auto& right = far_end;
    auto const body = [&]() -> Awaitable<> {
        std::array<asio::const_buffer, 3> const parts{asio::buffer("ab", 2), asio::buffer("", 0), asio::buffer("cd", 2)};
        co_await asio::async_write(left, parts, asio::use_awaitable);
        BOOST_TEST(!right.quiet());
        BOOST_TEST(co_await read_some(right) == "abcd");
        BOOST_TEST(right.quiet());
        co_await asio::async_write(right, asio::buffer("back", 4), asio::use_awaitable);
        BOOST_TEST(co_await read_some(left) == "back");
        co_await asio::async_write(left, asio::buffer("last", 4), asio::use_awaitable);
        co_await left.async_shutdown(asio::use_awaitable);
        BOOST_TEST(co_await read_some(right) == "last");
        BOOST_TEST(co_await read_some(right) == "<End of file>");
        left.close();
        auto const [error, size] = co_await asio::async_write(right, asio::buffer("x", 1), outcome);
        BOOST_TEST(error == asio::error::broken_pipe);
    };
    run(io, body());
}

BOOST_AUTO_TEST_CASE(pipe_pushes_back_and_can_be_cancelled) {
    asio::io_context io;
    auto [near_end, far_end] = make_pipe(io.get_executor());
    auto& left = near_end;
    auto& right = far_end;
    std::string const much(200'000, 'x');
    std::size_t received = 0;
    auto const writer = [&]() -> Awaitable<> { co_await asio::async_write(left, asio::buffer(much), asio::use_awaitable); };
    auto const reader = [&]() -> Awaitable<> {
        co_await settle();
        while (received < much.size()) received += (co_await read_some(right)).size();
    };
    run(io, writer(), reader());
    BOOST_TEST(received == much.size());

    std::string end;
    auto const cancelled = [&]() -> Awaitable<> {
        TaskGroup group(io.get_executor());
        group.spawn("reads", note_end(right, end));
        co_await settle();
        right.close();
        co_await group.wait();
        BOOST_TEST(end == "<Operation canceled>");
        group.spawn("reads", note_end(left, end));
        group.cancel();
        co_await group.wait();
    };
    run(io, cancelled());
}

BOOST_AUTO_TEST_CASE(plain_and_tls_carry_bytes_both_ways) {
    asio::io_context io;
    auto const certificates = make_certificates("localhost");
    TlsContext tls(certificates.root_pem);
    Listener listener(io);
    TlsFront front(io, certificates, listener.port());
    for (auto const& url : {listener.url(), front.url()}) {
        BOOST_TEST_CONTEXT(url.origin()) {
            auto const client = [&]() -> Awaitable<> {
                auto opened = co_await connect(url, tls, 10s);
                BOOST_REQUIRE_MESSAGE(opened.has_value(), (opened ? "" : opened.error().message));
                auto& stream = *opened;
                std::string const big(100'000, 'b');
                std::array<asio::const_buffer, 2> const parts{asio::buffer("head:", 5), asio::buffer(big)};
                co_await asio::async_write(stream, parts, asio::use_awaitable);
                BOOST_TEST(co_await read_some(stream) == "thanks");
                BOOST_TEST(stream.quiet() == true);
            };
            auto const server = [&]() -> Awaitable<> {
                auto peer = co_await listener.accept();
                BOOST_TEST(co_await peer.read_bytes(100'005) == "head:" + std::string(100'000, 'b'));
                co_await peer.write("thanks");
                BOOST_TEST(co_await peer.read_rest() == "");
            };
            run(io, client(), server());
        }
    }
}

BOOST_AUTO_TEST_CASE(certificates_that_do_not_fit_are_refused) {
    asio::io_context io;
    auto const ours = make_certificates("localhost");
    auto const elsewhere = make_certificates("elsewhere.example");
    Listener listener(io);
    TlsFront good(io, ours, listener.port());
    TlsFront other_name(io, elsewhere, listener.port());
    auto by_address = good.url();
    by_address.host = "127.0.0.1";
    struct {
        char const* what;
        Url url;
        std::string root;
        bool accepted;
    } const table[] = {
        {"known", good.url(), ours.root_pem, true},
        {"no root of ours", good.url(), {}, false},
        {"another root", good.url(), elsewhere.root_pem, false},
        {"another name", other_name.url(), elsewhere.root_pem, false},
        {"an address instead of the name", by_address, ours.root_pem, false},
    };
    for (auto const& row : table) {
        BOOST_TEST_CONTEXT(row.what) {
            TlsContext tls(row.root);
            auto const body = [&]() -> Awaitable<> {
                auto const opened = co_await connect(row.url, tls, 10s);
                BOOST_TEST(opened.has_value() == row.accepted);
                if (!row.accepted) {
                    BOOST_TEST((opened.error().code == Errc::unavailable));
                    BOOST_TEST(opened.error().message.find("certificate") != std::string::npos);
                }
            };
            run(io, body());
        }
    }
}

BOOST_AUTO_TEST_CASE(failures_name_the_step_and_never_the_target) {
    asio::io_context io;
    TlsContext tls;
    Listener mute(io);
    auto gone = std::make_unique<Listener>(io);
    auto refused = gone->url("/?ticket=secret");
    gone.reset();
    auto no_tls = mute.url("/?ticket=secret");
    no_tls.tls = true;
    struct {
        char const* step;
        Url url;
    } const table[] = {
        {"connect", refused},
        {"TLS", no_tls},
        {"address of", {.host = "no-such-host.invalid", .port = 80, .target = "/?ticket=secret"}},
    };
    for (auto const& row : table) {
        BOOST_TEST_CONTEXT(row.step) {
            auto const body = [&]() -> Awaitable<> {
                auto const opened = co_await connect(row.url, tls, row.url.tls ? 300ms : 10s);
                BOOST_REQUIRE(opened.has_error());
                BOOST_TEST((opened.error().code == Errc::unavailable));
                BOOST_TEST(opened.error().message.find(row.step) != std::string::npos, opened.error().message);
                BOOST_TEST(opened.error().message.find("secret") == std::string::npos);
            };
            run(io, body());
        }
    }
}

BOOST_AUTO_TEST_CASE(shutdown_waits_for_the_other_side) {
    asio::io_context io;
    TlsContext tls;
    Listener listener(io);
    bool peer_closed = false;
    auto const client = [&]() -> Awaitable<> {
        auto stream = *co_await connect(listener.url(), tls, 10s);
        co_await stream.async_shutdown(asio::use_awaitable);
        BOOST_TEST(peer_closed);
    };
    auto const server = [&]() -> Awaitable<> {
        auto peer = co_await listener.accept();
        BOOST_TEST(co_await peer.read_rest() == "");
        co_await peer.write(std::string(50'000, 'x'));
        peer_closed = true;
        peer.close();
    };
    run(io, client(), server());
}

BOOST_AUTO_TEST_CASE(a_stream_may_go_while_it_reads) {
    asio::io_context io;
    auto const certificates = make_certificates("localhost");
    TlsContext tls(certificates.root_pem);
    Listener listener(io);
    TlsFront front(io, certificates, listener.port());
    for (auto const& url : {listener.url(), front.url()}) {
        BOOST_TEST_CONTEXT(url.origin()) {
            bool ended = false;
            std::array<char, 16> room;
            auto const body = [&]() -> Awaitable<> {
                auto stream = co_await connect(url, tls, 10s);
                stream->async_read_some(asio::buffer(room), [&](boost::system::error_code error, std::size_t) {
                    BOOST_TEST(error.failed());
                    ended = true;
                });
                co_await settle();
            };
            std::optional<Peer> peer;
            auto const body_peer = [&]() -> Awaitable<> {
                co_await wait_for_peer(listener, peer);
                BOOST_TEST(co_await peer->read_rest() == "");
            };
            run(io, body(), body_peer());
            run(io, settle());
            BOOST_TEST(ended);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
