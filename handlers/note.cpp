// A note for the record and the thread.
#include "handlers/router.hpp"

namespace esc::handlers {

void register_note(Router&) {}

}  // namespace esc::handlers
