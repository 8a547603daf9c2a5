// An alert was seen.
#include "handlers/act.hpp"
#include "handlers/rules/work.hpp"

#include <algorithm>

namespace esc::handlers {
namespace {

// Since the last alert; pressing once more would only fill the thread.
bool is_acknowledged(std::vector<StoredEvent> const& events, PersonId const& who) {
    for (auto at = events.rbegin(); at != events.rend(); ++at) {
        if (at->event.type == EventType::point_passed) return false;
        if (at->event.type == EventType::acknowledged && at->event.actor == who) return true;
    }
    return false;
}

Act acknowledge(CardRef const& ref) {
    return {.ref = ref, .rule = [](Escalation const& before, rules::By const& by, Tx const& tx) -> Result<Decision> {
                auto decision = rules::acknowledge(before, by);
                if (decision && is_acknowledged(tx.events(before.id), by.actor.id))
                    return fail(Errc::conflict, "You have acknowledged the alerts of {} already.", before.id.key());
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
    typed.said = [](Escalation const& after) {
        return say(fmt::format("It is on record that you know of the alerts of {}.", after.id.key()));
    };
    return Plan{act(std::move(typed), env)};
}

}  // namespace

void register_acknowledge(Router& router) {
    router.action(route(rules::Verb::acknowledge), by_button);
    router.verb("ack", {"ack 12", "you have seen its alerts: said in the card's thread"}, by_verb);
}

}  // namespace esc::handlers
