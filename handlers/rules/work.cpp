#include "handlers/rules/work.hpp"

#include "bot/base/utf8.hpp"
#include "handlers/rules/facts.hpp"
#include "handlers/rules/outbox_items.hpp"
#include "handlers/rules/parts.hpp"
#include "handlers/rules/texts.hpp"
#include "handlers/rules/tickets.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <utility>
#include <vector>

namespace esc::rules {
namespace {

namespace json = boost::json;

constexpr std::size_t url_limit = 2000;  // bytes; browsers take no more for sure

bool takes_part(Escalation const& escalation, Participant::Kind kind, PersonId const& who) {
    auto const& all = escalation.details.participants;
    return std::any_of(all.begin(), all.end(), [&](Participant const& one) { return one.kind == kind && one.person == who; });
}

std::string_view name_of(Participant::Kind kind) {
    switch (kind) {
        case Participant::Kind::helper:
            return "helper";
        case Participant::Kind::watcher:
            return "watcher";
        case Participant::Kind::engineer:
            return "engineer";
    }
    return "helper";
}

Verb verb_of(Participant::Kind kind) { return kind == Participant::Kind::watcher ? Verb::watch : Verb::helper; }

}  // namespace

std::string_view to_string(Brief::Trend trend) noexcept {
    switch (trend) {
        case Brief::Trend::unknown:
            return "unknown";
        case Brief::Trend::better:
            return "better";
        case Brief::Trend::same:
            return "same";
        case Brief::Trend::worse:
            return "worse";
    }
    return "unknown";
}

// --- what is written -----------------------------------------------------------------------------------------------------

Result<Decision> note(Escalation const& before, std::string const& text, By const& by) {
    ESC_CHECK(may(Verb::note, before, by));
    ESC_CHECK(needs_text(text, "Say what people should know."));
    auto decision = decide(before);
    decision.events.push_back(event_of(EventType::noted, by, {}, text));
    say_in_thread(decision, {"{0} noted:", {by.actor.id}, text}, by.now);
    return ended(std::move(decision), by);
}

namespace {

// `clocks`: what it closed, told by one event of the decision.
void put_next_step(Decision& decision, std::string const& text, json::array clocks, By const& by) {
    decision.after.details.next_step = NextStep{text, by.actor.id, by.now};
    decision.events.push_back(event_of(EventType::next_step_set, by, {{"clocks", std::move(clocks)}}, text));
    say_in_thread(decision, {"{0} set the next step:", {by.actor.id}, text}, by.now);
}

}  // namespace

Result<Decision> set_next_step(Escalation const& before, std::string const& text, By const& by) {
    ESC_CHECK(may(Verb::next_step, before, by));
    ESC_CHECK(needs_text(text, "Say what happens next, and who does it."));
    auto decision = decide(before);
    accept_by_acting(decision, by);
    put_next_step(decision, text, closed_facts(decision), by);
    return ended(std::move(decision), by);
}

Result<Decision> brief(Escalation const& before, Brief const& brief, By const& by, std::string const& next_step) {
    ESC_CHECK(may(Verb::brief, before, by));
    std::array const texts{std::pair{"tried", &brief.tried}, std::pair{"theory", &brief.theory},
                           std::pair{"blocker", &brief.blocker}, std::pair{"if_then", &brief.if_then}};
    auto const written = std::any_of(texts.begin(), texts.end(), [](auto const& one) { return can_be_read(*one.second); });
    if (!written && brief.trend == Brief::Trend::unknown)
        return refusal_error(Errc::invalid, refusal::text, "Say at least how it goes: better, the same or worse.");
    for (auto const& [name, text] : texts) ESC_CHECK(fits_limit(*text));
    // The form shows the one there is; left as it is or emptied, it stays.
    auto const& known = before.details.next_step;
    bool const goes_on = !next_step.empty() && (!known || known->text != next_step);
    if (goes_on) ESC_CHECK(needs_text(next_step, "Say what happens next, and who does it."));

    auto decision = decide(before);
    accept_by_acting(decision, by);
    decision.after.details.brief = brief;
    decision.after.details.brief->by = by.actor.id;
    decision.after.details.brief->at = by.now;
    json::object object;
    for (auto const& [name, text] : texts)
        if (!text->empty()) object[name] = *text;
    decision.events.push_back(event_of(EventType::briefed, by,
                                       {{"trend", to_string(brief.trend)}, {"clocks", closed_facts(decision)}},
                                       written ? json::serialize(object) : std::string{}));
    if (goes_on) put_next_step(decision, next_step, {}, by);
    return ended(std::move(decision), by);
}

// --- promises ------------------------------------------------------------------------------------------------------------

Result<void> may_promise_until(Instant due, Instant now) {
    if (due <= now)
        return refusal_error(Errc::invalid, refusal::guard, "That moment is over: promise something for one that is to come.");
    if (due > now + promise_at_most)
        return refusal_error(Errc::invalid, refusal::guard, "That is more than {} days away: promise something nearer.",
                             std::chrono::floor<std::chrono::days>(promise_at_most).count());
    return {};
}

Result<Decision> promise(Escalation const& before, Promise const& promise, Config const& config, By const& by) {
    ESC_CHECK(may(Verb::promise, before, by));
    ESC_CHECK(needs_text(promise.text, "Say what is promised."));
    if (auto const length = utf8::length(promise.to); length > promise_to_limit)
        return refusal_error(Errc::invalid, refusal::text, "To whom is {} characters long, and {} are the most.", length,
                             promise_to_limit);
    ESC_CHECK(may_promise_until(promise.due, by.now));

    auto decision = decide(before);
    accept_by_acting(decision, by);
    cancel_clock(decision, ClockKind::promise, by.now);
    // A clock counts whole seconds and must end when the promise does: it starts the fraction of one earlier.
    auto const target = std::chrono::ceil<std::chrono::seconds>(promise.due - by.now);
    start_clock_at(decision, ClockKind::promise, promise.due - target, target, config.targets(before.severity).at_risk);
    auto& kept = decision.after.details.promise;
    kept = promise;
    kept->by = by.actor.id;
    kept->at = by.now;
    json::object texts{{"promise", promise.text}};
    if (!promise.to.empty()) texts["to"] = promise.to;
    decision.events.push_back(event_of(
        EventType::promised, by, {{"due_us", to_us(promise.due)}, {"clocks", closed_facts(decision)}}, json::serialize(texts)));
    auto const whom = promise.to.empty() ? std::string_view{"the customer"} : std::string_view{promise.to};
    say_in_thread(decision,
                  {"{0} made a promise, due {t0}:", {by.actor.id}, fmt::format("To {}: {}", whom, promise.text), {promise.due}},
                  by.now);
    return ended(std::move(decision), by);
}

Result<Decision> keep_promise(Escalation const& before, By const& by) {
    ESC_CHECK(may(Verb::promise, before, by));
    auto const& promise = before.details.promise;
    if (!promise)
        return refusal_error(Errc::conflict, refusal::nothing, "Nothing is promised on {} that is still to be kept.",
                             before.id.key());
    auto const late = by.now > promise->due;
    auto decision = decide(before);
    accept_by_acting(decision, by);
    close_clock(decision, ClockKind::promise, by.now);
    decision.after.details.promise.reset();
    decision.events.push_back(
        event_of(EventType::promise_kept, by, {{"due_us", to_us(promise->due)}, {"clocks", closed_facts(decision)}}));
    say_in_thread(decision,
                  {late ? fmt::format("{{0}} kept a promise, {} late:", format_left(by.now - promise->due))
                        : std::string{"{0} kept a promise:"},
                   {by.actor.id},
                   promise->text},
                  by.now);
    return ended(std::move(decision), by);
}

// --- people --------------------------------------------------------------------------------------------------------------

bool watches(Escalation const& escalation, PersonId const& who) {
    return takes_part(escalation, Participant::Kind::watcher, who);
}

Result<Decision> join(Escalation const& before, Participant::Kind kind, Person const& who, By const& by) {
    ESC_CHECK(may(verb_of(kind), before, by));
    auto const key = before.id.key();
    auto const role = name_of(kind);
    if (who.role < Role::requester || !who.active)
        return refusal_error(Errc::forbidden, refusal::target, "Only people of this workspace can be {} of {}.", role, key);
    if (kind == Participant::Kind::helper && is_owner(before, who))
        return refusal_error(Errc::conflict, refusal::target, "That person owns {}: name somebody else as a helper.", key);
    if (takes_part(before, kind, who.id))
        return refusal_error(Errc::conflict, refusal::target, "{} a {} of {} already.",
                             who.id == by.actor.id ? "You are" : "That person is", role, key);
    if (before.details.participants.size() >= participants_max)
        return refusal_error(Errc::conflict, refusal::guard, "{} people help on {} or watch it, and more cannot.",
                             participants_max, key);

    auto decision = decide(before);
    decision.after.details.participants.push_back({kind, who.id, by.now});
    decision.events.push_back(event_of(EventType::joined, by, {{"person", who.id.value}, {"as", role}}));
    if (kind != Participant::Kind::watcher)
        tell(decision, fmt::format("{}-v{}", role, decision.after.version + 1), {who.id},
             {"{0} asks for your help on it. Its owner stays the same.", {by.actor.id}, {}}, {"show", "next"}, by);
    return ended(std::move(decision), by);
}

Result<Decision> leave(Escalation const& before, Participant::Kind kind, PersonId const& who, By const& by) {
    // Whoever was made a helper may say no, agent or not.
    ESC_CHECK(may(who == by.actor.id ? Verb::watch : verb_of(kind), before, by));
    if (!takes_part(before, kind, who))
        return refusal_error(Errc::conflict, refusal::nothing, "{} no {} of {}.",
                             who == by.actor.id ? "You are" : "That person is", name_of(kind), before.id.key());
    auto decision = decide(before);
    std::erase_if(decision.after.details.participants,
                  [&](Participant const& one) { return one.kind == kind && one.person == who; });
    decision.events.push_back(event_of(EventType::left, by, {{"person", who.value}, {"as", name_of(kind)}}));
    if (kind != Participant::Kind::watcher)
        tell(decision, fmt::format("{}-off-v{}", name_of(kind), decision.after.version + 1), {who},
             {"{0} says that your help on it is not needed any more.", {by.actor.id}, {}}, {"show"}, by);
    return ended(std::move(decision), by);
}

// --- links ---------------------------------------------------------------------------------------------------------------

Result<std::string> plain_url(std::string_view text) {
    auto const no_address = [] {
        return refusal_error(Errc::invalid, refusal::text,
                             "That is no web address: copy one from the address bar, such as https://example.com/tickets/1.");
    };
    if (text.size() > url_limit)
        return refusal_error(Errc::invalid, refusal::text, "That address is {} characters long, and {} are the most.",
                             text.size(), url_limit);
    // What has no place in an address, or would not survive in a message of Slack's.
    auto const odd = [](char c) {
        auto const byte = static_cast<unsigned char>(c);
        return byte <= 0x20 || byte >= 0x7F || c == '<' || c == '>' || c == '|' || c == '"' || c == '`' || c == '\\';
    };
    if (std::any_of(text.begin(), text.end(), odd)) return no_address();

    std::string url{text.substr(0, text.find('#'))};
    auto const scheme_end = url.find("://");
    if (scheme_end == std::string::npos) return no_address();
    auto const host_begin = scheme_end + 3;
    auto const host_end = std::min(url.find_first_of("/?", host_begin), url.size());
    std::transform(url.begin(), url.begin() + static_cast<std::ptrdiff_t>(host_end), url.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    auto const scheme = std::string_view{url}.substr(0, scheme_end);
    auto const host = std::string_view{url}.substr(host_begin, host_end - host_begin);
    if ((scheme != "https" && scheme != "http") || host.empty() || host.front() == '.' || host.front() == ':')
        return no_address();
    if (host.find('@') != std::string_view::npos)
        return refusal_error(Errc::invalid, refusal::text,
                             "Leave out what stands before the @: it hides where the address leads, and may be a password.");
    if (url.find('?') == std::string::npos)
        while (url.size() > host_end && url.back() == '/') url.pop_back();
    return url;
}

Result<std::string> normal_url(std::string_view text) {
    ESC_TRY(auto plain, plain_url(text));
    return ticket_address(text).value_or(std::move(plain));
}

Result<Decision> link(Escalation const& before, std::string const& url, By const& by) {
    ESC_CHECK(may(Verb::link, before, by));
    ESC_TRY(auto normal, normal_url(url));
    auto decision = decide(before);
    decision.links.push_back({std::string{url_system}, std::move(normal), url});
    decision.events.push_back(event_of(EventType::linked, by, {}, url));
    return ended(std::move(decision), by);
}

void add_ticket(Decision& decision, SourceLink const& link, By const& by) {
    decision.links.push_back(link);
    decision.events.push_back(event_of(EventType::linked, by, {}, link.url));
}

Decision name_same_ticket(Escalation const& before, EscalationId other, std::string const& url, By const& by) {
    auto decision = decide(before);
    offer_merge(decision, other, url, by);
    say_in_thread(
        decision,
        {fmt::format("{} has been raised with the same ticket. If they are one, merge them: the card offers it.", other),
         {},
         url},
        by.now);
    return ended(std::move(decision), by);
}

void offer_merge(Decision& decision, EscalationId other, std::string const& url, By const& by) {
    auto& details = decision.after.details;
    details.similar = other;
    details.same_ticket = true;
    decision.events.push_back(event_of(EventType::linked, by, {{"same_as", other.number}}, url));
}

Decision give_up_link(Escalation const& before, SourceLink const& link, EscalationId to, By const& by) {
    auto decision = decide(before);
    decision.links_given_up.push_back(link);
    decision.events.push_back(event_of(EventType::linked, by, {{"given_to", to.number}}, link.external_id));
    return ended(std::move(decision), by);
}

// --- alerts --------------------------------------------------------------------------------------------------------------

Result<Decision> acknowledge(Escalation const& before, By const& by) {
    ESC_CHECK(may(Verb::acknowledge, before, by));
    auto decision = decide(before);
    decision.events.push_back(event_of(EventType::acknowledged, by, {}));
    say_in_thread(decision, {"{0} has seen the alerts and looks after it.", {by.actor.id}, {}}, by.now);
    return ended(std::move(decision), by);
}

// --- watchers ------------------------------------------------------------------------------------------------------------

namespace {

// Answering the questions again may leave the level as it is.
bool is_another_level(LedgerEvent const& event) {
    Facts const facts{event};
    auto const from = facts.text("from");
    return from.empty() || from != facts.text("to");
}

// What a watcher hears of an event: changes of state, owner and severity.
std::optional<Said> news_of(LedgerEvent const& event, Escalation const& after) {
    auto const& details = after.details;
    auto const who = event.actor;
    switch (event.type) {
        case EventType::claimed:
            return Said{"{0} took it.", {who}, {}};
        case EventType::assigned:
            return Said{"{0} assigned it to {1}.", {who, after.owner}, {}};
        case EventType::overridden:
            return Said{"{0} made {1} its owner.", {who, after.owner}, {}};
        case EventType::waited:
            return Said{fmt::format("{{0}} put it on hold: it waits on {}.", waits_on(after.state)),
                        {who},
                        details.waiting ? details.waiting->reason : std::string{}};
        case EventType::resumed:
            return Said{"{0} set it back to working.", {who}, {}};
        case EventType::bounced:
            return Said{"{0} gave it back from engineering.", {who}, {}};
        case EventType::mitigated:
            return Said{"{0} put a workaround in place.", {who}, details.workaround};
        case EventType::resolved:
            return Said{"{0} resolved it.", {who}, after.resolution};
        case EventType::reopened:
            return Said{"{0} reopened it.", {who}, event.text};
        case EventType::declined:
            return Said{"{0} declined it.", {who}, details.declined_reason};
        case EventType::withdrawn:
            return Said{"{0} took it back.", {who}, {}};
        case EventType::merged:
            return Said{
                details.merge ? fmt::format("{{0}} merged it into {}.", details.merge->into) : "{0} merged it.", {who}, {}};
        case EventType::unmerged:
            return Said{"{0} took it out of a merge: it stands for itself again.", {who}, {}};
        case EventType::severity_changed:
            if (!is_another_level(event)) return std::nullopt;
            return Said{fmt::format("{{0}} set its severity to {}.", to_string(after.severity)), {who}, {}};
        case EventType::raised:
        case EventType::located:
        case EventType::claim_refused:
        case EventType::assign_refused:
        case EventType::replied:
        case EventType::point_passed:
        case EventType::accepted:
        case EventType::transfer_requested:
        case EventType::transfer_denied:
        case EventType::transfer_expired:
        case EventType::override_refused:
        case EventType::coverage_started:
        case EventType::coverage_ended:
        case EventType::owner_unavailable:
        case EventType::owner_back:
        case EventType::engineering_accepted:
        case EventType::absorbed:
        case EventType::closed:  // it was resolved, and that was told
        case EventType::severity_requested:
        case EventType::severity_denied:
        case EventType::severity_confirmed:
        case EventType::noted:
        case EventType::next_step_set:
        case EventType::promised:
        case EventType::promise_kept:
        case EventType::briefed:
        case EventType::joined:
        case EventType::left:
        case EventType::linked:
        case EventType::customer_wrote:
        case EventType::agent_wrote:
        case EventType::source_edited:
        case EventType::source_deleted:
        case EventType::raised_again:
        case EventType::acknowledged:
        case EventType::redacted:
        case EventType::reminded:
        case EventType::severity_expired:
        case EventType::said_before:
        case EventType::pause_overridden:
        case EventType::resolve_asked:
        case EventType::graded:
        case EventType::sibling_left:
            return std::nullopt;
    }
    return std::nullopt;
}

}  // namespace

void tell_watchers(Decision& decision, By const& by) {
    auto const& after = decision.after;
    std::vector<PersonId> watchers;
    for (auto const& one : after.details.participants)
        if (one.kind == Participant::Kind::watcher && !tells(decision, one.person)) watchers.push_back(one.person);
    if (watchers.empty()) return;
    for (auto const& event : decision.events) {
        auto const news = news_of(event, after);
        if (!news) continue;
        tell(decision, fmt::format("watch-v{}", after.version + 1), watchers, *news, {"show", "watch"}, by);
        return;  // one word for one action
    }
}

}  // namespace esc::rules
