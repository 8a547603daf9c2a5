// The words and buttons that views share.
#include "handlers/views/parts.hpp"

#include "handlers/card_ref.hpp"
#include "handlers/rules/lifecycle.hpp"
#include "handlers/rules/sla.hpp"
#include "handlers/views/views.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace esc::views {

namespace blocks = slack::blocks;

namespace {

constexpr std::size_t quote_max = 600;
constexpr std::size_t quote_lines_max = 12;
constexpr int bounces_shown_from = 2;

std::string shown_title(Escalation const& escalation) {
    auto const line = blocks::one_line(escalation.title);
    return line.empty() ? std::string{"(no title)"} : blocks::cut(line, rules::title_limit);
}

std::string stopped(SlaClock const& clock) {
    auto const took = format_left(*clock.stopped_at - clock.started_at);
    switch (clock.outcome) {
        case ClockOutcome::met:
            return fmt::format("{} met after {}", label(clock.kind), took);
        case ClockOutcome::breached:
            return fmt::format("🔴 {} breached, stopped after {}", label(clock.kind), took);
        case ClockOutcome::running:
        case ClockOutcome::cancelled:
            break;
    }
    return fmt::format("{} stopped after {}", label(clock.kind), took);
}

std::string_view mark(SlaClock const& clock, Instant now) {
    switch (rules::look(clock, now)) {
        case rules::ClockLook::at_risk:
            return "⚠ ";
        case rules::ClockLook::breached:
            return "🔴 ";
        case rules::ClockLook::on_time:
        case rules::ClockLook::met:
            break;
    }
    return "";
}

blocks::Element button(Escalation const& escalation, std::string_view action, std::string text, blocks::Style style) {
    auto spoken = fmt::format("{} {}", text, escalation.id);
    return blocks::button({.action_id = std::string{action},
                           .text = std::move(text),
                           .value = handlers::CardRef::make(escalation),
                           .style = style,
                           .accessibility_label = std::move(spoken)});
}

}  // namespace

std::string plain_headline(Escalation const& escalation) {
    return fmt::format("{} · {} · {}", escalation.id, to_string(escalation.severity), shown_title(escalation));
}

std::string title(Escalation const& escalation) { return blocks::escape(shown_title(escalation)); }

std::string headline(Escalation const& escalation) { return blocks::escape(plain_headline(escalation)); }

std::string linked_headline(Escalation const& escalation, std::string_view card_permalink) {
    return fmt::format("{} · *{}* · {}", blocks::link(card_permalink, escalation.id.key()).text, to_string(escalation.severity),
                       title(escalation));
}

std::string_view state_word(State state) {
    switch (state) {
        case State::fresh:
            return "New";
        case State::working:
            return "Working";
        case State::waiting_customer:
            return "Waiting on customer";
        case State::waiting_vendor:
            return "Waiting on vendor";
        case State::waiting_engineering:
            return "Waiting on engineering";
        case State::mitigated:
            return "Mitigated";
        case State::resolved:
            return "Resolved";
        case State::closed:
            return "Closed";
        case State::declined:
            return "Declined";
        case State::merged:
            return "Merged";
    }
    return "Unknown";
}

std::string owner(Escalation const& escalation) {
    if (!escalation.owned()) return "No owner";
    auto const who = "🔒 " + blocks::person(escalation.owner).text;
    return escalation.open() && waits_for_acceptance(escalation) ? who + " (not accepted yet)" : who;
}

std::string account(Escalation const& escalation) {
    auto const name = blocks::cut(blocks::one_line(escalation.account), rules::account_limit);
    return name.empty() ? std::string{"Account unknown"} : "Account: " + blocks::escape(name);
}

std::string status(Escalation const& escalation) {
    auto line = fmt::format("*{}* · {}", state_word(escalation.state), owner(escalation));
    if (escalation.hops >= bounces_shown_from) line += fmt::format(" · 🔁 bounced {}×", escalation.hops);
    if (escalation.reopen_count > 0) line += fmt::format(" · reopened {}×", escalation.reopen_count);
    return line;
}

std::string time_left(Instant due, Instant now) {
    return fmt::format("{} {}", format_left(due - now), now > due ? "over" : "left");
}

std::string countdown(SlaClock const& clock, Instant now) {
    if (!clock.running()) return stopped(clock);
    return fmt::format("{}{} {}", mark(clock, now), label(clock.kind), time_left(clock.due, now));
}

std::string countdown_and_due(SlaClock const& clock, Instant now) {
    if (!clock.running()) return stopped(clock);
    return fmt::format("{} · {} {}", countdown(clock, now), now > clock.due ? "was due" : "due", blocks::date(clock.due).text);
}

SlaClock const* most_urgent(Escalation const& escalation) {
    SlaClock const* first = nullptr;
    for (auto const& clock : escalation.clocks)
        if (clock.running() && (first == nullptr || clock.due < first->due)) first = &clock;
    return first;
}

bool waits_for_acceptance(Escalation const& escalation) { return !escalation.owned() || !escalation.accepted_at; }

blocks::Element claim_button(Escalation const& escalation) {
    return button(escalation, claim_action, escalation.owned() ? "Accept" : "Claim", blocks::Style::primary);
}

blocks::Element replied_button(Escalation const& escalation) {
    return button(escalation, replied_action, "Reply sent", blocks::Style::normal);
}

blocks::Element resolve_button(Escalation const& escalation, blocks::Style style) {
    return button(escalation, resolve_action, "Resolve", style);
}

blocks::Element reopen_button(Escalation const& escalation) {
    return button(escalation, reopen_action, "Reopen", blocks::Style::normal);
}

std::string quote(std::string_view foreign) {
    auto const text = blocks::escape(blocks::cut(foreign, quote_max));
    std::string out;
    std::size_t lines = 0;
    for (std::size_t at = 0; at < text.size();) {
        auto const end = std::min(text.find('\n', at), text.size());
        auto const line = std::string_view{text}.substr(at, end - at);
        at = end + 1;
        if (line.find_first_not_of(' ') == std::string_view::npos) continue;
        if (!out.empty()) out += '\n';
        if (++lines > quote_lines_max) return out + "> …";
        out += "> ";
        out += line;
    }
    return out;
}

}  // namespace esc::views
