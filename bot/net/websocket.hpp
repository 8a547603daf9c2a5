// A client WebSocket. One reader, one writer at a time; frames go out unfragmented, since Slack's server is suspected not to
// reassemble continuation frames.
#pragma once

#include "bot/base/result.hpp"
#include "bot/net/stream.hpp"
#include "bot/net/url.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace esc::net {

class Websocket {
public:
    struct Options {
        std::chrono::steady_clock::duration connect_limit = std::chrono::seconds{10};    // DNS, TCP and TLS
        std::chrono::steady_clock::duration handshake_limit = std::chrono::seconds{10};  // the upgrade
        std::chrono::steady_clock::duration idle_limit = std::chrono::seconds{20};       // with pings at half of it
        std::chrono::steady_clock::duration close_limit = std::chrono::seconds{1};       // Slack leaves TCP open after close
        std::size_t frame_bytes_max = 4U << 20;
    };
    struct Message {
        bool text = true;
        std::string data{};
    };

    // Errc::unavailable for every failure before the upgrade is done; its message never holds path or query.
    static boost::asio::awaitable<Result<std::unique_ptr<Websocket>>> connect(Url url, TlsContext& tls, Options options);
    ~Websocket();
    Websocket(Websocket const&) = delete;
    Websocket& operator=(Websocket const&) = delete;

    // Errc::unavailable when the connection ended, with the reason (close code, reset, idle too long).
    boost::asio::awaitable<Result<Message>> read();
    // One text message, one frame. Only one write at a time.
    boost::asio::awaitable<Result<void>> write(std::string text);
    // One frame for each text, sent together.
    boost::asio::awaitable<Result<void>> write(std::vector<std::string> texts);
    // Asks politely for close_limit, then drops TCP. Safe to call twice and while a read waits (which then ends).
    boost::asio::awaitable<void> close();
    // Drops TCP at once.
    void abort() noexcept;
    // When the last frame of any kind (also a pong) arrived, on the steady clock.
    [[nodiscard]] std::chrono::steady_clock::time_point last_heard() const;

private:
    struct Impl;
    explicit Websocket(std::shared_ptr<Impl> impl);
    std::shared_ptr<Impl> impl_;  // shared with operations under way
};

}  // namespace esc::net
