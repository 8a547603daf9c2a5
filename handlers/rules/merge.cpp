#include "handlers/rules/merge.hpp"

#include "handlers/rules/conversation.hpp"
#include "handlers/rules/facts.hpp"
#include "handlers/rules/lifecycle.hpp"
#include "handlers/rules/outbox_items.hpp"
#include "handlers/rules/parts.hpp"
#include "handlers/rules/work.hpp"
#include "store/replay.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

namespace esc::rules {
namespace {

namespace json = boost::json;

std::string comparable(std::string_view account) {
    std::string out;
    for (auto const c : account) {
        if (c == ' ' && (out.empty() || out.back() == ' ')) continue;
        out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    while (!out.empty() && out.back() == ' ') out.pop_back();
    return out;
}

bool same_account(Escalation const& one, Escalation const& other) {
    auto const a = comparable(one.account);
    auto const b = comparable(other.account);
    return a.empty() || b.empty() || a == b;
}

Result<void> may_be_parent(Escalation const& parent, By const& by) {
    if (parent.state == State::merged && parent.details.merge)
        return refusal_error(Errc::conflict, refusal::target, "{} was merged into {}: merge into {} instead.", parent.id.key(),
                             parent.details.merge->into.key(), parent.details.merge->into.key());
    if (!parent.open())
        return refusal_error(Errc::conflict, refusal::target, "{} is {}: merge into one that is open.{}", parent.id.key(),
                             in_words(parent), parent.state == State::resolved ? " Or reopen it first." : "");
    return may(Verb::merge, parent, by);
}

bool stands_still(State state) { return state == State::waiting_customer || state == State::waiting_vendor; }

// The earliest start and the strictest due of two that run (or stand still) now.
SlaClock strictest(SlaClock const& of_parent, SlaClock const& of_merged, Instant now) {
    auto const mine = resume_clock(of_parent, now);
    auto const other = resume_clock(of_merged, now);
    auto const& strict = other.due < mine.due ? other : mine;
    auto const started_at = std::min(mine.started_at, other.started_at);
    auto clock = strict;
    clock.generation = of_parent.generation;
    if (mine.outcome == ClockOutcome::breached || other.outcome == ClockOutcome::breached) clock.outcome = ClockOutcome::breached;
    if (started_at == strict.started_at) return clock;
    // Targets are whole seconds: what does not fit makes it stricter by less than one.
    auto const longer = std::chrono::floor<std::chrono::seconds>(strict.started_at - started_at);
    clock.started_at = started_at;
    clock.target += longer;
    clock.due = started_at + clock.target + clock.paused;
    for (auto& point : clock.points)
        if (point.rung == rung_breach) point.at = clock.due + Duration{1};
    return clock;
}

// What is owed to a customer. The parent owes it from then on, and its time runs on through a merge; whether somebody owns the
// merged one or has accepted it is no question meanwhile, and nobody can answer it.
bool goes_over(ClockKind kind) {
    return kind == ClockKind::first_response || kind == ClockKind::next_response || kind == ClockKind::promise ||
           kind == ClockKind::resolution;
}

// Keeps in `how` what the parent's clocks were and became.
void take_clocks(Decision& parent, Escalation const& merged, Merge& how) {
    auto const now = how.at;
    auto& after = parent.after;
    std::vector<ClockKind> changed;
    for (auto const& clock : merged.clocks) {
        if (clock.stopped_at) continue;
        auto const own = std::find_if(after.clocks.begin(), after.clocks.end(),
                                      [&](SlaClock const& one) { return one.kind == clock.kind && !one.stopped_at; });
        if (own == after.clocks.end()) {
            if (!goes_over(clock.kind)) continue;
            auto taken = resume_clock(clock, now);
            taken.generation = ++after.details.generations[clock.kind];
            if (clock.kind == ClockKind::promise) after.details.promise = merged.details.promise;
            after.clocks.push_back(std::move(taken));
            changed.push_back(clock.kind);
        } else if (goes_over(clock.kind) || clock.kind == ClockKind::owner) {
            if (clock.kind == ClockKind::promise && clock.due < own->due) {
                how.parent_promise = std::exchange(after.details.promise, merged.details.promise);
                if (how.parent_promise) how.parent_promise->text = how.parent_promise->to = {};
            }
            how.parent_had.push_back(*own);
            *own = strictest(*own, clock, now);
            changed.push_back(clock.kind);
        }
    }
    if (stands_still(after.state)) pause_clocks(parent, now);
    for (auto const kind : changed) how.parent_got.push_back(*after.clock(kind));
}

// The parent's own clock as it stands without the merge: what it was paused since counts, and of its points those that lie behind
// it and whose rung the stricter clock has told; one that was breached when it came told nothing.
SlaClock own_again(SlaClock const& had, SlaClock const& got, SlaClock const& current, Instant merged_at, Instant now) {
    auto own = resume_clock(had, merged_at);
    auto const paused = current.paused - got.paused;
    own.paused += paused;
    own.due += paused;
    for (auto index = static_cast<std::size_t>(own.points_fired); index < own.points.size(); ++index)
        own.points[index].at += paused;
    auto const until = std::min(now, current.paused_at.value_or(now));
    auto const told = got.rung() == rung_breach ? 0 : current.rung();
    for (auto point = own.next_point(); point && point->at <= until && point->rung <= told; point = own.next_point())
        pass_points(own, point->at);
    own.paused_at = current.paused_at;
    return own;
}

// As a merge stops it; and as it was before that.
SlaClock cancelled(SlaClock clock, Instant at) {
    clock = stop_clock(std::move(clock), at);
    if (clock.outcome == ClockOutcome::met) clock.outcome = ClockOutcome::cancelled;
    return clock;
}
SlaClock as_before(SlaClock clock) {
    // Not late when it stopped: a breach that a milder severity has left behind.
    auto const kept = clock.outcome == ClockOutcome::breached && clock.stopped_at && *clock.stopped_at <= clock.due;
    clock.stopped_at.reset();
    clock.outcome = clock.rung() == rung_breach ? ClockOutcome::breached : ClockOutcome::running;
    if (kept) clock.outcome = ClockOutcome::breached;
    return clock;
}

// A debt that is not its own any more. Late or not is counted where it goes on.
void drop(Decision& decision, ClockKind kind, Instant now) {
    auto const before = decision.closed_clocks.size();
    cancel_clock(decision, kind, now);
    if (decision.closed_clocks.size() > before) decision.closed_clocks.back().outcome = ClockOutcome::cancelled;
}

// The customer of the merged one is none of the parent's any more, nor is an answer to them.
void give_customer_back(Decision& parent, Merge const& how, Undoing::Host const& own, Instant now) {
    auto& details = parent.after.details;
    details.customer = own.customer;
    details.customer_wrote_at = own.customer_wrote_at;
    if (own.customer.empty()) details.replied_at = own.replied_at;
    auto const* asked = parent.after.clock(ClockKind::next_response);
    if (asked == nullptr || asked->started_at <= how.at) return;
    if (!own.customer_wrote_at || *own.customer_wrote_at < asked->started_at) drop(parent, ClockKind::next_response, now);
}

// The same clock, and nothing has changed what it measures.
bool is_as_made(SlaClock const& clock, SlaClock const& made) {
    return clock.kind == made.kind && clock.generation == made.generation && clock.started_at == made.started_at &&
           clock.target == made.target;
}

// What the merge alone brought goes, since the merged one owes it again. A clock to which something happened since stays as it
// is: one that was met or started anew, one that was graded anew, an answer to what a customer has written since, and all of them
// when others were merged in as well. A stricter time than need be does no harm; a debt that is lost does. Whether it went.
bool give_clock_back(Decision& parent, Escalation const& merged, SlaClock const& got, Promise const& promise, Instant now) {
    auto const& how = *merged.details.merge;
    auto& details = parent.after.details;
    auto& clocks = parent.after.clocks;
    auto const current =
        std::find_if(clocks.begin(), clocks.end(), [&](SlaClock const& one) { return !one.stopped_at && is_as_made(one, got); });
    if (current == clocks.end()) return false;
    auto const had =
        std::find_if(how.parent_had.begin(), how.parent_had.end(), [&](SlaClock const& one) { return one.kind == got.kind; });
    auto const responds = got.kind == ClockKind::first_response || got.kind == ClockKind::next_response;
    if (had == how.parent_had.end() && responds && details.customer_wrote_at && *details.customer_wrote_at > how.at) return false;
    if (got.kind == ClockKind::promise && details.promise == merged.details.promise) {
        if (how.parent_promise) {
            details.promise = how.parent_promise;
            details.promise->text = promise.text;
            details.promise->to = promise.to;
        } else if (had == how.parent_had.end()) {
            details.promise.reset();
        }
    }
    if (had != how.parent_had.end())
        *current = own_again(*had, got, *current, how.at, now);
    else
        drop(parent, got.kind, now);
    return true;
}

void close_response(Decision& merged, Instant at) {
    for (auto const kind : {ClockKind::first_response, ClockKind::next_response})
        if (auto const* clock = merged.after.clock(kind); clock != nullptr && at >= clock->started_at)
            close_clock(merged, kind, at);
    auto& replied_at = merged.after.details.replied_at;
    replied_at = std::max(replied_at.value_or(at), at);
}

// What was said and kept at the parent counts here as if it had happened here. When its customer ended a wait, if they did.
std::optional<Instant> live_through(Decision& merged, Undoing const& undoing, Config const& config, Instant now) {
    auto& after = merged.after;
    std::optional<Instant> resumed_at;
    for (auto const& word : undoing.talk) {
        if (word.at < after.opened_at) continue;
        if (!word.by_customer) {
            close_response(merged, word.at);
            continue;
        }
        auto heard = customer_wrote(after, after.details.customer, {}, word.at, {}, {}, config, by_system(now));
        if (!heard) continue;
        heard->after.version = after.version;  // a step of this decision
        if (after.details.waiting && !heard->after.details.waiting) resumed_at = word.at;
        after = std::move(heard->after);
        merged.closed_clocks.insert(merged.closed_clocks.end(), heard->closed_clocks.begin(), heard->closed_clocks.end());
    }
    if (auto const& over = undoing.promise_over; over && after.details.promise) {
        if (over->kept)
            close_clock(merged, ClockKind::promise, over->at);
        else
            cancel_clock(merged, ClockKind::promise, over->at);
        after.details.promise.reset();
    }
    return resumed_at;
}

// The merge stopped them. What is owed to a customer has run on since, for the rest the time does not count.
std::optional<Instant> run_on(Decision& merged, Merge const& how, Undoing const& undoing, Config const& config, Instant now) {
    for (auto& clock : merged.after.clocks) {
        clock = as_before(std::move(clock));
        if (goes_over(clock.kind)) continue;
        pass_points(clock, how.at);
        clock = resume_clock(pause_clock(std::move(clock), how.at), now);
    }
    if (stands_still(merged.after.state)) pause_clocks(merged, how.at);
    auto const resumed_at = live_through(merged, undoing, config, now);
    for (auto& clock : merged.after.clocks) pass_points(clock, now);
    return resumed_at;
}

// The rung to which each of them has come since.
void tell_what_came(Decision& merged, std::vector<SlaClock> const& before, Ladder const& ladder, Instant now) {
    for (auto const& clock : merged.after.clocks) {
        auto const old = std::find_if(before.begin(), before.end(), [&](SlaClock const& one) {
            return one.kind == clock.kind && one.generation == clock.generation;
        });
        auto const rung_before = old == before.end() ? 0 : as_before(*old).rung();
        alert_changed(merged, clock, rung_before, AlertCause::unmerge, ladder, now);
    }
}

void take_part(Details& details, Participant::Kind kind, PersonId const& person, Instant since) {
    auto& all = details.participants;
    bool const known = std::any_of(all.begin(), all.end(), [&](Participant const& one) {
        return one.person == person && (one.kind == kind || kind == Participant::Kind::watcher);
    });
    if (!known && !person.empty() && all.size() < participants_max) all.push_back({kind, person, since});
}

void take_people(Escalation& parent, Escalation const& merged, Instant now) {
    for (auto const& one : merged.details.participants) take_part(parent.details, one.kind, one.person, now);
    for (auto const& person : {merged.owner, merged.raised_by})
        if (person != parent.owner && person != parent.raised_by)
            take_part(parent.details, Participant::Kind::watcher, person, now);
}

// Who writes in the merged one's thread is a customer of the parent from now on.
void take_customer(Details& parent, Details const& merged) {
    if (merged.customer.empty()) return;
    if (parent.customer.empty()) {
        parent.customer = merged.customer;
        parent.customer_wrote_at = merged.customer_wrote_at;
        parent.replied_at = merged.replied_at;
    } else if (merged.customer_wrote_at) {
        parent.customer_wrote_at =
            std::max(parent.customer_wrote_at.value_or(*merged.customer_wrote_at), *merged.customer_wrote_at);
    }
}

// `merged` has left one that went on in `parent`, and is `apart` now; or has left itself, which is nothing. Of its clocks in the
// parent those go that it has not any more; what else became milder by that stays strict. A promise that it made itself comes in
// place of the one that went.
void take_out(Decision& parent, Escalation const& merged, Decision* apart, Undoing::Host const& host, Instant now) {
    auto const how = *merged.details.merge;
    if (!merged.details.customer.empty()) give_customer_back(parent, how, host, now);
    for (auto const& got : how.parent_got) {
        if (!host.others_since.empty()) break;
        auto const* left = apart != nullptr ? apart->after.clock(got.kind) : nullptr;
        auto const promised = apart != nullptr && apart->after.details.promise != merged.details.promise;
        if (left != nullptr && !(got.kind == ClockKind::promise && promised)) continue;
        if (!give_clock_back(parent, merged, got, host.promise, now) || apart == nullptr) continue;
        auto& kept = *apart->after.details.merge;
        std::erase_if(kept.parent_had, [&](SlaClock const& one) { return one.kind == got.kind; });
        std::erase_if(kept.parent_got, [&](SlaClock const& one) { return one.kind == got.kind; });
        if (got.kind != ClockKind::promise) continue;
        kept.parent_promise.reset();
        if (left == nullptr) continue;
        auto own = apart->after;
        own.clocks = {as_before(*left)};
        take_clocks(parent, own, kept);
    }
    auto const stays = [&](PersonId const& person) {
        if (apart == nullptr) return false;
        auto const& after = apart->after;
        auto const& people = after.details.participants;
        return person == after.owner || person == after.raised_by ||
               std::any_of(people.begin(), people.end(), [&](Participant const& one) { return one.person == person; });
    };
    std::erase_if(parent.after.details.participants,
                  [&](Participant const& one) { return one.since == how.at && !stays(one.person); });
}

// Those that were merged into the same one later took its clocks as `merged` had made them, and give them back as they would be
// without `merged`. A promise stays: its words are not theirs to give.
std::vector<Decision> hand_on(Escalation const& merged, std::vector<Escalation> const& others_since, By const& actor) {
    auto const& how = *merged.details.merge;
    std::vector<Decision> later;
    for (auto const& other : others_since) {
        if (!other.details.merge) continue;
        auto decision = decide(other);
        auto& theirs = *decision.after.details.merge;
        for (auto const& got : how.parent_got) {
            auto const taken = std::find_if(theirs.parent_had.begin(), theirs.parent_had.end(),
                                            [&](SlaClock const& one) { return is_as_made(one, got); });
            if (taken == theirs.parent_had.end() || got.kind == ClockKind::promise) continue;
            auto const had = std::find_if(how.parent_had.begin(), how.parent_had.end(),
                                          [&](SlaClock const& one) { return one.kind == got.kind; });
            if (had == how.parent_had.end())
                theirs.parent_had.erase(taken);
            else
                *taken = own_again(*had, got, *taken, how.at, theirs.at);
        }
        if (theirs == *other.details.merge) continue;
        decision.events.push_back(
            event_of(EventType::sibling_left, seen_by(actor, other), {{"from", merged.id.number}, {"into", theirs.into.number}}));
        finish(decision, actor.now);
        later.push_back(std::move(decision));
    }
    return later;
}

// One that was merged on keeps what it was then; so it becomes what it would have been.
Decision take_out_between(Undoing::Between const& between, Escalation const& merged, Decision* apart, Instant now) {
    auto decision = decide(between.before);
    auto& clocks = decision.after.clocks;
    auto const stopped_at = between.before.details.merge->at;
    std::transform(clocks.begin(), clocks.end(), clocks.begin(), as_before);
    take_out(decision, merged, apart, between.host, stopped_at);
    for (auto& clock : clocks) clock = cancelled(std::move(clock), stopped_at);
    refresh_surfaces(decision, now);
    return decision;
}

json::array facts_of(std::vector<SourceLink> const& links) {
    json::array facts;
    for (auto const& link : links) facts.push_back(json::array{link.system, link.external_id, link.url});
    return facts;
}

std::vector<PersonId> unique(std::vector<PersonId> people) {
    std::sort(people.begin(), people.end());
    people.erase(std::unique(people.begin(), people.end()), people.end());
    return people;
}

}  // namespace

Result<MergeDecision> merge(Escalation const& before, Escalation const& parent, std::vector<SourceLink> const& links,
                            By const& actor) {
    auto const by = seen_by(actor, before);
    ESC_CHECK(may(Verb::merge, before, by));
    auto const by_parent = seen_by(actor, parent);
    if (before.id == parent.id)
        return refusal_error(Errc::invalid, refusal::target, "{} cannot be merged into itself: name another one.",
                             before.id.key());
    ESC_CHECK(may_be_parent(parent, by_parent));
    if (!same_account(before, parent) && std::min(by.actor.role, by_parent.actor.role) < Role::manager)
        return refusal_error(Errc::forbidden, refusal::role,
                             "{} and {} belong to different accounts: only a manager can merge them.", before.id.key(),
                             parent.id.key());

    MergeDecision both{decide(before), decide(parent)};

    auto& merged = both.merged.after;
    json::array clocks;
    for (auto& clock : merged.clocks) {
        clock = cancelled(std::move(clock), by.now);
        clocks.push_back(clock_facts(clock));
    }
    Merge how{.into = parent.id, .state_before = before.state, .at = by.now};
    take_clocks(both.parent, before, how);
    merged.details.merge = std::move(how);
    merged.details.similar = {};
    merged.details.same_ticket = false;
    merged.state = State::merged;
    both.merged.links_given_up = links;
    both.merged.events.push_back(event_of(
        EventType::merged, by,
        {{"into", parent.id.number}, {"from", to_string(before.state)}, {"links", facts_of(links)}, {"clocks", clocks}}));
    say_in_thread(both.merged, {fmt::format("{{0}} merged this into {}: it goes on there.", parent.id), {by.actor.id}, {}},
                  by.now);
    tell(both.merged, occasion("merged", both.merged), unique({responsible(before, by.now), before.raised_by}),
         {fmt::format("{{0}} merged it into {}: it goes on there, and you hear of it.", parent.id), {by.actor.id}, {}}, {"show"},
         by);
    both.merged = ended(std::move(both.merged), by);

    auto& after = both.parent.after;
    take_people(after, before, by.now);
    take_customer(after.details, before.details);
    if (after.details.similar == before.id) {
        after.details.similar = {};
        after.details.same_ticket = false;
    }
    both.parent.links = links;
    json::object facts{{"from", before.id.number}, {"links", facts_of(links)}};
    add_shared_facts(facts, after.details);
    both.parent.events.push_back(event_of(EventType::absorbed, by_parent, facts));
    say_in_thread(both.parent, {fmt::format("{{0}} merged {} into this.", before.id), {by.actor.id}, before.title}, by.now);
    tell(both.parent, occasion("absorbed", both.parent), {responsible(parent, by.now)},
         {fmt::format("{{0}} merged {} into it.", before.id), {by.actor.id}, before.title}, {"show"}, by);
    both.parent = ended(std::move(both.parent), by_parent);
    return both;
}

Result<void> may_unmerge(Escalation const& before, By const& actor) {
    auto const by = seen_by(actor, before);
    ESC_CHECK(may(Verb::unmerge, before, by));
    if (!before.details.merge)
        return refusal_error(Errc::conflict, refusal::nothing, "It is not known what {} was merged into.", before.id.key());
    if (by.now > before.details.merge->at + unmerge_window)
        return refusal_error(Errc::conflict, refusal::too_late,
                             "{} was merged more than {} ago: it goes on in {}, or raise a new one.", before.id.key(),
                             format_elapsed(std::chrono::duration_cast<std::chrono::seconds>(unmerge_window)),
                             before.details.merge->into.key());
    return {};
}

Result<MergeDecision> unmerge(Escalation const& before, Escalation const& parent, Undoing const& undoing, Config const& config,
                              Ladder const& ladder, By const& actor) {
    ESC_CHECK(may_unmerge(before, actor));
    auto const by = seen_by(actor, before);
    auto const how = *before.details.merge;

    MergeDecision both{decide(before), decide(parent)};
    auto& merged = both.merged.after;
    merged.state = how.state_before;
    merged.details.merge.reset();
    both.merged.links = undoing.links;
    auto const resumed_at = run_on(both.merged, how, undoing, config, by.now);
    json::object facts{{"into", how.into.number},
                       {"to", to_string(merged.state)},
                       {"owner", merged.owner.value},
                       {"links_back", links_that_stay(undoing.links)},
                       {"clocks", closed_facts(both.merged)}};
    add_shared_facts(facts, merged.details);
    if (resumed_at) facts["resumed_us"] = to_us(*resumed_at);
    both.merged.events.push_back(event_of(EventType::unmerged, by, facts));
    tell_what_came(both.merged, before.clocks, ladder, by.now);
    say_in_thread(both.merged, {fmt::format("{{0}} took this out of {} again.", how.into), {by.actor.id}, {}}, by.now);
    tell(both.merged, occasion("unmerged", both.merged), unique({responsible(merged, by.now), before.raised_by}),
         {fmt::format("{{0}} took it out of {} again: it goes on by itself.", how.into), {by.actor.id}, {}}, {"show"}, by);
    both.merged = ended(std::move(both.merged), by);

    auto const* left = &before;
    both.between.reserve(undoing.between.size());
    for (auto const& between : undoing.between) {
        auto* const apart = both.between.empty() ? nullptr : &both.between.back();
        both.between.push_back(take_out_between(between, *left, apart, by.now));
        left = &between.before;
    }
    take_out(both.parent, *left, both.between.empty() ? nullptr : &both.between.back(), undoing.parent, by.now);
    for (auto& between : both.between) {
        json::object given{{"from", before.id.number}, {"given_back", true}, {"clocks", closed_facts(between)}};
        add_shared_facts(given, between.after.details);
        between.events.push_back(event_of(EventType::absorbed, seen_by(actor, between.after), given));
        finish(between, by.now);
    }
    auto const& host = undoing.between.empty() ? undoing.parent : undoing.between.front().host;
    both.later = hand_on(before, host.others_since, actor);
    both.parent.links_given_up = undoing.links;
    json::object given{{"from", before.id.number},
                       {"given_back", true},
                       {"links_back", links_that_stay(undoing.links)},
                       {"clocks", closed_facts(both.parent)}};
    add_shared_facts(given, both.parent.after.details);
    both.parent.events.push_back(event_of(EventType::absorbed, seen_by(actor, parent), given));
    say_in_thread(both.parent, {fmt::format("{{0}} took {} out of this again.", before.id), {by.actor.id}, {}}, by.now);
    tell(both.parent, occasion("given_back", both.parent), {responsible(parent, by.now)},
         {fmt::format("{{0}} took {} out of it again. {}", before.id,
                      both.parent.after.clocks == parent.clocks ? "Its clocks stay as they are."
                                                                : "What was owed there is not owed here any more."),
          {by.actor.id},
          {}},
         {}, by);
    both.parent = ended(std::move(both.parent), by);
    return both;
}

bool took_promise(Merge const& how) {
    auto const is_promise = [](SlaClock const& clock) { return clock.kind == ClockKind::promise; };
    if (std::none_of(how.parent_got.begin(), how.parent_got.end(), is_promise)) return false;
    return how.parent_promise || std::none_of(how.parent_had.begin(), how.parent_had.end(), is_promise);
}

std::vector<EscalationId> merged_into_it(std::vector<StoredEvent> const& absorbed) {
    std::vector<EscalationId> all;
    for (auto const& stored : absorbed) {
        Facts const facts{stored.event};
        EscalationId const from{facts.number("from").value_or(0)};
        std::erase(all, from);
        if (from.number > 0 && !facts.flag("given_back")) all.push_back(from);
    }
    return all;
}

std::vector<SourceLink> moved_links(LedgerEvent const& event) {
    std::vector<SourceLink> links;
    for (auto const& fact : Facts{event}.list("links")) {
        if (!fact.is_array() || fact.get_array().size() != 3) continue;
        auto const& parts = fact.get_array();
        if (!parts[0].is_string() || !parts[1].is_string() || !parts[2].is_string()) continue;
        links.push_back(
            {std::string{parts[0].get_string()}, std::string{parts[1].get_string()}, std::string{parts[2].get_string()}});
    }
    return links;
}

}  // namespace esc::rules
