// A note for the record and the thread.
#include "handlers/act.hpp"
#include "handlers/rules/work.hpp"
#include "handlers/views/work.hpp"

namespace esc::handlers {
namespace {

Act note(CardRef const& ref, std::string text) {
    return {.ref = ref, .rule = [text = std::move(text)](Escalation const& before, rules::By const& by, Tx const&) {
                return rules::note(before, text, by);
            }};
}

Query form(EscalationId id, Env const& env) {
    return open_form(
        rules::Verb::note, id,
        [](Escalation const& escalation, rules::By const&, Snapshot const&) { return views::note_modal(escalation); }, env);
}

Result<Plan> by_button(slack::BlockAction const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.value));
    return Plan{form(ref.id, env)};
}

Result<Plan> by_form(slack::ViewSubmission const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.private_metadata));
    auto const text = std::string{trimmed(in.state.get(views::note_block))};
    auto submitted = note(ref, text);
    submitted.inputs = {{rules::refusal::text, views::note_block}};
    submitted.written = text;
    return Plan{act(std::move(submitted), env)};
}

Result<Plan> by_verb(Words const& words, Env const& env) {
    ESC_TRY(auto const id, words.key(0));
    auto text = readable(words.rest(1));
    if (text.empty()) return Plan{form(id, env)};
    auto typed = note({id, 0}, std::move(text));
    typed.said = [](Acted const& acted) { return say(fmt::format("Your note on {} is kept.", acted.after.id.key())); };
    return Plan{act(std::move(typed), env)};
}

}  // namespace

void register_note(Router& router) {
    router.action(route(rules::Verb::note), by_button);
    router.view(route(rules::Verb::note), by_form);
    router.verb("note", {"note 12 text", "for the record and the card's thread"}, by_verb);
}

}  // namespace esc::handlers
