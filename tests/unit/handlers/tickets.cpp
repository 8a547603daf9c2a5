// Which addresses are tickets', and what joins the escalations that name one: typed, in a message, in the form.
#include "handlers/rules/tickets.hpp"

#include "handlers/rules/work.hpp"
#include "handlers/views/raise.hpp"
#include "handlers/views/views.hpp"

#include "views_data.hpp"
#include "world.hpp"

#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>

namespace {

using namespace esc;
using namespace esc::handler_test;
using rules::ticket_address;
using rules::tickets_in;

std::string const ticket = "https://acme.zendesk.com/agent/tickets/12";

handlers::LocateFacts names(EscalationId id, std::vector<std::string> tickets) {
    handlers::LocateFacts facts;
    facts.id = id;
    facts.source_channel = channel("C_SOURCE");
    facts.triage_channel = channel("C_TRIAGE");
    facts.message_text = "Checkout fails, see the ticket";
    facts.tickets = std::move(tickets);
    return facts;
}

std::string thread_of(World const& world, EscalationId id) {
    std::string all;
    for (auto const& row : world.snapshot().outbox_due(OutboxKind::thread_note, world.now + 1000h, 100))
        if (row.item.escalation == id) all += row.item.body + "\n";
    return all;
}

std::string card_of(World const& world, EscalationId id) {
    return boost::json::serialize(view_test::as_json(views::card(world.at(id), {}, world.snapshot().links(id), world.now)));
}

bool has(std::string const& text, std::string_view part) { return text.find(part) != std::string::npos; }

BOOST_AUTO_TEST_SUITE(tickets)

BOOST_AUTO_TEST_CASE(all_ways_of_writing_a_tickets_address_come_to_one) {
    struct Row {
        char const* written;
        char const* address;
    };
    for (auto const& row : {
             Row{"https://acme.zendesk.com/agent/tickets/12", "https://acme.zendesk.com/agent/tickets/12"},
             Row{"HTTP://Acme.Zendesk.COM:80/agent/tickets/12/?brand=1#comment", "https://acme.zendesk.com/agent/tickets/12"},
             Row{"https://acme.zendesk.com/tickets/12", "https://acme.zendesk.com/agent/tickets/12"},
             Row{"https://acme.zendesk.com/hc/en-us/requests/12", "https://acme.zendesk.com/agent/tickets/12"},
             Row{"https://help.acme.example/hc/requests/12", "https://help.acme.example/agent/tickets/12"},
             Row{"https://acme.freshdesk.com/a/tickets/7", "https://acme.freshdesk.com/a/tickets/7"},
             Row{"https://acme.freshdesk.com/helpdesk/tickets/7", "https://acme.freshdesk.com/a/tickets/7"},
             Row{"https://acme.freshdesk.com/support/tickets/7", "https://acme.freshdesk.com/a/tickets/7"},
             Row{"https://app.intercom.com/a/inbox/ab1c/inbox/admin/55/conversation/987?view=List",
                 "https://app.intercom.com/a/inbox/ab1c/inbox/conversation/987"},
             Row{"https://app.eu.intercom.com/a/apps/ab1c/inbox/inbox/all/conversations/987",
                 "https://app.eu.intercom.com/a/inbox/ab1c/inbox/conversation/987"},
             Row{"https://app.hubspot.com/contacts/4711/ticket/99", "https://app.hubspot.com/contacts/4711/record/0-5/99"},
             Row{"https://app.hubspot.com/contacts/4711/record/0-5/99/", "https://app.hubspot.com/contacts/4711/record/0-5/99"},
             Row{"https://app.hubspot.com/help-desk/4711/view/1/ticket/99",
                 "https://app.hubspot.com/contacts/4711/record/0-5/99"},
             Row{"https://desk.acme.example/#ticket/zoom/31/88", "https://desk.acme.example/#ticket/zoom/31"},
             Row{"https://acme.example/zammad#ticket/zoom/31", "https://acme.example/zammad/#ticket/zoom/31"},
             Row{"https://chat.acme.example/app/accounts/2/inbox/5/conversations/8?messageId=1",
                 "https://chat.acme.example/app/accounts/2/conversations/8"},
             Row{"https://rt.acme.example/rt/Ticket/Display.html?Foo=1&id=44#txn-9",
                 "https://rt.acme.example/rt/Ticket/Display.html?id=44"},
             Row{"https://rt.acme.example/SelfService/Display.html?id=44", "https://rt.acme.example/Ticket/Display.html?id=44"},
             Row{"https://acme.atlassian.net/browse/ops-12?focusedCommentId=5", "https://acme.atlassian.net/browse/OPS-12"},
             Row{"https://jira.acme.example:8443/jira/browse/OPS-12", "https://jira.acme.example:8443/jira/browse/OPS-12"},
             Row{"https://acme.atlassian.net/servicedesk/customer/portal/3/OPS-12", "https://acme.atlassian.net/browse/OPS-12"},
             Row{"https://acme.atlassian.net/jira/software/projects/OPS/boards/1?selectedIssue=OPS-12",
                 "https://acme.atlassian.net/browse/OPS-12"},
             Row{"https://acme.atlassian.net/jira/servicedesk/projects/OPS/queues/custom/4/OPS-12",
                 "https://acme.atlassian.net/browse/OPS-12"},
             Row{"https://linear.app/Acme/issue/eng-5/checkout-fails", "https://linear.app/acme/issue/ENG-5"},
             Row{"https://github.com/Acme/Shop/issues/3#issuecomment-1", "https://github.com/acme/shop/issues/3"},
             Row{"https://github.com/acme/shop/pull/3/files", "https://github.com/acme/shop/issues/3"},
             Row{"https://gitlab.acme.example/Group/sub/shop/-/issues/3",
                 "https://gitlab.acme.example/group/sub/shop/-/issues/3"},
             Row{"https://gitlab.com/acme/shop/-/work_items/3", "https://gitlab.com/acme/shop/-/issues/3"},
             Row{"https://gitlab.com/acme/shop/issues/3", "https://gitlab.com/acme/shop/-/issues/3"},
             Row{"https://gitlab.com/acme/shop/-/merge_requests/3/diffs", "https://gitlab.com/acme/shop/-/merge_requests/3"},
         }) {
        BOOST_TEST_CONTEXT(row.written) {
            auto const address = ticket_address(row.written);
            BOOST_TEST_REQUIRE(address.has_value());
            BOOST_TEST(*address == row.address);
            BOOST_TEST(ticket_address(*address).value_or("") == row.address);
            // Typed behind link: it is the same.
            BOOST_TEST(rules::normal_url(row.written).value() == row.address);
        }
    }
}

BOOST_AUTO_TEST_CASE(other_pages_are_none) {
    for (std::string const url : {
             "",
             "tickets/12",
             "ftp://acme.zendesk.com/agent/tickets/12",
             "javascript://acme.zendesk.com/agent/tickets/12",
             "https://acme.zendesk.com",
             "https://acme.zendesk.com/agent/dashboard",
             "https://acme.zendesk.com/agent/tickets/",
             "https://acme.zendesk.com/agent/tickets/new/1",
             "https://acme.zendesk.com/agent/tickets/12x",
             "https://acme.zendesk.com/agent/tickets/%31",
             "https://acme.zendesk.com/agent/tickets/0",
             "https://acme.zendesk.com/agent/tickets/12345678901234567890",
             "https://acme.zendesk.com/x/../agent/tickets/12",
             "https://acme.zendesk.com/hc/en-us/articles/12",
             "https://user:secret@acme.zendesk.com/agent/tickets/12",
             "https://acme.zendesk.com@evil.example/agent/tickets/12",
             "https://acme.zendesk.com\\@evil.example/agent/tickets/12",
             "https://acme.zendesk.com./agent/tickets/12",
             "https://.zendesk.com/agent/tickets/12",
             "https://acme..zendesk.com/agent/tickets/12",
             "https://localhost/agent/tickets/12",
             "https://[::1]/agent/tickets/12",
             "https://acme.zendesk.com:x/agent/tickets/12",
             "https://\xD0\xB0\x63me.zendesk.com/agent/tickets/12",
             "https://acme.zendesk.com/agent/tickets/12\n",
             "https://evilzendesk.com/tickets/12",
             "https://zendesk.com.evil.example/tickets/12",
             "https://evil.example/support/tickets/7",
             "https://notgithub.com/acme/shop/issues/3",
             "https://github.com/acme/shop/issues",
             "https://github.com/acme/shop/blob/main/issues/3",
             "https://github.com/acme/shop/issues/new",
             "https://gitlab.com/-/issues/3",
             "https://gitlab.acme.example/acme/shop/issues/3",
             "https://docs.google.com/document/d/1x/edit",
             "https://acme.example/status.png?id=44",
             "https://acme.example/Display.html?id=44",
             "https://rt.acme.example/Ticket/Display.html?id=",
             "https://rt.acme.example/Ticket/Display.html?ticket=44",
             "https://acme.example/browse/2024-12-24",
             "https://acme.example/browse/OPS-12/edit",
             "https://acme.example/browse/OPS-",
             "https://linear.app/acme/team/ENG/all",
             "https://linear.app.evil.example/acme/issue/ENG-5",
             "https://desk.acme.example/#ticket/view/31",
             "https://acme.slack.com/archives/C1/p1700000000000100",
         })
        BOOST_TEST(!ticket_address(url).has_value(), url);
    BOOST_TEST(!ticket_address("https://acme.zendesk.com/agent/tickets/12?" + std::string(2000, 'x')).has_value());
}

BOOST_AUTO_TEST_CASE(a_text_names_tickets_once_each_and_no_label_counts) {
    using All = std::vector<std::string>;
    struct Row {
        std::string text;
        All found;
    };
    std::string many;
    for (int i = 1; i <= 6; ++i) many += fmt::format(" https://acme.zendesk.com/agent/tickets/{}", i);
    for (auto const& row : std::vector<Row>{
             {"", {}},
             {"Nothing here: acme.zendesk.com/agent/tickets/12", {}},
             {"See " + ticket + ".", {ticket}},
             {"See (" + ticket + "), please!", {ticket}},
             {"<" + ticket + ">", {ticket}},
             {"<" + ticket + "|the ticket> and <" + ticket + "#c2|again>", {ticket}},
             {"<https://evil.example/|" + ticket + ">", {}},
             {"<https://rt.acme.example/Ticket/Display.html?a=1&amp;id=4>",
              {"https://rt.acme.example/Ticket/Display.html?a=1&id=4"}},
             {"*" + ticket + "* _" + ticket + "/_", {ticket}},
             {ticket + "\nhttps://acme.atlassian.net/browse/OPS-1", {ticket, "https://acme.atlassian.net/browse/OPS-1"}},
             {"https://docs.example/a https://docs.example/b.png", {}},
             {"<https:// <http:// https://https://", {}},
             {many, {}},
             {many.substr(0, many.rfind(' ')).substr(0, 43) + " and more", {"https://acme.zendesk.com/agent/tickets/1"}},
         })
        BOOST_TEST((tickets_in(row.text) == row.found), row.text);
    BOOST_TEST(tickets_in(std::string(50'000, '<')).empty());
    BOOST_TEST(tickets_in(std::string(13'000, ' ') + ticket).empty());
    // Where the part that is looked through ends, an address is read to its own end.
    auto const long_one = std::string{"https://acme.zendesk.com/agent/tickets/12345"};
    for (std::size_t beyond = 1; beyond < long_one.size(); ++beyond)
        BOOST_TEST((tickets_in(std::string(12'000 - beyond, ' ') + long_one) == All{long_one}), beyond);
}

BOOST_AUTO_TEST_CASE(a_messages_ticket_becomes_its_link) {
    World world;
    world.react(raiser);
    world.locate(names({1}, {ticket, "https://acme.atlassian.net/browse/OPS-1"}));
    auto const links = world.snapshot().links({1});
    BOOST_TEST_REQUIRE(links.size() == 3U);  // and its thread
    BOOST_TEST((world.snapshot().by_source({std::string{url_system}, ticket, {}}) == EscalationId{1}));
    auto const version = world.at({1}).version;
    world.locate(names({1}, {ticket, "https://acme.atlassian.net/browse/OPS-1"}));
    BOOST_TEST(world.at({1}).version == version);
    BOOST_TEST(has(text_of(world.escalate("Again, see " + ticket + "/#c5", ben)), "escalated already"));
    BOOST_TEST(!world.snapshot().escalation({2}).has_value());
    BOOST_TEST(world.problems().empty());
}

BOOST_AUTO_TEST_CASE(a_ticket_of_an_open_one_is_offered_on_both_cards) {
    World world;
    world.escalate("Checkout fails link:" + ticket, raiser);
    world.locate(names({1}, {}));
    world.react(bystander);
    world.locate(names({2}, {ticket}));
    BOOST_TEST((world.snapshot().by_source({std::string{url_system}, ticket, {}}) == EscalationId{1}));
    BOOST_TEST((world.at({2}).details.similar == EscalationId{1} && world.at({2}).details.same_ticket));
    BOOST_TEST((world.at({1}).details.similar == EscalationId{2} && world.at({1}).details.same_ticket));
    BOOST_TEST(has(card_of(world, {2}), "ESC-1 has the same ticket"));
    BOOST_TEST(has(card_of(world, {1}), "ESC-2 has the same ticket"));
    BOOST_TEST(has(card_of(world, {1}), "esc.merge"));
    BOOST_TEST(has(thread_of(world, {1}), "ESC-2 has been raised with the same ticket"));
    auto const both = std::pair{world.at({1}).version, world.at({2}).version};
    world.locate(names({2}, {ticket}));
    BOOST_TEST((std::pair{world.at({1}).version, world.at({2}).version} == both));
    world.escalate("merge 2 into 1", lea);
    BOOST_TEST((world.at({1}).details.similar == EscalationId{} && !world.at({1}).details.same_ticket));
    BOOST_TEST(world.problems().empty());
}

// As links were stored before tickets were known by one address: under what was typed, without its fragment.
void store_as_before(World& world, EscalationId id, std::string const& key, std::string const& typed) {
    world.run(handlers::Work{[&](Tx& tx) {
        Decision decision = rules::link(*tx.escalation(id), "https://any.example/1", rules::By{ana, world.now, "trace"}).value();
        decision.links.front() = {std::string{url_system}, key, typed};
        tx.apply(decision);
        return handlers::done();
    }});
}

BOOST_AUTO_TEST_CASE(a_ticket_that_was_stored_as_it_was_typed_is_the_same_ticket) {
    struct Row {
        char const* key;
        char const* typed;
        char const* again;
        bool same;
    };
    for (auto const& row : {
             Row{"http://acme.zendesk.com/agent/tickets/12", "http://acme.zendesk.com/agent/tickets/12",
                 "https://acme.zendesk.com/agent/tickets/12", true},
             Row{"https://acme.zendesk.com/tickets/12", "https://acme.zendesk.com/tickets/12/",
                 "https://acme.zendesk.com/tickets/12", true},
             Row{"https://acme.atlassian.net/jira/board?selectedIssue=OPS-12",
                 "https://acme.atlassian.net/jira/board?selectedIssue=OPS-12",
                 "https://acme.atlassian.net/jira/board?selectedIssue=OPS-12", true},
             Row{"https://desk.acme.example", "https://desk.acme.example/#ticket/zoom/31",
                 "https://desk.acme.example/#ticket/zoom/31/7", true},
             Row{"https://desk.acme.example", "https://desk.acme.example/#ticket/zoom/31",
                 "https://desk.acme.example/#ticket/zoom/32", false},
         }) {
        BOOST_TEST_CONTEXT(row.again) {
            World world;
            auto const first = world.open_one("Checkout fails");
            store_as_before(world, first, row.key, row.typed);
            if (row.same)
                BOOST_TEST(has(text_of(world.escalate(fmt::format("link 1 {}", row.again), ana)), "has this link already"));
            BOOST_TEST(has(text_of(world.escalate(fmt::format("Broken, see {}", row.again), ben)), "escalated already") ==
                       row.same);
            BOOST_TEST(world.snapshot().escalation({2}).has_value() == !row.same);
            BOOST_TEST(world.problems().empty());
            if (!row.same) continue;
            // One that is over gives it up as it is stored.
            world.escalate("decline 1 it was a test", lea);
            BOOST_TEST(has(text_of(world.escalate(fmt::format("Broken, see {}", row.again), ben)), "ESC-2"));
            BOOST_TEST(!world.snapshot().by_source({std::string{url_system}, row.key, {}}).has_value());
            BOOST_TEST(world.problems().empty());
        }
    }
}

BOOST_AUTO_TEST_CASE(what_is_over_gives_its_ticket_up) {
    World world;
    world.escalate("Checkout fails link:" + ticket, raiser);
    world.escalate("decline 1 it was a test", lea);
    world.react(bystander);
    world.locate(names({2}, {ticket}));
    BOOST_TEST((world.snapshot().by_source({std::string{url_system}, ticket, {}}) == EscalationId{2}));
    BOOST_TEST((world.at({2}).details.similar == EscalationId{}));
    BOOST_TEST(world.problems().empty());
}

BOOST_AUTO_TEST_CASE(what_is_typed_with_an_open_ones_ticket_names_that_one) {
    World world;
    BOOST_TEST(has(text_of(world.escalate("Checkout fails, see <" + ticket + "|Acme #12>", raiser)), "ESC-1"));
    BOOST_TEST((world.snapshot().by_source({std::string{url_system}, ticket, {}}) == EscalationId{1}));
    BOOST_TEST(has(text_of(world.escalate("Broken: http://ACME.zendesk.com/tickets/12", ben)), "escalated already"));
    BOOST_TEST(!world.snapshot().escalation({2}).has_value());
    BOOST_TEST(has(text_of(world.escalate("The docs https://docs.example/tickets are wrong", ben)), "ESC-2"));
    // The form asks back, at the input that names it.
    struct Row {
        char const* block;
        std::string title;
        std::string description;
        std::string link;
    };
    for (auto const& row : {Row{"description", "Checkout again", "as in " + ticket, ""}, Row{"title", "As in " + ticket, "", ""},
                            Row{"link", "Checkout again", "", ticket + "#c1"}}) {
        slack::ViewState state;
        state.values = {{"title", row.title}, {"severity", "computed"}, {"description", row.description}, {"link", row.link}};
        auto const outcome = world.submit(views::open_callback, {}, state, raiser);
        BOOST_TEST_REQUIRE(outcome.reply.view_errors.size() == 1U);
        BOOST_TEST(outcome.reply.view_errors.front().first == row.block);
        BOOST_TEST(has(outcome.reply.view_errors.front().second, "ESC-1"));
    }
    BOOST_TEST(!world.snapshot().escalation({3}).has_value());
    BOOST_TEST(world.problems().empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
