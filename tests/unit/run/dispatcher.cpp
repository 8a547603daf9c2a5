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
        router.action("press", [plan](auto const&, auto const&) -> Result<handlers::Plan> { return plan(); });
        router.view("form", [plan](auto const&, auto const&) -> Result<handlers::Plan> { return plan(); });
        router.shortcut("new", [plan](auto const&, auto const&) -> Result<handlers::Plan> { return plan(); });
        router.reaction([plan](auto const&, auto const&) -> Result<handlers::Plan> { return plan(); });
        dispatcher =
            std::make_unique<run::Dispatcher>(io.get_executor(), clock, router, *store, *directory, web, metrics, settings);
    }
    ~World() { finish(dispatcher->stop(1s)); }

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
        BOOST_REQUIRE(until([this] { return dispatcher->quiet(); }));
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
                .action_id = "press",
                .trigger_id = "t",
                .response_url = slack.response_url(),
                .message = {.channel = {"C1"}, .ts = {"1.1"}}};
    }
    [[nodiscard]] static slack::ViewSubmission form(std::string metadata = {}) {
        slack::ViewSubmission view{.workspace = {"T1"},
                                   .user = {"UANA"},
                                   .user_workspace = {"T1"},
                                   .callback_id = "form",
                                   .private_metadata = std::move(metadata)};
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
    BOOST_TEST(bare(3));
    BOOST_REQUIRE(slack.count("chat.postEphemeral") == 1U);
    BOOST_TEST(slack.of("chat.postEphemeral")[0].form.at("channel") == "C7");

    deliver(form("not JSON"));
    settled();
    BOOST_TEST(bare(4));
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
    router.reaction([&done](auto const&, auto const&) -> Result<handlers::Plan> {
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
    router.reaction(broken);
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
