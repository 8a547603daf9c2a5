// The board: one message for all who read in a channel, with the most urgent of a list.
#pragma once

#include "bot/base/config.hpp"
#include "bot/slack/blocks.hpp"
#include "handlers/views/views.hpp"
#include "store/tx.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace esc::views {

struct BoardPage {
    Board board{};
    std::vector<QueueRow> rows{};  // the most urgent, at most handlers::board_rows
    bool more = false;             // there are others in the list
    QueueCounts counts{};
    Instant now{};
};
[[nodiscard]] slack::blocks::Message board(BoardPage const& page, Config const& config);

// Why a board does not stand where it stood, or cannot.
enum class BoardEnd : std::uint8_t { unpinned, moved, deleted, outsiders, guests, direct, not_a_member, archived, refused };
[[nodiscard]] std::string_view to_string(BoardEnd why) noexcept;
// What its message becomes. People from outside may read it.
[[nodiscard]] slack::blocks::Message board_gone(BoardEnd why);
// To who pinned it: why it cannot stand there, and what to do.
[[nodiscard]] slack::blocks::Message board_impossible(BoardEnd why, PersonId const& bot, Config const& config);

}  // namespace esc::views
