// The loop: look at what is due, start what has a free place, sleep until a commit, an ended item or the next due time.
// Urgent items have places of their own, so that neither cards nor a flood of new sources can delay an alert. Boards, and cards
// whose countdown goes on, come last, one at a time, with what changes leave of Slack's updates.
#include "bot/run/outbox_relay.hpp"

#include "bot/base/log.hpp"
#include "bot/net/timeout.hpp"
#include "bot/run/courier.hpp"
#include "bot/run/store_calls.hpp"
#include "handlers/rules/outbox_items.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace esc::run {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

enum class Class : std::uint8_t { urgent, source, surface, tick };
constexpr std::size_t classes = 4;
constexpr std::array<std::size_t, classes> places{8, 4, 4, 1};
constexpr std::size_t place_of_surfaces = static_cast<std::size_t>(Class::surface);
constexpr std::size_t place_of_ticks = static_cast<std::size_t>(Class::tick);

constexpr int window = 64;             // rows of a kind looked at in one go
constexpr Duration full_pause = 50ms;  // between looks while more is due than fits: commits come faster than places
constexpr Duration blocked_pause = 1s;
constexpr Duration broken_pause = 5s;  // after the store failed
constexpr Duration budget_span = 1min;
constexpr std::size_t updates_a_minute = 50;       // what Slack grants
constexpr Duration tick_pause = budget_span / 25;  // half of them, spread: the burst is for changes
constexpr Duration edit_pause = 2 * tick_pause;    // so that ticks go on beside a long row of edits
constexpr std::size_t at_once = 6;                 // of the burst of 12
constexpr std::size_t edits_standing = 16;         // may stay in the window of what is due

Class class_of(OutboxKind kind) {
    switch (kind) {
        case OutboxKind::response:
        case OutboxKind::notice:
        case OutboxKind::alert:
            return Class::urgent;
        case OutboxKind::locate:
            return Class::source;
        case OutboxKind::card:
        case OutboxKind::status_reply:
        case OutboxKind::thread_note:
        case OutboxKind::board:
        case OutboxKind::customer_reply:
        case OutboxKind::channel:
            return Class::surface;
    }
    return Class::surface;
}

// Within the places of a class: a person waits for a response; a reply needs the card before it.
constexpr std::array by_urgency{OutboxKind::response,       OutboxKind::notice, OutboxKind::alert,       OutboxKind::locate,
                                OutboxKind::channel,        OutboxKind::card,   OutboxKind::thread_note, OutboxKind::status_reply,
                                OutboxKind::customer_reply, OutboxKind::board};

// A fact that was sent to one person and is overtaken: it only loses its buttons, and yields to everything but ticks. In a
// channel others may read it by now.
bool is_edit(Delivery const& item) {
    auto const kind = item.row.item.kind;
    return item.own && item.own->channel.value.starts_with('D') && (kind == OutboxKind::alert || kind == OutboxKind::notice);
}

// A board that has just been brought up to date yields to everything but edits and ticks; after a while it has its turn.
constexpr Duration board_patience = 1min;
bool is_fresh_board(Delivery const& item, Instant now) {
    return item.board && item.own && now < item.own->updated_at + board_patience;
}

constexpr std::array ends{"posted", "updated", "unchanged", "waiting", "retry", "dead", "dropped"};

}  // namespace

struct OutboxRelay::Impl : std::enable_shared_from_this<Impl> {
    // What one look brought.
    struct Look {
        std::vector<Delivery> items{};
        std::optional<Delivery> tick{};
        std::optional<Instant> earliest{};
        bool full = false;
    };
    // Takes the places of an item and gives them back, however it ends.
    struct Place {
        Impl& relay;
        std::int64_t id;
        std::string lane;
        Class of;
        Place(Impl& relay_, std::int64_t id_, std::string lane_, Class of_)
            : relay(relay_), id(id_), lane(std::move(lane_)), of(of_) {
            relay.busy.insert(id);
            relay.lanes.insert(lane);
            ++relay.taken[static_cast<std::size_t>(of)];
        }
        ~Place() {
            relay.busy.erase(id);
            relay.lanes.erase(lane);
            --relay.taken[static_cast<std::size_t>(of)];
            relay.signal.notify();
            relay.again = true;
        }
        Place(Place const&) = delete;
        Place& operator=(Place const&) = delete;
    };

    Clock& clock;
    Store& store;
    WebClient& web;
    Courier courier;
    net::TaskGroup tasks;
    net::Signal signal;

    std::set<std::int64_t> busy{};
    std::set<std::string> lanes{};
    std::array<std::size_t, classes> taken{};
    std::deque<EscalationId> ticks{};
    Instant next_tick_at{};
    Instant edit_slot{};                 // of the last edit that was put off
    std::deque<Instant> changes_sent{};  // in the last minute
    std::deque<Instant> ticks_sent{};
    bool again = false;  // something changed since the last look
    bool asleep = false;
    bool pausing = false;  // asleep although something changed
    std::optional<Instant> until{};
    bool stopping = false;

    std::array<std::array<Counter, ends.size()>, static_cast<std::size_t>(all_outbox_kinds.back()) + 1> counted{};  // by number
    Histogram lag;

    Impl(asio::any_io_executor executor, Clock& clock_, Store& store_, Directory& directory, WebClient& web_, Metrics& metrics,
         std::shared_ptr<Config const> config)
        : clock(clock_),
          store(store_),
          web(web_),
          courier(clock_, store_, directory, web_, std::move(config)),
          tasks(executor),
          signal(executor) {
        auto const count_as = [&](std::size_t kind, std::string const& name) {
            for (std::size_t end = 0; end < ends.size(); ++end)
                counted[kind][end] = metrics.counter("esc_outbox_items_total", "Outbox items by kind and what became of a try.",
                                                     {{"kind", name}, {"outcome", ends[end]}});
        };
        for (auto const kind : all_outbox_kinds) count_as(static_cast<std::size_t>(kind), std::string(to_string(kind)));
        count_as(0, "tick");  // no kind has this number
        lag = metrics.histogram("esc_outbox_lag_seconds", "From an item's due time to Slack's answer.",
                                {0.05, 0.1, 0.25, 0.5, 1, 2, 5, 15, 60, 300, 3600});
    }

    static asio::awaitable<void> run(std::shared_ptr<Impl> self) {
        while (!self->stopping) {
            std::string trouble;
            Look look;
            try {
                self->again = false;
                look = co_await self->look();
            } catch (std::exception const& error) {
                trouble = error.what();
            }
            if (self->stopping) break;
            if (!trouble.empty()) {
                log::error("outbox_unreadable", {{"error", trouble}});
                co_await self->sleep(self->clock.now() + broken_pause, true);
                continue;
            }
            bool blocked = false;
            std::vector<Delivery> boards;
            std::vector<Delivery> edits;
            for (auto& item : look.items) {
                auto const of = class_of(item.row.item.kind);
                if (is_edit(item))
                    edits.push_back(std::move(item));
                else if (is_fresh_board(item, self->clock.now()))
                    boards.push_back(std::move(item));
                else
                    blocked = !self->start(std::move(item), of) || blocked;
            }
            for (auto& board : boards) blocked = blocked || !self->may_spend() || !self->start(std::move(board), Class::tick);
            if (!edits.empty()) blocked = co_await self->start_edits(std::move(edits), blocked) || blocked;
            if (self->stopping) break;
            if (look.tick && !blocked) self->start_tick(std::move(*look.tick));
            if (look.full) {
                co_await self->sleep(self->clock.now() + full_pause, true);
                continue;
            }
            auto at = look.earliest;
            if (at && *at <= self->clock.now()) at = blocked || !self->busy.empty() ? self->clock.now() + blocked_pause : *at;
            if (auto const tick = self->tick_at(); tick && !blocked && (!at || *tick < *at)) at = tick;
            co_await self->sleep(at, false);
        }
    }

    asio::awaitable<void> sleep(std::optional<Instant> at, bool in_any_case) {
        if (in_any_case) {
            asleep = pausing = true;
            until = at;
            // A signal would end the pause early: that is what it is there to prevent.
            co_await net::sleep_until(clock, *at);
        } else if (!again) {
            asleep = true;
            until = at;
            co_await signal.wait(clock, at);
        }
        asleep = pausing = false;
    }

    asio::awaitable<Look> look() {
        auto const result = std::make_shared<Look>();
        std::array<bool, classes> free{};
        for (std::size_t at = 0; at < classes; ++at) free[at] = taken[at] < places[at];
        std::optional<EscalationId> ticking;
        if (auto const at = tick_at(); at && *at <= clock.now()) ticking = ticks.front();
        co_await read(store, [result, free, ticking, now = clock.now(), working = busy](Snapshot const& snapshot) {
            for (auto const kind : by_urgency) {
                if (!free[static_cast<std::size_t>(class_of(kind))]) continue;
                auto rows = snapshot.outbox_due(kind, now, window);
                result->full = result->full || rows.size() >= static_cast<std::size_t>(window);
                for (auto& row : rows)
                    if (!working.contains(row.id)) result->items.push_back(Delivery::load(snapshot, std::move(row)));
            }
            if (ticking && result->items.empty()) {
                OutboxRow row{.item = rules::card_item(*ticking, now)};
                row.id = -ticking->number;  // of no row
                result->tick = Delivery::load(snapshot, std::move(row));
            }
            result->earliest = snapshot.outbox_earliest();
        });
        co_return std::move(*result);
    }

    // As of its kind, or as what can wait.
    bool start(Delivery item, Class of) {
        auto lane = item.lane();
        if (taken[static_cast<std::size_t>(of)] >= places[static_cast<std::size_t>(of)] || lanes.contains(lane) ||
            busy.contains(item.row.id))
            return false;
        auto place = std::make_unique<Place>(*this, item.row.id, std::move(lane), of);
        tasks.spawn("outbox-item", deliver(shared_from_this(), std::move(item), std::move(place), of == Class::tick));
        return true;
    }

    // --- ticks ------------------------------------------------------------------------------------------------------

    static void forget_old(std::deque<Instant>& sent, Instant now) {
        while (!sent.empty() && sent.front() + budget_span <= now) sent.pop_front();
    }

    // True: some wait for their turn, which the end of what is under way or a second brings. When they are many they are put
    // off one after the other, so that they do not stand before what is new.
    asio::awaitable<bool> start_edits(std::vector<Delivery> edits, bool blocked) {
        std::vector<std::int64_t> waiting;
        for (auto& edit : edits) {
            auto const id = edit.row.id;
            if (blocked || !may_spend() || !start(std::move(edit), Class::tick)) waiting.push_back(id);
        }
        if (waiting.size() <= edits_standing) co_return !waiting.empty();
        std::vector<std::pair<std::int64_t, Instant>> later;
        for (auto const id : waiting) {
            edit_slot = std::max(edit_slot, clock.now()) + edit_pause;
            later.emplace_back(id, edit_slot);
        }
        auto const result = co_await write(store, clock.now(), [later](Tx& tx) {
            for (auto const& [id, at] : later) tx.outbox_wait(id, at);
        });
        if (result.status != WriteStatus::committed) log::error("outbox_edits_not_put_off", {{"edits", later.size()}});
        co_return true;
    }
    // On an edit or a board, which somebody waits for more than for a tick.
    [[nodiscard]] bool may_spend() {
        auto const at = spare_at();
        return at && (*at <= clock.now() || ticks_sent.size() < at_once);
    }

    // When the next tick may go out, as far as is known now; nothing without one.
    [[nodiscard]] std::optional<Instant> tick_at() { return ticks.empty() ? std::nullopt : spare_at(); }

    // When an update may be spent on what can wait; nothing while the surfaces have work.
    [[nodiscard]] std::optional<Instant> spare_at() {
        auto const now = clock.now();
        forget_old(changes_sent, now);
        forget_old(ticks_sent, now);
        if (taken[place_of_surfaces] + taken[place_of_ticks] > 0) return std::nullopt;  // their end wakes us
        auto const left = updates_a_minute - std::min(updates_a_minute, changes_sent.size());
        if (ticks_sent.size() < left / 2) return next_tick_at;
        auto const oldest = ticks_sent.empty() ? changes_sent.front() : ticks_sent.front();
        return std::max(next_tick_at, oldest + budget_span);
    }

    void spent_on_what_can_wait() {
        ticks_sent.push_back(clock.now());
        next_tick_at = clock.now() + tick_pause;
    }

    void start_tick(Delivery item) {
        auto lane = item.lane();
        if (ticks.empty() || item.row.item.escalation != ticks.front() || lanes.contains(lane)) {
            next_tick_at = clock.now() + tick_pause;
            return;
        }
        ticks.pop_front();
        auto place = std::make_unique<Place>(*this, item.row.id, std::move(lane), Class::tick);
        tasks.spawn("card-tick", bring_up_to_date(shared_from_this(), std::move(item), std::move(place)));
    }

    static asio::awaitable<void> bring_up_to_date(std::shared_ptr<Impl> self, Delivery item, std::unique_ptr<Place> place) {
        std::string trouble;
        try {
            auto const end = co_await self->courier.tick(std::move(item));
            self->counted[0][static_cast<std::size_t>(end)].add();
            if (end != DeliveryEnd::unchanged) self->spent_on_what_can_wait();
        } catch (boost::system::system_error const& error) {
            if (error.code() == asio::error::operation_aborted) throw;  // we are told to end
            trouble = error.what();
        } catch (std::exception const& error) {
            trouble = error.what();
        }
        if (trouble.empty()) co_return;
        log::error("card_tick_failed", {{"error", trouble}});
        self->ticks.clear();  // the next round brings them again
    }

    static asio::awaitable<void> deliver(std::shared_ptr<Impl> self, Delivery item, std::unique_ptr<Place> place, bool waits) {
        auto const kind = item.row.item.kind;
        auto const due_at = item.row.item.due_at;
        auto const key = item.row.item.key;
        std::string trouble;
        try {
            auto const end = co_await self->courier.deliver(std::move(item));
            self->counted[static_cast<std::size_t>(kind)][static_cast<std::size_t>(end)].add();
            if (end == DeliveryEnd::updated && waits)
                self->spent_on_what_can_wait();
            else if (end == DeliveryEnd::updated)
                self->changes_sent.push_back(self->clock.now());
            if (end == DeliveryEnd::posted || end == DeliveryEnd::updated)
                self->lag.observe(std::chrono::duration<double>(self->clock.now() - due_at).count());
        } catch (boost::system::system_error const& error) {
            if (error.code() == asio::error::operation_aborted) throw;  // we are told to end
            trouble = error.what();
        } catch (std::exception const& error) {
            trouble = error.what();
        }
        if (trouble.empty()) co_return;
        // The store could not write the outcome down: the row is as it was, so it must not be taken up again at once.
        log::error("outbox_item_failed", {{"key", key}, {"error", trouble}});
        if (!self->stopping) co_await net::sleep_until(self->clock, self->clock.now() + broken_pause);
    }
};

OutboxRelay::OutboxRelay(asio::any_io_executor executor, Clock& clock, Store& store, Directory& directory, WebClient& web,
                         Metrics& metrics, std::shared_ptr<Config const> config)
    : impl_(std::make_shared<Impl>(std::move(executor), clock, store, directory, web, metrics, std::move(config))) {}

OutboxRelay::~OutboxRelay() = default;

void OutboxRelay::start(std::string installation) {
    impl_->courier.installation(std::move(installation));
    impl_->tasks.spawn("outbox-relay", Impl::run(impl_));
}

void OutboxRelay::wake() {
    impl_->again = true;
    impl_->signal.notify();
}

void OutboxRelay::tick(std::vector<EscalationId> cards) {
    impl_->ticks.assign(cards.begin(), cards.end());
    if (!cards.empty()) wake();
}

bool OutboxRelay::quiet() const {
    auto const& self = *impl_;
    if (self.tasks.running() == 0) return true;
    bool const loop_rests = self.asleep && (self.pausing || !self.again) && (!self.until || *self.until > self.clock.now());
    // An item that waits for its turn waits for time; one that is being sent does not.
    return loop_rests && self.busy.size() == self.courier.calling() && self.web.in_flight() == 0;
}

asio::awaitable<void> OutboxRelay::stop(std::chrono::steady_clock::duration limit) {
    auto const self = impl_;
    self->stopping = true;
    self->signal.notify();
    // Calls under way may end; those that only wait for their turn are found again after the next start.
    co_await net::comes_true([&self] { return self->web.in_flight() == 0 && self->busy.size() <= self->courier.calling(); },
                             limit);
    self->tasks.cancel();
    co_await self->tasks.wait();
}

}  // namespace esc::run
