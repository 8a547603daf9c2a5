// A workaround is in place, the fix is still to come.
#include "handlers/act.hpp"
#include "handlers/rules/waiting.hpp"
#include "handlers/views/states.hpp"

namespace esc::handlers {
namespace {

constexpr std::string_view workaround_block = "workaround";

Query form(EscalationId id, Env const& env) {
    return open_form(
        rules::Verb::mitigate, id,
        [](Escalation const& escalation, rules::By const&, Snapshot const&) { return views::mitigate_modal(escalation); }, env);
}

Act mitigate(CardRef const& ref, std::string workaround) {
    return {.ref = ref, .rule = [workaround = std::move(workaround)](Escalation const& before, rules::By const& by, Tx const&) {
                return rules::mitigate(before, workaround, by);
            }};
}

Result<Plan> by_button(slack::BlockAction const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.value));
    return Plan{form(ref.id, env)};
}

Result<Plan> by_form(slack::ViewSubmission const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.private_metadata));
    auto const workaround = std::string{trimmed(in.state.get(workaround_block))};
    auto submitted = mitigate(ref, workaround);
    submitted.inputs = {{rules::refusal::text, workaround_block}};
    submitted.written = workaround;
    return Plan{act(std::move(submitted), env)};
}

Result<Plan> by_verb(Words const& words, Env const& env) {
    ESC_TRY(auto const id, words.key(0));
    auto workaround = readable(words.rest(1));
    if (workaround.empty()) return Plan{form(id, env)};
    auto typed = mitigate({id, 0}, std::move(workaround));
    typed.said = [](Acted const& acted) {
        return say(fmt::format("{} is mitigated. Its resolution clock runs on until it is resolved.", acted.after.id.key()));
    };
    return Plan{act(std::move(typed), env)};
}

}  // namespace

void register_mitigated(Router& router) {
    router.action(route(rules::Verb::mitigate), by_button);
    router.view(route(rules::Verb::mitigate), by_form);
    router.verb("mitigated", {"mitigated 12 text", "a workaround is in place, the fix is still to come"}, by_verb);
}

}  // namespace esc::handlers
