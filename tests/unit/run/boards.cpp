// Boards at work in the small Slack: posted once, kept current at a price, and gone where they cannot stand.
#include "bot/run/boards.hpp"

#include "handlers/boards.hpp"
#include "handlers/rules/outbox_items.hpp"
#include "tests/unit/run/relay_world.hpp"

#include <boost/json/parse.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

using namespace esc;
using namespace std::chrono_literals;
using test::TinySlack;

namespace {

struct World : test::RelayWorld {
    std::unique_ptr<run::Boards> boards{};

    World() {
        start_boards();
        directory->on_readers_changed([this] { boards->changed(); });
    }
    ~World() { stop_boards(); }
    void start_boards() {
        boards = std::make_unique<run::Boards>(io.get_executor(), clock, *store);
        others_rest = [this] { return boards->quiet(); };
        store->on_commit([this](CommitNotice const& notice) {
            if (notice.outbox_changed) relay->wake();
            if (notice.boards_changed) boards->pinned();
            if (notice.queue_changed) boards->changed();
        });
        boards->start();
    }
    void stop_boards() {
        others_rest = {};
        directory->on_readers_changed({});
        store->on_commit({});
        finish(boards->stop());
    }
    Board pin(std::string channel, std::string answer_to = {}) {
        Board board{.channel = {std::move(channel)}, .pinned_by = {"ULEA"}, .pinned_at = clock.now()};
        write([&](Tx& tx) {
            board = tx.pin_board(board);
            tx.enqueue(handlers::board_item(board, clock.now(), answer_to));
        });
        return board;
    }
    void unpin(Board const& board) {
        write([&](Tx& tx) {
            tx.unpin_board(board.id);
            tx.enqueue(handlers::board_item(board, clock.now()));
        });
    }
    void change(EscalationId id) {
        write([id, now = clock.now()](Tx& tx) {
            Decision decision{.after = *tx.escalation(id)};
            decision.after.title += "!";
            decision.after.version += 1;
            decision.events.push_back({.type = EventType::replied, .recorded_at = now});
            tx.apply(decision);
        });
    }
    [[nodiscard]] std::vector<Board> pinned() {
        std::vector<Board> all;
        read([&](Snapshot const& snapshot) { all = snapshot.boards(); });
        return all;
    }
    // Of posts and changes of a channel, those that show a list.
    [[nodiscard]] std::vector<TinySlack::Call> shown(std::string const& method, std::string const& channel) const {
        auto calls = slack.of(method);
        std::erase_if(calls, [&](TinySlack::Call const& call) {
            return call.form.at("channel") != channel || call.form.at("blocks").find("kept current until") == std::string::npos;
        });
        return calls;
    }
    [[nodiscard]] std::string text_in(std::string const& channel) const {
        std::string all;
        for (auto const& message : slack.messages)
            if (message.channel == channel) all += message.text + "\n";
        return all;
    }
    void channel_is(std::string const& key, bool value) {
        slack.always["conversations.info"] = [key, value](TinySlack::Form const& form) {
            return test::Answer{
                .body = fmt::format(R"({{"ok":true,"channel":{{"id":"{}","is_channel":true,"is_member":{},"{}":{}}}}})",
                                    form.at("channel"), key != "is_member" || value, key, value),
                .headers = {}};
        };
        directory->forget_channel({"CBOARD"});
    }
    // The next post happens, and nobody hears of it.
    void post_without_an_answer() {
        slack.always["chat.postMessage"] = [this](TinySlack::Form const& form) {
            slack.put(form.at("channel"), {}, form.at("text")).metadata = boost::json::parse(form.at("metadata"));
            slack.always["chat.postMessage"] = [](TinySlack::Form const&) { return TinySlack::error("not_expected"); };
            return test::Answer{.status = 503, .body = "gone", .headers = {}};
        };
    }
};

MessageRef const command{{"C1"}, {}, {}};

}  // namespace

BOOST_AUTO_TEST_SUITE(boards)

BOOST_FIXTURE_TEST_CASE(it_is_posted_once_and_follows_what_changes, World) {
    auto const id = raise(command);
    pass(10s);
    pin("CBOARD");
    pass(2s);
    BOOST_TEST(shown("chat.postMessage", "CBOARD").size() == 1U);
    BOOST_TEST(slack.of("chat.postMessage").back().form.at("metadata").find("board:1") != std::string::npos);
    change(id);
    pass(6s);
    auto const changes = shown("chat.update", "CBOARD");
    BOOST_REQUIRE(!changes.empty());
    BOOST_TEST(changes.back().form.at("blocks").find('!') != std::string::npos);
    BOOST_TEST(shown("chat.postMessage", "CBOARD").size() == 1U);
    BOOST_TEST(depth().waiting == 0);
}

BOOST_FIXTURE_TEST_CASE(changes_that_come_close_together_cost_one_update, World) {
    auto const id = raise(command);
    pin("CBOARD");
    pass(30s);
    auto const before = shown("chat.update", "CBOARD").size();
    for (int times = 0; times < 60; ++times) {
        change(id);
        pass(500ms);
    }
    auto const updates = shown("chat.update", "CBOARD").size() - before;
    BOOST_TEST(updates >= 4U);
    BOOST_TEST(updates <= 8U);
}

BOOST_FIXTURE_TEST_CASE(ten_boards_leave_most_of_the_updates_to_others, World) {
    auto const id = raise(command);
    for (int at = 0; at < 10; ++at) pin(fmt::format("CBOARD{}", at));
    pass(1min);
    auto const before = slack.count("chat.update");
    for (int times = 0; times < 240; ++times) {
        change(id);
        pass(500ms);
    }
    BOOST_TEST(slack.count("chat.update") - before <= 2U * 20U);
    for (int at = 0; at < 10; ++at) BOOST_TEST(!shown("chat.update", fmt::format("CBOARD{}", at)).empty());
}

BOOST_FIXTURE_TEST_CASE(cards_go_before_boards_and_a_board_is_not_forgotten, World) {
    for (int count = 0; count < 20; ++count) raise(command);
    pin("CBOARD");
    pass(2min);
    auto const before = shown("chat.update", "CBOARD").size();
    for (int times = 0; times < 180; ++times) {  // a card a second: more than Slack grants
        change(EscalationId{1 + times % 20});
        refresh_card(EscalationId{1 + times % 20});
        pass(1s);
    }
    auto const updates = shown("chat.update", "CBOARD").size() - before;
    BOOST_TEST(updates >= 2U);
    BOOST_TEST(updates <= 10U);  // of 36 when nothing else happens
}

BOOST_FIXTURE_TEST_CASE(time_shows_while_a_clock_runs, World) {
    auto const id = raise(command);
    pin("CBOARD");
    pass(10s);
    auto const before = shown("chat.update", "CBOARD").size();
    pass(10min);
    auto const ticks = shown("chat.update", "CBOARD").size() - before;
    BOOST_TEST(ticks >= 8U);
    BOOST_TEST(ticks <= 12U);
    without_clocks(id);
    pass(1min);
    auto const still = shown("chat.update", "CBOARD").size();
    BOOST_TEST(!clock.next_timer().has_value());
    pass(2h);
    BOOST_TEST(shown("chat.update", "CBOARD").size() == still);
}

BOOST_FIXTURE_TEST_CASE(a_board_on_which_time_does_not_show_is_left_alone, World) {
    raise(command);
    pin("CBOARD");
    write([this](Tx& tx) {
        Board board{.channel = {"CQUIET"}, .pinned_by = {"ULEA"}, .pinned_at = clock.now()};
        board.list.team = "nobodys";
        tx.enqueue(handlers::board_item(tx.pin_board(board), clock.now()));
    });
    pass(1min);
    BOOST_TEST(surface("board:2").has_value());
    auto const unchanged = [this] {
        auto const all = metrics.expose();
        auto const at = all.find(R"(esc_outbox_items_total{kind="board",outcome="unchanged"})");
        BOOST_REQUIRE(at != std::string::npos);
        return all.substr(at, all.find('\n', at) - at);
    };
    auto const before = unchanged();
    auto const updates = shown("chat.update", "CBOARD").size();
    pass(10min);
    BOOST_TEST(unchanged() == before);
    BOOST_TEST(shown("chat.update", "CBOARD").size() >= updates + 8U);
}

BOOST_FIXTURE_TEST_CASE(it_shows_what_there_is_when_it_is_sent, World) {
    auto const id = raise(command);
    pass(10s);
    slack.next("conversations.members", {.status = 429, .body = "", .headers = {{"Retry-After", "20"}}});
    pin("CBOARD");
    pass(5s);
    BOOST_TEST(slack.count("conversations.members") == 1U);
    change(id);
    pass(1min);
    auto const posts = shown("chat.postMessage", "CBOARD");
    BOOST_REQUIRE(posts.size() == 1U);
    BOOST_TEST(posts[0].form.at("blocks").find("fails!") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(without_a_board_nothing_wakes_up, World) {
    auto const id = raise(command);
    pass(1min);
    change(id);
    rest();
    BOOST_TEST(!clock.next_timer().has_value());
    auto const board = pin("CBOARD");
    pass(1min);
    unpin(board);
    without_clocks(id);
    pass(1min);
    change(id);
    rest();
    BOOST_TEST(!clock.next_timer().has_value());
}

BOOST_FIXTURE_TEST_CASE(one_that_was_posted_before_a_crash_is_found_again, World) {
    raise(command);
    pass(10s);
    post_without_an_answer();
    pin("CBOARD");
    pass(1min);
    BOOST_TEST(shown("chat.postMessage", "CBOARD").size() == 1U);
    BOOST_TEST(surface("board:1").has_value());
    BOOST_TEST(depth().waiting == 0);
}

BOOST_FIXTURE_TEST_CASE(what_changed_while_nothing_ran_is_shown_at_the_start, World) {
    auto const id = raise(command);
    pin("CBOARD");
    pass(10s);
    stop_boards();
    change(id);
    pass(1min);
    auto const before = shown("chat.update", "CBOARD").size();
    start_boards();
    pass(6s);
    BOOST_TEST(shown("chat.update", "CBOARD").size() > before);
    BOOST_TEST(shown("chat.update", "CBOARD").back().form.at("blocks").find('!') != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(taken_away_it_tells_nothing_and_is_left_alone, World) {
    auto const id = raise(command);
    auto const board = pin("CBOARD");
    pass(10s);
    unpin(board);
    pass(10s);
    BOOST_TEST(text_in("CBOARD") == "The board that stood here was taken away.\n");
    BOOST_TEST(!surface("board:1").has_value());
    auto const calls = slack.count("chat.update");
    change(id);
    pass(10min);
    BOOST_TEST(slack.count("chat.update") == calls);
    BOOST_TEST(depth().waiting == 0);
}

BOOST_FIXTURE_TEST_CASE(taken_away_before_it_was_known_to_stand_there, World) {
    post_without_an_answer();
    auto const board = pin("CBOARD");
    rest();
    unpin(board);
    pass(1min);
    BOOST_TEST(text_in("CBOARD") == "The board that stood here was taken away.\n");
    BOOST_TEST(depth().waiting == 0);
}

BOOST_FIXTURE_TEST_CASE(who_deletes_it_unpins_it, World) {
    auto const id = raise(command);
    pin("CBOARD");
    pass(10s);
    std::erase_if(slack.messages, [](auto const& message) { return message.channel == "CBOARD"; });
    change(id);
    pass(10s);
    BOOST_TEST(pinned().empty());
    BOOST_TEST(!surface("board:1").has_value());
    BOOST_TEST(text_in("CBOARD").empty());
    BOOST_TEST(depth().waiting == 0);
}

BOOST_FIXTURE_TEST_CASE(it_leaves_a_channel_that_people_from_outside_read, World) {
    raise(command);
    pin("CBOARD");
    pass(10s);
    BOOST_TEST(text_in("CBOARD").find("ESC-1") != std::string::npos);
    channel_is("is_ext_shared", true);  // the event forgets the channel, and that is enough
    pass(10s);
    BOOST_TEST(text_in("CBOARD") == "People from outside can read here now. The board that stood here was taken away.\n");
    BOOST_TEST(pinned().empty());
}

BOOST_FIXTURE_TEST_CASE(waiting_for_its_turn_it_is_not_posted_where_others_came_to_read_meanwhile, World) {
    settings->channels.triage = {"CBOARD"};
    auto const id = raise(command);
    pass(1min);
    rules::ThreadNoteFact const note{{"A word.", {}, {}}, {}};
    for (auto const* key : {"thread:1:v1", "thread:1:v2", "thread:1:v3"})
        enqueue({key, OutboxKind::thread_note, id, note.body(), clock.now()});
    pin("CBOARD");
    slack.calls.clear();
    pass(500ms);
    BOOST_TEST(shown("chat.postMessage", "CBOARD").empty());
    channel_is("is_ext_shared", true);
    pass(5min);
    BOOST_TEST(shown("chat.postMessage", "CBOARD").empty());
    BOOST_TEST(pinned().empty());
}

BOOST_FIXTURE_TEST_CASE(it_leaves_a_channel_into_which_a_guest_comes, World) {
    raise(command);
    pin("CBOARD");
    pass(10s);
    slack.people["UGUEST"] =
        boost::json::parse(R"({"id":"UGUEST","team_id":"T1","name":"guest","is_restricted":true})").as_object();
    slack.always["conversations.members"] = [](TinySlack::Form const&) {
        return test::Answer{.body = R"({"ok":true,"members":["UBOT","UANA","UGUEST"]})", .headers = {}};
    };
    directory->forget_channel({"CBOARD"});
    pass(10s);
    BOOST_TEST(text_in("CBOARD") == "People from outside can read here now. The board that stood here was taken away.\n");
    BOOST_TEST(pinned().empty());
}

BOOST_FIXTURE_TEST_CASE(where_it_cannot_stand_who_asked_is_told, World) {
    struct Row {
        char const* key;
        bool value;
        char const* said;
    };
    Row const table[] = {{"is_ext_shared", true, "People from outside read this channel"},
                         {"is_mpim", true, "A board stands in a channel"},
                         {"is_archived", true, "archived"},
                         {"is_member", false, "/invite"}};
    for (auto const& [key, value, said] : table) {
        channel_is(key, value);
        auto const told = slack.count("response_url");
        pin("CBOARD", slack.response_url());
        pass(10s);
        BOOST_TEST(pinned().empty(), key);
        BOOST_TEST(slack.count("chat.postMessage") == 0U);
        BOOST_REQUIRE_MESSAGE(slack.count("response_url") == told + 1, key);
        BOOST_TEST(slack.of("response_url").back().body.find(said) != std::string::npos, key);
        BOOST_TEST(depth().waiting == 0);
    }
}

BOOST_FIXTURE_TEST_CASE(while_slack_does_not_tell_who_reads_nothing_is_posted, World) {
    slack.always["conversations.members"] = [](TinySlack::Form const&) { return TinySlack::error("internal_error"); };
    pin("CBOARD");
    pass(30s);
    BOOST_TEST(slack.count("chat.postMessage") == 0U);
    BOOST_TEST(pinned().size() == 1U);
    slack.always.erase("conversations.members");
    pass(2min);
    BOOST_TEST(shown("chat.postMessage", "CBOARD").size() == 1U);
}

BOOST_FIXTURE_TEST_CASE(a_channel_that_lets_nobody_post_ends_it, World) {
    slack.always["chat.postMessage"] = [](TinySlack::Form const&) { return TinySlack::error("restricted_action"); };
    pin("CBOARD", slack.response_url());
    pass(10s);
    BOOST_TEST(pinned().empty());
    BOOST_REQUIRE(slack.count("response_url") == 1U);
    BOOST_TEST(slack.of("response_url").back().body.find("does not let me post") != std::string::npos);
    BOOST_TEST(depth().waiting == 0);
    BOOST_TEST(depth().dead == 0);
}

BOOST_AUTO_TEST_SUITE_END()
