// A store that breaks at any statement, is killed, or runs out of room: what was committed stays, the rest never was.
#include "store/sql/connection.hpp"
#include "store_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <unistd.h>

#include <atomic>
#include <map>

namespace esc::test {
namespace {

// Counts what is asked of the database and fails at one of them.
struct Fuse {
    std::atomic<int> calls = 0;
    std::atomic<int> fails_at = 0;  // 0: never
    std::atomic<int> locks = 0;     // so many transactions find the database held by somebody else
    std::function<void()> locked{};

    void burn() {
        if (++calls == fails_at) throw sql::DatabaseError("broken by the test", 1);
    }
};

class FusedStatement final : public sql::Statement {
public:
    FusedStatement(sql::Statement& inner, Fuse& fuse) : inner_(inner), fuse_(fuse) {}
    void bind(int parameter, std::int64_t value) override { inner_.bind(parameter, value); }
    void bind(int parameter, std::string_view text) override { inner_.bind(parameter, text); }
    void bind(int parameter, sql::Blob blob) override { inner_.bind(parameter, blob); }
    void bind_null(int parameter) override { inner_.bind_null(parameter); }
    bool step() override {
        fuse_.burn();
        return inner_.step();
    }
    void reset() override { inner_.reset(); }
    [[nodiscard]] bool is_null(int column) const override { return inner_.is_null(column); }
    [[nodiscard]] std::int64_t integer(int column) const override { return inner_.integer(column); }
    [[nodiscard]] std::string_view text(int column) const override { return inner_.text(column); }
    [[nodiscard]] std::string_view blob(int column) const override { return inner_.blob(column); }

private:
    sql::Statement& inner_;
    Fuse& fuse_;
};

class FusedConnection final : public sql::Connection {
public:
    FusedConnection(std::unique_ptr<sql::Connection> inner, Fuse& fuse) : inner_(std::move(inner)), fuse_(fuse) {}
    sql::Statement& prepared(sql::Sql const& sql) override {
        auto& inner = inner_->prepared(sql);
        return statements_.try_emplace(&sql, inner, fuse_).first->second;
    }
    void execute(std::string const& script) override {
        fuse_.burn();
        inner_->execute(script);
    }
    void begin(sql::Mode mode) override {
        fuse_.burn();
        if (fuse_.locks > 0) {
            --fuse_.locks;
            if (fuse_.locked) fuse_.locked();
            throw sql::DatabaseError("held by the test", 5, true);
        }
        inner_->begin(mode);
    }
    void commit() override {
        fuse_.burn();
        inner_->commit();
    }
    void rollback() noexcept override { inner_->rollback(); }
    [[nodiscard]] std::int64_t changes() const override { return inner_->changes(); }
    void checkpoint() override {
        fuse_.burn();
        inner_->checkpoint();
    }

private:
    std::unique_ptr<sql::Connection> inner_;
    Fuse& fuse_;
    std::map<sql::Sql const*, FusedStatement> statements_;
};

// Only the writer's connection has the fuse.
Store::Options with_fuse(std::string url, Fuse& fuse) {
    return {.url = std::move(url), .readers = 1, .connect = [&fuse](std::string const& address, sql::Access access) {
                auto connection = sql::open_connection(address, access);
                if (access == sql::Access::read_only) return connection;
                return std::unique_ptr<sql::Connection>(new FusedConnection(std::move(connection), fuse));
            }};
}

// Raise, claim with a closed clock, a refusal, and the relay's bookkeeping.
std::vector<StoreWork> day_of_work() {
    return {raise_one,
            [](Tx& tx) {
                auto decision = changed(*tx.escalation(EscalationId{1}), EventType::claimed, at(50));
                decision.after.state = State::working;
                decision.after.owner = PersonId{"U1"};
                decision.closed_clocks = {decision.after.clocks[0]};
                decision.closed_clocks[0].stopped_at = at(50);
                decision.closed_clocks[0].outcome = ClockOutcome::met;
                decision.after.clocks.erase(decision.after.clocks.begin());
                decision.after.next_point = decision.after.clocks[0].next_point()->at;
                tx.apply(decision);
            },
            [](Tx& tx) { tx.record(EscalationId{1}, {{.type = EventType::claim_refused, .text = "late"}}); },
            [](Tx& tx) {
                auto const row = tx.outbox_row("locate:1").value();
                tx.outbox_sending(row.id, at(60));
                tx.outbox_done(row.id, row.generation);
                tx.save_surface({.key = "card:1", .escalation = EscalationId{1}});
                tx.enqueue({.key = "card:1", .escalation = EscalationId{1}});
            }};
}

bool run_day(Opened& opened) {
    bool all = true;
    int n = 0;
    // What failed is delivered again, as Slack does.
    auto const deliver = [&](StoreWork const& work, std::string const& key) {
        auto const result = opened.write(work, key);
        if (result.status != WriteStatus::failed) return result.status;
        all = false;
        BOOST_CHECK_THROW(std::rethrow_exception(result.error), sql::DatabaseError);
        return opened.write(work, key).status;
    };
    for (auto const& work : day_of_work()) {
        auto const key = "key" + std::to_string(n++);
        BOOST_TEST(deliver(work, key) == WriteStatus::committed);
        BOOST_TEST(deliver(work, key) == WriteStatus::duplicate);
    }
    return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(failures)

BOOST_AUTO_TEST_CASE(any_statement_may_fail_and_nothing_is_half_done) {
    int broken = 0;
    for (int n = 1;; ++n) {
        BOOST_REQUIRE(n < 500);
        Folder folder;
        Fuse fuse;
        bool all = false;
        {
            Opened opened(with_fuse(folder.url(), fuse));
            fuse.calls = 0;
            fuse.fails_at = n;
            all = run_day(opened);
            auto const row = opened.read([](Snapshot const& s) { return s.escalation(EscalationId{1}); }).value();
            BOOST_TEST(row.version == 2);
            BOOST_TEST(row.event_count == 3);
            BOOST_TEST(opened.read([](Snapshot const& s) { return s.outbox_depth(); }).waiting == 1);
            if (all && fuse.calls < n) fuse.fails_at = 0;
        }
        BOOST_TEST_CONTEXT("statement " << n) { BOOST_TEST(problems(verify_store(folder.url()).value()) == ""); }
        if (all && fuse.calls < n) break;
        ++broken;
    }
    BOOST_TEST(broken > 40);
}

BOOST_AUTO_TEST_CASE(any_statement_of_a_batch_may_fail) {
    for (int n = 1;; ++n) {
        BOOST_REQUIRE(n < 500);
        Folder folder;
        Fuse fuse;
        int committed = 0;
        int failed = 0;
        {
            Opened opened(with_fuse(folder.url(), fuse));
            std::atomic<bool> go = false;
            // Holds the writer, so that the four surely make one batch.
            std::atomic<bool> held = false;
            auto const hold = [&](Tx&) {
                held = true;
                held.notify_all();
                go.wait(false);
            };
            opened.store->write({}, at(0), hold, {});
            held.wait(false);
            for (int k = 0; k < 4; ++k)
                opened.store->write("key" + std::to_string(k), at(0), raise_one, [&](WriteResult result) {
                    ++(result.status == WriteStatus::committed ? committed : failed);
                });
            fuse.calls = 0;
            fuse.fails_at = n;
            go = true;
            go.notify_all();
            opened.home.run_until([&] { return committed + failed == 4; });
            fuse.fails_at = 0;
            // A batch that breaks is repeated member by member, so a passing fault hurts nobody; only BEGIN fails them all.
            BOOST_TEST((failed == 0 || failed == 4));
            BOOST_TEST(opened.read([](Snapshot const& s) { return s.queue_counts().open; }) == committed);
        }
        BOOST_TEST(problems(verify_store(folder.url()).value()) == "");
        if (fuse.calls < n) break;
    }
}

BOOST_AUTO_TEST_CASE(a_lock_of_somebody_else_is_sat_out) {
    Folder folder;
    Fuse fuse;
    Opened opened(with_fuse(folder.url(), fuse));
    fuse.locks = 5;
    opened.commit(raise_one);
    BOOST_TEST(fuse.locks == 0);
    // Not for ever: somebody has to be told.
    fuse.locks = 1'000'000;
    BOOST_TEST(opened.write(raise_one, "key").status == WriteStatus::failed);
    // What failed is no duplicate.
    fuse.locks = 0;
    BOOST_TEST(opened.write(raise_one, "key").status == WriteStatus::committed);
}

BOOST_AUTO_TEST_CASE(a_stop_does_not_wait_for_a_lock) {
    Folder folder;
    Fuse fuse;
    Opened opened(with_fuse(folder.url(), fuse));
    fuse.locks = 1'000;
    int tries = 0;
    fuse.locked = [&] {
        if (++tries == 3) opened.store->hurry();
    };
    BOOST_TEST(opened.write(raise_one).status == WriteStatus::failed);
    BOOST_TEST(tries == 3);
    opened.store->stop();
    BOOST_TEST(tries == 4);  // the last anchor
    opened.store.reset();
    Opened again(folder.url());
    BOOST_TEST(again.read([](Snapshot const& s) { return s.queue_counts().open; }) == 0);
}

BOOST_AUTO_TEST_CASE(opening_may_fail_at_any_statement) {
    for (int n = 1;; ++n) {
        BOOST_REQUIRE(n < 50);
        Folder folder;
        Fuse fuse;
        fuse.fails_at = n;
        Metrics metrics;
        HomeThread home;
        auto const opened = Store::open(with_fuse(folder.url(), fuse), home.post(), metrics);
        if (opened) break;
        BOOST_TEST((opened.error().code == Errc::unavailable));
        Opened again(folder.url());
        again.commit(raise_one);
    }
}

BOOST_AUTO_TEST_CASE(a_store_that_was_killed_has_everything_committed) {
    Folder folder;
    Opened opened(folder.url());
    for (int n = 0; n < 10; ++n) opened.commit(raise_one);
    opened.write(raise_one, "seen");
    for (std::string const suffix : {"", "-wal"})
        std::filesystem::copy_file(folder.path() / ("store.db" + suffix), folder.path() / ("killed.db" + suffix));
    Opened killed(folder.url("killed.db"));
    BOOST_TEST(killed.read([](Snapshot const& s) { return s.queue_counts().open; }) == 11);
    BOOST_TEST(killed.write(raise_one, "seen").status == WriteStatus::duplicate);
    killed.commit(raise_one);
    killed.store.reset();
    BOOST_TEST(problems(verify_store(folder.url("killed.db")).value()) == "");
}

BOOST_AUTO_TEST_CASE(a_log_that_ends_in_the_middle_loses_only_its_last_commits) {
    Folder folder;
    Opened opened(folder.url());
    for (int n = 0; n < 10; ++n) opened.commit(raise_one);
    auto const size = std::filesystem::file_size(folder.path() / "store.db-wal");
    for (std::uintmax_t cut = 1; cut < size; cut = cut * 3 + 1000) {
        auto const name = "cut" + std::to_string(cut) + ".db";
        std::filesystem::copy_file(folder.path() / "store.db", folder.path() / name);
        std::filesystem::copy_file(folder.path() / "store.db-wal", folder.path() / (name + "-wal"));
        std::filesystem::resize_file(folder.path() / (name + "-wal"), size - cut);
        std::int64_t open = 0;
        {
            Opened killed(folder.url(name));
            open = killed.read([](Snapshot const& s) { return s.queue_counts().open; });
            killed.commit(raise_one);
        }
        BOOST_TEST(open < 10);
        auto const verification = verify_store(folder.url(name)).value();
        BOOST_TEST(problems(verification) == "");
        BOOST_TEST(verification.escalations == open + 1);
    }
}

BOOST_AUTO_TEST_CASE(a_full_disk_fails_the_command_and_names_the_file) {
    Folder folder;
    sql::Connection* writer = nullptr;
    Opened opened(Store::Options{.url = folder.url(), .readers = 1, .connect = [&](std::string const& url, sql::Access access) {
                                     auto connection = sql::open_connection(url, access);
                                     if (access == sql::Access::read_write) writer = connection.get();
                                     return connection;
                                 }});
    opened.commit([&writer](Tx&) { writer->execute("PRAGMA max_page_count = 60"); });
    int committed = 0;
    WriteResult result;
    while ((result = opened.write(raise_one)).status == WriteStatus::committed) BOOST_REQUIRE(++committed < 10'000);
    BOOST_TEST(committed > 0);
    BOOST_TEST(result.status == WriteStatus::failed);
    try {
        std::rethrow_exception(result.error);
    } catch (sql::DatabaseError const& error) {
        BOOST_TEST(std::string(error.what()).find("store.db") != std::string::npos);
    }
    BOOST_TEST(opened.read([](Snapshot const& s) { return s.queue_counts().open; }) == committed);
    // Room again: the store goes on.
    opened.commit([&writer](Tx&) { writer->execute("PRAGMA max_page_count = 100000"); });
    opened.commit(raise_one);
    opened.store.reset();
    BOOST_TEST(problems(verify_store(folder.url()).value()) == "");
}

BOOST_AUTO_TEST_CASE(a_folder_that_cannot_be_written_is_named) {
    if (::geteuid() == 0) {
        // Rights mean nothing to root; a folder of the kernel's refuses even it.
        auto const opened = migrate_store("sqlite:/proc/escalations.db");
        BOOST_REQUIRE(opened.has_error());
        BOOST_TEST(opened.error().message.find("/proc/escalations.db") != std::string::npos);
        return;
    }
    Folder folder;
    std::filesystem::permissions(folder.path(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
    auto const opened = migrate_store(folder.url());
    std::filesystem::permissions(folder.path(), std::filesystem::perms::owner_all);
    BOOST_REQUIRE(opened.has_error());
    BOOST_TEST((opened.error().code == Errc::unavailable));
    BOOST_TEST(opened.error().message.find("store.db") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace esc::test
