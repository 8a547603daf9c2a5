// Words of their own for what was raised from a private channel: nothing is copied from there.
#include "handlers/rules/describe.hpp"
#include "handlers/act.hpp"
#include "handlers/located.hpp"
#include "handlers/views/work.hpp"

namespace esc::handlers {
namespace {

Act describe(CardRef const& ref, rules::SourceText texts) {
    return {.ref = ref, .rule = [texts = std::move(texts)](Escalation const& before, rules::By const& by, Tx const&) {
                return rules::describe(before, texts.title, texts.description, by);
            }};
}

Query form(EscalationId id, Env const& env) {
    return open_form(
        rules::may_describe, id,
        [](Escalation const& escalation, rules::By const&, Snapshot const&) { return views::describe_modal(escalation); }, env);
}

Result<Plan> by_button(slack::BlockAction const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.value));
    return Plan{form(ref.id, env)};
}

Result<Plan> by_form(slack::ViewSubmission const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.private_metadata));
    rules::SourceText texts{std::string{trimmed(in.state.get(views::title_block))},
                            std::string{trimmed(in.state.get(views::description_block))}};
    auto written = texts.title + "\n" + texts.description;
    auto submitted = describe(ref, std::move(texts));
    submitted.inputs = {{rules::refusal::text, views::title_block}};
    submitted.written = std::move(written);
    return Plan{act(std::move(submitted), env)};
}

Result<Plan> by_verb(Words const& words, Env const& env) {
    ESC_TRY(auto const id, words.key(0));
    auto texts = source_text(readable(words.rest(1)));
    if (texts.title.empty()) return Plan{form(id, env)};
    if (texts.description == texts.title) texts.description.clear();
    auto typed = describe({id, 0}, std::move(texts));
    typed.said = [](Acted const& acted) { return say(fmt::format("{} says now what it is about.", acted.after.id.key())); };
    return Plan{act(std::move(typed), env)};
}

}  // namespace

void register_describe(Router& router) {
    router.action(route(rules::Verb::describe), by_button);
    router.view(route(rules::Verb::describe), by_form);
    router.verb("describe", {"describe 12 text", "say what it is about, raised from a private channel (who raised it)"}, by_verb);
}

}  // namespace esc::handlers
