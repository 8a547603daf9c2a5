// Taking an escalation: the first one to press owns it, everybody after is told who.
#include "handlers/act.hpp"
#include "handlers/rules/ownership.hpp"

namespace esc::handlers {
namespace {

// A stale card is no reason to refuse: what counts is whether anybody owns it now.
Act claim(CardRef const& ref) {
    return {.ref = ref,
            .rule = [](Escalation const& before, rules::By const& by, Tx const&) { return rules::claim(before, by); },
            .keep_refusals_as = EventType::claim_refused};
}

Result<Plan> by_button(slack::BlockAction const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.value));
    return Plan{act(claim(ref), env)};
}

Result<Plan> by_verb(Words const& words, Env const& env) {
    ESC_TRY(auto const id, words.key(0));
    auto typed = claim({id, 0});
    typed.said = [](Acted const& acted) {
        return say(fmt::format("{} is yours, locked until it is resolved.", acted.after.id.key()));
    };
    return Plan{act(std::move(typed), env)};
}

}  // namespace

void register_claim(Router& router) {
    router.action(route(rules::Verb::claim), by_button);
    router.verb("claim", {"claim 12", "take it: you become its owner, locked until it is resolved"}, by_verb);
}

}  // namespace esc::handlers
