// A lead or manager gives a new escalation its first owner. Afterwards it is locked.
#include "handlers/answers.hpp"
#include "handlers/router.hpp"
#include "handlers/rules/lifecycle.hpp"
#include "handlers/rules/outbox_items.hpp"

namespace esc::handlers {
namespace {

namespace blocks = slack::blocks;

// What the ledger keeps of refused assigns: an agent's try, and any try to move an owner.
bool kept(Error const& error, Person const& actor) {
    return error.cause == rules::refusal::owned || (error.cause == rules::refusal::role && actor.role == Role::agent);
}

Work assign(EscalationId id, Person const& to, Env const& env) {
    return [id, to, who = by(env), config = env.config](Tx& tx) {
        auto const before = tx.escalation(id);
        if (!before) return refuse_unknown(id);
        auto decision = rules::assign(*before, to, who);
        if (!decision) {
            if (kept(decision.error(), who.actor)) record_refusal(tx, EventType::assign_refused, *before, decision.error(), who);
            return refuse(*before, decision.error());
        }
        tell_owner(*decision, who, tx, *config);
        save(tx, *std::move(decision));
        return say(blocks::markup("{} belongs to {} now, locked until it is resolved.", id, blocks::person(to.id)));
    };
}

Result<Plan> by_verb(Words const& words, Env const& env) {
    ESC_TRY(auto const id, words.key(0));
    ESC_TRY(auto const person, words.person(1));
    auto const to = env.people->find(person);
    if (!to) return fail(Errc::not_found, "That person is not known here: name somebody of this workspace.");
    return Plan{assign(id, *to, env)};
}

}  // namespace

void tell_owner(Decision& given, rules::By const& by, Tx const& tx, Config const& config) {
    auto const& after = given.after;
    if (after.owner == by.actor.id) return;
    auto const card = tx.surface(rules::card_key(after.id));
    auto const where = card && !card->permalink.empty() ? blocks::link(card->permalink, "its card") : blocks::raw("its card");
    rules::NoticeFact const fact{
        after.owner,
        {},
        blocks::markup("{} assigned {} · {} to you: {}\nAccept it on {}, or with `{} claim {}`.", blocks::person(by.actor.id),
                       after.id, to_string(after.severity), after.title, where, config.slack.escalate_command, after.id.number)};
    given.outbox.push_back(rules::notice_item(after.id, "assigned", fact, by.now));
}

void register_assign(Router& router) {
    router.verb("assign", {"assign 12 @user", "give it its first owner (leads and managers)"}, by_verb);
}

}  // namespace esc::handlers
