// A board: posted once where only colleagues read, changed as the queue changes, and taken away when it was unpinned or can no
// longer stand there.
#include "handlers/views/board.hpp"
#include "bot/base/log.hpp"
#include "bot/run/courier.hpp"
#include "bot/run/store_calls.hpp"
#include "handlers/boards.hpp"
#include "handlers/rules/outbox_items.hpp"

#include <memory>
#include <utility>

namespace esc::run {

namespace asio = boost::asio;
using views::BoardEnd;

namespace {

views::BoardPage page_of(Snapshot const& snapshot, Board const& board) {
    views::BoardPage page{.board = board, .counts = snapshot.queue_counts()};
    auto list = board.list;
    list.limit = handlers::board_rows + 1;  // one more tells whether there are others
    for (auto& escalation : snapshot.queue(list)) {
        page.more = page.rows.size() == handlers::board_rows;
        if (page.more) break;
        auto card = snapshot.surface(rules::card_key(escalation.id));
        page.rows.push_back({std::move(escalation), card ? std::move(card->permalink) : std::string{}});
    }
    return page;
}

}  // namespace

// Nothing: it may stand there. An error: Slack does not tell for now.
asio::awaitable<Result<std::optional<BoardEnd>>> Courier::board_unfit(Delivery const& item) {
    auto const& place = item.board->channel;
    auto const outsiders = co_await outsiders_read(item, place, {});
    if (!outsiders) co_return outsiders.error();
    if (*outsiders) co_return BoardEnd::outsiders;
    auto const channel = co_await calls_.channel(place);
    if (!channel && channel.error().code == Errc::not_found) co_return BoardEnd::not_a_member;  // nor is it seen from outside
    if (!channel) co_return channel.error();
    if (channel->direct) co_return BoardEnd::direct;
    if (channel->archived) co_return BoardEnd::archived;
    if (!channel->member) co_return BoardEnd::not_a_member;
    auto const guests = co_await calls_.outsider_among(place);
    if (!guests) co_return guests.error();
    if (*guests) co_return BoardEnd::guests;
    co_return std::nullopt;
}

asio::awaitable<DeliveryEnd> Courier::board(Delivery item) {
    if (!item.board) {
        auto const why = item.board_end;
        co_return co_await take_board_away(std::move(item), why);
    }
    item.readers_version = directory_.readers_version(item.board->channel);
    auto const unfit = co_await board_unfit(item);
    if (!unfit) co_return co_await not_told(std::move(item), unfit.error());
    if (*unfit) co_return co_await take_board_away(std::move(item), **unfit);
    // Only now: a list that finds little looks through much, which nothing that is more urgent waits for.
    auto const page = std::make_shared<views::BoardPage>();
    co_await read(store_, [page, board = *item.board](Snapshot const& snapshot) { *page = page_of(snapshot, board); });
    page->now = clock_.now();
    slack::Post post{.channel = item.board->channel, .thread_ts = {}, .message = views::board(*page, *config_), .metadata = {}};
    if (item.own) co_return co_await change(std::move(item), std::move(post.message));
    co_return co_await this->post(std::move(item), std::move(post));
}

// What stands there, or may have been posted just before a crash, tells nothing from then on. Who has just asked for it is told
// why it cannot be: twice, after a crash, rather than not at all.
asio::awaitable<DeliveryEnd> Courier::take_board_away(Delivery item, BoardEnd why) {
    auto fact = handlers::BoardFact::parse(item.row.item.body);
    if (!fact) co_return co_await outcomes_.unreadable(std::move(item), fact.error());
    slack::Post const post{.channel = fact->channel, .thread_ts = {}, .message = {}, .metadata = {}};
    auto const recalled = co_await recall(item, post);
    // Where we are not, there is nothing to be found and nothing to be changed.
    if (!recalled && recalled.error().code != Errc::not_found && recalled.error().code != Errc::forbidden)
        co_return co_await outcomes_.failed(std::move(item), recalled.error(), Outcomes::Lost::possible);
    if (item.own) {
        auto const answer = co_await calls_.call(slack::chat_update(item.own->channel, item.own->ts, views::board_gone(why)));
        if (!answer && (is_transient(answer.error().code) || slack::is_about_token(answer.error().cause)))
            co_return co_await outcomes_.failed(std::move(item), answer.error(), Outcomes::Lost::impossible);
    } else if (item.board && !fact->answer_to.empty()) {
        auto const said = views::board_impossible(why, directory_.identity().bot_user, *config_);
        auto const answered = co_await calls_.respond(std::move(fact->answer_to), slack::ephemeral_json(said));
        if (!answered) log::debug("board_refusal_not_told", {{"error", answered.error().message}});
    }
    co_return co_await board_over(std::move(item), why);
}

asio::awaitable<DeliveryEnd> Courier::board_over(Delivery item, BoardEnd why) {
    auto const key = item.row.item.key;
    log::info("board_over", {{"key", key}, {"why", views::to_string(why)}});
    auto const board = item.board ? item.board->id : 0;
    co_await outcomes_.save([key, board, id = item.row.id, generation = item.row.generation](Tx& tx) {
        if (board != 0) tx.unpin_board(board);
        tx.forget_surface(key);
        tx.outbox_done(id, generation);
    });
    co_return DeliveryEnd::dropped;
}

}  // namespace esc::run
