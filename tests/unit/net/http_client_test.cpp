// The HTTP client against a raw peer. The table that matters: when a failure means "nothing happened" and when "it may have".
#include "bot/net/http_client.hpp"

#include "bot/net/task_group.hpp"
#include "tests/unit/net/support.hpp"

#include <boost/test/unit_test.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

using namespace esc;
using namespace esc::net;
using namespace esc::net::test;
using namespace std::chrono_literals;
using Repeat = HttpClient::Repeat;

namespace {

HttpClient::Options patient() { return {.connect_limit = 1h, .idle_limit = 1h, .body_bytes_max = 1000}; }

struct World {
    explicit World(HttpClient::Options options = patient()) : client(io.get_executor(), tls, std::move(options)) {}
    asio::io_context io{};
    Certificates certificates = make_certificates("localhost");
    TlsContext tls{certificates.root_pem};
    Listener listener{io};
    TlsFront front{io, certificates, listener.port()};
    HttpClient client;

    [[nodiscard]] HttpRequest post(std::string body = "a=b") const { return post_to(listener.url("/api/x?ticket=secret"), body); }
    [[nodiscard]] static HttpRequest post_to(Url url, std::string body = "a=b") {
        return {.method = "POST",
                .url = std::move(url),
                .headers = {{"Content-Type", "text/plain"}, {"Authorization", "Bearer x"}},
                .body = std::move(body)};
    }
};

Awaitable<> keep(Awaitable<Result<HttpResponse>> request, std::optional<Result<HttpResponse>>& into) {
    into.emplace(co_await std::move(request));
}

// Reads one request with a body of three bytes.
Awaitable<std::string> take_request(Peer& peer) {
    auto head = co_await peer.read_head();
    head += co_await peer.read_bytes(3);
    co_return head;
}

Awaitable<> answer_one(Listener& listener, std::string answer) {
    auto peer = co_await listener.accept();
    co_await take_request(peer);
    co_await peer.write(std::move(answer));
    co_await peer.read_rest();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(http_client)

BOOST_AUTO_TEST_CASE(two_requests_use_one_connection) {
    World world;
    for (auto const& url : {world.listener.url("/api/x?y=z"), world.front.url("/api/x?y=z")}) {
        BOOST_TEST_CONTEXT(url.origin()) {
            auto const server = [&]() -> Awaitable<> {
                auto peer = co_await world.listener.accept();
                auto const head = co_await take_request(peer);
                BOOST_TEST(head.starts_with("POST /api/x?y=z HTTP/1.1\r\n"));
                BOOST_TEST(head.find("\r\nHost: " + url.host_header() + "\r\n") != std::string::npos);
                BOOST_TEST(head.find("\r\nUser-Agent: escalationd\r\n") != std::string::npos);
                BOOST_TEST(head.find("\r\nContent-Length: 3\r\n") != std::string::npos);
                BOOST_TEST(head.find("\r\nAuthorization: Bearer x\r\n") != std::string::npos);
                BOOST_TEST(head.ends_with("\r\n\r\na=b"));
                co_await peer.write(ok("first", "X-Slack-Req-Id: 7\r\n"));
                co_await take_request(peer);
                co_await peer.write("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 3\r\ntransfer-encoding: chunked\r\n\r\n");
                co_await peer.write("3\r\nsec\r\n");
                co_await peer.write("3;x=y\r\nond\r\n0\r\n\r\n");
                // A HEAD answer has a length and no body.
                auto const third = co_await peer.read_head();
                BOOST_TEST(third.starts_with("HEAD "));
                co_await peer.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
                co_await take_request(peer);
                co_await peer.write("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nX: y\r\n\r\n" +
                                    ok("fourth", "Connection: close\r\n"));
                BOOST_TEST(co_await peer.read_rest() == "");
                auto other = co_await world.listener.accept();
                co_await take_request(other);
                co_await other.write("HTTP/1.1 200 OK\r\n\r\nuntil the end");
                other.close();
            };
            auto const client = [&]() -> Awaitable<> {
                auto answer = co_await world.client.request(World::post_to(url), 1h, Repeat::never);
                BOOST_REQUIRE_MESSAGE(answer.has_value(), (answer ? "" : answer.error().message));
                BOOST_TEST(answer->status == 200);
                BOOST_TEST(answer->body == "first");
                BOOST_TEST(answer->header("x-slack-REQ-id") == "7");
                BOOST_TEST(answer->header("absent") == "");
                answer = co_await world.client.request(World::post_to(url), 1h, Repeat::never);
                BOOST_TEST(answer->status == 429);
                BOOST_TEST(answer->header("Retry-After") == "3");
                BOOST_TEST(answer->body == "second");
                auto head = World::post_to(url, "");
                head.method = "HEAD";
                answer = co_await world.client.request(head, 1h, Repeat::never);
                BOOST_TEST(answer->body == "");
                answer = co_await world.client.request(World::post_to(url), 1h, Repeat::never);
                BOOST_TEST(answer->status == 200);
                BOOST_TEST(answer->body == "fourth");
                answer = co_await world.client.request(World::post_to(url), 1h, Repeat::never);
                // Without a length the end must be believable: TLS cut off without a farewell could be anybody's doing.
                BOOST_REQUIRE(answer.has_value() == !url.tls);
                if (answer) BOOST_TEST(answer->body == "until the end");
                BOOST_TEST(world.client.in_flight() == 0U);
            };
            run(world.io, server(), client());
        }
    }
}

BOOST_AUTO_TEST_CASE(what_a_failure_means) {
    // What the peer does with the one connection it gets.
    using Script = std::function<Awaitable<>(Peer&)>;
    auto const closes_at_once = [](Peer& peer) -> Awaitable<> {
        peer.reset();
        co_return;
    };
    auto const mute = [](Peer& peer) -> Awaitable<> { co_await peer.read_rest(); };
    auto const reads_and_closes = [](Peer& peer) -> Awaitable<> {
        co_await take_request(peer);
        peer.close();
    };
    auto const reads_and_resets = [](Peer& peer) -> Awaitable<> {
        co_await take_request(peer);
        peer.reset();
    };
    auto const answers = [](std::string bytes) {
        return Script([bytes](Peer& peer) -> Awaitable<> {
            struct Helper {
                static Awaitable<> answer(Peer& to, std::string what) {
                    co_await take_request(to);
                    co_await to.write(std::move(what));
                    to.close();
                }
            };
            return Helper::answer(peer, bytes);
        });
    };
    struct {
        char const* what;
        Script script;
        bool tls;
        std::chrono::steady_clock::duration limit;
        Errc code;
    } const table[] = {
        {"never answers", mute, false, 500ms, Errc::timed_out},
        {"never shakes hands", mute, true, 20ms, Errc::unavailable},
        {"resets in the handshake", closes_at_once, true, 1h, Errc::unavailable},
        {"closes instead of answering", reads_and_closes, false, 1h, Errc::timed_out},
        {"resets instead of answering", reads_and_resets, false, 1h, Errc::timed_out},
        {"half a head", answers("HTTP/1.1 200 OK\r\nContent-Le"), false, 1h, Errc::timed_out},
        {"half a body", answers("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"), false, 1h, Errc::timed_out},
        {"half a chunk", answers("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nhalf"), false, 1h, Errc::timed_out},
        {"garbage", answers("\x16\x03\x01 what is this?\r\n\r\n"), false, 1h, Errc::timed_out},
        {"length and chunks", answers("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
         false, 1h, Errc::timed_out},
        {"announced too long", answers("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n"), false, 1h, Errc::timed_out},
        {"too long in chunks", answers("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n400\r\n" + std::string(1024, 'x')),
         false, 1h, Errc::timed_out},
        {"too long until the end", answers("HTTP/1.1 200 OK\r\n\r\n" + std::string(1024, 'x')), false, 1h, Errc::timed_out},
        {"endless head", answers("HTTP/1.1 200 OK\r\nX: " + std::string(70'000, 'x')), false, 1h, Errc::timed_out},
        {"only interim answers",
         answers("HTTP/1.1 100 C\r\n\r\nHTTP/1.1 100 C\r\n\r\nHTTP/1.1 100 C\r\n\r\nHTTP/1.1 100 C\r\n\r\nHTTP/1.1 100 C\r\n\r\n"
                 "HTTP/1.1 100 C\r\n\r\nHTTP/1.1 100 C\r\n\r\n"),
         false, 1h, Errc::timed_out},
    };
    for (auto const& row : table) {
        // Whether it may be repeated changes nothing on a connection that was not kept.
        for (auto const repeat : {Repeat::never, Repeat::repeatable}) {
            BOOST_TEST_CONTEXT(row.what) {
                World world;
                auto const server = [&]() -> Awaitable<> {
                    auto peer = co_await world.listener.accept();
                    co_await row.script(peer);
                };
                auto const client = [&]() -> Awaitable<> {
                    auto request = world.post();
                    request.url.tls = row.tls;
                    auto const answer = co_await world.client.request(request, row.limit, repeat);
                    BOOST_REQUIRE(answer.has_error());
                    BOOST_TEST((answer.error().code == row.code), answer.error().message);
                    BOOST_TEST(answer.error().message.find("secret") == std::string::npos);
                    BOOST_TEST(world.client.in_flight() == 0U);
                };
                run(world.io, server(), client());
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(nobody_there_is_unavailable) {
    World world;
    auto const request = world.post();
    world.listener.close();
    auto const client = [&]() -> Awaitable<> {
        auto const answer = co_await world.client.request(request, 1h, Repeat::repeatable);
        BOOST_TEST((answer.error().code == Errc::unavailable));
    };
    run(world.io, client());
}

BOOST_AUTO_TEST_CASE(a_limit_that_ends_while_a_large_body_goes_out) {
    World world;
    std::optional<Peer> peer;
    auto const server = [&]() -> Awaitable<> { peer.emplace(co_await world.listener.accept()); };
    auto const client = [&]() -> Awaitable<> {
        auto const answer = co_await world.client.request(world.post(std::string(60'000'000, 'x')), 500ms, Repeat::never);
        BOOST_TEST((answer.error().code == Errc::timed_out));
    };
    run(world.io, server(), client());
}

BOOST_AUTO_TEST_CASE(what_cannot_be_put_on_the_wire_is_invalid) {
    World world;
    auto request = world.post();
    std::vector<HttpRequest> bad(6, request);
    bad[0].headers.emplace_back("X", "a\r\nInjected: yes");
    bad[1].headers.emplace_back("X: y\r\nZ", "a");
    bad[2].headers.emplace_back("", "a");
    bad[3].url.target = "/a b";
    bad[4].url.target = "x";
    bad[5].method = "GET / HTTP/1.1\r\n";
    auto const client = [&]() -> Awaitable<> {
        for (auto const& one : bad) {
            auto const answer = co_await world.client.request(one, 1h, Repeat::never);
            BOOST_TEST((answer.error().code == Errc::invalid));
        }
    };
    run(world.io, client());
}

BOOST_AUTO_TEST_CASE(a_kept_connection_that_was_closed_before_is_not_used) {
    for (bool const reset : {false, true}) {
        World world;
        bool closed = false;
        auto const server = [&]() -> Awaitable<> {
            auto peer = co_await world.listener.accept();
            co_await take_request(peer);
            co_await peer.write(ok("first"));
            co_await settle();
            reset ? peer.reset() : peer.close();
            closed = true;
            co_await answer_one(world.listener, ok("second"));
        };
        auto const client = [&]() -> Awaitable<> {
            {
                HttpClient http(world.io.get_executor(), world.tls, patient());
                auto answer = co_await http.request(world.post(), 1h, Repeat::never);
                BOOST_TEST(answer->body == "first");
                while (!closed) co_await settle();
                answer = co_await http.request(world.post(), 1h, Repeat::never);
                BOOST_REQUIRE_MESSAGE(answer.has_value(), (answer ? "" : answer.error().message));
                BOOST_TEST(answer->body == "second");
            }  // its going closes what it kept, which the server waits for
        };
        run(world.io, server(), client());
    }
}

BOOST_AUTO_TEST_CASE(a_kept_connection_that_dies_under_a_request) {
    struct {
        char const* what;
        Repeat repeat;
        char const* first_bytes;  // of an answer, before it dies
        bool fresh_one_possible;
        int status;  // 0: Errc::timed_out, since the request went out
    } const table[] = {
        {"repeatable", Repeat::repeatable, "", true, 200},
        {"not repeatable", Repeat::never, "", true, 0},
        {"an answer had begun", Repeat::repeatable, "HTTP/1.1 2", true, 0},
        {"nobody there for the repetition", Repeat::repeatable, "", false, 0},
    };
    for (auto const& row : table) {
        BOOST_TEST_CONTEXT(row.what) {
            World world;
            auto const server = [&]() -> Awaitable<> {
                auto peer = co_await world.listener.accept();
                co_await take_request(peer);
                co_await peer.write(ok("first"));
                co_await take_request(peer);
                if (!row.fresh_one_possible) world.listener.close();
                co_await peer.write(row.first_bytes);
                peer.close();
                if (row.status == 200) co_await answer_one(world.listener, ok("again", "Connection: close\r\n"));
            };
            auto const url = world.post();
            auto const client = [&]() -> Awaitable<> {
                auto answer = co_await world.client.request(url, 1h, Repeat::never);
                BOOST_TEST(answer->body == "first");
                answer = co_await world.client.request(url, 1h, row.repeat);
                BOOST_REQUIRE(answer.has_value() == (row.status != 0));
                if (answer)
                    BOOST_TEST(answer->body == "again");
                else
                    BOOST_TEST((answer.error().code == Errc::timed_out));
            };
            run(world.io, server(), client());
        }
    }
}

BOOST_AUTO_TEST_CASE(an_old_idle_connection_is_not_used) {
    auto options = patient();
    options.idle_limit = 0s;
    World world(options);
    auto const server = [&]() -> Awaitable<> {
        auto first = co_await world.listener.accept();
        co_await take_request(first);
        co_await first.write(ok("first"));
        co_await answer_one(world.listener, ok("second", "Connection: close\r\n"));
        BOOST_TEST(co_await first.read_rest() == "");
    };
    auto const client = [&]() -> Awaitable<> {
        BOOST_TEST((co_await world.client.request(world.post(), 1h, Repeat::never))->body == "first");
        BOOST_TEST((co_await world.client.request(world.post(), 1h, Repeat::never))->body == "second");
    };
    run(world.io, server(), client());
}

BOOST_AUTO_TEST_CASE(requests_wait_in_line_for_a_connection) {
    auto options = patient();
    options.connections_max = 2;
    World world(options);
    std::vector<std::string> order;
    bool full = false;
    auto const server = [&]() -> Awaitable<> {
        auto one = co_await world.listener.accept();
        auto two = co_await world.listener.accept();
        co_await take_request(one);
        co_await take_request(two);
        while (!full) co_await settle();
        co_await one.write(ok("x"));
        // Those who waited come one after the other over the connection that became free.
        for (int request = 0; request < 3; ++request) {
            auto const head = co_await take_request(one);
            order.push_back(head.substr(head.size() - 3));
            co_await one.write(ok("x"));
        }
        co_await two.write(ok("x"));
    };
    auto const client = [&]() -> Awaitable<> {
        TaskGroup group(world.io.get_executor());
        std::vector<std::optional<Result<HttpResponse>>> answers(7);
        for (std::size_t at = 0; at < 2; ++at)
            group.spawn("runs", keep(world.client.request(world.post("run"), 1h, Repeat::never), answers[at]));
        co_await settle();
        group.spawn("waits", keep(world.client.request(world.post("1st"), 1h, Repeat::never), answers[2]));
        co_await settle();
        // Its turn never comes in time: nothing was sent.
        group.spawn("gives up", keep(world.client.request(world.post("bad"), 5ms, Repeat::never), answers[3]));
        TaskGroup cancelled(world.io.get_executor());
        cancelled.spawn("cancelled", keep(world.client.request(world.post("bad"), 1h, Repeat::never), answers[4]));
        co_await settle();
        group.spawn("waits", keep(world.client.request(world.post("2nd"), 1h, Repeat::never), answers[5]));
        co_await settle();
        group.spawn("waits", keep(world.client.request(world.post("3rd"), 1h, Repeat::never), answers[6]));
        co_await settle();
        BOOST_TEST(world.client.in_flight() == 7U);
        cancelled.cancel();
        co_await cancelled.wait();
        while (!answers[3]) co_await settle();
        BOOST_TEST((answers[3]->error().code == Errc::unavailable));
        full = true;
        co_await group.wait();
        for (std::size_t const at : {0U, 1U, 2U, 5U, 6U}) BOOST_TEST((answers[at] && answers[at]->has_value()));
        BOOST_TEST(world.client.in_flight() == 0U);
    };
    run(world.io, server(), client());
    BOOST_TEST((order == std::vector<std::string>{"1st", "2nd", "3rd"}));
}

BOOST_AUTO_TEST_SUITE_END()
