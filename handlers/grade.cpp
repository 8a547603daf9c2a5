// The level that was warranted, of what is over: a lead or manager confirms what was said when it was resolved, or says another.
#include "handlers/rules/grade.hpp"
#include "bot/base/words.hpp"
#include "handlers/act.hpp"
#include "handlers/views/severity.hpp"

#include <utility>

namespace esc::handlers {
namespace {

Act grade(CardRef const& ref, Severity level) {
    return {.ref = ref, .rule = [level](Escalation const& before, rules::By const& by, Tx const&) {
                return rules::grade(before, level, by);
            }};
}

// With the level that was said already chosen.
Query form(EscalationId id, Env const& env) {
    return open_form(
        rules::may_grade, id,
        [config = env.config](Escalation const& escalation, rules::By const&, Snapshot const&) {
            return views::grade_modal(escalation, *config);
        },
        env);
}

Result<Plan> by_button(slack::BlockAction const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.value));
    return Plan{form(ref.id, env)};
}

Result<Plan> by_form(slack::ViewSubmission const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.private_metadata));
    auto const level = parse_severity(in.state.get(views::grade_block));
    if (!level) return Plan{refuse_in_view(views::grade_block, "Choose a level.")};
    return Plan{act(grade(ref, *level), env)};
}

Result<Plan> by_verb(Words const& words, Env const& env) {
    ESC_TRY(auto const id, words.key(0));
    if (words.size() == 1) return Plan{form(id, env)};
    auto const level = parse_severity(lower(words.at(1)));
    if (!level || words.size() > 2)
        return fail(Errc::invalid, "Say the level alone: grade {0} sev3. Without a level, grade {0} opens the form.", id.number);
    auto typed = grade({id, 0}, *level);
    typed.said = [](Acted const& acted) {
        return say(fmt::format("Settled: {} was warranted for {}.", to_string(acted.after.details.warranted->level),
                               acted.after.id.key()));
    };
    return Plan{act(std::move(typed), env)};
}

}  // namespace

void register_grade(Router& router) {
    router.action(route(rules::Verb::grade), by_button);
    router.view(route(rules::Verb::grade), by_form);
    router.verb(
        "grade",
        {"grade 12 sev3", "which level was warranted, by what could be known then (leads, managers); without one: the form"},
        by_verb);
}

}  // namespace esc::handlers
