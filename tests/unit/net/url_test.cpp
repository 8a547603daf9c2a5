// Addresses: what is taken, what is refused, and that refusals do not repeat what may be secret.
#include "bot/net/url.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace esc;
using namespace esc::net;

BOOST_AUTO_TEST_SUITE(url)

BOOST_AUTO_TEST_CASE(taken_apart) {
    struct {
        char const* text;
        bool tls;
        char const* host;
        int port;
        char const* target;
        char const* host_header;
        char const* origin;
    } const table[] = {
        {"https://slack.com/api/", true, "slack.com", 443, "/api/", "slack.com", "https://slack.com"},
        {"http://h", false, "h", 80, "/", "h", "http://h"},
        {"http://h:80/", false, "h", 80, "/", "h", "http://h"},
        {"http://h:443/", false, "h", 443, "/", "h:443", "http://h:443"},
        {"https://h:/x", true, "h", 443, "/x", "h", "https://h"},
        {"HTTPS://Slack.COM/API", true, "slack.com", 443, "/API", "slack.com", "https://slack.com"},
        {"wss://wss-primary.slack.com/link/?ticket=a%20b&x=1", true, "wss-primary.slack.com", 443, "/link/?ticket=a%20b&x=1",
         "wss-primary.slack.com", "https://wss-primary.slack.com"},
        {"ws://127.0.0.1:8080?ticket=1", false, "127.0.0.1", 8080, "/?ticket=1", "127.0.0.1:8080", "http://127.0.0.1:8080"},
        {"http://[::1]:9/x#part", false, "::1", 9, "/x", "[::1]:9", "http://[::1]:9"},
        {"https://[2001:db8::1]/", true, "2001:db8::1", 443, "/", "[2001:db8::1]", "https://[2001:db8::1]"},
        {"http://h:65535/", false, "h", 65535, "/", "h:65535", "http://h:65535"},
    };
    for (auto const& row : table) {
        BOOST_TEST_CONTEXT(row.text) {
            auto const url = Url::parse(row.text);
            BOOST_REQUIRE(url.has_value());
            BOOST_TEST(url->tls == row.tls);
            BOOST_TEST(url->host == row.host);
            BOOST_TEST(url->port == row.port);
            BOOST_TEST(url->target == row.target);
            BOOST_TEST(url->host_header() == row.host_header);
            BOOST_TEST(url->origin() == row.origin);
        }
    }
}

BOOST_AUTO_TEST_CASE(refused) {
    for (std::string const text : {"",
                                   "secret",
                                   "secret.example/path",
                                   "ftp://h/secret",
                                   "javascript:secret",
                                   "http://",
                                   "http:///secret",
                                   "https://user:secret@h/",
                                   "https://secret@h/",
                                   "http://h:0/secret",
                                   "http://h:65536/secret",
                                   "http://h:-1/secret",
                                   "http://h:x/secret",
                                   "http://h/ secret",
                                   "http://h/secret\r\nX: y",
                                   "http://h%0d%0asecret/",
                                   "http://h%2fsecret/",
                                   "//h/secret",
                                   "/secret",
                                   "http://[::1/secret",
                                   "http://h/\xc3\xa9secret",
                                   "http:secret"}) {
        BOOST_TEST_CONTEXT(text) {
            auto const url = Url::parse(text);
            BOOST_REQUIRE(url.has_error());
            BOOST_TEST((url.error().code == Errc::invalid));
            BOOST_TEST(url.error().message.find("secret") == std::string::npos);
        }
    }
    BOOST_TEST(Url::parse("http://h/" + std::string(9000, 'a')).has_error());
}

BOOST_AUTO_TEST_CASE(loopback) {
    for (char const* host : {"127.0.0.1", "127.9.8.7", "::1", "localhost"}) BOOST_TEST(Url{.host = host}.loopback(), host);
    for (char const* host : {"128.0.0.1", "0.0.0.0", "::", "localhost.example", "127.0.0.1.example", "10.0.0.1", ""})
        BOOST_TEST(!Url{.host = host}.loopback(), host);
    BOOST_TEST(Url::parse("http://LOCALHOST/")->loopback());
}

BOOST_AUTO_TEST_SUITE_END()
