// One Socket Mode connection on a TCP stream after its upgrade: frames in, frames out, pings, the closing handshake.
#pragma once

#include "tests/fake_slack/frames.hpp"
#include "tests/fake_slack/socket_hub.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/tcp_stream.hpp>

#include <deque>
#include <memory>
#include <string>
#include <string_view>

namespace esc::fake {

class SocketWire final : public Wire, public std::enable_shared_from_this<SocketWire> {
public:
    explicit SocketWire(std::shared_ptr<boost::beast::tcp_stream> stream);

    void send(std::string text) override;
    void close() override;
    void drop() override;

    // Handles what the peer sent; hands whole messages to the hub. False: the connection is over for the hub.
    bool feed(std::string_view bytes, SocketHub& hub, Records& records, int connection);
    void start_pings();
    void raw(std::string bytes);

private:
    void pump();

    std::shared_ptr<boost::beast::tcp_stream> stream_;
    boost::asio::steady_timer ping_timer_;
    FrameReader reader_{};
    std::deque<std::string> queue_{};
    std::string message_{};
    bool in_message_ = false;
    bool writing_ = false;
    bool close_sent_ = false;
};

}  // namespace esc::fake
