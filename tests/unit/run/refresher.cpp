// Countdowns on cards: how often, for whom first, and what of Slack's updates they may take.
#include "bot/run/refresher.hpp"

#include "handlers/answers.hpp"
#include "handlers/rules/ownership.hpp"
#include "tests/unit/run/relay_world.hpp"

#include <algorithm>
#include <chrono>
#include <map>

using namespace esc;
using namespace std::chrono_literals;
using test::TinySlack;

namespace {

struct World : test::RelayWorld {
    std::unique_ptr<run::Refresher> refresher{};
    std::vector<Instant> updated{};                   // when chat.update was called
    std::map<std::string, int> updates_by_message{};  // by ts

    World() {
        slack.always["chat.update"] = [this](TinySlack::Form const& form) {
            updated.push_back(clock.now());
            ++updates_by_message[form.at("ts")];
            return test::Answer{.body = R"({"ok":true})", .headers = {}};
        };
        refresher = std::make_unique<run::Refresher>(io.get_executor(), clock, *store, *relay);
        others_rest = [this] { return refresher->quiet(); };
        store->on_commit([this](CommitNotice const& notice) {
            if (notice.outbox_changed) relay->wake();
            if (notice.earliest_point) refresher->wake();
        });
        refresher->start();
    }
    ~World() {
        others_rest = {};
        store->on_commit({});
        finish(refresher->stop());
    }
    void change(EscalationId id) {
        write([id, now = clock.now()](Tx& tx) {
            Decision decision{.after = *tx.escalation(id)};
            decision.after.title += "!";
            decision.after.version += 1;
            decision.events.push_back({.type = EventType::replied, .recorded_at = now});
            decision.outbox.push_back({"card:" + std::to_string(id.number), OutboxKind::card, id, {}, now});
            tx.apply(decision);
        });
    }
    // The largest number of updates within any minute since `from`.
    [[nodiscard]] std::size_t most_in_a_minute(Instant from) const {
        std::size_t most = 0;
        for (auto at = updated.begin(); at != updated.end(); ++at) {
            if (*at < from) continue;
            auto const end = std::find_if(at, updated.end(), [&](Instant other) { return other >= *at + 1min; });
            most = std::max(most, static_cast<std::size_t>(end - at));
        }
        return most;
    }
};

MessageRef const command{{"C1"}, {}, {}};

}  // namespace

BOOST_AUTO_TEST_SUITE(refresher)

BOOST_FIXTURE_TEST_CASE(a_countdown_that_ends_within_the_hour_goes_on_every_minute, World) {
    raise(command);
    pass(10s);
    updated.clear();
    pass(10min);
    BOOST_TEST(updated.size() >= 8U);
    BOOST_TEST(updated.size() <= 11U);
}

BOOST_FIXTURE_TEST_CASE(one_that_is_far_off_goes_on_every_five_minutes, World) {
    auto const id = raise(command);
    pass(10s);
    write([id, now = clock.now()](Tx& tx) {
        Decision decision{.after = *tx.escalation(id)};
        decision.after.version += 1;
        for (auto& clock : decision.after.clocks) {
            clock.due = now + 10h;
            for (auto& point : clock.points) point.at = now + 10h;
        }
        decision.after.next_point = now + 10h;
        decision.events.push_back({.type = EventType::replied, .recorded_at = now});
        decision.outbox.push_back({"card:1", OutboxKind::card, id, {}, now});
        tx.apply(decision);
    });
    pass(10s);
    updated.clear();
    pass(60min);
    BOOST_TEST(updated.size() >= 10U);
    BOOST_TEST(updated.size() <= 13U);
}

BOOST_FIXTURE_TEST_CASE(a_card_without_a_running_clock_is_left_alone_and_nothing_wakes_up, World) {
    auto const id = raise(command);
    pass(10s);
    without_clocks(id);
    pass(10min);
    updated.clear();
    BOOST_TEST(!clock.next_timer().has_value());
    pass(2h);
    BOOST_TEST(updated.empty());
}

BOOST_FIXTURE_TEST_CASE(ticks_take_at_most_half_of_what_slack_grants_and_the_most_urgent_come_first, World) {
    for (int count = 0; count < 60; ++count) {
        raise(command);
        clock.advance(1s);
    }
    pass(3min);
    auto const from = clock.now();
    updates_by_message.clear();
    pass(5min);
    BOOST_TEST(most_in_a_minute(from) <= 25U);
    BOOST_TEST(most_in_a_minute(from) >= 20U);
    // Raised first is due first.
    std::optional<Surface> const first = surface("card:1");
    std::optional<Surface> const last = surface("card:60");
    BOOST_REQUIRE((first && last));
    BOOST_TEST(updates_by_message[first->ts.value] >= 4);
    BOOST_TEST(updates_by_message[last->ts.value] < updates_by_message[first->ts.value]);
}

BOOST_FIXTURE_TEST_CASE(a_change_does_not_wait_for_ticks, World) {
    for (int count = 0; count < 60; ++count) raise(command);
    pass(5min);
    for (int times = 0; times < 10; ++times) {
        updates_by_message.clear();
        auto const id = EscalationId{51 + times};
        auto const card = surface("card:" + std::to_string(id.number));
        BOOST_REQUIRE(card.has_value());
        change(id);
        pass(2s);
        BOOST_TEST(updates_by_message[card->ts.value] == 1);
        pass(7s);
    }
}

BOOST_FIXTURE_TEST_CASE(many_changes_leave_less_to_ticks, World) {
    for (int count = 0; count < 60; ++count) raise(command);
    pass(5min);
    auto const from = clock.now();
    for (int times = 0; times < 120; ++times) {
        change(EscalationId{1 + times % 60});
        pass(1500ms);
    }
    // 40 changes a minute leave ten, of which ticks may take five.
    BOOST_TEST(most_in_a_minute(from + 1min) <= 46U);
}

BOOST_FIXTURE_TEST_CASE(a_card_that_is_gone_comes_back_with_a_tick, World) {
    raise(command);
    pass(10s);
    slack.always["chat.update"] = [](TinySlack::Form const&) { return TinySlack::error("message_not_found"); };
    pass(3min);
    BOOST_TEST(slack.count("chat.postMessage") >= 2U);
    BOOST_TEST(depth().waiting == 0);
}

BOOST_AUTO_TEST_SUITE_END()
