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

}  // namespace esc::sql
