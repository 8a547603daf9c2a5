// Home tabs that are looked at: when they are shown anew, for how long, and at what price.
#include "bot/run/homes.hpp"

#include "tests/unit/run/slack_world.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <optional>

using namespace esc;
using namespace std::chrono_literals;
using test::TinySlack;

namespace {

struct World : test::SlackWorld {
    handlers::Router router{};
    std::unique_ptr<run::Homes> homes{};
    std::string content = "first";
    int rendered = 0;

    World() {
        router.event([this](slack::AppHomeOpened const& opened, handlers::Env const& env) -> Result<handlers::Plan> {
            ++rendered;
            auto const view = home(opened.private_metadata, env.actor.id);
            return handlers::Plan{handlers::Query{[view](Snapshot const&) {
                handlers::Outcome outcome;
                outcome.home = view;
                return outcome;
            }}};
        });
        homes = std::make_unique<run::Homes>(io.get_executor(), clock, router, *store, *directory, web, metrics, settings);
        homes->start();
    }
    ~World() { finish(homes->stop()); }

    [[nodiscard]] slack::blocks::Home home(std::string metadata, PersonId const& person) const {
        slack::blocks::Home view{.private_metadata = std::move(metadata)};
        view += slack::blocks::section(slack::blocks::mrkdwn("{} for {}", content, person.value));
        return view;
    }
    void look(std::string const& person, std::string metadata = "page 1") {
        homes->show({person}, {"T1"}, home(std::move(metadata), {person}));
        rest();
    }
    void rest() {
        BOOST_REQUIRE(until([this] { return homes->quiet(); }));
    }
    void pass(Duration span) {
        auto const end = clock.now() + span;
        for (;;) {
            rest();
            auto const next = clock.next_timer();
            if (!next || *next > end) break;
            clock.advance_to(*next);
            test::settle(io);
        }
        clock.advance_to(end);
        rest();
    }
    void change(run::Homes::Change what, std::string to) {
        content = std::move(to);
        homes->changed(what);
    }
    [[nodiscard]] std::size_t sent() const { return slack.count("views.publish"); }
    [[nodiscard]] std::string shown() const {
        auto const calls = slack.of("views.publish");
        return calls.empty() ? std::string{} : calls.back().form.at("view");
    }
};

constexpr auto ownership = run::Homes::Change::ownership;
constexpr auto other = run::Homes::Change::other;

}  // namespace

BOOST_AUTO_TEST_SUITE(homes)

BOOST_FIXTURE_TEST_CASE(what_is_seen_already_is_not_sent, World) {
    look("UANA");
    BOOST_TEST(sent() == 1U);
    look("UANA");
    BOOST_TEST(sent() == 1U);
    look("UANA", "page 2");
    BOOST_TEST(sent() == 2U);
    homes->changed(ownership);
    pass(2s);
    BOOST_TEST(rendered == 1);
    BOOST_TEST(sent() == 2U);
}

BOOST_FIXTURE_TEST_CASE(a_change_of_owner_shows_within_two_seconds_with_what_the_person_chose, World) {
    look("UANA", "page 7");
    pass(10s);
    change(ownership, "second");
    pass(2s);
    BOOST_TEST(sent() == 2U);
    BOOST_TEST(shown().find("second for UANA") != std::string::npos);
    BOOST_TEST(boost::json::parse(shown()).at("private_metadata").as_string() == "page 7");
    change(ownership, "third");
    pass(2s);
    BOOST_TEST(shown().find("third") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(other_changes_show_once_in_fifteen_seconds, World) {
    look("UANA");
    for (int second = 0; second < 60; ++second) {
        change(other, "at " + std::to_string(second));
        pass(1s);
    }
    BOOST_TEST(sent() >= 4U);
    BOOST_TEST(sent() <= 5U);
}

BOOST_FIXTURE_TEST_CASE(time_shows_every_minute_for_as_long_as_somebody_looks, World) {
    look("UANA");
    pass(10s);
    for (int minute = 0; minute < 9; ++minute) {
        content = std::to_string(minute);
        pass(1min);
    }
    BOOST_TEST(sent() == 10U);
    pass(1min);
    auto const before = sent();
    change(ownership, "later");
    pass(1h);
    BOOST_TEST(sent() == before);
    BOOST_TEST(!clock.next_timer().has_value());
    look("UANA");
    BOOST_TEST(sent() == before + 1);
}

BOOST_FIXTURE_TEST_CASE(a_hundred_calls_a_minute_are_not_exceeded_and_everybody_has_their_turn, World) {
    for (int person = 0; person < 60; ++person) look("U" + std::to_string(person));
    pass(2min);
    auto const before = sent();
    for (int second = 0; second < 120; ++second) {
        change(ownership, "at " + std::to_string(second));
        pass(1s);
    }
    BOOST_TEST(sent() - before <= 200U);
    BOOST_TEST(sent() - before >= 150U);
    pass(1min);
    std::map<std::string, std::string> last;
    for (auto const& call : slack.of("views.publish")) last[call.form.at("user_id")] = call.form.at("view");
    for (auto const& [person, view] : last) BOOST_TEST(view.find("at 119") != std::string::npos, person);
}

BOOST_FIXTURE_TEST_CASE(at_most_two_hundred_are_kept_current, World) {
    for (int person = 0; person <= 200; ++person) {
        look("U" + std::to_string(person));
        clock.advance(1ms);
    }
    BOOST_TEST(metrics.expose().find("esc_homes_forgotten_total 1") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_home_that_is_not_enabled_is_told_once_and_given_up, World) {
    slack.always["views.publish"] = [](auto const&) { return TinySlack::error("not_enabled"); };
    look("UANA");
    look("UBO");
    BOOST_TEST(logged("feature_degraded"));
    auto const before = sent();
    homes->changed(ownership);
    pass(10min);
    BOOST_TEST(sent() == before);
}

BOOST_FIXTURE_TEST_CASE(a_slack_that_fails_is_tried_again, World) {
    slack.next("views.publish", {.status = 429, .body = "", .headers = {{"Retry-After", "20"}}});
    look("UANA");
    pass(25s);
    BOOST_TEST(sent() == 2U);
    BOOST_TEST(shown().find("first") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(of_two_that_are_on_their_way_the_newest_wins, World) {
    look("UANA");
    pass(10s);
    slack.always["views.publish"] = [this](auto const&) {
        slack.always.clear();
        content = "newest";
        homes->show({"UANA"}, {"T1"}, home("page 2", {"UANA"}));  // pressed while the first was under way
        return test::Answer{.body = R"({"ok":true})", .headers = {}};
    };
    change(ownership, "older");
    pass(5s);
    BOOST_TEST(shown().find("newest") != std::string::npos);
    BOOST_TEST(boost::json::parse(shown()).at("private_metadata").as_string() == "page 2");
    BOOST_TEST(sent() == 4U);  // nobody knows which of the two Slack took last
}

BOOST_FIXTURE_TEST_CASE(what_is_shown_stays_while_slack_does_not_tell_who_looks, World) {
    std::optional<Role> role;
    router = {};
    router.event([&](slack::AppHomeOpened const& opened, handlers::Env const& env) -> Result<handlers::Plan> {
        role = env.actor.role;
        handlers::Outcome outcome;
        outcome.home = home(opened.private_metadata, env.actor.id);
        return handlers::Plan{outcome};
    });
    look("UANA");
    pass(10s);
    directory->forget_person({"UANA"});  // something has changed about them: perhaps a guest now
    slack.always["users.info"] = [](auto const&) { return test::Answer{.status = 503, .body = "", .headers = {}}; };
    change(ownership, "second");
    pass(1min);
    BOOST_TEST(!role.has_value());
    BOOST_TEST(sent() == 1U);
    slack.always.clear();
    slack.people["UANA"]["is_restricted"] = true;
    pass(15s);
    BOOST_REQUIRE(role.has_value());
    BOOST_TEST((*role == Role::outsider));
    BOOST_TEST(sent() == 2U);
}

BOOST_FIXTURE_TEST_CASE(who_may_not_look_any_more_is_given_up, World) {
    look("UANA");
    router = {};
    homes->changed(ownership);
    pass(1min);
    BOOST_TEST(sent() == 1U);
    BOOST_TEST(!clock.next_timer().has_value());
}

BOOST_AUTO_TEST_SUITE_END()
