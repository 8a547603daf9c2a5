// Log lines are JSON whatever is put into them, and never hold a secret. Boost.JSON is the judge of the first.
#include "bot/base/log.hpp"

#include <boost/json/src.hpp>
#include <boost/test/unit_test.hpp>

#include <limits>
#include <string>
#include <thread>
#include <vector>

namespace json = boost::json;
namespace log_lines = esc::log;  // "log" alone is also the logarithm

namespace {

struct Capture {
    std::vector<std::string> lines{};
    Capture() {
        log_lines::set_sink([this](std::string_view line) { lines.emplace_back(line); });
        log_lines::set_level(log_lines::Level::info);
    }
    ~Capture() {
        log_lines::set_sink({});
        log_lines::set_level(log_lines::Level::info);
    }
    Capture(Capture const&) = delete;
    Capture& operator=(Capture const&) = delete;

    [[nodiscard]] json::object only() const {
        BOOST_TEST_REQUIRE(lines.size() == 1U);
        BOOST_TEST(lines.front().find('\n') == std::string::npos);
        return json::parse(lines.front()).as_object();
    }
};

std::string string_in(json::object const& object, std::string_view key) { return std::string(object.at(key).as_string()); }

}  // namespace

BOOST_FIXTURE_TEST_SUITE(logging, Capture)

BOOST_AUTO_TEST_CASE(a_line_says_when_how_and_what) {
    log_lines::warning("disk_full",
                       {{"file", "a.db"}, {"bytes", 12U}, {"share", 0.5}, {"fatal", true}, {"low", std::int64_t{INT64_MIN}}});
    json::object const line = only();
    BOOST_TEST(string_in(line, "level") == "warning");
    BOOST_TEST(string_in(line, "event") == "disk_full");
    BOOST_TEST(string_in(line, "file") == "a.db");
    BOOST_TEST(line.at("bytes").to_number<int>() == 12);
    BOOST_TEST(line.at("share").as_double() == 0.5);
    BOOST_TEST(line.at("fatal").as_bool());
    BOOST_TEST(line.at("low").as_int64() == INT64_MIN);
    std::string const ts = string_in(line, "ts");
    BOOST_TEST(ts.size() == std::string_view("2026-11-23T09:00:00.123Z").size());
    BOOST_TEST(ts.ends_with("Z"));
}

BOOST_AUTO_TEST_CASE(levels_below_the_lowest_are_not_written) {
    log_lines::debug("hidden");
    BOOST_TEST(lines.empty());
    log_lines::set_level(log_lines::Level::error);
    log_lines::warning("hidden");
    BOOST_TEST(lines.empty());
    log_lines::set_level(log_lines::Level::debug);
    log_lines::debug("shown");
    BOOST_TEST(lines.size() == 1U);
}

BOOST_AUTO_TEST_CASE(what_stays_wrong_is_warned_of_once) {
    for (auto const* about : {"cards missing_scope", "alerts missing_scope", "cards missing_scope", "cards missing_scope"})
        log_lines::warning_seldom(about, "feature_degraded", {{"about", about}});
    BOOST_TEST(lines.size() == 2U);
    log_lines::set_level(log_lines::Level::debug);
    log_lines::warning_seldom("cards missing_scope", "feature_degraded", {});
    BOOST_REQUIRE(lines.size() == 3U);
    BOOST_TEST(lines.back().find("\"debug\"") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(every_byte_can_be_logged) {
    std::string all;
    for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
    log_lines::info("bytes", {{"all", all}, {"quote\"\\\n", "key"}});
    json::object const line = only();
    std::string const read = string_in(line, "all");
    BOOST_TEST(read.substr(0, 128) == all.substr(0, 128));
    BOOST_TEST(line.contains("quote\"\\\n"));
}

BOOST_AUTO_TEST_CASE(what_is_not_utf8_is_replaced_and_what_is_stays) {
    struct Row {
        std::string text;
        std::string expected;
    };
    std::string const mark = "\xef\xbf\xbd";
    std::vector<Row> const rows{
        {"ü € 😀", "ü € 😀"},
        {"\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf"},  // the last character of Unicode
        {"a\xff"
         "b",
         "a" + mark + "b"},
        {"\xc0\xaf", mark + mark},                        // overlong slash
        {"\xe0\x80\xaf", mark + mark + mark},             // overlong, three bytes
        {"\xed\xa0\x80", mark + mark + mark},             // a surrogate
        {"\xf4\x90\x80\x80", mark + mark + mark + mark},  // beyond Unicode
        {"cut \xe2\x82", "cut " + mark + mark},           // broken off
        {"\xc3", mark},
    };
    for (Row const& row : rows) {
        lines.clear();
        log_lines::info("utf8", {{"text", row.text}});
        BOOST_TEST(string_in(only(), "text") == row.expected);
    }
}

BOOST_AUTO_TEST_CASE(numbers_that_json_does_not_know_become_null) {
    log_lines::info("odd", {{"nan", std::numeric_limits<double>::quiet_NaN()}, {"inf", std::numeric_limits<double>::infinity()}});
    json::object const line = only();
    BOOST_TEST(line.at("nan").is_null());
    BOOST_TEST(line.at("inf").is_null());
}

BOOST_AUTO_TEST_CASE(secrets_are_replaced_wherever_they_appear) {
    log_lines::add_secret("xoxb-first-secret");
    log_lines::add_secret("xoxb-first-secret-and-longer");
    log_lines::add_secret("quote\"d sec\nret");
    log_lines::add_secret("xoxb-first-secret");
    log_lines::info("using xoxb-first-secret", {{"xoxb-first-secret", "key"},
                                                {"twice", "xoxb-first-secretxoxb-first-secret"},
                                                {"long", "<xoxb-first-secret-and-longer>"},
                                                {"odd", "a quote\"d sec\nret b"},
                                                {"nested", R"({"token":"quote\"d sec\nret"})"},
                                                {"near", "xoxb-first-secre"}});
    json::object const line = only();
    BOOST_TEST(string_in(line, "event") == "using [redacted]");
    BOOST_TEST(string_in(line, "[redacted]") == "key");
    BOOST_TEST(string_in(line, "twice") == "[redacted][redacted]");
    BOOST_TEST(string_in(line, "long") == "<[redacted]>");
    BOOST_TEST(string_in(line, "odd") == "a [redacted] b");
    BOOST_TEST(string_in(line, "nested") == R"({"token":"[redacted]"})");
    BOOST_TEST(string_in(line, "near") == "xoxb-first-secre");
}

BOOST_AUTO_TEST_CASE(empty_and_short_secrets_would_eat_words_and_are_ignored) {
    log_lines::add_secret("");
    log_lines::add_secret("e");
    log_lines::add_secret("event");
    log_lines::info("event", {{"event2", "the event"}});
    BOOST_TEST(string_in(only(), "event2") == "the event");
}

BOOST_AUTO_TEST_CASE(lines_of_many_threads_stay_whole) {
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([i] {
            for (int n = 0; n < 200; ++n) log_lines::info("thread", {{"thread", i}, {"n", n}, {"secret", "thread-secret-3"}});
            log_lines::add_secret("thread-secret-" + std::to_string(i));
        });
    }
    for (std::thread& thread : threads) thread.join();
    BOOST_TEST(lines.size() == 800U);
    for (std::string const& line : lines) BOOST_TEST(json::parse(line).is_object());
}

BOOST_AUTO_TEST_SUITE_END()
