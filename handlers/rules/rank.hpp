// Rank: one number for every channel, the effective deadline. Lower comes first. It needs no
// recomputation as time passes.
#pragma once

#include "store/model.hpp"

#include <cstdint>

namespace esc::rules {

// Earliest running due − head start of severity (SEV1 30 d, SEV2 3 d, SEV3 0, SEV4 −1 d) − reopen 30 min − each hop 30 min −
// no owner 30 min. Without a running clock: after everything that has one.
[[nodiscard]] std::int64_t rank(Escalation const& escalation);

}  // namespace esc::rules
