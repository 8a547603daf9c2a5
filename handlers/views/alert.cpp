// What people are told when a point of a clock passes: which clock, how long, whose, and what to do now.
#include "handlers/views/parts.hpp"
#include "handlers/views/views.hpp"

#include <algorithm>

namespace esc::views {

namespace blocks = slack::blocks;

namespace {

// A delay that nobody would call one.
constexpr Duration late_from = std::chrono::seconds{5};

std::string_view rung_mark(int rung) {
    if (rung >= rung_breach) return "🔴";
    return rung == rung_critical ? "⚠⚠" : "⚠";
}

std::string_view rung_word(int rung) {
    if (rung >= rung_breach) return "Breached";
    return rung == rung_critical ? "Critical" : "At risk";
}

// The clock that was meant, if it still runs.
bool still_runs(rules::AlertFact const& fact, Escalation const& escalation) {
    return std::any_of(escalation.clocks.begin(), escalation.clocks.end(), [&](SlaClock const& clock) {
        return clock.kind == fact.clock && clock.generation == fact.generation && clock.running();
    });
}

std::string next_step(ClockKind clock, Escalation const& escalation) {
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
            return "Next: an engineer must accept it by name.";
        case ClockKind::resolution:
            return "Next: solve it and press Resolve, or tell the customer where it stands.";
    }
    return {};
}

std::string lateness(rules::AlertFact const& fact, Instant now) {
    auto const sent_at = std::max(now, fact.fired_at);
    if (sent_at - fact.point_at <= late_from) return {};
    auto const why = fact.fired_at - fact.point_at > late_from ? "the service was not running, or was behind, when it fell due"
                                                               : "it fell due in time but could not be sent to Slack at once";
    return fmt::format("This alert is {} late: {}.", format_left(sent_at - fact.point_at), why);
}

blocks::Element act(ClockKind clock, Escalation const& escalation) {
    if (!escalation.owned()) return claim_button(escalation);
    switch (clock) {
        case ClockKind::owner:
        case ClockKind::acceptance:
            if (waits_for_acceptance(escalation)) return claim_button(escalation);
            break;
        case ClockKind::first_response:
        case ClockKind::next_response:
            return verb_button(rules::Verb::replied, escalation);
        case ClockKind::promise:
            return verb_button(rules::Verb::promise, escalation);
        case ClockKind::engineering:
            return verb_button(rules::Verb::accept, escalation);
        case ClockKind::resolution:
            break;
    }
    return verb_button(rules::Verb::resolve, escalation, blocks::Style::primary);
}

}  // namespace

blocks::Message alert(rules::AlertFact const& fact, Escalation const& escalation, std::string_view card_permalink, Instant now) {
    bool const runs = still_runs(fact, escalation);
    auto const left = time_left(fact.due, now);
    auto const late = lateness(fact, now);
    auto const step =
        runs ? next_step(fact.clock, escalation) : std::string{"Meanwhile this clock has stopped: nothing is left to do here."};
    auto const first = fmt::format("{} {}: {}", rung_mark(fact.rung), rung_word(fact.rung), label(fact.clock));

    auto summary = fmt::format("{}{}. {}. {}, {}. {}", first, runs ? " " + left : "", headline(escalation), account(escalation),
                               owner(escalation), step);
    if (!late.empty()) summary += " " + late;
    blocks::Message message{.text = std::move(summary)};

    message += blocks::section(blocks::mrkdwn_text(
        runs ? fmt::format("*{}* · {} · {} {}", first, left, now > fact.due ? "was due" : "due", blocks::date(fact.due).text)
             : fmt::format("*{}*", first)));
    message += blocks::section(blocks::mrkdwn_text(fmt::format("{}\n{} · {}\n{}", linked_headline(escalation, card_permalink),
                                                               owner(escalation), account(escalation), step)));
    if (!late.empty()) message += blocks::context({blocks::mrkdwn_text(late)});
    if (runs && escalation.open()) message += blocks::actions("", {act(fact.clock, escalation)});
    return message;
}

}  // namespace esc::views
