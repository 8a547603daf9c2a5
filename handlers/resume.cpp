// Back to work, by the owner; or given back, by an engineer.
#include "handlers/router.hpp"

namespace esc::handlers {

void register_resume(Router&) {}

}  // namespace esc::handlers
