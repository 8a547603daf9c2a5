// Batches: what one member does to the others, limits, and that every completion comes home exactly once.
#include "store_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <future>
#include <thread>

namespace esc::test {
namespace {

// Keeps the writer busy until released, so that what is written meanwhile becomes one batch.
class Hold {
public:
    explicit Hold(Opened& opened) {
        std::promise<void> entered;
        auto const inside = entered.get_future();
        opened.store->write({}, at(0),
                            [&entered, until = release_.get_future().share()](Tx&) {
                                entered.set_value();
                                until.wait();
                            },
                            {});
        inside.wait();
    }
    void release() { release_.set_value(); }

private:
    std::promise<void> release_;
};

struct Outcomes {
    std::vector<int> completions;
    std::vector<WriteStatus> statuses;
    std::vector<std::exception_ptr> errors;
    int total = 0;

    explicit Outcomes(std::size_t count) : completions(count), statuses(count), errors(count) {}
    std::function<void(WriteResult)> at(std::size_t index) {
        return [this, index](WriteResult result) {
            ++completions[index];
            statuses[index] = result.status;
            errors[index] = result.error;
            ++total;
        };
    }
};

std::string sample(Opened& opened, std::string const& name) {
    auto const text = opened.metrics.expose();
    auto const start = text.find("\n" + name + " ");
    if (start == std::string::npos) return "none";
    auto const value = start + name.size() + 2;
    return text.substr(value, text.find('\n', value) - value);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(group_commit)

BOOST_AUTO_TEST_CASE(what_waits_is_committed_together) {
    Folder folder;
    Opened opened(folder.url());
    Outcomes outcomes(100);
    Hold hold(opened);
    for (std::size_t n = 0; n < 100; ++n) opened.store->write({}, at(0), raise_one, outcomes.at(n));
    BOOST_TEST(opened.store->queued() == 101u);
    hold.release();
    opened.home.run_until([&] { return outcomes.total == 100; });
    BOOST_TEST(sample(opened, "esc_commit_batch_size_count") == "2");
    BOOST_TEST(opened.read([](Snapshot const& s) { return s.queue_counts().open; }) == 100);
    BOOST_TEST(problems(verify_store(folder.url()).value()) == "");
}

BOOST_AUTO_TEST_CASE(one_that_throws_fails_alone) {
    for (std::string const url : {"file", "sqlite::memory:"}) {
        Folder folder;
        Opened opened(url == "file" ? folder.url() : url);
        constexpr std::size_t count = 30;
        Outcomes outcomes(count);
        std::vector<int> runs(count);
        std::vector<CommitNotice> notices;
        opened.store->on_commit([&notices](CommitNotice const& notice) { notices.push_back(notice); });
        Hold hold(opened);
        for (std::size_t n = 0; n < count; ++n)
            opened.store->write(
                "key" + std::to_string(n), at(0),
                [n, &runs](Tx& tx) {
                    ++runs[n];
                    raise_one(tx);
                    if (n == 7) throw std::runtime_error("seven");
                    if (n == 20) throw 20;
                },
                outcomes.at(n));
        hold.release();
        opened.home.run_until([&] { return outcomes.total == static_cast<int>(count); });
        for (std::size_t n = 0; n < count; ++n) BOOST_TEST_CONTEXT(n) {
                bool const guilty = n == 7 || n == 20;
                BOOST_TEST(outcomes.completions[n] == 1);
                BOOST_TEST(outcomes.statuses[n] == (guilty ? WriteStatus::failed : WriteStatus::committed));
                BOOST_TEST((outcomes.errors[n] != nullptr) == guilty);
                BOOST_TEST(runs[n] == (n <= 7 ? 2 : 1));
            }
        BOOST_CHECK_THROW(std::rethrow_exception(outcomes.errors[7]), std::runtime_error);
        BOOST_CHECK_THROW(std::rethrow_exception(outcomes.errors[20]), int);
        BOOST_TEST(notices.size() == 1u);
        BOOST_TEST(opened.read([](Snapshot const& s) { return s.queue_counts().open; }) == 28);
        BOOST_TEST(opened.read([](Snapshot const& s) { return s.events(EscalationId{28}).size(); }) == 1u);
        BOOST_TEST(opened.write(raise_one, "key7").status == WriteStatus::committed);
        BOOST_TEST(opened.write(raise_one, "key8").status == WriteStatus::duplicate);
    }
}

BOOST_AUTO_TEST_CASE(a_key_twice_in_one_batch_runs_once) {
    Opened opened("sqlite::memory:");
    Outcomes outcomes(3);
    Hold hold(opened);
    for (std::size_t n = 0; n < 3; ++n) opened.store->write("same", at(0), raise_one, outcomes.at(n));
    hold.release();
    opened.home.run_until([&] { return outcomes.total == 3; });
    BOOST_TEST(outcomes.statuses[0] == WriteStatus::committed);
    BOOST_TEST(outcomes.statuses[1] == WriteStatus::duplicate);
    BOOST_TEST(outcomes.statuses[2] == WriteStatus::duplicate);
    BOOST_TEST(opened.read([](Snapshot const& s) { return s.queue_counts().open; }) == 1);
}

BOOST_AUTO_TEST_CASE(when_the_first_of_a_key_fails_the_second_runs) {
    Opened opened("sqlite::memory:");
    Outcomes outcomes(2);
    Hold hold(opened);
    opened.store->write(
        "same", at(0), [](Tx&) { throw std::runtime_error("no"); }, outcomes.at(0));
    opened.store->write("same", at(0), raise_one, outcomes.at(1));
    hold.release();
    opened.home.run_until([&] { return outcomes.total == 2; });
    BOOST_TEST(outcomes.statuses[0] == WriteStatus::failed);
    BOOST_TEST(outcomes.statuses[1] == WriteStatus::committed);
}

BOOST_AUTO_TEST_CASE(a_full_queue_refuses) {
    Opened opened(Store::Options{.url = "sqlite::memory:", .queue_limit = 3});
    Outcomes outcomes(5);
    Hold hold(opened);
    for (std::size_t n = 0; n < 5; ++n) opened.store->write("k" + std::to_string(n), at(0), raise_one, outcomes.at(n));
    BOOST_TEST(outcomes.total == 0);  // refusals come home too, never from inside write
    hold.release();
    opened.home.run_until([&] { return outcomes.total == 5; });
    for (std::size_t n = 0; n < 5; ++n)
        BOOST_TEST(outcomes.statuses[n] == (n < 3 ? WriteStatus::committed : WriteStatus::overloaded));
    BOOST_TEST(opened.write(raise_one, "k3").status == WriteStatus::committed);
}

BOOST_AUTO_TEST_CASE(too_many_reads_are_refused) {
    Opened opened(Store::Options{.url = "sqlite::memory:", .queue_limit = 1});
    Hold hold(opened);
    int answered = 0;
    int refused = 0;
    for (int n = 0; n < 3; ++n)
        opened.store->read([](Snapshot const&) {}, [&](std::exception_ptr error) { ++(error ? refused : answered); });
    hold.release();
    opened.home.run_until([&] { return answered + refused == 3; });
    BOOST_TEST(answered == 1);
    BOOST_TEST(refused == 2);
}

BOOST_AUTO_TEST_CASE(stopping_finishes_what_is_queued_and_refuses_the_rest) {
    for (std::string const url : {"file", "sqlite::memory:"}) {
        Folder folder;
        Opened opened(url == "file" ? folder.url() : url);
        Outcomes outcomes(40);
        int reads = 0;
        {
            Hold hold(opened);
            for (std::size_t n = 0; n < 20; ++n) opened.store->write({}, at(0), raise_one, outcomes.at(n));
            opened.store->read([](Snapshot const&) {}, [&reads](std::exception_ptr error) { reads += error ? 100 : 1; });
            hold.release();
        }
        opened.store->stop();
        for (std::size_t n = 20; n < 40; ++n) opened.store->write({}, at(0), raise_one, outcomes.at(n));
        std::exception_ptr late;
        opened.store->read([](Snapshot const&) {}, [&late](std::exception_ptr error) { late = error; });
        opened.store->stop();
        opened.store.reset();
        opened.home.run_posted();
        for (std::size_t n = 0; n < 40; ++n) BOOST_TEST_CONTEXT(n) {
                BOOST_TEST(outcomes.completions[n] == 1);
                BOOST_TEST(outcomes.statuses[n] == (n < 20 ? WriteStatus::committed : WriteStatus::stopped));
            }
        BOOST_TEST(reads == 1);
        BOOST_TEST((late != nullptr));
    }
}

BOOST_AUTO_TEST_CASE(stopping_leaves_one_file) {
    Folder folder;
    {
        Opened opened(folder.url());
        opened.commit(raise_one);
        BOOST_TEST(std::filesystem::exists(folder.path() / "store.db-wal"));
    }
    BOOST_TEST(!std::filesystem::exists(folder.path() / "store.db-wal"));
    BOOST_TEST(std::filesystem::exists(folder.path() / "store.db"));
    Opened again(folder.url());
    BOOST_TEST(again.read([](Snapshot const& s) { return s.queue_counts().open; }) == 1);
}

BOOST_AUTO_TEST_CASE(the_listener_is_silent_once_the_store_is_gone) {
    Opened opened("sqlite::memory:");
    int notices = 0;
    int completions = 0;
    opened.store->on_commit([&notices](CommitNotice const&) { ++notices; });
    opened.store->write({}, at(0), raise_one, [&completions](WriteResult) { ++completions; });
    opened.store.reset();
    opened.home.run_posted();
    BOOST_TEST(completions == 1);
    BOOST_TEST(notices == 0);
}

BOOST_AUTO_TEST_CASE(a_completion_that_throws_keeps_no_other_from_running) {
    Opened opened("sqlite::memory:");
    int completions = 0;
    Hold hold(opened);
    for (int n = 0; n < 5; ++n)
        opened.store->write({}, at(0), raise_one, [&completions](WriteResult) {
            if (++completions == 2) throw std::runtime_error("mine");
        });
    hold.release();
    BOOST_CHECK_THROW(opened.home.run_until([&] { return completions == 5; }), std::runtime_error);
    BOOST_TEST(completions == 5);
}

BOOST_AUTO_TEST_CASE(several_threads_write_and_read) {
    Folder folder;
    Opened opened(folder.url());
    std::atomic<int> done = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; ++t)
        threads.emplace_back([&opened, &done, t] {
            for (int n = 0; n < 100; ++n) {
                auto const key = std::to_string(t % 2) + "-" + std::to_string(n);
                opened.store->write(key, at(0), raise_one, [&done](WriteResult) { ++done; });
                opened.store->read([](Snapshot const& s) { (void)s.queue({}); }, [&done](std::exception_ptr) { ++done; });
            }
        });
    opened.home.run_until([&done] { return done == 600; });
    for (auto& thread : threads) thread.join();
    BOOST_TEST(opened.read([](Snapshot const& s) { return s.queue_counts().open; }) == 200);
    opened.store.reset();
    BOOST_TEST(problems(verify_store(folder.url()).value()) == "");
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace esc::test
