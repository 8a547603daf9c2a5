// The ledger read back: what an escalation's events, in order, say that it has become. Everything but the texts, which can be
// erased, the clocks and what follows from them, and hints that nothing is decided by.
#pragma once

#include "store/model.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace esc {

// An event `raised` that says "replay": 1 begins a ledger whose events tell enough. What was raised by an older version is not
// replayed. A fact that only events of a later version tell needs a higher number, and is compared from that number on.
inline constexpr std::int64_t replay_version = 1;

// What rules write into an event for it: the severity as it is from then on; what a merge or its end leaves, whose words count,
// what is promised and who takes part; and how many of the links are its own, which a thread is not.
void add_severity_facts(boost::json::object& facts, Details const& details);
void add_shared_facts(boost::json::object& facts, Details const& details);
[[nodiscard]] std::int64_t links_that_stay(std::vector<SourceLink> const& links);

struct Replayed {
    std::int64_t version = 0;  // 0: its events do not tell enough
    Escalation told{};         // without texts and clocks
    std::int64_t links = 0;    // how many; a thread goes to its newest escalation and does not count
};

// One event further. Total: what an event lacks or says wrongly reads as nothing.
void replay(Replayed& so_far, LedgerEvent const& event);

// In which facts the escalation is not what its ledger tells, one sentence each; nothing where the events do not tell enough.
[[nodiscard]] std::vector<std::string> differences(Replayed const& replayed, Escalation const& row, std::int64_t links);

}  // namespace esc
