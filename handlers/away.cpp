// Somebody is away, or not there any more, and what that means for what they own.
#include "handlers/router.hpp"

namespace esc::handlers {

void register_away(Router&) {}

}  // namespace esc::handlers
