// A lead or manager gives a new escalation its first owner. Afterwards it is locked.
#include "handlers/act.hpp"
#include "handlers/rules/ownership.hpp"

namespace esc::handlers {
namespace {

namespace blocks = slack::blocks;

Result<Plan> by_verb(Words const& words, Env const& env) {
    ESC_TRY(auto const id, words.key(0));
    ESC_TRY(auto const person, words.person(1));
    auto const to = env.people->find(person);
    if (!to) return fail(Errc::not_found, "That person is not known here: name somebody of this workspace.");
    return Plan{act({.ref = {id, 0},
                     .rule = [to = *to, config = env.config](
                                 Escalation const& before, rules::By const& by,
                                 Tx const&) { return rules::assign(before, to.seen_by(before.team), *config, by); },
                     .said =
                         [](Escalation const& after) {
                             return say(blocks::markup("{} belongs to {} now, locked until it is resolved.", after.id,
                                                       blocks::person(after.owner)));
                         },
                     .keep_refusals_as = EventType::assign_refused},
                    env)};
}

}  // namespace

void register_assign(Router& router) {
    router.verb("assign", {"assign 12 @user", "give it its first owner (leads and managers)"}, by_verb);
}

}  // namespace esc::handlers
