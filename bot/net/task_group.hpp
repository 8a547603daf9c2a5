// Coroutines with a name, a count and an end. The only way to spawn: an exception is logged with the task's name, never
// swallowed, and stop() reaches every child.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <string>

namespace esc::net {

class TaskGroup {
public:
    explicit TaskGroup(boost::asio::any_io_executor executor);
    ~TaskGroup();  // all children must have ended
    TaskGroup(TaskGroup const&) = delete;
    TaskGroup& operator=(TaskGroup const&) = delete;

    // After cancel() a new task is not started. An exception other than cancellation is logged as "task_failed" and handed
    // to on_failure, if set.
    void spawn(std::string name, boost::asio::awaitable<void> task);
    void on_failure(std::function<void(std::string const& name, std::exception_ptr)> handler);
    // Terminal cancellation of every child.
    void cancel();
    // Returns when no child is left.
    boost::asio::awaitable<void> wait();
    [[nodiscard]] std::size_t running() const;

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace esc::net
