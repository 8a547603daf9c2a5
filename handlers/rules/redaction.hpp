// Erasing what people wrote while the ledger still verifies: it keeps only salted digests of texts, which lie in a table of
// their own.
#pragma once

#include "handlers/rules/access.hpp"
#include "store/model.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace esc::rules {

inline constexpr std::string_view erased_text = "(erased)";

// The escalation without the texts of everybody, or of one author; with the event that says so. Nothing when there is none left
// to erase. The ledger's own texts are erased by the handler, which sees the store.
[[nodiscard]] std::optional<Decision> redact(Escalation const& before, std::optional<PersonId> const& author, By const& by);

// Whether that text of its ledger is the person's: what it was raised and located with is the words of its message's author, too.
[[nodiscard]] bool wrote(Escalation const& escalation, LedgerEvent const& event, PersonId const& person);

}  // namespace esc::rules
