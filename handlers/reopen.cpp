// Reopening what was not done after all, with the same owner and the time it had used.
#include "handlers/answers.hpp"
#include "handlers/router.hpp"
#include "handlers/rules/lifecycle.hpp"
#include "handlers/views/views.hpp"

namespace esc::handlers {
namespace {

constexpr std::string_view reason_block = "reason";

Query open_form(EscalationId id, Env const& env) {
    return [id, who = by(env), window = env.config->reopen_window](Snapshot const& snapshot) {
        auto const escalation = snapshot.escalation(id);
        if (!escalation) return refuse_unknown(id);
        if (auto const may = rules::may_reopen(*escalation, window, who.actor, who.now); !may)
            return refuse(*escalation, may.error());
        Outcome outcome;
        outcome.open_modal = views::reopen_modal(*escalation);
        return outcome;
    };
}

Result<Plan> by_button(slack::BlockAction const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.value));
    return Plan{open_form(ref.id, env)};
}

Result<Plan> by_form(slack::ViewSubmission const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.private_metadata));
    auto reason = std::string{trimmed(in.state.get(reason_block))};
    return Plan{Work{[id = ref.id, reason = std::move(reason), who = by(env), window = env.config->reopen_window](Tx& tx) {
        auto const before = tx.escalation(id);
        if (!before) return refuse_in_view(reason_block, fmt::format("There is no {}.", id.key()));
        auto decision = rules::reopen(*before, reason, window, who);
        if (!decision) return refuse_in_view(reason_block, decision.error().message);
        save(tx, *std::move(decision));
        return done();
    }}};
}

Result<Plan> by_verb(Words const& words, Env const& env) {
    ESC_TRY(auto const id, words.key(0));
    auto reason = readable(words.rest(1));
    if (reason.empty()) return Plan{open_form(id, env)};
    return Plan{Work{[id, reason = std::move(reason), who = by(env), window = env.config->reopen_window](Tx& tx) {
        auto const before = tx.escalation(id);
        if (!before) return refuse_unknown(id);
        auto decision = rules::reopen(*before, reason, window, who);
        if (!decision) return refuse(*before, decision.error());
        save(tx, *std::move(decision));
        return say(slack::blocks::markup("{} is open again and stays with {}.", id, slack::blocks::person(before->owner)));
    }}};
}

}  // namespace

void register_reopen(Router& router) {
    router.action(std::string{views::reopen_action}, by_button);
    router.view(std::string{views::reopen_callback}, by_form);
    router.verb("reopen", {"reopen 12 reason", "it was not done: same owner, the clock goes on"}, by_verb);
}

}  // namespace esc::handlers
