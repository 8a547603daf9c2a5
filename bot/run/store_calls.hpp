// The store as coroutines, for work that no payload asked for: it has no inbox key, and the io thread goes on meanwhile.
#pragma once

#include "bot/base/time.hpp"
#include "store/store.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>

namespace esc::run {

boost::asio::awaitable<WriteResult> write(Store& store, Instant now, StoreWork work);
// Throws what the work threw, or std::runtime_error when the store takes nothing (any more).
boost::asio::awaitable<void> commit(Store& store, Instant now, StoreWork work);
boost::asio::awaitable<void> read(Store& store, std::function<void(Snapshot const&)> query);  // rethrows

}  // namespace esc::run
