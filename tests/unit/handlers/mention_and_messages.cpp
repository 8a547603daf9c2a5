// The bot called by its name, messages in the threads of escalations, and what is done to the message one was raised from.
#include "bot/slack/payloads.hpp"
#include "handlers/located.hpp"

#include "world.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>

namespace {

using namespace esc;
using namespace esc::handler_test;
using handlers::LocateFacts;

constexpr char const* source_ts = "1700000000.000100";

slack::AppMention mention(std::string const& text, std::string const& ts, std::string const& thread_ts = "") {
    slack::AppMention in;
    in.message = {{"C_SOURCE"}, {ts}, {thread_ts}};
    in.text = text;
    return in;
}
slack::MessagePosted posted(std::string const& text, std::string const& ts, std::string const& thread_ts = source_ts) {
    slack::MessagePosted in;
    in.message = {{"C_SOURCE"}, {ts}, {thread_ts}};
    in.text = text;
    return in;
}

struct Talk : World {
    // As the dispatcher does: the mention and the message it stands in.
    std::string say(Person const& who, std::string const& text, std::string const& thread_ts = "") {
        auto const ts = fmt::format("{}.000000", to_unix(now) + ++said);
        send(posted(text, ts, thread_ts), who);
        return text_of(send(mention(text, ts, thread_ts), who));
    }
    // ESC-1 from a message of `author`, placed.
    EscalationId from_message(Person const& author, bool shared = true, bool is_private = false) {
        react(ana, source_ts);
        LocateFacts facts{.id = {1}};
        facts.source_channel = channel("C_SOURCE");
        facts.source_channel->shared = shared;
        facts.source_channel->is_private = is_private;
        facts.triage_channel = channel("C_TRIAGE");
        if (!is_private) facts.message_text = "Checkout fails";
        facts.writer = author.id;
        facts.writer_external = author.role == Role::outsider;
        locate(facts);
        return {1};
    }
    int said = 0;
};

BOOST_AUTO_TEST_SUITE(mention_and_messages)

BOOST_AUTO_TEST_CASE(what_stands_behind_the_bots_name) {
    struct Row {
        char const* text;
        std::optional<std::string_view> said;
    };
    for (auto const& row :
         {Row{"<@U_BOT> help", "help"}, Row{"<@U_BOT|escalations>: help", "help"}, Row{"<@U_BOT>, help", "help"},
          Row{"<@U_BOT>", ""}, Row{"hi <@U_BOT>  x ", "x"}, Row{"<@U_BOTTLE> x", std::nullopt},
          Row{"<@U_BOTTLE> <@U_BOT> y", "y"}, Row{"x", std::nullopt}, Row{"<@U_BOT", std::nullopt}}) {
        auto const said = handlers::said_to({"U_BOT"}, row.text);
        BOOST_TEST(said.has_value() == row.said.has_value(), row.text);
        if (said && row.said) BOOST_TEST(*said == *row.said, row.text);
    }
}

BOOST_AUTO_TEST_CASE(a_mention_is_read_as_the_escalate_command) {
    struct Row {
        char const* text;
        char const* answer;  // part of it; empty: none at all
        bool raised = false;
    };
    Row const rows[] = {
        {"<@U_BOT> help", "/queue"},
        {"<@U_BOT>", "/queue"},
        {"<@U_BOT> escalate help", "/queue"},
        {"<@U_BOT> escalate", "modal esc.open"},
        {"<@U_BOT> escalate Checkout fails", "ESC-2", true},
        {"<@U_BOT> /escalate Checkout fails", "ESC-2", true},
        {"hello <@U_BOT> escalate Checkout fails", "SEV3: Checkout fails", true},
        {"Our export is broken <@U_BOT> escalate sev2", "SEV2: Our export is broken", true},
        {"Our export <@U_BOT> escalate sev2 is broken", "SEV2: Our export is broken", true},
        {"Our export is broken <@U_BOT> escalate", "SEV3: Our export is broken", true},
        {"hi, please <@U_BOT> escalate", "modal esc.open"},
        {"Our export is broken <@U_BOT> escalate show 1", "ESC-1"},
        {"<@U_BOT> sev2 Checkout fails", "ESC-2", true},
        {"<@U_BOT> sev 2 Checkout fails", "SEV2: Checkout fails", true},
        {"<@U_BOT> sev9 Checkout fails", "There is no sev9"},
        {"<@U_BOT> sev 9 Checkout fails", "There is no sev9"},
        {"<@U_BOT> show 1", "ESC-1"},
        {"<@U_BOT> escalate show 1", "ESC-1"},
        {"<@U_BOT> clam 1", "<@U_BOT> claim 1"},
        {"<@U_BOT> show1", "<@U_BOT> show 1"},
        {"<@U_BOT> mine", "/queue mine"},
        {"<@U_BOT> ?", "/queue"},
        {"<@U_BOT> what now", "<@U_BOT> help"},
        {"<@U_BOT> claim", "claim"},
        {"<@U_BOT> several people complain", "That is no command"},
        {"<@U_BOT> thanks a lot", "thanks a lot"},  // echoed
        {"thanks <@U_BOT>", ""},
        {"I told <@U_BOT> claim 1", ""},
        {"<@U_OTHER> claim 1", ""},
    };
    for (auto const& row : rows) {
        Talk world;
        world.open_one();
        auto const answer = world.say(ana, row.text);
        BOOST_TEST(answer.find("@bot") == std::string::npos, answer);  // it has another name everywhere
        if (*row.answer == '\0')
            BOOST_TEST(answer.empty(), row.text << ": " << answer);
        else
            BOOST_TEST(answer.find(row.answer) != std::string::npos, row.text << ": " << answer);
        BOOST_TEST(world.snapshot().escalation({2}).has_value() == row.raised, row.text);
        BOOST_TEST(!world.at({1}).owned(), row.text);
    }
}

BOOST_AUTO_TEST_CASE(a_raise_by_mention_has_its_message_or_thread_as_source_and_there_is_one_per_thread) {
    Talk world;
    world.say(ana, "<@U_BOT> escalate Checkout fails");
    BOOST_TEST(world.at({1}).source.ts.value == fmt::format("{}.000000", to_unix(t0) + 1));
    world.say(ana, "<@U_BOT> escalate Search fails", "1699999999.000100");
    BOOST_TEST(world.at({2}).source.ts.value == "1699999999.000100");
    BOOST_TEST(world.say(ben, "<@U_BOT> escalate Something else", "1699999999.000100").find("ESC-2") != std::string::npos);
    BOOST_TEST(!world.snapshot().escalation({3}).has_value());
    // A reaction on the thread's first message is the same source too.
    world.react(ana, "1699999999.000100");
    BOOST_TEST(!world.snapshot().escalation({3}).has_value());
}

BOOST_AUTO_TEST_CASE(the_form_button_does_what_the_mention_asked) {
    World world;
    world.open_one();
    world.escalate("claim 1", ana);
    BOOST_TEST(text_of(world.press("esc.form", "resolve 1", ana)).find("modal esc.resolve") != std::string::npos);
    BOOST_TEST(text_of(world.press("esc.form", "escalate resolve 1", ana)).find("modal esc.resolve") != std::string::npos);
    BOOST_TEST(text_of(world.press("esc.form", "escalate", ana)).find("modal esc.open") != std::string::npos);
    BOOST_TEST(text_of(world.press("esc.form", "", ana)).find("modal esc.open") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_customer_commands_nothing_and_stays_a_customer) {
    Talk world;
    auto const id = world.from_message(outsider);
    BOOST_TEST(world.at(id).details.customer == outsider.id);
    world.now = t0 + 10min;
    world.send(posted("We are on it", "1700000300.000000"), ben);
    BOOST_TEST(world.at(id).clock(ClockKind::first_response) == nullptr);
    world.now = t0 + 20min;
    for (auto const* text :
         {"<@U_BOT> claim 1", "<@U_BOT> our export is broken", "<@U_BOT> escalate", "see <@U_BOT> escalate it"})
        BOOST_TEST(world.say(outsider, text, source_ts).find("Only people of this workspace can raise") != std::string::npos,
                   text);
    BOOST_TEST(world.say(outsider, "thanks <@U_BOT>", source_ts).empty());
    BOOST_TEST(!world.at(id).owned());
    BOOST_TEST(world.at(id).clock(ClockKind::next_response) != nullptr);
    // A colleague's command is no answer; a colleague's talk to the bot is one.
    world.say(ana, "<@U_BOT> claim 1", source_ts);
    BOOST_TEST(world.at(id).owner == ana.id);
    BOOST_TEST(world.at(id).clock(ClockKind::next_response) != nullptr);
    world.send(posted("ask <@U_BOT> if you like", "1700001199.000000"), ana);
    world.now = t0 + 30min;
    world.send(posted("ask <@U_BOT> if you like", "1700001500.000000"), ana);
    BOOST_TEST(world.at(id).clock(ClockKind::next_response) == nullptr);
    BOOST_TEST(world.problems().empty());
}

BOOST_AUTO_TEST_CASE(which_messages_concern_us) {
    World world;
    auto const concerns = [&](slack::Payload const& payload) { return world.router.concerns_us(payload, *world.config); };
    BOOST_TEST(!concerns(posted("x", "1.1", "")));
    BOOST_TEST(concerns(posted("x", "1.1", "1.0")));
    BOOST_TEST(concerns(mention("x", "1.1")));
    BOOST_TEST(concerns(slack::MessageChanged{}));
    BOOST_TEST(concerns(slack::MessageDeleted{}));
}

BOOST_AUTO_TEST_CASE(a_message_in_a_thread_without_an_escalation_changes_nothing) {
    Talk world;
    world.from_message(outsider);
    auto const version = world.at({1}).version;
    world.send(posted("x", "1700000300.000000", "1600000000.000000"), outsider);
    world.send(posted("x", source_ts, source_ts), outsider);  // the source itself, heard late
    BOOST_TEST(world.at({1}).version == version);
}

BOOST_AUTO_TEST_CASE(the_same_message_event_again_does_nothing) {
    Talk world;
    auto const id = world.from_message(outsider);
    world.now = t0 + 10min;
    world.send(posted("one", "1700000100.000000"), outsider);
    world.send(posted("two", "1700000200.000000"), outsider);
    auto const version = world.at(id).version;
    world.send(posted("one", "1700000100.000000"), outsider);
    world.send(posted("two", "1700000200.000000"), outsider);
    BOOST_TEST(world.at(id).version == version);
}

BOOST_AUTO_TEST_CASE(who_wrote_it_and_where_is_written_down) {
    Talk world;
    auto const id = world.from_message(outsider, true, true);
    auto const& details = world.at(id).details;
    BOOST_TEST(details.private_source);
    BOOST_TEST(details.shared_source);
    BOOST_TEST((world.snapshot().by_source({std::string{thread_system}, fmt::format("C_SOURCE:{}", source_ts), {}}) == id));
    Talk other;
    BOOST_TEST(other.at(other.from_message(raiser, false)).details.customer.empty());
}

BOOST_AUTO_TEST_CASE(a_reply_that_was_raised_is_heard_by_its_thread_and_the_newest_escalation_has_it) {
    World world;
    for (auto const* ts : {"1700000000.000200", "1700000000.000300"}) {
        world.react(ana, ts);
        LocateFacts facts{.id = {ts[16] == '2' ? 1 : 2}};
        facts.source_channel = channel("C_SOURCE");
        facts.triage_channel = channel("C_TRIAGE");
        facts.writer = outsider.id;
        facts.writer_external = true;
        facts.thread_ts = {"1700000000.000100"};
        world.locate(facts);
    }
    BOOST_TEST(world.at({2}).source.thread_ts.value == "1700000000.000100");
    world.now = t0 + 10min;
    world.send(posted("We are on it", "1700000300.000000", "1700000000.000100"), ben);
    BOOST_TEST(world.at({1}).clock(ClockKind::first_response) != nullptr);
    BOOST_TEST(world.at({2}).clock(ClockKind::first_response) == nullptr);
    BOOST_TEST(world.problems().empty());
}

BOOST_AUTO_TEST_CASE(without_a_seat_in_the_channel_the_raiser_is_told_how_to_invite) {
    for (auto const unseen : {false, true}) {
        World world;
        world.react(ana, source_ts);
        LocateFacts facts{.id = {1}};
        facts.triage_channel = channel("C_TRIAGE");
        facts.unseen = unseen;
        if (!unseen) {
            facts.source_channel = channel("C_SOURCE");
            facts.source_channel->member = false;
        }
        world.locate(facts);
        auto const row = world.snapshot().outbox_row("notice:1:located:U_ANA");
        BOOST_TEST_REQUIRE(row.has_value());
        BOOST_TEST(row->item.body.find("/invite") != std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(edits_and_deletions_of_the_source) {
    Talk world;
    auto const id = world.from_message(raiser, false);
    slack::MessageChanged changed;
    changed.message = {{"C_SOURCE"}, {source_ts}, {}};
    changed.text = "Search &amp; checkout fail";
    changed.event_ts = "1700000300.000000";
    world.now = t0 + 10min;
    world.send(changed, raiser);
    BOOST_TEST(world.at(id).title == "Search & checkout fail");
    BOOST_TEST(world.at(id).description == "Search & checkout fail");
    auto const version = world.at(id).version;
    world.send(changed, raiser);
    BOOST_TEST(world.at(id).version == version);
    changed.message.ts = {"1600000000.000000"};
    world.send(changed, raiser);
    slack::MessageDeleted deleted;
    deleted.message = {{"C_SOURCE"}, {source_ts}, {}};
    world.send(deleted, Person{});
    BOOST_TEST(world.at(id).details.source_deleted);
    BOOST_TEST(world.at(id).title == "Search & checkout fail");
    BOOST_TEST(world.events(id).back() == EventType::source_deleted);
    BOOST_TEST(world.problems().empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
