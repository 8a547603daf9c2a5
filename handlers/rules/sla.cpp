#include "handlers/rules/sla.hpp"

#include "handlers/rules/wakes.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace esc::rules {
namespace {

constexpr std::chrono::minutes critical_left{15};

Instant at_percent(Instant started_at, std::chrono::seconds target, int percent) {
    // A hundredth of a second-resolution target is a whole number of microseconds: nothing is rounded.
    return started_at + Duration{target} / 100 * percent;
}

std::vector<ClockPoint> built_in_points(Instant started_at, std::chrono::seconds target) {
    auto const at_risk = at_percent(started_at, target, 75);
    auto const nearly = at_percent(started_at, target, 90);
    auto const little_left = started_at + target - critical_left;
    auto const critical = little_left <= at_risk ? nearly : std::min(nearly, little_left);
    return {{rung_at_risk, at_risk}, {rung_critical, critical}};
}

std::vector<ClockPoint> configured_points(Instant started_at, std::chrono::seconds target, std::vector<AtRiskPoint> const& list) {
    auto const due = started_at + target;
    std::vector<Instant> moments;
    for (auto const& entry : list) {
        auto const at =
            entry.form == AtRiskPoint::Form::percent_used ? at_percent(started_at, target, entry.percent) : due - entry.left;
        if (at > started_at && at < due) moments.push_back(at);
    }
    std::sort(moments.begin(), moments.end());
    moments.erase(std::unique(moments.begin(), moments.end()), moments.end());
    std::vector<ClockPoint> points;
    points.reserve(moments.size());
    for (auto const at : moments) points.push_back({points.empty() ? rung_at_risk : rung_critical, at});
    return points;
}

}  // namespace

SlaClock start_clock(ClockKind kind, int generation, Instant started_at, std::chrono::seconds target,
                     std::vector<AtRiskPoint> const& at_risk, Instant passed_until) {
    SlaClock clock;
    clock.kind = kind;
    clock.generation = generation;
    clock.started_at = started_at;
    clock.target = target;
    clock.due = started_at + target;
    clock.points = at_risk.empty() ? built_in_points(started_at, target) : configured_points(started_at, target, at_risk);
    clock.points.push_back({rung_breach, clock.due + Duration{1}});
    pass_points(clock, passed_until);
    return clock;
}

std::vector<SlaClock> start_clocks(SlaTargets const& targets, Instant opened_at, Instant passed_until) {
    std::vector<SlaClock> clocks;
    auto const start = [&](ClockKind kind, std::optional<std::chrono::seconds> target) {
        if (target) clocks.push_back(start_clock(kind, 0, opened_at, *target, targets.at_risk, passed_until));
    };
    start(ClockKind::owner, targets.owner);
    start(ClockKind::first_response, targets.first_response);
    start(ClockKind::resolution, targets.resolution);
    return clocks;
}

void pass_points(SlaClock& clock, Instant until) {
    for (auto point = clock.next_point(); point && point->at <= until; point = clock.next_point()) {
        ++clock.points_fired;
        if (point->rung == rung_breach) clock.outcome = ClockOutcome::breached;
    }
}

SlaClock pause_clock(SlaClock clock, Instant at) {
    if (!clock.running()) return clock;
    clock.paused_at = std::max(at, clock.started_at);
    return clock;
}

SlaClock resume_clock(SlaClock clock, Instant at) {
    if (clock.stopped_at || !clock.paused_at) return clock;
    auto const pause = std::max(at - *clock.paused_at, Duration{0});
    clock.paused += pause;
    clock.due += pause;
    for (auto index = static_cast<std::size_t>(clock.points_fired); index < clock.points.size(); ++index)
        clock.points[index].at += pause;
    clock.paused_at.reset();
    return clock;
}

SlaClock stop_clock(SlaClock clock, Instant at) {
    if (clock.stopped_at) return clock;
    clock = resume_clock(std::move(clock), at);
    auto const stopped_at = std::max(at, clock.started_at);
    clock.stopped_at = stopped_at;
    if (clock.outcome != ClockOutcome::breached)
        clock.outcome = stopped_at <= clock.due ? ClockOutcome::met : ClockOutcome::breached;
    return clock;
}

SlaClock continue_clock(SlaClock const& stopped, Instant at) {
    if (!stopped.stopped_at) return stopped;
    auto clock = stopped;
    // The time between stop and `at` does not count: the whole clock moves by it.
    auto const pause = std::max(at - *stopped.stopped_at, Duration{0});
    ++clock.generation;
    clock.started_at += pause;
    clock.due += pause;
    for (auto& point : clock.points) point.at += pause;
    clock.stopped_at.reset();
    if (clock.outcome != ClockOutcome::breached) clock.outcome = ClockOutcome::running;
    pass_points(clock, at);
    return clock;
}

std::optional<Instant> next_point(Escalation const& escalation) {
    std::optional<Instant> earliest;
    auto const consider = [&](Instant at) { earliest = earliest ? std::min(*earliest, at) : at; };
    if (escalation.open())
        for (auto const& clock : escalation.clocks)
            if (auto const point = clock.next_point()) consider(point->at);
    if (auto const due = wakes(escalation); !due.empty()) consider(due.front().at);
    return earliest;
}

bool overdue(SlaClock const& clock, Instant now) {
    if (clock.stopped_at) return *clock.stopped_at > clock.due;
    return std::min(now, clock.paused_at.value_or(now)) > clock.due;
}

ClockLook look(SlaClock const& clock, Instant now) {
    if (clock.outcome == ClockOutcome::cancelled) return ClockLook::on_time;
    if (overdue(clock, now)) return ClockLook::breached;
    if (clock.stopped_at) return ClockLook::met;
    auto const then = clock.paused_at ? std::min(now, *clock.paused_at) : now;
    auto const warned = std::any_of(clock.points.begin(), clock.points.end(),
                                    [&](ClockPoint const& point) { return point.rung != rung_breach && point.at <= then; });
    return warned ? ClockLook::at_risk : ClockLook::on_time;
}

std::vector<DuePoint> due_points(Escalation const& escalation, Instant now) {
    std::vector<DuePoint> found;
    for (auto const& clock : escalation.clocks) {
        if (!clock.running()) continue;
        for (auto index = static_cast<std::size_t>(clock.points_fired); index < clock.points.size(); ++index)
            if (clock.points[index].at <= now) found.push_back({clock.kind, clock.generation, clock.points[index]});
    }
    std::stable_sort(found.begin(), found.end(), [](DuePoint const& a, DuePoint const& b) { return a.point.at < b.point.at; });
    return found;
}

}  // namespace esc::rules
