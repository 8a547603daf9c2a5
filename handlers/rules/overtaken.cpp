// A warning's key tells all that it says; a question is known by the request that was settled.
#include "handlers/rules/overtaken.hpp"

#include "handlers/rules/alerts.hpp"
#include "handlers/rules/facts.hpp"
#include "handlers/rules/outbox_items.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace esc::rules {
namespace {

// Besides what closes a clock: the ends, and what settles a question or asks another one in its place.
constexpr std::array overtaking{EventType::claimed,
                                EventType::assigned,
                                EventType::resolved,
                                EventType::resolve_asked,
                                EventType::declined,
                                EventType::withdrawn,
                                EventType::merged,
                                EventType::overridden,
                                EventType::transfer_requested,
                                EventType::transfer_denied,
                                EventType::transfer_expired,
                                EventType::severity_changed,
                                EventType::severity_requested,
                                EventType::severity_denied,
                                EventType::severity_confirmed,
                                EventType::severity_expired,
                                EventType::reopened,
                                EventType::graded};

LedgerEvent const* first_overtaking(Decision const& decision) {
    // What was due is told first and settles nothing.
    auto const found = std::find_if(decision.events.begin(), decision.events.end(), [](LedgerEvent const& one) {
        return std::find(overtaking.begin(), overtaking.end(), one.type) != overtaking.end();
    });
    return found == decision.events.end() ? nullptr : &*found;
}

// By the level it has now the breach lies ahead.
bool taken_back_now(AlertFact const& fact, Escalation const& before, Escalation const& after) {
    auto const* const was = before.clock(fact.clock);
    auto const* const is = after.clock(fact.clock);
    return was != nullptr && is != nullptr && is->generation == fact.generation && !taken_back(fact, *was) &&
           taken_back(fact, *is);
}

std::optional<OutboxItem> overtaken_alert(Surface const& sent, Escalation const& before, Decision const& decision, Instant now) {
    auto fact = AlertFact::from_key(sent.key);
    if (!fact) return std::nullopt;
    auto const closed = std::find_if(decision.closed_clocks.begin(), decision.closed_clocks.end(), [&](SlaClock const& clock) {
        return clock.kind == fact->clock && clock.generation == fact->generation;
    });
    if (closed != decision.closed_clocks.end())
        fact->due = closed->due;
    else if (decision.after.open() && !taken_back_now(*fact, before, decision.after))
        return std::nullopt;
    return OutboxItem{sent.key, OutboxKind::alert, decision.after.id, fact->body(), now};
}

// What managers and leads were asked, by how the keys of the notices begin that asked it.
struct Question {
    std::vector<std::string> keys;
    Said settled;
};

std::string key_of(EscalationId id, std::string_view occasion) { return fmt::format("notice:{}:{}", id.number, occasion); }

// The request and its reminder. Older versions knew a question by the version alone, "transfer:v7": those notices are this
// request's where it has none of its own.
std::vector<std::string> keys_of(EscalationId id, std::string_view what, Instant at, std::vector<Surface> const& sent) {
    auto const reminder = fmt::format("{}_reminder", what);
    std::vector<std::string> keys{key_of(id, asked_at(what, at)) + ":", key_of(id, asked_at(reminder, at)) + ":"};
    if (std::none_of(sent.begin(), sent.end(), [&](Surface const& one) { return one.key.starts_with(keys.front()); }))
        for (auto const& one : {std::string{what}, reminder}) keys.push_back(key_of(id, one) + ":v");
    return keys;
}

// Of what is asked by version, the last one that was asked: those before it have ended already.
std::string last_key_of(EscalationId id, std::string_view what, std::vector<Surface> const& sent) {
    auto const start = key_of(id, what) + ":v";
    std::int64_t last = 0;
    for (auto const& one : sent) {
        if (!one.key.starts_with(start)) continue;
        std::int64_t version = 0;
        std::from_chars(one.key.data() + start.size(), one.key.data() + one.key.size(), version);
        last = std::max(last, version);
    }
    return fmt::format("{}{}:", start, last);
}

constexpr std::string_view asked_anew = "{1} has asked anew: decide by the newest message.";

std::string how_it_ended(LedgerEvent const& event) {
    if (event.type == EventType::resolved) return "{1} resolved it.";
    if (event.type == EventType::merged) return "{1} merged it into another one.";
    if (event.type == EventType::resolve_asked)
        return std::string{Facts{event}.flag("denied") ? "{1} said no: it is not solved yet." : asked_anew};
    if (event.type == EventType::declined) return "{1} declined it.";
    if (event.type == EventType::withdrawn) return "{1} took it back.";
    return "The card shows how it stands.";
}

// How it was settled, by whom: {1} decided, {2} owns it now.
std::string how_transfer_ended(LedgerEvent const& event) {
    if (event.type == EventType::transfer_requested) return std::string{asked_anew};
    if (event.type == EventType::transfer_denied) return "{1} denied it.";
    if (event.type == EventType::transfer_expired) return "Nobody decided in time, and {0} still owns it.";
    if (event.type == EventType::overridden)
        return Facts{event}.flag("asked_for") ? "{1} approved it: {2} owns it now." : "{1} moved it to {2}.";
    return how_it_ended(event);
}

std::string how_severity_ended(LedgerEvent const& event, Escalation const& after) {
    if (event.type == EventType::severity_requested) return std::string{asked_anew};
    if (event.type == EventType::severity_denied) return fmt::format("{{1}} denied it: it stays {}.", to_string(after.severity));
    if (event.type == EventType::severity_expired)
        return fmt::format("Nobody decided in time: it stays {}.", to_string(after.severity));
    if (event.type == EventType::severity_changed)
        return fmt::format("{} it is {} now.",
                           Facts{event}.text("asked_by").empty() ? "{1} set it:" : "{1} approved it:", to_string(after.severity));
    if (event.type == EventType::severity_confirmed) return fmt::format("{{1}} confirmed {}.", to_string(after.severity));
    return how_it_ended(event);
}

std::vector<Question> settled_questions(Details const& before, Decision const& decision, std::vector<Surface> const& sent) {
    auto const id = decision.after.id;
    auto const& after = decision.after.details;
    static LedgerEvent const untold{};
    auto const* const found = first_overtaking(decision);
    auto const& event = found == nullptr ? untold : *found;
    auto const people = [&](PersonId const& asked_by) {
        return std::vector<PersonId>{asked_by, event.actor, decision.after.owner};
    };
    std::vector<Question> settled;
    if (auto const& asked = before.transfer; asked && (!after.transfer || event.type == EventType::transfer_requested))
        settled.push_back(
            {keys_of(id, "transfer", asked->at, sent),
             {"{0} asked for another owner. That is over: " + how_transfer_ended(event), people(asked->by), asked->reason}});
    if (auto const& asked = before.severity_request;
        asked && (!after.severity_request || event.type == EventType::severity_requested))
        settled.push_back({keys_of(id, "severity", asked->at, sent),
                           {fmt::format("{{0}} asked for {}. That is over: {}", to_string(asked->to),
                                        how_severity_ended(event, decision.after)),
                            people(asked->by), asked->reason}});
    if (before.unconfirmed_since && !after.unconfirmed_since)
        settled.push_back(
            {{key_of(id, "unconfirmed:")},
             {"Its severity needed a confirmation. That is over: " + how_severity_ended(event, decision.after), people({}), {}}});
    if (event.type == EventType::resolved || event.type == EventType::merged || event.type == EventType::resolve_asked)
        settled.push_back({{last_key_of(id, "resolve_asked", sent)},
                           {"It waited to be resolved. That is over: " + how_it_ended(event), people({}), {}}});
    if (auto const& said = before.warranted;
        said && said->graded_by.empty() && (!after.warranted || event.type == EventType::graded))
        settled.push_back(
            {{key_of(id, "warranted:")},
             {fmt::format("{{0}} said that {} was warranted. That is over: {}", to_string(said->level),
                          event.type == EventType::graded ? fmt::format("{{1}} says {}.", to_string(after.warranted->level))
                                                          : std::string{"it was opened again."}),
              people(said->by),
              {}}});
    return settled;
}

// "notice:12:transfer:1790000000000000:v7:U1"
std::optional<OutboxItem> settled_notice(Surface const& sent, EscalationId id, std::vector<Question> const& settled,
                                         Instant now) {
    for (auto const& question : settled)
        for (auto const& key : question.keys) {
            if (!sent.key.starts_with(key)) continue;
            auto const to = PersonId{sent.key.substr(sent.key.rfind(':') + 1)};
            NoticeFact const fact{.to = to, .channel = {}, .said = question.settled, .buttons = {}};
            return OutboxItem{sent.key, OutboxKind::notice, id, fact.body(), now};
        }
    return std::nullopt;
}

// Whose word was asked for to resolve it, its owner, hears in that very message that it was resolved for them.
OutboxItem const* word_to_owner(Surface const& sent, Decision const& decision) {
    auto const id = decision.after.id;
    auto const end = fmt::format(":{}", decision.after.owner);
    auto const* const event = first_overtaking(decision);
    bool const answered = event != nullptr && event->type == EventType::resolved && Facts{*event}.has("asked_by");
    if (!answered || !sent.key.starts_with(key_of(id, "resolve_asked:")) || !sent.key.ends_with(end)) return nullptr;
    auto const found = std::find_if(decision.outbox.begin(), decision.outbox.end(), [&](OutboxItem const& item) {
        return item.key.starts_with(key_of(id, "resolved:")) && item.key.ends_with(end);
    });
    return found == decision.outbox.end() ? nullptr : &*found;
}

std::optional<OutboxItem> not_new_any_more(Surface const& sent, Escalation const& before, Escalation const& after, Instant now) {
    if (before.state != State::fresh || after.state == State::fresh) return std::nullopt;
    NoticeFact const fact{
        .to = before.raised_by, .channel = {}, .said = {"You raised it. The card shows how it stands.", {}, {}}, .buttons = {}};
    auto item = notice_item(after.id, raised_occasion, fact, now);
    return item.key == sent.key ? std::optional{std::move(item)} : std::nullopt;
}

}  // namespace

bool may_overtake(Decision const& decision) { return !decision.closed_clocks.empty() || first_overtaking(decision) != nullptr; }

std::vector<OutboxItem> overtaken(Escalation const& before, Decision const& decision, std::vector<Surface> const& sent,
                                  Instant now) {
    auto const settled = settled_questions(before.details, decision, sent);
    std::vector<OutboxItem> items;
    for (auto const& surface : sent) {
        if (auto alert = overtaken_alert(surface, before, decision, now)) items.push_back(*std::move(alert));
        if (auto notice = settled_notice(surface, decision.after.id, settled, now)) {
            if (auto const* word = word_to_owner(surface, decision)) notice->body = word->body;
            items.push_back(*std::move(notice));
        }
        if (auto word = not_new_any_more(surface, before, decision.after, now)) items.push_back(*std::move(word));
    }
    return items;
}

}  // namespace esc::rules
