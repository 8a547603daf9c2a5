#include "tests/support/scripted_server.hpp"

#include "bot/net/stream.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <algorithm>
#include <chrono>
#include <deque>

namespace esc::test {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;
using Request = http::request<http::string_body>;

// Errors on the server's side are never a test's subject: the peer went away, and the script goes on.
class WebsocketPeer final : public Peer, public std::enable_shared_from_this<WebsocketPeer> {
public:
    explicit WebsocketPeer(net::Stream stream) : socket_(std::move(stream)) {}

    template <class Done>
    void accept(Request const& request, bool reads, Done done) {
        target = std::string(request.target());
        socket_.async_accept(request, [self = shared_from_this(), reads, done](error_code const& error) {
            if (error) return;
            done(self);
            if (reads) self->read();
        });
    }
    void send(std::string text) override { push(true, std::move(text)); }
    void send_binary(std::string bytes) override { push(false, std::move(bytes)); }
    void close() override {
        socket_.async_close(beast::websocket::close_code::normal, [self = shared_from_this()](error_code const&) {});
    }
    void drop() override { socket_.next_layer().close(); }

private:
    void read() {
        socket_.async_read(buffer_, [self = shared_from_this()](error_code const& error, std::size_t) {
            if (error) {
                self->gone = true;
                return;
            }
            self->received.push_back(beast::buffers_to_string(self->buffer_.data()));
            self->buffer_.clear();
            self->read();
        });
    }
    void push(bool text, std::string data) {
        outgoing_.emplace_back(text, std::move(data));
        if (outgoing_.size() == 1) write();
    }
    void write() {
        socket_.text(outgoing_.front().first);
        socket_.async_write(asio::buffer(outgoing_.front().second),
                            [self = shared_from_this()](error_code const& error, std::size_t) {
                                if (error) return;
                                self->outgoing_.pop_front();
                                if (!self->outgoing_.empty()) self->write();
                            });
    }

    beast::websocket::stream<net::Stream, false> socket_;
    beast::flat_buffer buffer_{};
    std::deque<std::pair<bool, std::string>> outgoing_{};
};

std::string lower_case(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return text;
}

}  // namespace

struct ScriptedServer::Impl : std::enable_shared_from_this<Impl> {
    struct Session {
        net::Stream stream;
        beast::flat_buffer buffer{};
        Request request{};
        http::response<http::string_body> response{};
        explicit Session(net::Stream from) : stream(std::move(from)) {}
    };

    ScriptedServer* server;  // none once the server is gone
    asio::ip::tcp::acceptor acceptor;
    std::vector<std::shared_ptr<Session>> silent{};

    Impl(ScriptedServer* owner, asio::any_io_executor executor)
        : server(owner), acceptor(std::move(executor), {asio::ip::address_v4::loopback(), 0}) {}

    void accept() {
        acceptor.async_accept([self = shared_from_this()](error_code const& error, asio::ip::tcp::socket socket) {
            if (error || self->server == nullptr) return;
            self->serve(std::make_shared<Session>(net::make_stream(std::move(socket))));
            self->accept();
        });
    }

    void serve(std::shared_ptr<Session> session) {
        Session& at = *session;
        at.request = {};
        http::async_read(at.stream, at.buffer, at.request,
                         [self = shared_from_this(), session = std::move(session)](error_code const& error, std::size_t) {
                             if (!error && self->server != nullptr) self->handle(session);
                         });
    }

    void handle(std::shared_ptr<Session> const& session) {
        if (beast::websocket::is_upgrade(session->request)) {
            if (server->upgrade_status != 101) return respond(session, {.status = server->upgrade_status, .body = "no"});
            auto peer = std::make_shared<WebsocketPeer>(std::move(session->stream));
            peer->accept(session->request, server->reads, [self = shared_from_this(), session](std::shared_ptr<Peer> accepted) {
                if (self->server != nullptr) self->server->peers.push_back(std::move(accepted));
            });
            return;
        }
        Asked request{.method = std::string(session->request.method_string()), .target = std::string(session->request.target())};
        for (auto const& field : session->request)
            request.headers[lower_case(std::string(field.name_string()))] = std::string(field.value());
        request.body = session->request.body();
        server->asked.push_back(request);
        respond(session, server->answer ? server->answer(request) : Answer{});
    }

    void respond(std::shared_ptr<Session> const& session, Answer const& what) {
        switch (what.manner) {
            case Answer::Manner::silent:
                silent.push_back(session);
                return;
            case Answer::Manner::hang_up:
                session->stream.close();
                return;
            case Answer::Manner::normal:
                break;
        }
        session->response = {};
        session->response.version(11);
        session->response.result(static_cast<unsigned>(what.status));
        for (auto const& [name, value] : what.headers) session->response.set(name, value);
        session->response.body() = what.body;
        session->response.prepare_payload();
        http::async_write(session->stream, session->response,
                          [self = shared_from_this(), session](error_code const& error, std::size_t) {
                              if (!error) self->serve(session);
                          });
    }
};

ScriptedServer::ScriptedServer(asio::any_io_executor executor) : impl_(std::make_shared<Impl>(this, std::move(executor))) {
    impl_->accept();
}
ScriptedServer::~ScriptedServer() {
    impl_->server = nullptr;
    error_code ignored;  // it goes away either way
    impl_->acceptor.close(ignored);
    for (auto const& peer : peers) peer->drop();
}

std::uint16_t ScriptedServer::port() const { return impl_->acceptor.local_endpoint().port(); }
std::string ScriptedServer::address(std::string const& scheme, std::string const& target) const {
    return scheme + "://127.0.0.1:" + std::to_string(port()) + target;
}

bool run_until(asio::io_context& io, std::function<bool()> const& done) {
    auto const limit = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    while (!done()) {
        if (std::chrono::steady_clock::now() > limit) return false;
        io.restart();
        io.run_one_for(std::chrono::milliseconds{100});
    }
    return true;
}

void settle(asio::io_context& io) {
    io.restart();
    io.poll();
}

bool run_to_end(asio::io_context& io, asio::awaitable<void> task) {
    bool ended = false;
    std::exception_ptr failure;
    asio::co_spawn(io, std::move(task), [&](std::exception_ptr error) {
        failure = error;
        ended = true;
    });
    bool const in_time = run_until(io, [&] { return ended; });
    if (failure) std::rethrow_exception(failure);
    return in_time;
}

}  // namespace esc::test
