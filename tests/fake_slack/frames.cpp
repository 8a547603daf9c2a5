// Frame codec.
#include "tests/fake_slack/frames.hpp"

#include <openssl/evp.h>

#include <array>

namespace esc::fake {

std::optional<Frame> FrameReader::next() {
    if (!error_.empty() || buffer_.size() < 2) return std::nullopt;
    auto const byte = [this](std::size_t i) { return static_cast<unsigned char>(buffer_[i]); };
    if ((byte(0) & 0x70U) != 0) error_ = "reserved bits are set";
    if ((byte(1) & 0x80U) == 0) error_ = "a client must mask its frames";
    if (!error_.empty()) return std::nullopt;

    std::uint64_t length = byte(1) & 0x7FU;
    std::size_t header = 2;
    std::size_t const extra = length == 126 ? 2 : length == 127 ? 8 : 0;
    if (buffer_.size() < header + extra + 4) return std::nullopt;
    if (extra > 0) {
        length = 0;
        for (std::size_t i = 0; i < extra; ++i) length = length << 8U | byte(header + i);
        header += extra;
    }
    if (length > payload_bytes_max) {
        error_ = "the frame is too long";
        return std::nullopt;
    }
    if (buffer_.size() < header + 4 + length) return std::nullopt;

    Frame frame;
    frame.opcode = static_cast<Opcode>(byte(0) & 0x0FU);
    frame.final = (byte(0) & 0x80U) != 0;
    frame.payload.resize(static_cast<std::size_t>(length));
    for (std::size_t i = 0; i < frame.payload.size(); ++i)
        frame.payload[i] = static_cast<char>(byte(header + 4 + i) ^ byte(header + i % 4));
    buffer_.erase(0, header + 4 + frame.payload.size());
    return frame;
}

std::string encode_frame(Opcode opcode, std::string_view payload) {
    std::string out(1, static_cast<char>(0x80U | static_cast<unsigned>(opcode)));
    auto const size = payload.size();
    if (size < 126) {
        out += static_cast<char>(size);
    } else {
        int const bytes = size < 65'536 ? 2 : 8;
        out += static_cast<char>(bytes == 2 ? 126 : 127);
        for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(size >> (8 * i) & 0xFFU);
    }
    return out.append(payload);
}

std::string accept_key(std::string_view key) {
    auto const input = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    EVP_Digest(input.data(), input.size(), digest.data(), &size, EVP_sha1(), nullptr);
    std::array<unsigned char, 64> base64{};
    auto const length = EVP_EncodeBlock(base64.data(), digest.data(), static_cast<int>(size));
    return {reinterpret_cast<char const*>(base64.data()), static_cast<std::size_t>(length)};
}

}  // namespace esc::fake
