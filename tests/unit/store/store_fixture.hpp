// What the store's tests share: a folder that goes away, a home thread made of the test itself, and escalations to write.
#pragma once

#include "bot/base/metrics.hpp"
#include "store/store.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <string>
#include <utility>

namespace esc {

inline std::ostream& operator<<(std::ostream& out, WriteStatus status) { return out << static_cast<int>(status); }

}  // namespace esc

namespace esc::test {

inline Instant at(std::int64_t seconds) { return from_us(1'700'000'000'000'000 + seconds * 1'000'000); }

class Folder {
public:
    Folder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "esc_store_XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
        path_ = pattern;
    }
    ~Folder() {
        std::error_code ignored;  // a leftover in the temporary folder fails no test
        std::filesystem::remove_all(path_, ignored);
    }
    Folder(Folder const&) = delete;
    Folder& operator=(Folder const&) = delete;
    [[nodiscard]] std::filesystem::path path() const { return path_; }
    [[nodiscard]] std::string url(std::string const& name = "store.db") const { return "sqlite:" + (path_ / name).string(); }

private:
    std::filesystem::path path_;
};

// The home thread: functions that were posted run when the test asks.
class HomeThread {
public:
    [[nodiscard]] Store::Post post() {
        return [this](std::function<void()> call) {
            std::lock_guard lock(mutex_);
            calls_.push_back(std::move(call));
            wakes_.notify_one();
        };
    }
    void run_until(std::function<bool()> const& finished) {
        while (!finished()) {
            std::function<void()> call;
            {
                std::unique_lock lock(mutex_);
                if (!wakes_.wait_for(lock, std::chrono::minutes{2}, [this] { return !calls_.empty(); }))
                    throw std::runtime_error("nothing was posted for two minutes");
                call = std::move(calls_.front());
                calls_.pop_front();
            }
            call();
        }
    }
    // What has been posted up to now.
    std::size_t run_posted() {
        std::deque<std::function<void()>> calls;
        {
            std::lock_guard lock(mutex_);
            calls.swap(calls_);
        }
        for (auto& call : calls) call();
        return calls.size();
    }

private:
    std::mutex mutex_;
    std::condition_variable wakes_;
    std::deque<std::function<void()>> calls_;
};

// A store with its home thread; write and read wait for their answer.
struct Opened {
    explicit Opened(Store::Options options) : store(Store::open(std::move(options), home.post(), metrics).value()) {}
    explicit Opened(std::string const& url) : Opened(Store::Options{.url = url}) {}

    WriteResult write(StoreWork work, std::string key = {}, Instant received_at = at(0)) {
        std::optional<WriteResult> result;
        store->write(std::move(key), received_at, std::move(work), [&result](WriteResult got) { result = std::move(got); });
        home.run_until([&result] { return result.has_value(); });
        return *result;
    }
    // A write that must succeed.
    void commit(StoreWork work) {
        auto const result = write(std::move(work));
        if (result.error) std::rethrow_exception(result.error);
        if (result.status != WriteStatus::committed) throw std::runtime_error("not committed");
    }
    template <class Query>
    auto read(Query query) {
        std::optional<decltype(query(std::declval<Snapshot const&>()))> answer;
        std::exception_ptr error;
        bool done = false;
        store->read([&](Snapshot const& snapshot) { answer.emplace(query(snapshot)); },
                    [&](std::exception_ptr failure) {
                        error = failure;
                        done = true;
                    });
        home.run_until([&done] { return done; });
        if (error) std::rethrow_exception(error);
        return std::move(*answer);
    }

    Metrics metrics;
    HomeThread home;
    std::unique_ptr<Store> store;
};

SlaClock clock_of(ClockKind kind, Instant start, std::chrono::seconds target);
// A new escalation with three clocks, one event with text, a link and two outbox items. Everything follows from the number.
Decision raised(EscalationId id);
// The next version of it.
Decision changed(Escalation const& before, EventType type, Instant now);
void raise_one(Tx& tx);

// All fields, for comparing in one go.
std::string text_of(SlaClock const& clock);
std::string text_of(Escalation const& escalation);
std::string text_of(OutboxRow const& row);

// One a line; empty when all is well.
std::string problems(Verification const& verification);

}  // namespace esc::test
