// Performs what SocketModeFsm decides: sockets, tickets, the write queue of acks.
#pragma once

#include "bot/base/config.hpp"
#include "bot/base/metrics.hpp"
#include "bot/net/stream.hpp"
#include "bot/net/task_group.hpp"
#include "bot/run/socket_mode_fsm.hpp"
#include "bot/run/web_client.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace esc::run {

// One envelope waiting for its one ack. Acks when the socket that brought it is gone go out on another one of the app.
class Ack {
public:
    using Send = std::function<void(std::string frame)>;
    Ack(std::string envelope_id, bool accepts_payload, Send send);
    // At most once; later calls are counted and ignored. A payload that is not accepted, or a frame over 19 000 bytes, goes
    // out as a bare ack and `false` comes back: the caller then answers another way.
    bool operator()(std::string_view payload_json = {});
    [[nodiscard]] bool sent() const { return sent_; }
    [[nodiscard]] int ignored() const { return ignored_; }  // calls after the first

private:
    std::string envelope_id_;
    bool accepts_payload_;
    Send send_;
    bool sent_ = false;
    int ignored_ = 0;
};

class SocketMode {
public:
    using Deliver = std::function<void(slack::Envelope, std::shared_ptr<Ack>)>;
    SocketMode(boost::asio::any_io_executor executor, Clock& clock, WebClient& web, net::TlsContext& tls, Metrics& metrics,
               SocketModeFsm::Options options, bool loopback_allowed, Deliver deliver, std::function<void(Error)> give_up);
    ~SocketMode();
    SocketMode(SocketMode const&) = delete;
    SocketMode& operator=(SocketMode const&) = delete;

    void start();
    boost::asio::awaitable<void> stop();
    [[nodiscard]] bool ready() const;
    // Frames handed out and not acknowledged, acks not written.
    [[nodiscard]] bool quiet() const;

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace esc::run
