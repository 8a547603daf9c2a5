// Not an escalation, says a lead.
#include "handlers/router.hpp"

namespace esc::handlers {

void register_decline(Router&) {}

}  // namespace esc::handlers
