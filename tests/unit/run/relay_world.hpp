// A relay at work in the small Slack, and the time that it needs.
#pragma once

#include "bot/run/outbox_relay.hpp"
#include "tests/unit/run/slack_world.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace esc::test {

inline constexpr char const* relay_installation = "1234abcd";

struct RelayWorld : SlackWorld {
    std::unique_ptr<run::OutboxRelay> relay{};
    std::function<bool()> others_rest{};  // parts that a test adds

    RelayWorld() { start(); }
    ~RelayWorld() { stop(); }
    void start() {
        relay = std::make_unique<run::OutboxRelay>(io.get_executor(), clock, *store, *directory, web, metrics, settings);
        store->on_commit([this](CommitNotice const& notice) {
            if (relay && notice.outbox_changed) relay->wake();
        });
        relay->start(relay_installation);
    }
    void stop() {
        if (relay) finish(relay->stop(std::chrono::milliseconds{100}));
        relay.reset();
    }
    // Lets everything happen that needs no time, then moves it, up to `span`, from one timer to the next.
    void pass(Duration span) {
        auto const end = clock.now() + span;
        for (;;) {
            rest();
            auto const next = clock.next_timer();
            if (!next || *next > end) break;
            clock.advance_to(*next);
            settle(io);
        }
        clock.advance_to(end);
        rest();
    }
    void rest() {
        BOOST_REQUIRE(until([&] { return relay->quiet() && store->queued() == 0 && (!others_rest || others_rest()); }));
    }
    [[nodiscard]] Snapshot::OutboxDepth depth() {
        Snapshot::OutboxDepth found;
        read([&](Snapshot const& snapshot) { found = snapshot.outbox_depth(); });
        return found;
    }
    void enqueue(OutboxItem item) {
        write([item](Tx& tx) { tx.enqueue(item); });
    }
    void refresh_card(EscalationId id) { enqueue({"card:" + std::to_string(id.number), OutboxKind::card, id, {}, clock.now()}); }
    // No time shows on it any more.
    void without_clocks(EscalationId id) {
        write([id, now = clock.now()](Tx& tx) {
            Decision decision{.after = *tx.escalation(id)};
            decision.after.version += 1;
            for (auto& clock : decision.after.clocks) clock.paused_at = now;
            decision.after.next_point.reset();
            decision.events.push_back({.type = EventType::waited, .recorded_at = now});
            tx.apply(decision);
        });
    }
    // The next post happens, the connection ends before its answer, and the relay with it.
    void die_between_post_and_answer() {
        bool posted = false;
        slack.always["chat.postMessage"] = [&](TinySlack::Form const& form) {
            auto const thread = form.contains("thread_ts") ? form.at("thread_ts") : std::string{};
            slack.put(form.at("channel"), thread, form.at("text")).metadata = boost::json::parse(form.at("metadata"));
            posted = true;
            return Answer{.manner = Answer::Manner::hang_up, .headers = {}};
        };
        BOOST_REQUIRE(until([&] { return posted; }));
        stop();
        slack.always.clear();
    }
    [[nodiscard]] Escalation at(EscalationId id) {
        std::optional<Escalation> found;
        read([&](Snapshot const& snapshot) { found = snapshot.escalation(id); });
        return found.value();
    }
    [[nodiscard]] std::optional<Surface> surface(std::string const& key) {
        std::optional<Surface> found;
        read([&](Snapshot const& snapshot) { found = snapshot.surface(key); });
        return found;
    }
};

}  // namespace esc::test
