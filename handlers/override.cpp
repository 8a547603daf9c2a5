// A manager moves the owner; in an emergency a lead or admin does.
#include "handlers/router.hpp"

namespace esc::handlers {

void register_override(Router&) {}

}  // namespace esc::handlers
