// One escalation, for the person who asks.
#include "handlers/act.hpp"
#include "handlers/asked.hpp"
#include "handlers/rules/merge.hpp"
#include "handlers/views/story.hpp"

namespace esc::handlers {
namespace {

enum class Where : std::uint8_t { message, view };

// Pressed in a form or in Home, where no message can stand, it is a form.
Query show(EscalationId id, Where where, Env const& env) {
    return look(
        id,
        [where, config = env.config](Escalation const& escalation, rules::By const& by, Snapshot const& snapshot) {
            if (auto const may = rules::may(rules::Verb::show, escalation, by); !may)
                return refuse(escalation, may.error(), snapshot);
            auto message = views::whole(escalation, snapshot.closed_clocks(escalation.id), snapshot.links(escalation.id),
                                        rules::offered(escalation, by), config->slack.escalate_command, by.now,
                                        rules::merged_into_it(snapshot.events(escalation.id, {EventType::absorbed})),
                                        waits_to_be_resolved(escalation, snapshot));
            if (where == Where::message) return say(std::move(message));
            Outcome outcome;
            outcome.open_modal = views::as_modal(message, escalation, rules::Verb::show, "Show");
            return outcome;
        },
        env);
}

Result<Plan> by_button(slack::BlockAction const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.value));
    return Plan{show(ref.id, in.view_id.empty() ? Where::message : Where::view, env)};
}

Result<Plan> by_verb(Words const& words, Env const& env) {
    ESC_TRY(auto const id, words.key(0));
    return Plan{show(id, Where::message, env)};
}

}  // namespace

void register_show(Router& router) {
    router.action(route(rules::Verb::show), by_button);
    router.verb("show", {"show 12", "all that is known of it, and what you can do now"}, by_verb);
}

}  // namespace esc::handlers
