// Severity on its surfaces: the form and what it says while it is answered, the typed way, the confirm button.
#include "handlers/views/parts.hpp"
#include "handlers/views/severity.hpp"

#include "handlers/rules/severity.hpp"
#include "handlers/views/raise.hpp"
#include "views_data.hpp"
#include "world.hpp"

#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>

namespace {

using namespace esc;
using namespace esc::handler_test;

slack::ViewState state(std::map<std::string, std::string> const& values) {
    slack::ViewState all;
    all.values = {{"severity", "computed"}};
    for (auto const& [block, value] : values) all.values[block] = value;
    return all;
}
bool errs_at(handlers::Outcome const& outcome, std::string_view block) {
    return std::any_of(outcome.reply.view_errors.begin(), outcome.reply.view_errors.end(),
                       [&](auto const& error) { return error.first == block && !error.second.empty(); });
}
std::string json_of(std::optional<slack::blocks::Modal> const& modal) {
    BOOST_REQUIRE(modal.has_value());
    return boost::json::serialize(modal->json());
}
bool has(std::string const& text, std::string_view part) { return text.find(part) != std::string::npos; }

BOOST_AUTO_TEST_SUITE(severity_form_test)

BOOST_AUTO_TEST_CASE(every_answer_goes_through_the_form_and_back) {
    for (auto const& question : views::severity_questions)
        for (std::size_t place = 0; place < question.answers.size(); ++place) {
            if (question.answers[place].empty()) continue;
            SeverityAnswers answers;
            views::answer(answers, question.block, std::to_string(place));
            BOOST_TEST(views::answer_value(answers, question.block) == std::to_string(place));
        }
    SeverityAnswers answers;
    for (auto const* value : {"", "9", "-1", "10", "x", "5"})
        for (auto const& question : views::severity_questions) views::answer(answers, question.block, value);
    views::answer(answers, "workaround", "4");
    views::answer(answers, "nothing", "1");
    BOOST_TEST((answers == SeverityAnswers{}));
}

BOOST_AUTO_TEST_CASE(the_button_opens_the_form_with_criteria_and_examples) {
    World world;
    auto const id = world.open_one();
    auto const opened = world.press("esc.severity", "1:v1", ana);
    auto const text = json_of(opened.open_modal);
    for (auto const& question : views::severity_questions) BOOST_TEST(has(text, question.label), question.label);
    for (auto const severity : all_severities) {
        auto const& guide = world.config->text(severity);
        BOOST_TEST(has(text, guide.criteria));
        BOOST_TEST(has(text, guide.examples.front()));
        BOOST_TEST(has(text, guide.counter_examples.front()));
    }
    for (auto const& who : {raiser, bystander, outsider}) {
        auto const refused = world.press("esc.severity", "1:v1", who);
        BOOST_TEST(refused.refused);
        BOOST_TEST(!refused.open_modal.has_value());
    }
    BOOST_TEST(world.press("esc.severity", "77:v1", ana).refused);
    BOOST_TEST(world.at(id).severity == Severity::sev3);
}

BOOST_AUTO_TEST_CASE(a_submission_grades_and_errors_stand_at_their_input) {
    World world;
    auto const id = world.open_one();
    auto const submit = [&](std::map<std::string, std::string> const& values, Person const& who) {
        return world.submit("esc.severity", "1:v1", state(values), who);
    };
    BOOST_TEST(errs_at(submit({}, ana), "severity"));  // nothing answered, no level
    BOOST_TEST(errs_at(submit({{"severity", "sev9"}}, ana), "severity"));
    BOOST_TEST(errs_at(submit({{"severity", "SEV2"}}, ana), "severity_reason"));
    BOOST_TEST(errs_at(submit({{"impact", "1"}, {"severity", "SEV4"}}, ana), "severity_reason"));
    // Who may not is told in the form's place, with what was written.
    auto const not_allowed = submit({{"severity", "SEV2"}, {"severity_reason", "they lose orders"}}, raiser);
    BOOST_TEST(not_allowed.refused);
    BOOST_TEST(not_allowed.reply.view_errors.empty());
    BOOST_TEST(has(text_of(not_allowed), "they lose orders"));
    BOOST_TEST(world.at(id).version == 1);
    BOOST_TEST(text_of(submit({{"impact", "2"}, {"workaround", "1"}}, ana)) == "");
    BOOST_TEST(world.at(id).severity == Severity::sev2);
    BOOST_TEST(!submit({{"severity", "SEV3"}, {"severity_reason", "It is one user"}, {"impact", "2"}, {"workaround", "1"}}, ana)
                    .refused);
    BOOST_TEST(world.at(id).severity == Severity::sev3);
    BOOST_TEST(
        !submit({{"severity", "SEV1"}, {"severity_reason", "All of them"}, {"impact", "2"}, {"workaround", "1"}}, ana).refused);
    BOOST_TEST(world.at(id).severity == Severity::sev3);
    BOOST_TEST(world.at(id).details.severity_request.has_value());
    BOOST_TEST(world.problems().empty());
}

BOOST_AUTO_TEST_CASE(while_it_is_answered_the_form_says_the_level_and_who_must_confirm) {
    World world;
    world.open_one();
    slack::BlockAction changed;
    changed.action_id = views::severity_changed_action;
    changed.view_private_metadata = "1:v1";
    changed.view_state = state({{"impact", "1"}, {"scope", "1"}, {"workaround", "1"}});
    auto const by_agent = json_of(world.send(changed, ana).replace_modal);
    BOOST_TEST(has(by_agent, "The answers say *SEV1*"));
    BOOST_TEST(has(by_agent, "needs a lead's or manager's word"));
    auto const by_lead = json_of(world.send(changed, lea).replace_modal);
    BOOST_TEST(has(by_lead, "The answers say *SEV1*"));
    BOOST_TEST(!has(by_lead, "needs a lead's"));
    changed.view_state = state({{"severity", "SEV2"}, {"severity_reason", "typed so far"}});
    auto const text = json_of(world.send(changed, ana).replace_modal);
    BOOST_TEST(has(text, "Say below why it is SEV2"));
    BOOST_TEST(has(text, "typed so far"));
    BOOST_TEST(world.at({1}).version == 1);
}

BOOST_AUTO_TEST_CASE(typed_it_needs_no_form_but_the_reason) {
    World world;
    auto const id = world.open_one();
    BOOST_TEST(world.escalate("severity 1", ana).open_modal.has_value());
    auto const without_reason = world.escalate("severity 1 sev2", ana);
    BOOST_REQUIRE(without_reason.open_modal.has_value());
    BOOST_TEST(has(json_of(without_reason.open_modal), "Say below why it is SEV2"));
    BOOST_TEST(world.escalate("severity 1 urgent", ana).refused);
    BOOST_TEST(world.escalate("severity 1 sev3 no change", ana).refused);
    BOOST_TEST(world.escalate("severity 99 sev2 x", ana).refused);
    BOOST_TEST(world.escalate("severity 1 sev2 x", raiser).refused);
    BOOST_TEST(world.at(id).version == 1);
    BOOST_TEST(has(text_of(world.escalate("severity 1 sev2 contract They lose &lt;orders&gt;", ana)), "ESC-1 is SEV2"));
    BOOST_TEST(world.at(id).severity == Severity::sev2);
    auto const events = world.snapshot().events(id);
    BOOST_TEST(events.back().event.text == "contract They lose <orders>");
    BOOST_TEST(has(events.back().event.data, "\"code\":\"contract\""));
    auto const asked = world.escalate("severity 1 sev1 it spreads", ana);
    BOOST_TEST(!asked.refused);
    BOOST_TEST(has(text_of(asked), "lead's or manager's word"));
    BOOST_TEST(world.at(id).severity == Severity::sev2);
    BOOST_TEST(!world.escalate("approve 1", lea).refused);
    BOOST_TEST(world.at(id).severity == Severity::sev1);
    BOOST_TEST(world.problems().empty());
}

BOOST_AUTO_TEST_CASE(an_older_message_does_not_decide_about_a_newer_request) {
    World world;
    auto const id = world.open_one("sev3 Exports fail");
    world.escalate("severity 1 sev1 it spreads", ana);
    auto const older = handlers::CardRef::make(world.at(id));
    world.escalate("severity 1 sev1 it is worse than that", ben);
    auto const refused = world.press("esc.approve", older, lea);
    BOOST_TEST(refused.refused);
    BOOST_TEST(has(text_of(refused), "newest request"));
    BOOST_TEST(world.at(id).severity == Severity::sev3);
    world.press("esc.approve", handlers::CardRef::make(world.at(id)), lea);
    BOOST_TEST(world.at(id).severity == Severity::sev1);
}

BOOST_AUTO_TEST_CASE(a_lead_confirms_a_sev1_by_one_button_after_a_question) {
    World world;
    auto const id = world.open_one("sev1 All down");
    BOOST_REQUIRE(world.at(id).details.unconfirmed_since.has_value());
    BOOST_TEST(!has(json_of(world.press("esc.severity", "1:v1", ana).open_modal), "esc.severity.confirm"));
    auto const form = json_of(world.press("esc.severity", "1:v1", lea).open_modal);
    BOOST_TEST(has(form, "esc.severity.confirm"));
    BOOST_TEST(has(form, "\"confirm\":{"));
    slack::BlockAction pressed;
    pressed.action_id = views::confirm_action;
    pressed.value = "1:v1";
    pressed.view_callback_id = "esc.severity";
    BOOST_TEST(world.send(pressed, ana).refused);
    auto const confirmed = world.send(pressed, lea);
    BOOST_TEST(has(json_of(confirmed.replace_modal), "ESC-1 is confirmed as SEV1"));
    BOOST_TEST(!world.at(id).details.unconfirmed_since.has_value());
    auto const other = world.open_one("sev1 All down again");
    BOOST_TEST(world.escalate("severity 2 confirm", ana).refused);
    BOOST_TEST(!world.escalate("severity 2 confirm", max).refused);
    BOOST_TEST(!world.at(other).details.unconfirmed_since.has_value());
}

BOOST_AUTO_TEST_CASE(a_late_change_after_alerts_is_stored) {
    World world;
    auto const id = world.open_one("sev1 All down");
    world.escalate("claim 1", ana);
    for (int minute = 1; minute <= 75; ++minute) {
        world.now = t0 + std::chrono::minutes{minute};
        auto const env = world.env(max);
        world.run(handlers::fire_due_points(env, 100, std::make_shared<handlers::Fired>()));
    }
    BOOST_TEST(!world.escalate("severity 1 sev2 a workaround was found", max).refused);
    BOOST_TEST(world.at(id).severity == Severity::sev2);
    BOOST_TEST(world.problems().empty());
}

BOOST_AUTO_TEST_CASE(hostile_texts_stay_text) {
    World world;
    auto const id = world.open_one();
    std::string const hostile = "<!channel> <@U1> *x* `y` \u202Ez\n\n" + std::string(5000, 'q');
    world.escalate("severity 1 sev2 " + hostile, ana);
    auto const escalation = world.at(id);
    BOOST_TEST(escalation.severity == Severity::sev2);
    BOOST_TEST(slack::blocks::length(world.snapshot().events(id).back().event.text) <= 3000U);
    views::SeverityForm filled = views::severity_form(escalation);
    filled.reason = hostile;
    filled.code = hostile;
    view_test::check_form(views::severity_modal(escalation, *world.config, filled, ana), {});
}

BOOST_AUTO_TEST_CASE(golden_forms) {
    auto const escalation = view_test::working();
    auto filled = views::severity_form(escalation);
    filled.answers = {SeverityAnswers::Impact::stopped, SeverityAnswers::Scope::everybody, SeverityAnswers::Workaround::none,
                      SeverityAnswers::YesNo::no, SeverityAnswers::YesNo::unknown};
    filled.level = Severity::sev1;
    view_test::check_golden("modal_severity", views::severity_modal(escalation, default_config(), filled, ana).json());
    auto unconfirmed = escalation;
    unconfirmed.severity = Severity::sev1;
    rules::mark_unconfirmed(unconfirmed, view_test::now());
    view_test::check_golden("modal_severity_unconfirmed",
                            views::severity_modal(unconfirmed, default_config(), views::severity_form(unconfirmed), lea).json());
    views::RaiseForm raise;
    raise.message = views::RaiseForm::Message::of_private_channel;
    view_test::check_golden("modal_open_private", views::open_modal(default_config(), {}, raise, ana).json());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
