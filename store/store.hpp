// The store: one writer thread that takes everything waiting, runs it in one transaction and syncs once (group commit),
// and reader threads on read-only connections. Completions run on the caller's home thread through `post`.
#pragma once

#include "bot/base/metrics.hpp"
#include "bot/base/result.hpp"
#include "store/sql/connection.hpp"
#include "store/tx.hpp"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace esc {

enum class WriteStatus : std::uint8_t {
    committed,
    duplicate,   // the inbox key was seen before: nothing ran
    failed,      // the work threw, alone in its own transaction; `error` says what
    overloaded,  // the queue is full: nothing ran, answer nothing so that the peer retries
    stopped,     // the store is shutting down: nothing ran
};

struct WriteResult {
    WriteStatus status = WriteStatus::committed;
    std::exception_ptr error{};
};

// Reads and writes Tx and its own captures, nothing else; may run twice, and must then give the same answer. It refuses
// before its first write; after that it may only finish or throw (there are no savepoints).
using StoreWork = std::function<void(Tx&)>;

class Store {
public:
    using Post = std::function<void(std::function<void()>)>;
    struct Options {
        std::string url = "sqlite:escalations.db";  // or "sqlite::memory:" for tests
        std::size_t queue_limit = 50'000;
        int readers = 2;
        // How connections are made; tests put one in between that breaks.
        std::function<std::unique_ptr<sql::Connection>(std::string const& url, sql::Access access)> connect =
            sql::open_connection;
    };

    // Opens, migrates and checks the pragmas back. Errc::invalid for an address it cannot understand, Errc::unavailable
    // with the file's name for one that cannot be opened, or whose schema is newer than this program.
    [[nodiscard]] static Result<std::unique_ptr<Store>> open(Options options, Post post, Metrics& metrics);
    ~Store();
    Store(Store const&) = delete;
    Store& operator=(Store const&) = delete;

    // `inbox_key` empty: not deduplicated. `received_at` dates the key. `done` runs exactly once, on the home thread.
    void write(std::string inbox_key, Instant received_at, StoreWork work, std::function<void(WriteResult)> done);
    // The query sees one consistent state; `error` is what it threw, or null.
    void read(std::function<void(Snapshot const&)> query, std::function<void(std::exception_ptr error)> done);
    // Runs on the home thread after each commit that changed something somebody sleeps for.
    void on_commit(std::function<void(CommitNotice const&)> listener);

    [[nodiscard]] std::size_t queued() const;
    // The end is near: a database that somebody else holds is no longer waited for.
    void hurry();
    // Finishes what is queued, checkpoints and closes. Blocks; completions have been posted when it returns.
    void stop();

private:
    struct Impl;
    explicit Store(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

// `escalationd migrate`: brings the schema up to date and says from which version to which.
struct Migration {
    int from = 0;
    int to = 0;
};
[[nodiscard]] Result<Migration> migrate_store(std::string const& url);

// One transaction or one look from a program that is not the service, which may run meanwhile. Waits a second for a lock.
// What `work` throws comes out; it then changed nothing.
[[nodiscard]] Result<void> write_store(std::string const& url, StoreWork const& work);
[[nodiscard]] Result<void> read_store(std::string const& url, std::function<void(Snapshot const&)> const& query);

// `escalationd verify`: recomputes every hash and checks the invariants that the store can see.
struct Verification {
    std::int64_t escalations = 0;
    std::int64_t events = 0;
    std::int64_t erased_texts = 0;
    std::vector<std::string> problems{};  // empty: all is well; each names the escalation and what is wrong
};
[[nodiscard]] Result<Verification> verify_store(std::string const& url);

}  // namespace esc
