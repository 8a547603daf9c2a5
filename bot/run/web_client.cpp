// One Web API call: turn, request, answer, and what 429 does to the lane. Nothing here knows what a method means.
#include "bot/run/web_client.hpp"

#include "bot/base/counted_while.hpp"
#include "bot/base/log.hpp"
#include "bot/net/timeout.hpp"
#include "bot/net/url.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

namespace esc::run {
namespace {

using namespace std::chrono_literals;
using boost::asio::awaitable;

constexpr int repeats_max = 3;                     // after 429
constexpr std::size_t known_warnings_max = 500;    // texts that were logged once; beyond it they are only counted
constexpr std::size_t lanes_before_pruning = 256;  // looked through at most once in `prune_pause`
constexpr Duration prune_pause = 10min;

std::vector<double> const call_bounds{0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30};
std::vector<double> const wait_bounds{0.001, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 300};

std::string lower_case(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return text;
}

double seconds_since(std::chrono::steady_clock::time_point begin) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// Where a response_url may point. It comes out of a payload, and a payload is a stranger's text.
Result<net::Url> allowed_address(std::string const& text, net::Url const& api) {
    ESC_TRY(auto url, net::Url::parse(text));
    std::string const host = lower_case(url.host);
    if (api.loopback() && url.loopback()) return url;
    bool const slack = host.ends_with(".slack.com") || host.ends_with(".slack-gov.com");
    if (url.tls && (slack || host == lower_case(api.host))) return url;
    return fail(Errc::forbidden, "an answer may not be sent to {}", url.origin());
}

Result<void> read_response_url_answer(int status, std::string_view retry_after) {
    if (status >= 200 && status < 300) return {};
    if (status == 429) return slack::parse_answer({.method = "response_url"}, status, retry_after, {}).error();
    if (status >= 500) return fail(Errc::timed_out, "Slack failed with status {} while it took the answer", status);
    if (status == 404 || status == 410) return fail(Errc::not_found, "the answer's address has expired (status {})", status);
    return fail(Errc::invalid, "Slack refused the answer with status {}", status);
}

}  // namespace

struct WebClient::Impl {
    struct MethodMetrics {
        Histogram seconds{};
        std::map<std::string, Counter, std::less<>> outcomes{};
    };

    net::HttpClient& http;
    Clock& clock;
    Metrics& metrics;
    std::string api_url;
    Result<net::Url> api;
    std::string bot_token;
    std::string app_token;
    Lanes lanes{};
    Instant pruned_at{};
    Histogram lane_wait;
    Counter warnings;
    std::map<std::string, MethodMetrics, std::less<>> methods{};
    std::set<std::pair<std::string, std::string>> known_warnings{};
    std::size_t requests = 0;
    std::string scopes{};  // of the bot token, as Slack told them last
    std::function<void(std::string_view)> scopes_listener{};

    Impl(net::HttpClient& client, Clock& the_clock, Environment const& environment, Metrics& all)
        : http(client),
          clock(the_clock),
          metrics(all),
          api_url(environment.api_url.ends_with('/') ? environment.api_url : environment.api_url + '/'),
          api(net::Url::parse(api_url)),
          bot_token(environment.bot_token),
          app_token(environment.app_token),
          lane_wait(all.histogram("esc_lane_wait_seconds", "Waiting of a call for its turn", wait_bounds)),
          warnings(all.counter("esc_web_warnings_total", "Warnings in Slack's answers")) {}

    void count(std::string_view method, std::string_view outcome, double seconds) {
        auto found = methods.find(method);
        if (found == methods.end()) {
            Metrics::Labels const labels{{"method", std::string(method)}};
            MethodMetrics fresh{.seconds =
                                    metrics.histogram("esc_web_call_seconds", "One try of a Web API call", call_bounds, labels)};
            found = methods.emplace(std::string(method), std::move(fresh)).first;
        }
        found->second.seconds.observe(seconds);
        auto& outcomes = found->second.outcomes;
        auto counter = outcomes.find(outcome);
        if (counter == outcomes.end()) {
            Metrics::Labels const labels{{"method", std::string(method)}, {"outcome", std::string(outcome)}};
            counter = outcomes
                          .emplace(std::string(outcome),
                                   metrics.counter("esc_web_calls_total", "Tries of Web API calls by outcome", labels))
                          .first;
        }
        counter->second.add();
    }

    void take_note(std::string_view method, std::string_view text) {
        warnings.add();
        if (known_warnings.size() >= known_warnings_max) return;
        if (!known_warnings.emplace(method, text).second) return;
        log::warning("slack_warning", {{"method", method}, {"warning", text}});
    }

    void take_notes(std::string_view method, boost::json::object const& answer) {
        auto const* metadata = answer.if_contains("response_metadata");
        if (metadata == nullptr || !metadata->is_object()) return;
        for (std::string_view const name : {"warnings", "messages"}) {
            auto const* list = metadata->get_object().if_contains(name);
            if (list == nullptr || !list->is_array()) continue;
            for (auto const& text : list->get_array())
                if (text.is_string()) take_note(method, text.get_string());
        }
    }

    void take_scopes(std::string_view told) {
        if (told.empty() || told == scopes) return;
        scopes = told;
        if (scopes_listener) scopes_listener(scopes);
    }

    // Until this call's turn. Holds that come meanwhile move it.
    awaitable<void> wait_for_turn(slack::Call const& call) {
        Instant const asked_at = clock.now();
        Duration moved = lanes.moved(call);
        Instant turn = lanes.take_turn(call, asked_at);
        while (turn > clock.now()) {
            co_await net::sleep_until(clock, turn);
            Duration const now_moved = lanes.moved(call);
            turn += std::max(Duration{0}, now_moved - moved);
            moved = now_moved;
        }
        lane_wait.observe(std::chrono::duration<double>(clock.now() - asked_at).count());
    }

    awaitable<Result<boost::json::object>> once(slack::Call const& call, std::string const& token,
                                                std::chrono::steady_clock::duration limit) {
        net::HttpRequest request{.method = "POST", .url = *api};
        request.url.target += call.method;
        request.headers.emplace_back("Authorization", "Bearer " + token);
        request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
        request.body = slack::form_body(call.form);
        CountedWhile const counted(requests);
        auto const begin = std::chrono::steady_clock::now();
        auto const repeat = call.changes_something ? net::HttpClient::Repeat::never : net::HttpClient::Repeat::repeatable;
        Result<net::HttpResponse> response = co_await http.request(std::move(request), limit, repeat);
        Result<boost::json::object> answer =
            response ? slack::parse_answer(call, response->status, response->header("Retry-After"), response->body)
                     : Result<boost::json::object>(response.error());
        count(call.method, answer ? "ok" : to_string(answer.error().code), seconds_since(begin));
        if (answer) take_notes(call.method, *answer);
        if (response && call.token == slack::Call::Token::bot) take_scopes(response->header("x-oauth-scopes"));
        co_return answer;
    }

    void prune() {
        if (lanes.size() < lanes_before_pruning || clock.now() - pruned_at < prune_pause) return;
        pruned_at = clock.now();
        lanes.prune(pruned_at);
    }
};

WebClient::WebClient(net::HttpClient& http, Clock& clock, Environment const& environment, Metrics& metrics)
    : impl_(std::make_unique<Impl>(http, clock, environment, metrics)) {}
WebClient::~WebClient() = default;

std::size_t WebClient::in_flight() const { return impl_->requests; }
void WebClient::on_scopes(std::function<void(std::string_view told)> listener) { impl_->scopes_listener = std::move(listener); }

awaitable<Result<boost::json::object>> WebClient::call(slack::Call call, Patience patience,
                                                       std::chrono::steady_clock::duration limit, Still still) {
    Impl& self = *impl_;
    if (!self.api) co_return self.api.error();
    std::string const& token = call.token == slack::Call::Token::app ? self.app_token : self.bot_token;
    if (token.empty()) {
        Error error = fail(Errc::forbidden, "{} needs a token that is not configured", call.method);
        error.cause = "not_authed";  // what Slack would say
        co_return error;
    }
    self.prune();
    bool repeated_read = false;
    for (int held = 0;;) {
        // A person who waits goes out at once, but the turn is taken: the lane has to know of the call.
        if (patience == Patience::steady)
            co_await self.wait_for_turn(call);
        else
            self.lanes.take_turn(call, self.clock.now());
        if (still)
            if (auto const wanted = still(); !wanted) co_return wanted.error();
        Result<boost::json::object> answer = co_await self.once(call, token, limit);
        if (answer) co_return answer;
        Error const& error = answer.error();
        if (error.code == Errc::rate_limited) self.lanes.hold(call, self.clock.now(), error.retry_after);
        if (patience == Patience::interactive) co_return answer;
        if (error.code == Errc::rate_limited && held < repeats_max) {
            ++held;
            continue;
        }
        if (error.code == Errc::unavailable && !call.changes_something && !repeated_read) {
            repeated_read = true;
            continue;
        }
        co_return answer;
    }
}

awaitable<Result<void>> WebClient::respond(std::string response_url, std::string json_body,
                                           std::chrono::steady_clock::duration limit) {
    Impl& self = *impl_;
    if (!self.api) co_return self.api.error();
    Result<net::Url> url = allowed_address(response_url, *self.api);
    if (!url) co_return url.error();
    net::HttpRequest request{.method = "POST", .url = *std::move(url)};
    request.headers.emplace_back("Content-Type", "application/json; charset=utf-8");
    request.body = std::move(json_body);
    CountedWhile const counted(self.requests);
    auto const begin = std::chrono::steady_clock::now();
    Result<net::HttpResponse> response = co_await self.http.request(std::move(request), limit, net::HttpClient::Repeat::never);
    Result<void> result =
        response ? read_response_url_answer(response->status, response->header("Retry-After")) : Result<void>(response.error());
    self.count("response_url", result ? "ok" : to_string(result.error().code), seconds_since(begin));
    co_return result;
}

}  // namespace esc::run
