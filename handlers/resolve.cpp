// Resolving: a button opens the form, the form or the verb's text resolves. A form asks for the exit criteria, the cause and
// whether the customer knows; what is typed without them is flagged.
#include "handlers/act.hpp"
#include "handlers/asked.hpp"
#include "handlers/rules/lifecycle.hpp"
#include "handlers/rules/texts.hpp"
#include "handlers/views/states.hpp"

namespace esc::handlers {
namespace {

constexpr std::string_view resolution_block = "resolution";

Query form(EscalationId id, Env const& env) {
    return open_form(
        rules::Verb::resolve, id,
        [](Escalation const& escalation, rules::By const&, Snapshot const& snapshot) {
            // What who acts for the owner has said since it was opened again stands in the form of who has the last word.
            return views::resolve_modal(escalation, said_to_be_solved(escalation.id, snapshot).value_or(rules::ResolveRequest{}));
        },
        env);
}

Outcome asked_others(Acted const& acted) {
    return say(
        slack::blocks::markup("{} is a SEV1, and you act for its owner: {} and the managers are asked to resolve it, with what "
                              "you said. Until then it goes on.",
                              acted.after.id, slack::blocks::person(acted.after.owner)));
}

Act resolve(CardRef const& ref, rules::ResolveRequest request, Env const& env) {
    return {.ref = ref,
            .rule =
                [request = std::move(request), config = env.config, ladders = rules::ladders_of(*env.people, *env.config)](
                    Escalation const& before, rules::By const& by, Tx const& tx) {
                    return rules::resolve(before, request, *config, by, ladders.of(before.team),
                                          said_to_be_solved(before.id, tx));
                },
            .said = [](Acted const& acted) { return acted.after.state == State::resolved ? done() : asked_others(acted); }};
}

Result<Plan> by_button(slack::BlockAction const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.value));
    return Plan{form(ref.id, env)};
}

Result<Plan> by_form(slack::ViewSubmission const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.private_metadata));
    auto const& state = in.state;
    struct Needed {
        std::string_view block;
        std::string_view sentence;
    };
    for (auto const& one : {Needed{resolution_block, "Say how it was resolved."}, Needed{"exit", "Choose one."},
                            Needed{"exit_text", "Say how it was checked, or why it is resolved all the same."},
                            Needed{"cause", "Choose what kind of thing caused it."}, Needed{"preventable", "Choose one."},
                            Needed{"customer_told", "Choose one."}})
        if (!rules::can_be_read(state.get(one.block))) return Plan{refuse_in_view(one.block, std::string{one.sentence})};
    auto const text = std::string{trimmed(state.get(resolution_block))};
    rules::ResolveRequest request;
    request.text = text;
    request.exit_criteria = fmt::format("{}{}", state.get("exit") == "met" ? views::exit_checked : views::exit_waived,
                                        trimmed(state.get("exit_text")));
    request.cause = state.get("cause");
    request.preventable = state.get("preventable") == "yes";
    request.customer_told = state.get("customer_told") == "yes";
    request.warranted = parse_severity(state.get("warranted"));
    auto submitted = resolve(ref, std::move(request), env);
    submitted.inputs = {{rules::refusal::text, resolution_block}, {rules::refusal::guard, "customer_told"}};
    submitted.written = text;
    return Plan{act(std::move(submitted), env)};
}

Result<Plan> by_verb(Words const& words, Env const& env) {
    ESC_TRY(auto const id, words.key(0));
    rules::ResolveRequest request;
    request.text = readable(words.rest(1));
    if (request.text.empty()) return Plan{form(id, env)};
    auto typed = resolve({id, 0}, std::move(request), env);
    typed.said = [](Acted const& acted) {
        if (acted.after.state != State::resolved) return asked_others(acted);
        return say(fmt::format("{} is resolved.", acted.after.id.key()));
    };
    return Plan{act(std::move(typed), env)};
}

}  // namespace

void register_resolve(Router& router) {
    router.action(route(rules::Verb::resolve), by_button);
    router.view(route(rules::Verb::resolve), by_form);
    router.verb("resolve", {"resolve 12 text", "it is done, and how (owner or manager)"}, by_verb);
}

}  // namespace esc::handlers
