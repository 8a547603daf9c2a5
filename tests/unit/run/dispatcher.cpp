// What each kind of payload gets for each kind of outcome: the ack, its payload, and what is told another way.
#include "bot/run/dispatcher.hpp"
#include "bot/run/reply.hpp"
#include "handlers/answers.hpp"
#include "tests/unit/run/slack_world.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <condition_variable>
#include <mutex>

using namespace esc;
using namespace std::chrono_literals;
using handlers::Outcome;

namespace {

struct World : test::SlackWorld {
    handlers::Router router{};
    run::Homes homes{io.get_executor(), clock, router, *store, *directory, web, metrics, settings};
    std::unique_ptr<run::Dispatcher> dispatcher{};
    std::vector<std::string> acks{};
    Outcome outcome{};
    int worked = 0;
    int last_key = 0;

    World() {
        auto const plan = [this] {
            ++worked;
            return handlers::Plan{handlers::Work{[answer = outcome](Tx&) { return answer; }}};
        };
        router.command("escalate", [plan](auto const&, auto const&) -> Result<handlers::Plan> { return plan(); });
        router.action("esc.press", [plan](auto const&, auto const&) -> Result<handlers::Plan> { return plan(); });
        router.view("form", [plan](auto const&, auto const&) -> Result<handlers::Plan> { return plan(); });
        router.shortcut("new", [plan](auto const&, auto const&) -> Result<handlers::Plan> { return plan(); });
        router.event([plan](slack::ReactionAdded const&, auto const&) -> Result<handlers::Plan> { return plan(); });
        dispatcher = std::make_unique<run::Dispatcher>(io.get_executor(), clock, router, *store, *directory, homes, web, metrics,
                                                       settings);
    }
    ~World() {
        finish(dispatcher->stop(1s));
        finish(homes.stop());
    }

    void deliver(slack::Payload payload, std::string key = {}) {
        slack::Envelope envelope;
        envelope.envelope_id = "E" + std::to_string(++last_key);
        envelope.key = key.empty() ? envelope.envelope_id : std::move(key);
        envelope.payload = std::move(payload);
        envelope.accepts_response_payload = true;
        auto ack = std::make_shared<run::Ack>(envelope.envelope_id, true, [this](std::string frame) { acks.push_back(frame); });
        dispatcher->deliver(std::move(envelope), std::move(ack));
    }
    void settled() {
        BOOST_REQUIRE(until([this] { return dispatcher->quiet() && homes.quiet(); }));
    }

    [[nodiscard]] slack::SlashCommand command(std::string user = "UANA") const {
        return {.workspace = {"T1"},
                .user = {user},
                .channel = {"C1"},
                .command = "/escalate",
                .text = "x",
                .trigger_id = "t",
                .response_url = slack.response_url()};
    }
    [[nodiscard]] slack::BlockAction press() const {
        return {.workspace = {"T1"},
                .user = {"UANA"},
                .user_workspace = {"T1"},
                .action_id = "esc.press",
                .trigger_id = "t",
                .response_url = slack.response_url(),
                .message = {.channel = {"C1"}, .ts = {"1.1"}}};
    }
    [[nodiscard]] static slack::BlockAction press_in(std::string view_type) {
        return {.workspace = {"T1"},
                .user = {"UANA"},
                .user_workspace = {"T1"},
                .action_id = "esc.press",
                .trigger_id = "t",
                .view_id = "V1",
                .view_type = std::move(view_type)};
    }
    [[nodiscard]] static slack::AppMention mention(std::string text, MessageTs thread = {}) {
        return {.head = {.event_id = "Ev1", .workspace = {"T1"}},
                .user = {"UANA"},
                .message = {.channel = {"C1"}, .ts = {"2.2"}, .thread_ts = std::move(thread)},
                .text = std::move(text)};
    }
    [[nodiscard]] boost::json::object view(std::string const& method) const {
        auto const shown = slack.of(method);
        BOOST_REQUIRE(!shown.empty());
        return boost::json::parse(shown.back().form.at("view")).as_object();
    }
    [[nodiscard]] static slack::ViewSubmission form(std::string metadata = {}) {
        slack::ViewSubmission view{.workspace = {"T1"},
                                   .user = {"UANA"},
                                   .user_workspace = {"T1"},
                                   .callback_id = "form",
                                   .private_metadata = std::move(metadata),
                                   .view_id = "V1"};
        view.state.values["title"] = "typed";
        return view;
    }
    [[nodiscard]] static slack::ReactionAdded reaction(std::string name = "rotating_light") {
        return {.head = {.event_id = "Ev1", .workspace = {"T1"}},
                .user = {"UANA"},
                .reaction = std::move(name),
                .item = {.channel = {"C1"}, .ts = {"1.1"}}};
    }
    [[nodiscard]] boost::json::object payload(std::size_t at = 0) const {
        auto const frame = boost::json::parse(acks.at(at)).as_object();
        return frame.contains("payload") ? frame.at("payload").as_object() : boost::json::object{};
    }
    [[nodiscard]] bool bare(std::size_t at = 0) const { return acks.at(at).find("payload") == std::string::npos; }
};

slack::blocks::Modal modal() { return {.callback_id = "form", .title = "A form", .submit = "Go"}; }
Outcome refusal() { return handlers::refuse(fail(Errc::conflict, "Ana was faster.")); }

}  // namespace

BOOST_AUTO_TEST_SUITE(dispatcher)

BOOST_FIXTURE_TEST_CASE(a_command_is_answered_in_its_ack, World) {
    outcome = handlers::say("opened");
    deliver(command());
    settled();
    BOOST_REQUIRE(acks.size() == 1U);
    BOOST_TEST(payload().at("response_type").as_string() == "ephemeral");
    BOOST_TEST(slack.count("response_url") == 0U);
}

BOOST_FIXTURE_TEST_CASE(an_answer_too_long_for_an_ack_goes_to_the_response_url, World) {
    outcome = handlers::say("opened");
    for (int count = 0; count < 20; ++count)
        *outcome.reply.message += slack::blocks::section(slack::blocks::mrkdwn_text(std::string(2'000, 'x')));
    deliver(command());
    settled();
    BOOST_REQUIRE(acks.size() == 1U);
    BOOST_TEST(bare());
    BOOST_TEST(slack.count("response_url") == 1U);
}

BOOST_FIXTURE_TEST_CASE(a_button_is_answered_by_response_url_else_in_the_channel_else_by_dm, World) {
    outcome = refusal();
    deliver(press());
    settled();
    BOOST_TEST(bare());
    BOOST_TEST(slack.count("response_url") == 1U);
    slack.next("response_url", {.status = 404, .body = "expired_url", .headers = {}}, 2);
    deliver(press());
    settled();
    BOOST_TEST(slack.count("chat.postEphemeral") == 1U);
    slack.next("chat.postEphemeral", test::TinySlack::error("user_not_in_channel"));
    deliver(press());
    settled();
    BOOST_REQUIRE(slack.count("chat.postMessage") == 1U);
    BOOST_TEST(slack.of("chat.postMessage")[0].form.at("channel") == "UANA");
    BOOST_TEST(acks.size() == 3U);
}

BOOST_FIXTURE_TEST_CASE(a_button_with_nothing_to_say_is_only_acknowledged, World) {
    deliver(press());
    settled();
    BOOST_TEST(bare());
    BOOST_TEST(slack.calls.size() == slack.count("users.list"));
}

BOOST_FIXTURE_TEST_CASE(a_form_gets_errors_a_replacement_or_is_closed, World) {
    outcome.reply.view_errors = {{"title", "Too long."}};
    deliver(form());
    settled();
    BOOST_TEST(payload(0).at("response_action").as_string() == "errors");
    BOOST_TEST(payload(0).at("errors").at("title").as_string() == "Too long.");

    outcome = {};
    outcome.reply.view_errors = {{"elsewhere", "Slack would refuse this block id."}};
    deliver(form());
    settled();
    BOOST_TEST(payload(1).at("response_action").as_string() == "update");

    outcome = refusal();
    deliver(form());
    settled();
    BOOST_TEST(payload(2).at("response_action").as_string() == "update");

    outcome = handlers::say("ESC-1 opened");
    deliver(form(R"({"channel":"C7"})"));
    settled();
    BOOST_TEST(payload(3).at("response_action").as_string() == "clear");
    BOOST_REQUIRE(slack.count("chat.postEphemeral") == 1U);
    BOOST_TEST(slack.of("chat.postEphemeral")[0].form.at("channel") == "C7");

    deliver(form("not JSON"));
    settled();
    BOOST_TEST(payload(4).at("response_action").as_string() == "clear");
    BOOST_TEST(slack.count("chat.postMessage") == 1U);
}

BOOST_FIXTURE_TEST_CASE(a_form_to_open_is_opened_and_an_expired_trigger_is_told, World) {
    outcome.open_modal = modal();
    deliver(press());
    settled();
    BOOST_TEST(bare());
    BOOST_TEST(slack.count("views.open") == 1U);
    BOOST_TEST(slack.count("response_url") == 0U);
    slack.next("views.open", test::TinySlack::error("expired_trigger_id"));
    outcome.open_modal = modal();
    deliver(press());
    settled();
    BOOST_TEST(slack.count("response_url") == 1U);
    // A global shortcut has neither response_url nor channel.
    slack.next("views.open", test::TinySlack::error("trigger_expired"));
    deliver(slack::Shortcut{.workspace = {"T1"}, .user = {"UANA"}, .callback_id = "new", .trigger_id = "t"});
    settled();
    BOOST_TEST(slack.count("chat.postMessage") == 1U);
}

BOOST_FIXTURE_TEST_CASE(a_press_in_a_modal_is_answered_in_it, World) {
    struct Row {
        std::string_view name;
        Outcome outcome;
        std::string_view method;
        std::string_view title;
    };
    Outcome replaced;
    replaced.replace_modal = modal();
    Outcome pushed;
    pushed.open_modal = modal();
    for (auto const& row : {Row{"replace", replaced, "views.update", "A form"}, Row{"push", pushed, "views.push", "A form"},
                            Row{"refusal", refusal(), "views.update", "Not done"},
                            Row{"message", handlers::say("noted"), "views.update", "Escalations"},
                            Row{"done", handlers::done(), "views.update", "Done"}})
        BOOST_TEST_CONTEXT(row.name) {
            outcome = row.outcome;
            auto const before = slack.count(std::string(row.method));
            deliver(press_in("modal"));
            settled();
            BOOST_TEST(bare(acks.size() - 1));
            BOOST_REQUIRE(slack.count(std::string(row.method)) == before + 1);
            BOOST_TEST(view(std::string(row.method)).at("title").at("text").as_string() == row.title);
        }
    for (auto const& call : slack.of("views.update")) BOOST_TEST(call.form.at("view_id") == "V1");
    BOOST_TEST(slack.of("views.push")[0].form.at("trigger_id") == "t");
    BOOST_TEST(slack.count("views.open") + slack.count("chat.postMessage") + slack.count("chat.postEphemeral") == 0U);
}

BOOST_FIXTURE_TEST_CASE(a_modal_that_is_full_is_replaced_and_a_closed_one_is_answered_by_dm, World) {
    outcome.open_modal = modal();
    slack.next("views.push", test::TinySlack::error("push_limit_reached"));
    deliver(press_in("modal"));
    settled();
    BOOST_TEST(view("views.update").at("title").at("text").as_string() == "A form");
    slack.next("views.push", test::TinySlack::error("expired_trigger_id"));
    deliver(press_in("modal"));
    settled();
    BOOST_TEST(view("views.update").at("title").at("text").as_string() == "Not done");
    BOOST_TEST(slack.count("chat.postMessage") == 0U);
    outcome = refusal();
    slack.next("views.update", test::TinySlack::error("not_found"));
    deliver(press_in("modal"));
    settled();
    BOOST_REQUIRE(slack.count("chat.postMessage") == 1U);
    BOOST_TEST(slack.of("chat.postMessage")[0].form.at("channel") == "UANA");
    // Nobody is told "Done" out of the blue.
    outcome = handlers::done();
    slack.next("views.update", test::TinySlack::error("not_found"));
    deliver(press_in("modal"));
    settled();
    BOOST_TEST(slack.count("chat.postMessage") == 1U);
}

BOOST_FIXTURE_TEST_CASE(a_press_at_home_is_answered_by_a_small_modal_and_success_says_nothing, World) {
    deliver(press_in("home"));
    settled();
    BOOST_TEST(slack.count("views.open") == 0U);
    for (auto const& one : {refusal(), handlers::say("noted")}) {
        outcome = one;
        deliver(press_in("home"));
        settled();
        BOOST_TEST(view("views.open").at("callback_id").as_string() == "esc.word");
    }
    BOOST_TEST(slack.count("views.open") == 2U);
    outcome = {};
    outcome.open_modal = modal();
    deliver(press_in("home"));
    settled();
    BOOST_TEST(view("views.open").at("title").at("text").as_string() == "A form");
    BOOST_TEST(slack.count("views.update") + slack.count("chat.postMessage") == 0U);
}

BOOST_FIXTURE_TEST_CASE(a_home_goes_to_who_acted_however_they_did, World) {
    outcome.home = slack::blocks::Home{.private_metadata = "page 2"};
    *outcome.home += slack::blocks::divider();
    deliver(press_in("home"));
    settled();
    BOOST_REQUIRE(slack.count("views.publish") == 1U);
    BOOST_TEST(slack.of("views.publish")[0].form.at("user_id") == "UANA");
    BOOST_TEST(view("views.publish").at("private_metadata").as_string() == "page 2");
    outcome.home->private_metadata = "page 3";
    deliver(form());
    settled();
    BOOST_TEST(view("views.publish").at("private_metadata").as_string() == "page 3");
}

BOOST_FIXTURE_TEST_CASE(a_submitted_form_may_be_followed_by_another_however_long, World) {
    outcome.open_modal = modal();
    deliver(form());
    settled();
    BOOST_TEST(payload(0).at("response_action").as_string() == "update");
    BOOST_TEST(slack.count("views.update") == 0U);
    for (int count = 0; count < 20; ++count)
        *outcome.open_modal += slack::blocks::section(slack::blocks::mrkdwn_text(std::string(2'000, 'x')));
    deliver(form());
    settled();
    BOOST_TEST(payload(1).at("response_action").as_string() == "update");
    BOOST_TEST(payload(1).at("view").at("callback_id").as_string() == "esc.word");
    BOOST_TEST(view("views.update").at("title").at("text").as_string() == "A form");
    BOOST_TEST(slack.of("views.update")[0].form.at("view_id") == "V1");
}

BOOST_FIXTURE_TEST_CASE(a_mention_is_answered_where_it_stands_and_offers_a_form_by_a_button, World) {
    outcome = refusal();
    deliver(mention("<@UBOT> escalate sev2 x", {"1.1"}));
    settled();
    BOOST_TEST(bare());
    BOOST_REQUIRE(slack.count("chat.postEphemeral") == 1U);
    BOOST_TEST(slack.of("chat.postEphemeral")[0].form.at("thread_ts") == "1.1");
    BOOST_TEST(slack.of("chat.postEphemeral")[0].form.at("user") == "UANA");
    outcome = {};
    outcome.open_modal = modal();
    deliver(mention("<@UBOT>  escalate a&lt;b "));
    settled();
    BOOST_REQUIRE(slack.count("chat.postEphemeral") == 2U);
    auto const offered = slack.of("chat.postEphemeral")[1].form;
    BOOST_TEST(!offered.contains("thread_ts"));
    auto const blocks = boost::json::parse(offered.at("blocks"));
    BOOST_TEST(blocks.at_pointer("/1/elements/0/action_id").as_string() == "esc.form");
    BOOST_TEST(blocks.at_pointer("/1/elements/0/value").as_string() == "escalate a&lt;b");
    BOOST_TEST(slack.count("views.open") == 0U);
}

BOOST_FIXTURE_TEST_CASE(events_answer_nobody, World) {
    outcome = refusal();
    deliver(reaction());
    settled();
    BOOST_TEST(bare());
    BOOST_TEST(slack.calls.size() == slack.count("users.list"));
}

BOOST_FIXTURE_TEST_CASE(an_element_that_only_collects_input_is_acknowledged_in_silence, World) {
    auto press = press_in("modal");
    press.action_id = "severity";
    press.user = {"UNOBODY"};
    deliver(press);
    BOOST_TEST(bare());
    settled();
    BOOST_TEST(slack.calls.size() == slack.count("users.list"));
    // One of ours without a handler is an old message's: that is said.
    press = press_in("modal");
    press.action_id = "esc.gone";
    deliver(press);
    settled();
    BOOST_TEST(view("views.update").at("title").at("text").as_string() == "Not done");
}

BOOST_FIXTURE_TEST_CASE(who_wrote_a_message_is_taken_for_what_slack_tells, World) {
    std::vector<Person> seen;
    router = {};
    router.event([&seen](slack::MessagePosted const&, handlers::Env const& env) -> Result<handlers::Plan> {
        seen.push_back(env.actor);
        return handlers::Plan{handlers::Nothing{}};
    });
    router.event([&seen](slack::MessageDeleted const&, handlers::Env const& env) -> Result<handlers::Plan> {
        seen.push_back(env.actor);
        return handlers::Plan{handlers::Nothing{}};
    });
    auto const posted = [](std::string user, bool shared, std::string workspace) {
        return slack::MessagePosted{.head = {.event_id = "Ev1", .workspace = {"T1"}, .shared_channel = shared},
                                    .user = {std::move(user)},
                                    .user_workspace = {std::move(workspace)},
                                    .message = {.channel = {"C1"}, .ts = {"2.2"}, .thread_ts = {"1.1"}}};
    };
    struct Row {
        bool shared;
        std::string workspace;
        std::string user;
        Role role;
    };
    slack.people["UNEW"] = {{"id", "UNEW"}, {"team_id", "T1"}, {"name", "new"}};
    slack.people["UGUEST"] = {{"id", "UGUEST"}, {"team_id", "T1"}, {"name", "guest"}, {"is_restricted", true}};
    slack.people["UFAR"] = {{"id", "UFAR"}, {"team_id", "T2"}, {"name", "far"}};
    std::vector<Row> const rows{{false, "", "UNEW", Role::agent},
                                {true, "T1", "UGUEST", Role::outsider},
                                {true, "T1", "UFAR", Role::outsider},
                                {false, "T2", "U404", Role::outsider}};
    // While Slack does not tell, nobody's word counts, whatever the payload says: Slack is to send it again.
    slack.always["users.info"] = [](auto const&) { return test::Answer{.status = 503, .body = "", .headers = {}}; };
    for (auto const& row : rows) {
        deliver(posted(row.user, row.shared, row.workspace));
        settled();
    }
    BOOST_TEST(seen.empty());
    BOOST_TEST(acks.empty());
    BOOST_TEST(logged("person_not_told"));
    slack.always.clear();
    for (auto const& row : rows) {
        deliver(posted(row.user, row.shared, row.workspace));
        settled();
        BOOST_REQUIRE(!seen.empty());
        BOOST_TEST((seen.back().role == row.role), row.user);
    }
    deliver(slack::MessageDeleted{.head = {.event_id = "Ev2", .workspace = {"T1"}}, .message = {.channel = {"C1"}, .ts = {"1"}}});
    settled();
    BOOST_TEST(seen.size() == 5U);
    BOOST_TEST((seen.back().role == Role::outsider));
    BOOST_TEST(acks.size() == 5U);
}

BOOST_FIXTURE_TEST_CASE(a_burst_of_unknown_people_asks_slack_about_some_and_leaves_room_for_who_waits, World) {
    int known = 0;
    router = {};
    router.event([&known](slack::MessagePosted const&, auto const&) -> Result<handlers::Plan> {
        ++known;
        return handlers::Plan{handlers::Nothing{}};
    });
    router.command("escalate", [](auto const&, auto const&) -> Result<handlers::Plan> { return handlers::Plan{Outcome{}}; });
    for (int number = 0; number < 500; ++number)
        deliver(slack::MessagePosted{.head = {.event_id = "Ev" + std::to_string(number), .workspace = {"T1"}},
                                     .user = {"U" + std::to_string(number)},
                                     .message = {.channel = {"C1"}, .ts = {"2.2"}, .thread_ts = {"1.1"}}});
    deliver(command("UWAITS"));
    settled();
    BOOST_TEST(slack.count("users.info") == 51U);
    BOOST_TEST(known == 50);
    BOOST_TEST(acks.size() == 51U);  // the others are for Slack to send again
    BOOST_TEST(logged("too_many_unknown_people"));
    BOOST_TEST(metrics.expose().find("esc_person_lookups_refused_total 450") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(what_concerns_nobody_is_acknowledged_at_once, World) {
    auto const before = slack.calls.size();
    deliver(reaction("tada"));
    deliver(slack::OtherEvent{.head = {}, .type = "message", .subtype = {}});
    BOOST_TEST(acks.size() == 2U);
    BOOST_TEST(worked == 0);
    BOOST_TEST(slack.calls.size() == before);
    BOOST_TEST(dispatcher->quiet());
}

BOOST_FIXTURE_TEST_CASE(only_the_bots_own_coming_changes_what_is_known_of_a_channel, World) {
    auto const joins = [this](char const* user) {
        deliver(slack::MemberJoinedChannel{.head = {}, .user = {user}, .channel = {"C1"}});
    };
    auto const asked_after = [this] {
        BOOST_TEST(test::Running(io, directory->channel({"C1"})).get().has_value());
        return slack.count("conversations.info");
    };
    slack.always["conversations.info"] = [joins](test::TinySlack::Form const&) {
        for (auto const* user : {"UANA", "UBO", "UNEW"}) joins(user);  // a bulk invite
        return test::Answer{.body = R"({"ok":true,"channel":{"id":"C1","is_channel":true,"is_member":true}})", .headers = {}};
    };
    BOOST_TEST(asked_after() == 1U);
    joins("UBO");
    BOOST_TEST(asked_after() == 1U);
    joins("UBOT");
    BOOST_TEST(asked_after() == 2U);
}

BOOST_FIXTURE_TEST_CASE(a_group_that_changes_while_much_is_under_way_is_asked_for_all_the_same, World) {
    settings->people.leads = {"S1"};
    slack.always["usergroups.users.list"] = [](test::TinySlack::Form const&) {
        return test::Answer{.body = R"({"ok":true,"users":["UBO"]})", .headers = {}};
    };
    router = {};
    router.action("esc.press", [](auto const&, auto const&) -> Result<handlers::Plan> { return handlers::Plan{refusal()}; });
    for (int count = 0; count < 1100; ++count) deliver(press());
    for (int count = 0; count < 5; ++count) deliver(slack::SubteamMembersChanged{.head = {}, .group = {"S1"}});
    BOOST_TEST(metrics.expose().find("esc_replies_dropped_total 100") != std::string::npos);
    BOOST_REQUIRE(until([this] { return slack.count("usergroups.users.list") > 0; }));
    BOOST_REQUIRE(until([this] { return directory->leads("").size() == 1U; }));
    BOOST_TEST(slack.count("usergroups.users.list") <= 2U);
}

BOOST_FIXTURE_TEST_CASE(the_same_event_again_is_acknowledged_and_not_done, World) {
    int done = 0;
    router = {};
    router.event([&done](slack::ReactionAdded const&, auto const&) -> Result<handlers::Plan> {
        return handlers::Plan{handlers::Work{[&done](Tx&) {
            ++done;
            return Outcome{};
        }}};
    });
    deliver(reaction(), "Ev1");
    settled();
    deliver(reaction(), "Ev1");
    settled();
    BOOST_TEST(done == 1);
    BOOST_TEST(acks.size() == 2U);
}

BOOST_FIXTURE_TEST_CASE(a_failure_is_told_to_people_and_left_to_slack_for_events, World) {
    auto const broken = [](auto const&, auto const&) -> Result<handlers::Plan> {
        return handlers::Plan{handlers::Work{[](Tx&) -> Outcome { throw std::runtime_error("disk full"); }}};
    };
    router = {};
    router.event(handlers::Router::EventHandler<slack::ReactionAdded>{broken});
    router.command("escalate", broken);
    router.view("form", broken);
    deliver(reaction());
    settled();
    BOOST_TEST(acks.empty());
    deliver(command());
    settled();
    BOOST_REQUIRE(acks.size() == 1U);
    BOOST_TEST(!bare());
    deliver(form());
    settled();
    BOOST_REQUIRE(acks.size() == 2U);
    BOOST_TEST(payload(1).at("response_action").as_string() == "errors");  // what was typed stays
    BOOST_TEST(logged("disk full"));
}

// Holds the store up until it is let go.
struct HeldUp : World {
    HeldUp() {
        store->write(
            {}, clock.now(),
            [this](Tx&) {
                std::unique_lock lock(mutex_);
                released_.wait(lock, [this] { return go_; });
            },
            [](WriteResult) {});
    }
    ~HeldUp() { let_go(); }
    void let_go() {
        {
            std::lock_guard lock(mutex_);
            go_ = true;
        }
        released_.notify_all();
    }

private:
    std::mutex mutex_{};
    std::condition_variable released_{};
    bool go_ = false;
};

// After two seconds people are told, once, and the command is still done.
BOOST_FIXTURE_TEST_CASE(the_guard_speaks_after_two_seconds, HeldUp) {
    outcome = handlers::say("opened");
    deliver(command());
    deliver(form(R"({"channel":"C7"})"));
    deliver(reaction());
    test::settle(io);
    clock.advance(1999ms);
    test::settle(io);
    BOOST_TEST(acks.empty());
    clock.advance(2ms);
    test::settle(io);
    BOOST_REQUIRE(acks.size() == 2U);
    BOOST_TEST(payload(0).at("response_type").as_string() == "ephemeral");
    BOOST_TEST(payload(1).at("response_action").as_string() == "update");
    BOOST_TEST(!dispatcher->quiet());
    let_go();
    settled();
    BOOST_TEST(acks.size() == 3U);  // the event's
    BOOST_TEST(slack.count("response_url") == 1U);
    BOOST_TEST(slack.count("chat.postEphemeral") == 1U);
    BOOST_TEST(view("views.update").at("title").at("text").as_string() == "Done");  // where the form was
}

// The form is gone by then, and with it what was written.
BOOST_FIXTURE_TEST_CASE(an_error_at_an_input_that_comes_after_the_guard_says_what_was_written, HeldUp) {
    outcome = handlers::refuse_in_view("title", "Too long.", "All of what was written");
    deliver(form(R"({"channel":"C7"})"));
    test::settle(io);
    clock.advance(2001ms);
    test::settle(io);
    BOOST_REQUIRE(acks.size() == 1U);
    let_go();
    settled();
    auto const shown = boost::json::serialize(view("views.update"));
    for (auto const* part : {"Too long.", "All of what was written"}) BOOST_TEST(shown.find(part) != std::string::npos, part);
}

BOOST_FIXTURE_TEST_CASE(a_look_that_a_command_asks_for_gives_its_answer, World) {
    outcome = handlers::say("not this");
    outcome.then = [](Snapshot const&) { return handlers::say("seen"); };
    deliver(command());
    settled();
    BOOST_REQUIRE(acks.size() == 1U);
    BOOST_TEST(payload(0).at("text").as_string() == "seen");
}

BOOST_FIXTURE_TEST_CASE(somebody_unknown_is_asked_for_once, World) {
    Person seen;
    router = {};
    router.command("escalate", [&seen](auto const&, handlers::Env const& env) -> Result<handlers::Plan> {
        seen = env.actor;
        return handlers::Plan{Outcome{}};
    });
    slack.people["UNEW"] = {{"id", "UNEW"}, {"team_id", "T1"}, {"name", "new"}};
    deliver(command("UNEW"));
    deliver(command("UNEW"));
    settled();
    BOOST_TEST(slack.count("users.info") == 1U);
    BOOST_TEST((seen.role == Role::agent));
    slack.people["UGUEST"] = {{"id", "UGUEST"}, {"team_id", "T1"}, {"name", "guest"}, {"is_restricted", true}};
    deliver(command("UGUEST"));
    settled();
    BOOST_TEST((seen.role == Role::outsider));
    slack.people["UFAR"] = {{"id", "UFAR"}, {"team_id", "T2"}, {"name", "far"}};
    deliver(command("UFAR"));
    settled();
    BOOST_TEST((seen.role == Role::outsider));
    deliver(command("U404"));
    settled();
    BOOST_TEST((seen.id == PersonId{"U404"}));
    BOOST_TEST((seen.role == Role::outsider));
    BOOST_TEST(acks.size() == 5U);
}

// Two wait for the same answer; before the second one goes on, a change of that person is announced.
BOOST_FIXTURE_TEST_CASE(a_guest_who_changes_while_asked_about_stays_a_guest, World) {
    slack.people["UGUEST"] = {{"id", "UGUEST"}, {"team_id", "T1"}, {"name", "guest"}, {"is_restricted", true}};
    std::vector<Role> roles;
    auto const meet = [this, &roles]() -> boost::asio::awaitable<void> {
        run::Origin const origin{.workspace = {"T1"}, .shared = false, .channel = {"C1"}};
        auto const found = co_await directory->person({"UGUEST"}, origin, 1s);
        directory->forget_person({"UGUEST"});
        roles.push_back(found ? found->role : Role::manager);
    };
    boost::asio::co_spawn(io, meet(), boost::asio::detached);
    finish(meet());
    BOOST_REQUIRE(until([&roles] { return roles.size() == 2U; }));
    BOOST_TEST(slack.count("users.info") == 1U);
    for (auto const role : roles) BOOST_TEST((role == Role::outsider));
}

BOOST_FIXTURE_TEST_CASE(an_answer_about_somebody_else_tells_nothing, World) {
    slack.people["UNEW"] = {{"id", "UANA"}, {"team_id", "T1"}, {"name", "ana"}};
    deliver(command("UNEW"));
    settled();
    BOOST_TEST(worked == 0);
    BOOST_TEST(!directory->find({"UNEW"}));
}

// Guests have our workspace's id, and so may people from outside.
BOOST_FIXTURE_TEST_CASE(while_slack_does_not_tell_who_somebody_is_they_are_told_so_and_nothing_is_done, World) {
    slack.people["UGUEST"] = {{"id", "UGUEST"}, {"team_id", "T1"}, {"name", "guest"}, {"is_restricted", true}};
    using Manner = test::Answer::Manner;
    std::vector<std::pair<std::string, test::Answer>> const troubles{
        {"fails", {.status = 503, .body = "", .headers = {}}},
        {"is at its limit", {.status = 429, .body = "", .headers = {{"Retry-After", "30"}}}},
        {"has a fault", test::TinySlack::error("fatal_error")},
        {"says what nobody has heard of", test::TinySlack::error("something_new")},
        {"makes no sense", {.body = R"({"ok":true})", .headers = {}}},
        {"is silent", {.manner = Manner::silent, .headers = {}}}};
    auto const guest = [](auto payload) {
        payload.user = {"UGUEST"};
        return slack::Payload{std::move(payload)};
    };
    struct Row {
        std::string name;
        slack::Payload payload;
        std::string told_by;  // a method; empty: in the ack
    };
    std::vector<Row> const rows{
        {"command", guest(command()), ""},
        {"button", guest(press()), "response_url"},
        {"button in a form", guest(press_in("modal")), "views.push"},
        {"button at home", guest(press_in("home")), "views.open"},
        {"form", guest(form()), ""},
        {"shortcut", slack::Shortcut{.workspace = {"T1"}, .user = {"UGUEST"}, .callback_id = "new", .trigger_id = "t"},
         "chat.postMessage"},
        {"mention", guest(mention("<@UBOT> escalate sev1 x")), "chat.postEphemeral"}};
    for (auto const& [trouble, answer] : troubles) {
        slack.always["users.info"] = [answer = answer](auto const&) { return answer; };
        for (auto const& row : rows) {
            if (trouble == "is silent" && row.name != "button") continue;  // each costs its real time
            BOOST_TEST_CONTEXT(row.name << " while Slack " << trouble) {
                acks.clear();
                slack.calls.clear();
                deliver(row.payload);
                settled();
                BOOST_REQUIRE(acks.size() == 1U);
                std::string told = acks[0];
                if (!row.told_by.empty()) {
                    BOOST_REQUIRE(slack.count(row.told_by) == 1U);
                    auto const call = slack.of(row.told_by)[0];
                    told = call.form.contains("view") ? call.form.at("view") : call.body;
                    BOOST_TEST(slack.calls.size() == 2U);  // and users.info
                }
                for (auto const& word : {"who", "again"}) BOOST_TEST(told.find(word) != std::string::npos, told);
            }
        }
    }
    BOOST_TEST(worked == 0);
    // As soon as Slack tells, they are what they are.
    slack.always.clear();
    deliver(guest(press()));
    settled();
    BOOST_TEST((directory->find({"UGUEST"})->role == Role::outsider));
}

BOOST_FIXTURE_TEST_CASE(a_form_of_somebody_not_told_stays_open, World) {
    slack.next("users.info", {.status = 503, .body = "", .headers = {}});
    auto view = form();
    view.user = {"UNEW"};
    deliver(view);
    settled();
    BOOST_REQUIRE(acks.size() == 1U);
    BOOST_TEST(payload().at("response_action").as_string() == "errors");
    BOOST_TEST(payload().at("errors").as_object().contains("title"));
    BOOST_TEST(worked == 0);
}

BOOST_FIXTURE_TEST_CASE(a_reaction_of_somebody_not_told_is_left_to_slack_to_send_again, World) {
    slack.people["UNEW"] = {{"id", "UNEW"}, {"team_id", "T1"}, {"name", "new"}};
    slack.next("users.info", {.status = 429, .body = "", .headers = {{"Retry-After", "1"}}});
    auto event = reaction();
    event.user = {"UNEW"};
    deliver(event, "Ev1");
    settled();
    BOOST_TEST(acks.empty());
    BOOST_TEST(worked == 0);
    deliver(event, "Ev1");
    settled();
    BOOST_TEST(acks.size() == 1U);
    BOOST_TEST(worked == 1);
    BOOST_TEST(metrics.expose().find(R"(outcome="not_told")") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(who_waits_while_too_many_are_asked_about_is_told_so, World) {
    bool silent = true;
    slack.always["users.info"] = [&silent](auto const&) {
        using Manner = test::Answer::Manner;
        return test::Answer{.manner = silent ? Manner::silent : Manner::normal, .headers = {}};
    };
    for (int number = 0; number < 100; ++number) deliver(command("U" + std::to_string(number)));
    deliver(command("UGUEST"));
    BOOST_REQUIRE(acks.size() == 1U);  // at once
    BOOST_TEST(payload().at("text").as_string() == run::not_told_text);
    settled();
    BOOST_TEST(worked == 0);
    BOOST_TEST(acks.size() == 101U);
}

BOOST_FIXTURE_TEST_CASE(a_home_opened_by_somebody_not_told_says_so_and_comes_again, World) {
    router.event([this](slack::AppHomeOpened const&, auto const&) -> Result<handlers::Plan> {
        ++worked;
        Outcome shown;
        shown.home = slack::blocks::Home{};
        *shown.home += slack::blocks::divider();
        return handlers::Plan{shown};
    });
    slack.people["UNEW"] = {{"id", "UNEW"}, {"team_id", "T1"}, {"name", "new"}};
    slack::AppHomeOpened const opened{.head = {.event_id = "Ev1", .workspace = {"T1"}}, .user = {"UNEW"}, .tab = "home"};
    slack.next("users.info", {.status = 503, .body = "", .headers = {}});
    deliver(opened);
    settled();
    BOOST_TEST(acks.empty());
    BOOST_TEST(worked == 0);
    BOOST_REQUIRE(slack.count("views.publish") == 1U);
    BOOST_TEST(slack.of("views.publish")[0].form.at("view").find("who you are") != std::string::npos);
    deliver(opened);
    settled();
    BOOST_TEST(worked == 1);
    BOOST_TEST(slack.count("views.publish") == 2U);
    // What is there already stays when it happens later.
    directory->forget_person({"UNEW"});
    slack.next("users.info", {.status = 503, .body = "", .headers = {}});
    deliver(opened);
    settled();
    BOOST_TEST(worked == 1);
    BOOST_TEST(slack.count("views.publish") == 2U);
}

BOOST_FIXTURE_TEST_CASE(people_named_before_anybody_is_loaded_are_asked_about_first, World) {
    std::vector<std::string> found;
    auto const looks_up = [&found](auto const&, handlers::Env const& env) -> Result<handlers::Plan> {
        found.clear();
        for (auto const* id : {"UN1", "UN2", "UN3", "UN4", "UN5", "UN6", "UBO"})
            if (env.people->find({id})) found.emplace_back(id);
        return handlers::Plan{Outcome{}};
    };
    router = {};
    router.command("escalate", looks_up);
    router.view("form", looks_up);
    for (auto const* id : {"UN1", "UN2", "UN3", "UN4", "UN5", "UN6"})
        slack.people[id] = {{"id", id}, {"team_id", "T1"}, {"name", id}};
    auto typed = command();
    typed.text = "assign 12 <@UN1|one> because <@UBOT> and <@UBO> say so";
    deliver(typed);
    settled();
    BOOST_TEST(found == (std::vector<std::string>{"UN1", "UBO"}), boost::test_tools::per_element());
    BOOST_TEST(slack.count("users.info") == 1U);
    deliver(mention("<@UBOT> escalate sev2 x owner:<@UN2>"));
    settled();
    BOOST_TEST(found.size() == 3U);
    auto chosen = form();
    chosen.state.values["owner"] = "UN3";
    chosen.state.values["helper"] = "UN4";
    // Words in capitals are nobody.
    for (auto const* block : {"severity", "title", "note", "code"}) chosen.state.values[block] = "UPDATE";
    chosen.state.values["engineer"] = "";
    deliver(chosen);
    settled();
    BOOST_TEST(found.size() == 5U);
    BOOST_TEST(slack.count("users.info") == 4U);
    // Whoever acts is asked about too, and a guest has nobody asked about.
    slack.people["UGUEST"] = {{"id", "UGUEST"}, {"team_id", "T1"}, {"name", "guest"}, {"is_restricted", true}};
    typed.user = {"UGUEST"};
    typed.text = "assign 12 <@UN5>";
    deliver(typed);
    settled();
    BOOST_TEST(slack.count("users.info") == 5U);
    // Whom Slack does not tell about in time is as unknown as before.
    slack.next("users.info", {.status = 503, .body = "", .headers = {}});
    deliver(command());
    typed.user = {"UANA"};
    deliver(typed);
    settled();
    BOOST_TEST(found.size() == 5U);
}

BOOST_FIXTURE_TEST_CASE(at_most_five_people_are_asked_about_for_one_command, World) {
    auto typed = command();
    typed.text.clear();
    for (int number = 0; number < 50; ++number) typed.text += "<@UX" + std::to_string(number) + "> <@UX0> ";
    deliver(typed);
    settled();
    BOOST_TEST(slack.count("users.info") == 5U);
    BOOST_TEST(worked == 1);
}

// Without users:read Slack never tells: the configuration's word counts, and the place.
BOOST_FIXTURE_TEST_CASE(without_users_read_only_those_whom_the_configuration_names_count_for_more, World) {
    for (auto const* method : {"users.list", "users.info"})
        slack.always[method] = [](auto const&) { return test::TinySlack::error("missing_scope"); };
    slack.always["usergroups.users.list"] = [](auto const&) {
        return test::Answer{.body = R"({"ok":true,"users":["UBO"]})", .headers = {}};
    };
    slack.always["conversations.info"] = [](test::TinySlack::Form const& asked) {
        auto const shared = asked.at("channel") == "CSHARED" ? "true" : "false";
        return test::Answer{.body = R"({"ok":true,"channel":{"id":")" + asked.at("channel") +
                                    R"(","is_channel":true,"is_member":true,"is_ext_shared":)" + shared + "}}",
                            .headers = {}};
    };
    settings->people.agents = {"S1"};
    settings->teams.push_back({.name = "web", .members = {"UANA"}});
    auto const unread = std::make_unique<run::Directory>(web, clock, settings);
    unread->identity(directory->identity());
    finish(unread->load());
    BOOST_TEST(logged("guests cannot be told apart"));
    Person seen;
    handlers::Router others;
    auto const see = [&seen](auto const&, handlers::Env const& env) -> Result<handlers::Plan> {
        seen = env.actor;
        return handlers::Plan{Outcome{}};
    };
    others.command("escalate", see);
    others.action("esc.press", see);
    others.event(handlers::Router::EventHandler<slack::ReactionAdded>{see});
    run::Dispatcher unknowing(io.get_executor(), clock, others, *store, *unread, homes, web, metrics, settings);
    auto const role = [&](auto payload, std::string user) {
        payload.user = {std::move(user)};
        slack::Envelope envelope;
        envelope.envelope_id = envelope.key = "E" + std::to_string(++last_key);
        envelope.payload = std::move(payload);
        seen = {.id = {}, .role = Role::manager};
        unknowing.deliver(std::move(envelope), std::make_shared<run::Ack>("E", true, [](std::string const&) {}));
        BOOST_REQUIRE(until([&] { return unknowing.quiet(); }));
        return seen;
    };
    auto foreign = press();
    foreign.user_workspace = {"T2"};
    auto in_shared = press();
    in_shared.message.channel = {"CSHARED"};
    auto reacted = reaction();
    reacted.head.shared_channel = true;
    for (int round = 0; round < 2; ++round) {  // where somebody was first met changes nothing
        BOOST_TEST((role(command(), "UBO").role == Role::agent));
        BOOST_TEST((role(reacted, "UBO").role == Role::agent));
        BOOST_TEST((role(press(), "UANA").in("web") == Role::agent));
        BOOST_TEST((role(command(), "UELSE").role == Role::requester));
        BOOST_TEST((role(press(), "UELSE").role == Role::requester));
        BOOST_TEST((role(reaction(), "UELSE").role == Role::requester));
        BOOST_TEST((role(foreign, "UELSE").role == Role::outsider));
        BOOST_TEST((role(in_shared, "UELSE").role == Role::outsider));
        BOOST_TEST((role(reacted, "UELSE").role == Role::outsider));
    }
    BOOST_TEST(slack.count("users.info") == 3U);
    BOOST_TEST(!unread->find({"UELSE"}).has_value());
    finish(unknowing.stop(1s));
}

BOOST_FIXTURE_TEST_CASE(after_the_stop_nothing_is_taken, World) {
    finish(dispatcher->stop(1s));
    deliver(command());
    BOOST_TEST(acks.empty());
    BOOST_TEST(worked == 0);
}

BOOST_AUTO_TEST_SUITE_END()
