// What must not reach people from outside, and what must not leave a private conversation.
#include "handlers/act.hpp"
#include "handlers/rules/outbox_items.hpp"

#include "world.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace esc;
using namespace esc::handler_test;
using handlers::Outcome;

handlers::LocateFacts where(EscalationId id, bool writer_external) {
    handlers::LocateFacts facts;
    facts.id = id;
    facts.source_channel = channel("C_SOURCE");
    facts.message_text = "The export hangs";
    facts.writer = writer_external ? outsider.id : ana.id;
    facts.writer_external = writer_external;
    return facts;
}

bool waits(World const& world, std::string_view prefix) {
    for (auto const& key : world.outbox())
        if (key.starts_with(prefix)) return true;
    return false;
}

BOOST_AUTO_TEST_SUITE(privacy)

BOOST_AUTO_TEST_CASE(nothing_is_posted_where_a_guest_reads_along) {
    for (bool const guest : {false, true}) {
        World world;
        world.react(ana);
        world.locate(where({1}, guest));
        BOOST_TEST(waits(world, "status:1") == !guest);
        BOOST_TEST(waits(world, "notice:1:located") == guest);
        // Without a triage channel the card would go to that very channel.
        BOOST_TEST((world.at({1}).card_channel == ChannelId{"C_SOURCE"}) == !guest);
        BOOST_TEST(world.at({1}).details.shared_source == guest);
    }
}

// Nothing is posted, and what is said of it is what is known.
BOOST_AUTO_TEST_CASE(an_author_slack_does_not_tell_about_may_be_from_outside) {
    World world;
    world.react(ana);
    auto facts = where({1}, false);
    facts.writer = {};
    facts.writer_unknown = true;
    world.locate(facts);
    BOOST_TEST(!waits(world, "status:1"));
    BOOST_TEST(waits(world, "notice:1:located"));
    BOOST_TEST((world.at({1}).card_channel != ChannelId{"C_SOURCE"}));
    BOOST_TEST(world.at({1}).details.shared_source);
    BOOST_TEST(world.at({1}).details.customer.empty());
}

// Also who has raised it and is a guest by now.
BOOST_AUTO_TEST_CASE(who_may_not_look_hears_the_same_of_every_key_and_reads_none) {
    auto deactivated = max;
    deactivated.active = false;
    auto guest = raiser;
    guest.role = Role::outsider;
    for (auto const* who : std::initializer_list<Person const*>{&outsider, &deactivated, &guest}) {
        World world;
        world.open_one();
        world.open_one("Login fails");
        world.escalate("claim 2", ana);
        world.escalate("resolve 2 Restarted it", ana);
        auto const answer = [&](Outcome const& outcome) {
            BOOST_TEST(outcome.refused);
            BOOST_TEST((outcome.reply.view_errors.empty() && !outcome.open_modal));
            return outcome.reply.message ? outcome.reply.message->text : std::string{};
        };
        for (auto const* line :
             {"show {}", "history {}", "clock {}", "claim {}", "note {} What is it?", "confirmed {}", "reopen {} Again",
              "resume {}", "approve {}", "deny {} No", "link {} https://tickets.example/7", "merge {} into 2", "merge 2 into {}",
              "unmerge {}", "override {} <@U_BEN> Ben knows it", "severity {}", "{}", "ESC-{}.", "#{}"}) {
            auto const of_key = [&](int key) { return answer(world.escalate(fmt::format(fmt::runtime(line), key), *who)); };
            auto const missing = of_key(77);
            BOOST_TEST(missing == rules::may_look(*who).error().message, line);
            BOOST_TEST(missing.find("ESC-") == std::string::npos, missing);
            for (auto const key : {1, 2}) BOOST_TEST(of_key(key) == missing, line);
        }
        int pressed = 0;
        for (auto const verb : rules::all_verbs)
            for (auto const* card : {"1:v1", "2:v3", "77:v1"}) {
                auto const plan = world.router.prepare(
                    slack::BlockAction{.user = who->id, .action_id = handlers::route(verb), .value = card}, world.env(*who));
                if (!plan) continue;  // typed only
                ++pressed;
                BOOST_TEST(answer(world.run(*plan)) == rules::may_look(*who).error().message, rules::to_string(verb));
            }
        BOOST_TEST(pressed > 0);
        BOOST_TEST(answer(world.press("esc.more", "2:v3", *who)) == rules::may_look(*who).error().message);
    }
}

BOOST_AUTO_TEST_CASE(words_are_kept_only_from_the_sources_own_channel) {
    struct Row {
        char const* channel;
        bool kept;
    };
    for (auto const& row : {Row{"C_SOURCE", true}, Row{"C_PRIVATE", false}}) {
        World world;
        world.react(ana);
        world.locate(where({1}, true));
        if (!row.kept) {  // a message elsewhere that was linked to it
            auto decision = Decision{};
            world.run(handlers::Work{[&](Tx& tx) {
                auto before = tx.escalation({1}).value();
                decision.after = before;
                ++decision.after.version;
                decision.after.updated_at = world.now;
                LedgerEvent event;
                event.type = EventType::linked;
                event.recorded_at = event.source_time = world.now;
                event.data = "{}";
                decision.events = {event};
                decision.links = {{"slack", "C_PRIVATE:1700000000.000100", {}}};
                tx.apply(decision);
                return handlers::done();
            }});
        }
        slack::MessageChanged edited;
        edited.user = ana.id;
        edited.message = {{row.channel}, {"1700000000.000100"}, {}};
        edited.text = "The secret word is swordfish";
        edited.event_ts = "1700000060.000000";
        world.send(edited, ana);
        auto found = false;
        for (auto const& stored : world.snapshot().events({1}))
            found = found || stored.event.text.find("swordfish") != std::string::npos;
        BOOST_TEST(found == row.kept);
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
