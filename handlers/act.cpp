#include "handlers/act.hpp"

#include "handlers/rules/outbox_items.hpp"

#include <fmt/format.h>

#include <utility>

namespace esc::handlers {
namespace {

namespace blocks = slack::blocks;

rules::By seen_by_team(rules::By by, Escalation const& escalation) {
    by.actor = by.actor.seen_by(escalation.team);
    return by;
}

// What is asked of a merged one is asked of the one in which it goes on.
Outcome with_where_it_goes_on(Outcome outcome, Escalation const& before, Snapshot const& snapshot) {
    auto& message = outcome.reply.message;
    if (!message || before.state != State::merged) return outcome;
    auto const on = goes_on_as(snapshot, before.id);
    auto const card = on ? snapshot.surface(rules::card_key(on->id)) : std::nullopt;
    if (card && !card->permalink.empty())
        *message += blocks::context({blocks::mrkdwn("Its card: {}", blocks::link(card->permalink, on->id.key()))});
    return outcome;
}

// A target can be chosen anew whatever is wrong with it.
bool another_answer_mends(Error const& error) { return error.code == Errc::invalid || error.cause == rules::refusal::target; }

}  // namespace

Outcome refusal(Escalation const& before, Error const& error, Inputs const& inputs, std::string_view written) {
    if (auto const input = inputs.find(error.cause); input != inputs.end() && another_answer_mends(error))
        return refuse_in_view(input->second, error.message);
    auto outcome = refuse(before, error);
    add_written(outcome, written);
    return outcome;
}

void add_written(Outcome& outcome, std::string_view written) {
    auto& message = outcome.reply.message;
    if (!message || trimmed(written).empty()) return;
    *message += blocks::context({blocks::mrkdwn_text("You wrote:")});
    add_in_full(*message, written);
}

Work act(Act act, Env const& env) {
    return [act = std::move(act), who = by(env)](Tx& tx) {
        auto const before = tx.escalation(act.ref.id);
        if (!before) {
            auto outcome = refuse_unknown(act.ref.id);
            add_written(outcome, act.written);
            return outcome;
        }
        auto const by = seen_by_team(who, *before);
        auto decision = act.rule(*before, by, tx);
        if (!decision) {
            if (act.keep_refusals_as && error_is_about_the_lock(decision.error(), by.actor))
                record_refusal(tx, *act.keep_refusals_as, *before, decision.error(), by);
            refresh_if_stale(tx, *before, act.ref, by.now);
            return with_where_it_goes_on(refusal(*before, decision.error(), act.inputs, act.written), *before, tx);
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
            if (auto const may = rules::may(verb, escalation, by); !may)
                return with_where_it_goes_on(refuse(escalation, may.error()), escalation, snapshot);
            Outcome outcome;
            outcome.open_modal = form(escalation, by, snapshot);
            return outcome;
        },
        env);
}

std::string route(rules::Verb verb) { return fmt::format("esc.{}", rules::to_string(verb)); }

}  // namespace esc::handlers
