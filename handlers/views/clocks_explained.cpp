// Every deadline of one escalation and its rank, as sums that a person can add up.
#include "handlers/views/story.hpp"

#include "bot/slack/blocks.hpp"
#include "handlers/rules/rank.hpp"
#include "handlers/rules/sla.hpp"
#include "handlers/views/event_facts.hpp"
#include "handlers/views/parts.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <optional>

namespace esc::views {

namespace blocks = slack::blocks;

namespace {

constexpr std::size_t reason_max = 200;  // of a pause, in one line
constexpr std::size_t pauses_shown = 8;
constexpr std::size_t closed_shown = 25;  // a message takes fifty blocks

// --- clocks --------------------------------------------------------------------------------------------------------------

std::string_view measures(ClockKind kind) {
    switch (kind) {
        case ClockKind::owner:
            return "from being raised to its first owner";
        case ClockKind::acceptance:
            return "from being assigned to the owner's yes";
        case ClockKind::first_response:
            return "from being raised to the first answer to the customer";
        case ClockKind::next_response:
            return "from the oldest unanswered message of the customer to an answer";
        case ClockKind::promise:
            return "from a promise to its keeping";
        case ClockKind::resolution:
            return "from being raised to resolved; stands still while it waits on the customer or a vendor";
        case ClockKind::engineering:
            return "from being handed to engineering to an engineer's yes";
    }
    return {};
}

struct Pause {
    Instant from{};
    std::optional<Instant> to{};
    std::string why{};  // "waiting on a vendor: Their case"
};
struct Pauses {
    std::vector<Pause> waits{};   // of the resolution clock
    std::vector<Pause> merges{};  // those that were undone: of the clocks that only people of ours can meet
};

bool ends_a_wait(EventType type, EventFacts const& facts) {
    if (type == EventType::customer_wrote) return facts.flag("ended_wait");
    constexpr std::array ends{EventType::resumed,  EventType::bounced, EventType::mitigated,
                              EventType::resolved, EventType::merged,  EventType::declined};
    return std::find(ends.begin(), ends.end(), type) != ends.end();
}

std::string why_it_waits(StoredEvent const& stored, std::string_view on) {
    auto const& text = stored.event.text;
    auto const reason = stored.text_erased ? std::string{} : line(std::string_view{text}.substr(0, text.find('\n')), reason_max);
    return fmt::format("waiting on {}{}{}", waits_on(on), reason.empty() ? "" : ": ", reason);
}

// When clocks stood still, oldest first, as the ledger tells.
Pauses pauses_of(std::vector<StoredEvent> const& events) {
    Pauses all;
    auto& waits = all.waits;
    bool open = false;  // the last wait
    std::optional<Instant> merged_at;
    bool cut = false;  // the merge ended a wait
    for (auto const& stored : events) {
        auto const& event = stored.event;
        EventFacts const facts{event};
        if (event.type == EventType::merged) {
            merged_at = event.source_time;
            cut = open;
        } else if (event.type == EventType::unmerged && merged_at) {
            all.merges.push_back({*merged_at, event.source_time, fmt::format("merged into {}", facts.key("into"))});
            // As if it had never been merged: the wait went on.
            if (cut) {
                waits.back().to = facts.instant("resumed_us");
                open = !waits.back().to;
            }
            merged_at.reset();
        }
        if (open && ends_a_wait(event.type, facts)) {
            waits.back().to = std::max(event.source_time, waits.back().from);
            open = false;
        }
        if (event.type != EventType::waited) continue;
        auto const on = facts.text("on");
        if (on != to_string(State::waiting_customer) && on != to_string(State::waiting_vendor)) continue;
        waits.push_back({facts.instant("since_us").value_or(event.source_time), std::nullopt, why_it_waits(stored, on)});
        open = true;
    }
    return all;
}

std::vector<Pause> of_clock(SlaClock const& clock, Pauses const& all) {
    auto pauses = clock.kind == ClockKind::resolution ? all.waits : all.merges;
    switch (clock.kind) {
        case ClockKind::resolution:  // a reopen has moved its start
            break;
        case ClockKind::owner:
        case ClockKind::acceptance:
        case ClockKind::engineering:
            std::erase_if(pauses, [&](Pause const& pause) { return pause.from < clock.started_at; });
            break;
        case ClockKind::first_response:
        case ClockKind::next_response:
        case ClockKind::promise:
            return {};
    }
    if (clock.stopped_at) std::erase_if(pauses, [&](Pause const& pause) { return pause.from >= *clock.stopped_at; });
    return pauses;
}

std::string pause_lines(std::vector<Pause> const& pauses) {
    std::string lines;
    auto const hidden = pauses.size() > pauses_shown ? pauses.size() - pauses_shown : 0;
    if (hidden > 0) lines = fmt::format("⏸ {} earlier pauses; the history has them", hidden);
    for (auto i = hidden; i < pauses.size(); ++i) {
        auto const& pause = pauses[i];
        auto const when = pause.to
                              ? fmt::format("{} to {} ({})", at(pause.from), at(*pause.to), format_left(*pause.to - pause.from))
                              : fmt::format("since {}", at(pause.from));
        add_line(lines, fmt::format("⏸ {}, {}", when, pause.why));
    }
    return lines;
}

// "Started … + target 1h + paused 20m = due …"
std::string due_as_sum(SlaClock const& clock) {
    auto out = fmt::format("Start {} + target {}", at(clock.started_at), format_elapsed(clock.target));
    if (clock.paused > Duration{0}) out += fmt::format(" + paused {}", format_left(clock.paused));
    out += fmt::format(" = due {}", at(clock.due));
    if (clock.paused_at) out += ", and later by what the pause still takes";
    return out;
}

// How a point that has passed was told: its event, by clock and rung; the newest counts.
StoredEvent const* told(std::vector<StoredEvent> const& events, SlaClock const& clock, ClockPoint const& point) {
    StoredEvent const* found = nullptr;
    for (auto const& stored : events) {
        if (stored.event.type != EventType::point_passed) continue;
        EventFacts const facts{stored.event};
        if (facts.text("clock") == to_string(clock.kind) && facts.number("rung") == point.rung &&
            facts.number("generation").value_or(0) <= clock.generation &&
            (facts.number("generation").value_or(0) < clock.generation || stored.event.source_time == point.at))
            found = &stored;
    }
    return found;
}

std::string point_line(SlaClock const& clock, std::size_t index, std::vector<StoredEvent> const& events) {
    auto const& point = clock.points[index];
    auto const name = point.rung >= rung_breach ? std::string_view{"breach"} : rung_reached(point.rung);
    if (static_cast<int>(index) >= clock.points_fired) {
        if (clock.stopped_at) return fmt::format("{} {}, not reached", name, at(point.at));
        return fmt::format("{} {}, to come", name, at(point.at));
    }
    auto const* stored = told(events, clock, point);
    if (stored == nullptr) return fmt::format("{} {}, passed without being told", name, at(point.at));
    EventFacts const facts{stored->event};
    auto const late = Duration{facts.number("late_us").value_or(0)};
    if (!facts.flag("alerts")) return fmt::format("{} {}, told with the one after it", name, at(stored->event.source_time));
    return fmt::format("{} {}, told{}", name, at(stored->event.source_time),
                       late > late_from ? fmt::format(" {} late", format_left(late)) : std::string{});
}

std::string point_lines(SlaClock const& clock, std::vector<StoredEvent> const& events) {
    std::vector<std::string> all;
    for (std::size_t i = 0; i < clock.points.size(); ++i) all.push_back(point_line(clock, i, events));
    return all.empty() ? std::string{} : fmt::format("Points: {}", fmt::join(all, " · "));
}

std::string regrade_line(SlaClock const& clock, std::vector<StoredEvent> const& events, Instant now) {
    if (clock.outcome != ClockOutcome::breached) return {};
    auto const overdue = rules::overdue(clock, now);
    for (auto const& stored : events) {
        if (stored.event.type != EventType::severity_changed) continue;
        EventFacts const facts{stored.event};
        for (auto const& one : facts.list("breached_on_regrade")) {
            auto const* name = one.is_object() ? one.get_object().if_contains("clock") : &one;
            if (name != nullptr && name->is_string() && name->get_string() == to_string(clock.kind))
                return fmt::format("It {} overdue by the change to {} {}{}, and is counted apart from what was late by itself.",
                                   overdue ? "became" : "was", facts.word("to"), at(stored.event.recorded_at),
                                   overdue ? "" : "; by its severity now it is not");
        }
    }
    return overdue ? "" : "It was overdue by an earlier severity, which stays in the record; by its severity now it is not.";
}

std::string clock_text(SlaClock const& clock, Pauses const& pauses, std::vector<StoredEvent> const& events, Instant now) {
    auto out = fmt::format("*{}*, {}", label(clock.kind), measures(clock.kind));
    add_line(out, clock.outcome == ClockOutcome::cancelled
                      ? fmt::format("{} cancelled: it counts neither as met nor as breached", label(clock.kind))
                      : countdown_and_due(clock, now));
    if (clock.stopped_at) out += fmt::format(" · stopped {}", at(*clock.stopped_at));
    add_line(out, due_as_sum(clock));
    if (clock.kind == ClockKind::resolution && clock.generation > 0)
        add_line(out, "It went on when this was reopened: the start is moved by the time that it was resolved.");
    add_line(out, pause_lines(of_clock(clock, pauses)));
    add_line(out, regrade_line(clock, events, now));
    add_line(out, point_lines(clock, events));
    return out;
}

// --- rank ----------------------------------------------------------------------------------------------------------------

// "− 30d 0h", "+ 1d 0h"
std::string signed_span(std::int64_t us) {
    return fmt::format("{} {}", us < 0 ? "−" : "+", us == 0 ? std::string{"0"} : format_left(Duration{us}));
}

std::string term_line(rules::RankTerm const& term, Escalation const& escalation) {
    using What = rules::RankTerm::What;
    switch (term.what) {
        case What::deadline:
            return fmt::format("{} · the earliest due time of a running clock, {}", at(from_us(term.us)), label(term.clock));
        case What::no_deadline:
            return fmt::format("{} · when it was raised, since no clock runs: it comes after all that have a deadline",
                               at(escalation.opened_at));
        case What::severity:
            return fmt::format("{} · head start of {}", signed_span(term.us), to_string(escalation.severity));
        case What::reopened:
            return fmt::format("{} · it was reopened", signed_span(term.us));
        case What::hops:
            return fmt::format("{} · its owner changed {}×", signed_span(term.us), escalation.hops);
        case What::bounces:
            return fmt::format("{} · engineering gave it back {}×", signed_span(term.us), escalation.details.bounces);
        case What::no_owner:
            return fmt::format("{} · nobody owns it", signed_span(term.us));
    }
    return {};
}

std::string rank_text(Escalation const& escalation) {
    if (!escalation.open())
        return fmt::format("*Rank*, its place in the queue\nIt is {}: it has no place there.", rules::in_words(escalation));
    std::string out = "*Rank*, its place in the queue: the earlier the sum, the further up";
    auto sum = Duration{0};
    auto begin = escalation.opened_at;
    for (auto const& term : rules::rank_terms(escalation)) {
        if (term.what == rules::RankTerm::What::deadline)
            begin = from_us(term.us);
        else if (term.what != rules::RankTerm::What::no_deadline)
            sum += Duration{term.us};
        add_line(out, term_line(term, escalation));
    }
    add_line(out, fmt::format("= {}", at(begin + sum)));
    return out;
}

}  // namespace

blocks::Message clocks_explained(Escalation const& escalation, std::vector<SlaClock> const& closed,
                                 std::vector<StoredEvent> const& events, Instant now) {
    blocks::Message message{.text = fmt::format("Clocks of {}", headline(escalation))};
    auto const pauses = pauses_of(events);
    add(message, fmt::format("*{}*", headline(escalation)));
    for (auto const& clock : escalation.clocks) {
        add(message, clock_text(clock, pauses, events, now));
        message.text += ". " + countdown_and_due(clock, now);
    }
    // Those of the newest generations are the ones that are asked about.
    auto over = closed;
    std::stable_sort(over.begin(), over.end(), [](SlaClock const& a, SlaClock const& b) { return a.stopped_at > b.stopped_at; });
    for (std::size_t i = 0; i < std::min(over.size(), closed_shown); ++i) add(message, clock_text(over[i], pauses, events, now));
    if (over.size() > closed_shown)
        add_small(message, fmt::format("and {} clocks that ended before; the history has them", over.size() - closed_shown));
    if (escalation.clocks.empty() && closed.empty()) add(message, "It has no clocks: no target is set for its severity.");
    add(message, rank_text(escalation));
    add_small(message,
              fmt::format("Clocks count elapsed time, day and night. Times are those of your own zone, as of {}.", at(now)));
    return message;
}

}  // namespace esc::views
