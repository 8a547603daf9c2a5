// "Escalate message" on any message.
#include "handlers/router.hpp"

namespace esc::handlers {

void register_message_shortcut(Router&) {}

}  // namespace esc::handlers
