// The hands of SocketModeFsm: per connection one coroutine that opens and reads and one that writes and closes. Frames go
// straight from the read to the dispatcher, acks straight into the write queue: nothing is spawned per envelope.
#include "bot/run/socket_mode.hpp"

#include "bot/base/log.hpp"
#include "bot/net/timeout.hpp"
#include "bot/net/url.hpp"
#include "bot/net/websocket.hpp"
#include "bot/slack/web_api.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/system/error_code.hpp>

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <random>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace esc::run {
namespace {

using namespace std::chrono_literals;
using boost::asio::awaitable;
using SteadyPoint = std::chrono::steady_clock::time_point;

constexpr std::size_t queue_frames_max = 65'536;  // acks waiting on one connection; more means that it takes nothing any more
constexpr std::size_t frames_together = 256;      // acks of one commit go out with one call
constexpr std::size_t homeless_acks_max = 1'024;  // acks that wait for the next ready connection
constexpr auto homeless_ack_age_max = 30s;        // Slack has long given up on these
constexpr auto ticket_limit = 10s;                // apps.connections.open
constexpr auto close_limit = 1500ms;              // from the decision to close until TCP is dropped
constexpr auto stop_limit = 1700ms;

std::vector<double> const ack_bounds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10};

struct Outgoing {
    std::string frame{};
    SteadyPoint read_at{};
};

struct Link {
    ConnectionId id;
    net::Signal wake;
    boost::asio::steady_timer close_timer;
    std::unique_ptr<net::Websocket> socket{};  // set once the upgrade is done
    std::deque<Outgoing> queue{};
    bool draining = false;
    bool closing = false;  // decided
    bool shut = false;     // the close handshake has begun: nothing can be written any more
    bool ended = false;

    Link(ConnectionId number, boost::asio::any_io_executor const& executor) : id(number), wake(executor), close_timer(executor) {}
    [[nodiscard]] bool writable() const { return socket != nullptr && !shut && !ended; }
    void end_writing() {
        ended = true;
        if (socket) socket->abort();
        wake.notify();
    }
};

}  // namespace

// --- Ack ------------------------------------------------------------------------------------------------------------

Ack::Ack(std::string envelope_id, bool accepts_payload, Send send)
    : envelope_id_(std::move(envelope_id)), accepts_payload_(accepts_payload), send_(std::move(send)) {}

bool Ack::operator()(std::string_view payload_json) {
    if (sent_) {
        ++ignored_;
        return false;
    }
    sent_ = true;
    bool const bare = payload_json.empty();
    std::string frame = bare || accepts_payload_ ? slack::ack_frame(envelope_id_, payload_json) : std::string{};
    bool const fits = !frame.empty() && frame.size() <= slack::ack_frame_bytes_max;
    send_(fits ? std::move(frame) : slack::ack_frame(envelope_id_));
    return fits;
}

// --- SocketMode -----------------------------------------------------------------------------------------------------

struct SocketMode::Impl : std::enable_shared_from_this<Impl> {
    // Tells, when the dispatcher lets go of it, whether the envelope was ever answered.
    struct CountedAck : Ack {
        std::weak_ptr<Impl> owner;
        CountedAck(std::string envelope_id, bool accepts_payload, Send send, std::weak_ptr<Impl> impl)
            : Ack(std::move(envelope_id), accepts_payload, std::move(send)), owner(std::move(impl)) {}
        ~CountedAck() {
            auto const impl = owner.lock();
            if (!impl) return;
            if (ignored() > 0) impl->acks_ignored.add(ignored());
            if (sent()) return;
            --impl->unanswered;
            impl->acks_missing.add();
        }
        CountedAck(CountedAck const&) = delete;
        CountedAck& operator=(CountedAck const&) = delete;
    };

    boost::asio::any_io_executor executor;
    Clock& clock;
    WebClient& web;
    net::TlsContext& tls;
    Metrics& metrics;
    bool loopback_allowed;
    SocketMode::Deliver deliver;
    std::function<void(Error)> give_up;
    std::mt19937_64 engine{std::random_device{}()};
    SocketModeFsm fsm;
    net::TaskGroup tasks;
    std::map<ConnectionId, std::shared_ptr<Link>> links{};
    std::deque<Outgoing> homeless{};
    std::deque<Action> pending{};
    bool performing = false;
    std::optional<Clock::TimerId> timer{};
    std::size_t unanswered = 0;  // delivered, no ack yet
    std::size_t unwritten = 0;   // acks in the queues of connections
    std::map<std::string, std::int64_t, std::less<>> reported_reconnects{};
    int reported_surplus = 0;

    Gauge ready_gauge;
    Gauge surplus_gauge;
    Counter events;
    Counter commands;
    Counter interactive;
    Counter unreadable;
    Counter garbage;
    Counter acks_rerouted;
    Counter acks_dropped;
    Counter acks_ignored;
    Counter acks_missing;
    Histogram ack_seconds;

    Impl(boost::asio::any_io_executor the_executor, Clock& the_clock, WebClient& client, net::TlsContext& context, Metrics& all,
         SocketModeFsm::Options options, bool loopback, SocketMode::Deliver deliver_to, std::function<void(Error)> on_give_up)
        : executor(std::move(the_executor)),
          clock(the_clock),
          web(client),
          tls(context),
          metrics(all),
          loopback_allowed(loopback),
          deliver(std::move(deliver_to)),
          give_up(std::move(on_give_up)),
          fsm(options, [this] { return std::uniform_real_distribution<double>(0.0, 1.0)(engine); }),
          tasks(executor),
          ready_gauge(all.gauge("esc_socket_connections", "Socket Mode connections", {{"state", "ready"}})),
          surplus_gauge(all.gauge("esc_socket_surplus", "Connections of this app that another process holds")),
          events(envelope_counter("events_api")),
          commands(envelope_counter("slash_commands")),
          interactive(envelope_counter("interactive")),
          unreadable(envelope_counter("unreadable")),
          garbage(envelope_counter("garbage")),
          acks_rerouted(all.counter("esc_acks_rerouted_total", "Acks written on another connection than the one that asked")),
          acks_dropped(all.counter("esc_acks_dropped_total", "Acks that no connection took in time, or over the queue's bound")),
          acks_ignored(all.counter("esc_acks_ignored_total", "Second acks of one envelope")),
          acks_missing(all.counter("esc_acks_missing_total", "Envelopes let go without an ack")),
          ack_seconds(all.histogram("esc_ack_seconds", "From reading an envelope to having written its ack", ack_bounds)) {}

    Counter envelope_counter(std::string const& type) {
        return metrics.counter("esc_envelopes_total", "Frames from Slack by type", {{"type", type}});
    }

    // --- events in, actions out -------------------------------------------------------------------------------------

    void on_frame(Link const& link, slack::Frame frame, SteadyPoint read_at) {
        if (auto const* envelope = std::get_if<slack::Envelope>(&frame)) {
            if (envelope->type == "events_api")
                events.add();
            else if (envelope->type == "interactive")
                interactive.add();
            else
                commands.add();
            // The machine has nothing to decide but whether the connection is known: no bookkeeping after it.
            perform(fsm.frame(link.id, std::move(frame), clock.now()), read_at);
            return;
        }
        if (auto const* unknown = std::get_if<slack::Unreadable>(&frame)) {
            unreadable.add();
            log::warning("envelope_unreadable",
                         {{"trace", unknown->envelope_id}, {"type", unknown->type}, {"why", unknown->why}});
        } else if (std::holds_alternative<slack::Garbage>(frame)) {
            garbage.add();
            log::debug("frame_garbage", {{"connection", link.id}, {"why", std::get<slack::Garbage>(frame).why}});
        } else if (auto const* disconnect = std::get_if<slack::Disconnect>(&frame)) {
            log::info("socket_disconnect_announced", {{"connection", link.id}, {"reason", disconnect->reason}});
        } else {
            log::info("socket_hello",
                      {{"connection", link.id}, {"num_connections", std::get<slack::Hello>(frame).num_connections}});
        }
        after_event(fsm.frame(link.id, std::move(frame), clock.now()), read_at);
    }

    void after_event(Actions actions, SteadyPoint read_at = {}) {
        perform(std::move(actions), read_at);
        for (auto const& [reason, count] : fsm.reconnects()) {
            auto& reported = reported_reconnects[reason];
            if (reported == count) continue;
            metrics.counter("esc_socket_reconnects_total", "Connections replaced or opened again", {{"reason", reason}})
                .add(static_cast<double>(count - reported));
            reported = count;
        }
        if (fsm.surplus() != reported_surplus) {
            reported_surplus = fsm.surplus();
            surplus_gauge.set(reported_surplus);
            if (reported_surplus > 0) log::warning("socket_surplus", {{"connections", reported_surplus}});
        }
        ready_gauge.set(fsm.ready());
        if (fsm.ready() > 0) house_homeless();
    }

    // What an action triggers may come back here at once (an open that fails on the spot): first things first.
    void perform(Actions actions, SteadyPoint read_at) {
        if (!performing && actions.size() == 1) {
            if (auto* only = std::get_if<run::Deliver>(&actions.front())) return hand_out(std::move(*only), read_at);
        }
        for (auto& action : actions) pending.push_back(std::move(action));
        if (performing) return;
        performing = true;
        struct Done {
            bool& flag;
            ~Done() { flag = false; }
        } const done{performing};
        while (!pending.empty()) {
            Action action = std::move(pending.front());
            pending.pop_front();
            std::visit([this, read_at](auto& what) { act(what, read_at); }, action);
        }
    }

    void act(OpenConnection& open, SteadyPoint) {
        auto link = std::make_shared<Link>(open.id, executor);
        links.emplace(open.id, link);
        tasks.spawn("socket-" + std::to_string(open.id), run(shared_from_this(), std::move(link)));
    }
    void act(SendAck& ack, SteadyPoint read_at) { enqueue(ack.id, {slack::ack_frame(ack.envelope_id), read_at}); }
    void act(run::Deliver& what, SteadyPoint read_at) { hand_out(std::move(what), read_at); }
    void act(DrainConnection& drain, SteadyPoint) {
        if (auto const found = links.find(drain.id); found != links.end()) found->second->draining = true;
    }
    void act(CloseConnection& close, SteadyPoint) {
        auto const found = links.find(close.id);
        if (found == links.end() || found->second->closing) return;
        std::shared_ptr<Link> const link = found->second;
        link->closing = true;  // the writer empties its queue and closes; an opening one notices at its next step
        link->wake.notify();
        link->close_timer.expires_after(close_limit);
        link->close_timer.async_wait([link](boost::system::error_code const& error) {
            if (!error && link->socket) link->socket->abort();
        });
    }
    void act(WakeAt& wake, SteadyPoint) {
        if (timer) clock.cancel(*timer);
        timer = clock.call_at(wake.at, [weak = weak_from_this()] {
            auto const self = weak.lock();
            if (!self) return;
            self->timer.reset();
            self->after_event(self->fsm.tick(self->clock.now()));
        });
    }
    void act(GiveUp& what, SteadyPoint) {
        log::error("socket_mode_refused", {{"cause", what.error.cause}, {"message", what.error.message}});
        give_up(std::move(what.error));
    }

    void hand_out(run::Deliver what, SteadyPoint read_at) {
        auto send = [weak = weak_from_this(), id = what.id, read_at](std::string frame) {
            auto const self = weak.lock();
            if (!self) return;
            --self->unanswered;
            self->enqueue(id, {std::move(frame), read_at});
        };
        slack::Envelope& envelope = what.envelope;
        std::shared_ptr<Ack> ack = std::make_shared<CountedAck>(envelope.envelope_id, envelope.accepts_response_payload,
                                                                std::move(send), weak_from_this());
        ++unanswered;
        deliver(std::move(envelope), std::move(ack));
    }

    // --- acks -------------------------------------------------------------------------------------------------------

    void enqueue(ConnectionId id, Outgoing outgoing) {
        auto const found = links.find(id);
        if (found != links.end() && found->second->writable()) return push(*found->second, std::move(outgoing));
        reroute(std::move(outgoing));
    }

    // The connection that asked is gone: Slack takes the ack from another one of the app.
    void reroute(Outgoing outgoing) {
        for (auto const& [id, link] : links) {
            if (!link->writable() || link->draining || fsm.state(id) != SocketModeFsm::State::ready) continue;
            acks_rerouted.add();
            return push(*link, std::move(outgoing));
        }
        if (homeless.size() >= homeless_acks_max) {
            homeless.pop_front();
            acks_dropped.add();
        }
        homeless.push_back(std::move(outgoing));
    }

    void house_homeless() {
        auto waiting = std::exchange(homeless, {});
        for (auto& outgoing : waiting) {
            if (std::chrono::steady_clock::now() - outgoing.read_at > homeless_ack_age_max)
                acks_dropped.add();
            else
                reroute(std::move(outgoing));
        }
    }

    void push(Link& link, Outgoing outgoing) {
        if (link.queue.size() >= queue_frames_max) {
            // It takes no bytes any more. Its reader sees the end, and the acks go out elsewhere.
            log::warning("socket_write_queue_full", {{"connection", link.id}, {"frames", link.queue.size()}});
            acks_dropped.add();
            link.socket->abort();
            return;
        }
        bool const idle = link.queue.empty();
        link.queue.push_back(std::move(outgoing));
        ++unwritten;
        if (idle) link.wake.notify();
    }

    // --- coroutines of one connection -------------------------------------------------------------------------------

    static awaitable<void> run(std::shared_ptr<Impl> self, std::shared_ptr<Link> link) {
        std::string reason = "failed inside";
        std::exception_ptr broken;
        try {
            Result<std::unique_ptr<net::Websocket>> socket = co_await open(*self, *link);
            if (!socket) {
                self->links.erase(link->id);
                link->close_timer.cancel();
                log::warning("socket_open_failed", {{"connection", link->id}, {"message", socket.error().message}});
                self->after_event(self->fsm.open_failed(link->id, socket.error(), self->clock.now()));
                co_return;
            }
            link->socket = *std::move(socket);
            self->tasks.spawn("socket-" + std::to_string(link->id) + "-write", write_all(self, link));
            self->after_event(self->fsm.opened(link->id, self->clock.now()));
            reason = co_await read_all(*self, *link);
        } catch (...) {
            broken = std::current_exception();
        }
        link->end_writing();
        link->close_timer.cancel();
        self->links.erase(link->id);
        log::info("socket_closed", {{"connection", link->id}, {"reason", reason}});
        auto left = std::exchange(link->queue, {});
        self->unwritten -= left.size();
        self->after_event(self->fsm.closed(link->id, reason, self->clock.now()));
        for (auto& outgoing : left) self->reroute(std::move(outgoing));
        if (broken) std::rethrow_exception(broken);
    }

    static awaitable<Result<std::unique_ptr<net::Websocket>>> open(Impl& self, Link& link) {
        // Interactive: how often this is asked for is the machine's decision, and so is the wait after 429.
        Result<boost::json::object> answer =
            co_await self.web.call(slack::apps_connections_open(), WebClient::Patience::interactive, ticket_limit);
        if (!answer) co_return answer.error();
        if (link.closing) co_return fail(Errc::unavailable, "not wanted any more");
        auto const* text = answer->if_contains("url");
        if (text == nullptr || !text->is_string()) co_return fail(Errc::invalid, "apps.connections.open gave no address");
        Result<net::Url> url = net::Url::parse(std::string_view(text->get_string()));
        if (!url) co_return fail(Errc::invalid, "apps.connections.open gave an address that cannot be read");  // holds a ticket
        if (!url->tls && !(self.loopback_allowed && url->loopback()))
            co_return fail(Errc::forbidden, "apps.connections.open gave an address without TLS");
        std::string const origin = url->origin();
        Result<std::unique_ptr<net::Websocket>> socket =
            co_await net::Websocket::connect(*std::move(url), self.tls, net::Websocket::Options{});
        if (!socket) co_return socket.error();
        if (link.closing) {
            (*socket)->abort();
            co_return fail(Errc::unavailable, "not wanted any more");
        }
        log::info("socket_opened", {{"connection", link.id}, {"host", origin}});
        co_return socket;
    }

    static awaitable<std::string> read_all(Impl& self, Link& link) {
        for (;;) {
            Result<net::Websocket::Message> message = co_await link.socket->read();
            if (!message) co_return message.error().message;
            auto const read_at = std::chrono::steady_clock::now();
            if (message->text)
                self.on_frame(link, slack::parse_frame(message->data), read_at);
            else
                self.on_frame(link, slack::Garbage{"binary"}, read_at);
        }
    }

    static awaitable<void> write_all(std::shared_ptr<Impl> self, std::shared_ptr<Link> link) {
        while (!link->ended) {
            if (!link->queue.empty()) {
                // Copies, since frames go out on another connection if this one breaks under them.
                std::vector<std::string> frames;
                for (std::size_t at = 0; at < std::min(link->queue.size(), frames_together); ++at)
                    frames.push_back(link->queue[at].frame);
                auto const count = frames.size();
                Result<void> written = co_await link->socket->write(std::move(frames));
                if (link->ended) co_return;  // the reader has taken the queue along
                if (!written) {
                    link->socket->abort();
                    co_return;
                }
                auto const now = std::chrono::steady_clock::now();
                for (std::size_t at = 0; at < count; ++at) {
                    self->ack_seconds.observe(std::chrono::duration<double>(now - link->queue.front().read_at).count());
                    link->queue.pop_front();
                }
                self->unwritten -= count;
            } else if (link->closing) {
                link->shut = true;
                co_await link->socket->close();
                co_return;
            } else {
                co_await link->wake.wait(self->clock, std::nullopt);
            }
        }
    }

    static awaitable<void> stop(std::shared_ptr<Impl> self) {
        self->after_event(self->fsm.stop(self->clock.now()));
        if (self->timer) self->clock.cancel(*self->timer);
        self->timer.reset();
        boost::asio::steady_timer limit(self->executor, stop_limit);
        limit.async_wait([self](boost::system::error_code const& error) {
            if (!error) self->tasks.cancel();
        });
        co_await self->tasks.wait();
        limit.cancel();
        self->acks_dropped.add(static_cast<double>(self->homeless.size()));
        self->homeless.clear();
    }
};

SocketMode::SocketMode(boost::asio::any_io_executor executor, Clock& clock, WebClient& web, net::TlsContext& tls,
                       Metrics& metrics, SocketModeFsm::Options options, bool loopback_allowed, Deliver deliver,
                       std::function<void(Error)> give_up)
    : impl_(std::make_shared<Impl>(std::move(executor), clock, web, tls, metrics, options, loopback_allowed, std::move(deliver),
                                   std::move(give_up))) {}
SocketMode::~SocketMode() {
    if (impl_->timer) impl_->clock.cancel(*impl_->timer);
}

void SocketMode::start() { impl_->after_event(impl_->fsm.start(impl_->clock.now())); }
awaitable<void> SocketMode::stop() { return Impl::stop(impl_); }
bool SocketMode::ready() const { return impl_->fsm.ready() > 0; }
bool SocketMode::quiet() const { return impl_->unanswered == 0 && impl_->unwritten == 0; }

}  // namespace esc::run
