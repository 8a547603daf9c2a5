// From waiting or a workaround back to work. What was with engineering comes back fixed, or is given back with a reason.
#include "bot/base/words.hpp"
#include "handlers/act.hpp"
#include "handlers/rules/waiting.hpp"
#include "handlers/views/states.hpp"

namespace esc::handlers {
namespace {

constexpr std::string_view given_back = "bounced";

// "not-ours" and "Not_Ours" are typed as well; what is none stays as it is, and is refused with those there are.
std::string reason_code(std::string_view typed) {
    auto const letters = [](std::string_view word) {
        auto only = lower(word);
        std::erase_if(only, [](char c) { return c < 'a' || c > 'z'; });
        return only;
    };
    for (auto const code : rules::bounce_reasons)
        if (letters(code) == letters(typed)) return std::string{code};
    return std::string{typed};
}

Act resume(CardRef const& ref, std::string text, std::string bounce_reason, Env const& env) {
    return {.ref = ref,
            .rule = [text = std::move(text), bounce_reason = std::move(bounce_reason),
                     ladders = rules::ladders_of(*env.people, *env.config)](Escalation const& before, rules::By const& by,
                                                                            Tx const&) {
                return rules::resume(before, text, bounce_reason, ladders.of(before.team), by);
            }};
}

Query form(EscalationId id, Env const& env) {
    return open_form(
        rules::Verb::resume, id,
        [](Escalation const& escalation, rules::By const& by, Snapshot const&) {
            return views::resume_modal(
                escalation, rules::resumes_as_engineer(escalation, by) ? views::Resumes::engineer : views::Resumes::owner);
        },
        env);
}

// From engineering there is something to say; from anywhere else not.
Work at_once_or_form(Act act, Env const& env) {
    auto const id = act.ref.id;
    return [work = handlers::act(std::move(act), env), form = form(id, env), id](Tx& tx) {
        auto const before = tx.escalation(id);
        return before && before->state == State::waiting_engineering ? form(tx) : work(tx);
    };
}

Result<Plan> by_button(slack::BlockAction const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.value));
    return Plan{at_once_or_form(resume(ref, {}, {}, env), env)};
}

Result<Plan> by_form(slack::ViewSubmission const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.private_metadata));
    auto text = std::string{trimmed(in.state.get("text"))};
    std::string code;
    if (in.state.get("how") == given_back) {
        code = in.state.get("code");
        if (code.empty()) return Plan{refuse_in_view("code", "Choose why it goes back.")};
    }
    auto submitted = resume(ref, text, std::move(code), env);
    submitted.inputs = {{rules::refusal::text, "text"}};
    submitted.written = std::move(text);
    return Plan{act(std::move(submitted), env)};
}

Result<Plan> by_verb(Words const& words, Env const& env) {
    ESC_TRY(auto const id, words.key(0));
    auto const said = [](Acted const& acted) { return say(fmt::format("{} is worked on again.", acted.after.id.key())); };
    if (words.size() == 1) {
        auto typed = resume({id, 0}, {}, {}, env);
        typed.said = said;
        return Plan{at_once_or_form(std::move(typed), env)};
    }
    bool const bounces = lower(words.at(1)) == given_back;
    if (bounces && words.size() == 2) return Plan{form(id, env)};
    auto typed = bounces ? resume({id, 0}, readable(words.rest(3)), reason_code(words.at(2)), env)
                         : resume({id, 0}, readable(words.rest(1)), {}, env);
    typed.said = said;
    return Plan{act(std::move(typed), env)};
}

}  // namespace

void register_resume(Router& router) {
    router.action(route(rules::Verb::resume), by_button);
    router.view(route(rules::Verb::resume), by_form);
    router.verb("resume",
                {"resume 12 [text]", "it no longer waits; engineering gives back with: resume 12 bounced not-ours text"},
                by_verb);
}

}  // namespace esc::handlers
