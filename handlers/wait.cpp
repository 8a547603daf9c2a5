// Waiting on the customer, a vendor or engineering.
#include "handlers/router.hpp"

namespace esc::handlers {

void register_wait(Router&) {}

}  // namespace esc::handlers
