// Socket Mode without sockets: connections, who gets which envelope, acknowledgements and redelivery. What bytes travel is
// the server's business; it hands in whole messages and says how they were cut.
#pragma once

#include "bot/base/time.hpp"
#include "tests/fake_slack/json.hpp"
#include "tests/fake_slack/records.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace esc::fake {

// Timers on a Clock that end with their owner.
class Timers {
public:
    explicit Timers(Clock& clock) : clock_(clock) {}
    Timers(Timers const&) = delete;
    Timers& operator=(Timers const&) = delete;
    ~Timers() { cancel_all(); }
    void after(Duration delay, std::function<void()> callback);
    void cancel_all();

private:
    Clock& clock_;
    std::uint64_t last_ = 0;
    std::map<std::uint64_t, Clock::TimerId> running_{};
};

// One WebSocket, as the hub sees it.
class Wire {
public:
    Wire() = default;
    Wire(Wire const&) = delete;
    Wire& operator=(Wire const&) = delete;
    virtual ~Wire() = default;
    virtual void send(std::string text) = 0;
    virtual void close() = 0;  // with a close frame
    virtual void drop() = 0;   // cut the TCP connection
};

enum class Kind : std::uint8_t { events_api, slash_commands, interactive };
enum class Delivery : std::uint8_t { acked, timed_out, no_connection };
[[nodiscard]] std::string_view to_string(Delivery delivery);

class SocketHub {
public:
    SocketHub(Clock& clock, Records& records, std::string app_id);

    // Says hello, or too_many_websockets above the cap. The number names the connection from now on.
    int attach(std::shared_ptr<Wire> wire);
    void detach(int connection);
    void received(int connection, std::string const& text, bool fragmented);

    // Redelivered at once, after a minute and after five when nobody acknowledges in time.
    void send_event(json::object payload);
    // Once. `done` gets the payload of the acknowledgement, if there was one.
    using Done = std::function<void(Delivery, std::optional<json::object>)>;
    void send_request(Kind kind, json::object payload, bool accepts_response, Done done);

    // "warning" and "refresh_requested" end the oldest connection, "link_disabled" all, ten seconds after the notice.
    void disconnect(std::string const& reason, bool all);
    void drop_all();
    void stop();

    [[nodiscard]] std::size_t open_connections() const { return connections_.size(); }
    [[nodiscard]] std::size_t unacked() const { return pending_.size(); }

    static constexpr Duration ack_limit = std::chrono::seconds{3};
    static constexpr Duration notice = std::chrono::seconds{10};
    static constexpr std::size_t connections_max = 10;
    static constexpr std::size_t ack_bytes_max = 20'480;  // from here on an ack is silently ignored
    static constexpr int connection_life_s = 18'060;
    bool recycles = false;  // ends connections after connection_life_s, as Slack does

private:
    struct Connection {
        std::shared_ptr<Wire> wire;
        bool leaving = false;
    };
    struct Pending {
        int connection = 0;
        bool accepts_response = false;
        Done done{};
    };
    // The envelope's id, or nothing when there is no connection.
    std::optional<std::string> send(Kind kind, json::object payload, bool accepts_response, json::object extra, Done done);
    void deliver_event(std::shared_ptr<json::object const> payload, int attempt);
    [[nodiscard]] Connection* next_connection(int& number);
    void ask_to_leave(int number, std::string const& reason);

    Records& records_;
    std::string app_id_;
    Timers timers_;
    std::map<int, Connection> connections_{};
    std::map<std::string, Pending> pending_{};
    std::set<std::string> finished_{};  // acknowledged or too late
    int last_connection_ = 0;
    int last_served_ = 0;
    std::uint64_t last_envelope_ = 0;
    bool stopped_ = false;
};

}  // namespace esc::fake
