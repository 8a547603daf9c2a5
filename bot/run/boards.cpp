// Rounds: read which boards there are and what they show, have those that are behind sent by the relay, sleep until the next can
// be. Changes that come close together make one round, and the more boards there are, the fewer rounds.
#include "bot/run/boards.hpp"

#include "bot/base/log.hpp"
#include "bot/net/task_group.hpp"
#include "bot/net/timeout.hpp"
#include "bot/run/pace.hpp"
#include "bot/run/store_calls.hpp"
#include "handlers/boards.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace esc::run {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr Duration gathered = 300ms;       // commits that come together
constexpr Duration round_pause = 5s;       // at least, and
constexpr Duration pause_of_a_board = 4s;  // so that all of them take fifteen updates a minute at most
constexpr Duration trouble_pause = 1min;

enum class Why : std::uint8_t { change, time };

using Points = std::map<std::int64_t, Instant>;  // by board: when time will show

struct Round {
    std::size_t boards = 0;
    std::vector<OutboxItem> behind{};
    Points next{};
};

std::optional<Instant> time_shows_at(Snapshot const& snapshot, Board const& board, Instant now) {
    auto list = board.list;
    list.limit = handlers::board_rows;
    std::optional<Instant> next;
    for (auto const& escalation : snapshot.queue(list)) {
        auto const pace = pace_of(escalation, now);
        if (!pace) continue;
        auto at = now + pace->every;
        if (pace->faster_from) at = std::min(at, std::max(*pace->faster_from, now + near_pace));
        next = next ? std::min(*next, at) : at;
    }
    return next;
}

// A list that finds little looks through much: as time passes only those are read that it shows on.
Round look(Snapshot const& snapshot, Why why, Points const& points, Instant now) {
    Round round;
    auto const boards = snapshot.boards();
    round.boards = boards.size();
    for (auto const& board : boards) {
        auto const point = points.find(board.id);
        if (why == Why::time && (point == points.end() || point->second > now)) {
            if (point != points.end()) round.next.insert(*point);
            continue;
        }
        if (auto const at = time_shows_at(snapshot, board, now)) round.next.emplace(board.id, *at);
        // One that cannot be seen yet is asked for already, and whom to answer if it cannot stand there.
        if (snapshot.surface(handlers::board_key(board))) round.behind.push_back(handlers::board_item(board, now));
    }
    return round;
}

}  // namespace

struct Boards::Impl : std::enable_shared_from_this<Impl> {
    Clock& clock;
    Store& store;
    net::TaskGroup tasks;
    net::Signal signal;
    std::optional<std::size_t> boards{};  // how many there are; nothing: not known
    bool change = true;
    bool pinned = false;  // one came or went since the last look
    Instant round_at{};
    Points points{};
    std::optional<Instant> until{};
    bool asleep = false;
    bool stopping = false;

    Impl(asio::any_io_executor executor, Clock& clock_, Store& store_)
        : clock(clock_), store(store_), tasks(executor), signal(executor) {}

    [[nodiscard]] Duration pause() const {
        return std::max<Duration>(round_pause, pause_of_a_board * static_cast<std::int64_t>(boards.value_or(0)));
    }

    static asio::awaitable<void> run(std::shared_ptr<Impl> self) {
        while (!self->stopping) {
            auto const why = std::exchange(self->change, false) ? Why::change : Why::time;
            try {
                co_await self->round(why);
            } catch (std::exception const& error) {
                log::error("boards_not_looked_at", {{"error", error.what()}});
                self->until = self->clock.now() + trouble_pause;
                self->change = true;
            }
            while (!self->stopping && (!self->until || self->clock.now() < *self->until)) {
                self->asleep = true;
                co_await self->signal.wait(self->clock, self->until);
                self->asleep = false;
            }
        }
    }

    asio::awaitable<void> round(Why why) {
        auto const found = std::make_shared<Round>();
        round_at = clock.now();
        pinned = false;
        co_await read(store, [found, why, points = points, now = round_at](Snapshot const& snapshot) {
            *found = look(snapshot, why, points, now);
        });
        if (!pinned) boards = found->boards;
        points = std::move(found->next);
        auto const next =
            std::min_element(points.begin(), points.end(), [](auto const& a, auto const& b) { return a.second < b.second; });
        until = next == points.end() ? std::nullopt : std::optional{next->second};
        if (change) wake();
        if (found->behind.empty()) co_return;
        co_await commit(store, round_at, [items = std::move(found->behind)](Tx& tx) {
            // One that was taken away meanwhile is not asked for again.
            for (auto const& item : items)
                if (tx.surface(item.key)) tx.enqueue(item);
        });
    }

    void wake() {
        auto const at = std::max(clock.now() + gathered, round_at + pause());
        if (!until || at < *until) until = at;
        signal.notify();
    }
};

Boards::Boards(asio::any_io_executor executor, Clock& clock, Store& store)
    : impl_(std::make_shared<Impl>(std::move(executor), clock, store)) {}

Boards::~Boards() = default;

void Boards::start() { impl_->tasks.spawn("boards", Impl::run(impl_)); }

void Boards::changed() {
    if (impl_->boards == std::size_t{0}) return;
    impl_->change = true;
    impl_->wake();
}

void Boards::pinned() {
    impl_->boards.reset();
    impl_->pinned = true;
    changed();
}

bool Boards::quiet() const {
    if (impl_->tasks.running() == 0) return true;
    return impl_->asleep && (!impl_->until || *impl_->until > impl_->clock.now());
}

asio::awaitable<void> Boards::stop() {
    auto const self = impl_;
    self->stopping = true;
    self->signal.notify();
    co_await self->tasks.wait();
}

}  // namespace esc::run
