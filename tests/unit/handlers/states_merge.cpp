// Two that are one: who may, which two, what becomes of clocks, links and people, and the way back.
#include "handlers/rules/alerts.hpp"
#include "handlers/rules/outbox_items.hpp"
#include "handlers/rules/parts.hpp"
#include "handlers/rules/severity.hpp"
#include "handlers/rules/wakes.hpp"
#include "handlers/rules/work.hpp"

#include "states_data.hpp"

#include <boost/test/unit_test.hpp>

#include <functional>

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
Result<rules::MergeDecision> undone(rules::MergeDecision const& both, rules::By const& by, rules::Undoing const& undoing = {}) {
    return rules::unmerge(both.merged.after, both.parent.after, undoing, with_engineering(), ladder(), by);
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
    BOOST_TEST(cause_of(twice) == no::not_open);
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
            auto const clock = *merged(other, mine).parent.after.clock(ClockKind::resolution);
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
    BOOST_TEST(undone(both, by(lea, now + rules::unmerge_window)).has_value());
    BOOST_TEST(cause_of(undone(both, by(lea, now + rules::unmerge_window + 1us))) == no::too_late);
    for (auto const& who : {outsider, raiser, adm, ana, ben, lea, max})
        BOOST_TEST(undone(both, by(who, now + 1h)).has_value() == (who.id == ana.id || who.role >= Role::lead), who.id);
    for (auto const state : all_states)
        if (state != State::merged)
            BOOST_TEST(!rules::unmerge(in(state), parent(), {}, built_in(), ladder(), by(max)).has_value(), to_string(state));
}

BOOST_AUTO_TEST_CASE(an_unmerge_brings_back_state_clocks_and_people) {
    for (auto const state : {State::fresh, State::working, State::waiting_customer, State::waiting_vendor,
                             State::waiting_engineering, State::mitigated})
        BOOST_TEST_CONTEXT(to_string(state)) {
            auto const before = in(state);
            auto const both = merged(before);
            auto const back = undone(both, by(lea, now + 5h)).value();
            auto const& after = back.merged.after;
            BOOST_TEST(after.state == state);
            BOOST_TEST(after.owner == before.owner);
            BOOST_TEST(!after.details.merge.has_value());
            BOOST_TEST(after.details.waiting.has_value() == before.details.waiting.has_value());
            BOOST_REQUIRE_EQUAL(after.clocks.size(), before.clocks.size());
            BOOST_TEST(back.merged.closed_clocks.empty());
            for (auto const& clock : after.clocks) {
                auto const& old = *before.clock(clock.kind);
                BOOST_TEST(clock.generation == old.generation);
                BOOST_TEST(clock.started_at == old.started_at);
                BOOST_TEST(clock.paused_at.has_value() == old.paused_at.has_value());
                // What is owed to the customer ran on while it was merged; what stood still goes on standing still, and nobody
                // could claim, accept or take it on.
                auto const customers = clock.kind == ClockKind::first_response || clock.kind == ClockKind::resolution;
                auto const wait = clock.paused_at ? *clock.paused_at - *old.paused_at : customers ? Duration{0} : Duration{5h};
                BOOST_TEST((clock.due == old.due + wait));
                BOOST_TEST((clock.outcome == ClockOutcome::breached) ==
                           (!old.paused_at && now + (customers ? 5h : 0h) > old.due));
                BOOST_TEST((clock.due == clock.started_at + clock.target + clock.paused));
            }
            BOOST_TEST(back.parent.after.details.participants.empty());
        }
}

BOOST_AUTO_TEST_CASE(what_a_clock_came_to_while_it_was_merged_is_told_once) {
    auto const both = merged(owned(ben), parent());
    auto const back = undone(both, by(lea, now + 5h)).value();  // first response: due after an hour
    std::vector<std::string> people;
    for (auto const& item : back.merged.outbox) {
        if (item.kind != OutboxKind::alert) continue;
        auto const fact = rules::AlertFact::parse(item.body).value();
        BOOST_TEST((fact.clock == ClockKind::first_response && fact.rung == rung_breach));
        BOOST_TEST((fact.cause == rules::AlertCause::unmerge && fact.point_at == now + 5h));
        people.push_back(fact.to.value);
    }
    BOOST_TEST(people == (std::vector<std::string>{"U_BEN", "U_LEA", "U_MAX", ""}), boost::test_tools::per_element());
    BOOST_TEST(!rules::fire_due(back.merged.after, ladder(), now + 5h).has_value());
    // Before its time nothing is told, and it warns as ever.
    auto const early = undone(both, by(lea, now + 1min)).value();
    BOOST_TEST((early.merged.after.clocks == owned(ben).clocks));
    BOOST_TEST(rules::fire_due(early.merged.after, ladder(), t0 + 46min).has_value());
}

BOOST_AUTO_TEST_CASE(nobody_is_told_of_time_in_which_nobody_could_act) {
    auto const at = t0 + 5min;  // of the fifteen to an owner
    auto const back = undone(merged(fresh(), parent(), at), by(lea, at + 24h)).value();
    auto const& clock = *back.merged.after.clock(ClockKind::owner);
    BOOST_TEST(clock.due == t0 + 24h + 15min);
    BOOST_TEST(clock.outcome == ClockOutcome::running);
    BOOST_TEST((clock.next_point()->at == t0 + 24h + 11min + 15s));
    for (auto const& item : back.merged.outbox)
        if (item.kind == OutboxKind::alert) BOOST_TEST((rules::AlertFact::parse(item.body).value().clock != ClockKind::owner));
}

BOOST_AUTO_TEST_CASE(what_the_parent_met_is_met_and_tells_no_breach) {
    using Word = rules::Undoing::Word;
    struct Row {
        char const* what;
        std::vector<Word> talk;
        std::optional<ClockOutcome> first;         // none: it runs
        std::optional<Instant> next_runs_since{};  // of a next response that runs
        std::optional<Instant> replied_at{};
        bool waits = false;  // the customer
    };
    // Its first response is due at t0 + 1 h; taken out at t0 + 30 min + 5 h.
    Row const rows[] = {
        {"nobody said anything", {}, {}, {}, {}, true},
        {"answered in time", {{now + 10min, false}}, ClockOutcome::met, {}, now + 10min},
        {"the first answer counts", {{now + 10min, false}, {now + 2h, false}}, ClockOutcome::met, {}, now + 2h},
        {"answered late", {{now + 2h, false}}, ClockOutcome::breached, {}, now + 2h},
        {"asked and answered", {{now + 1min, true}, {now + 10min, false}}, ClockOutcome::met, {}, now + 10min},
        {"asked again", {{now + 10min, false}, {now + 4h + 30min, true}}, ClockOutcome::met, now + 4h + 30min, now + 10min, true},
        {"asked again and answered again",
         {{now + 10min, false}, {now + 1h, true}, {now + 2h, true}, {now + 3h, false}},
         ClockOutcome::met,
         {},
         now + 3h},
        {"said before it was raised", {{t0 - 1min, false}}, {}, {}, {}, true},
    };
    for (auto const& row : rows) BOOST_TEST_CONTEXT(row.what) {
            auto const both = merged(of_customer(owned(ben)), parent());
            auto const back = undone(both, by(lea, now + 5h), {.talk = row.talk}).value();
            auto const& after = back.merged.after;
            auto const* closed = closed_clock(back.merged, ClockKind::first_response);
            BOOST_TEST((closed != nullptr) == row.first.has_value());
            if (closed != nullptr) BOOST_TEST(closed->outcome == *row.first);
            BOOST_TEST((after.clock(ClockKind::first_response) == nullptr) == row.first.has_value());
            auto const* next = after.clock(ClockKind::next_response);
            BOOST_TEST((next != nullptr) == row.next_runs_since.has_value());
            if (next != nullptr) BOOST_TEST(next->started_at == *row.next_runs_since);
            BOOST_TEST(after.details.replied_at == row.replied_at);
            BOOST_TEST(rules::customer_waits(after.details) == row.waits);
            auto const breaches = std::count_if(back.merged.outbox.begin(), back.merged.outbox.end(), [](OutboxItem const& item) {
                return item.kind == OutboxKind::alert && rules::AlertFact::parse(item.body).value().rung == rung_breach;
            });
            BOOST_TEST((breaches > 0) == !row.first.has_value());
            BOOST_TEST(after.version == both.merged.after.version + 1);
            for (auto const& clock : back.merged.closed_clocks) BOOST_TEST(clock.stopped_at.has_value());
        }
}

BOOST_AUTO_TEST_CASE(a_customer_who_answered_meanwhile_has_ended_the_wait) {
    auto waiting = in(State::waiting_customer);
    waiting.details.customer = {"U_CUSTOMER"};
    waiting.details.replied_at = t0;
    auto const both = merged(waiting, parent());
    auto const back = undone(both, by(lea, now + 5h), {.talk = {{now + 1h, true}}}).value().merged;
    BOOST_TEST(back.after.state == State::working);
    BOOST_TEST(!back.after.details.waiting.has_value());
    auto const& clock = *back.after.clock(ClockKind::resolution);
    BOOST_TEST(clock.running());
    BOOST_TEST(clock.paused.count() == Duration{now + 1h - t0}.count());
    auto const told = facts(back.events.front());
    BOOST_TEST(told.at("to").as_string() == "working");
    BOOST_TEST(told.at("resumed_us").as_int64() == to_us(now + 1h));
}

BOOST_AUTO_TEST_CASE(a_promise_that_the_parent_kept_is_kept) {
    auto const promised = rules::promise(owned(ben), {.text = "a call", .due = t0 + 2h}, built_in(), by(ben)).value().after;
    struct Row {
        char const* what;
        std::optional<rules::Undoing::PromiseOver> over;
        ClockOutcome outcome;
    };
    for (auto const& row :
         {Row{"kept in time", {{t0 + 1h, true}}, ClockOutcome::met}, Row{"kept late", {{t0 + 3h, true}}, ClockOutcome::breached},
          Row{"another took its place", {{t0 + 1h, false}}, ClockOutcome::cancelled},
          Row{"still owed", {}, ClockOutcome::breached}})
        BOOST_TEST_CONTEXT(row.what) {
            auto const both = merged(promised, parent());
            BOOST_TEST(rules::took_promise(*both.merged.after.details.merge));
            auto const back = undone(both, by(lea, now + 5h), {.promise_over = row.over}).value().merged;
            BOOST_TEST(back.after.details.promise.has_value() == !row.over.has_value());
            auto const* clock = row.over ? closed_clock(back, ClockKind::promise) : back.after.clock(ClockKind::promise);
            BOOST_REQUIRE(clock != nullptr);
            BOOST_TEST(clock->outcome == row.outcome);
        }
    // The parent's own, which was the stricter one, is not the merged one's.
    auto const own = rules::promise(parent(), {.text = "a fix", .due = t0 + 1h}, built_in(), by(ana)).value().after;
    BOOST_TEST(!rules::took_promise(*merged(promised, own).merged.after.details.merge));
    auto const milder = rules::promise(parent(), {.text = "a fix", .due = t0 + 3h}, built_in(), by(ana)).value().after;
    BOOST_TEST(rules::took_promise(*merged(promised, milder).merged.after.details.merge));
}

BOOST_AUTO_TEST_CASE(a_breach_that_was_kept_through_a_merge_stays_and_is_told_once) {
    // Graded down: breached, and its due is still to come, which is told when it comes.
    auto kept = clock_of(ClockKind::resolution, t0, 8h);
    kept.outcome = ClockOutcome::breached;
    auto const other = with(ClockKind::resolution, {kept}, owned(ben));
    // The parent's is stricter and in time: what comes of both is breached, and warns by the due it has.
    auto const mine = with(ClockKind::resolution, {clock_of(ClockKind::resolution, t0, 2h)}, parent());
    auto const both = merged(other, mine);
    auto const& got = *both.parent.after.clock(ClockKind::resolution);
    BOOST_TEST(got.outcome == ClockOutcome::breached);
    BOOST_TEST(got.next_point().has_value());
    auto const alerts_of = [](Decision const& decision) {
        return std::count_if(decision.outbox.begin(), decision.outbox.end(), [](OutboxItem const& item) {
            return item.kind == OutboxKind::alert && rules::AlertFact::parse(item.body).value().clock == ClockKind::resolution;
        });
    };
    // The parent's own has not told anything of itself: that is still to come.
    auto const back = undone(both, by(lea, t0 + 5h)).value();
    BOOST_TEST(back.parent.after.clock(ClockKind::resolution)->outcome == ClockOutcome::running);
    BOOST_TEST(rules::fire_due(back.parent.after, ladder(), t0 + 5h).has_value());
    BOOST_TEST(back.merged.after.clock(ClockKind::resolution)->outcome == ClockOutcome::breached);
    BOOST_TEST(alerts_of(back.merged) == 0);
    BOOST_TEST(rules::fire_due(back.merged.after, ladder(), t0 + 9h).has_value());
    // Merged on, and taken out again when it is overdue by its own due: told once.
    auto const on = merge(both.parent.after, of(20, owned(ana)), by(lea, t0 + 1h)).value();
    auto const apart = undone(on, by(lea, t0 + 9h)).value().merged;
    BOOST_TEST(apart.after.clock(ClockKind::resolution)->outcome == ClockOutcome::breached);
    BOOST_TEST(alerts_of(apart) > 0);
    BOOST_TEST(!rules::fire_due(apart.after, ladder(), t0 + 10'000h).has_value());
}

BOOST_AUTO_TEST_CASE(the_parent_gets_its_own_clocks_back_where_nothing_happened_since) {
    auto const resolution = [](Duration start, std::chrono::seconds target) {
        return clock_of(ClockKind::resolution, t0 + start, target);
    };
    auto const mine = with(ClockKind::resolution, {resolution(10min, 8h)}, parent());
    auto const stricter = with(ClockKind::resolution, {resolution(0h, 2h)}, owned(ben));
    auto const answered = rules::replied(mine, by(ana, t0 + 1min)).value().after;
    struct Row {
        char const* what;
        Escalation parent;
        std::function<void(Escalation&)> meanwhile;  // what happens to the parent
        Duration after;
        std::optional<Duration> due;  // of its resolution; nothing: it does not run
        bool response_runs;
        bool others = false;
        std::vector<rules::Undoing::Word> talk{};
    };
    auto const regrade = [](Escalation& parent) {
        rules::SeverityChoice const choice{Severity::sev3, {}, "other", "Milder"};
        parent = rules::set_severity(parent, choice, built_in(), ladder(), by(lea, now + 1min)).value().after;
    };
    auto const pause = [](Escalation& parent) {
        for (auto& clock : parent.clocks) clock = rules::resume_clock(rules::pause_clock(clock, now + 10min), now + 40min);
    };
    auto const fire = [](Escalation& parent) {
        if (auto const fired = rules::fire_due(parent, ladder(), now + 5h)) parent = fired->after;
    };
    Row const rows[] = {
        {"nothing happened", mine, {}, 5min, 8h + 10min, true},
        {"its stricter time was over and told", mine, fire, 5h, 8h + 10min, true},
        {"a pause since counts", mine, pause, 1h, 8h + 40min, true},
        {"graded anew: stays", mine, regrade, 5min, 48h, true},
        {"others were merged in: stays", mine, {}, 5min, 2h, true, true},
        {"what was taken over goes", answered, {}, 5min, 8h + 10min, false},
        {"a customer wrote since: stays", answered, [](Escalation& parent) { parent.details.customer_wrote_at = now + 1min; },
         5min, 8h + 10min, true},
        {"what was met meanwhile stays met",
         answered,
         [](Escalation& parent) { parent = rules::replied(parent, by(ana, now + 1min)).value().after; },
         5min,
         8h + 10min,
         false,
         false,
         {{now + 1min, false}}},
        {"resolved meanwhile: stays resolved",
         answered,
         [](Escalation& parent) { parent = handler_test::resolve(parent, "done", by(ana, now + 1min)).value().after; },
         5min,
         {},
         false},
    };
    for (auto const& row : rows) BOOST_TEST_CONTEXT(row.what) {
            auto both = merged(stricter, row.parent);
            BOOST_TEST(both.parent.after.clock(ClockKind::resolution)->due == t0 + 2h);
            if (row.meanwhile) row.meanwhile(both.parent.after);
            auto const after_meanwhile = both.parent.after.details;
            auto const back = undone(both, by(lea, now + row.after),
                                     {.parent = {.others_since = row.others ? std::vector{owned()} : std::vector<Escalation>{},
                                                 .customer = after_meanwhile.customer,
                                                 .customer_wrote_at = after_meanwhile.customer_wrote_at},
                                      .talk = row.talk})
                                  .value();
            auto const& after = back.parent.after;
            auto const* clock = after.clock(ClockKind::resolution);
            BOOST_REQUIRE(clock != nullptr);
            BOOST_TEST(clock->running() == row.due.has_value());
            if (row.due) {
                BOOST_TEST(clock->due == t0 + *row.due);
                BOOST_TEST((clock->due == clock->started_at + clock->target + clock->paused));
            }
            if (row.due == 8h + 10min) BOOST_TEST(clock->outcome == ClockOutcome::running);
            auto const* response = after.clock(ClockKind::first_response);
            BOOST_TEST((response != nullptr && response->running()) == row.response_runs);
            for (auto const& closed : back.parent.closed_clocks) BOOST_TEST(closed.outcome == ClockOutcome::cancelled);
            // The merged one's, too.
            auto const* met = closed_clock(back.merged, ClockKind::first_response);
            BOOST_TEST((met != nullptr && met->outcome == ClockOutcome::met) == !row.talk.empty());
            BOOST_TEST((back.merged.after.clock(ClockKind::first_response) == nullptr) == !row.talk.empty());
            BOOST_TEST((after.next_point == rules::next_point(after)));
            BOOST_TEST(back.merged.after.clock(ClockKind::resolution)->due == t0 + 2h);
        }
}

// Whichever leaves first, the last one that leaves gives back what was the parent's own.
BOOST_AUTO_TEST_CASE(when_all_have_left_the_parent_has_its_own_times_again) {
    auto const with_resolution = [](std::int64_t number, std::chrono::hours target) {
        return with(ClockKind::resolution, {clock_of(ClockKind::resolution, t0, target)}, of(number, owned()));
    };
    auto const mine = with_resolution(7, 8h);
    struct Row {
        std::string_view what;
        Escalation parent;
        std::chrono::hours first;
        std::chrono::hours second;
        std::optional<Duration> due;
    };
    auto const without = with(ClockKind::resolution, {}, of(7, owned()));
    for (auto const& row : {Row{"the first one is stricter", mine, 2h, 4h, 8h}, Row{"the second one is", mine, 4h, 2h, 8h},
                            Row{"the first one brought it", without, 2h, 4h, {}}})
        for (bool const in_order : {true, false}) BOOST_TEST_CONTEXT(row.what << (in_order ? ", in order" : ", the other way")) {
                auto const first = merged(with_resolution(12, row.first), row.parent);
                auto const second = merged(with_resolution(13, row.second), first.parent.after, now + 1min);
                auto const& leaves = in_order ? first.merged.after : second.merged.after;
                auto stays = in_order ? second.merged.after : first.merged.after;
                rules::Undoing undoing;
                if (in_order) undoing.parent.others_since = {stays};
                auto const one =
                    rules::unmerge(leaves, second.parent.after, undoing, with_engineering(), ladder(), by(lea, now + 2min))
                        .value();
                BOOST_TEST(one.later.size() == (in_order ? 1U : 0U));
                if (!one.later.empty()) {
                    BOOST_TEST((one.later.front().after.state == State::merged));
                    BOOST_TEST(one.later.front().after.version == stays.version + 1);
                    stays = one.later.front().after;
                }
                auto const both =
                    rules::unmerge(stays, one.parent.after, {}, with_engineering(), ladder(), by(lea, now + 3min)).value();
                auto const* clock = both.parent.after.clock(ClockKind::resolution);
                BOOST_TEST((clock != nullptr) == row.due.has_value());
                if (clock != nullptr && row.due) {
                    BOOST_TEST(clock->due == t0 + *row.due);
                    BOOST_TEST(clock->running());
                }
            }
}

BOOST_AUTO_TEST_CASE(a_promise_that_gave_way_comes_back_with_its_words) {
    auto const promised = [](Escalation const& before, Duration in, std::string text) {
        return rules::promise(before, {.text = std::move(text), .due = t0 + in}, built_in(),
                              by(before.owner == ana.id ? ana : ben))
            .value()
            .after;
    };
    auto const own = promised(parent(), 3h, "a fix");
    auto const both = merged(promised(owned(ben), 2h, "a call"), own);
    BOOST_TEST(both.parent.after.details.promise->text == "a call");
    BOOST_TEST(both.merged.after.details.merge->parent_promise->text.empty());  // it stands in the parent's ledger
    auto const back = undone(both, by(lea, now + 1min), {.parent = {.promise = {.text = "a fix"}}}).value();
    BOOST_TEST((back.parent.after.details.promise == own.details.promise));
    BOOST_TEST((*back.parent.after.clock(ClockKind::promise) == *own.clock(ClockKind::promise)));
    BOOST_TEST(back.merged.after.details.promise->text == "a call");
    // One that was only taken over goes.
    auto const lent = undone(merged(promised(owned(ben), 2h, "a call"), parent()), by(lea, now + 1min)).value();
    BOOST_TEST(!lent.parent.after.details.promise.has_value());
    BOOST_TEST((lent.parent.after.clock(ClockKind::promise) == nullptr));
}

// ESC-12 went into ESC-7, which went into ESC-20; then ESC-12 is taken out.
BOOST_AUTO_TEST_CASE(what_came_through_a_chain_goes_from_all_of_it) {
    auto const promised = [](Escalation const& before, Duration in, std::string text) {
        return rules::promise(before, {.text = std::move(text), .due = t0 + in}, built_in(),
                              by(before.owner == ana.id ? ana : ben))
            .value()
            .after;
    };
    auto const call = promised(of_customer(owned(ben)), 2h, "a call");
    for (auto const own : {false, true}) {
        auto before = call;
        before.raised_by = bystander.id;
        auto const mine = own ? promised(parent(), 3h, "a fix") : parent();
        auto const first = merged(before, mine);
        auto const top = of(20, owned(ana));
        auto const second = merge(first.parent.after, top, by(lea, now + 1min)).value();
        BOOST_TEST(second.parent.after.details.promise->text == "a call");
        BOOST_TEST(second.parent.after.details.customer.value == "U_CUSTOMER");
        rules::Undoing undoing;
        undoing.between = {{second.merged.after, {.promise = {.text = "a fix"}}}};
        auto const back =
            rules::unmerge(first.merged.after, second.parent.after, undoing, with_engineering(), ladder(), by(lea, now + 2min))
                .value();
        BOOST_REQUIRE_EQUAL(back.between.size(), 1U);
        auto const& between = back.between.front().after;
        auto const& after = back.parent.after;
        BOOST_TEST((between.state == State::merged));
        BOOST_TEST(between.version == second.merged.after.version + 1);
        for (auto const& clock : between.clocks) BOOST_TEST(clock.stopped_at.has_value());
        for (auto const* one : {&between, &after}) {
            BOOST_TEST(one->details.customer.empty());
            BOOST_TEST((one->clock(ClockKind::promise) != nullptr) == own);
            BOOST_REQUIRE(one->details.promise.has_value() == own);
            if (own) BOOST_TEST((one->details.promise == mine.details.promise));
            for (auto const& who : one->details.participants) BOOST_TEST(who.person.value != bystander.id.value);
        }
        BOOST_TEST(rules::took_promise(*between.details.merge) == own);
        // Taken out as well, it is what it was.
        auto const apart = rules::unmerge(between, after, {}, with_engineering(), ladder(), by(lea, now + 3min)).value();
        BOOST_TEST((apart.merged.after.details.promise == mine.details.promise));
        BOOST_TEST(!apart.parent.after.details.promise.has_value());
        BOOST_TEST((apart.parent.after.clock(ClockKind::promise) == nullptr));
    }
}

BOOST_AUTO_TEST_CASE(the_customer_goes_with_whose_thread_it_is) {
    auto const none = owned(ana);
    auto const both = merged(of_customer(owned(ben), t0 + 1min), of(7, none));
    BOOST_TEST(rules::customer_waits(both.parent.after.details));
    auto const asked = rules::customer_wrote(both.parent.after, {"U_CUSTOMER"}, "And?", now + 1min, "2.0", {}, with_engineering(),
                                             by(outsider, now + 1min))
                           .value()
                           .after;
    auto const back = [&](rules::Undoing const& undoing) {
        return rules::unmerge(both.merged.after, asked, undoing, with_engineering(), ladder(), by(lea, now + 5min)).value();
    };
    auto const alone = back({}).parent.after;
    BOOST_TEST(alone.details.customer.empty());
    BOOST_TEST(!alone.details.customer_wrote_at.has_value());
    BOOST_TEST(!rules::customer_waits(alone.details));
    // Somebody from outside has written in its own thread, too.
    rules::Undoing::Host const own{.customer = {"U_OTHER"}, .customer_wrote_at = now + 2min};
    auto const kept = back({.parent = own}).parent.after;
    BOOST_TEST(kept.details.customer.value == "U_OTHER");
    BOOST_TEST((kept.details.customer_wrote_at == now + 2min));
    BOOST_TEST(rules::customer_waits(kept.details));
}

BOOST_AUTO_TEST_CASE(links_go_back_on_an_unmerge) {
    std::vector<SourceLink> const links{{"url", "https://acme.example/1", "https://acme.example/1"}};
    auto const both = merge(owned(), parent(), by(lea, now), links).value();
    auto const back = undone(both, by(lea, now + 1h), {.links = links}).value();
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
