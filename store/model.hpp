// The entities as plain values, and Decision: what a rule wants to become true. No behaviour beyond small questions.
#pragma once

#include "bot/base/crypto.hpp"
#include "bot/base/ids.hpp"
#include "bot/base/time.hpp"
#include "bot/base/vocabulary.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace esc {

// The numbers are stored: never reuse one.
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
// Owned and under way: working, waiting on somebody, mitigated.
[[nodiscard]] constexpr bool is_active(State state) noexcept { return is_open(state) && state != State::fresh; }
[[nodiscard]] constexpr bool is_waiting(State state) noexcept {
    return state >= State::waiting_customer && state <= State::waiting_engineering;
}

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
    std::optional<Instant> paused_at{};            // not while stopped; `due` and `points` move on when it goes on
    Duration paused{0};                            // all pauses that are over; due = started_at + target + paused
    ClockOutcome outcome = ClockOutcome::running;  // breached is set when it happens, also while still running
    friend bool operator==(SlaClock const&, SlaClock const&) = default;

    [[nodiscard]] bool running() const { return !stopped_at && !paused_at; }
    [[nodiscard]] std::optional<ClockPoint> next_point() const {
        if (!running() || static_cast<std::size_t>(points_fired) >= points.size()) return std::nullopt;
        return points[static_cast<std::size_t>(points_fired)];
    }
    // The highest that has been counted on it, told or passed over; 0: none.
    [[nodiscard]] int rung() const { return points_fired == 0 ? 0 : points[static_cast<std::size_t>(points_fired) - 1].rung; }
};

enum class Origin : std::uint8_t { slack_message = 1, slash_command = 2, modal = 3 };
[[nodiscard]] std::string_view to_string(Origin origin) noexcept;

// --- parts of an escalation that most do without -----------------------------------------------------------------------

// The five questions. 0 is "unknown"; account value is no input.
struct SeverityAnswers {
    enum class Impact : std::uint8_t { unknown = 0, stopped = 1, impaired = 2, partly = 3, minor = 4 } impact = Impact::unknown;
    enum class Scope : std::uint8_t { unknown = 0, everybody = 1, many = 2, few = 3 } scope = Scope::unknown;
    enum class Workaround : std::uint8_t { unknown = 0, none = 1, fragile = 2, acceptable = 3 } workaround = Workaround::unknown;
    enum class YesNo : std::uint8_t { unknown = 0, yes = 1, no = 2 };
    YesNo data_exposed = YesNo::unknown;  // data or security
    YesNo contractual = YesNo::unknown;   // a commitment in the contract is touched
    friend bool operator==(SeverityAnswers const&, SeverityAnswers const&) = default;
};

// A change of severity that a lead or manager must confirm.
struct SeverityRequest {
    PersonId by{};
    Severity to = Severity::sev3;
    std::string code{};  // reason code
    std::string reason{};
    Instant at{};
    Instant remind_at{};
    Instant expires_at{};
    friend bool operator==(SeverityRequest const&, SeverityRequest const&) = default;
};

// The owner's way out, or a manager's move that needs another manager's word. Until a manager approves, the owner stays
// accountable.
struct TransferRequest {
    PersonId by{};
    PersonId to{};  // empty: the manager chooses
    std::string reason{};
    Instant at{};
    Instant remind_at{};
    Instant expires_at{};
    std::string code{};  // of a manager's move, its reason code; empty: the owner asks
    friend bool operator==(TransferRequest const&, TransferRequest const&) = default;
};

// Somebody acts for the accountable owner for a while; the owner stays the same.
struct Coverage {
    PersonId acting{};
    PersonId by{};
    Instant from{};
    Instant until{};
    friend bool operator==(Coverage const&, Coverage const&) = default;
};

// The owner was deactivated or is away past the limit. Never silently unassigned: managers hear of it again and again.
struct Unavailable {
    Instant since{};
    Instant next_alert_at{};
    bool deactivated = false;
    std::optional<Instant> until{};  // away: back by their own word
    friend bool operator==(Unavailable const&, Unavailable const&) = default;
};

// Why it waits; only in the waiting states.
struct Waiting {
    Instant since{};  // clocks that pause do so from here: the time of the message that asked
    std::string reason{};
    bool asked = false;              // customer: that they were asked is stated or was seen
    std::string reference{};         // vendor: their number
    std::optional<Instant> until{};  // goes on by itself: vendor's review time, or the longest pause
    PersonId engineer{};             // engineering: who was asked by name; empty: whoever accepts
    std::optional<Instant> engineer_accepted_at{};
    std::string checklist{};  // engineering: repro, logs, impact, deadline, one a line
    friend bool operator==(Waiting const&, Waiting const&) = default;
};

struct Promise {
    std::string text{};
    std::string to{};  // empty: the customer
    PersonId by{};
    Instant at{};
    Instant due{};  // its clock runs along
    friend bool operator==(Promise const&, Promise const&) = default;
};

struct NextStep {
    std::string text{};
    PersonId by{};
    Instant at{};
    friend bool operator==(NextStep const&, NextStep const&) = default;
};

// The handoff note: what the next shift must know. Last values are prefilled when it is written again.
struct Brief {
    enum class Trend : std::uint8_t { unknown = 0, better = 1, same = 2, worse = 3 } trend = Trend::unknown;
    std::string tried{};
    std::string theory{};
    std::string blocker{};
    std::string if_then{};
    PersonId by{};
    Instant at{};
    friend bool operator==(Brief const&, Brief const&) = default;
};

// Helping and watching never change ownership.
struct Participant {
    enum class Kind : std::uint8_t { helper = 1, watcher = 2, engineer = 3 } kind = Kind::helper;
    PersonId person{};
    Instant since{};
    friend bool operator==(Participant const&, Participant const&) = default;
};

// The level that was right by what could be known then: said by who resolved it, settled by a lead or manager. It changes neither
// severity nor clocks.
struct Warranted {
    Severity level = Severity::sev3;
    PersonId by{};  // who said so first
    Instant at{};
    PersonId graded_by{};  // empty: waits for a lead's or manager's word
    friend bool operator==(Warranted const&, Warranted const&) = default;
};

// How it was merged, for as long as that can be undone.
struct Merge {
    EscalationId into{};
    State state_before = State::fresh;
    Instant at{};
    // The parent's clocks that the merge made stricter, as they were, and those that came of both or were taken over.
    std::vector<SlaClock> parent_had{};
    std::vector<SlaClock> parent_got{};
    std::optional<Promise> parent_promise{};  // gave way to a stricter one; its text stays in the parent's ledger
    friend bool operator==(Merge const&, Merge const&) = default;
};

// What most escalations never have. One column of the row (store/details.hpp), empty for a new escalation.
struct Details {
    // severity
    std::optional<SeverityAnswers> answers{};
    std::optional<Severity> computed{};  // from the answers
    std::optional<Severity> settled{};   // of the raise, or by a lead's or manager's word; nothing: the one it has
    std::optional<SeverityRequest> severity_request{};
    std::optional<Instant> unconfirmed_since{};     // a SEV1 that nobody with a say has confirmed yet
    std::optional<Instant> unconfirmed_alert_at{};  // when managers hear of it; nothing once they did
    // ownership
    std::optional<TransferRequest> transfer{};
    std::optional<Coverage> coverage{};
    std::optional<Unavailable> unavailable{};
    int team_hops = 0;  // those of the hops that led from one team to another
    // state
    std::optional<Waiting> waiting{};
    int bounces = 0;  // times engineering gave it back
    std::string workaround{};
    std::string exit_criteria{};  // what the owner checked, or why it was waived
    std::string cause{};          // root-cause class
    std::optional<bool> preventable{};
    std::optional<Warranted> warranted{};  // where it is not the level it had
    std::optional<Instant> close_at{};     // resolved: when the reopen window is over
    std::string declined_reason{};
    std::optional<Merge> merge{};
    // work
    std::optional<NextStep> next_step{};
    std::optional<Promise> promise{};
    std::optional<Brief> brief{};
    std::vector<Participant> participants{};
    // source
    PersonId customer{};          // the external author of the source message: replies in its thread are by the customer
    PersonId author{};            // whose words title or description are, taken from the source message; empty: not known
    bool private_source = false;  // nothing but what the raiser typed may be copied from there
    bool shared_source = false;   // outsiders read along there
    bool source_deleted = false;
    std::optional<Instant> customer_wrote_at{};  // last message of the customer
    std::optional<Instant> replied_at{};         // last public human reply
    std::map<ClockKind, int> generations{};      // how often clocks that come back have been started
    EscalationId similar{};                      // "Same as ESC-7? Merge"; 0: none
    bool same_ticket = false;                    // what makes it similar is the address of a ticket that both name
    bool texts_erased = false;
    friend bool operator==(Details const&, Details const&) = default;
};

struct Escalation {
    EscalationId id{};
    WorkspaceId workspace{};
    std::int64_t version = 0;  // counted up by every change; buttons carry it, so that a stale click is noticed
    State state = State::fresh;
    Severity severity = Severity::sev3;
    std::string title{};
    std::string description{};  // the source message's text or what the raiser typed; may be empty
    std::string account{};      // as typed ("for:acme"); accounts proper come later
    std::string team{};         // name of a [[team]]; empty without teams
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
    int hops = 0;  // changes of the accountable owner after the first
    int reopen_count = 0;
    std::string resolution{};
    std::optional<Instant> resolved_at{};
    ChannelId card_channel{};  // empty until placed
    // Open ones; in resolved also the one resolution clock that a reopen continues, in merged all that an unmerge continues.
    std::vector<SlaClock> clocks{};
    Details details{};

    // Derived by rules::finish(); kept as columns so that queue and scheduler are index scans.
    std::int64_t rank = 0;                // effective deadline in µs since 1970: lower comes first
    std::optional<Instant> next_point{};  // the next moment at which something happens by itself: not in closed, declined

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
    accepted = 11,
    transfer_requested = 12,
    transfer_denied = 13,
    transfer_expired = 14,  // and reminders of it
    overridden = 15,        // the accountable owner changed: approved transfer, manager's override, break-glass
    override_refused = 16,
    coverage_started = 17,
    coverage_ended = 18,
    owner_unavailable = 19,
    owner_back = 20,
    waited = 21,  // on customer, vendor or engineering: clocks pause or start
    resumed = 22,
    mitigated = 23,
    engineering_accepted = 24,
    bounced = 25,  // engineering gave it back
    declined = 26,
    withdrawn = 27,  // undone by who raised it
    merged = 28,     // into another
    absorbed = 29,   // another was merged into this one
    unmerged = 30,
    closed = 31,
    severity_requested = 32,
    severity_changed = 33,
    severity_denied = 34,
    severity_confirmed = 35,
    noted = 36,
    next_step_set = 37,
    promised = 38,
    promise_kept = 39,
    briefed = 40,
    joined = 41,  // helper, watcher, engineer
    left = 42,
    linked = 43,
    customer_wrote = 44,
    agent_wrote = 45,
    source_edited = 46,
    source_deleted = 47,
    raised_again = 48,  // the same source was raised once more
    acknowledged = 49,  // an alert
    redacted = 50,
    reminded = 51,          // somebody was told again about something that waits for them
    severity_expired = 52,  // nobody decided about the request
    pause_overridden = 53,  // by a manager: it may wait for longer than the cap
    resolve_asked = 54,     // who acts for the owner says that a SEV1 is solved; the owner or a manager must resolve it
    graded = 55,            // by a lead or manager: the level that was warranted
    sibling_left = 56,      // another one that was merged into the same one was taken out: this one would give other times back
    said_before = 60,       // in the source's thread before it was raised: one a message, by who said it
};
// The highest of them; not every number below it stands for one.
inline constexpr EventType last_event_type = EventType::said_before;
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
    status_reply = 3,    // the short reply in the source's own thread; waits for the card
    alert = 4,           // body: AlertFact
    response = 5,        // link to the card through response_url; waits for the card
    notice = 6,          // a word to one person: ephemeral in a channel, else DM; with the buttons it names
    thread_note = 7,     // a line in the card's thread; body: ThreadNoteFact
    board = 8,           // of no escalation; rendered from the newest state, too; body: BoardFact
    customer_reply = 9,  // the configured text in a thread that people from outside read; body: CustomerReplyFact
    channel = 10,        // of no escalation: what stands there is asked for anew, page by page; body: ChannelFact
};
inline constexpr std::array all_outbox_kinds{
    OutboxKind::locate, OutboxKind::card,        OutboxKind::status_reply, OutboxKind::alert,          OutboxKind::response,
    OutboxKind::notice, OutboxKind::thread_note, OutboxKind::board,        OutboxKind::customer_reply, OutboxKind::channel};
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

inline constexpr std::string_view slack_system = "slack";          // a message: "C1:1700000000.000100"
inline constexpr std::string_view thread_system = "slack_thread";  // the thread's first message; its newest escalation has it
inline constexpr std::string_view url_system = "url";              // an address
// A link belongs to one escalation at a time.
struct SourceLink {
    std::string system{};
    std::string external_id{};
    std::string url{};  // what people follow; empty for a Slack message, whose permalink the escalation has
};

[[nodiscard]] SourceLink message_link(ChannelId const& channel, MessageTs const& ts);
[[nodiscard]] SourceLink thread_link(ChannelId const& channel, MessageTs const& first);
[[nodiscard]] inline bool same_link(SourceLink const& a, SourceLink const& b) {
    return a.system == b.system && a.external_id == b.external_id;
}

// Everything one accepted action changes. tx.apply(decision) is the only way to change an escalation.
struct Decision {
    Escalation after{};
    std::vector<LedgerEvent> events{};  // at least one
    std::vector<OutboxItem> outbox{};
    std::vector<SlaClock> closed_clocks{};     // become rows of their own; no longer in after.clocks
    std::vector<SourceLink> links{};           // new ones
    std::vector<SourceLink> links_given_up{};  // no longer of this escalation
};

}  // namespace esc
