// Durations and instants as text, tables of what is read and written and of what is refused.
#include "bot/base/time.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>
#include <string>

using namespace std::chrono_literals;

namespace {

esc::Instant at(std::int64_t seconds, std::int64_t micros = 0) {
    return esc::Instant{std::chrono::seconds{seconds} + esc::Duration{micros}};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(time_texts)

BOOST_AUTO_TEST_CASE(elapsed_times_that_are_read) {
    struct Row {
        std::string_view text;
        std::chrono::seconds span;
    };
    for (Row const& row : {Row{"90s", 90s}, Row{"15m", 15min}, Row{"4h", 4h}, Row{"1h30m", 90min}, Row{"1h30m15s", 5415s},
                           Row{"0s", 0s}, Row{"90m", 90min}, Row{"1h15s", 3615s}, Row{"87840h", 87840h}, Row{"7d", 168h},
                           Row{"1d12h", 36h}, Row{"1d2h30m10s", 26h + 30min + 10s}, Row{"3660d", 87840h}}) {
        BOOST_TEST_CONTEXT(row.text) {
            auto const span = esc::parse_elapsed(row.text);
            BOOST_TEST_REQUIRE(span.has_value());
            BOOST_TEST((*span == row.span));
        }
    }
}

BOOST_AUTO_TEST_CASE(elapsed_times_that_are_refused) {
    for (std::string_view const text : {"",
                                        " ",
                                        "4",
                                        "h",
                                        "-4h",
                                        "+4h",
                                        "4 h",
                                        "4h ",
                                        " 4h",
                                        "4H",
                                        "4x",
                                        "4hh",
                                        "4h4h",
                                        "30m1h",
                                        "1h30",
                                        "1.5h",
                                        "1e3s",
                                        "12h1d",
                                        "1d1d",
                                        "3661d",
                                        "2w",
                                        "1bd",
                                        "4bh",
                                        "1h4bh",
                                        "h4",
                                        "87841h",
                                        "9223372036854775807s",
                                        "99999999999999999999s",
                                        "87840h1s",
                                        "４h",
                                        "4h\n"}) {
        BOOST_TEST_CONTEXT(text) {
            auto const span = esc::parse_elapsed(text);
            BOOST_TEST_REQUIRE(span.has_error());
            BOOST_TEST((span.error().code == esc::Errc::invalid));
        }
    }
}

BOOST_AUTO_TEST_CASE(business_units_are_named_in_the_refusal) {
    BOOST_TEST(esc::parse_elapsed("4bh").error().message.find("bh") != std::string::npos);
    BOOST_TEST(esc::parse_elapsed("1bd").error().message.find("bd") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_refusal_is_bounded) {
    BOOST_TEST(esc::parse_elapsed(std::string(100'000, 'x')).error().message.size() < 200U);
}

BOOST_AUTO_TEST_CASE(elapsed_times_are_written_and_read_back) {
    BOOST_TEST(esc::format_elapsed(4h) == "4h");
    BOOST_TEST(esc::format_elapsed(15min) == "15m");
    BOOST_TEST(esc::format_elapsed(90min) == "1h30m");
    BOOST_TEST(esc::format_elapsed(45s) == "45s");
    BOOST_TEST(esc::format_elapsed(0s) == "0s");
    BOOST_TEST(esc::format_elapsed(36h) == "36h");
    for (std::chrono::seconds span = 0s; span < 100'000s; span += 37s) {
        BOOST_TEST((*esc::parse_elapsed(esc::format_elapsed(span)) == span));
    }
}

BOOST_AUTO_TEST_CASE(countdowns) {
    struct Row {
        esc::Duration left;
        std::string_view text;
    };
    for (Row const& row :
         {Row{0s, "0s"}, Row{45s, "45s"}, Row{59'999'999us, "59s"}, Row{60s, "1m"}, Row{12min + 59s, "12m"},
          Row{59min + 59s, "59m"}, Row{3h + 5min, "3h 05m"}, Row{23h + 59min + 59s, "23h 59m"}, Row{24h, "1d 0h"},
          Row{52h, "2d 4h"}, Row{-45s, "45s"}, Row{-59'999'999us, "59s"}, Row{-(3h + 5min), "3h 05m"}}) {
        BOOST_TEST(esc::format_left(row.left) == row.text);
    }
    BOOST_TEST(esc::format_left(esc::Duration::min()) == esc::format_left(esc::Duration::max()));
}

BOOST_AUTO_TEST_CASE(instants_as_text) {
    BOOST_TEST(esc::to_iso(at(0)) == "1970-01-01T00:00:00Z");
    BOOST_TEST(esc::to_iso(at(1'795'424'400)) == "2026-11-23T09:00:00Z");
    BOOST_TEST(esc::to_iso(at(1'795'424'400, 100)) == "2026-11-23T09:00:00.000100Z");
    BOOST_TEST(esc::to_iso(at(951'782'399)) == "2000-02-28T23:59:59Z");
    BOOST_TEST(esc::to_iso(at(951'782'400)) == "2000-02-29T00:00:00Z");
    BOOST_TEST(esc::to_iso(at(-1, 999'999)) == "1969-12-31T23:59:59.999999Z");
    BOOST_TEST(esc::to_utc_text(at(1'795'424'400 + 5 * 3600 + 32 * 60 + 59)) == "Nov 23, 14:32 UTC");
    BOOST_TEST(esc::to_utc_text(at(0)) == "Jan 1, 00:00 UTC");
}

BOOST_AUTO_TEST_CASE(slack_timestamps) {
    BOOST_TEST((esc::parse_slack_ts("1700000000.000100") == at(1'700'000'000, 100)));
    BOOST_TEST((esc::parse_slack_ts("0.000000") == at(0)));
    // A floating point number would lose the last digits of these two.
    BOOST_TEST((esc::parse_slack_ts("99999999999.999999") == at(99'999'999'999, 999'999)));
    BOOST_TEST((esc::parse_slack_ts("1700000000.999999") == at(1'700'000'000, 999'999)));
    for (std::string_view const text :
         {"", ".", "1700000000", "1700000000.", ".000100", "1700000000.0001", "1700000000.0001000", "-1.000000",
          "1700000000.00010x", "17e8.000100", " 1700000000.000100", "1700000000,000100", "1.2.000000", "100000000000.000000",
          "99999999999999999999.000000"}) {
        BOOST_TEST_CONTEXT(text) { BOOST_TEST(!esc::parse_slack_ts(text).has_value()); }
    }
}

BOOST_AUTO_TEST_CASE(seconds_are_rounded_down_before_the_epoch_too) {
    BOOST_TEST(esc::to_unix(at(5, 999'999)) == 5);
    BOOST_TEST(esc::to_unix(at(-1, 1)) == -1);
    BOOST_TEST((esc::from_us(esc::to_us(at(7, 3))) == at(7, 3)));
}

BOOST_AUTO_TEST_SUITE_END()
