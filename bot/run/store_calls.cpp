#include "bot/run/store_calls.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <memory>
#include <stdexcept>
#include <utility>

namespace esc::run {

namespace asio = boost::asio;

asio::awaitable<WriteResult> write(Store& store, Instant now, StoreWork work) {
    auto const executor = co_await asio::this_coro::executor;
    co_return co_await asio::async_initiate<asio::use_awaitable_t<> const, void(WriteResult)>(
        [&store, now, &work, &executor](auto handler) {
            // std::function wants something copyable, and the guard keeps the io context running meanwhile.
            auto shared = std::make_shared<decltype(handler)>(std::move(handler));
            store.write({}, now, std::move(work),
                        [shared, busy = asio::make_work_guard(executor)](WriteResult result) { std::move (*shared)(result); });
        },
        asio::use_awaitable);
}

asio::awaitable<void> commit(Store& store, Instant now, StoreWork work) {
    auto const result = co_await write(store, now, std::move(work));
    switch (result.status) {
        case WriteStatus::committed:
        case WriteStatus::duplicate:
            co_return;
        case WriteStatus::failed:
            std::rethrow_exception(result.error);
        case WriteStatus::overloaded:
            throw std::runtime_error("the store's queue is full");
        case WriteStatus::stopped:
            throw std::runtime_error("the store is shutting down");
    }
}

asio::awaitable<void> read(Store& store, std::function<void(Snapshot const&)> query) {
    auto const executor = co_await asio::this_coro::executor;
    co_await asio::async_initiate<asio::use_awaitable_t<> const, void(std::exception_ptr)>(
        [&store, &query, &executor](auto handler) {
            auto shared = std::make_shared<decltype(handler)>(std::move(handler));
            store.read(std::move(query), [shared, busy = asio::make_work_guard(executor)](std::exception_ptr error) {
                std::move (*shared)(std::move(error));
            });
        },
        asio::use_awaitable);
}

}  // namespace esc::run
