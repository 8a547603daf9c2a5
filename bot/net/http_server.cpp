// The only file that instantiates Beast's HTTP server operations. A connection is served by one coroutine, one request after
// the other; a request that arrives early simply waits in the buffer.
#include "bot/net/http_server.hpp"

#include "bot/base/log.hpp"
#include "bot/net/http_fields.hpp"
#include "bot/net/timeout.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/version.hpp>
#include <boost/system/system_error.hpp>

#include <charconv>
#include <list>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

namespace esc::net {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::steady_clock;

namespace {

constexpr auto outcome = asio::as_tuple(asio::use_awaitable);
constexpr auto accept_pause = std::chrono::milliseconds{100};  // after a failed accept: usually out of file descriptors
constexpr auto farewell_limit = std::chrono::seconds{1};       // for the peer to take the last answer
constexpr std::string_view allowed_methods = "GET, HEAD, POST, PUT, PATCH, DELETE";

using WireRequest = http::request<http::string_body>;
using WireResponse = http::response<http::string_body>;

HttpResponse plain(int status, std::string text) {
    return {.status = status, .headers = {{"Content-Type", "text/plain; charset=utf-8"}}, .body = std::move(text)};
}

bool is_allowed(http::verb method) {
    return method == http::verb::get || method == http::verb::head || method == http::verb::post || method == http::verb::put ||
           method == http::verb::patch || method == http::verb::delete_;
}

// What to say to a request that could not be read; nothing when nobody is left to be told.
std::optional<HttpResponse> refusal(error_code error) {
    if (error == http::error::header_limit || error == http::error::buffer_overflow)
        return plain(431, "The header fields are too large.\n");
    if (error == http::error::body_limit) return plain(413, "The body is too large.\n");
    if (error == http::error::end_of_stream || error == http::error::partial_message) return std::nullopt;
    if (error.category() == http::make_error_code(http::error::end_of_stream).category())
        return plain(400, "This is not a sound HTTP request.\n");
    return std::nullopt;
}

ServerRequest from_wire(WireRequest wire) {
    ServerRequest request;
    request.method = std::string(wire.method_string());
    auto const target = std::string_view(wire.target().data(), wire.target().size());
    auto const question = target.find('?');
    request.path = std::string(target.substr(0, question));
    if (question != std::string_view::npos) request.query = std::string(target.substr(question + 1));
    for (auto const& field : wire) request.headers.emplace_back(field.name_string(), field.value());
    request.body = std::move(wire.body());
    return request;
}

WireResponse to_wire(HttpResponse response, unsigned version, bool keep_alive) {
    WireResponse wire(static_cast<http::status>(response.status), version);
    for (auto const& [name, value] : response.headers) {
        if (is_sound_field(name, value))
            wire.insert(name, value);
        else
            log::error("response_header_dropped", {{"name", name}});
    }
    wire.body() = std::move(response.body);
    wire.keep_alive(keep_alive);
    wire.prepare_payload();
    return wire;
}

Result<tcp::endpoint> parse_address(std::string const& text) {
    auto const colon = text.rfind(':');
    if (colon == std::string::npos) return fail(Errc::invalid, "{} has no port: 127.0.0.1:8085 is the form", text);
    auto host = text.substr(0, colon);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
    std::uint16_t port = 0;
    auto const* const end = text.data() + text.size();
    if (auto const [at, bad] = std::from_chars(text.data() + colon + 1, end, port); bad != std::errc{} || at != end)
        return fail(Errc::invalid, "{} does not end in a port number", text);
    error_code error;
    auto const address = asio::ip::make_address(host, error);
    if (error) return fail(Errc::invalid, "{} does not begin with an IP address", text);
    return tcp::endpoint(address, port);
}

struct Connection {
    explicit Connection(Stream s) : stream(std::move(s)) {}
    Stream stream;
    beast::flat_buffer buffer{};
    bool working = false;  // between having read a request and having written its answer
};

}  // namespace

struct HttpServer::Impl : std::enable_shared_from_this<Impl> {
    Impl(asio::any_io_executor executor, Options o) : options(o), acceptor(executor), tasks(std::move(executor)) {}

    [[nodiscard]] Handler const* find(std::string_view path) const {
        if (auto const exact = exact_routes.find(path); exact != exact_routes.end()) return &exact->second;
        Handler const* best = nullptr;
        std::size_t best_size = 0;
        for (auto const& [prefix, handler] : prefix_routes)
            if (path.starts_with(prefix) && prefix.size() >= best_size) {
                best = &handler;
                best_size = prefix.size();
            }
        return best;
    }

    void halt() noexcept {
        stopping = true;
        error_code ignored;  // it is closed afterwards either way
        acceptor.close(ignored);
    }

    static asio::awaitable<void> accept(std::shared_ptr<Impl> self);
    static asio::awaitable<void> serve(std::shared_ptr<Impl> self, Stream stream);
    asio::awaitable<bool> serve_one(Connection& connection);
    asio::awaitable<HttpResponse> answer(WireRequest request);
    asio::awaitable<bool> write(Connection& connection, HttpResponse response, unsigned version, bool head, bool keep_alive);

    Options options;
    tcp::acceptor acceptor;
    TaskGroup tasks;
    std::map<std::string, Handler, std::less<>> exact_routes;
    std::map<std::string, Handler, std::less<>> prefix_routes;
    std::list<Connection*> connections;
    bool stopping = false;
};

asio::awaitable<void> HttpServer::Impl::accept(std::shared_ptr<Impl> self) {
    while (!self->stopping) {
        auto [error, socket] = co_await self->acceptor.async_accept(outcome);
        if (self->stopping) break;
        if (error) {
            log::warning("accept_failed", {{"what", error.message()}});
            asio::steady_timer pause(co_await asio::this_coro::executor, accept_pause);
            co_await pause.async_wait(outcome);
            continue;
        }
        if (self->connections.size() >= self->options.connections_max) {
            // Nobody waits for a crowd: what is not written at once is not written.
            constexpr std::string_view busy =
                "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
            error_code ignored;
            socket.non_blocking(true, ignored);
            socket.write_some(asio::buffer(busy), ignored);
            continue;
        }
        self->tasks.spawn("http-connection", serve(self, make_stream(std::move(socket))));
    }
}

asio::awaitable<void> HttpServer::Impl::serve(std::shared_ptr<Impl> self, Stream stream) {
    Connection connection(std::move(stream));
    struct Listed {
        Impl& impl;
        Connection* connection;
        Listed(Impl& i, Connection* c) : impl(i), connection(c) { impl.connections.push_back(c); }
        ~Listed() { impl.connections.remove(connection); }
        Listed(Listed const&) = delete;
        Listed& operator=(Listed const&) = delete;
    } const listed(*self, &connection);
    while (co_await self->serve_one(connection)) {
    }
}

namespace {

asio::awaitable<Result<void>> read_something(Stream& stream, beast::flat_buffer& buffer) {
    auto const [error, size] = co_await stream.async_read_some(buffer.prepare(4096), outcome);
    buffer.commit(size);
    if (error) co_return fail(Errc::unavailable, "{}", error.message());
    co_return Result<void>{};
}

using Parser = http::request_parser<http::string_body>;

asio::awaitable<void> read_request(Stream& stream, beast::flat_buffer& buffer, Parser& parser, error_code& error) {
    error = std::get<0>(co_await http::async_read_header(stream, buffer, parser, outcome));
    if (error) co_return;
    if (equal_ignoring_case(parser.get()[http::field::expect], "100-continue")) {
        constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
        error = std::get<0>(co_await asio::async_write(stream, asio::buffer(go_on), outcome));
        if (error) co_return;
    }
    error = std::get<0>(co_await http::async_read(stream, buffer, parser, outcome));
}

asio::awaitable<Result<void>> write_response(Stream& stream, WireResponse const& response, bool head) {
    http::response_serializer<http::string_body> serializer(response);
    error_code error;
    if (head)
        error = std::get<0>(co_await http::async_write_header(stream, serializer, outcome));
    else
        error = std::get<0>(co_await http::async_write(stream, serializer, outcome));
    if (error) co_return fail(Errc::unavailable, "{}", error.message());
    co_return Result<void>{};
}

asio::awaitable<Result<void>> say_goodbye(Stream& stream) {
    co_await stream.async_shutdown(outcome);
    co_return Result<void>{};
}

}  // namespace

asio::awaitable<bool> HttpServer::Impl::write(Connection& connection, HttpResponse response, unsigned version, bool head,
                                              bool keep_alive) {
    auto const wire = to_wire(std::move(response), version, keep_alive);
    auto const written =
        co_await with_timeout(write_response(connection.stream, wire, head), options.request_limit, "writing the answer");
    if (written && keep_alive) co_return true;
    if (written) co_await with_timeout(say_goodbye(connection.stream), farewell_limit, "taking the last answer");
    co_return false;
}

// Whether the connection lives on.
asio::awaitable<bool> HttpServer::Impl::serve_one(Connection& connection) {
    connection.working = false;
    if (stopping) co_return false;
    if (connection.buffer.size() == 0) {
        auto const something =
            co_await with_timeout(read_something(connection.stream, connection.buffer), options.idle_limit, "the next request");
        if (!something) co_return false;
    }
    Parser parser;
    parser.header_limit(static_cast<std::uint32_t>(options.header_bytes_max));
    parser.body_limit(options.body_bytes_max);
    error_code error = asio::error::operation_aborted;
    bool const in_time =
        co_await ends_within(read_request(connection.stream, connection.buffer, parser, error), options.request_limit);
    if (stopping) co_return false;
    if (error) {
        auto const refused = in_time ? refusal(error) : std::optional(plain(408, "The request took too long to arrive.\n"));
        if (!refused) co_return false;
        co_return co_await write(connection, *refused, 11, false, false);
    }

    connection.working = true;
    auto const version = parser.get().version();
    auto const head = parser.get().method() == http::verb::head;
    auto const wanted = parser.get().keep_alive();
    auto response = co_await answer(parser.release());
    co_return co_await write(connection, std::move(response), version, head, wanted && !stopping);
}

asio::awaitable<HttpResponse> HttpServer::Impl::answer(WireRequest request) {
    if (!is_allowed(request.method())) {
        auto response = plain(405, "This method is not allowed here.\n");
        response.headers.emplace_back("Allow", allowed_methods);
        co_return response;
    }
    if (!is_sound_target({request.target().data(), request.target().size()}))
        co_return plain(400, "The request's target is not a path.\n");
    auto server_request = from_wire(std::move(request));
    auto const* const handler = find(server_request.path);
    if (!handler) co_return plain(404, "There is nothing here.\n");
    std::string what;
    try {
        auto response = co_await (*handler)(std::move(server_request));
        if (response.status >= 200 && response.status <= 599) co_return response;
        what = "a status outside 200 to 599";
    } catch (boost::system::system_error const& error) {
        if (error.code() == asio::error::operation_aborted && stopping) throw;
        what = error.what();
    } catch (std::exception const& error) {
        what = error.what();
    }
    log::error("http_handler_failed", {{"what", what}});
    co_return plain(500, "Something went wrong on our side.\n");
}

HttpServer::HttpServer(asio::any_io_executor executor, Options options)
    : impl_(std::make_shared<Impl>(std::move(executor), options)) {}

HttpServer::~HttpServer() {
    impl_->halt();
    impl_->tasks.cancel();
}

void HttpServer::route(std::string path, Handler handler) {
    auto& routes = path.ends_with('/') ? impl_->prefix_routes : impl_->exact_routes;
    routes.insert_or_assign(std::move(path), std::move(handler));
}

Result<void> HttpServer::listen(std::string const& address) {
    ESC_TRY(auto const endpoint, parse_address(address));
    auto& acceptor = impl_->acceptor;
    error_code error;
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error) {
        error_code ignored;  // the first error is the one to tell
        acceptor.close(ignored);
        return fail(Errc::unavailable, "cannot listen on {}: {}", address, error.message());
    }
    impl_->tasks.spawn("http-accept", Impl::accept(impl_));
    return {};
}

std::uint16_t HttpServer::port() const {
    error_code error;
    auto const endpoint = impl_->acceptor.local_endpoint(error);
    return error ? 0 : endpoint.port();
}

asio::awaitable<void> HttpServer::stop(steady_clock::duration limit) {
    auto const impl = impl_;
    impl->halt();
    for (auto* const connection : impl->connections)
        if (!connection->working) connection->stream.close();
    if (co_await ends_within(impl->tasks.wait(), limit)) co_return;
    impl->tasks.cancel();
    co_await impl->tasks.wait();
}

}  // namespace esc::net
