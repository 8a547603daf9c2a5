// Reading what people type: words, keys, mentions.
#include "handlers/answers.hpp"
#include "handlers/router.hpp"

#include "people_and_times.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace esc;
using namespace esc::handler_test;
using handlers::Words;

BOOST_AUTO_TEST_SUITE(words)

BOOST_AUTO_TEST_CASE(words_and_the_rest_as_typed) {
    Words const words{"  12\t <@U1|Ana Lee>  because  of\u00A0this "};
    BOOST_REQUIRE_EQUAL(words.size(), 5U);
    BOOST_TEST(words.at(0) == "12");
    BOOST_TEST(words.at(1) == "<@U1|Ana Lee>");
    BOOST_TEST(words.at(4) == "this");
    BOOST_TEST(words.at(9) == "");
    BOOST_TEST(words.rest(2) == "because  of\u00A0this");
    BOOST_TEST(words.rest(5) == "");
    BOOST_TEST(Words{""}.size() == 0U);
    BOOST_TEST(Words{" \n\t"}.size() == 0U);
    BOOST_TEST(Words{"a <b c"}.size() == 3U);  // not a token of Slack's
    BOOST_TEST(Words("\xC2").size() == 1U);
}

BOOST_AUTO_TEST_CASE(keys) {
    for (auto const* good : {"12", "ESC-12", "esc-12", "Esc-12", "esc12", "ESC12", "#12"})
        BOOST_TEST((Words{good}.key(0).value() == EscalationId{12}));
    for (auto const* bad : {"", "ESC-", "0", "-1", "ESC--12", "esc-esc-12", "#ESC-12", "##12", "#", "ESC-012", "12a", "1.5",
                            "99999999999999999999"})
        BOOST_TEST(Words{bad}.key(0).error().code == Errc::invalid, bad);
}

BOOST_AUTO_TEST_CASE(people) {
    BOOST_TEST(Words{"<@U1>"}.person(0).value() == PersonId{"U1"});
    BOOST_TEST(Words{"<@W2|Ana Lee>"}.person(0).value() == PersonId{"W2"});
    for (auto const* bad : {"", "@ana", "<@>", "<@|ana>", "<#C1|x>", "<!channel>", "U1", "<@U1", "<@U 1>", "<@U1&amp;>"})
        BOOST_TEST(Words{bad}.person(0).error().code == Errc::invalid, bad);
}

BOOST_AUTO_TEST_CASE(to_may_stand_before_a_person) {
    BOOST_TEST(Words{"12 to <@U1>"}.person_at(1) == 2U);
    BOOST_TEST(Words{"12 TO <@U1>"}.person_at(1) == 2U);
    BOOST_TEST(Words{"12 <@U1>"}.person_at(1) == 1U);
    BOOST_TEST(Words{"12 to whom"}.person_at(1) == 1U);
    BOOST_TEST(Words{"12 to"}.person_at(1) == 1U);
}

BOOST_AUTO_TEST_CASE(trimming) {
    BOOST_TEST(handlers::trimmed(" \u00A0 a b \u00A0\n") == "a b");
    BOOST_TEST(handlers::trimmed("\u00A0") == "");
    BOOST_TEST(handlers::readable(" Ask <@U1|ana> &lt;now&gt; ") == "Ask @ana <now>");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
