// Who is from outside, what is said to them, and what follows when a channel is shared.
#include "handlers/boards.hpp"
#include "handlers/colleague.hpp"
#include "handlers/located.hpp"
#include "handlers/rules/outbox_items.hpp"

#include "world.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

namespace {

using namespace esc;
using namespace esc::handler_test;

bool waits(World const& world, std::string_view key) {
    auto const keys = world.outbox();
    return std::find(keys.begin(), keys.end(), key) != keys.end();
}

BOOST_AUTO_TEST_SUITE(outside_people)

BOOST_AUTO_TEST_CASE(guests_are_colleagues_where_configured_and_strangers_never) {
    struct Row {
        char const* workspace;
        bool guest;
        bool stranger;
        bool by_default;
        bool internal;
    };
    WorkspaceId const ours{"T1"};
    for (auto const& row :
         {Row{"T1", false, false, true, true}, Row{"T1", true, false, false, true}, Row{"T2", false, false, false, false},
          Row{"T2", true, false, false, false}, Row{"T1", false, true, false, false}, Row{"T1", true, true, false, false},
          Row{"", false, false, true, true}, Row{"", true, false, false, false}}) {
        slack::User user;
        user.id = {"U1"};
        user.workspace = {row.workspace};
        user.guest = row.guest;
        user.stranger = row.stranger;
        auto config = default_config();
        BOOST_TEST(is_colleague(user, ours, config) == row.by_default);
        config.people.guests_internal = true;
        BOOST_TEST(is_colleague(user, ours, config) == row.internal);
        if (row.guest) BOOST_TEST(!is_colleague(user, {}, config));
    }
}

BOOST_AUTO_TEST_CASE(an_owner_who_becomes_a_guest_is_gone_only_where_guests_are_from_outside) {
    for (bool const internal : {false, true}) {
        World world;
        world.config->people.guests_internal = internal;
        auto const id = world.open_one();
        world.escalate("claim 1", ana);
        slack::UserChanged changed;
        changed.head.workspace = {"T1"};
        changed.user = ana.id;
        changed.now = slack::User{.id = ana.id, .workspace = {"T1"}, .name = "ana", .guest = true};
        world.send(changed, {});
        BOOST_TEST(world.at(id).details.unavailable.has_value() == !internal);
    }
}

BOOST_AUTO_TEST_CASE(customers_are_told_once_in_the_configured_words_where_they_read) {
    enum class Where { ours, with_guest, unknown_author, shared, unjoined, archived, direct };
    struct Row {
        Where where;
        bool told;
    };
    for (auto const& row :
         {Row{Where::ours, false}, Row{Where::with_guest, true}, Row{Where::unknown_author, false}, Row{Where::shared, true},
          Row{Where::unjoined, false}, Row{Where::archived, false}, Row{Where::direct, false}}) {
        for (bool const configured : {true, false}) {
            World world;
            if (configured) world.config->intake.customer_reply = "Thank you. We look after it.";
            world.react(raiser);
            handlers::LocateFacts facts;
            facts.id = {1};
            facts.source_channel = channel("C_SOURCE");
            facts.triage_channel = channel("C_TRIAGE");
            auto& source = *facts.source_channel;
            source.shared = row.where == Where::shared || row.where == Where::unjoined || row.where == Where::archived;
            source.member = row.where != Where::unjoined;
            source.archived = row.where == Where::archived;
            source.direct = row.where == Where::direct;
            facts.writer = outsider.id;
            facts.writer_external = row.where == Where::with_guest;
            facts.writer_unknown = row.where == Where::unknown_author;
            world.locate(facts);
            auto const key = rules::customer_reply_item(world.at({1}), {}, Instant{}).key;
            BOOST_TEST(waits(world, key) == (row.told && configured));
            if (!waits(world, key)) continue;
            auto const item = world.snapshot().outbox_row(key);
            BOOST_TEST(rules::CustomerReplyFact::parse(item->item.body).value().text == "Thank you. We look after it.");
            BOOST_TEST(!waits(world, "status:1"));
            auto const word = world.snapshot().outbox_row("notice:1:located:U_RAISER");
            BOOST_TEST_REQUIRE(word.has_value());
            BOOST_TEST(word->item.body.find("one reply that is meant for them") != std::string::npos);
            // Never again, whatever happens.
            world.drop(key);
            world.locate(facts);
            world.escalate("claim 1", ana);
            world.escalate("resolve 1 done", ana);
            BOOST_TEST(!waits(world, key));
        }
    }
    // A typed one has no thread to answer in.
    World typed;
    typed.config->intake.customer_reply = "Thank you.";
    typed.open_one();
    handlers::LocateFacts facts;
    facts.id = {1};
    facts.source_channel = channel("C_SOURCE");
    facts.source_channel->shared = true;
    typed.locate(facts);
    BOOST_TEST(!waits(typed, rules::customer_reply_item(typed.at({1}), {}, Instant{}).key));
}

BOOST_AUTO_TEST_CASE(what_takes_no_card_says_why) {
    struct Row {
        void (*change)(slack::Channel&);
        char const* why;
    };
    for (auto const& row : {Row{[](slack::Channel&) {}, ""}, Row{[](slack::Channel& one) { one.is_private = true; }, ""},
                            Row{[](slack::Channel& one) { one.shared = true; }, "shared"},
                            Row{[](slack::Channel& one) { one.direct = true; }, "direct"},
                            Row{[](slack::Channel& one) { one.member = false; }, "invite"},
                            Row{[](slack::Channel& one) { one.archived = true; }, "archived"}}) {
        auto one = channel("C_TRIAGE");
        row.change(one);
        auto const why = handlers::no_card_because(one);
        BOOST_TEST(why.empty() == std::string_view{row.why}.empty());
        BOOST_TEST(why.find(row.why) != std::string_view::npos);
    }
}

// --- another id ----------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_channels_new_id_is_taken_over_by_all_that_is_open) {
    World world;
    world.react(raiser);
    handlers::LocateFacts facts;
    facts.id = {1};
    facts.source_channel = channel("C_SOURCE");
    facts.triage_channel = channel("C_TRIAGE");
    facts.message_text = "Checkout fails";
    world.locate(facts);
    auto const other = world.open_one("Login fails");
    world.escalate("claim 2", ana);
    world.escalate("resolve 2 done", ana);
    world.run(handlers::Work{[&](Tx& tx) {
        tx.save_surface({.key = "card:1",
                         .escalation = {1},
                         .channel = {"C_TRIAGE"},
                         .ts = {"1700000001.000100"},
                         .permalink = "https://example.slack.com/archives/C_TRIAGE/p1"});
        tx.save_surface({.key = "status:1", .escalation = {1}, .channel = {"C_SOURCE"}, .ts = {"1700000002.000100"}});
        return handlers::done();
    }});
    world.drop("card:1");
    world.drop("status:1");
    auto const rename = [&](char const* from, char const* to) {
        slack::ChannelIdChanged changed;
        changed.from = {from};
        changed.to = {to};
        world.send(changed, {});
    };
    rename("C_SOURCE", "C_SHARED");
    BOOST_TEST(world.at({1}).source.channel == ChannelId{"C_SHARED"});
    BOOST_TEST(world.at({1}).card_channel == ChannelId{"C_TRIAGE"});
    BOOST_TEST((world.snapshot().by_source(message_link({"C_SHARED"}, {"1700000000.000100"})) == EscalationId{1}));
    BOOST_TEST((world.snapshot().by_source(thread_link({"C_SHARED"}, {"1700000000.000100"})) == EscalationId{1}));
    BOOST_TEST(!world.snapshot().by_source(message_link({"C_SOURCE"}, {"1700000000.000100"})).has_value());
    BOOST_TEST(world.snapshot().surface("status:1")->channel == ChannelId{"C_SHARED"});
    BOOST_TEST(world.snapshot().surface("card:1")->channel == ChannelId{"C_TRIAGE"});
    BOOST_TEST(waits(world, "status:1"));  // who reads there is asked anew
    BOOST_TEST(waits(world, "channel:C_SHARED"));
    rename("C_TRIAGE", "C_TRIAGE2");
    BOOST_TEST(world.at({1}).card_channel == ChannelId{"C_TRIAGE2"});
    BOOST_TEST(world.snapshot().surface("card:1")->channel == ChannelId{"C_TRIAGE2"});
    BOOST_TEST(world.snapshot().surface("card:1")->permalink.empty());
    BOOST_TEST(waits(world, "card:1"));
    auto const version = world.at({1}).version;
    auto const resolved = world.at(other).version;
    rename("C_TRIAGE", "C_TRIAGE2");
    rename("C_TRIAGE2", "C_TRIAGE2");
    BOOST_TEST(world.at({1}).version == version);
    BOOST_TEST(world.at(other).version == resolved);
    BOOST_TEST(world.problems().empty());
}

// Reopened, or parted again, it goes on in that channel.
BOOST_AUTO_TEST_CASE(a_channels_new_id_is_taken_over_by_what_may_come_back) {
    struct Row {
        std::vector<char const*> commands;
        bool taken;
    };
    for (auto const& row : {Row{{"claim 1", "resolve 1 done"}, true}, Row{{"claim 1", "merge 1 into 2"}, true},
                            Row{{"decline 1 Not ours"}, false}}) {
        BOOST_TEST_CONTEXT(row.commands.back()) {
            World world;
            auto const id = world.open_one("Login fails");
            world.open_one("Login is broken");
            handlers::LocateFacts facts;
            facts.id = id;
            facts.triage_channel = channel("C_TRIAGE");
            world.locate(facts);
            world.run(handlers::Work{[&](Tx& tx) {
                tx.save_surface({.key = "card:1", .escalation = id, .channel = {"C_TRIAGE"}, .ts = {"1700000001.000100"}});
                return handlers::done();
            }});
            BOOST_REQUIRE(world.at(id).card_channel == ChannelId{"C_TRIAGE"});
            for (auto const* command : row.commands) world.escalate(command, lea);
            BOOST_REQUIRE(!world.at(id).open());
            world.drop("card:1");
            slack::ChannelIdChanged changed;
            changed.from = {"C_TRIAGE"};
            changed.to = {"C_TRIAGE2"};
            world.send(changed, {});
            BOOST_TEST((world.at(id).card_channel == ChannelId{"C_TRIAGE2"}) == row.taken);
            BOOST_TEST(waits(world, "card:1") == (world.at(id).state == State::resolved));
            BOOST_TEST(world.problems().empty());
        }
    }
}

// Its events name the channel as it was called.
BOOST_AUTO_TEST_CASE(what_was_merged_before_its_channel_got_another_id_takes_its_conversation_along) {
    for (bool const parted : {true, false}) {
        BOOST_TEST_CONTEXT(parted) {
            World world;
            world.react(raiser);
            handlers::LocateFacts facts{.id = {1}};
            facts.source_channel = channel("C_SOURCE");
            facts.triage_channel = channel("C_TRIAGE");
            facts.message_text = "Checkout fails";
            world.locate(facts);
            world.open_one("Checkout is broken");
            world.open_one("The shop is down");
            world.escalate("merge 1 into 2", lea);
            for (auto const& [from, to] : {std::pair{"C_SOURCE", "C_SHARED"}, std::pair{"C_SHARED", "C_THIRD"}}) {
                slack::ChannelIdChanged changed;
                changed.from = {from};
                changed.to = {to};
                world.send(changed, {});
            }
            world.escalate(parted ? "unmerge 1" : "merge 2 into 3", lea);
            EscalationId const expected{parted ? 1 : 3};
            BOOST_TEST((world.snapshot().by_source(message_link({"C_THIRD"}, {"1700000000.000100"})) == expected));
            BOOST_TEST((world.snapshot().by_source(thread_link({"C_THIRD"}, {"1700000000.000100"})) == expected));
            BOOST_TEST(world.problems().empty());
        }
    }
}

BOOST_AUTO_TEST_CASE(of_two_boards_that_one_channel_would_have_the_first_there_stays) {
    World world;
    Board old_one{.channel = {"C_OLD"}, .pinned_by = lea.id, .pinned_at = world.now};
    Board new_one{.channel = {"C_NEW"}, .pinned_by = lea.id, .pinned_at = world.now};
    world.run(handlers::Work{[&](Tx& tx) {
        old_one = tx.pin_board(old_one);
        new_one = tx.pin_board(new_one);
        return handlers::done();
    }});
    slack::ChannelIdChanged changed;
    changed.from = {"C_OLD"};
    changed.to = {"C_NEW"};
    world.send(changed, {});
    auto const left = world.snapshot().boards();
    BOOST_REQUIRE(left.size() == 1U);
    BOOST_TEST(left.front().id == new_one.id);
    BOOST_TEST(waits(world, handlers::board_key(old_one)));  // its message is taken away
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
