// The level that was warranted, of what is over: a lead or manager confirms what was said when it was resolved, or says another.
#include "handlers/rules/grade.hpp"
#include "handlers/act.hpp"
#include "handlers/views/parts.hpp"
#include "handlers/views/severity.hpp"

#include <utility>

namespace esc::handlers {
namespace {

// Nothing: the one that was said.
Act grade(CardRef const& ref, std::optional<Severity> level) {
    return {.ref = ref, .rule = [level](Escalation const& before, rules::By const& by, Tx const&) {
                auto const& said = before.details.warranted;
                return rules::grade(before, level.value_or(said ? said->level : before.severity), by);
            }};
}

Result<Plan> by_confirm_button(slack::BlockAction const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.value));
    auto pressed = grade(ref, {});
    if (!in.message.channel.empty())
        pressed.said = [](Acted const& acted) {
            return say(fmt::format("Settled: {} was warranted for {}.", to_string(acted.after.details.warranted->level),
                                   acted.after.id.key()));
        };
    return Plan{act(std::move(pressed), env)};
}

Result<Plan> by_button(slack::BlockAction const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.value));
    return Plan{open_form(
        rules::may_grade, ref.id,
        [config = env.config](Escalation const& escalation, rules::By const&, Snapshot const&) {
            return views::grade_modal(escalation, *config);
        },
        env)};
}

Result<Plan> by_form(slack::ViewSubmission const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.private_metadata));
    auto const level = parse_severity(in.state.get(views::grade_block));
    if (!level) return Plan{refuse_in_view(views::grade_block, "Choose a level.")};
    return Plan{act(grade(ref, level), env)};
}

}  // namespace

void register_grade(Router& router) {
    router.action(std::string{views::grade_confirm_action}, by_confirm_button);
    router.action(std::string{views::grade_action}, by_button);
    router.view(std::string{views::grade_action}, by_form);
}

}  // namespace esc::handlers
