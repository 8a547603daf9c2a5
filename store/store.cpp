// The threads around the connections: who waits for what, what happens to a batch that cannot be committed, and that every
// completion is posted home exactly once.
#include "store/store.hpp"

#include "bot/base/log.hpp"
#include "store/inbox.hpp"
#include "store/ledger.hpp"
#include "store/sql/connection.hpp"
#include "store/sql/migrate.hpp"
#include "store/verify.hpp"

#include <fmt/format.h>
#include <pthread.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>

namespace esc {
namespace {

constexpr int busy_tries_max = 60;  // of a second each: a lock that lasts longer is somebody's mistake

struct Write {
    std::string inbox_key;
    Instant received_at;
    StoreWork work;
    std::function<void(WriteResult)> done;
    WriteResult result{};
};
using Batch = std::vector<Write>;

struct Read {
    std::function<void(Snapshot const&)> query;
    std::function<void(std::exception_ptr)> done;
};

// Lives on the home thread; completions hold it, so that they may come after the store is gone.
struct Home {
    std::function<void(CommitNotice const&)> listener;
};

void merge(CommitNotice& into, CommitNotice const& notice) {
    into.outbox_changed = into.outbox_changed || notice.outbox_changed;
    into.queue_changed = into.queue_changed || notice.queue_changed;
    into.boards_changed = into.boards_changed || notice.boards_changed;
    if (notice.earliest_point && (!into.earliest_point || *notice.earliest_point < *into.earliest_point))
        into.earliest_point = notice.earliest_point;
}

// A completion that throws keeps no other from running; its exception then goes on to whoever runs the home thread.
void complete(Batch& batch, Home& home, CommitNotice const& notice) {
    std::exception_ptr first;
    auto const guarded = [&first](auto const& call) {
        try {
            call();
        } catch (...) {
            if (!first) first = std::current_exception();
        }
    };
    for (auto& write : batch)
        if (write.done) guarded([&write] { write.done(std::move(write.result)); });
    if (home.listener && (notice.outbox_changed || notice.earliest_point || notice.queue_changed || notice.boards_changed))
        guarded([&] { home.listener(notice); });
    if (first) std::rethrow_exception(first);
}

}  // namespace

struct Store::Impl {
    Impl(Options options_, Post post_, Metrics& metrics)
        : options(std::move(options_)),
          post(std::move(post_)),
          batch_size(metrics.histogram("esc_commit_batch_size", "Commands in one commit of the store",
                                       {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096, 16384})),
          commit_seconds(metrics.histogram("esc_commit_seconds", "From taking a batch to its commit",
                                           {0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5})),
          replays(metrics.counter("esc_commit_replays_total", "Batches that were rolled back and run one by one")),
          committed(writes_metric(metrics, "committed")),
          duplicate(writes_metric(metrics, "duplicate")),
          failed(writes_metric(metrics, "failed")),
          overloaded(writes_metric(metrics, "overloaded")) {}

    static Counter writes_metric(Metrics& metrics, char const* status) {
        return metrics.counter("esc_store_writes_total", "Commands by what became of them", {{"status", status}});
    }

    void start();
    void write_loop();
    void read_loop(sql::Connection& connection);
    void run_batch(Batch& batch);
    void begin_patiently();
    bool run_together(Batch& batch, CommitNotice& notice);
    void run_one_by_one(Batch& batch, CommitNotice& notice);
    WriteResult run_work(Write& write, Tx& tx);
    void run_read(sql::Connection& connection, Read& read);
    void post_completions(Batch&& batch, CommitNotice const& notice);
    void stop();

    Options options;
    Post post;
    Histogram batch_size;
    Histogram commit_seconds;
    Counter replays;
    Counter committed;
    Counter duplicate;
    Counter failed;
    Counter overloaded;

    std::unique_ptr<sql::Connection> writer;
    std::vector<std::unique_ptr<sql::Connection>> readers;
    // A store in memory is its connection, so its reads run between the batches of the writer.
    bool reads_on_writer = false;
    std::shared_ptr<Home> home = std::make_shared<Home>();

    mutable std::mutex mutex;
    std::condition_variable writer_wakes;
    std::condition_variable reader_wakes;
    Batch writes;
    std::size_t in_hand = 0;  // taken by the writer, not yet committed
    std::deque<Read> reads;
    bool stopping = false;
    std::atomic<bool> hurried = false;
    std::vector<std::thread> threads;
};

void Store::Impl::start() {
    threads.emplace_back([this] {
        pthread_setname_np(pthread_self(), "store-w");
        write_loop();
    });
    for (std::size_t n = 0; n < readers.size(); ++n) {
        threads.emplace_back([this, n] {
            pthread_setname_np(pthread_self(), fmt::format("store-r{}", n).c_str());
            read_loop(*readers[n]);
        });
    }
}

void Store::Impl::write_loop() {
    Batch batch;
    std::deque<Read> reads_here;
    for (;;) {
        {
            std::unique_lock lock(mutex);
            in_hand = 0;
            writer_wakes.wait(lock, [this] { return stopping || !writes.empty() || (reads_on_writer && !reads.empty()); });
            batch.swap(writes);
            if (reads_on_writer) reads_here.swap(reads);
            in_hand = batch.size();
            if (batch.empty() && reads_here.empty()) return;  // stopping, and all is done
        }
        if (!batch.empty()) run_batch(batch);
        batch.clear();
        for (auto& read : reads_here) run_read(*writer, read);
        reads_here.clear();
    }
}

void Store::Impl::read_loop(sql::Connection& connection) {
    for (;;) {
        Read read;
        {
            std::unique_lock lock(mutex);
            reader_wakes.wait(lock, [this] { return stopping || !reads.empty(); });
            if (reads.empty()) return;
            read = std::move(reads.front());
            reads.pop_front();
        }
        run_read(connection, read);
    }
}

void Store::Impl::run_batch(Batch& batch) {
    auto const started = std::chrono::steady_clock::now();
    CommitNotice notice;
    if (!run_together(batch, notice)) {
        replays.add();
        run_one_by_one(batch, notice);
    }
    batch_size.observe(static_cast<double>(batch.size()));
    commit_seconds.observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count());
    for (auto& write : batch) {
        write.work = nullptr;
        switch (write.result.status) {
            case WriteStatus::committed:
                committed.add();
                break;
            case WriteStatus::duplicate:
                duplicate.add();
                break;
            case WriteStatus::failed:
                failed.add();
                break;
            case WriteStatus::overloaded:
            case WriteStatus::stopped:
                break;
        }
    }
    post_completions(std::move(batch), notice);
}

// People were told that what they asked for is in the queue, so somebody else's lock is sat out.
void Store::Impl::begin_patiently() {
    for (int tries = 1;; ++tries) {
        try {
            return writer->begin(sql::Mode::write);
        } catch (sql::DatabaseError const& error) {
            if (!error.busy() || hurried || tries >= busy_tries_max) throw;
            if (tries == 1) log::warning("store_busy", {{"error", std::string_view(error.what())}, {"then", "tried again"}});
        }
    }
}

// One transaction for all. False: it was rolled back, and each must be tried alone.
bool Store::Impl::run_together(Batch& batch, CommitNotice& notice) {
    auto const fail_all = [&batch](std::exception_ptr const& error) {
        for (auto& write : batch) write.result = {.status = WriteStatus::failed, .error = error};
    };
    try {
        begin_patiently();
    } catch (...) {
        auto const error = std::current_exception();
        log::error("store_unavailable", {{"commands", batch.size()}, {"error", what_of(error)}});
        fail_all(error);
        return true;
    }
    try {
        Tx tx(*writer, notice);
        for (auto& write : batch) write.result = run_work(write, tx);
        tx.finish();
        ledger::anchor(*writer, ledger::AnchorWhen::due);
        writer->commit();
        return true;
    } catch (...) {
        writer->rollback();
        notice = {};
        auto const error = std::current_exception();
        log::warning("store_rolled_back", {{"commands", batch.size()}, {"error", what_of(error)}});
        if (batch.size() > 1) return false;
        fail_all(error);
        return true;
    }
}

void Store::Impl::run_one_by_one(Batch& batch, CommitNotice& notice) {
    for (auto& write : batch) {
        CommitNotice own;
        try {
            begin_patiently();
            Tx tx(*writer, own);
            write.result = run_work(write, tx);
            tx.finish();
            ledger::anchor(*writer, ledger::AnchorWhen::due);
            writer->commit();
            merge(notice, own);
        } catch (...) {
            writer->rollback();
            write.result = {.status = WriteStatus::failed, .error = std::current_exception()};
        }
    }
}

WriteResult Store::Impl::run_work(Write& write, Tx& tx) {
    if (!write.inbox_key.empty() && !inbox::accept(*writer, write.inbox_key, write.received_at))
        return {.status = WriteStatus::duplicate};
    write.work(tx);
    return {};
}

void Store::Impl::run_read(sql::Connection& connection, Read& read) {
    std::exception_ptr error;
    try {
        connection.begin(sql::Mode::read);
        read.query(Snapshot(connection));
        connection.commit();
    } catch (...) {
        error = std::current_exception();
        connection.rollback();
    }
    read.query = nullptr;
    if (read.done) post([done = std::move(read.done), error] { done(error); });
}

void Store::Impl::post_completions(Batch&& batch, CommitNotice const& notice) {
    auto finished = std::make_shared<Batch>(std::move(batch));
    post([finished, keeper = home, notice] { complete(*finished, *keeper, notice); });
}

void Store::Impl::stop() {
    hurried = true;
    {
        std::lock_guard lock(mutex);
        stopping = true;
    }
    writer_wakes.notify_all();
    reader_wakes.notify_all();
    for (auto& thread : threads) thread.join();
    threads.clear();
    readers.clear();
    if (!writer) return;
    try {
        writer->begin(sql::Mode::write);
        ledger::anchor(*writer, ledger::AnchorWhen::now);
        writer->commit();
        writer->checkpoint();
    } catch (std::exception const& error) {
        // Everything is committed and lies in the log beside the file, where the next start finds it.
        writer->rollback();
        log::warning("store_checkpoint_failed", {{"error", std::string_view(error.what())}});
    }
    writer.reset();
}

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Store::~Store() {
    stop();
    impl_->home->listener = nullptr;
}

Result<std::unique_ptr<Store>> Store::open(Options options, Post post, Metrics& metrics) {
    ESC_CHECK(check_store_url(options.url));
    auto impl = std::make_unique<Impl>(std::move(options), std::move(post), metrics);
    auto const& url = impl->options.url;
    try {
        impl->writer = impl->options.connect(url, sql::Access::read_write);
        sql::migrate(*impl->writer, *sql::file_of(url));
        impl->reads_on_writer = sql::in_memory(url) || impl->options.readers < 1;
        if (!impl->reads_on_writer)
            for (int n = 0; n < impl->options.readers; ++n)
                impl->readers.push_back(impl->options.connect(url, sql::Access::read_only));
    } catch (std::exception const& error) {
        return fail(Errc::unavailable, "The store cannot be opened. {}", error.what());
    }
    impl->start();
    return std::unique_ptr<Store>(new Store(std::move(impl)));
}

void Store::write(std::string inbox_key, Instant received_at, StoreWork work, std::function<void(WriteResult)> done) {
    auto refused = WriteStatus::stopped;
    {
        std::lock_guard lock(impl_->mutex);
        if (!impl_->stopping) {
            if (impl_->writes.size() < impl_->options.queue_limit) {
                impl_->writes.push_back({std::move(inbox_key), received_at, std::move(work), std::move(done)});
                if (impl_->writes.size() == 1) impl_->writer_wakes.notify_one();
                return;
            }
            refused = WriteStatus::overloaded;
        }
    }
    if (refused == WriteStatus::overloaded) impl_->overloaded.add();
    if (done) impl_->post([done = std::move(done), refused] { done({.status = refused}); });
}

void Store::read(std::function<void(Snapshot const&)> query, std::function<void(std::exception_ptr error)> done) {
    char const* reason = "the store is shutting down";
    {
        std::lock_guard lock(impl_->mutex);
        if (!impl_->stopping) {
            if (impl_->reads.size() < impl_->options.queue_limit) {
                impl_->reads.push_back({std::move(query), std::move(done)});
                (impl_->reads_on_writer ? impl_->writer_wakes : impl_->reader_wakes).notify_one();
                return;
            }
            reason = "too many reads are waiting for the store";
        }
    }
    if (done) impl_->post([done = std::move(done), reason] { done(std::make_exception_ptr(std::runtime_error(reason))); });
}

void Store::on_commit(std::function<void(CommitNotice const&)> listener) { impl_->home->listener = std::move(listener); }

std::size_t Store::queued() const {
    std::lock_guard lock(impl_->mutex);
    return impl_->writes.size() + impl_->in_hand;
}

void Store::hurry() { impl_->hurried = true; }

void Store::stop() { impl_->stop(); }

Result<void> check_store_url(std::string const& url) {
    if (sql::file_of(url)) return {};
    return fail(Errc::invalid, "\"{}\" is not an address of a store: write sqlite:FILE.", url);
}

Result<Migration> migrate_store(std::string const& url) {
    ESC_CHECK(check_store_url(url));
    try {
        auto connection = sql::open_connection(url, sql::Access::read_write);
        auto const from = sql::migrate(*connection, *sql::file_of(url));
        return Migration{.from = from, .to = sql::stored_version(*connection)};
    } catch (sql::DatabaseError const& error) {
        return fail(Errc::unavailable, "The store cannot be brought up to date. {}", error.what());
    }
}

Result<void> write_store(std::string const& url, StoreWork const& work) {
    ESC_CHECK(check_store_url(url));
    try {
        auto connection = sql::open_connection(url, sql::Access::read_write);
        auto const version = sql::stored_version(*connection);
        auto const latest = static_cast<int>(sql::schema_files().size());
        if (version != latest)
            return fail(Errc::unavailable,
                        "{}: the store has version {}, this program writes version {}: run escalationd migrate.",
                        *sql::file_of(url), version, latest);
        connection->begin(sql::Mode::write);
        try {
            CommitNotice nobody_listens;
            Tx tx(*connection, nobody_listens);
            work(tx);
            tx.finish();
            ledger::anchor(*connection, ledger::AnchorWhen::due);
            connection->commit();
        } catch (...) {
            connection->rollback();
            throw;
        }
        return {};
    } catch (sql::DatabaseError const& error) {
        return fail(Errc::unavailable, "The store cannot be written. {}", error.what());
    }
}

Result<void> read_store(std::string const& url, std::function<void(Snapshot const&)> const& query) {
    ESC_CHECK(check_store_url(url));
    try {
        auto connection = sql::open_connection(url, sql::Access::read_only);
        connection->begin(sql::Mode::read);
        query(Snapshot(*connection));
        connection->commit();
        return {};
    } catch (sql::DatabaseError const& error) {
        return fail(Errc::unavailable, "The store cannot be read. {}", error.what());
    }
}

}  // namespace esc
