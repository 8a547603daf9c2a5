// The App Home: the live queue of one person.
#include "handlers/router.hpp"

namespace esc::handlers {

void register_home(Router&) {}

}  // namespace esc::handlers
