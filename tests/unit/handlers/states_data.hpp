// Escalations in every state, for tests of how they change it.
#pragma once

#include "handlers/rules/merge.hpp"
#include "handlers/rules/outbox_items.hpp"
#include "handlers/rules/waiting.hpp"

#include "people_and_times.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace esc::handler_test {

inline Person const eva = person("U_EVA", Role::requester);  // an engineer, who is nobody in support

inline constexpr std::array all_states{
    State::fresh,     State::working,  State::waiting_customer, State::waiting_vendor, State::waiting_engineering,
    State::mitigated, State::resolved, State::closed,           State::declined,       State::merged};

inline rules::Ladder ladder() { return {{lea.id}, {max.id}, {adm.id}}; }

// As the built-in configuration, and half an hour for engineering, an hour for the next response.
inline Config const& with_engineering() {
    static Config const config = [] {
        auto made = default_config();
        for (auto& targets : made.sla) {
            targets.engineering = 30min;
            targets.next_response = 1h;
        }
        return made;
    }();
    return config;
}

inline rules::WaitRequest on_customer(std::string reason = "Their logs") {
    rules::WaitRequest request;
    request.reason = std::move(reason);
    request.asked = true;
    return request;
}
inline rules::WaitRequest on_vendor(Instant review_at = t0 + 24h) {
    rules::WaitRequest request;
    request.on = State::waiting_vendor;
    request.reason = "A patch of theirs";
    request.reference = "CASE-4711";
    request.review_at = review_at;
    return request;
}
inline rules::WaitRequest on_engineering(PersonId engineer = {}) {
    rules::WaitRequest request;
    request.on = State::waiting_engineering;
    request.reason = "A fix";
    request.repro = "Press pay";
    request.logs = "Trace 12";
    request.impact = "Nobody can pay";
    request.deadline = "Tonight";
    request.engineer = std::move(engineer);
    return request;
}

inline Escalation of_severity(Severity severity, Escalation escalation = owned()) {
    escalation.severity = severity;
    return escalation;
}
// Owned by Ana, as it comes to that state.
inline Escalation in(State state, Instant now = t0) {
    auto const& config = with_engineering();
    auto const wait = [&](rules::WaitRequest const& request) {
        return rules::wait(of_severity(Severity::sev3), request, config, by(ana, now)).value().after;
    };
    switch (state) {
        case State::fresh:
            return fresh();
        case State::working:
            return owned();
        case State::waiting_customer:
            return wait(on_customer());
        case State::waiting_vendor:
            return wait(on_vendor(now + 24h));
        case State::waiting_engineering:
            return wait(on_engineering());
        case State::mitigated:
            return rules::mitigate(owned(), "Paying by invoice works", by(ana, now)).value().after;
        case State::resolved:
            return resolved(now);
        case State::closed:
        case State::declined:
        case State::merged:
            break;
    }
    auto over = resolved(now);
    over.state = state;
    over.clocks.clear();
    over.details.close_at.reset();
    if (state == State::merged) over.details.merge = Merge{{7}, State::working, now};
    if (state == State::declined) over.owner = {};
    return over;
}

// A message of a customer's, whose thread we read.
inline Escalation of_customer(Escalation escalation, std::optional<Instant> wrote_at = {},
                              std::optional<Instant> replied_at = {}) {
    escalation.details.customer = {"U_CUSTOMER"};
    escalation.details.customer_wrote_at = wrote_at;
    escalation.details.replied_at = replied_at;
    return escalation;
}

inline boost::json::object facts(LedgerEvent const& event) { return boost::json::parse(event.data).as_object(); }
inline LedgerEvent const& last_event(Decision const& decision) { return decision.events.back(); }

inline SlaClock const* closed_clock(Decision const& decision, ClockKind kind) {
    for (auto const& clock : decision.closed_clocks)
        if (clock.kind == kind) return &clock;
    return nullptr;
}

// Who is told by a notice, sorted.
inline std::vector<std::string> told(Decision const& decision) {
    std::vector<std::string> people;
    for (auto const& item : decision.outbox)
        if (item.kind == OutboxKind::notice) people.push_back(rules::NoticeFact::parse(item.body).value().to.value);
    std::sort(people.begin(), people.end());
    return people;
}
inline bool said_in_thread(Decision const& decision) {
    return std::any_of(decision.outbox.begin(), decision.outbox.end(),
                       [](OutboxItem const& item) { return item.kind == OutboxKind::thread_note; });
}

// That the owner is among those who may is of no matter here.
template <class T>
std::string cause_of(Result<T> const& result) {
    if (result) return {};
    return result.error().cause == rules::refusal::theirs ? std::string{rules::refusal::role} : result.error().cause;
}

inline std::string const only_controls = "\u202e\u200b \t\n";
inline std::string const too_long(3001, 'x');

}  // namespace esc::handler_test
