#include "handlers/act.hpp"

#include <fmt/format.h>

#include <utility>

namespace esc::handlers {
namespace {

rules::By seen_by_team(rules::By by, Escalation const& escalation) {
    by.actor = by.actor.seen_by(escalation.team);
    return by;
}

Outcome refusal(Act const& act, Escalation const* before, Error const& error) {
    if (!act.block.empty()) return refuse_in_view(act.block, error.message);
    return before == nullptr ? refuse(error) : refuse(*before, error);
}

}  // namespace

Work act(Act act, Env const& env) {
    return [act = std::move(act), who = by(env)](Tx& tx) {
        auto const before = tx.escalation(act.ref.id);
        if (!before) return refusal(act, nullptr, fail(Errc::not_found, "There is no {}.", act.ref.id.key()));
        auto const by = seen_by_team(who, *before);
        auto decision = act.rule(*before, by, tx);
        if (!decision) {
            if (act.keep_refusals_as && error_is_about_the_lock(decision.error(), by.actor))
                record_refusal(tx, *act.keep_refusals_as, *before, decision.error(), by);
            refresh_if_stale(tx, *before, act.ref, by.now);
            return refusal(act, &*before, decision.error());
        }
        auto const after = decision->after;
        save(tx, *std::move(decision));
        return act.said ? act.said(after) : done();
    };
}

Query look(EscalationId id, Look look, Env const& env) {
    return [id, look = std::move(look), who = by(env)](Snapshot const& snapshot) {
        auto const escalation = snapshot.escalation(id);
        return escalation ? look(*escalation, seen_by_team(who, *escalation), snapshot) : refuse_unknown(id);
    };
}

Query open_form(rules::Verb verb, EscalationId id,
                std::function<slack::blocks::Modal(Escalation const&, rules::By const&, Snapshot const&)> form, Env const& env) {
    return look(
        id,
        [verb, form = std::move(form)](Escalation const& escalation, rules::By const& by, Snapshot const& snapshot) {
            if (auto const may = rules::may(verb, escalation, by); !may) return refuse(escalation, may.error());
            Outcome outcome;
            outcome.open_modal = form(escalation, by, snapshot);
            return outcome;
        },
        env);
}

std::string route(rules::Verb verb) { return fmt::format("esc.{}", rules::to_string(verb)); }

}  // namespace esc::handlers
