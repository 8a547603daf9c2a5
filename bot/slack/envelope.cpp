// Frames from bytes. The parser's memory comes from the stack for frames of ordinary size.
#include "bot/slack/envelope.hpp"

#include "bot/slack/json.hpp"
#include "bot/slack/parse_payloads.hpp"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>

#include <algorithm>
#include <limits>

namespace json = boost::json;

namespace esc::slack {

namespace {

using json_at::flag;
using json_at::number;
using json_at::text;

int small(std::int64_t value) { return static_cast<int>(std::clamp<std::int64_t>(value, 0, std::numeric_limits<int>::max())); }

Hello hello_of(json::object const& frame) {
    Hello hello;
    hello.num_connections = small(number(frame, {"num_connections"}));
    hello.app_id = text(frame, {"connection_info", "app_id"});
    constexpr std::int64_t week_s = std::int64_t{7} * 24 * 3600;
    if (auto const told = number(frame, {"debug_info", "approximate_connection_time"}); told > 0)
        hello.approximate_connection_time = std::chrono::seconds{std::min(told, week_s)};
    return hello;
}

Result<Payload> read_payload(std::string_view type, json::object const& frame, json::storage_ptr const& storage) {
    Result<Payload> (*read)(json::object const&) = nullptr;
    if (type == "events_api") read = parse_event;
    if (type == "slash_commands") read = parse_slash_command;
    if (type == "interactive") read = parse_interaction;
    if (read == nullptr) return fail(Errc::invalid, "unknown envelope type");

    auto const* payload = frame.if_contains("payload");
    json::value decoded(storage);
    // SDKs met payloads that were a string of JSON.
    if (auto const* encoded = payload == nullptr ? nullptr : payload->if_string()) {
        ESC_TRY(decoded, parse_json(*encoded, storage));
        payload = &decoded;
    }
    if (payload == nullptr || !payload->is_object()) return fail(Errc::invalid, "payload is missing or not an object");
    return read(payload->get_object());
}

}  // namespace

Frame parse_frame(std::string_view frame_text) {
    unsigned char buffer[16 * 1024];
    json::monotonic_resource memory{buffer, sizeof buffer};
    json::storage_ptr const storage{&memory};

    auto const parsed = parse_json(frame_text, storage);
    if (!parsed) return Garbage{parsed.error().message};
    auto const* frame = parsed->if_object();
    if (frame == nullptr) return Garbage{"not a JSON object"};

    auto type = text(*frame, {"type"});
    if (type == "hello") return hello_of(*frame);
    if (type == "disconnect") return Disconnect{text(*frame, {"reason"})};
    auto envelope_id = text(*frame, {"envelope_id"});
    if (envelope_id.empty()) return Garbage{"neither a control message nor an envelope"};

    auto payload = read_payload(type, *frame, storage);
    if (!payload) return Unreadable{std::move(envelope_id), std::move(type), payload.error().message};
    Envelope envelope;
    envelope.key = event_id(*payload);
    if (envelope.key.empty()) envelope.key = envelope_id;
    envelope.envelope_id = std::move(envelope_id);
    envelope.type = std::move(type);
    envelope.accepts_response_payload = flag(*frame, {"accepts_response_payload"});
    envelope.retry_attempt = small(number(*frame, {"retry_attempt"}));
    envelope.retry_reason = text(*frame, {"retry_reason"});
    envelope.payload = *std::move(payload);
    return envelope;
}

std::string ack_frame(std::string_view envelope_id, std::string_view payload_json) {
    std::string out = R"({"envelope_id":)";
    out += json::serialize(json::string{envelope_id});
    if (!payload_json.empty()) {
        out += R"(,"payload":)";
        out += payload_json;
    }
    out += '}';
    return out;
}

}  // namespace esc::slack
