// Pacing as tables: who asks when, who may go when.
#include "bot/run/lanes.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace std::chrono_literals;
using esc::Duration;
using esc::Instant;
using esc::run::Lanes;
using esc::slack::Call;
using esc::slack::Tier;

namespace {

Instant const start = esc::from_us(1'790'000'000'000'000);

Call method(Tier tier, std::string_view name = "m") { return Call{.method = name, .tier = tier}; }
Call post(std::string channel, Tier tier = Tier::special) {
    return Call{.method = "chat.postMessage", .tier = tier, .posts_to = {std::move(channel)}};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(lanes)

BOOST_AUTO_TEST_CASE(each_tier_has_its_burst_and_its_interval) {
    struct Row {
        Tier tier;
        int burst;
        Duration interval;
    };
    for (auto const& row :
         {Row{Tier::one, 2, 60s}, Row{Tier::two, 5, 3s}, Row{Tier::three, 12, 1200ms}, Row{Tier::four, 25, 600ms}}) {
        Lanes lanes;
        for (int count = 0; count < row.burst; ++count) BOOST_TEST((lanes.take_turn(method(row.tier), start) == start));
        BOOST_TEST((lanes.next_turn(method(row.tier), start) == start + row.interval));
        for (int count = 1; count < 20; ++count)
            BOOST_TEST((lanes.take_turn(method(row.tier), start) == start + count * row.interval));
        // After a pause the burst is back, and no more than the burst.
        Instant const later = start + 2h;
        for (int count = 0; count < row.burst; ++count) BOOST_TEST((lanes.take_turn(method(row.tier), later) == later));
        BOOST_TEST((lanes.take_turn(method(row.tier), later) > later));
    }
}

BOOST_AUTO_TEST_CASE(asking_takes_nothing) {
    Lanes lanes;
    for (int count = 0; count < 100; ++count) BOOST_TEST((lanes.next_turn(method(Tier::one), start) == start));
    BOOST_TEST(lanes.size() == 0U);
}

BOOST_AUTO_TEST_CASE(methods_have_lanes_of_their_own) {
    Lanes lanes;
    for (int count = 0; count < 50; ++count) lanes.take_turn(method(Tier::two, "a"), start);
    BOOST_TEST((lanes.next_turn(method(Tier::two, "b"), start) == start));
}

BOOST_AUTO_TEST_CASE(special_methods_without_a_channel_are_not_paced) {
    Lanes lanes;
    for (int count = 0; count < 1000; ++count) BOOST_TEST((lanes.take_turn(method(Tier::special), start) == start));
}

BOOST_AUTO_TEST_CASE(one_post_a_second_in_a_channel) {
    Lanes lanes;
    for (auto const expected : {0s, 0s, 0s, 1s, 2s, 3s, 4s}) BOOST_TEST((lanes.take_turn(post("C1"), start) == start + expected));
    BOOST_TEST((lanes.take_turn(post("C2"), start) == start));  // a busy channel holds up nobody else
    // An ephemeral post goes through the same channel's lane and its method's.
    BOOST_TEST((lanes.take_turn(post("C1", Tier::four), start) == start + 5s));
}

BOOST_AUTO_TEST_CASE(the_workspace_has_a_cap_for_posts) {
    Lanes lanes;
    Instant last = start;
    for (int count = 0; count < 330; ++count) last = lanes.take_turn(post("C" + std::to_string(count)), start);
    BOOST_TEST((last == start + 60s));
}

BOOST_AUTO_TEST_CASE(a_busy_channel_does_not_use_up_the_workspace_cap_of_later_seconds) {
    Lanes lanes;
    for (int count = 0; count < 30; ++count) lanes.take_turn(post("C1"), start);  // reaches 27 s ahead in its own lane
    BOOST_TEST((lanes.take_turn(post("C2"), start) <= start + 1s));
}

BOOST_AUTO_TEST_CASE(turns_come_in_the_order_of_asking) {
    Lanes lanes;
    std::vector<Call> const calls{post("C1"), post("C1", Tier::four), method(Tier::two), method(Tier::one)};
    std::map<std::string, Instant> last;
    Instant now = start;
    for (int count = 0; count < 2000; ++count) {
        auto const& call = calls[static_cast<std::size_t>(count * 7 % 4)];
        Instant const turn = lanes.take_turn(call, now);
        auto& before =
            last[call.posts_to.empty() ? std::string(call.method) + std::to_string(static_cast<int>(call.tier)) : "C1"];
        BOOST_TEST((turn >= before));
        BOOST_TEST((turn >= now));
        before = turn;
        now += std::chrono::milliseconds(count * 37 % 900);
        if (count % 400 == 399) lanes.hold(call, now, 5s);
    }
}

BOOST_AUTO_TEST_CASE(a_429_holds_the_method_and_only_it) {
    Lanes lanes;
    lanes.take_turn(method(Tier::three, "a"), start);
    lanes.hold(method(Tier::three, "a"), start, 30s);
    BOOST_TEST((lanes.take_turn(method(Tier::three, "a"), start) == start + 30s));
    BOOST_TEST((lanes.take_turn(method(Tier::three, "a"), start) == start + 30s + 1200ms));  // and no burst after it
    BOOST_TEST((lanes.next_turn(method(Tier::three, "b"), start) == start));
    // Special methods too.
    lanes.hold(method(Tier::special, "s"), start, 5s);
    BOOST_TEST((lanes.take_turn(method(Tier::special, "s"), start) == start + 5s));
}

BOOST_AUTO_TEST_CASE(a_429_for_a_post_holds_its_channel) {
    Lanes lanes;
    lanes.hold(post("C1"), start, 10s);
    BOOST_TEST((lanes.next_turn(post("C1"), start) == start + 10s));
    BOOST_TEST((lanes.next_turn(post("C2"), start) == start));
}

BOOST_AUTO_TEST_CASE(the_same_429_twice_holds_once) {
    Lanes lanes;
    Call const call = method(Tier::three);
    lanes.hold(call, start, 10s);
    lanes.hold(call, start + 1s, 9s);
    lanes.hold(call, start + 2s, 3s);
    BOOST_TEST((lanes.moved(call) == Duration(10s)));
    lanes.hold(call, start + 2s, 10s);
    BOOST_TEST((lanes.moved(call) == Duration(12s)));
    BOOST_TEST((lanes.next_turn(call, start + 2s) == start + 12s));
}

BOOST_AUTO_TEST_CASE(who_waits_is_moved_and_keeps_his_place) {
    Lanes lanes;
    Call const call = post("C1");
    std::vector<Instant> turns;
    for (int count = 0; count < 6; ++count) turns.push_back(lanes.take_turn(call, start));  // 0 0 0 1 2 3
    Duration const before = lanes.moved(call);
    lanes.hold(call, start + 500ms, 10s);
    Duration const moved = lanes.moved(call) - before;
    BOOST_TEST((moved == Duration(10s)));
    Instant const next = lanes.take_turn(call, start + 600ms);
    BOOST_TEST((next > turns.back() + moved));
}

BOOST_AUTO_TEST_CASE(odd_retry_after_values) {
    Lanes lanes;
    Call const call = method(Tier::special);
    lanes.hold(call, start, 0s);  // 429 without a word
    BOOST_TEST((lanes.next_turn(call, start) == start + 1s));
    lanes.hold(call, start, std::chrono::milliseconds(-5));
    BOOST_TEST((lanes.next_turn(call, start) == start + 1s));
    lanes.hold(call, start, std::chrono::milliseconds::max());
    BOOST_TEST((lanes.next_turn(call, start) == start + 1h));
}

BOOST_AUTO_TEST_CASE(idle_lanes_are_forgotten) {
    Lanes lanes;
    for (int count = 0; count < 100; ++count) lanes.take_turn(post("C" + std::to_string(count)), start);
    lanes.hold(post("C7"), start, 30min);
    lanes.prune(start + 10min);
    BOOST_TEST(lanes.size() == 101U);
    lanes.prune(start + 61min);
    BOOST_TEST(lanes.size() == 1U);
    BOOST_TEST((lanes.next_turn(post("C7"), start) == start + 30min));
    lanes.prune(start + 3h);
    BOOST_TEST(lanes.size() == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
