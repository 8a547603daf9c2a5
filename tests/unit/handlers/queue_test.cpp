// /queue through the router: every filter alone and combined, pages, slips.
#include "world.hpp"

#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <string>

namespace {

using namespace esc;
using namespace esc::handler_test;
using handlers::Outcome;

Outcome queue(World& world, std::string text, Person const& actor = ana) {
    slack::SlashCommand command;
    command.user = actor.id;
    command.command = "/queue";
    command.text = std::move(text);
    return world.send(command, actor);
}
bool has(std::string const& all, std::string_view part) { return all.find(part) != std::string::npos; }
std::string said(World& world, std::string text, Person const& actor = ana) {
    return text_of(queue(world, std::move(text), actor));
}

// ESC-1 SEV1 of acme, owned by ana and waiting; ESC-2 SEV3 of Acme Corp; ESC-3 SEV3, owned by ben; ESC-4 SEV4 of team b.
void fill(World& world) {
    TeamConfig a;
    a.name = "Support";
    TeamConfig b;
    b.name = "payments";
    world.config->teams = {a, b};
    world.open_one("sev1 for:acme Alpha");
    world.open_one("sev3 for:\"Acme Corp\" Beta");
    world.open_one("sev3 Gamma");
    world.open_one("sev4 Delta");
    BOOST_TEST(!world.escalate("claim 1", ana).refused);
    BOOST_TEST(!world.escalate("claim 3", ben).refused);
    auto const change = [&](std::int64_t number, auto const& how) {
        world.run(handlers::Work{[&](Tx& tx) {
            Decision decision;
            decision.after = tx.escalation({number}).value();
            how(decision.after);
            LedgerEvent event;
            event.type = EventType::noted;
            event.recorded_at = world.now;
            event.source_time = world.now;
            event.data = "{}";
            decision.events = {event};
            rules::finish(decision, world.now);
            tx.apply(decision);
            return handlers::done();
        }});
    };
    change(1, [](Escalation& one) { one.state = State::waiting_vendor; });
    change(4, [](Escalation& one) { one.team = "payments"; });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(queue_command)

BOOST_AUTO_TEST_CASE(lists_and_what_narrows_them_combine) {
    struct Row {
        char const* text;
        char const* shown;  // which of Alpha, Beta, Gamma, Delta
    };
    Row const table[] = {
        {"", "1234"},
        {"all", "1234"},
        {"  ALL  ", "1234"},
        {"mine", "1"},
        {"unowned", "24"},
        {"waiting", "1"},
        {"at-risk", ""},
        {"breached", ""},
        {"sev3", "23"},
        {"SEV1", "1"},
        {"for:acme", "1"},
        {"for:ACME", "1"},
        {"for:\"Acme Corp\"", "2"},
        {"for:\u201CAcme Corp\u201D", "2"},
        {"team:payments", "4"},
        {"team:PAYMENTS", "4"},
        {"team:support", "123"},
        {"unowned sev3", "2"},
        {"sev3 unowned", "2"},
        {"for:\"Acme Corp\" sev3 unowned team:support", "2"},
        {"sev4 team:support", ""},
        {"sev4 team:payments unowned 1", "4"},
        {"mine sev3", ""},
        {"mine mine", "1"},
        {"2", "1234"},  // there is only one page
        {"mine sev3 2", ""},
    };
    World world;
    fill(world);
    for (auto const& row : table) {
        auto const outcome = queue(world, row.text);
        auto const text = text_of(outcome);
        BOOST_TEST(!outcome.refused, row.text << ": " << text);
        std::string shown;
        for (auto const& [title, number] : {std::pair{"Alpha", '1'}, {"Beta", '2'}, {"Gamma", '3'}, {"Delta", '4'}})
            if (has(text, title)) shown += number;
        BOOST_TEST(shown == row.shown, row.text << ": " << text);
    }
    BOOST_TEST(has(said(world, "mine", ben), "Gamma"));
}

BOOST_AUTO_TEST_CASE(slips_name_the_closest_valid_form_and_echo) {
    struct Row {
        char const* text;
        char const* said;
    };
    Row const table[] = {
        {"unownd", "/queue unowned"},
        {"mien", "/queue mine"},
        {"breach", "/queue breached"},
        {"risk", "/queue at-risk"},
        {"mine unowned", "One list at a time"},
        {"sev1 sev2", "One severity at a time"},
        {"sev9", "/queue sev1"},
        {"0", "counted from 1"},
        {"5000", "counted from 1"},
        {"99999999999999999999", "There is no filter"},
        {"for:", "After for: comes an account"},
        {"for:\"Acme", "not closed"},
        {"for:\"\"", "comes an account"},
        {"team:", "After team: comes a team"},
        {"team:paymnts", "team:payments"},
        {"digest", "no digests yet. /queue at-risk"},
        {"audit week", "no audit yet."},
        {"audit", "/escalate history 12"},
        {"xyzzy", "[mine|unowned|at-risk|breached|waiting|all]"},
        {"<!channel>", "There is no filter"},
        {"pin help", "[mine|unowned|at-risk|breached|waiting|all]"},
    };
    World world;
    fill(world);
    for (auto const& row : table) {
        auto const outcome = queue(world, row.text);
        BOOST_TEST(outcome.refused, row.text);
        BOOST_TEST(has(text_of(outcome), row.said), text_of(outcome));
        BOOST_TEST(has(text_of(outcome), "You typed:"), row.text);
        BOOST_TEST(!has(text_of(outcome), "<!channel>"));
    }
    BOOST_TEST(!has(said(world, "pin help"), "closest"));  // to what was typed itself
    World without_teams;
    BOOST_TEST(has(said(without_teams, "team:x"), "There are no teams here"));
    BOOST_TEST(has(said(world, "help"), "[team:name]"));
    BOOST_TEST(!queue(world, "help").refused);
    BOOST_TEST(queue(world, "", outsider).refused);
    BOOST_TEST(queue(world, std::string(5000, 'x')).refused);
}

BOOST_AUTO_TEST_CASE(pages_of_fifteen) {
    World world;
    for (int i = 1; i <= 31; ++i) world.open_one(fmt::format("for:acme Number {:02} of many", i));
    auto const first = said(world, "for:acme unowned");
    BOOST_TEST((has(first, "Number 01") && has(first, "Number 15") && !has(first, "Number 16")));
    BOOST_TEST(has(first, R"(unowned for:\"acme\" 2)"));
    BOOST_TEST(!has(first, "Previous"));
    auto const turned = world.press("esc.queue", "unowned for:\"acme\" 2", ana);
    BOOST_TEST(!turned.refused);
    auto const second = text_of(turned);
    BOOST_TEST((has(second, "Number 16") && has(second, "Number 30") && !has(second, "Number 31")));
    auto const third = text_of(world.press("esc.queue", "unowned for:\"acme\" 3", ana));
    BOOST_TEST((has(third, "Number 31") && !has(third, "\"Next\"") && has(third, "Previous")));
    BOOST_TEST(has(text_of(world.press("esc.queue.previous", "all 1", ana)), "Number 01"));
    for (auto const* beyond : {"4", "99", "1000"}) {
        auto const last = said(world, fmt::format("all {}", beyond));
        BOOST_TEST(has(last, fmt::format("There is no page {}. Page 3 is the last.", beyond)), last);
        BOOST_TEST((has(last, "Number 31") && !has(last, "Number 30") && has(last, R"(all 2)") && has(last, "page 3 ")), last);
    }
    BOOST_TEST(!has(said(world, "all 3"), "There is no page"));
    BOOST_TEST(has(said(world, "for:acme sev2 7"), "Nothing in the queue fits"));
    BOOST_TEST(world.press("esc.queue", "all 1", outsider).refused);
    BOOST_TEST(world.press("esc.queue", "\xFF<!channel>", ana).refused);
}

BOOST_AUTO_TEST_CASE(a_row_links_to_the_card_where_its_place_is_known) {
    World world;
    world.open_one("Here");
    world.run(handlers::Work{[](Tx& tx) {
        tx.save_surface({"card:1", {1}, {"C_TRIAGE"}, {"1.2"}, "https://example.slack.com/archives/C/p1", "h", t0});
        return handlers::done();
    }});
    BOOST_TEST(has(said(world, ""), "<https://example.slack.com/archives/C/p1|ESC-1>"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(help_pages)

BOOST_AUTO_TEST_CASE(help_has_every_verb_once_on_one_message) {
    World world;
    auto const outcome = world.escalate("help", ana);
    auto const text = text_of(outcome);
    for (auto const& [name, verb] : world.router.verbs()) BOOST_TEST(has(text, "`/escalate " + verb.usage + "`"), name);
    BOOST_TEST(outcome.reply.message->blocks.size() <= 10U);
    for (auto const& block : outcome.reply.message->blocks)
        BOOST_TEST(!has(boost::json::serialize(block.json), "…\""));  // nothing was cut
}

BOOST_AUTO_TEST_CASE(help_on_one_verb_shows_an_example) {
    World world;
    for (auto const* typed : {"help resolve", "HELP Resolve", "resolve help"})
        BOOST_TEST(has(text_of(world.escalate(typed, ana)), "/escalate resolve 12 The certificate was renewed"), typed);
    for (auto const& [name, verb] : world.router.verbs()) {
        auto const outcome = world.escalate("help " + name, ana);
        BOOST_TEST(!outcome.refused, name);
        BOOST_TEST(has(text_of(outcome), "/escalate " + verb.usage), name);
        BOOST_TEST(!has(text_of(outcome), "/queue"), name);
    }
    // More words make a title.
    BOOST_TEST(has(text_of(world.escalate("help claim forms are broken", ana)), "ESC-1"));
    auto const in_home = world.press("esc.help", "", ana);
    BOOST_REQUIRE(in_home.open_modal.has_value());
    BOOST_TEST(in_home.open_modal->blocks.size() > 3U);
}

BOOST_AUTO_TEST_SUITE_END()
