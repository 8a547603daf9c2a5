// A loopback server that does what a test tells it: answers HTTP requests from a function, accepts WebSockets, and can be
// rude (never answer, hang up, send rubbish). It knows nothing of Slack.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace esc::test {

struct Asked {
    std::string method{};
    std::string target{};
    std::map<std::string, std::string> headers{};  // names in lower case
    std::string body{};
};
struct Answer {
    enum class Manner : std::uint8_t { normal, silent, hang_up } manner = Manner::normal;
    int status = 200;
    std::string body = R"({"ok":true})";
    std::map<std::string, std::string> headers{};
};

// One accepted WebSocket, seen from the server.
class Peer {
public:
    virtual ~Peer() = default;
    virtual void send(std::string text) = 0;
    virtual void send_binary(std::string bytes) = 0;
    virtual void close() = 0;  // politely
    virtual void drop() = 0;   // TCP at once

    std::string target{};
    std::vector<std::string> received{};
    bool gone = false;  // the client closed or vanished
};

class ScriptedServer {
public:
    explicit ScriptedServer(boost::asio::any_io_executor executor);
    ~ScriptedServer();
    ScriptedServer(ScriptedServer const&) = delete;
    ScriptedServer& operator=(ScriptedServer const&) = delete;

    [[nodiscard]] std::uint16_t port() const;
    [[nodiscard]] std::string address(std::string const& scheme, std::string const& target) const;

    std::function<Answer(Asked const&)> answer{};  // default: 200 {"ok":true}
    int upgrade_status = 101;                      // anything else refuses WebSockets with it
    bool reads = true;                             // false: new peers are accepted and then never read from
    std::vector<Asked> asked{};                    // all plain requests
    std::vector<std::shared_ptr<Peer>> peers{};    // in the order of their upgrades

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

// Runs the loop until `done` says so; false when that does not come about (ten seconds without it).
bool run_until(boost::asio::io_context& io, std::function<bool()> const& done);
// Everything that can happen now without anybody doing anything more.
void settle(boost::asio::io_context& io);

// A coroutine under way, and what became of it.
template <class T>
class Running {
public:
    Running(boost::asio::io_context& io, boost::asio::awaitable<T> task) : io_(io) {
        boost::asio::co_spawn(io, std::move(task), [outcome = outcome_](std::exception_ptr error, T value) {
            outcome->error = error;
            if (!error) outcome->value.emplace(std::move(value));
        });
    }
    [[nodiscard]] bool done() const { return outcome_->value.has_value() || outcome_->error; }
    T get() {
        if (!run_until(io_, [this] { return done(); })) throw std::runtime_error("the coroutine does not end");
        if (outcome_->error) std::rethrow_exception(outcome_->error);
        return std::move(*outcome_->value);
    }

private:
    struct Outcome {
        std::optional<T> value{};
        std::exception_ptr error{};
    };
    boost::asio::io_context& io_;
    std::shared_ptr<Outcome> outcome_ = std::make_shared<Outcome>();
};

// Runs a coroutine without a result to its end; false when it does not end.
bool run_to_end(boost::asio::io_context& io, boost::asio::awaitable<void> task);

}  // namespace esc::test
