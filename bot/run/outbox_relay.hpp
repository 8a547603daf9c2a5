// Due outbox items → rendered from the newest state → Web API → recorded. Wakes on commits and timers; one item per lane at a
// time; answers and alerts before cards. An item that may have been posted (crash or broken connection between send and
// record) is looked for by its metadata before it is posted again.
#pragma once

#include "bot/base/config.hpp"
#include "bot/base/metrics.hpp"
#include "bot/base/time.hpp"
#include "bot/net/task_group.hpp"
#include "bot/run/directory.hpp"
#include "bot/run/web_client.hpp"
#include "store/store.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace esc::run {

class OutboxRelay {
public:
    OutboxRelay(boost::asio::any_io_executor executor, Clock& clock, Store& store, Directory& directory, WebClient& web,
                Metrics& metrics, std::shared_ptr<Config const> config);
    ~OutboxRelay();
    OutboxRelay(OutboxRelay const&) = delete;
    OutboxRelay& operator=(OutboxRelay const&) = delete;

    // `installation` marks our own messages: those of another store are never taken for ours.
    void start(std::string installation);
    void wake();  // something was enqueued
    // Cards to be brought up to date because time has passed, most urgent first; they take the place of those that still wait.
    // Only in memory, and only while nothing else wants the surfaces: at most half of the updates that changes leave.
    void tick(std::vector<EscalationId> cards);
    [[nodiscard]] bool quiet() const;
    boost::asio::awaitable<void> stop(std::chrono::steady_clock::duration limit);

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace esc::run
