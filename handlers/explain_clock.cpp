// Every deadline and the rank, explained.
#include "handlers/router.hpp"

namespace esc::handlers {

void register_explain_clock(Router&) {}

}  // namespace esc::handlers
