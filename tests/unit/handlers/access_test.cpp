// Who may do what in which state: every verb × state × person against a table that people can read (tests/data/access.txt;
// ESC_REGENERATE=1 writes it anew, and the difference is to be read).
#include "handlers/rules/access.hpp"

#include "people_and_times.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <fstream>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace esc;
using namespace esc::handler_test;

constexpr std::array all_states{
    State::fresh,     State::working,  State::waiting_customer, State::waiting_vendor, State::waiting_engineering,
    State::mitigated, State::resolved, State::closed,           State::declined,       State::merged};

Person const acting = person("U_ACTING", Role::agent);
Person const helping = person("U_HELPING", Role::requester);
Person const engineer = person("U_ENGINEER", Role::requester);
Person const left = [] {
    auto one = person("U_LEFT", Role::manager);
    one.active = false;
    return one;
}();

Escalation in(State state) {
    auto escalation = fresh();
    escalation.state = state;
    if (state != State::fresh && state != State::declined) escalation.owner = ana.id;
    escalation.details.coverage = Coverage{.acting = acting.id, .by = ana.id, .from = t0, .until = t0 + 8h};
    escalation.details.participants = {{.kind = Participant::Kind::helper, .person = helping.id, .since = t0}};
    if (is_waiting(state)) escalation.details.waiting = Waiting{.since = t0, .engineer = engineer.id};
    return escalation;
}

char letter(Result<void> const& may) {
    namespace no = rules::refusal;
    if (may) return 'y';
    auto const& cause = may.error().cause;
    BOOST_TEST(may.error().message.ends_with('.'));
    bool const not_theirs = cause == no::role || cause == no::theirs || cause == no::raisers || cause == no::own;
    BOOST_TEST((may.error().code == Errc::forbidden) == not_theirs);
    if (not_theirs) return '-';
    return '.';  // not in this state, whoever it is
}

rules::By gone_to(Person const& who, PersonId const& gone) {
    auto it = by(who);
    it.gone = std::make_shared<std::set<PersonId> const>(std::set{gone});
    return it;
}

// What it goes by besides the state whether somebody may close it.
struct Resolved {
    std::string_view name;
    PersonId raised_by;
    bool customer = false;  // from outside
    PersonId gone{};
};
Resolved const all_resolved[] = {{"of a customer", raiser.id, true},
                                 {"raised by its owner", ana.id},
                                 {".. of a customer", ana.id, true},
                                 {".. who is gone", ana.id, false, ana.id},
                                 {"raised by acting one", acting.id},
                                 {"raised by a manager", max.id},
                                 {"raiser is gone", raiser.id, false, raiser.id}};
Escalation in(Resolved const& one) {
    auto escalation = in(State::resolved);
    escalation.raised_by = one.raised_by;
    escalation.resolved_at = t0;
    if (one.customer) escalation.details.customer = outsider.id;
    return escalation;
}

std::string table() {
    std::pair<char const*, Person const*> const people[] = {
        {"outsider", &outsider}, {"left", &left}, {"anybody", &bystander}, {"raiser", &raiser},
        {"admin", &adm},         {"owner", &ana}, {"acting", &acting},     {"helper", &helping},
        {"engineer", &engineer}, {"agent", &ben}, {"lead", &lea},          {"manager", &max}};
    std::string out = "# y: may, -: this person may not, .: nobody may in this state. Guards of the verb itself come after.\n";
    out += fmt::format("{:<10}{:<21}", "verb", "state");
    for (auto const& [name, person] : people) out += fmt::format("{:<9}", name);
    out += '\n';
    for (auto const verb : rules::all_verbs)
        for (auto const state : all_states) {
            out += fmt::format("{:<10}{:<21}", rules::to_string(verb), to_string(state));
            for (auto const& [name, person] : people)
                out += fmt::format("{:<9}", letter(rules::may(verb, in(state), by(*person))));
            while (out.ends_with(' ')) out.pop_back();
            out += '\n';
        }
    out += "# What is resolved, by whom it was raised and for whom:\n";
    for (auto const& one : all_resolved) {
        out += fmt::format("{:<10}{:<21}", rules::to_string(rules::Verb::close), one.name);
        for (auto const& [name, person] : people)
            out += fmt::format("{:<9}", letter(rules::may(rules::Verb::close, in(one), gone_to(*person, one.gone))));
        while (out.ends_with(' ')) out.pop_back();
        out += '\n';
    }
    return out;
}

BOOST_AUTO_TEST_SUITE(access)

BOOST_AUTO_TEST_CASE(every_verb_in_every_state_by_everybody) {
    auto const path = std::string{ESC_TEST_DATA} + "/access.txt";
    auto const now = table();
    if (std::getenv("ESC_REGENERATE") != nullptr) std::ofstream(path) << now;
    std::ifstream file(path);
    std::stringstream kept;
    kept << file.rdbuf();
    std::stringstream lines(now);
    std::stringstream kept_lines(kept.str());
    for (std::string line, expected; std::getline(lines, line);) {
        std::getline(kept_lines, expected);
        BOOST_TEST(line == expected);
    }
    BOOST_TEST(now.size() == kept.str().size());
}

BOOST_AUTO_TEST_CASE(what_is_offered_makes_sense_and_may_be_done) {
    for (auto const state : all_states)
        for (auto const* who : {&outsider, &raiser, &ana, &lea}) {
            auto const escalation = in(state);
            auto const all = rules::offered(escalation, by(*who));
            for (auto const verb : rules::all_verbs) {
                auto const listed = std::find(all.begin(), all.end(), verb) != all.end();
                BOOST_TEST(listed == rules::offered(verb, escalation, by(*who)));
                BOOST_TEST(listed ==
                           (rules::makes_sense(verb, escalation, t0) && rules::may(verb, escalation, by(*who)).has_value()));
            }
        }
}

Escalation of(Severity severity, Escalation escalation) {
    escalation.severity = severity;
    return escalation;
}

Escalation asked(Escalation escalation, bool severity_too) {
    escalation.details.transfer = TransferRequest{.by = ana.id, .to = ben.id, .reason = "why"};
    if (severity_too) escalation.details.severity_request = SeverityRequest{.by = ana.id, .to = Severity::sev1, .reason = "why"};
    return escalation;
}

BOOST_AUTO_TEST_CASE(who_may_is_told_of_this_very_escalation) {
    using rules::Verb;
    auto accepted = in(State::working);
    accepted.accepted_at = t0;
    auto uncovered = accepted;
    uncovered.details.coverage.reset();
    auto anybody = in(State::waiting_engineering);
    anybody.accepted_at = t0;
    anybody.details.waiting->engineer = {};
    struct Case {
        Verb verb;
        Escalation escalation;
        std::string_view who;
    };
    for (auto const& one : {
             Case{Verb::claim, fresh(), "agents, leads and managers"},
             Case{Verb::undo, fresh(), "who raised it"},
             Case{Verb::merge, fresh(), "leads and managers"},  // nobody owns it yet
             Case{Verb::transfer, uncovered, "its owner"},
             Case{Verb::mitigate, uncovered, "its owner"},
             Case{Verb::mitigate, accepted, "its owner and its acting owner"},
             Case{Verb::cover, accepted, "its owner, its acting owner, leads and managers"},
             Case{Verb::brief, uncovered, "its owner, its helpers, leads and managers"},
             Case{Verb::acknowledge, uncovered, "its owner, leads, managers and admins"},
             Case{Verb::override_owner, uncovered, "managers (in an emergency leads and admins, too)"},
             Case{Verb::accept, in(State::working), "its owner and its acting owner"},
             Case{Verb::accept, in(State::waiting_engineering), "its owner, its acting owner and the engineer it was handed to"},
             Case{Verb::accept, anybody, "engineers"},
             Case{Verb::approve, asked(uncovered, false), "managers"},
             Case{Verb::deny, asked(uncovered, true), "leads and managers"},
             Case{Verb::grade, in(State::closed), "leads and managers"},
             Case{Verb::approve, in(State::resolved), "leads and managers"},
             Case{Verb::wait, of(Severity::sev3, uncovered), "its owner"},
             Case{Verb::wait, of(Severity::sev1, uncovered), "its owner, leads and managers"},
             Case{Verb::resolve, of(Severity::sev2, accepted), "its owner, its acting owner and managers"},
             Case{Verb::resolve, of(Severity::sev1, accepted), "its owner, its acting owner and managers"},
             Case{Verb::wait, in(State::waiting_vendor), "managers"},
             Case{Verb::close, in(State::resolved), "who raised it"},
             Case{Verb::describe, uncovered, "who raised it"},
             Case{Verb::show, uncovered, "people of this workspace"},
         }) {
        BOOST_TEST(rules::who_may(one.verb, one.escalation, by(outsider)) == one.who);
        auto const may = rules::may(one.verb, one.escalation, by(outsider));
        BOOST_TEST(!may.has_value());
    }
}

BOOST_AUTO_TEST_CASE(a_refusal_says_in_whole_sentences_who_may_or_what_stands_in_the_way) {
    using rules::Verb;
    auto working = of(Severity::sev2, in(State::working));
    working.accepted_at = t0;
    auto uncovered = working;
    uncovered.details.coverage.reset();
    auto merged = in(State::merged);
    merged.details.merge = Merge{.into = {7}, .state_before = State::working, .at = t0};
    auto warranted = in(State::resolved);
    warranted.details.warranted = Warranted{.level = Severity::sev3, .by = ana.id, .at = t0, .graded_by = {}};
    auto withdrawn = in(State::declined);
    auto declined = withdrawn;
    declined.details.declined_reason = "withdrawn";
    struct Case {
        Verb verb;
        Escalation escalation;
        Person const* who;
        std::string_view sentence;
    };
    for (auto const& one : {
             Case{Verb::mitigate, uncovered, &ben, "Only its owner can mitigate ESC-12. Ask them."},
             Case{Verb::wait, of(Severity::sev4, uncovered), &ben, "Only its owner can put ESC-12 on hold. Ask them."},
             Case{Verb::assign, fresh(), &ben, "Only leads and managers can assign ESC-12. Ask one of them."},
             Case{Verb::approve, asked(uncovered, false), &lea,
                  "Only managers can decide about a transfer of ESC-12. Ask one of them."},
             Case{Verb::grade, warranted, &ana,
                  "Only leads and managers can say which level was warranted for ESC-12. Ask one of them."},
             Case{Verb::grade, fresh(), &lea, "ESC-12 is new: only of what is resolved is it said which level was warranted."},
             Case{Verb::deny, warranted, &lea,
                  "ESC-12 is resolved: say which level was warranted instead, such as grade 12 sev2."},
             Case{Verb::deny, in(State::resolved), &lea, "ESC-12 is resolved already. Reopen it to go on."},
             Case{Verb::close, in(State::resolved), &ana, "Only who raised it can close ESC-12."},
             Case{Verb::close, in(State::working), &raiser, "ESC-12 is working: only what is resolved can be closed."},
             Case{Verb::close, in(all_resolved[1]), &ana,
                  "ESC-12 was raised by who worked on it, and nobody confirms their own work."},
             Case{Verb::claim, fresh(), &outsider,
                  "Only people of this workspace can look at escalations and work on them. Ask your contact there."},
             Case{Verb::claim, merged, &ben, "ESC-12 was merged into ESC-7 and goes on there."},
             Case{Verb::reopen, merged, &ana, "ESC-12 was merged into ESC-7 and goes on there."},
             Case{Verb::unmerge, fresh(), &lea, "ESC-12 is new: only what was merged can be unmerged."},
             Case{Verb::unmerge, in(State::resolved), &lea, "ESC-12 is resolved: only what was merged can be unmerged."},
             Case{Verb::mitigate, fresh(), &ana, "ESC-12 has no owner yet: claim it first."},
             Case{Verb::wait, in(State::waiting_customer), &ana,
                  "Only managers can let ESC-12 wait for longer. Ask one of them. To wait on somebody else, resume it first."},
             Case{Verb::resume, working, &ana, "ESC-12 is working: nobody can resume it now."},
             Case{Verb::claim, withdrawn, &ben, "ESC-12 is withdrawn already."},
             Case{Verb::claim, declined, &ben, "ESC-12 is declined already."},
         }) {
        auto const may = rules::may(one.verb, one.escalation, by(*one.who));
        BOOST_REQUIRE(!may.has_value());
        BOOST_TEST(may.error().message == one.sentence);
    }
}

// So that the answer can name the owner; nobody from outside learns who that is.
BOOST_AUTO_TEST_CASE(a_refusal_says_whether_the_owner_is_among_those_who_may) {
    using rules::Verb;
    auto const working = in(State::working);
    auto const cause = [](Verb verb, Escalation const& escalation, Person const& who) {
        return rules::may(verb, escalation, by(who)).error().cause;
    };
    BOOST_TEST(cause(Verb::mitigate, working, ben) == rules::refusal::theirs);
    BOOST_TEST(cause(Verb::next_step, working, ben) == rules::refusal::theirs);
    BOOST_TEST(cause(Verb::assign, working, ben) == rules::refusal::role);
    BOOST_TEST(cause(Verb::replied, fresh(), ben) == rules::refusal::role);  // nobody owns it yet
    BOOST_TEST(cause(Verb::mitigate, working, outsider) == rules::refusal::role);
}

BOOST_AUTO_TEST_CASE(a_role_counts_in_its_team_only) {
    auto someone = person("U_TEAM", Role::requester);
    someone.team_roles = {{"support", Role::lead}};
    auto escalation = fresh();
    escalation.team = "support";
    BOOST_TEST(rules::may(rules::Verb::assign, escalation, by(someone.seen_by("support"))).has_value());
    BOOST_TEST(!rules::may(rules::Verb::assign, escalation, by(someone.seen_by("billing"))).has_value());
}

BOOST_AUTO_TEST_CASE(coverage_counts_from_its_start_until_just_before_its_end) {
    auto const covered = in(State::working);
    BOOST_TEST(rules::is_acting_owner(covered, acting, t0));
    BOOST_TEST(!rules::is_acting_owner(covered, acting, t0 - 1us));
    BOOST_TEST(rules::is_acting_owner(covered, acting, t0 + 8h - 1us));
    BOOST_TEST(!rules::is_acting_owner(covered, acting, t0 + 8h));
    BOOST_TEST(rules::responsible(covered, t0) == acting.id);
    BOOST_TEST(rules::responsible(covered, t0 + 8h) == ana.id);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
