#include "handlers/rules/lifecycle.hpp"

#include "handlers/rules/outbox_items.hpp"
#include "handlers/rules/rank.hpp"
#include "handlers/rules/sla.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <string_view>
#include <utility>

namespace esc::rules {
namespace {

namespace json = boost::json;

template <class... Args>
Error refusal_error(Errc code, std::string_view cause, fmt::format_string<Args...> format, Args&&... args) {
    auto error = fail(code, format, std::forward<Args>(args)...);
    error.cause = cause;
    return error;
}

LedgerEvent event_of(EventType type, By const& by, json::object const& data, std::string text = {}) {
    LedgerEvent event;
    event.type = type;
    event.recorded_at = by.now;
    event.source_time = by.now;
    event.actor = by.actor.id;
    event.actor_role = by.actor.role;
    event.data = json::serialize(data);
    event.text = std::move(text);
    event.trace = by.trace;
    return event;
}

json::object clock_facts(SlaClock const& clock) {
    return {{"clock", to_string(clock.kind)}, {"generation", clock.generation}, {"outcome", to_string(clock.outcome)}};
}

// Takes the clock out of the escalation, if it runs there, and lays it down as over.
void close_clock(Decision& decision, ClockKind kind, Instant at) {
    auto& clocks = decision.after.clocks;
    auto const found = std::find_if(clocks.begin(), clocks.end(), [&](SlaClock const& clock) { return clock.kind == kind; });
    if (found == clocks.end()) return;
    decision.closed_clocks.push_back(stop_clock(*found, at));
    clocks.erase(found);
}

json::array closed_facts(Decision const& decision) {
    json::array facts;
    for (auto const& clock : decision.closed_clocks) facts.push_back(clock_facts(clock));
    return facts;
}

bool is_owner(Escalation const& escalation, Person const& person) { return escalation.owned() && escalation.owner == person.id; }

void accept_by_acting(Escalation& after, By const& by) {
    if (is_owner(after, by.actor) && !after.accepted_at) after.accepted_at = by.now;
}

void end_decision(Decision& decision, Instant now) {
    refresh_surfaces(decision, now);
    finish(decision, now);
}

Error not_open(Escalation const& escalation) {
    return refusal_error(Errc::conflict, refusal::not_open, "{} is {} already.{}", escalation.id.key(),
                         to_string(escalation.state), escalation.state == State::resolved ? " Reopen it to go on." : "");
}

Error owned_by_another(Escalation const& escalation) {
    return refusal_error(Errc::conflict, refusal::owned,
                         "{} stays locked until it is resolved: talk to its owner, or to a manager.", escalation.id.key());
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

Result<Decision> raise(RaiseRequest const& request, SlaTargets const& targets, By const& by) {
    if (by.actor.role < Role::requester || !by.actor.active)
        return refusal_error(Errc::forbidden, refusal::role,
                             "Only people of this workspace can raise an escalation. Ask a colleague there to do it.");
    auto const from_message = request.origin == Origin::slack_message;
    if (request.title.empty() && !from_message)
        return refusal_error(Errc::invalid, refusal::text, "An escalation needs a title: say in a few words what is wrong.");

    Decision decision;
    auto& after = decision.after;
    after.id = request.id;
    after.workspace = request.workspace;
    after.severity = request.severity;
    after.title = request.title.empty() ? std::string{interim_title} : request.title;
    after.description = request.description;
    after.account = request.account;
    after.origin = request.origin;
    after.source = request.source;
    after.raised_by = by.actor.id;
    after.opened_at = std::min(request.opened_at, by.now);
    after.created_at = by.now;
    after.clocks = start_clocks(targets, after.opened_at, by.now);

    // The texts travel as one object, so that a replay can tell them apart and an erasure takes all of them. A reaction has
    // none: its title is a constant.
    std::string texts;
    if (!request.title.empty() || !request.description.empty() || !request.account.empty())
        texts =
            json::serialize(json::object{{"title", after.title}, {"description", after.description}, {"account", after.account}});
    auto event = event_of(EventType::raised, by,
                          {{"severity", to_string(after.severity)},
                           {"origin", to_string(after.origin)},
                           {"channel", after.source.channel.value},
                           {"ts", after.source.ts.value}},
                          std::move(texts));
    event.source_time = after.opened_at;
    decision.events.push_back(std::move(event));

    decision.outbox.push_back(locate_item(request.id, by.now));
    if (!request.response_url.empty()) decision.outbox.push_back(response_item(request.id, {request.response_url}, by.now));
    if (from_message) decision.links.push_back({"slack", fmt::format("{}:{}", request.source.channel, request.source.ts)});
    finish(decision, by.now);
    return decision;
}

Result<Decision> claim(Escalation const& before, By const& by) {
    if (by.actor.role < Role::agent || !by.actor.active)
        return refusal_error(Errc::forbidden, refusal::role, "Agents, leads and managers can claim {}. Ask one of them to.",
                             before.id.key());
    if (!before.open()) return not_open(before);
    if (before.owned() && !is_owner(before, by.actor)) return owned_by_another(before);
    if (before.owned() && before.accepted_at)
        return refusal_error(Errc::conflict, refusal::yours, "{} is yours already.", before.id.key());

    Decision decision;
    decision.after = before;
    auto const accepts = before.owned();
    if (!accepts) give_to(decision, by.actor.id, by.now);
    decision.after.accepted_at = by.now;
    decision.events.push_back(event_of(EventType::claimed, by,
                                       {{"owner", by.actor.id.value}, {"accepts", accepts}, {"clocks", closed_facts(decision)}}));
    end_decision(decision, by.now);
    return decision;
}

Result<Decision> assign(Escalation const& before, Person const& to, By const& by) {
    if (by.actor.role < Role::lead || !by.actor.active)
        return refusal_error(Errc::forbidden, refusal::role, "Leads and managers can assign {}. {}", before.id.key(),
                             by.actor.role == Role::agent && before.open() && !before.owned()
                                 ? "Claim it yourself, or ask one of them."
                                 : "Ask one of them to.");
    if (!before.open()) return not_open(before);
    if (before.owned()) return owned_by_another(before);
    if (!to.active || to.role < Role::agent)
        return refusal_error(Errc::invalid, refusal::target,
                             "The owner of {} must be an active agent, lead or manager: name another person.", before.id.key());

    Decision decision;
    decision.after = before;
    give_to(decision, to.id, by.now);
    if (to.id == by.actor.id) decision.after.accepted_at = by.now;
    decision.events.push_back(event_of(EventType::assigned, by, {{"owner", to.id.value}, {"clocks", closed_facts(decision)}}));
    end_decision(decision, by.now);
    return decision;
}

LedgerEvent refused(EventType type, Escalation const& before, Error const& why, By const& by) {
    return event_of(type, by, {{"version", before.version}, {"reason", why.cause}, {"owner", before.owner.value}});
}

Result<Decision> replied(Escalation const& before, By const& by) {
    if (!is_owner(before, by.actor) && by.actor.role < Role::lead)
        return refusal_error(Errc::forbidden, refusal::role,
                             "The owner of {}, a lead or a manager can state that the customer was answered.", before.id.key());
    if (!before.open()) return not_open(before);
    auto const* clock = before.clock(ClockKind::first_response);
    if (clock == nullptr || !clock->running())
        return refusal_error(Errc::conflict, refusal::answered,
                             "The first-response clock of {} has stopped already: nothing to do.", before.id.key());

    Decision decision;
    decision.after = before;
    accept_by_acting(decision.after, by);
    close_clock(decision, ClockKind::first_response, by.now);
    decision.events.push_back(event_of(EventType::replied, by, {{"by_statement", true}, {"clocks", closed_facts(decision)}}));
    end_decision(decision, by.now);
    return decision;
}

Result<void> may_resolve(Escalation const& before, Person const& actor) {
    if (!before.open()) return not_open(before);
    if (!before.owned() && actor.role >= Role::agent)
        return refusal_error(Errc::conflict, refusal::unowned, "{} has no owner yet: claim it first.", before.id.key());
    if (!is_owner(before, actor) && actor.role < Role::manager)
        return refusal_error(Errc::forbidden, refusal::role, "Only its owner or a manager can resolve {}.", before.id.key());
    return {};
}

Result<Decision> resolve(Escalation const& before, std::string const& text, By const& by) {
    ESC_CHECK(may_resolve(before, by.actor));
    if (text.empty()) return refusal_error(Errc::invalid, refusal::text, "Say how {} was resolved.", before.id.key());

    Decision decision;
    decision.after = before;
    auto& after = decision.after;
    accept_by_acting(after, by);
    after.state = State::resolved;
    after.resolution = text;
    after.resolved_at = by.now;

    close_clock(decision, ClockKind::owner, by.now);
    close_clock(decision, ClockKind::first_response, by.now);
    auto unanswered = false;
    for (auto& clock : decision.closed_clocks) {
        if (clock.kind != ClockKind::first_response) continue;
        unanswered = true;
        if (clock.outcome == ClockOutcome::met) clock.outcome = ClockOutcome::cancelled;
    }
    auto clocks = closed_facts(decision);
    for (auto& clock : after.clocks) {
        clock = stop_clock(clock, by.now);
        clocks.push_back(clock_facts(clock));
    }
    decision.events.push_back(
        event_of(EventType::resolved, by, {{"owner", after.owner.value}, {"unanswered", unanswered}, {"clocks", clocks}}, text));
    end_decision(decision, by.now);
    return decision;
}

Result<void> may_reopen(Escalation const& before, std::chrono::seconds window, Person const& actor, Instant now) {
    if (before.state != State::resolved)
        return refusal_error(Errc::conflict, refusal::not_resolved, "{} is {}: only what is resolved can be reopened.",
                             before.id.key(), to_string(before.state));
    if (!is_owner(before, actor) && actor.role < Role::lead && actor.id != before.raised_by)
        return refusal_error(Errc::forbidden, refusal::role,
                             "The owner of {}, who raised it, a lead or a manager can reopen it. Ask one of them.",
                             before.id.key());
    if (before.resolved_at && now > *before.resolved_at + window)
        return refusal_error(Errc::conflict, refusal::too_late,
                             "{} was resolved more than {} ago. Raise a new one and name it there.", before.id.key(),
                             format_elapsed(window));
    return {};
}

Result<Decision> reopen(Escalation const& before, std::string const& reason, std::chrono::seconds window, By const& by) {
    ESC_CHECK(may_reopen(before, window, by.actor, by.now));
    if (reason.empty()) return refusal_error(Errc::invalid, refusal::text, "Say why {} is not done.", before.id.key());

    Decision decision;
    decision.after = before;
    auto& after = decision.after;
    after.state = State::working;
    ++after.reopen_count;
    after.resolution.clear();
    after.resolved_at.reset();
    for (auto& clock : after.clocks) {
        decision.closed_clocks.push_back(clock);
        clock = continue_clock(clock, by.now);
    }
    decision.events.push_back(event_of(
        EventType::reopened, by,
        {{"owner", after.owner.value}, {"reopen_count", after.reopen_count}, {"clocks", closed_facts(decision)}}, reason));
    end_decision(decision, by.now);
    return decision;
}

void finish(Decision& decision, Instant now) {
    auto& after = decision.after;
    after.rank = rank(after);
    after.next_point = after.open() ? next_point(after) : std::nullopt;
    ++after.version;
    after.updated_at = now;
}

}  // namespace esc::rules
