// The handoff note.
#include "handlers/router.hpp"

namespace esc::handlers {

void register_brief(Router&) {}

}  // namespace esc::handlers
