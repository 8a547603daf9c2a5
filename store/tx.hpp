// Snapshot: what a reader sees. Tx: what a command sees, which is the same and the writes. Both are valid only inside the
// function they are handed to, on the store's thread. Neither knows the time: instants are arguments.
#pragma once

#include "store/model.hpp"

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace esc {

namespace sql {
class Connection;
}

// The numbers are stored with boards: never reuse one.
enum class QueueFilter : std::uint8_t { open = 0, mine = 1, unowned = 2, at_risk = 3, breached = 4, waiting = 5 };

struct QueueQuery {
    QueueFilter filter = QueueFilter::open;
    PersonId person{};  // with mine: who owns it, or covers for who does
    std::optional<Severity> severity{};
    std::string account{};  // as typed when raised, upper or lower case
    std::string team{};
    Instant now{};  // for what is shown
    int limit = 20;
    int offset = 0;
};

// A message in a channel that shows a list to all who read there and is kept current; one a channel.
struct Board {
    std::int64_t id = 0;  // never that of another: pinned anew it is another board
    ChannelId channel{};
    QueueQuery list{};  // what is shown; of nobody's own
    PersonId pinned_by{};
    Instant pinned_at{};
};

struct QueueCounts {
    std::int64_t open = 0;
    std::int64_t unowned = 0;
    std::int64_t at_risk = 0;   // a point before the breach has passed and none is breached
    std::int64_t breached = 0;  // open with a breached clock
    std::int64_t waiting = 0;   // on customer, vendor or engineering
    friend bool operator==(QueueCounts const&, QueueCounts const&) = default;
};

class Snapshot {
public:
    explicit Snapshot(sql::Connection& connection) : db_(connection) {}

    [[nodiscard]] std::optional<Escalation> escalation(EscalationId id) const;
    // Any state: the same source never makes a second escalation.
    [[nodiscard]] std::optional<EscalationId> by_source(SourceLink const& link) const;
    [[nodiscard]] std::vector<Escalation> queue(QueueQuery const& query) const;  // rank order, then id
    [[nodiscard]] QueueCounts queue_counts() const;
    // Open ones with a transfer, a severity or an unconfirmed SEV1 that waits for a lead's or manager's word, and resolved and
    // closed ones whose warranted level does; what is open first, each in rank order.
    [[nodiscard]] std::vector<Escalation> pending_approvals(int limit) const;
    // What somebody has on their hands that is open.
    struct Load {
        std::int64_t owns = 0;
        std::int64_t covers = 0;  // as acting owner
        friend bool operator==(Load const&, Load const&) = default;
    };
    [[nodiscard]] Load load(PersonId const& person) const;
    [[nodiscard]] std::vector<Escalation> owned_by(PersonId const& person, int limit) const;  // open ones, rank order
    // What somebody raised who did not work on escalations then, whatever became of it: open ones first, the newest first.
    [[nodiscard]] std::vector<Escalation> raised_by(PersonId const& person, int limit, int offset) const;
    // Open ones in order of id behind `after`: for going through all of them in pages that cost the same.
    [[nodiscard]] std::vector<Escalation> open_after(EscalationId after, int limit) const;
    // Those of a channel, by source or card, that are open or may be again (resolved, merged), in order of id behind `after`.
    // Looks through everything.
    [[nodiscard]] std::vector<Escalation> alive_in(ChannelId const& channel, EscalationId after, int limit) const;
    // The newest open ones of that account that were raised before `before` and not earlier than `since`, newest first.
    struct Titled {
        EscalationId id{};
        std::string title{};
        friend bool operator==(Titled const&, Titled const&) = default;
    };
    [[nodiscard]] std::vector<Titled> recent_of_account(EscalationId before, std::string_view account, Instant since) const;
    [[nodiscard]] std::vector<SourceLink> links(EscalationId id) const;    // all but the source message's own
    [[nodiscard]] std::vector<StoredEvent> events(EscalationId id) const;  // all of it: for telling the story
    // Of some types, in order; and the newest of them, by somebody or anybody. Neither reads the others.
    [[nodiscard]] std::vector<StoredEvent> events(EscalationId id, std::initializer_list<EventType> types) const;
    [[nodiscard]] std::optional<StoredEvent> last_event(EscalationId id, std::initializer_list<EventType> types,
                                                        PersonId const& by = {}) const;
    // For erasing, in order of id, behind `after`: where somebody wrote something that is still there, and what has been over
    // since before an instant and still has texts. Both look through everything.
    [[nodiscard]] std::vector<EscalationId> written_by(PersonId const& author, EscalationId after, int limit) const;
    [[nodiscard]] std::vector<EscalationId> over_before(Instant before, EscalationId after, int limit) const;
    [[nodiscard]] std::vector<SlaClock> closed_clocks(EscalationId id) const;

    // Open escalations whose next point is at or before `now`, earliest first.
    [[nodiscard]] std::vector<Escalation> due(Instant now, int limit) const;
    [[nodiscard]] std::optional<Instant> earliest_point() const;

    [[nodiscard]] std::vector<OutboxRow> outbox_due(OutboxKind kind, Instant now, int limit) const;  // by due_at; no dead letters
    [[nodiscard]] std::optional<Instant> outbox_earliest() const;
    [[nodiscard]] std::optional<OutboxRow> outbox_row(std::string_view key) const;
    struct OutboxDepth {
        std::int64_t waiting = 0;
        std::int64_t dead = 0;
    };
    [[nodiscard]] OutboxDepth outbox_depth() const;
    [[nodiscard]] std::optional<Surface> surface(std::string_view key) const;
    [[nodiscard]] std::vector<Surface> surfaces(EscalationId id) const;
    // Which escalations have something in a channel, the newest first, before `before`; all of them when that is empty. Looks
    // through everything: for a reader.
    [[nodiscard]] std::vector<EscalationId> shown_in(ChannelId const& channel, EscalationId before, int limit) const;
    [[nodiscard]] std::vector<Board> boards() const;  // in the order in which they were pinned; few
    struct Away {
        Instant since{};
        Instant until{};
    };
    [[nodiscard]] std::optional<Away> away(PersonId const& person) const;  // also when it is over
    [[nodiscard]] std::optional<std::string> setting(std::string_view name) const;
    // A message or thread as the events of long ago name it, under the id that its channel has by now.
    [[nodiscard]] SourceLink known_by_now(SourceLink link) const;

protected:
    sql::Connection& db_;
};

// One for a whole transaction, which may hold many commands: what they add up to is written once, by finish().
class Tx : public Snapshot {
public:
    Tx(sql::Connection& connection, struct CommitNotice& notice) : Snapshot(connection), notice_(notice) {}
    // The last thing before the commit.
    void finish();

    [[nodiscard]] EscalationId next_escalation_id();  // the id that the next new escalation must carry
    [[nodiscard]] QueueCounts queue_counts() const;   // with what this transaction has changed
    // Saves decision.after (inserts when its version is 1, else updates the row of version − 1 and throws if that is not
    // there), writes the events with hashes, closed clocks, links and outbox items.
    void apply(Decision const& decision);
    // Writes events of a refused action: the escalation's chain grows, nothing else of it changes.
    void record(EscalationId id, std::vector<LedgerEvent> const& events);
    void enqueue(OutboxItem const& item);
    // Erases the texts of an escalation's events, of one author or all; the chain stays as it is. How many there were.
    std::int64_t erase_texts(EscalationId id, std::optional<PersonId> const& author);

    // The relay's bookkeeping. `generation` is the one that was read: a newer one in the store stays due.
    void outbox_sending(std::int64_t id, Instant since);
    void outbox_done(std::int64_t id, std::int64_t generation);                  // deletes, or keeps a newer generation due
    void outbox_retry(std::int64_t id, Instant due_at, std::string_view error);  // counts an attempt, clears sending_since
    void outbox_wait(std::int64_t id, Instant due_at);                           // not ready: no attempt counted
    void outbox_dead(std::int64_t id, std::string_view error);                   // kept for an admin, never due again
    void save_surface(Surface const& surface);
    void forget_surface(std::string_view key);
    [[nodiscard]] Board pin_board(Board board);  // with its id; its channel has none
    void unpin_board(std::int64_t id);
    // Slack gave a channel another id: in surfaces, links of messages and boards. Escalations change by their decisions; their
    // events keep the old one, see known_by_now().
    void channel_renamed(ChannelId const& from, ChannelId const& to);
    void set_setting(std::string_view name, std::string_view value);
    void set_away(PersonId const& person, Away const& away);
    void clear_away(PersonId const& person);
    // Inbox keys older than `before` are removed, at most `limit`; how many were.
    int prune_inbox(Instant before, int limit);

private:
    struct CommitNotice& notice_;
    std::optional<EscalationId> next_id_{};
    QueueCounts counts_changed_{};
};

// What a batch changed that somebody sleeps for.
struct CommitNotice {
    bool outbox_changed = false;
    std::optional<Instant> earliest_point{};  // the earliest next point that was written
    bool queue_changed = false;               // an escalation
    bool boards_changed = false;              // one was pinned or taken away
};

}  // namespace esc
