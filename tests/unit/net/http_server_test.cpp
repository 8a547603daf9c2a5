// The HTTP server against raw clients: limits, routes, keep-alive, and an orderly end.
#include "bot/net/http_server.hpp"

#include "bot/base/log.hpp"
#include "bot/net/task_group.hpp"
#include "tests/unit/net/support.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

using namespace esc;
using namespace esc::net;
using namespace esc::net::test;
using namespace std::chrono_literals;

namespace {

HttpServer::Options patient() {
    return {.header_bytes_max = 4096, .body_bytes_max = 1000, .request_limit = 1h, .idle_limit = 1h};
}

Awaitable<HttpResponse> echo(ServerRequest request) {
    co_return HttpResponse{.status = 200,
                           .headers = {{"Content-Type", "text/plain"}},
                           .body = request.method + " " + request.path + " " + request.query + " " + request.body};
}
Awaitable<HttpResponse> prefix(ServerRequest request) { co_return HttpResponse{.status = 200, .body = "prefix " + request.path}; }
Awaitable<HttpResponse> longer_prefix(ServerRequest request) {
    co_return HttpResponse{.status = 200, .body = "longer " + request.path};
}
Awaitable<HttpResponse> throws(ServerRequest) {
    throw std::runtime_error("secret detail");
    co_return HttpResponse{};
}
Awaitable<HttpResponse> odd_status(ServerRequest) { co_return HttpResponse{.status = 42}; }
Awaitable<HttpResponse> injects(ServerRequest) {
    co_return HttpResponse{.status = 200, .headers = {{"X", "a\r\nInjected: yes"}, {"Y", "fine"}}, .body = "b"};
}

struct World {
    explicit World(HttpServer::Options options = patient()) : server(io.get_executor(), options) {
        server.route("/echo", echo);
        server.route("/p/", prefix);
        server.route("/p/longer/", longer_prefix);
        server.route("/throws", throws);
        server.route("/odd", odd_status);
        server.route("/injects", injects);
        BOOST_REQUIRE(server.listen("127.0.0.1:0").has_value());
    }
    // What one connection that sends `bytes` gets back until the server closes it.
    std::string talk(std::string bytes) {
        std::string answer;
        auto const client = [&]() -> Awaitable<> {
            auto peer = co_await dial(server.port());
            co_await peer.try_write(bytes);
            answer = co_await peer.read_rest();
        };
        run(io, client());
        return answer;
    }
    // One request whose connection is to be closed.
    std::string get(std::string const& path) { return talk("GET " + path + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"); }

    asio::io_context io{};
    HttpServer server;
};

std::string body_of(std::string const& answer) {
    auto const at = answer.find("\r\n\r\n");
    return at == std::string::npos ? "<none>" : answer.substr(at + 4);
}
bool has_status(std::string const& answer, std::string const& status) { return answer.starts_with("HTTP/1.1 " + status + " "); }

}  // namespace

BOOST_AUTO_TEST_SUITE(http_server)

BOOST_AUTO_TEST_CASE(routes) {
    World world;
    struct {
        char const* path;
        char const* status;
        char const* body;
    } const table[] = {
        {"/echo", "200", "GET /echo  "},          {"/echo?a=b&c?d", "200", "GET /echo a=b&c?d "},
        {"/echo?", "200", "GET /echo  "},         {"/p/", "200", "prefix /p/"},
        {"/p/x/y", "200", "prefix /p/x/y"},       {"/p/longer/x", "200", "longer /p/longer/x"},
        {"/p/longer", "200", "prefix /p/longer"},
    };
    for (auto const& row : table) {
        BOOST_TEST_CONTEXT(row.path) {
            auto const answer = world.get(row.path);
            BOOST_TEST(has_status(answer, row.status), answer);
            BOOST_TEST(body_of(answer) == row.body);
        }
    }
    for (char const* path : {"/", "/ech", "/echo/", "/echoo", "/p", "/px", "/%65cho", "//echo"})
        BOOST_TEST(has_status(world.get(path), "404"), path);
}

BOOST_AUTO_TEST_CASE(requests_that_are_refused) {
    World world;
    std::string const host = "Host: h\r\n";
    struct {
        char const* what;
        std::string bytes;
        char const* status;
    } const table[] = {
        {"method", "TRACE /echo HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n", "405"},
        {"unknown method", "BREW /echo HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n", "405"},
        {"not a path", "GET http://h/echo HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n", "400"},
        {"header too large", "GET /echo HTTP/1.1\r\nX: " + std::string(5000, 'x') + "\r\n\r\n", "431"},
        {"header endless", "GET /echo HTTP/1.1\r\nX: " + std::string(500'000, 'x'), "431"},
        {"target endless", "GET /" + std::string(500'000, 'x'), "431"},
        {"body announced too large", "POST /echo HTTP/1.1\r\n" + host + "Content-Length: 1001\r\n\r\n" + std::string(1001, 'x'),
         "413"},
        {"body far too large", "POST /echo HTTP/1.1\r\n" + host + "Content-Length: 900000\r\n\r\n" + std::string(900'000, 'x'),
         "413"},
        {"chunks too large",
         "POST /echo HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n800\r\n" + std::string(2048, 'x'), "413"},
        {"garbage", "\x16\x03\x01 \r\n\r\n", "400"},
        {"length twice", "POST /echo HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", "400"},
        {"length and chunks", "POST /echo HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"},
        {"negative length", "POST /echo HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "400"},
        {"handler throws", "GET /throws HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n", "500"},
        {"handler's status is none", "GET /odd HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n", "500"},
    };
    log::set_sink([](std::string_view) {});
    for (auto const& row : table) {
        BOOST_TEST_CONTEXT(row.what) {
            auto const answer = world.talk(row.bytes);
            BOOST_TEST(has_status(answer, row.status), answer.substr(0, 200));
            BOOST_TEST(answer.find("secret") == std::string::npos);
            BOOST_TEST(body_of(answer).size() < 100U);
        }
    }
    auto const injected = world.get("/injects");
    BOOST_TEST(injected.find("Injected") == std::string::npos);
    BOOST_TEST(injected.find("Y: fine") != std::string::npos);
    log::set_sink({});
}

BOOST_AUTO_TEST_CASE(a_connection_is_kept_and_requests_may_come_early) {
    World world;
    auto const answers = world.talk(
        "GET /echo?1 HTTP/1.1\r\nHost: h\r\n\r\n"
        "POST /echo?2 HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody"
        "POST /echo?3 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"
        "HEAD /echo?4 HTTP/1.1\r\nHost: h\r\n\r\n"
        "GET /nothing HTTP/1.1\r\nHost: h\r\n\r\n"
        "GET /echo?5 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
        "GET /echo?6 HTTP/1.1\r\nHost: h\r\n\r\n");
    std::vector<std::string> const expected{"GET /echo 1 ", "POST /echo 2 body", "POST /echo 3 abc", "404 Not Found",
                                            "GET /echo 5 "};
    std::size_t at = 0;
    for (auto const& part : expected) {
        at = answers.find(part, at);
        BOOST_TEST(at != std::string::npos, part);
    }
    BOOST_TEST(answers.find("/echo 6") == std::string::npos);
    BOOST_TEST(answers.find("HEAD /echo") == std::string::npos);  // the length of a body and no body
    BOOST_TEST(answers.find("Connection: close", answers.find("404")) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(old_clients_and_those_who_ask_first) {
    World world;
    auto const old = world.talk("GET /echo HTTP/1.0\r\n\r\n");
    BOOST_TEST(body_of(old) == "GET /echo  ");
    std::string answer;
    auto const asks_first = [&]() -> Awaitable<> {
        auto peer = co_await dial(world.server.port());
        co_await peer.write(
            "POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\n");
        BOOST_TEST(has_status(co_await peer.read_head(), "100"));
        co_await peer.write("ab");
        answer = co_await peer.read_rest();
    };
    run(world.io, asks_first());
    BOOST_TEST(body_of(answer) == "POST /echo  ab");
}

BOOST_AUTO_TEST_CASE(slow_and_mute_clients_are_cut_off) {
    auto options = patient();
    options.request_limit = 300ms;
    options.idle_limit = 300ms;
    World world(options);
    BOOST_TEST(world.talk("") == "");
    BOOST_TEST(has_status(world.talk("GET /echo HT"), "408"));
    BOOST_TEST(has_status(world.talk("POST /echo HTTP/1.1\r\nContent-Length: 9\r\n\r\nslow"), "408"));
    BOOST_TEST(has_status(world.talk("GET /echo HTTP/1.1\r\n\r\n"), "200"));  // and then closed for being idle
}

BOOST_AUTO_TEST_CASE(more_connections_than_allowed) {
    auto options = patient();
    options.connections_max = 1;
    World world(options);
    auto const client = [&]() -> Awaitable<> {
        auto first = co_await dial(world.server.port());
        co_await first.write("GET /echo HTTP/1.1\r\n\r\n");
        BOOST_TEST(has_status(co_await first.read_head(), "200"));
        auto second = co_await dial(world.server.port());
        BOOST_TEST(has_status(co_await second.read_rest(), "503"));
        co_await first.read_bytes(11);
        first.close();
        co_await settle();
        std::string answer;
        while (!has_status(answer, "200")) {  // until the server has seen that the first one is gone
            auto third = co_await dial(world.server.port());
            co_await third.try_write("GET /echo HTTP/1.1\r\nConnection: close\r\n\r\n");
            answer = co_await third.read_rest();
        }
    };
    run(world.io, client());
}

BOOST_AUTO_TEST_CASE(addresses) {
    World world;
    HttpServer other(world.io.get_executor(), patient());
    BOOST_TEST((other.listen("127.0.0.1:" + std::to_string(world.server.port())).error().code == Errc::unavailable));
    BOOST_TEST((other.listen("192.0.2.1:0").error().code == Errc::unavailable));
    for (char const* text :
         {"", ":", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:70000", "127.0.0.1:1x", "localhost:1", ":80"})
        BOOST_TEST((other.listen(text).error().code == Errc::invalid), text);
    BOOST_TEST(other.port() == 0);
    BOOST_TEST(other.listen("127.0.0.1:0").has_value());
    BOOST_TEST(other.port() != 0);
}

BOOST_AUTO_TEST_CASE(stop_finishes_what_runs_and_takes_nothing_new) {
    World world;
    asio::steady_timer gate(world.io, asio::steady_timer::time_point::max());
    bool entered = false;
    bool ended = false;
    auto const waits = [&](ServerRequest) -> Awaitable<HttpResponse> {
        entered = true;
        boost::system::error_code opened;
        co_await gate.async_wait(asio::redirect_error(asio::use_awaitable, opened));
        ended = true;
        co_return HttpResponse{.status = 200, .body = "done"};
    };
    world.server.route("/waits", waits);
    auto const port = world.server.port();
    auto const client = [&]() -> Awaitable<> {
        auto idle = co_await dial(port);
        auto half = co_await dial(port);
        co_await half.write("GET /echo HT");
        auto busy = co_await dial(port);
        co_await busy.write("GET /waits HTTP/1.1\r\n\r\nGET /echo HTTP/1.1\r\n\r\n");
        while (!entered) co_await settle();
        bool stopped = false;
        auto const stops = [&]() -> Awaitable<> {
            co_await world.server.stop(1h);
            stopped = true;
        };
        TaskGroup group(world.io.get_executor());
        group.spawn("stops", stops());
        BOOST_TEST(co_await idle.read_rest() == "");
        BOOST_TEST(co_await half.read_rest() == "");
        BOOST_TEST(!stopped);
        gate.cancel();
        auto const answer = co_await busy.read_rest();
        BOOST_TEST(body_of(answer) == "done");
        BOOST_TEST(answer.find("Connection: close") != std::string::npos);
        busy.close();
        co_await group.wait();
        BOOST_TEST(stopped);
        BOOST_TEST(ended);
        co_await world.server.stop(1h);  // twice does no harm
    };
    run(world.io, client());
}

BOOST_AUTO_TEST_CASE(stop_does_not_wait_for_ever) {
    World world;
    asio::steady_timer gate(world.io, asio::steady_timer::time_point::max());
    bool entered = false;
    auto const waits = [&](ServerRequest) -> Awaitable<HttpResponse> {
        entered = true;
        co_await gate.async_wait(asio::use_awaitable);
        co_return HttpResponse{.status = 200, .body = "never"};
    };
    world.server.route("/waits", waits);
    auto const client = [&]() -> Awaitable<> {
        auto busy = co_await dial(world.server.port());
        co_await busy.write("GET /waits HTTP/1.1\r\n\r\n");
        while (!entered) co_await settle();
        co_await world.server.stop(5ms);
        BOOST_TEST(co_await busy.read_rest() == "");
    };
    run(world.io, client());
}

BOOST_AUTO_TEST_CASE(a_server_may_go_without_being_stopped) {
    asio::io_context io;
    auto server = std::make_unique<HttpServer>(io.get_executor(), patient());
    server->route("/echo", echo);
    BOOST_REQUIRE(server->listen("127.0.0.1:0").has_value());
    auto const client = [&]() -> Awaitable<> {
        auto peer = co_await dial(server->port());
        co_await peer.write("GET /echo HTTP/1.1\r\n\r\n");
        BOOST_TEST(has_status(co_await peer.read_head(), "200"));
        server.reset();
        co_await peer.read_rest();
    };
    run(io, client());
}

BOOST_AUTO_TEST_CASE(our_own_client_and_server_understand_each_other) {
    World world;
    TlsContext tls;
    HttpClient client(world.io.get_executor(), tls, {});
    auto const body = [&]() -> Awaitable<> {
        for (int round = 0; round < 3; ++round) {
            HttpRequest request;
            request.url = {.tls = false, .host = "127.0.0.1", .port = world.server.port(), .target = "/echo?q"};
            request.body = std::to_string(round);
            auto const answer = co_await client.request(request, 1h, HttpClient::Repeat::never);
            BOOST_TEST(answer->body == "POST /echo q " + std::to_string(round));
        }
        co_await world.server.stop(1h);
    };
    run(world.io, body());
}

BOOST_AUTO_TEST_SUITE_END()
