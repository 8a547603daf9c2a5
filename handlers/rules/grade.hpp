// The level that was warranted by what could be known then: said by who resolves it where it is not the one it had, and settled
// by a lead or manager. It changes neither severity nor clocks; what nobody has settled stays listed.
#pragma once

#include "bot/base/result.hpp"
#include "handlers/rules/access.hpp"
#include "handlers/rules/alerts.hpp"
#include "store/model.hpp"

namespace esc::rules {

// Of what is being resolved. By a lead or manager it is settled at once; else the leads are asked.
void warrant(Decision& decision, Severity level, Ladder const& ladder, By const& by);
// By the table, and something waits.
[[nodiscard]] Result<void> may_grade(Escalation const& before, By const& by);
[[nodiscard]] Result<Decision> grade(Escalation const& before, Severity level, By const& by);

}  // namespace esc::rules
