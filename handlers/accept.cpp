// Taking on what was assigned; as an engineer, what was handed to engineering.
#include "handlers/act.hpp"
#include "handlers/rules/ownership.hpp"

namespace esc::handlers {
namespace {

Act accept(CardRef const& ref) {
    return {.ref = ref,
            .rule = [](Escalation const& before, rules::By const& by, Tx const&) { return rules::accept(before, by); }};
}

Outcome accepted(Acted const& acted) { return say(fmt::format("You accepted {}.", acted.after.id.key())); }

// A direct message does not change by itself, so that it needs an answer; the card shows it.
Result<Plan> by_button(slack::BlockAction const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.value));
    auto pressed = accept(ref);
    if (in.message.channel.value.starts_with('D')) pressed.said = accepted;
    return Plan{act(std::move(pressed), env)};
}

Result<Plan> by_verb(Words const& words, Env const& env) {
    ESC_TRY(auto const id, words.key(0));
    auto typed = accept({id, 0});
    typed.said = accepted;
    return Plan{act(std::move(typed), env)};
}

}  // namespace

void register_accept(Router& router) {
    router.action(route(rules::Verb::accept), by_button);
    router.verb("accept", {"accept 12", "you were assigned, or asked as an engineer: you take it on"}, by_verb);
}

}  // namespace esc::handlers
