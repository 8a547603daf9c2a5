// Two that are one, and apart again.
#include "handlers/router.hpp"

namespace esc::handlers {

void register_merge(Router&) {}

}  // namespace esc::handlers
