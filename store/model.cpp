// The words under which stored numbers appear in texts, logs and the ledger.
#include "store/model.hpp"

namespace esc {

std::string_view to_string(State state) noexcept {
    switch (state) {
        case State::fresh:
            return "new";
        case State::working:
            return "working";
        case State::waiting_customer:
            return "waiting_customer";
        case State::waiting_vendor:
            return "waiting_vendor";
        case State::waiting_engineering:
            return "waiting_engineering";
        case State::mitigated:
            return "mitigated";
        case State::resolved:
            return "resolved";
        case State::closed:
            return "closed";
        case State::declined:
            return "declined";
        case State::merged:
            return "merged";
    }
    return "unknown";
}

std::string_view to_string(ClockOutcome outcome) noexcept {
    switch (outcome) {
        case ClockOutcome::running:
            return "running";
        case ClockOutcome::met:
            return "met";
        case ClockOutcome::breached:
            return "breached";
        case ClockOutcome::cancelled:
            return "cancelled";
    }
    return "unknown";
}

std::string_view to_string(Origin origin) noexcept {
    switch (origin) {
        case Origin::slack_message:
            return "slack_message";
        case Origin::slash_command:
            return "slash_command";
        case Origin::modal:
            return "modal";
    }
    return "unknown";
}

std::string_view to_string(EventType type) noexcept {
    switch (type) {
        case EventType::raised:
            return "raised";
        case EventType::located:
            return "located";
        case EventType::claimed:
            return "claimed";
        case EventType::assigned:
            return "assigned";
        case EventType::claim_refused:
            return "claim_refused";
        case EventType::assign_refused:
            return "assign_refused";
        case EventType::replied:
            return "replied";
        case EventType::resolved:
            return "resolved";
        case EventType::reopened:
            return "reopened";
        case EventType::point_passed:
            return "point_passed";
    }
    return "unknown";
}

std::string_view to_string(OutboxKind kind) noexcept {
    switch (kind) {
        case OutboxKind::locate:
            return "locate";
        case OutboxKind::card:
            return "card";
        case OutboxKind::status_reply:
            return "status_reply";
        case OutboxKind::alert:
            return "alert";
        case OutboxKind::response:
            return "response";
        case OutboxKind::notice:
            return "notice";
    }
    return "unknown";
}

}  // namespace esc
