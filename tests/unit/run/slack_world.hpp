// A small Slack that keeps messages, behind a scripted loopback server, and the parts of the service that talk to it: for
// tests of the dispatcher, the relay, the scheduler and the app. It knows only what those tests ask.
#pragma once

#include "bot/base/config.hpp"
#include "bot/base/log.hpp"
#include "bot/net/http_client.hpp"
#include "bot/run/directory.hpp"
#include "bot/run/web_client.hpp"
#include "store/store.hpp"
#include "tests/support/scripted_server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/json/object.hpp>

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace esc::test {

class TinySlack {
public:
    using Form = std::map<std::string, std::string>;
    struct Message {
        std::string channel{};
        std::string ts{};
        std::string thread_ts{};
        std::string text{};
        boost::json::value metadata{};
        int updates = 0;
    };
    struct Call {
        std::string method{};  // "response_url" for those
        Form form{};
        std::string body{};
    };

    explicit TinySlack(boost::asio::any_io_executor executor);
    [[nodiscard]] std::string api_url() const { return server.address("http", "/api/"); }
    [[nodiscard]] std::string response_url() const { return server.address("http", "/respond/1"); }
    [[nodiscard]] std::vector<Call> of(std::string const& method) const;
    [[nodiscard]] std::size_t count(std::string const& method) const { return of(method).size(); }
    Message& put(std::string channel, std::string thread_ts, std::string text);
    static Answer error(std::string const& code);
    // Answers `times` calls of the method with this before the usual answer comes back.
    void next(std::string const& method, Answer answer, int times = 1);

    ScriptedServer server;
    std::vector<Call> calls{};
    std::vector<Message> messages{};
    std::map<std::string, std::function<Answer(Form const&)>> always{};  // instead of the usual answer
    std::map<std::string, boost::json::object> people{};                 // users.info, users.list

private:
    Answer usual(std::string const& method, Form const& form);
    std::map<std::string, std::vector<Answer>> queued_{};
    int last_ts_ = 100;
};

// Everything but the part under test.
struct SlackWorld {
    boost::asio::io_context io{};
    ManualClock clock{from_us(1'790'000'000'000'000)};
    Metrics metrics{};
    TinySlack slack{io.get_executor()};
    std::filesystem::path folder{};
    std::shared_ptr<Config> settings = std::make_shared<Config>(default_config());
    std::vector<std::string> lines{};  // of the log
    std::unique_ptr<Store> store{};
    net::TlsContext tls{};
    net::HttpClient http{io.get_executor(), tls, {}};
    run::WebClient web;
    std::unique_ptr<run::Directory> directory{};

    SlackWorld();
    ~SlackWorld();
    SlackWorld(SlackWorld const&) = delete;
    SlackWorld& operator=(SlackWorld const&) = delete;

    [[nodiscard]] Environment environment() const;
    void open_store();
    void make_directory();  // from `settings`
    bool until(std::function<bool()> const& done) { return run_until(io, done); }
    void finish(boost::asio::awaitable<void> task);
    void write(StoreWork work);
    // On a thread of the store: what it finds is tested where it is back.
    void read(std::function<void(Snapshot const&)> query);
    [[nodiscard]] bool logged(std::string const& text) const;
    // Committed as `/escalate` or a reaction would have it.
    EscalationId raise(MessageRef source, std::string response_url = {});
};

}  // namespace esc::test
