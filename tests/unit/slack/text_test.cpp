// Text from strangers: cut, cleaned, escaped, read back.
#include "bot/base/utf8.hpp"
#include "bot/slack/blocks.hpp"
#include "bot/slack/web_api.hpp"

#include <boost/test/unit_test.hpp>

#include <random>
#include <string>
#include <utility>
#include <vector>

using namespace esc;
using namespace esc::slack::blocks;
using slack::readable_text;

BOOST_AUTO_TEST_SUITE(text)

BOOST_AUTO_TEST_CASE(cutting_counts_code_points) {
    BOOST_TEST(cut("abc", 3) == "abc");
    BOOST_TEST(cut("abcd", 3) == "ab…");
    BOOST_TEST(cut("äöüß", 4) == "äöüß");
    BOOST_TEST(cut("äöüßx", 4) == "äöü…");
    BOOST_TEST(cut("", 0) == "");
    BOOST_TEST(cut("a", 0) == "");
    BOOST_TEST(cut("ab", 1) == "…");
    BOOST_TEST(length("a€😀") == 3U);
}

BOOST_AUTO_TEST_CASE(cutting_repairs_what_is_not_utf8) {
    std::vector<std::pair<std::string, std::string>> const cases{
        {"a\xFFz", "a\uFFFDz"},
        {"\xC0\xAF", "\uFFFD\uFFFD"},                      // overlong
        {"\xED\xA0\x80", "\uFFFD\uFFFD\uFFFD"},            // a surrogate
        {"\xF4\x90\x80\x80", "\uFFFD\uFFFD\uFFFD\uFFFD"},  // above U+10FFFF
        {"\xE2\x82", "\uFFFD\uFFFD"},                      // broken off
        {"\x80", "\uFFFD"},
    };
    for (auto const& [bad, good] : cases) {
        BOOST_TEST(cut(bad, 10) == good);
        BOOST_TEST(escape(bad) == good);
        BOOST_TEST(one_line(bad) == good);
    }
}

BOOST_AUTO_TEST_CASE(cutting_keeps_marks_with_their_character) {
    BOOST_TEST(cut("ae\u0301xx", 3) == "a…");
    BOOST_TEST(cut("a👍🏽xx", 3) == "a…");
    BOOST_TEST(cut("👩\u200D💻xxx", 3) == "…");
    BOOST_TEST(length(cut("e" + std::string(50, 'x'), 10)) == 10U);
    std::string pile = "e";
    for (int i = 0; i < 100; ++i) pile += "\u0301";
    BOOST_TEST(length(cut(pile, 50)) == 50U);
}

BOOST_AUTO_TEST_CASE(cutting_markup_leaves_no_half_token) {
    BOOST_TEST(cut_markup("ab <@U123> z", 7) == "ab …");
    BOOST_TEST(cut_markup("ab &amp; z", 6) == "ab …");
    BOOST_TEST(cut_markup("ab <@U123> zzzz", 12) == "ab <@U123> …");
    BOOST_TEST(cut_markup("a & b; and so on", 12) == "a & b; and …");
    std::string const text = "x <!date^1700000000^{time}|Nov 14, 22:13 UTC> &lt;!channel&gt; <https://a.b/c|d> end";
    for (std::size_t limit = 0; limit < text.size() + 3; ++limit) {
        auto const out = cut_markup(text, limit);
        BOOST_TEST(length(out) <= limit);
        BOOST_TEST(std::count(out.begin(), out.end(), '<') == std::count(out.begin(), out.end(), '>'));
        for (auto at = out.find('&'); at != std::string::npos; at = out.find('&', at + 1))
            BOOST_TEST((out.compare(at, 4, "&lt;") == 0 || out.compare(at, 4, "&gt;") == 0));
    }
}

BOOST_AUTO_TEST_CASE(escaping) {
    constexpr auto z = "\u200B";
    std::vector<std::pair<std::string, std::string>> const cases{
        {"a & b", "a &amp; b"},
        {"<!channel>", "&lt;!channel&gt;"},
        {"<@U1> <#C1> <https://x|y>", "&lt;@U1&gt; &lt;#C1&gt; &lt;https://x|y&gt;"},
        {"&lt;!here&gt;", "&amp;lt;!here&amp;gt;"},
        {"*b*", std::string{"*"} + z + "b*" + z},
        {"_i_ ~s~", std::string{"_"} + z + "i_" + z + " ~" + z + "s~" + z},
        {"```", std::string{"`"} + z + "`" + z + "`" + z},
        {"> quote", std::string{z} + "&gt; quote"},
        {"a\n > quote", std::string{"a\n "} + z + "&gt; quote"},
        {"a > b", "a &gt; b"},
        {"a\x01\x1b[31m\x7f\u0085z", "a[31mz"},
        {"\u202Egnp.exe\u2066\u2069", "gnp.exe"},
        {"a\r\nb\tc", "a\nb c"},
        {"a\u2028b", "a\nb"},
        {std::string{"a\0b", 3}, "ab"},
        {"עברית العربية", "עברית العربية"},
        {"", ""},
    };
    for (auto const& [foreign, wanted] : cases) BOOST_TEST(escape(foreign) == wanted);
}

BOOST_AUTO_TEST_CASE(one_line_has_one_line) {
    BOOST_TEST(one_line("  a\n\n b\t\r\nc \u2028d ") == "a b c d");
    BOOST_TEST(one_line("\u202Ea\x01") == "a");
    BOOST_TEST(one_line("\n") == "");
    BOOST_TEST(one_line("<!channel>") == "<!channel>");
}

BOOST_AUTO_TEST_CASE(any_bytes_come_out_harmless) {
    std::mt19937 random{7};
    std::string const alphabet = "<>!@#|&*_~`a \n\xE2\x80\xAE\xF0\x9F\x98\x80\xFF";
    for (int round = 0; round < 3000; ++round) {
        std::string bytes;
        for (unsigned i = 0; i < random() % 40; ++i) bytes += alphabet[random() % alphabet.size()];
        auto const safe = escape(bytes);
        BOOST_TEST(safe.find_first_of("<>") == std::string::npos);
        BOOST_TEST(safe == cut(safe, 10'000));  // valid UTF-8
        BOOST_TEST(length(cut(bytes, 7)) <= 7U);
        BOOST_TEST(length(cut_markup(bytes, 7)) <= 7U);
        (void)readable_text(bytes);
    }
}

BOOST_AUTO_TEST_CASE(mentions_and_links) {
    BOOST_TEST(person({"U12AB"}).text == "<@U12AB>");
    BOOST_TEST(channel({"C1"}).text == "<#C1>");
    BOOST_TEST(person({"U1> <!channel"}).text == "U1&gt; &lt;!channel");
    BOOST_TEST(channel({""}).text == "");
    std::vector<std::tuple<std::string, std::string, std::string>> const links{
        {"https://a.b/c?d=1&e=2", "x", "<https://a.b/c?d=1&amp;e=2|x>"},
        {"HTTPS://a.b", "x", "<HTTPS://a.b|x>"},
        {"mailto:a@b.c", "", "<mailto:a@b.c>"},
        {"https://a.b/|<!channel>", "x", "<https://a.b/%7C%3C!channel%3E|x>"},
        {"https://a.b/ü \n", "x", "<https://a.b/%C3%BC%20%0A|x>"},
        {"javascript:alert(1)", "x", "x"},
        {"!channel", "", "!channel"},
        {"https://", "x", "x"},
        {"https://a.b", "<!here>\nx", "<https://a.b|&lt;!here&gt; x>"},
        {"https://a.b/" + std::string(3000, 'a'), "x", "x"},
        {"", "", ""},
    };
    for (auto const& [url, label, wanted] : links) BOOST_TEST(link(url, label).text == wanted);
}

BOOST_AUTO_TEST_CASE(dates_have_a_fallback_with_a_zone) {
    auto const at = from_us(1'700'000'000'999'999);
    auto const token = date(at).text;
    BOOST_TEST(token.starts_with("<!date^1700000000^"));
    BOOST_TEST(token.ends_with("|" + to_utc_text(at) + ">"));
    BOOST_TEST(date(at, DateForm::time).text.find("^{time}|") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(arguments_of_markup_are_escaped_by_type) {
    std::string const title = "<!channel> & {}";
    BOOST_TEST(markup("{} {} {} {}", raw("*x*"), title, EscalationId{12}, 7) == "*x* &lt;!channel&gt; &amp; {} ESC-12 7");
    BOOST_TEST(markup("{}", "<") == "&lt;");
}

BOOST_AUTO_TEST_CASE(readable) {
    std::vector<std::pair<std::string, std::string>> const cases{
        {"a &amp; b &lt;c&gt;", "a & b <c>"},
        {"&amp;lt;", "&lt;"},  // decoded once
        {"<@U1> <@U2|ana>", "@U1 @ana"},
        {"<#C1|general> <#C2> <#C3|>", "#general #C2 #C3"},
        {"<!here> <!channel|channel> <!subteam^S1|@oncall> <!subteam^S2>", "@here @channel @oncall @S2"},
        {"<https://a.b/?x=1&amp;y=2>", "https://a.b/?x=1&y=2"},
        {"<https://a.b|a.b>", "a.b"},
        {"<https://evil.example|https://bank.example>", "https://bank.example (https://evil.example)"},
        {"<mailto:a@b.c|a@b.c> <mailto:a@b.c>", "a@b.c a@b.c"},
        {"<!date^1700000000^{time}|then>", "then"},
        {"1 < 2", "1 < 2"},
        {"<", "<"},
        {"<>", ""},
        {"a <@U1", "a <@U1"},
        {"&", "&"},
        {"&am", "&am"},
        {":wave: *b*", ":wave: *b*"},
    };
    for (auto const& [from_slack, wanted] : cases) BOOST_TEST(readable_text(from_slack) == wanted);
}

BOOST_AUTO_TEST_SUITE_END()
