// Running coroutines to their end, and raw peers on loopback: they show the bytes themselves, so that what is checked is the
// wire and not another library's opinion of it.
#pragma once

#include "bot/base/result.hpp"
#include "bot/net/stream.hpp"
#include "bot/net/url.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace esc::net::test {

namespace asio = boost::asio;
using asio::ip::tcp;
template <class T = void>
using Awaitable = asio::awaitable<T>;

// Runs all of them until the last has ended, or one has thrown (which is passed on). Fails when they hang.
void run_all(asio::io_context& io, std::vector<Awaitable<>> coroutines);
template <class... Coroutines>
void run(asio::io_context& io, Coroutines... coroutines) {
    std::vector<Awaitable<>> all;
    (all.push_back(std::move(coroutines)), ...);
    run_all(io, std::move(all));
}
// Lets everything that is ready have its turn a few times.
Awaitable<> settle();

struct Frame {
    bool fin = false;
    int opcode = 0;
    bool masked = false;
    std::string payload{};
};

// The other end of a connection, byte by byte.
class Peer {
public:
    explicit Peer(tcp::socket socket) : socket_(std::move(socket)) {}
    // Up to and including the empty line.
    Awaitable<std::string> read_head();
    Awaitable<std::string> read_bytes(std::size_t count);
    Awaitable<Frame> read_frame();
    // What still comes until the other end has closed; a reset counts as closed.
    Awaitable<std::string> read_rest();
    Awaitable<> write(std::string bytes);
    Awaitable<bool> try_write(std::string bytes);
    // Reads a WebSocket request, answers 101, and returns the request's head.
    Awaitable<std::string> upgrade();
    void close();
    void reset();

private:
    Awaitable<bool> read_more();
    tcp::socket socket_;
    std::string seen_{};
};

// A frame as a server sends it: not masked.
std::string frame(int opcode, std::string const& payload, bool fin = true);
std::string ok(std::string const& body, std::string const& more_fields = {});

class Listener {
public:
    explicit Listener(asio::io_context& io);
    Awaitable<Peer> accept();
    void close() { acceptor_.close(); }
    [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
    [[nodiscard]] Url url(std::string target = "/") const {
        return {.tls = false, .host = "127.0.0.1", .port = port(), .target = std::move(target)};
    }

private:
    tcp::acceptor acceptor_;
};

Awaitable<Peer> dial(std::uint16_t port);

// A certificate authority and a certificate of its for one DNS name, made at the time of the test.
struct Certificates {
    std::string root_pem;
    std::string certificate_pem;
    std::string key_pem;
};
Certificates make_certificates(std::string const& dns_name);

// TLS in front of a plain port: every test of the plain wire can run encrypted too.
class TlsFront {
public:
    TlsFront(asio::io_context& io, Certificates const& certificates, std::uint16_t plain_port);
    ~TlsFront();
    TlsFront(TlsFront const&) = delete;
    TlsFront& operator=(TlsFront const&) = delete;
    [[nodiscard]] Url url(std::string target = "/") const;

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace esc::net::test
