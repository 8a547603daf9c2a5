// Boards: who may pin one, and how its message is asked for. Where one may stand is known only when Slack has been asked, which
// the relay does.
#pragma once

#include "bot/base/result.hpp"
#include "bot/base/time.hpp"
#include "handlers/people.hpp"
#include "store/tx.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace esc::handlers {

inline constexpr std::size_t boards_max = 10;  // each spends some of what Slack grants
inline constexpr int board_rows = 15;

// To pin one, move it or take it away: leads and managers of the team whose list it is, of any team where it is everybody's;
// admins.
[[nodiscard]] Result<void> may_pin(Person const& actor, std::string_view team);
[[nodiscard]] Board const* board_in(std::vector<Board> const& boards, ChannelId const& channel);

[[nodiscard]] std::string board_key(Board const& board);  // "board:7": also the key of the board's surface
// Where it stands, also when nothing else tells it any more, and the response_url of who has just pinned it.
struct BoardFact {
    ChannelId channel{};
    std::string answer_to{};                 // may be empty
    [[nodiscard]] std::string body() const;  // JSON
    [[nodiscard]] static Result<BoardFact> parse(std::string_view body);
};
// Desired state: the newest list, or that the board is taken away.
[[nodiscard]] OutboxItem board_item(Board const& board, Instant due_at, std::string const& answer_to = {});
// Those that can be seen are to show the newest state.
[[nodiscard]] std::vector<OutboxItem> renewed_boards(Snapshot const& snapshot, Instant due_at);

}  // namespace esc::handlers
