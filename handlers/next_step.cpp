// What happens next.
#include "handlers/router.hpp"

namespace esc::handlers {

void register_next_step(Router&) {}

}  // namespace esc::handlers
