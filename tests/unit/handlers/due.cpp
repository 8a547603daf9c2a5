// Points that have come, fired in batches from the store.
#include "handlers/due.hpp"

#include "handlers/rules/alerts.hpp"

#include "world.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <set>

namespace {

using namespace esc;
using namespace esc::handler_test;

// Fires until nothing is due; how many batches it took.
int fire_all(World& world, int limit) {
    auto const fired = std::make_shared<handlers::Fired>();
    int batches = 0;
    do {
        world.run(handlers::fire_due_points(world.env({}), limit, fired));
        ++batches;
    } while (fired->more_due && batches < 1000);
    return batches;
}

std::vector<std::string> alerts(World const& world) {
    auto keys = world.outbox();
    std::erase_if(keys, [](std::string const& key) { return !key.starts_with("alert:"); });
    return keys;
}

BOOST_AUTO_TEST_SUITE(due)

BOOST_AUTO_TEST_CASE(batches_leave_nothing_behind_and_fire_nothing_twice) {
    World world;
    for (int i = 0; i < 7; ++i) world.open_one("sev1 Outage");
    BOOST_TEST(fire_all(world, 3) == 1);
    BOOST_TEST(alerts(world).empty());
    world.now = *world.snapshot().earliest_point() - 1us;
    fire_all(world, 3);
    BOOST_TEST(alerts(world).empty());
    world.now += 1us;
    BOOST_TEST(fire_all(world, 3) == 3);
    BOOST_TEST(alerts(world).size() == 14U);  // a lead and the thread each
    auto const first = alerts(world);
    fire_all(world, 3);
    BOOST_TEST(alerts(world) == first, boost::test_tools::per_element());
    BOOST_TEST(world.problems().empty());
}

BOOST_AUTO_TEST_CASE(each_point_is_told_with_its_own_moment) {
    World world;
    world.open_one("sev1 Outage");
    world.now += 10s;
    world.open_one("sev1 Outage");
    auto const first = world.snapshot().escalation({1})->next_point;
    auto const second = world.snapshot().escalation({2})->next_point;
    world.now = *second;
    auto const fired = std::make_shared<handlers::Fired>();
    world.run(handlers::fire_due_points(world.env({}), 10, fired));
    BOOST_TEST_REQUIRE(fired->points.size() == 2U);
    BOOST_TEST((fired->points.front() == *first));
    BOOST_TEST((fired->points.back() == *second));
    // A run that finds nothing says so, whatever the one before it found.
    world.run(handlers::fire_due_points(world.env({}), 10, fired));
    BOOST_TEST(fired->points.empty());
}

BOOST_AUTO_TEST_CASE(a_claim_in_time_is_never_alerted) {
    World world;
    world.config->sla[0] = {5min, std::nullopt, std::nullopt, {}};
    world.open_one("sev1 Outage");
    world.now += 225s - 1us;
    world.escalate("claim 1", ana);
    world.now += 100h;
    fire_all(world, 10);
    BOOST_TEST(alerts(world).empty());
    BOOST_TEST(!world.snapshot().earliest_point().has_value());
}

BOOST_AUTO_TEST_CASE(after_downtime_one_alert_per_clock_and_recipient) {
    World world;
    world.open_one("sev1 Outage");
    world.escalate("claim 1", ana);
    world.now += 100h;
    fire_all(world, 10);
    std::set<std::pair<std::string, int>> told;
    for (auto const& key : alerts(world)) {
        auto const fact = rules::AlertFact::parse(world.snapshot().outbox_row(key)->item.body).value();
        BOOST_TEST(fact.rung == rung_breach);
        BOOST_TEST((fact.fired_at - fact.point_at > 90h));
        BOOST_TEST(told.emplace(std::string{to_string(fact.clock)} + fact.to.value, fact.rung).second);
    }
    BOOST_TEST(told.size() == 8U);  // two clocks; owner, lead, manager, thread
    BOOST_TEST(world.snapshot().queue_counts().breached == 1);
    BOOST_TEST(world.problems().empty());
}

BOOST_AUTO_TEST_CASE(resolved_ones_stay_silent) {
    World world;
    world.open_one("sev1 Outage");
    world.escalate("claim 1", ana);
    world.escalate("resolve 1 done", ana);
    world.now += 1000h;
    fire_all(world, 10);
    BOOST_TEST(alerts(world).empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
