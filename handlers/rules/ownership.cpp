#include "handlers/rules/ownership.hpp"

#include "handlers/rules/outbox_items.hpp"
#include "handlers/rules/parts.hpp"

namespace esc::rules {
namespace {

Error owned_by_another(Escalation const& escalation) {
    return refusal_error(Errc::conflict, refusal::owned,
                         "{} stays locked until it is resolved: talk to its owner, or to a manager.", escalation.id.key());
}

Result<void> may_own(Escalation const& escalation, Person const& to) {
    if (to.active && to.role >= Role::agent) return {};
    return refusal_error(Errc::invalid, refusal::target,
                         "The owner of {} must be an active agent, lead or manager: name another person.", escalation.id.key());
}

// First assignment by any route: locks, and stops the owner clock.
void give_to(Decision& decision, PersonId const& owner, Instant now) {
    auto& after = decision.after;
    after.owner = owner;
    after.owned_since = now;
    after.state = State::working;
    close_clock(decision, ClockKind::owner, now);
}

}  // namespace

Result<Decision> claim(Escalation const& before, By const& by) {
    ESC_CHECK(may(Verb::claim, before, by));
    if (before.owned() && !is_owner(before, by.actor)) return owned_by_another(before);
    if (before.owned() && before.accepted_at)
        return refusal_error(Errc::conflict, refusal::yours, "{} is yours already.", before.id.key());
    if (before.owned()) return accept(before, by);

    auto decision = decide(before);
    give_to(decision, by.actor.id, by.now);
    decision.after.accepted_at = by.now;
    decision.events.push_back(
        event_of(EventType::claimed, by, {{"owner", by.actor.id.value}, {"clocks", closed_facts(decision)}}));
    return ended(std::move(decision), by);
}

Result<Decision> accept(Escalation const& before, By const& by) {
    ESC_CHECK(may(Verb::accept, before, by));
    if (!is_owner(before, by.actor)) return owned_by_another(before);
    if (before.accepted_at) return refusal_error(Errc::conflict, refusal::yours, "{} is yours already.", before.id.key());
    auto decision = decide(before);
    accept_by_acting(decision, by);
    decision.events.push_back(
        event_of(EventType::accepted, by, {{"owner", by.actor.id.value}, {"clocks", closed_facts(decision)}}));
    return ended(std::move(decision), by);
}

Result<Decision> assign(Escalation const& before, Person const& to, Config const& config, By const& by) {
    ESC_CHECK(may(Verb::assign, before, by));
    if (before.owned()) return owned_by_another(before);
    ESC_CHECK(may_own(before, to));

    auto decision = decide(before);
    give_to(decision, to.id, by.now);
    auto const& targets = config.targets(before.severity);
    if (to.id == by.actor.id)
        decision.after.accepted_at = by.now;
    else
        start_clock_at(decision, ClockKind::acceptance, by.now, targets.owner, targets.at_risk);
    tell(decision, "assigned", {to.id},
         {"{0} assigned it to you: accept it, or tell a manager that it cannot be you.", {by.actor.id}, {}}, {"accept"}, by);
    decision.events.push_back(event_of(EventType::assigned, by, {{"owner", to.id.value}, {"clocks", closed_facts(decision)}}));
    return ended(std::move(decision), by);
}

LedgerEvent refused(EventType type, Escalation const& before, Error const& why, By const& by) {
    return event_of(type, by, {{"version", before.version}, {"reason", why.cause}, {"owner", before.owner.value}});
}

}  // namespace esc::rules
