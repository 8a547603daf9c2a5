// Escalations: reading them by id, source, rank and next point, and the one way to change them.
#include "store/clocks.hpp"
#include "store/details.hpp"
#include "store/ledger.hpp"
#include "store/sql/query.hpp"
#include "store/tally.hpp"
#include "store/tx.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace esc {
namespace {

using sql::Rows;
using sql::Sql;

#define ESC_ESCALATION_COLUMNS                                                                                     \
    "id, version, state, severity, rank, next_point, owner, event_count, ledger_head, clocks, origin, hops, "      \
    "reopen_count, opened_at, created_at, updated_at, owned_since, accepted_at, resolved_at, workspace, account, " \
    "raised_by, source_channel, source_ts, source_thread_ts, source_permalink, card_channel, title, resolution, "  \
    "description, team, details"
#define ESC_SELECT_ESCALATION "SELECT " ESC_ESCALATION_COLUMNS " FROM escalation "

constexpr Sql by_id{ESC_SELECT_ESCALATION "WHERE id = $1"};
// What narrows a list lets everything through when it is empty.
#define ESC_NARROWED " AND ($3 = 0 OR severity = $3) AND ($4 = '' OR account = $4 COLLATE NOCASE) AND ($5 = '' OR team = $5)"
#define ESC_BY_RANK ESC_NARROWED " ORDER BY rank, id LIMIT $1 OFFSET $2"
constexpr Sql queue_open{ESC_SELECT_ESCALATION "WHERE open = 1" ESC_BY_RANK};
// Both sides by an index of their own: each must repeat what that index is limited to.
constexpr Sql queue_mine{ESC_SELECT_ESCALATION
                         "WHERE ((open = 1 AND owner <> '' AND owner = $6) OR (acting <> '' AND acting = $6))" ESC_BY_RANK};
constexpr Sql queue_unowned{ESC_SELECT_ESCALATION "WHERE open = 1 AND owner = ''" ESC_BY_RANK};
constexpr Sql queue_at_risk{ESC_SELECT_ESCALATION "WHERE at_risk = 1" ESC_BY_RANK};
constexpr Sql queue_breached{ESC_SELECT_ESCALATION "WHERE breached = 1" ESC_BY_RANK};
constexpr Sql queue_waiting{ESC_SELECT_ESCALATION "WHERE open = 1 AND state BETWEEN 3 AND 5" ESC_BY_RANK};
constexpr Sql pending{ESC_SELECT_ESCALATION "WHERE awaiting = 1 ORDER BY open DESC, rank, id LIMIT $1"};
constexpr Sql load_of{
    "SELECT (SELECT count(*) FROM escalation WHERE open = 1 AND owner <> '' AND owner = $1), "
    "(SELECT count(*) FROM escalation WHERE acting <> '' AND acting = $1)"};
constexpr Sql open_of_owner{ESC_SELECT_ESCALATION "WHERE open = 1 AND owner <> '' AND owner = $1 ORDER BY rank, id LIMIT $2"};
constexpr Sql of_raiser{ESC_SELECT_ESCALATION
                        "WHERE by_requester = 1 AND raised_by = $1 ORDER BY open DESC, id DESC LIMIT $2 OFFSET $3"};
constexpr Sql open_behind{ESC_SELECT_ESCALATION "WHERE open = 1 AND id > $1 ORDER BY id LIMIT $2"};
static_assert(static_cast<int>(State::resolved) == 7 && static_cast<int>(State::merged) == 10);
constexpr Sql alive_there{ESC_SELECT_ESCALATION
                          "WHERE id > $2 AND (source_channel = $1 OR card_channel = $1) AND (open = 1 OR state IN (7, 10)) "
                          "ORDER BY id LIMIT $3"};
constexpr Sql similar_ones{
    "SELECT id, title FROM escalation WHERE open = 1 AND account <> '' AND account = $2 COLLATE NOCASE AND created_at >= $3 AND "
    "id < $1 ORDER BY id DESC LIMIT 50"};
constexpr Sql due_now{ESC_SELECT_ESCALATION "WHERE next_point IS NOT NULL AND next_point <= $1 ORDER BY next_point, id LIMIT $2"};
constexpr Sql first_point{"SELECT next_point FROM escalation WHERE next_point IS NOT NULL ORDER BY next_point LIMIT 1"};
constexpr Sql link_by_id{"SELECT escalation FROM source_link WHERE system = $1 AND external_id = $2"};
constexpr Sql clocks_of{
    "SELECT kind, generation, started_at, target_s, due_at, stopped_at, outcome, points, points_fired, paused_us FROM "
    "closed_clock "
    "WHERE escalation = $1 ORDER BY kind, generation"};
constexpr Sql links_of{
    "SELECT system, external_id, url FROM source_link WHERE escalation = $1 AND system <> 'slack' ORDER BY system, external_id"};
constexpr Sql read_tally{"SELECT open, unowned, at_risk, breached, waiting FROM tally WHERE id = 1"};

constexpr Sql last_id{"SELECT max(id) FROM escalation"};
constexpr Sql before_update{
    "SELECT version, open, owner, at_risk, breached, event_count, ledger_head, state, origin, opened_at, created_at, workspace, "
    "account, raised_by FROM escalation WHERE id = $1"};
constexpr Sql insert_row{
    "INSERT INTO escalation (id, version, state, severity, rank, next_point, owner, event_count, ledger_head, clocks, hops, "
    "reopen_count, updated_at, owned_since, accepted_at, resolved_at, source_channel, source_ts, source_thread_ts, "
    "source_permalink, card_channel, title, resolution, description, team, details, at_risk, breached, awaiting, acting, open, "
    "origin, opened_at, created_at, workspace, account, raised_by, by_requester) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, "
    "$10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, "
    "$34, $35, $36, $37, $38)"};
// Each column that is named here costs the indexes it stands in, changed or not: what is fixed when it is raised is not named,
// and `open`, which most indexes are limited by, only where it changes.
#define ESC_UPDATE_ESCALATION                                                                                               \
    "UPDATE escalation SET version = $2, state = $3, severity = $4, rank = $5, next_point = $6, owner = $7, event_count = " \
    "$8, ledger_head = $9, clocks = $10, hops = $11, reopen_count = $12, updated_at = $13, owned_since = $14, "             \
    "accepted_at = $15, resolved_at = $16, source_channel = $17, source_ts = $18, source_thread_ts = $19, "                 \
    "source_permalink = $20, card_channel = $21, title = $22, resolution = $23, description = $24, team = $25, "            \
    "details = $26, at_risk = $27, breached = $28, awaiting = $29, acting = $30"
#define ESC_OF_THAT_VERSION " WHERE id = $1 AND version = $2 - 1"
constexpr Sql update_row{ESC_UPDATE_ESCALATION ESC_OF_THAT_VERSION};
constexpr Sql update_row_and_open{ESC_UPDATE_ESCALATION ", open = $31" ESC_OF_THAT_VERSION};
constexpr Sql add_to_tally{
    "UPDATE tally SET open = open + $1, unowned = unowned + $2, at_risk = at_risk + $3, breached = breached + $4, waiting = "
    "waiting + $5 WHERE id = 1"};
constexpr Sql insert_link{"INSERT INTO source_link (system, external_id, escalation, url) VALUES ($1, $2, $3, $4)"};
// A thread is where its newest escalation is talked about.
constexpr Sql take_link{
    "INSERT INTO source_link (system, external_id, escalation, url) VALUES ($1, $2, $3, $4) ON CONFLICT (system, external_id) DO "
    "UPDATE SET escalation = excluded.escalation, url = excluded.url"};
constexpr Sql drop_link{"DELETE FROM source_link WHERE system = $1 AND external_id = $2 AND escalation = $3"};
constexpr Sql insert_clock{
    "INSERT INTO closed_clock (escalation, kind, generation, started_at, target_s, due_at, stopped_at, outcome, points, "
    "points_fired, paused_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"};

Escalation escalation_of(Rows const& rows) {
    Escalation row;
    row.id = EscalationId{rows.integer(0)};
    row.version = rows.integer(1);
    row.state = rows.enumerator(2, State::fresh, State::merged);
    row.severity = rows.enumerator(3, Severity::sev1, Severity::sev4);
    row.rank = rows.integer(4);
    row.next_point = rows.maybe_instant(5);
    row.owner = rows.id<PersonId>(6);
    row.event_count = rows.integer(7);
    row.ledger_head = rows.digest(8);
    row.clocks = unpack_clocks(rows.text(9));
    row.origin = rows.enumerator(10, Origin::slack_message, Origin::modal);
    row.hops = rows.small(11);
    row.reopen_count = rows.small(12);
    row.opened_at = rows.instant(13);
    row.created_at = rows.instant(14);
    row.updated_at = rows.instant(15);
    row.owned_since = rows.maybe_instant(16);
    row.accepted_at = rows.maybe_instant(17);
    row.resolved_at = rows.maybe_instant(18);
    row.workspace = rows.id<WorkspaceId>(19);
    row.account = rows.string(20);
    row.raised_by = rows.id<PersonId>(21);
    row.source = {.channel = rows.id<ChannelId>(22), .ts = rows.id<MessageTs>(23), .thread_ts = rows.id<MessageTs>(24)};
    row.source_permalink = rows.string(25);
    row.card_channel = rows.id<ChannelId>(26);
    row.title = rows.string(27);
    row.resolution = rows.string(28);
    row.description = rows.string(29);
    row.team = rows.string(30);
    row.details = unpack_details(rows.text(31));
    return row;
}

template <class... Arguments>
std::vector<Escalation> list(sql::Connection& connection, Sql const& sql, Arguments const&... arguments) {
    std::vector<Escalation> found;
    Rows rows(connection, sql, arguments...);
    while (rows.next()) found.push_back(escalation_of(rows));
    return found;
}

// `more` are the values of what only this statement writes.
template <class... More>
std::int64_t save(sql::Connection& connection, Sql const& sql, Escalation const& row, Flags const& flags,
                  ledger::Chain const& chain, More const&... more) {
    auto const clocks = pack_clocks(row.clocks);
    auto const details = pack_details(row.details);
    return sql::run(connection, sql, row.id, row.version, row.state, row.severity, row.rank, row.next_point, row.owner,
                    chain.count, chain.head, clocks, row.hops, row.reopen_count, row.updated_at, row.owned_since, row.accepted_at,
                    row.resolved_at, row.source.channel, row.source.ts, row.source.thread_ts, row.source_permalink,
                    row.card_channel, row.title, row.resolution, row.description, row.team, details, flags.at_risk,
                    flags.breached, flags.awaiting, flags.acting, more...);
}

// Whether `row` still is what it was raised as: the update does not write that.
bool is_as_raised(Escalation const& row, Rows const& kept, int first) {
    return row.origin == kept.enumerator(first, Origin::slack_message, Origin::modal) &&
           to_us(row.opened_at) == kept.integer(first + 1) && to_us(row.created_at) == kept.integer(first + 2) &&
           row.workspace.value == kept.text(first + 3) && row.account == kept.text(first + 4) &&
           row.raised_by.value == kept.text(first + 5);
}

void move(QueueCounts& counts, Flags const& before, Flags const& after) {
    auto const difference = [](bool from, bool to) { return static_cast<int>(to) - static_cast<int>(from); };
    counts.open += difference(before.open, after.open);
    counts.unowned += difference(before.unowned, after.unowned);
    counts.at_risk += difference(before.at_risk, after.at_risk);
    counts.breached += difference(before.breached, after.breached);
    counts.waiting += difference(before.waiting, after.waiting);
}

void save_closed(sql::Connection& connection, EscalationId id, SlaClock const& clock) {
    if (!clock.stopped_at || clock.outcome == ClockOutcome::running)
        throw std::logic_error(fmt::format("{}: a clock that still runs cannot be closed", id));
    auto const points = pack_points(clock.points, clock.started_at);
    sql::run(connection, insert_clock, id, clock.kind, clock.generation, clock.started_at, clock.target.count(), clock.due,
             *clock.stopped_at, clock.outcome, points, clock.points_fired, clock.paused.count());
}

}  // namespace

Flags flags_of(Escalation const& escalation) {
    Flags flags{
        .open = escalation.open(), .unowned = escalation.open() && !escalation.owned(), .waiting = is_waiting(escalation.state)};
    auto const& details = escalation.details;
    flags.awaiting = details.warranted && details.warranted->graded_by.empty();
    if (!flags.open) return flags;
    flags.awaiting = details.transfer || details.severity_request || details.unconfirmed_since;
    if (details.coverage) flags.acting = details.coverage->acting;
    for (auto const& clock : escalation.clocks) {
        if (clock.stopped_at) continue;
        // The outcome is no measure: it remembers what was overdue by a target the clock had before.
        if (clock.rung() == rung_breach) flags.breached = true;
        if (clock.paused_at) continue;
        if (clock.points_fired > 0 && clock.points.front().rung < rung_breach) flags.at_risk = true;
    }
    if (flags.breached) flags.at_risk = false;
    return flags;
}

std::optional<Escalation> Snapshot::escalation(EscalationId id) const {
    Rows rows(db_, by_id, id);
    if (!rows.next()) return std::nullopt;
    return escalation_of(rows);
}

std::optional<EscalationId> Snapshot::by_source(SourceLink const& link) const {
    Rows rows(db_, link_by_id, link.system, link.external_id);
    if (!rows.next()) return std::nullopt;
    return EscalationId{rows.integer(0)};
}

std::vector<Escalation> Snapshot::queue(QueueQuery const& query) const {
    auto const limit = std::max(query.limit, 0);
    auto const offset = std::max(query.offset, 0);
    auto const severity = query.severity ? static_cast<int>(*query.severity) : 0;
    auto const narrowed = [&](Sql const& sql) { return list(db_, sql, limit, offset, severity, query.account, query.team); };
    switch (query.filter) {
        case QueueFilter::open:
            return narrowed(queue_open);
        case QueueFilter::mine:
            return list(db_, queue_mine, limit, offset, severity, query.account, query.team, query.person);
        case QueueFilter::unowned:
            return narrowed(queue_unowned);
        case QueueFilter::at_risk:
            return narrowed(queue_at_risk);
        case QueueFilter::breached:
            return narrowed(queue_breached);
        case QueueFilter::waiting:
            return narrowed(queue_waiting);
    }
    return {};
}

std::vector<Escalation> Snapshot::pending_approvals(int limit) const { return list(db_, pending, std::max(limit, 0)); }

std::vector<Escalation> Snapshot::open_after(EscalationId after, int limit) const { return list(db_, open_behind, after, limit); }

std::vector<Escalation> Snapshot::alive_in(ChannelId const& channel, EscalationId after, int limit) const {
    return list(db_, alive_there, channel, after, limit);
}

Snapshot::Load Snapshot::load(PersonId const& person) const {
    Rows rows(db_, load_of, person);
    if (!rows.next()) return {};
    return {.owns = rows.integer(0), .covers = rows.integer(1)};
}

std::vector<Escalation> Snapshot::owned_by(PersonId const& person, int limit) const {
    return list(db_, open_of_owner, person, std::max(limit, 0));
}

std::vector<Escalation> Snapshot::raised_by(PersonId const& person, int limit, int offset) const {
    return list(db_, of_raiser, person, std::max(limit, 0), std::max(offset, 0));
}

std::vector<Snapshot::Titled> Snapshot::recent_of_account(EscalationId before, std::string_view account, Instant since) const {
    std::vector<Titled> found;
    for (Rows rows(db_, similar_ones, before, account, since); rows.next();)
        found.push_back({EscalationId{rows.integer(0)}, rows.string(1)});
    return found;
}

std::vector<SourceLink> Snapshot::links(EscalationId id) const {
    std::vector<SourceLink> found;
    for (Rows rows(db_, links_of, id); rows.next();) found.push_back({rows.string(0), rows.string(1), rows.string(2)});
    return found;
}

QueueCounts Snapshot::queue_counts() const {
    Rows rows(db_, read_tally);
    if (!rows.next()) throw sql::DatabaseError("the store has no tally", 0);
    return {.open = rows.integer(0),
            .unowned = rows.integer(1),
            .at_risk = rows.integer(2),
            .breached = rows.integer(3),
            .waiting = rows.integer(4)};
}

std::vector<SlaClock> Snapshot::closed_clocks(EscalationId id) const {
    std::vector<SlaClock> clocks;
    Rows rows(db_, clocks_of, id);
    while (rows.next()) {
        SlaClock clock;
        clock.kind = rows.enumerator(0, ClockKind::owner, ClockKind::engineering);
        clock.generation = rows.small(1);
        clock.started_at = rows.instant(2);
        clock.target = std::chrono::seconds{rows.integer(3)};
        clock.due = rows.instant(4);
        clock.stopped_at = rows.instant(5);
        clock.outcome = rows.enumerator(6, ClockOutcome::met, ClockOutcome::cancelled);
        clock.points = unpack_points(rows.text(7), clock.started_at);
        clock.points_fired = rows.small(8);
        clock.paused = Duration{rows.integer(9)};
        clocks.push_back(std::move(clock));
    }
    return clocks;
}

std::vector<Escalation> Snapshot::due(Instant now, int limit) const { return list(db_, due_now, now, std::max(limit, 0)); }

std::optional<Instant> Snapshot::earliest_point() const {
    Rows rows(db_, first_point);
    if (!rows.next()) return std::nullopt;
    return rows.instant(0);
}

EscalationId Tx::next_escalation_id() {
    if (!next_id_) {
        Rows rows(db_, last_id);
        rows.next();
        next_id_ = EscalationId{rows.integer(0) + 1};  // NULL, in an empty store, reads as 0
    }
    return *next_id_;
}

QueueCounts Tx::queue_counts() const {
    auto counts = Snapshot::queue_counts();
    counts.open += counts_changed_.open;
    counts.unowned += counts_changed_.unowned;
    counts.at_risk += counts_changed_.at_risk;
    counts.breached += counts_changed_.breached;
    counts.waiting += counts_changed_.waiting;
    return counts;
}

void Tx::finish() {
    auto const changed = std::exchange(counts_changed_, {});
    if (changed == QueueCounts{}) return;
    sql::run(db_, add_to_tally, changed.open, changed.unowned, changed.at_risk, changed.breached, changed.waiting);
}

void Tx::apply(Decision const& decision) {
    auto const& after = decision.after;
    if (decision.events.empty()) throw std::logic_error(fmt::format("{}: a change without an event", after.id));
    if (after.next_point && !after.open() && after.state != State::resolved)
        throw std::logic_error(fmt::format("{} is over, but with a next point", after.id));

    ledger::Chain chain;
    Flags before;
    auto const flags = flags_of(after);
    if (after.version == 1) {
        if (after.id != next_escalation_id()) throw std::logic_error(fmt::format("{} is not the next id", after.id));
        auto const sealed = ledger::seal(after.id, chain, decision.events);
        auto const by_requester = decision.events.front().actor_role == Role::requester;
        save(db_, insert_row, after, flags, chain, flags.open, after.origin, after.opened_at, after.created_at, after.workspace,
             after.account, after.raised_by, by_requester);
        next_id_ = EscalationId{after.id.number + 1};
        ledger::insert(db_, after.id, sealed);
    } else {
        {
            Rows rows(db_, before_update, after.id);
            if (!rows.next() || rows.integer(0) != after.version - 1)
                throw std::logic_error(fmt::format("{} has no version {} to go on from", after.id, after.version - 1));
            before.open = rows.integer(1) != 0;
            before.unowned = before.open && rows.text(2).empty();
            before.at_risk = rows.integer(3) != 0;
            before.breached = rows.integer(4) != 0;
            before.waiting = is_waiting(rows.enumerator(7, State::fresh, State::merged));
            chain = {.count = rows.integer(5), .head = rows.digest(6)};
            if (!is_as_raised(after, rows, 8))
                throw std::logic_error(fmt::format("{}: what is fixed when it is raised was changed", after.id));
        }
        auto const sealed = ledger::seal(after.id, chain, decision.events);
        auto const saved = flags.open == before.open ? save(db_, update_row, after, flags, chain)
                                                     : save(db_, update_row_and_open, after, flags, chain, flags.open);
        if (saved != 1) throw std::logic_error(fmt::format("{} has no version {} to go on from", after.id, after.version - 1));
        ledger::insert(db_, after.id, sealed);
    }
    move(counts_changed_, before, flags);
    for (auto const& clock : decision.closed_clocks) save_closed(db_, after.id, clock);
    for (auto const& link : decision.links_given_up) sql::run(db_, drop_link, link.system, link.external_id, after.id);
    for (auto const& link : decision.links)
        sql::run(db_, link.system == thread_system ? take_link : insert_link, link.system, link.external_id, after.id, link.url);
    for (auto const& item : decision.outbox) enqueue(item);
    notice_.queue_changed = true;
    if (after.next_point && (!notice_.earliest_point || *after.next_point < *notice_.earliest_point))
        notice_.earliest_point = after.next_point;
}

}  // namespace esc
