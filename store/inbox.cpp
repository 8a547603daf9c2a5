// Accepting keys and forgetting old ones.
#include "store/inbox.hpp"

#include "store/sql/query.hpp"
#include "store/tx.hpp"

#include <algorithm>

namespace esc {
namespace {

constexpr sql::Sql insert_key{"INSERT INTO inbox (key, received_at) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING"};
// The lowest ids are the oldest; a young key among them waits and lets the others go.
constexpr sql::Sql delete_oldest{
    "DELETE FROM inbox WHERE id IN (SELECT id FROM inbox ORDER BY id LIMIT $2) AND received_at < $1"};

}  // namespace

bool inbox::accept(sql::Connection& connection, std::string_view key, Instant received_at) {
    return sql::run(connection, insert_key, key, received_at) == 1;
}

int Tx::prune_inbox(Instant before, int limit) {
    return static_cast<int>(sql::run(db_, delete_oldest, before, std::max(limit, 0)));
}

}  // namespace esc
