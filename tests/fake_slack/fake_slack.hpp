// A strict Slack on loopback, for flows, tests and the demo: Web API, Socket Mode and response URLs on one port, people as
// methods here and as POST /user/<name>, a test's orders as POST /control/<name> (README.md in this folder).
#pragma once

#include "bot/base/result.hpp"
#include "bot/base/time.hpp"
#include "tests/fake_slack/app_manifest.hpp"
#include "tests/fake_slack/workspace.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace esc::fake {

// Everything runs on one executor, which must be single-threaded; time is the clock's.
class FakeSlack {
public:
    struct Options {
        AppManifest manifest{};
        bool rate_limits = true;
        bool recycles_connections = false;  // ends each connection after its announced life, as Slack does
    };
    FakeSlack(boost::asio::any_io_executor executor, Clock& clock, Options options);
    ~FakeSlack();
    FakeSlack(FakeSlack const&) = delete;
    FakeSlack& operator=(FakeSlack const&) = delete;

    // Listens on 127.0.0.1; port 0 takes any. The port it got.
    Result<std::uint16_t> start(std::uint16_t port);
    // Closes everything at once. The clock is not touched afterwards.
    void stop();

    [[nodiscard]] std::string api_url() const;  // "http://127.0.0.1:4711/api/"
    [[nodiscard]] std::string bot_token() const;
    [[nodiscard]] std::string app_token() const;

    // The user side, by the names and bodies of POST /user/<name>. `done` is called once, perhaps at once; a command, click or
    // submission is done when the bot acknowledged it or three seconds have passed.
    using Done = std::function<void(json::object)>;
    void user(std::string const& name, json::object const& body, Done done);
    // The same for actions that need no acknowledgement (message, react, view, dms, ephemerals, …): the answer itself.
    json::object user_now(std::string const& name, json::object const& body);
    json::object control(std::string const& name, json::object const& body);
    [[nodiscard]] Workspace& workspace();

    // No unacknowledged envelope, no request under way.
    [[nodiscard]] bool quiet() const;
    [[nodiscard]] std::size_t connections() const;  // sockets past hello

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace esc::fake
