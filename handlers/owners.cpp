#include "handlers/owners.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <memory>
#include <tuple>

namespace esc::handlers {
namespace {

namespace blocks = slack::blocks;
namespace json = boost::json;

constexpr std::size_t looked_at_max = 100;  // a list in a form holds no more

json::object data_of(StoredEvent const& event) {
    boost::system::error_code error;
    auto value = json::parse(event.event.data, error);
    return !error && value.is_object() ? std::move(value.get_object()) : json::object{};
}

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
    auto const open = snapshot.open_by_owner();
    for (auto& candidate : found) {
        if (auto const count = open.find(candidate.person.id); count != open.end()) candidate.open = count->second;
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

Work submitted(Act act, Inputs inputs, std::string written, Env const& env) {
    auto const refused = std::make_shared<std::optional<Error>>();
    act.rule = [rule = std::move(act.rule), refused](Escalation const& before, rules::By const& by, Tx const& tx) {
        auto decision = rule(before, by, tx);
        if (!decision) *refused = decision.error();
        return decision;
    };
    act.block.clear();
    return
        [work = handlers::act(std::move(act), env), inputs = std::move(inputs), written = std::move(written), refused](Tx& tx) {
            refused->reset();  // it may be the second run
            auto outcome = work(tx);
            if (!outcome.refused) return outcome;
            if (auto const& error = *refused)
                if (auto const input = inputs.find(error->cause); error->code == Errc::invalid && input != inputs.end())
                    return refuse_in_view(input->second, error->message);
            add_written(outcome, written);
            return outcome;
        };
}

void add_written(Outcome& outcome, std::string_view written) {
    auto& message = outcome.reply.message;
    if (!message || trimmed(written).empty()) return;
    *message += blocks::context({blocks::mrkdwn_text("You wrote:")});
    *message += blocks::section(blocks::plain_text(written));
}

std::optional<StoredEvent> last_event(Snapshot const& snapshot, EscalationId id,
                                      std::function<bool(StoredEvent const&)> const& is_meant) {
    auto events = snapshot.events(id);
    auto const found = std::find_if(events.rbegin(), events.rend(), is_meant);
    if (found == events.rend()) return std::nullopt;
    return std::move(*found);
}

std::int64_t version_made_by(StoredEvent const& event) {
    auto const data = data_of(event);
    auto const* version = data.if_contains("version");
    return version != nullptr && version->is_int64() ? version->get_int64() : 0;
}

std::string fact(StoredEvent const& event, std::string_view name) {
    auto const data = data_of(event);
    auto const* value = data.if_contains(name);
    return value != nullptr && value->is_string() ? std::string{value->get_string()} : std::string{};
}

}  // namespace esc::handlers
