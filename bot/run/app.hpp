// The composition root: builds every part, starts them in order, stops them in reverse. main, the flows and later the demo
// use it alike; they differ in the executor, the clock and the environment they hand in.
#pragma once

#include "bot/base/config.hpp"
#include "bot/base/metrics.hpp"
#include "bot/base/time.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace esc::run {

// Threads of the program, all named:
//   escalationd   io: sockets, parsing, prepare, acks, relay, timers; never blocks, never touches a database
//   store-w       the writer: one transaction, one sync, all results
//   store-r0, r1  read-only connections: views, queue pages
class App {
public:
    struct Parts {
        bool alert_scheduler = true;  // only a test of the scene builds a program without it
        bool http = true;
    };
    App(boost::asio::any_io_executor executor, Clock& clock, Config config, Environment environment, Parts parts);
    ~App();
    App(App const&) = delete;
    App& operator=(App const&) = delete;

    // Opens the store, listens, connects. An error here is one that retrying cannot mend (configuration, store, token refused);
    // an unreachable Slack is none: it is retried for as long as it takes. May be cancelled; stop() then cleans up.
    boost::asio::awaitable<Result<void>> start();
    // Drains: no new sockets, running commands finish (≤ 5 s), the relay ends its call, the writer flushes, the store closes.
    boost::asio::awaitable<void> stop();
    // Set when the service cannot go on (store lost, token revoked for good); main then stops with this error.
    [[nodiscard]] std::optional<Error> fatal() const;
    void on_fatal(std::function<void(Error const&)> listener);  // told once, when fatal() is set

    [[nodiscard]] bool ready() const;  // store open and at least one socket past hello
    [[nodiscard]] std::uint16_t http_port() const;
    [[nodiscard]] Metrics& metrics();
    // Nothing is under way and nothing is due now: no command, no call, no read, no outbox item due. For flows, which move time
    // only then.
    [[nodiscard]] bool quiet() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace esc::run
