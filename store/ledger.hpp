// The ledger's hash chain. Each escalation has a chain of its own, whose head lies in its row; anchors bind all events to
// their order over the whole store, so that what is missing at the end of it is noticed as well.
#pragma once

#include "store/model.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace esc::sql {
class Connection;
}

namespace esc::ledger {

struct Chain {
    std::int64_t count = 0;
    Digest head{};
};

// An event with its place in the chain, ready to be written.
struct Sealed {
    LedgerEvent const* event = nullptr;
    std::int64_t number = 0;
    std::string salt{};         // with a text
    std::string text_digest{};  // 32 bytes, or empty without a text
    Digest previous{};
    Digest hash{};
};

[[nodiscard]] std::string text_digest(std::string_view salt, std::string_view text);
[[nodiscard]] Digest hash_of(Digest const& previous, EscalationId escalation, std::int64_t number, LedgerEvent const& event,
                             std::string_view text_digest);
// Extends `chain` by the events, which must outlive what is returned.
[[nodiscard]] std::vector<Sealed> seal(EscalationId escalation, Chain& chain, std::vector<LedgerEvent> const& events);
void insert(sql::Connection& connection, EscalationId escalation, std::vector<Sealed> const& events);

// One event as stored, with what verify needs besides: columns in the order of the queries in ledger.cpp.
struct Row {
    StoredEvent stored{};
    std::string text_digest{};
    std::string salt{};  // empty when the text is erased or there is none
};
// Calls `use` for each event of an escalation in order of number.
void each_event(sql::Connection& connection, EscalationId escalation, std::function<void(Row&)> const& use);

struct Anchor {
    std::int64_t id = 0;
    std::int64_t upto = 0;  // the last event it binds
    Instant recorded_at{};  // of that event
    Digest previous{};
    Digest hash{};
};
[[nodiscard]] Digest anchor_hash(Anchor const& anchor, std::int64_t previous_upto, std::string_view event_hashes);

enum class AnchorWhen : std::uint8_t { due, now };
// Writes an anchor over the events since the last one: `due` when there are many of them or a day (UTC) has ended, `now` when
// there is any. Inside a write transaction.
void anchor(sql::Connection& connection, AnchorWhen when);

}  // namespace esc::ledger
