// The schema grows from nothing, once, and never backwards.
#include "store/sql/migrate.hpp"

#include "store/sql/connection.hpp"
#include "store_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>

namespace esc::test {
namespace {

std::vector<sql::SchemaFile> const first{{"0001.sql", "CREATE TABLE a (x INTEGER)"}};
std::vector<sql::SchemaFile> const second{first[0], {"0002.sql", "INSERT INTO a VALUES (1); INSERT INTO a VALUES (2)"}};
std::vector<sql::SchemaFile> const broken{first[0], {"0002.sql", "INSERT INTO a VALUES (3); INSERT INTO b VALUES (4)"}};

std::int64_t rows(sql::Connection& connection) {
    static constexpr sql::Sql count{"SELECT count(*) FROM a"};
    auto& statement = connection.prepared(count);
    statement.step();
    auto const result = statement.integer(0);
    statement.reset();
    return result;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(migrating)

BOOST_AUTO_TEST_CASE(from_nothing_and_twice) {
    Folder folder;
    auto const latest = static_cast<int>(sql::schema_files().size());
    auto const once = migrate_store(folder.url()).value();
    BOOST_TEST(once.from == 0);
    BOOST_TEST(once.to == latest);
    auto const twice = migrate_store(folder.url()).value();
    BOOST_TEST(twice.from == latest);
    BOOST_TEST(twice.to == latest);
    BOOST_TEST(problems(verify_store(folder.url()).value()) == "");
}

BOOST_AUTO_TEST_CASE(each_file_once_and_whole) {
    auto const connection = sql::open_connection("sqlite::memory:", sql::Access::read_write);
    BOOST_TEST(sql::migrate(*connection, "m", first) == 0);
    BOOST_TEST(sql::stored_version(*connection) == 1);
    BOOST_CHECK_THROW(sql::migrate(*connection, "m", broken), sql::DatabaseError);
    BOOST_TEST(sql::stored_version(*connection) == 1);
    BOOST_TEST(rows(*connection) == 0);
    BOOST_TEST(sql::migrate(*connection, "m", second) == 1);
    BOOST_TEST(sql::migrate(*connection, "m", second) == 2);
    BOOST_TEST(rows(*connection) == 2);
    BOOST_CHECK_THROW(sql::migrate(*connection, "m", first), sql::DatabaseError);
}

BOOST_AUTO_TEST_CASE(a_newer_store_and_a_strange_one_are_refused) {
    Folder folder;
    Metrics metrics;
    HomeThread home;
    sql::open_connection(folder.url("newer.db"), sql::Access::read_write)->execute("PRAGMA user_version = 1000");
    sql::open_connection(folder.url("other.db"), sql::Access::read_write)->execute("CREATE TABLE recipes (x TEXT)");
    std::ofstream(folder.path() / "text.db") << std::string(5000, 'x');
    for (std::string const name : {"newer.db", "other.db", "text.db"}) BOOST_TEST_CONTEXT(name) {
            auto const opened = Store::open({.url = folder.url(name)}, home.post(), metrics);
            BOOST_REQUIRE(opened.has_error());
            BOOST_TEST((opened.error().code == Errc::unavailable));
            BOOST_TEST(opened.error().message.find(name) != std::string::npos);
            auto const migrated = migrate_store(folder.url(name));
            BOOST_REQUIRE(migrated.has_error());
            BOOST_TEST((migrated.error().code == Errc::unavailable));
        }
}

BOOST_AUTO_TEST_CASE(addresses) {
    Folder folder;
    Metrics metrics;
    HomeThread home;
    for (std::string const url : {"", "sqlite", "sqlite:", "SQLITE:x", "postgres://localhost/x", "escalations.db"})
        BOOST_TEST_CONTEXT(url) {
            auto const opened = Store::open({.url = url}, home.post(), metrics);
            BOOST_REQUIRE(opened.has_error());
            BOOST_TEST((opened.error().code == Errc::invalid));
            BOOST_TEST((migrate_store(url).error().code == Errc::invalid));
        }
    for (std::string const& url : {"sqlite:" + folder.path().string(), folder.url("no/such/folder.db")}) BOOST_TEST_CONTEXT(url) {
            auto const opened = Store::open({.url = url}, home.post(), metrics);
            BOOST_REQUIRE(opened.has_error());
            BOOST_TEST((opened.error().code == Errc::unavailable));
            BOOST_TEST(opened.error().message.find(url.substr(7)) != std::string::npos);
        }
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace esc::test
