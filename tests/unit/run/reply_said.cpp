// What the dispatcher makes of an answer, as Slack gets it: a sentence as a message or a modal, errors of a form that is gone.
#include "bot/run/reply.hpp"

#include "tests/support/block_limits.hpp"
#include "tests/support/golden.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <utility>
#include <vector>

namespace {

using namespace esc;
namespace blocks = slack::blocks;

blocks::Message long_message(std::size_t sections, std::string const& text) {
    blocks::Message message{.text = blocks::escape(text)};
    for (std::size_t at = 0; at < sections; ++at) message += blocks::section(blocks::mrkdwn("{}", text));
    return message;
}

void check(boost::json::object const& modal) {
    for (auto const& violation : test::check_modal(modal)) BOOST_ERROR(violation);
    BOOST_TEST(test::live_tokens(modal).empty());
    BOOST_TEST(test::not_verbatim(modal).empty());
}

BOOST_AUTO_TEST_SUITE(reply_said)

BOOST_AUTO_TEST_CASE(golden) {
    std::vector<std::pair<std::string, std::string>> const errors{{"text", "Say why."}, {"owner", "Choose somebody."}};
    test::check_golden("said_errors_as_message", test::as_json(run::errors_as_message(errors)));
    test::check_golden("said_modal_word", run::word_modal("Done", "Done.").json());
    test::check_golden("said_modal_refused",
                       run::as_modal(run::plain_message("Only leads and managers can do that."), true).json());
}

BOOST_AUTO_TEST_CASE(whatever_is_said_slack_takes_it) {
    for (auto const& text :
         {std::string{}, std::string{" \n"}, std::string{"<!channel> <@U1> & *x*"}, std::string(10'000, '&')}) {
        check(run::word_modal(text, text).json());
        for (auto const sections : {0U, 1U, 99U, 100U, 101U})
            check(run::as_modal(long_message(sections, text), sections == 1).json());
        auto const message = run::errors_as_message({{"a", text}, {"b", text}});
        for (auto const& violation : test::check_message_blocks(message.blocks_json())) BOOST_ERROR(violation);
        BOOST_TEST(test::live_tokens(message.blocks_json()).empty());
        BOOST_TEST(test::tokens_of(message.text).empty());
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
