#include "handlers/rules/alerts.hpp"

#include "bot/base/time.hpp"
#include "handlers/rules/lifecycle.hpp"
#include "handlers/rules/outbox_items.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <utility>

namespace esc::rules {
namespace {

namespace json = boost::json;

std::vector<PersonId> const& first_not_empty(std::vector<PersonId> const& first, std::vector<PersonId> const& second,
                                             std::vector<PersonId> const& third) {
    if (!first.empty()) return first;
    return second.empty() ? third : second;
}

LedgerEvent passed_event(Escalation const& before, SlaClock const& clock, ClockPoint const& point, bool alerts, Instant now,
                         AlertCause cause = AlertCause::moment) {
    LedgerEvent event;
    event.type = EventType::point_passed;
    event.recorded_at = now;
    event.source_time = point.at;
    json::object data{{"clock", to_string(clock.kind)},
                      {"generation", clock.generation},
                      {"rung", point.rung},
                      {"due_us", to_us(clock.due)},
                      {"late_us", cause == AlertCause::moment ? (now - point.at).count() : 0},
                      {"alerts", alerts},
                      {"owner", before.owner.value}};
    if (cause != AlertCause::moment) data["cause"] = to_string(cause);
    event.data = json::serialize(data);
    return event;
}

// In a key, behind the rung.
constexpr std::array cause_letters{'\0', 'r', 'u'};

void add_alert(Decision& decision, AlertFact fact, PersonId to) {
    fact.to = std::move(to);
    decision.outbox.push_back({fact.key(), OutboxKind::alert, fact.escalation, fact.body(), fact.fired_at});
}

// To everybody whom its rung concerns, and in the thread.
void add_alerts(Decision& decision, AlertFact const& fact, Ladder const& ladder) {
    auto const& escalation = decision.after;
    auto people = recipients(fact.rung, responsible(escalation, fact.fired_at), ladder);
    if (people.empty()) people.push_back(escalation.raised_by);  // nobody is known to turn to, but somebody must hear of it
    for (auto const& person : people) add_alert(decision, fact, person);
    add_alert(decision, fact, {});
}

Result<std::int64_t> number(json::object const& object, std::string_view name) {
    auto const* value = object.if_contains(name);
    if (value == nullptr || !value->is_int64()) return fail(Errc::invalid, "alert.{}: expected an integer", name);
    return value->get_int64();
}

Result<std::string> word(json::object const& object, std::string_view name) {
    auto const* value = object.if_contains(name);
    if (value == nullptr || !value->is_string()) return fail(Errc::invalid, "alert.{}: expected a text", name);
    return std::string{value->get_string()};
}

}  // namespace

Ladders ladders_of(People const& people, Config const& config) {
    auto const ladder = [&](std::string_view team) { return Ladder{people.leads(team), people.managers(team), people.admins()}; };
    Ladders all{ladder({}), {}};
    for (auto const& team : config.teams) all.teams.emplace(team.name, ladder(team.name));
    return all;
}

std::vector<PersonId> managers_or_next(Ladder const& ladder) {
    return first_not_empty(ladder.managers, ladder.admins, ladder.leads);
}

std::vector<PersonId> leads_or_next(Ladder const& ladder) {
    return first_not_empty(ladder.leads, ladder.managers, ladder.admins);
}

std::vector<PersonId> leads_and_managers(Ladder const& ladder) {
    auto all = ladder.leads;
    all.insert(all.end(), ladder.managers.begin(), ladder.managers.end());
    if (all.empty()) all = ladder.admins;
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
}

std::vector<PersonId> recipients(int rung, PersonId const& owner, Ladder const& ladder) {
    std::vector<PersonId> all;
    auto const add = [&](std::vector<PersonId> const& group) { all.insert(all.end(), group.begin(), group.end()); };
    if (!owner.empty()) all.push_back(owner);
    if (owner.empty() || rung >= rung_critical) add(first_not_empty(ladder.leads, ladder.managers, ladder.admins));
    if (rung >= rung_breach) add(first_not_empty(ladder.managers, ladder.admins, ladder.admins));
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
}

std::string_view to_string(AlertCause cause) noexcept {
    switch (cause) {
        case AlertCause::moment:
            return "moment";
        case AlertCause::regrade:
            return "regrade";
        case AlertCause::unmerge:
            return "unmerge";
    }
    return {};
}

std::string AlertFact::body() const {
    json::object object{
        {"escalation", escalation.number}, {"clock", to_string(clock)},   {"generation", generation}, {"rung", rung},
        {"point_at", to_us(point_at)},     {"fired_at", to_us(fired_at)}, {"due", to_us(due)},        {"to", to.value}};
    if (cause != AlertCause::moment) {
        object["cause"] = to_string(cause);
        object["version"] = version;
    }
    return json::serialize(object);
}

std::vector<OutboxItem> stand_ins(AlertFact const& fact, Ladder const& ladder) {
    if (fact.to.empty() || fact.rung >= rung_critical) return {};
    // Always further up, so that people who cannot be reached never call each other in a ring.
    std::array const groups{&ladder.leads, &ladder.managers, &ladder.admins};
    std::size_t next = 0;
    for (std::size_t at = 0; at < groups.size(); ++at)
        if (std::find(groups[at]->begin(), groups[at]->end(), fact.to) != groups[at]->end()) next = at + 1;
    while (next < groups.size() && groups[next]->empty()) ++next;
    if (next == groups.size()) return {};
    Decision decision;
    for (auto const& person : *groups[next]) add_alert(decision, fact, person);
    return std::move(decision.outbox);
}

std::vector<OutboxItem> without_recipient(AlertFact const& fact, Ladder const& ladder) {
    Decision decision;
    for (auto const& person : recipients(fact.rung, {}, ladder))
        if (person != fact.to) add_alert(decision, fact, person);
    return std::move(decision.outbox);
}

Result<AlertFact> AlertFact::parse(std::string_view body) {
    boost::system::error_code error;
    auto const value = json::parse(body, error);
    if (error || !value.is_object()) return fail(Errc::invalid, "alert: expected a JSON object");
    auto const& object = value.get_object();
    ESC_TRY(auto const escalation, number(object, "escalation"));
    ESC_TRY(auto const clock_name, word(object, "clock"));
    ESC_TRY(auto const generation, number(object, "generation"));
    ESC_TRY(auto const rung, number(object, "rung"));
    ESC_TRY(auto const point_at, number(object, "point_at"));
    ESC_TRY(auto const fired_at, number(object, "fired_at"));
    ESC_TRY(auto const due, number(object, "due"));
    ESC_TRY(auto to, word(object, "to"));
    auto const clock = parse_clock_kind(clock_name);
    if (!clock) return fail(Errc::invalid, "alert.clock: there is no clock {}", clock_name);
    if (rung < rung_at_risk || rung > rung_breach) return fail(Errc::invalid, "alert.rung: expected 1 to 3");
    if (generation < 0 || generation > 1'000'000) return fail(Errc::invalid, "alert.generation: out of range");
    AlertFact fact;
    fact.escalation = {escalation};
    fact.clock = *clock;
    fact.generation = static_cast<int>(generation);
    fact.rung = static_cast<int>(rung);
    fact.point_at = from_us(point_at);
    fact.fired_at = from_us(fired_at);
    fact.due = from_us(due);
    fact.to = {std::move(to)};
    if (object.contains("cause")) {
        ESC_TRY(auto const cause, word(object, "cause"));
        ESC_TRY(fact.version, number(object, "version"));
        auto const known = {AlertCause::regrade, AlertCause::unmerge};
        auto const found = std::find_if(known.begin(), known.end(), [&](AlertCause one) { return to_string(one) == cause; });
        if (found == known.end()) return fail(Errc::invalid, "alert.cause: there is no cause {}", cause);
        fact.cause = *found;
    }
    return fact;
}

std::optional<AlertFact> AlertFact::from_key(std::string_view key) {
    std::vector<std::string_view> parts;
    for (std::size_t at = 0; at <= key.size();) {
        auto const end = std::min(key.find(':', at), key.size());
        parts.push_back(key.substr(at, end - at));
        at = end + 1;
    }
    constexpr std::size_t parts_of_a_key = 7;
    if (parts.size() != parts_of_a_key || parts[0] != "alert") return std::nullopt;
    auto const whole = [](std::string_view text) -> std::optional<std::int64_t> {
        std::int64_t value = 0;
        auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
        return value;
    };
    auto const clock = parse_clock_kind(parts[2]);
    auto const escalation = whole(parts[1]);
    auto const generation = whole(parts[3]);
    auto const* const letter =
        std::find_first_of(parts[4].begin(), parts[4].end(), cause_letters.begin() + 1, cause_letters.end());
    auto const rung = whole({parts[4].begin(), letter});
    auto const version = letter == parts[4].end() ? 0 : whole({letter + 1, parts[4].end()});
    auto const point = whole(parts[5]);
    if (!clock || !escalation || !generation || !rung || !version || !point || parts[6].empty()) return std::nullopt;
    AlertFact fact;
    if (letter != parts[4].end()) fact.cause = *letter == 'r' ? AlertCause::regrade : AlertCause::unmerge;
    fact.version = *version;
    fact.escalation = {*escalation};
    fact.clock = *clock;
    fact.generation = static_cast<int>(*generation);
    fact.rung = static_cast<int>(*rung);
    fact.point_at = fact.fired_at = fact.due = from_us(*point);
    if (parts[6] != "thread") fact.to = {std::string{parts[6]}};
    return fact;
}

std::string AlertFact::key() const {
    auto rung_word = std::to_string(rung);
    if (cause != AlertCause::moment) rung_word += fmt::format("{}{}", cause_letters[static_cast<std::size_t>(cause)], version);
    return fmt::format("alert:{}:{}:{}:{}:{}:{}", escalation.number, to_string(clock), generation, rung_word, to_us(point_at),
                       to.empty() ? std::string_view{"thread"} : std::string_view{to.value});
}

std::optional<Decision> fire_due(Escalation const& before, Ladder const& ladder, Instant now) {
    if (!before.open() || due_points(before, now).empty()) return std::nullopt;
    Decision decision;
    decision.after = before;
    for (auto& clock : decision.after.clocks) {
        auto const first = static_cast<std::size_t>(clock.points_fired);
        pass_points(clock, now);
        auto const end = static_cast<std::size_t>(clock.points_fired);
        if (first == end) continue;
        for (auto index = first; index < end; ++index)
            decision.events.push_back(passed_event(before, clock, clock.points[index], index + 1 == end, now));
        auto const& point = clock.points[end - 1];
        AlertFact const fact{before.id, clock.kind, clock.generation, point.rung, point.at, now, clock.due, {}};
        add_alerts(decision, fact, ladder);
    }
    refresh_surfaces(decision, now);
    finish(decision, now);
    return decision;
}

bool taken_back(AlertFact const& fact, SlaClock const& clock) {
    return fact.rung == rung_breach && clock.outcome == ClockOutcome::breached && clock.rung() < rung_breach;
}

bool outrun(AlertFact const& fact, Escalation const& escalation, Ladder const& ladder, Instant now) {
    auto const* clock = escalation.clock(fact.clock);
    if (clock == nullptr || clock->stopped_at || clock->generation != fact.generation) return false;
    if (taken_back(fact, *clock)) return true;
    auto const rung = clock->rung();
    if (rung <= fact.rung) return false;
    auto const people = recipients(rung, responsible(escalation, now), ladder);
    return fact.to.empty() || std::find(people.begin(), people.end(), fact.to) != people.end();
}

void alert_changed(Decision& decision, SlaClock const& clock, int rung_before, AlertCause cause, Ladder const& ladder,
                   Instant now) {
    auto const rung = clock.rung();
    if (clock.stopped_at || rung <= rung_before) return;
    auto const& after = decision.after;
    decision.events.push_back(
        passed_event(after, clock, clock.points[static_cast<std::size_t>(clock.points_fired) - 1], true, now, cause));
    add_alerts(decision, {after.id, clock.kind, clock.generation, rung, now, now, clock.due, {}, cause, after.version + 1},
               ladder);
}

}  // namespace esc::rules
