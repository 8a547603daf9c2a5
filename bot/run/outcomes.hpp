// Writes down what came of a delivery: done, again later, given up, or waiting for the card. Each is one commit; a store that
// cannot take it is an exception.
#pragma once

#include "bot/base/time.hpp"
#include "bot/run/delivery.hpp"
#include "store/store.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>

namespace esc::run {

// Nobody works on it any more: its card is not posted elsewhere only because it cannot stay. What happens to it later brings it.
[[nodiscard]] bool stays_away(Escalation const& escalation);

// An item is through, and comes again when what it shows changes by itself.
class Done {
public:
    explicit Done(Delivery const& item) : row_(item.row), again_at_(item.again_at) {}
    void operator()(Tx& tx) const;

private:
    OutboxRow row_;
    std::optional<Instant> again_at_;
};

class Outcomes {
public:
    Outcomes(Clock& clock, Store& store);

    // Nothing is left to do.
    boost::asio::awaitable<DeliveryEnd> finish(Delivery item, DeliveryEnd end);
    // What an error of Slack means for the item. `Lost::possible`: it may have been posted, so the next try looks first.
    enum class Lost : std::uint8_t { impossible, possible };
    boost::asio::awaitable<DeliveryEnd> failed(Delivery item, Error error, Lost lost);
    // A body of ours that cannot be read: a fault of the program, kept for an admin.
    boost::asio::awaitable<DeliveryEnd> unreadable(Delivery item, Error error);
    // It was not tried, and is looked at again after a while.
    boost::asio::awaitable<DeliveryEnd> wait(Delivery item, Duration pause);
    // Taken up again when the card is there, and now and then in between. Dropped where no card will come.
    boost::asio::awaitable<DeliveryEnd> wait_for_card(Delivery item);
    boost::asio::awaitable<void> card_is_there(EscalationId id);  // what is on its way already goes on
    boost::asio::awaitable<void> save(StoreWork work);
    [[nodiscard]] Duration backoff(int attempts);

private:
    Clock& clock_;
    Store& store_;
    std::map<EscalationId, std::set<std::string>> waiting_{};  // keys of what waits for a card
    std::minstd_rand random_;
};

}  // namespace esc::run
