// One loop picks whose Home is shown anew: changes of ownership first, then other changes, then the mere passing of time, and
// within these whoever has waited longest. It is rendered right before it is sent, by the way that an opened Home takes.
#include "bot/run/homes.hpp"

#include "bot/base/crypto.hpp"
#include "bot/base/log.hpp"
#include "bot/net/task_group.hpp"
#include "bot/net/timeout.hpp"
#include "bot/run/degraded.hpp"
#include "bot/run/store_calls.hpp"
#include "bot/slack/payloads.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace esc::run {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t homes_max = 200;        // people at once; who looked longest ago is forgotten first
constexpr Duration looked_at = 10min;         // after somebody opened it or pressed something in it
constexpr Duration gathered = 300ms;          // commits that come together make one view
constexpr Duration ownership_pause = 1500ms;  // so that a change is there within 2 s
constexpr Duration other_pause = 15s;
constexpr Duration tick_pause = 60s;
constexpr Duration retry_pause = 15s;
constexpr auto publish_limit = std::chrono::seconds{5};
constexpr auto person_limit = std::chrono::milliseconds{1200};
constexpr std::size_t sends_max = 4;
// Of about 100 calls a minute, what is shown unasked may take 80; those who press have the rest.
constexpr Duration a_call = Duration(1min) / 80;
constexpr int burst = 20;

enum class Why : std::uint8_t { tick, other, ownership };

}  // namespace

struct Homes::Impl : std::enable_shared_from_this<Impl> {
    struct Home {
        WorkspaceId workspace{};
        std::string metadata{};  // what the person chose to see
        Instant looked_at{};
        Instant sent_at{};
        std::string hash{};  // of what is shown; empty: not known
        std::optional<Instant> due{};
        Why why = Why::tick;
        std::int64_t shows = 0;  // what was rendered before the last of them is out of date
        int sending = 0;
        bool mixed = false;  // two were on their way at once: nobody knows which came last
        bool rendering = false;
    };

    Clock& clock;
    handlers::Router const& router;
    Store& store;
    Directory& directory;
    WebClient& web;
    std::shared_ptr<Config const> config;
    net::TaskGroup tasks;
    net::Signal signal;
    Counter forgotten;
    Gauge known;

    std::map<PersonId, Home> homes{};
    Instant budget_free_at{};  // a token bucket, as one instant (see lanes.cpp)
    bool started = false;
    bool asleep = false;
    bool again = false;  // something changed since the loop looked
    bool stopping = false;
    std::optional<Instant> until{};

    Impl(asio::any_io_executor executor, Clock& clock_, handlers::Router const& router_, Store& store_, Directory& directory_,
         WebClient& web_, Metrics& metrics, std::shared_ptr<Config const> config_)
        : clock(clock_),
          router(router_),
          store(store_),
          directory(directory_),
          web(web_),
          config(std::move(config_)),
          tasks(executor),
          signal(executor) {
        forgotten = metrics.counter("esc_homes_forgotten_total", "Open Home tabs no longer kept current because of too many.");
        known = metrics.gauge("esc_homes", "Home tabs that are kept current.");
    }

    // All but the loop.
    [[nodiscard]] std::size_t at_work() const { return tasks.running() - (started ? 1 : 0); }
    void wake() {
        again = true;
        signal.notify();
    }

    [[nodiscard]] Home* find(PersonId const& person) {
        auto const found = homes.find(person);
        return found == homes.end() ? nullptr : &found->second;
    }

    // --- what is due ------------------------------------------------------------------------------------------------

    void want(Home& home, Why why, Instant at) const {
        home.why = home.due ? std::max(home.why, why) : why;
        home.due = home.due ? std::min(*home.due, at) : at;
    }

    void changed(Change change) {
        if (homes.empty()) return;
        auto const earliest = clock.now() + gathered;
        for (auto& [person, home] : homes) {
            if (change == Change::ownership)
                want(home, Why::ownership, std::max(earliest, home.sent_at + ownership_pause));
            else
                want(home, Why::other, std::max(earliest, home.sent_at + other_pause));
        }
        wake();
    }

    // When the budget lets one more go out unasked. Ticks leave half of what can be saved up to changes.
    [[nodiscard]] Instant affordable(Why why) const {
        int const saved = why == Why::tick ? burst / 2 : burst;
        return budget_free_at - a_call * (saved - 1);
    }
    void spend() { budget_free_at = std::max(budget_free_at, clock.now()) + a_call; }

    static bool comes_before(Home const& one, Home const& other) {
        return one.why != other.why ? one.why > other.why : one.sent_at < other.sent_at;
    }

    static asio::awaitable<void> run(std::shared_ptr<Impl> self) {
        while (!self->stopping) {
            self->again = false;
            auto const now = self->clock.now();
            self->forget_old();
            std::map<PersonId, Home>::iterator next = self->homes.end();
            std::optional<Instant> earliest;
            for (auto at = self->homes.begin(); at != self->homes.end(); ++at) {
                auto const& home = at->second;
                if (!home.due || home.rendering || home.sending > 0) continue;
                auto const ready = std::max(*home.due, self->affordable(home.why));
                if (ready <= now && (next == self->homes.end() || comes_before(home, next->second))) next = at;
                if (!earliest || ready < *earliest) earliest = ready;
            }
            if (next != self->homes.end() && self->at_work() < sends_max) {
                next->second.due.reset();
                next->second.rendering = true;
                self->spend();
                self->tasks.spawn("home", refresh(self, next->first));
                continue;
            }
            self->until = next == self->homes.end() ? earliest : std::nullopt;  // all places taken: an ended one wakes us
            self->asleep = true;
            co_await self->signal.wait(self->clock, self->until);
            self->asleep = false;
        }
    }

    void forget_old() {
        auto const now = clock.now();
        std::erase_if(homes, [now](auto const& entry) {
            return entry.second.looked_at + looked_at <= now && entry.second.sending == 0 && !entry.second.rendering;
        });
        known.set(static_cast<double>(homes.size()));
    }

    void make_room() {
        if (homes.size() < homes_max) return;
        auto const oldest = std::min_element(homes.begin(), homes.end(), [](auto const& one, auto const& other) {
            return one.second.looked_at < other.second.looked_at;
        });
        homes.erase(oldest);
        forgotten.add();
    }

    // --- showing ----------------------------------------------------------------------------------------------------

    void show(PersonId const& person, WorkspaceId const& workspace, slack::blocks::Home home) {
        if (stopping) return;
        forget_old();
        if (!homes.contains(person)) make_room();
        auto& entry = homes[person];
        entry.workspace = workspace;
        entry.metadata = home.private_metadata;
        entry.looked_at = clock.now();
        ++entry.shows;
        tasks.spawn("home-shown", shown(shared_from_this(), person, std::move(home)));
    }

    static asio::awaitable<void> shown(std::shared_ptr<Impl> self, PersonId person, slack::blocks::Home home) {
        self->spend();
        co_await self->send(person, std::move(home));
        self->wake();
    }

    static asio::awaitable<void> refresh(std::shared_ptr<Impl> self, PersonId person) {
        std::string trouble;
        try {
            co_await self->render_and_send(person);
        } catch (boost::system::system_error const& error) {
            if (error.code() == asio::error::operation_aborted) throw;  // we are told to end
            trouble = error.what();
        } catch (std::exception const& error) {
            trouble = error.what();
        }
        if (auto* home = self->find(person)) {
            home->rendering = false;
            if (!trouble.empty()) self->want(*home, Why::other, self->clock.now() + retry_pause);
        }
        if (!trouble.empty()) log::error("home_not_rendered", {{"user", person.value}, {"error", trouble}});
        self->wake();
    }

    asio::awaitable<void> render_and_send(PersonId person) {
        auto const* home = find(person);
        if (home == nullptr) co_return;
        auto const shows = home->shows;
        slack::AppHomeOpened opened;
        opened.head.workspace = home->workspace;
        opened.user = person;
        opened.tab = "home";
        opened.private_metadata = home->metadata;
        auto actor = co_await directory.person(person, {.workspace = home->workspace}, person_limit);
        if (!actor) {
            // Nobody is shown more than they may see, nor less: what is there stays until Slack tells who they are.
            if (auto* kept = find(person))
                want(*kept, Why::other, clock.now() + std::max<Duration>(retry_pause, actor.error().retry_after));
            co_return;
        }

        handlers::Env const env{.now = clock.now(),
                                .actor = *std::move(actor),
                                .workspace = opened.head.workspace,
                                .trace = "home",
                                .config = config,
                                .people = &directory,
                                .bot = directory.identity().bot_user};
        auto plan = router.prepare(opened, env);
        auto const outcome = std::make_shared<handlers::Outcome>();
        if (plan) {
            if (auto* query = std::get_if<handlers::Query>(&*plan))
                co_await read(store,
                              [query = std::move(*query), outcome](Snapshot const& snapshot) { *outcome = query(snapshot); });
            else if (auto* said = std::get_if<handlers::Outcome>(&*plan))
                *outcome = std::move(*said);
        }
        home = find(person);
        // Somebody who has pressed meanwhile sees something newer.
        if (home == nullptr || home->shows != shows) co_return;
        if (outcome->home)
            co_await send(person, std::move(*outcome->home));
        else
            homes.erase(person);
    }

    asio::awaitable<void> send(PersonId person, slack::blocks::Home view) {
        auto* home = find(person);
        if (home == nullptr) co_return;
        auto const hash = hex(bytes_of(sha256(boost::json::serialize(view.json()))));
        home->sent_at = clock.now();
        if (home->sending == 0 && home->hash == hash) {
            want(*home, Why::tick, clock.now() + tick_pause);
            co_return;
        }
        home->mixed = home->sending > 0;
        ++home->sending;
        auto const published =
            co_await web.call(slack::views_publish(person, view), WebClient::Patience::interactive, publish_limit);
        home = find(person);
        if (home == nullptr) co_return;
        home->sending = std::max(0, home->sending - 1);  // it may have been forgotten and opened again meanwhile
        auto const now = clock.now();
        home->hash = published && !home->mixed ? hash : std::string{};
        if (published) {
            want(*home, home->mixed ? Why::ownership : Why::tick, now + (home->mixed ? gathered : tick_pause));
        } else if (is_transient(published.error().code)) {
            want(*home, Why::other, now + std::max<Duration>(retry_pause, published.error().retry_after));
        } else {
            say_degraded("the Home tab", published.error(), person.value);
            homes.erase(person);
        }
    }
};

Homes::Homes(asio::any_io_executor executor, Clock& clock, handlers::Router const& router, Store& store, Directory& directory,
             WebClient& web, Metrics& metrics, std::shared_ptr<Config const> config)
    : impl_(std::make_shared<Impl>(std::move(executor), clock, router, store, directory, web, metrics, std::move(config))) {}

Homes::~Homes() = default;

void Homes::start() {
    impl_->started = true;
    impl_->tasks.spawn("homes", Impl::run(impl_));
}
void Homes::show(PersonId const& person, WorkspaceId const& workspace, slack::blocks::Home home) {
    impl_->show(person, workspace, std::move(home));
}
bool Homes::shows(PersonId const& person) const { return impl_->homes.contains(person); }
void Homes::changed(Change change) { impl_->changed(change); }

bool Homes::quiet() const {
    auto const& self = *impl_;
    if (self.tasks.running() == 0) return true;
    if (self.at_work() > 0) return false;
    return !self.started || (self.asleep && !self.again && (!self.until || *self.until > self.clock.now()));
}

asio::awaitable<void> Homes::stop() {
    auto const self = impl_;
    self->stopping = true;
    self->signal.notify();
    self->tasks.cancel();
    co_await self->tasks.wait();
}

}  // namespace esc::run
