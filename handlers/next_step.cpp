// What happens next.
#include "handlers/act.hpp"
#include "handlers/rules/work.hpp"
#include "handlers/views/work.hpp"

namespace esc::handlers {
namespace {

Act next_step(CardRef const& ref, std::string text) {
    return {.ref = ref, .rule = [text = std::move(text)](Escalation const& before, rules::By const& by, Tx const&) {
                return rules::set_next_step(before, text, by);
            }};
}

Query form(EscalationId id, Env const& env) {
    return open_form(
        rules::Verb::next_step, id,
        [](Escalation const& escalation, rules::By const&, Snapshot const&) { return views::next_step_modal(escalation); }, env);
}

Result<Plan> by_button(slack::BlockAction const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.value));
    return Plan{form(ref.id, env)};
}

Result<Plan> by_form(slack::ViewSubmission const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.private_metadata));
    auto const text = std::string{trimmed(in.state.get(views::next_step_block))};
    auto submitted = next_step(ref, text);
    submitted.inputs = {{rules::refusal::text, views::next_step_block}};
    submitted.written = text;
    return Plan{act(std::move(submitted), env)};
}

Result<Plan> by_verb(Words const& words, Env const& env) {
    ESC_TRY(auto const id, words.key(0));
    auto text = readable(words.rest(1));
    if (text.empty()) return Plan{form(id, env)};
    auto typed = next_step({id, 0}, std::move(text));
    typed.said = [](Acted const& acted) { return say(fmt::format("The next step of {} is set.", acted.after.id.key())); };
    return Plan{act(std::move(typed), env)};
}

}  // namespace

void register_next_step(Router& router) {
    router.action(route(rules::Verb::next_step), by_button);
    router.view(route(rules::Verb::next_step), by_form);
    router.verb("next", {"next 12 text", "what happens next, shown on the card"}, by_verb);
}

}  // namespace esc::handlers
