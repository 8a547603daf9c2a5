// Closing before the window to reopen is over: who raised it says that it is solved.
#include "handlers/act.hpp"
#include "handlers/rules/lifecycle.hpp"

namespace esc::handlers {
namespace {

Act close(CardRef const& ref) {
    return {.ref = ref,
            .rule = [](Escalation const& before, rules::By const& by, Tx const&) { return rules::close(before, by); },
            .said = [](Acted const& acted) { return say(fmt::format("Thank you: {} is closed.", acted.after.id.key())); }};
}

Result<Plan> by_button(slack::BlockAction const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.value));
    return Plan{act(close(ref), env)};
}

Result<Plan> by_verb(Words const& words, Env const& env) {
    ESC_TRY(auto const id, words.key(0));
    return Plan{act(close({id, 0}), env)};
}

}  // namespace

void register_close(Router& router) {
    router.action(route(rules::Verb::close), by_button);
    router.verb(
        "confirmed",
        {"confirmed 12",
         "that solved it: closed (who raised it and did not work on it, a manager where they have left; for a customer from "
         "outside its owner or a manager)"},
        by_verb);
}

}  // namespace esc::handlers
