// Events: sealing, writing, reading, and the anchors over them.
#include "store/ledger.hpp"

#include "store/sql/query.hpp"
#include "store/tx.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <stdexcept>
#include <utility>

namespace esc {
namespace {

using sql::Rows;
using sql::Sql;

constexpr std::size_t salt_bytes = 16;
// Bounds what can be cut off the end of the ledger unnoticed, and the time one anchor takes.
constexpr std::int64_t anchor_every_events = 4096;

constexpr Sql insert_event{
    "INSERT INTO event (hash, escalation, number, type, recorded_at, source_time, actor, actor_role, data, trace, text_digest, "
    "previous_hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"};
// The event was inserted just before, by the only writer.
constexpr Sql insert_text{"INSERT INTO event_text (sequence, salt, text) SELECT max(sequence), $1, $2 FROM event"};
#define ESC_SELECT_EVENT                                                                                                  \
    "SELECT e.sequence, e.hash, e.number, e.type, e.recorded_at, e.source_time, e.actor, e.actor_role, e.data, e.trace, " \
    "e.text_digest, e.previous_hash, t.salt, t.text FROM event e LEFT JOIN event_text t ON t.sequence = e.sequence "      \
    "WHERE e.escalation = $1 "
constexpr Sql events_of{ESC_SELECT_EVENT "ORDER BY e.number"};
// The index by type leaves out how everything begins, which nobody asks for by type but once: raised, located, claimed.
#define ESC_INDEXED "AND e.type = $2 AND e.type NOT IN (1, 2, 3) "
#define ESC_FIRST_ONES "AND e.type = $2 "
constexpr Sql events_of_type{ESC_SELECT_EVENT ESC_INDEXED "ORDER BY e.number"};
constexpr Sql events_of_first_type{ESC_SELECT_EVENT ESC_FIRST_ONES "ORDER BY e.number"};
#define ESC_LAST "AND ($3 = '' OR e.actor = $3) ORDER BY e.number DESC LIMIT 1"
constexpr Sql last_of_type{ESC_SELECT_EVENT ESC_INDEXED ESC_LAST};
constexpr Sql last_of_first_type{ESC_SELECT_EVENT ESC_FIRST_ONES ESC_LAST};
bool is_indexed(EventType type) { return type > EventType::claimed; }

constexpr Sql erase_all{"DELETE FROM event_text WHERE sequence IN (SELECT sequence FROM event WHERE escalation = $1)"};
// Most details are empty, and an empty text is no JSON.
#define ESC_DETAIL(name) "(CASE WHEN details = '' THEN NULL ELSE details ->> '$." name "' END)"
// Raised by somebody else, or taken from a message when it was located: the message's author wrote it, as rules::wrote says.
static_assert(static_cast<int>(EventType::raised) == 1 && static_cast<int>(EventType::located) == 2);
#define ESC_OF_MESSAGE "e.type IN (1, 2)"
constexpr Sql erase_of_author{
    "DELETE FROM event_text WHERE sequence IN (SELECT e.sequence FROM event e JOIN escalation o ON o.id = e.escalation WHERE "
    "e.escalation = $1 AND (e.actor = $2 OR (" ESC_OF_MESSAGE " AND " ESC_DETAIL("author") " = $2)))"};
constexpr Sql written_by_author{
    "SELECT id FROM escalation o WHERE id > $2 AND (EXISTS (SELECT 1 FROM event e JOIN event_text t ON t.sequence = e.sequence "
    "WHERE e.escalation = o.id AND (e.actor = $1 OR (" ESC_OF_MESSAGE
    " AND " ESC_DETAIL("author") " = $1))) OR ($1 IN (" ESC_DETAIL("customer") ", " ESC_DETAIL(
        "author") ") AND title <> '(erased)')) ORDER BY id LIMIT $3"};
constexpr Sql over_since_before{"SELECT id FROM escalation WHERE id > $2 AND open = 0 AND updated_at < $1 AND " ESC_DETAIL(
    "texts_erased") " IS NULL ORDER BY id LIMIT $3"};
constexpr Sql forget_unsent{"DELETE FROM outbox WHERE escalation = $1 AND dead = 1"};
// One quote, or those of several with their names, in whose place one says that they were erased. What is on its way with them is
// not done with that: it is looked at again.
constexpr Sql erase_unsent{
    "UPDATE outbox SET generation = generation + 1, body = json_remove(json_set(body, '$.quote', CASE WHEN body -> '$.quotes' IS "
    "NULL THEN '' ELSE "
    "'(erased)' END), '$.quotes') WHERE escalation = $1 AND (CASE WHEN body = '' THEN 0 ELSE "
    "coalesce(body ->> '$.quote', '') NOT IN ('', '(erased)') OR (body -> '$.quotes') IS NOT NULL END)"};
constexpr Sql chain_of{"SELECT event_count, ledger_head FROM escalation WHERE id = $1"};
constexpr Sql set_chain{"UPDATE escalation SET event_count = $1, ledger_head = $2 WHERE id = $3"};

constexpr Sql last_event{"SELECT sequence, recorded_at FROM event ORDER BY sequence DESC LIMIT 1"};
constexpr Sql last_anchor{"SELECT id, upto, recorded_at, hash FROM anchor ORDER BY id DESC LIMIT 1"};
constexpr Sql hashes_between{"SELECT hash FROM event WHERE sequence > $1 AND sequence <= $2 ORDER BY sequence"};
constexpr Sql insert_anchor{"INSERT INTO anchor (id, upto, recorded_at, previous_hash, hash) VALUES ($1, $2, $3, $4, $5)"};

// Fields are put one behind the other so that no two different records give the same bytes: numbers with a fixed length,
// texts behind their length.
class Encoder {
public:
    explicit Encoder(std::string_view purpose) { text(purpose); }
    void number(std::int64_t value) {
        auto const bits = static_cast<std::uint64_t>(value);
        for (int shift = 56; shift >= 0; shift -= 8) bytes_.push_back(static_cast<char>((bits >> shift) & 0xff));
    }
    void text(std::string_view value) {
        number(static_cast<std::int64_t>(value.size()));
        bytes_.append(value);
    }
    [[nodiscard]] Digest digest() const { return sha256(bytes_); }

private:
    std::string bytes_;
};

ledger::Row row_of(Rows const& rows, EscalationId escalation) {
    ledger::Row row;
    auto& stored = row.stored;
    stored.sequence = rows.integer(0);
    stored.escalation = escalation;
    stored.hash = rows.digest(1);
    stored.number = rows.integer(2);
    stored.event.type = rows.enumerator(3, EventType::raised, last_event_type);
    stored.event.recorded_at = rows.instant(4);
    stored.event.source_time = rows.instant(5);
    stored.event.actor = rows.id<PersonId>(6);
    stored.event.actor_role = rows.enumerator(7, Role::outsider, Role::manager);
    stored.event.data = rows.string(8);
    stored.event.trace = rows.string(9);
    row.text_digest = rows.blob(10);
    stored.previous_hash = rows.digest(11);
    stored.text_erased = !row.text_digest.empty() && rows.is_null(13);
    row.salt = rows.blob(12);
    stored.event.text = rows.string(13);
    return row;
}

auto day_of(Instant at) { return std::chrono::floor<std::chrono::days>(at); }

}  // namespace

namespace ledger {

std::string text_digest(std::string_view salt, std::string_view text) {
    std::string bytes(salt);
    bytes.append(text);
    return std::string(bytes_of(sha256(bytes)));
}

Digest hash_of(Digest const& previous, EscalationId escalation, std::int64_t number, LedgerEvent const& event,
               std::string_view text_digest) {
    Encoder encoder("escalation event 1");
    encoder.text(bytes_of(previous));
    encoder.number(escalation.number);
    encoder.number(number);
    encoder.number(static_cast<std::int64_t>(event.type));
    encoder.number(to_us(event.recorded_at));
    encoder.number(to_us(event.source_time));
    encoder.text(event.actor.value);
    encoder.number(static_cast<std::int64_t>(event.actor_role));
    encoder.text(event.data);
    encoder.text(event.trace);
    encoder.text(text_digest);
    return encoder.digest();
}

std::vector<Sealed> seal(EscalationId escalation, Chain& chain, std::vector<LedgerEvent> const& events) {
    std::vector<Sealed> sealed;
    sealed.reserve(events.size());
    for (auto const& event : events) {
        Sealed next{.event = &event, .number = chain.count + 1, .previous = chain.head};
        if (!event.text.empty()) {
            next.salt = random_bytes(salt_bytes);
            next.text_digest = text_digest(next.salt, event.text);
        }
        next.hash = hash_of(next.previous, escalation, next.number, event, next.text_digest);
        chain = {.count = next.number, .head = next.hash};
        sealed.push_back(std::move(next));
    }
    return sealed;
}

void insert(sql::Connection& connection, EscalationId escalation, std::vector<Sealed> const& events) {
    for (auto const& sealed : events) {
        auto const& event = *sealed.event;
        sql::run(connection, insert_event, sealed.hash, escalation, sealed.number, event.type, event.recorded_at,
                 event.source_time, event.actor, event.actor_role, event.data, event.trace, sql::Blob{sealed.text_digest},
                 sealed.previous);
        if (!event.text.empty()) sql::run(connection, insert_text, sql::Blob{sealed.salt}, event.text);
    }
}

void each_event(sql::Connection& connection, EscalationId escalation, std::function<void(Row&)> const& use) {
    Rows rows(connection, events_of, escalation);
    while (rows.next()) {
        auto row = row_of(rows, escalation);
        use(row);
    }
}

Digest anchor_hash(Anchor const& anchor, std::int64_t previous_upto, std::string_view event_hashes) {
    Encoder encoder("escalation anchor 1");
    encoder.text(bytes_of(anchor.previous));
    encoder.number(anchor.id);
    encoder.number(previous_upto);
    encoder.number(anchor.upto);
    encoder.number(to_us(anchor.recorded_at));
    encoder.text(event_hashes);
    return encoder.digest();
}

void anchor(sql::Connection& connection, AnchorWhen when) {
    Anchor next;
    {
        Rows rows(connection, last_event);
        if (!rows.next()) return;
        next.upto = rows.integer(0);
        next.recorded_at = rows.instant(1);
    }
    std::int64_t previous_upto = 0;
    bool day_ended = false;
    {
        Rows rows(connection, last_anchor);
        if (rows.next()) {
            next.id = rows.integer(0);
            previous_upto = rows.integer(1);
            day_ended = day_of(rows.instant(2)) != day_of(next.recorded_at);
            next.previous = rows.digest(3);
        }
        ++next.id;
    }
    if (next.upto <= previous_upto) return;
    if (when == AnchorWhen::due && !day_ended && next.upto - previous_upto < anchor_every_events) return;
    std::string hashes;
    {
        Rows rows(connection, hashes_between, previous_upto, next.upto);
        while (rows.next()) hashes.append(rows.blob(0));
    }
    next.hash = anchor_hash(next, previous_upto, hashes);
    sql::run(connection, insert_anchor, next.id, next.upto, next.recorded_at, next.previous, next.hash);
}

}  // namespace ledger

std::vector<StoredEvent> Snapshot::events(EscalationId id) const {
    std::vector<StoredEvent> events;
    ledger::each_event(db_, id, [&events](ledger::Row& row) { events.push_back(std::move(row.stored)); });
    return events;
}

std::vector<StoredEvent> Snapshot::events(EscalationId id, std::initializer_list<EventType> types) const {
    std::vector<StoredEvent> events;
    for (auto const type : types) {
        auto const before = static_cast<std::ptrdiff_t>(events.size());
        for (Rows rows(db_, is_indexed(type) ? events_of_type : events_of_first_type, id, type); rows.next();)
            events.push_back(row_of(rows, id).stored);
        std::inplace_merge(events.begin(), events.begin() + before, events.end(),
                           [](StoredEvent const& a, StoredEvent const& b) { return a.number < b.number; });
    }
    return events;
}

std::optional<StoredEvent> Snapshot::last_event(EscalationId id, std::initializer_list<EventType> types,
                                                PersonId const& by) const {
    std::optional<StoredEvent> last;
    for (auto const type : types) {
        Rows rows(db_, is_indexed(type) ? last_of_type : last_of_first_type, id, type, by);
        if (rows.next() && (!last || rows.integer(2) > last->number)) last = row_of(rows, id).stored;
    }
    return last;
}

void Tx::record(EscalationId id, std::vector<LedgerEvent> const& events) {
    ledger::Chain chain;
    {
        Rows rows(db_, chain_of, id);
        if (!rows.next()) throw std::logic_error("an event of an escalation that does not exist: " + id.key());
        chain = {.count = rows.integer(0), .head = rows.digest(1)};
    }
    auto const sealed = ledger::seal(id, chain, events);
    sql::run(db_, set_chain, chain.count, chain.head, id);
    ledger::insert(db_, id, sealed);
}

std::int64_t Tx::erase_texts(EscalationId id, std::optional<PersonId> const& author) {
    // What waits to be sent says it without what was written; whose words they are is not known there, so of one author, too,
    // all of them go.
    sql::run(db_, forget_unsent, id);
    sql::run(db_, erase_unsent, id);
    return author ? sql::run(db_, erase_of_author, id, *author) : sql::run(db_, erase_all, id);
}

std::vector<EscalationId> Snapshot::written_by(PersonId const& author, EscalationId after, int limit) const {
    std::vector<EscalationId> found;
    for (Rows rows(db_, written_by_author, author, after, limit); rows.next();) found.push_back({rows.integer(0)});
    return found;
}

std::vector<EscalationId> Snapshot::over_before(Instant before, EscalationId after, int limit) const {
    std::vector<EscalationId> found;
    for (Rows rows(db_, over_since_before, before, after, limit); rows.next();) found.push_back({rows.integer(0)});
    return found;
}

}  // namespace esc
