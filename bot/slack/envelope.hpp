// One Socket Mode text frame, understood. Total: every input gives a Frame, in any state of the connection.
// docs.slack.dev/apis/events-api/using-socket-mode
#pragma once

#include "bot/slack/payloads.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace esc::slack {

struct Hello {
    int num_connections = 0;  // 0: not told
    std::optional<std::chrono::seconds> approximate_connection_time{};
    std::string app_id{};
};
struct Disconnect {
    std::string reason{};  // "warning", "refresh_requested", "link_disabled", "too_many_websockets", or unknown
};
struct Envelope {
    std::string envelope_id{};
    std::string type{};  // "events_api", "slash_commands", "interactive"
    bool accepts_response_payload = false;
    int retry_attempt = 0;
    std::string retry_reason{};
    // What deduplicates it: the event_id for events (a retry has a new envelope id), else the envelope id.
    std::string key{};
    Payload payload{OtherEvent{}};
};
// It has an envelope id but its type or payload cannot be understood: acknowledge, log, go on.
struct Unreadable {
    std::string envelope_id{};
    std::string type{};
    std::string why{};
};
// Not JSON, not an object, empty: ignore; reconnect if it repeats.
struct Garbage {
    std::string why{};
};
using Frame = std::variant<Hello, Disconnect, Envelope, Unreadable, Garbage>;

[[nodiscard]] Frame parse_frame(std::string_view text);

// {"envelope_id":"…"} or with ,"payload":{…}. `payload_json` empty: a bare ack.
[[nodiscard]] std::string ack_frame(std::string_view envelope_id, std::string_view payload_json = {});
// Slack silently ignores ack frames of 20 480 bytes and more (slack-go, socketmode.go): stay below.
inline constexpr std::size_t ack_frame_bytes_max = 19'000;

}  // namespace esc::slack
