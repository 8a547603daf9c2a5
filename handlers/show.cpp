// One escalation, for the person who asks.
#include "handlers/answers.hpp"
#include "handlers/router.hpp"
#include "handlers/views/views.hpp"

namespace esc::handlers {
namespace {

Result<Plan> by_verb(Words const& words, Env const& env) {
    ESC_CHECK(may_look(env.actor));
    ESC_TRY(auto const id, words.key(0));
    return Plan{Query{[id, now = env.now](Snapshot const& snapshot) {
        auto const escalation = snapshot.escalation(id);
        return escalation ? say(views::card(*escalation, snapshot.closed_clocks(id), snapshot.links(id), now))
                          : refuse_unknown(id);
    }}};
}

}  // namespace

void register_show(Router& router) { router.verb("show", {"show 12", "see where it stands"}, by_verb); }

}  // namespace esc::handlers
