// Kept connections of an HTTP client, per origin: a limit on how many are busy at a time, first come first served, and a place
// for idle ones. Knows nothing about HTTP.
#pragma once

#include "bot/net/stream.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace esc::net {

class ConnectionPool {
public:
    ConnectionPool(std::size_t connections_max, std::chrono::steady_clock::duration idle_limit);
    ~ConnectionPool();
    ConnectionPool(ConnectionPool const&) = delete;
    ConnectionPool& operator=(ConnectionPool const&) = delete;

    // The right to one connection; gives it back, and with it the turn to the next one who waits, when it goes.
    class Lease {
    public:
        Lease(Lease&&) noexcept = default;
        Lease& operator=(Lease&&) = delete;
        ~Lease();
        // An idle connection that is young enough and quiet, if there is one.
        std::optional<Stream> take_idle();
        // For the next request.
        void keep(Stream stream);
        // The peer seems to have gone: its other idle connections are not worth trying.
        void forget_idle();

    private:
        friend class ConnectionPool;
        struct Origin;
        explicit Lease(std::shared_ptr<Origin> origin) : origin_(std::move(origin)) {}
        std::shared_ptr<Origin> origin_;
    };

    // Nothing when the wait was cancelled.
    boost::asio::awaitable<std::optional<Lease>> acquire(std::string origin);

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace esc::net
