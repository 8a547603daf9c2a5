// Ways in: the command with text, the form, the shortcut and the reaction, against a store.
#include "handlers/rules/outbox_items.hpp"
#include "handlers/views/views.hpp"

#include "world.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

namespace {

using namespace esc;
using namespace esc::handler_test;

slack::ViewState form(std::string title, std::string severity = "sev2") {
    slack::ViewState state;
    state.values = {{"title", std::move(title)},
                    {"severity", std::move(severity)},
                    {"description", " More about it "},
                    {"account", "Acme Corp"}};
    return state;
}

bool errs_at(handlers::Outcome const& outcome, std::string_view block) {
    for (auto const& error : outcome.reply.view_errors)
        if (error.first == block && !error.second.empty()) return true;
    return false;
}

BOOST_AUTO_TEST_SUITE(raise)

BOOST_AUTO_TEST_CASE(by_text) {
    World world;
    auto const outcome = world.escalate("sev2 for:\"Acme Corp\" Checkout &lt;fails&gt; link:<https://e.example/1|e>", raiser);
    BOOST_TEST(!outcome.refused);
    BOOST_TEST(text_of(outcome).find("ESC-1") != std::string::npos);
    auto const escalation = world.at({1});
    BOOST_TEST(escalation.severity == Severity::sev2);
    BOOST_TEST(escalation.title == "Checkout <fails>");
    BOOST_TEST(escalation.account == "Acme Corp");
    BOOST_TEST(escalation.description == "");
    BOOST_TEST((escalation.origin == Origin::slash_command));
    BOOST_TEST(escalation.source.channel == ChannelId{"C_SOURCE"});
    BOOST_TEST(escalation.workspace == WorkspaceId{"T1"});
    BOOST_TEST(escalation.raised_by == raiser.id);
    BOOST_TEST(escalation.opened_at == t0);
    BOOST_TEST(escalation.state == State::fresh);
    BOOST_TEST(world.outbox() == (std::vector<std::string>{"locate:1", "response:1"}), boost::test_tools::per_element());
    BOOST_TEST(world.problems().empty());
    BOOST_TEST((world.open_one() == EscalationId{2}));
}

BOOST_AUTO_TEST_CASE(a_long_title_is_cut_and_nothing_is_lost) {
    World world;
    std::string const text(200, 'x');
    auto const escalation = world.at(world.open_one(text));
    BOOST_TEST(slack::blocks::length(escalation.title) == 150U);
    BOOST_TEST(escalation.description == text);
}

BOOST_AUTO_TEST_CASE(with_an_owner) {
    struct Row {
        Person const& actor;
        char const* owner;
        bool works;
        bool accepted = false;
    };
    Row const rows[] = {{lea, "U_ANA", true},        {max, "U_ANA", true},     {lea, "U_LEA", true, true},
                        {ana, "U_ANA", true, true},  {ana, "U_BEN", false},    {raiser, "U_ANA", false},
                        {raiser, "U_RAISER", false}, {max, "U_NOBODY", false}, {max, "U_RAISER", false}};
    for (auto const& row : rows) {
        World world;
        auto const outcome = world.escalate(fmt::format("owner:<@{}|x> Checkout fails", row.owner), row.actor);
        BOOST_TEST(outcome.refused != row.works, row.actor.id << " names " << row.owner);
        if (!row.works) {
            BOOST_TEST(world.snapshot().queue_counts().open == 0);  // all or nothing
            BOOST_TEST(text_of(outcome).find("Checkout fails") != std::string::npos);
            BOOST_TEST(text_of(outcome).find("ESC-") == std::string::npos);  // nothing has that key
            continue;
        }
        auto const escalation = world.at({1});
        BOOST_TEST(escalation.owner == PersonId{row.owner});
        BOOST_TEST(escalation.state == State::working);
        BOOST_TEST(escalation.accepted_at.has_value() == row.accepted);
        BOOST_TEST(world.snapshot().outbox_row(fmt::format("notice:1:assigned:{}", row.owner)).has_value() == !row.accepted);
        BOOST_TEST(world.problems().empty());
    }
}

BOOST_AUTO_TEST_CASE(outsiders_raise_nothing) {
    World world;
    BOOST_TEST(world.escalate("Checkout fails", outsider).refused);
    world.react(outsider);
    auto bot = ana;
    bot.active = false;
    world.react(bot);
    BOOST_TEST(world.snapshot().queue_counts().open == 0);
}

BOOST_AUTO_TEST_CASE(the_form_remembers_where_it_was_opened) {
    World world;
    auto const opened = world.escalate("", raiser);
    BOOST_REQUIRE(opened.open_modal.has_value());
    BOOST_TEST(opened.open_modal->callback_id == views::open_callback);
    auto const metadata = opened.open_modal->private_metadata;
    BOOST_TEST(boost::json::parse(metadata).at("channel").as_string() == "C_SOURCE");  // the dispatcher reads it too
    auto const outcome = world.submit(views::open_callback, metadata, form("  Checkout\n fails "), raiser);
    BOOST_TEST(!outcome.refused);
    auto const escalation = world.at({1});
    BOOST_TEST(escalation.title == "Checkout fails");
    BOOST_TEST(escalation.description == "More about it");
    BOOST_TEST(escalation.account == "Acme Corp");
    BOOST_TEST(escalation.severity == Severity::sev2);
    BOOST_TEST((escalation.origin == Origin::modal));
    BOOST_TEST(escalation.source.channel == ChannelId{"C_SOURCE"});
    BOOST_TEST(world.outbox() == (std::vector<std::string>{"locate:1", "response:1"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_form_from_the_global_shortcut_has_no_channel) {
    World world;
    slack::Shortcut shortcut;
    shortcut.callback_id = "new_escalation";
    auto const opened = world.send(shortcut, raiser);
    BOOST_REQUIRE(opened.open_modal.has_value());
    for (auto const& metadata : {opened.open_modal->private_metadata, std::string{}, std::string{"garbage"}, std::string{"[1]"},
                                 std::string{"{\"channel\":7}"}})
        BOOST_TEST(!world.submit(views::open_callback, metadata, form("Checkout fails"), raiser).refused);
    BOOST_TEST(world.at({1}).source.channel.empty());
    // Who raised it is told by direct message, with Undo.
    BOOST_TEST(world.outbox().size() == 10U);
    auto const told = world.snapshot().outbox_row("notice:1:raised:U_RAISER");
    BOOST_REQUIRE(told.has_value());
    auto const fact = rules::NoticeFact::parse(told->item.body).value();
    BOOST_TEST(fact.channel.empty());
    BOOST_TEST(fact.buttons == std::vector<std::string>{"undo"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_form_that_is_sent_again_opens_nothing_new) {
    World world;
    slack::ViewSubmission sent;
    sent.user = raiser.id;
    sent.callback_id = views::open_callback;
    sent.view_id = "V1";
    sent.private_metadata = R"({"channel":"C_SOURCE"})";
    sent.state = form(std::string(151, 'x'));
    BOOST_TEST(world.send(sent, raiser).refused);  // an error uses nothing up
    sent.state = form("Checkout fails");
    BOOST_TEST(!world.send(sent, raiser).refused);
    // The answer was lost: the form is still there, and the button is pressed again.
    auto const again = world.send(sent, raiser);
    BOOST_TEST(!again.refused);
    BOOST_REQUIRE(again.reply.message.has_value());
    BOOST_TEST(again.reply.message->text.find("ESC-1") != std::string::npos);
    BOOST_TEST(world.snapshot().queue_counts().open == 1);
    sent.view_id = "V2";
    BOOST_TEST(!world.send(sent, raiser).refused);
    BOOST_TEST(world.snapshot().queue_counts().open == 2);
    BOOST_TEST(world.problems().empty());
}

BOOST_AUTO_TEST_CASE(the_form_stays_open_with_an_error_at_the_input) {
    World world;
    BOOST_TEST(errs_at(world.submit(views::open_callback, {}, form(" \u00A0 "), raiser), "title"));
    BOOST_TEST(errs_at(world.submit(views::open_callback, {}, form(std::string(151, 'x')), raiser), "title"));
    BOOST_TEST(errs_at(world.submit(views::open_callback, {}, form("x", ""), raiser), "severity"));
    BOOST_TEST(errs_at(world.submit(views::open_callback, {}, form("x", "sev7"), raiser), "severity"));
    BOOST_TEST(errs_at(world.submit(views::open_callback, {}, {}, raiser), "title"));
    BOOST_TEST(errs_at(world.submit(views::open_callback, {}, form("x"), outsider), "title"));
    BOOST_TEST(!world.submit(views::open_callback, {}, form(std::string(150, 'x')), raiser).refused);
    BOOST_TEST(world.snapshot().queue_counts().open == 1);
}

BOOST_AUTO_TEST_CASE(a_reaction_opens_one_escalation_per_message) {
    World world;
    world.config->reactions = {{"rotating_light", Severity::sev3}, {"sos", Severity::sev2}};
    BOOST_TEST(text_of(world.react(raiser, "1700000000.000100", "sos")) == "");  // nobody waits for an answer
    world.react(ana, "1700000000.000100", "rotating_light");
    world.react(raiser, "1700000000.000100", "sos");
    BOOST_TEST(world.snapshot().queue_counts().open == 1);
    auto const escalation = world.at({1});
    BOOST_TEST(escalation.severity == Severity::sev2);
    BOOST_TEST(escalation.title == rules::interim_title);
    BOOST_TEST(escalation.source.ts == MessageTs{"1700000000.000100"});
    world.react(ana, "1700000000.000200");
    BOOST_TEST(world.snapshot().queue_counts().open == 2);
    world.react(ana, "1700000000.000300", "thumbsup");
    world.react(ana, "");
    BOOST_TEST(world.snapshot().queue_counts().open == 2);
    BOOST_TEST(world.problems().empty());
}

BOOST_AUTO_TEST_CASE(a_reaction_counts_from_its_own_time) {
    World world;
    world.now = t0 + 10min;  // delivered late
    world.react(raiser);
    BOOST_TEST(world.at({1}).opened_at == t0);
    BOOST_TEST(world.at({1}).created_at == t0 + 10min);
    slack::ReactionAdded event;
    event.user = raiser.id;
    event.reaction = "rotating_light";
    event.item = {{"C_SOURCE"}, {"1600000000.000100"}, {}};
    for (auto const* ts : {"", "garbage", "1900000000.000000"}) {
        event.event_ts = ts;
        event.item.ts.value += "1";
        world.send(event, raiser);
    }
    for (std::int64_t number = 2; number <= 4; ++number) BOOST_TEST(world.at({number}).opened_at == world.now);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
