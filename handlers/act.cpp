#include "handlers/act.hpp"

#include <fmt/format.h>

#include <utility>

namespace esc::handlers {
namespace {

// A target can be chosen anew whatever is wrong with it.
bool another_answer_mends(Error const& error) { return error.code == Errc::invalid || error.cause == rules::refusal::target; }

}  // namespace

Outcome refusal(Escalation const& before, Error const& error, Inputs const& inputs, std::string_view written,
                Snapshot const& snapshot) {
    if (auto const input = inputs.find(error.cause); input != inputs.end() && another_answer_mends(error))
        return refuse_in_view(input->second, error.message, written);
    auto outcome = refuse(before, error, snapshot);
    add_written(*outcome.reply.message, written);
    return outcome;
}

Work act(Act act, Env const& env) {
    return [act = std::move(act), who = by(env)](Tx& tx) {
        auto const before = look_up(tx, act.ref.id, who.actor);
        if (!before) {
            auto outcome = refuse(before.error());
            add_written(*outcome.reply.message, act.written);
            return outcome;
        }
        auto const by = rules::seen_by(who, *before);
        auto decision = act.rule(*before, by, tx);
        if (!decision) {
            if (act.keep_refusals_as && refusal_is_kept(decision.error(), by.actor))
                record_refusal(tx, *act.keep_refusals_as, *before, decision.error(), by);
            refresh_if_stale(tx, *before, act.ref, by.now);
            return refusal(*before, decision.error(), act.inputs, act.written, tx);
        }
        auto const after = decision->after;
        save(tx, *std::move(decision));
        auto outcome = act.said ? act.said({*before, after, by, tx}) : done();
        say_what_had_changed(outcome, *before, act.ref);
        return outcome;
    };
}

Query look(EscalationId id, Look look, Env const& env) {
    return [id, look = std::move(look), who = by(env)](Snapshot const& snapshot) {
        auto const escalation = look_up(snapshot, id, who.actor);
        return escalation ? look(*escalation, rules::seen_by(who, *escalation), snapshot) : refuse(escalation.error());
    };
}

Query open_form(May may, EscalationId id, Form form, Env const& env) {
    return look(
        id,
        [may = std::move(may), form = std::move(form)](Escalation const& escalation, rules::By const& by,
                                                       Snapshot const& snapshot) {
            if (auto const allowed = may(escalation, by); !allowed) return refuse(escalation, allowed.error(), snapshot);
            Outcome outcome;
            outcome.open_modal = form(escalation, by, snapshot);
            return outcome;
        },
        env);
}

Query open_form(rules::Verb verb, EscalationId id, Form form, Env const& env) {
    return open_form([verb](Escalation const& escalation, rules::By const& by) { return rules::may(verb, escalation, by); }, id,
                     std::move(form), env);
}

std::string route(rules::Verb verb) { return fmt::format("esc.{}", rules::to_string(verb)); }

}  // namespace esc::handlers
