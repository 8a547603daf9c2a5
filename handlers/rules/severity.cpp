#include "handlers/rules/severity.hpp"

#include "handlers/rules/parts.hpp"

namespace esc::rules {
namespace {

constexpr std::chrono::minutes unconfirmed_for{15};

}  // namespace

std::optional<Severity> computed_severity(SeverityAnswers const& answers) {
    using A = SeverityAnswers;
    if (answers == A{}) return std::nullopt;
    return Severity::sev3;
}

void mark_unconfirmed(Escalation& fresh, Instant now) {
    fresh.details.unconfirmed_since = now;
    fresh.details.unconfirmed_alert_at = now + unconfirmed_for;
}

}  // namespace esc::rules
