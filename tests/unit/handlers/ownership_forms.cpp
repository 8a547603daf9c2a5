// The forms around ownership: golden files, Slack's limits, and hostile text wherever people write.
#include "handlers/views/ownership.hpp"

#include "tests/unit/handlers/views_data.hpp"

#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>
#include <vector>

using namespace esc;
using namespace std::chrono_literals;

namespace {

Person someone(std::string id, std::string name, std::string zone = {}) {
    Person person;
    person.id = {std::move(id)};
    person.name = std::move(name);
    person.role = Role::agent;
    person.timezone = std::move(zone);
    return person;
}

std::vector<views::Candidate> some() {
    return {{someone("UBO", "Bo", "Europe/Berlin"), 3, false}, {someone("ULEA", "Lea", "America/New_York"), 0, true}};
}

Escalation asking(PersonId to = {"UBO"}) {
    auto escalation = view_test::working();
    escalation.details.transfer = TransferRequest{.by = {"UANA"},
                                                  .to = std::move(to),
                                                  .reason = "My shift ends at six",
                                                  .at = view_test::now() - 1h,
                                                  .remind_at = view_test::now() + 11h,
                                                  .expires_at = view_test::now() + 23h};
    return escalation;
}

Escalation asking_twice() {
    auto escalation = asking({});
    escalation.details.severity_request =
        SeverityRequest{.by = {"UANA"}, .to = Severity::sev1, .code = "new_facts", .reason = "Everybody", .at = view_test::now()};
    return escalation;
}

Escalation covered() {
    auto escalation = view_test::working();
    escalation.details.coverage = Coverage{{"UBO"}, {"ULEA"}, view_test::now() - 1h, view_test::now() + 5h};
    return escalation;
}

Instant later() { return view_test::now() + 8h; }

}  // namespace

BOOST_AUTO_TEST_SUITE(ownership_forms)

BOOST_AUTO_TEST_CASE(golden_ownership_forms) {
    view_test::check_golden("modal_assign", views::assign_modal(view_test::fresh(), some()).json());
    view_test::check_golden("modal_transfer", views::transfer_modal(view_test::working(), some(), {}).json());
    view_test::check_golden("modal_override", views::override_modal(asking(), some(), {}, true).json());
    view_test::check_golden("modal_break_glass", views::override_modal(view_test::working(), some(), {}, false).json());
    view_test::check_golden("modal_approve", views::approve_modal(asking({}), some()).json());
    view_test::check_golden("modal_approve_which", views::approve_modal(asking_twice(), some()).json());
    view_test::check_golden("modal_deny", views::deny_modal(asking()).json());
    view_test::check_golden("modal_cover",
                            views::cover_modal(view_test::working(), some(), {}, later(), views::CoverForm::whole).json());
    view_test::check_golden("modal_cover_hand_back",
                            views::cover_modal(covered(), some(), {}, later(), views::CoverForm::hand_back).json());
    view_test::check_golden("modal_cover_again",
                            views::cover_modal(covered(), some(), {}, later(), views::CoverForm::whole).json());
}

BOOST_AUTO_TEST_CASE(more_people_than_a_list_holds_are_chosen_from_slacks_own) {
    std::vector<views::Candidate> many;
    for (int i = 0; i < 100; ++i) many.push_back({someone(fmt::format("U{}", i), "Name"), i, false});
    auto const has = [](slack::blocks::Modal const& modal, std::string_view part) {
        return boost::json::serialize(modal.json()).find(part) != std::string::npos;
    };
    BOOST_TEST(has(views::assign_modal(view_test::fresh(), many), "static_select"));
    view_test::check_form(views::assign_modal(view_test::fresh(), many), {});
    many.push_back(many.back());
    BOOST_TEST(has(views::assign_modal(view_test::fresh(), many), "users_select"));
    BOOST_TEST(has(views::assign_modal(view_test::fresh(), {}), "users_select"));
    view_test::check_form(views::assign_modal(view_test::fresh(), many), {});
}

BOOST_AUTO_TEST_CASE(hostile_text_stays_text_in_ownership_forms) {
    std::vector<std::string> const ours{"<@UANA>", "<@UBO>", "<@ULEA>", "<!date^"};
    for (auto const& text : view_test::hostile_texts()) {
        BOOST_TEST_CONTEXT(text.substr(0, 30)) {
            std::vector<views::Candidate> const named{{someone("UBO", text, text), 3, true}};
            views::Prefill const prefill{.person = {}, .text = text};
            for (auto escalation : {view_test::working(), asking(), asking_twice(), covered()}) {
                escalation.title = text;
                if (escalation.details.transfer) escalation.details.transfer->reason = text;
                if (escalation.details.severity_request) escalation.details.severity_request->reason = text;
                for (auto const& form :
                     {views::assign_modal(escalation, named), views::transfer_modal(escalation, named, prefill),
                      views::override_modal(escalation, named, prefill, false), views::approve_modal(escalation, named),
                      views::deny_modal(escalation),
                      views::cover_modal(escalation, named, prefill, later(), views::CoverForm::whole)})
                    view_test::check_form(form, ours);
            }
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
