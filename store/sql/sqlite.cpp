// SQLite behind the statement boundary. The only file that knows sqlite3.h. A connection belongs to one thread at a time.
#include "store/sql/connection.hpp"

#include <fmt/core.h>
#include <sqlite3.h>

#include <climits>
#include <cstddef>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

namespace esc::sql {
namespace {

constexpr std::string_view scheme = "sqlite:";
constexpr std::string_view memory_name = ":memory:";
constexpr int busy_timeout_ms = 1000;  // the store tries again; a stop must not wait long
// Filled only as pages are touched. Larger caches were not faster: the operating system holds the file anyway.
constexpr int writer_cache_kib = 8192;
constexpr int reader_cache_kib = 2048;
// Pages of write-ahead log before a commit copies them into the file: fewer, larger copies than SQLite's default of 1000.
constexpr int checkpoint_pages = 4000;
constexpr int log_size_limit_bytes = 64 * 1024 * 1024;

bool is_busy(int code) { return (code & 0xff) == SQLITE_BUSY; }

class SqliteStatement final : public Statement {
public:
    SqliteStatement(sqlite3* database, std::string const& file, std::string_view text) : database_(database), file_(file) {
        sqlite3_stmt* raw = nullptr;
        if (sqlite3_prepare_v3(database, text.data(), static_cast<int>(text.size()), SQLITE_PREPARE_PERSISTENT, &raw, nullptr) !=
            SQLITE_OK)
            fail();
        statement_.reset(raw);
        // SQLite numbers "$2 … $1" by first use, so each is looked up by its name, once.
        auto const count = sqlite3_bind_parameter_count(raw);
        for (int n = 1; n <= count; ++n) {
            auto const index = sqlite3_bind_parameter_index(raw, fmt::format("${}", n).c_str());
            if (index == 0) throw DatabaseError(fmt::format("parameter ${} is not in: {}", n, text), SQLITE_RANGE);
            indexes_.push_back(index);
        }
    }

    void bind(int parameter, std::int64_t value) override {
        check(sqlite3_bind_int64(statement_.get(), index(parameter), value));
    }
    void bind(int parameter, std::string_view text) override {
        // A null pointer would bind NULL.
        auto const* data = text.data() == nullptr ? "" : text.data();
        check(sqlite3_bind_text64(statement_.get(), index(parameter), data, text.size(), SQLITE_STATIC, SQLITE_UTF8));
    }
    void bind(int parameter, Blob blob) override {
        auto const* data = blob.bytes.data() == nullptr ? "" : blob.bytes.data();
        check(sqlite3_bind_blob64(statement_.get(), index(parameter), data, blob.bytes.size(), SQLITE_STATIC));
    }
    void bind_null(int parameter) override { check(sqlite3_bind_null(statement_.get(), index(parameter))); }

    bool step() override {
        switch (sqlite3_step(statement_.get())) {
            case SQLITE_ROW:
                return true;
            case SQLITE_DONE:
                return false;
            default:
                fail();
        }
    }
    void reset() override { sqlite3_reset(statement_.get()); }
    void renew() {
        sqlite3_reset(statement_.get());
        sqlite3_clear_bindings(statement_.get());
    }

    [[nodiscard]] bool is_null(int column) const override { return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL; }
    [[nodiscard]] std::int64_t integer(int column) const override { return sqlite3_column_int64(statement_.get(), column); }
    [[nodiscard]] std::string_view text(int column) const override {
        auto const* data = reinterpret_cast<char const*>(sqlite3_column_text(statement_.get(), column));
        return view(data, column);
    }
    [[nodiscard]] std::string_view blob(int column) const override {
        return view(static_cast<char const*>(sqlite3_column_blob(statement_.get(), column)), column);
    }

private:
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
    };

    [[nodiscard]] std::string_view view(char const* data, int column) const {
        if (data == nullptr) return {};
        return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
    }
    [[nodiscard]] int index(int parameter) const {
        if (parameter < 1 || static_cast<std::size_t>(parameter) > indexes_.size())
            throw DatabaseError(fmt::format("there is no parameter ${} in: {}", parameter, sqlite3_sql(statement_.get())),
                                SQLITE_RANGE);
        return indexes_[static_cast<std::size_t>(parameter) - 1];
    }
    void check(int code) const {
        if (code != SQLITE_OK) fail();
    }
    [[noreturn]] void fail() const {
        auto const code = sqlite3_extended_errcode(database_);
        throw DatabaseError(fmt::format("{}: {}", file_, sqlite3_errmsg(database_)), code, is_busy(code));
    }

    sqlite3* database_;
    std::string const& file_;
    std::unique_ptr<sqlite3_stmt, Finalize> statement_;
    std::vector<int> indexes_;
};

// Statistics of memory that nobody reads would cost a lock at every allocation. Before the first connection.
void configure_library() {
    static int const code = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    if (code != SQLITE_OK) throw DatabaseError(sqlite3_errstr(code), code);
}

class SqliteConnection final : public Connection {
public:
    SqliteConnection(std::string file, Access access) : file_(std::move(file)), access_(access) {
        configure_library();
        int const flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                          (access == Access::read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
        sqlite3* raw = nullptr;
        auto const code = sqlite3_open_v2(file_.c_str(), &raw, flags, nullptr);
        database_.reset(raw);
        if (code != SQLITE_OK) fail(code);
        sqlite3_busy_timeout(raw, busy_timeout_ms);
        set_pragmas();
    }

    Statement& prepared(Sql const& sql) override {
        auto found = statements_.find(&sql);
        if (found == statements_.end())
            found = statements_.emplace(&sql, std::make_unique<SqliteStatement>(database_.get(), file_, sql.text)).first;
        found->second->renew();
        return *found->second;
    }
    void execute(std::string const& script) override {
        auto const code = sqlite3_exec(database_.get(), script.c_str(), nullptr, nullptr, nullptr);
        if (code != SQLITE_OK) fail(code);
    }
    void begin(Mode mode) override {
        static constexpr Sql begin_read{"BEGIN"};
        static constexpr Sql begin_write{"BEGIN IMMEDIATE"};
        run(mode == Mode::write ? begin_write : begin_read);
    }
    void commit() override {
        static constexpr Sql sql{"COMMIT"};
        run(sql);
    }
    void rollback() noexcept override {
        // Some errors have rolled back already; then there is nothing to do.
        if (sqlite3_get_autocommit(database_.get()) != 0) return;
        for (auto const& [sql, statement] : statements_) statement->reset();
        sqlite3_exec(database_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
    }
    [[nodiscard]] std::int64_t changes() const override { return sqlite3_changes64(database_.get()); }
    void checkpoint() override {
        auto const code = sqlite3_wal_checkpoint_v2(database_.get(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
        if (code != SQLITE_OK) fail(code);
    }

private:
    struct Close {
        void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
    };

    [[noreturn]] void fail(int code) const {
        char const* reason = database_ ? sqlite3_errmsg(database_.get()) : sqlite3_errstr(code);
        throw DatabaseError(fmt::format("{}: {}", file_, reason), code, is_busy(code));
    }
    void run(Sql const& sql) {
        auto& statement = prepared(sql);
        try {
            statement.step();
        } catch (...) {
            statement.reset();
            throw;
        }
        statement.reset();
    }
    std::string ask(std::string const& pragma) {
        SqliteStatement statement(database_.get(), file_, pragma);
        return statement.step() ? std::string(statement.text(0)) : std::string{};
    }
    // Sets a pragma and reads it back: SQLite ignores what it does not know or cannot do without a word.
    void set(std::string_view name, std::string_view value, std::string_view expected) {
        ask(fmt::format("PRAGMA {} = {}", name, value));
        auto const now = ask(fmt::format("PRAGMA {}", name));
        if (now != expected)
            throw DatabaseError(fmt::format("{}: {} is \"{}\", not \"{}\"", file_, name, now, expected), SQLITE_ERROR);
    }
    void set_pragmas() {
        bool const memory = file_ == memory_name;
        auto const cache = fmt::format("{}", access_ == Access::read_only ? -reader_cache_kib : -writer_cache_kib);
        if (access_ == Access::read_only) {
            set("query_only", "1", "1");
        } else {
            set("journal_mode", "WAL", memory ? "memory" : "wal");
            set("synchronous", "FULL", "2");
            set("foreign_keys", "1", "1");
            set("wal_autocheckpoint", fmt::format("{}", checkpoint_pages), fmt::format("{}", checkpoint_pages));
            set("journal_size_limit", fmt::format("{}", log_size_limit_bytes), fmt::format("{}", log_size_limit_bytes));
        }
        set("temp_store", "MEMORY", "2");
        set("cache_size", cache, cache);
        set("busy_timeout", fmt::format("{}", busy_timeout_ms), fmt::format("{}", busy_timeout_ms));
        // The first look into the file: not a database, or not readable, is said now and not by the first command.
        ask("SELECT count(*) FROM sqlite_schema");
    }

    std::string file_;
    Access access_;
    std::unique_ptr<sqlite3, Close> database_;
    std::unordered_map<Sql const*, std::unique_ptr<SqliteStatement>> statements_;
};

}  // namespace

std::unique_ptr<Connection> open_connection(std::string const& url, Access access) {
    auto const file = file_of(url);
    if (!file) throw DatabaseError(fmt::format("\"{}\" is not an address of a store: sqlite:FILE", url), SQLITE_CANTOPEN);
    return std::make_unique<SqliteConnection>(*file, access);
}

std::optional<std::string> file_of(std::string_view url) {
    if (!url.starts_with(scheme) || url.size() == scheme.size() || url.find('\0') != std::string_view::npos) return std::nullopt;
    return std::string(url.substr(scheme.size()));
}

bool in_memory(std::string_view url) { return url.starts_with(scheme) && url.substr(scheme.size()) == memory_name; }

}  // namespace esc::sql
