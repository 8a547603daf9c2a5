// The whole escalation, its clocks explained, its history: what must be read there, golden files, and hostile text everywhere.
#include "handlers/views/story.hpp"

#include "handlers/rules/rank.hpp"
#include "handlers/rules/sla.hpp"
#include "handlers/views/views.hpp"
#include "handlers/views/work.hpp"
#include "tests/unit/handlers/views_data.hpp"

#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace {

using namespace esc;
using namespace std::chrono_literals;
using slack::blocks::Message;
using view_test::now;
namespace json = boost::json;

std::string all_of(Message const& message) { return json::serialize(message.blocks_json()); }
bool has(Message const& message, std::string_view part) { return all_of(message).find(part) != std::string::npos; }

StoredEvent event(EventType type, Duration ago, json::object const& data, std::string text = {}, std::string actor = "UANA") {
    StoredEvent stored;
    stored.escalation = {12};
    stored.event.type = type;
    stored.event.recorded_at = now() - ago;
    stored.event.source_time = now() - ago;
    stored.event.actor = {std::move(actor)};
    stored.event.data = json::serialize(data);
    stored.event.text = std::move(text);
    return stored;
}

// Raised at 08:50, answered late, on hold for three minutes and again now.
Escalation paused() {
    auto out = view_test::working();
    out.state = State::waiting_customer;
    out.details.waiting = Waiting{.since = now() - 1min, .reason = "Which browser?", .asked = true};
    out.hops = 2;
    out.reopen_count = 1;
    out.clocks.erase(out.clocks.begin());
    auto& resolution = out.clocks.front();
    resolution = rules::pause_clock(resolution, now() - 6min);
    resolution = rules::resume_clock(resolution, now() - 3min);
    resolution = rules::pause_clock(resolution, now() - 1min);
    return out;
}

SlaClock late_answer() {
    auto clock = rules::start_clock(ClockKind::first_response, 0, now() - 10min, 5min, {});
    rules::pass_points(clock, now() - 4min);
    return rules::stop_clock(clock, now() - 4min);
}

json::array clocks(std::string_view clock, std::string_view outcome) {
    return {json::object{{"clock", clock}, {"generation", 0}, {"outcome", outcome}}};
}

std::vector<StoredEvent> story() {
    auto const point = [](int rung, Duration ago, Duration late, bool alerts) {
        auto stored =
            event(EventType::point_passed, ago - late,
                  {{"clock", "first_response"}, {"generation", 0}, {"rung", rung}, {"late_us", late.count()}, {"alerts", alerts}},
                  {}, {});
        stored.event.source_time = now() - ago;
        return stored;
    };
    auto const fired = late_answer();
    auto erased = event(EventType::noted, 2min, {});
    erased.text_erased = true;
    auto waited =
        event(EventType::waited, 1min, {{"on", "waiting_customer"}, {"since_us", to_us(now() - 1min)}}, "Which browser?");
    return {
        event(EventType::raised, 10min, {{"severity", "SEV2"}, {"origin", "slack_message"}},
              R"({"title":"Checkout fails for all users","description":"Since 08:40","account":"acme"})", "UBO"),
        event(EventType::claimed, 9min, {{"owner", "UANA"}, {"clocks", clocks("owner", "met")}}),
        point(1, now() - fired.points[0].at, Duration{0}, false),
        point(3, now() - fired.points.back().at, 42s, true),
        event(EventType::waited, 6min,
              {{"on", "waiting_vendor"}, {"since_us", to_us(now() - 6min)}, {"until_us", to_us(now() + 5h)}},
              "Their case\nReference: 4711"),
        event(EventType::replied, 4min, {{"by_statement", true}, {"clocks", clocks("first_response", "breached")}}),
        event(EventType::resumed, 3min, {{"from", "waiting_vendor"}}),
        erased,
        waited,
        event(EventType::promised, 30s, {{"due_us", to_us(now() + 2h)}}, R"({"promise":"A call","to":"Acme <CTO>"})"),
    };
}

BOOST_AUTO_TEST_SUITE(story_views)

BOOST_AUTO_TEST_CASE(clocks_say_start_target_pauses_and_due_as_a_sum) {
    auto const message = views::clocks_explained(paused(), {late_answer()}, story(), now());
    for (auto const* part :
         {"target 8h + paused 3m = due", "and later by what the pause still takes", "waiting on a vendor: Their case",
          "waiting on the customer: Which browser?", "First response breached", "target 5m = due", "told 42s late",
          "told with the one after it", "to come", "from being raised to resolved"})
        BOOST_TEST(has(message, part), part);
    BOOST_TEST(!has(message, "Reference"));
    auto stopped = rules::stop_clock(rules::start_clock(ClockKind::owner, 0, now() - 10min, 15min, {}), now() - 9min);
    BOOST_TEST(has(views::clocks_explained(view_test::working(), {stopped}, {}, now()), "not reached"));
    stopped.outcome = ClockOutcome::cancelled;
    BOOST_TEST(has(views::clocks_explained(view_test::working(), {stopped}, {}, now()), "counts neither as met nor as breached"));
}

BOOST_AUTO_TEST_CASE(a_breach_by_a_change_of_severity_is_told_apart) {
    auto changed = event(EventType::severity_changed, 1min,
                         {{"from", "SEV3"}, {"to", "SEV1"}, {"breached_on_regrade", json::array{"first_response"}}});
    BOOST_TEST(has(views::clocks_explained(paused(), {late_answer()}, {changed}, now()), "by the change to SEV1"));
    BOOST_TEST(!has(views::clocks_explained(paused(), {late_answer()}, {}, now()), "by the change to"));
}

BOOST_AUTO_TEST_CASE(the_printed_rank_adds_up) {
    auto moved = view_test::fresh();
    moved.hops = 2;
    moved.reopen_count = 1;
    auto const message = views::clocks_explained(moved, {}, {}, now());
    for (auto const* part : {"− 3d 0h · head start of SEV2", "− 30m · it was reopened", "− 1h 00m · its owner changed 2×",
                             "− 30m · nobody owns it", "a running clock, Owner"})
        BOOST_TEST(has(message, part), part);
    auto const sum = from_us(rules::rank(moved));
    BOOST_TEST(has(message, "= " + slack::blocks::date(sum).text.substr(0, 18)));
    BOOST_TEST(has(views::clocks_explained(paused(), {}, {}, now()), "since no clock runs"));
    BOOST_TEST(has(views::clocks_explained(view_test::resolved(), {}, {}, now()), "It is resolved: it has no place there"));
}

BOOST_AUTO_TEST_CASE(every_kind_of_event_has_its_sentence) {
    std::vector<std::string> sentences;
    for (int type = 1; type <= static_cast<int>(last_event_type); ++type) {
        if (to_string(static_cast<EventType>(type)) == "unknown") continue;
        auto const stored = event(static_cast<EventType>(type), 1min, {});
        auto const sentence = views::event_sentence(stored);  // also without a single fact
        BOOST_TEST(sentence.size() > 8U);
        BOOST_TEST(sentence.find("does not know") == std::string::npos, sentence);
        for (auto const* gap : {"  ", " .", " :", " ,", "()"}) BOOST_TEST(sentence.find(gap) == std::string::npos, sentence);
        sentences.push_back(sentence);
        auto broken = stored;
        broken.event.data = "no json";
        BOOST_TEST(views::event_sentence(broken) == sentence);
        auto by_itself = stored;
        by_itself.event.actor = {};
        BOOST_TEST(views::event_sentence(by_itself).find("<@>") == std::string::npos);
    }
    std::sort(sentences.begin(), sentences.end());
    auto const same = std::adjacent_find(sentences.begin(), sentences.end());
    BOOST_TEST((same == sentences.end() || *same == "The service"), (same == sentences.end() ? std::string{} : *same));
}

BOOST_AUTO_TEST_CASE(history_shows_who_what_when_and_what_was_written) {
    auto const message = views::history(paused(), story(), 1);
    for (auto const* part :
         {"<@UBO> raised it as SEV2 from a message.", "title: Checkout fails for all users", "<@UANA> took it.", "Owner met",
          "First response was breached. It was told 42s late.", "stated that the customer was answered", "The text was erased",
          "to: Acme &lt;CTO&gt;", "10 events, newest first"})
        BOOST_TEST(has(message, part), part);
    auto const text = all_of(message);
    BOOST_TEST(text.find("raised it") > text.find("made a promise"));
    auto late = event(EventType::customer_wrote, 1min, {}, {}, "UCUST");
    late.event.source_time -= 1h;
    BOOST_TEST(has(views::history(paused(), {late}, 1), "It happened <!date"));
}

BOOST_AUTO_TEST_CASE(long_texts_are_shown_in_full) {
    auto escalation = paused();
    escalation.description = std::string(5000, 'x') + "\nend of it";
    auto const message = views::whole(escalation, {}, {}, {rules::Verb::note}, "/escalate", now());
    BOOST_TEST(has(message, "end of it"));
    auto const text = all_of(message);
    BOOST_TEST(std::count(text.begin(), text.end(), 'x') >= 5000);
    for (auto const* part : {"Which browser?", "You can now: `note`", "esc.clock", "esc.history"})
        BOOST_TEST(has(message, part), part);
}

BOOST_AUTO_TEST_CASE(a_note_is_read_in_full_in_the_cards_thread) {
    rules::ThreadNoteFact fact;
    fact.said = {"{0} noted:", {{"UANA"}}, std::string(2990, '&') + "\nend of it"};
    auto const message = views::thread_note(fact, paused());
    BOOST_TEST(has(message, "<@UANA> noted:"));
    BOOST_TEST(has(message, "end of it"));
    view_test::check_message(message, {"<@UANA>"});
    for (auto const& text : view_test::hostile_texts()) {
        fact.said.quote = text;
        view_test::check_message(views::thread_note(fact, paused()), {"<@UANA>"});
    }
}

BOOST_AUTO_TEST_CASE(all_that_is_on_record_is_shown) {
    auto escalation = paused();
    auto& details = escalation.details;
    details.next_step = NextStep{"Call them back", {"UANA"}, now()};
    details.promise = Promise{"A fix", "Acme", {"UANA"}, now(), now() + 2h};
    details.brief = Brief{Brief::Trend::worse, "A restart", "A leak", "No access", "If it stops, restart", {"UANA"}, now()};
    details.participants = {{Participant::Kind::helper, {"UBO"}, now()}, {Participant::Kind::watcher, {"ULEA"}, now()}};
    details.workaround = "Pay by phone";
    details.transfer = TransferRequest{{"UANA"}, {}, "Shift ends", now(), now(), now() + 1h};
    details.coverage = Coverage{{"UBO"}, {"UANA"}, now(), now() + 1h};
    auto const message = views::whole(escalation, {late_answer()}, {{"url", "https://acme.example/1", "https://acme.example/1"}},
                                      {rules::Verb::resume, rules::Verb::note}, "/escalate", now());
    for (auto const* part :
         {"Call them back", "A fix", "promised Acme", "it goes worse", "A restart", "A leak", "No access", "If it stops, restart",
          "*Helpers* <@UBO>", "*Watchers* <@ULEA>", "Pay by phone", "Shift ends", "acts for the owner", "https://acme.example/1",
          "First response breached", "Since 08:40", "/escalate resume 12", "\"esc.resume\""})
        BOOST_TEST(has(message, part), part);
    view_test::check_golden("show", view_test::as_json(message));
}

BOOST_AUTO_TEST_CASE(golden_stories) {
    auto const clock = views::clocks_explained(paused(), {late_answer()}, story(), now());
    view_test::check_golden("clock", view_test::as_json(clock));
    view_test::check_golden("history", view_test::as_json(views::history(paused(), story(), 1)));
    auto const modal = views::as_modal(clock, paused(), rules::Verb::explain_clock, "Clock");
    view_test::check_form(modal, {"<!date^", "<@UANA>"});
    BOOST_TEST(modal.json().at("blocks").as_array().size() == clock.blocks_json().size());
    BOOST_TEST(modal.json().if_contains("submit") == nullptr);
}

BOOST_AUTO_TEST_CASE(golden_work_forms) {
    auto escalation = view_test::working();
    view_test::check_golden("modal_note", views::note_modal(escalation).json());
    escalation.details.next_step = NextStep{"Call them back", {"UANA"}, now()};
    escalation.details.promise = Promise{"A fix", "Acme", {"UANA"}, now(), now() + 2h};
    escalation.details.brief = Brief{Brief::Trend::worse, "A restart", {}, {}, {}, {"UANA"}, now()};
    escalation.details.participants = {{Participant::Kind::helper, {"UBO"}, now()}};
    view_test::check_golden("modal_next_step", views::next_step_modal(escalation).json());
    view_test::check_golden("modal_promise", views::promise_modal(escalation, now() + 1h).json());
    view_test::check_golden("modal_brief", views::brief_modal(escalation).json());
    view_test::check_golden("modal_helpers", views::helpers_modal(escalation).json());
    view_test::check_golden("modal_link",
                            views::link_modal(escalation, {{"url", "https://acme.example/1", "https://acme.example/1"}}).json());
}

BOOST_AUTO_TEST_CASE(hostile_texts_and_ids_stay_text_in_stories_and_work_forms) {
    std::vector<std::string> const ours{"<@UANA>", "<@UBO>", "<@ULEA>", "<!date^", "<https://example.slack.com/"};
    for (auto const& text : view_test::hostile_texts()) {
        BOOST_TEST_CONTEXT(text.substr(0, 30)) {
            auto escalation = paused();
            escalation.title = escalation.description = escalation.account = escalation.resolution = escalation.team = text;
            auto& details = escalation.details;
            details.waiting->reason = details.waiting->reference = details.waiting->checklist = text;
            details.next_step = NextStep{text, {"UANA"}, now()};
            details.promise = Promise{text, text, {"UANA"}, now(), now() + 2h};
            details.brief = Brief{Brief::Trend::worse, text, text, text, text, {"UANA"}, now()};
            details.participants = {{Participant::Kind::helper, {text}, now()}, {Participant::Kind::watcher, {text}, now()}};
            details.workaround = details.exit_criteria = details.declined_reason = details.cause = text;
            details.transfer = TransferRequest{{"UANA"}, {}, text, now(), now(), now() + 1h};
            details.severity_request = SeverityRequest{{"UANA"}, Severity::sev1, text, text, now()};
            auto events = story();
            for (int type = 1; type <= static_cast<int>(last_event_type); ++type) {
                if (to_string(static_cast<EventType>(type)) == "unknown") continue;
                json::object facts;
                for (auto const* name :
                     {"severity", "origin", "owner", "reason",   "cause",    "clock",    "from",      "to",     "code", "of",
                      "what",     "acting", "on",    "engineer", "asked_by", "computed", "asked_for", "person", "as",   "trend"})
                    facts[name] = text;
                facts["clocks"] = json::array{json::object{{"clock", text}, {"outcome", text}}};
                facts["breached_on_regrade"] = json::array{text};
                auto stored = event(static_cast<EventType>(type), 1min, facts, text, text);
                view_test::check_message(views::history(escalation, {stored}, 1), ours);
                events.push_back(std::move(stored));
            }
            std::vector<SourceLink> const links{{"url", text, text}};
            view_test::check_message(views::history(escalation, events, 1), ours);
            view_test::check_message(views::clocks_explained(escalation, {late_answer()}, events, now()), ours);
            auto const whole =
                views::whole(escalation, {late_answer()}, links, {rules::Verb::note, rules::Verb::resume}, text, now());
            view_test::check_message(whole, ours);
            view_test::check_form(views::as_modal(whole, escalation, rules::Verb::show, "Show"), ours);
            view_test::check_form(views::note_modal(escalation), ours);
            view_test::check_form(views::next_step_modal(escalation), ours);
            view_test::check_form(views::promise_modal(escalation, now()), ours);
            view_test::check_form(views::brief_modal(escalation), ours);
            view_test::check_form(views::helpers_modal(escalation), ours);
            view_test::check_form(views::link_modal(escalation, links), ours);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
