// What most escalations never have, as one text column: a JSON object that names only what differs from nothing.
#pragma once

#include "store/model.hpp"

#include <string>
#include <string_view>

namespace esc {

[[nodiscard]] std::string pack_details(Details const& details);  // empty when there is nothing
// Throws sql::DatabaseError for what pack_details did not write. Unknown keys are damage, too: an older program must not drop
// what a newer one wrote.
[[nodiscard]] Details unpack_details(std::string_view packed);

}  // namespace esc
