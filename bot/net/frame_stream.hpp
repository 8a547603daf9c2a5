// A Stream between Beast's WebSocket and the wire that saves calls of the operating system when frames are small and many: it
// reads ahead, and while it gathers, what is written waits for flush(). A frame stays a frame; only its TCP segments are shared.
#pragma once

#include "bot/net/stream.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <tuple>
#include <utility>

namespace esc::net {

class FrameStream {
public:
    using executor_type = Stream::executor_type;
    explicit FrameStream(Stream stream) : state_(std::make_shared<State>(std::move(stream))) {}
    executor_type get_executor() { return state_->stream.get_executor(); }

    template <class Buffers, class Token>
    auto async_read_some(Buffers const& buffers, Token&& token) {
        return boost::asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(
            [state = state_](auto handler, Buffers const& into) {
                if (state->held() > 0) return state->complete(std::move(handler), {}, state->take(into));
                Transport::IoHandler erased(std::move(handler));
                auto const slot = boost::asio::get_associated_cancellation_slot(erased);
                auto filled = [state, into, erased = std::move(erased)](boost::system::error_code error,
                                                                        std::size_t size) mutable {
                    state->begin = 0;
                    state->end = size;
                    auto const taken = state->take(into);
                    std::move(erased)(error, taken);
                };
                state->stream.async_read_some(boost::asio::buffer(state->ahead),
                                              boost::asio::bind_cancellation_slot(slot, std::move(filled)));
            },
            token, buffers);
    }

    // While gathering, or while a flush is on its way, a write is over at once and its bytes go out with the others. An error of
    // the wire is told by the flush.
    template <class Buffers, class Token>
    auto async_write_some(Buffers const& buffers, Token&& token) {
        return boost::asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(
            [state = state_](auto handler, Buffers const& from) {
                if (!state->gathering && !state->flushing) return state->stream.async_write_some(from, std::move(handler));
                auto const size = boost::asio::buffer_size(from);
                if (state->gathered.size() + size > gathered_bytes_max)
                    return state->complete(std::move(handler), boost::asio::error::no_buffer_space, 0);
                auto const before = state->gathered.size();
                state->gathered.resize(before + size);
                boost::asio::buffer_copy(boost::asio::buffer(state->gathered.data() + before, size), from);
                state->complete(std::move(handler), {}, size);
            },
            token, buffers);
    }

    void gather() { state_->gathering = true; }
    // Writes what was gathered, and what comes meanwhile. One at a time.
    boost::asio::awaitable<boost::system::error_code> flush() {
        auto const state = state_;
        state->gathering = false;
        state->flushing = true;
        boost::system::error_code error;
        while (!error && !state->gathered.empty()) {
            std::swap(state->gathered, state->going);
            state->gathered.clear();
            error = std::get<0>(co_await boost::asio::async_write(state->stream, boost::asio::buffer(state->going),
                                                                  boost::asio::as_tuple(boost::asio::use_awaitable)));
        }
        state->flushing = false;
        co_return error;
    }
    [[nodiscard]] std::size_t gathered() const { return state_->gathered.size(); }

    void close() noexcept { state_->stream.close(); }

private:
    static constexpr std::size_t ahead_bytes = 16U << 10;
    // Only a peer that wants answers and takes none gets anywhere near it.
    static constexpr std::size_t gathered_bytes_max = 128U << 10;

    // Shared with operations under way, which may end after their owner.
    struct State {
        explicit State(Stream s) : stream(std::move(s)) {}
        [[nodiscard]] std::size_t held() const { return end - begin; }
        template <class Buffers>
        std::size_t take(Buffers const& into) {
            auto const taken = boost::asio::buffer_copy(into, boost::asio::buffer(ahead.data() + begin, held()));
            begin += taken;
            return taken;
        }
        template <class Handler>
        void complete(Handler handler, boost::system::error_code error, std::size_t size) {
            boost::asio::post(stream.get_executor(), boost::asio::append(std::move(handler), error, size));
        }

        Stream stream;
        std::array<char, ahead_bytes> ahead;
        std::size_t begin = 0;
        std::size_t end = 0;
        std::string gathered{};
        std::string going{};
        bool gathering = false;
        bool flushing = false;
    };
    std::shared_ptr<State> state_;
};

// Customisation points of Beast's websocket::stream.
inline void beast_close_socket(FrameStream& stream) { stream.close(); }
// After the closing handshake nothing is left to say; waiting for the peer to close TCP first would wait for ever at Slack's.
template <class Token>
auto async_teardown(boost::beast::role_type, FrameStream& stream, Token&& token) {
    return boost::asio::async_initiate<Token, void(boost::system::error_code)>(
        [&stream](auto handler) {
            stream.close();
            boost::asio::post(stream.get_executor(), boost::asio::append(std::move(handler), boost::system::error_code{}));
        },
        token);
}
inline void teardown(boost::beast::role_type, FrameStream& stream, boost::system::error_code& error) {
    stream.close();
    error = {};
}

}  // namespace esc::net
