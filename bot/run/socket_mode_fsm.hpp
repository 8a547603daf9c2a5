// Decides everything about Socket Mode connections and does nothing: events in, actions out, time as an argument. The adaptor
// in socket_mode.cpp performs the actions. slack.md section 1 has the protocol facts; any frame is legal in any state.
#pragma once

#include "bot/base/result.hpp"
#include "bot/base/time.hpp"
#include "bot/slack/envelope.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace esc::run {

using ConnectionId = std::uint32_t;

// --- what the adaptor does ------------------------------------------------------------------------------------------
struct OpenConnection {  // apps.connections.open, dial, upgrade; then Opened or OpenFailed
    ConnectionId id = 0;
};
struct SendAck {  // bare ack on this connection, for frames the dispatcher does not see
    ConnectionId id = 0;
    std::string envelope_id{};
};
struct Deliver {  // hand to the dispatcher; it acks on this connection
    ConnectionId id = 0;
    slack::Envelope envelope{};
};
struct DrainConnection {  // keep reading and acking, at most until the given instant, then close
    ConnectionId id = 0;
    Instant until{};
};
struct CloseConnection {  // close handshake with its own deadline, then drop TCP
    ConnectionId id = 0;
};
struct WakeAt {  // call tick() then
    Instant at{};
};
struct GiveUp {  // retrying cannot mend it (invalid_auth, account_inactive, …)
    Error error{};
};
using Action = std::variant<OpenConnection, SendAck, Deliver, DrainConnection, CloseConnection, WakeAt, GiveUp>;
using Actions = std::vector<Action>;

class SocketModeFsm {
public:
    struct Options {
        int connections = 2;
        std::chrono::seconds hello_limit{10};
        std::chrono::seconds drain_limit{10};
        std::chrono::milliseconds backoff_first{500};
        std::chrono::seconds backoff_max{60};
        std::chrono::seconds stable_after{30};  // back-off is reset only after hello and this long
        std::chrono::minutes link_disabled_pause{5};
        int connections_max = 10;  // Slack's cap, all processes together
        int garbage_max = 20;      // in a row, then the connection is replaced
    };
    // `random` gives [0, 1): jitter, and the spread of planned refreshes over 80–90 % of a connection's announced life.
    SocketModeFsm(Options options, std::function<double()> random);

    Actions start(Instant now);
    Actions opened(ConnectionId id, Instant now);                           // the upgrade is done; hello has to come
    Actions open_failed(ConnectionId id, Error const& error, Instant now);  // apps.connections.open, DNS, TLS, upgrade
    Actions frame(ConnectionId id, slack::Frame frame, Instant now);
    Actions closed(ConnectionId id, std::string const& reason, Instant now);  // the peer or the network ended it
    Actions tick(Instant now);
    Actions stop(Instant now);  // open nothing new, close all

    enum class State : std::uint8_t { opening, awaiting_hello, ready, draining, closing };
    [[nodiscard]] std::optional<State> state(ConnectionId id) const;  // nothing: no such connection
    [[nodiscard]] int ready() const;
    // Connections of this app that this process did not open (hello's num_connections); > 0: somebody shares the app.
    [[nodiscard]] int surplus() const;
    [[nodiscard]] bool link_disabled() const;
    [[nodiscard]] std::map<std::string, std::int64_t, std::less<>> const& reconnects() const;  // by reason

private:
    struct Connection {
        State state = State::opening;
        Instant since{};
        Instant hello_by{};
        std::optional<Instant> refresh_at{};
        std::optional<Instant> drain_until{};
        std::optional<ConnectionId> replaced_by{};
        int garbage = 0;
    };
    Options options_;
    std::function<double()> random_;
    std::map<ConnectionId, Connection> connections_;
    ConnectionId last_id_ = 0;
    int failures_ = 0;
    std::optional<Instant> next_open_at_{};
    std::optional<Instant> stable_at_{};
    bool stopping_ = false;
    bool link_disabled_ = false;
    int surplus_ = 0;
    std::map<std::string, std::int64_t, std::less<>> reconnects_;
};

}  // namespace esc::run
