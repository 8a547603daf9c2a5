// All that this person may do now, opened by the card's last button and by Open in the App Home.
#include "handlers/views/more.hpp"

#include "handlers/act.hpp"
#include "handlers/rules/outbox_items.hpp"
#include "handlers/views/parts.hpp"

namespace esc::handlers {
namespace {

Result<Plan> by_button(slack::BlockAction const& in, Env const& env) {
    ESC_CHECK(may_look(env.actor));
    ESC_TRY(auto const ref, CardRef::parse(in.value));
    return Plan{look(
        ref.id,
        [](Escalation const& escalation, rules::By const& by, Snapshot const& snapshot) {
            auto const card = snapshot.surface(rules::card_key(escalation.id));
            Outcome outcome;
            outcome.open_modal = views::more(escalation, by, card ? card->permalink : std::string{});
            return outcome;
        },
        env)};
}

}  // namespace

void register_more(Router& router) { router.action(std::string{views::more_action}, by_button); }

}  // namespace esc::handlers
