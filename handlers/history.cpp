// What happened, in order.
#include "handlers/router.hpp"

namespace esc::handlers {

void register_history(Router&) {}

}  // namespace esc::handlers
