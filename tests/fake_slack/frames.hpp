// The server's half of RFC 6455 as plain data, frame by frame: unlike a library's message interface it shows how the peer
// cut its messages, which is what the fake must judge. Also independent of the library that the bot's client uses.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace esc::fake {

enum class Opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

struct Frame {
    Opcode opcode = Opcode::text;
    bool final = true;
    std::string payload{};
};

class FrameReader {
public:
    void feed(std::string_view bytes) { buffer_.append(bytes); }
    // The next whole frame, when there is one.
    [[nodiscard]] std::optional<Frame> next();
    // Set once the peer broke the protocol (unmasked, reserved bits, too long): close the connection.
    [[nodiscard]] std::string const& error() const { return error_; }

    static constexpr std::uint64_t payload_bytes_max = 1 << 20;

private:
    std::string buffer_{};
    std::string error_{};
};

// Unmasked, in one frame, as a server sends.
[[nodiscard]] std::string encode_frame(Opcode opcode, std::string_view payload);
// Sec-WebSocket-Accept for a Sec-WebSocket-Key.
[[nodiscard]] std::string accept_key(std::string_view key);

}  // namespace esc::fake
