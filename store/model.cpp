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
        case EventType::accepted:
            return "accepted";
        case EventType::transfer_requested:
            return "transfer_requested";
        case EventType::transfer_denied:
            return "transfer_denied";
        case EventType::transfer_expired:
            return "transfer_expired";
        case EventType::overridden:
            return "overridden";
        case EventType::override_refused:
            return "override_refused";
        case EventType::coverage_started:
            return "coverage_started";
        case EventType::coverage_ended:
            return "coverage_ended";
        case EventType::owner_unavailable:
            return "owner_unavailable";
        case EventType::owner_back:
            return "owner_back";
        case EventType::waited:
            return "waited";
        case EventType::resumed:
            return "resumed";
        case EventType::mitigated:
            return "mitigated";
        case EventType::engineering_accepted:
            return "engineering_accepted";
        case EventType::bounced:
            return "bounced";
        case EventType::declined:
            return "declined";
        case EventType::withdrawn:
            return "withdrawn";
        case EventType::merged:
            return "merged";
        case EventType::absorbed:
            return "absorbed";
        case EventType::unmerged:
            return "unmerged";
        case EventType::closed:
            return "closed";
        case EventType::severity_requested:
            return "severity_requested";
        case EventType::severity_changed:
            return "severity_changed";
        case EventType::severity_denied:
            return "severity_denied";
        case EventType::severity_confirmed:
            return "severity_confirmed";
        case EventType::noted:
            return "noted";
        case EventType::next_step_set:
            return "next_step_set";
        case EventType::promised:
            return "promised";
        case EventType::promise_kept:
            return "promise_kept";
        case EventType::briefed:
            return "briefed";
        case EventType::joined:
            return "joined";
        case EventType::left:
            return "left";
        case EventType::linked:
            return "linked";
        case EventType::customer_wrote:
            return "customer_wrote";
        case EventType::agent_wrote:
            return "agent_wrote";
        case EventType::source_edited:
            return "source_edited";
        case EventType::source_deleted:
            return "source_deleted";
        case EventType::raised_again:
            return "raised_again";
        case EventType::acknowledged:
            return "acknowledged";
        case EventType::redacted:
            return "redacted";
        case EventType::reminded:
            return "reminded";
        case EventType::severity_expired:
            return "severity_expired";
        case EventType::said_before:
            return "said_before";
        case EventType::pause_overridden:
            return "pause_overridden";
        case EventType::resolve_asked:
            return "resolve_asked";
        case EventType::graded:
            return "graded";
        case EventType::sibling_left:
            return "sibling_left";
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
        case OutboxKind::thread_note:
            return "thread_note";
        case OutboxKind::board:
            return "board";
        case OutboxKind::customer_reply:
            return "customer_reply";
        case OutboxKind::channel:
            return "channel";
    }
    return "unknown";
}

SourceLink message_link(ChannelId const& channel, MessageTs const& ts) {
    return {std::string{slack_system}, fmt::format("{}:{}", channel, ts), {}};
}

SourceLink thread_link(ChannelId const& channel, MessageTs const& first) {
    return {std::string{thread_system}, fmt::format("{}:{}", channel, first), {}};
}

}  // namespace esc
