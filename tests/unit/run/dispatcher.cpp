// What each kind of payload gets for each kind of outcome: the ack, its payload, and what is told another way.
#include "bot/run/dispatcher.hpp"
#include "tests/unit/run/slack_world.hpp"

#include <boost/asio/post.hpp>
#include <boost/json/parse.hpp>
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
    slack.always["users.info"] = [](auto const&) { return test::Answer{.status = 503, .body = "", .headers = {}}; };
    auto const posted = [](std::string user, bool shared, std::string workspace) {
        return slack::MessagePosted{.head = {.event_id = "Ev1", .workspace = {"T1"}, .shared_channel = shared},
                                    .user = {std::move(user)},
                                    .user_workspace = {std::move(workspace)},
                                    .message = {.channel = {"C1"}, .ts = {"2.2"}, .thread_ts = {"1.1"}}};
    };
    struct Row {
        bool shared;
        std::string workspace;
        Role role;
    };
    int number = 0;
    for (auto const& row : {Row{false, "", Role::agent}, Row{true, "", Role::outsider}, Row{true, "T1", Role::agent},
                            Row{false, "T2", Role::outsider}}) {
        deliver(posted("U" + std::to_string(++number), row.shared, row.workspace));
        settled();
        BOOST_TEST((seen.back().role == row.role), row.shared << row.workspace);
    }
    deliver(slack::MessageDeleted{.head = {.event_id = "Ev2", .workspace = {"T1"}}, .message = {.channel = {"C1"}, .ts = {"1"}}});
    settled();
    BOOST_TEST(seen.size() == 5U);
    BOOST_TEST((seen.back().role == Role::outsider));
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

// The store is held up; after two seconds people are told, once, and the command is still done.
BOOST_FIXTURE_TEST_CASE(the_guard_speaks_after_two_seconds, World) {
    std::mutex mutex;
    std::condition_variable released;
    bool go = false;
    store->write(
        {}, clock.now(),
        [&](Tx&) {
            std::unique_lock lock(mutex);
            released.wait(lock, [&] { return go; });
        },
        [](WriteResult) {});
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
    {
        std::lock_guard lock(mutex);
        go = true;
    }
    released.notify_all();
    settled();
    BOOST_TEST(acks.size() == 3U);  // the event's
    BOOST_TEST(slack.count("response_url") == 1U);
    BOOST_TEST(slack.count("chat.postEphemeral") == 1U);
    BOOST_TEST(view("views.update").at("title").at("text").as_string() == "Done");  // where the form was
}

BOOST_FIXTURE_TEST_CASE(somebody_unknown_is_asked_for_once_and_a_silent_slack_does_not_stop_them, World) {
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
    slack.next("users.info", {.status = 503, .body = "", .headers = {}});
    deliver(command("ULOST"));
    settled();
    BOOST_TEST((seen.role == Role::agent));
    BOOST_TEST(acks.size() == 5U);
}

BOOST_FIXTURE_TEST_CASE(after_the_stop_nothing_is_taken, World) {
    finish(dispatcher->stop(1s));
    deliver(command());
    BOOST_TEST(acks.empty());
    BOOST_TEST(worked == 0);
}

BOOST_AUTO_TEST_SUITE_END()
