// The card with everything that can be on it: each state, each line, and its limits when all is set at once.
#include "handlers/views/parts.hpp"
#include "handlers/views/views.hpp"

#include "tests/unit/handlers/views_data.hpp"

#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace esc;
using namespace std::chrono_literals;
using slack::blocks::Message;
namespace json = boost::json;

namespace {

std::string const card_link = "https://example.slack.com/archives/CTRIAGE/p1763888401000200";
std::vector<std::string> const ours{
    "<@UANA>", "<@UBO>", "<@UCARL>", "<@UENG>", "<!date^", "<https://example.slack.com/", "<https://tickets.example/"};

Message card(Escalation const& escalation, std::vector<SourceLink> const& links = {}) {
    return views::card(escalation, {}, links, view_test::now());
}
std::string all_of(Message const& message) { return json::serialize(message.blocks_json()); }
bool has(Message const& message, std::string_view part) { return all_of(message).find(part) != std::string::npos; }

// As long as a text can become anywhere.
std::string long_text() { return std::string(4000, 'x') + "\n" + std::string(4000, 'y'); }

}  // namespace

BOOST_AUTO_TEST_SUITE(view_cards)

BOOST_AUTO_TEST_CASE(the_status_line_tells_who_acts_and_what_is_wrong) {
    auto escalation = view_test::working();
    BOOST_TEST(views::status(escalation, view_test::now()) == "*Working* · 🔒 <@UANA>");
    escalation.details.coverage = Coverage{{"UCARL"}, {"UANA"}, view_test::now() - 1h, view_test::now() + 1h};
    BOOST_TEST(has(card(escalation), "🔒 <@UANA>, <@UCARL> acts until <!date^"));
    escalation.details.coverage->until = view_test::now();
    BOOST_TEST(!has(card(escalation), "UCARL"));
    escalation.hops = 1;
    BOOST_TEST(!has(card(escalation), "bounced"));
    escalation.hops = 2;
    BOOST_TEST(has(card(escalation), "🔴 bounced 2×"));
    escalation.details.unavailable = Unavailable{view_test::now(), view_test::now(), false};
    BOOST_TEST(has(card(escalation), "owner unavailable"));
    BOOST_TEST(!has(card(escalation), "deactivated"));
    escalation.details.unavailable->deactivated = true;
    BOOST_TEST(has(card(escalation), "owner unavailable (deactivated or a guest)"));
    escalation.severity = Severity::sev1;
    BOOST_TEST(!has(card(escalation), "unconfirmed"));
    escalation.details.unconfirmed_since = view_test::now();
    BOOST_TEST(has(card(escalation), "unconfirmed SEV1"));
    escalation.reopen_count = 3;
    BOOST_TEST(has(card(escalation), "reopened 3×"));
    escalation.details.bounces = 1;
    BOOST_TEST(has(card(escalation), "given back by engineering 1×"));
}

BOOST_AUTO_TEST_CASE(a_paused_clock_tells_since_when_for_whom_and_what_is_left) {
    auto const waits = view_test::waiting(State::waiting_customer);
    BOOST_TEST(has(card(waits), "⏸ Resolution 7h 54m left · paused since <!date^"));
    BOOST_TEST(has(card(waits), ", waiting on the customer"));
    BOOST_TEST(has(card(waits), "First response 50m left · due"));
    BOOST_TEST(card(waits).text.find("⏸ Resolution 7h 54m left") != std::string::npos);
    BOOST_TEST(has(card(view_test::waiting(State::waiting_vendor)), ", waiting on a vendor"));
    BOOST_TEST(!has(card(view_test::waiting(State::waiting_engineering)), "paused"));
    auto over = waits;
    over.clocks.back().due = *over.clocks.back().paused_at - 5min;
    BOOST_TEST(has(card(over), "⏸ 🔴 Resolution 5m over · paused since"));
    auto goes_on = view_test::working();
    goes_on.clocks.back().paused = 90min;
    BOOST_TEST(has(card(goes_on), "⏸ paused 1h 30m so far"));
}

BOOST_AUTO_TEST_CASE(the_waiting_line_tells_on_whom_and_why) {
    auto const vendor = card(view_test::waiting(State::waiting_vendor));
    for (auto const* part :
         {"*Waiting on a vendor* since <!date^", "reference PAY-4711", "goes on by itself <!date^", "> Which browser"})
        BOOST_TEST(has(vendor, part), part);
    auto engineering = view_test::waiting(State::waiting_engineering);
    BOOST_TEST(has(card(engineering), "<@UENG> has not accepted yet"));
    engineering.details.waiting->engineer_accepted_at = view_test::now();
    BOOST_TEST(has(card(engineering), "<@UENG> accepted <!date^"));
    engineering.details.waiting->engineer_accepted_at.reset();
    engineering.details.waiting->engineer = {};
    BOOST_TEST(has(card(engineering), "no engineer has accepted yet"));
    auto back = engineering;
    back.state = State::working;
    BOOST_TEST(!has(card(back), "engineer"));
}

BOOST_AUTO_TEST_CASE(next_step_and_promise_stand_on_the_card_while_it_is_open) {
    auto escalation = view_test::working();
    BOOST_TEST(has(card(escalation), "nobody has said one yet"));
    escalation.details.next_step = NextStep{"Ask <@UEVIL> the provider", {"UBO"}, view_test::now()};
    escalation.details.promise = Promise{"An update", "their CTO", {"UANA"}, view_test::now(), view_test::now() + 1h};
    for (auto const* part :
         {"*Next step:* Ask &lt;@UEVIL&gt; the provider (<@UBO>, <!date^", "*Promised to their CTO:* An update · by <!date^"})
        BOOST_TEST(has(card(escalation), part), part);
    escalation.state = State::resolved;
    BOOST_TEST(!has(card(escalation), "Next step:"));
}

BOOST_AUTO_TEST_CASE(links_are_told_up_to_five) {
    auto const shown = card(view_test::working(), view_test::links(8, "/x"));
    BOOST_TEST(has(shown, "🔗 <https://tickets.example/0/x|tickets.example/0/x>"));
    BOOST_TEST(has(shown, "and 3 more"));
    BOOST_TEST(!has(shown, "tickets.example/5"));
    BOOST_TEST(!has(card(view_test::working(), {{std::string{thread_system}, "C1:1", ""}}), "🔗"));
}

BOOST_AUTO_TEST_CASE(what_became_of_it_is_told_by_state) {
    BOOST_TEST(has(card(view_test::mitigated()), "*Workaround*\\n> Pay by invoice"));
    BOOST_TEST(has(card(view_test::declined()), "*Declined*\\n> A question"));
    BOOST_TEST(has(card(view_test::merged()), "*Merged into ESC-7*"));
    BOOST_TEST(has(card(view_test::merged()), "can be undone until <!date^"));
    auto resolved = view_test::resolved();
    BOOST_TEST(!has(card(resolved), "reopened until"));
    resolved.details.close_at = view_test::now() + 1h;
    BOOST_TEST(has(card(resolved), "It can be reopened until <!date^"));
    resolved.state = State::closed;
    BOOST_TEST(has(card(resolved), "*Resolution*"));
    BOOST_TEST(!has(card(resolved), "reopened until"));
}

BOOST_AUTO_TEST_CASE(a_resolved_one_tells_what_was_not_answered) {
    auto resolved = view_test::resolved();
    resolved.clocks.clear();
    auto clock = rules::start_clock(ClockKind::first_response, 0, *resolved.resolved_at - 1h, 2h, {});
    clock.stopped_at = resolved.resolved_at;
    clock.outcome = ClockOutcome::cancelled;
    auto const shown = [&](SlaClock const& closed) { return views::card(resolved, {closed}, {}, view_test::now()); };
    BOOST_TEST(has(shown(clock), "\"First response: not answered"));
    auto late = clock;
    late.due = *resolved.resolved_at - 1min;
    late.outcome = ClockOutcome::breached;
    BOOST_TEST(has(shown(late), "🔴 First response: not answered"));
    // By statement it was; and what a change of severity cancelled before is another story.
    auto gone = clock;
    gone.stopped_at = *resolved.resolved_at - 1min;
    BOOST_TEST(!has(shown(gone), "not answered"));
    resolved.details.replied_at = resolved.resolved_at;
    BOOST_TEST(!has(shown(clock), "not answered"));
}

BOOST_AUTO_TEST_CASE(what_was_overdue_by_an_earlier_severity_is_red_no_more) {
    auto escalation = view_test::working();
    auto const now = view_test::now();
    auto clock = rules::start_clock(ClockKind::first_response, 0, now - 1h, 4h, {});
    clock.outcome = ClockOutcome::breached;
    escalation.clocks = {clock};
    BOOST_TEST(has(card(escalation), "\"First response 3h 00m left"));
    escalation.clocks.clear();
    auto const shown = [&](Instant stopped_at) {
        return views::card(escalation, {rules::stop_clock(clock, stopped_at)}, {}, now + 9h);
    };
    BOOST_TEST(has(shown(now), "\"First response stopped after 1h 00m, was overdue by an earlier severity"));
    BOOST_TEST(has(shown(now + 8h), "🔴 First response breached, stopped after"));
}

BOOST_AUTO_TEST_CASE(requests_that_wait_are_told_while_it_is_open) {
    auto escalation = view_test::working();
    escalation.details.transfer = TransferRequest{{"UANA"}, {}, "My shift ends", view_test::now(), {}, view_test::now() + 24h};
    BOOST_TEST(has(card(escalation), "<@UANA> asks managers for a transfer, until <!date^"));
    escalation.details.transfer->to = {"UBO"};
    BOOST_TEST(has(card(escalation), "for a transfer to <@UBO>, until"));
    escalation.details.severity_request = SeverityRequest{{"UBO"}, Severity::sev1, "other", "All users", view_test::now()};
    BOOST_TEST(has(card(escalation), "<@UBO> asks a lead or manager for SEV1: All users"));
    escalation.state = State::resolved;
    BOOST_TEST(!has(card(escalation), "asks"));
}

BOOST_AUTO_TEST_CASE(a_similar_one_is_offered_for_a_merge) {
    auto escalation = view_test::fresh();
    BOOST_TEST(!has(card(escalation), "Same as"));
    escalation.details.similar = {7};
    BOOST_TEST(has(card(escalation),
                   "Same as ESC-7?\",\"verbatim\":true},\"accessory\":{\"type\":\"button\",\"action_id\":\"esc.merge\""));
    escalation.state = State::merged;
    BOOST_TEST(!has(card(escalation), "Same as"));
}

BOOST_AUTO_TEST_CASE(only_a_countdown_is_dated) {
    BOOST_TEST(has(card(view_test::working()), "as of <!date^"));
    auto const seconds = [](Duration later) {
        return all_of(views::card(view_test::resolved(), {}, {}, view_test::now() + later));
    };
    BOOST_TEST(seconds(0s) == seconds(1h));
}

BOOST_AUTO_TEST_CASE(a_deleted_source_is_linked_no_more) {
    auto escalation = view_test::working();
    escalation.details.source_deleted = true;
    BOOST_TEST(has(card(escalation), "the source message was deleted"));
    BOOST_TEST(!has(card(escalation), "Source message>"));
    escalation.details.texts_erased = true;
    BOOST_TEST(has(card(escalation), "texts were erased"));
}

BOOST_AUTO_TEST_CASE(undo_stands_under_the_short_reply_while_it_is_possible) {
    auto const reply = [](Escalation const& escalation, Instant now) {
        return has(views::status_reply(escalation, default_config(), card_link, now), "esc.undo");
    };
    auto const fresh = view_test::fresh();
    BOOST_TEST(reply(fresh, fresh.created_at));
    BOOST_TEST(reply(fresh, fresh.created_at + rules::undo_window - 1us));
    BOOST_TEST(!reply(fresh, fresh.created_at + rules::undo_window));
    auto owned = view_test::working();
    BOOST_TEST(!reply(owned, owned.created_at));
    BOOST_TEST(!reply(view_test::declined(), fresh.created_at));
}

BOOST_AUTO_TEST_CASE(everything_at_once_keeps_within_the_limits_in_every_state) {
    for (auto const& text : {std::string{"short"}, long_text()})
        for (auto state = State::fresh; state <= State::merged; state = static_cast<State>(static_cast<int>(state) + 1)) {
            auto escalation = view_test::fullest(text);
            escalation.state = state;
            if (state == State::fresh) escalation.owner = {};
            std::vector<SlaClock> closed;
            for (auto const kind : all_clock_kinds)
                closed.push_back(rules::stop_clock(rules::start_clock(kind, 0, view_test::now() - 2h, 1h, {}), view_test::now()));
            auto const message = views::card(escalation, closed, view_test::links(30, "/" + text), view_test::now());
            view_test::check_message(message, ours);
            BOOST_TEST(message.blocks_json().size() <= 14U);
            BOOST_TEST(all_of(message).size() < 12'000U);
            view_test::check_message(views::status_reply(escalation, default_config(), card_link, view_test::now()), ours);
            for (auto const& clock : escalation.clocks)
                view_test::check_message(
                    views::alert(view_test::fact(escalation, clock.kind, rung_breach), escalation, card_link, view_test::now()),
                    ours);
            if (text.size() > 100 && state == State::waiting_engineering)
                view_test::check_golden("max_card", view_test::as_json(message));
        }
}

BOOST_AUTO_TEST_CASE(hostile_text_in_every_detail_stays_text) {
    for (auto const& text : view_test::hostile_texts())
        for (auto const state : {State::fresh, State::working, State::waiting_vendor, State::waiting_engineering,
                                 State::mitigated, State::declined, State::merged, State::closed}) {
            auto escalation = view_test::fullest(text);
            escalation.state = state;
            view_test::check_message(card(escalation, {{std::string{url_system}, text, text}}), ours);
        }
}

BOOST_AUTO_TEST_CASE(golden_cards) {
    auto const golden = [](std::string_view name, Message const& message) {
        view_test::check_golden(name, view_test::as_json(message));
    };
    golden("card_waiting_customer", card(view_test::waiting(State::waiting_customer)));
    golden("card_waiting_vendor", card(view_test::waiting(State::waiting_vendor)));
    golden("card_waiting_engineering", card(view_test::waiting(State::waiting_engineering)));
    golden("card_mitigated", card(view_test::mitigated()));
    golden("card_declined", card(view_test::declined()));
    auto withdrawn = view_test::declined();
    withdrawn.details.declined_reason.clear();
    golden("card_withdrawn", card(withdrawn));
    BOOST_TEST(has(card(withdrawn), "*Withdrawn* · No owner"));
    BOOST_TEST(has(card(withdrawn), "Withdrawn by <@"));
    BOOST_TEST(!has(card(withdrawn), "Declined"));
    golden("card_merged", card(view_test::merged()));
    auto closed = view_test::resolved();
    closed.state = State::closed;
    golden("card_closed", card(closed));
    auto const fresh = view_test::fresh();
    golden("status_reply_new", views::status_reply(fresh, default_config(), card_link, fresh.created_at));
    auto const late = view_test::fact(view_test::working(), ClockKind::first_response, rung_breach);
    auto to_manager = late;
    to_manager.to = {"UMAX"};
    golden("alert_to_owner", views::alert(late, view_test::working(), card_link, late.point_at));
    golden("alert_to_manager", views::alert(to_manager, view_test::working(), card_link, late.point_at));
    rules::NoticeFact asked;
    asked.to = {"UMAX"};
    asked.said = {"{0} asks for a transfer to {1}.", {{"UANA"}, {"UBO"}}, "My shift ends"};
    asked.buttons = {"approve", "deny"};
    auto asking = view_test::working();
    asking.details.transfer = TransferRequest{.by = {"UANA"}, .to = {"UBO"}, .reason = "My shift ends"};
    golden("notice_transfer", views::notice(asked, asking, card_link, view_test::now()));
    golden("thread_note", views::thread_note({asked.said}, view_test::working()));
}

BOOST_AUTO_TEST_SUITE_END()
