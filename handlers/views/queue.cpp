// The queue as one message: counts, one row per escalation with its countdown, and what to do where there is none.
#include "handlers/views/parts.hpp"
#include "handlers/views/views.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace esc::views {

namespace blocks = slack::blocks;

namespace {

constexpr std::size_t rows_max = 15;

std::string_view heading(QueueFilter filter) {
    switch (filter) {
        case QueueFilter::open:
            return "Queue";
        case QueueFilter::mine:
            return "My queue";
        case QueueFilter::unowned:
            return "Queue: unowned";
        case QueueFilter::at_risk:
            return "Queue: at risk";
        case QueueFilter::breached:
            return "Queue: breached";
        case QueueFilter::waiting:
            return "Queue: waiting";
    }
    return "Queue";
}

std::string_view nothing_here(QueueFilter filter) {
    switch (filter) {
        case QueueFilter::open:
            return "Nothing is open. New escalations appear here in order of urgency.";
        case QueueFilter::mine:
            return "You own nothing that is open. The filter unowned shows what waits for somebody.";
        case QueueFilter::unowned:
            return "Everything that is open has an owner.";
        case QueueFilter::at_risk:
            return "Nothing is at risk: no running clock has reached its warning.";
        case QueueFilter::breached:
            return "Nothing that is open has breached its SLA.";
        case QueueFilter::waiting:
            return "Nothing waits on a customer, a vendor or engineering.";
    }
    return "Nothing here.";
}

// How many there are in all, as far as it was counted.
std::size_t total(QueueFilter filter, QueueCounts const& counts, std::size_t rows) {
    std::int64_t counted = 0;
    switch (filter) {
        case QueueFilter::open:
            counted = counts.open;
            break;
        case QueueFilter::mine:
            break;
        case QueueFilter::unowned:
            counted = counts.unowned;
            break;
        case QueueFilter::at_risk:
            counted = counts.at_risk;
            break;
        case QueueFilter::breached:
            counted = counts.breached;
            break;
        case QueueFilter::waiting:
            counted = counts.waiting;
            break;
    }
    return std::max(rows, static_cast<std::size_t>(std::max<std::int64_t>(counted, 0)));
}

std::string counts_line(QueueCounts const& counts) {
    return fmt::format("{} open · {} at risk · {} breached · {} unowned", counts.open, counts.at_risk, counts.breached,
                       counts.unowned);
}

std::string row_countdown(Escalation const& escalation, Instant now) {
    auto const* clock = most_urgent(escalation);
    return clock == nullptr ? std::string{"no clock is running"} : countdown(*clock, now);
}

}  // namespace

blocks::Message queue(std::vector<Escalation> const& rows, QueueCounts const& counts, QueueFilter filter, Instant now) {
    auto const counted = counts_line(counts);
    auto const shown = std::min(rows.size(), rows_max);
    blocks::Message message{.text = fmt::format("{}: {}.", heading(filter), counted)};
    message += blocks::section(blocks::mrkdwn_text(fmt::format("*{}*\n{}", heading(filter), counted)));
    for (std::size_t i = 0; i < shown; ++i) {
        auto const& row = rows[i];
        auto const facts = fmt::format("{} · {} · {}", row_countdown(row, now), owner(row), account(row));
        message += blocks::section(
            blocks::mrkdwn_text(fmt::format("*{}* · {} · {}\n{}", to_string(row.severity), row.id, title(row), facts)));
        message.text += fmt::format("\n{}: {}", headline(row), facts);
    }
    if (rows.empty()) {
        message += blocks::section(blocks::mrkdwn_text(nothing_here(filter)));
        message.text += fmt::format(" {}", nothing_here(filter));
    }
    std::string last;
    if (auto const all = total(filter, counts, rows.size()); !rows.empty() && all > shown) {
        last = fmt::format("and {} more · ", all - shown);
        message.text += fmt::format("\nand {} more", all - shown);
    }
    message += blocks::context({blocks::mrkdwn_text(last + "as of " + blocks::date(now).text)});
    return message;
}

}  // namespace esc::views
