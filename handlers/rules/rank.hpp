// Rank: one number for every channel, the effective deadline. Lower comes first. It needs no
// recomputation as time passes.
#pragma once

#include "bot/base/time.hpp"
#include "store/model.hpp"

#include <cstdint>
#include <vector>

namespace esc::rules {

// Earliest running due − head start of severity (SEV1 30 d, SEV2 3 d, SEV3 0, SEV4 −1 d) − reopen 30 min − each hop 30 min −
// each bounce by engineering 30 min − no owner 30 min. Without a running clock: after everything that has one.
[[nodiscard]] std::int64_t rank(Escalation const& escalation);

// What it is the sum of, in this order. Terms of nothing are left out, but for severity.
struct RankTerm {
    enum class What : std::uint8_t { deadline, no_deadline, severity, reopened, hops, bounces, no_owner } what = What::deadline;
    std::int64_t us = 0;                 // of `deadline` and `no_deadline` an instant, else less the head start
    ClockKind clock = ClockKind::owner;  // of `deadline`: whose
    friend bool operator==(RankTerm const&, RankTerm const&) = default;
};
[[nodiscard]] std::vector<RankTerm> rank_terms(Escalation const& escalation);

}  // namespace esc::rules
