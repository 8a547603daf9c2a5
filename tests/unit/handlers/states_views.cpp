// The forms that change the state: golden files, what they ask, and hostile text in what they show.
#include "handlers/rules/lifecycle.hpp"
#include "handlers/rules/waiting.hpp"
#include "handlers/views/states.hpp"

#include "tests/unit/handlers/views_data.hpp"

#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace esc;
using namespace std::chrono_literals;
namespace json = boost::json;

namespace {

struct Form {
    std::string name;
    slack::blocks::Modal modal;
};

std::vector<Form> forms(Escalation const& escalation, std::string const& text) {
    return {{"wait", views::wait_modal(escalation)},
            {"wait_vendor", views::wait_vendor_modal(escalation, text, view_test::now() + 24h)},
            {"wait_engineering", views::wait_engineering_modal(escalation, text)},
            {"resume_owner", views::resume_modal(escalation, views::Resumes::owner)},
            {"resume_engineer", views::resume_modal(escalation, views::Resumes::engineer)},
            {"mitigate", views::mitigate_modal(escalation)},
            {"decline", views::decline_modal(escalation)},
            {"merge", views::merge_modal(escalation)},
            {"resolve", views::resolve_modal(escalation)},
            {"reopen", views::reopen_modal(escalation)}};
}

std::string all_of(slack::blocks::Modal const& modal) { return json::serialize(modal.json()); }

}  // namespace

BOOST_AUTO_TEST_SUITE(states_views)

BOOST_AUTO_TEST_CASE(golden_files) {
    auto escalation = view_test::waiting(State::waiting_engineering);
    escalation.details.similar = {7};
    for (auto const& form : forms(escalation, "A fix"))
        if (form.name != "resolve" && form.name != "reopen") view_test::check_golden("modal_" + form.name, form.modal.json());
}

BOOST_AUTO_TEST_CASE(hostile_texts_stay_texts) {
    for (auto const& text : view_test::hostile_texts())
        for (auto const& form : forms(view_test::fullest(text), text.substr(0, 100)))
            view_test::check_form(form.modal, {"<@U", "<!date^"});
}

BOOST_AUTO_TEST_CASE(what_the_rules_know_can_be_chosen) {
    auto const escalation = view_test::working();
    for (auto const cause : rules::cause_classes)
        BOOST_TEST(all_of(views::resolve_modal(escalation)).find(fmt::format("\"{}\"", cause)) != std::string::npos, cause);
    for (auto const code : rules::bounce_reasons)
        for (auto const who : {views::Resumes::owner, views::Resumes::engineer})
            BOOST_TEST(all_of(views::resume_modal(escalation, who)).find(fmt::format("\"{}\"", code)) != std::string::npos, code);
    BOOST_TEST(all_of(views::resume_modal(escalation, views::Resumes::engineer)).find("\"resumed\"") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_similar_one_stands_in_the_merge_form) {
    auto escalation = view_test::working();
    BOOST_TEST(all_of(views::merge_modal(escalation)).find("\"initial_value\"") == std::string::npos);
    escalation.details.similar = {7};
    BOOST_TEST(all_of(views::merge_modal(escalation)).find("\"initial_value\":\"ESC-7\"") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
