// Another severity: at once, or as a request.
#include "handlers/router.hpp"

namespace esc::handlers {

void register_severity(Router&) {}

}  // namespace esc::handlers
