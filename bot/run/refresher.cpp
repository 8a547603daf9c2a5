// Rounds: read the most urgent escalations with their cards, hand over those whose card is older than its pace, sleep until the
// next can be. What the relay could not send in a round comes again in the next, with what is more urgent by then before it.
#include "bot/run/refresher.hpp"

#include "bot/base/log.hpp"
#include "bot/net/task_group.hpp"
#include "bot/net/timeout.hpp"
#include "bot/run/pace.hpp"
#include "bot/run/store_calls.hpp"
#include "handlers/rules/outbox_items.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace esc::run {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr Duration slack_of_pace = 30s;  // a card that was sent late in a round is not left out of the next
constexpr Duration trouble_pause = 1min;
// What the relay can send at best (25 a minute) in the time after which every card's turn has come.
constexpr int cards_max = 125;

struct Round {
    std::vector<EscalationId> cards{};
    std::optional<Instant> next{};
};

Round look(Snapshot const& snapshot, Instant now) {
    Round round;
    auto const at = [&round](Instant next) { round.next = round.next ? std::min(*round.next, next) : next; };
    for (auto const& escalation : snapshot.queue({.filter = QueueFilter::open, .now = now, .limit = cards_max})) {
        auto const pace = pace_of(escalation, now);
        if (!pace) continue;
        at(now + pace->every);
        if (pace->faster_from) at(std::max(*pace->faster_from, now + near_pace));
        auto const card = snapshot.surface(rules::card_key(escalation.id));
        if (card && card->updated_at + pace->every <= now + slack_of_pace) round.cards.push_back(escalation.id);
    }
    return round;
}

}  // namespace

struct Refresher::Impl : std::enable_shared_from_this<Impl> {
    Clock& clock;
    Store& store;
    OutboxRelay& relay;
    net::TaskGroup tasks;
    net::Signal signal;
    std::optional<Instant> until{};
    bool asleep = false;
    bool stopping = false;

    Impl(asio::any_io_executor executor, Clock& clock_, Store& store_, OutboxRelay& relay_)
        : clock(clock_), store(store_), relay(relay_), tasks(executor), signal(executor) {}

    static asio::awaitable<void> run(std::shared_ptr<Impl> self) {
        while (!self->stopping) {
            auto const round = std::make_shared<Round>();
            std::string trouble;
            try {
                co_await read(self->store,
                              [round, now = self->clock.now()](Snapshot const& snapshot) { *round = look(snapshot, now); });
            } catch (std::exception const& error) {
                trouble = error.what();
            }
            if (self->stopping) break;
            if (!trouble.empty()) {
                log::error("cards_not_looked_at", {{"error", trouble}});
                round->next = self->clock.now() + trouble_pause;
            }
            self->relay.tick(std::move(round->cards));
            self->until = round->next;
            while (!self->stopping && (!self->until || self->clock.now() < *self->until)) {
                self->asleep = true;
                co_await self->signal.wait(self->clock, self->until);
                self->asleep = false;
            }
        }
    }
};

Refresher::Refresher(asio::any_io_executor executor, Clock& clock, Store& store, OutboxRelay& relay)
    : impl_(std::make_shared<Impl>(std::move(executor), clock, store, relay)) {}

Refresher::~Refresher() = default;

void Refresher::start() { impl_->tasks.spawn("refresher", Impl::run(impl_)); }

void Refresher::wake() {
    // What has just been written is rendered anew by itself: time shows after a while.
    auto const at = impl_->clock.now() + near_pace;
    if (!impl_->asleep || (impl_->until && *impl_->until <= at)) return;
    impl_->until = at;
    impl_->signal.notify();
}

bool Refresher::quiet() const {
    if (impl_->tasks.running() == 0) return true;
    return impl_->asleep && (!impl_->until || *impl_->until > impl_->clock.now());
}

asio::awaitable<void> Refresher::stop() {
    auto const self = impl_;
    self->stopping = true;
    self->signal.notify();
    co_await self->tasks.wait();
}

}  // namespace esc::run
