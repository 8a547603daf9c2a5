// Who may do what in which state: every verb × state × person against a table that people can read (tests/data/access.txt;
// ESC_REGENERATE=1 writes it anew, and the difference is to be read).
#include "handlers/rules/access.hpp"

#include "people_and_times.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <fstream>
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
    BOOST_TEST((may.error().code == Errc::forbidden) == (cause == no::role));
    if (cause == no::role) return '-';
    return '.';  // not in this state, whoever it is
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

BOOST_AUTO_TEST_CASE(what_is_allowed_is_what_may_be_done) {
    for (auto const state : all_states)
        for (auto const* who : {&outsider, &raiser, &ana, &lea}) {
            auto const escalation = in(state);
            auto const allowed = rules::allowed(escalation, by(*who));
            for (auto const verb : rules::all_verbs) {
                auto const listed = std::find(allowed.begin(), allowed.end(), verb) != allowed.end();
                BOOST_TEST(listed == rules::may(verb, escalation, by(*who)).has_value());
            }
        }
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
