// What must become true outside: one row per key, renewed rather than doubled.
#include "store/sql/query.hpp"
#include "store/tx.hpp"

#include <algorithm>

namespace esc {
namespace {

using sql::Rows;
using sql::Sql;

#define ESC_OUTBOX_COLUMNS "id, key, kind, escalation, body, due_at, generation, attempts, sending_since, last_error"

constexpr Sql upsert{
    "INSERT INTO outbox (key, kind, escalation, due_at, body) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (key) DO UPDATE SET "
    "generation = outbox.generation + 1, kind = excluded.kind, body = excluded.body, "
    "due_at = CASE WHEN excluded.due_at < outbox.due_at THEN excluded.due_at ELSE outbox.due_at END, "
    "attempts = CASE WHEN outbox.dead = 1 THEN 0 ELSE outbox.attempts END, dead = 0"};
constexpr Sql due_rows{"SELECT " ESC_OUTBOX_COLUMNS
                       " FROM outbox WHERE dead = 0 AND kind = $1 AND due_at <= $2 "
                       "ORDER BY due_at, id LIMIT $3"};
constexpr Sql earliest{"SELECT due_at FROM outbox WHERE dead = 0 AND kind = $1 ORDER BY due_at LIMIT 1"};
constexpr Sql by_key{"SELECT " ESC_OUTBOX_COLUMNS " FROM outbox WHERE key = $1"};
constexpr Sql count_all{"SELECT count(*) FROM outbox"};
constexpr Sql count_waiting{"SELECT count(*) FROM outbox WHERE dead = 0"};

constexpr Sql set_sending{"UPDATE outbox SET sending_since = $1 WHERE id = $2"};
constexpr Sql delete_done{"DELETE FROM outbox WHERE id = $1 AND generation = $2"};
constexpr Sql keep_newer{"UPDATE outbox SET sending_since = NULL, attempts = 0, last_error = '' WHERE id = $1"};
constexpr Sql set_retry{
    "UPDATE outbox SET due_at = $1, attempts = attempts + 1, sending_since = NULL, last_error = $2 WHERE id = $3"};
constexpr Sql set_wait{"UPDATE outbox SET due_at = $1, sending_since = NULL WHERE id = $2"};
constexpr Sql set_dead{"UPDATE outbox SET dead = 1, sending_since = NULL, last_error = $1 WHERE id = $2"};

OutboxRow row_of(Rows const& rows) {
    OutboxRow row;
    row.id = rows.integer(0);
    row.item.key = rows.string(1);
    row.item.kind = rows.enumerator(2, OutboxKind::locate, OutboxKind::channel);
    row.item.escalation = EscalationId{rows.integer(3)};
    row.item.body = rows.string(4);
    row.item.due_at = rows.instant(5);
    row.generation = rows.integer(6);
    row.attempts = rows.small(7);
    row.sending_since = rows.maybe_instant(8);
    row.last_error = rows.string(9);
    return row;
}

std::int64_t count(sql::Connection& connection, Sql const& sql) {
    Rows rows(connection, sql);
    return rows.next() ? rows.integer(0) : 0;
}

}  // namespace

std::vector<OutboxRow> Snapshot::outbox_due(OutboxKind kind, Instant now, int limit) const {
    std::vector<OutboxRow> due;
    auto const bound = std::max(limit, 0);
    Rows rows(db_, due_rows, kind, now, bound);
    while (rows.next()) due.push_back(row_of(rows));
    return due;
}

std::optional<Instant> Snapshot::outbox_earliest() const {
    std::optional<Instant> first;
    for (auto const kind : all_outbox_kinds) {
        Rows rows(db_, earliest, kind);
        if (rows.next() && (!first || rows.instant(0) < *first)) first = rows.instant(0);
    }
    return first;
}

std::optional<OutboxRow> Snapshot::outbox_row(std::string_view key) const {
    Rows rows(db_, by_key, key);
    if (!rows.next()) return std::nullopt;
    return row_of(rows);
}

Snapshot::OutboxDepth Snapshot::outbox_depth() const {
    auto const waiting = count(db_, count_waiting);
    return {.waiting = waiting, .dead = count(db_, count_all) - waiting};
}

void Tx::enqueue(OutboxItem const& item) {
    sql::run(db_, upsert, item.key, item.kind, item.escalation, item.due_at, item.body);
    notice_.outbox_changed = true;
}

void Tx::outbox_sending(std::int64_t id, Instant since) { sql::run(db_, set_sending, since, id); }

void Tx::outbox_done(std::int64_t id, std::int64_t generation) {
    if (sql::run(db_, delete_done, id, generation) != 0) return;
    if (sql::run(db_, keep_newer, id) != 0) notice_.outbox_changed = true;
}

void Tx::outbox_retry(std::int64_t id, Instant due_at, std::string_view error) {
    sql::run(db_, set_retry, due_at, error, id);
    notice_.outbox_changed = true;
}

void Tx::outbox_wait(std::int64_t id, Instant due_at) {
    sql::run(db_, set_wait, due_at, id);
    notice_.outbox_changed = true;
}

void Tx::outbox_dead(std::int64_t id, std::string_view error) { sql::run(db_, set_dead, error, id); }

}  // namespace esc
