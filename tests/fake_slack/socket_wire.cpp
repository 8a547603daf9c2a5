// Frames on a TCP stream.
#include "tests/fake_slack/socket_wire.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

#include <chrono>
#include <utility>

namespace esc::fake {

namespace asio = boost::asio;

SocketWire::SocketWire(std::shared_ptr<boost::beast::tcp_stream> stream)
    : stream_(std::move(stream)), ping_timer_(stream_->get_executor()) {}

void SocketWire::raw(std::string bytes) {
    queue_.push_back(std::move(bytes));
    pump();
}

void SocketWire::send(std::string text) {
    if (!close_sent_) raw(encode_frame(Opcode::text, text));
}

void SocketWire::close() {
    if (close_sent_) return;
    close_sent_ = true;
    ping_timer_.cancel();
    raw(encode_frame(Opcode::close, std::string_view("\x03\xE8", 2)));  // 1000, normal closure
}

void SocketWire::drop() {
    ping_timer_.cancel();
    boost::system::error_code ignored;  // it is being thrown away
    stream_->socket().close(ignored);
}

void SocketWire::start_pings() {
    ping_timer_.expires_after(std::chrono::seconds{10});
    ping_timer_.async_wait([weak = weak_from_this()](boost::system::error_code error) {
        auto const self = weak.lock();
        if (error || !self || self->close_sent_) return;
        self->raw(encode_frame(Opcode::ping, "Ping from applink-fake-1"));
        self->start_pings();
    });
}

void SocketWire::pump() {
    if (writing_ || queue_.empty()) return;
    writing_ = true;
    asio::async_write(*stream_, asio::buffer(queue_.front()),
                      [self = shared_from_this()](boost::system::error_code error, std::size_t) {
                          self->writing_ = false;
                          self->queue_.pop_front();
                          if (!error) self->pump();
                      });
}

bool SocketWire::feed(std::string_view bytes, SocketHub& hub, Records& records, int connection) {
    reader_.feed(bytes);
    while (auto frame = reader_.next()) {
        switch (frame->opcode) {
            case Opcode::binary:
                records.violation("sent a binary message");
                [[fallthrough]];
            case Opcode::text:
                if (frame->final) {
                    hub.received(connection, frame->payload, false);
                } else {
                    message_ = std::move(frame->payload);
                    in_message_ = true;
                }
                break;
            case Opcode::continuation:
                if (!in_message_) {
                    records.violation("sent a continuation of nothing");
                    return false;
                }
                message_ += frame->payload;
                if (frame->final) {
                    in_message_ = false;
                    hub.received(connection, message_, true);
                }
                break;
            case Opcode::ping:
                raw(encode_frame(Opcode::pong, frame->payload));
                break;
            case Opcode::pong:
                break;
            case Opcode::close:
                // Slack leaves the TCP connection to the peer after the handshake: the peer must end it.
                close();
                return false;
        }
    }
    if (reader_.error().empty()) return true;
    records.violation("broke the WebSocket protocol: " + reader_.error());
    drop();
    return false;
}

}  // namespace esc::fake
