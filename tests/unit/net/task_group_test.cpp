// Task groups: nothing is swallowed, nothing is left behind.
#include "bot/net/task_group.hpp"

#include "bot/base/log.hpp"
#include "tests/unit/net/support.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <boost/test/unit_test.hpp>

#include <stdexcept>
#include <string>
#include <vector>

using namespace esc;
using namespace esc::net;
using namespace esc::net::test;

namespace {

struct Lines {
    std::vector<std::string> all;
    Lines() {
        log::set_sink([this](std::string_view line) { all.emplace_back(line); });
    }
    ~Lines() { log::set_sink({}); }
    [[nodiscard]] int count(std::string const& part) const {
        int found = 0;
        for (auto const& line : all) found += line.find(part) != std::string::npos;
        return found;
    }
};

Awaitable<> forever() {
    asio::steady_timer timer(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
    co_await timer.async_wait(asio::use_awaitable);
}
Awaitable<> throws_runtime_error() {
    throw std::runtime_error("no such luck");
    co_return;
}
Awaitable<> throws_number() {
    throw 7;
    co_return;
}
Awaitable<> throws_aborted() {
    throw boost::system::system_error(asio::error::operation_aborted);
    co_return;
}
Awaitable<> counts(int& count) {
    ++count;
    co_return;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(task_group)

BOOST_AUTO_TEST_CASE(exceptions_are_reported_by_name) {
    Lines lines;
    asio::io_context io;
    TaskGroup group(io.get_executor());
    std::vector<std::string> failed;
    group.on_failure([&](std::string const& name, std::exception_ptr) { failed.push_back(name); });
    int count = 0;
    group.spawn("unlucky", throws_runtime_error());
    group.spawn("odd", throws_number());
    group.spawn("stray", throws_aborted());  // nobody cancelled it, so this too is news
    group.spawn("fine", counts(count));
    run(io, group.wait());
    BOOST_TEST(group.running() == 0U);
    BOOST_TEST(count == 1);
    BOOST_TEST((failed == std::vector<std::string>{"unlucky", "odd", "stray"}));
    BOOST_TEST(lines.count("task_failed") == 3);
    BOOST_TEST(lines.count("unlucky") == 1);
    BOOST_TEST(lines.count("no such luck") == 1);
}

BOOST_AUTO_TEST_CASE(cancel_ends_all_and_nothing_starts_afterwards) {
    Lines lines;
    asio::io_context io;
    TaskGroup group(io.get_executor());
    for (int task = 0; task < 5; ++task) group.spawn("waits", forever());
    int count = 0;
    auto const body = [&]() -> Awaitable<> {
        co_await settle();
        BOOST_TEST(group.running() == 5U);
        group.cancel();
        group.cancel();
        group.spawn("late", counts(count));
        co_await group.wait();
    };
    run(io, body());
    BOOST_TEST(group.running() == 0U);
    BOOST_TEST(count == 0);
    BOOST_TEST(lines.all.empty());
}

BOOST_AUTO_TEST_CASE(a_failure_may_cancel_the_group_and_may_spawn) {
    Lines lines;
    asio::io_context io;
    TaskGroup group(io.get_executor());
    int count = 0;
    group.on_failure([&](std::string const&, std::exception_ptr) {
        group.spawn("replacement", counts(count));
        group.cancel();
    });
    group.spawn("waits", forever());
    group.spawn("unlucky", throws_runtime_error());
    run(io, group.wait());
    BOOST_TEST(group.running() == 0U);
    BOOST_TEST(lines.count("task_failed") == 1);
}

BOOST_AUTO_TEST_CASE(several_may_wait_and_an_empty_group_is_done) {
    asio::io_context io;
    TaskGroup group(io.get_executor());
    run(io, group.wait());
    group.spawn("waits", forever());
    auto const body = [&]() -> Awaitable<> {
        co_await settle();
        group.cancel();
    };
    run(io, group.wait(), group.wait(), body());
    BOOST_TEST(group.running() == 0U);
}

BOOST_AUTO_TEST_CASE(children_left_behind_are_reported_and_do_no_harm) {
    Lines lines;
    asio::io_context io;
    {
        TaskGroup group(io.get_executor());
        group.spawn("forgotten", forever());
        io.poll();
    }
    BOOST_TEST(lines.count("tasks_left_behind") == 1);
    BOOST_TEST(lines.count("forgotten") == 1);
    io.poll();  // it was cancelled, and ends without its group
}

BOOST_AUTO_TEST_CASE(suspended_children_may_be_destroyed_after_their_group) {
    asio::io_context io;
    TaskGroup group(io.get_executor());
    group.spawn("suspended", forever());
    io.poll();
    group.cancel();
    // Not run any more: the child is destroyed where it waits.
}

BOOST_AUTO_TEST_SUITE_END()
