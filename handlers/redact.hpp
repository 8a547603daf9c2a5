// Texts are erased by an admin's command or when they are older than [retention] allows. Raised by the program, not by a route.
#pragma once

#include "bot/base/result.hpp"
#include "bot/base/time.hpp"
#include "store/tx.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace esc::handlers {

// One of the three.
struct Redaction {
    std::optional<EscalationId> key{};
    PersonId author{};                                 // everything that person wrote, wherever
    std::optional<Instant> over_before{};              // everything about what was over before that
    EscalationId after{};                              // goes on behind this one
    std::optional<std::vector<EscalationId>> found{};  // by `redactions`, so that the writer need not look
    int limit = 100;                                   // escalations in one go
};
struct Redacted {
    std::int64_t escalations = 0;
    std::int64_t texts = 0;  // of the ledger
    EscalationId last{};     // where the next go begins
    bool more = false;
};
// Which escalations are concerned, at most `limit`. Looks through everything: for a reader.
[[nodiscard]] Result<std::vector<EscalationId>> redactions(Snapshot const& snapshot, Redaction const& what);
// To be run in a transaction, again with `after = last` while there is more. Cards and messages of ours that show a text are
// asked to be written anew. Errc::not_found for a key that is none.
[[nodiscard]] Result<Redacted> redact(Tx& tx, Redaction const& what, Instant now);
// The same without doing it.
[[nodiscard]] Result<Redacted> count_redactions(Snapshot const& snapshot, Redaction const& what);

}  // namespace esc::handlers
