// Boards: who may pin what where, what is asked for of the relay, and what the message says.
#include "handlers/boards.hpp"
#include "handlers/redact.hpp"
#include "handlers/views/board.hpp"

#include "views_data.hpp"
#include "world.hpp"

#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <array>
#include <string>
#include <vector>

namespace {

using namespace esc;
using namespace esc::handler_test;
using handlers::Outcome;
using namespace std::chrono_literals;

Outcome queue(World& world, std::string text, Person const& actor = lea, std::string channel = "C_SOURCE") {
    slack::SlashCommand command;
    command.user = actor.id;
    command.channel = {std::move(channel)};
    command.command = "/queue";
    command.text = std::move(text);
    command.response_url = "https://hooks.slack.example/1";
    return world.send(command, actor);
}
bool has(std::string const& all, std::string_view part) { return all.find(part) != std::string::npos; }

Person of_team(std::string id, Role role, std::string team) {
    auto who = person(std::move(id), Role::agent);
    who.team_roles = {{std::move(team), role}};
    return who;
}

std::string text_of(slack::blocks::Message const& message) { return boost::json::serialize(message.blocks_json()); }

views::BoardPage page(std::size_t rows, std::string const& text = {}) {
    views::BoardPage page;
    page.board = {.id = 7, .channel = {"C_BOARD"}};
    page.counts = {.open = 40, .unowned = 20, .at_risk = 3, .breached = 1, .waiting = 2};
    page.now = view_test::now() + 30s;
    for (std::size_t at = 0; at < rows; ++at) {
        auto escalation = at % 2 == 0 ? view_test::fresh() : view_test::working();
        if (!text.empty()) escalation = view_test::fullest(text);
        if (!text.empty() && at % 2 == 0) escalation.owner = {};
        escalation.id.number = static_cast<std::int64_t>(at) + 1;
        page.rows.push_back({std::move(escalation), "https://example.slack.com/archives/C1/p1"});
    }
    return page;
}

std::vector<std::string> const ours{"<@U", "<!date^", "<https://example.slack.com/"};

constexpr std::array all_ends{views::BoardEnd::unpinned,     views::BoardEnd::moved,    views::BoardEnd::deleted,
                              views::BoardEnd::outsiders,    views::BoardEnd::guests,   views::BoardEnd::direct,
                              views::BoardEnd::not_a_member, views::BoardEnd::archived, views::BoardEnd::refused};

}  // namespace

BOOST_AUTO_TEST_SUITE(boards)

BOOST_AUTO_TEST_CASE(leads_and_managers_of_the_team_and_admins_may_pin) {
    struct Row {
        Person who;
        bool of_all;
        bool of_payments;
    };
    Row const table[] = {
        {outsider, false, false},
        {raiser, false, false},
        {ana, false, false},
        {lea, true, true},
        {max, true, true},
        {adm, true, true},
        {of_team("U_P", Role::lead, "payments"), true, true},
        {of_team("U_Q", Role::manager, "payments"), true, true},
        {of_team("U_R", Role::agent, "payments"), false, false},
        {of_team("U_S", Role::lead, "support"), true, false},
    };
    for (auto const& [who, of_all, of_payments] : table) {
        BOOST_TEST(handlers::may_pin(who, "").has_value() == of_all, who.id.value);
        BOOST_TEST(handlers::may_pin(who, "payments").has_value() == of_payments, who.id.value);
    }
    auto gone = lea;
    gone.active = false;
    BOOST_TEST(!handlers::may_pin(gone, "").has_value());
    BOOST_TEST(has(handlers::may_pin(ana, "payments").error().message,
                   "Only leads and managers of team payments and admins can pin a board or take it away. Ask one of them."));
}

BOOST_AUTO_TEST_CASE(pinned_moved_and_taken_away) {
    World world;
    BOOST_TEST(!queue(world, "pin").refused);
    BOOST_TEST((world.outbox() == std::vector<std::string>{"board:1"}));
    auto const first = world.snapshot().boards();
    BOOST_REQUIRE(first.size() == 1U);
    BOOST_TEST(first[0].channel.value == "C_SOURCE");
    BOOST_TEST(first[0].pinned_by.value == lea.id.value);
    auto const fact = handlers::BoardFact::parse(world.snapshot().outbox_row("board:1")->item.body).value();
    BOOST_TEST(fact.channel.value == "C_SOURCE");
    BOOST_TEST(fact.answer_to == "https://hooks.slack.example/1");
    // Typed again, it is another one: the first is asked to go.
    auto const again = queue(world, "unowned pin sev2");
    BOOST_TEST(!again.refused);
    BOOST_TEST(has(handler_test::text_of(again), "anew at the end of this channel"));
    BOOST_TEST((world.outbox() == std::vector<std::string>{"board:1", "board:2"}));
    auto const second = world.snapshot().boards();
    BOOST_REQUIRE(second.size() == 1U);
    BOOST_TEST(second[0].id == 2);
    BOOST_TEST((second[0].list.filter == QueueFilter::unowned));
    BOOST_TEST((second[0].list.severity == Severity::sev2));
    BOOST_TEST(!queue(world, "unpin").refused);
    BOOST_TEST(world.snapshot().boards().empty());
    BOOST_TEST(queue(world, "unpin").refused);
    // A number is never used again: what was sent under it could be taken for the new one.
    BOOST_TEST(!queue(world, "pin").refused);
    BOOST_TEST(world.snapshot().boards().front().id == 3);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_pinned_says_what_can) {
    struct Row {
        char const* text;
        char const* channel;
        char const* said;
    };
    Row const table[] = {
        {"pin mine", "C1", "/queue pin unowned"},
        {"pin 2", "C1", "the first 15"},
        {"unpin sev1", "C1", "/queue unpin takes it away"},
        {"pin unpin mine", "C1", "/queue unpin takes it away"},
        {"pin", "D1", "A board stands in a channel"},
        {"unpin", "C1", "There is no board in this channel. There is one in <#C_OTHER>."},
        {"pni", "C1", "/queue pin"},
    };
    World world;
    queue(world, "pin", lea, "C_OTHER");
    for (auto const& row : table) {
        auto const outcome = queue(world, row.text, lea, row.channel);
        BOOST_TEST(outcome.refused, row.text);
        BOOST_TEST(has(handler_test::text_of(outcome), row.said), handler_test::text_of(outcome));
    }
    BOOST_TEST(world.snapshot().boards().size() == 1U);
    auto const refused = queue(world, "pin", ana);
    BOOST_TEST(refused.refused);
    BOOST_TEST(has(handler_test::text_of(refused), "Only leads, managers and admins"));
    BOOST_TEST(queue(world, "unpin", ana, "C_OTHER").refused);
    BOOST_TEST(world.snapshot().boards().size() == 1U);
}

BOOST_AUTO_TEST_CASE(another_teams_board_is_neither_moved_nor_taken_away) {
    World world;
    TeamConfig payments;
    payments.name = "payments";
    TeamConfig support;
    support.name = "support";
    world.config->teams = {payments, support};
    auto const pat = of_team("U_PAT", Role::lead, "payments");
    auto const sue = of_team("U_SUE", Role::lead, "support");
    BOOST_TEST(!queue(world, "pin team:payments", pat).refused);
    BOOST_TEST(queue(world, "pin", sue).refused);
    BOOST_TEST(queue(world, "unpin", sue).refused);
    BOOST_TEST(queue(world, "pin team:payments", sue, "C2").refused);
    BOOST_TEST(world.snapshot().boards().front().id == 1);
    BOOST_TEST(!queue(world, "unpin", pat).refused);
}

BOOST_AUTO_TEST_CASE(ten_boards_and_no_more) {
    World world;
    for (std::size_t at = 0; at < handlers::boards_max; ++at)
        BOOST_TEST(!queue(world, "pin", lea, fmt::format("C{}", at)).refused);
    auto const refused = queue(world, "pin", lea, "C_ELEVEN");
    BOOST_TEST(refused.refused);
    BOOST_TEST(has(handler_test::text_of(refused), "There are 10 boards already"));
    BOOST_TEST(has(handler_test::text_of(refused), "<#C9>"));
    BOOST_TEST(!queue(world, "pin", lea, "C3").refused);  // moves
    BOOST_TEST(world.snapshot().boards().size() == handlers::boards_max);
}

BOOST_AUTO_TEST_CASE(erased_texts_leave_the_boards_that_can_be_seen) {
    World world;
    auto const id = world.open_one("for:acme Secret words");
    queue(world, "pin", lea, "C1");
    queue(world, "pin", lea, "C2");
    world.drop("board:1");
    world.run(handlers::Work{[](Tx& tx) {
        tx.save_surface({"board:1", {}, {"C1"}, {"1.2"}, "", "h", t0});
        return handlers::done();
    }});
    world.run(handlers::Work{[&](Tx& tx) {
        handlers::Redaction what;
        what.key = id;
        BOOST_TEST(handlers::redact(tx, what, world.now).has_value());
        return handlers::done();
    }});
    auto const renewed = world.snapshot().outbox_row("board:1");
    BOOST_REQUIRE(renewed.has_value());
    BOOST_TEST(handlers::BoardFact::parse(renewed->item.body)->answer_to.empty());
    // Not yet posted: who asked for it is still to be answered.
    BOOST_TEST(!handlers::BoardFact::parse(world.snapshot().outbox_row("board:2")->item.body)->answer_to.empty());
}

BOOST_AUTO_TEST_CASE(a_damaged_body_is_refused) {
    for (auto const* body :
         {"", "x", "[]", "{}", R"({"channel":""})", R"({"channel":"C1"})", R"({"channel":"C1","answer_to":1})"})
        BOOST_TEST(handlers::BoardFact::parse(body).has_error(), body);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(view_board)

BOOST_AUTO_TEST_CASE(golden_board) {
    auto full = page(3);
    full.more = true;
    full.board.list.filter = QueueFilter::at_risk;
    full.board.list.severity = Severity::sev2;
    full.board.list.account = "acme";
    full.board.list.team = "support";
    view_test::check_golden("board", view_test::as_json(views::board(full, default_config())));
    view_test::check_golden("board_empty", view_test::as_json(views::board(page(0), default_config())));
}

BOOST_AUTO_TEST_CASE(hostile_text_on_fifteen_rows_stays_text_and_fits) {
    for (auto const& text : view_test::hostile_texts()) {
        auto full = page(15, text);
        full.more = true;
        full.board.list.account = text;
        full.board.list.team = text;
        auto const message = views::board(full, default_config());
        view_test::check_message(message, ours);
        BOOST_TEST(slack::blocks::length(message.text) <= 4000U);
    }
}

BOOST_AUTO_TEST_CASE(a_row_tells_when_it_is_due_and_what_anybody_can_press) {
    auto const shown = text_of(views::board(page(2), default_config()));
    BOOST_TEST(has(shown, "due <!date^"));
    BOOST_TEST(has(shown, "\"action_id\":\"esc.claim\""));
    BOOST_TEST(has(shown, "\"action_id\":\"esc.more\""));
    BOOST_TEST(!has(shown, "Show the others"));
    // To the minute.
    auto later = page(2);
    later.now -= 20s;
    BOOST_TEST(text_of(views::board(later, default_config())).substr(shown.size() - 100) == shown.substr(shown.size() - 100));
}

BOOST_AUTO_TEST_CASE(what_is_left_behind_tells_nothing) {
    for (auto const why : all_ends) {
        auto const gone = views::board_gone(why);
        view_test::check_message(gone, {});
        BOOST_TEST(!has(text_of(gone), "ESC-"));
        BOOST_TEST(views::to_string(why) != "unknown");
        view_test::check_message(views::board_impossible(why, {"UBOT"}, default_config()), ours);
    }
    BOOST_TEST(has(text_of(views::board_impossible(views::BoardEnd::not_a_member, {"UBOT"}, default_config())),
                   "Type `/invite` <@UBOT> here, then `/queue pin` again."));
}

BOOST_AUTO_TEST_SUITE_END()
