// "The customer was answered", by statement: stops first and next response.
#include "handlers/act.hpp"
#include "handlers/rules/conversation.hpp"

namespace esc::handlers {
namespace {

Act replied(CardRef const& ref) {
    return {.ref = ref,
            .rule = [](Escalation const& before, rules::By const& by, Tx const&) { return rules::replied(before, by); }};
}

Result<Plan> by_button(slack::BlockAction const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.value));
    return Plan{act(replied(ref), env)};
}

Result<Plan> by_verb(Words const& words, Env const& env) {
    ESC_TRY(auto const id, words.key(0));
    auto typed = replied({id, 0});
    typed.said = [](Acted const& acted) { return say(fmt::format("The answer on {} is recorded.", acted.after.id.key())); };
    return Plan{act(std::move(typed), env)};
}

}  // namespace

void register_replied(Router& router) {
    router.action(route(rules::Verb::replied), by_button);
    router.verb("replied", {"replied 12", "the customer was answered: stops the response clock"}, by_verb);
}

}  // namespace esc::handlers
