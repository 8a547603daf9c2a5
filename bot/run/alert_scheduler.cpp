// One loop: ask for the earliest point, sleep till then, fire in batches until nothing is due. Points live in the store, so a
// restart only asks again; what was missed meanwhile fires at once and carries its lateness.
#include "bot/run/alert_scheduler.hpp"

#include "bot/base/log.hpp"
#include "bot/net/task_group.hpp"
#include "bot/net/timeout.hpp"
#include "bot/run/store_calls.hpp"
#include "handlers/due.hpp"

#include <algorithm>
#include <optional>

namespace esc::run {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {
constexpr int batch_limit = 500;
constexpr Duration backoff_first = 1s;
constexpr Duration backoff_max = 60s;
}  // namespace

struct AlertScheduler::Impl : std::enable_shared_from_this<Impl> {
    Clock& clock;
    Store& store;
    People const& people;
    std::shared_ptr<Config const> config;
    WorkspaceId workspace;
    net::TaskGroup tasks;
    net::Signal signal;
    Histogram lateness;
    Counter failures;

    std::optional<Instant> next{};  // what is slept for
    bool asleep = false;
    bool stopping = false;

    Impl(asio::any_io_executor executor, Clock& clock_, Store& store_, People const& people_, Metrics& metrics,
         std::shared_ptr<Config const> config_, WorkspaceId workspace_)
        : clock(clock_),
          store(store_),
          people(people_),
          config(std::move(config_)),
          workspace(std::move(workspace_)),
          tasks(executor),
          signal(executor) {
        lateness = metrics.histogram("esc_alert_lateness_seconds",
                                     "From a point of a clock to the commit of what it set off, for each point.",
                                     {0.01, 0.05, 0.1, 0.5, 1, 5, 30, 60, 300, 3600});
        failures = metrics.counter("esc_alert_failures_total", "Batches of due points that the store could not take.");
    }

    static asio::awaitable<void> run(std::shared_ptr<Impl> self) {
        Duration backoff = backoff_first;
        while (!self->stopping) {
            bool fired = false;
            try {
                fired = co_await fire(*self);
                if (fired) backoff = backoff_first;
            } catch (std::exception const& error) {
                if (self->stopping) break;
                self->failures.add();
                log::error("due_points_failed", {{"error", error.what()}});
            }
            if (!fired) {
                // The same points would fail again at once: give the store time.
                self->next = self->clock.now() + backoff;
                backoff = std::min(backoff * 2, backoff_max);
            }
            while (!self->stopping && (!self->next || self->clock.now() < *self->next)) {
                self->asleep = true;
                co_await self->signal.wait(self->clock, self->next);
                self->asleep = false;
            }
        }
    }

    // Fires all that is due and sets `next`. False: try again later.
    static asio::awaitable<bool> fire(Impl& self) {
        for (;;) {
            // From here on, a point that is written while the store is asked must not be forgotten: see point_written().
            self.next.reset();
            std::optional<Instant> earliest;
            co_await read(self.store, [&earliest](Snapshot const& snapshot) { earliest = snapshot.earliest_point(); });
            if (!earliest || *earliest > self.clock.now() || self.stopping) {
                if (earliest && (!self.next || *earliest < *self.next)) self.next = earliest;
                co_return true;
            }
            auto const now = self.clock.now();
            handlers::Env const env{.now = now,
                                    .actor = {},
                                    .workspace = self.workspace,
                                    .trace = "clock",
                                    .config = self.config,
                                    .people = &self.people};
            auto const fired = std::make_shared<handlers::Fired>();
            co_await commit(self.store, now, [work = handlers::fire_due_points(env, batch_limit, fired)](Tx& tx) {
                static_cast<void>(work(tx));  // it answers nobody
            });
            for (auto const point : fired->points)
                self.lateness.observe(std::chrono::duration<double>(self.clock.now() - point).count());
            if (fired->more_due) continue;
            std::optional<Instant> after;
            co_await read(self.store, [&after](Snapshot const& snapshot) { after = snapshot.earliest_point(); });
            if (after && *after <= now && *after == *earliest) {
                log::error("point_did_not_pass", {{"at", to_iso(*after)}});
                co_return false;
            }
        }
    }
};

AlertScheduler::AlertScheduler(asio::any_io_executor executor, Clock& clock, Store& store, People const& people, Metrics& metrics,
                               std::shared_ptr<Config const> config, WorkspaceId workspace)
    : impl_(std::make_shared<Impl>(std::move(executor), clock, store, people, metrics, std::move(config), std::move(workspace))) {
}

AlertScheduler::~AlertScheduler() = default;

void AlertScheduler::start() { impl_->tasks.spawn("alert-scheduler", Impl::run(impl_)); }

void AlertScheduler::point_written(Instant earliest) {
    if (impl_->next && *impl_->next <= earliest) return;
    impl_->next = earliest;
    impl_->signal.notify();
}

bool AlertScheduler::quiet() const {
    if (impl_->tasks.running() == 0) return true;
    return impl_->asleep && (!impl_->next || *impl_->next > impl_->clock.now());
}

asio::awaitable<void> AlertScheduler::stop() {
    auto const self = impl_;
    self->stopping = true;
    self->signal.notify();
    co_await self->tasks.wait();
}

}  // namespace esc::run
