// Two that are one: who may, which two, what becomes of clocks, links and people, and the way back.
#include "handlers/rules/alerts.hpp"
#include "handlers/rules/wakes.hpp"

#include "states_data.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace esc;
using namespace esc::handler_test;
namespace no = rules::refusal;

constexpr Instant now = t0 + 30min;

Escalation of(std::int64_t number, Escalation escalation) {
    escalation.id = {number};
    return escalation;
}
// ESC-12 goes into ESC-7.
Escalation parent(Person const& owner = ana) { return of(7, owned(owner)); }
Result<rules::MergeDecision> merge(Escalation const& before, Escalation const& into, rules::By const& by,
                                   std::vector<SourceLink> const& links = {}) {
    return rules::merge(before, into, links, by);
}
rules::MergeDecision merged(Escalation const& before = owned(), Escalation const& into = parent(), Instant at = now) {
    return merge(before, into, by(lea, at)).value();
}
SlaClock clock_of(ClockKind kind, Instant start, std::chrono::seconds target) {
    return rules::start_clock(kind, 0, start, target, {});
}
Escalation with(ClockKind kind, std::vector<SlaClock> clocks, Escalation escalation) {
    std::erase_if(escalation.clocks, [kind](SlaClock const& one) { return one.kind == kind; });
    for (auto& clock : clocks) escalation.clocks.push_back(std::move(clock));
    return escalation;
}

BOOST_AUTO_TEST_SUITE(states_merge)

BOOST_AUTO_TEST_CASE(what_is_open_merges_into_what_is_open) {
    for (auto const from : all_states)
        for (auto const into : all_states) BOOST_TEST_CONTEXT(to_string(from) << " into " << to_string(into)) {
                auto const result = merge(in(from), of(7, in(into)), by(max, t0 + 2h));
                BOOST_TEST(result.has_value() == (is_open(from) && is_open(into)));
                if (result) {
                    BOOST_TEST(result->merged.after.state == State::merged);
                    BOOST_TEST(result->parent.after.state == into);
                }
            }
}

BOOST_AUTO_TEST_CASE(the_owner_of_both_or_a_lead_or_manager_merges) {
    struct Row {
        Person who;
        Person owner;  // of the one that ends
        Person parent_owner;
        bool may;
    };
    for (auto const& row : {Row{ana, ana, ana, true}, Row{ana, ana, ben, false}, Row{ana, ben, ana, false},
                            Row{ben, ana, ana, false}, Row{lea, ana, ben, true}, Row{max, ana, ben, true},
                            Row{raiser, ana, ana, false}, Row{adm, ana, ana, false}, Row{outsider, ana, ana, false}})
        BOOST_TEST(
            cause_of(merge(owned(row.owner), parent(row.parent_owner), by(row.who))) == (row.may ? std::string_view{} : no::role),
            row.who.id << " " << row.owner.id << " " << row.parent_owner.id);
}

BOOST_AUTO_TEST_CASE(a_lead_of_one_team_does_not_merge_into_another) {
    auto lead_of_one = ana;
    lead_of_one.team_roles = {{"one", Role::lead}};
    auto before = owned(ben);
    before.team = "one";
    auto into = parent(ben);
    into.team = "two";
    BOOST_TEST(cause_of(merge(before, into, by(lead_of_one))) == no::role);
    into.team = "one";
    BOOST_TEST(merge(before, into, by(lead_of_one)).has_value());
}

BOOST_AUTO_TEST_CASE(different_accounts_are_merged_by_a_manager_only) {
    struct Row {
        std::string one;
        std::string other;
        bool same;
    };
    for (auto const& row : {Row{"acme", "acme", true}, Row{"Acme ", " acme", true}, Row{"acme", "", true}, Row{"", "acme", true},
                            Row{"", "", true}, Row{"acme", "globex", false}}) {
        auto before = owned();
        before.account = row.one;
        auto into = parent();
        into.account = row.other;
        BOOST_TEST(merge(before, into, by(lea)).has_value() == row.same, row.one << "|" << row.other);
        BOOST_TEST(merge(before, into, by(ana)).has_value() == row.same);
        BOOST_TEST(merge(before, into, by(max)).has_value());
    }
}

BOOST_AUTO_TEST_CASE(merging_into_itself_or_into_what_was_merged_is_refused_with_the_key_to_use) {
    BOOST_TEST(cause_of(merge(owned(), owned(), by(max))) == no::target);
    auto const gone = merged().merged.after;
    auto const chain = merge(of(20, owned()), gone, by(max));
    BOOST_TEST(cause_of(chain) == no::target);
    BOOST_TEST(chain.error().message.find("ESC-7") != std::string::npos);
    // Round in a circle: ESC-7 into ESC-12, which went into ESC-7.
    BOOST_TEST(cause_of(merge(parent(), gone, by(max))) == no::target);
    auto const twice = merge(gone, of(20, owned()), by(max));
    BOOST_TEST(cause_of(twice) == no::state);
    BOOST_TEST(twice.error().message.find("ESC-7") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(clocks_of_the_merged_one_are_cancelled_kept_and_silent) {
    auto const after = merged().merged.after;
    BOOST_TEST(after.clocks.size() == 2U);
    for (auto const& clock : after.clocks) BOOST_TEST(clock.outcome == ClockOutcome::cancelled);
    BOOST_TEST(!after.next_point.has_value());
    BOOST_TEST(!rules::fire_due(after, ladder(), now + 10'000h).has_value());
    BOOST_TEST(!rules::wake(after, ladder(), now + 10'000h).has_value());
    // A breach stays a breach.
    auto const late = merged(owned(), parent(), t0 + 2h).merged.after;
    BOOST_TEST(late.clock(ClockKind::first_response)->outcome == ClockOutcome::breached);
}

BOOST_AUTO_TEST_CASE(the_parent_keeps_the_earliest_start_and_the_strictest_due) {
    struct Row {
        char const* name;
        Duration start;  // of the merged one's clock, after t0
        std::chrono::seconds target;
        Duration wanted_start;
        Duration wanted_due;
    };
    // The parent's: from t0 + 10 min, due t0 + 8 h 10 min.
    for (auto const& row :
         {Row{"later and stricter", 20min, 1h, 10min, 80min}, Row{"earlier and stricter", 0h, 2h, 0h, 2h},
          Row{"earlier and milder", 0h, 20h, 0h, 8h + 10min}, Row{"later and milder", 20min, 20h, 10min, 8h + 10min},
          Row{"between two seconds", 20min + 1ms, 1h, 10min, 80min}})
        BOOST_TEST_CONTEXT(row.name) {
            auto const mine = with(ClockKind::resolution, {clock_of(ClockKind::resolution, t0 + 10min, 8h)}, parent());
            auto const other =
                with(ClockKind::resolution, {clock_of(ClockKind::resolution, t0 + row.start, row.target)}, owned());
            auto const& clock = *merged(other, mine).parent.after.clock(ClockKind::resolution);
            BOOST_TEST(clock.started_at == t0 + row.wanted_start);
            BOOST_TEST((clock.due >= t0 + row.wanted_due && clock.due < t0 + row.wanted_due + 1s));
            BOOST_TEST((clock.due == clock.started_at + clock.target + clock.paused));
            BOOST_TEST(clock.points.back().at == clock.due + 1us);
            BOOST_TEST(clock.generation == 0);
            BOOST_TEST(clock.running());
        }
}

BOOST_AUTO_TEST_CASE(a_breach_of_either_is_the_parents) {
    auto late = clock_of(ClockKind::resolution, t0, 10min);
    rules::pass_points(late, now);
    auto const other = with(ClockKind::resolution, {late}, owned());
    auto const after = merged(other).parent.after;
    BOOST_TEST(after.clock(ClockKind::resolution)->outcome == ClockOutcome::breached);
    BOOST_TEST(!after.clock(ClockKind::resolution)->next_point().has_value());  // it was told
}

BOOST_AUTO_TEST_CASE(a_waiting_parent_stays_paused_and_a_paused_one_runs_in_a_working_parent) {
    auto const waiting = of(7, in(State::waiting_customer));
    auto const still = merged(of_severity(Severity::sev3), waiting).parent.after;
    BOOST_TEST(still.clock(ClockKind::resolution)->paused_at.has_value());
    auto const runs = merged(in(State::waiting_customer), parent()).parent.after;
    BOOST_TEST(runs.clock(ClockKind::resolution)->running());
}

BOOST_AUTO_TEST_CASE(what_the_merged_ones_customer_is_owed_the_parent_owes) {
    auto const answered = rules::replied(parent(), by(ana, t0 + 1min)).value().after;
    BOOST_TEST((answered.clock(ClockKind::first_response) == nullptr));
    auto const after = merged(owned(), answered).parent.after;
    BOOST_REQUIRE((after.clock(ClockKind::first_response) != nullptr));
    BOOST_TEST(after.clock(ClockKind::first_response)->due == t0 + 1h);
    BOOST_TEST(after.clock(ClockKind::first_response)->generation == 1);  // the first one was met
    // Whether somebody owns the merged one is no question any more.
    auto const owner_clock = merged(fresh(), parent()).parent.after;
    BOOST_TEST((owner_clock.clock(ClockKind::owner) == nullptr));
}

BOOST_AUTO_TEST_CASE(links_move_to_the_parent) {
    auto const before = owned();
    std::vector<SourceLink> const links{{"url", "https://acme.example/1", "https://acme.example/1"},
                                        {"slack", "C1:1700000000.000100", {}}};
    auto const both = merge(before, parent(), by(lea, now), links).value();
    BOOST_REQUIRE_EQUAL(both.parent.links.size(), 2U);
    BOOST_REQUIRE_EQUAL(both.merged.links_given_up.size(), 2U);
    BOOST_TEST(both.parent.links[0].external_id == "https://acme.example/1");
    BOOST_TEST(both.parent.links[1].external_id == "C1:1700000000.000100");
    auto const kept = rules::moved_links(last_event(both.merged));
    BOOST_REQUIRE_EQUAL(kept.size(), 2U);
    BOOST_TEST(kept[0].url == "https://acme.example/1");
}

BOOST_AUTO_TEST_CASE(participants_move_and_its_owner_and_raiser_watch_the_parent) {
    auto before = owned(ben);
    before.details.participants = {{Participant::Kind::helper, max.id, t0}, {Participant::Kind::watcher, eva.id, t0}};
    before.raised_by = bystander.id;
    auto into = parent(ana);
    into.details.participants = {{Participant::Kind::watcher, eva.id, t0}};
    auto const both = merged(before, into);
    std::vector<std::string> people;
    for (auto const& one : both.parent.after.details.participants) people.push_back(one.person.value);
    BOOST_TEST(people == (std::vector<std::string>{"U_EVA", "U_MAX", "U_BEN", "U_ANYONE"}), boost::test_tools::per_element());
    BOOST_TEST(told(both.merged) == (std::vector<std::string>{"U_ANYONE", "U_BEN", "U_EVA"}), boost::test_tools::per_element());
    BOOST_TEST(told(both.parent) == std::vector<std::string>{"U_ANA"}, boost::test_tools::per_element());
    BOOST_TEST(said_in_thread(both.merged));
    BOOST_TEST(said_in_thread(both.parent));
    BOOST_TEST(both.parent.after.owner == ana.id);
}

BOOST_AUTO_TEST_CASE(a_merge_is_undone_within_seven_days) {
    auto const both = merged();
    BOOST_TEST(rules::unmerge(both.merged.after, both.parent.after, {}, by(lea, now + rules::unmerge_window)).has_value());
    BOOST_TEST(cause_of(rules::unmerge(both.merged.after, both.parent.after, {}, by(lea, now + rules::unmerge_window + 1us))) ==
               no::too_late);
    for (auto const& who : {outsider, raiser, adm, ana, ben, lea, max})
        BOOST_TEST(rules::unmerge(both.merged.after, both.parent.after, {}, by(who, now + 1h)).has_value() ==
                       (who.id == ana.id || who.role >= Role::lead),
                   who.id);
    for (auto const state : all_states)
        if (state != State::merged) BOOST_TEST(!rules::unmerge(in(state), parent(), {}, by(max)).has_value(), to_string(state));
}

BOOST_AUTO_TEST_CASE(an_unmerge_brings_back_state_clocks_and_people) {
    for (auto const state : {State::fresh, State::working, State::waiting_customer, State::waiting_vendor,
                             State::waiting_engineering, State::mitigated})
        BOOST_TEST_CONTEXT(to_string(state)) {
            auto const before = in(state);
            auto const both = merged(before);
            auto const back = rules::unmerge(both.merged.after, both.parent.after, {}, by(lea, now + 5h)).value();
            auto const& after = back.merged.after;
            BOOST_TEST(after.state == state);
            BOOST_TEST(after.owner == before.owner);
            BOOST_TEST(!after.details.merge.has_value());
            BOOST_TEST(after.details.waiting.has_value() == before.details.waiting.has_value());
            BOOST_REQUIRE_EQUAL(after.clocks.size(), before.clocks.size());
            BOOST_TEST(back.merged.closed_clocks.size() == before.clocks.size());
            for (auto const& clock : after.clocks) {
                auto const& old = *before.clock(clock.kind);
                BOOST_TEST(clock.generation == old.generation + 1);
                BOOST_TEST(clock.paused_at.has_value() == old.paused_at.has_value());
                if (old.running()) BOOST_TEST((clock.due == old.due + 5h));  // while it was merged it did not run
            }
            // The next clock of that kind gets a generation of its own.
            for (auto const& clock : after.clocks) BOOST_TEST(after.details.generations.at(clock.kind) >= clock.generation);
            BOOST_TEST((back.parent.after.clocks == both.parent.after.clocks));
            BOOST_TEST(back.parent.after.details.participants.empty());
        }
}

BOOST_AUTO_TEST_CASE(links_go_back_on_an_unmerge) {
    std::vector<SourceLink> const links{{"url", "https://acme.example/1", "https://acme.example/1"}};
    auto const both = merge(owned(), parent(), by(lea, now), links).value();
    auto const back = rules::unmerge(both.merged.after, both.parent.after, links, by(lea, now + 1h)).value();
    BOOST_TEST(back.parent.links_given_up.size() == 1U);
    BOOST_TEST(back.merged.links.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_damaged_event_moves_no_links) {
    LedgerEvent event;
    for (auto const* data : {"", "{", "[]", "{\"links\":7}", "{\"links\":[7,[],[\"url\"],[1,2,3]]}"}) {
        event.data = data;
        BOOST_TEST(rules::moved_links(event).empty());
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
