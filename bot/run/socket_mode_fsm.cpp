// The rules of reconnection in one place: every way a connection can end leads through failed() or leave(), and only
// open_missing() opens.
#include "bot/run/socket_mode_fsm.hpp"

#include "bot/slack/web_api.hpp"

#include <algorithm>
#include <utility>

namespace esc::run {
namespace {

using namespace std::chrono_literals;

constexpr int life_percent_min = 80;
constexpr int life_percent_spread = 10;
constexpr Duration counted_after_close = 5min;  // Slack's num_connections may lag behind our closes
constexpr std::size_t gone_kept_max = 32;

// What apps.connections.open says that no repetition mends.
bool is_hopeless(std::string_view cause) { return slack::is_about_token(cause) || cause == "missing_scope"; }

// Reasons become metric labels, so a peer's free text must not become one.
std::string_view known_reason(std::string_view reason) {
    for (std::string_view const known : {"warning", "refresh_requested", "link_disabled", "too_many_websockets"})
        if (reason == known) return known;
    return "other";
}

}  // namespace

SocketModeFsm::SocketModeFsm(Options options, std::function<double()> random)
    : options_(options),
      // One place below the cap stays free for replacement before removal.
      wanted_(std::clamp(options.connections, 1, std::max(1, options.connections_max - 1))),
      random_(std::move(random)) {}

// --- events ---------------------------------------------------------------------------------------------------------

Actions SocketModeFsm::start(Instant now) {
    started_ = true;
    return finish(now, {});
}

Actions SocketModeFsm::opened(ConnectionId id, Instant now) {
    auto const entry = connections_.find(id);
    if (entry == connections_.end() || entry->second.state != State::opening) return {};
    entry->second.state = State::awaiting_hello;
    entry->second.hello_by = now + options_.hello_limit;
    return finish(now, {});
}

Actions SocketModeFsm::open_failed(ConnectionId id, Error const& error, Instant now) {
    auto const entry = connections_.find(id);
    if (entry == connections_.end()) return {};
    bool const wanted = entry->second.state != State::closing;
    connections_.erase(entry);
    Actions actions;
    if (wanted && !stopping_) {
        if (is_hopeless(error.cause)) {
            if (!given_up_) actions.emplace_back(GiveUp{error});
            given_up_ = true;
        }
        failed("open_failed", now);
        if (error.code == Errc::rate_limited && error.retry_after.count() > 0 && !link_disabled_)
            next_open_at_ = now + error.retry_after;
    }
    return finish(now, std::move(actions));
}

Actions SocketModeFsm::frame(ConnectionId id, slack::Frame frame, Instant now) {
    auto const entry = connections_.find(id);
    if (entry == connections_.end()) return {};
    if (!std::holds_alternative<slack::Garbage>(frame)) entry->second.garbage = 0;
    Actions actions;
    if (auto* envelope = std::get_if<slack::Envelope>(&frame)) {
        // Whatever the state: an envelope wants to be handled and acknowledged. It changes nothing here.
        actions.emplace_back(Deliver{id, std::move(*envelope)});
        return actions;
    }
    if (auto* unreadable = std::get_if<slack::Unreadable>(&frame)) {
        if (!unreadable->envelope_id.empty()) actions.emplace_back(SendAck{id, std::move(unreadable->envelope_id)});
        return actions;
    }
    if (auto const* hello = std::get_if<slack::Hello>(&frame)) on_hello(entry, *hello, now);
    if (auto const* disconnect = std::get_if<slack::Disconnect>(&frame)) on_disconnect(entry, disconnect->reason, now, actions);
    if (std::holds_alternative<slack::Garbage>(frame)) on_garbage(entry, now, actions);
    return finish(now, std::move(actions));
}

Actions SocketModeFsm::closed(ConnectionId id, std::string const& /*reason: the adaptor logs it*/, Instant now) {
    auto const entry = connections_.find(id);
    if (entry == connections_.end()) return {};
    settle(now);  // while it still counts
    Connection const connection = entry->second;
    connections_.erase(entry);
    gone_at_.push_back(now);
    if (gone_at_.size() > gone_kept_max) gone_at_.pop_front();
    if (connection.staying()) failed("closed", now);
    return finish(now, {});
}

Actions SocketModeFsm::tick(Instant now) {
    if (wake_at_ && *wake_at_ <= now) wake_at_.reset();
    Actions actions;
    for (auto entry = connections_.begin(); entry != connections_.end(); ++entry) {
        auto& [id, connection] = *entry;
        switch (connection.state) {
            case State::awaiting_hello:
                if (connection.hello_by > now) break;
                failed("hello_timeout", now);
                close(connection, id, actions);
                break;
            case State::ready:
                if (connection.refresh_at && *connection.refresh_at <= now) leave(entry, "planned", now, actions);
                break;
            case State::draining:
                if (connection.drain_until <= now) close(connection, id, actions);
                break;
            case State::opening:
            case State::closing:
                break;
        }
    }
    return finish(now, std::move(actions));
}

Actions SocketModeFsm::stop(Instant now) {
    stopping_ = true;
    Actions actions;
    for (auto& [id, connection] : connections_) close(connection, id, actions);
    return finish(now, std::move(actions));
}

// --- frames ---------------------------------------------------------------------------------------------------------

void SocketModeFsm::on_hello(Entry entry, slack::Hello const& hello, Instant now) {
    auto& [id, connection] = *entry;
    if (connection.state == State::opening || connection.state == State::awaiting_hello) {
        connection.state = State::ready;
        connection.hello_at = now;
        if (hello.approximate_connection_time && hello.approximate_connection_time->count() > 0)
            connection.refresh_at = planned_refresh(id, *hello.approximate_connection_time, now);
        link_disabled_ = false;
    }
    if (hello.num_connections <= 0) return;
    while (!gone_at_.empty() && gone_at_.front() + counted_after_close <= now) gone_at_.pop_front();
    auto own = static_cast<int>(gone_at_.size());
    for (auto const& [other, its] : connections_)
        if (its.state != State::opening) ++own;
    surplus_ = std::max(0, hello.num_connections - own);
}

void SocketModeFsm::on_disconnect(Entry entry, std::string const& reason, Instant now, Actions& actions) {
    std::string_view const known = known_reason(reason);
    if (stopping_) return;
    if (known == "link_disabled") return disable_link(now, actions);
    if (known == "too_many_websockets") return too_many(entry, now, actions);
    leave(entry, known, now, actions);
}

void SocketModeFsm::on_garbage(Entry entry, Instant now, Actions& actions) {
    Connection& connection = entry->second;
    if (++connection.garbage <= options_.garbage_max) return;
    connection.garbage = 0;
    leave(entry, "garbage", now, actions);
}

// Replacement first would never come through here: the cap is what stands in the way.
void SocketModeFsm::too_many(Entry entry, Instant now, Actions& actions) {
    for (auto& [id, connection] : connections_)
        if (id == entry->first || connection.state == State::draining || connection.leaving_since) close(connection, id, actions);
    failed("too_many_websockets", now);
}

void SocketModeFsm::disable_link(Instant now, Actions& actions) {
    for (auto& [id, connection] : connections_) close(connection, id, actions);
    link_disabled_ = true;
    failed("link_disabled", now);
}

// The connection has to be replaced. One that is not in service yet has nothing to be kept for.
void SocketModeFsm::leave(Entry entry, std::string_view reason, Instant now, Actions& actions) {
    auto& [id, connection] = *entry;
    if (!connection.staying()) return;
    settle(now);  // while it still counts
    // A connection that is sent away soon after its hello must not make a busy loop.
    bool const young = connection.state != State::ready || now - connection.hello_at < options_.stable_after;
    if (young || reason == "other" || reason == "garbage")
        failed(reason, now);
    else
        count(reason);
    if (connection.state == State::ready)
        connection.leaving_since = now;
    else
        close(connection, id, actions);
}

void SocketModeFsm::close(Connection& connection, ConnectionId id, Actions& actions) {
    if (connection.state == State::closing) return;
    connection.state = State::closing;
    connection.leaving_since.reset();
    actions.emplace_back(CloseConnection{id});
}

// --- when to open ---------------------------------------------------------------------------------------------------

void SocketModeFsm::count(std::string_view reason) { ++reconnects_[std::string(reason)]; }

void SocketModeFsm::failed(std::string_view reason, Instant now) {
    settle(now);
    count(reason);
    failures_ = std::min(failures_ + 1, 30);
    failed_at_ = now;
    if (link_disabled_) {
        next_open_at_ = now + options_.link_disabled_pause;
        return;
    }
    Duration const ceiling =
        std::min<Duration>(options_.backoff_max, Duration(options_.backoff_first) * (1LL << (failures_ - 1)));
    auto const jittered = std::chrono::duration_cast<Duration>(ceiling * random_());
    next_open_at_ = std::max(next_open_at_, now + jittered);
}

// Forgets failures once a connection that came after the last of them has lasted.
void SocketModeFsm::settle(Instant now) {
    bool const stable = std::any_of(connections_.begin(), connections_.end(), [&](auto const& entry) {
        Connection const& connection = entry.second;
        return connection.in_service() && !connection.leaving_since && connection.hello_at >= failed_at_ &&
               now - connection.hello_at >= options_.stable_after;
    });
    if (stable) failures_ = 0;
}

// At 80–90 % of the life that Slack announced; sooner by whole steps when another connection would be refreshed at about the
// same time, so that ages stay staggered.
Instant SocketModeFsm::planned_refresh(ConnectionId id, std::chrono::seconds life, Instant now) {
    double const share = (life_percent_min + life_percent_spread * random_()) / 100.0;
    Duration const whole = std::chrono::duration_cast<Duration>(std::min<Duration>(life, 24h * 30) * share);
    Duration const step = whole / wanted_;
    Duration after = whole;
    auto const crowded = [&] {
        return std::any_of(connections_.begin(), connections_.end(), [&](auto const& entry) {
            auto const& [other, connection] = entry;
            if (other == id || !connection.staying() || !connection.refresh_at) return false;
            return std::chrono::abs(*connection.refresh_at - (now + after)) < step / 2;
        });
    };
    for (int moved = 1; moved < wanted_ && crowded(); ++moved) after -= step;
    return now + std::max<Duration>(after, options_.stable_after);
}

int SocketModeFsm::missing() const {
    auto const staying =
        std::count_if(connections_.begin(), connections_.end(), [](auto const& entry) { return entry.second.staying(); });
    return std::max(0, wanted_ - static_cast<int>(staying));
}

void SocketModeFsm::drain_replaced(Instant now, Actions& actions) {
    for (;;) {
        int in_service = 0;
        Entry oldest = connections_.end();
        for (auto entry = connections_.begin(); entry != connections_.end(); ++entry) {
            Connection const& connection = entry->second;
            if (!connection.in_service()) continue;
            ++in_service;
            if (!connection.leaving_since) continue;
            if (oldest == connections_.end() || *connection.leaving_since < *oldest->second.leaving_since) oldest = entry;
        }
        if (in_service <= wanted_ || oldest == connections_.end()) return;
        Connection& connection = oldest->second;
        connection.state = State::draining;
        connection.leaving_since.reset();
        connection.drain_until = now + options_.drain_limit;
        actions.emplace_back(DrainConnection{oldest->first, connection.drain_until});
    }
}

void SocketModeFsm::open_missing(Instant now, Actions& actions) {
    if (!started_ || stopping_ || given_up_ || missing() == 0 || next_open_at_ > now) return;
    if (static_cast<int>(connections_.size()) >= options_.connections_max) return;
    bool const under_way = std::any_of(connections_.begin(), connections_.end(), [](auto const& entry) {
        return entry.second.state == State::opening || entry.second.state == State::awaiting_hello;
    });
    if (under_way) return;
    ConnectionId const id = ++last_id_;
    connections_[id] = Connection{};
    actions.emplace_back(OpenConnection{id});
}

void SocketModeFsm::wake(Actions& actions) {
    std::optional<Instant> next;
    auto const consider = [&next](Instant at) { next = next ? std::min(*next, at) : at; };
    bool under_way = false;
    for (auto const& [id, connection] : connections_) {
        under_way = under_way || connection.state == State::opening || connection.state == State::awaiting_hello;
        if (connection.state == State::awaiting_hello) consider(connection.hello_by);
        if (connection.state == State::ready && connection.refresh_at && !connection.leaving_since)
            consider(*connection.refresh_at);
        if (connection.state == State::draining) consider(connection.drain_until);
    }
    bool const room = static_cast<int>(connections_.size()) < options_.connections_max;
    if (started_ && !stopping_ && !given_up_ && !under_way && room && missing() > 0) consider(next_open_at_);
    if (!next || next == wake_at_) return;
    wake_at_ = next;
    actions.emplace_back(WakeAt{*next});
}

Actions SocketModeFsm::finish(Instant now, Actions actions) {
    settle(now);
    drain_replaced(now, actions);
    open_missing(now, actions);
    wake(actions);
    return actions;
}

// --- questions ------------------------------------------------------------------------------------------------------

std::optional<SocketModeFsm::State> SocketModeFsm::state(ConnectionId id) const {
    auto const entry = connections_.find(id);
    return entry == connections_.end() ? std::nullopt : std::optional(entry->second.state);
}

int SocketModeFsm::ready() const {
    return static_cast<int>(
        std::count_if(connections_.begin(), connections_.end(), [](auto const& entry) { return entry.second.in_service(); }));
}

}  // namespace esc::run
