// Two that are one: folded into a parent, and taken out again within seven days.
#pragma once

#include "bot/base/config.hpp"
#include "bot/base/result.hpp"
#include "handlers/rules/access.hpp"
#include "handlers/rules/alerts.hpp"
#include "store/model.hpp"

#include <optional>
#include <vector>

namespace esc::rules {

struct MergeDecision {
    Decision merged{};  // the one that ends
    Decision parent{};
    std::vector<Decision> between{};  // of an unmerge: Undoing::between
    std::vector<Decision> later{};    // of an unmerge: those of Host::others_since that gave the parent a time after it
};
// Both are open, the actor may merge both, and they have the same account (or one of them none), or it is a manager's doing. The
// merged one's clocks are cancelled and kept for an unmerge; its links and participants move, who owned and who raised it watch
// the parent. The parent keeps the earliest start and the strictest due of each kind of clock; what the customer of the merged
// one is still owed, an answer, a promise, a resolution, it owes from now on. `links`: all that belong to `before`.
[[nodiscard]] Result<MergeDecision> merge(Escalation const& before, Escalation const& parent,
                                          std::vector<SourceLink> const& links, By const& by);
// Back to the state it had, as if it had never been merged: what it owes to a customer runs on from where it started, and what
// the parent's customers and colleagues said meanwhile counts for it. Time to owner, to accept and to engineering stand still for
// the time of the merge, in which nobody could act. The rung that a clock has come to is told at once. The parent gets its own
// clocks back where nothing has happened to them since, and loses the people and the customer that came of the merged one alone.
// With others merged in since it keeps the stricter time, and gets its own back with the last of them.
// Where the merge's parent was merged on, what lies between becomes what it would be without the merged one.
[[nodiscard]] Result<void> may_unmerge(Escalation const& before, By const& by);
struct Undoing {                      // what the ledger tells about the merge and the time since
    std::vector<SourceLink> links{};  // those to give back
    struct Host {                     // of one in which it went on
        // Others that were merged into it and still are: whose debt its clocks are cannot be told apart. Oldest first.
        std::vector<Escalation> others_since{};
        Promise promise{};  // the texts of the promise that gave way, Merge::parent_promise
        // Its conversation without the merged one's.
        PersonId customer{};
        std::optional<Instant> customer_wrote_at{};
        std::optional<Instant> replied_at{};  // to anybody
    };
    Host parent{};
    struct Between {
        Escalation before{};
        Host host{};
    };
    std::vector<Between> between{};  // merged on, one into the next, before it came to the parent
    struct Word {
        Instant at{};
        bool by_customer = false;  // by the one of the merged one; else an answer, seen or stated
    };
    std::vector<Word> talk{};  // in the order in which it was said
    struct PromiseOver {
        Instant at{};
        bool kept = false;  // else another one took its place
    };
    std::optional<PromiseOver> promise_over{};  // of the merged one's, where the parent took it
};
[[nodiscard]] Result<MergeDecision> unmerge(Escalation const& before, Escalation const& parent, Undoing const& undoing,
                                            Config const& config, Ladder const& ladder, By const& by);
// The merged one's promise became the parent's: it had none, or one that gave way.
[[nodiscard]] bool took_promise(Merge const& how);

// Which ones were merged into it and still are, of its `absorbed` events in order.
[[nodiscard]] std::vector<EscalationId> merged_into_it(std::vector<StoredEvent> const& absorbed);
// The links that a merge moved, as its event keeps them; none in an event of another kind.
[[nodiscard]] std::vector<SourceLink> moved_links(LedgerEvent const& event);

}  // namespace esc::rules
