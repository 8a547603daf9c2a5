// What an escalation adds to the header counts of the queue. The same answer is kept in its row and summed up in `tally`.
#pragma once

#include "store/model.hpp"

namespace esc {

struct Flags {
    bool open = false;
    bool unowned = false;
    bool at_risk = false;   // a point before the breach has passed on a running clock, and none is breached
    bool breached = false;  // a clock that has not stopped is breached
    bool waiting = false;
    friend bool operator==(Flags const&, Flags const&) = default;
};
[[nodiscard]] Flags flags_of(Escalation const& escalation);

}  // namespace esc
