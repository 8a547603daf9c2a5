// Brings a store to the version of this program, and refuses one that is ahead of it.
#include "store/sql/migrate.hpp"

#include "store/sql/query.hpp"

#include <fmt/core.h>

#include <cstddef>

namespace esc::sql {
namespace {

constexpr Sql version_sql{"PRAGMA user_version"};
constexpr Sql tables_sql{"SELECT count(*) FROM sqlite_schema"};

std::int64_t number(Connection& connection, Sql const& sql) {
    Rows rows(connection, sql);
    return rows.next() ? rows.integer(0) : 0;
}

}  // namespace

int stored_version(Connection& connection) { return static_cast<int>(number(connection, version_sql)); }

int migrate(Connection& connection, std::string_view name, std::vector<SchemaFile> const& files) {
    auto const latest = static_cast<int>(files.size());
    auto const refuse_newer = [&](int version) {
        if (version > latest)
            throw DatabaseError(fmt::format("{}: the store has version {}, this program knows {}", name, version, latest), 0);
    };
    auto const from = stored_version(connection);
    refuse_newer(from);
    for (auto version = from; version < latest;) {
        connection.begin(Mode::write);
        try {
            // Another process may have been faster while this one waited for its turn.
            version = stored_version(connection);
            refuse_newer(version);
            if (version == 0 && number(connection, tables_sql) != 0)
                throw DatabaseError(fmt::format("{}: this database belongs to something else", name), 0);
            if (version < latest) {
                connection.execute(std::string(files[static_cast<std::size_t>(version)].text));
                ++version;
                connection.execute(fmt::format("PRAGMA user_version = {}", version));
            }
            connection.commit();
        } catch (...) {
            connection.rollback();
            throw;
        }
    }
    return from;
}

}  // namespace esc::sql
