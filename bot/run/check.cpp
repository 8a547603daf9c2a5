// `escalationd check`: the configuration, and with --online the token, its scopes with the feature each serves, and the
// configured channels. Reads only: nothing is posted and no connection is opened.
#include "bot/net/http_client.hpp"
#include "bot/net/task_group.hpp"
#include "bot/net/timeout.hpp"
#include "bot/run/degraded.hpp"
#include "bot/run/service.hpp"
#include "bot/run/web_client.hpp"
#include "handlers/located.hpp"
#include "handlers/router.hpp"

#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <chrono>
#include <set>
#include <string>
#include <string_view>

namespace esc::run {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr auto call_limit = 15s;

// Says what it finds, one line each, and counts what needs somebody's hand.
class Report {
public:
    void good(std::string const& line) { fmt::print("ok       {}\n", line); }
    void bad(std::string const& line) {
        fmt::print("problem  {}\n", line);
        ++problems_;
    }
    void note(std::string const& line) { fmt::print("note     {}\n", line); }
    [[nodiscard]] int problems() const { return problems_; }

private:
    int problems_ = 0;
};

void check_scopes(std::string_view told, Config const& config, Report& report) {
    if (told.empty()) {
        report.note("scopes: Slack did not tell them");
        return;
    }
    auto const granted = split_scopes(told);
    for (auto const& [scope, feature] : scope_uses()) {
        bool const has = std::find(granted.begin(), granted.end(), scope) != granted.end();
        if (has)
            report.good(fmt::format("scope {}: {}", scope, feature));
        else if (scope == "usergroups:read" && !names_groups(config))
            report.note(fmt::format("scope {} is missing, and no user group is configured", scope));
        else
            report.bad(fmt::format("scope {} is missing: without it no {}", scope, feature));
    }
}

// A channel that cards shall go to.
asio::awaitable<void> check_triage(WebClient& web, std::string key, ChannelId id, Report& report) {
    auto const answer = co_await web.call(slack::conversations_info(id), WebClient::Patience::steady, call_limit);
    auto const channel = answer ? slack::read_channel(*answer) : Result<slack::Channel>(answer.error());
    if (!channel) {
        auto const unseen = channel.error().cause == "channel_not_found";
        report.bad(fmt::format("{} {}: {}", key, id,
                               unseen ? "no such channel, or a private one that the bot is not in" : channel.error().message));
        co_return;
    }
    auto const name = fmt::format("{} {} #{}", key, id, channel->name);
    if (auto const why = handlers::no_card_because(*channel); !why.empty())
        report.bad(fmt::format("{} takes no card: {}", name, why));
    else
        report.good(name + ": the bot is in it");
}

// Who is in a group only Slack knows: whether there are two who move an owner and agree to it.
asio::awaitable<void> check_managers(WebClient& web, std::string key, std::vector<std::string> const& listed, Report& report) {
    std::set<PersonId> managers;
    for (auto const& id : listed) {
        if (!id.starts_with('S')) {
            managers.insert(PersonId{id});
            continue;
        }
        auto const answer = co_await web.call(slack::usergroups_users_list({id}), WebClient::Patience::steady, call_limit);
        if (!answer) {
            report.bad(fmt::format("{}: the group {} cannot be read: {}", key, id, answer.error().message));
            co_return;
        }
        if (auto const* users = answer->if_contains("users"); users != nullptr && users->is_array())
            for (auto const& user : users->get_array())
                if (user.is_string()) managers.insert(PersonId{std::string(user.get_string())});
    }
    auto const line = fmt::format("ownership.second_approver: {} has {}", key, managers.size());
    if (managers.size() < 2)
        report.bad(line + "; it needs two, one who moves the owner and one who agrees");
    else
        report.good(line);
}

asio::awaitable<void> check_second_approver(WebClient& web, Config const& config, Report& report) {
    if (!config.ownership.second_approver || config.people.nobody()) co_return;
    auto const& teams = config.teams;
    auto const has_none = [](TeamConfig const& team) { return team.managers.empty(); };
    if (teams.empty() || std::any_of(teams.begin(), teams.end(), has_none))
        co_await check_managers(web, "people.managers", config.people.managers, report);
    for (auto const& team : teams)
        if (!team.managers.empty())
            co_await check_managers(web, fmt::format("team.{}.managers", team.name), team.managers, report);
}

// auth.test straight over HTTP: the scopes are told in a header.
asio::awaitable<void> online(Setup const& setup, net::HttpClient& client, WebClient& web, Report& report) {
    auto const call = slack::auth_test();
    auto url = net::Url::parse(setup.environment.api_url + std::string(call.method));
    if (!url) {
        report.bad(url.error().message);
        co_return;
    }
    net::HttpRequest request{.method = "POST",
                             .url = std::move(*url),
                             .headers = {{"Authorization", "Bearer " + setup.environment.bot_token},
                                         {"Content-Type", "application/x-www-form-urlencoded"}},
                             .body = slack::form_body(call.form)};
    auto const response = co_await client.request(std::move(request), call_limit, net::HttpClient::Repeat::repeatable);
    if (!response) {
        report.bad("Slack: " + response.error().message);
        co_return;
    }
    auto const answer = slack::parse_answer(call, response->status, response->header("Retry-After"), response->body);
    auto const identity = answer ? slack::read_identity(*answer) : Result<slack::Identity>(answer.error());
    if (!identity) {
        report.bad("SLACK_BOT_TOKEN: " + identity.error().message +
                   (identity.error().cause == "invalid_auth" ? "; copy it again from api.slack.com/apps" : ""));
        co_return;
    }
    report.good(fmt::format("SLACK_BOT_TOKEN: workspace {} {}, bot {}", identity->workspace, identity->workspace_url,
                            identity->bot_user));
    report.note("SLACK_APP_TOKEN is only tried by serve: trying it opens a connection");

    check_scopes(response->header("x-oauth-scopes"), setup.reading.config, report);
    auto const& config = setup.reading.config;
    if (config.channels.triage.empty())
        report.note("channels.triage: not configured; a card goes where its escalation was raised");
    else
        co_await check_triage(web, "channels.triage", config.channels.triage, report);
    for (auto const& team : config.teams)
        if (!team.triage.empty()) co_await check_triage(web, fmt::format("team.{}.triage", team.name), team.triage, report);
    co_await check_second_approver(web, setup.reading.config, report);
}

int run_online(Setup const& setup) {
    asio::io_context io(1);
    auto const clock = net::make_system_clock(io.get_executor());
    Metrics metrics;
    net::TlsContext tls;
    net::HttpClient client(io.get_executor(), tls, {});
    WebClient web(client, *clock, setup.environment, metrics);
    net::TaskGroup tasks(io.get_executor());
    Report report;
    bool failed = false;
    tasks.on_failure([&failed](std::string const&, std::exception_ptr const&) { failed = true; });
    tasks.spawn("check", online(setup, client, web, report));
    while (tasks.running() > 0 && io.run_one() > 0) {
    }
    if (report.problems() > 0)
        complain(fmt::format("{} {} found online", report.problems(), report.problems() == 1 ? "problem" : "problems"));
    return report.problems() > 0 || failed ? exit_failed : exit_done;
}

// "command escalate" under the name that is configured for it.
std::string configured(std::string route, Config const& config) {
    if (route == "command escalate") return "command " + config.slack.escalate_command;
    if (route == "command queue") return "command " + config.slack.queue_command;
    return route;
}

}  // namespace

int check(Setup const& setup, CheckWhat what) {
    if (what.print) fmt::print("{}", print_config(setup.reading));
    if (what.routes)
        for (auto const& route : handlers::make_router().routes()) fmt::print("{}\n", configured(route, setup.reading.config));
    if (what.online) return run_online(setup);
    if (!what.print && !what.routes) fmt::print("the configuration is usable\n");
    return exit_done;
}

}  // namespace esc::run
