// What only waits for something else is no failure; what fails for want of a right is given up with one clear log line.
#include "bot/run/outcomes.hpp"

#include "bot/base/log.hpp"
#include "bot/run/degraded.hpp"
#include "bot/run/store_calls.hpp"
#include "bot/slack/web_api.hpp"
#include "handlers/rules/outbox_items.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace esc::run {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr Duration backoff_first = 1s;
constexpr Duration backoff_max = 5min;
constexpr Duration card_wait = 2s;         // only a safety net: a posted card wakes who waits for it
constexpr Duration card_wait_later = 60s;  // when the card is long in coming
constexpr Duration card_patience = 24h;
constexpr int unclear_attempts_max = 10;  // answers of Slack that make no sense
constexpr int unknown_attempts_max = 3;   // refusals nobody has heard of, or of what we sent

std::string_view feature(OutboxKind kind) {
    switch (kind) {
        case OutboxKind::locate:
            return "text and link of escalated messages";
        case OutboxKind::card:
            return "cards";
        case OutboxKind::status_reply:
            return "replies in the source's thread";
        case OutboxKind::alert:
            return "alerts";
        case OutboxKind::response:
            return "link to the card after /escalate";
        case OutboxKind::notice:
            return "notices";
        case OutboxKind::thread_note:
            return "notes in the card's thread";
        case OutboxKind::board:
            return "boards";
        case OutboxKind::customer_reply:
            return "[intake] customer_reply";
        case OutboxKind::channel:
            return "what stands in a channel";
    }
    return "outbox";
}

// A token or a scope hits everything of its kind alike: once an admin has mended it, what waited goes out.
bool waits_for_admin(Error const& error) { return slack::is_about_token(error.cause) || error.cause == "missing_scope"; }

bool is_hopeless(Error const& error, int attempts) {
    switch (error.code) {
        case Errc::rate_limited:
        case Errc::unavailable:
        case Errc::timed_out:
            return false;
        case Errc::internal:
            return attempts >= unclear_attempts_max;
        case Errc::invalid:
            return attempts >= unknown_attempts_max;
        case Errc::not_found:
        case Errc::conflict:
        case Errc::forbidden:
            break;
    }
    return !waits_for_admin(error);
}

void tell(Delivery const& item, Error const& error) { say_degraded(feature(item.row.item.kind), error, item.row.item.key); }

// Neither is it on its way.
bool no_card_comes(Snapshot const& snapshot, EscalationId id) {
    auto const card = rules::card_key(id);
    return !snapshot.surface(card) && !snapshot.outbox_row(card) && !snapshot.outbox_row(rules::locate_item(id, {}).key);
}

}  // namespace

bool stays_away(Escalation const& escalation) { return !escalation.open() && escalation.state != State::resolved; }

void Done::operator()(Tx& tx) const {
    tx.outbox_done(row_.id, row_.generation);
    if (!again_at_) return;
    auto again = row_.item;
    again.due_at = *again_at_;
    tx.enqueue(again);
}

Outcomes::Outcomes(Clock& clock, Store& store)
    : clock_(clock), store_(store), random_(static_cast<std::minstd_rand::result_type>(std::random_device{}())) {}

asio::awaitable<DeliveryEnd> Outcomes::finish(Delivery item, DeliveryEnd end) {
    co_await save(Done{item});
    co_return end;
}

asio::awaitable<DeliveryEnd> Outcomes::failed(Delivery item, Error error, Lost lost) {
    auto const id = item.row.id;
    if (is_hopeless(error, item.row.attempts)) {
        tell(item, error);
        co_await save([id, why = error.message, instead = std::move(item.if_given_up)](Tx& tx) {
            tx.outbox_dead(id, why);
            for (auto const& other : instead) tx.enqueue(other);
        });
        co_return DeliveryEnd::dead;
    }
    auto delay = backoff(item.row.attempts);
    if (error.code == Errc::rate_limited) delay = std::max<Duration>(error.retry_after, backoff_first);
    if (waits_for_admin(error)) {
        tell(item, error);
        delay = backoff_max;
    }
    log::debug("outbox_retry", {{"key", item.row.item.key}, {"error", error.message}, {"attempts", item.row.attempts}});
    co_await save([id, at = clock_.now() + delay, why = error.message, lost, since = item.row.sending_since](Tx& tx) {
        tx.outbox_retry(id, at, why);
        if (lost == Lost::possible && since) tx.outbox_sending(id, *since);
    });
    co_return DeliveryEnd::retry;
}

asio::awaitable<DeliveryEnd> Outcomes::unreadable(Delivery item, Error error) {
    log::error("outbox_body_unreadable", {{"key", item.row.item.key}, {"error", error.message}});
    co_await save([id = item.row.id, why = error.message](Tx& tx) { tx.outbox_dead(id, why); });
    co_return DeliveryEnd::dead;
}

asio::awaitable<DeliveryEnd> Outcomes::wait(Delivery item, Duration pause) {
    co_await save([id = item.row.id, at = clock_.now() + pause](Tx& tx) { tx.outbox_wait(id, at); });
    co_return DeliveryEnd::waiting;
}

asio::awaitable<DeliveryEnd> Outcomes::wait_for_card(Delivery item) {
    auto const id = item.row.id;
    if (stays_away(*item.escalation)) {
        auto const dropped = std::make_shared<bool>(false);
        co_await save([dropped, row = item.row](Tx& tx) {
            *dropped = no_card_comes(tx, row.item.escalation);
            if (*dropped) tx.outbox_done(row.id, row.generation);
        });
        if (*dropped) {
            waiting_.erase(item.row.item.escalation);  // the others end alike
            co_return DeliveryEnd::dropped;
        }
    }
    auto const age = clock_.now() - item.escalation->created_at;
    if (age > card_patience && clock_.now() - item.escalation->updated_at > card_patience) {
        tell(item, fail(Errc::conflict, "the card, which could not be posted, is not there to point to"));
        co_await save([id](Tx& tx) { tx.outbox_dead(id, "the card was never posted"); });
        co_return DeliveryEnd::dead;
    }
    waiting_[item.row.item.escalation].insert(item.row.item.key);
    auto const at = clock_.now() + (age > card_wait_later ? card_wait_later : card_wait);
    co_await save([id, at](Tx& tx) { tx.outbox_wait(id, at); });
    co_return DeliveryEnd::waiting;
}

asio::awaitable<void> Outcomes::card_is_there(EscalationId id) {
    auto const entry = waiting_.extract(id);
    if (entry.empty()) co_return;
    co_await save([keys = entry.mapped(), now = clock_.now()](Tx& tx) {
        for (auto const& key : keys)
            if (auto const row = tx.outbox_row(key); row && !row->sending_since) tx.outbox_wait(row->id, now);
    });
}

asio::awaitable<void> Outcomes::save(StoreWork work) { co_await commit(store_, clock_.now(), std::move(work)); }

Duration Outcomes::backoff(int attempts) {
    auto const doubled = backoff_first * (std::int64_t{1} << std::clamp(attempts, 0, 9));
    auto const spread = std::uniform_real_distribution<double>{0.75, 1.25}(random_);
    return std::chrono::duration_cast<Duration>(std::min<Duration>(doubled, backoff_max) * spread);
}

}  // namespace esc::run
