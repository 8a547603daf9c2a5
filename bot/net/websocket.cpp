// The only file that instantiates Beast's WebSocket. Beast keeps the limit of the upgrade; every other limit is kept by dropping
// TCP, which ends all operations. Idle time is watched here, since Beast would set its timer anew for every message.
#include "bot/net/websocket.hpp"

#include "bot/net/frame_stream.hpp"
#include "bot/net/timeout.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/error.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <optional>
#include <utility>

namespace esc::net {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;
using std::chrono::steady_clock;

namespace {

constexpr auto outcome = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t write_buffer_bytes = 20U << 10;  // a whole ack (at most 19 000 bytes) is masked and sent in one piece
constexpr std::size_t gathered_bytes = 64U << 10;      // several texts go out together up to this
constexpr std::size_t kept_buffer_bytes = 64U << 10;   // a read buffer that grew beyond this is given back

long long ms(steady_clock::duration span) { return std::chrono::duration_cast<std::chrono::milliseconds>(span).count(); }

}  // namespace

struct Websocket::Impl : std::enable_shared_from_this<Impl> {
    Impl(Stream stream, Options o)
        : socket(FrameStream(std::move(stream))),
          options(o),
          heard(steady_clock::now()),
          watch(socket.get_executor()),
          closed(socket.get_executor(), steady_clock::time_point::max()) {
        socket.auto_fragment(false);
        socket.write_buffer_bytes(write_buffer_bytes);
        socket.read_message_max(options.frame_bytes_max);
        socket.set_option(websocket::stream_base::timeout{.handshake_timeout = options.handshake_limit,
                                                          .idle_timeout = websocket::stream_base::none(),
                                                          .keep_alive_pings = false});
        socket.control_callback([this](websocket::frame_type, beast::string_view) { heard = steady_clock::now(); });
    }

    void watch_until(steady_clock::time_point at) {
        watch.expires_at(at);
        watch.async_wait([weak = weak_from_this()](error_code error) {
            if (auto const alive = weak.lock(); alive && !error) alive->look();
        });
    }

    // At half of the limit the peer is asked for a sign of life, at all of it it is dead.
    void look() {
        if (end || closing) return;
        auto const quiet = steady_clock::now() - heard;
        if (quiet >= options.idle_limit) {
            mute = true;
            return drop();
        }
        if (quiet < options.idle_limit / 2) return watch_until(heard + options.idle_limit / 2);
        watch_until(heard + options.idle_limit);
        if (std::exchange(pinging, true)) return;
        // A ping that fails is seen by whoever reads.
        socket.async_ping({}, [weak = weak_from_this()](error_code) {
            if (auto const alive = weak.lock()) alive->pinging = false;
        });
    }

    // The first error is the end: Beast may be used after some errors and asserts after others, so it is not asked again.
    Error ended(error_code error) {
        if (!end) end = describe(error);
        if (!closing) drop();
        return *end;
    }

    [[nodiscard]] Error describe(error_code error) const {
        if (error == websocket::error::closed) {
            auto const& reason = socket.reason();
            return fail(Errc::unavailable, "closed by the peer with code {}{}{}", static_cast<unsigned>(reason.code),
                        reason.reason.empty() ? "" : ": ", std::string_view(reason.reason.data(), reason.reason.size()));
        }
        if (mute) return fail(Errc::unavailable, "nothing heard for {} ms", ms(options.idle_limit));
        if (closing || error == asio::error::operation_aborted) return fail(Errc::unavailable, "closed by us");
        return fail(Errc::unavailable, "connection lost: {}", error.message());
    }

    void drop() noexcept {
        socket.next_layer().close();
        watch.cancel();
    }

    websocket::stream<FrameStream, false> socket;
    Options options;
    steady_clock::time_point heard;
    beast::flat_buffer buffer{};
    asio::steady_timer watch;
    std::optional<Error> end{};
    bool mute = false;
    bool pinging = false;
    bool closing = false;
    bool closing_ended = false;
    asio::steady_timer closed;
};

Websocket::Websocket(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

Websocket::~Websocket() { impl_->drop(); }

asio::awaitable<Result<std::unique_ptr<Websocket>>> Websocket::connect(Url url, TlsContext& tls, Options options) {
    auto const host = url.host_header();
    auto const target = url.target;
    auto stream = co_await net::connect(std::move(url), tls, options.connect_limit);
    if (!stream) co_return std::move(stream).error();

    auto const impl = std::make_shared<Impl>(*std::move(stream), options);
    websocket::response_type response;
    auto const [error] = co_await impl->socket.async_handshake(response, host, target, outcome);
    if (error == websocket::error::upgrade_declined)
        co_return fail(Errc::unavailable, "{} answered {} instead of opening a WebSocket", host, response.result_int());
    if (error == beast::error::timeout)
        co_return fail(Errc::unavailable, "opening a WebSocket at {} took longer than {} ms", host, ms(options.handshake_limit));
    if (error) co_return fail(Errc::unavailable, "no WebSocket at {}: {}", host, error.message());
    impl->socket.text(true);
    impl->heard = steady_clock::now();
    impl->watch_until(impl->heard + options.idle_limit / 2);
    co_return std::unique_ptr<Websocket>(new Websocket(impl));
}

asio::awaitable<Result<Websocket::Message>> Websocket::read() {
    auto const impl = impl_;
    if (impl->end) co_return *impl->end;
    auto const [error, size] = co_await impl->socket.async_read(impl->buffer, outcome);
    if (error) co_return impl->ended(error);
    impl->heard = steady_clock::now();
    auto const bytes = impl->buffer.cdata();
    Message message{.text = impl->socket.got_text(), .data = std::string(static_cast<char const*>(bytes.data()), size)};
    impl->buffer.consume(size);
    if (impl->buffer.capacity() > kept_buffer_bytes) impl->buffer.shrink_to_fit();
    co_return message;
}

asio::awaitable<Result<void>> Websocket::write(std::string text) {
    auto const impl = impl_;
    if (impl->end) co_return *impl->end;
    auto const [error, size] = co_await impl->socket.async_write(asio::buffer(text), outcome);
    if (error) co_return impl->ended(error);
    co_return Result<void>{};
}

asio::awaitable<Result<void>> Websocket::write(std::vector<std::string> texts) {
    auto const impl = impl_;
    if (impl->end) co_return *impl->end;
    auto& stream = impl->socket.next_layer();
    for (auto const& text : texts) {
        bool const alone = text.size() >= gathered_bytes;
        if (alone || stream.gathered() >= gathered_bytes)
            if (auto const lost = co_await stream.flush()) co_return impl->ended(lost);
        if (!alone) stream.gather();
        auto const [error, size] = co_await impl->socket.async_write(asio::buffer(text), outcome);
        if (error) co_return impl->ended(error);
    }
    if (auto const lost = co_await stream.flush()) co_return impl->ended(lost);
    co_return Result<void>{};
}

asio::awaitable<void> Websocket::close() {
    auto const impl = impl_;
    if (std::exchange(impl->closing, true)) {
        while (!impl->closing_ended) co_await impl->closed.async_wait(outcome);
        co_return;
    }
    // Also when this coroutine is cancelled or destroyed on the way.
    struct Drop {
        std::shared_ptr<Impl> impl;
        ~Drop() {
            impl->drop();
            impl->closing_ended = true;
            impl->closed.cancel();
        }
    } const drop{impl};
    if (impl->end || !impl->socket.is_open()) co_return;
    asio::steady_timer limit(impl->socket.get_executor(), impl->options.close_limit);
    limit.async_wait([weak = std::weak_ptr(impl)](error_code error) {
        if (auto const alive = weak.lock(); alive && !error) alive->drop();
    });
    // How the peer takes it is of no interest any more.
    co_await impl->socket.async_close(websocket::close_code::normal, outcome);
}

void Websocket::abort() noexcept { impl_->drop(); }

steady_clock::time_point Websocket::last_heard() const { return impl_->heard; }

}  // namespace esc::net
