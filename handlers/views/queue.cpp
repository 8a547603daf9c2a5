// The queue as one message: counts, one row per escalation with its countdown, and what to do where there is none.
#include "bot/base/words.hpp"
#include "handlers/views/home.hpp"
#include "handlers/views/parts.hpp"
#include "handlers/views/views.hpp"

#include <fmt/format.h>

#include <utility>
#include <vector>

namespace esc::views {

namespace blocks = slack::blocks;

namespace {

blocks::Element turn(std::string_view action, std::string text, QueuePage const& page, int to) {
    return blocks::button(
        {.action_id = std::string{action}, .text = std::move(text), .value = fmt::format("{} {}", queue_words(page.query), to)});
}

}  // namespace

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
            return "You own nothing that is open and cover for nobody. The filter unowned shows what waits for somebody.";
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

std::string narrowed_heading(QueueQuery const& query) {
    auto out = std::string{heading(query.filter)};
    if (query.severity) out += fmt::format(" · {}", to_string(*query.severity));
    if (!query.account.empty()) out += " · " + account({.account = query.account});
    if (!query.team.empty()) out += " · team " + line(query.team, 80);
    return out;
}

std::string_view nothing_in(QueueQuery const& query) {
    bool const narrowed = query.severity || !query.account.empty() || !query.team.empty();
    return narrowed ? "Nothing in the queue fits all of that." : nothing_here(query.filter);
}

std::string queue_words(QueueQuery const& query) {
    auto out = std::string{filter_name(query.filter)};
    if (query.severity) out += " " + lower(to_string(*query.severity));
    if (!query.account.empty()) out += fmt::format(" for:\"{}\"", query.account);
    if (!query.team.empty()) out += fmt::format(" team:\"{}\"", query.team);
    return out;
}

std::string counts_line(QueueCounts const& counts) {
    return fmt::format("{} open · {} at risk · {} breached · {} unowned · {} waiting", counts.open, counts.at_risk,
                       counts.breached, counts.unowned, counts.waiting);
}

std::string load_words(Snapshot::Load const& load) {
    std::string words;
    if (load.owns > 0) words += fmt::format(" · {} owned", load.owns);
    if (load.covers > 0) words += fmt::format(" · {} covered", load.covers);
    return words;
}

blocks::Message queue(QueuePage const& page) {
    auto const head = narrowed_heading(page.query) + load_words(page.load);
    auto const counted = counts_line(page.counts);
    auto const now = page.query.now;
    blocks::Message message{.text = fmt::format("{}: {}.", head, counted)};
    message += blocks::section(blocks::mrkdwn_text(fmt::format("*{}*\n{}", head, counted)));
    for (auto const& [escalation, card_permalink] : page.rows) {
        message += blocks::section(blocks::mrkdwn_text(row(escalation, card_permalink, now)));
        message.text += fmt::format("\n{}: {} · {} · {}", headline(escalation), row_countdown(escalation, now), owner(escalation),
                                    account(escalation));
    }
    if (page.rows.empty()) {
        message += blocks::section(blocks::mrkdwn_text(nothing_in(page.query)));
        message.text += fmt::format(" {}", nothing_in(page.query));
    } else if (page.beyond > 0) {
        auto const last = page.page == 1 ? "There is only one." : fmt::format("Page {} is the last.", page.page);
        message += blocks::section(blocks::mrkdwn_text(fmt::format("There is no page {}. {}", page.beyond, last)));
        message.text += fmt::format("\nThere is no page {}. {}", page.beyond, last);
    }
    std::vector<blocks::Element> turns;
    if (page.page > 1) turns.push_back(turn(queue_previous_action, "Previous", page, page.page - 1));
    if (page.more) turns.push_back(turn(queue_next_action, "Next", page, page.page + 1));
    auto const paged = !turns.empty();
    if (paged) message += blocks::actions("", std::move(turns));
    auto const where = paged ? fmt::format("page {} · ", page.page) : std::string{};
    message += blocks::context({blocks::mrkdwn_text(where + "as of " + blocks::date(now).text)});
    return message;
}

}  // namespace esc::views
