// Who acts and when, for tests of rules and handlers; and how values are printed when a check fails.
#pragma once

#include "bot/base/config.hpp"
#include "handlers/people.hpp"
#include "handlers/rules/conversation.hpp"
#include "handlers/rules/lifecycle.hpp"
#include "handlers/rules/ownership.hpp"
#include "handlers/rules/sla.hpp"
#include "store/model.hpp"

#include <chrono>
#include <optional>
#include <ostream>
#include <string>

namespace esc {
inline std::ostream& operator<<(std::ostream& out, Instant at) { return out << to_us(at); }
inline std::ostream& operator<<(std::ostream& out, State state) { return out << to_string(state); }
inline std::ostream& operator<<(std::ostream& out, ClockOutcome outcome) { return out << to_string(outcome); }
inline std::ostream& operator<<(std::ostream& out, ClockKind kind) { return out << to_string(kind); }
inline std::ostream& operator<<(std::ostream& out, Errc code) { return out << to_string(code); }
inline std::ostream& operator<<(std::ostream& out, EventType type) { return out << to_string(type); }
inline std::ostream& operator<<(std::ostream& out, Severity severity) { return out << to_string(severity); }
template <class Tag>
std::ostream& operator<<(std::ostream& out, TextId<Tag> const& id) {
    return out << id.value;
}
inline std::ostream& operator<<(std::ostream& out, ClockPoint const& point) {
    return out << "rung " << point.rung << " at " << to_us(point.at);
}
}  // namespace esc
namespace std {
inline ostream& operator<<(ostream& out, chrono::sys_time<chrono::microseconds> at) {
    return out << at.time_since_epoch().count();
}
template <class T>
ostream& operator<<(ostream& out, optional<T> const& value) {
    return value ? out << *value : out << "nothing";
}
}  // namespace std

namespace esc::handler_test {

using namespace std::chrono_literals;

inline constexpr Instant t0 = Instant{std::chrono::seconds{1'700'000'000}};

inline Person person(std::string id, Role role) {
    Person one;
    one.id = {id};
    one.name = "Name of " + id;
    one.role = role;
    return one;
}
inline Person const outsider = person("U_OUT", Role::outsider);
inline Person const raiser = person("U_RAISER", Role::requester);
inline Person const bystander = person("U_ANYONE", Role::requester);
inline Person const ana = person("U_ANA", Role::agent);
inline Person const ben = person("U_BEN", Role::agent);
inline Person const lea = person("U_LEA", Role::lead);
inline Person const max = person("U_MAX", Role::manager);
inline Person const adm = [] {  // an admin who is nothing else
    auto one = person("U_ADM", Role::requester);
    one.admin = true;
    return one;
}();

inline rules::By by(Person const& who, Instant now = t0) { return {who, now, "trace"}; }

// SEV2's targets: 15 min to an owner, 1 h to a first response, 8 h to a resolution.
inline SlaTargets targets() {
    SlaTargets all;
    all.owner = 15min;
    all.first_response = 1h;
    all.resolution = 8h;
    return all;
}

inline rules::RaiseRequest request(std::int64_t number = 12) {
    rules::RaiseRequest request;
    request.id = {number};
    request.workspace = {"T1"};
    request.severity = Severity::sev2;
    request.title = "Checkout fails";
    request.origin = Origin::slash_command;
    request.source.channel = {"C_SOURCE"};
    request.opened_at = t0;
    return request;
}
inline Escalation fresh() { return rules::raise(request(), targets(), by(raiser)).value().after; }
inline Escalation owned(Person const& owner = ana, Instant now = t0) {
    return rules::claim(fresh(), by(owner, now)).value().after;
}
inline Config const& built_in() {
    static Config const config = default_config();
    return config;
}
inline Result<Decision> assign(Escalation const& before, Person const& to, rules::By const& by) {
    return rules::assign(before, to, built_in(), by);
}
inline Result<Decision> resolve(Escalation const& before, std::string text, rules::By const& by) {
    rules::ResolveRequest request;
    request.text = std::move(text);
    return rules::resolve(before, request, built_in(), by, {});
}
inline Escalation resolved(Instant now = t0) { return resolve(owned(), "Restarted it", by(ana, now)).value().after; }

}  // namespace esc::handler_test
