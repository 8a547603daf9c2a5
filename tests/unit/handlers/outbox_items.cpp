// Outbox items by key and body: what one part of the program writes down, another reads back.
#include "handlers/rules/outbox_items.hpp"

#include <boost/test/unit_test.hpp>

using namespace esc;

BOOST_AUTO_TEST_SUITE(outbox_items)

BOOST_AUTO_TEST_CASE(bodies_are_read_back) {
    rules::NoticeFact notice;
    notice.to = {"U1"};
    notice.channel = {"C1"};
    notice.said = {"{0} assigned it to you", {{"U2"}}, "\"quoted\" <text>"};
    notice.buttons = {"accept", "transfer"};
    auto const told = rules::NoticeFact::parse(notice.body()).value();
    BOOST_TEST((told.to == notice.to && told.channel == notice.channel && told.said == notice.said));
    BOOST_TEST((told.buttons == notice.buttons));
    BOOST_TEST(notice.body().find("moments") == std::string::npos);
    notice.said.moments = {from_us(1'700'000'000'000'001), from_us(0)};
    BOOST_TEST((rules::NoticeFact::parse(notice.body()).value().said == notice.said));
    notice.channel = {};
    BOOST_TEST(rules::NoticeFact::parse(notice.body()).value().channel.empty());
    rules::ThreadNoteFact const note{notice.said};
    BOOST_TEST((rules::ThreadNoteFact::parse(note.body()).value().said == notice.said));
    rules::ThreadNoteFact several{notice.said, {{"Ana", from_us(5), "\"It\" fails"}, {"", from_us(0), ""}}};
    auto const read = rules::ThreadNoteFact::parse(several.body()).value();
    BOOST_TEST((read.said == several.said && read.quotes == several.quotes));
    BOOST_TEST(note.body().find("quotes") == std::string::npos);
    BOOST_TEST(rules::CustomerReplyFact::parse(rules::CustomerReplyFact{"Thanks & more"}.body()).value().text == "Thanks & more");
    auto const response = rules::ResponseFact::parse(rules::ResponseFact{"https://hooks.slack.com/1?a=b"}.body()).value();
    BOOST_TEST(response.url == "https://hooks.slack.com/1?a=b");
}

BOOST_AUTO_TEST_CASE(bodies_that_name_nobody_or_nothing_are_refused) {
    for (std::string_view const body :
         {"", "{", "[]", "1", "{}", R"({"to":"U1","channel":"","sentence":"","people":[],"quote":"","buttons":[]})",
          R"({"to":"","channel":"","sentence":"x","people":[],"quote":"","buttons":[]})",
          R"({"to":"U1","sentence":"x","people":[],"quote":"","buttons":[]})",
          R"({"to":"U1","channel":"","sentence":"x","people":[1],"quote":"","buttons":[]})",
          R"({"to":"U1","channel":"","sentence":"x","people":[],"quote":"","buttons":[],"moments":["now"]})",
          R"({"to":1,"channel":"","sentence":"x","people":[],"quote":"","buttons":[]})"}) {
        BOOST_TEST_CONTEXT(body) {
            BOOST_TEST((rules::NoticeFact::parse(body).error().code == Errc::invalid));
            BOOST_TEST((rules::ResponseFact::parse(body).error().code == Errc::invalid));
        }
    }
}

BOOST_AUTO_TEST_CASE(a_key_belongs_to_one_escalation) {
    BOOST_TEST(rules::card_item({12}, {}).key == rules::card_key({12}));
    BOOST_TEST(rules::card_key({12}) != rules::card_key({1}));
    BOOST_TEST(rules::notice_item({12}, "assigned", {}, {}).key != rules::notice_item({12}, "located", {}, {}).key);
}

BOOST_AUTO_TEST_SUITE_END()
