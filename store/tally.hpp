// What lists are made by, derived from an escalation when its row is written. What the header counts is summed up in `tally`.
#pragma once

#include "store/model.hpp"

namespace esc {

struct Flags {
    bool open = false;
    bool unowned = false;
    bool at_risk = false;   // a point before the breach has passed on a running clock, and none is breached
    bool breached = false;  // a clock that has not stopped is breached
    bool waiting = false;
    bool awaiting = false;  // a lead's or manager's word: not counted
    PersonId acting{};      // who covers for the owner: not counted
    friend bool operator==(Flags const&, Flags const&) = default;
};
[[nodiscard]] Flags flags_of(Escalation const& escalation);

}  // namespace esc
