// Drives SocketModeFsm as the adaptor would and writes its actions as words: "open 1", "close 2", "deliver 1 e7". Time only
// passes from one WakeAt to the next, so a forgotten wake-up shows.
#pragma once

#include "bot/run/socket_mode_fsm.hpp"

#include <fmt/core.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace esc::test {

class Machine {
public:
    using Options = run::SocketModeFsm::Options;
    using State = run::SocketModeFsm::State;

    explicit Machine(Options options = {}) : fsm(options, [this] { return random; }) {}

    std::string start() { return words(fsm.start(now)); }
    std::string stop() { return words(fsm.stop(now)); }
    std::string opened(run::ConnectionId id) { return words(fsm.opened(id, now)); }
    std::string open_failed(run::ConnectionId id, Error error = fail(Errc::unavailable, "no route")) {
        return words(fsm.open_failed(id, error, now));
    }
    std::string refused(run::ConnectionId id, std::string cause) {
        Error error = fail(Errc::forbidden, "Slack said {}", cause);
        error.cause = std::move(cause);
        return open_failed(id, error);
    }
    std::string frame(run::ConnectionId id, slack::Frame frame) { return words(fsm.frame(id, std::move(frame), now)); }
    std::string hello(run::ConnectionId id, int connections = 0, std::optional<std::chrono::seconds> life = std::nullopt) {
        return frame(id, slack::Hello{.num_connections = connections, .approximate_connection_time = life});
    }
    std::string disconnect(run::ConnectionId id, std::string reason) { return frame(id, slack::Disconnect{std::move(reason)}); }
    std::string envelope(run::ConnectionId id, std::string envelope_id) {
        slack::Envelope envelope;
        envelope.envelope_id = std::move(envelope_id);
        return frame(id, std::move(envelope));
    }
    std::string garbage(run::ConnectionId id) { return frame(id, slack::Garbage{"not JSON"}); }
    std::string closed(run::ConnectionId id) { return words(fsm.closed(id, "reset", now)); }
    std::string open_up(run::ConnectionId id, int connections = 0, std::optional<std::chrono::seconds> life = std::nullopt) {
        std::string const first = opened(id);
        std::string const second = hello(id, connections, life);
        return first.empty() || second.empty() ? first + second : first + ", " + second;
    }
    // Two connections in service for longer than back-off remembers.
    void two_ready(std::optional<std::chrono::seconds> life = std::nullopt) {
        start();
        open_up(1, 0, life);
        open_up(2, 0, life);
        pass(std::chrono::minutes{1});
    }

    std::string pass(Duration by) {
        Instant const end = now + by;
        std::string all;
        while (wake_at && *wake_at <= end) {
            now = std::max(now, *wake_at);
            wake_at.reset();
            std::string const some = words(fsm.tick(now));
            if (!all.empty() && !some.empty()) all += ", ";
            all += some;
        }
        now = end;
        return all;
    }
    // Until the next thing happens by itself; how long that took is left in `waited`.
    std::string pass_until_something() {
        Instant const begin = now;
        std::string some;
        for (int turn = 0; some.empty() && wake_at && turn < 100; ++turn) some = pass(std::max(Duration{0}, *wake_at - now));
        waited = now - begin;
        return some;
    }

    double random = 0.5;
    Instant now = from_us(1'790'000'000'000'000);
    std::optional<Instant> wake_at{};
    Duration waited{};
    run::SocketModeFsm fsm;

private:
    std::string words(run::Actions const& actions) {
        std::string all;
        for (auto const& action : actions) {
            if (auto const* wake = std::get_if<run::WakeAt>(&action)) {
                wake_at = wake->at;
                continue;
            }
            if (!all.empty()) all += ", ";
            all += std::visit([this](auto const& what) { return this->word(what); }, action);
        }
        return all;
    }
    static std::string word(run::OpenConnection const& what) { return fmt::format("open {}", what.id); }
    static std::string word(run::SendAck const& what) { return fmt::format("ack {} {}", what.id, what.envelope_id); }
    static std::string word(run::Deliver const& what) { return fmt::format("deliver {} {}", what.id, what.envelope.envelope_id); }
    static std::string word(run::CloseConnection const& what) { return fmt::format("close {}", what.id); }
    static std::string word(run::WakeAt const&) { return {}; }
    static std::string word(run::GiveUp const& what) { return "give up " + what.error.cause; }
    std::string word(run::DrainConnection const& what) {
        drain_for = what.until - now;
        return fmt::format("drain {}", what.id);
    }

public:
    Duration drain_for{};
};

}  // namespace esc::test
