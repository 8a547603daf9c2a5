// The line after the escalate command.
#include "handlers/open_text.hpp"

#include "people_and_times.hpp"

#include <fmt/ranges.h>
#include <boost/test/unit_test.hpp>

namespace {

using namespace esc;
using namespace esc::handler_test;
using handlers::OpenText;

BOOST_AUTO_TEST_SUITE(open_text)

BOOST_AUTO_TEST_CASE(tokens_anywhere) {
    struct Row {
        char const* text;
        char const* title;
        std::optional<Severity> severity = std::nullopt;
        char const* account = "";
        char const* owner = "";
        char const* links = "";
    };
    Row const rows[] = {
        {"Checkout fails", "Checkout fails"},
        {"sev2 for:acme Checkout fails for all users", "Checkout fails for all users", Severity::sev2, "acme"},
        {"Checkout SEV1 fails", "Checkout fails", Severity::sev1},
        {"Checkout fails sev4", "Checkout fails", Severity::sev4},
        {"sev2 sev2 twice the same", "twice the same", Severity::sev2},
        {"severe sevenfold sev", "severe sevenfold sev"},
        {"sev 2 Checkout fails", "Checkout fails", Severity::sev2},
        {"Checkout Sev  1 fails", "Checkout fails", Severity::sev1},
        {"sev two of them", "sev two of them"},
        {"sev 2x slower", "sev 2x slower"},
        {"for:\"Acme Corp\" down", "down", {}, "Acme Corp"},
        {"down for:\u201CAcme Corp\u201D again", "down again", {}, "Acme Corp"},
        {"down FOR:'Acme Corp'", "down", {}, "Acme Corp"},
        {"down for:acme.example", "down", {}, "acme.example"},
        {"down for:R&amp;D", "down", {}, "R&D"},
        {"for:\"a\"b", "b", {}, "a"},
        {"waiting for: an answer? no: for:acme", nullptr},  // a bare "for:" is a slip
        {"owner:<@U_ANA|ana> down", "down", {}, "", "U_ANA"},
        {"down link:<https://example.com/1|example.com/1>", "down", {}, "", "", "https://example.com/1"},
        {"down link:https://a.example/?x=1&amp;y=2 link:<https://b.example>",
         "down",
         {},
         "",
         "",
         "https://a.example/?x=1&y=2\nhttps://b.example"},
        {"resolve billing outage", "resolve billing outage"},
        {"  a \n b\tc ", "a b c"},
        {"ask <@U1|ana> &lt;script&gt;", "ask @ana <script>"},
        {"12:30 fails: note: this", "12:30 fails: note: this"},
        {"", nullptr},
        {"sev1", nullptr},
        {"for:acme", nullptr},
        {"for:", nullptr},
        {"for: acme down", nullptr},
        {"for:\"\" down", nullptr},
        {"for:\"acme down", nullptr},
        {"sev5 down", nullptr},
        {"sev0 down", nullptr},
        {"sev12 down", nullptr},
        {"sev1 sev2 down", nullptr},
        {"owner:ana down", nullptr},
        {"owner: down", nullptr},
        {"link: down", nullptr},
        {"sev2 1", nullptr},
        {"sev 2 1", nullptr},
        {"sev 2", nullptr},
        {"sev 5 down", nullptr},
        {"for:acme ESC-1", nullptr},
        {"#12", nullptr},
        {"12 down", "12 down"},
    };
    for (auto const& row : rows) {
        BOOST_TEST_CONTEXT(row.text) {
            auto const text = OpenText::parse(row.text);
            if (row.title == nullptr) {
                BOOST_REQUIRE(!text.has_value());
                BOOST_TEST(text.error().code == Errc::invalid);
                continue;
            }
            BOOST_REQUIRE(text.has_value());
            BOOST_TEST(text->title == row.title);
            BOOST_TEST((text->severity == row.severity));
            BOOST_TEST(text->account == row.account);
            BOOST_TEST(text->owner.value_or(PersonId{}).value == row.owner);
            BOOST_TEST(fmt::format("{}", fmt::join(text->links, "\n")) == row.links);
            BOOST_TEST(text->description == "");
        }
    }
}

BOOST_AUTO_TEST_CASE(a_title_that_is_too_long_is_kept_in_the_description) {
    std::string exact;
    for (std::size_t i = 0; i < rules::title_limit; ++i) exact += "ä";
    BOOST_TEST(OpenText::parse(exact)->description == "");
    BOOST_TEST(OpenText::parse(exact + "x")->description == exact + "x");
}

BOOST_AUTO_TEST_CASE(garbage_ends) {
    for (std::string const piece :
         {"for:", "for:\"", "<@", "<", ">", "\xFF", "\u201C", "owner:<", "link:<", "\u00A0", "'", "sev"}) {
        std::string text;
        for (int i = 0; i < 300; ++i) text += piece;
        static_cast<void>(OpenText::parse(text));
        static_cast<void>(OpenText::parse("x " + text + " y"));
    }
    BOOST_TEST(OpenText::parse("\xFF\xFE down").has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
