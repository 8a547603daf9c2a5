// Helpers and watchers.
#include "handlers/router.hpp"

namespace esc::handlers {

void register_participants(Router&) {}

}  // namespace esc::handlers
