// A manager's or lead's word on what was asked for: transfers and severities.
#include "handlers/router.hpp"

namespace esc::handlers {

void register_approve(Router&) {}

}  // namespace esc::handlers
