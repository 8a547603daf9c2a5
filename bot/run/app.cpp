// Puts the parts together. What cannot be mended by waiting ends the start with a sentence; what can (Slack out of reach) is
// tried again in the background while the service already answers /readyz with why it is not ready.
#include "bot/run/app.hpp"

#include "bot/base/crypto.hpp"
#include "bot/base/log.hpp"
#include "bot/net/http_client.hpp"
#include "bot/net/http_server.hpp"
#include "bot/net/task_group.hpp"
#include "bot/net/timeout.hpp"
#include "bot/net/url.hpp"
#include "bot/run/admin_http.hpp"
#include "bot/run/alert_scheduler.hpp"
#include "bot/run/boards.hpp"
#include "bot/run/degraded.hpp"
#include "bot/run/directory.hpp"
#include "bot/run/dispatcher.hpp"
#include "bot/run/homes.hpp"
#include "bot/run/in_charge.hpp"
#include "bot/run/outbox_relay.hpp"
#include "bot/run/refresher.hpp"
#include "bot/run/socket_mode.hpp"
#include "bot/run/store_calls.hpp"
#include "bot/run/web_client.hpp"
#include "handlers/redact.hpp"
#include "handlers/router.hpp"
#include "store/store.hpp"

#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace esc::run {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr Duration connect_backoff_first = 1s;
constexpr Duration connect_backoff_max = 60s;
constexpr Duration directory_reload = 24h;
constexpr Duration in_charge_interval = 1h;
constexpr Duration inbox_life = 26h;  // Slack repeats an event for a day when delivery was off
constexpr Duration prune_interval = 1h;
constexpr int prune_batch = 5'000;  // small enough that commands hardly wait behind it
constexpr int retention_batch = 50;
constexpr Duration retention_pause = 1s;
constexpr Duration retention_interval = 24h;
constexpr auto identify_limit = 5s;

// Of the steps of a stop, and of all together: a stop may take 10 s, and the store's last sync comes after these.
constexpr auto stop_limit = 9s;
constexpr auto drain_limit = 4s;
constexpr auto ack_limit = 1s;
constexpr auto relay_limit = 2s;
constexpr auto http_limit = 500ms;

constexpr std::string_view installation_setting = "installation";
constexpr std::string_view workspace_setting = "workspace";

Error refused_token(Error const& error) {
    auto named = fail(Errc::forbidden,
                      "Slack refuses SLACK_BOT_TOKEN ({}): take the Bot User OAuth Token (xoxb-…) from your app's page, "
                      "OAuth & Permissions",
                      error.cause);
    named.cause = error.cause;
    return named;
}

}  // namespace

struct App::Impl {
    asio::any_io_executor executor;
    Clock& clock;
    std::shared_ptr<Config const> config;
    Environment environment;
    Parts parts;

    Metrics metrics{};
    net::TlsContext tls{};
    net::HttpClient http_client;
    WebClient web;
    handlers::Router router = handlers::make_router();
    Directory directory;
    net::TaskGroup tasks;

    std::unique_ptr<Store> store{};
    std::unique_ptr<net::HttpServer> server{};
    std::unique_ptr<Homes> homes{};
    std::unique_ptr<Dispatcher> dispatcher{};
    std::unique_ptr<SocketMode> socket{};
    std::unique_ptr<OutboxRelay> relay{};
    std::unique_ptr<Refresher> refresher{};
    std::unique_ptr<Boards> boards{};
    std::unique_ptr<AlertScheduler> scheduler{};
    std::string installation{};
    std::string stored_workspace{};
    std::string slack_trouble = "Slack was not asked yet";
    std::optional<Error> fatal{};
    std::function<void(Error const&)> fatal_listener{};
    bool stopping = false;

    Impl(asio::any_io_executor ex, Clock& clock_, Config config_, Environment environment_, Parts parts_)
        : executor(ex),
          clock(clock_),
          config(std::make_shared<Config const>(std::move(config_))),
          environment(std::move(environment_)),
          parts(parts_),
          http_client(ex, tls, {}),
          web(http_client, clock, environment, metrics),
          directory(web, clock, config),
          tasks(ex) {
        log::add_secret(environment.bot_token);
        log::add_secret(environment.app_token);
        web.on_scopes([all = config](std::string_view told) { say_missing_scopes(told, *all); });
        tasks.on_failure([this](std::string const& name, std::exception_ptr const&) {
            die(fail(Errc::internal, "the task \"{}\" failed; the log says why", name));
        });
    }

    void die(Error error) {
        if (fatal) return;
        fatal = std::move(error);
        if (fatal_listener) fatal_listener(*fatal);
    }

    // --- start ------------------------------------------------------------------------------------------------------

    asio::awaitable<Result<void>> open_store() {
        auto const url = environment.store_url.empty() ? config->store.url : environment.store_url;
        auto opened = Store::open(
            {.url = url, .queue_limit = 50'000, .readers = 2},
            [ex = executor](std::function<void()> function) { asio::post(ex, std::move(function)); }, metrics);
        if (!opened) co_return opened.error();
        store = std::move(*opened);
        auto const result = co_await write(*store, clock.now(), [fresh = random_hex(8)](Tx& tx) {
            if (!tx.setting(installation_setting)) tx.set_setting(installation_setting, fresh);
        });
        if (result.status != WriteStatus::committed)
            co_return fail(Errc::unavailable, "{} was opened but cannot be written", url);
        co_await read(*store, [this](Snapshot const& snapshot) {
            installation = snapshot.setting(installation_setting).value_or("");
            stored_workspace = snapshot.setting(workspace_setting).value_or("");
        });
        co_return Result<void>{};
    }

    Result<void> listen() {
        if (!parts.http) return {};
        server = std::make_unique<net::HttpServer>(executor, net::HttpServer::Options{});
        route_admin(
            *server, [this] { return missing(); }, metrics, *store);
        auto const& address = config->http.listen;
        ESC_CHECK(server->listen(address));
        // The port that was bound, since ":0" takes any.
        log::info("http_listening", {{"address", fmt::format("{}:{}", address.substr(0, address.rfind(':')), server->port())}});
        return {};
    }

    [[nodiscard]] std::vector<std::string> missing() const {
        std::vector<std::string> reasons;
        if (stopping) reasons.emplace_back("stopping");
        if (!slack_trouble.empty())
            reasons.push_back("slack: " + slack_trouble);
        else if (!socket || !socket->ready())
            reasons.emplace_back("slack: no connection is past its hello");
        if (fatal) reasons.push_back(fatal->message);
        return reasons;
    }

    // Everything that needs no Slack: writing is possible before the first word from it.
    void build() {
        homes = std::make_unique<Homes>(executor, clock, router, *store, directory, web, metrics, config);
        dispatcher = std::make_unique<Dispatcher>(executor, clock, router, *store, directory, *homes, web, metrics, config);
        relay = std::make_unique<OutboxRelay>(executor, clock, *store, directory, web, metrics, config);
        refresher = std::make_unique<Refresher>(executor, clock, *store, *relay);
        boards = std::make_unique<Boards>(executor, clock, *store);
        directory.on_readers_changed([this] { boards->changed(); });
        store->on_commit([this](CommitNotice const& notice) {
            if (notice.outbox_changed) relay->wake();
            if (notice.boards_changed) boards->pinned();
            if (notice.queue_changed) boards->changed();
            if (!notice.earliest_point) return;
            if (scheduler) scheduler->point_written(*notice.earliest_point);
            refresher->wake();
            homes->changed(Homes::Change::other);
        });
    }

    // Who are we? Errc::forbidden or Errc::conflict end the start; anything else is worth another try.
    asio::awaitable<Result<void>> identify() {
        auto const answer = co_await web.call(slack::auth_test(), WebClient::Patience::interactive, identify_limit);
        if (!answer) {
            slack_trouble = answer.error().message;
            auto const& cause = answer.error().cause;
            if (slack::is_about_token(cause) || cause == "no_permission") co_return refused_token(answer.error());
            co_return answer.error().code == Errc::rate_limited ? answer.error() : fail(Errc::unavailable, "{}", slack_trouble);
        }
        auto const identity = slack::read_identity(*answer);
        if (!identity) {
            slack_trouble = identity.error().message;
            co_return fail(Errc::unavailable, "{}", slack_trouble);
        }
        auto const& workspace = identity->workspace.value;
        if (!stored_workspace.empty() && stored_workspace != workspace)
            co_return fail(
                Errc::conflict,
                "the store belongs to workspace {} and the token to {}: use that workspace's token or another [store] url",
                stored_workspace, workspace);
        directory.identity(*identity);
        log::info("identified", {{"workspace", workspace}, {"url", identity->workspace_url}, {"bot", identity->bot_user.value}});
        if (stored_workspace.empty()) {
            auto const result =
                co_await write(*store, clock.now(), [workspace](Tx& tx) { tx.set_setting(workspace_setting, workspace); });
            if (result.status != WriteStatus::committed)
                co_return fail(Errc::unavailable, "the store could not write down the workspace");
            stored_workspace = workspace;
        }
        slack_trouble.clear();
        co_return Result<void>{};
    }

    // Slack knows us: from now on there is traffic.
    void connect() {
        auto const api = net::Url::parse(environment.api_url);
        socket = std::make_unique<SocketMode>(
            executor, clock, web, tls, metrics, SocketModeFsm::Options{.connections = config->slack.connections},
            api && api->loopback(),
            [this](slack::Envelope envelope, std::shared_ptr<Ack> ack) {
                dispatcher->deliver(std::move(envelope), std::move(ack));
            },
            [this](Error error) { die(std::move(error)); });
        tasks.spawn("directory", keep_directory(*this));
        socket->start();
        relay->start(installation);
        refresher->start();
        boards->start();
        homes->start();
        if (parts.alert_scheduler) {
            scheduler = std::make_unique<AlertScheduler>(executor, clock, *store, directory, metrics, config,
                                                         directory.identity().workspace);
            scheduler->start();
        }
    }

    static asio::awaitable<void> keep_connecting(Impl& self) {
        auto backoff = connect_backoff_first;
        Duration pause{0};
        for (;;) {
            co_await net::sleep_until(self.clock, self.clock.now() + std::max(backoff, pause));
            backoff = std::min(backoff * 2, connect_backoff_max);
            auto const known = co_await self.identify();
            if (self.stopping) co_return;
            if (known) {
                self.connect();
                co_return;
            }
            if (known.error().code == Errc::forbidden || known.error().code == Errc::conflict) {
                self.die(known.error());
                co_return;
            }
            pause = known.error().retry_after;
        }
    }

    // Who is in charge is looked after as soon as people are known, and every hour.
    static asio::awaitable<void> keep_directory(Impl& self) {
        for (;;) {
            co_await self.directory.load();
            for (auto const again = self.clock.now() + directory_reload; self.clock.now() < again;) {
                co_await look_after_those_in_charge(*self.store, self.clock, self.directory, self.config);
                co_await net::sleep_until(self.clock, std::min(again, self.clock.now() + in_charge_interval));
            }
        }
    }

    static asio::awaitable<void> keep_inbox_small(Impl& self) {
        for (;;) {
            auto const pruned = std::make_shared<int>(0);
            auto const before = self.clock.now() - inbox_life;
            auto const result = co_await write(*self.store, self.clock.now(),
                                               [pruned, before](Tx& tx) { *pruned = tx.prune_inbox(before, prune_batch); });
            bool const more = result.status == WriteStatus::committed && *pruned >= prune_batch;
            // Between batches the commands have their turn; the rest can wait an hour. What another program wrote meanwhile
            // (escalationd redact) is seen then at the latest.
            if (!more && self.relay) self.relay->wake();
            co_await net::sleep_until(self.clock, self.clock.now() + (more ? Duration{100ms} : prune_interval));
        }
    }

    // [retention] texts: what has been over for that long loses its texts, in small goes once a day.
    static asio::awaitable<void> keep_texts_young(Impl& self) {
        handlers::Redaction what;
        what.limit = retention_batch;
        for (;;) {
            auto const now = self.clock.now();
            what.over_before = now - *self.config->retention.texts;
            auto const done = std::make_shared<handlers::Redacted>();
            co_await read(*self.store, [&what](Snapshot const& snapshot) {
                what.found.reset();
                if (auto ids = handlers::redactions(snapshot, what)) what.found = *std::move(ids);
            });
            auto const result = co_await write(*self.store, now, [done, what, now](Tx& tx) {
                if (auto const part = handlers::redact(tx, what, now)) *done = *part;
            });
            bool const more = result.status == WriteStatus::committed && done->more;
            what.after = more ? done->last : EscalationId{};
            if (done->escalations > 0) log::info("texts_erased", {{"escalations", done->escalations}, {"texts", done->texts}});
            co_await net::sleep_until(self.clock, self.clock.now() + (more ? retention_pause : retention_interval));
        }
    }

    asio::awaitable<Result<void>> start() {
        ESC_CO_CHECK(co_await open_store());
        ESC_CO_CHECK(listen());
        build();
        tasks.spawn("inbox", keep_inbox_small(*this));
        if (config->retention.texts) tasks.spawn("retention", keep_texts_young(*this));
        auto const known = co_await identify();
        // Told to end meanwhile: an answer that was cut short says nothing about Slack.
        if ((co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none)
            throw boost::system::system_error(asio::error::operation_aborted);
        if (known) {
            connect();
        } else if (known.error().code == Errc::forbidden || known.error().code == Errc::conflict) {
            co_return known.error();
        } else {
            log::warning("slack_unreachable", {{"error", known.error().message}, {"then", "tried again until it answers"}});
            tasks.spawn("connect", keep_connecting(*this));
        }
        co_return Result<void>{};
    }

    // --- stop -------------------------------------------------------------------------------------------------------

    asio::awaitable<void> stop() {
        stopping = true;
        if (store) store->hurry();
        using std::chrono::steady_clock;
        auto const at_most = [end = steady_clock::now() + stop_limit](steady_clock::duration limit) {
            return std::clamp(end - steady_clock::now(), steady_clock::duration::zero(), limit);
        };
        if (dispatcher) co_await dispatcher->stop(at_most(drain_limit));
        // Acks of the last commands are still in the sockets' queues.
        if (socket) co_await net::comes_true([this] { return socket->quiet(); }, at_most(ack_limit));
        if (socket) co_await socket->stop();
        tasks.cancel();
        if (homes) co_await homes->stop();
        if (refresher) co_await refresher->stop();
        if (boards) co_await boards->stop();
        if (scheduler) co_await scheduler->stop();
        if (relay) co_await relay->stop(at_most(relay_limit));
        if (server) co_await server->stop(at_most(http_limit));
        co_await tasks.wait();
        if (store) store->stop();
    }

    [[nodiscard]] bool ready() const {
        return store && socket && socket->ready() && slack_trouble.empty() && !stopping && !fatal;
    }
    [[nodiscard]] bool quiet() const {
        return (!dispatcher || dispatcher->quiet()) && (!relay || relay->quiet()) && (!scheduler || scheduler->quiet()) &&
               (!refresher || refresher->quiet()) && (!boards || boards->quiet()) && (!homes || homes->quiet()) &&
               (!socket || socket->quiet()) && web.in_flight() == 0 && (!store || store->queued() == 0);
    }
};

App::App(asio::any_io_executor executor, Clock& clock, Config config, Environment environment, Parts parts)
    : impl_(std::make_unique<Impl>(std::move(executor), clock, std::move(config), std::move(environment), parts)) {}
App::~App() = default;

asio::awaitable<Result<void>> App::start() { co_return co_await impl_->start(); }
asio::awaitable<void> App::stop() { co_await impl_->stop(); }
std::optional<Error> App::fatal() const { return impl_->fatal; }
void App::on_fatal(std::function<void(Error const&)> listener) { impl_->fatal_listener = std::move(listener); }
bool App::ready() const { return impl_->ready(); }
std::uint16_t App::http_port() const { return impl_->server ? impl_->server->port() : std::uint16_t{0}; }
Metrics& App::metrics() { return impl_->metrics; }
bool App::quiet() const { return impl_->quiet(); }

}  // namespace esc::run
