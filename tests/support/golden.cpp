#include "tests/support/golden.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

namespace json = boost::json;

namespace esc::test {

namespace {

// Golden files are read by people and reviewed as diffs.
void pretty(std::string& to, json::value const& value, std::string const& indent) {
    auto const inner = indent + "  ";
    bool first = true;
    auto const next = [&] {
        to += first ? "\n" : ",\n";
        first = false;
        to += inner;
    };
    if (auto const* object = value.if_object(); object && !object->empty()) {
        to += '{';
        for (auto const& member : *object) {
            next();
            to += json::serialize(json::string{member.key()}) + ": ";
            pretty(to, member.value(), inner);
        }
        to += "\n" + indent + "}";
    } else if (auto const* array = value.if_array(); array && !array->empty()) {
        to += '[';
        for (auto const& element : *array) {
            next();
            pretty(to, element, inner);
        }
        to += "\n" + indent + "]";
    } else {
        to += json::serialize(value);
    }
}

}  // namespace

void check_golden(std::string_view name, json::value const& value) {
    auto const path = std::string{ESC_TEST_DATA "/blocks/"} + std::string{name} + ".json";
    if (auto const* regenerate = std::getenv("ESC_REGENERATE"); regenerate != nullptr && std::string_view{regenerate} == "1") {
        std::string text;
        pretty(text, value, "");
        std::ofstream{path} << text << '\n';
        return;
    }
    std::ifstream file{path};
    std::stringstream text;
    text << file.rdbuf();
    boost::system::error_code error;
    auto const golden = json::parse(text.str(), error);
    BOOST_TEST_REQUIRE(!error, path << " cannot be read");
    BOOST_TEST((golden == value), name << " differs from its golden file; now it is " << json::serialize(value));
}

}  // namespace esc::test
