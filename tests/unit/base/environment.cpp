// What comes from the environment: prefixes of tokens, addresses, and that no message repeats a secret.
#include "bot/base/config.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <string>

namespace {

std::vector<std::string> faulty_keys(esc::Environment const& environment) {
    std::vector<std::string> keys;
    for (esc::ConfigProblem const& problem : esc::check_environment(environment)) keys.push_back(problem.key);
    return keys;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(environment)

BOOST_AUTO_TEST_CASE(good_environments) {
    BOOST_TEST(faulty_keys({}).empty());
    BOOST_TEST(faulty_keys({.bot_token = "xoxb-1", .app_token = "xapp-1", .store_url = "sqlite:x.db"}).empty());
    BOOST_TEST(faulty_keys({.bot_token = "xoxe.xoxb-1-abc"}).empty());
    for (std::string const& url : {"https://slack.com/api/", "https://slack.example:8443/", "http://127.0.0.1:3000/api/",
                                   "http://localhost/api/", "http://[::1]:3000/api/", "http://127.8.9.1/"}) {
        BOOST_TEST_CONTEXT(url) { BOOST_TEST(faulty_keys({.api_url = url}).empty()); }
    }
}

BOOST_AUTO_TEST_CASE(bad_environments) {
    using Keys = std::vector<std::string>;
    BOOST_TEST((faulty_keys({.bot_token = "xapp-1", .app_token = "xoxb-1"}) == Keys{"SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"}));
    BOOST_TEST((faulty_keys({.bot_token = " xoxb-1"}) == Keys{"SLACK_BOT_TOKEN"}));
    BOOST_TEST((faulty_keys({.store_url = "mysql:x"}) == Keys{"ESCALATION_STORE"}));
    for (std::string const& url : {"",
                                   "slack.com",
                                   "ftp://slack.com/",
                                   "http://slack.com/api/",
                                   "http://127.0.0.1.evil.example/",
                                   "http://127.evil.example/",
                                   "http://127.0.0.1@evil.example/",
                                   "http://localhost.evil.example/",
                                   "http://[::2]/",
                                   "http://[::1/",
                                   "http://[localhost]/",
                                   "https:///api/",
                                   "https://:443/",
                                   "https://host:99999/",
                                   "https://host:8x/",
                                   "https://host: 80/",
                                   "https://a b/",
                                   "https://host/api?x=1",
                                   "https://host/#x",
                                   "http://0.0.0.0/",
                                   "http://10.0.0.1/",
                                   "http://127.1/",
                                   "http://\\evil/",
                                   "https://host/\n"}) {
        BOOST_TEST_CONTEXT(url) { BOOST_TEST((faulty_keys({.api_url = url}) == Keys{"SLACK_API_URL"})); }
    }
}

BOOST_AUTO_TEST_CASE(no_message_repeats_what_was_given) {
    for (esc::ConfigProblem const& problem : esc::check_environment({.bot_token = "s3cr3t-bot",
                                             .app_token = "s3cr3t-app",
                                             .api_url = "https://me:s3cr3t@host/",
                                             .store_url = "postgresql://me:s3cr3t@db"})) {
        BOOST_TEST(problem.text().find("s3cr3t") == std::string::npos);
        BOOST_TEST(problem.file == "environment");
    }
}

BOOST_AUTO_TEST_CASE(variables_are_read_and_the_address_gets_its_slash) {
    ::setenv("SLACK_BOT_TOKEN", "xoxb-read", 1);
    ::setenv("SLACK_API_URL", "http://127.0.0.1:1/api", 1);
    ::unsetenv("SLACK_APP_TOKEN");
    esc::Environment const environment = esc::read_environment();
    BOOST_TEST(environment.bot_token == "xoxb-read");
    BOOST_TEST(environment.app_token.empty());
    BOOST_TEST(environment.api_url == "http://127.0.0.1:1/api/");
    ::setenv("SLACK_API_URL", "", 1);
    BOOST_TEST(esc::read_environment().api_url == "https://slack.com/api/");
    ::unsetenv("SLACK_API_URL");
    ::unsetenv("SLACK_BOT_TOKEN");
}

BOOST_AUTO_TEST_SUITE_END()
