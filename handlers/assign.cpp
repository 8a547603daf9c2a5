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

OutboxItem told(Decision const& decision, rules::By const& who) {
    auto const& after = decision.after;
    auto const& name = who.actor.name;
    rules::NoticeFact const fact{
        after.owner, {}, fmt::format("{} assigned {} to you: {}", name.empty() ? "A lead" : name, after.id.key(), after.title)};
    return rules::notice_item(after.id, "assigned", fact, who.now);
}

Work assign(EscalationId id, Person const& to, Env const& env) {
    return [id, to, who = by(env)](Tx& tx) {
        auto const before = tx.escalation(id);
        if (!before) return refuse_unknown(id);
        auto decision = rules::assign(*before, to, who);
        if (!decision) {
            if (kept(decision.error(), who.actor)) record_refusal(tx, EventType::assign_refused, *before, decision.error(), who);
            return refuse(*before, decision.error());
        }
        if (to.id != who.actor.id) decision->outbox.push_back(told(*decision, who));
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

void register_assign(Router& router) {
    router.verb("assign", {"assign 12 @user", "give it its first owner (leads and managers)"}, by_verb);
}

}  // namespace esc::handlers
