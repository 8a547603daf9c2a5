// What is told about missing scopes: each once, whoever notices first.
#include "bot/run/degraded.hpp"

#include "bot/base/log.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace esc;

namespace {

struct Told {
    std::vector<std::string> lines{};
    Told() {
        log::set_sink([this](std::string_view line) { lines.emplace_back(line); });
    }
    ~Told() { log::set_sink({}); }
    Told(Told const&) = delete;
    Told& operator=(Told const&) = delete;
};

constexpr auto all =
    "commands,chat:write,reactions:read,app_mentions:read,channels:read,groups:read,"
    "channels:history,groups:history,im:write,im:history,users:read";

Error missing_scope(std::string const& scope) {
    auto error = fail(Errc::forbidden, "chat.postMessage: missing_scope (needed: {}; provided: commands)", scope);
    error.cause = "missing_scope";
    return error;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(degraded)

BOOST_FIXTURE_TEST_CASE(scopes_without_which_nothing_arrives_are_told, Told) {
    std::string without(all);
    without.erase(without.find("reactions:read,"), std::string_view("reactions:read,").size());
    run::say_missing_scopes(without, default_config());
    BOOST_REQUIRE(lines.size() == 1U);
    BOOST_TEST(lines[0].find("feature_degraded") != std::string::npos);
    BOOST_TEST(lines[0].find("raising by reaction") != std::string::npos);
    BOOST_TEST(lines[0].find("needed: reactions:read") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(one_scope_is_one_cause, Told) {
    run::say_degraded("cards", missing_scope("chat:write"), "ESC-1");
    run::say_degraded("alerts", missing_scope("chat:write"), "ESC-1");
    run::say_degraded("names", missing_scope("users:read"), "UBO");
    BOOST_TEST(lines.size() == 2U);
    std::string without(all);
    without.erase(without.find("chat:write,"), std::string_view("chat:write,").size());
    run::say_missing_scopes(without, default_config());
    BOOST_TEST(lines.size() == 2U);
}

BOOST_FIXTURE_TEST_CASE(without_users_read_guests_cannot_be_told_apart_and_that_is_said, Told) {
    std::string without(all);
    without.erase(without.find(",users:read"), std::string_view(",users:read").size());
    auto config = default_config();
    run::say_missing_scopes(without, config);
    BOOST_REQUIRE(lines.size() == 1U);
    BOOST_TEST(lines[0].find("guests as well") != std::string::npos);
    config.people.agents = {"UANA"};
    BOOST_TEST(run::people_untold(config).find("guests cannot be told apart") != std::string_view::npos);
    BOOST_TEST(run::people_untold(config).find("requester") != std::string_view::npos);
}

BOOST_FIXTURE_TEST_CASE(groups_need_their_scope_only_where_they_are_named, Told) {
    auto config = default_config();
    run::say_missing_scopes(all, config);
    BOOST_TEST(lines.empty());
    config.people.agents = {"S0AGENTS"};
    BOOST_TEST(run::names_groups(config));
    run::say_missing_scopes(all, config);
    BOOST_TEST(lines.size() == 1U);
    for (auto const list : {&TeamConfig::members, &TeamConfig::leads, &TeamConfig::managers}) {
        config = default_config();
        config.teams = {{.name = "support"}};
        BOOST_TEST(!run::names_groups(config));
        config.teams.front().*list = {"U0ANA", "S0SUPPORT"};
        BOOST_TEST(run::names_groups(config));
    }
}

BOOST_FIXTURE_TEST_CASE(other_causes_are_told_for_each_feature, Told) {
    auto error = fail(Errc::forbidden, "views.open: unknown_method");
    error.cause = "unknown_method";
    for (auto const* feature : {"forms", "cards", "forms"}) run::say_degraded(feature, error, "UBO");
    BOOST_TEST(lines.size() == 2U);
}

BOOST_AUTO_TEST_SUITE_END()
