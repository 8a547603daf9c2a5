#include "handlers/owners.hpp"

#include <algorithm>
#include <tuple>

namespace esc::handlers {

namespace blocks = slack::blocks;

namespace {

constexpr std::size_t looked_at_max = 100;  // a list in a form holds no more

}  // namespace

std::vector<Person> all_owners(Env const& env) {
    auto people = env.people->eligible_owners({});
    for (auto const& team : env.config->teams) {
        auto of_team = env.people->eligible_owners(team.name);
        people.insert(people.end(), std::make_move_iterator(of_team.begin()), std::make_move_iterator(of_team.end()));
    }
    if (env.config->teams.empty()) return people;
    std::sort(people.begin(), people.end(),
              [](Person const& a, Person const& b) { return std::tie(a.name, a.id) < std::tie(b.name, b.id); });
    people.erase(std::unique(people.begin(), people.end(), [](Person const& a, Person const& b) { return a.id == b.id; }),
                 people.end());
    return people;
}

std::optional<Person> find(std::vector<Person> const& people, PersonId const& id) {
    auto const found = std::find_if(people.begin(), people.end(), [&](Person const& person) { return person.id == id; });
    return found == people.end() ? std::nullopt : std::optional{*found};
}

std::vector<views::Candidate> candidates(std::vector<Person> const& people, Escalation const& escalation,
                                         Snapshot const& snapshot, Instant now) {
    std::vector<views::Candidate> found;
    for (auto const& person : people)
        if (person.in(escalation.team) >= Role::agent && person.id != escalation.owner) found.push_back({.person = person});
    if (found.size() > looked_at_max) return {};
    for (auto& candidate : found) {
        auto const load = snapshot.load(candidate.person.id);
        candidate.open = load.owns + load.covers;
        auto const away = snapshot.away(candidate.person.id);
        candidate.away = away && away->until > now;
    }
    std::stable_partition(found.begin(), found.end(), [](views::Candidate const& candidate) { return !candidate.away; });
    return found;
}

Result<Person> known_person(PersonId const& id, Env const& env) {
    if (auto person = env.people->find(id)) return *std::move(person);
    auto unknown = fail(Errc::invalid, "That person is not known here: name somebody of this workspace.");
    unknown.cause = rules::refusal::target;
    return unknown;
}

Result<std::optional<Person>> chosen_person(slack::ViewState const& state, std::string_view block, Env const& env) {
    auto const chosen = trimmed(state.get(block));
    if (chosen.empty()) return std::optional<Person>{};
    ESC_TRY(auto person, known_person({std::string{chosen}}, env));
    return std::optional{std::move(person)};
}

void say_if_away(Outcome& outcome, Escalation const& after, Snapshot const& snapshot, rules::By const& by) {
    if (after.owner == by.actor.id) return;
    auto const away = snapshot.away(after.owner);
    if (!away || away->until <= by.now) return;
    auto const words = blocks::markup(
        "{} is away until {}. {} was assigned all the same: name who acts meanwhile (`cover {} @user until 18:00`), or a manager "
        "moves it (`override {} @user reason`).",
        blocks::person(after.owner), blocks::date(away->until), after.id, after.id.number, after.id.number);
    auto& message = outcome.reply.message;
    if (!message) {
        message = say(words).reply.message;
        return;
    }
    message->text += " " + words;
    *message += blocks::section(blocks::mrkdwn_text(words));
}

Act telling_if_away(Act act) {
    act.said = [said = std::move(act.said)](Acted const& acted) {
        auto outcome = said ? said(acted) : done();
        if (acted.after.owner != acted.before.owner) say_if_away(outcome, acted.after, acted.snapshot, acted.by);
        return outcome;
    };
    return act;
}

}  // namespace esc::handlers
