// Who is told when points pass, and that each passes once.
#include "handlers/rules/alerts.hpp"

#include "people_and_times.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include <set>

namespace {

using namespace esc;
using namespace esc::handler_test;
using rules::AlertFact;
using rules::Ladder;

Ladder ladder(std::vector<std::string> const& leads, std::vector<std::string> const& managers,
              std::vector<std::string> const& admins) {
    auto const ids = [](std::vector<std::string> const& names) {
        std::vector<PersonId> all;
        for (auto const& name : names) all.push_back({name});
        return all;
    };
    return {ids(leads), ids(managers), ids(admins)};
}

std::vector<AlertFact> alerts_of(Decision const& decision) {
    std::vector<AlertFact> facts;
    for (auto const& item : decision.outbox) {
        if (item.kind != OutboxKind::alert) continue;
        facts.push_back(AlertFact::parse(item.body).value());
        BOOST_TEST(item.key == facts.back().key());
    }
    return facts;
}

using Names = std::vector<std::string>;

BOOST_AUTO_TEST_SUITE(alerts)

BOOST_AUTO_TEST_CASE(recipients_and_who_stands_in) {
    struct Row {
        int rung;
        std::string owner;
        Ladder ladder;
        Names expected;
    };
    Row const rows[] = {
        {1, "O", ladder({"L"}, {"M"}, {"A"}), {"O"}},
        {1, "O", ladder({}, {}, {}), {"O"}},
        {1, "", ladder({"L2", "L1"}, {"M"}, {"A"}), {"L1", "L2"}},
        {1, "", ladder({}, {"M"}, {"A"}), {"M"}},
        {1, "", ladder({}, {}, {"A"}), {"A"}},
        {1, "", ladder({}, {}, {}), {}},
        {2, "O", ladder({"L"}, {"M"}, {"A"}), {"L", "O"}},
        {2, "O", ladder({}, {"M"}, {"A"}), {"M", "O"}},
        {2, "O", ladder({}, {}, {"A"}), {"A", "O"}},
        {2, "", ladder({"L"}, {"M"}, {"A"}), {"L"}},
        {2, "L", ladder({"L"}, {"M"}, {"A"}), {"L"}},
        {3, "O", ladder({"L"}, {"M"}, {"A"}), {"L", "M", "O"}},
        {3, "O", ladder({"L"}, {}, {"A"}), {"A", "L", "O"}},
        {3, "O", ladder({}, {"M"}, {"A"}), {"M", "O"}},
        {3, "", ladder({}, {}, {"A"}), {"A"}},
        {3, "X", ladder({"X"}, {"X"}, {"X"}), {"X"}},
    };
    for (auto const& row : rows) {
        Names names;
        for (auto const& id : rules::recipients(row.rung, {row.owner}, row.ladder)) names.push_back(id.value);
        BOOST_TEST(names == row.expected, boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_CASE(who_hears_of_it_when_a_dm_is_refused) {
    struct Row {
        int rung;
        std::string refused;
        Ladder ladder;
        Names expected;
    };
    Row const rows[] = {
        {1, "O", ladder({"L1", "L2"}, {"M"}, {"A"}), {"L1", "L2"}},
        {1, "O", ladder({}, {"M"}, {"A"}), {"M"}},
        {1, "O", ladder({}, {}, {}), {}},
        {1, "L", ladder({"L"}, {"M"}, {"A"}), {"M"}},  // further up, never back
        {1, "M", ladder({"L"}, {"M"}, {}), {}},
        {2, "O", ladder({"L"}, {"M"}, {"A"}), {}},  // the leads have it already
        {3, "O", ladder({"L"}, {"M"}, {"A"}), {}},
        {1, "", ladder({"L"}, {"M"}, {"A"}), {}},  // the card's thread is nobody
    };
    for (auto const& row : rows) {
        rules::AlertFact fact;
        fact.rung = row.rung;
        fact.to = {row.refused};
        Names names;
        for (auto const& item : rules::stand_ins(fact, row.ladder)) names.push_back(rules::AlertFact::parse(item.body)->to.value);
        BOOST_TEST(names == row.expected, boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_CASE(instead_of_somebody_from_outside_the_others_of_that_rung_hear_of_it) {
    struct Row {
        int rung;
        std::string outsider;
        Ladder ladder;
        Names expected;
    };
    Row const rows[] = {
        {1, "O", ladder({"L"}, {"M"}, {"A"}), {"L"}},
        {2, "O", ladder({"L"}, {"M"}, {"A"}), {"L"}},
        {2, "L", ladder({}, {"M"}, {"A"}), {"M"}},  // a lead until a moment ago
        {3, "O", ladder({"L"}, {"M"}, {"A"}), {"L", "M"}},
        {3, "M", ladder({}, {}, {"A"}), {"A"}},
        {3, "A", ladder({}, {}, {"A"}), {}},  // never back
    };
    for (auto const& row : rows) {
        rules::AlertFact fact;
        fact.rung = row.rung;
        fact.to = {row.outsider};
        Names names;
        for (auto const& item : rules::without_recipient(fact, row.ladder))
            names.push_back(rules::AlertFact::parse(item.body)->to.value);
        BOOST_TEST(names == row.expected, boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_CASE(a_point_fires_at_its_instant_and_not_before) {
    auto const before = fresh();
    BOOST_TEST(!rules::fire_due(before, ladder({"L"}, {}, {}), t0 + 675s - 1us).has_value());
    auto const decision = rules::fire_due(before, ladder({"L"}, {}, {}), t0 + 675s);
    BOOST_REQUIRE(decision.has_value());
    auto const facts = alerts_of(*decision);
    BOOST_REQUIRE_EQUAL(facts.size(), 2U);
    BOOST_TEST(facts[0].to == PersonId{"L"});
    BOOST_TEST(facts[1].to.empty());  // the thread
    BOOST_TEST(facts[0].clock == ClockKind::owner);
    BOOST_TEST(facts[0].rung == rung_at_risk);
    BOOST_TEST(facts[0].point_at == t0 + 675s);
    BOOST_TEST(facts[0].due == t0 + 15min);
    BOOST_TEST(decision->after.clock(ClockKind::owner)->points_fired == 1);
    BOOST_TEST(decision->after.version == before.version + 1);
    BOOST_REQUIRE_EQUAL(decision->events.size(), 1U);
    BOOST_TEST(decision->events[0].type == EventType::point_passed);
    // And only once.
    BOOST_TEST(!rules::fire_due(decision->after, ladder({"L"}, {}, {}), t0 + 675s).has_value());
}

BOOST_AUTO_TEST_CASE(where_nobody_is_known_who_raised_it_is_told) {
    auto before = fresh();
    before.raised_by = {"R"};
    auto const alone = alerts_of(*rules::fire_due(before, ladder({}, {}, {}), t0 + 675s));
    BOOST_REQUIRE_EQUAL(alone.size(), 2U);
    BOOST_TEST(alone[0].to == PersonId{"R"});
    BOOST_TEST(alone[1].to.empty());
    auto const lead = alerts_of(*rules::fire_due(before, ladder({"L"}, {}, {}), t0 + 675s));
    BOOST_REQUIRE_EQUAL(lead.size(), 2U);
    BOOST_TEST(lead[0].to == PersonId{"L"});
}

BOOST_AUTO_TEST_CASE(the_breach_comes_one_microsecond_after_due) {
    auto const people = ladder({"L"}, {"M"}, {});
    auto const before = rules::fire_due(fresh(), people, t0 + 15min)->after;
    BOOST_TEST(before.clock(ClockKind::owner)->points_fired == 2);
    BOOST_TEST(before.clock(ClockKind::owner)->outcome == ClockOutcome::running);
    BOOST_TEST(!rules::fire_due(before, people, t0 + 15min).has_value());
    auto const decision = rules::fire_due(before, people, t0 + 15min + 1us);
    BOOST_REQUIRE(decision.has_value());
    BOOST_TEST(decision->after.clock(ClockKind::owner)->outcome == ClockOutcome::breached);
    BOOST_TEST(decision->after.clock(ClockKind::owner)->running());
    auto const facts = alerts_of(*decision);
    BOOST_REQUIRE_EQUAL(facts.size(), 3U);  // lead, manager, thread
    BOOST_TEST(facts[0].rung == rung_breach);
}

BOOST_AUTO_TEST_CASE(after_downtime_each_clock_alerts_its_highest_rung_once_with_its_lateness) {
    auto const before = owned();  // first response 45, 45, 60 min; resolution 6 h, 7 h 12, 8 h
    auto const now = t0 + 7h;
    auto const decision = rules::fire_due(before, ladder({"L"}, {"M"}, {}), now);
    BOOST_REQUIRE(decision.has_value());
    BOOST_TEST(decision->after.clock(ClockKind::first_response)->points_fired == 3);
    BOOST_TEST(decision->after.clock(ClockKind::resolution)->points_fired == 1);
    std::set<std::pair<ClockKind, int>> told;
    for (auto const& fact : alerts_of(*decision)) {
        told.emplace(fact.clock, fact.rung);
        BOOST_TEST(fact.fired_at == now);
    }
    std::set<std::pair<ClockKind, int>> const expected{{ClockKind::first_response, rung_breach},
                                                       {ClockKind::resolution, rung_at_risk}};
    BOOST_TEST((told == expected));
    // All four passed points stand in the ledger; two of them alerted.
    BOOST_REQUIRE_EQUAL(decision->events.size(), 4U);
    int alerted = 0;
    for (auto const& event : decision->events) {
        auto const data = boost::json::parse(event.data).as_object();
        if (data.at("alerts").as_bool()) ++alerted;
        if (data.at("rung").as_int64() == rung_breach) BOOST_TEST(data.at("late_us").as_int64() == (6h - 1us) / 1us);
    }
    BOOST_TEST(alerted == 2);
}

BOOST_AUTO_TEST_CASE(what_waits_unsent_gives_way_to_a_higher_rung_of_the_same_clock) {
    auto const people = ladder({"L"}, {"M"}, {});
    auto const at_risk = rules::fire_due(owned(), people, t0 + 46min);  // both rungs: the higher one is told
    BOOST_REQUIRE(at_risk.has_value());
    auto const waiting = alerts_of(*at_risk);
    auto const breached = rules::fire_due(at_risk->after, people, t0 + 61min)->after;
    BOOST_REQUIRE(!waiting.empty());
    for (auto fact : waiting) {
        BOOST_TEST(!rules::outrun(fact, at_risk->after, people, t0 + 46min));
        BOOST_TEST(rules::outrun(fact, breached, people, t0 + 61min));
        // Who does not hear of the higher rung hears of this one.
        if (fact.to.empty()) continue;
        fact.to = {"SOMEBODY"};
        BOOST_TEST(!rules::outrun(fact, breached, people, t0 + 61min));
    }
    // A milder severity has put the breach ahead again.
    auto waits = waiting.front();
    waits.rung = rung_breach;
    auto milder = breached;
    auto& clock = *std::find_if(milder.clocks.begin(), milder.clocks.end(),
                                [](SlaClock const& one) { return one.kind == ClockKind::first_response; });
    BOOST_TEST(!rules::outrun(waits, breached, people, t0 + 62min));
    clock = rules::start_clock(ClockKind::first_response, clock.generation, t0, 4h, {});
    BOOST_TEST(!rules::taken_back(waits, clock));  // never overdue
    clock.outcome = ClockOutcome::breached;
    BOOST_TEST(rules::taken_back(waits, clock));
    BOOST_TEST(rules::outrun(waits, milder, people, t0 + 62min));
    // Another round of the clock is another story, and what has stopped tells so itself.
    ++clock.generation;
    BOOST_TEST(!rules::outrun(waits, milder, people, t0 + 62min));
    std::erase_if(milder.clocks, [](SlaClock const& one) { return one.kind == ClockKind::first_response; });
    BOOST_TEST(!rules::outrun(waits, milder, people, t0 + 62min));
}

BOOST_AUTO_TEST_CASE(what_is_resolved_never_alerts) {
    auto over = resolved();
    BOOST_TEST(!rules::fire_due(over, ladder({"L"}, {"M"}, {"A"}), t0 + 1000h).has_value());
    over.clocks[0].stopped_at.reset();  // even if a clock had been left running
    BOOST_TEST(!rules::fire_due(over, ladder({"L"}, {"M"}, {"A"}), t0 + 1000h).has_value());
}

BOOST_AUTO_TEST_CASE(keys_tell_every_alert_apart) {
    std::set<std::string> keys;
    AlertFact fact;
    fact.escalation = {12};
    fact.rung = rung_critical;
    fact.point_at = t0;
    auto const add = [&] { BOOST_TEST(keys.insert(fact.key()).second, fact.key()); };
    add();
    fact.to = {"U1"};
    add();
    fact.rung = rung_breach;
    add();
    fact.generation = 1;
    add();
    fact.clock = ClockKind::resolution;
    add();
    fact.point_at += 1us;
    add();
    fact.escalation = {112};
    add();
}

BOOST_AUTO_TEST_CASE(a_fact_survives_its_body_and_garbage_does_not) {
    AlertFact fact;
    fact.escalation = {12};
    fact.clock = ClockKind::first_response;
    fact.generation = 3;
    fact.rung = rung_breach;
    fact.point_at = t0 + 1us;
    fact.fired_at = t0 + 2s;
    fact.due = t0;
    fact.to = {"U1"};
    auto const read = AlertFact::parse(fact.body()).value();
    BOOST_TEST(read.body() == fact.body());
    BOOST_TEST(read.key() == fact.key());
    for (auto const cause : {rules::AlertCause::regrade, rules::AlertCause::unmerge}) {
        auto changed = fact;
        changed.cause = cause;
        changed.version = 7;
        auto const again = AlertFact::parse(changed.body()).value();
        BOOST_TEST((again.cause == cause && again.version == 7));
        BOOST_TEST(again.key() != fact.key());
        BOOST_TEST((AlertFact::from_key(again.key())->cause == cause));
        BOOST_TEST(AlertFact::from_key(again.key())->key() == again.key());
    }
    for (auto const* key : {"alert:12:owner:0:3r:5:U1", "alert:12:owner:0:r7:5:U1", "alert:12:owner:0:3x7:5:U1"})
        BOOST_TEST(!AlertFact::from_key(key).has_value(), key);
    for (auto const* garbage :
         {"", "{", "[]", "null", "{}", "{\"escalation\":\"12\"}",
          "{\"escalation\":12,\"clock\":\"tea\",\"generation\":0,\"rung\":1,\"point_at\":1,\"fired_at\":1,"
          "\"due\":1,\"to\":\"\"}",
          "{\"escalation\":12,\"clock\":\"owner\",\"generation\":0,\"rung\":9,\"point_at\":1,\"fired_at\":1,"
          "\"due\":1,\"to\":\"\"}",
          "{\"escalation\":12,\"clock\":\"owner\",\"generation\":0,\"rung\":3,\"point_at\":1,\"fired_at\":1,"
          "\"due\":1,\"to\":\"\",\"cause\":\"tea\",\"version\":1}"})
        BOOST_TEST(AlertFact::parse(garbage).error().code == Errc::invalid);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
