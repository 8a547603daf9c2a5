// From a payload to a plan: names, verbs, slips, and what is told in memory.
#include "handlers/router.hpp"

#include "world.hpp"

#include <fmt/format.h>
#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <stdexcept>

namespace {

using namespace esc;
using namespace esc::handler_test;
using handlers::CardRef;
using handlers::Router;

BOOST_AUTO_TEST_SUITE(router)

BOOST_AUTO_TEST_CASE(every_route_is_there_once) {
    auto const routes = handlers::make_router().routes();
    for (auto const* route :
         {"command escalate", "command queue", "verb show", "verb claim", "verb assign", "verb replied", "verb resolve",
          "verb reopen", "verb help", "action esc.claim", "action esc.replied", "action esc.resolve", "action esc.reopen",
          "view esc.open", "view esc.resolve", "view esc.reopen", "shortcut new_escalation", "event reaction_added"})
        BOOST_TEST(std::count(routes.begin(), routes.end(), route) == 1, route);
}

BOOST_AUTO_TEST_CASE(a_second_registration_throws) {
    Router router;
    auto const nothing = [](auto const&, auto const&) -> Result<handlers::Plan> { return handlers::Plan{handlers::Nothing{}}; };
    router.command("x", nothing);
    router.verb("x", {}, nothing);
    router.action("x", nothing);
    router.view("x", nothing);
    router.shortcut("x", nothing);
    auto const no_reaction = [](slack::ReactionAdded const&, handlers::Env const&) -> Result<handlers::Plan> {
        return handlers::Plan{handlers::Nothing{}};
    };
    router.event(no_reaction);
    BOOST_CHECK_THROW(router.command("x", nothing), std::logic_error);
    BOOST_CHECK_THROW(router.verb("x", {}, nothing), std::logic_error);
    BOOST_CHECK_THROW(router.action("x", nothing), std::logic_error);
    BOOST_CHECK_THROW(router.view("x", nothing), std::logic_error);
    BOOST_CHECK_THROW(router.shortcut("x", nothing), std::logic_error);
    BOOST_CHECK_THROW(router.event(no_reaction), std::logic_error);
}

BOOST_AUTO_TEST_CASE(a_verb_counts_only_with_a_key) {
    struct Row {
        char const* text;
        char const* said;  // part of the answer
        bool raised = false;
    };
    Row const rows[] = {
        {"", "modal esc.open"},
        {"   ", "modal esc.open"},
        {"help", "/queue"},
        {"HELP", "/queue"},
        {"show 1", "ESC-1"},
        {"SHOW esc-1", "ESC-1"},
        {"show ESC-1 please", "ESC-1"},
        {"show 99", "There is no ESC-99"},
        {"resolve billing outage", "ESC-2", true},
        {"claim forms are broken", "ESC-2", true},
        {"help 12 people cannot log in", "ESC-2", true},
        {"Deliver 12 parcels again", "ESC-2", true},
        {"claim", "claim 12"},          // needs a key
        {"ESC-1", "/escalate show 1"},  // a key alone
        {"1", "/escalate show 1"},
        {"clam 1", "/escalate claim 1"},  // a slip
        {"reslove ESC-1 done", "/escalate resolve 1"},
        {"terminate ESC-1", "There is no "},  // a written out key makes no title
        {"terminate ESC-1 now", "There is no "},
        {"close 1", "resolve"},  // nor do a word and a number alone: what there is
        {"close 1", "Open it as an escalation"},
        {"severity 1 sev1 it got worse", "ESC-1"},
        {"Note 1 called back", "ESC-1"},
        {"sev4 close 1", "ESC-2", true},
        {"sev2 500", "ESC-2", true},
        {"for:acme 500", "ESC-2", true},
        {"assign 1", "modal esc.assign"},
        {"assign 1 @ben", "pick a name"},
        {"assign 1 <@U_NOBODY|x>", "/escalate assign 1 @x"},
    };
    for (auto const& row : rows) {
        BOOST_TEST_CONTEXT(row.text) {
            World world;
            world.open_one();
            auto const outcome = world.escalate(row.text, lea);
            auto const said = text_of(outcome);
            BOOST_TEST(said.find(row.said) != std::string::npos, said);
            BOOST_TEST(world.snapshot().queue_counts().open == (row.raised ? 2 : 1));
            // What is refused is echoed.
            if (outcome.refused && outcome.reply.message && std::string_view{row.text}.find('<') == std::string_view::npos)
                BOOST_TEST(said.find("/escalate " + std::string{row.text}) != std::string::npos, said);
        }
    }
}

// What is nearly a command opens nothing before somebody has said that it is a title; what may be a title opens at once.
BOOST_AUTO_TEST_CASE(a_slip_is_asked_about_and_a_title_opens) {
    struct Row {
        char const* text;
        char const* meant;           // nothing: a title
        char const* done = nullptr;  // what the button does, where there is one; "" for the whole queue
    };
    Row const rows[] = {
        {"show3", "Did you mean: /escalate show 3", "show 3"},
        {"claim12", "Did you mean: /escalate claim 12", "claim 12"},
        {"CLAIMesc-12", "Did you mean: /escalate claim 12", "claim 12"},
        {"show#3", "Did you mean: /escalate show 3", "show 3"},
        {"claim12 page fails for all users", nullptr},
        {"claim12 page", nullptr},
        {"Show3D crashes", nullptr},
        {"note12a", nullptr},
        {"12 claim", "Did you mean: /escalate claim 12", "claim 12"},
        {"#12 claim", "Did you mean: /escalate claim 12", "claim 12"},
        {"12 claim forms are lost", nullptr},
        {"ESC-12 resolve It works  again", "Did you mean: /escalate resolve 12 It works  again", "resolve 12 It works  again"},
        {"12 customers", nullptr},
        {"claim esc 12", "Did you mean: /escalate claim 12", "claim 12"},
        {"resolve ESC 12 done", "Did you mean: /escalate resolve 12 done", "resolve 12 done"},
        {"claim #12 was paid twice", "Did you mean: /escalate claim 12 was paid twice", "claim 12 was paid twice"},
        {"show 12.", "Did you mean: /escalate show 12", "show 12"},
        {"show (ESC-12)", "Did you mean: /escalate show 12", "show 12"},
        {"resolve it.", nullptr},
        {"#1", "To see ESC-1: /escalate show 1", "show 1"},
        {"esc1", "To see ESC-1: /escalate show 1", "show 1"},
        {"resolv 3 done  at last", "The closest is: /escalate resolve 3 done  at last", "resolve 3 done  at last"},
        {"clam", "The closest is: /escalate claim 12"},
        {"hlep", "The closest is: /escalate help", "help"},
        {"help foo", "Did you mean: /escalate help", "help"},
        {"help reslove", "Did you mean: /escalate help resolve", "help resolve"},
        {"reslove help", "Did you mean: /escalate help resolve", "help resolve"},
        {"help 12", "Did you mean: /escalate help", "help"},
        {"help desk is down", nullptr},
        {"billing help", nullptr},
        {"queue", "Did you mean: /queue", ""},
        {"/queue", "Did you mean: /queue", ""},
        {"queu", "The closest is: /queue", ""},
        {"mine", "Did you mean: /queue mine", "mine"},
        {"At-Risk", "Did you mean: /queue at-risk", "at-risk"},
        {"queue unowned", "Did you mean: /queue unowned", "unowned"},
        {"queue stuck", nullptr},
        {"mine collapsed", nullptr},
        {"away 12", "away needs no key: /escalate away until 18:00"},
        {"away soon", "away needs a moment: /escalate away until 18:00"},
        {"away team cannot log in", nullptr},
        {"away for everyone", nullptr},
        {"outage", nullptr},
        {"Overridden", nullptr},
        {"x", nullptr},
        {"ESC", nullptr},
        {"#checkout fails", nullptr},
        {"Order #12 is lost", nullptr},
    };
    for (auto const& row : rows) {
        BOOST_TEST_CONTEXT(row.text) {
            World world;
            auto const outcome = world.escalate(row.text, lea);
            auto const said = text_of(outcome);
            BOOST_TEST(world.snapshot().queue_counts().open == (row.meant == nullptr ? 1 : 0), said);
            BOOST_TEST(outcome.refused == (row.meant != nullptr));
            if (row.meant == nullptr) continue;
            BOOST_TEST(said.find(row.meant) != std::string::npos, said);
            BOOST_TEST(said.find("/escalate " + std::string{row.text}) != std::string::npos, said);  // the echo
            BOOST_TEST(said.find("Open it as an escalation") != std::string::npos, said);
            BOOST_TEST((said.find("Yes, do that") != std::string::npos) == (row.done != nullptr), said);
            if (row.done != nullptr && *row.done != '\0')
                BOOST_TEST(said.find(fmt::format(R"("value":"{}")", row.done)) != std::string::npos, said);
        }
    }
}

BOOST_AUTO_TEST_CASE(the_buttons_below_a_slip_do_it_or_open_the_form_with_all_that_was_typed) {
    World world;
    world.open_one();
    auto const asked = text_of(world.escalate("claim#1", lea));
    BOOST_TEST(asked.find(R"("action_id":"esc.form")") != std::string::npos, asked);
    BOOST_TEST(asked.find(R"("action_id":"esc.open.typed")") != std::string::npos, asked);
    BOOST_TEST(!world.press("esc.form", "claim 1", lea).refused);
    BOOST_TEST(world.at({1}).owner == lea.id);
    BOOST_TEST(text_of(world.escalate("mine", lea)).find(R"("action_id":"esc.queue")") != std::string::npos);
    BOOST_TEST(text_of(world.press("esc.queue", "mine", lea)).find("Checkout fails") != std::string::npos);
    BOOST_TEST(text_of(world.press("esc.queue", "", lea)).find("Checkout fails") != std::string::npos);

    auto const form = world.press("esc.open.typed", "claim12 &lt;now&gt; <@U_ANA|ana>", lea);
    BOOST_REQUIRE(form.open_modal.has_value());
    BOOST_TEST(text_of(form).find("modal esc.open") != std::string::npos);
    auto const shown = boost::json::serialize(form.open_modal->json());
    BOOST_TEST(shown.find(R"("initial_value":"claim12 <now> @ana")") != std::string::npos, shown);
    auto const longer = world.press("esc.open.typed", "claim12 " + std::string(400, 'x'), lea);
    BOOST_REQUIRE(longer.open_modal.has_value());
    BOOST_TEST(boost::json::serialize(longer.open_modal->json()).find(std::string(400, 'x')) != std::string::npos);
    BOOST_TEST(world.snapshot().queue_counts().open == 1);

    // What no button can hold is said in words; the echo has all of it.
    auto const endless = text_of(world.escalate("clam 1 " + std::string(2500, 'x'), lea));
    BOOST_TEST(endless.find("Yes, do that") == std::string::npos);
    BOOST_TEST(endless.find("Put sev1 to sev4 in front") != std::string::npos);
    BOOST_TEST(endless.find(std::string(2500, 'x')) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(help_is_asked_for_in_many_ways) {
    for (auto const* text : {"help", "Help", "?", "-h", "--help"}) {
        World world;
        auto const outcome = world.escalate(text, ana);
        BOOST_TEST(!outcome.refused, text);
        BOOST_TEST(text_of(outcome).find("/queue") != std::string::npos, text);
        BOOST_TEST(world.snapshot().queue_counts().open == 0, text);
    }
}

BOOST_AUTO_TEST_CASE(away_takes_a_moment_with_or_without_until) {
    for (auto const* text : {"away 2h", "away for 2h", "away tomorrow 9:00", "away until 2h", "away till 23:30", "AWAY in 90m"}) {
        World world;
        auto const said = text_of(world.escalate(text, ana));
        BOOST_TEST(said.find("You are away until") != std::string::npos, text << ": " << said);
        BOOST_TEST(world.snapshot().away(ana.id).has_value(), text);
        BOOST_TEST(world.snapshot().queue_counts().open == 0, text);
    }
    for (auto const* text : {"away tomorrow", "away until soon", "away today 9:00", "away tomorrow morning"}) {
        World world;
        auto const outcome = world.escalate(text, ana);
        BOOST_TEST(outcome.refused, text);
        BOOST_TEST(text_of(outcome).find(text) != std::string::npos, text);
        BOOST_TEST(world.snapshot().queue_counts().open == 0, text);
    }
}

BOOST_AUTO_TEST_CASE(commands_by_their_configured_names) {
    World world;
    world.config->slack.escalate_command = "/raise";
    slack::SlashCommand command;
    command.command = "/raise";
    command.text = "Checkout fails";
    BOOST_TEST(!world.send(command, ana).refused);
    BOOST_TEST(world.snapshot().queue_counts().open == 1);
    command.command = "/escalate";
    auto const outcome = world.send(command, ana);
    BOOST_TEST(outcome.refused);
    BOOST_TEST(text_of(outcome).find("/raise") != std::string::npos);
    BOOST_TEST(text_of(outcome).find("Checkout fails") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_echo_is_escaped_and_whole) {
    World world;
    std::string text = "sev9 <!channel> *bold* &lt;b&gt; ";
    for (int i = 0; i < 4000; ++i) text += "ä";
    auto const outcome = world.escalate(text, ana);
    BOOST_TEST(outcome.refused);
    std::size_t kept = 0;
    auto const said = text_of(outcome);
    for (std::size_t at = said.find("ä"); at != std::string::npos; at = said.find("ä", at + 2)) ++kept;
    BOOST_TEST(kept == 4000U);
    BOOST_TEST(said.find("<!channel>") == std::string::npos);
    for (auto const& block : outcome.reply.message->blocks) {
        auto const* text_object = block.json.if_contains("text");
        if (text_object == nullptr || text_object->at("text").as_string().find("ä") == boost::json::string::npos) continue;
        BOOST_TEST(text_object->at("type").as_string() == "plain_text");
        BOOST_TEST(slack::blocks::length(std::string_view{text_object->at("text").as_string()}) <= 3000U);
    }
}

BOOST_AUTO_TEST_CASE(unknown_buttons_and_forms_are_refused_with_a_sentence) {
    World world;
    BOOST_TEST(world.press("esc.gone", "1:v1", ana).refused);
    BOOST_TEST(world.submit("esc.gone", "1:v1", {}, ana).refused);
    slack::Shortcut shortcut;
    shortcut.callback_id = "gone";
    BOOST_TEST(world.send(shortcut, ana).refused);
    for (auto const* value :
         {"", "12", "12:v", ":v1", "x:v1", "12:vx", "-1:v1", "0:v1", "12:v0", "12:v1x", "99999999999999999999:v1"})
        BOOST_TEST(world.press("esc.claim", value, ana).refused, value);
}

BOOST_AUTO_TEST_CASE(card_references_survive_their_text) {
    Escalation escalation;
    escalation.id = {12};
    escalation.version = 7;
    BOOST_TEST(CardRef::make(escalation) == "12:v7");
    auto const ref = CardRef::parse("12:v7").value();
    BOOST_TEST(ref.id.number == 12);
    BOOST_TEST(ref.version == 7);
}

BOOST_AUTO_TEST_CASE(what_cannot_concern_us_is_told_in_memory) {
    World world;
    auto const concerns = [&](slack::Payload const& payload) { return world.router.concerns_us(payload, *world.config); };
    slack::ReactionAdded reaction;
    reaction.reaction = "thumbsup";
    BOOST_TEST(!concerns(reaction));
    reaction.reaction = "rotating_light";
    BOOST_TEST(concerns(reaction));
    BOOST_TEST(!Router{}.concerns_us(reaction, *world.config));
    BOOST_TEST(concerns(slack::SlashCommand{}));
    BOOST_TEST(concerns(slack::BlockAction{}));
    BOOST_TEST(concerns(slack::ViewSubmission{}));
    BOOST_TEST(concerns(slack::Shortcut{}));
    BOOST_TEST(!concerns(slack::OtherEvent{}));
    BOOST_TEST(concerns(slack::UserChanged{}));
    BOOST_TEST(!concerns(slack::ViewClosed{}));
    BOOST_TEST(!concerns(slack::OtherInteraction{}));
    BOOST_TEST(concerns(slack::AppHomeOpened{}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
