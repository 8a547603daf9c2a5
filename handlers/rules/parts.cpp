#include "handlers/rules/parts.hpp"

#include "handlers/rules/lifecycle.hpp"
#include "handlers/rules/outbox_items.hpp"
#include "handlers/rules/work.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace esc::rules {
namespace {

namespace json = boost::json;

void take_out(Decision& decision, ClockKind kind, Instant at, bool cancel) {
    auto& clocks = decision.after.clocks;
    auto const found = std::find_if(clocks.begin(), clocks.end(), [&](SlaClock const& clock) { return clock.kind == kind; });
    if (found == clocks.end()) return;
    auto stopped = stop_clock(*found, at);
    if (cancel && stopped.outcome == ClockOutcome::met) stopped.outcome = ClockOutcome::cancelled;
    decision.closed_clocks.push_back(std::move(stopped));
    clocks.erase(found);
}

}  // namespace

LedgerEvent event_of(EventType type, By const& by, json::object const& data, std::string text) {
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

By by_system(Instant now, std::string trace) {
    By by;
    by.actor.role = Role::manager;  // what happens by itself is bound by no role
    by.now = now;
    by.trace = std::move(trace);
    return by;
}

Decision decide(Escalation const& before) {
    Decision decision;
    decision.after = before;
    return decision;
}

void close_clock(Decision& decision, ClockKind kind, Instant at) { take_out(decision, kind, at, false); }
void cancel_clock(Decision& decision, ClockKind kind, Instant at) { take_out(decision, kind, at, true); }

void start_clock_at(Decision& decision, ClockKind kind, Instant at, std::optional<std::chrono::seconds> target,
                    std::vector<AtRiskPoint> const& at_risk) {
    close_clock(decision, kind, at);
    if (!target) return;
    auto const generation = ++decision.after.details.generations[kind];
    decision.after.clocks.push_back(start_clock(kind, generation, at, *target, at_risk));
}

void pause_clocks(Decision& decision, Instant at) {
    for (auto& clock : decision.after.clocks)
        if (clock.kind == ClockKind::resolution) clock = pause_clock(std::move(clock), at);
}

void resume_clocks(Decision& decision, Instant at) {
    for (auto& clock : decision.after.clocks) clock = resume_clock(std::move(clock), at);
}

json::object clock_facts(SlaClock const& clock) {
    return {{"clock", to_string(clock.kind)}, {"generation", clock.generation}, {"outcome", to_string(clock.outcome)}};
}

json::array closed_facts(Decision const& decision) {
    json::array facts;
    for (auto const& clock : decision.closed_clocks) facts.push_back(clock_facts(clock));
    return facts;
}

void accept_by_acting(Decision& decision, By const& by) {
    auto& after = decision.after;
    if (!is_responsible(after, by.actor, by.now) || after.accepted_at) return;
    after.accepted_at = by.now;
    close_clock(decision, ClockKind::acceptance, by.now);
}

void leave_waiting(Decision& decision, Instant at) {
    resume_clocks(decision, at);
    cancel_clock(decision, ClockKind::engineering, at);
    decision.after.details.waiting.reset();
}

bool customer_waits(Details const& details) {
    if (details.customer.empty()) return false;
    return !details.replied_at || (details.customer_wrote_at && *details.replied_at <= *details.customer_wrote_at);
}

namespace {

// The owner's first action accepts, whichever event tells of it.
void say_accepted(Decision const& decision, LedgerEvent& event, Instant now) {
    if (decision.after.accepted_at != now) return;
    auto facts = json::parse(event.data).as_object();
    facts["accepted"] = true;
    event.data = json::serialize(facts);
}

}  // namespace

Decision ended(Decision decision, By const& by) {
    say_accepted(decision, decision.events.back(), by.now);
    tell_watchers(decision, by);
    refresh_surfaces(decision, by.now);
    finish(decision, by.now);
    return decision;
}

}  // namespace esc::rules
