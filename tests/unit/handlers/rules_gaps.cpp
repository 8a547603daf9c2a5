// Rules that no other file asserts by themselves: the targets a workspace starts with, and what never moves an owner or a clock.
#include "handlers/rules/severity.hpp"
#include "handlers/rules/work.hpp"

#include "people_and_times.hpp"
#include "world.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace esc;
using namespace esc::handler_test;

BOOST_AUTO_TEST_SUITE(rules_gaps)

BOOST_AUTO_TEST_CASE(the_targets_a_workspace_starts_with) {
    struct Row {
        Severity severity;
        std::chrono::seconds owner;
        std::chrono::seconds first_response;
        std::chrono::seconds resolution;
    };
    for (auto const& row : {Row{Severity::sev1, 5min, 15min, 4h}, Row{Severity::sev2, 15min, 1h, 8h},
                            Row{Severity::sev3, 1h, 4h, 48h}, Row{Severity::sev4, 4h, 24h, 120h}})
        BOOST_TEST_CONTEXT(to_string(row.severity)) {
            auto const& targets = built_in().targets(row.severity);
            BOOST_TEST((targets.owner == row.owner));
            BOOST_TEST((targets.first_response == row.first_response));
            BOOST_TEST((targets.resolution == row.resolution));
        }
}

BOOST_AUTO_TEST_CASE(who_leaves_the_group_of_agents_still_owns_it) {
    auto left = ana;
    left.role = Role::requester;
    BOOST_TEST(rules::is_owner(owned(), left));
    BOOST_TEST(rules::claim(owned(), by(ben)).error().cause == rules::refusal::owned);
    BOOST_TEST(resolve(owned(), "Restarted it", by(left)).has_value());
}

BOOST_AUTO_TEST_CASE(what_is_said_and_who_helps_moves_no_owner) {
    auto before = owned();
    before.details.customer = outsider.id;
    auto const answered = rules::colleague_wrote(before, t0 + 1min, "1.1", by(lea, t0 + 1min));
    BOOST_REQUIRE(answered.has_value());
    auto const asked =
        rules::customer_wrote(before, outsider.id, "Hello?", t0 + 1min, "1.1", {}, built_in(), by(outsider, t0 + 1min));
    BOOST_REQUIRE(asked.has_value());
    for (auto const& after :
         {answered->after, asked->after, rules::replied(before, by(lea)).value().after,
          rules::note(before, "Seen before", by(ben)).value().after, rules::acknowledge(before, by(max)).value().after,
          rules::join(before, Participant::Kind::helper, ben, by(lea)).value().after}) {
        BOOST_TEST(after.owner == ana.id);
        BOOST_TEST(after.hops == 0);
    }
}

BOOST_AUTO_TEST_CASE(a_reaction_on_what_is_owned_moves_no_owner) {
    World world;
    world.react(raiser);
    world.escalate("claim 1", ana);
    world.react(ben);
    world.react(lea);
    BOOST_TEST(world.at({1}).owner == ana.id);
    BOOST_TEST(world.snapshot().queue_counts().open == 1);
    BOOST_TEST(world.problems().empty());
}

BOOST_AUTO_TEST_CASE(new_targets_leave_a_stopped_clock_as_it_is) {
    auto const met = rules::stop_clock(rules::start_clock(ClockKind::resolution, 0, t0, 8h, {}), t0 + 7h);
    BOOST_TEST((rules::retarget(met, 1h, {}, t0 + 9h) == met));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
