// Two that are one, and apart again. Each changes two escalations in one transaction: both are decided before either is saved.
#include "handlers/rules/merge.hpp"
#include "bot/base/words.hpp"
#include "handlers/act.hpp"
#include "handlers/away.hpp"
#include "handlers/rules/facts.hpp"
#include "handlers/views/states.hpp"

#include <algorithm>
#include <functional>
#include <optional>
#include <set>

namespace esc::handlers {
namespace {

constexpr std::string_view into_block = "into";

// As their channels are called by now.
std::vector<SourceLink> moved_links(Snapshot const& snapshot, LedgerEvent const& event) {
    auto links = rules::moved_links(event);
    for (auto& link : links) link = snapshot.known_by_now(std::move(link));
    return links;
}

// All links of it, also the messages of those that were merged into it before.
std::vector<SourceLink> all_links(Snapshot const& snapshot, Escalation const& escalation) {
    auto links = snapshot.links(escalation.id);
    if (escalation.origin == Origin::slack_message) {
        auto own = message_link(escalation.source.channel, escalation.source.ts);
        // Somebody may have raised the message anew meanwhile.
        if (snapshot.by_source(own) == escalation.id) links.push_back(std::move(own));
    }
    for (auto const& stored : snapshot.events(escalation.id, {EventType::absorbed})) {
        for (auto& link : moved_links(snapshot, stored.event)) {
            bool const known =
                std::any_of(links.begin(), links.end(), [&](SourceLink const& one) { return same_link(one, link); });
            if (!known && snapshot.by_source(link) == escalation.id) links.push_back(std::move(link));
        }
    }
    return links;
}

// What its last merge moved and the parent still has.
std::vector<SourceLink> links_to_give_back(Snapshot const& snapshot, EscalationId merged, EscalationId parent) {
    std::vector<SourceLink> links;
    if (auto const last = snapshot.last_event(merged, {EventType::merged})) links = moved_links(snapshot, last->event);
    std::erase_if(links, [&](SourceLink const& link) { return snapshot.by_source(link) != parent; });
    return links;
}

bool answers(LedgerEvent const& event, rules::Facts const& facts) {
    if (event.type == EventType::resolved) return facts.flag("by_statement");
    return event.type == EventType::agent_wrote || event.type == EventType::replied;
}

// What `into` was told since, as far as it concerns the merged one's debts. `promise`: that of the merged one, while it is
// owed there.
void hear(rules::Undoing& found, std::optional<Promise>& promise, StoredEvent const& stored) {
    auto const& event = stored.event;
    rules::Facts const facts{event};
    if (answers(event, facts)) found.talk.push_back({event.source_time, false});
    if (!promise) return;
    auto const kept = event.type == EventType::promise_kept;
    if (kept || event.type == EventType::promised) found.promise_over = {event.recorded_at, kept};
    // What is resolved there is not resolved here.
    if (kept || event.type == EventType::promised || event.type == EventType::resolved) promise.reset();
}

// What people from outside have said in its threads since it was merged.
std::vector<StoredEvent> said_since(Snapshot const& snapshot, EscalationId merged) {
    auto const merge = snapshot.last_event(merged, {EventType::merged});
    auto said = snapshot.events(merged, {EventType::customer_wrote});
    std::erase_if(said, [&](StoredEvent const& one) { return !merge || one.sequence < merge->sequence; });
    return said;
}

// What happened where it went on, which may have been merged on.
void hear_all(rules::Undoing& found, Snapshot const& snapshot, Escalation const& merged) {
    for (auto const& stored : said_since(snapshot, merged.id)) found.talk.push_back({stored.event.source_time, true});
    auto promise = merged.details.promise;
    auto at = std::optional{merged};
    while (at && at->state == State::merged && at->details.merge) {
        auto const how = *at->details.merge;
        auto const merge = snapshot.last_event(at->id, {EventType::merged});
        if (!rules::took_promise(how)) promise.reset();
        for (auto const& stored : snapshot.events(how.into, {EventType::agent_wrote, EventType::replied, EventType::resolved,
                                                             EventType::promised, EventType::promise_kept}))
            if (merge && stored.sequence > merge->sequence) hear(found, promise, stored);
        at = snapshot.escalation(how.into);
    }
    std::stable_sort(found.talk.begin(), found.talk.end(), [](auto const& a, auto const& b) { return a.at < b.at; });
}

// What is on record of its conversation, with what goes on in it but without what `out` brought. `heard`: what was said in the
// threads of that one.
void recall(rules::Undoing::Host& found, Snapshot const& snapshot, EscalationId host, EscalationId out,
            std::set<std::string, std::less<>> const& heard) {
    for (auto const& stored : snapshot.events(host, {EventType::located, EventType::customer_wrote, EventType::agent_wrote,
                                                     EventType::replied, EventType::resolved})) {
        auto const& event = stored.event;
        rules::Facts const facts{event};
        if (answers(event, facts)) found.replied_at = std::max(found.replied_at.value_or(event.source_time), event.source_time);
        auto const wrote = event.type == EventType::customer_wrote;
        if (wrote && heard.contains(facts.text("ts"))) continue;
        if (found.customer.empty()) found.customer.value = facts.text(wrote ? "author" : "customer");
        if (wrote) found.customer_wrote_at = std::max(found.customer_wrote_at.value_or(event.source_time), event.source_time);
    }
    for (auto const id : rules::merged_into_it(snapshot.events(host, {EventType::absorbed})))
        if (id != out) recall(found, snapshot, id, out, heard);
}

// What the ledger of one in which it went on tells; `merged` is it, or the one below in which it came here.
rules::Undoing::Host host_of(Snapshot const& snapshot, Escalation const& host, Escalation const& merged, EscalationId out,
                             std::set<std::string, std::less<>> const& heard) {
    auto const& how = *merged.details.merge;
    rules::Undoing::Host found;
    std::set<std::int64_t> others;
    for (auto const& stored : snapshot.events(host.id, {EventType::absorbed, EventType::promised})) {
        auto const& event = stored.event;
        rules::Facts const facts{event};
        if (event.type == EventType::promised) {
            if (!how.parent_promise || event.recorded_at != how.parent_promise->at) continue;
            rules::Facts const texts{LedgerEvent{.data = event.text}};
            found.promise = {.text = texts.text("promise"), .to = texts.text("to")};
        } else if (event.recorded_at > how.at) {
            auto const other = facts.number("from").value_or(0);
            if (facts.flag("given_back"))
                others.erase(other);
            else
                others.insert(other);
        }
    }
    for (auto const other : others)
        if (auto there = snapshot.escalation({other}); there && there->details.merge && there->details.merge->into == host.id)
            found.others_since.push_back(*std::move(there));
    std::sort(found.others_since.begin(), found.others_since.end(),
              [](Escalation const& a, Escalation const& b) { return a.details.merge->at < b.details.merge->at; });
    recall(found, snapshot, host.id, out, heard);
    return found;
}

// What the ledgers tell about the time before and after its merge.
rules::Undoing undoing(Snapshot const& snapshot, Escalation const& merged, Escalation const& parent) {
    rules::Undoing found{.links = links_to_give_back(snapshot, merged.id, parent.id)};
    std::set<std::string, std::less<>> heard;
    for (auto const& stored : said_since(snapshot, merged.id)) heard.emplace(rules::Facts{stored.event}.text("ts"));
    auto below = merged;
    for (auto at = snapshot.escalation(below.details.merge->into); at && at->id != parent.id;
         at = snapshot.escalation(below.details.merge->into)) {
        found.between.push_back({*at, host_of(snapshot, *at, below, merged.id, heard)});
        below = *std::move(at);
    }
    found.parent = host_of(snapshot, parent, below, merged.id, heard);
    hear_all(found, snapshot, merged);
    return found;
}

struct Merging {
    CardRef ref{};
    EscalationId into{};
    bool typed = false;  // else in the form
};

Work merge(Merging const& merging, Env const& env) {
    return [merging, by = by(env)](Tx& tx) {
        auto const before = look_up(tx, merging.ref.id, by.actor);
        if (!before) return refuse(before.error());
        auto const refused = [&](Error const& error) {
            refresh_if_stale(tx, *before, merging.ref, by.now);
            if (merging.typed) return refuse(*before, error, tx);
            return refusal(*before, error, {{rules::refusal::target, into_block}}, merging.into.key(), tx);
        };
        auto const parent = look_up(tx, merging.into, by.actor);
        if (!parent) {
            auto nowhere = parent.error();
            nowhere.cause = rules::refusal::target;
            return refused(nowhere);
        }
        auto both = rules::merge(*before, *parent, all_links(tx, *before), by);
        if (!both) return refused(both.error());
        save(tx, std::move(both->merged));  // gives the links up before the other takes them
        save(tx, std::move(both->parent));
        return merging.typed ? say(fmt::format("{} is merged into {} and goes on there.", before->id.key(), parent->id.key()))
                             : done();
    };
}

Work unmerge(CardRef const& ref, bool typed, Env const& env) {
    Work work = [ref, typed, by = by(env), config = env.config, ladders = rules::ladders_of(*env.people, *env.config)](Tx& tx) {
        auto const before = look_up(tx, ref.id, by.actor);
        if (!before) return refuse(before.error());
        auto const refused = [&](Error const& error) {
            refresh_if_stale(tx, *before, ref, by.now);
            return refuse(*before, error, tx);
        };
        if (auto const may = rules::may_unmerge(*before, by); !may) return refused(may.error());
        auto const parent = goes_on_as(tx, before->details.merge->into);
        if (!parent) return refuse(unknown(before->details.merge->into));
        auto both = rules::unmerge(*before, *parent, undoing(tx, *before, *parent), *config, ladders.of(before->team), by);
        if (!both) return refused(both.error());
        save(tx, std::move(both->parent));
        for (auto* aside : {&both->between, &both->later})
            for (auto& decision : *aside) save(tx, std::move(decision));
        save(tx, std::move(both->merged));
        return typed ? say(fmt::format("{} goes on by itself again.", before->id.key())) : done();
    };
    return minding_absence(std::move(work), ref.id, env);
}

Query form(EscalationId id, Env const& env) {
    return open_form(
        rules::Verb::merge, id,
        [](Escalation const& escalation, rules::By const&, Snapshot const&) { return views::merge_modal(escalation); }, env);
}

Result<Plan> by_button(slack::BlockAction const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.value));
    return Plan{form(ref.id, env)};
}

Result<Plan> by_form(slack::ViewSubmission const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.private_metadata));
    auto const into = Words{trimmed(in.state.get(into_block))}.key(0);
    if (!into) return Plan{refuse_in_view(into_block, "Write the other one's key, such as ESC-7.")};
    return Plan{merge({.ref = ref, .into = *into}, env)};
}

Result<Plan> by_verb(Words const& words, Env const& env) {
    ESC_TRY(auto const id, words.key(0));
    if (words.size() == 1) return Plan{form(id, env)};
    ESC_TRY(auto const into, words.key(lower(words.at(1)) == "into" ? 2 : 1));
    return Plan{merge({.ref = {id, 0}, .into = into, .typed = true}, env)};
}

Result<Plan> by_unmerge_button(slack::BlockAction const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.value));
    return Plan{unmerge(ref, false, env)};
}

Result<Plan> by_unmerge_verb(Words const& words, Env const& env) {
    ESC_TRY(auto const id, words.key(0));
    return Plan{unmerge({id, 0}, true, env)};
}

}  // namespace

void register_merge(Router& router) {
    router.action(route(rules::Verb::merge), by_button);
    router.view(route(rules::Verb::merge), by_form);
    router.verb("merge", {"merge 12 into 7", "they are the same: 12 ends, 7 goes on with the stricter times"}, by_verb);
    router.action(route(rules::Verb::unmerge), by_unmerge_button);
    router.verb("unmerge", {"unmerge 12", "they were not the same: 12 goes on by itself (seven days)"}, by_unmerge_verb);
}

}  // namespace esc::handlers
