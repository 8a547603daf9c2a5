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
constexpr States settled = in({State::resolved, State::closed});
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
    engineers = 1U << 9U,  // is_asked_engineer
};
constexpr unsigned responsible_ones = owner | acting;

struct Row {
    Verb verb;
    std::string_view name;  // as typed
    States states;
    unsigned who;
    std::string_view what;  // "can …", with {} for the escalation
};

constexpr std::array table{
    Row{Verb::claim, "claim", open, agents, "claim {}"},
    Row{Verb::accept, "accept", active, responsible_ones | engineers, "accept {}"},
    Row{Verb::assign, "assign", open, leads | managers, "assign {}"},
    Row{Verb::transfer, "transfer", active, owner, "ask for a transfer of {}"},
    Row{Verb::approve, "approve", open | settled, leads | managers, "approve a request on {}"},
    Row{Verb::deny, "deny", open, leads | managers, "deny a request on {}"},
    Row{Verb::override_owner, "override", active, leads | managers | admins, "move {}"},
    Row{Verb::cover, "cover", active, owner | acting | leads | managers, "change who acts for the owner of {}"},
    Row{Verb::severity, "severity", open, agents, "set the severity of {}"},
    Row{Verb::grade, "grade", settled, leads | managers, "say which level was warranted for {}"},
    Row{Verb::wait, "wait", in({State::working, State::waiting_customer, State::waiting_vendor}), responsible_ones,
        "put {} on hold"},
    Row{Verb::resume, "resume", waiting | in({State::mitigated}), responsible_ones | managers | engineers, "resume {}"},
    Row{Verb::mitigate, "mitigated", active & ~in({State::mitigated}), responsible_ones, "mitigate {}"},
    Row{Verb::replied, "replied", open, responsible_ones | leads | managers, "state an answer on {}"},
    Row{Verb::next_step, "next", active, responsible_ones | helpers | leads | managers, "set the next step of {}"},
    Row{Verb::promise, "promise", active, responsible_ones | leads | managers, "promise something on {}"},
    Row{Verb::brief, "brief", active, responsible_ones | helpers | leads | managers, "write the handoff note of {}"},
    Row{Verb::note, "note", any & ~in({State::closed}), agents | raiser, "add a note to {}"},
    Row{Verb::describe, "describe", any & ~in({State::closed}), raiser, "describe {}"},
    Row{Verb::helper, "helper", open, agents, "add a helper to {}"},
    Row{Verb::watch, "watch", any & ~in({State::closed}), everybody, "watch {}"},
    Row{Verb::acknowledge, "ack", open, responsible_ones | leads | managers | admins, "acknowledge alerts of {}"},
    Row{Verb::resolve, "resolve", active, responsible_ones | managers, "resolve {}"},
    Row{Verb::close, "confirmed", in({State::resolved}), raiser | responsible_ones | managers, "close {}"},
    Row{Verb::reopen, "reopen", in({State::resolved}), raiser | responsible_ones | leads | managers, "reopen {}"},
    Row{Verb::decline, "decline", in({State::fresh}), leads | managers, "decline {}"},
    Row{Verb::undo, "undo", in({State::fresh}), raiser, "undo {}"},
    Row{Verb::merge, "merge", open, responsible_ones | leads | managers, "merge {}"},
    Row{Verb::unmerge, "unmerge", in({State::merged}), owner | leads | managers, "unmerge {}"},
    Row{Verb::link, "link", any & ~in({State::closed, State::merged, State::declined}), agents | raiser, "link something to {}"},
    Row{Verb::show, "show", any, everybody, "look at {}"},
    Row{Verb::explain_clock, "clock", any, everybody, "look at {}"},
    Row{Verb::history, "history", any, everybody, "look at {}"},
};
static_assert(table.size() == all_verbs.size());

Row const& row_of(Verb verb) {
    return *std::find_if(table.begin(), table.end(), [verb](Row const& row) { return row.verb == verb; });
}

// The only thing that waits for an approval.
bool transfer_alone_waits(Escalation const& escalation) { return escalation.details.transfer && !severity_waits(escalation); }
bool decides(Verb verb) { return verb == Verb::approve || verb == Verb::deny; }

// Who of the table's row may do it with this very one.
unsigned who_of(Row const& row, Escalation const& escalation, By const& by) {
    if (decides(row.verb)) return transfer_alone_waits(escalation) ? managers : row.who;
    // A pause has its end; only a manager puts that off.
    if (row.verb == Verb::wait && is_waiting(escalation.state)) return managers;
    // On a vendor a lead gives the nod by doing it; may_wait knows on whom it is to wait.
    if (row.verb == Verb::wait && escalation.severity <= Severity::sev2) return row.who | leads | managers;
    // Whoever raised it says it for themselves; for a customer outside it is said by who works on it.
    if (row.verb == Verb::close && escalation.details.customer.empty()) {
        if (by.is_gone(escalation.raised_by)) return managers;
        return is_own_work(escalation) ? 0U : raiser;
    }
    if (row.verb != Verb::accept) return row.who;
    // Whoever has not said yes yet; when all have, the rule answers them.
    unsigned pending = waits_for_acceptance(escalation) ? responsible_ones : 0U;
    if (waits_for_engineer(escalation)) pending |= engineers;
    return pending != 0 ? pending : row.who;
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
    if (is_asked_engineer(escalation, actor)) who |= engineers;
    return who;
}

struct Kind {
    std::string_view word;  // "its owner", "leads"
    bool one = false;       // a single person
};
std::vector<Kind> kinds_of(unsigned who, Escalation const& escalation) {
    std::vector<Kind> kinds;
    auto const add = [&](unsigned bits, Kind kind) {
        if ((who & bits) != 0) kinds.push_back(kind);
    };
    auto const& wait = escalation.details.waiting;
    bool const named = wait && !wait->engineer.empty();
    add(everybody, {"people of this workspace"});
    add(raiser, {"who raised it", true});
    if (escalation.owned()) add(owner, {"its owner", true});
    if (escalation.details.coverage) add(acting, {"its acting owner", true});
    add(helpers, {"its helpers"});
    if (escalation.state == State::waiting_engineering)
        add(engineers, named ? Kind{"the engineer it was handed to", true} : Kind{"engineers"});
    add(agents, {"agents"});
    add(agents | leads, {"leads"});
    add(agents | managers, {"managers"});
    add(admins, {"admins"});
    return kinds;
}

Error not_theirs(Row const& row, Escalation const& escalation, By const& by) {
    auto const who = who_of(row, escalation, by);
    if (row.verb == Verb::close && who == 0)
        return refusal_error(Errc::forbidden, refusal::own,
                             "{} was raised by who worked on it, and nobody confirms their own work.", escalation.id.key());
    if (row.verb == Verb::close && who == raiser)
        return refusal_error(Errc::forbidden, refusal::raisers, "Only who raised it can close {}.", escalation.id.key());
    auto const kinds = kinds_of(who, escalation);
    bool const one = kinds.size() == 1 && kinds.front().one;
    bool const longer = row.verb == Verb::wait && is_waiting(escalation.state);
    auto const what = longer                                                  ? "let {} wait for longer"
                      : decides(row.verb) && transfer_alone_waits(escalation) ? "decide about a transfer of {}"
                                                                              : row.what;
    auto const other_way = longer ? " To wait on somebody else, resume it first." : "";
    bool const theirs = escalation.owned() && (who & responsible_ones) != 0;
    return refusal_error(Errc::forbidden, theirs ? refusal::theirs : refusal::role, "Only {} can {}. Ask {}.{}",
                         who_may(row.verb, escalation, by), fmt::format(fmt::runtime(what), escalation.id.key()),
                         one ? "them" : "one of them", other_way);
}

Error wrong_state(Row const& row, Escalation const& escalation) {
    auto const key = escalation.id.key();
    auto const state = escalation.state;
    auto const is = in_words(escalation);
    bool const reopens = row.verb == Verb::reopen;
    if (auto const& merge = escalation.details.merge; state == State::merged && merge)
        return refusal_error(Errc::conflict, reopens ? refusal::not_resolved : refusal::not_open,
                             "{} was merged into {} and goes on there.", key, merge->into.key());
    if (reopens)
        return refusal_error(Errc::conflict, refusal::not_resolved, "{} is {}: only what is resolved can be reopened.{}", key, is,
                             is_open(state) ? "" : " Raise it again like anything new, and name this one there.");
    if (row.verb == Verb::close)
        return refusal_error(Errc::conflict, refusal::not_resolved, "{} is {}{}", key, is,
                             state == State::closed ? " already." : ": only what is resolved can be closed.");
    if (row.verb == Verb::grade)
        return refusal_error(Errc::conflict, refusal::not_resolved,
                             "{} is {}: only of what is resolved is it said which level was warranted.", key, is);
    if (row.verb == Verb::deny && level_waits(escalation))
        return refusal_error(Errc::conflict, refusal::not_open,
                             "{} is {}: say which level was warranted instead, such as grade {} sev2.", key, is,
                             escalation.id.number);
    if (row.verb == Verb::unmerge)
        return refusal_error(Errc::conflict, refusal::state, "{} is {}: only what was merged can be unmerged.", key, is);
    if (!is_open(state) && (row.states & ~open) == 0)
        return refusal_error(Errc::conflict, refusal::not_open, "{} is {} already.{}", key, is,
                             state == State::resolved ? " Reopen it to go on." : "");
    if (state == State::fresh && (row.states & open) == (row.states & active))
        return refusal_error(Errc::conflict, refusal::unowned, "{} has no owner yet: claim it first.", key);
    if (row.verb == Verb::decline || row.verb == Verb::undo)
        return refusal_error(Errc::conflict, refusal::state, "{} is {} already: only what is new and has no owner can be {}.",
                             key, is, row.verb == Verb::decline ? "declined" : "undone");
    if (row.verb == Verb::wait && is_waiting(state))
        return refusal_error(Errc::conflict, refusal::state, "{} is {} already: resume it first.", key, is);
    return refusal_error(Errc::conflict, refusal::state, "{} is {}: nobody can {} now.", key, is,
                         fmt::format(fmt::runtime(row.what), "it"));
}

bool in_state(Row const& row, Escalation const& escalation) { return (row.states & in({escalation.state})) != 0; }

bool alert_is_out(Escalation const& escalation) {
    return std::any_of(escalation.clocks.begin(), escalation.clocks.end(),
                       [](SlaClock const& clock) { return clock.running() && clock.points_fired > 0; });
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

bool is_asked_engineer(Escalation const& escalation, Person const& person) {
    auto const& wait = escalation.details.waiting;
    return escalation.state == State::waiting_engineering && wait && !is_owner(escalation, person) &&
           (wait->engineer.empty() || wait->engineer == person.id);
}

bool is_own_work(Escalation const& escalation) {
    return escalation.resolved_at && is_responsible(escalation, {.id = escalation.raised_by}, *escalation.resolved_at);
}

PersonId responsible(Escalation const& escalation, Instant now) {
    auto const& coverage = escalation.details.coverage;
    return coverage && coverage->from <= now && now < coverage->until ? coverage->acting : escalation.owner;
}

bool waits_for_acceptance(Escalation const& escalation) { return !escalation.owned() || !escalation.accepted_at; }

bool waits_for_engineer(Escalation const& escalation) {
    auto const& wait = escalation.details.waiting;
    return escalation.state == State::waiting_engineering && wait && !wait->engineer_accepted_at;
}

bool response_runs(Escalation const& escalation) {
    return std::any_of(escalation.clocks.begin(), escalation.clocks.end(), [](SlaClock const& clock) {
        return clock.running() && (clock.kind == ClockKind::first_response || clock.kind == ClockKind::next_response);
    });
}

bool severity_waits(Escalation const& escalation) {
    return escalation.details.severity_request || escalation.details.unconfirmed_since;
}

bool level_waits(Escalation const& escalation) {
    auto const& said = escalation.details.warranted;
    return (settled & in({escalation.state})) != 0 && said && said->graded_by.empty();
}

bool is_withdrawn(Escalation const& escalation) {
    return escalation.state == State::declined && escalation.details.declined_reason.empty();
}

bool is_wordless(Escalation const& escalation) { return escalation.details.private_source || escalation.title == private_title; }

std::string_view waits_on(State state) {
    if (state == State::waiting_customer) return "the customer";
    if (state == State::waiting_vendor) return "a vendor";
    return state == State::waiting_engineering ? "engineering" : "";
}

std::string in_words(State state) {
    return is_waiting(state) ? fmt::format("waiting on {}", waits_on(state)) : std::string{to_string(state)};
}

std::string in_words(Escalation const& escalation) { return is_withdrawn(escalation) ? "withdrawn" : in_words(escalation.state); }

std::string who_may(Verb verb, Escalation const& escalation, By const& by) {
    if (verb == Verb::override_owner) return "managers (in an emergency leads and admins, too)";
    auto const kinds = kinds_of(who_of(row_of(verb), escalation, by), escalation);
    std::string words;
    for (std::size_t at = 0; at < kinds.size(); ++at) {
        if (at > 0) words += at + 1 < kinds.size() ? ", " : " and ";
        words += kinds[at].word;
    }
    return words;
}

By seen_by(By by, Escalation const& escalation) {
    by.actor = by.actor.seen_by(escalation.team);
    return by;
}

Result<void> may_look(Person const& actor) {
    if (actor.role >= Role::requester && actor.active) return {};
    return refusal_error(Errc::forbidden, refusal::role,
                         "Only people of this workspace can look at escalations and work on them. Ask your contact there.");
}

Result<void> may(Verb verb, Escalation const& before, By const& by) {
    ESC_CHECK(may_look(by.actor));
    auto const& row = row_of(verb);
    if (!in_state(row, before)) return wrong_state(row, before);
    if ((who_of(row, before, by) & who_is(before, by)) == 0) return not_theirs(row, before, by);
    return {};
}

bool makes_sense(Verb verb, Escalation const& escalation, Instant now) {
    auto const& details = escalation.details;
    if (!in_state(row_of(verb), escalation)) return false;
    switch (verb) {
        case Verb::claim:
        case Verb::assign:
            return !escalation.owned();
        case Verb::accept:
            return waits_for_acceptance(escalation) || waits_for_engineer(escalation);
        case Verb::approve:
            return details.transfer || severity_waits(escalation) || level_waits(escalation);
        case Verb::deny:
            return details.transfer || details.severity_request;
        case Verb::grade:
            return level_waits(escalation);
        case Verb::replied:
            return response_runs(escalation);
        case Verb::describe:
            return is_wordless(escalation);
        case Verb::acknowledge:
            return alert_is_out(escalation);
        case Verb::close:
        case Verb::reopen:
            return !details.close_at || now < *details.close_at;
        case Verb::undo:
            return !escalation.owned() && now < escalation.created_at + undo_window;
        case Verb::unmerge:
            return details.merge && now < details.merge->at + unmerge_window;
        case Verb::transfer:
        case Verb::override_owner:
        case Verb::cover:
        case Verb::severity:
        case Verb::wait:
        case Verb::resume:
        case Verb::mitigate:
        case Verb::next_step:
        case Verb::promise:
        case Verb::brief:
        case Verb::note:
        case Verb::helper:
        case Verb::watch:
        case Verb::resolve:
        case Verb::decline:
        case Verb::merge:
        case Verb::link:
        case Verb::show:
        case Verb::explain_clock:
        case Verb::history:
            break;
    }
    return true;
}

bool offered(Verb verb, Escalation const& escalation, By const& by) {
    return makes_sense(verb, escalation, by.now) && may(verb, escalation, by);
}

std::vector<Verb> offered(Escalation const& escalation, By const& by) {
    std::vector<Verb> verbs;
    for (auto const verb : all_verbs)
        if (offered(verb, escalation, by)) verbs.push_back(verb);
    return verbs;
}

}  // namespace esc::rules
