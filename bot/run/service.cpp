// The process around the App: signals, systemd, exit codes.
#include "bot/run/service.hpp"

#include "bot/base/log.hpp"
#include "bot/net/http_client.hpp"
#include "bot/net/task_group.hpp"
#include "bot/net/timeout.hpp"
#include "bot/run/stop_guard.hpp"
#include "store/store.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/json/parse.hpp>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

namespace esc::run {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr auto health_limit = 3s;

// systemd's notification protocol: one datagram (sd_notify(3)).
void notify(std::string const& path, std::string_view state) {
    if (path.empty()) return;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof(address.sun_path)) return;
    std::memcpy(address.sun_path, path.data(), path.size());
    if (path.front() == '@') address.sun_path[0] = '\0';  // abstract
    int const socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (socket < 0) return;
    auto const length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
    if (::sendto(socket, state.data(), state.size(), MSG_NOSIGNAL, reinterpret_cast<sockaddr const*>(&address), length) < 0)
        log::warning("notify_failed", {{"state", state}});
    ::close(socket);
}

// Everything one run of the service needs, in the order it is taken down.
struct Run {
    asio::io_context io{1};
    StopGuard guard{[this](int signal) { asio::post(io, [this, signal] { stop(signal); }); }};
    std::unique_ptr<Clock> clock = net::make_system_clock(io.get_executor());
    net::TaskGroup tasks{io.get_executor()};
    net::TaskGroup starting{io.get_executor()};
    net::Signal wake{io.get_executor()};
    asio::signal_set reloading{io, SIGHUP};
    App app;
    std::string notify_socket;
    std::optional<Result<void>> started{};
    bool asked_to_stop = false;
    int exit_code = exit_done;

    Run(Setup const& setup, App::Parts parts)
        : app(io.get_executor(), *clock, setup.reading.config, setup.environment, parts),
          notify_socket(setup.environment.notify_socket) {
        starting.on_failure([this](std::string const&, std::exception_ptr const& error) {
            started = fail(Errc::internal, "the start failed: {}", what_of(error));
            wake.notify();
        });
    }

    void stop(int signal) {
        log::info("stopping", {{"signal", signal}});
        asked_to_stop = true;
        wake.notify();
    }
    void watch_reload() {
        reloading.async_wait([this](boost::system::error_code error, int) {
            if (error) return;
            log::warning("reload_unavailable", {{"hint", "the configuration is read at the start; restart the service"}});
            watch_reload();
        });
    }

    asio::awaitable<void> start() {
        started = co_await app.start();
        wake.notify();
    }

    asio::awaitable<void> main() {
        // Slack may be slow to say who we are; who asks to stop meanwhile does not wait for it.
        starting.spawn("start", start());
        while (!started && !asked_to_stop) co_await wake.wait(*clock, std::nullopt);
        starting.cancel();
        co_await starting.wait();
        if (started && !*started) {
            complain(started->error().message);
            exit_code = started->error().code == Errc::invalid ? exit_usage : exit_failed;
        } else if (started) {
            log::info("started", {{"version", ESC_VERSION}, {"http_port", app.http_port()}});
            notify(notify_socket, "READY=1");
            while (!asked_to_stop && !app.fatal()) co_await wake.wait(*clock, std::nullopt);
            notify(notify_socket, "STOPPING=1");
        }
        guard.stop_begins();
        co_await app.stop();
        if (auto const fatal = app.fatal()) {
            complain(fatal->message);
            exit_code = exit_failed;
        }
        boost::system::error_code ignored;  // the end is near either way
        reloading.cancel(ignored);
        log::info("stopped", {{"exit", exit_code}});
    }
};

// The address as somebody on this machine reaches it.
std::string local_address(std::string const& listen) {
    auto const colon = listen.rfind(':');
    if (colon == std::string::npos) return listen;
    auto const host = listen.substr(0, colon);
    auto const port = listen.substr(colon);
    if (host.empty() || host == "0.0.0.0" || host == "*") return "127.0.0.1" + port;
    if (host == "[::]") return "[::1]" + port;
    return listen;
}

asio::awaitable<void> ask_health(net::HttpClient& client, net::Url url, Result<net::HttpResponse>& answer) {
    net::HttpRequest request{.method = "GET", .url = std::move(url), .headers = {}, .body = {}};
    answer = co_await client.request(std::move(request), health_limit, net::HttpClient::Repeat::repeatable);
}

}  // namespace

void complain(std::string_view sentence) {
    auto const line = fmt::format("escalationd: {}\n", sentence);
    std::fwrite(line.data(), 1, line.size(), stderr);
}

Setup read_setup(std::string const& path, Tokens tokens) {
    Setup setup;
    setup.environment = read_environment();
    auto const& file = path.empty() ? setup.environment.config_path : path;
    if (file.empty())
        setup.reading.config = default_config();
    else
        setup.reading = read_config_file(file);
    if (!setup.environment.store_url.empty()) {  // for whoever reads the configuration; it wins anyway
        setup.reading.config.store.url = setup.environment.store_url;
        setup.reading.sources["store.url"] = "ESCALATION_STORE";
    }
    auto problems = setup.reading.problems;
    for (auto& problem : check_environment(setup.environment)) problems.push_back(std::move(problem));
    for (auto const& problem : problems) complain(problem.text());
    setup.usable = problems.empty();
    if (tokens == Tokens::required && setup.environment.bot_token.empty()) {
        complain(
            "SLACK_BOT_TOKEN is not set: take the Bot User OAuth Token (xoxb-…) from api.slack.com/apps, your app, "
            "OAuth & Permissions");
        setup.usable = false;
    }
    if (tokens == Tokens::required && setup.environment.app_token.empty()) {
        complain(
            "SLACK_APP_TOKEN is not set: make an app-level token (xapp-…) with the scope connections:write at "
            "api.slack.com/apps, your app, Basic Information");
        setup.usable = false;
    }
    return setup;
}

int serve(Setup const& setup, App::Parts parts) {
    std::signal(SIGPIPE, SIG_IGN);  // a peer that goes away is an error of its socket
    Run run(setup, parts);
    run.watch_reload();
    run.app.on_fatal([&run](Error const& error) {
        log::error("fatal", {{"error", error.message}});
        run.wake.notify();
    });
    run.tasks.spawn("main", run.main());
    run.io.run();
    return run.exit_code;
}

int migrate(Setup const& setup) {
    auto const done = migrate_store(setup.store_url());
    if (!done) {
        complain(done.error().message);
        return exit_failed;
    }
    if (done->from == done->to)
        fmt::print("{}: schema {} is up to date\n", setup.store_url(), done->to);
    else
        fmt::print("{}: schema {} → {}\n", setup.store_url(), done->from, done->to);
    return exit_done;
}

int verify(Setup const& setup) {
    auto const found = verify_store(setup.store_url());
    if (!found) {
        complain(found.error().message);
        return exit_failed;
    }
    for (auto const& problem : found->problems) complain(problem);
    fmt::print("{} escalations, {} events, {} erased texts: {}\n", found->escalations, found->events, found->erased_texts,
               found->problems.empty() ? "all is well" : fmt::format("{} problems", found->problems.size()));
    return found->problems.empty() ? exit_done : exit_failed;
}

int healthcheck(Setup const& setup) {
    auto const url = net::Url::parse("http://" + local_address(setup.reading.config.http.listen) + "/readyz");
    if (!url) {
        complain(url.error().message);
        return exit_usage;
    }
    asio::io_context io(1);
    net::TlsContext tls;
    net::HttpClient client(io.get_executor(), tls, {});
    net::TaskGroup tasks(io.get_executor());
    Result<net::HttpResponse> answer = fail(Errc::unavailable, "no answer");
    tasks.spawn("healthcheck", ask_health(client, *url, answer));
    while (tasks.running() > 0 && io.run_one() > 0) {
    }
    if (!answer) {
        complain(answer.error().message);
        return exit_failed;
    }
    if (answer->status == 200) return exit_done;
    auto body = answer->body;
    while (!body.empty() && body.back() == '\n') body.pop_back();
    complain(fmt::format("not ready: {}", body));
    return exit_failed;
}

}  // namespace esc::run
