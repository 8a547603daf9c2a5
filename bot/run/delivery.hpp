// An outbox item with what is needed to render it, and the ways a try to deliver it can end.
#pragma once

#include "handlers/rules/lifecycle.hpp"
#include "handlers/views/board.hpp"
#include "store/tx.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace esc::run {

// Read in one snapshot. A board is of no escalation.
struct Delivery {
    OutboxRow row{};
    std::optional<Escalation> escalation{};
    std::vector<SlaClock> closed_clocks{};                  // with a card
    std::vector<SourceLink> links{};                        // with a card
    std::vector<EscalationId> merged{};                     // into it; with a card
    std::optional<rules::ResolveRequest> asked{};           // that waits to be resolved; with a card
    std::optional<Surface> own{};                           // what this item made before
    std::optional<Surface> card{};                          // the escalation's card
    std::optional<Board> board{};                           // that is pinned; what it shows is read when it is sent
    views::BoardEnd board_end = views::BoardEnd::unpinned;  // of one that is not any more
    std::vector<OutboxItem> if_given_up{};          // what must become true instead, written together with the dead letter
    std::optional<std::int64_t> readers_version{};  // of the place, when it was asked who reads there
    std::optional<Instant> again_at{};              // what it shows changes then by itself
    [[nodiscard]] static Delivery load(Snapshot const& snapshot, OutboxRow row);
    // Where it goes: only one item at a time is posted to one place, or changes one message.
    [[nodiscard]] std::string lane() const;
};

enum class DeliveryEnd : std::uint8_t { posted, updated, unchanged, waiting, retry, dead, dropped };

}  // namespace esc::run
