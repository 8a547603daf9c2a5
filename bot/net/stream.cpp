// The three transports, and connecting. The state of a transport outlives its owner while an operation is under way, because
// Asio's TLS operations refer to it until they have ended.
#include "bot/net/stream.hpp"

#include "bot/net/timeout.hpp"

#include <boost/asio/append.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/compose.hpp>
#include <boost/asio/consign.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fmt/format.h>

#include <openssl/x509v3.h>

#include <sys/socket.h>

#include <algorithm>
#include <deque>
#include <vector>

namespace esc::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::steady_clock;

namespace {

// The buffers of one operation, kept by value; a span would point into the initiating function's stack.
template <class Buffer>
struct Buffers {
    using value_type = Buffer;
    using const_iterator = Buffer const*;
    explicit Buffers(std::span<Buffer const> from) : count(std::min(from.size(), all.size())) {
        std::copy_n(from.begin(), count, all.begin());
    }
    [[nodiscard]] const_iterator begin() const { return all.data(); }
    [[nodiscard]] const_iterator end() const { return all.data() + count; }

    std::array<Buffer, 16> all;
    std::size_t count;
};

// Nothing to read and not closed, without reading: what a kept connection must be to be used again.
bool quiet_socket(tcp::socket& socket) {
    char byte = 0;
    auto const got = ::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

void close_socket(tcp::socket& socket) noexcept {
    error_code ignored;  // nobody is left who could do anything about it
    socket.close(ignored);
}

class TcpTransport final : public Transport {
public:
    explicit TcpTransport(tcp::socket socket) : socket_(std::make_shared<tcp::socket>(std::move(socket))) {}
    ~TcpTransport() override { close(); }
    TcpTransport(TcpTransport const&) = delete;
    TcpTransport& operator=(TcpTransport const&) = delete;

    asio::any_io_executor executor() override { return socket_->get_executor(); }
    void read_some(std::span<asio::mutable_buffer const> buffers, IoHandler handler) override {
        if (buffers.size() == 1)
            socket_->async_read_some(buffers.front(), std::move(handler));
        else
            socket_->async_read_some(Buffers(buffers), std::move(handler));
    }
    void write_some(std::span<asio::const_buffer const> buffers, IoHandler handler) override {
        if (buffers.size() == 1)
            socket_->async_write_some(buffers.front(), std::move(handler));
        else
            socket_->async_write_some(Buffers(buffers), std::move(handler));
    }
    void shutdown(DoneHandler handler) override {
        error_code ignored;  // not connected any more: reading tells
        socket_->shutdown(tcp::socket::shutdown_send, ignored);
        asio::async_compose<DoneHandler, void(error_code)>(Drain{socket_, std::make_unique<std::array<char, 4096>>()}, handler,
                                                           *socket_);
    }
    void close() noexcept override { close_socket(*socket_); }
    bool quiet() override { return quiet_socket(*socket_); }

private:
    // Reads and forgets until the peer has closed too. Closing with unread bytes would reset the connection and could take
    // our last bytes with it.
    struct Drain {
        std::shared_ptr<tcp::socket> socket;
        std::unique_ptr<std::array<char, 4096>> waste;
        bool started = false;
        template <class Self>
        void operator()(Self& self, error_code error = {}, std::size_t = 0) {
            if (std::exchange(started, true) && error) return self.complete(error == asio::error::eof ? error_code{} : error);
            auto const room = asio::buffer(*waste);
            auto& from = *socket;
            from.async_read_some(room, std::move(self));
        }
    };
    std::shared_ptr<tcp::socket> socket_;
};

struct TlsState {
    TlsState(tcp::socket socket, asio::ssl::context& context) : stream(std::move(socket), context) {}
    asio::ssl::stream<tcp::socket> stream;
    std::vector<char> gathered{};
};

class TlsTransport final : public Transport {
public:
    explicit TlsTransport(std::shared_ptr<TlsState> state) : state_(std::move(state)) {}
    ~TlsTransport() override { close(); }
    TlsTransport(TlsTransport const&) = delete;
    TlsTransport& operator=(TlsTransport const&) = delete;

    asio::any_io_executor executor() override { return state_->stream.get_executor(); }
    void read_some(std::span<asio::mutable_buffer const> buffers, IoHandler handler) override {
        auto const first = buffers.empty() ? asio::mutable_buffer{} : buffers.front();
        state_->stream.async_read_some(first, asio::consign(std::move(handler), state_));
    }
    void write_some(std::span<asio::const_buffer const> buffers, IoHandler handler) override {
        auto first = buffers.empty() ? asio::const_buffer{} : buffers.front();
        // One record for a frame's header and its payload; Asio would write one for each buffer.
        if (buffers.size() > 1 && first.size() < record_bytes_max) {
            auto& gathered = state_->gathered;
            gathered.clear();
            for (auto const& buffer : buffers) {
                auto const* data = static_cast<char const*>(buffer.data());
                gathered.insert(gathered.end(), data, data + std::min(buffer.size(), record_bytes_max - gathered.size()));
            }
            first = asio::buffer(gathered);
        }
        state_->stream.async_write_some(first, asio::consign(std::move(handler), state_));
    }
    void shutdown(DoneHandler handler) override { state_->stream.async_shutdown(asio::consign(std::move(handler), state_)); }
    void close() noexcept override { close_socket(state_->stream.next_layer()); }
    bool quiet() override { return quiet_socket(state_->stream.next_layer()); }

private:
    static constexpr std::size_t record_bytes_max = 16384;
    std::shared_ptr<TlsState> state_;
};

// One direction of a pipe. One reader and one writer at a time.
struct Channel {
    explicit Channel(asio::any_io_executor executor)
        : readable(executor, steady_clock::time_point::max()), writable(executor, steady_clock::time_point::max()) {}
    [[nodiscard]] std::size_t room() const { return bytes_max - bytes.size(); }
    void changed() {
        readable.cancel();
        writable.cancel();
    }

    static constexpr std::size_t bytes_max = 65536;
    std::deque<char> bytes;
    bool writer_gone = false;
    bool reader_gone = false;
    asio::steady_timer readable;
    asio::steady_timer writable;
};

class PipeTransport final : public Transport {
public:
    PipeTransport(std::shared_ptr<Channel> in, std::shared_ptr<Channel> out) : in_(std::move(in)), out_(std::move(out)) {}
    ~PipeTransport() override { close(); }
    PipeTransport(PipeTransport const&) = delete;
    PipeTransport& operator=(PipeTransport const&) = delete;

    asio::any_io_executor executor() override { return in_->readable.get_executor(); }
    void read_some(std::span<asio::mutable_buffer const> buffers, IoHandler handler) override {
        asio::async_compose<IoHandler, void(error_code, std::size_t)>(Read{in_, Buffers(buffers)}, handler, in_->readable);
    }
    void write_some(std::span<asio::const_buffer const> buffers, IoHandler handler) override {
        asio::async_compose<IoHandler, void(error_code, std::size_t)>(Write{out_, Buffers(buffers)}, handler, out_->writable);
    }
    void shutdown(DoneHandler handler) override {
        out_->writer_gone = true;
        out_->changed();
        asio::post(executor(), asio::append(std::move(handler), error_code{}));
    }
    void close() noexcept override {
        out_->writer_gone = in_->reader_gone = true;
        out_->changed();
        in_->changed();
    }
    bool quiet() override { return in_->bytes.empty() && !in_->writer_gone && !in_->reader_gone; }

private:
    struct Read {
        std::shared_ptr<Channel> channel;
        Buffers<asio::mutable_buffer> into;
        bool started = false;
        template <class Self>
        void operator()(Self& self, error_code error = {}) {
            auto& from = *channel;
            if (!std::exchange(started, true)) return asio::post(from.readable.get_executor(), std::move(self));
            if (from.reader_gone || self.get_cancellation_state().cancelled() != asio::cancellation_type::none)
                return self.complete(asio::error::operation_aborted, 0);
            if (asio::buffer_size(into) == 0) return self.complete({}, 0);
            if (!from.bytes.empty()) return self.complete({}, take());
            if (from.writer_gone) return self.complete(asio::error::eof, 0);
            (void)error;  // the timer only ever ends by being cancelled
            from.readable.async_wait(std::move(self));
        }
        std::size_t take() {
            std::size_t taken = 0;
            for (auto const& buffer : into) {
                auto const count = std::min(buffer.size(), channel->bytes.size());
                std::copy_n(channel->bytes.begin(), count, static_cast<char*>(buffer.data()));
                channel->bytes.erase(channel->bytes.begin(), channel->bytes.begin() + static_cast<std::ptrdiff_t>(count));
                taken += count;
            }
            channel->writable.cancel();
            return taken;
        }
    };
    struct Write {
        std::shared_ptr<Channel> channel;
        Buffers<asio::const_buffer> from;
        bool started = false;
        template <class Self>
        void operator()(Self& self, error_code error = {}) {
            auto& into = *channel;
            if (!std::exchange(started, true)) return asio::post(into.writable.get_executor(), std::move(self));
            if (self.get_cancellation_state().cancelled() != asio::cancellation_type::none)
                return self.complete(asio::error::operation_aborted, 0);
            if (into.writer_gone || into.reader_gone) return self.complete(asio::error::broken_pipe, 0);
            if (into.room() > 0 || asio::buffer_size(from) == 0) return self.complete({}, give());
            (void)error;  // the timer only ever ends by being cancelled
            into.writable.async_wait(std::move(self));
        }
        std::size_t give() {
            std::size_t given = 0;
            for (auto const& buffer : from) {
                auto const count = std::min(buffer.size(), channel->room());
                auto const* data = static_cast<char const*>(buffer.data());
                channel->bytes.insert(channel->bytes.end(), data, data + count);
                given += count;
            }
            channel->readable.cancel();
            return given;
        }
    };
    std::shared_ptr<Channel> in_;
    std::shared_ptr<Channel> out_;
};

}  // namespace

void beast_close_socket(Stream& stream) { stream.close(); }

void teardown(boost::beast::role_type, Stream& stream, error_code& error) {
    stream.close();
    error = {};
}

struct TlsContext::Impl {
    asio::ssl::context context{asio::ssl::context::tls_client};
};

TlsContext::TlsContext(std::string const& extra_roots_pem) : impl_(std::make_unique<Impl>()) {
    auto& context = impl_->context;
    SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
    context.set_default_verify_paths();
    if (!extra_roots_pem.empty()) context.add_certificate_authority(asio::buffer(extra_roots_pem));
    context.set_verify_mode(asio::ssl::verify_peer);
}

TlsContext::~TlsContext() = default;

namespace {

constexpr auto outcome = asio::as_tuple(asio::use_awaitable);

// getaddrinfo cannot be interrupted. Whoever waits can be; the look-up then ends unobserved.
struct Lookup {
    explicit Lookup(asio::any_io_executor const& executor)
        : resolver(executor), done(executor, steady_clock::time_point::max()) {}
    tcp::resolver resolver;
    asio::steady_timer done;
    bool ended = false;
    error_code error{};
    std::vector<tcp::endpoint> found{};
};

asio::awaitable<Result<std::vector<tcp::endpoint>>> resolve(std::string host, std::uint16_t port) {
    error_code not_numeric;
    if (auto const address = asio::ip::make_address(host, not_numeric); !not_numeric)
        co_return std::vector{tcp::endpoint(address, port)};
    auto const lookup = std::make_shared<Lookup>(co_await asio::this_coro::executor);
    lookup->resolver.async_resolve(host, std::to_string(port),
                                   [lookup](error_code error, tcp::resolver::results_type const& results) {
                                       for (auto const& entry : results) lookup->found.push_back(entry.endpoint());
                                       lookup->error = error;
                                       lookup->ended = true;
                                       lookup->done.cancel();
                                   });
    co_await lookup->done.async_wait(outcome);
    if (!lookup->ended) co_return fail(Errc::unavailable, "looking up {} was interrupted", host);
    if (lookup->error || lookup->found.empty())
        co_return fail(Errc::unavailable, "cannot find the address of {}: {}", host, lookup->error.message());
    co_return std::move(lookup->found);
}

asio::awaitable<Result<void>> connect_to(std::shared_ptr<tcp::socket> socket, tcp::endpoint endpoint) {
    close_socket(*socket);
    auto const [error] = co_await socket->async_connect(endpoint, outcome);
    if (error) co_return fail(Errc::unavailable, "{}", error.message());
    co_return Result<void>{};
}

// What a time-out is to be blamed on.
struct Progress {
    char const* step = "looking up";
};

std::string tls_failure(SSL* ssl, error_code error) {
    auto const verdict = SSL_get_verify_result(ssl);
    if (verdict != X509_V_OK) return fmt::format("certificate refused: {}", X509_verify_cert_error_string(verdict));
    return error.message();
}

bool expect_host(SSL* ssl, std::string const& host) {
    auto* const parameters = SSL_get0_param(ssl);
    X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    error_code not_numeric;
    asio::ip::make_address(host, not_numeric);
    if (!not_numeric) return X509_VERIFY_PARAM_set1_ip_asc(parameters, host.c_str()) == 1;
    return X509_VERIFY_PARAM_set1_host(parameters, host.data(), host.size()) == 1 &&
           SSL_set_tlsext_host_name(ssl, host.c_str()) == 1;
}

asio::awaitable<Result<Stream>> connect_steps(Url url, asio::ssl::context& context, steady_clock::time_point deadline,
                                              Progress& progress) {
    auto const executor = co_await asio::this_coro::executor;
    auto const endpoints = co_await resolve(url.host, url.port);
    if (!endpoints) co_return endpoints.error();

    progress.step = "connecting to";
    auto const socket = std::make_shared<tcp::socket>(executor);
    Result<void> connected = fail(Errc::unavailable, "no address");
    for (std::size_t at = 0; at < endpoints->size() && !connected; ++at) {
        // An address that swallows packets must not use up the time of those after it.
        auto const left = std::max(deadline - steady_clock::now(), steady_clock::duration::zero());
        auto const last = at + 1 == endpoints->size();
        connected = co_await with_timeout(connect_to(socket, (*endpoints)[at]), last ? left : left / 2, "connecting");
    }
    if (!connected) co_return fail(Errc::unavailable, "cannot connect to {}: {}", url.host_header(), connected.error().message);
    error_code ignored;  // slower without, but not wrong
    socket->set_option(tcp::no_delay(true), ignored);
    if (!url.tls) co_return Stream(std::make_unique<TcpTransport>(std::move(*socket)));

    progress.step = "shaking hands (TLS) with";
    auto const state = std::make_shared<TlsState>(std::move(*socket), context);
    auto transport = std::make_unique<TlsTransport>(state);
    if (!expect_host(state->stream.native_handle(), url.host))
        co_return fail(Errc::unavailable, "{} is not a name that a certificate can hold", url.host);
    auto const [error] = co_await state->stream.async_handshake(asio::ssl::stream_base::client, outcome);
    if (error) {
        auto const why = tls_failure(state->stream.native_handle(), error);
        co_return fail(Errc::unavailable, "no TLS with {}: {}", url.host_header(), why);
    }
    co_return Stream(std::move(transport));
}

}  // namespace

asio::awaitable<Result<Stream>> connect(Url url, TlsContext& tls, steady_clock::duration limit) {
    Progress progress;
    auto const host = url.host_header();
    auto const deadline = steady_clock::now() + limit;
    auto result = co_await with_timeout(connect_steps(std::move(url), tls.impl_->context, deadline, progress), limit,
                                        "opening a connection");
    if (!result && result.error().code == Errc::timed_out)
        co_return fail(Errc::unavailable, "{} {} took longer than {} ms", progress.step, host,
                       std::chrono::duration_cast<std::chrono::milliseconds>(limit).count());
    co_return result;
}

Stream make_stream(tcp::socket socket) {
    error_code ignored;  // slower without, but not wrong
    socket.set_option(tcp::no_delay(true), ignored);
    return Stream(std::make_unique<TcpTransport>(std::move(socket)));
}

std::pair<Stream, Stream> make_pipe(asio::any_io_executor executor) {
    auto const there = std::make_shared<Channel>(executor);
    auto const back = std::make_shared<Channel>(executor);
    return {Stream(std::make_unique<PipeTransport>(back, there)), Stream(std::make_unique<PipeTransport>(there, back))};
}

}  // namespace esc::net
