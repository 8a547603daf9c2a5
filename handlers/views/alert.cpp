// What people are told when a point of a clock passes: which clock, how long, whose, and what to do now.
#include "handlers/views/event_facts.hpp"
#include "handlers/views/parts.hpp"
#include "handlers/views/views.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace esc::views {

namespace blocks = slack::blocks;

namespace {

using rules::Verb;

constexpr std::size_t line_max = 300;
constexpr std::size_t buttons_max = 5;

std::string_view rung_mark(int rung) {
    if (rung >= rung_breach) return "🔴";
    return rung == rung_critical ? "⚠⚠" : "⚠";
}

std::string_view cause_words(rules::AlertCause cause) {
    switch (cause) {
        case rules::AlertCause::moment:
            break;
        case rules::AlertCause::regrade:
            return " on re-grade";
        case rules::AlertCause::unmerge:
            return " while it was merged";
    }
    return {};
}

// The clock that was meant, unless it has stopped.
SlaClock const* meant(rules::AlertFact const& fact, Escalation const& escalation) {
    auto const found = std::find_if(escalation.clocks.begin(), escalation.clocks.end(), [&](SlaClock const& clock) {
        return clock.kind == fact.clock && clock.generation == fact.generation && !clock.stopped_at;
    });
    return found == escalation.clocks.end() ? nullptr : &*found;
}

std::string_view what_to_do(ClockKind clock, Escalation const& escalation) {
    if (!escalation.owned()) return "Next: claim it. Nobody works on it yet.";
    switch (clock) {
        case ClockKind::owner:
        case ClockKind::acceptance:
            return "Next: accept it, or tell a manager that it cannot be you.";
        case ClockKind::first_response:
        case ClockKind::next_response:
            return "Next: answer the customer, then press Reply sent.";
        case ClockKind::promise:
            return "Next: keep what was promised and press Promise, or tell the customer what changes.";
        case ClockKind::engineering:
            return "Next: an engineer must accept it by name. Call somebody there, or take it back with Resume.";
        case ClockKind::resolution:
            return "Next: solve it and press Resolve, or tell the customer where it stands.";
    }
    return {};
}

constexpr std::string_view further_up = "Next: ask its owner what is in the way, or put a helper beside them.";

std::string lateness(rules::AlertFact const& fact, Instant sent_at) {
    sent_at = std::max(sent_at, fact.fired_at);
    if (sent_at - fact.point_at <= late_from) return {};
    auto const why = fact.fired_at - fact.point_at > late_from ? "the service was not running, or was behind, when it fell due"
                                                               : "it fell due in time but could not be sent to Slack at once";
    return fmt::format("This alert is {} late: {}.", format_left(sent_at - fact.point_at), why);
}

// What is planned, as far as somebody has said so.
std::string plans(Escalation const& escalation) {
    std::string out;
    if (auto const& next = escalation.details.next_step) out += fmt::format("\nPlanned: {}", line(next->text, line_max));
    if (auto const& promise = escalation.details.promise)
        out += fmt::format("\nPromised by {}: {}", blocks::date(promise->due).text, line(promise->text, line_max));
    return out;
}

// What stops the clock.
Verb answer_to(rules::AlertFact const& fact, Escalation const& escalation) {
    if (!escalation.owned()) return Verb::claim;
    switch (fact.clock) {
        case ClockKind::owner:
        case ClockKind::acceptance:
            return rules::waits_for_acceptance(escalation) ? Verb::accept : Verb::resolve;
        case ClockKind::first_response:
        case ClockKind::next_response:
            return Verb::replied;
        case ClockKind::promise:
            return Verb::promise;
        case ClockKind::engineering:
            return fact.to.empty() ? Verb::accept : Verb::resume;  // in the thread an engineer reads it, too
        case ClockKind::resolution:
            break;
    }
    return Verb::resolve;
}

// The owner: what stops the clock, say what happens next, ask for help, ask for a transfer. Those further up: what stops it, and
// another owner. In the thread, which everybody reads: what stops it. All: say that they know.
std::vector<Verb> acts(rules::AlertFact const& fact, Escalation const& escalation, Instant now) {
    auto const answer = answer_to(fact, escalation);
    if (fact.to.empty()) return {answer, Verb::acknowledge};
    if (!escalation.owned()) return {answer, Verb::assign, Verb::acknowledge};
    if (fact.to == escalation.owner) return {answer, Verb::next_step, Verb::helper, Verb::transfer, Verb::acknowledge};
    if (fact.to == rules::responsible(escalation, now)) return {answer, Verb::next_step, Verb::helper, Verb::acknowledge};
    if (fact.rung >= rung_breach) return {answer, Verb::override_owner, Verb::helper, Verb::acknowledge};
    return {answer, Verb::helper, Verb::acknowledge};
}

// In the thread, and for who is not known, all that makes sense. That there is something to acknowledge is what this says.
bool is_of_use(Verb verb, Escalation const& escalation, std::optional<Person> const& reader, Instant now) {
    if (verb != Verb::acknowledge) return for_reader(verb, escalation, reader, now);
    return !reader || rules::may(verb, escalation, {reader->seen_by(escalation.team), now, {}});
}

std::vector<blocks::Element> buttons(rules::AlertFact const& fact, Escalation const& escalation,
                                     std::optional<Person> const& reader, Instant now) {
    std::vector<blocks::Element> out;
    for (auto const verb : acts(fact, escalation, now)) {
        if (out.size() == buttons_max || !is_of_use(verb, escalation, reader, now)) continue;
        auto const first = verb == Verb::claim || verb == Verb::accept || verb == Verb::resolve;
        out.push_back(verb_button(verb, escalation, first ? blocks::Style::primary : blocks::Style::normal));
    }
    return out;
}

}  // namespace

blocks::Message alert(rules::AlertFact const& fact, Escalation const& escalation, std::string_view card_permalink, Instant now,
                      std::optional<Person> const& reader, std::optional<Instant> posted_at) {
    auto const* clock = meant(fact, escalation);
    bool const taken_back = clock != nullptr && rules::taken_back(fact, *clock);
    bool const runs = clock != nullptr && clock->running() && !taken_back;
    auto const left = time_left(fact.due, now);
    auto const late =
        runs ? lateness(fact, posted_at.value_or(now)) : std::string{};  // later than it stopped is late for nothing
    std::string step = "Meanwhile this clock has stopped: nothing is left to do here.";
    if (runs)
        step = is_of_use(answer_to(fact, escalation), escalation, reader, now) ? what_to_do(fact.clock, escalation) : further_up;
    if (taken_back)
        step = fmt::format("Taken back: by the present severity, {}, it is not overdue. It is due {}.",
                           to_string(escalation.severity), blocks::date(clock->due).text);
    else if (clock != nullptr && !runs)
        step = "Meanwhile this clock stands still: nothing is left to do until it goes on.";
    auto const first = fmt::format("{} {}{}: {}", rung_mark(fact.rung), capitalized(std::string{rung_reached(fact.rung)}),
                                   cause_words(fact.cause), label(fact.clock));

    auto summary = fmt::format("{}{}. {}. {}, {}. {}", first, runs ? " " + left : "", headline(escalation), account(escalation),
                               owner(escalation), step);
    if (!late.empty()) summary += " " + late;
    blocks::Message message{.text = std::move(summary)};

    message += blocks::section(blocks::mrkdwn_text(
        runs ? fmt::format("*{}* · {} · {} {}", first, left, now > fact.due ? "was due" : "due", blocks::date(fact.due).text)
             : fmt::format("*{}*", first)));
    message += blocks::section(
        blocks::mrkdwn_text(fmt::format("{}\n{} · {}{}\n{}", linked_headline(escalation, card_permalink), owner(escalation, now),
                                        account(escalation), runs ? plans(escalation) : std::string{}, step)));
    if (!late.empty()) message += blocks::context({blocks::mrkdwn_text(late)});
    if (!runs || !escalation.open()) return message;
    if (auto pressed = buttons(fact, escalation, reader, now); !pressed.empty())
        message += blocks::actions("", std::move(pressed));
    return message;
}

}  // namespace esc::views
