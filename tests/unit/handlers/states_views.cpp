// The forms that change the state: golden files, what they ask, and hostile text in what they show.
#include "handlers/rules/lifecycle.hpp"
#include "handlers/rules/waiting.hpp"
#include "handlers/views/states.hpp"

#include "tests/unit/handlers/people_and_times.hpp"
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

rules::By by_owner(Escalation const& escalation) {
    return {handler_test::person(escalation.owner.value, Role::lead), view_test::now(), {}};
}

Escalation working(Escalation escalation) {
    escalation.state = State::working;
    return escalation;
}

std::vector<Form> forms(Escalation const& escalation, std::string const& text) {
    return {{"wait", views::wait_modal(working(escalation), by_owner(escalation))},
            {"wait_vendor", views::wait_vendor_modal(escalation, text, view_test::now() + 24h)},
            {"wait_engineering", views::wait_engineering_modal(escalation, text)},
            {"wait_longer", views::wait_longer_modal(escalation, view_test::now() + 240h)},
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

BOOST_AUTO_TEST_CASE(the_resolve_form_holds_what_was_said) {
    auto const escalation = view_test::working();
    rules::ResolveRequest said{.text = "Rolled back", .exit_criteria = "Waived: nobody there", .cause = "bug"};
    said.preventable = false;
    said.customer_told = true;
    said.warranted = Severity::sev3;
    auto const filled = all_of(views::resolve_modal(escalation, said));
    auto const empty = all_of(views::resolve_modal(escalation));
    for (auto const* part : {"\"initial_value\":\"Rolled back\"", "\"initial_value\":\"nobody there\""}) {
        BOOST_TEST(filled.find(part) != std::string::npos, part);
        BOOST_TEST(empty.find(part) == std::string::npos, part);
    }
    auto const chosen = [](std::string const& form) {
        std::size_t count = 0;
        for (auto at = form.find("\"initial_option\""); at != std::string::npos; at = form.find("\"initial_option\"", at + 1))
            ++count;
        return count;
    };
    BOOST_TEST(chosen(filled) == 5U);
    BOOST_TEST(chosen(empty) == 1U);  // the level that it has
}

BOOST_AUTO_TEST_CASE(only_what_this_person_may_let_it_wait_for_can_be_chosen) {
    struct Row {
        Severity severity;
        PersonId who;
        Role role;
        std::vector<std::string_view> offered;
    };
    PersonId const owner{"UANA"};
    for (auto const& row : {Row{Severity::sev2, owner, Role::agent, {"customer", "engineering"}},
                            Row{Severity::sev3, owner, Role::agent, {"customer", "vendor", "engineering"}},
                            Row{Severity::sev1, owner, Role::lead, {"customer", "vendor", "engineering"}},
                            Row{Severity::sev1, {"ULEA"}, Role::lead, {"vendor"}}}) {
        auto escalation = view_test::working();
        escalation.severity = row.severity;
        auto const form =
            all_of(views::wait_modal(escalation, {handler_test::person(row.who.value, row.role), view_test::now(), {}}));
        for (std::string_view const whom : {"customer", "vendor", "engineering"}) {
            bool const listed = std::find(row.offered.begin(), row.offered.end(), whom) != row.offered.end();
            BOOST_TEST((form.find(fmt::format("\"value\":\"{}\"", whom)) != std::string::npos) == listed, whom);
        }
        BOOST_TEST((form.find("\"asked\"") != std::string::npos) == (row.offered.front() == "customer"));
        // Whom the owner has to ask stands there.
        BOOST_TEST((form.find("ask a lead or manager") != std::string::npos) == (row.offered.size() == 2U));
    }
}

BOOST_AUTO_TEST_CASE(the_similar_one_stands_in_the_merge_form) {
    auto escalation = view_test::working();
    BOOST_TEST(all_of(views::merge_modal(escalation)).find("\"initial_value\"") == std::string::npos);
    escalation.details.similar = {7};
    BOOST_TEST(all_of(views::merge_modal(escalation)).find("\"initial_value\":\"ESC-7\"") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
