// Delivery, acknowledgement and redelivery of envelopes.
#include "tests/fake_slack/socket_hub.hpp"

#include <boost/json/serialize.hpp>

#include <fmt/format.h>

#include <array>
#include <utility>

namespace esc::fake {

void Timers::after(Duration delay, std::function<void()> callback) {
    auto const number = ++last_;
    running_[number] = clock_.call_at(clock_.now() + delay, [this, number, callback = std::move(callback)] {
        running_.erase(number);
        callback();
    });
}

void Timers::cancel_all() {
    for (auto const& [number, id] : running_) clock_.cancel(id);
    running_.clear();
}

std::string_view to_string(Delivery delivery) {
    switch (delivery) {
        case Delivery::acked:
            return "acked";
        case Delivery::timed_out:
            return "timed_out";
        case Delivery::no_connection:
            return "no_connection";
    }
    return "";
}

namespace {

std::string_view name_of(Kind kind) {
    switch (kind) {
        case Kind::events_api:
            return "events_api";
        case Kind::slash_commands:
            return "slash_commands";
        case Kind::interactive:
            return "interactive";
    }
    return "";
}

std::string disconnect_text(std::string const& reason) {
    return json::serialize(
        json::object{{"type", "disconnect"}, {"reason", reason}, {"debug_info", {{"host", "applink-fake-1"}}}});
}

}  // namespace

SocketHub::SocketHub(Clock& clock, Records& records, std::string app_id)
    : records_(records), app_id_(std::move(app_id)), timers_(clock) {}

int SocketHub::attach(std::shared_ptr<Wire> wire) {
    auto const number = ++last_connection_;
    if (connections_.size() >= connections_max) {
        records_.violation(fmt::format("opened more than {} connections", connections_max));
        wire->send(disconnect_text("too_many_websockets"));
        wire->close();
        return number;
    }
    connections_[number] = Connection{.wire = wire};
    wire->send(json::serialize(
        json::object{{"type", "hello"},
                     {"num_connections", connections_.size()},
                     {"connection_info", {{"app_id", app_id_}}},
                     {"debug_info",
                      {{"host", "applink-fake-1"}, {"build_number", 118}, {"approximate_connection_time", connection_life_s}}}}));
    if (recycles)
        timers_.after(std::chrono::seconds{connection_life_s}, [this, number] { ask_to_leave(number, "refresh_requested"); });
    return number;
}

void SocketHub::detach(int connection) { connections_.erase(connection); }

SocketHub::Connection* SocketHub::next_connection(int& number) {
    if (connections_.empty()) return nullptr;
    auto const pick = [&](bool also_leaving) -> Connection* {
        auto it = connections_.upper_bound(last_served_);
        for (std::size_t tried = 0; tried < connections_.size(); ++tried, ++it) {
            if (it == connections_.end()) it = connections_.begin();
            if (it->second.leaving && !also_leaving) continue;
            number = last_served_ = it->first;
            return &it->second;
        }
        return nullptr;
    };
    auto* found = pick(false);
    return found != nullptr ? found : pick(true);
}

std::optional<std::string> SocketHub::send(Kind kind, json::object payload, bool accepts_response, json::object extra,
                                           Done done) {
    int number = 0;
    auto* connection = stopped_ ? nullptr : next_connection(number);
    if (connection == nullptr) {
        done(Delivery::no_connection, std::nullopt);
        return std::nullopt;
    }
    ++last_envelope_;
    auto const id = fmt::format("{:08x}-fa4e-4000-8000-{:012x}", last_envelope_, last_envelope_ * 2654435761U);
    pending_[id] = Pending{.connection = number, .accepts_response = accepts_response, .done = std::move(done)};
    extra["envelope_id"] = id;
    extra["type"] = name_of(kind);
    extra["accepts_response_payload"] = accepts_response;
    extra["payload"] = std::move(payload);
    timers_.after(ack_limit, [this, id] {
        auto const it = pending_.find(id);
        if (it == pending_.end()) return;
        auto late = std::move(it->second.done);
        pending_.erase(it);
        finished_.insert(id);
        late(Delivery::timed_out, std::nullopt);
    });
    connection->wire->send(json::serialize(extra));
    return id;
}

void SocketHub::send_event(json::object payload) { deliver_event(std::make_shared<json::object const>(std::move(payload)), 0); }

void SocketHub::deliver_event(std::shared_ptr<json::object const> payload, int attempt) {
    json::object extra{{"retry_attempt", attempt}, {"retry_reason", attempt == 0 ? "" : "timeout"}};
    auto retry = [this, payload, attempt](Delivery delivery, std::optional<json::object> const&) {
        constexpr std::array<Duration, 3> delays{std::chrono::seconds{0}, std::chrono::minutes{1}, std::chrono::minutes{5}};
        if (delivery == Delivery::acked || stopped_ || static_cast<std::size_t>(attempt) >= delays.size()) return;
        timers_.after(delays.at(static_cast<std::size_t>(attempt)),
                      [this, payload, attempt] { deliver_event(payload, attempt + 1); });
    };
    send(Kind::events_api, *payload, false, std::move(extra), std::move(retry));
}

void SocketHub::send_request(Kind kind, json::object payload, bool accepts_response, Done done) {
    send(kind, std::move(payload), accepts_response, {}, std::move(done));
}

void SocketHub::received(int connection, std::string const& text, bool fragmented) {
    if (fragmented) return records_.violation("sent an acknowledgement in several frames");
    auto const parsed = parse_json(text);
    if (!parsed || !parsed->is_object()) return records_.violation("sent a message that is not a JSON object");
    auto const& ack = parsed->get_object();
    auto const id = text_of(ack, "envelope_id");
    for (auto const& member : ack)
        if (member.key() != "envelope_id" && member.key() != "payload")
            records_.violation(fmt::format("acknowledged with an unknown field: {}", std::string_view(member.key())));
    auto const it = pending_.find(id);
    if (it == pending_.end())
        return records_.violation(finished_.contains(id) ? "acknowledged an envelope twice or after 3 s: " + id
                                                         : "acknowledged an envelope that was never sent: " + id);
    if (text.size() >= ack_bytes_max)
        return records_.violation(fmt::format("sent an acknowledgement of {} bytes, which Slack ignores", text.size()));
    if (it->second.connection != connection && connections_.contains(it->second.connection))
        records_.violation("acknowledged on another connection although the first is open: " + id);
    std::optional<json::object> payload;
    if (auto const* value = ack.if_contains("payload")) {
        if (!value->is_object()) {
            records_.violation("acknowledged with a payload that is not an object: " + id);
        } else if (!value->get_object().empty()) {
            payload = value->get_object();
        }
    }
    if (payload && !it->second.accepts_response) {
        records_.violation("acknowledged with a payload where none is accepted: " + id);
        payload.reset();
    }
    auto done = std::move(it->second.done);
    pending_.erase(it);
    finished_.insert(id);
    done(Delivery::acked, std::move(payload));
}

void SocketHub::ask_to_leave(int number, std::string const& reason) {
    auto const it = connections_.find(number);
    if (it == connections_.end() || it->second.leaving) return;
    it->second.leaving = true;
    it->second.wire->send(disconnect_text(reason));
    timers_.after(notice, [this, number] {
        auto const leaving = connections_.find(number);
        if (leaving == connections_.end()) return;
        auto wire = leaving->second.wire;
        connections_.erase(leaving);
        wire->close();
    });
}

void SocketHub::disconnect(std::string const& reason, bool all) {
    std::set<int> numbers;
    for (auto const& [number, connection] : connections_)
        if (!connection.leaving && (all || numbers.empty())) numbers.insert(number);
    for (auto const number : numbers) ask_to_leave(number, reason);
}

void SocketHub::drop_all() {
    auto const gone = std::exchange(connections_, {});
    for (auto const& [number, connection] : gone) connection.wire->drop();
}

void SocketHub::stop() {
    stopped_ = true;
    timers_.cancel_all();
    drop_all();
    pending_.clear();
}

}  // namespace esc::fake
