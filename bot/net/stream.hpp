// A byte stream whose kind is forgotten: TCP, TLS over TCP, or a pair in memory. Beast's composed operations are instantiated
// once over this type instead of once per kind, which is most of the build time.
#pragma once

#include "bot/base/result.hpp"
#include "bot/net/url.hpp"

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/append.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/role.hpp>
#include <boost/system/error_code.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <utility>

namespace esc::net {

struct Transport {
    using IoHandler = boost::asio::any_completion_handler<void(boost::system::error_code, std::size_t)>;
    using DoneHandler = boost::asio::any_completion_handler<void(boost::system::error_code)>;
    virtual ~Transport() = default;
    virtual boost::asio::any_io_executor executor() = 0;
    virtual void read_some(std::span<boost::asio::mutable_buffer const> buffers, IoHandler handler) = 0;
    virtual void write_some(std::span<boost::asio::const_buffer const> buffers, IoHandler handler) = 0;
    // Says that nothing more will be sent and waits until the peer has said so too; the caller bounds the waiting.
    virtual void shutdown(DoneHandler handler) = 0;
    virtual void close() noexcept = 0;
    // Whether the peer has neither closed nor sent anything that was not read. Says nothing about the next moment.
    virtual bool quiet() = 0;
};

class Stream {
public:
    using executor_type = boost::asio::any_io_executor;
    explicit Stream(std::unique_ptr<Transport> transport) : transport_(std::move(transport)) {}
    executor_type get_executor() { return transport_->executor(); }

    template <class Buffers, class Token>
    auto async_read_some(Buffers const& buffers, Token&& token) {
        return boost::asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(
            [this](auto handler, Buffers const& all) {
                std::array<boost::asio::mutable_buffer, max_buffers> some;
                transport_->read_some({some.data(), collect(all, some)}, std::move(handler));
            },
            token, buffers);
    }
    template <class Buffers, class Token>
    auto async_write_some(Buffers const& buffers, Token&& token) {
        return boost::asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(
            [this](auto handler, Buffers const& all) {
                std::array<boost::asio::const_buffer, max_buffers> some;
                transport_->write_some({some.data(), collect(all, some)}, std::move(handler));
            },
            token, buffers);
    }
    template <class Token>
    auto async_shutdown(Token&& token) {
        return boost::asio::async_initiate<Token, void(boost::system::error_code)>(
            [this](auto handler) { transport_->shutdown(std::move(handler)); }, token);
    }
    void close() noexcept { transport_->close(); }
    bool quiet() { return transport_->quiet(); }

private:
    static constexpr std::size_t max_buffers = 16;
    template <class Buffers, class Array>
    static std::size_t collect(Buffers const& all, Array& some) {
        std::size_t count = 0;
        auto const end = boost::asio::buffer_sequence_end(all);
        for (auto at = boost::asio::buffer_sequence_begin(all); at != end && count < some.size(); ++at)
            if (auto const buffer = typename Array::value_type(*at); buffer.size() > 0) some[count++] = buffer;
        return count;
    }
    std::unique_ptr<Transport> transport_;
};

// Customisation points of Beast's websocket::stream.
void beast_close_socket(Stream& stream);
// After the closing handshake nothing is left to say; waiting for the peer to close TCP first would wait for ever at Slack's.
template <class Token>
auto async_teardown(boost::beast::role_type, Stream& stream, Token&& token) {
    return boost::asio::async_initiate<Token, void(boost::system::error_code)>(
        [&stream](auto handler) {
            stream.close();
            boost::asio::post(stream.get_executor(), boost::asio::append(std::move(handler), boost::system::error_code{}));
        },
        token);
}
void teardown(boost::beast::role_type, Stream& stream, boost::system::error_code& error);

// One TLS context for the whole program: system roots, TLS 1.2 and up, host name checked. `extra_roots_pem` is for tests.
class TlsContext {
public:
    explicit TlsContext(std::string const& extra_roots_pem = {});
    ~TlsContext();
    TlsContext(TlsContext const&) = delete;
    TlsContext& operator=(TlsContext const&) = delete;

private:
    friend boost::asio::awaitable<Result<Stream>> connect(Url, TlsContext&, std::chrono::steady_clock::duration);
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// Resolves, connects (each address in turn), and with tls shakes hands and checks the certificate; all within `limit`.
// Errc::unavailable says at which step it failed. TCP_NODELAY is set.
boost::asio::awaitable<Result<Stream>> connect(Url url, TlsContext& tls, std::chrono::steady_clock::duration limit);

// From an accepted socket.
Stream make_stream(boost::asio::ip::tcp::socket socket);
// Two ends of a pipe in memory, for tests.
std::pair<Stream, Stream> make_pipe(boost::asio::any_io_executor executor);

}  // namespace esc::net
