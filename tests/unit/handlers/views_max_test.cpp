// Every message and form that can be built, each with all that it can hold and texts longer than they can be: within Slack's
// limits, nothing alive that is not ours, and laid down as a golden file, so that Slack's own types are asked as well.
#include "handlers/views/home.hpp"
#include "handlers/views/more.hpp"
#include "handlers/views/ownership.hpp"
#include "handlers/views/parts.hpp"
#include "handlers/views/raise.hpp"
#include "handlers/views/severity.hpp"
#include "handlers/views/states.hpp"
#include "handlers/views/story.hpp"
#include "handlers/views/work.hpp"

#include "tests/unit/handlers/people_and_times.hpp"
#include "tests/unit/handlers/views_data.hpp"

#include <boost/test/unit_test.hpp>

#include <map>
#include <string>
#include <variant>
#include <vector>

using namespace esc;
using namespace std::chrono_literals;

namespace {

using Payload = std::variant<slack::blocks::Message, slack::blocks::Modal>;

std::string const card_link = "https://example.slack.com/archives/CTRIAGE/p1763888401000200";
// What people and sources are called here; links are links only where the view makes them.
std::vector<std::string> const ours{"<@U", "<!date^", "<https://example.slack.com/", "<https://tickets.example/"};

std::vector<StoredEvent> events(std::string const& text) {
    std::vector<StoredEvent> out;
    for (int type = 1; type <= static_cast<int>(last_event_type); ++type) {
        if (to_string(static_cast<EventType>(type)) == "unknown") continue;
        StoredEvent one;
        one.sequence = one.number = type;
        one.escalation = {12};
        one.event.type = static_cast<EventType>(type);
        one.event.recorded_at = one.event.source_time = view_test::now();
        one.event.actor = {"UANA"};
        one.event.data = "{}";
        one.event.text = text;
        out.push_back(std::move(one));
    }
    return out;
}

std::vector<views::Candidate> candidates(std::string const& text, std::size_t count) {
    std::vector<views::Candidate> out;
    for (std::size_t i = 0; i < count; ++i) {
        auto who = handler_test::person("UCAND" + std::to_string(i), Role::agent);
        who.name = text;
        who.timezone = "Europe/Berlin";
        out.push_back({std::move(who), 40, i % 2 == 0});
    }
    return out;
}

Config config_with(std::string const& text) {
    auto config = default_config();
    for (auto& level : config.severities) level = {text, {text, text, text}, {text, text, text}};
    return config;
}

views::SeverityForm severity_form(std::string const& text) {
    views::SeverityForm form;
    form.answers = {SeverityAnswers::Impact::stopped, SeverityAnswers::Scope::everybody, SeverityAnswers::Workaround::none,
                    SeverityAnswers::YesNo::yes, SeverityAnswers::YesNo::yes};
    form.level = Severity::sev4;
    form.code = "other";
    form.reason = text;
    return form;
}

// By the name of its golden file.
std::map<std::string, Payload> all(std::string const& text) {
    auto const now = view_test::now();
    auto const waits = view_test::fullest(text);
    auto works = waits;
    works.state = State::working;
    works.details.answers = severity_form(text).answers;
    auto fresh = waits;
    fresh.state = State::fresh;
    fresh.owner = {};
    auto resolved = waits;
    resolved.state = State::resolved;
    auto const config = config_with(text);
    auto const links = view_test::links(30, "/" + text);
    auto const people = candidates(text, 99);
    views::Prefill const prefill{{"UBO"}, text};
    std::vector<SlaClock> closed;
    for (auto const kind : all_clock_kinds)
        for (int generation = 0; generation < 5; ++generation)
            closed.push_back(rules::stop_clock(rules::start_clock(kind, generation, now - 2h, 1h, {}), now));
    views::RaiseForm raise{views::RaiseForm::Message::readable, text, text, text, text, severity_form(text)};
    rules::NoticeFact notice;
    notice.said = {"{0} asks for a transfer to {1}.", {{"UANA"}, {"UBO"}}, text};
    notice.buttons = {"claim", "accept", "approve", "deny", "show"};

    std::map<std::string, Payload> out;
    auto const add = [&](std::string name, Payload payload) { out.emplace("max_" + std::move(name), std::move(payload)); };
    add("status_reply", views::status_reply(fresh, config, card_link, fresh.created_at));
    add("raised_answer", views::raised_answer(fresh, card_link));
    add("raised_again", views::raised_again_answer(waits, card_link));
    add("alert", views::alert(view_test::fact(works, ClockKind::first_response, rung_breach), works, card_link, now + 1h));
    add("notice", views::notice(notice, works, card_link, now));
    add("thread_note", views::thread_note({notice.said}, works));
    add("show", views::whole(waits, closed, links, {rules::all_verbs.begin(), rules::all_verbs.end()}, "/escalate", now));
    add("clock", views::clocks_explained(waits, closed, events(text), now));
    add("history", views::history(waits, events(text), 2));
    add("modal_show",
        views::as_modal(views::whole(waits, closed, links, {}, "/escalate", now), waits, rules::Verb::show, "Show"));
    add("modal_history", views::as_modal(views::history(waits, events(text), 2), waits, rules::Verb::history, "History"));
    add("modal_open", views::open_modal(config, std::string(2500, 'x'), raise));
    add("modal_severity", views::severity_modal(works, config, severity_form(text), handler_test::lea));
    add("modal_severity_confirmed", views::severity_confirmed(works));
    add("modal_assign", views::assign_modal(fresh, people));
    add("modal_assign_many", views::assign_modal(fresh, candidates(text, 300)));
    add("modal_transfer", views::transfer_modal(works, people, prefill));
    add("modal_override", views::override_modal(works, people, prefill, true));
    add("modal_break_glass", views::override_modal(works, candidates(text, 300), prefill, false));
    add("modal_approve", views::approve_modal(works, people));
    add("modal_deny", views::deny_modal(works));
    add("modal_cover", views::cover_modal(works, people, prefill, now + 8h, views::CoverForm::whole));
    add("modal_wait", views::wait_modal(works, {handler_test::person("UANA", Role::lead), now, {}}));
    add("modal_wait_vendor", views::wait_vendor_modal(works, text, now + 8h));
    add("modal_wait_engineering", views::wait_engineering_modal(works, text));
    add("modal_resume", views::resume_modal(waits, views::Resumes::engineer));
    add("modal_resume_owner", views::resume_modal(waits, views::Resumes::owner));
    add("modal_mitigated", views::mitigate_modal(works));
    add("modal_wait_longer", views::wait_longer_modal(waits, now + 240h));
    add("modal_resolve", views::resolve_modal(works, {.text = text, .exit_criteria = "Checked: " + text, .cause = "bug"}));
    add("modal_grade", views::grade_modal(resolved, config));
    add("modal_reopen", views::reopen_modal(resolved));
    add("modal_decline", views::decline_modal(fresh));
    add("modal_merge", views::merge_modal(works));
    add("modal_note", views::note_modal(works));
    add("modal_next", views::next_step_modal(works));
    add("modal_promise", views::promise_modal(works, now + 1h));
    add("modal_brief", views::brief_modal(works));
    add("modal_helpers", views::helpers_modal(works));
    add("modal_link", views::link_modal(works, links));
    return out;
}

void check(Payload const& payload) {
    if (auto const* message = std::get_if<slack::blocks::Message>(&payload)) return view_test::check_message(*message, ours);
    view_test::check_form(std::get<slack::blocks::Modal>(payload), ours);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(view_limits)

BOOST_AUTO_TEST_CASE(everything_at_its_fullest_keeps_within_the_limits) {
    for (auto const& text : {std::string{"short"}, std::string(4000, 'x') + "\n" + std::string(4000, 'y')})
        for (auto const& [name, payload] : all(text)) {
            BOOST_TEST_CONTEXT(name) { check(payload); }
        }
}

BOOST_AUTO_TEST_CASE(nothing_hostile_comes_alive_anywhere) {
    for (auto const& text : view_test::hostile_texts())
        for (auto const& [name, payload] : all(text)) {
            BOOST_TEST_CONTEXT(name << " with " << text.substr(0, 30)) { check(payload); }
        }
}

BOOST_AUTO_TEST_CASE(golden_at_their_fullest) {
    for (auto const& [name, payload] : all(std::string(4000, 'x') + "\n" + std::string(4000, 'y'))) {
        if (auto const* message = std::get_if<slack::blocks::Message>(&payload))
            view_test::check_golden(name, view_test::as_json(*message));
        else
            view_test::check_golden(name, std::get<slack::blocks::Modal>(payload).json());
    }
}

BOOST_AUTO_TEST_SUITE_END()
