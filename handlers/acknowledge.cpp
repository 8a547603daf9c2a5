// An alert was seen.
#include "handlers/router.hpp"

namespace esc::handlers {

void register_acknowledge(Router&) {}

}  // namespace esc::handlers
