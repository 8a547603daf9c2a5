// All that is on record about one escalation and what its reader may do now.
#include "handlers/views/story.hpp"

#include "bot/slack/blocks.hpp"
#include "handlers/card_ref.hpp"
#include "handlers/rules/work.hpp"
#include "handlers/views/parts.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <utility>

namespace esc::views {

namespace blocks = slack::blocks;

namespace {

using rules::Verb;

constexpr std::size_t name_max = 80;
constexpr std::size_t links_shown = 15;
constexpr std::size_t merged_shown = 30;

// Quoted, over as many sections as it takes, under a heading.
void add_in_full(blocks::Message& message, std::string_view heading, std::string_view text) {
    bool first = true;
    for (auto const& quoted : quote_in_full(text)) {
        add(message, first ? fmt::format("*{}*\n{}", heading, quoted) : quoted);
        first = false;
    }
}

std::string clocks_line(Escalation const& escalation, std::vector<SlaClock> const& closed, Instant now) {
    std::string lines;
    for (auto const& clock : escalation.clocks) add_line(lines, countdown_and_due(clock, now));
    for (auto const& clock : closed)
        if (escalation.clock(clock.kind) == nullptr &&
            (clock.outcome == ClockOutcome::breached || clock.outcome == ClockOutcome::met))
            add_line(lines, countdown_and_due(clock, now));
    return lines.empty() ? std::string{"No clock is running"} : lines;
}

std::string provenance(Escalation const& escalation) {
    auto out = fmt::format("{} · raised by {} {}", account(escalation), blocks::person(escalation.raised_by).text,
                           at(escalation.opened_at));
    if (!escalation.team.empty()) out += fmt::format(" · team {}", line(escalation.team, name_max));
    return out + about_source(escalation);
}

void add_waiting(blocks::Message& message, Escalation const& escalation) {
    auto const& waiting = escalation.details.waiting;
    if (!waiting) return;
    auto heading = fmt::format("{} since {}", state_word(escalation), at(waiting->since));
    if (waiting->until) heading += fmt::format(", until {}", at(*waiting->until));
    if (!waiting->engineer.empty())
        heading += fmt::format(", {} {}", blocks::person(waiting->engineer).text,
                               waiting->engineer_accepted_at ? "accepted" : "has not accepted yet");
    auto text = waiting->reason;
    if (!waiting->reference.empty()) text += "\nReference: " + waiting->reference;
    if (!waiting->checklist.empty()) text += "\n" + waiting->checklist;
    add_small(message, heading);
    add_in_full(message, "Why it waits", text);
}

void add_plans(blocks::Message& message, Escalation const& escalation) {
    auto const& details = escalation.details;
    if (auto const& next = details.next_step) {
        add_in_full(message, "Next step", next->text);
        add_small(message, fmt::format("by {} {}", blocks::person(next->by).text, at(next->at)));
    }
    if (auto const& promise = details.promise) {
        auto const to = line(promise->to, name_max);
        add_in_full(message, "Promise", promise->text);
        add_small(message, fmt::format("due {} · {} promised {} {}", at(promise->due), blocks::person(promise->by).text,
                                       to.empty() ? std::string{"the customer"} : to, at(promise->at)));
    }
    if (auto const& brief = details.brief) {
        add_small(message, fmt::format("Handoff note by {} {} · it goes {}", blocks::person(brief->by).text, at(brief->at),
                                       rules::to_string(brief->trend)));
        add_in_full(message, "Tried", brief->tried);
        add_in_full(message, "Theory", brief->theory);
        add_in_full(message, "Blocker", brief->blocker);
        add_in_full(message, "If … then", brief->if_then);
    }
}

void add_outcome(blocks::Message& message, Escalation const& escalation) {
    auto const& details = escalation.details;
    add_in_full(message, "Workaround", details.workaround);
    add_in_full(message, "Resolution", escalation.resolution);
    add_in_full(message, "What was checked", details.exit_criteria);
    add_in_full(message, "Declined", details.declined_reason);
    if (rules::is_withdrawn(escalation)) add(message, fmt::format("Withdrawn by {}.", blocks::person(escalation.raised_by).text));
    std::vector<std::string> facts;
    if (!details.cause.empty()) facts.push_back("cause: " + word_of(details.cause));
    if (details.preventable) facts.emplace_back(*details.preventable ? "preventable" : "not preventable");
    if (details.close_at && escalation.state == State::resolved)
        facts.push_back(fmt::format("can be reopened until {}", at(*details.close_at)));
    if (details.merge) facts.push_back(fmt::format("merged into {} {}", details.merge->into, at(details.merge->at)));
    add_small(message, fmt::format("{}", fmt::join(facts, " · ")));
}

void add_requests(blocks::Message& message, Escalation const& escalation, std::optional<rules::ResolveRequest> const& asked) {
    auto const& details = escalation.details;
    if (asked) {
        add_small(message, fmt::format("✋ {}", asks_to_resolve(escalation, asked->asked_by)));
        add_in_full(message, "What is said to have solved it", asked->text);
    }
    if (auto const& transfer = details.transfer) {
        add_small(message, fmt::format("✋ {} asks managers for {}, until {}", blocks::person(transfer->by).text,
                                       transfer->to.empty() ? "another owner" : blocks::person(transfer->to).text + " as owner",
                                       at(transfer->expires_at)));
        add_in_full(message, "Why a transfer", transfer->reason);
    }
    if (auto const& request = details.severity_request) {
        add_small(message, fmt::format("✋ {} asks for {}", blocks::person(request->by).text, to_string(request->to)));
        add_in_full(message, "Why another severity", request->reason);
    }
    if (details.coverage)
        add_small(message, fmt::format("{} acts for the owner from {} until {}", blocks::person(details.coverage->acting).text,
                                       at(details.coverage->from), at(details.coverage->until)));
}

std::string people_of(Escalation const& escalation, Participant::Kind kind) {
    std::vector<std::string> all;
    for (auto const& one : escalation.details.participants)
        if (one.kind == kind) all.push_back(blocks::person(one.person).text);
    return fmt::format("{}", fmt::join(all, ", "));
}

void add_people_and_links(blocks::Message& message, Escalation const& escalation, std::vector<SourceLink> const& links) {
    std::string lines;
    for (auto const& [kind, heading] :
         {std::pair{Participant::Kind::helper, "Helpers"}, std::pair{Participant::Kind::engineer, "Engineers"},
          std::pair{Participant::Kind::watcher, "Watchers"}})
        if (auto const people = people_of(escalation, kind); !people.empty())
            add_line(lines, fmt::format("*{}* {}", heading, people));
    std::size_t shown = 0;
    for (auto const& link : links) {
        if (link.url.empty()) continue;
        if (++shown <= links_shown) add_line(lines, "🔗 " + blocks::link(link.url, blocks::cut(link.url, name_max)).text);
    }
    if (shown > links_shown) add_line(lines, fmt::format("and {} more links", shown - links_shown));
    add(message, lines);
}

std::string may_do(std::vector<Verb> const& offered, std::string_view command, Escalation const& escalation) {
    std::vector<std::string_view> names;
    for (auto const verb : offered)
        if (verb != Verb::show) names.push_back(rules::to_string(verb));
    if (names.empty()) return {};
    return fmt::format("You can now: `{}`. Type it as `{} {} {}`.", fmt::join(names, "`, `"), line(command, name_max),
                       names.front(), escalation.id.number);
}

// What moves it on first, then the two that explain it: five are what one row shows.
std::vector<blocks::Element> buttons(Escalation const& escalation, std::vector<Verb> const& offered) {
    constexpr std::array moves{Verb::claim,   Verb::accept,    Verb::replied, Verb::resume,
                               Verb::resolve, Verb::next_step, Verb::reopen,  Verb::unmerge};
    constexpr std::size_t moves_shown = 3;
    std::vector<blocks::Element> out;
    for (auto const verb : moves) {
        if (out.size() == moves_shown) break;
        if (std::find(offered.begin(), offered.end(), verb) != offered.end()) out.push_back(verb_button(verb, escalation));
    }
    out.push_back(verb_button(Verb::explain_clock, escalation));
    out.push_back(verb_button(Verb::history, escalation));
    return out;
}

}  // namespace

std::string merged_line(std::vector<EscalationId> const& merged, std::size_t shown_max) {
    std::string out;
    for (std::size_t at = 0; at < merged.size() && at < shown_max; ++at)
        out += fmt::format("{}{}", at == 0 ? "Merged into this: " : ", ", merged[at]);
    if (merged.size() > shown_max) out += fmt::format(" and {} more", merged.size() - shown_max);
    return out;
}

blocks::Message whole(Escalation const& escalation, std::vector<SlaClock> const& closed, std::vector<SourceLink> const& links,
                      std::vector<rules::Verb> const& offered, std::string_view command, Instant now,
                      std::vector<EscalationId> const& merged, std::optional<rules::ResolveRequest> const& asked) {
    blocks::Message message{.text = fmt::format("{}: {}, {}. {}", headline(escalation), state_word(escalation), owner(escalation),
                                                account(escalation))};
    message += blocks::header(plain_headline(escalation));
    add(message, status(escalation, now));
    add(message, clocks_line(escalation, closed, now));
    add_small(message, provenance(escalation));
    add_small(message, merged_line(merged, merged_shown));
    add_small(message, may_do(offered, command, escalation));
    message += blocks::actions("", buttons(escalation, offered));
    add_waiting(message, escalation);
    add_plans(message, escalation);
    add_outcome(message, escalation);
    add_requests(message, escalation, asked);
    add_people_and_links(message, escalation, links);
    add_in_full(message, "Description", escalation.description);
    return message;
}

blocks::Modal as_modal(blocks::Message const& message, Escalation const& escalation, Verb verb, std::string_view word) {
    blocks::Modal modal{.callback_id = fmt::format("esc.{}", rules::to_string(verb)),
                        .title = fmt::format("{} {}", word, escalation.id),
                        .submit = {},
                        .close = "Close",
                        .private_metadata = handlers::CardRef::make(escalation)};
    for (auto const& block : message.blocks) modal += block;
    return modal;
}

}  // namespace esc::views
