// More stays open while one acts in it, and then shows what may be done next.
#pragma once

#include "handlers/router.hpp"

namespace esc::handlers {

// The plan of a button that was pressed in More: what acts at once, with nothing else to show, shows the list anew.
[[nodiscard]] Plan in_more(Plan plan, slack::BlockAction const& in, Env const& env);

}  // namespace esc::handlers
