#include "handlers/boards.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace esc::handlers {
namespace json = boost::json;

namespace {

bool leads(Person const& person, std::string_view team) {
    if (!team.empty()) return person.in(team) >= Role::lead;
    return person.role >= Role::lead || std::any_of(person.team_roles.begin(), person.team_roles.end(),
                                                    [](TeamRole const& one) { return one.role >= Role::lead; });
}

}  // namespace

Result<void> may_pin(Person const& actor, std::string_view team) {
    if (actor.active && (leads(actor, team) || actor.admin)) return {};
    auto const who = team.empty() ? std::string{"leads, managers"} : fmt::format("leads and managers of team {}", team);
    return fail(Errc::forbidden, "Only {} and admins can pin a board or take it away. Ask one of them.", who);
}

Board const* board_in(std::vector<Board> const& boards, ChannelId const& channel) {
    auto const found = std::find_if(boards.begin(), boards.end(), [&](Board const& one) { return one.channel == channel; });
    return found == boards.end() ? nullptr : &*found;
}

std::string board_key(Board const& board) { return fmt::format("board:{}", board.id); }

std::string BoardFact::body() const {
    return json::serialize(json::object{{"channel", channel.value}, {"answer_to", answer_to}});
}

Result<BoardFact> BoardFact::parse(std::string_view body) {
    boost::system::error_code error;
    auto const value = json::parse(body, error);
    if (error || !value.is_object()) return fail(Errc::invalid, "expected a JSON object");
    auto const* channel = value.get_object().if_contains("channel");
    auto const* answer_to = value.get_object().if_contains("answer_to");
    if (channel == nullptr || !channel->is_string() || channel->get_string().empty())
        return fail(Errc::invalid, "channel: expected a text");
    if (answer_to == nullptr || !answer_to->is_string()) return fail(Errc::invalid, "answer_to: expected a text");
    return BoardFact{{std::string{channel->get_string()}}, std::string{answer_to->get_string()}};
}

OutboxItem board_item(Board const& board, Instant due_at, std::string const& answer_to) {
    return {.key = board_key(board),
            .kind = OutboxKind::board,
            .escalation = {},
            .body = BoardFact{board.channel, answer_to}.body(),
            .due_at = due_at};
}

// One that cannot be seen yet is asked for already, and whom to answer if it cannot stand there.
std::vector<OutboxItem> renewed_boards(Snapshot const& snapshot, Instant due_at) {
    std::vector<OutboxItem> items;
    for (auto const& board : snapshot.boards())
        if (snapshot.surface(board_key(board))) items.push_back(board_item(board, due_at));
    return items;
}

}  // namespace esc::handlers
