// What the rule files share: refusals, ledger events, and the steps on clocks that several rules take. Not for others.
#pragma once

#include "bot/base/config.hpp"
#include "bot/base/result.hpp"
#include "handlers/rules/access.hpp"
#include "handlers/rules/sla.hpp"
#include "store/model.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace esc::rules {

template <class... Args>
Error refusal_error(Errc code, std::string_view cause, fmt::format_string<Args...> format, Args&&... args) {
    auto error = fail(code, format, std::forward<Args>(args)...);
    error.cause = cause;
    return error;
}

// `data` holds facts without free text; what people wrote goes into `text`.
[[nodiscard]] LedgerEvent event_of(EventType type, By const& by, boost::json::object const& data, std::string text = {});
// The acting side of what happens by itself.
[[nodiscard]] By by_system(Instant now, std::string trace = {});

// A decision that starts from `before`.
[[nodiscard]] Decision decide(Escalation const& before);
// Takes the clock out of the escalation, if it is there, and lays it down as over: met, breached or `cancelled`.
void close_clock(Decision& decision, ClockKind kind, Instant at);
void cancel_clock(Decision& decision, ClockKind kind, Instant at);
// Starts it with the next generation; what ran under that kind is closed first. Nothing without a target.
void start_clock_at(Decision& decision, ClockKind kind, Instant at, std::optional<std::chrono::seconds> target,
                    std::vector<AtRiskPoint> const& at_risk);
// The resolution clock stands still from `at` on (not before it started), and goes on at `at` with all it had left.
void pause_clocks(Decision& decision, Instant at);
void resume_clocks(Decision& decision, Instant at);
// Facts about the closed clocks, for an event's data.
[[nodiscard]] boost::json::array closed_facts(Decision const& decision);
[[nodiscard]] boost::json::object clock_facts(SlaClock const& clock);

// The owner's first action accepts, which closes the acceptance clock.
void accept_by_acting(Decision& decision, By const& by);
// Ends what belongs to the state that is left: the waiting with its engineering clock, and pauses, at `at`.
void leave_waiting(Decision& decision, Instant at);

// Their messages are seen, and the last one has no answer yet that was seen or stated.
[[nodiscard]] bool customer_waits(Details const& details);

// Tells watchers, asks for the card and the short reply, sets rank, next point and version. Every rule ends with it.
[[nodiscard]] Decision ended(Decision decision, By const& by);

}  // namespace esc::rules
