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
        {"#1", "To see ESC-1: /escalate show 1"},
        {"esc1", "To see ESC-1: /escalate show 1"},
        {"ESC-1.", "To see ESC-1: /escalate show 1"},
        {"99", "There is no ESC-99."},
        {"99", "Open it as an escalation"},
        {"claim 1 2", "is left over. Did you mean: /escalate claim 1"},
        {"claim ESC-1 ESC-2", "claim takes one key and no more"},
        {"claim 1 please", "is left over"},
        {"claim 1 customers cannot log in", "Open it as an escalation"},
        {"ack 1 2", "left over"},
        {"history 1 1", "ESC-1"},
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
        {"sev2 500 on checkout", "ESC-2", true},
        {"sev2 1", " alone is no title"},
        {"sev2 1", "severity 1 sev2"},
        {"for:acme ESC-1", " alone is no title"},
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
        {"claim12 page fails for all users", "Did you mean: /escalate claim 12", "claim 12"},
        {"resolve1 fixed it", "Did you mean: /escalate resolve 1 fixed it", "resolve 1 fixed it"},
        {"show1 again", "Did you mean: /escalate show 1", "show 1"},
        {"1resolve fixed it", "Did you mean: /escalate resolve 1 fixed it", "resolve 1 fixed it"},
        {"Show3D crashes", nullptr},
        {"note12a", nullptr},
        {"12 claim", "Did you mean: /escalate claim 12", "claim 12"},
        {"#12 claim", "Did you mean: /escalate claim 12", "claim 12"},
        {"12 claim forms are lost", "Did you mean: /escalate claim 12", "claim 12"},
        {"1 resolve Restarted the DB", "Did you mean: /escalate resolve 1 Restarted the DB", "resolve 1 Restarted the DB"},
        {"1 close", "Did you mean: /escalate resolve 1", "resolve 1"},
        {"claim 1, please", "Did you mean: /escalate claim 1", "claim 1"},
        {"watch off 1", "Did you mean: /escalate watch 1 off", "watch 1 off"},
        {"assign <@U1|bo> 1", "Did you mean: /escalate assign 1 @bo", "assign 1 <@U1|bo>"},
        {"assign to <@U1|bo> 1", "Did you mean: /escalate assign 1 to @bo", "assign 1 to <@U1|bo>"},
        {"severity sev2 1", "Did you mean: /escalate severity 1 sev2", "severity 1 sev2"},
        {"close 1 fixed", "Did you mean: /escalate resolve 1 fixed", "resolve 1 fixed"},
        {"close 1", "Did you mean: /escalate resolve 1", "resolve 1"},
        {"done with 1", "Did you mean: /escalate resolve 1", "resolve 1"},
        {"take 1 now", "Did you mean: /escalate claim 1", "claim 1"},
        {"own ESC-1", "Did you mean: /escalate claim 1", "claim 1"},
        {"reassign 1 <@U1|bo>", "Did you mean: /escalate override 1 @bo", "override 1 <@U1|bo>"},
        {"snooze 1 customer", "Did you mean: /escalate wait 1 customer", "wait 1 customer"},
        {"comment 1 called back", "Did you mean: /escalate note 1 called back", "note 1 called back"},
        {"ping 1 are you there", "With ESC-1 there are: accept"},
        {"help claim 1", "Did you mean: /escalate help claim", "help claim"},
        {"note hello", "note needs a key right after it: /escalate note 12 text"},
        {"claim it", "claim needs a key right after it: /escalate claim 12"},
        {"handoff", "The closest is: /escalate brief 12"},
        {"list", "Did you mean: /queue\"", ""},
        {"list unowned", "Did you mean: /queue unowned", "unowned"},
        {"help queue", "Did you mean: /queue help", "help"},
        {"i am away 2h", "Did you mean: /escalate away 2h", "away 2h"},
        {"I\u2019m away", "Did you mean: /escalate away", "away"},
        {"ESC-12 resolve It works  again", "Did you mean: /escalate resolve 12 It works  again", "resolve 12 It works  again"},
        {"12 customers", nullptr},
        {"claim esc 12", "Did you mean: /escalate claim 12", "claim 12"},
        {"resolve ESC 12 done", "Did you mean: /escalate resolve 12 done", "resolve 12 done"},
        {"claim #12 was paid twice", "Did you mean: /escalate claim 12", "claim 12"},
        {"show 12.", "Did you mean: /escalate show 12", "show 12"},
        {"show (ESC-12)", "Did you mean: /escalate show 12", "show 12"},
        {"resolve it.", "resolve needs a key right after it: /escalate resolve 12 text"},
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
            if (std::string_view{row.text}.find('<') == std::string_view::npos)
                BOOST_TEST(said.find("/escalate " + std::string{row.text}) != std::string::npos, said);  // the echo
            BOOST_TEST(said.find("Open it as an escalation") != std::string::npos, said);
            BOOST_TEST((said.find("Yes, do that") != std::string::npos) == (row.done != nullptr), said);
            if (row.done != nullptr && *row.done != '\0')
                BOOST_TEST(said.find(fmt::format(R"("value":"{}")", row.done)) != std::string::npos, said);
        }
    }
}

// What people write when something is wrong wakes somebody without a question.
BOOST_AUTO_TEST_CASE(a_real_title_opens_at_once) {
    for (auto const* title : {"Node 12 is down",
                              "Line 4 is noisy since noon",
                              "Error 500 on checkout",
                              "Order 4711 paid twice",
                              "2 customers cannot log in",
                              "claim form broken for all users",
                              "resolve billing outage",
                              "Show page is empty",
                              "Note field loses text",
                              "Link in the mail is dead",
                              "3 invoices were sent twice",
                              "502 from the gateway since 9:00",
                              "Acme: 12 users locked out",
                              "Customer 4711 gets 403",
                              "v2 API answers 500",
                              "iOS 17 app crashes at start",
                              "404 on the pricing page",
                              "Payment of 500 EUR lost",
                              "Port 443 is closed",
                              "SSO down",
                              "outage",
                              "Checkout down",
                              "Login broken",
                              "watch list is empty for everyone",
                              "History of orders is gone",
                              "Wait times over 5 minutes",
                              "Merge of accounts lost data",
                              "Accept button does nothing since 14:00",
                              "Refund of 20 EUR missing",
                              "#checkout fails",
                              "help desk is down",
                              "24 tickets about the same bug",
                              "Customer is away from home, parcel 12 returned",
                              "List of 3 outages",
                              "Open invoices of 2025 vanished",
                              "Everything is slow 10x"}) {
        World world;
        auto const outcome = world.escalate(title, lea);
        BOOST_TEST(!outcome.refused, title << ": " << text_of(outcome));
        BOOST_TEST(world.snapshot().queue_counts().open == 1, title);
    }
}

BOOST_AUTO_TEST_CASE(a_verb_after_the_queue_command_is_led_to_the_other_one) {
    struct Row {
        char const* text;
        char const* said;
    };
    Row const rows[] = {
        {"claim 1", "Did you mean: /escalate claim 1"},
        {"show 1", "Did you mean: /escalate show 1"},
        {"show1", "Did you mean: /escalate show 1"},
        {"close 1 fixed", "Did you mean: /escalate resolve 1 fixed"},
        {"ESC-1", "To see ESC-1: /escalate show 1"},
        {"ESC-99", "There is no ESC-99."},
        {"away 2h", "Did you mean: /escalate away 2h"},
        {"breched sev1", "The closest is: /queue breached sev1"},
        {"sev1  breched for:acme", R"("value":"sev1  breached for:acme")"},
    };
    for (auto const& row : rows) {
        World world;
        world.open_one();
        slack::SlashCommand command;
        command.command = "/queue";
        command.text = row.text;
        auto const outcome = world.send(command, ana);
        auto const said = text_of(outcome);
        BOOST_TEST(outcome.refused, row.text);
        BOOST_TEST(said.find(row.said) != std::string::npos, row.text << ": " << said);
        BOOST_TEST(said.find("/queue " + std::string{row.text}) != std::string::npos, said);  // the echo
        BOOST_TEST(said.find("Open it as an escalation") == std::string::npos, said);
        BOOST_TEST((said.find("Yes, do that") != std::string::npos) == (said.find("There is no ESC") == std::string::npos), said);
        BOOST_TEST(!world.at({1}).owned());
    }
    World world;
    BOOST_TEST(text_of(world.press("esc.queue", "help", ana)).find("narrows it") != std::string::npos);
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
    // What has no place in the form stands in it all the same.
    auto const named = world.press("esc.open.typed", "owner:<@U_ANA|ana> link:https://a.example link:https://b.example", lea);
    auto const all = boost::json::serialize(named.open_modal.value().json());
    BOOST_TEST(all.find("owner:@ana link:https://a.example link:https://b.example") != std::string::npos, all);
    auto const longer = world.press("esc.open.typed", "claim12 " + std::string(400, 'x'), lea);
    BOOST_REQUIRE(longer.open_modal.has_value());
    BOOST_TEST(boost::json::serialize(longer.open_modal->json()).find(std::string(400, 'x')) != std::string::npos);
    BOOST_TEST(world.snapshot().queue_counts().open == 1);

    // What no button can hold is said in words; the echo has all of it.
    auto const endless = text_of(world.escalate("resolv 1 " + std::string(2500, 'x'), lea));
    BOOST_TEST(endless.find("Yes, do that") == std::string::npos);
    BOOST_TEST(endless.find("Put sev1 to sev4 in front") != std::string::npos);
    BOOST_TEST(endless.find(std::string(2500, 'x')) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_refusal_says_what_was_typed_with_names_and_what_a_button_stood_for) {
    World world;
    world.open_one();
    world.escalate("claim 1", ben);
    auto const typed = text_of(world.escalate("helper 1 <@U_BEN>", ben));
    BOOST_TEST(typed.find("You typed:") != std::string::npos, typed);
    BOOST_TEST(typed.find("/escalate helper 1 @" + ben.name) != std::string::npos, typed);
    BOOST_TEST(typed.find("@U_BEN") == std::string::npos, typed);
    auto const pressed = text_of(world.press("esc.form", "claim 1", ana));
    BOOST_TEST(pressed.find("You typed:") == std::string::npos, pressed);
    BOOST_TEST(pressed.find("Not done:") != std::string::npos, pressed);
    BOOST_TEST(pressed.find("/escalate claim 1") != std::string::npos, pressed);
}

BOOST_AUTO_TEST_CASE(what_misses_a_title_or_names_an_owner_is_finished_in_the_form) {
    for (auto const* text :
         {"sev2 for:acme link:https://a.example/1", "sev2 for:acme link:https://a.example/1 owner:<@U_BEN> down"}) {
        World world;
        auto const outcome = world.escalate(text, ana);
        BOOST_TEST(outcome.refused);
        auto const said = text_of(outcome);
        BOOST_TEST(said.find("Open the form") != std::string::npos, said);
        auto const form = world.press("esc.open.typed", text, ana);
        BOOST_REQUIRE(form.open_modal.has_value());
        auto const shown = boost::json::serialize(form.open_modal->json());
        for (auto const* part : {R"("initial_value":"acme")", R"("initial_value":"https://a.example/1")", R"("value":"SEV2")"})
            BOOST_TEST(shown.find(part) != std::string::npos, part << shown);
        BOOST_TEST(world.snapshot().queue_counts().open == 0);
    }
}

BOOST_AUTO_TEST_CASE(watching_is_turned_over_or_off) {
    World world;
    world.open_one();
    BOOST_TEST(world.escalate("watch 1 off", ana).refused);
    BOOST_TEST(world.escalate("watch 1 of", ana).refused);
    BOOST_TEST(text_of(world.escalate("watch 1", ana)).find("You watch ESC-1 now") != std::string::npos);
    BOOST_TEST(text_of(world.escalate("watch 1 OFF", ana)).find("You do not watch") != std::string::npos);
    BOOST_TEST(world.at({1}).details.participants.empty());
}

BOOST_AUTO_TEST_CASE(help_is_asked_for_in_many_ways) {
    for (auto const* text : {"help", "Help", "?", "-h", "--help"}) {
        World world;
        auto const outcome = world.escalate(text, ana);
        BOOST_TEST(!outcome.refused, text);
        BOOST_TEST(text_of(outcome).find("/queue") != std::string::npos, text);
        BOOST_TEST(world.snapshot().queue_counts().open == 0, text);
        auto const guest = text_of(world.escalate(text, outsider));
        BOOST_TEST(
            (guest.find("/queue") == std::string::npos && guest.find("Only people of this workspace") != std::string::npos),
            guest);
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
    BOOST_TEST(!ref.shown.has_value());
    escalation.state = State::waiting_customer;
    escalation.severity = Severity::sev2;
    for (auto const* owner : {"", "U1"}) {
        escalation.owner = {owner};
        auto const card = CardRef::parse(CardRef::make_of_card(escalation)).value();
        BOOST_TEST(card.id.number == 12);
        BOOST_TEST(card.version == 7);
        BOOST_REQUIRE(card.shown.has_value());
        BOOST_TEST((*card.shown == CardRef::shown_of(escalation)));
    }
    // Names, which stay, and no words, which may be put better one day.
    escalation.owner = {"U1"};
    BOOST_TEST(CardRef::make_of_card(escalation) == "12:v7:waiting_customer:SEV2:U1");
    for (auto const* value : {"12:v7:waiting on the customer:SEV2:U1", "12:v7:::", "12:v7:x", "12:v7:tea:SEV9:U1:more"}) {
        auto const old = CardRef::parse(value);
        BOOST_TEST_REQUIRE(old.has_value(), value);
        BOOST_TEST(old->version == 7, value);
        BOOST_TEST_REQUIRE(old->shown.has_value(), value);
        BOOST_TEST(!old->shown->state.has_value(), value);
    }
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
