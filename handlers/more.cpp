// All that this person may do now, opened by the card's last button and by Open in the App Home.
#include "handlers/more.hpp"

#include "handlers/act.hpp"
#include "handlers/rules/outbox_items.hpp"
#include "handlers/views/more.hpp"
#include "handlers/views/parts.hpp"

namespace esc::handlers {
namespace {

slack::blocks::Modal modal(Escalation const& escalation, rules::By const& by, Snapshot const& snapshot) {
    auto const card = snapshot.surface(rules::card_key(escalation.id));
    return views::more(escalation, by, card ? card->permalink : std::string{});
}

Result<Plan> by_button(slack::BlockAction const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.value));
    return Plan{look(
        ref.id,
        [](Escalation const& escalation, rules::By const& by, Snapshot const& snapshot) {
            Outcome outcome;
            outcome.open_modal = modal(escalation, by, snapshot);
            return outcome;
        },
        env)};
}

}  // namespace

Plan in_more(Plan plan, slack::BlockAction const& in, Env const& env) {
    auto* work = std::get_if<Work>(&plan);
    auto const ref = CardRef::parse(in.value);
    if (work == nullptr || !ref) return plan;
    return Work{[work = std::move(*work), id = ref->id, who = by(env)](Tx& tx) {
        auto outcome = work(tx);
        auto const answers = outcome.refused || outcome.reply.message || outcome.open_modal || outcome.replace_modal;
        if (answers) return outcome;
        if (auto const after = tx.escalation(id)) outcome.replace_modal = modal(*after, rules::seen_by(who, *after), tx);
        return outcome;
    }};
}

void register_more(Router& router) { router.action(std::string{views::more_action}, by_button); }

}  // namespace esc::handlers
