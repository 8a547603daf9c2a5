// What can be read of an event's data, whatever wrote it.
#include "handlers/rules/facts.hpp"

#include <boost/json/array.hpp>
#include <boost/test/unit_test.hpp>

namespace {

using namespace esc;
using rules::Facts;

LedgerEvent with(std::string data) {
    LedgerEvent event;
    event.data = std::move(data);
    return event;
}

BOOST_AUTO_TEST_SUITE(facts_test)

BOOST_AUTO_TEST_CASE(each_kind_is_read_by_its_name) {
    Facts const facts{with(R"({"owner":"U1","version":7,"late":true,"at_us":1500000,"links":[1,"b"]})")};
    BOOST_TEST(facts.text("owner") == "U1");
    BOOST_TEST(facts.number("version").value() == 7);
    BOOST_TEST(facts.flag("late"));
    BOOST_TEST(to_us(facts.instant("at_us").value()) == 1'500'000);
    BOOST_TEST(facts.list("links").size() == 2U);
    BOOST_TEST(rules::version_made_by(with(R"({"version":7})")) == 7);
}

BOOST_AUTO_TEST_CASE(what_is_missing_or_of_another_kind_is_nothing) {
    for (auto const* data : {"", "{", "[]", "null", "7", "{}", R"({"x":null})", R"({"x":{"x":1}})", R"({"x":1.5})"}) {
        Facts const facts{with(data)};
        BOOST_TEST(facts.text("x") == "", data);
        BOOST_TEST(!facts.number("x").has_value(), data);
        BOOST_TEST(!facts.flag("x"), data);
        BOOST_TEST(!facts.instant("x").has_value(), data);
        BOOST_TEST(facts.list("x").empty(), data);
        BOOST_TEST(rules::version_made_by(with(data)) == 0, data);
    }
    Facts const crossed{with(R"({"text":"1","number":1,"flag":true,"list":[]})")};
    BOOST_TEST(crossed.text("number") == "");
    BOOST_TEST(!crossed.number("text").has_value());
    BOOST_TEST(!crossed.flag("number"));
    BOOST_TEST(crossed.list("text").empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
