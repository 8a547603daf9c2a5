// Moments as people type them, in zones of both hemispheres and on the days on which clocks change.
#include "bot/base/zone.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string_view>

namespace {

using esc::Instant;
using namespace std::chrono_literals;

// "2026-11-23T09:00"
Instant utc(std::string_view text) {
    auto const digits = [&](std::size_t at, std::size_t count) { return std::stoi(std::string{text.substr(at, count)}); };
    std::chrono::year_month_day const date{std::chrono::year{digits(0, 4)},
                                           std::chrono::month{static_cast<unsigned>(digits(5, 2))},
                                           std::chrono::day{static_cast<unsigned>(digits(8, 2))}};
    return Instant{std::chrono::sys_days{date}} + std::chrono::hours{digits(11, 2)} + std::chrono::minutes{digits(14, 2)};
}

constexpr std::string_view monday = "2026-11-23T09:00";  // 10:00 in Berlin

}  // namespace

BOOST_AUTO_TEST_SUITE(zones)

BOOST_AUTO_TEST_CASE(zones_that_exist) {
    for (std::string_view const name : {"UTC", "Europe/Berlin", "Asia/Calcutta", "Australia/Lord_Howe"})
        BOOST_TEST(esc::zone_exists(name), name);
    for (std::string_view const name : {"", "Mars/Base", "/etc/passwd", "../../etc/passwd", "Europe/../../passwd"})
        BOOST_TEST(!esc::zone_exists(name), name);
}

BOOST_AUTO_TEST_CASE(moments_that_are_read) {
    struct Row {
        std::string_view zone, now, typed, at;
    };
    for (auto const& row : {
             // the next time it is that
             Row{"Europe/Berlin", monday, "14:30", "2026-11-23T13:30"},
             Row{"Europe/Berlin", monday, "10:01", "2026-11-23T09:01"},
             Row{"Europe/Berlin", monday, "10:00", "2026-11-24T09:00"},
             Row{"Europe/Berlin", "2026-11-23T14:00", "14:30", "2026-11-24T13:30"},
             Row{"Europe/Berlin", monday, "0:00", "2026-11-23T23:00"},
             Row{"Asia/Kolkata", monday, "14:31", "2026-11-23T09:01"},
             Row{"Asia/Kathmandu", monday, "15:00", "2026-11-23T09:15"},
             Row{"America/New_York", monday, "14:30", "2026-11-23T19:30"},
             // days
             Row{"Europe/Berlin", monday, "today 14:30", "2026-11-23T13:30"},
             Row{"Europe/Berlin", monday, "tomorrow 9:00", "2026-11-24T08:00"},
             Row{"Europe/Berlin", monday, "  TOMORROW \t09:00\n", "2026-11-24T08:00"},
             Row{"Europe/Berlin", monday, "mon 10:01", "2026-11-23T09:01"},
             Row{"Europe/Berlin", monday, "Mon 10:00", "2026-11-30T09:00"},
             Row{"Europe/Berlin", monday, "tuesday 8:00", "2026-11-24T07:00"},
             Row{"Europe/Berlin", monday, "sun 0:00", "2026-11-28T23:00"},
             Row{"Europe/Berlin", monday, "2026-11-24 14:30", "2026-11-24T13:30"},
             Row{"Europe/Berlin", monday, "2028-02-29 00:00", "2028-02-28T23:00"},
             // a day is the day there
             Row{"America/New_York", "2026-11-23T03:00", "tomorrow 9:00", "2026-11-23T14:00"},
             Row{"Pacific/Kiritimati", monday, "tomorrow 1:00", "2026-11-23T11:00"},
             Row{"Pacific/Kiritimati", "2026-11-23T11:00", "tue 2:00", "2026-11-23T12:00"},
             // spans
             Row{"Europe/Berlin", monday, "2h", "2026-11-23T11:00"},
             Row{"Europe/Berlin", monday, "in 90m", "2026-11-23T10:30"},
             Row{"Europe/Berlin", monday, "1h30m", "2026-11-23T10:30"},
             Row{"Europe/Berlin", monday, "IN 2h 30m", "2026-11-23T11:30"},
             Row{"Europe/Berlin", monday, "in 3d", "2026-11-26T09:00"},
             Row{"Europe/Berlin", monday, "1d12h", "2026-11-24T21:00"},
             Row{"Europe/Berlin", monday, "in 1d 2h 30m", "2026-11-24T11:30"},
             Row{"Europe/Berlin", "2026-03-28T12:00", "24h", "2026-03-29T12:00"},
             // what is no zone counts as UTC
             Row{"UTC", monday, "14:30", "2026-11-23T14:30"},
             Row{"", monday, "14:30", "2026-11-23T14:30"},
             Row{"Mars/Base", monday, "14:30", "2026-11-23T14:30"},
             Row{"../../etc/passwd", monday, "tomorrow 9:00", "2026-11-24T09:00"},
             // clocks go forward: what is skipped is the moment they do
             Row{"Europe/Berlin", "2026-03-28T12:00", "tomorrow 1:59", "2026-03-29T00:59"},
             Row{"Europe/Berlin", "2026-03-28T12:00", "tomorrow 2:30", "2026-03-29T01:00"},
             Row{"Europe/Berlin", "2026-03-28T12:00", "tomorrow 3:00", "2026-03-29T01:00"},
             Row{"Europe/Berlin", "2026-03-28T12:00", "tomorrow 9:00", "2026-03-29T07:00"},
             Row{"Europe/Berlin", "2026-03-29T01:30", "2:30", "2026-03-30T00:30"},
             Row{"America/New_York", "2026-03-07T12:00", "2026-03-08 2:30", "2026-03-08T07:00"},
             Row{"Australia/Sydney", "2026-10-01T12:00", "2026-10-04 2:30", "2026-10-03T16:00"},
             Row{"Australia/Sydney", "2026-10-03T12:00", "sun 9:00", "2026-10-03T22:00"},
             Row{"Australia/Lord_Howe", "2026-10-01T12:00", "2026-10-04 2:15", "2026-10-03T15:30"},
             Row{"America/Santiago", "2026-09-05T12:00", "tomorrow 0:30", "2026-09-06T04:00"},
             Row{"Pacific/Apia", "2011-12-29T20:00", "tomorrow 9:00", "2011-12-30T10:00"},  // a whole day that never was
             // clocks go back: the first of two, while it is to come
             Row{"Europe/Berlin", "2026-10-24T12:00", "tomorrow 2:30", "2026-10-25T00:30"},
             Row{"Europe/Berlin", "2026-10-25T00:45", "2:30", "2026-10-25T01:30"},
             Row{"Europe/Berlin", "2026-10-25T01:30", "2:30", "2026-10-26T01:30"},
             Row{"Europe/Berlin", "2026-10-24T12:00", "tomorrow 9:00", "2026-10-25T08:00"},
             Row{"America/New_York", "2026-10-31T12:00", "2026-11-01 1:30", "2026-11-01T05:30"},
             Row{"Australia/Sydney", "2026-04-01T12:00", "2026-04-05 2:30", "2026-04-04T15:30"},
             Row{"Australia/Lord_Howe", "2026-04-01T12:00", "2026-04-05 1:45", "2026-04-04T14:45"},
         }) {
        BOOST_TEST_CONTEXT(row.zone << " at " << row.now << ": " << row.typed) {
            auto const at = esc::parse_when(row.typed, row.zone, utc(row.now));
            BOOST_TEST_REQUIRE(at.has_value());
            BOOST_TEST(esc::to_iso(*at) == esc::to_iso(utc(row.at)));
        }
    }
}

BOOST_AUTO_TEST_CASE(what_is_no_moment_to_come_is_refused) {
    for (std::string_view const typed : {"",
                                         " ",
                                         "soon",
                                         "tomorrow",
                                         "mon",
                                         "14",
                                         "14:3",
                                         "24:00",
                                         "14:60",
                                         "-1:30",
                                         "1430",
                                         "2:30pm",
                                         "14:30 tomorrow",
                                         "2026-11-24",
                                         "2026-02-29 10:00",
                                         "2026-13-01 10:00",
                                         "2026-11-22 10:00",
                                         "2026-11-23 10:00",
                                         "today 9:00",
                                         "0m",
                                         "in",
                                         "in 0s",
                                         "0d",
                                         "3h 2d",
                                         "-2h",
                                         "in in 2h",
                                         "99999999999h",
                                         "1h 1h 1h 1h 1h",
                                         "funday 10:00",
                                         "14:30 <!channel>",
                                         "１４:30"}) {
        BOOST_TEST_CONTEXT(typed) {
            auto const at = esc::parse_when(typed, "Europe/Berlin", utc(monday));
            BOOST_TEST_REQUIRE(at.has_error());
            BOOST_TEST((at.error().code == esc::Errc::invalid));
        }
    }
    BOOST_TEST(esc::parse_when("soon", "UTC", utc(monday)).error().message.find("tomorrow 9:00") != std::string::npos);
    BOOST_TEST(esc::parse_when("today 9:00", "Europe/Berlin", utc(monday)).error().message.find("over") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(moments_at_the_beginning_of_a_text) {
    struct Row {
        std::string_view typed, at, rest;
    };
    for (auto const& row : {
             Row{"14:30 the fix is out", "2026-11-23T13:30", "the fix is out"},
             Row{"tomorrow 9:00  the fix\nis out ", "2026-11-24T08:00", "the fix\nis out"},
             Row{"2h 30m we call back", "2026-11-23T11:30", "we call back"},
             Row{"in 90m news", "2026-11-23T10:30", "news"},
             Row{"14:30 15:00 is too late", "2026-11-23T13:30", "15:00 is too late"},
             Row{"2h", "2026-11-23T11:00", ""},
         }) {
        BOOST_TEST_CONTEXT(row.typed) {
            auto const read = esc::leading_when(row.typed, "Europe/Berlin", utc(monday));
            BOOST_TEST_REQUIRE(read.has_value());
            BOOST_TEST(esc::to_iso(read->at) == esc::to_iso(utc(row.at)));
            BOOST_TEST(read->rest == row.rest);
        }
    }
    for (std::string_view const typed : {"", "the fix is out", "tomorrow the fix is out", "kept"})
        BOOST_TEST(esc::leading_when(typed, "UTC", utc(monday)).has_error(), typed);
    BOOST_TEST(esc::leading_when("2026-11-22 10:00 x", "UTC", utc(monday)).error().message.find("over") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
