#include "handlers/rules/access.hpp"

#include "handlers/rules/parts.hpp"

#include <algorithm>
#include <initializer_list>

namespace esc::rules {
namespace {

// Sets of states, as bits.
using States = unsigned;
constexpr States in(std::initializer_list<State> states) {
    States bits = 0;
    for (auto const state : states) bits |= 1U << static_cast<unsigned>(state);
    return bits;
}
constexpr States waiting = in({State::waiting_customer, State::waiting_vendor, State::waiting_engineering});
constexpr States active = waiting | in({State::working, State::mitigated});
constexpr States open = active | in({State::fresh});
constexpr States any = open | in({State::resolved, State::closed, State::declined, State::merged});

// Who may, as bits: one of them is enough.
enum Who : unsigned {
    everybody = 1U << 0U,  // of the workspace
    raiser = 1U << 1U,
    agents = 1U << 2U,
    owner = 1U << 3U,  // the accountable one
    acting = 1U << 4U,
    helpers = 1U << 5U,
    leads = 1U << 6U,
    managers = 1U << 7U,
    admins = 1U << 8U,
    engineers = 1U << 9U,  // while it waits on engineering: whom it was handed to, anybody of the workspace if nobody was named
};
constexpr unsigned responsible_ones = owner | acting;

struct Row {
    Verb verb;
    std::string_view name;  // as typed
    States states;
    unsigned who;
    std::string_view what;  // "can … ESC-12"
    std::string_view says;  // who may, at the start of a sentence
};

constexpr std::array table{
    Row{Verb::claim, "claim", open, agents, "claim", "Agents, leads and managers"},
    Row{Verb::accept, "accept", active, owner | engineers, "accept", "Whom it was assigned or handed to"},
    Row{Verb::assign, "assign", open, leads | managers, "assign", "Leads and managers"},
    Row{Verb::transfer, "transfer", active, owner, "ask for a transfer of", "Its owner"},
    Row{Verb::approve, "approve", open, leads | managers, "approve a request on", "Leads and managers"},
    Row{Verb::deny, "deny", open, leads | managers, "deny a request on", "Leads and managers"},
    Row{Verb::override_owner, "override", active, leads | managers | admins, "move",
        "Managers, and in an emergency leads and admins,"},
    Row{Verb::cover, "cover", active, owner | leads | managers, "name an acting owner for", "Its owner, leads and managers"},
    Row{Verb::severity, "severity", open, agents, "grade", "Agents, leads and managers"},
    Row{Verb::wait, "wait", in({State::working}), responsible_ones, "put on hold", "Its owner"},
    Row{Verb::resume, "resume", waiting | in({State::mitigated}), responsible_ones | managers | engineers, "resume",
        "Its owner or a manager"},
    Row{Verb::mitigate, "mitigated", active & ~in({State::mitigated}), responsible_ones, "mitigate", "Its owner"},
    Row{Verb::replied, "replied", open, responsible_ones | leads | managers, "state an answer on",
        "Its owner, leads and managers"},
    Row{Verb::next_step, "next", active, responsible_ones | helpers | leads | managers, "set the next step of",
        "Its owner, helpers, leads and managers"},
    Row{Verb::promise, "promise", active, responsible_ones | leads | managers, "promise something on",
        "Its owner, leads and managers"},
    Row{Verb::brief, "brief", active, responsible_ones | helpers | leads | managers, "write the handoff note of",
        "Its owner, helpers, leads and managers"},
    Row{Verb::note, "note", any & ~in({State::closed}), agents | raiser, "add a note to", "Agents and who raised it"},
    Row{Verb::helper, "helper", open, agents, "add a helper to", "Agents, leads and managers"},
    Row{Verb::watch, "watch", any & ~in({State::closed}), everybody, "watch", "People of this workspace"},
    Row{Verb::acknowledge, "ack", open, responsible_ones | leads | managers | admins, "acknowledge alerts of",
        "Its owner, leads and managers"},
    Row{Verb::resolve, "resolve", active, responsible_ones | managers, "resolve", "Only its owner or a manager"},
    Row{Verb::reopen, "reopen", in({State::resolved}), raiser | responsible_ones | leads | managers, "reopen",
        "Its owner, who raised it, leads and managers"},
    Row{Verb::decline, "decline", in({State::fresh}), leads | managers, "decline", "Leads and managers"},
    Row{Verb::undo, "undo", in({State::fresh}), raiser, "undo", "Only who raised it"},
    Row{Verb::merge, "merge", open, responsible_ones | leads | managers, "merge", "Its owner, leads and managers"},
    Row{Verb::unmerge, "unmerge", in({State::merged}), owner | leads | managers, "unmerge", "Its owner, leads and managers"},
    Row{Verb::link, "link", any & ~in({State::closed, State::merged, State::declined}), agents | raiser, "link something to",
        "Agents and who raised it"},
    Row{Verb::show, "show", any, everybody, "look at", "People of this workspace"},
    Row{Verb::explain_clock, "clock", any, everybody, "look at", "People of this workspace"},
    Row{Verb::history, "history", any, everybody, "look at", "People of this workspace"},
};
static_assert(table.size() == all_verbs.size());

Row const& row_of(Verb verb) {
    return *std::find_if(table.begin(), table.end(), [verb](Row const& row) { return row.verb == verb; });
}

unsigned who_is(Escalation const& escalation, By const& by) {
    auto const& actor = by.actor;
    unsigned who = everybody;
    if (actor.id == escalation.raised_by) who |= raiser;
    if (actor.role >= Role::agent) who |= agents;
    if (actor.role >= Role::lead) who |= leads;
    if (actor.role >= Role::manager) who |= managers;
    if (actor.admin) who |= admins;
    if (is_owner(escalation, actor)) who |= owner;
    if (is_acting_owner(escalation, actor, by.now)) who |= acting;
    if (is_helper(escalation, actor)) who |= helpers;
    auto const& wait = escalation.details.waiting;
    if (escalation.state == State::waiting_engineering && wait && (wait->engineer.empty() || wait->engineer == actor.id))
        who |= engineers;
    return who;
}

Error wrong_state(Row const& row, Escalation const& escalation) {
    auto const key = escalation.id.key();
    auto const state = escalation.state;
    if (row.verb == Verb::reopen)
        return refusal_error(Errc::conflict, refusal::not_resolved, "{} is {}: only what is resolved can be reopened.", key,
                             to_string(state));
    if (!is_open(state) && (row.states & ~open) == 0)
        return refusal_error(Errc::conflict, refusal::not_open, "{} is {} already.{}", key, to_string(state),
                             state == State::resolved ? " Reopen it to go on." : "");
    if (state == State::fresh && (row.states & open) == (row.states & active))
        return refusal_error(Errc::conflict, refusal::unowned, "{} has no owner yet: claim it first.", key);
    if (row.verb == Verb::decline || row.verb == Verb::undo)
        return refusal_error(Errc::conflict, refusal::state, "{} is {} already: only what is new and has no owner can be {}.",
                             key, to_string(state), row.verb == Verb::decline ? "declined" : "undone");
    if (row.verb == Verb::wait && is_waiting(state))
        return refusal_error(Errc::conflict, refusal::state, "{} is {} already: resume it first.", key, to_string(state));
    return refusal_error(Errc::conflict, refusal::state, "{} is {}: nobody can {} it now.", key, to_string(state), row.what);
}

}  // namespace

std::string_view to_string(Verb verb) noexcept { return row_of(verb).name; }

bool is_owner(Escalation const& escalation, Person const& person) { return escalation.owned() && escalation.owner == person.id; }

bool is_acting_owner(Escalation const& escalation, Person const& person, Instant now) {
    auto const& coverage = escalation.details.coverage;
    return coverage && coverage->acting == person.id && coverage->from <= now && now < coverage->until;
}

bool is_responsible(Escalation const& escalation, Person const& person, Instant now) {
    return is_owner(escalation, person) || is_acting_owner(escalation, person, now);
}

bool is_helper(Escalation const& escalation, Person const& person) {
    auto const& all = escalation.details.participants;
    return std::any_of(all.begin(), all.end(),
                       [&](Participant const& one) { return one.person == person.id && one.kind == Participant::Kind::helper; });
}

PersonId responsible(Escalation const& escalation, Instant now) {
    auto const& coverage = escalation.details.coverage;
    return coverage && coverage->from <= now && now < coverage->until ? coverage->acting : escalation.owner;
}

Result<void> may(Verb verb, Escalation const& before, By const& by) {
    auto const& row = row_of(verb);
    if (by.actor.role < Role::requester || !by.actor.active)
        return refusal_error(Errc::forbidden, refusal::role, "Only people of this workspace can {} {}. Ask your contact there.",
                             row.what, before.id.key());
    if ((row.states & in({before.state})) == 0) return wrong_state(row, before);
    if ((row.who & who_is(before, by)) == 0)
        return refusal_error(Errc::forbidden, refusal::role, "{} can {} {}. Ask one of them to.", row.says, row.what,
                             before.id.key());
    return {};
}

std::vector<Verb> allowed(Escalation const& escalation, By const& by) {
    std::vector<Verb> verbs;
    for (auto const verb : all_verbs)
        if (may(verb, escalation, by)) verbs.push_back(verb);
    return verbs;
}

}  // namespace esc::rules
