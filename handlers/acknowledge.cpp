// An alert was seen.
#include "handlers/act.hpp"
#include "handlers/rules/work.hpp"

namespace esc::handlers {
namespace {

// Where no alert went out, or none since the last time, it would only fill the thread.
Result<void> is_there_an_alert(Snapshot const& snapshot, EscalationId id, PersonId const& who) {
    auto const alert = snapshot.last_event(id, {EventType::point_passed});
    if (!alert) return fail(Errc::conflict, "There is nothing to acknowledge: {} has had no alert.", id.key());
    auto const seen = snapshot.last_event(id, {EventType::acknowledged}, who);
    if (seen && alert->number < seen->number)
        return fail(Errc::conflict, "You have acknowledged the alerts of {} already.", id.key());
    return {};
}

Act acknowledge(CardRef const& ref) {
    return {.ref = ref, .rule = [](Escalation const& before, rules::By const& by, Tx const& tx) -> Result<Decision> {
                auto decision = rules::acknowledge(before, by);
                if (decision) ESC_CHECK(is_there_an_alert(tx, before.id, by.actor.id));
                return decision;
            }};
}

Result<Plan> by_button(slack::BlockAction const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.value));
    return Plan{act(acknowledge(ref), env)};
}

Result<Plan> by_verb(Words const& words, Env const& env) {
    ESC_TRY(auto const id, words.key(0));
    auto typed = acknowledge({id, 0});
    typed.said = [](Acted const& acted) {
        return say(fmt::format("It is on record that you know of the alerts of {}.", acted.after.id.key()));
    };
    return Plan{act(std::move(typed), env)};
}

}  // namespace

void register_acknowledge(Router& router) {
    router.action(route(rules::Verb::acknowledge), by_button);
    router.verb("ack", {"ack 12", "you have seen its alerts: said in the card's thread"}, by_verb);
}

}  // namespace esc::handlers
