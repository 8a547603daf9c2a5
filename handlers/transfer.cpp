// The owner asks managers for another owner, and stays the owner until they decide.
#include "handlers/owners.hpp"
#include "handlers/rules/ownership.hpp"

namespace esc::handlers {
namespace {

Act transfer(CardRef const& ref, std::optional<Person> to, std::string reason, Env const& env) {
    return {.ref = ref,
            .rule = [to = std::move(to), reason = std::move(reason), config = env.config,
                     ladders = rules::ladders_of(*env.people, *env.config)](Escalation const& before, rules::By const& by,
                                                                            Tx const&) {
                auto const seen = to ? std::optional{to->seen_by(before.team)} : std::nullopt;
                return rules::request_transfer(before, seen ? &*seen : nullptr, reason, *config, ladders.of(before.team), by);
            }};
}

Query form(EscalationId id, views::Prefill prefill, Env const& env) {
    return open_form(
        rules::Verb::transfer, id,
        [prefill = std::move(prefill), people = all_owners(env)](Escalation const& escalation, rules::By const& by,
                                                                 Snapshot const& snapshot) {
            return views::transfer_modal(escalation, candidates(people, escalation, snapshot, by.now), prefill);
        },
        env);
}

Result<Plan> by_button(slack::BlockAction const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.value));
    return Plan{form(ref.id, {}, env)};
}

Result<Plan> by_form(slack::ViewSubmission const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.private_metadata));
    auto to = chosen_person(in.state, views::owner_block, env);
    if (!to) return Plan{refuse_in_view(views::owner_block, to.error().message)};
    std::string const reason{trimmed(in.state.get(views::text_block))};
    auto submitted = transfer(ref, *std::move(to), reason, env);
    submitted.inputs = {{rules::refusal::target, views::owner_block}, {rules::refusal::text, views::text_block}};
    submitted.written = reason;
    return Plan{act(std::move(submitted), env)};
}

// "transfer 12 @ana her area", "transfer 12 to @ana her area", "transfer 12 nobody here knows it"
Result<Plan> by_verb(Words const& words, Env const& env) {
    ESC_TRY(auto const id, words.key(0));
    std::optional<Person> to;
    auto const at = words.person_at(1);
    if (auto const named = words.person(at)) {
        ESC_TRY(to, known_person(*named, env));
    }
    auto reason = readable(words.rest(to ? at + 1 : at));
    if (reason.empty()) return Plan{form(id, {.person = to ? to->id : PersonId{}}, env)};
    auto typed = transfer({id, 0}, std::move(to), std::move(reason), env);
    typed.said = [](Acted const& acted) {
        return say(fmt::format("Managers are asked. {} stays yours until they decide.", acted.after.id.key()));
    };
    return Plan{act(std::move(typed), env)};
}

}  // namespace

void register_transfer(Router& router) {
    router.action(route(rules::Verb::transfer), by_button);
    router.view(route(rules::Verb::transfer), by_form);
    router.verb("transfer", {"transfer 12 @user reason", "ask managers for another owner; without a name they choose"}, by_verb);
}

}  // namespace esc::handlers
