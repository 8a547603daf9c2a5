// Keeps boards current: asks for them anew when the queue or who reads along has changed, and as time passes. Costs nothing
// while none is pinned.
#pragma once

#include "bot/base/time.hpp"
#include "store/store.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <memory>

namespace esc::run {

class Boards {
public:
    Boards(boost::asio::any_io_executor executor, Clock& clock, Store& store);
    ~Boards();
    Boards(Boards const&) = delete;
    Boards& operator=(Boards const&) = delete;

    // What changed while nothing ran is shown, too.
    void start();
    void changed();  // the queue, or who reads along
    void pinned();   // a board came or went
    [[nodiscard]] bool quiet() const;
    boost::asio::awaitable<void> stop();

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace esc::run
