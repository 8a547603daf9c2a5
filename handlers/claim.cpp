// Taking an escalation: the first one to press owns it, everybody after is told who.
#include "handlers/answers.hpp"
#include "handlers/router.hpp"
#include "handlers/rules/lifecycle.hpp"
#include "handlers/views/views.hpp"

namespace esc::handlers {
namespace {

// A stale card is no reason to refuse: what counts is whether anybody owns it now.
Work claim(CardRef const& ref, Env const& env, Outcome taken) {
    return [ref, who = by(env), taken = std::move(taken)](Tx& tx) {
        auto const before = tx.escalation(ref.id);
        if (!before) return refuse_unknown(ref.id);
        auto decision = rules::claim(*before, who);
        if (decision) {
            save(tx, *std::move(decision));
            return taken;
        }
        auto const& error = decision.error();
        if (error.cause == rules::refusal::owned) record_refusal(tx, EventType::claim_refused, *before, error, who);
        refresh_if_stale(tx, *before, ref, who.now);
        return refuse(*before, error);
    };
}

Result<Plan> by_button(slack::BlockAction const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.value));
    return Plan{claim(ref, env, done())};
}

Result<Plan> by_verb(Words const& words, Env const& env) {
    ESC_TRY(auto const id, words.key(0));
    return Plan{claim({id, 0}, env, say(fmt::format("{} is yours, locked until it is resolved.", id.key())))};
}

}  // namespace

void register_claim(Router& router) {
    router.action(std::string{views::claim_action}, by_button);
    router.verb("claim", {"claim 12", "take it: you become its owner, locked until it is resolved"}, by_verb);
    router.verb("accept", {"accept 12", "you were assigned: you take it on"}, by_verb);
}

}  // namespace esc::handlers
