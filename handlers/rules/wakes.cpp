#include "handlers/rules/wakes.hpp"

#include "handlers/rules/lifecycle.hpp"
#include "handlers/rules/ownership.hpp"
#include "handlers/rules/parts.hpp"
#include "handlers/rules/severity.hpp"
#include "handlers/rules/waiting.hpp"

#include <algorithm>

namespace esc::rules {
std::vector<DueWake> wakes(Escalation const& escalation) {
    std::vector<DueWake> all;
    auto const add = [&](Wake what, std::optional<Instant> const& at) {
        if (at) all.push_back({what, *at});
    };
    auto const add_request = [&](auto const& request, Wake reminder, Wake expired) {
        if (!request) return;
        if (request->remind_at < request->expires_at) add(reminder, request->remind_at);  // else it was said
        add(expired, request->expires_at);
    };
    auto const& details = escalation.details;
    if (escalation.state == State::resolved) add(Wake::window_over, details.close_at);
    if (escalation.open()) {
        if (is_waiting(escalation.state) && details.waiting) add(Wake::pause_over, details.waiting->until);
        add_request(details.transfer, Wake::transfer_reminder, Wake::transfer_expired);
        add_request(details.severity_request, Wake::severity_reminder, Wake::severity_expired);
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
        case Wake::severity_reminder:
            return remind_severity(before, ladder, by);
        case Wake::severity_expired:
            return expire_severity(before, ladder, by);
        case Wake::unconfirmed:
            return remind_unconfirmed(before, ladder, by);
        case Wake::window_over:
            return window_over(before, by);
    }
    return std::nullopt;
}

}  // namespace esc::rules
