// A link to where else it lives.
#include "handlers/router.hpp"

namespace esc::handlers {

void register_link(Router&) {}

}  // namespace esc::handlers
