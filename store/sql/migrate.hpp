// Schema files in order, applied once each. The version in the store is the number of the last one.
#pragma once

#include <string_view>
#include <vector>

namespace esc::sql {

class Connection;

struct SchemaFile {
    std::string_view name;  // "0001_init.sqlite.sql"
    std::string_view text;
};
[[nodiscard]] std::vector<SchemaFile> const& schema_files();  // generated at build

[[nodiscard]] int stored_version(Connection& connection);
// Applies the files the store has not seen, each in a transaction of its own, and returns the version it found. Throws
// DatabaseError when the store is newer than `files`, or holds tables of somebody else.
int migrate(Connection& connection, std::string_view name, std::vector<SchemaFile> const& files = schema_files());

}  // namespace esc::sql
