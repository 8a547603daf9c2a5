#include "handlers/rules/lifecycle.hpp"

#include "handlers/rules/conversation.hpp"
#include "handlers/rules/facts.hpp"
#include "handlers/rules/grade.hpp"
#include "handlers/rules/outbox_items.hpp"
#include "handlers/rules/parts.hpp"
#include "handlers/rules/rank.hpp"
#include "handlers/rules/severity.hpp"
#include "handlers/rules/sla.hpp"
#include "handlers/rules/texts.hpp"
#include "store/replay.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <string_view>
#include <utility>

namespace esc::rules {

namespace json = boost::json;

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
    after.team = request.team;
    after.clocks = start_clocks(targets, after.opened_at, by.now);
    if (request.answers) {
        after.details.answers = request.answers;
        after.details.computed = computed_severity(*request.answers);
    } else if (after.severity == Severity::sev1) {
        mark_unconfirmed(after, by.now);
    }

    json::object facts{{"replay", replay_version},
                       {"severity", to_string(after.severity)},
                       {"origin", to_string(after.origin)},
                       {"channel", after.source.channel.value},
                       {"ts", after.source.ts.value},
                       {"thread_ts", after.source.thread_ts.value},
                       {"team", after.team}};
    add_severity_facts(facts, after.details);
    if (from_message) decision.links.push_back(message_link(request.source.channel, request.source.ts));
    decision.links.insert(decision.links.end(), request.links.begin(), request.links.end());
    facts["links"] = links_that_stay(decision.links);
    // The texts travel as one object, so that they can be told apart and an erasure takes all of them. A reaction has none: its
    // title is a constant.
    std::string texts;
    if (!request.title.empty() || !request.description.empty() || !request.account.empty())
        texts =
            json::serialize(json::object{{"title", after.title}, {"description", after.description}, {"account", after.account}});
    auto event = event_of(EventType::raised, by, facts, std::move(texts));
    event.source_time = after.opened_at;
    decision.events.push_back(std::move(event));

    decision.outbox.push_back(locate_item(request.id, by.now));
    if (!request.response_url.empty()) decision.outbox.push_back(response_item(request.id, {request.response_url}, by.now));
    finish(decision, by.now);
    return decision;
}

namespace {

// What stood open around it and has no place in an escalation that is over.
void end_requests(Details& details) {
    details.transfer.reset();
    details.severity_request.reset();
    details.unavailable.reset();
    details.unconfirmed_since.reset();
    details.unconfirmed_alert_at.reset();
    details.promise.reset();
}

// The one it had needs no word.
std::optional<Severity> another_level(Escalation const& before, ResolveRequest const& request) {
    return request.warranted == before.severity ? std::nullopt : request.warranted;
}

json::object resolve_facts(Escalation const& before, ResolveRequest const& request) {
    json::object data{{"owner", before.owner.value},
                      {"by_statement", request.customer_told},
                      {"without_criteria", request.exit_criteria.empty()},
                      {"cause", request.cause}};
    if (request.preventable) data["preventable"] = *request.preventable;
    if (auto const level = another_level(before, request)) {
        data["warranted"] = to_string(*level);
        data["version"] = before.version + 1;
    }
    return data;
}

std::string resolve_texts(ResolveRequest const& request) {
    if (request.exit_criteria.empty()) return request.text;
    return json::serialize(json::object{{"resolution", request.text}, {"exit_criteria", request.exit_criteria}});
}

// A SEV1 does not end by the word of who acts for its owner alone.
bool needs_the_owners_word(Escalation const& before, Config const& config, By const& by) {
    return before.severity == Severity::sev1 && !config.ownership.acting_resolves_sev1 && !has_the_last_word(before, by);
}

// Typed anew it replaces the text alone: what a form held stays said.
ResolveRequest completed(ResolveRequest const& request, std::optional<ResolveRequest> const& asked, By const& by) {
    if (!request.exit_criteria.empty() || !asked || asked->asked_by != by.actor.id) return request;
    auto all = *asked;
    all.text = request.text;
    return all;
}

Decision ask_to_resolve(Escalation const& before, ResolveRequest const& request, Ladder const& ladder, By const& by) {
    auto decision = decide(before);
    accept_by_acting(decision, by);
    decision.events.push_back(event_of(EventType::resolve_asked, by, resolve_facts(before, request), resolve_texts(request)));
    Said const said{
        "{0}, who acts for {1}, says that it is solved. A SEV1 is resolved by its owner or a manager: the form has what "
        "was said.",
        {by.actor.id, before.owner},
        request.text};
    auto people = managers_or_next(ladder);
    if (std::find(people.begin(), people.end(), before.owner) == people.end()) people.push_back(before.owner);
    say_in_thread(decision, said, by.now);
    tell(decision, occasion("resolve_asked", decision), people, said, {"resolve", "show"}, by);
    return ended(std::move(decision), by);
}

}  // namespace

ResolveRequest asked_to_resolve(LedgerEvent const& event) {
    Facts const facts{event};
    ResolveRequest request;
    bool const typed = facts.flag("without_criteria");  // whose text is what was written, whatever it looks like
    boost::system::error_code error;
    auto const texts = typed ? json::value{} : json::parse(event.text, error);
    if (!error && texts.is_object()) {
        auto const text = [&](std::string_view name) {
            auto const* found = texts.get_object().if_contains(name);
            return found != nullptr && found->is_string() ? std::string{found->get_string()} : std::string{};
        };
        request.text = text("resolution");
        request.exit_criteria = text("exit_criteria");
    } else {
        request.text = event.text;
    }
    request.cause = facts.text("cause");
    if (!typed) {
        request.preventable = facts.flag("preventable");
        request.customer_told = facts.flag("by_statement");
    }
    request.warranted = parse_severity(facts.text("warranted"));
    request.asked_by = event.actor;
    return request;
}

bool has_the_last_word(Escalation const& escalation, By const& by) {
    return is_owner(escalation, by.actor) || by.actor.role >= Role::manager;
}

Result<Decision> deny_resolve(Escalation const& before, PersonId const& asked_by, std::string const& reason, By const& by) {
    ESC_CHECK(may(Verb::resolve, before, by));
    if (!has_the_last_word(before, by))
        return refusal_error(Errc::forbidden, refusal::role,
                             "Only its owner and managers can say that {} is not solved. Ask one of them.", before.id.key());
    ESC_CHECK(needs_text(reason, fmt::format("Say why {} is not solved: who asked is told.", before.id.key())));
    auto decision = decide(before);
    decision.events.push_back(event_of(EventType::resolve_asked, by,
                                       {{"denied", true}, {"owner", before.owner.value}, {"asked_by", asked_by.value}}, reason));
    Said const said{"{0} said no: it is not solved yet and goes on.", {by.actor.id}, reason};
    tell(decision, occasion("resolve_denied", decision), {asked_by}, said, {"resolve", "show"}, by);
    say_in_thread(decision, said, by.now);
    return ended(std::move(decision), by);
}

Result<Decision> resolve(Escalation const& before, ResolveRequest const& request, Config const& config, By const& by,
                         Ladder const& ladder, std::optional<ResolveRequest> const& asked) {
    ESC_CHECK(may(Verb::resolve, before, by));
    ESC_CHECK(needs_text(request.text, fmt::format("Say how {} was resolved.", before.id.key())));
    ESC_CHECK(fits_limit(request.exit_criteria));
    bool const known_cause =
        request.cause.empty() || std::find(cause_classes.begin(), cause_classes.end(), request.cause) != cause_classes.end();
    if (!known_cause) return refusal_error(Errc::invalid, refusal::text, "Choose what caused {} from the list.", before.id.key());
    bool const typed = request.exit_criteria.empty();
    if (!typed && !request.customer_told && customer_waits(before.details))
        return refusal_error(Errc::invalid, refusal::guard,
                             "The customer of {} still waits for an answer: tell them first, then resolve it.", before.id.key());
    if (needs_the_owners_word(before, config, by)) return ask_to_resolve(before, completed(request, asked, by), ladder, by);

    auto decision = decide(before);
    auto& after = decision.after;
    auto& details = after.details;
    accept_by_acting(decision, by);
    leave_waiting(decision, by.now);
    close_clock(decision, ClockKind::owner, by.now);
    close_clock(decision, ClockKind::acceptance, by.now);
    cancel_clock(decision, ClockKind::promise, by.now);
    auto unanswered = false;
    for (auto const kind : {ClockKind::first_response, ClockKind::next_response}) {
        if (after.clock(kind) == nullptr) continue;
        if (request.customer_told) {
            close_clock(decision, kind, by.now);
        } else {
            unanswered = true;
            cancel_clock(decision, kind, by.now);
        }
    }
    if (request.customer_told) details.replied_at = by.now;
    auto clocks = closed_facts(decision);
    for (auto& clock : after.clocks) {
        clock = stop_clock(clock, by.now);
        clocks.push_back(clock_facts(clock));
    }
    end_requests(details);
    after.state = State::resolved;
    after.resolution = request.text;
    after.resolved_at = by.now;
    details.exit_criteria = request.exit_criteria;
    details.cause = request.cause;
    details.preventable = request.preventable;
    details.close_at = by.now + config.reopen_window;
    auto data = resolve_facts(before, request);
    data["unanswered"] = unanswered;
    if (asked) data["asked_by"] = asked->asked_by.value;
    data["close_us"] = to_us(*details.close_at);
    data["clocks"] = clocks;
    decision.events.push_back(event_of(EventType::resolved, by, data, resolve_texts(request)));
    if (auto const level = another_level(before, request)) warrant(decision, *level, ladder, by);
    tell(decision, occasion("resolved", decision), {before.owner},
         {"{0} resolved it for you, its owner. If it is not done, reopen it.", {by.actor.id}, request.text}, {"reopen"}, by);
    if (asked && asked->asked_by != before.raised_by)
        tell(decision, occasion("resolved", decision), {asked->asked_by},
             {"{0} resolved it, as you said.", {by.actor.id}, request.text}, {"show"}, by);
    if (before.raised_by != before.owner)
        tell(decision, occasion("resolved", decision), {before.raised_by},
             {"{0} resolved it. Did that solve it? If not, you can reopen it until {t0}; then it is closed.",
              {by.actor.id},
              request.text,
              {*details.close_at}},
             {"confirmed", "reopen"}, by);
    return ended(std::move(decision), by);
}

namespace {

Decision closed(Escalation const& before, json::object data, By const& by) {
    auto decision = decide(before);
    auto& after = decision.after;
    after.state = State::closed;
    decision.closed_clocks.insert(decision.closed_clocks.end(), after.clocks.begin(), after.clocks.end());
    after.clocks.clear();
    after.details.close_at.reset();
    after.details.coverage.reset();  // kept until now for a reopen
    data["owner"] = before.owner.value;
    decision.events.push_back(event_of(EventType::closed, by, data));
    return decision;
}

}  // namespace

Decision window_over(Escalation const& before, By const& by) { return ended(closed(before, {}, by), by); }

Result<Decision> close(Escalation const& before, By const& by) {
    ESC_CHECK(may(Verb::close, before, by));
    bool const raised_it = by.actor.id == before.raised_by && !is_own_work(before);
    bool const by_statement = !raised_it && !before.details.customer.empty();
    auto decision = closed(before, {{"confirmed", true}, {"by_statement", by_statement}}, by);
    Said said{raised_it      ? "{0}, who raised it, says that it is solved: it is closed."
              : by_statement ? "{0} says that the customer has confirmed it: it is closed."
                             : "{0} says for {1}, who raised it and is gone, that it is solved: it is closed.",
              {by.actor.id},
              {}};
    if (!raised_it && !by_statement) said.people.push_back(before.raised_by);
    say_in_thread(decision, said, by.now);
    std::vector<PersonId> people{before.owner};
    if (before.owner != before.raised_by && !by.is_gone(before.raised_by)) people.push_back(before.raised_by);
    tell(decision, occasion("closed", decision), people, said, {}, by);
    return ended(std::move(decision), by);
}

Result<void> may_reopen(Escalation const& before, std::chrono::seconds window, By const& by) {
    ESC_CHECK(may(Verb::reopen, before, by));
    if (before.resolved_at && by.now > *before.resolved_at + window)
        return refusal_error(Errc::conflict, refusal::too_late,
                             "{} was resolved more than {} ago. Raise a new one and name it there.", before.id.key(),
                             format_elapsed(window));
    return {};
}

void continue_clocks(Decision& decision, Instant at) {
    auto& after = decision.after;
    for (auto& clock : after.clocks) {
        if (!clock.stopped_at) continue;
        decision.closed_clocks.push_back(clock);
        clock = continue_clock(clock, at);
        auto& generation = after.details.generations[clock.kind];
        generation = std::max(generation, clock.generation);
    }
}

void open_again(Decision& decision, Instant at) {
    auto& after = decision.after;
    after.state = State::working;
    ++after.reopen_count;
    after.resolution.clear();
    after.resolved_at.reset();
    auto& details = after.details;
    details.close_at.reset();
    details.exit_criteria.clear();
    details.cause.clear();
    details.preventable.reset();
    details.warranted.reset();
    continue_clocks(decision, at);
}

Result<Decision> reopen(Escalation const& before, std::string const& reason, std::chrono::seconds window, By const& by,
                        SlaTargets const& targets) {
    ESC_CHECK(may_reopen(before, window, by));
    ESC_CHECK(needs_text(reason, fmt::format("Say why {} is not done.", before.id.key())));

    auto decision = decide(before);
    auto& after = decision.after;
    open_again(decision, by.now);
    start_clock_at(decision, ClockKind::next_response, by.now, targets.next_response, targets.at_risk);
    decision.events.push_back(event_of(
        EventType::reopened, by,
        {{"owner", after.owner.value}, {"reopen_count", after.reopen_count}, {"clocks", closed_facts(decision)}}, reason));
    tell_reopened(decision, "{0} reopened it", reason, by);
    return ended(std::move(decision), by);
}

namespace {

Decision taken_back(Escalation const& before, EventType type, std::string const& reason, By const& by) {
    auto decision = decide(before);
    auto& after = decision.after;
    for (auto const kind : all_clock_kinds) cancel_clock(decision, kind, by.now);
    end_requests(after.details);
    after.state = State::declined;
    after.details.declined_reason = reason;
    decision.events.push_back(event_of(type, by, {{"clocks", closed_facts(decision)}}, reason));
    return decision;
}

}  // namespace

Result<Decision> decline(Escalation const& before, std::string const& reason, By const& by) {
    ESC_CHECK(may(Verb::decline, before, by));
    ESC_CHECK(needs_text(reason, fmt::format("Say why {} is no escalation: who raised it is told.", before.id.key())));
    if (!before.details.customer.empty() && !before.details.replied_at)
        return refusal_error(Errc::conflict, refusal::guard,
                             "A customer raised {}: answer them in their thread first, then decline it.", before.id.key());
    auto decision = taken_back(before, EventType::declined, reason, by);
    tell(decision, "declined", {before.raised_by},
         {"{0} declined it. You can raise it again with more facts.", {by.actor.id}, reason}, {}, by);
    return ended(std::move(decision), by);
}

Result<Decision> undo(Escalation const& before, Raisers raisers, By const& by) {
    ESC_CHECK(may(Verb::undo, before, by));
    if (raisers == Raisers::several)
        return refusal_error(Errc::conflict, refusal::guard, "Others have raised {} as well: a lead can decline it.",
                             before.id.key());
    if (by.now > before.created_at + undo_window)
        return refusal_error(Errc::conflict, refusal::too_late, "{} was raised more than two minutes ago: a lead can decline it.",
                             before.id.key());
    auto decision = taken_back(before, EventType::withdrawn, {}, by);
    if (before.origin == Origin::slack_message)
        decision.links_given_up.push_back(message_link(before.source.channel, before.source.ts));
    return ended(std::move(decision), by);
}

void finish(Decision& decision, Instant now) {
    auto& after = decision.after;
    after.rank = rank(after);
    after.next_point = next_point(after);
    ++after.version;
    after.updated_at = now;
}

}  // namespace esc::rules
