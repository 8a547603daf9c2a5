// What somebody was promised until when, and that it was kept.
#include "handlers/router.hpp"

namespace esc::handlers {

void register_promise(Router&) {}

}  // namespace esc::handlers
