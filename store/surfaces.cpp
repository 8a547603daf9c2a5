// Messages of ours that live in Slack, boards, who is away, and the few settings that are not configuration.
#include "store/sql/query.hpp"
#include "store/tx.hpp"

namespace esc {
namespace {

using sql::Rows;
using sql::Sql;

constexpr Sql upsert_surface{
    "INSERT INTO surface (key, escalation, channel, ts, permalink, content_hash, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7) "
    "ON CONFLICT (key) DO UPDATE SET escalation = excluded.escalation, channel = excluded.channel, ts = excluded.ts, "
    "permalink = excluded.permalink, content_hash = excluded.content_hash, updated_at = excluded.updated_at"};
constexpr Sql surface_by_key{"SELECT escalation, channel, ts, permalink, content_hash, updated_at FROM surface WHERE key = $1"};
constexpr Sql surfaces_of{
    "SELECT key, channel, ts, permalink, content_hash, updated_at FROM surface WHERE escalation = $1 ORDER BY key"};
constexpr Sql shown_there{
    "SELECT DISTINCT escalation FROM surface WHERE channel = $1 AND escalation > 0 AND ($2 = 0 OR escalation < $2) "
    "ORDER BY escalation DESC LIMIT $3"};
constexpr Sql delete_surface{"DELETE FROM surface WHERE key = $1"};
constexpr Sql all_boards{"SELECT id, channel, filter, severity, account, team, pinned_by, pinned_at FROM board ORDER BY id"};
constexpr Sql insert_board{
    "INSERT INTO board (channel, filter, severity, account, team, pinned_by, pinned_at) VALUES ($1, $2, $3, $4, $5, $6, $7) "
    "RETURNING id"};
constexpr Sql delete_board{"DELETE FROM board WHERE id = $1"};
constexpr Sql rename_surfaces{"UPDATE surface SET channel = $2, permalink = '' WHERE channel = $1"};
constexpr Sql rename_boards{"UPDATE board SET channel = $2 WHERE channel = $1"};
// From "C1:" up to what follows all that begin with it. What is there already under the new id stays.
constexpr Sql rename_messages{
    "UPDATE OR IGNORE source_link SET external_id = $2 || substr(external_id, length($1) + 1) WHERE system IN ('slack', "
    "'slack_thread') AND external_id >= $1 || ':' AND external_id < $1 || ';'"};
constexpr Sql upsert_setting{
    "INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value"};
constexpr Sql setting_by_name{"SELECT value FROM setting WHERE name = $1"};
constexpr Sql upsert_away{
    "INSERT INTO away (person, since, until) VALUES ($1, $2, $3) ON CONFLICT (person) DO UPDATE SET since = excluded.since, "
    "until = excluded.until"};
constexpr Sql away_of{"SELECT since, until FROM away WHERE person = $1"};
// What a channel is called after, by the id that it had; empty when it has that id again.
std::string renamed_to(std::string_view channel) { return fmt::format("channel_now:{}", channel); }

constexpr Sql delete_away{"DELETE FROM away WHERE person = $1"};

}  // namespace

std::optional<Surface> Snapshot::surface(std::string_view key) const {
    Rows rows(db_, surface_by_key, key);
    if (!rows.next()) return std::nullopt;
    return Surface{.key = std::string(key),
                   .escalation = EscalationId{rows.integer(0)},
                   .channel = rows.id<ChannelId>(1),
                   .ts = rows.id<MessageTs>(2),
                   .permalink = rows.string(3),
                   .content_hash = rows.string(4),
                   .updated_at = rows.instant(5)};
}

std::vector<Surface> Snapshot::surfaces(EscalationId id) const {
    std::vector<Surface> found;
    for (Rows rows(db_, surfaces_of, id); rows.next();)
        found.push_back({.key = rows.string(0),
                         .escalation = id,
                         .channel = rows.id<ChannelId>(1),
                         .ts = rows.id<MessageTs>(2),
                         .permalink = rows.string(3),
                         .content_hash = rows.string(4),
                         .updated_at = rows.instant(5)});
    return found;
}

std::vector<EscalationId> Snapshot::shown_in(ChannelId const& channel, EscalationId before, int limit) const {
    std::vector<EscalationId> found;
    for (Rows rows(db_, shown_there, channel, before, limit); rows.next();) found.push_back(EscalationId{rows.integer(0)});
    return found;
}

std::vector<Board> Snapshot::boards() const {
    std::vector<Board> found;
    for (Rows rows(db_, all_boards); rows.next();) {
        Board board{.id = rows.integer(0), .channel = rows.id<ChannelId>(1)};
        board.list.filter = rows.enumerator(2, QueueFilter::open, QueueFilter::waiting);
        if (!rows.is_null(3)) board.list.severity = rows.enumerator(3, Severity::sev1, Severity::sev4);
        board.list.account = rows.string(4);
        board.list.team = rows.string(5);
        board.pinned_by = rows.id<PersonId>(6);
        board.pinned_at = rows.instant(7);
        found.push_back(std::move(board));
    }
    return found;
}

std::optional<Snapshot::Away> Snapshot::away(PersonId const& person) const {
    Rows rows(db_, away_of, person);
    if (!rows.next()) return std::nullopt;
    return Away{.since = rows.instant(0), .until = rows.instant(1)};
}

std::optional<std::string> Snapshot::setting(std::string_view name) const {
    Rows rows(db_, setting_by_name, name);
    if (!rows.next()) return std::nullopt;
    return rows.string(0);
}

SourceLink Snapshot::known_by_now(SourceLink link) const {
    if (link.system != slack_system && link.system != thread_system) return link;
    for (auto end = link.external_id.find(':'); end != std::string::npos; end = link.external_id.find(':')) {
        auto const now = setting(renamed_to(link.external_id.substr(0, end)));
        if (!now || now->empty()) break;
        link.external_id.replace(0, end, *now);
    }
    return link;
}

void Tx::save_surface(Surface const& surface) {
    sql::run(db_, upsert_surface, surface.key, surface.escalation, surface.channel, surface.ts, surface.permalink,
             surface.content_hash, surface.updated_at);
}

void Tx::forget_surface(std::string_view key) { sql::run(db_, delete_surface, key); }

Board Tx::pin_board(Board board) {
    auto const& list = board.list;
    for (Rows rows(db_, insert_board, board.channel, list.filter, list.severity, list.account, list.team, board.pinned_by,
                   board.pinned_at);
         rows.next();)
        board.id = rows.integer(0);
    notice_.boards_changed = true;
    return board;
}

void Tx::unpin_board(std::int64_t id) {
    sql::run(db_, delete_board, id);
    notice_.boards_changed = true;
}

void Tx::channel_renamed(ChannelId const& from, ChannelId const& to) {
    sql::run(db_, rename_surfaces, from, to);
    sql::run(db_, rename_messages, from, to);
    sql::run(db_, rename_boards, from, to);
    set_setting(renamed_to(from.value), to.value);
    set_setting(renamed_to(to.value), {});  // so that no id ever leads back to itself
}

void Tx::set_setting(std::string_view name, std::string_view value) { sql::run(db_, upsert_setting, name, value); }

void Tx::set_away(PersonId const& person, Away const& away) { sql::run(db_, upsert_away, person, away.since, away.until); }

void Tx::clear_away(PersonId const& person) { sql::run(db_, delete_away, person); }

}  // namespace esc
