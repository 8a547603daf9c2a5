// The owner asks managers for another owner.
#include "handlers/router.hpp"

namespace esc::handlers {

void register_transfer(Router&) {}

}  // namespace esc::handlers
