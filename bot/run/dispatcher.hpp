// Envelope → Router → Store → Reply → ack, readable from top to bottom. Ack means committed; after 2 s without a commit an
// interactive payload is told "still working" and the command goes on. An answer goes to where the press came from: a message,
// a modal, or the Home tab.
#pragma once

#include "bot/base/config.hpp"
#include "bot/base/metrics.hpp"
#include "bot/base/time.hpp"
#include "bot/run/directory.hpp"
#include "bot/run/homes.hpp"
#include "bot/run/socket_mode.hpp"
#include "bot/run/web_client.hpp"
#include "handlers/router.hpp"
#include "store/store.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>

namespace esc::run {

class Dispatcher {
public:
    Dispatcher(boost::asio::any_io_executor executor, Clock& clock, handlers::Router const& router, Store& store,
               Directory& directory, Homes& homes, WebClient& web, Metrics& metrics, std::shared_ptr<Config const> config);
    ~Dispatcher();
    Dispatcher(Dispatcher const&) = delete;
    Dispatcher& operator=(Dispatcher const&) = delete;

    void deliver(slack::Envelope envelope, std::shared_ptr<Ack> ack);
    [[nodiscard]] bool quiet() const;
    // No new work; waits for what runs, at most `limit`.
    boost::asio::awaitable<void> stop(std::chrono::steady_clock::duration limit);

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace esc::run
