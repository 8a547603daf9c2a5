#include "bot/run/delivery.hpp"

#include "handlers/asked.hpp"
#include "handlers/boards.hpp"
#include "handlers/rules/alerts.hpp"
#include "handlers/rules/merge.hpp"
#include "handlers/rules/outbox_items.hpp"

#include <utility>

namespace esc::run {

namespace {

Delivery load_board(Snapshot const& snapshot, OutboxRow row) {
    Delivery item;
    item.own = snapshot.surface(row.item.key);
    auto const fact = handlers::BoardFact::parse(row.item.body);
    for (auto const& board : snapshot.boards()) {
        if (handlers::board_key(board) == row.item.key)
            item.board = board;
        else if (fact && board.channel == fact->channel)
            item.board_end = views::BoardEnd::moved;
    }
    item.row = std::move(row);
    return item;
}

}  // namespace

Delivery Delivery::load(Snapshot const& snapshot, OutboxRow row) {
    if (row.item.kind == OutboxKind::board) return load_board(snapshot, std::move(row));
    Delivery item;
    item.escalation = snapshot.escalation(row.item.escalation);
    item.own = snapshot.surface(row.item.key);
    item.card = snapshot.surface(rules::card_key(row.item.escalation));
    if (row.item.kind == OutboxKind::card) {
        item.closed_clocks = snapshot.closed_clocks(row.item.escalation);
        item.links = snapshot.links(row.item.escalation);
        item.merged = rules::merged_into_it(snapshot.events(row.item.escalation, {EventType::absorbed}));
        if (item.escalation) item.asked = handlers::waits_to_be_resolved(*item.escalation, snapshot);
    }
    if (item.escalation && item.escalation->details.similar.number > 0) {
        // Nobody is asked to merge into what is over.
        auto const similar = snapshot.escalation(item.escalation->details.similar);
        if (!similar || !similar->open()) item.escalation->details.similar = {};
    }
    item.row = std::move(row);
    return item;
}

std::string Delivery::lane() const {
    // Slack paces what is posted to a place; a message that is there already waits for nobody.
    if (own) return row.item.key;
    switch (row.item.kind) {
        case OutboxKind::card:
            return escalation ? escalation->card_channel.value : row.item.key;
        case OutboxKind::status_reply:
        case OutboxKind::customer_reply:
            return escalation ? escalation->source.channel.value : row.item.key;
        case OutboxKind::alert: {
            auto const fact = rules::AlertFact::parse(row.item.body);
            if (fact && !fact->to.empty()) return fact->to.value;
            return card ? card->channel.value : row.item.key;
        }
        case OutboxKind::notice: {
            auto const fact = rules::NoticeFact::parse(row.item.body);
            return fact ? fact->to.value : row.item.key;
        }
        case OutboxKind::thread_note:
            return card ? card->channel.value : row.item.key;
        case OutboxKind::board:
            return board ? board->channel.value : row.item.key;
        case OutboxKind::locate:
        case OutboxKind::response:
        case OutboxKind::channel:
            break;
    }
    return row.item.key;
}

}  // namespace esc::run
