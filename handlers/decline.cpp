// It is no escalation: a lead or manager says why, and who raised it is told.
#include "handlers/act.hpp"
#include "handlers/rules/lifecycle.hpp"
#include "handlers/views/states.hpp"

namespace esc::handlers {
namespace {

constexpr std::string_view reason_block = "reason";

Query form(EscalationId id, Env const& env) {
    return open_form(
        rules::Verb::decline, id,
        [](Escalation const& escalation, rules::By const&, Snapshot const&) { return views::decline_modal(escalation); }, env);
}

Act decline(CardRef const& ref, std::string reason) {
    return {.ref = ref, .rule = [reason = std::move(reason)](Escalation const& before, rules::By const& by, Tx const&) {
                return rules::decline(before, reason, by);
            }};
}

Result<Plan> by_button(slack::BlockAction const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.value));
    return Plan{form(ref.id, env)};
}

Result<Plan> by_form(slack::ViewSubmission const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.private_metadata));
    auto const reason = std::string{trimmed(in.state.get(reason_block))};
    auto submitted = decline(ref, reason);
    submitted.inputs = {{rules::refusal::text, reason_block}};
    submitted.written = reason;
    return Plan{act(std::move(submitted), env)};
}

Result<Plan> by_verb(Words const& words, Env const& env) {
    ESC_TRY(auto const id, words.key(0));
    auto reason = readable(words.rest(1));
    if (reason.empty()) return Plan{form(id, env)};
    auto typed = decline({id, 0}, std::move(reason));
    typed.said = [](Acted const& acted) {
        return say(fmt::format("{} is declined, and who raised it is told why.", acted.after.id.key()));
    };
    return Plan{act(std::move(typed), env)};
}

}  // namespace

void register_decline(Router& router) {
    router.action(route(rules::Verb::decline), by_button);
    router.view(route(rules::Verb::decline), by_form);
    router.verb("decline", {"decline 12 reason", "it is no escalation; who raised it is told (leads and managers)"}, by_verb);
}

}  // namespace esc::handlers
