// A lead or manager gives a new escalation its first owner. Afterwards it is locked.
#include "handlers/away.hpp"
#include "handlers/owners.hpp"
#include "handlers/rules/ownership.hpp"

namespace esc::handlers {
namespace {

namespace blocks = slack::blocks;

Act assign(CardRef const& ref, Person to, Env const& env) {
    return {.ref = ref,
            .rule = [to = std::move(to), config = env.config](
                        Escalation const& before, rules::By const& by,
                        Tx const&) { return rules::assign(before, to.seen_by(before.team), *config, by); },
            .keep_refusals_as = EventType::assign_refused};
}

// Who owns it already is told before anybody chooses.
Query form(EscalationId id, Env const& env) {
    return open_form(
        rules::may_assign, id,
        [people = all_owners(env)](Escalation const& escalation, rules::By const& by, Snapshot const& snapshot) {
            return views::assign_modal(escalation, candidates(people, escalation, snapshot, by.now));
        },
        env);
}

Result<Plan> by_button(slack::BlockAction const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.value));
    return Plan{form(ref.id, env)};
}

Result<Plan> by_form(slack::ViewSubmission const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.private_metadata));
    auto const to = known_person({std::string{in.state.get(views::owner_block)}}, env);
    if (!to) return Plan{refuse_in_view(views::owner_block, to.error().message)};
    auto submitted = assign(ref, *to, env);
    submitted.inputs = {{rules::refusal::target, views::owner_block}};
    return Plan{minding_absence(act(telling_if_away(std::move(submitted)), env), ref.id, env)};
}

Result<Plan> by_verb(Words const& words, Env const& env) {
    ESC_TRY(auto const id, words.key(0));
    if (words.size() == 1) return Plan{form(id, env)};
    ESC_TRY(auto const person, words.person(words.person_at(1)));
    ESC_TRY(auto const to, known_person(person, env));
    auto typed = assign({id, 0}, to, env);
    typed.said = [](Acted const& acted) {
        return say(blocks::markup("{} belongs to {} now, locked until it is resolved.", acted.after.id,
                                  blocks::person(acted.after.owner)));
    };
    return Plan{minding_absence(act(telling_if_away(std::move(typed)), env), id, env)};
}

}  // namespace

void register_assign(Router& router) {
    router.action(route(rules::Verb::assign), by_button);
    router.view(route(rules::Verb::assign), by_form);
    router.verb("assign", {"assign 12 @user", "give it its first owner (leads and managers)"}, by_verb);
}

}  // namespace esc::handlers
