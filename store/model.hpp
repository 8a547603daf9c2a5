// The entities as plain values, and Decision: what a rule wants to become true. No behaviour beyond small questions.
#pragma once

#include "bot/base/crypto.hpp"
#include "bot/base/ids.hpp"
#include "bot/base/time.hpp"
#include "bot/base/vocabulary.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace esc {

// The numbers are stored: never reuse one. Not every state can be reached yet.
enum class State : std::uint8_t {
    fresh = 1,  // "new" in every text
    working = 2,
    waiting_customer = 3,
    waiting_vendor = 4,
    waiting_engineering = 5,
    mitigated = 6,
    resolved = 7,
    closed = 8,
    declined = 9,
    merged = 10,
};
[[nodiscard]] std::string_view to_string(State state) noexcept;  // "new", "working", …
// Running clocks, alerts and a place in the queue belong to these only: everything but resolved, closed, declined, merged.
[[nodiscard]] constexpr bool is_open(State state) noexcept { return state < State::resolved; }

// A moment on a clock at which somebody is told. Rungs: 1 at risk, 2 critical, 3 breach.
struct ClockPoint {
    int rung = 1;
    Instant at{};
    friend bool operator==(ClockPoint const&, ClockPoint const&) = default;
};
inline constexpr int rung_at_risk = 1;
inline constexpr int rung_critical = 2;
inline constexpr int rung_breach = 3;

enum class ClockOutcome : std::uint8_t { running = 0, met = 1, breached = 2, cancelled = 3 };
[[nodiscard]] std::string_view to_string(ClockOutcome outcome) noexcept;

// One promise in time. A clock keeps the targets it started with. Met if it stops at or before `due`; breached at the
// first instant after.
struct SlaClock {
    ClockKind kind = ClockKind::owner;
    int generation = 0;    // counted up when the same clock runs again (reopen)
    Instant started_at{};  // elapsed time that is carried over moves this back
    std::chrono::seconds target{0};
    Instant due{};
    std::vector<ClockPoint> points{};  // ascending by `at`; the last is the breach, just after due
    int points_fired = 0;              // how many of them have passed (fired or passed over)
    std::optional<Instant> stopped_at{};
    ClockOutcome outcome = ClockOutcome::running;  // breached is set when it happens, also while still running
    friend bool operator==(SlaClock const&, SlaClock const&) = default;

    [[nodiscard]] bool running() const { return !stopped_at; }
    [[nodiscard]] std::optional<ClockPoint> next_point() const {
        if (stopped_at || static_cast<std::size_t>(points_fired) >= points.size()) return std::nullopt;
        return points[static_cast<std::size_t>(points_fired)];
    }
};

enum class Origin : std::uint8_t { slack_message = 1, slash_command = 2, modal = 3 };
[[nodiscard]] std::string_view to_string(Origin origin) noexcept;

struct Escalation {
    EscalationId id{};
    WorkspaceId workspace{};
    std::int64_t version = 0;  // counted up by every change; buttons carry it, so that a stale click is noticed
    State state = State::fresh;
    Severity severity = Severity::sev3;
    std::string title{};
    std::string description{};  // the source message's text or what the raiser typed; may be empty
    std::string account{};      // as typed ("for:acme"); accounts proper come later
    Origin origin = Origin::modal;
    MessageRef source{};  // the message, or channel only for a command; empty channel for a global modal
    std::string source_permalink{};
    PersonId raised_by{};
    Instant opened_at{};  // source time: clocks start here
    Instant created_at{};
    Instant updated_at{};
    PersonId owner{};  // accountable; empty only while new, declined or merged
    std::optional<Instant> owned_since{};
    std::optional<Instant> accepted_at{};
    int hops = 0;
    int reopen_count = 0;
    std::string resolution{};
    std::optional<Instant> resolved_at{};
    ChannelId card_channel{};        // empty until placed
    std::vector<SlaClock> clocks{};  // open ones, and in resolved the one resolution clock that a reopen continues

    // Derived by rules::finish(); kept as columns so that queue and scheduler are index scans.
    std::int64_t rank = 0;  // effective deadline in µs since 1970: lower comes first
    std::optional<Instant> next_point{};

    // Kept by the store.
    std::int64_t event_count = 0;
    Digest ledger_head{};

    [[nodiscard]] bool open() const { return is_open(state); }
    [[nodiscard]] bool owned() const { return !owner.empty(); }
    [[nodiscard]] SlaClock const* clock(ClockKind kind) const {
        for (auto const& clock : clocks)
            if (clock.kind == kind) return &clock;
        return nullptr;
    }
};

enum class EventType : std::uint8_t {  // stored: never reuse a number
    raised = 1,
    located = 2,  // source text fetched, card placed
    claimed = 3,
    assigned = 4,
    claim_refused = 5,
    assign_refused = 6,
    replied = 7,
    resolved = 8,
    reopened = 9,
    point_passed = 10,  // a clock's point fired: rung, lateness
};
[[nodiscard]] std::string_view to_string(EventType type) noexcept;

// One line of the ledger, as a rule writes it. The store adds sequence, salt and hashes.
struct LedgerEvent {
    EventType type = EventType::raised;
    Instant recorded_at{};
    Instant source_time{};
    PersonId actor{};  // empty: the system
    Role actor_role = Role::requester;
    std::string data{};   // JSON object of facts without free text
    std::string text{};   // free text, kept apart and erasable; the hash covers a salted digest of it
    std::string trace{};  // envelope or event id that caused it
};

// As it lies in the store.
struct StoredEvent {
    std::int64_t sequence = 0;  // over all escalations
    EscalationId escalation{};
    std::int64_t number = 0;  // within the escalation, from 1
    LedgerEvent event{};
    bool text_erased = false;
    Digest previous_hash{};
    Digest hash{};
};

// What must become true outside. Desired-state items (card, status_reply) are rendered by the relay from the newest
// state when their turn comes; facts (alert, notice, response) carry their content. The numbers are stored.
enum class OutboxKind : std::uint8_t {
    locate = 1,  // fetch the source's text and permalink, choose the card's channel, then run the `located` command
    card = 2,
    status_reply = 3,  // the short reply in the source's own thread; waits for the card
    alert = 4,         // body: AlertFact
    response = 5,      // link to the card through response_url; waits for the card
    notice = 6,        // a word to one person: ephemeral in a channel, else DM
};
inline constexpr std::array all_outbox_kinds{OutboxKind::locate, OutboxKind::card,     OutboxKind::status_reply,
                                             OutboxKind::alert,  OutboxKind::response, OutboxKind::notice};
[[nodiscard]] std::string_view to_string(OutboxKind kind) noexcept;

struct OutboxItem {
    std::string key{};  // unique: enqueueing an existing key renews it (newest state, next generation), never doubles it
    OutboxKind kind = OutboxKind::card;
    EscalationId escalation{};
    std::string body{};  // JSON, by kind; empty for desired state
    Instant due_at{};
};

struct OutboxRow {
    OutboxItem item{};
    std::int64_t id = 0;
    std::int64_t generation = 1;
    int attempts = 0;
    std::optional<Instant> sending_since{};  // set before the call goes out: found after a crash, it is a doubt
    std::string last_error{};
};

// A message of ours that lives in Slack.
struct Surface {
    std::string key{};  // the outbox key that made it: "card:12", "status:12", "alert:12:…"
    EscalationId escalation{};
    ChannelId channel{};  // as Slack answered (D… for a DM)
    MessageTs ts{};
    std::string permalink{};
    std::string content_hash{};
    Instant updated_at{};
};

struct SourceLink {
    std::string system{};       // "slack"
    std::string external_id{};  // "C1:1700000000.000100"
};

// Everything one accepted action changes. tx.apply(decision) is the only way to change an escalation.
struct Decision {
    Escalation after{};
    std::vector<LedgerEvent> events{};  // at least one
    std::vector<OutboxItem> outbox{};
    std::vector<SlaClock> closed_clocks{};  // become rows of their own; no longer in after.clocks
    std::vector<SourceLink> links{};        // new ones
};

}  // namespace esc
