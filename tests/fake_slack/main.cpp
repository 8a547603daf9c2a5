// The fake as a program: prints one JSON line when it is ready and serves until SIGTERM or SIGINT.
#include "bot/net/timeout.hpp"
#include "tests/fake_slack/fake_slack.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/json/serialize.hpp>

#include <CLI/CLI.hpp>

#include <csignal>
#include <cstdio>
#include <string>

int main(int argc, char** argv) {
    using namespace esc;
    CLI::App arguments(
        "A strict Slack on loopback: Web API, Socket Mode, people (POST /user/<name>) and orders (POST /control/<name>).");
    std::uint16_t port = 0;
    std::string manifest;
    bool no_rate_limits = false;
    arguments.add_option("--port", port, "Port on 127.0.0.1; 0 takes any");
    arguments.add_option("--manifest", manifest, "slack_manifest.json of the app; without it everything is allowed");
    arguments.add_flag("--no-rate-limits", no_rate_limits, "Never answer 429");
    CLI11_PARSE(arguments, argc, argv);

    fake::FakeSlack::Options options{.manifest = {}, .rate_limits = !no_rate_limits, .recycles_connections = true};
    if (!manifest.empty()) {
        auto loaded = fake::AppManifest::load(manifest);
        if (!loaded) {
            std::fprintf(stderr, "fake_slack: %s\n", loaded.error().message.c_str());
            return 1;
        }
        options.manifest = *std::move(loaded);
    }

    boost::asio::io_context io(1);
    auto const clock = net::make_system_clock(io.get_executor());
    fake::FakeSlack slack(io.get_executor(), *clock, std::move(options));
    auto const started = slack.start(port);
    if (!started) {
        std::fprintf(stderr, "fake_slack: %s\n", started.error().message.c_str());
        return 1;
    }
    boost::asio::signal_set signals(io, SIGTERM, SIGINT);
    signals.async_wait([&](boost::system::error_code, int) {
        slack.stop();
        io.stop();
    });

    fake::json::object people;
    fake::json::object channels;
    for (auto const& [id, person] : slack.workspace().people) people[person.handle] = id;
    for (auto const& [id, channel] : slack.workspace().channels) channels[channel.name] = id;
    auto const ready = fake::json::serialize(fake::json::object{{"api_url", slack.api_url()},
                                                                {"port", *started},
                                                                {"bot_token", slack.bot_token()},
                                                                {"app_token", slack.app_token()},
                                                                {"people", people},
                                                                {"channels", channels}});
    std::printf("%s\n", ready.c_str());
    std::fflush(stdout);
    io.run();
    return 0;
}
