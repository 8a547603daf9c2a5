// The card: in the triage channel, and the same for one person who asks. Each part is short and bounded, so that a card with
// everything set still reads at a glance; the rest is told by the verbs that look.
#include "handlers/rules/sla.hpp"
#include "handlers/views/parts.hpp"
#include "handlers/views/story.hpp"
#include "handlers/views/views.hpp"

#include <algorithm>
#include <chrono>

namespace esc::views {

namespace blocks = slack::blocks;

namespace {

using rules::Verb;

constexpr std::size_t buttons_max = 5;
constexpr std::size_t line_max = 300;      // of a text that stands in one line
constexpr std::size_t reference_max = 80;  // a vendor's number
constexpr std::size_t links_max = 5;
constexpr std::size_t merged_max = 5;
constexpr std::size_t link_label_max = 60;
constexpr std::size_t summary_max = 300;

// --- buttons --------------------------------------------------------------------------------------------------------

std::vector<Verb> verbs_of_state(State state) {
    switch (state) {
        case State::fresh:
            return {Verb::claim, Verb::assign, Verb::severity, Verb::decline};
        case State::working:
            return {Verb::accept, Verb::replied, Verb::next_step, Verb::wait, Verb::resolve};
        case State::waiting_customer:
        case State::waiting_vendor:
        case State::waiting_engineering:
        case State::mitigated:
            return {Verb::accept, Verb::resume, Verb::next_step, Verb::resolve};
        case State::resolved:
            return {Verb::reopen};
        case State::merged:
            return {Verb::unmerge};
        case State::closed:
        case State::declined:
            return {};
    }
    return {};
}

std::vector<blocks::Element> buttons(Escalation const& escalation, Instant now) {
    auto verbs = verbs_of_state(escalation.state);
    std::erase_if(verbs, [&](Verb verb) { return !rules::makes_sense(verb, escalation, now); });
    // One too many: who has not accepted yet does not wait for anybody yet either.
    if (verbs.size() >= buttons_max) std::erase(verbs, Verb::wait);
    auto const accepts = !verbs.empty() && verbs.front() == Verb::accept;
    auto const first = accepts ? Verb::accept : escalation.state == State::fresh ? Verb::claim : Verb::resolve;
    std::vector<blocks::Element> out;
    out.reserve(buttons_max);
    for (auto const verb : verbs)
        out.push_back(card_button(verb, escalation, verb == first ? blocks::Style::primary : blocks::Style::normal));
    out.push_back(more_button(escalation));
    return out;
}

// --- lines ----------------------------------------------------------------------------------------------------------

std::string clock_line(Escalation const& escalation, SlaClock const& clock, Instant now) {
    auto out = countdown_and_due(clock, now);
    if (clock.stopped_at) return out;
    if (clock.paused_at) {
        if (is_waiting(escalation.state)) out += fmt::format(", {}", rules::in_words(escalation));
    } else if (clock.paused >= std::chrono::minutes{1}) {
        out += fmt::format(" · ⏸ paused {} so far", format_left(clock.paused));
    }
    return out;
}

// It was resolved while the customer waited for an answer.
bool ended_unanswered(Escalation const& escalation, SlaClock const& clock) {
    auto const answers = clock.kind == ClockKind::first_response || clock.kind == ClockKind::next_response;
    auto const& resolved_at = escalation.resolved_at;
    return answers && resolved_at && clock.stopped_at == resolved_at && escalation.details.replied_at != resolved_at;
}

std::string clocks(Escalation const& escalation, std::vector<SlaClock> const& closed, Instant now) {
    std::string lines;
    for (auto const& clock : escalation.clocks)
        if (!clock.stopped_at || escalation.state == State::resolved) add_line(lines, clock_line(escalation, clock, now));
    for (auto const& clock : closed) {
        // An earlier generation of a clock that went on is told by the one that did.
        if (escalation.clock(clock.kind) != nullptr) continue;
        if (ended_unanswered(escalation, clock))
            add_line(lines, fmt::format("{}{}: not answered", rules::overdue(clock, now) ? "🔴 " : "", label(clock.kind)));
        else if (clock.outcome == ClockOutcome::breached || (clock.outcome == ClockOutcome::met && !escalation.open()))
            add_line(lines, countdown_and_due(clock, now));
    }
    return lines.empty() ? std::string{"No clock is running"} : lines;
}

std::string engineer(Waiting const& waiting) {
    if (waiting.engineer_accepted_at)
        return fmt::format(" · {} accepted {}", blocks::person(waiting.engineer).text,
                           blocks::date(*waiting.engineer_accepted_at).text);
    if (waiting.engineer.empty()) return " · ⚠ no engineer has accepted yet";
    return fmt::format(" · ⚠ {} has not accepted yet", blocks::person(waiting.engineer).text);
}

std::string waiting_line(Escalation const& escalation) {
    auto const& waiting = escalation.details.waiting;
    if (!waiting || !is_waiting(escalation.state)) return {};
    auto out = fmt::format("⏳ *{}* since {}", state_word(escalation), blocks::date(waiting->since).text);
    if (!waiting->reference.empty()) out += fmt::format(" · reference {}", line(waiting->reference, reference_max));
    if (escalation.state == State::waiting_engineering) out += engineer(*waiting);
    if (waiting->until) out += fmt::format(" · goes on by itself {}", blocks::date(*waiting->until).text);
    add_line(out, quote(blocks::cut(blocks::one_line(waiting->reason), line_max)));
    return out;
}

std::string plans(Escalation const& escalation) {
    std::string lines;
    if (!escalation.open()) return lines;
    if (auto const& next = escalation.details.next_step)
        add_line(lines, fmt::format("➡ *Next step:* {} ({}, {})", line(next->text, line_max), blocks::person(next->by).text,
                                    blocks::date(next->at).text));
    else if (escalation.state == State::working)
        add_line(lines, "➡ *Next step:* nobody has said one yet");
    if (auto const& promise = escalation.details.promise) {
        auto const to = line(promise->to, reference_max);
        add_line(lines,
                 fmt::format("🤝 *Promised{}{}:* {} · by {} ({})", to.empty() ? "" : " to ", to, line(promise->text, line_max),
                             blocks::date(promise->due).text, blocks::person(promise->by).text));
    }
    return lines;
}

std::string link_label(std::string_view url) {
    auto const scheme = url.find("://");
    return blocks::cut(scheme == std::string_view::npos ? url : url.substr(scheme + 3), link_label_max);
}

std::string links_line(std::vector<SourceLink> const& links) {
    std::string out;
    std::size_t shown = 0;
    std::size_t more = 0;
    for (auto const& link : links) {
        if (link.url.empty()) continue;
        if (shown == links_max) {
            ++more;
            continue;
        }
        out += shown++ == 0 ? "🔗 " : " · ";
        out += blocks::link(link.url, link_label(link.url)).text;
    }
    if (more > 0) out += fmt::format(" · and {} more", more);
    return out;
}

std::string requests(Escalation const& escalation, std::optional<rules::ResolveRequest> const& asked) {
    std::string lines;
    if (!escalation.open()) return lines;
    if (asked)
        add_line(lines, fmt::format("✋ {}: {}", asks_to_resolve(escalation, asked->asked_by), line(asked->text, line_max)));
    if (auto const& transfer = escalation.details.transfer) {
        auto const to = transfer->to.empty() ? std::string{} : " to " + blocks::person(transfer->to).text;
        add_line(lines, fmt::format("✋ {} asks {} for a transfer{}, until {}: {}", blocks::person(transfer->by).text,
                                    transfer->code.empty() ? "managers" : "another manager", to,
                                    blocks::date(transfer->expires_at).text, line(transfer->reason, line_max)));
    }
    if (auto const& request = escalation.details.severity_request)
        add_line(lines, fmt::format("✋ {} asks a lead or manager for {}: {}", blocks::person(request->by).text,
                                    to_string(request->to), line(request->reason, line_max)));
    return lines;
}

std::string titled(std::string_view name, std::string_view text) {
    auto const quoted = quote(text);
    return quoted.empty() ? std::string{} : fmt::format("*{}*\n{}", name, quoted);
}

std::string resolution(Escalation const& escalation, Instant now) {
    auto out = titled("Resolution", escalation.resolution);
    auto const& close_at = escalation.details.close_at;
    if (escalation.state == State::resolved && close_at && now < *close_at)
        add_line(out, fmt::format("It can be reopened until {}.", blocks::date(*close_at).text));
    add_line(out, warranted_line(escalation));
    return out;
}

std::string merged(Escalation const& escalation, Instant now) {
    auto const& merge = escalation.details.merge;
    if (!merge) return {};
    auto const undo_until = merge->at + rules::unmerge_window;
    auto out = fmt::format("*Merged into {}*, which goes on for both.", merge->into);
    if (now < undo_until) out += fmt::format(" This can be undone until {}.", blocks::date(undo_until).text);
    return out;
}

// What became of it: the workaround, the resolution, why it was declined, into which it was merged.
std::string outcome(Escalation const& escalation, Instant now) {
    switch (escalation.state) {
        case State::mitigated:
            return titled("Workaround", escalation.details.workaround);
        case State::resolved:
        case State::closed:
            return resolution(escalation, now);
        case State::declined:
            if (rules::is_withdrawn(escalation))
                return fmt::format("Withdrawn by {}.", blocks::person(escalation.raised_by).text);
            return titled("Declined", escalation.details.declined_reason);
        case State::merged:
            return merged(escalation, now);
        case State::fresh:
        case State::working:
        case State::waiting_customer:
        case State::waiting_vendor:
        case State::waiting_engineering:
            break;
    }
    return {};
}

std::string provenance(Escalation const& escalation, Instant now) {
    auto out = fmt::format("Raised by {} {} · last update {}", blocks::person(escalation.raised_by).text,
                           blocks::date(escalation.opened_at).text, blocks::date(escalation.updated_at).text);
    // Only a countdown ages: without one, the last update says how new this is, and what is unchanged need not be sent again.
    if (most_urgent(escalation) != nullptr) out += " · as of " + blocks::date(std::chrono::floor<std::chrono::minutes>(now)).text;
    return out + about_source(escalation);
}

std::string summary(Escalation const& escalation, Instant now) {
    auto text = fmt::format("{}: {}, {}", headline(escalation), state_word(escalation), owner(escalation));
    for (auto const& clock : escalation.clocks)
        if (!clock.stopped_at) text += ". " + countdown(clock, now);
    text += ". " + account(escalation);
    if (escalation.state == State::resolved && !escalation.resolution.empty())
        text += ". " + line(escalation.resolution, summary_max);
    return text;
}

}  // namespace

blocks::Message card(Escalation const& escalation, std::vector<SlaClock> const& closed, std::vector<SourceLink> const& links,
                     Instant now, std::vector<EscalationId> const& merged_ones,
                     std::optional<rules::ResolveRequest> const& asked) {
    blocks::Message message{.text = summary(escalation, now)};
    auto const add = [&](std::string const& text) {
        if (!text.empty()) message += blocks::section(blocks::mrkdwn_text(text));
    };
    auto const add_small = [&](std::string const& text) {
        if (!text.empty()) message += blocks::context({blocks::mrkdwn_text(text)});
    };
    message += blocks::header(plain_headline(escalation));
    add(status(escalation, now));
    add(clocks(escalation, closed, now));
    add(waiting_line(escalation));
    add_small(account(escalation));
    add(plans(escalation));
    add_small(links_line(links));
    add_small(merged_line(merged_ones, merged_max));
    add(outcome(escalation, now));
    add(requests(escalation, asked));
    if (auto const similar = escalation.details.similar; similar.number > 0 && escalation.open())
        message +=
            blocks::section(blocks::mrkdwn_text(escalation.details.same_ticket ? fmt::format("{} has the same ticket.", similar)
                                                                               : fmt::format("Same as {}?", similar)),
                            verb_button(Verb::merge, escalation));
    add_small(provenance(escalation, now));
    add(quote(escalation.description));
    message += blocks::actions("", buttons(escalation, now));
    return message;
}

}  // namespace esc::views
