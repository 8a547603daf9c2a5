// The raiser takes it back within two minutes: by the button, by typing, or by taking the reaction back.
#include "handlers/act.hpp"
#include "handlers/rules/facts.hpp"
#include "handlers/rules/lifecycle.hpp"

#include <algorithm>

namespace esc::handlers {
namespace {

// Who has raised the same since has a say as well.
rules::Raisers raisers_of(Escalation const& escalation, Snapshot const& snapshot) {
    auto const events = snapshot.events(escalation.id, {EventType::raised_again});
    bool const others = std::any_of(events.begin(), events.end(),
                                    [&](StoredEvent const& one) { return one.event.actor != escalation.raised_by; });
    return others ? rules::Raisers::several : rules::Raisers::one;
}

Act undo(CardRef const& ref) {
    return {.ref = ref, .rule = [](Escalation const& before, rules::By const& by, Tx const& tx) {
                return rules::undo(before, raisers_of(before, tx), by);
            }};
}

Result<Plan> by_button(slack::BlockAction const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.value));
    return Plan{act(undo(ref), env)};
}

Result<Plan> by_verb(Words const& words, Env const& env) {
    ESC_TRY(auto const id, words.key(0));
    auto typed = undo({id, 0});
    typed.said = [](Acted const& acted) { return say(fmt::format("{} is undone.", acted.after.id.key())); };
    return Plan{act(std::move(typed), env)};
}

// The reaction that opened it, at the severity it opened it with.
bool opened_with(Snapshot const& snapshot, Escalation const& escalation, Severity severity) {
    auto const raised = snapshot.last_event(escalation.id, {EventType::raised});
    return raised && rules::Facts{raised->event}.text("severity") == to_string(severity);
}

// Nobody waits for an answer: where it cannot be undone any more, nothing happens.
Result<Plan> on_reaction(slack::ReactionRemoved const& in, Env const& env) {
    auto const severity = env.config->reactions.find(in.reaction);
    if (severity == env.config->reactions.end()) return Plan{Nothing{}};
    if (in.item.channel.empty() || in.item.ts.empty()) return Plan{Nothing{}};
    return Plan{Work{[source = message_link(in.item.channel, in.item.ts), severity = severity->second, who = by(env)](Tx& tx) {
        auto const id = tx.by_source(source);
        auto const before = id ? tx.escalation(*id) : std::nullopt;
        if (!before || before->origin != Origin::slack_message || before->raised_by != who.actor.id) return done();
        if (!opened_with(tx, *before, severity)) return done();
        auto decision = rules::undo(*before, raisers_of(*before, tx), who);
        if (decision) save(tx, *std::move(decision));
        return done();
    }}};
}

}  // namespace

void register_undo(Router& router) {
    router.action(route(rules::Verb::undo), by_button);
    router.event(on_reaction);
    router.verb("undo", {"undo 12", "raised by mistake: take it back (two minutes, while nobody owns it)"}, by_verb);
}

}  // namespace esc::handlers
