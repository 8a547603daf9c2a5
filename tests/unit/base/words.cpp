// Keys, severities and the other shared words: what is read, and above all what is not; and slips of the finger.
#include "bot/base/words.hpp"
#include "bot/base/ids.hpp"
#include "bot/base/result.hpp"
#include "bot/base/vocabulary.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <unordered_set>

BOOST_AUTO_TEST_SUITE(words)

BOOST_AUTO_TEST_CASE(escalation_keys_that_are_read) {
    struct Row {
        std::string_view text;
        std::int64_t number;
    };
    for (Row const& row : {Row{"ESC-12", 12}, Row{"esc-12", 12}, Row{"12", 12}, Row{"ESC-9223372036854775807", INT64_MAX}}) {
        auto const id = esc::EscalationId::parse(row.text);
        BOOST_TEST_CONTEXT(row.text) {
            BOOST_TEST_REQUIRE(id.has_value());
            BOOST_TEST(id->number == row.number);
            BOOST_TEST((esc::EscalationId::parse(id->key()) == id));
        }
    }
}

BOOST_AUTO_TEST_CASE(escalation_keys_that_are_not) {
    using namespace std::string_view_literals;
    for (std::string_view const text :
         {""sv, "ESC-"sv, "0"sv, "ESC-0"sv, "-1"sv, "ESC--1"sv, "+1"sv, "012"sv, " 12"sv, "12 "sv, "12a"sv, "Esc-12"sv, "ESC12"sv,
          "ESC-ESC-1"sv, "1.0"sv, "9223372036854775808"sv, "ESC-99999999999999999999999999"sv, "12\0"sv, "１２"sv}) {
        BOOST_TEST_CONTEXT(text) { BOOST_TEST(!esc::EscalationId::parse(text).has_value()); }
    }
}

BOOST_AUTO_TEST_CASE(severities_are_read_back) {
    for (esc::Severity const severity : esc::all_severities) {
        BOOST_TEST((esc::parse_severity(esc::to_string(severity)) == severity));
    }
    BOOST_TEST((esc::parse_severity("sev2") == esc::Severity::sev2));
    BOOST_TEST((esc::parse_severity("Sev3") == esc::Severity::sev3));
    BOOST_TEST((esc::parse_severity("4") == esc::Severity::sev4));
    for (std::string_view const text : {"", "0", "5", "sev0", "sev5", "sev", "sev22", "SEV 2", "s2", "seV\xb2", "sew2", "2 "}) {
        BOOST_TEST_CONTEXT(text) { BOOST_TEST(!esc::parse_severity(text).has_value()); }
    }
}

BOOST_AUTO_TEST_CASE(clock_kinds_are_read_back) {
    for (esc::ClockKind const kind : {esc::ClockKind::owner, esc::ClockKind::first_response, esc::ClockKind::resolution}) {
        BOOST_TEST((esc::parse_clock_kind(esc::to_string(kind)) == kind));
        BOOST_TEST(esc::label(kind) != esc::to_string(kind));
    }
    BOOST_TEST(!esc::parse_clock_kind("Owner").has_value());
    BOOST_TEST(!esc::parse_clock_kind("").has_value());
}

BOOST_AUTO_TEST_CASE(every_role_and_error_code_has_its_own_name) {
    std::unordered_set<std::string_view> names;
    for (int i = 0; i <= 4; ++i) names.insert(esc::to_string(static_cast<esc::Role>(i)));
    BOOST_TEST(names.size() == 5U);
    names.clear();
    for (int i = 0; i <= static_cast<int>(esc::Errc::internal); ++i) names.insert(esc::to_string(static_cast<esc::Errc>(i)));
    BOOST_TEST(names.size() == 8U);
}

BOOST_AUTO_TEST_CASE(a_try_hands_the_error_through_unchanged) {
    auto const refuse = []() -> esc::Result<int> { return esc::fail(esc::Errc::conflict, "{} was faster", "Ana"); };
    auto const twice = [&]() -> esc::Result<int> {
        ESC_TRY(int const value, refuse());
        return value * 2;
    };
    auto const checked = [&]() -> esc::Result<void> {
        ESC_CHECK(twice());
        return {};
    };
    BOOST_TEST_REQUIRE(twice().has_error());
    BOOST_TEST((twice().error().code == esc::Errc::conflict));
    BOOST_TEST((checked().error() == refuse().error()));
    BOOST_CHECK_THROW((void)twice().value(), esc::ResultError);
}

BOOST_AUTO_TEST_CASE(distances) {
    struct Row {
        char const* a;
        char const* b;
        std::size_t distance;
    };
    Row const rows[] = {{"", "", 0},           {"", "abc", 3},        {"claim", "claim", 0}, {"clam", "claim", 1},
                        {"cliam", "claim", 1}, {"calim", "claim", 1}, {"show", "claim", 5},  {"resolv", "resolve", 1},
                        {"ca", "abc", 3},      {"claimm", "claim", 1}};
    for (auto const& row : rows) {
        BOOST_TEST(esc::edit_distance(row.a, row.b) == row.distance, row.a << " to " << row.b);
        BOOST_TEST(esc::edit_distance(row.b, row.a) == row.distance);
    }
    BOOST_TEST(esc::closest("brached", {"mine", "breached", "all"}) == "breached");
    BOOST_TEST(esc::closest("MINE!", {"mine", "breached", "all"}) == "mine");
    BOOST_TEST(esc::closest(std::string(100'000, 'x'), {"mine", "all"}) == "mine");
    BOOST_TEST(esc::looks_like("reslove", "resolve"));
    BOOST_TEST(!esc::looks_like("close", "show"));
    BOOST_TEST(!esc::looks_like(std::string(100'000, 'x'), "resolve"));
}

BOOST_AUTO_TEST_SUITE_END()
