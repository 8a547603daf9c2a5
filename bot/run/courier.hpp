// Delivers one outbox item: renders it from the newest state, calls Slack, writes down what came of it. The relay decides
// which item and when; this decides what each answer of Slack means.
#pragma once

#include "bot/base/config.hpp"
#include "bot/base/time.hpp"
#include "bot/run/directory.hpp"
#include "bot/run/web_client.hpp"
#include "store/store.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace esc::run {

// An item with what is needed to render it, read in one snapshot.
struct Delivery {
    OutboxRow row{};
    std::optional<Escalation> escalation{};
    std::optional<Surface> own{};   // what this item made before
    std::optional<Surface> card{};  // the escalation's card
    [[nodiscard]] static Delivery load(Snapshot const& snapshot, OutboxRow row);
    // Where it goes: only one item at a time to one place.
    [[nodiscard]] std::string lane() const;
};

enum class DeliveryEnd : std::uint8_t { posted, updated, unchanged, waiting, retry, dead, dropped };

class Courier {
public:
    Courier(Clock& clock, Store& store, Directory& directory, WebClient& web, std::shared_ptr<Config const> config);

    void installation(std::string id) { installation_ = std::move(id); }
    // Never throws for what Slack says; throws when the store cannot write down the outcome.
    boost::asio::awaitable<DeliveryEnd> deliver(Delivery item);
    // Calls that are with the web client: sent, or waiting for their turn.
    [[nodiscard]] std::size_t calling() const { return calling_; }

private:
    using Answer = Result<boost::json::object>;
    boost::asio::awaitable<DeliveryEnd> card(Delivery item);
    boost::asio::awaitable<DeliveryEnd> status_reply(Delivery item);
    boost::asio::awaitable<DeliveryEnd> alert(Delivery item);
    boost::asio::awaitable<DeliveryEnd> response(Delivery item);
    boost::asio::awaitable<DeliveryEnd> notice(Delivery item);
    boost::asio::awaitable<DeliveryEnd> locate(Delivery item);

    boost::asio::awaitable<DeliveryEnd> post(Delivery item, slack::Post post);
    boost::asio::awaitable<DeliveryEnd> update(Delivery item, slack::blocks::Message message);
    // Looks for a message of this key that a lost call may have made.
    boost::asio::awaitable<Result<std::optional<slack::Posted>>> find(Delivery const& item, slack::Post const& post);
    boost::asio::awaitable<Result<std::optional<slack::Posted>>> find_in(ChannelId channel, MessageTs thread, std::string oldest,
                                                                         std::string key);
    boost::asio::awaitable<DeliveryEnd> record(Delivery item, slack::Posted posted, std::string hash);
    boost::asio::awaitable<void> card_posted(Surface surface);
    boost::asio::awaitable<std::string> permalink(Surface surface);
    boost::asio::awaitable<std::optional<slack::Posted>> card_to_people(Delivery const& item, slack::Post post);

    // What an error means for the item. `Lost::possible`: it may have been posted, so the next try looks first.
    enum class Lost : std::uint8_t { impossible, possible };
    boost::asio::awaitable<DeliveryEnd> failed(Delivery item, Error error, Lost lost);
    boost::asio::awaitable<DeliveryEnd> wait_for_card(Delivery item);
    boost::asio::awaitable<DeliveryEnd> unreadable(Delivery item, Error error);
    boost::asio::awaitable<DeliveryEnd> finish(Delivery item, DeliveryEnd end);
    boost::asio::awaitable<void> save(StoreWork work);
    boost::asio::awaitable<Answer> call(slack::Call call);
    boost::asio::awaitable<Result<void>> respond(std::string url, std::string json);
    boost::asio::awaitable<Result<slack::Channel>> channel(ChannelId id);
    [[nodiscard]] Duration backoff(int attempts);
    // Counts a call while it lives, also when it is cancelled.
    struct Calling {
        std::size_t& count;
        explicit Calling(Courier& courier) : count(courier.calling_) { ++count; }
        ~Calling() { --count; }
        Calling(Calling const&) = delete;
        Calling& operator=(Calling const&) = delete;
    };

    Clock& clock_;
    Store& store_;
    Directory& directory_;
    WebClient& web_;
    std::shared_ptr<Config const> config_;
    std::string installation_{};
    std::size_t calling_ = 0;
    std::multimap<EscalationId, std::int64_t> waiting_{};  // rows that wait for a card, told when it is there
    std::minstd_rand random_;
};

}  // namespace esc::run
