// The work on an escalation: who may write what when, what it leaves behind, and who hears of it.
#include "handlers/rules/work.hpp"

#include "handlers/rules/outbox_items.hpp"
#include "handlers/rules/rank.hpp"
#include "handlers/rules/severity.hpp"

#include "people_and_times.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

namespace {

using namespace esc;
using namespace esc::handler_test;
using Kind = Participant::Kind;

Promise due_in(Duration span, std::string text = "The fix is out") {
    Promise promise;
    promise.text = std::move(text);
    promise.due = t0 + span;
    return promise;
}

Result<Decision> promise(Escalation const& before, Promise const& made, rules::By const& by) {
    return rules::promise(before, made, built_in(), by);
}

Brief worse() {
    Brief brief;
    brief.trend = Brief::Trend::worse;
    brief.tried = "Restarted it";
    return brief;
}

std::vector<OutboxItem> of_kind(Decision const& decision, OutboxKind kind) {
    std::vector<OutboxItem> found;
    for (auto const& item : decision.outbox)
        if (item.kind == kind) found.push_back(item);
    return found;
}

std::vector<std::string> told(Decision const& decision) {
    std::vector<std::string> people;
    for (auto const& item : of_kind(decision, OutboxKind::notice))
        people.push_back(rules::NoticeFact::parse(item.body).value().to.value);
    std::sort(people.begin(), people.end());
    return people;
}

std::string thread_word(Decision const& decision) {
    auto const items = of_kind(decision, OutboxKind::thread_note);
    return items.empty() ? std::string{} : rules::ThreadNoteFact::parse(items.front().body).value().said.quote;
}

Escalation with(Escalation before, Kind kind, Person const& who) {
    before.details.participants.push_back({kind, who.id, t0});
    return before;
}

BOOST_AUTO_TEST_SUITE(work_rules)

// --- who may -------------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(who_may_do_the_work) {
    using Rule = std::function<Result<Decision>(Escalation const&, rules::By const&)>;
    Rule const note = [](auto const& before, auto const& by) { return rules::note(before, "Seen before", by); };
    Rule const next = [](auto const& before, auto const& by) { return rules::set_next_step(before, "Call them", by); };
    Rule const made = [](auto const& before, auto const& by) { return promise(before, due_in(1h), by); };
    Rule const brief = [](auto const& before, auto const& by) { return rules::brief(before, worse(), by); };
    Rule const help = [](auto const& before, auto const& by) { return rules::join(before, Kind::helper, lea, by); };
    Rule const watch = [](auto const& before, auto const& by) { return rules::join(before, Kind::watcher, by.actor, by); };
    Rule const link = [](auto const& before, auto const& by) { return rules::link(before, "https://example.com/1", by); };
    Rule const ack = [](auto const& before, auto const& by) { return rules::acknowledge(before, by); };
    auto const helped = with(owned(), Kind::helper, bystander);
    auto closed = resolved();
    closed.state = State::closed;
    struct Row {
        std::string_view name;
        Rule rule;
        Escalation before;
        Person who;
        bool allowed;
    };
    for (auto const& row : std::vector<Row>{
             {"note by an agent", note, owned(), ben, true},
             {"note by the raiser", note, owned(), raiser, true},
             {"note by anybody", note, owned(), bystander, false},
             {"note by an outsider", note, owned(), outsider, false},
             {"note on a new one", note, fresh(), ben, true},
             {"note on a resolved one", note, resolved(), ben, true},
             {"note on a closed one", note, closed, ben, false},
             {"next step by the owner", next, owned(), ana, true},
             {"next step by a helper", next, helped, bystander, true},
             {"next step by a lead", next, owned(), lea, true},
             {"next step by another agent", next, owned(), ben, false},
             {"next step on a new one", next, fresh(), lea, false},
             {"next step on a resolved one", next, resolved(), ana, false},
             {"promise by the owner", made, owned(), ana, true},
             {"promise by a manager", made, owned(), max, true},
             {"promise by a helper", made, helped, bystander, false},
             {"promise by another agent", made, owned(), ben, false},
             {"promise on a resolved one", made, resolved(), ana, false},
             {"handoff note by the owner", brief, owned(), ana, true},
             {"handoff note by a helper", brief, helped, bystander, true},
             {"handoff note by another agent", brief, owned(), ben, false},
             {"helper by an agent", help, owned(), ben, true},
             {"helper by anybody", help, owned(), bystander, false},
             {"helper on a resolved one", help, resolved(), ana, false},
             {"watch by anybody", watch, owned(), bystander, true},
             {"watch by an outsider", watch, owned(), outsider, false},
             {"watch a closed one", watch, closed, bystander, false},
             {"link by an agent", link, owned(), ben, true},
             {"link by the raiser", link, owned(), raiser, true},
             {"link by anybody", link, owned(), bystander, false},
             {"acknowledge by the owner", ack, owned(), ana, true},
             {"acknowledge by a lead", ack, owned(), lea, true},
             {"acknowledge by an admin", ack, owned(), adm, true},
             {"acknowledge by another agent", ack, owned(), ben, false},
             {"acknowledge on a resolved one", ack, resolved(), ana, false},
         }) {
        BOOST_TEST_CONTEXT(row.name) {
            auto const decision = row.rule(row.before, by(row.who, t0 + 1min));
            BOOST_TEST(decision.has_value() == row.allowed);
            if (!decision) continue;
            BOOST_TEST(decision->after.version == row.before.version + 1);
            BOOST_TEST(decision->after.owner == row.before.owner);  // nothing of this moves an owner
            BOOST_TEST(decision->after.state == row.before.state);
            BOOST_TEST(decision->events.size() == 1U);
        }
    }
}

// --- texts ---------------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(texts_are_kept_apart_from_facts_and_said_in_the_thread) {
    std::string const text = "Ask <!channel> & *all*";
    auto const noted = rules::note(owned(), text, by(ben, t0 + 1min)).value();
    BOOST_TEST(noted.events.front().text == text);
    BOOST_TEST(noted.events.front().data == "{}");
    BOOST_TEST(thread_word(noted) == text);
    auto const next = rules::set_next_step(owned(), text, by(ana)).value();
    BOOST_TEST(next.after.details.next_step->text == text);
    BOOST_TEST(next.after.details.next_step->by == ana.id);
    BOOST_TEST(next.events.front().data.find("channel") == std::string::npos);
    BOOST_TEST(thread_word(next) == text);
    auto const made = promise(owned(), due_in(1h, text), by(ana)).value();
    BOOST_TEST(made.events.front().data.find("channel") == std::string::npos);
    BOOST_TEST(thread_word(made) == "To the customer: " + text);
    BOOST_TEST(of_kind(rules::brief(owned(), worse(), by(ana)).value(), OutboxKind::thread_note).empty());
}

BOOST_AUTO_TEST_CASE(empty_and_endless_texts_are_refused_and_say_why) {
    std::string const longest(rules::work_text_limit, 'x');
    auto const too_long = longest + "x";
    std::string umlauts;
    for (std::size_t i = 0; i < rules::work_text_limit; ++i) umlauts += "ä";
    auto const before = owned();
    for (auto const& empty : {std::string{}, std::string{" \n\t"}, std::string{"\u202E\u200F"}}) {
        for (auto const& decision : {rules::note(before, empty, by(ana)), rules::set_next_step(before, empty, by(ana)),
                                     promise(before, due_in(1h, empty), by(ana))}) {
            BOOST_TEST_REQUIRE(decision.has_error());
            BOOST_TEST(decision.error().cause == rules::refusal::text);
            BOOST_TEST(decision.error().message.starts_with("Say what"));
        }
    }
    for (auto const& decision : {rules::note(before, too_long, by(ana)), rules::set_next_step(before, too_long, by(ana)),
                                 promise(before, due_in(1h, too_long), by(ana))}) {
        BOOST_TEST_REQUIRE(decision.has_error());
        BOOST_TEST(decision.error().message.find("3001") != std::string::npos);
    }
    for (auto const& text : {longest, umlauts}) BOOST_TEST(rules::note(before, text, by(ana)).has_value());
    auto brief = worse();
    brief.theory = too_long;
    BOOST_TEST(rules::brief(before, brief, by(ana)).has_error());
    BOOST_TEST(rules::brief(before, {}, by(ana)).has_error());
    // The next step goes with it, by the rule of its own verb; what is there already is not said again.
    auto const noted = rules::brief(owned(), worse(), by(ana), "Ask the provider").value();
    BOOST_REQUIRE(noted.after.details.next_step.has_value());
    BOOST_TEST(noted.after.details.next_step->text == "Ask the provider");
    BOOST_TEST(of_kind(noted, OutboxKind::thread_note).size() == 1U);
    BOOST_TEST(of_kind(rules::brief(noted.after, worse(), by(ana), "Ask the provider").value(), OutboxKind::thread_note).empty());
    BOOST_TEST(rules::brief(noted.after, worse(), by(ana), "").value().after.details.next_step->text == "Ask the provider");
    BOOST_TEST(rules::brief(before, worse(), by(ana), too_long).has_error());
    auto to = due_in(1h);
    to.to = std::string(rules::promise_to_limit + 1, 'x');
    BOOST_TEST(promise(before, to, by(ana)).has_error());
}

BOOST_AUTO_TEST_CASE(the_owners_first_action_accepts_but_a_note_does_not) {
    auto const before = assign(fresh(), ana, by(lea)).value().after;
    BOOST_REQUIRE(before.clock(ClockKind::acceptance) != nullptr);
    auto const accepted = [](Result<Decision> const& decision) {
        return decision->after.accepted_at && decision->after.clock(ClockKind::acceptance) == nullptr &&
               decision->closed_clocks.size() == 1 && decision->closed_clocks.front().outcome == ClockOutcome::met;
    };
    auto const then = by(ana, t0 + 1min);
    BOOST_TEST(accepted(rules::set_next_step(before, "Call them", then)));
    BOOST_TEST(accepted(promise(before, due_in(1h), then)));
    BOOST_TEST(accepted(rules::brief(before, worse(), then)));
    BOOST_TEST(!rules::note(before, "Not mine", then)->after.accepted_at);
    BOOST_TEST(!rules::acknowledge(before, then)->after.accepted_at);
    BOOST_TEST(!rules::set_next_step(before, "Call them", by(lea, t0 + 1min))->after.accepted_at);
}

BOOST_AUTO_TEST_CASE(the_handoff_note_keeps_who_wrote_it_and_its_last_values) {
    auto const decision = rules::brief(owned(), worse(), by(ana, t0 + 1min)).value();
    auto const& brief = *decision.after.details.brief;
    BOOST_TEST(brief.by == ana.id);
    BOOST_TEST(brief.at == t0 + 1min);
    BOOST_TEST(brief.tried == "Restarted it");
    BOOST_TEST(decision.events.front().data.find("worse") != std::string::npos);
    BOOST_TEST(decision.events.front().text.find("Restarted it") != std::string::npos);
}

// --- promises ------------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_promise_has_a_clock_that_ends_when_it_is_due_and_warns) {
    for (auto const span : {Duration{2h}, Duration{2h + 123456us}, Duration{1us}}) {
        auto const decision = promise(owned(), due_in(span), by(ana)).value();
        auto const* clock = decision.after.clock(ClockKind::promise);
        BOOST_REQUIRE(clock != nullptr);
        BOOST_TEST(clock->due == t0 + span);
        BOOST_TEST(clock->due == clock->started_at + clock->target);
        BOOST_TEST((t0 - clock->started_at < 1s));
        BOOST_TEST(clock->points.size() == 3U);
        BOOST_TEST(decision.after.details.promise->by == ana.id);
        BOOST_TEST(decision.after.details.promise->at == t0);
    }
    auto configured = built_in();
    configured.sla[1].at_risk = {{AtRiskPoint::Form::time_left, 0, 20min}};
    auto const clock = *rules::promise(owned(), due_in(2h), configured, by(ana))->after.clock(ClockKind::promise);
    BOOST_TEST(clock.points.front().at == t0 + 100min);  // the severity's own points
}

BOOST_AUTO_TEST_CASE(a_promise_is_for_the_future_and_at_most_thirty_days) {
    struct Row {
        Duration span;
        bool allowed;
    };
    for (auto const& row : {Row{-1min, false}, Row{Duration{0}, false}, Row{1us, true}, Row{720h, true},
                            Row{720h + Duration{1us}, false}, Row{24h * 366 * 5000, false}})
        BOOST_TEST(promise(owned(), due_in(row.span), by(ana)).has_value() == row.allowed, row.span.count());
}

BOOST_AUTO_TEST_CASE(a_new_promise_replaces_the_old_whose_clock_is_cancelled) {
    auto const first = promise(owned(), due_in(1h), by(ana)).value().after;
    auto const decision = promise(first, due_in(3h, "Another"), by(ana, t0 + 30min)).value();
    BOOST_TEST(decision.after.details.promise->text == "Another");
    BOOST_TEST_REQUIRE(decision.closed_clocks.size() == 1U);
    BOOST_TEST(decision.closed_clocks.front().outcome == ClockOutcome::cancelled);
    BOOST_TEST(decision.after.clock(ClockKind::promise)->generation > decision.closed_clocks.front().generation);
    // One that was broken stays broken.
    auto const late = promise(first, due_in(5h), by(ana, t0 + 2h)).value();
    BOOST_TEST(late.closed_clocks.front().outcome == ClockOutcome::breached);
}

BOOST_AUTO_TEST_CASE(keeping_a_promise_stops_its_clock) {
    auto const before = promise(owned(), due_in(1h), by(ana)).value().after;
    struct Row {
        Duration after;
        ClockOutcome outcome;
    };
    for (auto const& row : {Row{30min, ClockOutcome::met}, Row{1h, ClockOutcome::met}, Row{1h + 1us, ClockOutcome::breached}}) {
        auto const decision = rules::keep_promise(before, by(max, t0 + row.after)).value();
        BOOST_TEST(!decision.after.details.promise);
        BOOST_TEST(decision.after.clock(ClockKind::promise) == nullptr);
        BOOST_TEST(decision.closed_clocks.front().outcome == row.outcome);
        BOOST_TEST(thread_word(decision) == "The fix is out");
    }
    auto const nothing = rules::keep_promise(owned(), by(ana));
    BOOST_TEST_REQUIRE(nothing.has_error());
    BOOST_TEST(nothing.error().cause == rules::refusal::nothing);
}

// --- people --------------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(helpers_are_asked_and_helping_never_changes_ownership) {
    auto const decision = rules::join(owned(), Kind::helper, lea, by(ben)).value();
    BOOST_TEST(decision.after.owner == ana.id);
    BOOST_TEST(rules::is_helper(decision.after, lea));
    BOOST_TEST(told(decision) == std::vector<std::string>{lea.id.value}, boost::test_tools::per_element());
    BOOST_TEST(told(rules::join(owned(), Kind::helper, ben, by(ben)).value()).empty());  // by oneself

    auto gone = ben;
    gone.active = false;
    for (auto const& who : {outsider, gone, ana})  // not of here, not any more, the owner
        BOOST_TEST(rules::join(owned(), Kind::helper, who, by(lea)).has_error(), who.name);
    BOOST_TEST(rules::join(decision.after, Kind::helper, lea, by(ben)).has_error());  // already
}

BOOST_AUTO_TEST_CASE(whoever_helps_may_stop_and_agents_may_end_it) {
    auto const before = with(owned(), Kind::helper, bystander);
    for (auto const& who : {bystander, ben}) {
        auto const decision = rules::leave(before, Kind::helper, bystander.id, by(who)).value();
        BOOST_TEST(decision.after.details.participants.empty());
    }
    BOOST_TEST(rules::leave(before, Kind::helper, bystander.id, by(raiser)).has_error());
    BOOST_TEST(rules::leave(before, Kind::helper, ben.id, by(ana)).has_error());         // does not help
    BOOST_TEST(rules::leave(before, Kind::watcher, bystander.id, by(ana)).has_error());  // another part
}

BOOST_AUTO_TEST_CASE(no_more_than_fifty_take_part) {
    auto before = owned();
    for (std::size_t i = 0; i < rules::participants_max; ++i)
        before.details.participants.push_back({Kind::watcher, {fmt::format("U{}", i)}, t0});
    BOOST_TEST(rules::join(before, Kind::watcher, ben, by(ben)).has_error());
    before.details.participants.pop_back();
    BOOST_TEST(rules::join(before, Kind::watcher, ben, by(ben)).has_value());
}

BOOST_AUTO_TEST_CASE(watchers_hear_of_state_owner_and_severity_and_of_nothing_else) {
    auto const watched = [](Escalation const& before) { return with(before, Kind::watcher, bystander); };
    auto const choice = [](std::string reason) {
        rules::SeverityChoice chosen;
        chosen.level = Severity::sev3;
        chosen.reason = std::move(reason);
        return chosen;
    };
    struct Row {
        std::string_view name;
        Result<Decision> decision;
        bool told;
    };
    std::vector<std::string> const only{bystander.id.value};
    for (auto const& row : std::vector<Row>{
             {"claimed", rules::claim(watched(fresh()), by(ana)), true},
             {"assigned", assign(watched(fresh()), ana, by(lea)), true},
             {"resolved", resolve(watched(owned()), "Restarted it", by(ana)), true},
             {"reopened", rules::reopen(watched(resolved()), "Again", built_in().reopen_window, by(ana), {}), true},
             {"declined", rules::decline(watched(fresh()), "No escalation", by(lea)), true},
             {"severity", rules::set_severity(watched(owned()), choice("Milder than it looked"), built_in(), {}, by(lea)), true},
             {"note", rules::note(watched(owned()), "Seen before", by(ana)), false},
             {"next step", rules::set_next_step(watched(owned()), "Call them", by(ana)), false},
             {"promise", promise(watched(owned()), due_in(1h), by(ana)), false},
             {"replied", rules::replied(watched(owned()), by(ana)), false},
             {"accepted", rules::accept(watched(assign(fresh(), ana, by(lea)).value().after), by(ana)), false},
         }) {
        BOOST_TEST_CONTEXT(row.name) {
            BOOST_TEST_REQUIRE(row.decision.has_value());
            auto const people = told(*row.decision);
            BOOST_TEST(std::count(people.begin(), people.end(), bystander.id.value) == (row.told ? 1 : 0));
        }
    }
}

BOOST_AUTO_TEST_CASE(watchers_are_not_told_what_they_did_nor_twice) {
    auto const by_watcher = rules::claim(with(fresh(), Kind::watcher, ana), by(ana)).value();
    BOOST_TEST(told(by_watcher).empty());
    auto const assigned = assign(with(fresh(), Kind::watcher, ana), ana, by(lea)).value();  // who is told by that alone
    auto const people = told(assigned);
    BOOST_TEST(std::count(people.begin(), people.end(), ana.id.value) <= 1);
}

// --- links ---------------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(addresses_that_are_the_same_are_written_the_same) {
    struct Row {
        std::string_view typed, normal;
    };
    for (auto const& row : {
             Row{"https://Acme.zendesk.com/tickets/1/", "https://acme.zendesk.com/agent/tickets/1"},  // as all write that ticket
             Row{"HTTPS://ACME.example/Tickets/1", "https://acme.example/Tickets/1"},
             Row{"https://acme.example/", "https://acme.example"},
             Row{"https://acme.example//", "https://acme.example"},
             Row{"https://acme.example/a#comment-3", "https://acme.example/a"},
             Row{"https://acme.example/a/#x", "https://acme.example/a"},
             Row{"https://acme.example?Q=A/", "https://acme.example?Q=A/"},
             Row{"http://acme.example:8080/a?b=c", "http://acme.example:8080/a?b=c"},
         }) {
        BOOST_TEST_CONTEXT(row.typed) {
            auto const url = rules::normal_url(row.typed);
            BOOST_TEST_REQUIRE(url.has_value());
            BOOST_TEST(*url == row.normal);
            BOOST_TEST(rules::normal_url(*url).value() == row.normal);
        }
    }
}

BOOST_AUTO_TEST_CASE(what_is_no_web_address_is_no_link) {
    for (auto const& typed : {std::string{},
                              std::string{"ticket 12"},
                              std::string{"example.com"},
                              std::string{"ftp://example.com/1"},
                              std::string{"javascript:alert(1)"},
                              std::string{"javascript://example.com/%0Aalert(1)"},
                              std::string{"https://"},
                              std::string{"https:///path"},
                              std::string{"https://#x"},
                              std::string{"https://?a"},
                              std::string{"https://:80"},
                              std::string{"https://.example.com"},
                              std::string{"https://a b.example"},
                              std::string{"https://example.com/a b"},
                              std::string{"https://example.com/<x>"},
                              std::string{"https://example.com/a|b"},
                              std::string{"https://example.com/\n"},
                              std::string{"https://bank.example@evil.example/"},
                              std::string{"https://user:secret@example.com"},
                              std::string{"https://example.com/\u202Etxt"},
                              std::string{"mailto:a@example.com"},
                              std::string{" https://example.com"},
                              "https://example.com/" + std::string(2000, 'x')})
        BOOST_TEST(rules::normal_url(typed).has_error(), typed.substr(0, 60));
    BOOST_TEST(rules::normal_url("https://example.com/" + std::string(1980, 'x')).has_value());
}

BOOST_AUTO_TEST_CASE(a_link_keeps_what_was_given_to_follow) {
    auto const decision = rules::link(owned(), "https://Acme.example/1/#c3", by(ben)).value();
    BOOST_TEST_REQUIRE(decision.links.size() == 1U);
    BOOST_TEST(decision.links.front().system == url_system);
    BOOST_TEST(decision.links.front().external_id == "https://acme.example/1");
    BOOST_TEST(decision.links.front().url == "https://Acme.example/1/#c3");
    BOOST_TEST(decision.events.front().data.find("acme") == std::string::npos);
    BOOST_TEST(rules::link(owned(), "ftp://example.com", by(ben)).has_error());
}

// --- rank ----------------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(the_rank_is_the_sum_of_its_terms) {
    using What = rules::RankTerm::What;
    auto moved = owned();
    moved.hops = 2;
    moved.reopen_count = 1;
    auto still = owned();
    for (auto& clock : still.clocks) clock.paused_at = t0;  // a paused clock does not run
    struct Row {
        Escalation escalation;
        std::vector<What> terms;
    };
    for (auto const& row : std::vector<Row>{
             {fresh(), {What::deadline, What::severity, What::no_owner}},
             {owned(), {What::deadline, What::severity}},
             {moved, {What::deadline, What::severity, What::reopened, What::hops}},
             {still, {What::no_deadline, What::severity}},
         }) {
        auto const terms = rules::rank_terms(row.escalation);
        std::vector<What> names;
        std::int64_t sum = 0;
        for (auto const& term : terms) {
            names.push_back(term.what);
            sum += term.us;
        }
        BOOST_TEST((names == row.terms));
        BOOST_TEST(sum == rules::rank(row.escalation));
    }
    auto const first = rules::rank_terms(fresh()).front();
    BOOST_TEST(first.us == to_us(t0 + 15min));
    BOOST_TEST(first.clock == ClockKind::owner);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
