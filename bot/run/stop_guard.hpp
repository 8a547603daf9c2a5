// Hears SIGTERM and SIGINT on a thread of its own, and sees to it that a stop comes to its end in time, whatever the other
// threads hang in: a disk that does not answer, or a log that nobody reads.
#pragma once

#include <atomic>
#include <functional>
#include <thread>

namespace esc::run {

class StopGuard {
public:
    // The first signal calls `asked`, on the guard's thread, and the stop begins; the next one ends the process at once.
    // To be made before any other thread: those made later leave both signals to this one. Throws std::system_error.
    explicit StopGuard(std::function<void(int signal)> asked);
    // The stop has come to its end.
    ~StopGuard();
    StopGuard(StopGuard const&) = delete;
    StopGuard& operator=(StopGuard const&) = delete;

    // The service stops of its own accord. Counts from the first call or the signal, whichever came earlier.
    void stop_begins();

private:
    void watch();
    void wake() const;

    std::function<void(int)> asked_;
    int signals_ = -1;
    int wakes_ = -1;
    std::atomic<bool> begun_ = false;
    std::atomic<bool> over_ = false;
    std::thread thread_;
};

}  // namespace esc::run
