// Two that are one: folded into a parent, and taken out again within seven days.
#pragma once

#include "bot/base/result.hpp"
#include "handlers/rules/access.hpp"
#include "store/model.hpp"

#include <utility>
#include <vector>

namespace esc::rules {

struct MergeDecision {
    Decision merged{};  // the one that ends
    Decision parent{};
};
// Same account (or one of them unknown), or a manager; the actor may merge both. The merged one's clocks are cancelled, its
// links and participants move; the parent keeps the earliest start and the strictest due of each kind of clock.
[[nodiscard]] Result<MergeDecision> merge(Escalation const& before, Escalation const& parent,
                                          std::vector<SourceLink> const& links, By const& by);
// Back to the state it had, clocks go on with the time they had used. The parent keeps its clocks.
[[nodiscard]] Result<MergeDecision> unmerge(Escalation const& before, Escalation const& parent,
                                            std::vector<SourceLink> const& links, By const& by);

}  // namespace esc::rules
