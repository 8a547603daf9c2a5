// What the process is given from outside: tokens and addresses. The only place that calls getenv.
#include "bot/base/config.hpp"
#include "bot/base/config_checks.hpp"

#include <cstdlib>

namespace esc {

namespace {

std::string variable(char const* name) {
    char const* const value = std::getenv(name);  // read once, before any thread is started
    return value == nullptr ? std::string() : std::string(value);
}

}  // namespace

Environment read_environment() {
    Environment environment;
    environment.bot_token = variable("SLACK_BOT_TOKEN");
    environment.app_token = variable("SLACK_APP_TOKEN");
    environment.config_path = variable("ESCALATION_CONFIG");
    environment.store_url = variable("ESCALATION_STORE");
    environment.notify_socket = variable("NOTIFY_SOCKET");
    if (auto url = variable("SLACK_API_URL"); !url.empty()) {
        if (url.back() != '/') url += '/';  // methods are appended to it
        environment.api_url = std::move(url);
    }
    return environment;
}

std::vector<ConfigProblem> check_environment(Environment const& environment) {
    std::vector<ConfigProblem> problems;
    auto const report = [&](std::string key, std::string message) {
        problems.push_back({.file = "environment", .line = 0, .key = std::move(key), .message = std::move(message)});
    };
    // xoxe.xoxb- is a bot token of an app with token rotation.
    if (!environment.bot_token.empty() && !environment.bot_token.starts_with("xoxb-") &&
        !environment.bot_token.starts_with("xoxe.xoxb-")) {
        report("SLACK_BOT_TOKEN", "expected the bot token, which starts with xoxb-");
    }
    if (!environment.app_token.empty() && !environment.app_token.starts_with("xapp-")) {
        report("SLACK_APP_TOKEN", "expected the app-level token, which starts with xapp-");
    }
    if (auto problem = config_checks::api_url_problem(environment.api_url)) report("SLACK_API_URL", std::move(*problem));
    if (!environment.store_url.empty()) {
        if (auto problem = config_checks::store_url_problem(environment.store_url))
            report("ESCALATION_STORE", std::move(*problem));
    }
    return problems;
}

}  // namespace esc
