// Words for what came without any: nothing is copied from a private channel.
#pragma once

#include "bot/base/result.hpp"
#include "handlers/rules/access.hpp"
#include "store/model.hpp"

#include <string>

namespace esc::rules {

// What was raised from a private channel has no words until who raised it finds some, who may change them again; nobody else,
// since they go with the raiser's texts when those are erased.
[[nodiscard]] Result<void> may_describe(Escalation const& before, By const& by);
[[nodiscard]] Result<Decision> describe(Escalation const& before, std::string const& title, std::string const& description,
                                        By const& by);

}  // namespace esc::rules
