#include "handlers/asked.hpp"

#include "handlers/rules/facts.hpp"

namespace esc::handlers {

std::optional<rules::ResolveRequest> said_to_be_solved(EscalationId id, Snapshot const& snapshot) {
    auto const last = snapshot.last_event(id, {EventType::resolve_asked, EventType::resolved, EventType::merged});
    bool const asked = last && last->event.type == EventType::resolve_asked;
    if (!asked || rules::Facts{last->event}.flag("denied")) return std::nullopt;
    return rules::asked_to_resolve(last->event);
}

std::optional<rules::ResolveRequest> waits_to_be_resolved(Escalation const& escalation, Snapshot const& snapshot) {
    auto const& coverage = escalation.details.coverage;
    if (!escalation.open() || !coverage) return std::nullopt;
    auto asked = said_to_be_solved(escalation.id, snapshot);
    if (asked && asked->asked_by != coverage->acting) asked.reset();
    return asked;
}

}  // namespace esc::handlers
