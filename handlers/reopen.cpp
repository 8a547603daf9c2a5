// Reopening what was not done after all, with the same owner and the time it had used.
#include "handlers/act.hpp"
#include "handlers/away.hpp"
#include "handlers/rules/lifecycle.hpp"
#include "handlers/views/states.hpp"

namespace esc::handlers {
namespace {

constexpr std::string_view reason_block = "reason";

Query form(EscalationId id, Env const& env) {
    return open_form(
        [window = env.config->reopen_window](Escalation const& escalation, rules::By const& by) {
            return rules::may_reopen(escalation, window, by);
        },
        id, [](Escalation const& escalation, rules::By const&, Snapshot const&) { return views::reopen_modal(escalation); }, env);
}

Act reopen(CardRef const& ref, std::string reason, Env const& env) {
    return {.ref = ref,
            .rule = [reason = std::move(reason), config = env.config](Escalation const& before, rules::By const& by, Tx const&) {
                return rules::reopen(before, reason, config->reopen_window, by, config->targets(before.severity));
            }};
}

Result<Plan> by_button(slack::BlockAction const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.value));
    return Plan{form(ref.id, env)};
}

Result<Plan> by_form(slack::ViewSubmission const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.private_metadata));
    auto const reason = std::string{trimmed(in.state.get(reason_block))};
    auto submitted = reopen(ref, reason, env);
    submitted.inputs = {{rules::refusal::text, reason_block}};
    submitted.written = reason;
    return Plan{minding_absence(act(std::move(submitted), env), ref.id, env)};
}

Result<Plan> by_verb(Words const& words, Env const& env) {
    ESC_TRY(auto const id, words.key(0));
    auto reason = readable(words.rest(1));
    if (reason.empty()) return Plan{form(id, env)};
    auto typed = reopen({id, 0}, std::move(reason), env);
    typed.said = [](Acted const& acted) {
        return say(slack::blocks::markup("{} is open again and stays with {}.", acted.after.id,
                                         slack::blocks::person(acted.after.owner)));
    };
    return Plan{minding_absence(act(std::move(typed), env), id, env)};
}

}  // namespace

void register_reopen(Router& router) {
    router.action(route(rules::Verb::reopen), by_button);
    router.view(route(rules::Verb::reopen), by_form);
    router.verb("reopen", {"reopen 12 reason", "it was not done: same owner, the clock goes on"}, by_verb);
}

}  // namespace esc::handlers
