// Who owns it, as rules alone: every way it may move and every way it may not, who is told, and what happens by itself.
#include "handlers/rules/outbox_items.hpp"
#include "handlers/rules/parts.hpp"
#include "handlers/rules/wakes.hpp"

#include "people_and_times.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <random>
#include <set>

namespace {

using namespace esc;
using namespace esc::handler_test;
namespace refusal = rules::refusal;

std::string const why = "Ben knows the payment gateway";  // longer than 15 characters

rules::Ladder const ladder{{lea.id}, {max.id}, {adm.id}};
rules::Ladder const without_managers{{lea.id}, {}, {adm.id}};
Person const nina = person("U_NINA", Role::manager);

// A notice of a decision: "occasion>person", without the version in the occasion.
std::set<std::string> told(Decision const& decision) {
    std::set<std::string> all;
    for (auto const& item : decision.outbox) {
        if (item.kind != OutboxKind::notice) continue;
        auto const rest = item.key.substr(item.key.find(':', 7) + 1);
        all.insert(rest.substr(0, rest.find(':')) + ">" + rest.substr(rest.rfind(':') + 1));
    }
    return all;
}

rules::NoticeFact notice(Decision const& decision, std::string_view what, Person const& to) {
    for (auto const& item : decision.outbox)
        if (item.kind == OutboxKind::notice && item.key.find(fmt::format(":{}:", what)) != std::string::npos &&
            item.key.ends_with(":" + to.id.value))
            return rules::NoticeFact::parse(item.body).value();
    return {};
}

bool said_in_thread(Decision const& decision) {
    return std::any_of(decision.outbox.begin(), decision.outbox.end(),
                       [](OutboxItem const& item) { return item.kind == OutboxKind::thread_note; });
}

std::string data(Decision const& decision) { return decision.events.back().data; }
bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }
// That the owner is among those who may is of no matter here.
std::string cause(Result<Decision> const& result) {
    if (result) return "done";
    return result.error().cause == refusal::theirs ? std::string{refusal::role} : result.error().cause;
}

// As the acting side of a team whose managers are those of `ladder`.
Result<Decision> move(Escalation const& before, Person const& to, Person const& who, Instant now = t0 + 1h,
                      std::string text = why, std::string code = "skill", bool glass = false) {
    return rules::override_owner(before, {to, std::move(code), std::move(text), glass}, built_in(), ladder, by(who, now));
}
Result<Decision> ask(Escalation const& before, Person const* to, Person const& who = ana, std::string reason = "I leave at six",
                     Instant now = t0 + 1h) {
    return rules::request_transfer(before, to, reason, built_in(), ladder, by(who, now));
}
Result<Decision> approve(Escalation const& before, Person const* to, Person const& who, Instant now = t0 + 2h) {
    return rules::approve_transfer(before, to, built_in(), ladder, by(who, now), nullptr);
}
Escalation asked(Person const* to = &ben) { return ask(owned(), to).value().after; }
Escalation assigned() { return assign(fresh(), ana, by(lea)).value().after; }
Escalation covered(Instant until = t0 + 10h) { return rules::cover(owned(), ben, until, by(lea, t0 + 1h)).value().after; }
Escalation flagged(rules::Absence const& absence = {.deactivated = true}) {
    return rules::owner_gone(owned(), absence, ladder, by(lea, t0 + 1h)).value().after;
}
Escalation in_state(State state) {
    auto one = state == State::fresh ? fresh() : owned();
    one.state = state;
    return one;
}
std::vector<State> const active{State::working, State::waiting_customer, State::waiting_vendor, State::waiting_engineering,
                                State::mitigated};
std::vector<State> const over{State::resolved, State::closed, State::declined, State::merged};

std::optional<Decision> wake(Escalation const& before, Instant now) { return rules::wake(before, ladder, now); }

BOOST_AUTO_TEST_SUITE(ownership_rules)

// --- when it locks, and what cannot move it ------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(taking_it_locks_and_accepts) {
    auto const after = owned();
    BOOST_TEST(after.owner == ana.id);
    BOOST_TEST(after.accepted_at.has_value());
    BOOST_TEST(after.clock(ClockKind::acceptance) == nullptr);
    BOOST_TEST(cause(rules::claim(after, by(ben))) == refusal::owned);
}

BOOST_AUTO_TEST_CASE(an_assignment_by_another_locks_at_once_and_asks_for_acceptance) {
    auto const decision = assign(fresh(), ana, by(lea)).value();
    BOOST_TEST(decision.after.owner == ana.id);
    BOOST_TEST(!decision.after.accepted_at.has_value());
    BOOST_REQUIRE(decision.after.clock(ClockKind::acceptance) != nullptr);
    BOOST_TEST(notice(decision, "assigned", ana).buttons == std::vector<std::string>{"accept"}, boost::test_tools::per_element());
    BOOST_TEST(cause(rules::claim(decision.after, by(ben))) == refusal::owned);
    BOOST_TEST(assign(fresh(), lea, by(lea)).value().after.accepted_at.has_value());
}

BOOST_AUTO_TEST_CASE(nobody_assigns_what_somebody_owns) {
    for (auto const& who : {lea, max})
        for (auto const state : active) BOOST_TEST(cause(assign(in_state(state), ben, by(who))) == refusal::owned);
}

BOOST_AUTO_TEST_CASE(an_assignment_that_nobody_accepts_bounces_nowhere) {
    auto current = assigned();
    auto const due = current.clock(ClockKind::acceptance)->due;
    auto const fired = rules::fire_due(current, ladder, due + 1us);
    BOOST_REQUIRE(fired.has_value());
    BOOST_TEST(fired->after.owner == ana.id);
    BOOST_TEST(fired->after.hops == 0);
    BOOST_TEST(std::count_if(fired->outbox.begin(), fired->outbox.end(), [](OutboxItem const& item) {
                   return item.kind == OutboxKind::alert && item.key.ends_with(":U_MAX");
               }) == 1);
}

// --- the manager's override ----------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(only_a_manager_moves_the_owner) {
    struct Row {
        Person who;
        std::string_view expected;
    };
    for (auto const& row : {Row{max, "done"}, Row{lea, refusal::role}, Row{adm, refusal::role}, Row{ana, refusal::role},
                            Row{ben, refusal::role}, Row{raiser, refusal::role}, Row{outsider, refusal::role}})
        for (auto const state : active) BOOST_TEST(cause(move(in_state(state), ben, row.who)) == row.expected, row.who.name);
    // The one who owns it is no exception.
    BOOST_TEST(cause(move(owned(lea), ben, lea)) == refusal::role);
    auto const refused = move(owned(), ben, lea);
    for (auto const* part : {"Managers", "break-glass"}) BOOST_TEST(has(refused.error().message, part));
}

BOOST_AUTO_TEST_CASE(an_override_is_for_what_is_owned_and_open) {
    BOOST_TEST(cause(move(fresh(), ben, max)) == refusal::unowned);
    for (auto const state : over) BOOST_TEST(cause(move(in_state(state), ben, max)) == refusal::not_open);
    for (auto const state : active) BOOST_TEST(move(in_state(state), ben, max).value().after.state == state);
}

BOOST_AUTO_TEST_CASE(the_new_owner_must_be_eligible_and_another) {
    auto gone = ben;
    gone.active = false;
    for (auto const& to : {ana, raiser, outsider, gone}) {
        BOOST_TEST(cause(move(owned(), to, max)) == refusal::target, to.name);
        BOOST_TEST(cause(ask(owned(), &to)) == refusal::target, to.name);
        BOOST_TEST(cause(approve(asked(), &to, max)) == refusal::target, to.name);
    }
}

BOOST_AUTO_TEST_CASE(an_override_says_why_in_fifteen_characters) {
    struct Row {
        std::string text;
        bool enough;
    };
    for (auto const& row :
         {Row{"", false}, Row{"12345678901234", false}, Row{"123456789012345", true}, Row{"   12345678901234\n\t ", false},
          Row{"1             5", false},  // a run of white space is one character
          Row{"ÄÖÜäöüßéèêâîôû", false},   // 14 characters, 28 bytes
          Row{"ÄÖÜäöüßéèêâîôûñ", true}, Row{"1234567890123\xE2\x80\x8B\xE2\x80\x8B\xE2\x80\xAE", false},  // nothing to see
          Row{"\xC2\xA0\xE3\x80\x80          ", false}, Row{std::string(3000, 'x'), true}, Row{std::string(3001, 'x'), false}})
        BOOST_TEST((cause(move(owned(), ben, max, t0 + 1h, row.text)) == (row.enough ? "done" : refusal::text)), row.text);
}

BOOST_AUTO_TEST_CASE(an_override_has_a_reason_from_the_list) {
    for (auto const& reason : rules::owner_reasons) {
        auto const moved = move(owned(), ben, max, t0 + 1h, why, std::string{reason.code});
        BOOST_REQUIRE(moved);
        BOOST_TEST(has(data(*moved), fmt::format("\"code\":\"{}\"", reason.code)));
    }
    BOOST_TEST(cause(move(owned(), ben, max, t0 + 1h, why, "boredom")) == refusal::guard);
    BOOST_TEST(rules::OverrideRequest{}.code == "other");
}

BOOST_AUTO_TEST_CASE(an_override_moves_at_once_and_locks_for_the_new_owner) {
    auto const before = owned();
    auto const decision = move(before, ben, max).value();
    auto const& after = decision.after;
    BOOST_TEST(after.owner == ben.id);
    BOOST_TEST(*after.owned_since == t0 + 1h);
    BOOST_TEST(!after.accepted_at.has_value());
    BOOST_TEST(after.hops == 1);
    BOOST_REQUIRE(after.clock(ClockKind::acceptance) != nullptr);
    BOOST_TEST(after.clock(ClockKind::acceptance)->due == t0 + 1h + 15min);
    BOOST_TEST(cause(rules::claim(after, by(ana))) == refusal::owned);
    BOOST_TEST(cause(assign(after, ana, by(max))) == refusal::owned);
    // What the customer waits for goes on as it was.
    for (auto const kind : {ClockKind::first_response, ClockKind::resolution})
        BOOST_TEST((*after.clock(kind) == *before.clock(kind)));
    BOOST_TEST(decision.events.back().type == EventType::overridden);
    BOOST_TEST(decision.events.back().actor == max.id);
    BOOST_TEST(decision.events.back().text == why);
    BOOST_TEST(!has(data(decision), why));
    BOOST_TEST(move(owned(), max, max).value().after.accepted_at.has_value());
}

BOOST_AUTO_TEST_CASE(both_owners_are_told_of_an_override) {
    auto const decision = move(owned(), ben, max).value();
    BOOST_TEST(told(decision) == (std::set<std::string>{"yours>U_BEN", "moved>U_ANA"}), boost::test_tools::per_element());
    BOOST_TEST(notice(decision, "yours:v3", ben).buttons == std::vector<std::string>{"accept"}, boost::test_tools::per_element());
    BOOST_TEST(notice(decision, "yours:v3", ben).said.quote == why);
    BOOST_TEST(said_in_thread(decision));
    // Nobody is told what they did themselves.
    BOOST_TEST(told(move(owned(max), ben, max).value()) == (std::set<std::string>{"yours>U_BEN"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_acceptance_that_never_came_does_not_count_as_met) {
    auto const moved = move(assigned(), ben, max, t0 + 5min).value();
    BOOST_REQUIRE_EQUAL(moved.closed_clocks.size(), 1U);
    BOOST_TEST(moved.closed_clocks[0].kind == ClockKind::acceptance);
    BOOST_TEST(moved.closed_clocks[0].outcome == ClockOutcome::cancelled);
    BOOST_TEST(moved.after.clock(ClockKind::acceptance)->generation > moved.closed_clocks[0].generation);
    BOOST_TEST(move(assigned(), ben, max, t0 + 1h).value().closed_clocks[0].outcome == ClockOutcome::breached);
}

BOOST_AUTO_TEST_CASE(what_belonged_to_the_old_owner_ends_with_an_override) {
    auto before = asked();
    before = rules::cover(before, lea, t0 + 9h, by(max, t0 + 1h)).value().after;
    before = rules::owner_gone(before, {.deactivated = true}, ladder, by(max, t0 + 1h)).value().after;
    auto const moved = move(before, ben, max, t0 + 2h).value();
    BOOST_TEST(!moved.after.details.transfer);
    BOOST_TEST(!moved.after.details.coverage);
    BOOST_TEST(!moved.after.details.unavailable);
    BOOST_TEST(told(moved).contains("covered>U_LEA"));
    BOOST_TEST(rules::wakes(moved.after).empty());
}

BOOST_AUTO_TEST_CASE(a_second_override_tells_of_a_bounce) {
    auto const first = move(owned(), ben, max).value();
    BOOST_TEST(!told(first).contains("bounced>U_MAX"));
    BOOST_TEST(!told(first).contains("bounced>U_LEA"));
    auto const second = move(first.after, ana, nina, t0 + 2h).value();
    BOOST_TEST(second.after.hops == 2);
    BOOST_TEST(told(second).contains("bounced>U_MAX"));
    BOOST_TEST(told(second).contains("bounced>U_LEA"));
    BOOST_TEST(has(data(second), "\"hops\":2"));
    auto const third = move(second.after, ben, nina, t0 + 3h).value();
    BOOST_TEST(told(third).contains("bounced>U_LEA"));
    // An approved transfer is a move like any other.
    auto const request = ask(first.after, &ana, ben, "Back to who knows it").value().after;
    BOOST_TEST(told(approve(request, &ana, max).value()).contains("bounced>U_LEA"));
}

// --- a second approver -----------------------------------------------------------------------------------------------------

Config const& two_managers() {
    static Config const config = [] {
        auto made = built_in();
        made.ownership.second_approver = true;
        return made;
    }();
    return config;
}
rules::Ladder const two_heard{{lea.id}, {max.id, nina.id}, {adm.id}};
Result<Decision> move_again(Person const& who, rules::Ladder const& heard = two_heard, bool glass = false,
                            Config const& config = two_managers()) {
    auto const moved_once = move(owned(), ben, max).value().after;
    return rules::override_owner(moved_once, {ana, "skill", why, glass}, config, heard, by(who, t0 + 2h));
}

BOOST_AUTO_TEST_CASE(from_the_second_move_on_another_manager_agrees) {
    // The first one needs one manager; so does every one where the setting is off.
    BOOST_TEST(rules::override_owner(owned(), {ben, "skill", why}, two_managers(), two_heard, by(max)).value().after.owner ==
               ben.id);
    BOOST_TEST(move_again(max, two_heard, false, built_in()).value().after.owner == ana.id);

    auto const asked_by_max = move_again(max).value();
    auto const& before = asked_by_max.after;
    BOOST_TEST(before.owner == ben.id);
    BOOST_TEST(before.hops == 1);
    BOOST_REQUIRE(before.details.transfer.has_value());
    BOOST_TEST(before.details.transfer->code == "skill");
    BOOST_TEST(asked_by_max.events.back().type == EventType::transfer_requested);
    BOOST_TEST(told(asked_by_max) == (std::set<std::string>{"transfer>U_NINA"}), boost::test_tools::per_element());
    auto const agree = [&](Person const& who, Person const& to) {
        return rules::approve_transfer(before, &to, two_managers(), two_heard, by(who, t0 + 3h), nullptr);
    };
    BOOST_TEST(cause(agree(max, ana)) == refusal::role);
    BOOST_TEST(cause(agree(lea, ana)) == refusal::role);
    BOOST_TEST(cause(agree(nina, person("U_CARL", Role::agent))) == refusal::target);  // agreed is to what was asked
    auto const agreed = agree(nina, ana).value();
    BOOST_TEST(agreed.after.owner == ana.id);
    BOOST_TEST(agreed.after.hops == 2);
    BOOST_TEST(has(data(agreed), "\"code\":\"skill\""));
    BOOST_TEST(has(data(agreed), "\"asked_by\":\"U_MAX\""));
    BOOST_TEST(told(agreed).contains("agreed>U_MAX"));
    BOOST_TEST(told(agreed).contains("moved>U_BEN"));

    auto const denied = rules::deny_transfer(before, "Ben is on it", by(nina, t0 + 3h)).value();
    BOOST_TEST(denied.after.owner == ben.id);
    BOOST_TEST(told(denied) == (std::set<std::string>{"denied>U_MAX"}), boost::test_tools::per_element());
    auto const reminded = rules::wake(before, two_heard, t0 + 14h).value();
    BOOST_TEST(told(reminded) == (std::set<std::string>{"transfer_reminder>U_NINA"}), boost::test_tools::per_element());
    auto const expired = rules::wake(reminded.after, two_heard, t0 + 26h).value();
    BOOST_TEST(expired.after.owner == ben.id);
    BOOST_TEST(told(expired) == (std::set<std::string>{"expired>U_MAX", "expired>U_NINA"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(without_another_manager_a_second_move_is_refused_and_says_how) {
    BOOST_TEST(cause(move_again(max, ladder)) == refusal::guard);
    BOOST_TEST(has(move_again(max, ladder).error().message, "ownership.second_approver"));
    // The glass is for when nobody can be reached.
    BOOST_TEST(move_again(lea, ladder, true).value().after.owner == ana.id);
}

BOOST_AUTO_TEST_CASE(a_manager_who_owns_it_does_not_agree_to_the_own_request) {
    auto const once = move(owned(), max, nina).value().after;
    auto const request = ask(once, &ana, max).value().after;
    BOOST_TEST(cause(rules::approve_transfer(request, &ana, two_managers(), two_heard, by(max, t0 + 3h), nullptr)) ==
               refusal::role);
    BOOST_TEST(rules::approve_transfer(request, &ana, two_managers(), two_heard, by(nina, t0 + 3h), nullptr).has_value());
}

BOOST_AUTO_TEST_CASE(moves_between_teams_are_counted) {
    auto const of = [](Person who, std::vector<std::string> const& teams) {
        for (auto const& team : teams) who.team_roles.push_back({team, Role::agent});
        return who;
    };
    struct Row {
        std::vector<std::string> from;
        std::vector<std::string> to;
        int hops;
    };
    for (auto const& row : {Row{{"emea"}, {"apac"}, 1}, Row{{"emea", "apac"}, {"apac"}, 0}, Row{{"emea"}, {"emea"}, 0},
                            Row{{}, {"apac"}, 0}, Row{{"emea"}, {}, 0}}) {
        auto const from = of(ana, row.from);
        auto const to = of(ben, row.to);
        auto const decision =
            rules::override_owner(owned(), {to, "skill", why, false, from}, built_in(), ladder, by(max, t0 + 1h)).value();
        BOOST_TEST(decision.after.details.team_hops == row.hops);
        BOOST_TEST(has(data(decision), "\"team_hop\":true") == (row.hops == 1));
        auto const approved = rules::approve_transfer(asked(), &to, built_in(), ladder, by(max, t0 + 2h), &from).value();
        BOOST_TEST(approved.after.details.team_hops == row.hops);
    }
    BOOST_TEST(move(owned(), ben, max).value().after.details.team_hops == 0);  // whose team nobody knows
}

// --- breaking the glass --------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(without_a_manager_leads_and_admins_break_the_glass) {
    struct Row {
        Person who;
        bool may;
    };
    for (auto const& row :
         {Row{lea, true}, Row{adm, true}, Row{ana, false}, Row{ben, false}, Row{raiser, false}, Row{outsider, false}}) {
        auto const moved = move(owned(), ben, row.who, t0 + 1h, why, "other", true);
        BOOST_TEST(static_cast<bool>(moved) == row.may, row.who.name);
        if (!moved) continue;
        BOOST_TEST(has(data(*moved), "\"break_glass\":true"));
        BOOST_TEST(told(*moved).contains("glass>U_MAX"));
        BOOST_TEST(notice(*moved, "glass:v3", max).buttons == std::vector<std::string>{"override"},
                   boost::test_tools::per_element());
    }
    // It replaces the role, and nothing else.
    BOOST_TEST(cause(move(owned(), ben, lea, t0 + 1h, "short", "other", true)) == refusal::text);
    BOOST_TEST(cause(move(owned(), raiser, lea, t0 + 1h, why, "other", true)) == refusal::target);
    BOOST_TEST(cause(move(fresh(), ben, lea, t0 + 1h, why, "other", true)) == refusal::unowned);
}

BOOST_AUTO_TEST_CASE(a_manager_breaks_no_glass) {
    auto const moved = move(owned(), ben, max, t0 + 1h, why, "other", true).value();
    BOOST_TEST(has(data(moved), "\"break_glass\":false"));
    BOOST_TEST(!told(moved).contains("glass>U_MAX"));
}

// --- transfers -----------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(only_the_owner_asks_for_a_transfer) {
    for (auto const& who : {ben, lea, max, adm, raiser, outsider}) BOOST_TEST(cause(ask(owned(), &ben, who)) == refusal::role);
    BOOST_TEST(cause(ask(covered(), &lea, ben)) == refusal::role);  // an acting owner does not
    BOOST_TEST(cause(ask(fresh(), &ben, ana)) == refusal::unowned);
    for (auto const state : over) BOOST_TEST(cause(ask(in_state(state), &ben)) == refusal::not_open);
    for (auto const state : active) BOOST_TEST(static_cast<bool>(ask(in_state(state), &ben)));
    for (auto const* reason : {"", "  \n ", "\xE2\x80\x8B"}) BOOST_TEST(cause(ask(owned(), &ben, ana, reason)) == refusal::text);
    BOOST_TEST(cause(ask(owned(), &ben, ana, std::string(3001, 'x'))) == refusal::text);
}

BOOST_AUTO_TEST_CASE(until_a_transfer_is_approved_the_owner_stays) {
    auto const decision = ask(owned(), &ben).value();
    auto const& after = decision.after;
    BOOST_TEST(after.owner == ana.id);
    BOOST_TEST(after.hops == 0);
    BOOST_REQUIRE(after.details.transfer.has_value());
    BOOST_TEST(after.details.transfer->to == ben.id);
    BOOST_TEST(after.details.transfer->remind_at == t0 + 1h + 12h);
    BOOST_TEST(after.details.transfer->expires_at == t0 + 1h + 24h);
    BOOST_TEST(told(decision) == (std::set<std::string>{"transfer>U_MAX"}), boost::test_tools::per_element());
    auto const asked = rules::asked_at("transfer", t0 + 1h) + ":v3";
    BOOST_TEST(notice(decision, asked, max).buttons == (std::vector<std::string>{"approve", "deny"}),
               boost::test_tools::per_element());
    BOOST_TEST(notice(decision, asked, max).said.quote == "I leave at six");
}

BOOST_AUTO_TEST_CASE(without_managers_those_hear_of_a_transfer_who_can_break_the_glass) {
    auto const decision = rules::request_transfer(owned(), nullptr, "I leave", built_in(), without_managers, by(ana)).value();
    BOOST_TEST(told(decision) == (std::set<std::string>{"transfer>U_ADM"}), boost::test_tools::per_element());
    BOOST_TEST(notice(decision, rules::asked_at("transfer", t0) + ":v3", adm).buttons == std::vector<std::string>{"override"},
               boost::test_tools::per_element());
    // The only manager asks: somebody else hears of it.
    auto const own = rules::request_transfer(owned(max), nullptr, "I leave", built_in(), ladder, by(max)).value();
    BOOST_TEST(told(own) == (std::set<std::string>{"transfer>U_ADM"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_new_request_replaces_the_old_one) {
    auto const again = ask(asked(), &lea, ana, "Lea is on shift", t0 + 3h).value();
    BOOST_TEST(again.after.details.transfer->to == lea.id);
    BOOST_TEST(again.after.details.transfer->expires_at == t0 + 27h);
    BOOST_TEST(has(data(again), "\"replaces\":true"));
}

BOOST_AUTO_TEST_CASE(only_managers_decide_about_a_transfer) {
    for (auto const& who : {lea, ana, ben, adm, raiser, outsider}) {
        BOOST_TEST(cause(approve(asked(), &ben, who)) == refusal::role, who.name);
        BOOST_TEST(cause(rules::deny_transfer(asked(), "No", by(who))) == refusal::role, who.name);
        // A severity that waits as well is decided by leads, and opens no way to the transfer.
        auto both = asked();
        both.details.severity_request = SeverityRequest{.by = ana.id, .to = Severity::sev1, .reason = "why"};
        BOOST_TEST(cause(approve(both, &ben, who)) == refusal::role, who.name);
    }
    BOOST_TEST(cause(approve(owned(), &ben, max)) == refusal::nothing);
    BOOST_TEST(cause(rules::deny_transfer(owned(), "No", by(max))) == refusal::nothing);
    BOOST_TEST(cause(approve(asked(nullptr), nullptr, max)) == refusal::target);  // nobody was named
    BOOST_TEST(cause(rules::deny_transfer(asked(), " \n", by(max))) == refusal::text);
}

BOOST_AUTO_TEST_CASE(an_approved_transfer_moves_the_owner_and_both_are_told) {
    auto const decision = approve(asked(), &ben, max).value();
    BOOST_TEST(decision.after.owner == ben.id);
    BOOST_TEST(decision.after.hops == 1);
    BOOST_TEST(!decision.after.accepted_at.has_value());
    BOOST_TEST(!decision.after.details.transfer);
    BOOST_TEST(told(decision) == (std::set<std::string>{"yours>U_BEN", "moved>U_ANA"}), boost::test_tools::per_element());
    BOOST_TEST(has(notice(decision, "moved:v4", ana).said.sentence, "approved"));
    BOOST_TEST(has(data(decision), "\"asked_for\":true"));
}

BOOST_AUTO_TEST_CASE(a_denied_transfer_leaves_it_and_the_owner_is_told_why) {
    auto const decision = rules::deny_transfer(asked(), "You know it best", by(max, t0 + 2h)).value();
    BOOST_TEST(decision.after.owner == ana.id);
    BOOST_TEST(!decision.after.details.transfer);
    BOOST_TEST(told(decision) == (std::set<std::string>{"denied>U_ANA"}), boost::test_tools::per_element());
    BOOST_TEST(notice(decision, "denied:v4", ana).said.quote == "You know it best");
    BOOST_TEST(decision.events.back().type == EventType::transfer_denied);
    BOOST_TEST(rules::wakes(decision.after).empty());
}

BOOST_AUTO_TEST_CASE(silence_reminds_managers_once_and_then_the_request_expires) {
    auto const before = asked();
    BOOST_TEST(!wake(before, t0 + 13h - 1us).has_value());
    auto const reminded = wake(before, t0 + 13h);
    BOOST_REQUIRE(reminded.has_value());
    BOOST_TEST(reminded->events.back().type == EventType::reminded);
    BOOST_TEST(told(*reminded) == (std::set<std::string>{"transfer_reminder>U_MAX"}), boost::test_tools::per_element());
    BOOST_TEST(reminded->after.details.transfer.has_value());
    BOOST_TEST(*reminded->after.next_point <= t0 + 25h);
    BOOST_TEST(!wake(reminded->after, t0 + 25h - 1us).has_value());
    auto const expired = wake(reminded->after, t0 + 25h);
    BOOST_REQUIRE(expired.has_value());
    BOOST_TEST(expired->events.back().type == EventType::transfer_expired);
    BOOST_TEST(!expired->after.details.transfer);
    BOOST_TEST(expired->after.owner == ana.id);
    BOOST_TEST(told(*expired) == (std::set<std::string>{"expired>U_ANA", "expired>U_MAX"}), boost::test_tools::per_element());
    BOOST_TEST(!wake(expired->after, t0 + 100h).has_value());
}

BOOST_AUTO_TEST_CASE(the_service_was_down_while_a_request_expired) {
    auto current = asked();
    std::vector<EventType> types;
    while (auto decision = wake(current, t0 + 100h)) {
        types.push_back(decision->events.back().type);
        current = decision->after;
        BOOST_REQUIRE(types.size() < 5);
    }
    BOOST_TEST(types == (std::vector{EventType::reminded, EventType::transfer_expired}), boost::test_tools::per_element());
}

// --- acting owners -------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(who_names_an_acting_owner) {
    for (auto const& who : {ana, lea, max}) BOOST_TEST(cause(rules::cover(owned(), ben, t0 + 9h, by(who))) == "done", who.name);
    for (auto const& who : {ben, adm, raiser, outsider})
        BOOST_TEST(cause(rules::cover(owned(), ben, t0 + 9h, by(who))) == refusal::role, who.name);
    BOOST_TEST(cause(rules::cover(fresh(), ben, t0 + 9h, by(max))) == refusal::unowned);
    for (auto const state : over) BOOST_TEST(cause(rules::cover(in_state(state), ben, t0 + 9h, by(max))) == refusal::not_open);
}

BOOST_AUTO_TEST_CASE(an_acting_owner_is_eligible_and_not_the_owner) {
    auto gone = ben;
    gone.active = false;
    for (auto const& acting : {ana, raiser, outsider, gone})
        BOOST_TEST(cause(rules::cover(owned(), acting, t0 + 9h, by(max))) == refusal::target, acting.name);
}

BOOST_AUTO_TEST_CASE(coverage_ends_in_the_future_and_within_fourteen_days) {
    struct Row {
        Duration until;
        std::string_view expected;
    };
    for (auto const& row : {Row{-1h, refusal::guard}, Row{0us, refusal::guard}, Row{1us, "done"}, Row{24h * 14, "done"},
                            Row{24h * 14 + 1us, refusal::guard}})
        BOOST_TEST(cause(rules::cover(owned(), ben, t0 + row.until, by(lea))) == row.expected);
}

BOOST_AUTO_TEST_CASE(during_coverage_the_owner_stays_accountable_and_alerts_go_to_who_acts) {
    auto const decision = rules::cover(owned(), ben, t0 + 10h, by(lea)).value();
    auto const& after = decision.after;
    BOOST_TEST(after.owner == ana.id);
    BOOST_TEST(after.hops == 0);
    BOOST_TEST(rules::responsible(after, t0 + 9h) == ben.id);
    BOOST_TEST(told(decision) == (std::set<std::string>{"acting>U_BEN", "acted_for>U_ANA"}), boost::test_tools::per_element());
    BOOST_TEST(said_in_thread(decision));
    auto const fired = rules::fire_due(after, ladder, t0 + 46min);  // first response at risk
    BOOST_REQUIRE(fired.has_value());
    auto const to = [&](std::string_view who) {
        return std::any_of(fired->outbox.begin(), fired->outbox.end(),
                           [&](OutboxItem const& item) { return item.kind == OutboxKind::alert && item.key.ends_with(who); });
    };
    BOOST_TEST(to(":U_BEN"));
    BOOST_TEST(!to(":U_ANA"));
}

BOOST_AUTO_TEST_CASE(another_acting_owner_replaces_the_first) {
    auto const decision = rules::cover(covered(), lea, t0 + 12h, by(max, t0 + 2h)).value();
    BOOST_TEST(decision.after.details.coverage->acting == lea.id);
    BOOST_TEST(told(decision) == (std::set<std::string>{"acting>U_LEA", "acted_for>U_ANA", "covered>U_BEN"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(coverage_returns_by_itself) {
    auto const before = covered(t0 + 10h);
    BOOST_TEST(!wake(before, t0 + 10h - 1us).has_value());
    auto const ended = wake(before, t0 + 10h);
    BOOST_REQUIRE(ended.has_value());
    BOOST_TEST(!ended->after.details.coverage);
    BOOST_TEST(ended->after.owner == ana.id);
    BOOST_TEST(rules::responsible(ended->after, t0 + 10h) == ana.id);
    BOOST_TEST(told(*ended) == (std::set<std::string>{"covered>U_BEN", "acted_for>U_ANA"}), boost::test_tools::per_element());
    BOOST_TEST(has(data(*ended), "\"early\":false"));
    // Nobody has to wake it for the alerts to go back.
    BOOST_TEST(rules::responsible(before, t0 + 10h) == ana.id);
}

BOOST_AUTO_TEST_CASE(who_acts_hands_back_and_neither_stays_longer_nor_passes_it_on) {
    auto const now = by(ben, t0 + 2h);
    BOOST_TEST(rules::only_hands_back(covered(), now));
    for (auto const& to : {ben, lea}) {
        auto const refused = rules::cover(covered(), to, t0 + 9h, now);
        BOOST_TEST(cause(refused) == refusal::role);
        BOOST_TEST(has(refused.error().message, "cover 12 off"));
    }
    BOOST_TEST(rules::end_coverage(covered(), now).has_value());
    // Who may name somebody anyway may do so while acting, too.
    auto by_lead = covered();
    by_lead.details.coverage->acting = lea.id;
    BOOST_TEST(!rules::only_hands_back(by_lead, by(lea, t0 + 2h)));
    BOOST_TEST(rules::cover(by_lead, ben, t0 + 9h, by(lea, t0 + 2h)).has_value());
}

BOOST_AUTO_TEST_CASE(coverage_ends_early_by_who_may_name_one_or_acts) {
    for (auto const& who : {ana, ben, lea, max})
        BOOST_TEST(cause(rules::end_coverage(covered(), by(who, t0 + 2h))) == "done", who.name);
    for (auto const& who : {adm, raiser, outsider})
        BOOST_TEST(cause(rules::end_coverage(covered(), by(who, t0 + 2h))) == refusal::role, who.name);
    BOOST_TEST(cause(rules::end_coverage(owned(), by(ana))) == refusal::nothing);
}

// --- owners who are not there --------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(an_owner_who_is_gone_is_flagged_and_stays_the_owner) {
    for (auto const& absence : {rules::Absence{.deactivated = true}, rules::Absence{.until = t0 + 50h}}) {
        auto const decision = rules::owner_gone(owned(), absence, ladder, by(lea, t0 + 1h));
        BOOST_REQUIRE(decision.has_value());
        BOOST_TEST(decision->after.owner == ana.id);
        BOOST_TEST(decision->after.hops == 0);
        BOOST_REQUIRE(decision->after.details.unavailable.has_value());
        BOOST_TEST(decision->after.details.unavailable->deactivated == absence.deactivated);
        BOOST_TEST(told(*decision) == (std::set<std::string>{"unavailable>U_MAX"}), boost::test_tools::per_element());
        BOOST_TEST(notice(*decision, "unavailable:v3", max).buttons == (std::vector<std::string>{"override", "cover"}),
                   boost::test_tools::per_element());
        BOOST_TEST(!rules::owner_gone(decision->after, absence, ladder, by(lea, t0 + 2h)).has_value());
    }
    BOOST_TEST(!rules::owner_gone(fresh(), {.deactivated = true}, ladder, by(lea)).has_value());
    for (auto const state : over)
        BOOST_TEST(!rules::owner_gone(in_state(state), {.deactivated = true}, ladder, by(lea)).has_value());
    BOOST_TEST(!rules::owner_gone(owned(), {.until = t0}, ladder, by(lea)).has_value());
}

BOOST_AUTO_TEST_CASE(managers_hear_every_hour_that_the_owner_is_gone) {
    auto current = flagged();
    for (auto at = t0 + 2h; at <= t0 + 6h; at += 1h) {
        BOOST_TEST(!wake(current, at - 1us).has_value());
        auto const again = wake(current, at);
        BOOST_REQUIRE(again.has_value());
        BOOST_TEST(told(*again) == (std::set<std::string>{"unavailable>U_MAX"}), boost::test_tools::per_element());
        BOOST_TEST(again->after.owner == ana.id);
        current = again->after;
    }
    // After the service was down for a day: once, not for every hour.
    auto const late = wake(current, t0 + 30h);
    BOOST_REQUIRE(late.has_value());
    BOOST_TEST(!wake(late->after, t0 + 30h).has_value());
    // The owner is not asked about themselves, and where there is no other manager others stand in.
    auto const own = rules::owner_gone(owned(max), {.deactivated = true}, ladder, by(lea));
    BOOST_TEST(told(*own) == (std::set<std::string>{"unavailable>U_ADM"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_absence_ends_when_the_owner_said_it_would) {
    auto current = flagged({.until = t0 + 3h});
    auto const reminded = wake(current, t0 + 2h);
    BOOST_REQUIRE(reminded.has_value());
    auto const back = wake(reminded->after, t0 + 3h);
    BOOST_REQUIRE(back.has_value());
    BOOST_TEST(back->events.back().type == EventType::owner_back);
    BOOST_TEST(!back->after.details.unavailable);
    BOOST_TEST(!wake(back->after, t0 + 3h).has_value());
    BOOST_TEST(!rules::owner_back(back->after, by(ana)).has_value());
}

BOOST_AUTO_TEST_CASE(who_was_away_can_be_deactivated_but_not_the_other_way_round) {
    auto const away = flagged({.until = t0 + 50h});
    auto const gone = rules::owner_gone(away, {.deactivated = true}, ladder, by(lea, t0 + 90min));
    BOOST_REQUIRE(gone.has_value());
    BOOST_TEST(gone->after.details.unavailable->deactivated);
    BOOST_TEST(!gone->after.details.unavailable->until.has_value());
    BOOST_TEST(gone->after.details.unavailable->since == t0 + 1h);
    BOOST_TEST(told(*gone).contains("unavailable>U_MAX"));
    BOOST_TEST(!rules::owner_gone(gone->after, {.until = t0 + 50h}, ladder, by(lea, t0 + 2h)).has_value());
    // A longer absence is noted without telling everybody again.
    auto const longer = rules::owner_gone(away, {.until = t0 + 60h}, ladder, by(ana, t0 + 90min));
    BOOST_REQUIRE(longer.has_value());
    BOOST_TEST(told(*longer).empty());
    BOOST_TEST(*longer->after.details.unavailable->until == t0 + 60h);
    BOOST_TEST(longer->after.details.unavailable->next_alert_at == t0 + 2h);
}

BOOST_AUTO_TEST_CASE(while_somebody_acts_for_an_absent_owner_managers_are_not_told_every_hour) {
    auto const before = rules::cover(flagged({.until = t0 + 50h}), ben, t0 + 20h, by(max, t0 + 90min)).value().after;
    BOOST_TEST(!wake(before, t0 + 20h - 1us).has_value());
    auto const ended = rules::end_coverage(before, by(max, t0 + 5h)).value().after;
    BOOST_TEST(wake(ended, t0 + 6h).has_value());
    // A deactivated owner never comes back: that must be mended.
    BOOST_TEST(wake(rules::cover(flagged(), ben, t0 + 20h, by(max, t0 + 90min)).value().after, t0 + 150min).has_value());
}

// --- invariants ----------------------------------------------------------------------------------------------------------

// 1: outside new, declined and merged there is exactly one accountable owner. 2: after the first it changes only with an
// override by a manager, or by breaking the glass. Any order of what anybody may try, and of time passing.
BOOST_AUTO_TEST_CASE(the_owner_moves_only_by_a_managers_word_or_broken_glass) {
    std::mt19937 random{20261123};
    std::vector const people{ana, ben, lea, max, nina, adm, raiser, outsider};
    auto const pick = [&](auto const& from) { return from[random() % from.size()]; };
    int moves = 0;
    for (int walk = 0; walk < 150; ++walk) {
        auto current = fresh();
        auto now = t0;
        for (int step = 0; step < 60; ++step) {
            now += std::chrono::minutes{random() % 300};
            auto const who = pick(people);
            auto const to = pick(people);
            auto const bye = by(who, now);
            auto const glass = random() % 2 == 0;
            Result<Decision> decision = fail(Errc::conflict, "nothing");
            switch (random() % 13) {
                case 0:
                    decision = rules::claim(current, bye);
                    break;
                case 1:
                    decision = rules::accept(current, bye);
                    break;
                case 2:
                    decision = assign(current, to, bye);
                    break;
                case 3:
                    decision =
                        rules::request_transfer(current, random() % 3 == 0 ? nullptr : &to, "Please", built_in(), ladder, bye);
                    break;
                case 4:
                    decision = rules::approve_transfer(current, &to, built_in(), ladder, bye, nullptr);
                    break;
                case 5:
                    decision = rules::deny_transfer(current, "No", bye);
                    break;
                case 6:
                    decision = rules::override_owner(current, {to, "other", why, glass}, built_in(), ladder, bye);
                    break;
                case 7:
                    decision = rules::cover(current, to, now + 5h, bye);
                    break;
                case 8:
                    decision = rules::end_coverage(current, bye);
                    break;
                case 9:
                    if (auto gone = rules::owner_gone(current, {.deactivated = glass, .until = now + 9h}, ladder, bye))
                        decision = *std::move(gone);
                    break;
                case 10:
                    if (auto back = rules::owner_back(current, bye)) decision = *std::move(back);
                    break;
                case 11:
                    decision = random() % 4 == 0 ? resolve(current, "Done", bye)
                                                 : rules::reopen(current, "Again", built_in().reopen_window, bye, {});
                    break;
                default:
                    if (auto woken = wake(current, now)) decision = *std::move(woken);
            }
            if (!decision) continue;
            auto const& after = decision->after;
            auto const may_be_unowned =
                after.state == State::fresh || after.state == State::declined || after.state == State::merged;
            BOOST_TEST((after.owned() || may_be_unowned));
            if (current.owned() && after.owner != current.owner) {
                ++moves;
                BOOST_TEST(decision->events.back().type == EventType::overridden);
                auto const broken = has(data(*decision), "\"break_glass\":true");
                BOOST_TEST((who.role >= Role::manager || (broken && (who.role >= Role::lead || who.admin))));
                BOOST_TEST(after.hops == current.hops + 1);
            }
            BOOST_TEST(after.version == current.version + 1);
            current = after;
        }
    }
    BOOST_TEST(moves > 50);
}

// 12
BOOST_AUTO_TEST_CASE(of_two_who_take_it_one_owns_it_and_one_is_refused) {
    auto const first = rules::claim(fresh(), by(ana)).value().after;
    auto const second = rules::claim(first, by(ben));
    BOOST_REQUIRE(!second);
    BOOST_TEST(second.error().cause == refusal::owned);
    BOOST_TEST(cause(assign(first, ben, by(lea))) == refusal::owned);
    BOOST_TEST(cause(rules::claim(assigned(), by(ben))) == refusal::owned);
}

BOOST_AUTO_TEST_CASE(reopening_restores_owner_and_lock) {
    auto const again =
        rules::reopen(resolved(t0 + 1h), "Fails again", built_in().reopen_window, by(raiser, t0 + 2h), {}).value().after;
    BOOST_TEST(again.owner == ana.id);
    BOOST_TEST(cause(rules::claim(again, by(ben, t0 + 3h))) == refusal::owned);
    BOOST_TEST(cause(move(again, ben, lea, t0 + 3h)) == refusal::role);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
