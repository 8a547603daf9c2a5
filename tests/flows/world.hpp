// The whole program in one process for a flow: bot, fake Slack, store on disk, and a clock that moves only when told.
#pragma once

#include "bot/base/time.hpp"
#include "bot/run/app.hpp"
#include "tests/fake_slack/fake_slack.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace esc::flows {

namespace json = boost::json;

class World {
public:
    enum class RateLimits : std::uint8_t { as_slack, none };
    explicit World(std::string const& extra_toml, RateLimits limits = RateLimits::as_slack);
    ~World();
    World(World const&) = delete;
    World& operator=(World const&) = delete;

    void start_bot();
    void stop_bot();  // drains
    // As after a SIGKILL at this moment: the store's files are what they are now, without what a stop writes at its end.
    void kill_bot();
    [[nodiscard]] bool bot_runs() const { return bot_ != nullptr; }
    void pass(Duration span);
    // Until nothing is under way: what is left waits for a moment of the clock. However slow the machine is.
    void settle();

    // A person acts and Slack's answer comes back.
    json::object act(std::string const& name, json::object const& body);
    json::object control(std::string const& name, json::object const& body);

    // What people can read, oldest first, as lines of text with buttons in brackets.
    struct Reading {
        std::string channel{};
        std::string ts{};
        std::string text{};
        json::array blocks{};
        bool from_bot = false;
    };
    std::vector<Reading> history(std::string_view channel);
    std::vector<Reading> thread(std::string_view channel, std::string_view parent_ts);
    std::vector<Reading> direct_messages(std::string_view person);
    std::vector<Reading> ephemerals(std::string_view person);
    std::string modal(std::string_view person);
    std::string home(std::string_view person);
    // As Slack has it: the modal on top, or the Home tab; empty without one.
    json::object view(std::string_view person, std::string_view which = "view");
    [[nodiscard]] Instant now() const { return clock_.now(); }
    // Everything the bot has said where people of that channel read it, replies too.
    std::vector<Reading> said_by_bot(std::string_view channel);
    // What the bot has said since this was last asked and people from outside read: in channels shared with them, in threads in
    // which one of them has written, to them alone, or on their screens.
    std::vector<Reading> newly_told_outsiders();
    [[nodiscard]] std::string readable(std::string_view markup);

    // Empty when `escalationd verify` would pass; else its first problem.
    std::string verify();

private:
    Reading reading(std::string const& channel, json::object const& message);
    std::string lines(json::object const& message);
    void run_until(std::function<bool()> const& done, std::string_view what);

    boost::asio::io_context io_{1};
    ManualClock clock_;
    std::filesystem::path folder_;
    std::string toml_{};
    std::set<std::string> said_{};  // for newly_told_outsiders
    std::unique_ptr<fake::FakeSlack> slack_{};
    std::unique_ptr<run::App> bot_{};
};

}  // namespace esc::flows
