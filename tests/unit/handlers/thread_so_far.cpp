// What was said in a thread before it was raised: what is kept of it, by whom, and where it is not read at all.
#include "handlers/rules/thread_so_far.hpp"

#include "handlers/redact.hpp"
#include "handlers/rules/outbox_items.hpp"
#include "handlers/views/views.hpp"

#include "views_data.hpp"
#include "world.hpp"

#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>

namespace {

using namespace esc;
using namespace esc::handler_test;

rules::SaidBefore said(Person const& by, std::string text, int second) {
    return {by.id, by.role, by.name, {fmt::format("16999999{:02}.000100", second)}, std::move(text)};
}

// Raised by a reaction on what the raiser said last.
handlers::LocateFacts in_thread(std::vector<rules::SaidBefore> before) {
    handlers::LocateFacts facts;
    facts.id = {1};
    facts.source_channel = channel("C_SOURCE");
    facts.triage_channel = channel("C_TRIAGE");
    facts.message_text = "Checkout fails";
    facts.thread_ts = {"1699999900.000100"};
    facts.said_before = std::move(before);
    return facts;
}

std::vector<StoredEvent> kept(World const& world) { return world.snapshot().events({1}, {EventType::said_before}); }

std::vector<rules::ThreadNoteFact> notes(World const& world) {
    std::vector<rules::ThreadNoteFact> all;
    for (auto const& row : world.snapshot().outbox_due(OutboxKind::thread_note, world.now + 1000h, 100))
        all.push_back(rules::ThreadNoteFact::parse(row.item.body).value());
    return all;
}

BOOST_AUTO_TEST_SUITE(thread_so_far)

BOOST_AUTO_TEST_CASE(who_said_what_is_kept_by_its_author_and_said_under_the_card) {
    World world;
    world.react(raiser);
    auto const facts = in_thread({said(ana, "Who knows this error?", 0), said(outsider, "We see it too", 20)});
    world.locate(facts);
    auto const events = kept(world);
    BOOST_TEST_REQUIRE(events.size() == 2U);
    BOOST_TEST(events[0].event.actor == ana.id);
    BOOST_TEST(events[0].event.text == "Who knows this error?");
    BOOST_TEST((events[0].event.source_time == parse_slack_ts("1699999900.000100")));
    BOOST_TEST(events[1].event.actor == outsider.id);
    BOOST_TEST((events[1].event.actor_role == Role::outsider));
    BOOST_TEST(events[1].event.data.find("too") == std::string::npos);
    auto const all = notes(world);
    BOOST_TEST_REQUIRE(all.size() == 1U);
    BOOST_TEST_REQUIRE(all.front().quotes.size() == 2U);
    BOOST_TEST(all.front().quotes[1].name == outsider.name);
    BOOST_TEST(all.front().quotes[1].text == "We see it too");
    // Once, however often it is looked at.
    world.locate(facts);
    BOOST_TEST(kept(world).size() == 2U);
    BOOST_TEST(notes(world).size() == 1U);
    BOOST_TEST(world.problems().empty());
}

BOOST_AUTO_TEST_CASE(what_the_record_has_already_is_not_said_twice) {
    World world;
    world.react(raiser, "1699999900.000100");
    world.locate(in_thread({said(raiser, "Checkout fails", 0), said(ana, "Since when?", 10)}));
    BOOST_TEST_REQUIRE(kept(world).size() == 1U);
    BOOST_TEST(kept(world).front().event.text == "Since when?");
    // A mention speaks in words of its own of what begins the thread.
    World spoken;
    slack::SlashCommand mention;
    mention.command = "/escalate";
    mention.text = "sev2 Checkout fails";
    mention.channel = {"C_SOURCE"};
    mention.message = {{"C_SOURCE"}, {"1699999950.000100"}, {"1699999900.000100"}};
    spoken.send(mention, raiser);
    auto facts = in_thread({said(ana, "Who knows this error?", 0)});
    facts.message_text = "Who knows this error?";
    spoken.locate(facts);
    BOOST_TEST(kept(spoken).size() == 1U);
    World alone;
    alone.react(raiser, "1699999900.000100");
    alone.locate(in_thread({said(raiser, "Checkout fails", 0)}));
    BOOST_TEST(kept(alone).empty());
    BOOST_TEST(notes(alone).empty());
}

BOOST_AUTO_TEST_CASE(only_what_colleagues_read_among_themselves_is_copied) {
    enum class Kind { open, closed, direct, shared, unknown };
    struct Row {
        Kind kind;
        bool copied;
    };
    for (auto const& row : {Row{Kind::open, true}, Row{Kind::closed, false}, Row{Kind::direct, false}, Row{Kind::shared, false},
                            Row{Kind::unknown, false}}) {
        World world;
        world.react(raiser);
        auto facts = in_thread({said(ana, "Their contract ends in May", 0)});
        facts.source_channel->is_private = row.kind == Kind::closed;
        facts.source_channel->direct = row.kind == Kind::direct;
        facts.source_channel->shared = row.kind == Kind::shared;
        if (row.kind == Kind::unknown) facts.source_channel.reset();
        world.locate(facts);
        BOOST_TEST(kept(world).size() == (row.copied ? 1U : 0U));
        BOOST_TEST(notes(world).size() == (row.copied ? 1U : 0U));
        auto unread = in_thread({});
        unread.source_channel = facts.source_channel;
        unread.thread_unread = true;
        World other;
        other.react(raiser);
        other.locate(unread);
        BOOST_TEST(notes(other).size() == (row.copied ? 1U : 0U));
    }
}

BOOST_AUTO_TEST_CASE(what_cannot_be_read_is_said_and_the_raise_stands) {
    World world;
    world.react(raiser);
    auto facts = in_thread({});
    facts.thread_unread = true;
    world.locate(facts);
    BOOST_TEST_REQUIRE(notes(world).size() == 1U);
    BOOST_TEST(notes(world).front().said.sentence.find("does not let me read") != std::string::npos);
    BOOST_TEST(world.at({1}).open());
    BOOST_TEST(!world.at({1}).card_channel.empty());
}

BOOST_AUTO_TEST_CASE(of_a_long_thread_the_beginning_and_the_newest_are_kept_cut) {
    std::vector<rules::SaidBefore> all;
    for (int i = 0; i < 60; ++i) rules::keep(all, said(ana, fmt::format("Message {}", i), i));
    BOOST_TEST_REQUIRE(all.size() == rules::said_before_max);
    BOOST_TEST(all.front().text == "Message 0");
    BOOST_TEST(all[1].text == "Message 41");
    BOOST_TEST(all.back().text == "Message 59");
    std::vector<rules::SaidBefore> one;
    rules::keep(one, said(ana, " \n ", 0));
    BOOST_TEST(one.empty());
    rules::keep(one, said(ana, std::string(5000, 'x'), 0));
    BOOST_TEST(one.front().text.size() < 620U);
}

BOOST_AUTO_TEST_CASE(erasing_takes_it_away) {
    for (bool const by_author : {true, false}) {
        World world;
        world.react(raiser);
        world.locate(in_thread({said(ana, "Who knows this error?", 0), said(ben, "Not me", 20)}));
        handlers::Redaction what;
        if (by_author)
            what.author = ana.id;
        else
            what.key = EscalationId{1};
        world.run(handlers::Work{[&](Tx& tx) {
            static_cast<void>(handlers::redact(tx, what, world.now).value());
            return handlers::done();
        }});
        for (auto const& stored : kept(world))
            BOOST_TEST(stored.event.text.empty() == (!by_author || stored.event.actor == ana.id));
        // What is held back under the card goes as a whole: posted later, it would bring them back.
        auto const unsent = notes(world);
        BOOST_TEST_REQUIRE(unsent.size() == 1U);
        BOOST_TEST(unsent.front().quotes.empty());
        BOOST_TEST(unsent.front().said.quote == "(erased)");
        BOOST_TEST(world.snapshot().outbox_row("thread:1:v2")->item.body.find("Ana") == std::string::npos);
        BOOST_TEST(world.problems().empty());
    }
}

BOOST_AUTO_TEST_CASE(nothing_in_it_calls_anybody_or_leads_anywhere) {
    for (auto const& text : view_test::hostile_texts()) {
        rules::ThreadNoteFact fact;
        fact.said.sentence = "What was said in the thread before it was raised:";
        for (std::size_t i = 0; i < rules::said_before_max; ++i) fact.quotes.push_back({text, view_test::now(), text});
        view_test::check_message(views::thread_note(fact, view_test::working()), {"<!date^"});
        if (!text.empty()) view_test::check_message(views::customer_reply({text}), {});  // the configuration refuses an empty one
    }
    rules::ThreadNoteFact fact;
    fact.said.sentence = "What was said in the thread before it was raised:";
    fact.quotes = {{"Ana Petrova", view_test::now(), "Who knows <this> error?\nIt is new."}, {"", view_test::now(), "Not me"}};
    view_test::check_golden("thread_so_far", view_test::as_json(views::thread_note(fact, view_test::working())));
    view_test::check_golden("customer_reply",
                            view_test::as_json(views::customer_reply({"Thanks! *We* look after it & write here."})));
    fact.quotes.assign(rules::said_before_max, {std::string(200, 'x'), view_test::now(), std::string(600, '&')});
    view_test::check_golden("max_thread_so_far", view_test::as_json(views::thread_note(fact, view_test::working())));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
