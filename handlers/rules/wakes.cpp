#include "handlers/rules/wakes.hpp"

#include "handlers/rules/outbox_items.hpp"
#include "handlers/rules/parts.hpp"

#include <algorithm>

namespace esc::rules {

std::vector<DueWake> wakes(Escalation const& escalation) {
    std::vector<DueWake> all;
    auto const add = [&](Wake what, std::optional<Instant> const& at) {
        if (at) all.push_back({what, *at});
    };
    auto const& details = escalation.details;
    if (escalation.state == State::resolved) add(Wake::window_over, details.close_at);
    if (escalation.open()) {
        if (is_waiting(escalation.state) && details.waiting) add(Wake::pause_over, details.waiting->until);
        if (details.transfer) {
            add(Wake::transfer_reminder, details.transfer->remind_at);
            add(Wake::transfer_expired, details.transfer->expires_at);
        }
        if (details.coverage) add(Wake::coverage_over, details.coverage->until);
        if (details.unavailable) add(Wake::owner_unavailable, details.unavailable->next_alert_at);
        add(Wake::unconfirmed, details.unconfirmed_alert_at);
    }
    std::stable_sort(all.begin(), all.end(), [](DueWake const& a, DueWake const& b) { return a.at < b.at; });
    return all;
}

std::optional<Decision> wake(Escalation const& before, Config const&, Ladder const&, Instant now) {
    auto const all = wakes(before);
    if (all.empty() || all.front().at > now) return std::nullopt;
    auto decision = decide(before);
    auto& details = decision.after.details;
    auto const by = by_system(now);
    switch (all.front().what) {
        case Wake::window_over:
            decision.after.state = State::closed;
            for (auto& clock : decision.after.clocks) decision.closed_clocks.push_back(clock);
            decision.after.clocks.clear();
            details.close_at.reset();
            decision.events.push_back(event_of(EventType::closed, by, {{"owner", before.owner.value}}));
            break;
        case Wake::pause_over:
        case Wake::transfer_reminder:
        case Wake::transfer_expired:
        case Wake::coverage_over:
        case Wake::owner_unavailable:
        case Wake::unconfirmed:
            return std::nullopt;
    }
    return ended(std::move(decision), by);
}

}  // namespace esc::rules
