// What is looked up while somebody waits: the right rows, and by an index, so that it costs the same however much is open.
#include "store/sql/connection.hpp"
#include "store/sql/migrate.hpp"
#include "store_fixture.hpp"

#include <fmt/format.h>
#include <boost/test/unit_test.hpp>

#include <deque>
#include <limits>
#include <memory>

namespace esc::test {
namespace {

using namespace std::chrono_literals;

PersonId const ana{"U_ANA"};
PersonId const ben{"U_BEN"};

// Hands everything on, and remembers what was asked.
class Listening final : public sql::Connection {
public:
    Listening(std::unique_ptr<sql::Connection> inner, std::vector<std::string>& asked)
        : inner_(std::move(inner)), asked_(asked) {}
    sql::Statement& prepared(sql::Sql const& sql) override {
        asked_.emplace_back(sql.text);
        return inner_->prepared(sql);
    }
    void execute(std::string const& script) override { inner_->execute(script); }
    void begin(sql::Mode mode) override { inner_->begin(mode); }
    void commit() override { inner_->commit(); }
    void rollback() noexcept override { inner_->rollback(); }
    [[nodiscard]] std::int64_t changes() const override { return inner_->changes(); }
    void checkpoint() override { inner_->checkpoint(); }

private:
    std::unique_ptr<sql::Connection> inner_;
    std::vector<std::string>& asked_;
};

// How the database would go about it, a step a line. The connection knows a query by its address: each needs its own.
std::string plan(sql::Connection& connection, std::string const& query) {
    static std::deque<std::string> texts;
    static std::deque<sql::Sql> queries;
    texts.push_back("EXPLAIN QUERY PLAN " + query);
    queries.push_back({texts.back()});
    std::string steps;
    auto& statement = connection.prepared(queries.back());
    while (statement.step()) steps += fmt::format("{}\n", statement.text(3));
    statement.reset();
    return steps;
}

struct Fixture {
    Folder folder;
    Opened opened{folder.url()};

    std::int64_t open(std::function<void(Escalation&)> const& edit, Role by = Role::requester) {
        std::int64_t number = 0;
        opened.commit([&](Tx& tx) {
            auto decision = raised(tx.next_escalation_id());
            edit(decision.after);
            decision.events.front().actor_role = by;
            number = decision.after.id.number;
            tx.apply(decision);
        });
        return number;
    }
    void change(std::int64_t number, std::function<void(Escalation&)> const& edit) {
        opened.commit([&](Tx& tx) {
            auto decision = changed(*tx.escalation(EscalationId{number}), EventType::noted, at(1000));
            edit(decision.after);
            tx.apply(decision);
        });
    }
    void record(std::int64_t number, EventType type, PersonId const& by) {
        opened.commit([&](Tx& tx) {
            tx.record(EscalationId{number},
                      {{.type = type, .recorded_at = at(2000), .actor = by, .data = "{}", .text = "words"}});
        });
    }
    template <class Query>
    std::vector<std::int64_t> numbers(Query query) {
        std::vector<std::int64_t> found;
        for (auto const& row : opened.read(query)) found.push_back(row.id.number);
        return found;
    }
    std::vector<std::int64_t> mine(PersonId const& person) {
        return numbers([&](Snapshot const& s) { return s.queue({.filter = QueueFilter::mine, .person = person}); });
    }
    std::string problems() { return test::problems(verify_store(folder.url()).value()); }
};
using Numbers = std::vector<std::int64_t>;

void owned(Escalation& row, PersonId const& by) {
    row.state = State::working;
    row.owner = by;
}
void over(Escalation& row) {
    row.state = State::closed;
    row.clocks.clear();
    row.next_point.reset();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(lists)

BOOST_AUTO_TEST_CASE(mine_is_what_one_owns_and_what_one_covers) {
    Fixture f;
    f.open([](Escalation& row) { owned(row, ben); });
    f.open([](Escalation& row) { owned(row, ana); });
    f.open([](Escalation& row) { owned(row, ben); });
    f.open([](Escalation&) {});
    f.change(1, [](Escalation& row) { row.details.coverage = Coverage{ana, ben, at(0), at(9000)}; });
    BOOST_TEST(f.mine(ana) == (Numbers{1, 2}), boost::test_tools::per_element());
    BOOST_TEST(f.mine(ben) == (Numbers{1, 3}), boost::test_tools::per_element());
    BOOST_TEST(f.mine({}).empty());
    auto const load = [&](PersonId const& person) { return f.opened.read([&](Snapshot const& s) { return s.load(person); }); };
    BOOST_TEST((load(ana) == Snapshot::Load{.owns = 1, .covers = 1}));
    BOOST_TEST((load(ben) == Snapshot::Load{.owns = 2, .covers = 0}));
    BOOST_TEST((load({}) == Snapshot::Load{}));
    BOOST_TEST(f.numbers([](Snapshot const& s) { return s.owned_by(ana, 10); }) == Numbers{2}, boost::test_tools::per_element());
    BOOST_TEST(f.numbers([](Snapshot const& s) { return s.owned_by(ben, 1); }) == Numbers{1}, boost::test_tools::per_element());
    BOOST_TEST(f.problems() == "");
    f.change(1, [](Escalation& row) { row.details.coverage.reset(); });
    BOOST_TEST(f.mine(ana) == Numbers{2}, boost::test_tools::per_element());
    f.change(3, [](Escalation& row) {
        row.details.coverage = Coverage{ana, ben, at(0), at(9000)};
        over(row);
    });
    BOOST_TEST(f.mine(ana) == Numbers{2}, boost::test_tools::per_element());  // what is over is nobody's work
    BOOST_TEST(f.problems() == "");
}

BOOST_AUTO_TEST_CASE(what_waits_for_a_word_is_listed_until_it_is_given) {
    Fixture f;
    for (int i = 0; i < 5; ++i) f.open([](Escalation& row) { owned(row, ana); });
    f.change(2, [](Escalation& row) { row.details.transfer = TransferRequest{ana, {}, "My shift ends", at(0), at(1), at(2)}; });
    f.change(3, [](Escalation& row) { row.details.severity_request = SeverityRequest{ana, Severity::sev1, "", "Down", at(0)}; });
    f.change(4, [](Escalation& row) { row.details.unconfirmed_since = at(0); });
    f.change(5, [](Escalation& row) { row.details.workaround = "Not that"; });
    auto const waiting = [&] { return f.numbers([](Snapshot const& s) { return s.pending_approvals(10); }); };
    BOOST_TEST(waiting() == (Numbers{2, 3, 4}), boost::test_tools::per_element());
    BOOST_TEST(f.problems() == "");
    f.change(2, [](Escalation& row) { row.details.transfer.reset(); });
    f.change(4, over);
    BOOST_TEST(waiting() == Numbers{3}, boost::test_tools::per_element());
    BOOST_TEST(f.problems() == "");
    // What is over still waits for the level that was warranted, behind what goes on.
    f.change(5, [](Escalation& row) {
        over(row);
        row.rank = std::numeric_limits<std::int64_t>::min();
        row.details.warranted = Warranted{.level = Severity::sev2, .by = ana, .at = at(0), .graded_by = {}};
    });
    BOOST_TEST(waiting() == (Numbers{3, 5}), boost::test_tools::per_element());
    BOOST_TEST(f.numbers([](Snapshot const& s) { return s.pending_approvals(1); }) == Numbers{3},
               boost::test_tools::per_element());
    BOOST_TEST(f.problems() == "");
    f.change(5, [](Escalation& row) { row.details.warranted->graded_by = ben; });
    BOOST_TEST(waiting() == Numbers{3}, boost::test_tools::per_element());
    BOOST_TEST(f.problems() == "");
}

BOOST_AUTO_TEST_CASE(what_somebody_raised_open_ones_first) {
    Fixture f;
    for (int i = 0; i < 5; ++i) {
        f.open([i](Escalation& row) { row.raised_by = i == 2 ? ben : ana; });
    }
    f.open([](Escalation& row) { row.raised_by = ana; }, Role::agent);  // has the queue
    f.change(4, over);
    auto const raised_by = [&](PersonId const& who, int limit, int offset) {
        return f.numbers([&](Snapshot const& s) { return s.raised_by(who, limit, offset); });
    };
    BOOST_TEST(raised_by(ana, 10, 0) == (Numbers{5, 2, 1, 4}), boost::test_tools::per_element());
    BOOST_TEST(raised_by(ana, 2, 1) == (Numbers{2, 1}), boost::test_tools::per_element());
    BOOST_TEST(raised_by(ben, 10, 0) == Numbers{3}, boost::test_tools::per_element());
    BOOST_TEST(raised_by({"U_NOBODY"}, 10, 0).empty());
    BOOST_TEST(raised_by(ana, -1, -1).empty());
}

BOOST_AUTO_TEST_CASE(what_is_fixed_when_it_is_raised_cannot_be_changed_unnoticed) {
    Fixture f;
    auto const number = f.open([](Escalation&) {});
    std::vector<std::function<void(Escalation&)>> const edits{
        [](Escalation& row) { row.account = "other"; },      [](Escalation& row) { row.raised_by = ben; },
        [](Escalation& row) { row.workspace.value += "2"; }, [](Escalation& row) { row.opened_at += 1s; },
        [](Escalation& row) { row.created_at += 1s; },       [](Escalation& row) { row.origin = Origin::modal; }};
    for (auto const& edit : edits) BOOST_CHECK_THROW(f.change(number, edit), std::exception);
    f.change(number, [](Escalation& row) { row.title = "Another title"; });
}

BOOST_AUTO_TEST_CASE(the_newest_of_an_account_and_no_more_than_needed) {
    Fixture f;
    for (int i = 0; i < 60; ++i) f.open([](Escalation&) {});
    f.open([](Escalation& row) { row.account = "ACME"; });
    f.open([](Escalation& row) { row.account = "other"; });
    f.open([](Escalation& row) { row.account = ""; });
    f.change(60, over);
    auto const recent = [&](std::int64_t before, std::string const& account, std::int64_t since) {
        return f.opened.read([&](Snapshot const& s) { return s.recent_of_account(EscalationId{before}, account, at(since)); });
    };
    auto const all = recent(100, "Acme", 0);
    BOOST_REQUIRE(all.size() == 50U);
    BOOST_TEST(all[0].id.number == 61);
    BOOST_TEST(all[1].id.number == 59);  // what is over is left out
    BOOST_TEST(all[1].title == "Checkout fails for ESC-59");
    BOOST_TEST(recent(61, "acme", 50).size() == 12U);  // created two seconds after it was opened
    BOOST_TEST(recent(1, "acme", 0).empty());
    BOOST_TEST(recent(100, "", 0).empty());
}

BOOST_AUTO_TEST_CASE(events_by_type_and_the_newest_of_them) {
    Fixture f;
    f.open([](Escalation&) {});
    f.open([](Escalation&) {});
    f.record(1, EventType::acknowledged, ana);
    f.record(1, EventType::point_passed, {});
    f.record(1, EventType::acknowledged, ben);
    f.record(2, EventType::acknowledged, ana);
    EscalationId const first{1};
    auto const numbers = [&](std::initializer_list<EventType> types) {
        std::string found;
        for (auto const& stored : f.opened.read([&](Snapshot const& s) { return s.events(first, types); }))
            found += fmt::format("{} {}, ", stored.number, to_string(stored.event.type));
        return found;
    };
    BOOST_TEST(numbers({EventType::acknowledged}) == "2 acknowledged, 4 acknowledged, ");
    BOOST_TEST(numbers({EventType::acknowledged, EventType::raised, EventType::point_passed}) ==
               "1 raised, 2 acknowledged, 3 point_passed, 4 acknowledged, ");
    BOOST_TEST(numbers({EventType::merged}) == "");
    BOOST_TEST(numbers({}) == "");
    auto const last = [&](std::initializer_list<EventType> types, PersonId const& by) -> std::int64_t {
        auto const found = f.opened.read([&](Snapshot const& s) { return s.last_event(first, types, by); });
        return found ? found->number : 0;
    };
    BOOST_TEST(last({EventType::acknowledged}, {}) == 4);
    BOOST_TEST(last({EventType::acknowledged}, ana) == 2);
    BOOST_TEST(last({EventType::acknowledged, EventType::point_passed}, {}) == 4);
    BOOST_TEST(last({EventType::point_passed, EventType::raised}, {}) == 3);
    BOOST_TEST(last({EventType::raised}, {}) == 1);
    BOOST_TEST(last({EventType::merged}, {}) == 0);
    auto const whole = f.opened.read([&](Snapshot const& s) { return s.events(first); });
    auto const newest = f.opened.read([&](Snapshot const& s) { return s.last_event(first, {EventType::acknowledged}); });
    BOOST_TEST(newest->event.text == "words");
    BOOST_TEST((newest->hash == whole.back().hash));
}

BOOST_AUTO_TEST_CASE(nothing_that_somebody_waits_for_looks_through_everything) {
    std::vector<std::string> asked;
    auto connection = std::make_unique<Listening>(sql::open_connection("sqlite::memory:", sql::Access::read_write), asked);
    sql::migrate(*connection, "in memory");
    asked.clear();
    Snapshot const snapshot{*connection};
    EscalationId const one{1};
    (void)snapshot.queue({.filter = QueueFilter::mine, .person = ana});
    (void)snapshot.pending_approvals(10);
    (void)snapshot.load(ana);
    (void)snapshot.owned_by(ana, 10);
    (void)snapshot.raised_by(ana, 10, 0);
    (void)snapshot.recent_of_account(one, "acme", at(0));
    (void)snapshot.events(one, {EventType::claim_refused, EventType::raised});
    (void)snapshot.last_event(one, {EventType::claim_refused, EventType::raised}, ana);
    (void)snapshot.queue({.filter = QueueFilter::open, .team = "search", .limit = 16});  // of a board
    auto const queries = asked;
    BOOST_TEST(queries.size() == 11U);
    for (auto const& query : queries) BOOST_TEST_CONTEXT(query) {
            auto const steps = plan(*connection, query);
            BOOST_TEST_CONTEXT(steps) {
                BOOST_TEST(steps.find("INDEX") != std::string::npos);
                for (std::string const whole : {"SCAN escalation\n", "SCAN event\n", "SCAN e\n"})
                    BOOST_TEST(steps.find(whole) == std::string::npos);
            }
        }
    auto const uses = [&](std::size_t query, std::string_view index) {
        BOOST_TEST(plan(*connection, queries[query]).find(index) != std::string::npos, index);
    };
    uses(0, "escalation_owner");
    uses(0, "escalation_acting");
    uses(1, "escalation_awaiting");
    BOOST_TEST(plan(*connection, queries[1]).find("TEMP B-TREE") == std::string::npos);  // in its order already
    uses(4, "escalation_by_requester");
    uses(5, "escalation_account");
    uses(6, "event_by_type (escalation=? AND type=?)");
    uses(8, "event_by_type (escalation=? AND type=?)");
    uses(10, "escalation_queue");
}

BOOST_AUTO_TEST_CASE(an_older_store_is_brought_up_to_date_with_what_it_holds) {
    Folder folder;
    {
        // As the first version wrote it: without the columns and indexes that came later.
        auto const connection = sql::open_connection(folder.url(), sql::Access::read_write);
        sql::migrate(*connection, "old", {sql::schema_files().front()});
        auto const row = [&](int id, bool open, std::string const& details) {
            connection->execute(fmt::format(
                "INSERT INTO escalation (id, version, state, severity, open, at_risk, breached, rank, owner, event_count, "
                "ledger_head, clocks, details, origin, hops, reopen_count, opened_at, created_at, updated_at, workspace, "
                "account, "
                "team, raised_by, source_channel, source_ts, source_thread_ts, source_permalink, card_channel, title, "
                "resolution, description) VALUES ({}, 1, {}, 2, {}, 0, 0, {}, 'U_BEN', 0, zeroblob(32), '', '{}', 3, 0, 0, 0, "
                "0, 0, 'T1', 'acme', '', 'U_ANA', '', '', '', '', '', 'Old', '', '')",
                id, open ? 2 : 8, open ? 1 : 0, id, details));
            connection->execute(fmt::format(
                "INSERT INTO event (hash, escalation, number, previous_hash, type, recorded_at, source_time, actor, actor_role, "
                "data, trace, text_digest) VALUES (randomblob(32), {}, 1, zeroblob(32), 1, 0, 0, 'U_ANA', {}, '', '', x'')",
                id, id == 4 ? 2 : 1));
        };
        row(1, true, "");
        row(2, true, R"({"transfer":{"by":"U_BEN"}})");
        row(3, true, R"({"severity_request":{"by":"U_BEN"}})");
        row(4, true, R"({"unconfirmed_since":5})");
        row(5, true, R"({"coverage":{"acting":"U_ANA","by":"U_BEN","from":1,"until":2}})");
        row(6, false, R"({"transfer":{"by":"U_BEN"},"coverage":{"acting":"U_ANA"}})");
        row(7, true, R"({"bounces":2})");
        row(8, false, R"({"declined_reason":"withdrawn"})");
        row(9, false, R"({"declined_reason":"Not ours"})");
    }
    auto const migrated = migrate_store(folder.url()).value();
    BOOST_TEST(migrated.from == 1);
    BOOST_TEST(migrated.to == static_cast<int>(sql::schema_files().size()));
    Opened opened(folder.url());
    auto const numbers = [&](auto query) {
        Numbers found;
        for (auto const& row : opened.read(query)) found.push_back(row.id.number);
        return found;
    };
    BOOST_TEST(numbers([](Snapshot const& s) { return s.pending_approvals(10); }) == (Numbers{2, 3, 4}),
               boost::test_tools::per_element());
    BOOST_TEST(numbers([](Snapshot const& s) { return s.queue({.filter = QueueFilter::mine, .person = ana}); }) == Numbers{5},
               boost::test_tools::per_element());
    BOOST_TEST(numbers([](Snapshot const& s) { return s.raised_by(ana, 10, 0); }) == (Numbers{7, 5, 3, 2, 1, 9, 8, 6}),
               boost::test_tools::per_element());
    auto const at_number = [&](std::int64_t number) {
        return opened.read([&](Snapshot const& s) { return s.escalation(EscalationId{number}).value(); });
    };
    // A request that had no end gets one, and it is not over already.
    auto const request = at_number(3).details.severity_request.value();
    BOOST_TEST((request.remind_at > Instant{} && request.remind_at < request.expires_at));
    BOOST_TEST((at_number(3).next_point == request.remind_at));
    BOOST_TEST(at_number(7).rank == 7 - 2 * to_us(Instant{30min}));
    BOOST_TEST(at_number(8).details.declined_reason == "");
    BOOST_TEST(at_number(9).details.declined_reason == "Not ours");
    for (auto const& problem : verify_store(folder.url()).value().problems)
        BOOST_TEST(problem.find("its marks") == std::string::npos, problem);
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace esc::test
