// Recomputes what the store claims: hash chains, anchors, header counts, what the ledger says that each escalation is, and the
// invariants that can be seen without the rules. Damage is reported, escalation by escalation, and never stops the check.
#include "store/verify.hpp"

#include "store/ledger.hpp"
#include "store/replay.hpp"
#include "store/sql/migrate.hpp"
#include "store/sql/query.hpp"
#include "store/tally.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <exception>
#include <unordered_map>
#include <utility>

namespace esc {
namespace {

using sql::Rows;
using sql::Sql;

// Enough to see what kind of damage it is; a store that is all wrong shall not fill the memory.
constexpr std::size_t problems_max = 1000;

constexpr Sql structure{"PRAGMA integrity_check(100)"};
constexpr Sql ids_after{"SELECT id FROM escalation WHERE id > $1 ORDER BY id LIMIT 1000"};
constexpr Sql kept_flags{
    "SELECT open, at_risk, breached, awaiting, acting, by_requester = (SELECT actor_role = 1 FROM event WHERE escalation = $1 "
    "AND "
    "number = 1) FROM escalation WHERE id = $1"};
constexpr Sql links_counted{"SELECT escalation, count(*) FROM source_link WHERE system <> $1 GROUP BY escalation"};
constexpr Sql sequence_of_hashes{"SELECT sequence, recorded_at, hash FROM event ORDER BY sequence"};
constexpr Sql anchors{"SELECT id, upto, recorded_at, previous_hash, hash FROM anchor ORDER BY id"};
constexpr Sql orphan_events{
    "SELECT DISTINCT e.escalation FROM event e LEFT JOIN escalation o ON o.id = e.escalation WHERE o.id IS NULL LIMIT 100"};
constexpr Sql orphan_texts{
    "SELECT t.sequence FROM event_text t LEFT JOIN event e ON e.sequence = t.sequence WHERE e.sequence IS NULL LIMIT 100"};
constexpr Sql orphan_links{
    "SELECT l.system, l.external_id FROM source_link l LEFT JOIN escalation o ON o.id = l.escalation WHERE o.id IS NULL LIMIT "
    "100"};
constexpr Sql orphan_clocks{
    "SELECT DISTINCT c.escalation FROM closed_clock c LEFT JOIN escalation o ON o.id = c.escalation WHERE o.id IS NULL LIMIT "
    "100"};

class Verifier {
public:
    explicit Verifier(sql::Connection& connection) : db_(connection), snapshot_(connection) {}

    Verification run() {
        part("the database file", [this] { check_structure(); });
        part("the escalations", [this] { check_escalations(); });
        part("the tally", [this] { check_tally(); });
        part("the order of the ledger", [this] { check_sequence(); });
        part("rows without an escalation", [this] { check_orphans(); });
        return std::move(result_);
    }

private:
    template <class... Arguments>
    void problem(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
        if (result_.problems.size() < problems_max) {
            result_.problems.push_back(fmt::format(format, std::forward<Arguments>(arguments)...));
        } else if (result_.problems.size() == problems_max) {
            result_.problems.emplace_back("there are more problems, which are not listed");
        }
    }
    template <class Check>
    void part(std::string_view name, Check check) {
        try {
            check();
        } catch (std::exception const& error) {
            problem("{} cannot be read: {}", name, error.what());
        }
    }

    void check_structure() {
        Rows rows(db_, structure);
        while (rows.next())
            if (rows.text(0) != "ok") problem("the database file is damaged: {}", rows.text(0));
    }

    void check_escalations() {
        for (Rows rows(db_, links_counted, thread_system); rows.next();) links_[rows.integer(0)] = rows.integer(1);
        EscalationId last;
        for (;;) {
            std::vector<EscalationId> ids;
            {
                Rows rows(db_, ids_after, last);
                while (rows.next()) ids.push_back(EscalationId{rows.integer(0)});
            }
            if (ids.empty()) return;
            last = ids.back();
            for (auto const id : ids) {
                ++result_.escalations;
                if (id.number != result_.escalations + missing_ids_) {
                    problem("{}: {} escalations before it are missing", id, id.number - result_.escalations - missing_ids_);
                    missing_ids_ = id.number - result_.escalations;
                }
                part(id.key(), [this, id] { check_escalation(id); });
            }
        }
    }

    void check_escalation(EscalationId id) {
        check_chain(id);
        auto const row = snapshot_.escalation(id);
        if (!row) return;
        if (row->event_count != chain_.count)
            problem("{}: the ledger has {} events, the escalation counts {}", id, chain_.count, row->event_count);
        if (row->ledger_head != chain_.head) problem("{}: the head of its ledger is not the last event's hash", id);
        for (auto const& difference : differences(replayed_, *row, links_[id.number])) problem("{}: {}", id, difference);

        bool const may_lack_owner = row->state == State::fresh || row->state == State::declined || row->state == State::merged;
        if (!row->owned() && !may_lack_owner) problem("{}: is {} without an owner", id, to_string(row->state));

        std::optional<Instant> next;
        for (auto const& clock : row->clocks) {
            if (!row->open() && clock.running())
                problem("{}: is {}, yet its {} clock runs", id, to_string(row->state), to_string(clock.kind));
            if (auto const point = clock.next_point(); point && (!next || point->at < *next)) next = point->at;
            if (std::count_if(row->clocks.begin(), row->clocks.end(),
                              [&clock](SlaClock const& other) { return other.kind == clock.kind; }) != 1)
                problem("{}: has more than one {} clock", id, to_string(clock.kind));
        }
        // Something else than a clock may come earlier, and closes a resolved one.
        if (row->open() && next && (!row->next_point || *row->next_point > *next))
            problem("{}: its next point is later than that of a clock", id);
        if (!row->open() && row->state != State::resolved && row->next_point)
            problem("{}: is {}, yet something is to happen", id, to_string(row->state));

        for (auto const& clock : snapshot_.closed_clocks(id))
            if (*clock.stopped_at < clock.started_at)
                problem("{}: a closed {} clock ends before it starts", id, to_string(clock.kind));

        auto const flags = flags_of(*row);
        real_.open += flags.open;
        real_.unowned += flags.unowned;
        real_.at_risk += flags.at_risk;
        real_.breached += flags.breached;
        real_.waiting += flags.waiting;
        Rows kept(db_, kept_flags, id);
        if (kept.next() &&
            (kept.integer(0) != flags.open || kept.integer(1) != flags.at_risk || kept.integer(2) != flags.breached ||
             kept.integer(3) != flags.awaiting || kept.id<PersonId>(4) != flags.acting || kept.integer(5) == 0))
            problem("{}: its marks for the lists do not follow from what it holds", id);
    }

    void check_chain(EscalationId id) {
        chain_ = {};
        replayed_ = {};
        part(fmt::format("{}: an event of its ledger", id), [this, id] {
            ledger::each_event(db_, id, [this, id](ledger::Row const& row) {
                auto const& stored = row.stored;
                ++result_.events;
                if (stored.number != chain_.count + 1) problem("{}: event {} follows event {}", id, stored.number, chain_.count);
                if (stored.previous_hash != chain_.head)
                    problem("{}: event {} does not continue the event before it", id, stored.number);
                if (stored.hash != ledger::hash_of(stored.previous_hash, id, stored.number, stored.event, row.text_digest))
                    problem("{}: event {} was changed", id, stored.number);
                check_text(id, row);
                replay(replayed_, stored.event);
                chain_ = {.count = stored.number, .head = stored.hash};
            });
        });
    }

    void check_text(EscalationId id, ledger::Row const& row) {
        if (row.stored.text_erased) {
            ++result_.erased_texts;
            return;
        }
        bool const has_text = !row.stored.event.text.empty() || !row.salt.empty();
        if (!has_text && row.text_digest.empty()) return;
        if (row.text_digest != ledger::text_digest(row.salt, row.stored.event.text))
            problem("{}: the text of event {} was changed", id, row.stored.number);
    }

    void check_tally() {
        auto const kept = snapshot_.queue_counts();
        auto const compare = [this](std::string_view name, std::int64_t counted, std::int64_t in_tally) {
            if (counted != in_tally) problem("the tally says {} {}, there are {}", in_tally, name, counted);
        };
        compare("open", real_.open, kept.open);
        compare("unowned", real_.unowned, kept.unowned);
        compare("at risk", real_.at_risk, kept.at_risk);
        compare("breached", real_.breached, kept.breached);
        compare("waiting", real_.waiting, kept.waiting);
    }

    // Events in order of sequence, against each other and the anchors.
    void check_sequence() {
        auto const kept = read_anchors();
        auto next_anchor = kept.begin();
        ledger::Anchor previous;
        std::string hashes;
        std::int64_t last = 0;
        Rows rows(db_, sequence_of_hashes);
        while (rows.next()) {
            auto const sequence = rows.integer(0);
            if (sequence != last + 1) problem("the ledger has a gap: event {} follows event {}", sequence, last);
            last = sequence;
            if (next_anchor == kept.end()) continue;
            hashes.append(rows.blob(2));
            if (sequence < next_anchor->upto) continue;
            check_anchor(*next_anchor, previous, hashes, rows.instant(1));
            previous = *next_anchor++;
            hashes.clear();
        }
        if (next_anchor != kept.end())
            problem("the ledger ends with event {}, but anchor {} binds events up to {}", last, next_anchor->id,
                    next_anchor->upto);
    }
    std::vector<ledger::Anchor> read_anchors() {
        std::vector<ledger::Anchor> kept;
        Rows rows(db_, anchors);
        while (rows.next())
            kept.push_back({.id = rows.integer(0),
                            .upto = rows.integer(1),
                            .recorded_at = rows.instant(2),
                            .previous = rows.digest(3),
                            .hash = rows.digest(4)});
        return kept;
    }
    void check_anchor(ledger::Anchor const& anchor, ledger::Anchor const& previous, std::string_view hashes,
                      Instant recorded_at) {
        if (anchor.id != previous.id + 1) problem("anchor {} follows anchor {}", anchor.id, previous.id);
        if (anchor.previous != previous.hash) problem("anchor {} does not continue the anchor before it", anchor.id);
        if (anchor.recorded_at != recorded_at || anchor.hash != ledger::anchor_hash(anchor, previous.upto, hashes))
            problem("anchor {}: the events from {} to {} are not the ones it bound", anchor.id, previous.upto + 1, anchor.upto);
    }

    void check_orphans() {
        for (Rows rows(db_, orphan_events); rows.next();)
            problem("{}: there are events, but the escalation is missing", EscalationId{rows.integer(0)});
        for (Rows rows(db_, orphan_clocks); rows.next();)
            problem("{}: there are closed clocks, but the escalation is missing", EscalationId{rows.integer(0)});
        for (Rows rows(db_, orphan_texts); rows.next();) problem("the text of event {} has no event", rows.integer(0));
        for (Rows rows(db_, orphan_links); rows.next();)
            problem("the link to {} {} has no escalation", rows.text(0), rows.text(1));
    }

    sql::Connection& db_;
    Snapshot snapshot_;
    Verification result_;
    QueueCounts real_;
    std::int64_t missing_ids_ = 0;
    ledger::Chain chain_;
    Replayed replayed_;
    std::unordered_map<std::int64_t, std::int64_t> links_;  // how many an escalation has
};

}  // namespace

Verification verify(sql::Connection& connection) {
    connection.begin(sql::Mode::read);
    try {
        auto result = Verifier(connection).run();
        connection.commit();
        return result;
    } catch (...) {
        connection.rollback();
        throw;
    }
}

Result<Verification> verify_store(std::string const& url) {
    ESC_CHECK(check_store_url(url));
    try {
        auto const connection = sql::open_connection(url, sql::Access::read_only);
        auto const version = sql::stored_version(*connection);
        auto const latest = static_cast<int>(sql::schema_files().size());
        if (version != latest)
            return fail(Errc::unavailable, "{}: the store has version {}, this program reads version {}.", *sql::file_of(url),
                        version, latest);
        return verify(*connection);
    } catch (sql::DatabaseError const& error) {
        return fail(Errc::unavailable, "The store cannot be read. {}", error.what());
    }
}

}  // namespace esc
