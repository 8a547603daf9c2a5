#include "handlers/rules/severity.hpp"

#include "handlers/rules/outbox_items.hpp"
#include "handlers/rules/parts.hpp"
#include "handlers/rules/texts.hpp"
#include "store/replay.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <cctype>
#include <utility>

namespace esc::rules {
namespace {

namespace json = boost::json;

// Who has a say is told again of what still waits for their word.
constexpr std::chrono::minutes told_again_after{15};

using A = SeverityAnswers;

// By impact, worst first, and workaround, worst first.
using Levels = std::array<std::array<int, 3>, 4>;
constexpr Levels for_everybody{{{1, 2, 2}, {2, 2, 3}, {3, 3, 3}, {4, 4, 4}}};
constexpr Levels for_many{{{1, 2, 3}, {2, 2, 3}, {3, 3, 3}, {4, 4, 4}}};
constexpr Levels for_few{{{2, 2, 3}, {2, 3, 3}, {3, 3, 3}, {4, 4, 4}}};

Levels const& levels(A::Scope scope) {
    switch (scope) {
        case A::Scope::everybody:
            return for_everybody;
        case A::Scope::many:
            return for_many;
        case A::Scope::few:
        case A::Scope::unknown:
            break;
    }
    return for_few;
}

int level(Severity severity) { return static_cast<int>(severity); }
int levels_up(Severity from, Severity to) { return level(from) - level(to); }

// At least one letter or digit: a dot is no reason.
bool has_a_word(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](unsigned char c) { return c >= 0x80 || std::isalnum(c) != 0; });
}

Result<void> explained(SeverityChoice const& choice, Severity wanted, std::optional<Severity> computed) {
    if (severity_reason(choice.code) == nullptr)
        return refusal_error(Errc::invalid, refusal::text,
                             "Choose a reason: business, contract, new_facts, error or other, and say it in words.");
    if (has_a_word(choice.reason)) return fits_limit(choice.reason);
    if (!computed) return refusal_error(Errc::invalid, refusal::text, "Say why it is {}.", to_string(wanted));
    return refusal_error(Errc::invalid, refusal::text, "The answers say {}: say why it is {}.", to_string(*computed),
                         to_string(wanted));
}

std::optional<A> answered(std::optional<A> answers) {
    if (answers && *answers == A{}) answers.reset();
    return answers;
}
std::optional<Severity> computed_of(std::optional<A> const& answers) {
    return answers ? computed_severity(*answers) : std::nullopt;
}

// What a clock of that kind owes at a severity; promises keep their own time.
std::optional<std::chrono::seconds> target(SlaTargets const& targets, ClockKind kind) {
    switch (kind) {
        case ClockKind::owner:
        case ClockKind::acceptance:
            return targets.owner;
        case ClockKind::first_response:
            return targets.first_response;
        case ClockKind::next_response:
            return targets.next_response;
        case ClockKind::resolution:
            return targets.resolution;
        case ClockKind::engineering:
            return targets.engineering;
        case ClockKind::promise:
            break;
    }
    return std::nullopt;
}

// Where the level it had did not run a clock and the new one does, it runs from the start.
bool begins_now(Escalation const& after, ClockKind kind) {
    if (kind == ClockKind::owner) return !after.owned();
    if (kind == ClockKind::first_response) return !after.details.replied_at;
    return kind == ClockKind::resolution;
}

void begin_clock(Decision& decision, ClockKind kind, std::chrono::seconds owed, std::vector<AtRiskPoint> const& at_risk,
                 Instant now) {
    auto& after = decision.after;
    auto clock = start_clock(kind, ++after.details.generations[kind], after.opened_at, owed, at_risk, now);
    auto const stands_still =
        kind == ClockKind::resolution && (after.state == State::waiting_customer || after.state == State::waiting_vendor);
    after.clocks.push_back(stands_still ? pause_clock(std::move(clock), now) : std::move(clock));
}

// The clocks of the new level. What comes nearer its due by the change alone is told at once; gives what is overdue by it.
json::array regrade(Decision& decision, Severity to, Config const& config, Ladder const& ladder, Instant now) {
    auto& after = decision.after;
    auto const& old_targets = config.targets(after.severity);
    auto const& targets = config.targets(to);
    json::array breached;
    for (auto const kind : all_clock_kinds) {
        if (kind == ClockKind::promise) continue;
        auto const owed = target(targets, kind);
        auto const found =
            std::find_if(after.clocks.begin(), after.clocks.end(), [&](SlaClock const& clock) { return clock.kind == kind; });
        auto const rung_before = found == after.clocks.end() ? 0 : found->rung();
        auto const was_overdue = found != after.clocks.end() && found->outcome == ClockOutcome::breached;
        if (found == after.clocks.end()) {
            if (!owed || target(old_targets, kind) || !begins_now(after, kind)) continue;
            begin_clock(decision, kind, *owed, targets.at_risk, now);
        } else if (owed) {
            *found = retarget(std::move(*found), owed, targets.at_risk, now);
        } else {
            auto& generation = after.details.generations[kind];
            generation = std::max(generation, found->generation);
            cancel_clock(decision, kind, now);
        }
        auto const* clock = after.clock(kind);
        if (clock == nullptr) continue;
        if (clock->outcome == ClockOutcome::breached && !was_overdue) breached.push_back(json::string{to_string(kind)});
        alert_changed(decision, *clock, rung_before, AlertCause::regrade, ladder, now);
    }
    after.severity = to;
    return breached;
}

// " (New facts)"; nothing when the level is what the answers say.
std::string because(std::string_view code) {
    auto const* reason = severity_reason(code);
    return reason == nullptr || reason->code == "other" ? std::string{}
                                                        : fmt::format(" ({})", reason->label);  // "Other" tells nothing
}

struct Change {
    Severity to = Severity::sev3;
    std::string code{};  // empty: it is what the answers say
    std::string reason{};
    PersonId asked_by{};  // empty: nobody had to be asked
};

Said what_changed(Severity from, Change const& change, By const& by) {
    return {
        fmt::format("{{0}} changed the severity from {} to {}{}.", to_string(from), to_string(change.to), because(change.code)),
        {by.actor.id},
        change.reason};
}

// Who owns it, and who acts for them, hear of another level from what they asked for, or else by this.
void tell_owner(Decision& decision, Severity from, Change const& change, By const& by) {
    if (from == change.to) return;
    auto const& owner = decision.after.owner;
    std::vector<PersonId> people{owner};
    if (auto acting = responsible(decision.after, by.now); acting != owner) people.push_back(std::move(acting));
    std::erase_if(people, [&](PersonId const& person) { return tells(decision, person); });
    tell(decision, occasion("graded", decision), people, what_changed(from, change, by), {std::string{to_string(Verb::show)}},
         by);
}

void change(Decision& decision, Change const& change, Config const& config, Ladder const& ladder, By const& by) {
    auto& after = decision.after;
    auto const from = after.severity;
    auto const closed_before = decision.closed_clocks.size();
    auto const events_before = decision.events.size();
    if (change.to != Severity::sev1) {
        after.details.unconfirmed_since.reset();
        after.details.unconfirmed_alert_at.reset();
    }
    auto breached = from == change.to ? json::array{} : regrade(decision, change.to, config, ladder, by.now);
    json::object data{{"from", to_string(from)}, {"to", to_string(change.to)}, {"breached_on_regrade", std::move(breached)}};
    add_severity_facts(data, after.details);
    if (!change.code.empty()) data["code"] = change.code;
    if (!change.asked_by.empty()) data["asked_by"] = change.asked_by.value;
    json::array cancelled;
    for (auto index = closed_before; index < decision.closed_clocks.size(); ++index)
        cancelled.push_back(clock_facts(decision.closed_clocks[index]));
    if (!cancelled.empty()) data["clocks"] = std::move(cancelled);
    // Before what came of it.
    decision.events.insert(decision.events.begin() + static_cast<std::ptrdiff_t>(events_before),
                           event_of(EventType::severity_changed, by, data, change.reason));
    if (from != change.to) say_in_thread(decision, what_changed(from, change, by), by.now);
}

// {0} is who asked, {t0} when the request expires.
void tell_of_request(Decision& decision, std::string_view what, std::string sentence, Ladder const& ladder, By const& by) {
    auto const& request = *decision.after.details.severity_request;
    tell(decision, what, leads_and_managers(ladder), {std::move(sentence), {request.by}, request.reason, {request.expires_at}},
         {std::string{to_string(Verb::approve)}, std::string{to_string(Verb::deny)}}, by);
}

// `version`: that the decision makes. A request that waited gives way, which its asker is told.
void ask(Decision& decision, SeverityRequest request, std::int64_t version, Config const& config, Ladder const& ladder,
         By const& by) {
    auto& after = decision.after;
    auto const expiry = Duration{config.service.transfer_expiry};
    request.at = by.now;
    request.remind_at = by.now + std::min<Duration>(told_again_after, expiry / 2);
    request.expires_at = by.now + expiry;
    if (auto const& replaced = after.details.severity_request)
        tell(decision, occasion("severity_settled", decision), {replaced->by},
             {fmt::format("{{0}} asks for {} now, which takes the place of your request for {}.", to_string(request.to),
                          to_string(replaced->to)),
              {by.actor.id},
              request.reason},
             {}, by);
    after.details.severity_request = request;
    json::object data{{"from", to_string(after.severity)},
                      {"to", to_string(request.to)},
                      {"expires_us", to_us(request.expires_at)},
                      {"version", version}};
    add_severity_facts(data, after.details);
    if (!request.code.empty()) data["code"] = request.code;
    decision.events.push_back(event_of(EventType::severity_requested, by, data, request.reason));
    tell_of_request(decision, fmt::format("{}:v{}", asked_at("severity", request.at), version),
                    fmt::format("{{0}} asks for {}, it is {} now{}. A lead or manager must say yes.", to_string(request.to),
                                to_string(after.severity), because(request.code)),
                    ladder, by);
}

// Who can confirm a SEV1 or lower it, apart from who raised it: leads; where there is no other, who stands in.
std::vector<PersonId> who_confirms(Ladder const& ladder, PersonId const& raised_by) {
    auto people = leads_or_next(ladder);
    std::erase(people, raised_by);
    return people.empty() ? managers_or_next(ladder) : people;
}

// What is due by the clocks as they were alerts before they change.
Decision after_what_is_due(Escalation const& before, Ladder const& ladder, Instant now) {
    auto fired = fire_due(before, ladder, now);
    if (!fired) return decide(before);
    fired->after.version = before.version;  // one step for all of it
    return *std::move(fired);
}

// Who asked for another level learns what became of it.
void settle_request(Decision& decision, std::string_view what_became, std::string const& why, By const& by) {
    auto& request = decision.after.details.severity_request;
    if (!request) return;
    tell(decision, occasion("severity_settled", decision), {request->by}, {std::string{what_became}, {by.actor.id}, why}, {}, by);
    request.reset();
}

// Who raised a SEV1 that waited for a word hears which it was; as the one who asked for another level they have heard.
void tell_raiser(Decision& decision, Escalation const& before, std::string sentence, std::string const& reason, By const& by) {
    auto const& details = before.details;
    if (!details.unconfirmed_since || (details.severity_request && details.severity_request->by == before.raised_by)) return;
    tell(decision, occasion("severity_settled", decision), {before.raised_by}, {std::move(sentence), {by.actor.id}, reason},
         {std::string{to_string(Verb::show)}}, by);
}

// What a lead's or manager's yes to an unconfirmed SEV1 ends.
void confirmed(Decision& decision, Escalation const& before, By const& by) {
    auto& details = decision.after.details;
    if (!details.unconfirmed_since) return;
    auto const level = to_string(before.severity);
    settle_request(decision, fmt::format("{{0}} confirmed {}: your request is settled.", level), {}, by);
    tell_raiser(decision, before, fmt::format("{{0}} confirmed {}.", level), {}, by);
    auto const waited = by.now - *details.unconfirmed_since;
    details.unconfirmed_since.reset();
    details.unconfirmed_alert_at.reset();
    decision.events.push_back(
        event_of(EventType::severity_confirmed, by, {{"severity", level}, {"unconfirmed_us", waited.count()}}));
}

Error no_request(Escalation const& before) {
    return refusal_error(Errc::conflict, refusal::nothing, "Nobody asks for another severity of {}.", before.id.key());
}

}  // namespace

std::optional<Severity> computed_severity(SeverityAnswers const& answers) {
    if (answers == A{}) return std::nullopt;
    auto const impact = answers.impact == A::Impact::unknown ? A::Impact::minor : answers.impact;
    auto const workaround = answers.workaround == A::Workaround::unknown ? A::Workaround::acceptable : answers.workaround;
    auto const none = workaround == A::Workaround::none;
    auto worst = levels(answers.scope)[static_cast<std::size_t>(impact) - 1][static_cast<std::size_t>(workaround) - 1];
    if (answers.data_exposed == A::YesNo::yes) worst = std::min(worst, none ? 1 : 2);
    if (answers.contractual == A::YesNo::yes) worst = std::min(worst, none ? 2 : 3);
    return static_cast<Severity>(worst);
}

ReasonCode const* severity_reason(std::string_view code) {
    auto const* const found =
        std::find_if(severity_reasons.begin(), severity_reasons.end(), [&](ReasonCode const& one) { return one.code == code; });
    return found == severity_reasons.end() ? nullptr : found;
}

bool needs_a_word(Severity now, std::optional<Severity> settled, std::optional<Severity> computed, Severity wanted,
                  Person const& actor) {
    if (actor.role >= Role::lead || wanted == now) return false;
    if (now == Severity::sev1 || wanted == Severity::sev1) return true;
    if (levels_up(settled.value_or(now), wanted) >= levels_up_to_confirm) return true;
    return wanted < now && computed && levels_up(*computed, wanted) >= levels_up_to_confirm;
}

Result<Decision> set_severity(Escalation const& before, SeverityChoice const& choice, Config const& config, Ladder const& ladder,
                              By const& by) {
    ESC_CHECK(may(Verb::severity, before, by));
    auto const answers = choice.answers ? answered(choice.answers) : before.details.answers;
    auto const computed = computed_of(answers);
    auto const wanted = choice.level ? choice.level : computed;
    if (!wanted) return refusal_error(Errc::invalid, refusal::guard, "Choose a level, or answer at least one of the questions.");
    if (*wanted == before.severity && answers == before.details.answers) {
        if (before.details.unconfirmed_since) return confirm_severity(before, by);
        return refusal_error(Errc::conflict, refusal::nothing, "{} is {} already.", before.id.key(), to_string(*wanted));
    }
    auto const as_computed = wanted == computed;
    if (!as_computed) ESC_CHECK(explained(choice, *wanted, computed));

    auto decision = after_what_is_due(before, ladder, by.now);
    auto& details = decision.after.details;
    details.answers = answers;
    details.computed = computed;
    // What was asked for since the answers said so has lost its reason when they say something else.
    if (auto const& request = details.severity_request; request && request->reason.empty() && request->to != computed)
        settle_request(decision,
                       fmt::format("{{0}} answered the questions again, and they no longer say {}: your request is over. Ask "
                                   "again with a reason if it should be {} all the same.",
                                   to_string(request->to), to_string(request->to)),
                       {}, by);
    accept_by_acting(decision, by);
    auto const code = as_computed ? std::string{} : choice.code;
    if (needs_a_word(before.severity, before.details.settled, computed, *wanted, by.actor)) {
        ask(decision, {.by = by.actor.id, .to = *wanted, .code = code, .reason = choice.reason}, before.version + 1, config,
            ladder, by);
        say_in_thread(decision,
                      {fmt::format("{{0}} asks for {}{}. A lead or manager must say yes; until then it is {}.",
                                   to_string(*wanted), because(code), to_string(before.severity)),
                       {by.actor.id},
                       choice.reason},
                      by.now);
        return ended(std::move(decision), by);
    }
    if (*wanted != before.severity)
        settle_request(decision, fmt::format("{{0}} set the severity to {}: your request is settled.", to_string(*wanted)),
                       choice.reason, by);
    if (by.actor.role >= Role::lead)
        details.settled.reset();
    else if (!details.settled)
        details.settled = before.severity;
    Change const made{*wanted, code, choice.reason, {}};
    change(decision, made, config, ladder, by);
    if (*wanted != Severity::sev1) {
        tell_raiser(decision, before, fmt::format("{{0}} did not confirm SEV1: it is {} now.", to_string(*wanted)), choice.reason,
                    by);
    } else if (by.actor.role >= Role::lead) {
        confirmed(decision, before, by);
    }
    tell_owner(decision, before.severity, made, by);
    return ended(std::move(decision), by);
}

Result<Decision> approve_severity(Escalation const& before, Config const& config, Ladder const& ladder, By const& by) {
    ESC_CHECK(may(Verb::approve, before, by));
    auto const request = before.details.severity_request;
    if (!request) return before.details.unconfirmed_since ? confirm_severity(before, by) : no_request(before);
    auto decision = after_what_is_due(before, ladder, by.now);
    settle_request(decision, fmt::format("{{0}} approved it: it is {} now.", to_string(request->to)), {}, by);
    decision.after.details.settled.reset();
    Change const made{request->to, request->code, request->reason, request->by};
    change(decision, made, config, ladder, by);
    tell_raiser(decision, before, fmt::format("{{0}} did not confirm SEV1: it is {} now.", to_string(request->to)),
                request->reason, by);
    tell_owner(decision, before.severity, made, by);
    return ended(std::move(decision), by);
}

Result<Decision> deny_severity(Escalation const& before, std::string const& reason, By const& by) {
    ESC_CHECK(may(Verb::deny, before, by));
    auto const& request = before.details.severity_request;
    if (!request) return no_request(before);
    if (!has_a_word(reason))
        return refusal_error(Errc::invalid, refusal::text, "Say why it stays {}: who asked is told.", to_string(before.severity));
    ESC_CHECK(fits_limit(reason));
    auto decision = decide(before);
    decision.after.details.severity_request.reset();
    decision.events.push_back(event_of(
        EventType::severity_denied, by,
        {{"severity", to_string(before.severity)}, {"asked_for", to_string(request->to)}, {"asked_by", request->by.value}},
        reason));
    Said const said{fmt::format("{{0}} said no to {}: it stays {}.", to_string(request->to), to_string(before.severity)),
                    {by.actor.id},
                    reason};
    tell(decision, occasion("severity_settled", decision), {request->by}, said, {}, by);
    say_in_thread(decision, said, by.now);
    return ended(std::move(decision), by);
}

Result<Decision> confirm_severity(Escalation const& before, By const& by) {
    ESC_CHECK(may(Verb::severity, before, by));
    if (!before.details.unconfirmed_since)
        return refusal_error(Errc::conflict, refusal::nothing, "The severity of {} waits for nobody's word.", before.id.key());
    if (by.actor.role < Role::lead)
        return refusal_error(Errc::forbidden, refusal::role,
                             "{} is {} already. Only leads and managers confirm it; answering the questions helps them.",
                             before.id.key(), to_string(before.severity));
    auto decision = decide(before);
    confirmed(decision, before, by);
    say_in_thread(decision, {fmt::format("{{0}} confirmed {}.", to_string(before.severity)), {by.actor.id}, {}}, by.now);
    return ended(std::move(decision), by);
}

void mark_unconfirmed(Escalation& fresh, Instant now) {
    fresh.details.unconfirmed_since = now;
    fresh.details.unconfirmed_alert_at = now + told_again_after;
}

Decision remind_unconfirmed(Escalation const& before, Ladder const& ladder, By const& by) {
    auto decision = decide(before);
    decision.after.details.unconfirmed_alert_at.reset();
    decision.events.push_back(
        event_of(EventType::reminded, by, {{"of", "unconfirmed"}, {"severity", to_string(before.severity)}}));
    auto people = managers_or_next(ladder);
    if (people.empty()) people.push_back(before.raised_by);  // nobody is known to turn to, but somebody must hear of it
    tell(decision, occasion("unconfirmed", decision), people,
         {fmt::format("It runs as {}, and nobody has confirmed it for {}. Confirm it or lower it.", to_string(before.severity),
                      format_elapsed(told_again_after)),
          {},
          {}},
         {std::string{confirm_word}}, by);
    return ended(std::move(decision), by);
}

Decision remind_severity(Escalation const& before, Ladder const& ladder, By const& by) {
    auto decision = decide(before);
    auto& request = *decision.after.details.severity_request;
    request.remind_at = request.expires_at;  // once
    decision.events.push_back(event_of(EventType::reminded, by, {{"of", "severity"}, {"severity", to_string(request.to)}}));
    tell_of_request(decision, occasion(asked_at("severity_reminder", request.at), decision),
                    fmt::format("{{0}} still waits for a word on {}, it is {} until then. The request expires {{t0}}.",
                                to_string(request.to), to_string(before.severity)),
                    ladder, by);
    return ended(std::move(decision), by);
}

Decision expire_severity(Escalation const& before, Ladder const& ladder, By const& by) {
    auto decision = decide(before);
    auto const request = *std::exchange(decision.after.details.severity_request, std::nullopt);
    auto const asked_for = to_string(request.to);
    auto const stays = to_string(before.severity);
    decision.events.push_back(event_of(EventType::severity_expired, by,
                                       {{"severity", stays}, {"asked_for", asked_for}, {"asked_by", request.by.value}}));
    std::vector<std::string> const buttons{std::string{to_string(Verb::severity)}};
    tell(decision, occasion("severity_settled", decision), {request.by},
         {fmt::format("Nobody decided about {} in time: it stays {}. You can ask again.", asked_for, stays), {}, {}}, buttons,
         by);
    auto people = leads_and_managers(ladder);
    std::erase(people, request.by);
    tell(decision, occasion("severity_settled", decision), people,
         {fmt::format("{{0}} asked for {}, and nobody decided in time: it stays {}.", asked_for, stays),
          {request.by},
          request.reason},
         buttons, by);
    return ended(std::move(decision), by);
}

Result<RaisedSeverity> raised_severity(SeverityChoice const& choice, Person const& actor) {
    RaisedSeverity raised;
    raised.answers = answered(choice.answers);
    raised.computed = computed_of(raised.answers);
    auto const wanted = choice.level.value_or(raised.computed.value_or(Severity::sev3));
    raised.severity = wanted;
    if (!raised.computed || wanted == *raised.computed) return raised;
    ESC_CHECK(explained(choice, wanted, raised.computed));
    raised.code = choice.code;
    raised.reason = choice.reason;
    if (!needs_a_word(*raised.computed, {}, raised.computed, wanted, actor)) return raised;
    if (wanted == Severity::sev1) {
        raised.unconfirmed = true;
    } else {
        raised.severity = *raised.computed;
        raised.asked_for = wanted;
    }
    return raised;
}

void explain_raised_severity(Decision& raised, RaisedSeverity const& how, Config const& config, Ladder const& ladder,
                             By const& by) {
    auto& after = raised.after;
    if (how.asked_for) {
        // The raise has ended: its version is made already.
        ask(raised, {.by = by.actor.id, .to = *how.asked_for, .code = how.code, .reason = how.reason}, after.version, config,
            ladder, by);
    } else if (!how.code.empty()) {
        if (how.unconfirmed) mark_unconfirmed(after, by.now);
        json::object data{{"from", to_string(how.computed.value_or(how.severity))},
                          {"to", to_string(how.severity)},
                          {"code", how.code},
                          {"at_raise", true}};
        add_severity_facts(data, after.details);
        raised.events.push_back(event_of(EventType::severity_changed, by, data, how.reason));
    }
    if (after.details.unconfirmed_since)
        tell(
            raised, fmt::format("unconfirmed:v{}", after.version), who_confirms(ladder, by.actor.id),
            {fmt::format("{{0}} raised it as {}{}. It runs as that and is unconfirmed: confirm it or lower it.",
                         to_string(after.severity),
                         how.computed ? fmt::format(", the answers say {}", to_string(*how.computed)) : " without the questions"),
             {by.actor.id},
             how.reason},
            {std::string{confirm_word}}, by);
    after.next_point = next_point(after);
}

SlaClock retarget(SlaClock clock, std::optional<std::chrono::seconds> target, std::vector<AtRiskPoint> const& at_risk,
                  Instant now) {
    if (clock.stopped_at || !target) return clock;
    // The pauses that are over do not count: the clock runs as if it had started that much later.
    auto const passed_until = clock.paused_at ? std::min(now, *clock.paused_at) : now;
    auto fresh = start_clock(clock.kind, clock.generation, clock.started_at + clock.paused, *target, at_risk, passed_until);
    fresh.started_at = clock.started_at;
    fresh.paused = clock.paused;
    fresh.paused_at = clock.paused_at;
    if (clock.outcome == ClockOutcome::breached) fresh.outcome = ClockOutcome::breached;
    return fresh;
}

}  // namespace esc::rules
