#include "handlers/rules/wakes.hpp"

#include "handlers/rules/ownership.hpp"
#include "handlers/rules/parts.hpp"
#include "handlers/rules/severity.hpp"
#include "handlers/rules/waiting.hpp"

#include <algorithm>

namespace esc::rules {
namespace {

Decision window_over(Escalation const& before, By const& by) {
    auto decision = decide(before);
    auto& after = decision.after;
    after.state = State::closed;
    decision.closed_clocks.insert(decision.closed_clocks.end(), after.clocks.begin(), after.clocks.end());
    after.clocks.clear();
    after.details.close_at.reset();
    decision.events.push_back(event_of(EventType::closed, by, {{"owner", before.owner.value}}));
    return ended(std::move(decision), by);
}

}  // namespace

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
            if (details.transfer->remind_at < details.transfer->expires_at)  // else it was said
                add(Wake::transfer_reminder, details.transfer->remind_at);
            add(Wake::transfer_expired, details.transfer->expires_at);
        }
        if (details.coverage) add(Wake::coverage_over, details.coverage->until);
        if (details.unavailable) {
            add(Wake::owner_back, details.unavailable->until);
            add(Wake::owner_unavailable, details.unavailable->next_alert_at);
        }
        add(Wake::unconfirmed, details.unconfirmed_alert_at);
    }
    std::stable_sort(all.begin(), all.end(), [](DueWake const& a, DueWake const& b) { return a.at < b.at; });
    return all;
}

std::optional<Decision> wake(Escalation const& before, Ladder const& ladder, Instant now) {
    auto const all = wakes(before);
    if (all.empty() || all.front().at > now) return std::nullopt;
    auto const by = by_system(now);
    switch (all.front().what) {
        case Wake::pause_over:
            return pause_over(before, ladder, by);
        case Wake::transfer_reminder:
            return remind_transfer(before, ladder, by);
        case Wake::transfer_expired:
            return expire_transfer(before, ladder, by);
        case Wake::coverage_over:
            return end_coverage(before, by).value();
        case Wake::owner_unavailable:
            return remind_owner_gone(before, ladder, by);
        case Wake::owner_back:
            return owner_back(before, by);
        case Wake::unconfirmed:
            return remind_unconfirmed(before, ladder, by);
        case Wake::window_over:
            return window_over(before, by);
    }
    return std::nullopt;
}

}  // namespace esc::rules
