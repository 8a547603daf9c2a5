// Sleeps until the next clock point and fires what is due, in batches. Costs nothing while nothing is due.
#pragma once

#include "bot/base/config.hpp"
#include "bot/base/metrics.hpp"
#include "bot/base/time.hpp"
#include "handlers/people.hpp"
#include "store/store.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <memory>

namespace esc::run {

class AlertScheduler {
public:
    AlertScheduler(boost::asio::any_io_executor executor, Clock& clock, Store& store, People const& people, Metrics& metrics,
                   std::shared_ptr<Config const> config, WorkspaceId workspace);
    ~AlertScheduler();
    AlertScheduler(AlertScheduler const&) = delete;
    AlertScheduler& operator=(AlertScheduler const&) = delete;

    void start();                          // reads the earliest point from the store
    void point_written(Instant earliest);  // a commit wrote a point that may be earlier than what is slept for
    [[nodiscard]] bool quiet() const;
    boost::asio::awaitable<void> stop();

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace esc::run
