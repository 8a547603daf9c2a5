// Where the card goes, what is copied to it, and who hears of it where outsiders read along.
#include "handlers/located.hpp"

#include "world.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <functional>

namespace {

using namespace esc;
using namespace esc::handler_test;
using handlers::LocateFacts;

enum class Kind { good, none, shared, direct, archived, unjoined, closed };  // closed: private

std::optional<slack::Channel> channel_of(Kind kind, std::string const& id) {
    auto found = channel(id);
    switch (kind) {
        case Kind::good:
            break;
        case Kind::none:
            return std::nullopt;
        case Kind::shared:
            found.shared = true;
            break;
        case Kind::direct:
            found.direct = true;
            break;
        case Kind::archived:
            found.archived = true;
            break;
        case Kind::unjoined:
            found.member = false;
            break;
        case Kind::closed:
            found.is_private = true;
            break;
    }
    return found;
}

LocateFacts facts_for(Kind source, Kind triage = Kind::none, std::string text = "Checkout *fails*\nfor all") {
    LocateFacts facts;
    facts.id = {1};
    facts.source_channel = channel_of(source, "C_SOURCE");
    facts.triage_channel = channel_of(triage, "C_TRIAGE");
    if (!text.empty()) facts.message_text = std::move(text);
    facts.permalink = "https://example.slack.com/archives/C_SOURCE/p1700000000000100";
    return facts;
}

bool waits(World const& world, std::string_view key) {
    auto const keys = world.outbox();
    return std::find(keys.begin(), keys.end(), key) != keys.end();
}

BOOST_AUTO_TEST_SUITE(located)

BOOST_AUTO_TEST_CASE(the_place_of_the_card) {
    struct Row {
        Kind triage;
        Kind source;
        char const* place;
    };
    Row const rows[] = {
        {Kind::good, Kind::good, "C_TRIAGE"},   {Kind::good, Kind::shared, "C_TRIAGE"}, {Kind::good, Kind::none, "C_TRIAGE"},
        {Kind::closed, Kind::good, "C_TRIAGE"}, {Kind::none, Kind::good, "C_SOURCE"},   {Kind::none, Kind::closed, "C_SOURCE"},
        {Kind::shared, Kind::good, "U_LEA"},    {Kind::archived, Kind::good, "U_LEA"},  {Kind::unjoined, Kind::good, "U_LEA"},
        {Kind::none, Kind::shared, "U_LEA"},    {Kind::none, Kind::direct, "U_LEA"},    {Kind::none, Kind::archived, "U_LEA"},
        {Kind::none, Kind::unjoined, "U_LEA"},  {Kind::none, Kind::none, "U_LEA"},      {Kind::shared, Kind::shared, "U_LEA"},
    };
    for (auto const& row : rows) {
        World world;
        world.react(raiser);
        world.locate(facts_for(row.source, row.triage));
        BOOST_TEST(world.at({1}).card_channel.value == row.place);
        BOOST_TEST(waits(world, "card:1"));
        BOOST_TEST(world.problems().empty());
    }
}

BOOST_AUTO_TEST_CASE(without_leads_managers_then_admins_then_the_raiser) {
    World world;
    auto const place = [&] {
        auto const id = world.open_one();
        auto facts = facts_for(Kind::shared);
        facts.id = id;
        world.locate(facts);
        return world.at(id).card_channel.value;
    };
    auto const without = [&](Person const& gone) {
        std::erase_if(world.people.table, [&](Person const& person) { return person.id == gone.id; });
    };
    without(lea);
    BOOST_TEST(place() == "U_MAX");
    without(max);
    BOOST_TEST(place() == "U_ADM");
    without(adm);
    BOOST_TEST(place() == "U_RAISER");
}

BOOST_AUTO_TEST_CASE(texts_are_copied_only_from_where_colleagues_may_read) {
    struct Row {
        Kind source;
        std::string text;
        std::string title;
        std::string description;
    };
    Row const rows[] = {
        {Kind::good, "Checkout *fails*\nfor all", "Checkout *fails* for all", "Checkout *fails*\nfor all"},
        {Kind::shared, "Checkout fails", "Checkout fails", "Checkout fails"},
        {Kind::good, " \n ", std::string{rules::textless_title}, ""},
        {Kind::good, "", std::string{rules::textless_title}, ""},
        {Kind::closed, "Secret", std::string{rules::private_title}, ""},
        {Kind::direct, "Secret", std::string{rules::private_title}, ""},
        {Kind::none, "Secret", std::string{rules::textless_title}, ""},  // it may be private
    };
    for (auto const& row : rows) {
        World world;
        world.react(raiser);
        world.locate(facts_for(row.source, Kind::good, row.text));
        BOOST_TEST(world.at({1}).title == row.title);
        BOOST_TEST(world.at({1}).description == row.description);
        BOOST_TEST(world.at({1}).source_permalink == "https://example.slack.com/archives/C_SOURCE/p1700000000000100");
    }
    World world;
    world.react(raiser);
    world.locate(facts_for(Kind::good, Kind::good, std::string(5000, 'x')));
    BOOST_TEST(slack::blocks::length(world.at({1}).title) == 150U);
    BOOST_TEST(slack::blocks::length(world.at({1}).description) == 3000U);
}

BOOST_AUTO_TEST_CASE(what_somebody_typed_is_never_replaced) {
    for (auto const kind : {Kind::good, Kind::closed, Kind::none}) {
        World world;
        world.open_one("Typed by hand");
        world.locate(facts_for(kind));
        BOOST_TEST(world.at({1}).title == "Typed by hand");
    }
}

BOOST_AUTO_TEST_CASE(the_short_reply_and_what_takes_its_place) {
    struct Row {
        Kind source;
        bool reply;
        char const* notice_in;  // nullptr: no notice
    };
    Row const rows[] = {{Kind::good, true, nullptr}, {Kind::closed, true, nullptr}, {Kind::shared, false, "C_SOURCE"},
                        {Kind::unjoined, false, ""}, {Kind::archived, false, ""},   {Kind::none, false, ""}};
    for (auto const& row : rows) {
        World world;
        world.react(raiser);
        world.locate(facts_for(row.source, Kind::good));
        BOOST_TEST(waits(world, "status:1") == row.reply);
        auto const notice = world.snapshot().outbox_row("notice:1:located:U_RAISER");
        BOOST_TEST(notice.has_value() == (row.notice_in != nullptr));
        if (notice) {
            auto const body = boost::json::parse(notice->item.body);
            BOOST_TEST(body.at("to").as_string() == raiser.id.value);
            BOOST_TEST(body.at("channel").as_string() == row.notice_in);
            BOOST_TEST(!body.at("sentence").as_string().empty());
        }
        // Later changes renew the reply only where there is one.
        world.escalate("claim 1", ana);
        BOOST_TEST(waits(world, "status:1") == row.reply);
    }
    World typed;
    typed.open_one();
    typed.locate(facts_for(Kind::shared));
    BOOST_TEST(!waits(typed, "status:1"));
    BOOST_TEST(!waits(typed, "notice:1:located"));  // response_url tells it
}

BOOST_AUTO_TEST_CASE(twice_changes_nothing_and_late_text_is_taken) {
    World world;
    world.react(raiser);
    world.locate(facts_for(Kind::good, Kind::good, ""));
    auto const once = world.at({1});
    world.locate(facts_for(Kind::good, Kind::good, ""));
    BOOST_TEST(world.at({1}).version == once.version);
    world.drop("card:1");
    // The text arrives late, when the triage channel is gone: the card stays where it is.
    world.locate(facts_for(Kind::good, Kind::none, "Checkout fails"));
    BOOST_TEST(world.at({1}).title == "Checkout fails");
    BOOST_TEST(world.at({1}).card_channel == ChannelId{"C_TRIAGE"});
    BOOST_TEST(waits(world, "card:1"));
    auto const late = world.at({1});
    world.locate(facts_for(Kind::good, Kind::none, "Edited since"));
    BOOST_TEST(world.at({1}).version == late.version);
    BOOST_TEST(world.at({1}).title == "Checkout fails");
    BOOST_TEST(world.problems().empty());
}

BOOST_AUTO_TEST_CASE(nothing_to_locate_is_no_fault) {
    World world;
    world.locate(facts_for(Kind::good));
    BOOST_TEST(world.outbox().empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
