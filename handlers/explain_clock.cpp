// Every deadline and the rank, explained.
#include "handlers/act.hpp"
#include "handlers/views/story.hpp"

namespace esc::handlers {
namespace {

enum class Where : std::uint8_t { message, view };

// Pressed in a form or in Home, where no message can stand, it is a form.
Query explain(EscalationId id, Where where, Env const& env) {
    return look(
        id,
        [where](Escalation const& escalation, rules::By const& by, Snapshot const& snapshot) {
            if (auto const may = rules::may(rules::Verb::explain_clock, escalation, by); !may)
                return refuse(escalation, may.error(), snapshot);
            auto message = views::clocks_explained(escalation, snapshot.closed_clocks(escalation.id),
                                                   snapshot.events(escalation.id), by.now);
            if (where == Where::message) return say(std::move(message));
            Outcome outcome;
            outcome.open_modal = views::as_modal(message, escalation, rules::Verb::explain_clock, "Clock");
            return outcome;
        },
        env);
}

Result<Plan> by_button(slack::BlockAction const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.value));
    return Plan{explain(ref.id, in.view_id.empty() ? Where::message : Where::view, env)};
}

Result<Plan> by_verb(Words const& words, Env const& env) {
    ESC_TRY(auto const id, words.key(0));
    return Plan{explain(id, Where::message, env)};
}

}  // namespace

void register_explain_clock(Router& router) {
    router.action(route(rules::Verb::explain_clock), by_button);
    router.verb("clock", {"clock 12", "every deadline and its place in the queue, explained"}, by_verb);
}

}  // namespace esc::handlers
