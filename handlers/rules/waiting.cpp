#include "handlers/rules/waiting.hpp"

#include "bot/base/utf8.hpp"
#include "handlers/rules/outbox_items.hpp"
#include "handlers/rules/parts.hpp"
#include "handlers/rules/texts.hpp"

#include <boost/json/object.hpp>

#include <algorithm>
#include <utility>

namespace esc::rules {
namespace {

namespace json = boost::json;

constexpr std::chrono::minutes soon_after_customer{10};
constexpr std::size_t reference_limit = 200;  // characters: a ticket's number or address
constexpr int bounces_that_alert = 2;

std::string_view sentence_about(State on) {
    if (on == State::waiting_vendor) return "{0} put it on hold: it waits on a vendor.";
    if (on == State::waiting_engineering) return "{0} handed it to engineering. Its clocks run on.";
    return "{0} put it on hold: it waits on the customer.";
}

Error no_such_wait(Escalation const& before) {
    return refusal_error(Errc::invalid, refusal::state, "{} can wait on the customer, a vendor or engineering.", before.id.key());
}

// A pause that begins in the past must not count again what an earlier pause has counted. When that one ended is not kept, but
// no change lies after the last one.
Instant earliest_pause(Escalation const& before) {
    auto const* clock = before.clock(ClockKind::resolution);
    return clock != nullptr && clock->paused > Duration{0} ? before.updated_at : before.opened_at;
}

// Since when the customer owes an answer: where their messages are seen, since the question that was seen after the last of
// them; elsewhere since it is stated.
Result<Instant> asked_at(Escalation const& before, WaitRequest const& request, Config const& config, By const& by) {
    auto const& details = before.details;
    if (details.customer.empty()) {
        if (request.asked) return by.now;
        return refusal_error(Errc::invalid, refusal::guard,
                             "Ask the customer first, and say here that {} waits for their answer.", before.id.key());
    }
    if (customer_waits(details))
        return refusal_error(Errc::conflict, refusal::guard,
                             "Nobody has asked them since they last wrote: answer in the thread of {} first, or press Reply sent "
                             "if you reached them another way.",
                             before.id.key());
    if (*details.replied_at + config.service.pause_cap <= by.now)
        return refusal_error(Errc::conflict, refusal::guard,
                             "They were last asked more than {} ago: ask again first, then {} can wait for them.",
                             format_elapsed(config.service.pause_cap), before.id.key());
    return std::clamp(*details.replied_at, std::min(earliest_pause(before), by.now), by.now);
}

Result<void> not_too_long(Instant until, By const& by) {
    if (until <= by.now + pause_longest) return {};
    return refusal_error(Errc::invalid, refusal::guard, "At most {} days: choose an earlier time.", pause_longest.count());
}

bool beyond_cap(Instant until, Config const& config, By const& by) { return until > by.now + config.service.pause_cap; }

// For the audit: until when it would have waited at the most, and until when it may.
void override_pause(Decision& decision, Instant from, Instant until, std::string const& reason, By const& by) {
    decision.events.push_back(
        event_of(EventType::pause_overridden, by,
                 {{"on", to_string(decision.after.state)}, {"from_us", to_us(from)}, {"until_us", to_us(until)}}, reason));
}

Result<void> fit_for_review(Escalation const& before, Instant at, Config const& config, By const& by) {
    if (at <= by.now)
        return refusal_error(Errc::invalid, refusal::guard, "Say when you will look at {} again: a time in the future.",
                             before.id.key());
    if (by.actor.role < Role::manager && beyond_cap(at, config, by))
        return refusal_error(Errc::invalid, refusal::guard,
                             "Look at {} again within {}: the promise to the customer stands still until then. If that is too "
                             "soon, a manager can let it wait for longer: wait {} until, a time and why.",
                             before.id.key(), format_elapsed(config.service.pause_cap), before.id.number);
    return not_too_long(at, by);
}

Result<void> fit_for_vendor(Escalation const& before, WaitRequest const& request, Config const& config, By const& by) {
    if (!can_be_read(request.reference))
        return refusal_error(Errc::invalid, refusal::text, "Say the vendor's reference, such as their ticket number.");
    if (utf8::length(request.reference) > reference_limit)
        return refusal_error(Errc::invalid, refusal::text, "At most {} characters for the vendor's reference.", reference_limit);
    if (!request.review_at)
        return refusal_error(Errc::invalid, refusal::guard, "Say when you will look at {} again: a time in the future.",
                             before.id.key());
    return fit_for_review(before, *request.review_at, config, by);
}

Result<void> fit_for_engineering(Escalation const& before, WaitRequest const& request) {
    struct Item {
        std::string_view text;
        std::string_view name;
    };
    std::string missing;
    for (auto const& item : {Item{request.repro, "how to reproduce it"}, Item{request.logs, "where the logs are"},
                             Item{request.impact, "the impact"}, Item{request.deadline, "the deadline"}}) {
        ESC_CHECK(fits_limit(item.text));
        if (can_be_read(item.text)) continue;
        if (!missing.empty()) missing += ", ";
        missing += item.name;
    }
    if (!missing.empty())
        return refusal_error(Errc::invalid, refusal::text, "Engineering needs all four; still to say: {}.", missing);
    if (!request.engineer.empty() && request.engineer == before.owner)
        return refusal_error(Errc::invalid, refusal::target, "Name somebody of engineering: that person owns {}.",
                             before.id.key());
    return {};
}

Waiting for_engineering(WaitRequest const& request) {
    Waiting waiting;
    waiting.engineer = request.engineer;
    waiting.checklist = fmt::format("Reproduce: {}\nLogs: {}\nImpact: {}\nDeadline: {}", request.repro, request.logs,
                                    request.impact, request.deadline);
    return waiting;
}

// The engineer by name, and as a participant.
void take_on(Decision& decision, By const& by) {
    auto& details = decision.after.details;
    details.waiting->engineer = by.actor.id;
    details.waiting->engineer_accepted_at = by.now;
    close_clock(decision, ClockKind::engineering, by.now);
    auto& people = details.participants;
    bool const known = std::any_of(people.begin(), people.end(), [&](Participant const& one) {
        return one.kind == Participant::Kind::engineer && one.person == by.actor.id;
    });
    if (!known) people.push_back({Participant::Kind::engineer, by.actor.id, by.now});
}

std::string reason_in_words(std::string_view code) {
    if (code == "not_ours") return "not theirs";
    if (code == "more_information") return "more information needed";
    if (code == "works_as_designed") return "works as designed";
    if (code == "cannot_reproduce") return "cannot reproduce it";
    return "another reason";
}

json::object left_facts(Escalation const& before) {
    json::object facts{{"from", to_string(before.state)}};
    if (before.details.waiting) facts["since_us"] = to_us(before.details.waiting->since);
    return facts;
}

Decision bounced(Escalation const& before, std::string const& text, std::string_view code, Ladder const& ladder, By const& by) {
    auto decision = decide(before);
    auto& after = decision.after;
    leave_waiting(decision, by.now);
    after.state = State::working;
    ++after.details.bounces;
    auto facts = left_facts(before);
    facts["reason"] = code;
    facts["bounces"] = after.details.bounces;
    facts["clocks"] = closed_facts(decision);
    decision.events.push_back(event_of(EventType::bounced, by, facts, text));
    auto const words = reason_in_words(code);
    say_in_thread(decision, {fmt::format("{{0}} gave it back from engineering: {}.", words), {by.actor.id}, text}, by.now);
    auto const owner = responsible(before, by.now);
    tell(decision, occasion("bounced", decision), {owner},
         {fmt::format("{{0}} gave it back from engineering: {}. It is yours to move again.", words), {by.actor.id}, text},
         {"wait", "resolve"}, by);
    if (after.details.bounces >= bounces_that_alert) {
        auto others = leads_and_managers(ladder);
        std::erase(others, owner);
        tell(decision, occasion("bounced", decision), others,
             {fmt::format("Engineering has given it back {} times now: {}. {{0}} owns it, {{1}} gave it back.",
                          after.details.bounces, words),
              {before.owner, by.actor.id},
              text},
             {"show"}, by);
    }
    return ended(std::move(decision), by);
}

}  // namespace

Result<void> may_wait(Escalation const& before, State on, By const& by) {
    if (!is_waiting(on)) return no_such_wait(before);
    ESC_CHECK(may(Verb::wait, before, by));
    if (is_waiting(before.state))
        return refusal_error(Errc::conflict, refusal::state,
                             "{} is {} already: resume it first. To let it wait for longer: wait {} until, a time and why.",
                             before.id.key(), in_words(before), before.id.number);
    // A lead gives the nod by doing it.
    bool const needs_a_nod = on == State::waiting_vendor && before.severity <= Severity::sev2;
    if (needs_a_nod && by.actor.role < Role::lead)
        return refusal_error(
            Errc::forbidden, refusal::role,
            "{} is a {}, and waiting on a vendor stops the promise to the customer: ask a lead or manager to do it.",
            before.id.key(), to_string(before.severity));
    if (!needs_a_nod && !is_responsible(before, by.actor, by.now))
        return refusal_error(Errc::forbidden, refusal::theirs,
                             "Only its owner can make {} wait on the customer or on engineering. Ask them.", before.id.key());
    return {};
}

Result<Decision> wait(Escalation const& before, WaitRequest const& request, Config const& config, By const& by) {
    ESC_CHECK(may_wait(before, request.on, by));
    ESC_CHECK(needs_text(request.reason, fmt::format("Say what {} waits for.", before.id.key())));
    Waiting waiting;
    auto since = by.now;
    switch (request.on) {
        case State::waiting_customer: {
            ESC_TRY(since, asked_at(before, request, config, by));
            waiting.asked = true;
            if (request.review_at) ESC_CHECK(fit_for_review(before, *request.review_at, config, by));
            waiting.until = request.review_at.value_or(since + config.service.pause_cap);
            break;
        }
        case State::waiting_vendor:
            ESC_CHECK(fit_for_vendor(before, request, config, by));
            waiting.reference = request.reference;
            waiting.until = request.review_at;
            break;
        case State::waiting_engineering:
            ESC_CHECK(fit_for_engineering(before, request));
            waiting = for_engineering(request);
            break;
        default:
            return no_such_wait(before);
    }
    waiting.since = since;
    waiting.reason = request.reason;

    auto decision = decide(before);
    auto& after = decision.after;
    accept_by_acting(decision, by);
    after.state = request.on;
    json::object facts{{"on", to_string(request.on)}, {"since_us", to_us(since)}};
    auto text = request.reason;
    if (request.on == State::waiting_engineering) {
        auto const& targets = config.targets(before.severity);
        start_clock_at(decision, ClockKind::engineering, by.now, targets.engineering, targets.at_risk);
        facts["engineer"] = request.engineer.value;
        text += "\n" + waiting.checklist;
        tell(decision, occasion("engineering", decision), {request.engineer},
             {"{0} asks you as an engineer to take it on.", {by.actor.id}, text}, {"accept", "resume"}, by);
    } else {
        pause_clocks(decision, since);
        facts["until_us"] = to_us(*waiting.until);
        auto const& wrote_at = before.details.customer_wrote_at;
        facts["soon_after_customer"] = wrote_at && since - *wrote_at <= soon_after_customer;
        if (request.on == State::waiting_customer) facts["by_statement"] = before.details.customer.empty();
    }
    if (request.on == State::waiting_vendor) {
        text += "\nReference: " + waiting.reference;
        tell(decision, occasion("waits", decision), {responsible(before, by.now)},
             {"{0} put it on hold for a vendor. It is still yours.", {by.actor.id}, text}, {"resume"}, by);
    }
    facts["clocks"] = closed_facts(decision);
    after.details.waiting = std::move(waiting);
    decision.events.push_back(event_of(EventType::waited, by, facts, text));
    if (request.on != State::waiting_engineering && request.review_at && beyond_cap(*request.review_at, config, by))
        override_pause(decision, by.now + config.service.pause_cap, *request.review_at, request.reason, by);
    say_in_thread(decision, {std::string{sentence_about(request.on)}, {by.actor.id}, text}, by.now);
    return ended(std::move(decision), by);
}

Result<Decision> wait_longer(Escalation const& before, Instant until, std::string const& reason, By const& by) {
    ESC_CHECK(may(Verb::wait, before, by));
    auto const& waiting = before.details.waiting;
    if (!is_waiting(before.state) || !waiting || !waiting->until)
        return refusal_error(Errc::conflict, refusal::state,
                             "{} does not wait on the customer or a vendor: only what does can wait for longer.",
                             before.id.key());
    ESC_CHECK(
        needs_text(reason, fmt::format("Say why {} may wait for longer: its owner and the audit read it.", before.id.key())));
    if (until <= *waiting->until)
        return refusal_error(Errc::invalid, refusal::guard, "It waits until then anyway: choose a later time, or resume {}.",
                             before.id.key());
    ESC_CHECK(not_too_long(until, by));

    auto decision = decide(before);
    decision.after.details.waiting->until = until;
    override_pause(decision, *waiting->until, until, reason, by);
    Said const said{"{0} lets it wait for longer: until {t0}.", {by.actor.id}, reason, {until}};
    say_in_thread(decision, said, by.now);
    tell(decision, occasion("longer", decision), {responsible(before, by.now)}, said, {"resume"}, by);
    return ended(std::move(decision), by);
}

Result<Decision> engineering_accept(Escalation const& before, By const& by) {
    ESC_CHECK(may(Verb::accept, before, by));
    if (before.state != State::waiting_engineering || !before.details.waiting)
        return refusal_error(Errc::conflict, refusal::state, "{} does not wait on engineering.", before.id.key());
    if (!is_asked_engineer(before, by.actor))
        return refusal_error(Errc::forbidden, refusal::role,
                             "{} waits for somebody of engineering to accept it by name, and not for its owner.",
                             before.id.key());
    if (before.details.waiting->engineer_accepted_at)
        return refusal_error(Errc::conflict, refusal::yours, "You accepted {} for engineering already.", before.id.key());
    auto decision = decide(before);
    take_on(decision, by);
    decision.events.push_back(
        event_of(EventType::engineering_accepted, by, {{"engineer", by.actor.id.value}, {"clocks", closed_facts(decision)}}));
    say_in_thread(decision, {"{0} accepted it for engineering.", {by.actor.id}, {}}, by.now);
    tell(decision, occasion("engineering", decision), {responsible(before, by.now)},
         {"{0} accepted it for engineering. You still own it.", {by.actor.id}, {}}, {}, by);
    return ended(std::move(decision), by);
}

bool resumes_as_engineer(Escalation const& escalation, By const& by) {
    if (!is_asked_engineer(escalation, by.actor) || is_responsible(escalation, by.actor, by.now)) return false;
    return by.actor.role < Role::manager || escalation.details.waiting->engineer == by.actor.id;
}

Result<Decision> resume(Escalation const& before, std::string const& text, std::string_view bounce_reason, Ladder const& ladder,
                        By const& by) {
    ESC_CHECK(may(Verb::resume, before, by));
    ESC_CHECK(fits_limit(text));
    bool const from_engineering = before.state == State::waiting_engineering;
    bool const as_engineer = resumes_as_engineer(before, by);
    if (!bounce_reason.empty()) {
        if (!from_engineering)
            return refusal_error(Errc::conflict, refusal::state, "{} does not wait on engineering: nobody can give it back.",
                                 before.id.key());
        if (std::find(bounce_reasons.begin(), bounce_reasons.end(), bounce_reason) == bounce_reasons.end())
            return refusal_error(
                Errc::invalid, refusal::text,
                "Choose why it goes back: not-ours, more-information, works-as-designed, cannot-reproduce or other.");
        if (bounce_reason == "other")
            ESC_CHECK(needs_text(text, fmt::format("Say why engineering gives {} back.", before.id.key())));
        return bounced(before, text, bounce_reason, ladder, by);
    }
    if (as_engineer)
        ESC_CHECK(needs_text(text, fmt::format("Say how {} was fixed, or choose why it goes back.", before.id.key())));

    auto decision = decide(before);
    auto& after = decision.after;
    accept_by_acting(decision, by);
    if (as_engineer) take_on(decision, by);  // who fixes it has taken it on
    leave_waiting(decision, by.now);
    after.state = State::working;
    auto facts = left_facts(before);
    facts["fixed"] = as_engineer;
    facts["clocks"] = closed_facts(decision);
    decision.events.push_back(event_of(EventType::resumed, by, facts, text));
    say_in_thread(decision,
                  {as_engineer ? "{0} says that engineering has fixed it." : "{0} works on it again.", {by.actor.id}, text},
                  by.now);
    tell(decision, occasion("resumed", decision), {responsible(before, by.now)},
         {as_engineer ? "{0} says that engineering has fixed it. It is yours to move again."
                      : "{0} resumed it. It is yours to move again.",
          {by.actor.id},
          text},
         {"resolve"}, by);
    return ended(std::move(decision), by);
}

Decision pause_over(Escalation const& before, Ladder const& ladder, By const& by) {
    auto decision = decide(before);
    auto& after = decision.after;
    auto const& waiting = before.details.waiting;
    // Time that passed since then, because nobody was there to notice, is no pause.
    auto const at = waiting && waiting->until ? std::min(*waiting->until, by.now) : by.now;
    leave_waiting(decision, at);
    after.state = State::working;
    auto facts = left_facts(before);
    facts["by_itself"] = true;
    facts["clocks"] = closed_facts(decision);
    auto event = event_of(EventType::resumed, by, facts);
    event.source_time = at;
    decision.events.push_back(std::move(event));
    auto const over = before.state == State::waiting_vendor
                          ? "The time to look at it again has come: it no longer waits on a vendor."
                          : "It has waited on the customer for as long as it may: ask them again, or resolve it.";
    say_in_thread(decision, {over, {}, {}}, by.now);
    auto const owner = responsible(before, by.now);
    auto const reason = waiting ? waiting->reason : std::string{};
    tell(decision, occasion("pause_over", decision), {owner}, {fmt::format("{} Its clock runs again.", over), {}, reason},
         {"wait", "resolve"}, by);
    auto leads = leads_or_next(ladder);
    std::erase(leads, owner);
    tell(decision, occasion("pause_over", decision), leads, {fmt::format("{} {{0}} owns it.", over), {before.owner}, reason},
         {"show"}, by);
    return ended(std::move(decision), by);
}

Result<Decision> mitigate(Escalation const& before, std::string const& workaround, By const& by) {
    ESC_CHECK(may(Verb::mitigate, before, by));
    ESC_CHECK(needs_text(workaround, fmt::format("Say which workaround {} has.", before.id.key())));
    auto decision = decide(before);
    auto& after = decision.after;
    accept_by_acting(decision, by);
    leave_waiting(decision, by.now);
    after.state = State::mitigated;
    after.details.workaround = workaround;
    auto facts = left_facts(before);
    facts["clocks"] = closed_facts(decision);
    decision.events.push_back(event_of(EventType::mitigated, by, facts, workaround));
    say_in_thread(decision, {"{0} found a workaround; the fix is still to come.", {by.actor.id}, workaround}, by.now);
    return ended(std::move(decision), by);
}

}  // namespace esc::rules
