// Decides everything about Socket Mode connections and does nothing: events in, actions out, time as an argument. The adaptor
// in socket_mode.cpp performs the actions. docs.slack.dev/apis/events-api/using-socket-mode; any frame is legal in any state.
#pragma once

#include "bot/base/result.hpp"
#include "bot/base/time.hpp"
#include "bot/slack/envelope.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace esc::run {

using ConnectionId = std::uint32_t;

// --- what the adaptor does ------------------------------------------------------------------------------------------
struct OpenConnection {  // apps.connections.open, dial, upgrade; then opened() or open_failed()
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
struct DrainConnection {  // keep reading and acking what it brings, but nothing else; CloseConnection comes at `until`
    ConnectionId id = 0;
    Instant until{};
};
struct CloseConnection {  // close handshake with its own deadline, then drop TCP; then closed(), always
    ConnectionId id = 0;
};
struct WakeAt {  // call tick() then; replaces an earlier WakeAt
    Instant at{};
};
struct GiveUp {  // retrying cannot mend it (invalid_auth, account_inactive, …); nothing is opened any more
    Error error{};
};
using Action = std::variant<OpenConnection, SendAck, Deliver, DrainConnection, CloseConnection, WakeAt, GiveUp>;
using Actions = std::vector<Action>;

// Connections are opened one after the other. A connection that is to go ("leaving") stays in service until as many others
// as are wanted have said hello; only too_many_websockets and link_disabled close first.
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
    Actions closed(ConnectionId id, std::string const& reason, Instant now);  // it is gone, whoever ended it
    Actions tick(Instant now);
    Actions stop(Instant now);  // open nothing new, close all

    enum class State : std::uint8_t { opening, awaiting_hello, ready, draining, closing };
    [[nodiscard]] std::optional<State> state(ConnectionId id) const;  // nothing: no such connection
    [[nodiscard]] int ready() const;
    // Connections of this app that this process did not open (hello's num_connections); > 0: somebody shares the app.
    [[nodiscard]] int surplus() const { return surplus_; }
    [[nodiscard]] bool link_disabled() const { return link_disabled_; }
    // How many connections had to be replaced or opened again, by reason. The reasons are a closed set: Slack's four, "other",
    // "planned", "garbage", "hello_timeout", "open_failed" and "closed".
    [[nodiscard]] std::map<std::string, std::int64_t, std::less<>> const& reconnects() const { return reconnects_; }
    // Every socket of this process, also those on their way in or out.
    [[nodiscard]] std::size_t connections() const { return connections_.size(); }

private:
    struct Connection {
        State state = State::opening;
        Instant hello_by{};
        Instant hello_at{};
        std::optional<Instant> refresh_at{};
        std::optional<Instant> leaving_since{};  // ready, but to be replaced
        Instant drain_until{};
        int garbage = 0;

        [[nodiscard]] bool in_service() const { return state == State::ready; }
        [[nodiscard]] bool staying() const {
            return state == State::opening || state == State::awaiting_hello || (state == State::ready && !leaving_since);
        }
    };
    using Entry = std::map<ConnectionId, Connection>::iterator;

    void on_hello(Entry entry, slack::Hello const& hello, Instant now);
    void on_disconnect(Entry entry, std::string const& reason, Instant now, Actions& actions);
    void on_garbage(Entry entry, Instant now, Actions& actions);
    void too_many(Entry entry, Instant now, Actions& actions);
    void disable_link(Instant now, Actions& actions);
    void leave(Entry entry, std::string_view reason, Instant now, Actions& actions);
    void close(Connection& connection, ConnectionId id, Actions& actions);
    void failed(std::string_view reason, Instant now);
    void settle(Instant now);
    void count(std::string_view reason);
    [[nodiscard]] Instant planned_refresh(ConnectionId id, std::chrono::seconds life, Instant now);
    [[nodiscard]] int missing() const;
    void drain_replaced(Instant now, Actions& actions);
    void open_missing(Instant now, Actions& actions);
    void wake(Actions& actions);
    Actions finish(Instant now, Actions actions);

    Options options_;
    int wanted_;
    std::function<double()> random_;
    std::map<ConnectionId, Connection> connections_;
    ConnectionId last_id_ = 0;
    int failures_ = 0;
    Instant failed_at_{};
    Instant next_open_at_{};
    std::optional<Instant> wake_at_{};
    std::deque<Instant> gone_at_{};  // Slack may count these for a while longer
    bool started_ = false;
    bool stopping_ = false;
    bool given_up_ = false;
    bool link_disabled_ = false;
    int surplus_ = 0;
    std::map<std::string, std::int64_t, std::less<>> reconnects_;
};

}  // namespace esc::run
