// What is said, edited and deleted in the threads of escalations.
#include "handlers/router.hpp"

namespace esc::handlers {

void register_message(Router&) {}

}  // namespace esc::handlers
