// Sessions are coroutines; each holds the Impl and looks at `stopped` after every wait before it touches the site.
#include "tests/fake_slack/server.hpp"

#include "tests/fake_slack/socket_wire.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/json/serialize.hpp>

#include <fmt/format.h>

#include <array>
#include <exception>
#include <optional>
#include <utility>
#include <vector>

namespace esc::fake {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;

namespace {

using Request = http::request<http::string_body>;
using Response = http::response<http::string_body>;
using Stream = std::shared_ptr<beast::tcp_stream>;

constexpr auto quietly = asio::as_tuple(asio::use_awaitable);
constexpr std::uint64_t body_bytes_max = 4 << 20;
constexpr Duration half_closed_life = std::chrono::minutes{1};

std::string_view view_of(beast::string_view text) { return {text.data(), text.size()}; }

Response make_response(Request const& request, int status, std::string body, std::string_view type) {
    Response response;
    response.version(request.version());
    response.result(static_cast<unsigned>(status));
    response.set(http::field::content_type, beast::string_view(type.data(), type.size()));
    response.keep_alive(request.keep_alive());
    response.body() = std::move(body);
    response.prepare_payload();
    return response;
}

Response json_response(Request const& request, int status, json::object const& body) {
    return make_response(request, status, json::serialize(body), "application/json; charset=utf-8");
}

}  // namespace

struct Server::Impl : std::enable_shared_from_this<Server::Impl> {
    Impl(asio::any_io_executor the_executor, Site& the_site, WebApi& the_web, UserSide& the_people)
        : executor(std::move(the_executor)),
          acceptor(executor),
          site(the_site),
          web(the_web),
          people(the_people),
          timers(the_site.clock) {}

    asio::any_io_executor executor;
    tcp::acceptor acceptor;
    Site& site;
    WebApi& web;
    UserSide& people;
    Timers timers;
    std::vector<std::weak_ptr<beast::tcp_stream>> streams{};
    std::vector<std::weak_ptr<asio::steady_timer>> waits{};
    std::size_t under_way = 0;
    bool stopped = false;

    // Counts a request from its arrival until its answer is written.
    struct UnderWay {
        explicit UnderWay(Impl& owner) : impl(owner) { ++impl.under_way; }
        UnderWay(UnderWay const&) = delete;
        UnderWay& operator=(UnderWay const&) = delete;
        ~UnderWay() { --impl.under_way; }
        Impl& impl;
    };

    void accept() {
        acceptor.async_accept([self = shared_from_this()](boost::system::error_code error, tcp::socket socket) {
            if (self->stopped || error == asio::error::operation_aborted) return;
            if (!error) self->begin(std::move(socket));
            self->accept();
        });
    }

    void begin(tcp::socket socket) {
        boost::system::error_code ignored;  // a peer that is gone already shows at the first read
        socket.set_option(tcp::no_delay(true), ignored);
        auto stream = std::make_shared<beast::tcp_stream>(std::move(socket));
        std::erase_if(streams, [](auto const& weak) { return weak.expired(); });
        streams.push_back(stream);
        asio::co_spawn(executor, session(shared_from_this(), std::move(stream)), [](std::exception_ptr error) {
            if (error) std::rethrow_exception(error);
        });
    }

    // A timer that ends at cancel(), and at stop().
    std::shared_ptr<asio::steady_timer> make_wait() {
        auto timer = std::make_shared<asio::steady_timer>(executor, asio::steady_timer::time_point::max());
        std::erase_if(waits, [](auto const& weak) { return weak.expired(); });
        waits.push_back(timer);
        return timer;
    }

    static asio::awaitable<void> pause(std::shared_ptr<Impl> self, Duration span) {
        auto wait = self->make_wait();
        bool passed = false;
        self->timers.after(span, [wait, &passed] {
            passed = true;
            wait->cancel();
        });
        while (!passed && !self->stopped) co_await wait->async_wait(quietly);
    }

    static asio::awaitable<json::object> user_action(std::shared_ptr<Impl> self, std::string name, json::object body) {
        auto wait = self->make_wait();
        auto answer = std::make_shared<std::optional<json::object>>();
        self->people.act(name, body, [wait, answer](json::object done) {
            *answer = std::move(done);
            wait->cancel();
        });
        if (!*answer) co_await wait->async_wait(quietly);
        co_return answer->value_or(refusal("The fake was stopped."));
    }

    static asio::awaitable<Response> answer(std::shared_ptr<Impl> self, Request const& request);
    static asio::awaitable<void> session(std::shared_ptr<Impl> self, Stream stream);
    static asio::awaitable<void> socket_session(std::shared_ptr<Impl> self, Stream stream, Request const& request);
};

asio::awaitable<Response> Server::Impl::answer(std::shared_ptr<Impl> self, Request const& request) {
    auto const target = view_of(request.target());
    auto const question = std::min(target.find('?'), target.size());
    auto const path = std::string(target.substr(0, question));

    if (path.starts_with("/api/")) {
        UnderWay const counted(*self);
        WebRequest call{.method = path.substr(5),
                        .verb = std::string(view_of(request.method_string())),
                        .content_type = std::string(view_of(request[http::field::content_type])),
                        .authorization = std::string(view_of(request[http::field::authorization])),
                        .query = std::string(target.substr(std::min(question + 1, target.size()))),
                        .body = request.body()};
        if (auto const delay = self->site.records.delay(call.method); delay > Duration{0}) {
            co_await pause(self, delay);
            if (self->stopped) co_return json_response(request, 503, refusal("service_unavailable"));
        }
        auto const result = self->web.call(call);
        auto response = json_response(request, result.status, result.body);
        for (auto const& [name, value] : result.headers) response.set(name, value);
        co_return response;
    }
    if (path.starts_with("/commands/") || path.starts_with("/actions/")) {
        auto const [status, text] = self->people.respond(path, request.body());
        co_return make_response(request, status, text, "text/plain; charset=utf-8");
    }
    bool const user = path.starts_with("/user/");
    if (!user && !path.starts_with("/control/")) co_return json_response(request, 404, refusal("There is nothing here."));
    auto const body = parse_json(request.body().empty() ? "{}" : request.body());
    if (!body || !body->is_object()) co_return json_response(request, 400, refusal("The body must be a JSON object."));
    if (!user) co_return json_response(request, 200, self->people.control(path.substr(9), body->get_object()));
    auto const done = co_await user_action(self, path.substr(6), body->get_object());
    co_return json_response(request, 200, done);
}

asio::awaitable<void> Server::Impl::session(std::shared_ptr<Impl> self, Stream stream) {
    beast::flat_buffer buffer;
    for (;;) {
        http::request_parser<http::string_body> parser;
        parser.body_limit(body_bytes_max);
        auto const [read_error, size] = co_await http::async_read(*stream, buffer, parser, quietly);
        if (read_error || self->stopped) co_return;
        auto const request = parser.release();
        if (view_of(request.target()).starts_with("/link/")) {
            co_await socket_session(self, stream, request);
            co_return;
        }
        auto response = co_await answer(self, request);
        if (self->stopped) co_return;
        auto const [write_error, written] = co_await http::async_write(*stream, response, quietly);
        if (write_error || !response.keep_alive()) co_return;
    }
}

asio::awaitable<void> Server::Impl::socket_session(std::shared_ptr<Impl> self, Stream stream, Request const& request) {
    std::string ticket;
    auto const target = view_of(request.target());
    for (auto const& [name, value] : decode_form(target.substr(std::min(target.find('?') + 1, target.size()))))
        if (name == "ticket") ticket = value;
    auto const key = std::string(view_of(request["Sec-WebSocket-Key"]));
    if (key.empty() || !self->site.workspace.use_ticket(ticket)) {
        self->site.records.violation("opened a WebSocket with a ticket that is unknown or used");
        auto response = json_response(request, 403, refusal("invalid_ticket"));
        response.keep_alive(false);
        co_await http::async_write(*stream, response, quietly);
        co_return;
    }
    auto const wire = std::make_shared<SocketWire>(stream);
    wire->raw(
        fmt::format("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    "Sec-WebSocket-Accept: {}\r\n\r\n",
                    accept_key(key)));
    auto const connection = self->site.hub.attach(wire);
    wire->start_pings();
    bool attached = true;
    std::array<char, 16'384> bytes{};
    for (;;) {
        auto const [error, size] = co_await stream->async_read_some(asio::buffer(bytes), quietly);
        if (self->stopped) co_return;
        if (error) break;
        if (!attached) continue;  // after the closing handshake: until the peer ends the TCP connection
        attached = wire->feed({bytes.data(), size}, self->site.hub, self->site.records, connection);
        if (attached) continue;
        self->site.hub.detach(connection);
        self->timers.after(half_closed_life, [wire] { wire->drop(); });
    }
    wire->drop();
    if (attached) self->site.hub.detach(connection);
}

Server::Server(asio::any_io_executor executor, Site& site, WebApi& web, UserSide& people)
    : impl_(std::make_shared<Impl>(std::move(executor), site, web, people)) {}

Server::~Server() { stop(); }

Result<std::uint16_t> Server::start(std::uint16_t port) {
    auto& acceptor = impl_->acceptor;
    tcp::endpoint const endpoint(asio::ip::address_v4::loopback(), port);
    boost::system::error_code error;
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error) return fail(Errc::unavailable, "Cannot listen on 127.0.0.1:{}: {}.", port, error.message());
    auto const actual = acceptor.local_endpoint().port();
    impl_->site.base_url = fmt::format("http://127.0.0.1:{}", actual);
    impl_->accept();
    return actual;
}

void Server::stop() {
    if (std::exchange(impl_->stopped, true)) return;
    impl_->timers.cancel_all();
    boost::system::error_code ignored;  // it may never have been opened
    impl_->acceptor.close(ignored);
    for (auto const& weak : impl_->streams)
        if (auto const stream = weak.lock()) stream->socket().close(ignored);
    for (auto const& weak : impl_->waits)
        if (auto const wait = weak.lock()) wait->cancel();
}

std::size_t Server::requests_under_way() const { return impl_->under_way; }

}  // namespace esc::fake
