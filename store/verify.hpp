// The check behind verify_store, over any connection.
#pragma once

#include "store/store.hpp"

namespace esc {

// Reads everything in one read transaction. Throws sql::DatabaseError when the store cannot be read at all.
[[nodiscard]] Verification verify(sql::Connection& connection);

// Errc::invalid unless `url` is an address of a store.
[[nodiscard]] Result<void> check_store_url(std::string const& url);

}  // namespace esc
