// The Web API caller against a scripted server on loopback, with a clock that stands still until told.
#include "bot/run/web_client.hpp"

#include "bot/base/log.hpp"
#include "tests/support/scripted_server.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace esc;
using esc::test::Answer;
using esc::test::Asked;
using run::WebClient;
using slack::Call;
using slack::Tier;
using Patience = WebClient::Patience;

namespace {

struct World {
    using Returned = Result<boost::json::object>;

    boost::asio::io_context io{};
    ManualClock clock{from_us(1'790'000'000'000'000)};
    Metrics metrics{};
    test::ScriptedServer slack{io.get_executor()};
    net::TlsContext tls{};
    net::HttpClient http{io.get_executor(), tls, {.connections_max = 8, .user_agent = "escalationd/test"}};
    Environment environment;
    WebClient web;
    std::vector<std::string> lines{};

    World() : environment(make_environment()), web(http, clock, environment, metrics) {
        log::set_sink([this](std::string_view line) { lines.emplace_back(line); });
        log::set_level(log::Level::debug);
    }
    ~World() {
        log::set_level(log::Level::info);
        log::set_sink({});
    }
    World(World const&) = delete;
    World& operator=(World const&) = delete;

    [[nodiscard]] Environment make_environment() const {
        Environment some;
        some.bot_token = "xoxb-very-secret-bot-token";
        some.app_token = "xapp-very-secret-app-token";
        some.api_url = slack.address("http", "/api");  // no slash at the end: still understood
        return some;
    }
    test::Running<Returned> start(Call call, Patience patience = Patience::steady, std::chrono::seconds limit = 5s) {
        return {io, web.call(std::move(call), patience, limit)};
    }
    Returned call(Call call, Patience patience = Patience::steady, std::chrono::seconds limit = 5s) {
        return start(std::move(call), patience, limit).get();
    }
    Result<void> respond(std::string url) {
        auto task = [](WebClient& client, std::string to) -> boost::asio::awaitable<std::optional<Error>> {
            Result<void> result = co_await client.respond(std::move(to), R"({"text":"x"})");
            co_return result ? std::nullopt : std::optional(result.error());
        };
        auto error = test::Running<std::optional<Error>>(io, task(web, std::move(url))).get();
        return error ? Result<void>(*error) : Result<void>{};
    }
    [[nodiscard]] std::size_t requests() const { return slack.asked.size(); }
    // The n-th request (from 1) and all after it are answered with this.
    void answer_from(std::size_t n, Answer answer) {
        auto before = slack.answer ? slack.answer : [](Asked const&) { return Answer{}; };
        slack.answer = [this, n, answer, before](Asked const& asked) { return slack.asked.size() >= n ? answer : before(asked); };
    }
    [[nodiscard]] bool logged(std::string const& text) const {
        return std::any_of(lines.begin(), lines.end(), [&](auto const& line) { return line.find(text) != std::string::npos; });
    }
    [[nodiscard]] bool measured(std::string const& line) const { return metrics.expose().find(line) != std::string::npos; }
};

Call reading(Tier tier = Tier::three) {
    return {.method = "users.info", .tier = tier, .form = {{"user", "U1"}}, .changes_something = false};
}
Call writing() { return {.method = "chat.update", .tier = Tier::three, .form = {{"text", "a b&c"}}}; }
Answer api_error(std::string const& code) { return {.body = R"({"ok":false,"error":")" + code + "\"}"}; }
Answer slow_down(int seconds) { return {.status = 429, .headers = {{"Retry-After", std::to_string(seconds)}}}; }

}  // namespace

BOOST_AUTO_TEST_SUITE(web_client)

BOOST_AUTO_TEST_CASE(a_call_is_a_form_with_the_token_in_the_header) {
    World world;
    BOOST_TEST(world.call(writing()).has_value());
    Asked const& asked = world.slack.asked.at(0);
    BOOST_TEST(asked.method == "POST");
    BOOST_TEST(asked.target == "/api/chat.update");
    BOOST_TEST(asked.headers.at("authorization") == "Bearer xoxb-very-secret-bot-token");
    BOOST_TEST(asked.headers.at("content-type").starts_with("application/x-www-form-urlencoded"));
    BOOST_TEST(asked.headers.at("user-agent") == "escalationd/test");
    BOOST_TEST(asked.body == slack::form_body(writing().form));
    BOOST_TEST(world.call(slack::apps_connections_open(), Patience::interactive).has_value());
    BOOST_TEST(world.slack.asked.at(1).headers.at("authorization") == "Bearer xapp-very-secret-app-token");
    BOOST_TEST(world.slack.asked.at(1).body.find("xapp") == std::string::npos);
    BOOST_TEST(world.measured(R"(esc_web_calls_total{method="chat.update",outcome="ok"} 1)"));
    BOOST_TEST(!world.logged("very-secret"));
}

BOOST_AUTO_TEST_CASE(errors_come_back_as_slack_says_them) {
    World world;
    world.answer_from(1, api_error("not_in_channel"));
    auto const answer = world.call(writing());
    BOOST_TEST_REQUIRE(answer.has_error());
    BOOST_TEST(answer.error().cause == "not_in_channel");
    BOOST_TEST(world.requests() == 1U);
    BOOST_TEST(world.measured(R"(esc_web_calls_total{method="chat.update",outcome="forbidden"} 1)"));
}

BOOST_AUTO_TEST_CASE(retry_after_is_obeyed) {
    World world;
    world.slack.answer = [&](Asked const&) { return world.requests() == 1 ? slow_down(30) : Answer{}; };
    auto running = world.start(writing());
    BOOST_TEST_REQUIRE(test::run_until(world.io, [&] { return world.clock.next_timer().has_value(); }));
    BOOST_TEST(world.web.in_flight() == 0U);  // it waits for time to pass, not for Slack
    world.clock.advance(29s);
    test::settle(world.io);
    BOOST_TEST(world.requests() == 1U);
    world.clock.advance(1s);
    BOOST_TEST(running.get().has_value());
    BOOST_TEST(world.requests() == 2U);
}

BOOST_AUTO_TEST_CASE(one_429_holds_all_callers_of_the_method_in_order) {
    World world;
    world.slack.answer = [&](Asked const&) { return world.requests() == 1 ? slow_down(30) : Answer{}; };
    auto first = world.start(writing());
    BOOST_TEST_REQUIRE(test::run_until(world.io, [&] { return world.clock.next_timer().has_value(); }));
    auto second = world.start(writing());
    auto other = world.start(reading());
    BOOST_TEST(other.get().has_value());
    BOOST_TEST(world.requests() == 2U);
    world.clock.advance(30s);
    BOOST_TEST(first.get().has_value());
    BOOST_TEST(world.requests() == 3U);
    world.clock.advance(2s);
    BOOST_TEST(second.get().has_value());
}

BOOST_AUTO_TEST_CASE(after_three_more_tries_429_is_an_error) {
    World world;
    world.answer_from(1, slow_down(10));
    auto running = world.start(writing());
    for (int round = 0; round < 20 && !running.done(); ++round) {
        test::run_until(world.io, [&] { return running.done() || world.clock.next_timer().has_value(); });
        if (world.clock.next_timer()) world.clock.advance_to(*world.clock.next_timer());
    }
    auto const answer = running.get();
    BOOST_TEST_REQUIRE(answer.has_error());
    BOOST_TEST((answer.error().code == Errc::rate_limited));
    BOOST_TEST((answer.error().retry_after == 10s));
    BOOST_TEST(world.requests() == 4U);
}

BOOST_AUTO_TEST_CASE(who_is_impatient_neither_waits_nor_repeats) {
    World world;
    world.answer_from(1, slow_down(10));
    Call const call = reading(Tier::one);
    for (int count = 0; count < 5; ++count)
        BOOST_TEST((world.call(call, Patience::interactive).error().code == Errc::rate_limited));
    BOOST_TEST(world.requests() == 5U);
    auto steady = world.start(call);  // the others know of it
    test::settle(world.io);
    BOOST_TEST(world.requests() == 5U);
    BOOST_TEST(world.clock.next_timer().has_value());
    world.slack.answer = {};
    world.clock.advance(2h);
    BOOST_TEST(steady.get().has_value());
}

BOOST_AUTO_TEST_CASE(pacing_waits_on_the_clock) {
    World world;
    std::vector<test::Running<World::Returned>> running;
    for (int count = 0; count < 4; ++count) running.push_back(world.start(reading(Tier::one)));
    BOOST_TEST_REQUIRE(test::run_until(world.io, [&] { return running[1].done(); }));
    test::settle(world.io);
    BOOST_TEST(world.requests() == 2U);  // the burst
    world.clock.advance(60s);
    BOOST_TEST(running[2].get().has_value());
    BOOST_TEST(!running[3].done());
    world.clock.advance(60s);
    BOOST_TEST(running[3].get().has_value());
}

BOOST_AUTO_TEST_CASE(a_read_is_repeated_once_and_a_change_never) {
    World world;
    world.answer_from(1, {.status = 503, .body = "<html>"});
    BOOST_TEST((world.call(reading()).error().code == Errc::unavailable));
    BOOST_TEST(world.requests() == 2U);
    BOOST_TEST((world.call(reading(), Patience::interactive).error().code == Errc::unavailable));
    BOOST_TEST(world.requests() == 3U);
    BOOST_TEST((world.call(writing()).error().code == Errc::timed_out));  // it may have happened
    BOOST_TEST(world.requests() == 4U);
}

BOOST_AUTO_TEST_CASE(no_answer_and_a_hung_up_line) {
    World world;
    world.answer_from(1, {.manner = Answer::Manner::hang_up});
    BOOST_TEST((world.call(writing()).error().code == Errc::timed_out));
    world.answer_from(1, {.manner = Answer::Manner::silent});
    auto running = world.start(writing(), Patience::steady, 1s);
    BOOST_TEST_REQUIRE(test::run_until(world.io, [&] { return world.requests() == 2; }));
    BOOST_TEST(world.web.in_flight() == 1U);
    BOOST_TEST((running.get().error().code == Errc::timed_out));
    BOOST_TEST(world.web.in_flight() == 0U);
}

BOOST_AUTO_TEST_CASE(without_a_token_nothing_is_sent) {
    World world;
    Environment nothing = world.environment;
    nothing.app_token.clear();
    WebClient web(world.http, world.clock, nothing, world.metrics);
    test::Running<World::Returned> running(world.io, web.call(slack::apps_connections_open(), Patience::interactive));
    auto const answer = running.get();
    BOOST_TEST_REQUIRE(answer.has_error());
    BOOST_TEST(answer.error().cause == "not_authed");
    BOOST_TEST(world.requests() == 0U);
}

BOOST_AUTO_TEST_CASE(a_warning_is_logged_once_per_method) {
    World world;
    world.answer_from(1, {.body = R"({"ok":true,"response_metadata":{"warnings":["odd_thing",5],"messages":["[WARN] look"]}})"});
    for (int count = 0; count < 3; ++count) BOOST_TEST(world.call(reading()).has_value());
    auto const count = [&](std::string const& text) {
        return std::count_if(world.lines.begin(), world.lines.end(),
                             [&](auto const& line) { return line.find(text) != std::string::npos; });
    };
    BOOST_TEST(count("odd_thing") == 1);
    BOOST_TEST(count("[WARN] look") == 1);
    BOOST_TEST(world.call(writing()).has_value());
    BOOST_TEST(count("odd_thing") == 2);
}

BOOST_AUTO_TEST_CASE(odd_metadata_is_no_matter) {
    World world;
    for (std::string const metadata : {"5", "null", "[]", R"({"warnings":{}})", R"({"warnings":[null,{}]})"}) {
        world.slack.answer = [&](Asked const&) { return Answer{.body = R"({"ok":true,"response_metadata":)" + metadata + "}"}; };
        BOOST_TEST(world.call(reading()).has_value());
    }
}

BOOST_AUTO_TEST_CASE(an_answer_to_a_response_url) {
    World world;
    BOOST_TEST(world.respond(world.slack.address("http", "/actions/T1/1/secret-path")).has_value());
    Asked const& asked = world.slack.asked.at(0);
    BOOST_TEST(asked.target == "/actions/T1/1/secret-path");
    BOOST_TEST(asked.headers.at("content-type") == "application/json; charset=utf-8");
    BOOST_TEST(asked.headers.count("authorization") == 0U);
    BOOST_TEST(asked.body == R"({"text":"x"})");
    struct Row {
        int status;
        Errc code;
    };
    for (auto const& row : {Row{404, Errc::not_found}, Row{410, Errc::not_found}, Row{500, Errc::timed_out},
                            Row{400, Errc::invalid}, Row{429, Errc::rate_limited}}) {
        world.slack.answer = [&](Asked const&) { return Answer{.status = row.status, .headers = {{"Retry-After", "7"}}}; };
        auto const result = world.respond(world.slack.address("http", "/r"));
        BOOST_TEST_REQUIRE(result.has_error());
        BOOST_TEST((result.error().code == row.code));
        BOOST_TEST((result.error().retry_after == (row.status == 429 ? 7s : 0s)));
    }
    BOOST_TEST(!world.logged("secret-path"));
}

BOOST_AUTO_TEST_CASE(response_urls_of_strangers_are_refused) {
    World world;
    for (std::string const url : {"https://evil.example/r", "http://hooks.slack.com/r", "https://hooks.slack.com.evil.example/r",
                                  "https://notslack.com/r", "https://xslack.com/r", "https://evil.example/.slack.com",
                                  "ftp://hooks.slack.com/", "", "https://"}) {
        auto const result = world.respond(url);
        BOOST_TEST_CONTEXT(url) {
            BOOST_TEST_REQUIRE(result.has_error());
            BOOST_TEST((result.error().code == Errc::forbidden || result.error().code == Errc::invalid));
        }
    }
    // A workspace of Slack's own: no answer may go to loopback.
    Environment real = world.environment;
    real.api_url = "https://slack.com/api/";
    WebClient web(world.http, world.clock, real, world.metrics);
    std::string const loopback = world.slack.address("http", "/r");
    auto task = [](WebClient& client, std::string to) -> boost::asio::awaitable<bool> {
        Result<void> result = co_await client.respond(std::move(to), "{}");
        co_return result.has_error() && result.error().code == Errc::forbidden;
    };
    BOOST_TEST(test::Running<bool>(world.io, task(web, loopback)).get());
    BOOST_TEST(world.requests() == 0U);
}

BOOST_FIXTURE_TEST_CASE(scopes_are_told_when_they_change, World) {
    std::vector<std::string> told;
    web.on_scopes([&](std::string_view scopes) { told.emplace_back(scopes); });
    std::string granted = "commands,chat:write";
    slack.answer = [&](Asked const&) { return Answer{.headers = {{"x-oauth-scopes", granted}}}; };
    for (int count = 0; count < 3; ++count) BOOST_TEST(call(slack::auth_test()).has_value());
    BOOST_TEST(told.size() == 1U);
    granted = "chat:write";
    BOOST_TEST(call(slack::auth_test()).has_value());
    BOOST_TEST(call({.method = "apps.connections.open", .token = Call::Token::app}).has_value());
    slack.answer = [](Asked const&) { return Answer{}; };
    BOOST_TEST(call(slack::auth_test()).has_value());
    BOOST_TEST(told == (std::vector<std::string>{"commands,chat:write", "chat:write"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
