// Lets the countdowns on cards go on: asks the relay for those where time shows, the most urgent first. Costs nothing while no
// clock runs.
#pragma once

#include "bot/base/time.hpp"
#include "bot/run/outbox_relay.hpp"
#include "store/store.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <memory>

namespace esc::run {

class Refresher {
public:
    Refresher(boost::asio::any_io_executor executor, Clock& clock, Store& store, OutboxRelay& relay);
    ~Refresher();
    Refresher(Refresher const&) = delete;
    Refresher& operator=(Refresher const&) = delete;

    void start();
    void wake();  // a commit: a clock may run now
    [[nodiscard]] bool quiet() const;
    boost::asio::awaitable<void> stop();

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace esc::run
