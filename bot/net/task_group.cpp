// Children are kept with their cancellation signals until their completion handlers have run. The handlers own what they
// need, so a group may go before an io_context that still holds suspended children.
#include "bot/net/task_group.hpp"

#include "bot/base/log.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/multiple_exceptions.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <set>
#include <utility>
#include <vector>

namespace esc::net {

namespace asio = boost::asio;

namespace {

struct Child {
    explicit Child(std::string n) : name(std::move(n)) {}
    std::string name;
    asio::cancellation_signal signal{};
};

struct Failure {
    bool aborted = false;
    std::string what;
};

Failure look_at(std::exception_ptr const& exception) {
    try {
        std::rethrow_exception(exception);
    } catch (asio::multiple_exceptions const& several) {
        return look_at(several.first_exception());
    } catch (boost::system::system_error const& error) {
        return {error.code() == asio::error::operation_aborted, error.what()};
    } catch (std::exception const& error) {
        return {false, error.what()};
    } catch (...) {
        return {false, "something that is not a std::exception"};
    }
}

}  // namespace

struct TaskGroup::Impl {
    explicit Impl(asio::any_io_executor e) : executor(std::move(e)), ended(executor, asio::steady_timer::time_point::max()) {}

    void finish(std::shared_ptr<Child> const& child, std::exception_ptr const& exception) {
        children.erase(child);
        if (children.empty()) ended.cancel();
        if (!exception) return;
        auto const failure = look_at(exception);
        if (cancelled && failure.aborted) return;
        log::error("task_failed", {{"task", child->name}, {"what", failure.what}});
        if (on_failure) on_failure(child->name, exception);
    }

    void cancel() {
        cancelled = true;
        // A copy: a child may end, and thereby leave the set, while it is told.
        for (auto const& child : std::vector(children.begin(), children.end()))
            child->signal.emit(asio::cancellation_type::terminal);
    }

    asio::any_io_executor executor;
    asio::steady_timer ended;
    std::set<std::shared_ptr<Child>> children;
    std::function<void(std::string const&, std::exception_ptr)> on_failure;
    bool cancelled = false;
};

TaskGroup::TaskGroup(asio::any_io_executor executor) : impl_(std::make_shared<Impl>(std::move(executor))) {}

TaskGroup::~TaskGroup() {
    if (impl_->children.empty() || impl_->cancelled) return;
    log::error("tasks_left_behind", {{"first", (*impl_->children.begin())->name}, {"count", impl_->children.size()}});
    impl_->cancel();
}

void TaskGroup::spawn(std::string name, asio::awaitable<void> task) {
    if (impl_->cancelled) return;
    auto child = std::make_shared<Child>(std::move(name));
    impl_->children.insert(child);
    auto const slot = child->signal.slot();
    auto done = [impl = impl_, child = std::move(child)](std::exception_ptr exception) { impl->finish(child, exception); };
    asio::co_spawn(impl_->executor, std::move(task), asio::bind_cancellation_slot(slot, std::move(done)));
}

void TaskGroup::on_failure(std::function<void(std::string const&, std::exception_ptr)> handler) {
    impl_->on_failure = std::move(handler);
}

void TaskGroup::cancel() { impl_->cancel(); }

asio::awaitable<void> TaskGroup::wait() {
    auto const impl = impl_;
    while (!impl->children.empty()) co_await impl->ended.async_wait(asio::as_tuple(asio::use_awaitable));
}

std::size_t TaskGroup::running() const { return impl_->children.size(); }

}  // namespace esc::net
