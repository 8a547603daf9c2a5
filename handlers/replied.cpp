// "The customer was answered", by statement: stops the first response.
#include "handlers/answers.hpp"
#include "handlers/router.hpp"
#include "handlers/rules/lifecycle.hpp"
#include "handlers/views/views.hpp"

namespace esc::handlers {
namespace {

Work replied(CardRef const& ref, Env const& env, Outcome recorded) {
    return [ref, who = by(env), recorded = std::move(recorded)](Tx& tx) {
        auto const before = tx.escalation(ref.id);
        if (!before) return refuse_unknown(ref.id);
        auto decision = rules::replied(*before, who);
        if (decision) {
            save(tx, *std::move(decision));
            return recorded;
        }
        refresh_if_stale(tx, *before, ref, who.now);
        return refuse(*before, decision.error());
    };
}

Result<Plan> by_button(slack::BlockAction const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.value));
    return Plan{replied(ref, env, done())};
}

Result<Plan> by_verb(Words const& words, Env const& env) {
    ESC_TRY(auto const id, words.key(0));
    return Plan{replied({id, 0}, env, say(fmt::format("The first response of {} is recorded.", id.key())))};
}

}  // namespace

void register_replied(Router& router) {
    router.action(std::string{views::replied_action}, by_button);
    router.verb("replied", {"replied 12", "the customer was answered: stops the first response"}, by_verb);
}

}  // namespace esc::handlers
