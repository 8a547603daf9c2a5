// Turns are handed over directly from who leaves to who waits longest, so nobody can slip in between.
#include "bot/net/connection_pool.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <list>
#include <map>
#include <utility>
#include <vector>

namespace esc::net {

namespace asio = boost::asio;
using std::chrono::steady_clock;

struct ConnectionPool::Lease::Origin {
    struct Idle {
        Stream stream;
        steady_clock::time_point since;
    };
    struct Waiter {
        explicit Waiter(asio::any_io_executor const& executor) : wake(executor, steady_clock::time_point::max()) {}
        asio::steady_timer wake;
        bool granted = false;
    };

    void leave() {
        if (waiters.empty()) {
            --busy;
            return;
        }
        auto* const next = waiters.front();
        waiters.pop_front();
        next->granted = true;
        next->wake.cancel();
    }
    void drop_old() {
        auto const oldest = steady_clock::now() - idle_limit;
        std::erase_if(idle, [oldest](Idle const& entry) { return entry.since < oldest; });
    }
    [[nodiscard]] bool unused() const { return busy == 0 && idle.empty() && waiters.empty(); }

    steady_clock::duration idle_limit;
    std::size_t busy = 0;
    std::vector<Idle> idle{};
    std::list<Waiter*> waiters{};
};

struct ConnectionPool::Impl {
    std::size_t connections_max;
    steady_clock::duration idle_limit;
    std::map<std::string, std::shared_ptr<Lease::Origin>, std::less<>> origins{};
};

ConnectionPool::ConnectionPool(std::size_t connections_max, steady_clock::duration idle_limit)
    : impl_(std::make_shared<Impl>(Impl{connections_max, idle_limit})) {}

ConnectionPool::~ConnectionPool() = default;

ConnectionPool::Lease::~Lease() {
    if (origin_) origin_->leave();
}

std::optional<Stream> ConnectionPool::Lease::take_idle() {
    origin_->drop_old();
    while (!origin_->idle.empty()) {
        auto stream = std::move(origin_->idle.back().stream);  // the youngest: the likeliest to be alive
        origin_->idle.pop_back();
        if (stream.quiet()) return stream;
    }
    return std::nullopt;
}

void ConnectionPool::Lease::keep(Stream stream) { origin_->idle.push_back({std::move(stream), steady_clock::now()}); }

void ConnectionPool::Lease::forget_idle() { origin_->idle.clear(); }

asio::awaitable<std::optional<ConnectionPool::Lease>> ConnectionPool::acquire(std::string origin) {
    auto const impl = impl_;
    for (auto& [name, known] : impl->origins) known->drop_old();
    std::erase_if(impl->origins, [](auto const& entry) { return entry.second->unused(); });

    auto& slot = impl->origins[std::move(origin)];
    if (!slot) slot = std::make_shared<Lease::Origin>(Lease::Origin{impl->idle_limit});
    auto const here = slot;
    if (here->busy < impl->connections_max) {
        ++here->busy;
        co_return Lease(here);
    }

    // Leaves the queue, or passes the turn on, whatever ends this wait.
    struct Place {
        std::shared_ptr<Lease::Origin> origin;
        Lease::Origin::Waiter waiter;
        bool taken = false;
        ~Place() {
            if (!waiter.granted) origin->waiters.remove(&waiter);
            if (waiter.granted && !taken) origin->leave();
        }
    } place{here, Lease::Origin::Waiter(co_await asio::this_coro::executor)};
    here->waiters.push_back(&place.waiter);
    co_await place.waiter.wake.async_wait(asio::as_tuple(asio::use_awaitable));
    if (!place.waiter.granted) co_return std::nullopt;
    place.taken = true;
    co_return Lease(here);
}

}  // namespace esc::net
