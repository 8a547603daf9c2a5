#include "handlers/rules/conversation.hpp"

#include "handlers/rules/parts.hpp"

namespace esc::rules {

Result<Decision> replied(Escalation const& before, By const& by) {
    ESC_CHECK(may(Verb::replied, before, by));
    if (before.clock(ClockKind::first_response) == nullptr && before.clock(ClockKind::next_response) == nullptr)
        return refusal_error(Errc::conflict, refusal::answered, "No response clock of {} runs: nothing to do.", before.id.key());

    auto decision = decide(before);
    accept_by_acting(decision, by);
    close_clock(decision, ClockKind::first_response, by.now);
    close_clock(decision, ClockKind::next_response, by.now);
    decision.after.details.replied_at = by.now;
    decision.events.push_back(event_of(EventType::replied, by, {{"by_statement", true}, {"clocks", closed_facts(decision)}}));
    return ended(std::move(decision), by);
}

}  // namespace esc::rules
