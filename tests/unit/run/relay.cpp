// The outbox relay against a small Slack: what is posted, how often, and what is done about every kind of trouble.
#include "handlers/answers.hpp"
#include "handlers/channels.hpp"
#include "handlers/due.hpp"
#include "handlers/redact.hpp"
#include "handlers/rules/alerts.hpp"
#include "handlers/rules/conversation.hpp"
#include "handlers/rules/lifecycle.hpp"
#include "handlers/rules/outbox_items.hpp"
#include "handlers/rules/ownership.hpp"
#include "tests/unit/run/relay_world.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

using namespace esc;
using namespace std::chrono_literals;
using test::TinySlack;

namespace {

using World = test::RelayWorld;
constexpr auto installation = test::relay_installation;

MessageRef const message{{"C1"}, {"1789999990.000100"}, {}};
MessageRef const command{{"C1"}, {}, {}};

Person agent(std::string id, Role role = Role::agent) { return {.id = {std::move(id)}, .name = "Somebody", .role = role}; }

using Rule = std::function<Result<Decision>(Escalation const& before, rules::By const& by)>;
void act(World& world, EscalationId id, Person const& who, Rule const& rule) {
    world.write([&, now = world.clock.now()](Tx& tx) {
        handlers::save(tx, rule(*tx.escalation(id), {who, now, "test"}).value());
    });
}

// From now on Slack says so; who has asked before finds out when what is known is too old, or when Slack tells.
void becomes_shared(World& world, std::string const& which = "C1") {
    world.slack.always["conversations.info"] = [which](TinySlack::Form const& form) {
        auto const& channel = form.at("channel");
        return test::Answer{.body = fmt::format(R"({{"ok":true,"channel":{{"id":"{}","is_channel":true,"is_member":true,)"
                                                R"("is_ext_shared":{}}}}})",
                                                channel, channel == which),
                            .headers = {}};
    };
}
void outsiders_come(World& world, std::string const& where = "C1") {
    becomes_shared(world, where);
    world.directory->forget_channel({where});
}

rules::AlertFact owner_alert(World const& world, EscalationId id, std::string to) {
    return {.escalation = id,
            .clock = ClockKind::owner,
            .rung = rung_at_risk,
            .point_at = world.clock.now(),
            .fired_at = world.clock.now(),
            .due = world.clock.now() + 5min,
            .to = {std::move(to)}};
}

void alert_eighty(World& world, EscalationId id) {
    for (int person = 0; person < 80; ++person) {
        auto const somebody = "U" + std::to_string(person);
        world.slack.people[somebody] = {{"id", somebody}, {"team_id", "T1"}, {"name", somebody}};
        auto const fact = owner_alert(world, id, somebody);
        world.enqueue({fact.key(), OutboxKind::alert, id, fact.body(), world.clock.now()});
    }
}

std::size_t with_buttons(std::vector<TinySlack::Call> const& calls) {
    return static_cast<std::size_t>(std::count_if(calls.begin(), calls.end(), [](TinySlack::Call const& call) {
        return call.form.at("blocks").find("\"actions\"") != std::string::npos;
    }));
}
std::vector<TinySlack::Call> updates_of(World const& world, std::string const& channel, std::string const& ts) {
    auto calls = world.slack.of("chat.update");
    std::erase_if(calls, [&](auto const& call) { return call.form.at("channel") != channel || call.form.at("ts") != ts; });
    return calls;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(relay)

BOOST_FIXTURE_TEST_CASE(a_message_gets_a_card_and_a_reply_in_its_own_thread, World) {
    slack.messages.push_back({"C1", message.ts.value, {}, "Checkout is down", {}, 0});
    raise(message);
    pass(10s);
    BOOST_TEST(depth().waiting == 1);  // the reply offers to undo it for a while
    auto const posts = slack.of("chat.postMessage");
    BOOST_REQUIRE(posts.size() == 2U);
    BOOST_TEST(posts[0].form.at("channel") == "C1");
    BOOST_TEST(!posts[0].form.contains("thread_ts"));
    BOOST_TEST(posts[1].form.at("thread_ts") == message.ts.value);
    BOOST_TEST(posts[1].body.find("archives") != std::string::npos);  // the link to the card
    auto const card = surface("card:1");
    BOOST_REQUIRE(card.has_value());
    BOOST_TEST(!card->permalink.empty());
    BOOST_TEST(slack.messages[1].metadata.at("event_payload").at("installation").as_string() == installation);
}

BOOST_FIXTURE_TEST_CASE(a_commands_response_waits_for_the_card_and_carries_its_link, World) {
    raise(command, slack.response_url());
    pass(10s);
    auto const answers = slack.of("response_url");
    BOOST_REQUIRE(answers.size() == 1U);
    BOOST_TEST(answers[0].body.find("archives") != std::string::npos);
    BOOST_TEST(depth().waiting == 0);
}

BOOST_FIXTURE_TEST_CASE(a_response_that_waits_to_know_who_reads_it_is_not_used_up_by_that, World) {
    directory->forget_person({"UANA"});
    slack.always["users.info"] = [](TinySlack::Form const&) { return TinySlack::error("fatal_error"); };
    raise(command, slack.response_url());
    pass(5min);
    BOOST_TEST(slack.count("response_url") == 0U);
    slack.always.clear();
    pass(1min);
    BOOST_TEST(slack.count("response_url") == 1U);
}

BOOST_FIXTURE_TEST_CASE(undo_is_offered_for_its_two_minutes_alone, World) {
    slack.messages.push_back({"C1", message.ts.value, {}, "Checkout is down", {}, 0});
    auto const id = raise(message);
    rules::NoticeFact const word{{"UANA"}, {}, {"You raised it.", {}, {}}, {"undo"}};
    enqueue(rules::notice_item(id, "raised", word, clock.now()));
    pass(10s);
    auto const offers = [](TinySlack::Call const& call) { return call.form.at("blocks").find("esc.undo") != std::string::npos; };
    for (auto const* key : {"status:1", "notice:1:raised:UANA"}) {
        auto const sent = surface(key).value();
        auto const posts = slack.of("chat.postMessage");
        BOOST_TEST(std::count_if(posts.begin(), posts.end(), offers) == 2);
        for (auto const& update : updates_of(*this, sent.channel.value, sent.ts.value)) BOOST_TEST(offers(update));
    }
    pass(2min);
    for (auto const* key : {"status:1", "notice:1:raised:UANA"}) {
        auto const sent = surface(key).value();
        auto const updates = updates_of(*this, sent.channel.value, sent.ts.value);
        BOOST_REQUIRE(!updates.empty());
        BOOST_TEST(!offers(updates.back()));
    }
    BOOST_TEST(depth().waiting == 0);
}

BOOST_FIXTURE_TEST_CASE(renewed_items_make_one_update_and_unchanged_content_none, World) {
    auto const id = raise(command);
    pass(10s);
    BOOST_REQUIRE(slack.count("chat.postMessage") == 1U);
    refresh_card(id);
    pass(10s);
    auto const before = slack.count("chat.update");
    write([id](Tx& tx) {
        Decision decision{.after = *tx.escalation(id)};
        decision.after.title = "Checkout fails for all";
        decision.after.version += 1;
        decision.events.push_back({.type = EventType::replied, .recorded_at = decision.after.updated_at});
        for (int times = 0; times < 3; ++times)
            decision.outbox.push_back({"card:1", OutboxKind::card, id, {}, decision.after.updated_at});
        tx.apply(decision);
    });
    pass(10s);
    BOOST_TEST(slack.count("chat.update") == before + 1);
    BOOST_TEST(slack.messages[0].text.find("for all") != std::string::npos);
    refresh_card(id);
    pass(10s);
    BOOST_TEST(slack.count("chat.update") == before + 1);
    BOOST_TEST(depth().waiting == 0);
}

// Killed between send and record: the row still says that it was being sent.
BOOST_FIXTURE_TEST_CASE(a_message_that_was_posted_before_a_crash_is_found_again, World) {
    raise(command);
    die_between_post_and_answer();
    start();
    pass(10min);
    BOOST_TEST(slack.count("chat.postMessage") == 1U);
    BOOST_TEST(slack.messages.size() == 1U);
    auto const card = surface("card:1");
    BOOST_REQUIRE(card.has_value());
    BOOST_TEST(card->ts.value == slack.messages[0].ts);
    BOOST_TEST(depth().waiting == 0);
}

BOOST_FIXTURE_TEST_CASE(a_message_that_was_not_posted_before_a_crash_is_posted, World) {
    raise(command);
    bool asked = false;
    slack.always["chat.postMessage"] = [&](TinySlack::Form const&) {
        asked = true;
        return test::Answer{.manner = test::Answer::Manner::hang_up, .headers = {}};
    };
    BOOST_REQUIRE(until([&] { return asked; }));
    stop();
    slack.always.clear();
    // Another installation's message of the same key is not ours.
    slack.put("C1", {}, "theirs").metadata = {{"event_type", "escalation_surface"},
                                              {"event_payload", {{"key", "card:1"}, {"installation", "other"}}}};
    start();
    pass(10min);
    BOOST_TEST(slack.count("conversations.history") == 1U);
    BOOST_TEST(slack.messages.size() == 2U);
    BOOST_TEST(surface("card:1").has_value());
    BOOST_TEST(depth().waiting == 0);
}

BOOST_FIXTURE_TEST_CASE(rate_limits_delay_and_lose_nothing, World) {
    test::Answer limited{.status = 429, .body = "", .headers = {{"Retry-After", "30"}}};
    slack.next("chat.postMessage", limited, 6);
    raise(command);
    pass(10min);
    BOOST_TEST(slack.messages.size() == 1U);
    BOOST_TEST(depth().waiting == 0);
    BOOST_TEST(depth().dead == 0);
}

BOOST_FIXTURE_TEST_CASE(a_broken_slack_is_waited_for, World) {
    slack.next("chat.postMessage", {.status = 503, .body = "sorry", .headers = {}}, 5);
    raise(command);
    pass(1h);
    BOOST_TEST(slack.messages.size() == 1U);
    BOOST_TEST(depth().waiting == 0);
    BOOST_TEST(depth().dead == 0);
}

BOOST_FIXTURE_TEST_CASE(a_deleted_card_is_posted_anew, World) {
    auto const id = raise(command);
    pass(10s);
    BOOST_REQUIRE(slack.messages.size() == 1U);
    slack.messages.clear();
    write([](Tx& tx) {
        auto surface = *tx.surface("card:1");
        surface.content_hash.clear();
        tx.save_surface(surface);
    });
    refresh_card(id);
    pass(30s);
    BOOST_REQUIRE(slack.messages.size() == 1U);
    BOOST_TEST(surface("card:1")->ts.value == slack.messages[0].ts);
}

BOOST_AUTO_TEST_CASE(a_card_that_its_channel_refuses_goes_to_a_lead_or_is_kept_as_dead) {
    for (bool const lead : {true, false}) {
        World world;
        if (lead) {
            world.stop();
            world.settings->people.leads = {"UBO"};
            world.make_directory();
            world.start();
        }
        world.slack.always["chat.postMessage"] = [&](TinySlack::Form const& form) {
            if (form.at("channel") == "C1") return TinySlack::error("not_in_channel");
            auto& kept = world.slack.put("D" + form.at("channel"), {}, form.at("text"));
            return test::Answer{.body = R"({"ok":true,"channel":")" + kept.channel + R"(","ts":")" + kept.ts + R"("})",
                                .headers = {}};
        };
        world.raise(command);
        world.pass(10s);
        BOOST_TEST(world.logged("feature_degraded"));
        BOOST_TEST(world.logged("not_in_channel"));
        BOOST_TEST(world.depth().waiting == 0);
        BOOST_TEST(world.depth().dead == (lead ? 0 : 1));
        BOOST_TEST(world.slack.messages.size() == (lead ? 1U : 0U));
        BOOST_TEST(world.surface("card:1").has_value() == lead);
    }
}

BOOST_FIXTURE_TEST_CASE(an_alert_goes_by_dm_and_into_the_cards_thread_and_says_when_it_is_late, World) {
    auto const id = raise(command);
    pass(10s);
    rules::AlertFact fact{.escalation = id,
                          .clock = ClockKind::owner,
                          .rung = rung_breach,
                          .point_at = clock.now(),
                          .fired_at = clock.now(),
                          .due = clock.now()};
    slack.next("chat.postMessage", {.status = 429, .body = "", .headers = {{"Retry-After", "1200"}}});
    for (auto const* to : {"UANA", ""}) {
        fact.to = PersonId{to};
        enqueue({fact.key(), OutboxKind::alert, id, fact.body(), clock.now()});
    }
    pass(1h);
    BOOST_TEST(depth().waiting == 0);
    BOOST_REQUIRE(slack.messages.size() == 3U);
    std::size_t by_dm = 0;
    std::size_t in_thread = 0;
    for (auto const& one : slack.messages) {
        if (one.channel == "DUANA") ++by_dm;
        if (one.thread_ts == slack.messages[0].ts) ++in_thread;
    }
    BOOST_TEST(by_dm == 1U);
    BOOST_TEST(in_thread == 1U);
}

BOOST_FIXTURE_TEST_CASE(of_several_alerts_that_wait_for_one_clock_only_the_highest_goes_out, World) {
    auto const id = raise(command);  // SEV2: answered within an hour
    auto const raised_at = clock.now();
    act(*this, id, agent("UANA"), [](Escalation const& before, rules::By const& by) { return rules::claim(before, by); });
    pass(61min);
    write([&](Tx& tx) {
        for (auto const after : {Duration{46min}, Duration{61min}})
            handlers::save(tx, rules::fire_due(*tx.escalation(id), {}, raised_at + after).value());
    });
    pass(1min);
    std::vector<std::string> told;
    for (auto const& one : slack.messages)
        if (one.channel == "DUANA" && one.text.find("First response") != std::string::npos) told.push_back(one.text);
    BOOST_REQUIRE(told.size() == 1U);
    BOOST_TEST(told[0].find("Breached: First response") != std::string::npos, told[0]);
    BOOST_TEST(depth().waiting == 0);
}

BOOST_FIXTURE_TEST_CASE(an_alert_that_is_edited_later_does_not_become_a_late_one, World) {
    auto const id = raise(command);
    pass(10s);
    auto const fact = owner_alert(*this, id, "UBO");
    enqueue({fact.key(), OutboxKind::alert, id, fact.body(), clock.now()});
    pass(1min);
    enqueue({fact.key(), OutboxKind::alert, id, fact.body(), clock.now()});
    pass(1min);
    auto const& told = slack.messages.back();
    BOOST_TEST(told.updates == 1);  // another time left
    BOOST_TEST(told.text.find("late") == std::string::npos, told.text);
}

BOOST_AUTO_TEST_CASE(a_warning_whose_dm_is_refused_goes_to_a_lead) {
    World world;
    world.stop();
    world.settings->people.leads = {"UBO"};
    world.make_directory();
    world.start();
    auto const id = world.raise(command);
    world.pass(10s);
    world.slack.always["chat.postMessage"] = [&](TinySlack::Form const& form) {
        if (form.at("channel") == "UANA") return TinySlack::error("user_disabled");
        auto& kept = world.slack.put("D" + form.at("channel"), {}, form.at("text"));
        return test::Answer{.body = R"({"ok":true,"channel":")" + kept.channel + R"(","ts":")" + kept.ts + R"("})",
                            .headers = {}};
    };
    rules::AlertFact const fact{.escalation = id,
                                .clock = ClockKind::resolution,
                                .rung = rung_at_risk,
                                .point_at = world.clock.now(),
                                .fired_at = world.clock.now(),
                                .due = world.clock.now() + 1h,
                                .to = {"UANA"}};
    world.enqueue({fact.key(), OutboxKind::alert, id, fact.body(), world.clock.now()});
    world.pass(30s);
    BOOST_TEST(world.depth().dead == 1);
    BOOST_TEST(world.slack.messages.back().channel == "DUBO");
}

// Whoever it is, an alert has a recipient.
BOOST_AUTO_TEST_CASE(a_warning_goes_to_a_lead_as_well_while_slack_does_not_tell_who_it_is_for) {
    World world;
    world.stop();
    world.settings->people.leads = {"UBO"};
    world.make_directory();
    world.start();
    auto const id = world.raise(command);
    world.pass(10s);
    world.slack.people["UNEW"] = {{"id", "UNEW"}, {"team_id", "T1"}, {"name", "new"}};
    world.slack.always["users.info"] = [](TinySlack::Form const&) { return TinySlack::error("fatal_error"); };
    rules::AlertFact const fact{.escalation = id,
                                .clock = ClockKind::resolution,
                                .rung = rung_at_risk,
                                .point_at = world.clock.now(),
                                .fired_at = world.clock.now(),
                                .due = world.clock.now() + 1h,
                                .to = {"UNEW"}};
    world.enqueue({fact.key(), OutboxKind::alert, id, fact.body(), world.clock.now()});
    auto const alerts_to = [&](std::string_view channel) {
        return std::count_if(world.slack.messages.begin(), world.slack.messages.end(),
                             [&](auto const& one) { return one.channel == channel; });
    };
    world.pass(5s);
    BOOST_TEST(alerts_to("DUBO") == 0);
    world.pass(5min);
    BOOST_TEST(alerts_to("DUBO") == 1);
    BOOST_TEST(alerts_to("DUNEW") == 0);
    world.slack.always.clear();
    world.pass(6min);
    BOOST_TEST(alerts_to("DUBO") == 1);
    BOOST_TEST(alerts_to("DUNEW") == 1);
    BOOST_TEST(world.depth().waiting == 0);
}

BOOST_FIXTURE_TEST_CASE(alerts_of_a_clock_that_has_stopped_lose_their_buttons, World) {
    auto const id = raise(command);
    pass(10s);
    for (auto const* to : {"UBO", ""}) {
        auto const fact = owner_alert(*this, id, to);
        enqueue({fact.key(), OutboxKind::alert, id, fact.body(), clock.now()});
    }
    pass(1min);
    BOOST_REQUIRE(slack.messages.size() == 3U);
    BOOST_TEST(with_buttons(slack.of("chat.postMessage")) == 3U);
    act(*this, id, agent("UANA"), rules::claim);
    pass(1min);
    BOOST_TEST(slack.messages.size() == 3U);
    for (auto const& one : slack.messages) {
        if (one.ts == slack.messages[0].ts) continue;  // the card
        auto const updates = updates_of(*this, one.channel, one.ts);
        BOOST_TEST(updates.size() == 1U);
        BOOST_TEST(with_buttons(updates) == 0U);
        BOOST_TEST(one.text.find("stopped") != std::string::npos);
    }
    BOOST_TEST(depth().waiting == 0);
}

BOOST_FIXTURE_TEST_CASE(many_overtaken_alerts_delay_neither_the_card_nor_a_new_alert, World) {
    auto const id = raise(command);
    pass(10s);
    alert_eighty(*this, id);
    pass(2min);
    auto const card = slack.messages[0];
    slack.calls.clear();
    act(*this, id, agent("UANA"), rules::claim);
    pass(2s);
    BOOST_TEST(updates_of(*this, card.channel, card.ts).size() == 1U);
    auto const fact = owner_alert(*this, id, "UBO");
    enqueue({fact.key(), OutboxKind::alert, id, fact.body(), clock.now()});
    pass(2s);
    BOOST_TEST(slack.messages.back().channel == "DUBO");
    pass(1min);
    BOOST_TEST(slack.count("chat.update") <= 28U);  // in 64 s, with the card
    pass(15min);
    BOOST_TEST(slack.count("chat.update") == 81U);
    BOOST_TEST(depth().waiting == 0);
}

BOOST_FIXTURE_TEST_CASE(an_alert_whose_clock_stops_while_it_is_sent_is_looked_at_again, World) {
    auto const id = raise(command);
    pass(10s);
    slack.always["chat.postMessage"] = [&](TinySlack::Form const& form) {
        // Claimed before Slack's answer is read.
        store->write(
            {}, clock.now(),
            [id, now = clock.now()](Tx& tx) {
                handlers::save(tx, rules::claim(*tx.escalation(id), {agent("UANA"), now, "test"}).value());
            },
            [](WriteResult) {});
        slack.always.clear();
        auto& kept = slack.put("DUBO", {}, form.at("text"));
        return test::Answer{.body = R"({"ok":true,"channel":"DUBO","ts":")" + kept.ts + R"("})", .headers = {}};
    };
    auto const fact = owner_alert(*this, id, "UBO");
    enqueue({fact.key(), OutboxKind::alert, id, fact.body(), clock.now()});
    pass(1min);
    BOOST_REQUIRE(slack.messages.back().channel == "DUBO");
    BOOST_TEST(with_buttons(updates_of(*this, "DUBO", slack.messages.back().ts)) == 0U);
    BOOST_TEST(slack.messages.back().updates == 1);
}

BOOST_FIXTURE_TEST_CASE(an_alert_that_somebody_deleted_does_not_come_back, World) {
    auto const id = raise(command);
    pass(10s);
    auto const fact = owner_alert(*this, id, "UBO");
    enqueue({fact.key(), OutboxKind::alert, id, fact.body(), clock.now()});
    pass(10s);
    slack.messages.pop_back();
    act(*this, id, agent("UANA"), rules::claim);
    pass(1min);
    BOOST_TEST(slack.messages.size() == 1U);
    BOOST_TEST(!surface(fact.key()).has_value());
    BOOST_TEST(depth().waiting == 0);
}

BOOST_FIXTURE_TEST_CASE(a_question_that_is_settled_loses_its_buttons, World) {
    stop();
    settings->people.managers = {"UBO"};  // else the question has no buttons for them
    make_directory();
    start();
    auto const id = raise(command);
    pass(10s);
    act(*this, id, agent("UANA"), rules::claim);
    act(*this, id, agent("UANA"), [&](Escalation const& before, rules::By const& by) {
        return rules::request_transfer(before, nullptr, "My shift is over and the customer is not.", *settings,
                                       {.managers = {PersonId{"UBO"}}}, by);
    });
    pass(10s);
    auto const asked = slack.messages.back();
    BOOST_REQUIRE(asked.channel == "DUBO");
    BOOST_TEST(with_buttons({slack.of("chat.postMessage").back()}) == 1U);
    act(*this, id, agent("UBO", Role::manager), [](Escalation const& before, rules::By const& by) {
        return rules::deny_transfer(before, "Nobody else is there tonight.", by);
    });
    pass(10s);
    auto const updates = updates_of(*this, "DUBO", asked.ts);
    BOOST_REQUIRE(updates.size() == 1U);
    BOOST_TEST(with_buttons(updates) == 0U);
    BOOST_TEST(updates[0].form.at("text").find("My shift is over") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_line_in_the_thread_of_a_deleted_card_waits_for_the_new_card, World) {
    auto const id = raise(command);
    pass(10s);
    auto const old = slack.messages[0].ts;
    slack.messages.clear();
    slack.always["chat.postMessage"] = [&](TinySlack::Form const& form) {
        auto const thread = form.contains("thread_ts") ? form.at("thread_ts") : std::string{};
        if (thread == old) return TinySlack::error("thread_not_found");
        auto& kept = slack.put(form.at("channel"), thread, form.at("text"));
        return test::Answer{
            .body = R"({"ok":true,"channel":"C1","ts":")" + kept.ts + R"(","message":{"thread_ts":")" + thread + R"("}})",
            .headers = {}};
    };
    rules::ThreadNoteFact const fact{.said = {"Somebody helps now.", {}, {}}};
    enqueue({"thread:1:v9", OutboxKind::thread_note, id, fact.body(), clock.now()});
    pass(10s);
    BOOST_REQUIRE(slack.messages.size() == 2U);
    BOOST_TEST(slack.messages[0].thread_ts.empty());
    BOOST_TEST(slack.messages[1].thread_ts == slack.messages[0].ts);
    BOOST_TEST(surface("card:1")->ts.value == slack.messages[0].ts);
    BOOST_TEST(depth().waiting == 0);
    BOOST_TEST(depth().dead == 0);
}

BOOST_AUTO_TEST_CASE(a_card_whose_channel_is_archived_later_moves_to_a_lead) {
    for (auto const* cause : {"is_archived", "not_in_channel"}) {
        World world;
        world.stop();
        world.settings->people.leads = {"UBO"};
        world.make_directory();
        world.start();
        auto const id = world.raise(command);
        world.pass(10s);
        world.slack.always["chat.update"] = [&](TinySlack::Form const&) { return TinySlack::error(cause); };
        world.slack.always["chat.postMessage"] = [&](TinySlack::Form const& form) {
            if (form.at("channel") == "C1") return TinySlack::error(cause);
            auto& kept = world.slack.put("D" + form.at("channel"), {}, form.at("text"));
            return test::Answer{.body = R"({"ok":true,"channel":")" + kept.channel + R"(","ts":")" + kept.ts + R"("})",
                                .headers = {}};
        };
        act(world, id, agent("UANA"), rules::claim);
        world.pass(10s);
        BOOST_REQUIRE(world.surface("card:1").has_value());
        BOOST_TEST(world.surface("card:1")->channel.value == "DUBO");
        BOOST_TEST(world.depth().waiting == 0);
        BOOST_TEST(world.depth().dead == 0);
    }
}

BOOST_FIXTURE_TEST_CASE(a_scope_that_comes_back_brings_what_waited, World) {
    slack.next("chat.postMessage", TinySlack::error("missing_scope"), 2);
    raise(command);
    pass(10s);
    BOOST_TEST(logged("feature_degraded"));
    BOOST_TEST(depth().dead == 0);
    pass(1h);
    BOOST_TEST(slack.messages.size() == 1U);
    BOOST_TEST(depth().waiting == 0);
}

BOOST_FIXTURE_TEST_CASE(an_alert_is_sent_while_a_channel_refuses_to_be_quick, World) {
    // Twenty cards wait for their turn in one channel: a second each.
    for (int count = 0; count < 20; ++count) raise(command);
    auto const id = raise(command);
    pass(3s);
    rules::AlertFact fact{.escalation = id,
                          .clock = ClockKind::owner,
                          .rung = rung_breach,
                          .point_at = clock.now(),
                          .fired_at = clock.now(),
                          .due = clock.now(),
                          .to = {"UBO"}};
    enqueue({fact.key(), OutboxKind::alert, id, fact.body(), clock.now()});
    pass(1s);
    BOOST_TEST(slack.messages.size() < 21U);
    bool sent = false;
    for (auto const& one : slack.messages) sent = sent || one.channel == "DUBO";
    BOOST_TEST(sent);
}

// Somebody from outside writes in the thread of an internal message: from then on they read what stands there.
void outsider_writes(World& world, EscalationId id) {
    world.write([&, now = world.clock.now()](Tx& tx) {
        auto decision = rules::customer_wrote(*tx.escalation(id), {"UOUT"}, "Same here", now, "1", {}, *world.settings,
                                              {{.id = {"UOUT"}, .name = "Out"}, now, "test"});
        handlers::save(tx, std::move(decision).value());
    });
}
std::string const passed_on = "This message has been passed on to the team.";

BOOST_FIXTURE_TEST_CASE(the_short_reply_tells_nothing_once_somebody_from_outside_reads_it, World) {
    slack.messages.push_back({"C1", message.ts.value, {}, "Checkout is down", {}, 0});
    auto const id = raise(message);
    pass(10s);
    auto const reply = surface("status:1").value();
    // Slack refuses for a while, and the service is started anew in between.
    slack.always["chat.update"] = [](TinySlack::Form const&) { return test::Answer{.status = 503, .body = "", .headers = {}}; };
    outsider_writes(*this, id);
    pass(10s);
    stop();
    start();
    slack.always.clear();
    pass(10min);
    auto updates = updates_of(*this, "C1", reply.ts.value);
    BOOST_REQUIRE(updates.size() >= 1U);
    BOOST_TEST(updates.back().form.at("text") == passed_on);
    BOOST_TEST(updates.back().body.find("SEV") == std::string::npos);
    // Nothing that happens later shows there.
    auto const before = updates.size();
    act(*this, id, agent("UANA"), rules::claim);
    pass(10s);
    BOOST_TEST(updates_of(*this, "C1", reply.ts.value).size() == before);
    BOOST_TEST(depth().waiting == 0);
}

BOOST_FIXTURE_TEST_CASE(a_short_reply_that_may_not_be_changed_is_tried_again_with_the_next_change, World) {
    slack.messages.push_back({"C1", message.ts.value, {}, "Checkout is down", {}, 0});
    auto const id = raise(message);
    pass(10s);
    auto const reply = surface("status:1").value();
    slack.always["chat.update"] = [](TinySlack::Form const&) { return TinySlack::error("restricted_action"); };
    outsider_writes(*this, id);
    pass(10s);
    slack.always.clear();
    act(*this, id, agent("UANA"), rules::claim);
    pass(10s);
    BOOST_TEST(updates_of(*this, "C1", reply.ts.value).back().form.at("text") == passed_on);
}

BOOST_FIXTURE_TEST_CASE(a_short_reply_of_which_nobody_knows_is_found_and_tells_nothing, World) {
    slack.messages.push_back({"C1", message.ts.value, {}, "Checkout is down", {}, 0});
    auto const id = raise(message);
    bool posted = false;
    slack.always["chat.postMessage"] = [&](TinySlack::Form const& form) {
        auto& kept = slack.put(form.at("channel"), form.contains("thread_ts") ? form.at("thread_ts") : "", form.at("text"));
        kept.metadata = boost::json::parse(form.at("metadata"));
        posted = form.contains("thread_ts");
        if (posted) return test::Answer{.manner = test::Answer::Manner::hang_up, .headers = {}};
        return test::Answer{.body = R"({"ok":true,"channel":")" + kept.channel + R"(","ts":")" + kept.ts + R"("})",
                            .headers = {}};
    };
    BOOST_REQUIRE(until([&] { return posted; }));
    auto const ts = slack.messages.back().ts;
    stop();
    slack.always.clear();
    outsider_writes(*this, id);
    start();
    pass(10min);
    auto const updates = updates_of(*this, "C1", ts);
    BOOST_REQUIRE(updates.size() == 1U);
    BOOST_TEST(updates.front().form.at("text") == passed_on);
    BOOST_TEST(depth().waiting == 0);
}

// Its author and thread are asked for, which decide about clocks.
BOOST_FIXTURE_TEST_CASE(text_of_a_private_channel_is_kept_nowhere, World) {
    slack.messages.push_back({"G1", "1789999990.000100", {}, "Nobody else may read this", {}, 0});
    auto const id = raise({{"G1"}, {"1789999990.000100"}, {}});
    pass(10s);
    BOOST_TEST(slack.count("chat.postMessage") == 2U);
    for (auto const& call : slack.of("chat.postMessage")) BOOST_TEST(call.body.find("Nobody") == std::string::npos);
    BOOST_TEST(at(id).description.empty());
}

// But where it would stand in the very channel: a guest may have written it.
BOOST_FIXTURE_TEST_CASE(what_cannot_be_read_delays_no_card_in_the_triage_channel, World) {
    settings->channels.triage = {"C9"};
    slack.always["conversations.replies"] = [](TinySlack::Form const&) {
        return test::Answer{.status = 503, .body = "", .headers = {}};
    };
    raise(message);
    pass(5s);
    BOOST_TEST(surface("card:1").has_value());
    slack.always.clear();
    slack.messages.push_back({"C1", message.ts.value, {}, "Checkout is down", {}, 0});
    pass(30min);
    BOOST_TEST(depth().waiting == 0);
}

BOOST_FIXTURE_TEST_CASE(a_text_that_may_not_be_read_is_told_once_for_all_escalations, World) {
    slack.always["conversations.replies"] = [](TinySlack::Form const&) { return TinySlack::error("missing_scope"); };
    for (int count = 0; count < 3; ++count) raise({{"C1"}, {fmt::format("1789999990.00010{}", count)}, {}});
    pass(10s);
    BOOST_TEST(slack.count("conversations.replies") == 3U);
    BOOST_TEST(surface("card:3").has_value());
    auto const warnings =
        std::count_if(lines.begin(), lines.end(), [](auto const& line) { return line.find("\"warning\"") != std::string::npos; });
    BOOST_TEST(warnings == 1);
    BOOST_TEST(logged("feature_degraded"));
}

// A guest has our workspace's id: until Slack tells, the author may be one who reads there.
BOOST_FIXTURE_TEST_CASE(a_card_waits_for_who_wrote_the_message_and_goes_where_no_guest_reads, World) {
    slack.people["UGUEST"] = {{"id", "UGUEST"}, {"team_id", "T1"}, {"name", "guest"}, {"is_restricted", true}};
    slack.always["conversations.replies"] = [](TinySlack::Form const&) {
        return test::Answer{
            .body = R"({"ok":true,"messages":[{"type":"message","ts":"1789999990.000100","user":"UGUEST","text":"It is down"}]})",
            .headers = {}};
    };
    slack.next("users.info", {.status = 503, .body = "", .headers = {}}, 2);
    auto const id = raise(message);
    rest();
    BOOST_TEST(slack.count("chat.postMessage") == 0U);
    pass(20s);
    BOOST_TEST(slack.count("users.info") == 3U);
    for (auto const& post : slack.of("chat.postMessage")) BOOST_TEST(post.form.at("channel") != "C1");
    BOOST_TEST(at(id).details.customer.value == "UGUEST");
}

// Whoever has written further down may be from outside.
BOOST_FIXTURE_TEST_CASE(in_a_thread_too_long_to_be_read_nothing_of_ours_is_shown, World) {
    slack.always["conversations.replies"] = [](TinySlack::Form const&) {
        return test::Answer{
            .body =
                R"({"ok":true,"messages":[{"type":"message","ts":"1789999990.000100","thread_ts":"1789999990.000100",)"
                R"("user":"UANA","text":"It is down"},{"type":"message","ts":"1789999995.000100",)"
                R"("thread_ts":"1789999990.000100","user":"UBO","text":"Since when?"}],"has_more":true,"response_metadata":{"next_cursor":"further"}})",
            .headers = {}};
    };
    settings->channels.triage = {"C9"};
    raise(message);
    pass(10min);
    for (auto const& post : slack.of("chat.postMessage")) BOOST_TEST(post.form.at("channel") != "C1");
    BOOST_TEST(surface("card:1").has_value());
    auto const words = slack.of("chat.postEphemeral");
    BOOST_REQUIRE(words.size() == 1U);
    BOOST_TEST(words[0].form.at("blocks").find("the thread is too long") != std::string::npos);
    BOOST_TEST(depth().dead == 0);
    // What was read of it is kept.
    std::optional<StoredEvent> said;
    read([&](Snapshot const& snapshot) { said = snapshot.last_event(EscalationId{1}, {EventType::said_before}); });
    BOOST_REQUIRE(said.has_value());
    BOOST_TEST(said->event.text == "Since when?");
}

BOOST_FIXTURE_TEST_CASE(a_short_reply_tells_nothing_once_its_thread_is_too_long_to_be_read, World) {
    slack.messages.push_back({"C1", message.ts.value, {}, "Checkout is down", {}, 0});
    auto const id = raise(message);
    pass(10s);
    auto const reply = surface("status:1").value();
    slack.always["conversations.replies"] = [](TinySlack::Form const&) {
        return test::Answer{.body = R"({"ok":true,"messages":[],"response_metadata":{"next_cursor":"further"}})", .headers = {}};
    };
    act(*this, id, agent("UANA"), rules::claim);
    pass(1min);
    BOOST_TEST(updates_of(*this, "C1", reply.ts.value).back().form.at("text") == passed_on);
    BOOST_TEST(depth().waiting == 0);
    BOOST_TEST(depth().dead == 0);
}

// Who has written after them decides nothing any more, and need not be known.
BOOST_FIXTURE_TEST_CASE(the_first_from_outside_in_a_thread_ends_the_reading, World) {
    slack.messages.push_back({"C1", message.ts.value, {}, "Checkout is down", {}, 0});
    auto const id = raise(message);
    pass(10s);
    auto const reply = surface("status:1").value();
    slack.people["UGUEST"] = {{"id", "UGUEST"}, {"team_id", "T1"}, {"name", "guest"}, {"is_restricted", true}};
    slack.always["conversations.replies"] = [](TinySlack::Form const&) {
        return test::Answer{
            .body = R"({"ok":true,"messages":[{"type":"message","ts":"1789999991.000100","user":"UGUEST","text":"Here, too"},)"
                    R"({"type":"message","ts":"1789999992.000100","user":"UUNTOLD","text":"And here"}]})",
            .headers = {}};
    };
    slack.always["users.info"] = [this](TinySlack::Form const& form) {
        if (form.at("user") != "UGUEST") return TinySlack::error("fatal_error");
        return test::Answer{.body = R"({"ok":true,"user":)" + boost::json::serialize(slack.people["UGUEST"]) + "}",
                            .headers = {}};
    };
    act(*this, id, agent("UANA"), rules::claim);
    pass(1min);
    BOOST_TEST(updates_of(*this, "C1", reply.ts.value).back().form.at("text") == passed_on);
    BOOST_TEST(depth().waiting == 0);
}

// From there nothing is copied, and who reads it is known.
BOOST_FIXTURE_TEST_CASE(a_guests_thread_in_a_private_channel_is_not_read, World) {
    slack.people["UGUEST"] = {{"id", "UGUEST"}, {"team_id", "T1"}, {"name", "guest"}, {"is_restricted", true}};
    slack.always["conversations.replies"] = [](TinySlack::Form const& form) {
        if (!form.contains("latest")) return test::Answer{.status = 503, .body = "", .headers = {}};
        return test::Answer{
            .body = R"({"ok":true,"messages":[{"type":"message","ts":"1789999990.000100","thread_ts":"1789999990.000100",)"
                    R"("user":"UGUEST","text":"It is down"}]})",
            .headers = {}};
    };
    raise({{"G1"}, {"1789999990.000100"}, {}});
    pass(10min);
    BOOST_TEST(slack.count("conversations.replies") == 1U);
    BOOST_TEST(depth().waiting == 0);
}

BOOST_FIXTURE_TEST_CASE(an_author_who_stays_unknown_delays_the_card_for_a_while_and_is_written_down_as_nothing, World) {
    slack.always["conversations.replies"] = [](TinySlack::Form const&) {
        return test::Answer{
            .body = R"({"ok":true,"messages":[{"type":"message","ts":"1789999990.000100","user":"UNEW","text":"It is down"}]})",
            .headers = {}};
    };
    slack.always["users.info"] = [](TinySlack::Form const&) { return test::Answer{.status = 503, .body = "", .headers = {}}; };
    auto const id = raise(message);
    pass(2min);
    BOOST_REQUIRE(surface("card:1").has_value());
    BOOST_TEST(surface("card:1")->channel.value != "C1");
    BOOST_TEST(at(id).details.customer.empty());
    BOOST_TEST(at(id).details.shared_source);
    auto const words = slack.of("chat.postEphemeral");
    BOOST_REQUIRE(words.size() == 1U);
    BOOST_TEST(words[0].form.at("blocks").find("did not say who wrote") != std::string::npos);
    BOOST_TEST(words[0].form.at("blocks").find("can read this channel") == std::string::npos);
    // Told at last: a colleague.
    slack.always.erase("users.info");
    slack.people["UNEW"] = {{"id", "UNEW"}, {"team_id", "T1"}, {"name", "new"}};
    pass(1h);
    BOOST_TEST(depth().waiting == 0);
    BOOST_TEST(at(id).details.customer.empty());
    BOOST_TEST(!at(id).details.shared_source);
}

// Slack is asked again when what is remembered of the channel is ten minutes old.
BOOST_FIXTURE_TEST_CASE(a_channel_that_people_from_outside_come_to_read_loses_card_reply_and_thread, World) {
    slack.messages.push_back({"C1", message.ts.value, {}, "Checkout is down", {}, 0});
    auto const id = raise(message);
    pass(10s);
    auto const card = surface("card:1").value();
    auto const reply = surface("status:1").value();
    BOOST_REQUIRE(card.channel.value == "C1");
    rules::ThreadNoteFact const note{{"Ana called the customer.", {}, {}}};
    enqueue({"thread:1:v1", OutboxKind::thread_note, id, note.body(), clock.now()});
    pass(10s);
    becomes_shared(*this);
    pass(10min);
    slack.calls.clear();
    enqueue({"thread:1:v2", OutboxKind::thread_note, id, note.body(), clock.now()});
    act(*this, id, agent("UANA"), rules::claim);
    pass(1min);
    auto const to_card = updates_of(*this, "C1", card.ts.value);
    BOOST_REQUIRE(to_card.size() == 1U);
    BOOST_TEST(to_card[0].form.at("text").find("has moved") != std::string::npos);
    BOOST_TEST(to_card[0].form.at("blocks").find("UANA") == std::string::npos);
    BOOST_TEST(updates_of(*this, "C1", reply.ts.value).back().form.at("text") == passed_on);
    for (auto const& post : slack.of("chat.postMessage")) BOOST_TEST(post.form.at("channel") != "C1");
    auto const moved = surface("card:1").value();
    BOOST_TEST(moved.channel.value.starts_with("DU"));
    BOOST_TEST((surface("thread:1:v2").value().channel == moved.channel));
    BOOST_TEST(depth().waiting == 0);
}

// What follows the card looks for it often, and the card keeps its own pace.
BOOST_FIXTURE_TEST_CASE(a_card_for_which_nobody_is_left_is_tried_ever_more_seldom_and_says_so, World) {
    auto const id = raise(command);
    pass(10s);
    becomes_shared(*this);
    pass(10min);
    refresh_card(id);
    pass(1min);
    BOOST_REQUIRE(surface("card:1")->channel.value == "DUANA");
    directory->person_changed({.id = {"UANA"}, .workspace = {"T1"}, .name = "ana", .guest = true});
    lines.clear();
    rules::ThreadNoteFact const note{{"Bo called the customer.", {}, {}}};
    enqueue({"thread:1:v9", OutboxKind::thread_note, id, note.body(), clock.now()});
    pass(1h);
    std::optional<OutboxRow> row;
    read([&](Snapshot const& snapshot) { row = snapshot.outbox_row("card:1"); });
    BOOST_REQUIRE(row.has_value());
    BOOST_TEST(row->attempts < 30);
    BOOST_TEST(logged("feature_degraded"));
    BOOST_TEST(!logged("not_sent_until_slack_tells_who_reads_it"));
}

// Sent, its answer lost, and before it could be looked for the channel was shared.
BOOST_FIXTURE_TEST_CASE(a_card_of_which_nobody_knows_is_found_and_withdrawn_where_outsiders_read, World) {
    raise(command);
    die_between_post_and_answer();
    auto const ts = slack.messages.back().ts;
    outsiders_come(*this);
    start();
    pass(10min);
    auto const updates = updates_of(*this, "C1", ts);
    BOOST_REQUIRE(updates.size() == 1U);
    BOOST_TEST(updates.front().form.at("text").find("has moved") != std::string::npos);
    BOOST_TEST(surface("card:1").value().channel.value.starts_with("DU"));
    BOOST_TEST(depth().waiting == 0);
}

BOOST_FIXTURE_TEST_CASE(all_that_stands_in_a_channel_leaves_it_page_by_page_also_after_a_restart, World) {
    constexpr auto many = handlers::channel_page + 2;
    for (int at = 0; at < many; ++at) raise(command);
    pass(10min);
    auto const there = [this](int number) { return surface(fmt::format("card:{}", number)).value().channel == ChannelId{"C1"}; };
    BOOST_TEST(there(1));
    BOOST_TEST(there(many));
    outsiders_come(*this);
    enqueue(handlers::channel_item({{"C1"}}, clock.now()));
    pass(50s);
    BOOST_TEST(!there(many));
    BOOST_TEST(!there(3));
    BOOST_TEST(there(2));  // what is new has its turn meanwhile
    stop();
    start();
    pass(10min);
    BOOST_TEST(!there(2));
    BOOST_TEST(!there(1));
    BOOST_TEST(depth().waiting == 0);
}

BOOST_FIXTURE_TEST_CASE(where_one_card_leaves_all_else_is_looked_at_though_slack_did_not_tell, World) {
    auto const open = raise(command);
    auto const over = raise(command);
    act(*this, over, agent("ULEA", Role::lead),
        [](Escalation const& before, rules::By const& by) { return rules::decline(before, "Not ours", by); });
    rules::ThreadNoteFact const note{{"An internal word.", {}, {}}, {}};
    enqueue({"thread:1:v1", OutboxKind::thread_note, open, note.body(), clock.now()});
    pass(1min);
    auto const word = surface("thread:1:v1").value();
    auto const card = surface("card:2").value();
    BOOST_TEST(word.channel.value == "C1");
    outsiders_come(*this);
    slack.calls.clear();
    refresh_card(open);
    pass(5min);
    auto const notes = updates_of(*this, "C1", word.ts.value);
    BOOST_REQUIRE(notes.size() == 1U);
    BOOST_TEST(notes.front().form.at("text").find("taken back") != std::string::npos);
    auto const cards = updates_of(*this, "C1", card.ts.value);
    BOOST_REQUIRE(cards.size() == 1U);
    BOOST_TEST(cards.front().form.at("text").find("taken back") != std::string::npos);
    BOOST_TEST(!surface("card:2").has_value());  // nobody works on it: it is not posted elsewhere
    BOOST_TEST(depth().waiting == 0);
}

BOOST_FIXTURE_TEST_CASE(an_alert_under_a_card_that_has_left_waits_for_no_card, World) {
    auto const id = raise(command);
    pass(10s);
    auto const fact = owner_alert(*this, id, "");
    OutboxItem item{fact.key(), OutboxKind::alert, id, fact.body(), clock.now()};
    enqueue(item);
    pass(10s);
    auto const there = surface(fact.key()).value();
    BOOST_TEST(there.channel.value == "C1");
    write([id, now = clock.now()](Tx& tx) {  // with nothing said of it, which would bring a card
        Decision decision{.after = *tx.escalation(id)};
        decision.after.version += 1;
        decision.after.state = State::declined;
        decision.after.clocks.clear();
        decision.after.next_point.reset();
        decision.events.push_back({.type = EventType::declined, .recorded_at = now});
        tx.apply(decision);
    });
    outsiders_come(*this);
    refresh_card(id);
    pass(10s);
    BOOST_TEST(!surface("card:1").has_value());
    item.due_at = clock.now();
    enqueue(item);
    pass(10s);
    auto const edits = updates_of(*this, "C1", there.ts.value);
    BOOST_REQUIRE(!edits.empty());
    BOOST_TEST(edits.back().form.at("text").find("taken back") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(what_waits_for_its_turn_is_not_sent_where_others_came_to_read_meanwhile, World) {
    auto const id = raise(command);
    pass(1min);
    rules::ThreadNoteFact const note{{"An internal word.", {}, {}}, {}};
    slack.calls.clear();
    for (auto const* key : {"thread:1:v1", "thread:1:v2", "thread:1:v3", "thread:1:v4", "thread:1:v5"})
        enqueue({key, OutboxKind::thread_note, id, note.body(), clock.now()});
    pass(500ms);
    BOOST_TEST(slack.count("chat.postMessage") == 3U);  // the next one waits for its turn
    outsiders_come(*this);
    slack.calls.clear();
    pass(5min);
    for (auto const& call : slack.of("chat.postMessage")) BOOST_TEST(call.form.at("channel") != "C1");
    BOOST_TEST(depth().waiting == 0);
}

// The words are in the item that is on its way.
BOOST_FIXTURE_TEST_CASE(what_is_erased_while_it_waits_for_its_turn_does_not_stay, World) {
    std::string const secret = "Jane Doe";
    auto const id = raise(command);
    pass(1min);
    std::vector<OutboxItem> items;
    for (auto const* what : {"v1", "v2", "v3", "v4", "v5"}) {
        rules::Said const said{"A word.", {}, secret, {}};
        items.push_back(
            {fmt::format("thread:1:{}", what), OutboxKind::thread_note, id, rules::ThreadNoteFact{said, {}}.body(), clock.now()});
        items.push_back(rules::notice_item(id, what, {{"UBO"}, {}, said, {}}, clock.now()));
    }
    slack.calls.clear();
    for (auto const& item : items) enqueue(item);
    pass(500ms);
    BOOST_TEST(slack.count("chat.postMessage") == 6U);  // three to each place: the next ones wait for their turn
    handlers::Redaction what;
    what.key = id;
    write([&](Tx& tx) { handlers::redact(tx, what, clock.now()).value(); });
    pass(10min);
    std::size_t words = 0;
    for (auto const& post : slack.of("chat.postMessage")) {
        auto const& channel = post.form.at("channel");
        words += channel == "C1" || channel == "UBO";
    }
    BOOST_TEST(words == items.size());
    for (auto const& item : items) {
        BOOST_TEST_CONTEXT(item.key) {
            auto const shown = surface(item.key).value();
            auto said = updates_of(*this, shown.channel.value, shown.ts.value);
            if (said.empty()) said = slack.of("chat.postMessage");
            std::erase_if(said, [&](auto const& call) {
                return call.form.contains("metadata") && call.form.at("metadata").find('"' + item.key + '"') == std::string::npos;
            });
            BOOST_REQUIRE(!said.empty());
            BOOST_TEST(said.back().body.find("Jane") == std::string::npos);
        }
    }
    BOOST_TEST(depth().waiting == 0);
}

BOOST_FIXTURE_TEST_CASE(what_is_erased_before_it_is_found_again_after_a_crash_does_not_stay, World) {
    auto const id = raise(command);
    pass(1min);
    rules::ThreadNoteFact const note{{"A word.", {}, "Jane Doe", {}}, {}};
    enqueue({"thread:1:v1", OutboxKind::thread_note, id, note.body(), clock.now()});
    die_between_post_and_answer();
    slack.calls.clear();
    handlers::Redaction what;
    what.key = id;
    write([&](Tx& tx) { handlers::redact(tx, what, clock.now()).value(); });
    start();
    pass(10min);
    BOOST_TEST(slack.count("chat.postMessage") == 0U);
    auto const word = surface("thread:1:v1").value();
    auto const said = updates_of(*this, word.channel.value, word.ts.value);
    BOOST_REQUIRE(said.size() == 1U);
    BOOST_TEST(said.front().body.find("Jane") == std::string::npos);
    BOOST_TEST(depth().waiting == 0);
}

// Asked for again while it leaves, by whoever goes through the channel.
BOOST_FIXTURE_TEST_CASE(a_card_that_leaves_for_good_is_not_posted_elsewhere_because_its_channel_is_looked_through, World) {
    auto const id = raise(command);
    act(*this, id, agent("ULEA", Role::lead),
        [](Escalation const& before, rules::By const& by) { return rules::decline(before, "Not ours", by); });
    pass(3min);
    auto const card = surface("card:1").value();
    outsiders_come(*this);
    slack.calls.clear();
    write([id, now = clock.now()](Tx& tx) {
        tx.enqueue(rules::card_item(id, now));
        tx.enqueue(handlers::channel_item({{"C1"}}, now));
    });
    pass(10min);
    BOOST_TEST(updates_of(*this, "C1", card.ts.value).back().form.at("text").find("taken back") != std::string::npos);
    BOOST_TEST(slack.count("chat.postMessage") == 0U);
    BOOST_TEST(!surface("card:1").has_value());
    BOOST_TEST(depth().waiting == 0);
}

// Declined, and its card has left for good: what is said in the source's thread is true all the same, and nothing waits for a
// card.
BOOST_FIXTURE_TEST_CASE(what_follows_a_card_that_does_not_come_back_does_not_wait_for_it, World) {
    settings->channels.triage = {"C9"};
    auto const id = raise(message);
    pass(3min);
    auto const reply = surface("status:1").value();
    outsiders_come(*this, "C9");
    slack.calls.clear();
    act(*this, id, agent("ULEA", Role::lead),
        [](Escalation const& before, rules::By const& by) { return rules::decline(before, "Not ours", by); });
    rules::ThreadNoteFact const note{{"A word that comes late.", {}, {}}, {}};
    pass(1min);
    BOOST_TEST(!surface("card:1").has_value());
    enqueue({"thread:1:late", OutboxKind::thread_note, id, note.body(), clock.now()});
    pass(1min);
    slack.always["chat.getPermalink"] = [](TinySlack::Form const&) { return TinySlack::error("not_expected"); };
    enqueue(rules::status_reply_item(id, clock.now()));  // without the link that it had
    pass(1min);
    auto const said = updates_of(*this, "C1", reply.ts.value);
    BOOST_REQUIRE(!said.empty());
    BOOST_TEST(said.back().form.at("blocks").find("archives") == std::string::npos);
    BOOST_TEST(said.back().form.at("text").find("Declined") != std::string::npos);
    pass(25h);
    for (auto const& post : slack.of("chat.postMessage")) BOOST_TEST(post.body.find("late") == std::string::npos);
    BOOST_TEST(depth().waiting == 0);
    BOOST_TEST(depth().dead == 0);
    BOOST_TEST(!logged("feature_degraded"));
}

// What stands before many who read it does not wait behind what loses its buttons in direct messages.
BOOST_FIXTURE_TEST_CASE(an_alert_in_a_channel_that_outsiders_read_is_taken_back_before_others_are_edited, World) {
    auto const id = raise(command);
    pass(10s);
    alert_eighty(*this, id);
    auto const fact = owner_alert(*this, id, "");
    OutboxItem const in_channel{fact.key(), OutboxKind::alert, id, fact.body(), clock.now()};
    enqueue(in_channel);
    pass(2min);
    auto const there = surface(fact.key()).value();
    BOOST_TEST(there.channel.value == "C1");
    slack.calls.clear();
    outsiders_come(*this);
    act(*this, id, agent("UANA"), rules::claim);
    pass(10s);
    auto const edits = updates_of(*this, "C1", there.ts.value);
    BOOST_REQUIRE(!edits.empty());
    BOOST_TEST(edits.back().form.at("text").find("taken back") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(what_may_stay_in_a_channel_stays_as_it_is, World) {
    auto const id = raise(command);
    rules::ThreadNoteFact const note{{"An internal word.", {}, {}}, {}};
    without_clocks(id);
    enqueue({"thread:1:v1", OutboxKind::thread_note, id, note.body(), clock.now()});
    refresh_card(id);  // it may have been posted with its clocks
    pass(3min);        // nothing is to be undone any more
    slack.calls.clear();
    enqueue(handlers::channel_item({{"C1"}}, clock.now()));
    pass(5min);
    BOOST_TEST(slack.count("chat.update") == 0U);
    BOOST_TEST(slack.count("chat.postMessage") == 0U);
    BOOST_TEST(depth().waiting == 0);
}

BOOST_FIXTURE_TEST_CASE(where_slack_does_not_say_who_reads_nothing_is_shown_until_it_does, World) {
    auto const id = raise(message);
    pass(10min);
    slack.always["conversations.info"] = [](TinySlack::Form const&) { return TinySlack::error("fatal_error"); };
    slack.calls.clear();
    act(*this, id, agent("UANA"), rules::claim);
    pass(1min);
    BOOST_TEST(updates_of(*this, "C1", surface("card:1")->ts.value).empty());
    BOOST_TEST(logged("not_sent_until_slack_tells_who_reads_it"));
    slack.always.clear();
    pass(5min);
    BOOST_TEST(updates_of(*this, "C1", surface("card:1")->ts.value).size() >= 1U);
    BOOST_TEST(depth().waiting == 0);
}

BOOST_FIXTURE_TEST_CASE(a_notice_waits_until_slack_says_who_it_goes_to, World) {
    auto const id = raise(command);
    pass(10s);
    slack.people["UNEW"] = {{"id", "UNEW"}, {"team_id", "T1"}, {"name", "new"}};
    slack.always["users.info"] = [](TinySlack::Form const&) { return TinySlack::error("fatal_error"); };
    rules::NoticeFact const fact{{"UNEW"}, {}, {"Somebody took it.", {}, {}}, {}};
    enqueue(rules::notice_item(id, "1", fact, clock.now()));
    pass(1min);
    auto const to_them = [&] {
        return std::count_if(slack.messages.begin(), slack.messages.end(),
                             [](auto const& one) { return one.channel == "DUNEW"; });
    };
    BOOST_TEST(to_them() == 0);
    slack.always.clear();
    pass(5min);
    BOOST_TEST(to_them() == 1);
    BOOST_TEST(depth().waiting == 0);
}

// Where there is no triage channel the card stands beside the message.
BOOST_FIXTURE_TEST_CASE(the_card_leaves_the_channel_where_a_customer_writes, World) {
    auto const id = raise(message);
    pass(10s);
    auto const card = surface("card:1").value();
    BOOST_REQUIRE(card.channel.value == "C1");
    outsider_writes(*this, id);
    pass(1min);
    BOOST_TEST(updates_of(*this, "C1", card.ts.value).back().form.at("text").find("has moved") != std::string::npos);
    BOOST_TEST(surface("card:1").value().channel.value.starts_with("DU"));
    auto const before = updates_of(*this, "C1", card.ts.value).size();
    act(*this, id, agent("UANA"), rules::claim);
    pass(1min);
    BOOST_TEST(updates_of(*this, "C1", card.ts.value).size() == before);
    BOOST_TEST(depth().waiting == 0);
}

BOOST_FIXTURE_TEST_CASE(who_left_or_became_a_guest_is_told_nothing_more, World) {
    auto const id = raise(command);
    pass(10s);
    auto const notice = [&](std::string what, std::string to, ChannelId channel = {}) {
        rules::NoticeFact const fact{{to}, std::move(channel), {"It is solved.", {}, {}}, {}};
        enqueue(rules::notice_item(id, what, fact, clock.now()));
        pass(10s);
    };
    auto const words_to = [&](std::string const& person) {
        std::size_t count = 0;
        for (auto const* method : {"chat.postMessage", "chat.postEphemeral"})
            for (auto const& call : slack.of(method))
                count += call.form.at("channel") == person || (call.form.contains("user") && call.form.at("user") == person);
        return count;
    };
    notice("resolved", "UBO");
    BOOST_TEST(words_to("UBO") == 1U);
    slack.people["UNMET"] = {{"id", "UNMET"}, {"team_id", "T1"}, {"name", "unmet"}};
    notice("resolved", "UNMET");  // not known so far: asked about
    BOOST_TEST(words_to("UNMET") == 1U);
    directory->person_changed({.id = {"UBO"}, .workspace = {"T1"}, .name = "bo", .guest = true});
    directory->person_changed({.id = {"UANA"}, .workspace = {"T1"}, .name = "ana", .deleted = true});
    for (auto const* what : {"resolved:2", "declined", "watching"}) notice(what, "UBO");
    notice("located", "UBO", {"C1"});
    notice("resolved", "UANA");
    BOOST_TEST(words_to("UBO") == 1U);
    BOOST_TEST(words_to("UANA") == 0U);
    BOOST_TEST(depth().waiting == 0);
    BOOST_TEST(depth().dead == 0);
}

BOOST_FIXTURE_TEST_CASE(a_reply_is_threaded_under_its_parent, World) {
    slack.always["chat.getPermalink"] = [](TinySlack::Form const&) {
        return test::Answer{
            .body = R"({"ok":true,"permalink":"https://x.slack.com/archives/C1/p1?thread_ts=1789999900.000001&cid=C1"})",
            .headers = {}};
    };
    raise(message);
    pass(10s);
    auto const posts = slack.of("chat.postMessage");
    BOOST_REQUIRE(posts.size() == 2U);
    BOOST_TEST(posts[1].form.at("thread_ts") == "1789999900.000001");
}

BOOST_AUTO_TEST_SUITE_END()
