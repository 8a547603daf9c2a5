// Declining, undoing, resolving with criteria, reopening and closing: guards and what they leave behind.
#include "handlers/rules/alerts.hpp"
#include "handlers/rules/conversation.hpp"
#include "handlers/rules/grade.hpp"
#include "handlers/rules/wakes.hpp"

#include "states_data.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace esc;
using namespace esc::handler_test;
namespace no = rules::refusal;

Person const everybody[] = {outsider, bystander, raiser, adm, ana, ben, lea, max};

rules::ResolveRequest full(bool customer_told = true) {
    rules::ResolveRequest request;
    request.text = "Rolled back";
    request.exit_criteria = "Checked: the graph";
    request.cause = "bug";
    request.preventable = true;
    request.customer_told = customer_told;
    return request;
}
Result<Decision> resolve(Escalation const& before, rules::ResolveRequest const& request, rules::By const& by) {
    return rules::resolve(before, request, with_engineering(), by, ladder());
}
Escalation from_message() {
    auto escalation = fresh();
    escalation.origin = Origin::slack_message;
    escalation.source = {{"C1"}, {"1700000000.000100"}, {}};
    return escalation;
}

BOOST_AUTO_TEST_SUITE(states_lifecycle)

BOOST_AUTO_TEST_CASE(only_what_is_new_is_declined_by_a_lead_or_manager) {
    for (auto const state : all_states)
        BOOST_TEST(rules::decline(in(state), "Not ours", by(lea)).has_value() == (state == State::fresh), to_string(state));
    for (auto const& who : everybody)
        BOOST_TEST(rules::decline(fresh(), "Not ours", by(who)).has_value() == (who.role >= Role::lead), who.id);
}

BOOST_AUTO_TEST_CASE(declining_needs_a_reason_that_the_raiser_is_told) {
    for (auto const& text : {std::string{}, only_controls, too_long})
        BOOST_TEST(cause_of(rules::decline(fresh(), text, by(lea))) == no::text);
    auto const decision = rules::decline(fresh(), "A question for sales", by(lea)).value();
    BOOST_TEST(decision.after.state == State::declined);
    BOOST_TEST(decision.after.details.declined_reason == "A question for sales");
    BOOST_TEST(told(decision) == std::vector<std::string>{"U_RAISER"}, boost::test_tools::per_element());
    BOOST_TEST(last_event(decision).text == "A question for sales");
}

BOOST_AUTO_TEST_CASE(what_a_customer_raised_is_declined_only_after_a_reply) {
    BOOST_TEST(cause_of(rules::decline(of_customer(fresh(), t0), "Not ours", by(lea))) == no::guard);
    BOOST_TEST(rules::decline(of_customer(fresh(), t0, t0 + 1min), "Not ours", by(lea)).has_value());
}

BOOST_AUTO_TEST_CASE(declined_and_undone_cancel_all_clocks_and_never_alert) {
    for (auto const& decision :
         {rules::decline(fresh(), "Not ours", by(lea)).value(), rules::undo(fresh(), rules::Raisers::one, by(raiser)).value()}) {
        BOOST_TEST(decision.after.clocks.empty());
        BOOST_TEST(decision.closed_clocks.size() == 3U);
        for (auto const& clock : decision.closed_clocks) BOOST_TEST(clock.outcome == ClockOutcome::cancelled);
        BOOST_TEST(!decision.after.next_point.has_value());
        BOOST_TEST(!rules::fire_due(decision.after, ladder(), t0 + 10'000h).has_value());
        BOOST_TEST(!rules::wake(decision.after, ladder(), t0 + 10'000h).has_value());
    }
}

BOOST_AUTO_TEST_CASE(the_raiser_undoes_within_two_minutes_while_nobody_owns_it) {
    for (auto const& who : everybody)
        BOOST_TEST(rules::undo(fresh(), rules::Raisers::one, by(who)).has_value() == (who.id == raiser.id), who.id);
    for (auto const state : all_states) {
        auto before = in(state);
        before.owner = state == State::fresh ? PersonId{} : ana.id;
        BOOST_TEST(rules::undo(before, rules::Raisers::one, by(raiser)).has_value() == (state == State::fresh), to_string(state));
    }
    BOOST_TEST(rules::undo(fresh(), rules::Raisers::one, by(raiser, t0 + 2min)).has_value());
    BOOST_TEST(cause_of(rules::undo(fresh(), rules::Raisers::one, by(raiser, t0 + 2min + 1us))) == no::too_late);
    BOOST_TEST(cause_of(rules::undo(fresh(), rules::Raisers::several, by(raiser))) ==
               no::guard);  // others have raised it as well
    auto const decision = rules::undo(fresh(), rules::Raisers::one, by(raiser)).value();
    BOOST_TEST(decision.after.state == State::declined);
    BOOST_TEST(last_event(decision).type == EventType::withdrawn);
    BOOST_TEST(rules::is_withdrawn(decision.after));
    BOOST_TEST(!rules::is_withdrawn(rules::decline(fresh(), "withdrawn", by(lea)).value().after));
}

BOOST_AUTO_TEST_CASE(a_message_that_was_undone_can_be_raised_again) {
    auto const decision = rules::undo(from_message(), rules::Raisers::one, by(raiser)).value();
    BOOST_REQUIRE_EQUAL(decision.links_given_up.size(), 1U);
    BOOST_TEST(decision.links_given_up[0].external_id == "C1:1700000000.000100");
    BOOST_TEST(rules::undo(fresh(), rules::Raisers::one, by(raiser)).value().links_given_up.empty());
    // What was declined stays declined.
    BOOST_TEST(rules::decline(from_message(), "Not ours", by(lea)).value().links_given_up.empty());
}

BOOST_AUTO_TEST_CASE(any_active_state_is_resolved_by_the_owner_or_a_manager) {
    for (auto const state : all_states)
        BOOST_TEST(resolve(in(state), full(), by(ana, t0 + 1h)).has_value() == is_active(state), to_string(state));
    for (auto const& who : everybody)
        BOOST_TEST(resolve(owned(), full(), by(who)).has_value() == (who.id == ana.id || who.role == Role::manager), who.id);
}

Escalation acted_for(Severity severity, Person const& acting = ben) {
    auto covered = of_severity(severity);
    covered.details.coverage = Coverage{acting.id, lea.id, t0, t0 + 8h};
    return covered;
}
rules::ResolveRequest said_in_full() {
    auto request = full(true);
    request.warranted = Severity::sev2;
    return request;
}

BOOST_AUTO_TEST_CASE(an_acting_owner_does_not_resolve_a_sev1_alone) {
    auto lenient = with_engineering();
    lenient.ownership.acting_resolves_sev1 = true;
    for (auto const severity : all_severities) {
        auto const covered = acted_for(severity);
        auto const state = [&](Escalation const& before, Person const& who, Config const& config) {
            return rules::resolve(before, full(), config, by(who), ladder()).value().after.state;
        };
        auto const alone = severity == Severity::sev1 ? State::working : State::resolved;
        BOOST_TEST(state(covered, ben, with_engineering()) == alone, to_string(severity));
        BOOST_TEST(state(covered, ben, lenient) == State::resolved);
        BOOST_TEST(state(covered, ana, with_engineering()) == State::resolved);
        BOOST_TEST(state(covered, max, with_engineering()) == State::resolved);
        BOOST_TEST(state(acted_for(severity, max), max, with_engineering()) == State::resolved);
    }
}

BOOST_AUTO_TEST_CASE(what_an_acting_owner_says_of_a_sev1_is_kept_for_who_resolves_it) {
    auto const before = acted_for(Severity::sev1);
    auto const asked = rules::resolve(before, said_in_full(), with_engineering(), by(ben), ladder()).value();
    BOOST_TEST(asked.after.state == State::working);
    BOOST_TEST((asked.after.clocks == before.clocks));
    BOOST_TEST(last_event(asked).type == EventType::resolve_asked);
    BOOST_TEST(told(asked) == (std::vector<std::string>{"U_ANA", "U_MAX"}), boost::test_tools::per_element());
    BOOST_TEST(said_in_thread(asked));
    auto const kept = rules::asked_to_resolve(last_event(asked));
    BOOST_TEST(kept.text == "Rolled back");
    BOOST_TEST(kept.exit_criteria == "Checked: the graph");
    BOOST_TEST(kept.cause == "bug");
    BOOST_TEST((kept.preventable == true));
    BOOST_TEST(kept.customer_told);
    BOOST_TEST((kept.warranted == Severity::sev2));
    // Typed, only the text is known.
    auto const typed = rules::asked_to_resolve(last_event(handler_test::resolve(before, "Restarted it", by(ben)).value()));
    BOOST_TEST(typed.text == "Restarted it");
    BOOST_TEST(typed.exit_criteria == "");
    BOOST_TEST(!typed.preventable.has_value());
    BOOST_TEST(!typed.customer_told);
    for (auto const* written : {R"({"a":1})", R"({"resolution":"x"})", "[]", "null"}) {
        auto const kept_as_is = rules::asked_to_resolve(last_event(handler_test::resolve(before, written, by(ben)).value()));
        BOOST_TEST(kept_as_is.text == written);
    }
    // What is not fit to be resolved is not asked for either.
    BOOST_TEST(cause_of(handler_test::resolve(before, "", by(ben))) == no::text);
}

BOOST_AUTO_TEST_CASE(typed_anew_it_replaces_the_text_alone) {
    auto const before = acted_for(Severity::sev1);
    auto const again = [&](rules::ResolveRequest const& request, rules::ResolveRequest const& said) {
        return rules::asked_to_resolve(
            last_event(rules::resolve(before, request, with_engineering(), by(ben), ladder(), said).value()));
    };
    auto said = said_in_full();
    said.asked_by = ben.id;
    rules::ResolveRequest typed;
    typed.text = "Restarted it";
    auto const kept = again(typed, said);
    BOOST_TEST(kept.text == "Restarted it");
    BOOST_TEST(kept.exit_criteria == said.exit_criteria);
    BOOST_TEST(kept.cause == "bug");
    BOOST_TEST(kept.customer_told);
    BOOST_TEST(kept.asked_by == ben.id);
    auto other = full(false);
    other.cause = "configuration";
    BOOST_TEST(again(other, said).cause == "configuration");
    said.asked_by = lea.id;  // who acted before
    BOOST_TEST(again(typed, said).cause == "");
}

BOOST_AUTO_TEST_CASE(who_asked_hears_that_it_is_resolved) {
    auto const before = acted_for(Severity::sev1);
    auto said = said_in_full();
    said.asked_by = ben.id;
    auto const over = rules::resolve(before, full(), with_engineering(), by(max), ladder(), said).value();
    BOOST_TEST(told(over) == (std::vector<std::string>{"U_ANA", "U_BEN", "U_RAISER"}), boost::test_tools::per_element());
    auto raised = before;
    raised.raised_by = ben.id;
    auto const of_raiser = rules::resolve(raised, full(), with_engineering(), by(max), ladder(), said).value();
    BOOST_TEST(told(of_raiser) == (std::vector<std::string>{"U_ANA", "U_BEN"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(owner_or_manager_says_that_it_is_not_solved) {
    auto const before = acted_for(Severity::sev1);
    for (auto const& who : everybody)
        BOOST_TEST(rules::deny_resolve(before, ben.id, "It is not", by(who)).has_value() ==
                       (who.id == ana.id || who.role == Role::manager),
                   who.id);
    BOOST_TEST(cause_of(rules::deny_resolve(before, ben.id, "", by(max))) == no::text);
    auto const denied = rules::deny_resolve(before, ben.id, "Two still see it", by(max)).value();
    BOOST_TEST(denied.after.state == State::working);
    BOOST_TEST(told(denied) == std::vector<std::string>{"U_BEN"}, boost::test_tools::per_element());
    BOOST_TEST(said_in_thread(denied));
    BOOST_TEST(last_event(denied).text == "Two still see it");
    BOOST_TEST(facts(last_event(denied)).at("denied").as_bool());
}

BOOST_AUTO_TEST_CASE(another_level_than_it_had_is_said_when_it_is_resolved_and_settled_by_a_lead) {
    auto request = full();
    request.warranted = Severity::sev3;
    auto const decision = rules::resolve(owned(), request, with_engineering(), by(ana, t0 + 1h), ladder()).value();
    auto const& after = decision.after;
    BOOST_REQUIRE(after.details.warranted.has_value());
    BOOST_TEST(after.details.warranted->level == Severity::sev3);
    BOOST_TEST(after.details.warranted->by == ana.id);
    BOOST_TEST(after.details.warranted->graded_by.empty());
    BOOST_TEST(after.severity == Severity::sev2);
    BOOST_TEST(told(decision) == (std::vector<std::string>{"U_LEA", "U_RAISER"}), boost::test_tools::per_element());
    for (auto const& who : everybody)
        BOOST_TEST(rules::grade(after, Severity::sev3, by(who, t0 + 2h)).has_value() == (who.role >= Role::lead), who.id);
    for (auto const state : {State::resolved, State::closed}) {
        auto over = after;
        over.state = state;
        auto const graded = rules::grade(over, Severity::sev4, by(lea, t0 + 2h)).value();
        BOOST_TEST(graded.after.state == state);
        BOOST_TEST(graded.after.severity == Severity::sev2);
        BOOST_TEST((graded.after.clocks == over.clocks));
        BOOST_TEST(graded.after.details.warranted->level == Severity::sev4);
        BOOST_TEST(graded.after.details.warranted->graded_by == lea.id);
        BOOST_TEST(last_event(graded).type == EventType::graded);
        auto const data = facts(last_event(graded));
        BOOST_TEST(data.at("warranted").as_string() == "SEV4");
        BOOST_TEST(data.at("said").as_string() == "SEV3");
        BOOST_TEST(data.at("was").as_string() == "SEV2");
        BOOST_TEST(told(graded) == std::vector<std::string>{"U_ANA"}, boost::test_tools::per_element());
        BOOST_TEST(cause_of(rules::grade(graded.after, Severity::sev3, by(max))) == no::nothing);
    }
    // A lead's or manager's own word settles it; the level it had needs none.
    auto const by_manager = rules::resolve(owned(), request, with_engineering(), by(max, t0 + 1h), ladder()).value();
    BOOST_TEST(by_manager.after.details.warranted->graded_by == max.id);
    BOOST_TEST(last_event(by_manager).type == EventType::graded);
    request.warranted = Severity::sev2;
    auto const same = rules::resolve(owned(), request, with_engineering(), by(ana, t0 + 1h), ladder()).value().after;
    BOOST_TEST(!same.details.warranted.has_value());
    BOOST_TEST(cause_of(rules::grade(same, Severity::sev3, by(lea))) == no::nothing);
    // Opened again, it is said anew at the end.
    auto const again = rules::reopen(after, "Again", 168h, by(ana, t0 + 3h), {}).value().after;
    BOOST_TEST(!again.details.warranted.has_value());
}

BOOST_AUTO_TEST_CASE(resolving_records_criteria_cause_and_whether_it_was_preventable) {
    auto const decision = resolve(owned(), full(), by(ana, t0 + 1h)).value();
    auto const& details = decision.after.details;
    BOOST_TEST(details.exit_criteria == "Checked: the graph");
    BOOST_TEST(details.cause == "bug");
    BOOST_TEST((details.preventable == true));
    BOOST_TEST((details.close_at == t0 + 1h + with_engineering().reopen_window));
    auto const data = facts(last_event(decision));
    BOOST_TEST(!data.at("without_criteria").as_bool());
    BOOST_TEST(data.at("preventable").as_bool());
    BOOST_TEST(data.at("cause").as_string() == "bug");
    for (auto const cause : rules::cause_classes) {
        auto request = full();
        request.cause = cause;
        BOOST_TEST(resolve(owned(), request, by(ana)).has_value(), cause);
    }
    auto request = full();
    request.cause = "gremlins";
    BOOST_TEST(cause_of(resolve(owned(), request, by(ana))) == no::text);
    for (auto const& text : {std::string{}, only_controls, too_long}) {
        request = full();
        request.text = text;
        BOOST_TEST(cause_of(resolve(owned(), request, by(ana))) == no::text);
    }
}

BOOST_AUTO_TEST_CASE(a_typed_resolve_without_criteria_or_a_reply_is_flagged_not_refused) {
    rules::ResolveRequest typed;
    typed.text = "Rolled back";
    auto const decision = resolve(of_customer(owned(), t0), typed, by(ana)).value();
    auto const data = facts(last_event(decision));
    BOOST_TEST(data.at("without_criteria").as_bool());
    BOOST_TEST(data.at("unanswered").as_bool());
}

BOOST_AUTO_TEST_CASE(a_form_does_not_resolve_while_a_customer_waits_whose_messages_are_seen) {
    struct Row {
        char const* name;
        Escalation before;
        bool told;
        std::string_view refused;
    };
    Row const rows[] = {
        {"nobody reads along", owned(), false, ""},
        {"their message has no answer", of_customer(owned(), t0 + 2min, t0 + 1min), false, no::guard},
        {"never answered", of_customer(owned()), false, no::guard},
        {"answered", of_customer(owned(), t0 + 1min, t0 + 2min), false, ""},
        {"told another way", of_customer(owned(), t0 + 2min, t0 + 1min), true, ""},
    };
    for (auto const& row : rows)
        BOOST_TEST(cause_of(resolve(row.before, full(row.told), by(ana, t0 + 1h))) == row.refused, row.name);
}

BOOST_AUTO_TEST_CASE(told_the_customer_stops_the_response_clocks) {
    auto const told_them = resolve(owned(), full(true), by(ana, t0 + 1h)).value();
    BOOST_TEST(closed_clock(told_them, ClockKind::first_response)->outcome == ClockOutcome::met);
    auto const silent = resolve(owned(), full(false), by(ana, t0 + 1h)).value();
    BOOST_TEST(closed_clock(silent, ClockKind::first_response)->outcome == ClockOutcome::cancelled);
}

BOOST_AUTO_TEST_CASE(resolving_ends_pauses_and_engineering) {
    auto const paused = resolve(in(State::waiting_customer), full(), by(ana, t0 + 100h)).value();
    BOOST_TEST(paused.after.clocks[0].outcome == ClockOutcome::met);  // 8 hours, of which none was used
    BOOST_TEST(!paused.after.details.waiting.has_value());
    auto const handed = resolve(in(State::waiting_engineering), full(), by(ana, t0 + 10min)).value();
    BOOST_TEST(closed_clock(handed, ClockKind::engineering)->outcome == ClockOutcome::cancelled);
}

BOOST_AUTO_TEST_CASE(who_raised_it_and_its_owner_hear_how_it_was_resolved_but_not_who_resolved_it) {
    using People = std::vector<std::string>;
    auto const from_thread = rules::claim(from_message(), by(ana)).value().after;
    auto const claimed_by_raiser = [&] {
        auto escalation = from_thread;
        escalation.owner = raiser.id;
        return escalation;
    }();
    struct Row {
        Escalation before;
        Person who;
        People told;
    };
    for (auto const& [before, who, expected] :
         {Row{owned(), ana, {"U_RAISER"}}, Row{from_thread, ana, {"U_RAISER"}}, Row{from_thread, max, {"U_ANA", "U_RAISER"}},
          Row{claimed_by_raiser, raiser, {}}, Row{claimed_by_raiser, max, {"U_RAISER"}}}) {
        auto const decision = resolve(before, full(), by(who)).value();
        BOOST_TEST(told(decision) == expected, boost::test_tools::per_element());
        for (auto const& item : decision.outbox)
            if (item.kind == OutboxKind::notice)
                BOOST_TEST(rules::NoticeFact::parse(item.body).value().said.quote == "Rolled back");
    }
    auto covered = from_thread;
    covered.details.coverage = Coverage{ben.id, ana.id, t0, t0 + 8h};
    auto const by_acting = resolve(covered, full(), by(ben)).value();
    BOOST_TEST(told(by_acting) == (People{"U_ANA", "U_RAISER"}), boost::test_tools::per_element());
    // Who acts for the owner hears of it when it is opened again before that is over.
    auto const again = rules::reopen(by_acting.after, "Again", 168h, by(raiser, t0 + 3h), {}).value();
    BOOST_TEST(told(again) == (People{"U_ANA", "U_BEN"}), boost::test_tools::per_element());
    BOOST_TEST(told(rules::reopen(by_acting.after, "Again", 168h, by(raiser, t0 + 9h), {}).value()) == People{"U_ANA"},
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(reopening_owes_a_new_answer_and_forgets_how_it_was_resolved) {
    auto const before = resolve(owned(), full(), by(ana, t0 + 1h)).value().after;
    auto const& targets = with_engineering().targets(before.severity);
    auto const decision = rules::reopen(before, "Again", 168h, by(raiser, t0 + 3h), targets).value();
    auto const& after = decision.after;
    BOOST_TEST((after.clock(ClockKind::next_response)->due == t0 + 4h));
    BOOST_TEST((after.clock(ClockKind::resolution)->started_at == t0 + 2h));
    BOOST_TEST(after.details.exit_criteria.empty());
    BOOST_TEST(after.details.cause.empty());
    BOOST_TEST(!after.details.preventable.has_value());
    BOOST_TEST(told(decision) == std::vector<std::string>{"U_ANA"}, boost::test_tools::per_element());
    BOOST_TEST(cause_of(rules::reopen(before, only_controls, 168h, by(raiser), targets)) == no::text);
}

BOOST_AUTO_TEST_CASE(reopened_twice_no_clock_has_the_same_generation_again) {
    auto current = owned();
    std::vector<std::pair<ClockKind, int>> seen;
    for (int round = 1; round <= 3; ++round) {
        auto const over = resolve(current, full(), by(ana, t0 + round * 10min)).value();
        auto const again = rules::reopen(over.after, "Again", 168h, by(raiser, t0 + round * 10min + 1min),
                                         with_engineering().targets(Severity::sev2))
                               .value();
        for (auto const* decision : {&over, &again})
            for (auto const& clock : decision->closed_clocks) seen.emplace_back(clock.kind, clock.generation);
        current = again.after;
    }
    std::sort(seen.begin(), seen.end());
    BOOST_TEST((std::adjacent_find(seen.begin(), seen.end()) == seen.end()));
}

BOOST_AUTO_TEST_CASE(closed_after_the_window_and_no_alerts_ever_after) {
    auto const before = resolve(owned(), full(), by(ana, t0)).value().after;
    auto const over = t0 + with_engineering().reopen_window;
    BOOST_TEST(!rules::wake(before, ladder(), over - 1us).has_value());
    auto const decision = rules::wake(before, ladder(), over).value();
    BOOST_TEST(decision.after.state == State::closed);
    BOOST_TEST(decision.after.owner == ana.id);
    BOOST_TEST(decision.after.clocks.empty());
    BOOST_TEST(!decision.after.next_point.has_value());
    BOOST_TEST(!rules::wake(decision.after, ladder(), over + 10'000h).has_value());
    BOOST_TEST(!rules::fire_due(decision.after, ladder(), over + 10'000h).has_value());
    BOOST_TEST(cause_of(rules::reopen(decision.after, "Again", 10'000h, by(max, over + 1h), {})) == no::not_resolved);
}

BOOST_AUTO_TEST_CASE(who_raised_it_closes_it_and_for_a_customer_outside_who_works_on_it) {
    auto const before = resolve(owned(), full(), by(ana)).value().after;
    for (auto const state : all_states)
        BOOST_TEST(rules::close(in(state), by(raiser, t0 + 1h)).has_value() == (state == State::resolved), to_string(state));
    for (auto const& who : everybody) {
        BOOST_TEST(rules::close(before, by(who, t0 + 1h)).has_value() == (who.id == raiser.id), who.id);
        bool const says_so = who.id == raiser.id || who.id == ana.id || who.id == max.id;
        BOOST_TEST(rules::close(of_customer(before), by(who, t0 + 1h)).has_value() == says_so, who.id);
    }
    auto const decision = rules::close(before, by(raiser, t0 + 1h)).value();
    BOOST_TEST(decision.after.state == State::closed);
    BOOST_TEST(decision.after.clocks.empty());
    BOOST_TEST(!decision.after.next_point.has_value());
    BOOST_TEST(!decision.after.details.close_at.has_value());
    BOOST_TEST(last_event(decision).type == EventType::closed);
    BOOST_TEST(facts(last_event(decision)).at("confirmed").as_bool());
    BOOST_TEST(!facts(last_event(decision)).at("by_statement").as_bool());
    BOOST_TEST(told(decision) == std::vector<std::string>{"U_ANA"}, boost::test_tools::per_element());
    auto const stated = rules::close(of_customer(before), by(ana, t0 + 1h)).value();
    BOOST_TEST(facts(last_event(stated)).at("by_statement").as_bool());
    BOOST_TEST(told(stated) == std::vector<std::string>{"U_RAISER"}, boost::test_tools::per_element());
    // Raised and worked on by the same person it is the customer's word, too.
    auto own = before;
    own.raised_by = ana.id;
    BOOST_TEST(cause_of(rules::close(own, by(ana, t0 + 1h))) == no::own);
    BOOST_TEST(facts(last_event(rules::close(of_customer(own), by(ana, t0 + 1h)).value())).at("by_statement").as_bool());
    // For somebody who is gone a manager says it, and nobody is told who is not there.
    auto with_gone = by(max, t0 + 1h);
    with_gone.gone = std::make_shared<std::set<PersonId> const>(std::set{raiser.id});
    auto const for_them = rules::close(before, with_gone).value();
    BOOST_TEST(!facts(last_event(for_them)).at("by_statement").as_bool());
    BOOST_TEST(told(for_them) == std::vector<std::string>{"U_ANA"}, boost::test_tools::per_element());
    BOOST_TEST(rules::close(decision.after, by(raiser)).error().message == "ESC-12 is closed already.");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
