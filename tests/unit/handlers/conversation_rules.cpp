// The two tables of domain.md 4 about who is a customer, what is an answer, and what either does to clocks and states.
#include "handlers/rules/conversation.hpp"
#include "handlers/rules/waiting.hpp"

#include "people_and_times.hpp"

#include <boost/test/unit_test.hpp>

#include <set>
#include <utility>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace esc;
using namespace esc::handler_test;

Config const& config() {
    static Config const one = [] {
        auto made = default_config();
        made.sla[1].next_response = 30min;  // SEV2
        return made;
    }();
    return one;
}

rules::By at(Person const& who, Instant now) { return by(who, now); }

// Raised from an outsider's message in a channel that outsiders read.
Escalation of_customer(Escalation escalation = owned()) {
    escalation.details.customer = outsider.id;
    escalation.origin = Origin::slack_message;
    escalation.source = {{"C_SHARED"}, {"1.1"}, {}};
    return escalation;
}
std::optional<Decision> customer(Escalation const& before, Instant when, Instant now, std::string_view text = "Hello?",
                                 rules::Talk const& talk = {}) {
    return rules::customer_wrote(before, outsider.id, text, when, std::to_string(to_us(when)), talk, config(), at(outsider, now));
}
std::optional<Decision> customer(Escalation const& before, Instant when) { return customer(before, when, when); }
std::optional<Decision> colleague(Escalation const& before, Instant when, Instant now, Person const& who = ben) {
    return rules::colleague_wrote(before, when, std::to_string(to_us(when)), at(who, now));
}
std::optional<Decision> colleague(Escalation const& before, Instant when) { return colleague(before, when, when); }

Escalation answered(Instant when = t0 + 5min) { return colleague(of_customer(), when)->after; }

Escalation waiting_since(Instant since) {
    auto escalation = answered(since);
    rules::WaitRequest request;
    request.reason = "Asked for a trace id";
    request.asked = true;
    auto waited = rules::wait(escalation, request, config(), at(ana, since + 1min));
    BOOST_TEST_REQUIRE(waited.has_value());
    return waited->after;
}
Escalation resolved_of_customer(Instant when = t0 + 1h) {
    rules::ResolveRequest request;
    request.text = "Rolled back";
    request.customer_told = true;
    return rules::resolve(answered(), request, config(), at(ana, when), {}).value().after;
}
SlaClock const* closed(Decision const& decision, ClockKind kind) {
    auto const found = std::find_if(decision.closed_clocks.begin(), decision.closed_clocks.end(),
                                    [kind](SlaClock const& clock) { return clock.kind == kind; });
    return found == decision.closed_clocks.end() ? nullptr : &*found;
}
bool has_event(Decision const& decision, EventType type) {
    return std::any_of(decision.events.begin(), decision.events.end(), [type](auto const& event) { return event.type == type; });
}
bool tells(Decision const& decision, PersonId const& who) {
    return std::any_of(decision.outbox.begin(), decision.outbox.end(), [&](OutboxItem const& item) {
        return item.kind == OutboxKind::notice && item.key.ends_with(":" + who.value);
    });
}

BOOST_AUTO_TEST_SUITE(conversation_rules)

// --- an answer ------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(an_internal_message_in_the_customers_thread_stops_first_response_at_its_time) {
    auto const decision = colleague(of_customer(), t0 + 20min, t0 + 25min);
    BOOST_TEST_REQUIRE(decision.has_value());
    auto const* clock = closed(*decision, ClockKind::first_response);
    BOOST_TEST_REQUIRE(clock != nullptr);
    BOOST_TEST(*clock->stopped_at == t0 + 20min);
    BOOST_TEST(clock->outcome == ClockOutcome::met);
    BOOST_TEST(decision->after.details.replied_at == t0 + 20min);
    BOOST_TEST(has_event(*decision, EventType::agent_wrote));
    BOOST_TEST(decision->after.clock(ClockKind::resolution) != nullptr);
}

BOOST_AUTO_TEST_CASE(an_internal_message_stops_next_response) {
    auto const asked = customer(answered(), t0 + 10min)->after;
    auto const decision = colleague(asked, t0 + 15min);
    BOOST_TEST_REQUIRE(decision.has_value());
    BOOST_TEST(closed(*decision, ClockKind::next_response)->outcome == ClockOutcome::met);
    BOOST_TEST(decision->after.clock(ClockKind::next_response) == nullptr);
}

BOOST_AUTO_TEST_CASE(without_a_customer_in_the_thread_an_answer_is_only_by_statement) {
    BOOST_TEST(!colleague(owned(), t0 + 5min).has_value());
    BOOST_TEST(rules::replied(owned(), at(ana, t0 + 5min)).has_value());
}

BOOST_AUTO_TEST_CASE(what_was_said_before_it_was_raised_answers_nothing) {
    BOOST_TEST(!colleague(of_customer(), t0 - 1s, t0 + 1min).has_value());
}

BOOST_AUTO_TEST_CASE(an_answer_older_than_the_question_does_not_stop_its_clock) {
    auto const asked = customer(answered(), t0 + 10min)->after;
    auto const late = colleague(asked, t0 + 8min, t0 + 12min);
    BOOST_TEST((!late || late->after.clock(ClockKind::next_response) != nullptr));
}

BOOST_AUTO_TEST_CASE(a_second_answer_in_a_row_stops_nothing_and_moves_the_last_word) {
    auto const decision = colleague(answered(), t0 + 30min);
    BOOST_TEST_REQUIRE(decision.has_value());
    BOOST_TEST(decision->closed_clocks.empty());
    BOOST_TEST(decision->after.details.replied_at == t0 + 30min);
}

BOOST_AUTO_TEST_CASE(the_same_answer_twice_does_nothing) { BOOST_TEST(!colleague(answered(), t0 + 5min, t0 + 9min).has_value()); }

BOOST_AUTO_TEST_CASE(a_breach_told_before_a_timely_answer_arrived_is_taken_back) {
    auto before = of_customer();
    for (auto& clock : before.clocks) rules::pass_points(clock, t0 + 61min);  // first response was due at 60
    BOOST_TEST(before.clock(ClockKind::first_response)->outcome == ClockOutcome::breached);
    auto const in_time = colleague(before, t0 + 60min, t0 + 62min);
    BOOST_TEST(closed(*in_time, ClockKind::first_response)->outcome == ClockOutcome::met);
    BOOST_TEST(in_time->events.back().data.find("breach_taken_back") != std::string::npos);
    auto const too_late = colleague(before, t0 + 60min + 1us, t0 + 62min);
    BOOST_TEST(closed(*too_late, ClockKind::first_response)->outcome == ClockOutcome::breached);
}

BOOST_AUTO_TEST_CASE(the_owners_answer_accepts) {
    auto before = of_customer(assign(fresh(), ana, at(lea, t0)).value().after);
    BOOST_TEST(!before.accepted_at.has_value());
    BOOST_TEST(!colleague(before, t0 + 2min, t0 + 2min, ben)->after.accepted_at.has_value());
    BOOST_TEST(colleague(before, t0 + 2min, t0 + 2min, ana)->after.accepted_at.has_value());
}

// --- a question -----------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(next_response_starts_at_the_oldest_unanswered_message_and_the_second_does_not_move_it) {
    auto const first = customer(answered(), t0 + 10min, t0 + 11min)->after;
    BOOST_TEST_REQUIRE(first.clock(ClockKind::next_response) != nullptr);
    BOOST_TEST(first.clock(ClockKind::next_response)->started_at == t0 + 10min);
    BOOST_TEST(first.clock(ClockKind::next_response)->due == t0 + 40min);
    auto const second = customer(first, t0 + 20min)->after;
    BOOST_TEST(second.clock(ClockKind::next_response)->started_at == t0 + 10min);
    BOOST_TEST(second.details.customer_wrote_at == t0 + 20min);
    // An older one that arrives last moves it back.
    auto const older = customer(second, t0 + 7min, t0 + 21min)->after;
    BOOST_TEST(older.clock(ClockKind::next_response)->started_at == t0 + 7min);
    BOOST_TEST(older.clock(ClockKind::next_response)->generation == 1);
    BOOST_TEST(older.details.customer_wrote_at == t0 + 20min);
}

BOOST_AUTO_TEST_CASE(while_first_response_runs_no_next_response_starts) {
    auto const after = customer(of_customer(), t0 + 10min)->after;
    BOOST_TEST(after.clock(ClockKind::next_response) == nullptr);
    BOOST_TEST(after.clock(ClockKind::first_response)->started_at == t0);
}

BOOST_AUTO_TEST_CASE(each_answer_ends_a_clock_and_the_next_question_starts_another) {
    auto escalation = answered();
    for (int round = 1; round <= 3; ++round) {
        escalation = customer(escalation, t0 + round * 10min)->after;
        BOOST_TEST(escalation.clock(ClockKind::next_response)->generation == round);
        escalation = colleague(escalation, t0 + round * 10min + 1min)->after;
        BOOST_TEST(escalation.clock(ClockKind::next_response) == nullptr);
    }
}

BOOST_AUTO_TEST_CASE(a_question_that_arrives_after_its_answer_lays_its_clock_down) {
    rules::Talk const talk{{}, {t0 + 5min, t0 + 50min}};
    auto const before = colleague(answered(), t0 + 50min)->after;
    auto const decision = customer(before, t0 + 10min, t0 + 51min, "Hello?", talk);
    auto const* clock = closed(*decision, ClockKind::next_response);
    BOOST_TEST_REQUIRE(clock != nullptr);
    BOOST_TEST(*clock->stopped_at == t0 + 50min);
    BOOST_TEST(clock->outcome == ClockOutcome::breached);  // 40 minutes, 30 were allowed
    BOOST_TEST(decision->after.clock(ClockKind::next_response) == nullptr);
    // Another question of theirs already waited for that answer: one clock is enough.
    rules::Talk const waited{{t0 + 9min}, {t0 + 5min, t0 + 50min}};
    BOOST_TEST(closed(*customer(before, t0 + 10min, t0 + 51min, "Hello?", waited), ClockKind::next_response) == nullptr);
}

BOOST_AUTO_TEST_CASE(a_message_counts_from_its_time_clamped_to_opened_and_now) {
    struct Row {
        Instant when;
        Instant expected;
    };
    for (auto const& row : {Row{t0 - 1h, t0}, Row{t0 + 10min, t0 + 10min}, Row{t0 + 2h, t0 + 20min}})
        BOOST_TEST(customer(of_customer(), row.when, t0 + 20min)->after.details.customer_wrote_at == row.expected);
}

BOOST_AUTO_TEST_CASE(the_same_message_twice_does_nothing) {
    auto const once = customer(answered(), t0 + 10min)->after;
    BOOST_TEST(!customer(once, t0 + 10min, t0 + 12min).has_value());
}

BOOST_AUTO_TEST_CASE(an_outsider_who_answers_an_internal_message_is_its_customer) {
    auto const after = customer(owned(), t0 + 10min)->after;
    BOOST_TEST(after.details.customer == outsider.id);
    BOOST_TEST(!rules::customer_wrote(owned(), {}, "x", t0, "1", {}, config(), at(outsider, t0)).has_value());
}

BOOST_AUTO_TEST_CASE(in_which_states_a_customers_message_counts) {
    struct Row {
        State state;
        bool counts;
        State then;
    };
    for (auto const& row : {Row{State::fresh, true, State::fresh}, Row{State::working, true, State::working},
                            Row{State::waiting_vendor, true, State::waiting_vendor},
                            Row{State::waiting_engineering, true, State::waiting_engineering},
                            Row{State::mitigated, true, State::mitigated}, Row{State::closed, false, State::closed},
                            Row{State::declined, false, State::declined}, Row{State::merged, false, State::merged}}) {
        auto before = answered();
        before.state = row.state;
        auto const decision = customer(before, t0 + 10min);
        BOOST_TEST(decision.has_value() == row.counts, to_string(row.state));
        if (!decision) continue;
        BOOST_TEST(decision->after.state == row.then);
        BOOST_TEST(decision->after.clock(ClockKind::next_response) != nullptr, to_string(row.state));
    }
}

BOOST_AUTO_TEST_CASE(where_no_word_counts_the_thread_has_a_reader_from_outside_all_the_same) {
    for (auto const state : {State::fresh, State::working, State::waiting_vendor, State::waiting_engineering, State::mitigated,
                             State::resolved, State::closed, State::declined, State::merged}) {
        auto before = answered();
        before.state = state;
        before.details.customer = {};
        auto const heard = [&] { return rules::overheard(before, {"U_GUEST"}, t0 + 10min, "2.0", by(outsider, t0 + 10min)); };
        auto const over = state == State::closed || state == State::declined || state == State::merged;
        BOOST_TEST(heard().has_value() == over, to_string(state));
        if (!over) continue;
        auto const first = *heard();
        BOOST_TEST(first.after.details.customer.value == "U_GUEST");
        BOOST_TEST((first.after.clocks == before.clocks));
        BOOST_TEST((first.after.state == state));
        BOOST_TEST(first.after.version == before.version + 1);
        BOOST_TEST(std::none_of(first.outbox.begin(), first.outbox.end(),
                                [](OutboxItem const& item) { return item.kind == OutboxKind::notice; }));
        // What follows is of use to an unmerge alone.
        before = first.after;
        BOOST_TEST(heard().has_value() == (state == State::merged), to_string(state));
    }
}

BOOST_AUTO_TEST_CASE(the_owner_hears_once_of_what_the_customer_writes_until_it_is_answered) {
    BOOST_TEST(tells(*customer(of_customer(), t0 + 1min), ana.id));
    auto const asked = customer(answered(), t0 + 10min);
    BOOST_TEST(tells(*asked, ana.id));
    BOOST_TEST(!tells(*customer(asked->after, t0 + 11min), ana.id));
    auto const again = colleague(asked->after, t0 + 12min)->after;
    BOOST_TEST(tells(*customer(again, t0 + 13min), ana.id));
    BOOST_TEST(!tells(*customer(again, t0 + 11min, t0 + 14min), ana.id));  // came late, and was answered
    BOOST_TEST(tells(*customer(rules::replied(asked->after, at(ana, t0 + 12min)).value().after, t0 + 13min), ana.id));
    // Before the first answer, too: once for whoever owns it then.
    auto const chased = customer(of_customer(), t0 + 10min);
    BOOST_TEST(tells(*chased, ana.id));
    BOOST_TEST(!tells(*customer(chased->after, t0 + 70min), ana.id));
    auto passed_on = chased->after;
    passed_on.owner = ben.id;
    passed_on.owned_since = t0 + 20min;
    BOOST_TEST(tells(*customer(passed_on, t0 + 70min), ben.id));
    // An internal message that somebody from outside answers; nobody owns another one.
    BOOST_TEST(tells(*customer(owned(), t0 + 10min), ana.id));
    auto unowned = answered();
    unowned.state = State::fresh;
    unowned.owner = {};
    BOOST_TEST(!tells(*customer(unowned, t0 + 10min), ana.id));
    auto covered = answered();
    covered.details.coverage = Coverage{ben.id, ana.id, t0, t0 + 8h};
    BOOST_TEST(tells(*customer(covered, t0 + 10min), ben.id));
    BOOST_TEST(!tells(*customer(covered, t0 + 10min), ana.id));
    // Without a promise of a next response the word is all there is.
    auto without = config();
    for (auto& targets : without.sla) targets.next_response.reset();
    BOOST_TEST(
        tells(*rules::customer_wrote(answered(), outsider.id, "Hello?", t0 + 10min, "1", {}, without, at(outsider, t0 + 10min)),
              ana.id));
}

// --- waiting --------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(waiting_ends_at_the_customers_message_time) {
    auto const before = waiting_since(t0 + 10min);
    auto const decision = customer(before, t0 + 70min, t0 + 75min);
    auto const& after = decision->after;
    BOOST_TEST(after.state == State::working);
    BOOST_TEST(!after.details.waiting.has_value());
    BOOST_TEST(after.clock(ClockKind::resolution)->paused == Duration{1h});  // not 65 minutes
    BOOST_TEST(after.clock(ClockKind::resolution)->running());
    BOOST_TEST(after.clock(ClockKind::next_response)->started_at == t0 + 70min);
    BOOST_TEST(tells(*decision, ana.id));
}

BOOST_AUTO_TEST_CASE(a_message_older_than_the_question_does_not_end_the_wait) {
    auto const decision = customer(waiting_since(t0 + 10min), t0 + 9min, t0 + 20min);
    BOOST_TEST(decision->after.state == State::waiting_customer);
    BOOST_TEST(!decision->after.clock(ClockKind::resolution)->running());
}

// --- after it was resolved ------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_customers_message_inside_the_window_reopens_with_owner_and_lock) {
    auto const before = resolved_of_customer();
    auto const decision = customer(before, t0 + 2h, t0 + 2h + 5min, "It happens again");
    auto const& after = decision->after;
    BOOST_TEST(after.state == State::working);
    BOOST_TEST(after.owner == ana.id);
    BOOST_TEST(after.reopen_count == 1);
    BOOST_TEST(!after.resolved_at.has_value());
    BOOST_TEST(!after.details.close_at.has_value());
    BOOST_TEST(after.clock(ClockKind::resolution)->due == t0 + 9h);  // the hour between did not count
    BOOST_TEST(after.clock(ClockKind::next_response)->started_at == t0 + 2h);
    BOOST_TEST(has_event(*decision, EventType::reopened));
    BOOST_TEST(tells(*decision, ana.id));
}

BOOST_AUTO_TEST_CASE(reopened_by_a_message_and_again_by_hand_no_clock_has_the_same_generation_twice) {
    auto const first = customer(resolved_of_customer(), t0 + 2h, t0 + 2h, "It happens again");
    auto const over = handler_test::resolve(first->after, "Restarted it", by(ana, t0 + 3h)).value();
    auto const second = rules::reopen(over.after, "Still fails", 168h, by(ana, t0 + 4h), {}).value();
    std::set<std::pair<ClockKind, int>> closed;
    for (auto const* decision : {&*first, &over, &second})
        for (auto const& clock : decision->closed_clocks) BOOST_TEST(closed.emplace(clock.kind, clock.generation).second);
    BOOST_TEST(second.after.details.generations.at(ClockKind::resolution) ==
               second.after.clock(ClockKind::resolution)->generation);
}

BOOST_AUTO_TEST_CASE(a_thank_you_does_not_reopen) {
    auto const decision = customer(resolved_of_customer(), t0 + 2h, t0 + 2h, "Thanks a lot!");
    BOOST_TEST(decision->after.state == State::resolved);
    BOOST_TEST(decision->after.clock(ClockKind::next_response) == nullptr);
    BOOST_TEST(!tells(*decision, ana.id));
}

BOOST_AUTO_TEST_CASE(after_the_window_nothing_reopens) {
    auto const before = resolved_of_customer();
    auto const end = *before.details.close_at;
    BOOST_TEST(customer(before, end, end, "It happens again")->after.state == State::working);
    BOOST_TEST(customer(before, end + 1us, end + 1us, "It happens again")->after.state == State::resolved);
}

BOOST_AUTO_TEST_CASE(a_message_from_before_the_resolving_asks_the_owner) {
    auto const decision = customer(resolved_of_customer(), t0 + 59min, t0 + 61min, "It is still broken");
    BOOST_TEST(decision->after.state == State::resolved);
    BOOST_TEST(tells(*decision, ana.id));
}

BOOST_AUTO_TEST_CASE(what_only_says_thanks) {
    for (auto const* text :
         {"Thanks", "thanks!", "Thank you so much!", "THX", "ty", "Danke, alles gut 👍", "Vielen Dank für die schnelle Hilfe!",
          ":+1:", ":+1::skin-tone-3:", "👍", "Perfect, works now. Thanks Ana!", "Great :tada:", "Thanks <@U1>", "ok",
          "Merci :pray:", "  thanks  \n", "Thank you all, it works now"})
        BOOST_TEST(rules::only_thanks(text), text);
    for (auto const* text :
         {"", "   ", "?", "Thanks, but it still fails", "thanks, the export is empty", "Thanks. When is it fixed?",
          "It works not", "Checkout fails", ":rage:", "👎", "Thanks, see https://x.example/1", "no thanks",
          "thank you for nothing", "Error 500", "Ana", "Checkout thanks", "Thanks Ana Bo", "ok 7",
          "thanks thanks thanks thanks thanks thanks thanks thanks thanks thanks thanks thanks thanks"})
        BOOST_TEST(!rules::only_thanks(text), text);
}

// --- the source -----------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(an_edit_is_recorded_and_the_text_taken_from_it_follows) {
    auto before = of_customer();
    before.title = "Old";
    before.description = "Old";
    auto const decision = rules::source_edited(before, "New and\nlong", rules::SourceText{"New and long", "New and\nlong"},
                                               t0 + 5min, at(outsider, t0 + 6min));
    BOOST_TEST(decision->after.title == "New and long");
    BOOST_TEST(decision->after.description == "New and\nlong");
    BOOST_TEST(decision->events.back().text == "New and\nlong");
    BOOST_TEST(decision->events.back().source_time == t0 + 5min);
    auto const typed = rules::source_edited(before, "New", std::nullopt, t0 + 5min, at(outsider, t0 + 6min));
    BOOST_TEST(typed->after.title == "Old");
    BOOST_TEST(has_event(*typed, EventType::source_edited));
}

BOOST_AUTO_TEST_CASE(no_text_is_kept_from_a_private_channel_or_after_an_erasure) {
    for (auto const erased : {false, true}) {
        auto before = of_customer();
        (erased ? before.details.texts_erased : before.details.private_source) = true;
        auto const edited =
            rules::source_edited(before, "Secret", rules::SourceText{"Secret", "Secret"}, t0 + 5min, at(outsider, t0 + 6min));
        auto const wrote = customer(before, t0 + 10min, t0 + 10min, "Secret");
        for (auto const* decision : {&*edited, &*wrote}) {
            BOOST_TEST(decision->after.title.find("Secret") == std::string::npos);
            for (auto const& event : decision->events) BOOST_TEST(event.text.find("Secret") == std::string::npos);
            for (auto const& item : decision->outbox) BOOST_TEST(item.body.find("Secret") == std::string::npos);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_deletion_is_recorded_once_and_the_text_stays) {
    auto before = of_customer();
    before.description = "Old";
    auto const decision = rules::source_deleted(before, t0 + 5min, at(outsider, t0 + 6min));
    BOOST_TEST(decision->after.details.source_deleted);
    BOOST_TEST(decision->after.description == "Old");
    BOOST_TEST(!rules::source_deleted(decision->after, t0 + 7min, at(outsider, t0 + 7min)).has_value());
    BOOST_TEST(!rules::source_edited(decision->after, "x", std::nullopt, t0 + 7min, at(outsider, t0 + 7min)).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
