#include "handlers/rules/rank.hpp"

#include "bot/base/time.hpp"

#include <chrono>

namespace esc::rules {
namespace {

using namespace std::chrono_literals;

// Behind every deadline there can be, with room for the head starts below.
constexpr std::int64_t behind_all_deadlines_us = std::int64_t{1} << 62;

Duration head_start(Severity severity) {
    switch (severity) {
        case Severity::sev1:
            return std::chrono::days{30};
        case Severity::sev2:
            return std::chrono::days{3};
        case Severity::sev3:
            return Duration{0};
        case Severity::sev4:
            return -std::chrono::days{1};
    }
    return Duration{0};
}

}  // namespace

std::vector<RankTerm> rank_terms(Escalation const& escalation) {
    SlaClock const* first = nullptr;
    for (auto const& clock : escalation.clocks)
        if (clock.running() && (first == nullptr || clock.due < first->due)) first = &clock;

    std::vector<RankTerm> terms;
    // Without a deadline, who waits longest comes first.
    if (first == nullptr)
        terms.push_back({RankTerm::What::no_deadline, behind_all_deadlines_us + to_us(escalation.opened_at)});
    else
        terms.push_back({RankTerm::What::deadline, to_us(first->due), first->kind});

    auto const ahead = [&](RankTerm::What what, Duration by) { terms.push_back({what, -by.count()}); };
    ahead(RankTerm::What::severity, head_start(escalation.severity));
    if (escalation.reopen_count > 0) ahead(RankTerm::What::reopened, 30min);
    if (escalation.hops > 0) ahead(RankTerm::What::hops, escalation.hops * Duration{30min});
    if (escalation.details.bounces > 0) ahead(RankTerm::What::bounces, escalation.details.bounces * Duration{30min});
    if (!escalation.owned()) ahead(RankTerm::What::no_owner, 30min);
    return terms;
}

std::int64_t rank(Escalation const& escalation) {
    std::int64_t sum = 0;
    for (auto const& term : rank_terms(escalation)) sum += term.us;
    return sum;
}

}  // namespace esc::rules
