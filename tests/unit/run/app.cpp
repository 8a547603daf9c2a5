// The scheduler, the directory's roles, and the start of the whole program: what ends it and what it waits out.
#include "bot/run/app.hpp"
#include "bot/run/alert_scheduler.hpp"
#include "tests/unit/run/slack_world.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <map>

using namespace esc;
using namespace std::chrono_literals;
using test::TinySlack;

namespace {

using World = test::SlackWorld;

std::int64_t alerts_in(World& world) {
    std::int64_t count = 0;
    world.read([&](Snapshot const& snapshot) {
        count = static_cast<std::int64_t>(snapshot.outbox_due(OutboxKind::alert, Instant::max(), 100'000).size());
    });
    return count;
}

struct Scheduled : World {
    std::unique_ptr<run::AlertScheduler> scheduler{};
    Scheduled() {
        settings->people.leads = {"UBO"};
        make_directory();
    }
    ~Scheduled() { stop(); }
    void start() {
        scheduler = std::make_unique<run::AlertScheduler>(io.get_executor(), clock, *store, *directory, metrics, settings,
                                                          WorkspaceId{"T1"});
        store->on_commit([this](CommitNotice const& notice) {
            if (scheduler && notice.earliest_point) scheduler->point_written(*notice.earliest_point);
        });
        scheduler->start();
        rest();
    }
    void stop() {
        if (scheduler) finish(scheduler->stop());
        scheduler.reset();
    }
    void rest() {
        BOOST_REQUIRE(until([this] { return scheduler->quiet() && store->queued() == 0; }));
    }
    [[nodiscard]] Instant point() {
        std::optional<Instant> found;
        read([&](Snapshot const& snapshot) { found = snapshot.earliest_point(); });
        return found.value();
    }
};

// Starts an App against the world's Slack and store; the world's own store is closed for it.
struct Started {
    World& world;
    Config config = default_config();
    std::unique_ptr<run::App> app{};
    std::optional<Error> error{};

    explicit Started(World& the_world, Environment environment) : world(the_world) {
        config.http.listen = "127.0.0.1:0";
        app = std::make_unique<run::App>(world.io.get_executor(), world.clock, config, std::move(environment), run::App::Parts{});
        world.finish(start(*this));
    }
    ~Started() { world.finish(app->stop()); }
    Started(Started const&) = delete;
    Started& operator=(Started const&) = delete;
    static boost::asio::awaitable<void> start(Started& self) {
        auto const result = co_await self.app->start();
        if (!result) self.error = result.error();
    }
};

Result<Person> meet(World& world, std::string id, run::Origin origin = {.workspace = {"T1"}}) {
    return test::Running(world.io, world.directory->person({std::move(id)}, std::move(origin), 1s)).get();
}

void close_store(World& world) {
    world.store->stop();
    test::settle(world.io);
    world.store.reset();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(scheduler)

BOOST_FIXTURE_TEST_CASE(a_point_fires_at_its_instant_and_not_before, Scheduled) {
    start();
    raise({{"C1"}, {}, {}});
    rest();
    auto const at = point();
    clock.advance_to(at - 1us);
    rest();
    BOOST_TEST(alerts_in(*this) == 0);
    clock.advance_to(at);
    rest();
    BOOST_TEST(alerts_in(*this) > 0);
    BOOST_TEST((point() > at));
}

BOOST_FIXTURE_TEST_CASE(points_that_passed_while_it_was_down_fire_at_the_start, Scheduled) {
    raise({{"C1"}, {}, {}});
    clock.advance_to(point() + 1h);
    start();
    BOOST_TEST(alerts_in(*this) > 0);
    auto const once = alerts_in(*this);
    stop();
    start();
    BOOST_TEST(alerts_in(*this) == once);
}

BOOST_FIXTURE_TEST_CASE(more_points_than_one_batch_all_fire, Scheduled) {
    for (int count = 0; count < 600; ++count) raise({{"C1"}, {}, {}});
    clock.advance_to(point());
    start();
    BOOST_TEST(alerts_in(*this) >= 600);
    BOOST_TEST((point() > clock.now()));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(directory)

BOOST_FIXTURE_TEST_CASE(roles_come_from_slack_when_nobody_is_configured, World) {
    slack.people["UADMIN"] = {{"id", "UADMIN"}, {"team_id", "T1"}, {"name", "admin"}, {"is_admin", true}};
    slack.people["UBOTTY"] = {{"id", "UBOTTY"}, {"team_id", "T1"}, {"name", "botty"}, {"is_bot", true}};
    make_directory();
    BOOST_TEST((directory->find({"UADMIN"})->role == Role::manager));
    BOOST_TEST(directory->find({"UADMIN"})->admin);
    BOOST_TEST((directory->find({"UANA"})->role == Role::agent));
    BOOST_TEST(!directory->find({"UBOTTY"})->active);
    BOOST_TEST((directory->find({"UBOTTY"})->role == Role::outsider));
    BOOST_REQUIRE(directory->managers("").size() == 1U);
    BOOST_TEST(directory->leads("").empty());
    BOOST_TEST(!directory->find({"UWHO"}).has_value());
}

BOOST_FIXTURE_TEST_CASE(roles_come_from_lists_and_groups, World) {
    settings->people.agents = {"S1"};
    settings->people.leads = {"UBO", "UABSENT"};
    settings->people.managers = {"UBO"};
    slack.always["usergroups.users.list"] = [](TinySlack::Form const&) {
        return test::Answer{.body = R"({"ok":true,"users":["UANA"]})", .headers = {}};
    };
    slack.people["UCY"] = {{"id", "UCY"}, {"team_id", "T1"}, {"name", "cy"}, {"is_admin", true}};
    make_directory();
    BOOST_TEST((directory->find({"UANA"})->role == Role::agent));
    BOOST_TEST((directory->find({"UBO"})->role == Role::manager));
    BOOST_TEST((directory->find({"UCY"})->role == Role::requester));
    BOOST_TEST(directory->find({"UCY"})->admin);  // somebody must be
    BOOST_REQUIRE(directory->leads("").size() == 1U);
    BOOST_TEST(directory->leads("")[0].value == "UABSENT");  // named by id, not met yet
    // The group changes.
    slack.always["usergroups.users.list"] = [](TinySlack::Form const&) {
        return test::Answer{.body = R"({"ok":true,"users":["UCY"]})", .headers = {}};
    };
    finish(directory->reload_group({"S1"}));
    BOOST_TEST((directory->find({"UANA"})->role == Role::requester));
    BOOST_TEST((directory->find({"UCY"})->role == Role::agent));
}

BOOST_FIXTURE_TEST_CASE(a_teams_roles_come_from_its_lists_and_groups_and_count_there_alone, World) {
    std::map<std::string, std::string> groups{{"S1", R"("UANA","UDAN")"}, {"S2", R"("UBO")"}, {"S3", R"("UCY")"}};
    slack.always["usergroups.users.list"] = [&groups](TinySlack::Form const& form) {
        return test::Answer{.body = R"({"ok":true,"users":[)" + groups[form.at("usergroup")] + "]}", .headers = {}};
    };
    for (std::string const id : {"UCY", "UDAN"}) slack.people[id] = {{"id", id}, {"team_id", "T1"}, {"name", id}};
    settings->people.leads = {"ULEA"};
    settings->people.managers = {"UMAX"};
    settings->teams = {{.name = "support", .members = {"S1"}, .leads = {"S2"}, .managers = {"S3"}},
                       {.name = "platform", .members = {"UBO", "S3"}, .leads = {"UDAN"}}};
    make_directory();

    auto const role = [this](std::string id, std::string_view team) { return directory->find({std::move(id)})->in(team); };
    for (std::string const id : {"UANA", "UBO", "UCY", "UDAN"}) BOOST_TEST((role(id, "") == Role::requester), id);
    BOOST_TEST((role("UANA", "support") == Role::agent));
    BOOST_TEST((role("UANA", "platform") == Role::requester));
    BOOST_TEST((role("UBO", "support") == Role::lead));
    BOOST_TEST((role("UBO", "platform") == Role::agent));
    BOOST_TEST((role("UCY", "support") == Role::manager));
    BOOST_TEST((role("UCY", "platform") == Role::agent));
    BOOST_TEST((role("UDAN", "support") == Role::agent));
    BOOST_TEST((role("UDAN", "platform") == Role::lead));

    using People = std::vector<PersonId>;
    BOOST_TEST((directory->leads("support") == People{{"UBO"}}));
    BOOST_TEST((directory->leads("platform") == People{{"UDAN"}}));
    BOOST_TEST((directory->leads("") == People{{"ULEA"}}));
    BOOST_TEST((directory->managers("support") == People{{"UCY"}}));
    BOOST_TEST((directory->managers("platform") == People{{"UMAX"}}));  // none of its own
    auto const owners = [this](std::string_view team) {
        People ids;
        for (auto const& person : directory->eligible_owners(team)) ids.push_back(person.id);
        std::sort(ids.begin(), ids.end());
        return ids;
    };
    BOOST_TEST((owners("support") == People{{"UANA"}, {"UBO"}, {"UCY"}, {"UDAN"}}));
    BOOST_TEST((owners("platform") == People{{"UBO"}, {"UCY"}, {"UDAN"}}));

    // Somebody goes over from the members to the managers.
    groups = {{"S1", R"("UDAN")"}, {"S2", R"("UBO")"}, {"S3", R"("UCY","UANA")"}};
    finish(directory->reload_group({"S1"}));
    finish(directory->reload_group({"S3"}));
    BOOST_TEST((role("UANA", "support") == Role::manager));
    BOOST_TEST((role("UANA", "platform") == Role::agent));
    BOOST_TEST((directory->managers("support") == People{{"UANA"}, {"UCY"}}));
}

BOOST_FIXTURE_TEST_CASE(a_missing_scope_makes_it_smaller_not_useless, World) {
    slack.always["users.list"] = [](TinySlack::Form const&) { return TinySlack::error("missing_scope"); };
    slack.always["users.info"] = slack.always["users.list"];
    settings->people.leads = {"UBO"};
    make_directory();
    BOOST_TEST(logged("feature_degraded"));
    BOOST_TEST((meet(*this, "UBO")->role == Role::lead));
    BOOST_TEST(directory->find({"UBO"}).has_value());
    BOOST_TEST(directory->leads("").size() == 1U);
}

BOOST_FIXTURE_TEST_CASE(without_users_read_and_anybody_named_everybody_of_the_workspace_is_an_agent_and_that_is_said, World) {
    slack.always["users.list"] = [](TinySlack::Form const&) { return TinySlack::error("missing_scope"); };
    slack.always["users.info"] = slack.always["users.list"];
    make_directory();
    BOOST_TEST(logged("guests as well"));
    BOOST_TEST((meet(*this, "UBO")->role == Role::agent));
    BOOST_TEST((directory->find({"UBO"})->role == Role::agent));
    BOOST_TEST((meet(*this, "UBO", {.workspace = {"T2"}})->role == Role::outsider));
    BOOST_TEST((meet(*this, "UFAR", {.workspace = {"T2"}})->role == Role::outsider));
    BOOST_TEST(!directory->find({"UFAR"}).has_value());
}

BOOST_FIXTURE_TEST_CASE(somebody_whom_slack_does_not_have_is_an_outsider_and_one_it_does_not_tell_about_is_unknown, World) {
    BOOST_TEST((meet(*this, "U404")->role == Role::outsider));
    BOOST_TEST((directory->find({"U404"})->role == Role::outsider));
    slack.next("users.info", {.status = 503, .body = "", .headers = {}});
    auto const lost = meet(*this, "ULOST");
    BOOST_REQUIRE(!lost);
    BOOST_TEST(is_transient(lost.error().code));
    BOOST_TEST(!directory->find({"ULOST"}).has_value());
    slack.next("users.info", TinySlack::error("token_revoked"));
    BOOST_TEST(is_transient(meet(*this, "ULOST").error().code));
}

// Who waits for another's question waits no longer than it can.
BOOST_FIXTURE_TEST_CASE(two_who_ask_about_one_person_share_the_answer_and_keep_their_own_limits, World) {
    slack.always["users.info"] = [](TinySlack::Form const&) {
        return test::Answer{.manner = test::Answer::Manner::silent, .headers = {}};
    };
    test::Running first(io, directory->person({"UNEW"}, {.workspace = {"T1"}}, 400ms));
    test::Running second(io, directory->person({"UNEW"}, {.workspace = {"T1"}}, 50ms));
    BOOST_TEST(!second.get());
    BOOST_TEST(!first.done());
    BOOST_TEST(!first.get());
    BOOST_TEST(slack.count("users.info") == 1U);
}

BOOST_FIXTURE_TEST_CASE(an_answer_that_was_on_its_way_when_something_changed_is_asked_for_anew, World) {
    int asked = 0;
    slack.always["users.info"] = [&](TinySlack::Form const&) {
        // The answer is made, and then the change is announced.
        bool const old = ++asked == 1;
        if (old) directory->person_changed({.id = {"UNEW"}, .workspace = {"T1"}, .name = "new", .guest = true});
        return test::Answer{
            .body = std::string{R"({"ok":true,"user":{"id":"UNEW","team_id":"T1","name":"new","is_restricted":)"} +
                    (old ? "false}}" : "true}}"),
            .headers = {}};
    };
    BOOST_TEST((meet(*this, "UNEW")->role == Role::outsider));
    BOOST_TEST((directory->find({"UNEW"})->role == Role::outsider));

    int looked = 0;
    slack.always["conversations.info"] = [&](TinySlack::Form const&) {
        bool const old = ++looked == 1;
        if (old) directory->forget_channel({"C7"});
        return test::Answer{
            .body = std::string{R"({"ok":true,"channel":{"id":"C7","is_channel":true,"is_member":true,"is_ext_shared":)"} +
                    (old ? "false}}" : "true}}"),
            .headers = {}};
    };
    auto const outsiders = test::Running(io, directory->outsiders_read({"C7"})).get();
    BOOST_TEST((outsiders && *outsiders));
    BOOST_TEST(looked == 2);
}

BOOST_FIXTURE_TEST_CASE(what_happens_in_other_channels_keeps_nobody_from_knowing_one, World) {
    auto const elsewhere = [this] {
        for (auto const* id : {"C8", "C9"}) directory->forget_channel({id});
        directory->forget_members({"C8"});
    };
    slack.always["conversations.info"] = [&](TinySlack::Form const&) {
        elsewhere();
        directory->forget_members({"C7"});  // nor does who comes in change the channel
        return test::Answer{.body = R"({"ok":true,"channel":{"id":"C7","is_channel":true,"is_member":true}})", .headers = {}};
    };
    slack.always["conversations.members"] = [&](TinySlack::Form const&) {
        elsewhere();
        return test::Answer{.body = R"({"ok":true,"members":["UBOT","UANA"]})", .headers = {}};
    };
    BOOST_TEST(test::Running(io, directory->channel({"C7"})).get().has_value());
    auto const among = test::Running(io, directory->outsider_among({"C7"})).get();
    BOOST_TEST((among && !*among));
    BOOST_TEST(slack.count("conversations.info") == 1U);
    BOOST_TEST(slack.count("conversations.members") == 1U);
}

BOOST_FIXTURE_TEST_CASE(of_more_members_than_are_looked_at_some_may_be_from_outside, World) {
    slack.always["conversations.members"] = [](TinySlack::Form const&) {
        return test::Answer{.body = R"({"ok":true,"members":["UBOT","UANA"],"response_metadata":{"next_cursor":"further"}})",
                            .headers = {}};
    };
    auto const among = test::Running(io, directory->outsider_among({"C7"})).get();
    BOOST_TEST((among && *among));
    BOOST_TEST(slack.count("conversations.members") == 20U);
}

BOOST_FIXTURE_TEST_CASE(a_changed_person_is_asked_for_again_and_keeps_the_role_meanwhile, World) {
    slack.people["UADMIN"] = {{"id", "UADMIN"}, {"team_id", "T1"}, {"name", "admin"}, {"is_admin", true}};
    make_directory();
    directory->forget_person({"UADMIN"});
    BOOST_TEST(!directory->find({"UADMIN"}).has_value());
    BOOST_TEST(directory->managers("").size() == 1U);
}

BOOST_FIXTURE_TEST_CASE(a_change_that_says_how_is_known_at_once, World) {
    settings->people.managers = {"UMAX"};
    settings->people.leads = {"UBO", "ULEA"};
    for (std::string const id : {"UMAX", "UBO", "ULEA"}) slack.people[id] = {{"id", id}, {"team_id", "T1"}, {"name", id}};
    make_directory();
    // A new status changes nothing: everybody can still be named.
    directory->person_changed({.id = {"UBO"}, .workspace = {"T1"}, .name = "bo"});
    BOOST_REQUIRE(directory->find({"UBO"}).has_value());
    BOOST_TEST(directory->find({"UBO"})->name == "bo");
    BOOST_TEST((directory->find({"UBO"})->role == Role::lead));
    BOOST_TEST(directory->leads("").size() == 2U);
    // Somebody who left is no lead any more, so nobody is alerted in vain.
    directory->person_changed({.id = {"UBO"}, .workspace = {"T1"}, .name = "bo", .deleted = true});
    BOOST_TEST(!directory->find({"UBO"})->active);
    BOOST_REQUIRE(directory->leads("").size() == 1U);
    BOOST_TEST(directory->leads("")[0].value == "ULEA");
    // Back again, and somebody new.
    directory->person_changed({.id = {"UBO"}, .workspace = {"T1"}, .name = "bo"});
    directory->person_changed({.id = {"UNEW"}, .workspace = {"T1"}, .name = "new"});
    BOOST_TEST(directory->leads("").size() == 2U);
    BOOST_TEST((directory->find({"UNEW"})->role == Role::requester));
    directory->person_changed({.id = {"USTRANGE"}, .workspace = {"T9"}, .name = "x"});
    BOOST_TEST((directory->find({"USTRANGE"})->role == Role::outsider));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(app)

BOOST_FIXTURE_TEST_CASE(a_refused_token_ends_the_start, World) {
    close_store(*this);
    slack.always["auth.test"] = [](TinySlack::Form const&) { return TinySlack::error("invalid_auth"); };
    Started const started(*this, environment());
    BOOST_REQUIRE(started.error.has_value());
    BOOST_TEST(started.error->message.find("SLACK_BOT_TOKEN") != std::string::npos);
    BOOST_TEST(started.error->message.find("xoxb-token") == std::string::npos);
    BOOST_TEST(slack.count("apps.connections.open") == 0U);
}

BOOST_FIXTURE_TEST_CASE(the_store_of_another_workspace_ends_the_start, World) {
    write([](Tx& tx) { tx.set_setting("workspace", "T9"); });
    close_store(*this);
    Started const started(*this, environment());
    BOOST_REQUIRE(started.error.has_value());
    BOOST_TEST((started.error->code == Errc::conflict));
    BOOST_TEST(slack.count("apps.connections.open") == 0U);
}

BOOST_FIXTURE_TEST_CASE(an_unusable_store_ends_the_start, World) {
    close_store(*this);
    auto elsewhere = environment();
    elsewhere.store_url = "sqlite:" + (folder / "no" / "such" / "folder.db").string();
    Started const started(*this, elsewhere);
    BOOST_REQUIRE(started.error.has_value());
    BOOST_TEST(started.error->message.find("folder.db") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_slack_out_of_reach_is_waited_for, World) {
    close_store(*this);
    slack.next("auth.test", {.status = 503, .body = "", .headers = {}}, 3);
    Started const started(*this, environment());
    BOOST_TEST(!started.error.has_value());
    BOOST_TEST(!started.app->ready());
    BOOST_TEST(!started.app->fatal().has_value());
    BOOST_TEST(started.app->http_port() != 0);
    BOOST_REQUIRE(until([&] {
        if (started.app->quiet()) clock.advance(1s);
        return slack.count("apps.connections.open") > 0U;
    }));
    BOOST_TEST(slack.count("auth.test") == 4U);
}

BOOST_FIXTURE_TEST_CASE(a_token_refused_later_is_fatal, World) {
    close_store(*this);
    slack.next("auth.test", {.status = 503, .body = "", .headers = {}});
    slack.always["auth.test"] = [](TinySlack::Form const&) { return TinySlack::error("account_inactive"); };
    Started const started(*this, environment());
    BOOST_TEST(!started.error.has_value());
    int told = 0;
    started.app->on_fatal([&told](Error const&) { ++told; });
    BOOST_REQUIRE(until([&] {
        if (started.app->quiet()) clock.advance(1s);
        return started.app->fatal().has_value();
    }));
    BOOST_TEST(told == 1);
    BOOST_TEST(!started.app->ready());
}

BOOST_AUTO_TEST_SUITE_END()
