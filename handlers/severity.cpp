// Another severity: at once, or as a request. The form has the five questions and says what they come to while they are
// answered; what is typed needs no form.
#include "handlers/rules/severity.hpp"
#include "bot/base/words.hpp"
#include "handlers/act.hpp"
#include "handlers/rules/work.hpp"
#include "handlers/severity_form.hpp"
#include "handlers/views/parts.hpp"
#include "handlers/views/severity.hpp"

#include <utility>

namespace esc::handlers {
namespace {

namespace blocks = slack::blocks;
using rules::Verb;

Query form(EscalationId id, std::optional<views::SeverityForm> filled, Env const& env) {
    return open_form(
        Verb::severity, id,
        [filled = std::move(filled), config = env.config](Escalation const& escalation, rules::By const& by, Snapshot const&) {
            return views::severity_modal(escalation, *config, filled.value_or(views::severity_form(escalation)), by.actor);
        },
        env);
}

Act set(CardRef const& ref, rules::SeverityChoice choice, Env const& env) {
    return {.ref = ref,
            .rule = [choice = std::move(choice), config = env.config, ladders = rules::ladders_of(*env.people, *env.config)](
                        Escalation const& before, rules::By const& by, Tx const&) {
                return rules::set_severity(before, choice, *config, ladders.of(before.team), by);
            }};
}

std::string what_became(Escalation const& after) {
    if (auto const& request = after.details.severity_request)
        return fmt::format("{} for {} waits for a lead's or manager's word: they have been asked. Until then it is {}.",
                           to_string(request->to), after.id, to_string(after.severity));
    if (after.details.unconfirmed_since)
        return fmt::format("{} is {}, and still unconfirmed.", after.id, to_string(after.severity));
    return fmt::format("{} is {}.", after.id, to_string(after.severity));
}

Result<Plan> by_button(slack::BlockAction const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.value));
    return Plan{form(ref.id, {}, env)};
}

Result<Plan> by_form(slack::ViewSubmission const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.private_metadata));
    if (!has_severity(in.state)) return Plan{refuse_in_view(views::severity_block, "Choose a severity.")};
    auto submitted = set(ref, severity_choice(in.state), env);
    submitted.inputs = {{rules::refusal::text, views::severity_reason_block}, {rules::refusal::guard, views::severity_block}};
    submitted.written = trimmed(in.state.get(views::severity_reason_block));
    return Plan{act(std::move(submitted), env)};
}

// An answer or the level was changed: the form says what follows.
Result<Plan> by_change(slack::BlockAction const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.view_private_metadata));
    return Plan{look(
        ref.id,
        [filled = severity_form(in.view_state), config = env.config](Escalation const& escalation, rules::By const& by,
                                                                     Snapshot const&) {
            Outcome outcome;
            outcome.replace_modal = views::severity_modal(escalation, *config, filled, by.actor);
            return outcome;
        },
        env)};
}

Act confirm(CardRef const& ref) {
    return {.ref = ref,
            .rule = [](Escalation const& before, rules::By const& by, Tx const&) { return rules::confirm_severity(before, by); }};
}

Result<Plan> by_confirm_button(slack::BlockAction const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.value));
    auto pressed = confirm(ref);
    if (in.view_callback_id == route(Verb::severity))
        pressed.said = [](Acted const& acted) {
            Outcome outcome;
            outcome.replace_modal = views::severity_confirmed(acted.after);
            return outcome;
        };
    return Plan{act(std::move(pressed), env)};
}

// "severity 12 sev1 contract they lose data": a word of ours in front of the reason is its kind.
Result<Plan> by_verb(Words const& words, Env const& env) {
    ESC_TRY(auto const id, words.key(0));
    if (words.size() == 1) return Plan{form(id, {}, env)};
    auto const word = lower(words.at(1));
    if (word == "confirm") {
        auto typed = confirm({id, 0});
        typed.said = [](Acted const& acted) { return say(what_became(acted.after)); };
        return Plan{act(std::move(typed), env)};
    }
    auto const level = parse_severity(word);
    if (!level)
        return fail(Errc::invalid,
                    "Severities are sev1, sev2, sev3 and sev4: severity {} sev2 and why. Alone, severity {} opens "
                    "the questions.",
                    id.number, id.number);
    rules::SeverityChoice choice{.level = *level, .answers = {}, .code = "other", .reason = {}};
    choice.reason = blocks::cut(readable(words.rest(2)), rules::work_text_limit);
    if (rules::severity_reason(lower(words.at(2))) != nullptr) choice.code = lower(words.at(2));
    auto typed = set({id, 0}, choice, env);
    typed.said = [](Acted const& acted) { return say(what_became(acted.after)); };
    // Without the reason that it needs the form asks for it.
    return Plan{Work{[type = act(typed, env), rule = typed.rule, choice, id, config = env.config, who = by(env)](Tx& tx) {
        auto const before = tx.escalation(id);
        if (!before || !choice.reason.empty()) return type(tx);
        auto const by = rules::seen_by(who, *before);
        auto const decided = rule(*before, by, tx);
        if (decided || decided.error().cause != rules::refusal::text) return type(tx);
        auto filled = views::severity_form(*before);
        filled.level = choice.level;
        Outcome outcome;
        outcome.open_modal = views::severity_modal(*before, *config, filled, by.actor);
        return outcome;
    }}};
}

}  // namespace

void register_severity(Router& router) {
    router.action(route(Verb::severity), by_button);
    router.action(std::string{views::severity_changed_action}, by_change);
    router.action(std::string{views::confirm_action}, by_confirm_button);
    router.view(route(Verb::severity), by_form);
    router.verb("severity",
                {"severity 12 sev2 reason", "another severity, and why; without a level: the questions that say which"}, by_verb);
}

}  // namespace esc::handlers
