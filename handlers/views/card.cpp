// The card: in the triage channel, and the same for one person who asks.
#include "handlers/views/parts.hpp"
#include "handlers/views/views.hpp"

namespace esc::views {

namespace blocks = slack::blocks;

namespace {

bool first_response_runs(Escalation const& escalation) {
    auto const* clock = escalation.clock(ClockKind::first_response);
    return clock != nullptr && clock->running();
}

std::vector<blocks::Element> buttons(Escalation const& escalation) {
    std::vector<blocks::Element> out;
    if (escalation.state == State::resolved) out.push_back(verb_button(rules::Verb::reopen, escalation));
    if (!escalation.open()) return out;
    bool const waits = waits_for_acceptance(escalation);
    if (waits) out.push_back(claim_button(escalation));
    if (!escalation.owned()) return out;
    if (first_response_runs(escalation)) out.push_back(verb_button(rules::Verb::replied, escalation));
    out.push_back(verb_button(rules::Verb::resolve, escalation, waits ? blocks::Style::normal : blocks::Style::primary));
    return out;
}

std::string clocks(Escalation const& escalation, std::vector<SlaClock> const& closed, Instant now) {
    std::string lines;
    auto const add = [&](SlaClock const& clock) {
        if (!lines.empty()) lines += '\n';
        lines += countdown_and_due(clock, now);
    };
    for (auto const& clock : escalation.clocks)
        if (!escalation.open() || clock.running()) add(clock);
    for (auto const& clock : closed) {
        // An earlier generation of a clock that went on is told by the one that did.
        if (escalation.clock(clock.kind) != nullptr) continue;
        if (clock.outcome == ClockOutcome::breached || (clock.outcome == ClockOutcome::met && !escalation.open())) add(clock);
    }
    return lines.empty() ? std::string{"No clock is running"} : lines;
}

std::string provenance(Escalation const& escalation) {
    auto line = fmt::format("Raised by {} {} · last update {}", blocks::person(escalation.raised_by).text,
                            blocks::date(escalation.opened_at).text, blocks::date(escalation.updated_at).text);
    if (!escalation.source_permalink.empty()) line += " · " + blocks::link(escalation.source_permalink, "Source message").text;
    return line;
}

std::string summary(Escalation const& escalation, Instant now) {
    auto text = fmt::format("{}: {}, {}", headline(escalation), state_word(escalation.state), owner(escalation));
    for (auto const& clock : escalation.clocks)
        if (clock.running()) text += ". " + countdown(clock, now);
    text += ". " + account(escalation);
    if (escalation.state == State::resolved && !escalation.resolution.empty())
        text += ". " + blocks::escape(blocks::cut(blocks::one_line(escalation.resolution), 300));
    return text;
}

}  // namespace

blocks::Message card(Escalation const& escalation, std::vector<SlaClock> const& closed, std::vector<SourceLink> const&,
                     Instant now) {
    blocks::Message message{.text = summary(escalation, now)};
    message += blocks::header(plain_headline(escalation));
    message += blocks::section(blocks::mrkdwn_text(status(escalation)));
    message += blocks::section(blocks::mrkdwn_text(clocks(escalation, closed, now)));
    message += blocks::context({blocks::mrkdwn_text(account(escalation))});
    if (auto const text = quote(escalation.description); !text.empty()) message += blocks::section(blocks::mrkdwn_text(text));
    if (escalation.state == State::resolved)
        if (auto const text = quote(escalation.resolution); !text.empty())
            message += blocks::section(blocks::mrkdwn_text("*Resolution*\n" + text));
    message += blocks::context({blocks::mrkdwn_text(provenance(escalation))});
    if (auto elements = buttons(escalation); !elements.empty()) message += blocks::actions("", std::move(elements));
    return message;
}

}  // namespace esc::views
