// Delivers one outbox item: renders it from the newest state, calls Slack, has the outcome written down. The relay decides
// which item and when.
#pragma once

#include "bot/base/config.hpp"
#include "bot/base/time.hpp"
#include "bot/run/delivery.hpp"
#include "bot/run/directory.hpp"
#include "bot/run/outcomes.hpp"
#include "bot/run/patient_calls.hpp"
#include "bot/run/web_client.hpp"
#include "bot/slack/blocks.hpp"
#include "bot/slack/web_api.hpp"
#include "handlers/located.hpp"
#include "handlers/router.hpp"
#include "handlers/rules/alerts.hpp"
#include "store/store.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace esc::run {

class Courier {
public:
    Courier(Clock& clock, Store& store, Directory& directory, WebClient& web, std::shared_ptr<Config const> config);

    // Marks our own messages: those of another store are never taken for ours.
    void installation(std::string id) { installation_ = std::move(id); }
    // Never throws for what Slack says; throws when the store cannot write down the outcome.
    boost::asio::awaitable<DeliveryEnd> deliver(Delivery item);
    // The card with the time that has passed, if that shows; of no outbox row. What goes wrong is left to the next change, but
    // for a card that is gone: that is asked for anew.
    boost::asio::awaitable<DeliveryEnd> tick(Delivery item);
    // Calls that are with the web client: sent, or waiting for their turn.
    [[nodiscard]] std::size_t calling() const { return calls_.under_way(); }

private:
    boost::asio::awaitable<DeliveryEnd> locate(Delivery item);  // bot/run/locate.cpp
    boost::asio::awaitable<DeliveryEnd> card(Delivery item);
    boost::asio::awaitable<DeliveryEnd> status_reply(Delivery item);
    boost::asio::awaitable<DeliveryEnd> before_outsiders(Delivery item);
    boost::asio::awaitable<DeliveryEnd> alert(Delivery item);
    boost::asio::awaitable<DeliveryEnd> response(Delivery item);
    boost::asio::awaitable<DeliveryEnd> notice(Delivery item);
    boost::asio::awaitable<DeliveryEnd> thread_note(Delivery item);
    boost::asio::awaitable<DeliveryEnd> board(Delivery item);  // bot/run/board.cpp
    boost::asio::awaitable<Result<std::optional<views::BoardEnd>>> board_unfit(Delivery const& item);
    boost::asio::awaitable<DeliveryEnd> take_board_away(Delivery item, views::BoardEnd why);
    boost::asio::awaitable<DeliveryEnd> board_over(Delivery item, views::BoardEnd why);
    boost::asio::awaitable<DeliveryEnd> customer_reply(Delivery item);
    boost::asio::awaitable<DeliveryEnd> channel(Delivery item);
    boost::asio::awaitable<DeliveryEnd> may_it_stay(Delivery item);

    // Marks a message as ours.
    [[nodiscard]] slack::PostMetadata mark_of(OutboxRow const& row) const;
    [[nodiscard]] Surface surface_of(Delivery const& item, slack::Posted const& posted, std::string hash) const;
    boost::asio::awaitable<Result<bool>> outsiders_read(Delivery const& item, ChannelId place, ChannelId sent_to);
    boost::asio::awaitable<Result<bool>> outsiders_in(ChannelId channel, MessageTs thread);
    // Somebody from outside who has written in a thread, and what people said there before an instant, oldest first.
    struct Thread {
        std::optional<PersonId> outsider{};
        std::vector<rules::SaidBefore> said{};
        rules::ThreadRead read = rules::ThreadRead::whole;  // in part: whoever has written further down may be from outside
    };
    boost::asio::awaitable<Result<Thread>> read_thread(ChannelId channel, MessageTs thread, std::optional<Instant> said_before);
    boost::asio::awaitable<DeliveryEnd> not_told(Delivery item, Error error);
    boost::asio::awaitable<void> also_to(std::vector<OutboxItem> others);
    boost::asio::awaitable<DeliveryEnd> kept_inside(Delivery item, bool under_card);
    // Posts it or changes what stands there, if only colleagues read it.
    boost::asio::awaitable<DeliveryEnd> show(Delivery item, slack::Post post);
    boost::asio::awaitable<DeliveryEnd> post(Delivery item, slack::Post post);
    enum class After : std::uint8_t { nothing, withdrawal };  // of a card that was withdrawn: see card_left
    boost::asio::awaitable<DeliveryEnd> change(Delivery item, slack::blocks::Message message, After after = After::nothing);
    [[nodiscard]] WebClient::Still while_the_same_read(Delivery const& item, ChannelId channel) const;
    boost::asio::awaitable<DeliveryEnd> card_left(Delivery item);
    boost::asio::awaitable<DeliveryEnd> post_anew(Delivery item);
    boost::asio::awaitable<DeliveryEnd> lost_card(Delivery item);
    boost::asio::awaitable<DeliveryEnd> card_moves(Delivery item);
    boost::asio::awaitable<DeliveryEnd> place_inside(Delivery item);
    boost::asio::awaitable<Result<void>> recall(Delivery& item, slack::Post post);
    [[nodiscard]] handlers::Env env_of(Delivery const& item) const;
    [[nodiscard]] rules::Ladder ladder_of(Delivery const& item) const;
    boost::asio::awaitable<DeliveryEnd> record(Delivery item, slack::Posted posted, std::string hash, ChannelId moved_to = {});
    boost::asio::awaitable<std::string> permalink(Surface surface);
    boost::asio::awaitable<Result<std::optional<std::pair<ChannelId, slack::Posted>>>> card_to_people(Delivery const& item,
                                                                                                      slack::Post post);

    Clock& clock_;
    Store& store_;
    Directory& directory_;
    std::shared_ptr<Config const> config_;
    PatientCalls calls_;
    Outcomes outcomes_;
    std::string installation_{};
};

}  // namespace esc::run
