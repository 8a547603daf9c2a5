// One thread that sleeps in poll(2) on a signalfd and an eventfd. All that was acknowledged is committed, so that a process that
// is cut off here loses no more than one that is killed.
#include "bot/run/stop_guard.hpp"

#include "bot/base/log.hpp"
#include "bot/run/service.hpp"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <optional>
#include <system_error>
#include <utility>

namespace esc::run {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

namespace {

constexpr std::chrono::milliseconds stop_max = 9'700ms;         // 10 s are promised
constexpr std::chrono::microseconds last_line_max = 200'000us;  // for the log line of a stop that was cut short

int checked(int result, char const* what) {
    if (result < 0) throw std::system_error(errno, std::generic_category(), what);
    return result;
}

[[noreturn]] void cut_short() {
    // Somebody may hang in the log as well. The first process of a container has no default action, hence the handler.
    std::signal(SIGALRM, [](int) { ::_exit(exit_failed); });
    itimerval const last{.it_interval = {}, .it_value = {.tv_sec = 0, .tv_usec = last_line_max.count()}};
    ::setitimer(ITIMER_REAL, &last, nullptr);
    log::error("stop_cut_short", {{"after_s", std::chrono::duration<double>(stop_max).count()},
                                  {"then", "ended here; what was acknowledged is in the store"}});
    ::_exit(exit_failed);
}

}  // namespace

StopGuard::StopGuard(std::function<void(int signal)> asked) : asked_(std::move(asked)) {
    sigset_t ending;
    sigemptyset(&ending);
    sigaddset(&ending, SIGTERM);
    sigaddset(&ending, SIGINT);
    ::pthread_sigmask(SIG_BLOCK, &ending, nullptr);  // for good: once the stop is over, a late signal changes nothing
    signals_ = checked(::signalfd(-1, &ending, SFD_CLOEXEC | SFD_NONBLOCK), "signalfd");
    wakes_ = checked(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd");
    thread_ = std::thread([this] {
        pthread_setname_np(pthread_self(), "stop-guard");
        watch();
    });
}

StopGuard::~StopGuard() {
    over_ = true;
    wake();
    thread_.join();
    ::close(signals_);
    ::close(wakes_);
}

void StopGuard::stop_begins() {
    begun_ = true;
    wake();
}

void StopGuard::wake() const { ::eventfd_write(wakes_, 1); }

void StopGuard::watch() {
    std::optional<steady_clock::time_point> end;
    bool asked = false;
    for (;;) {
        std::array<pollfd, 2> events{pollfd{.fd = signals_, .events = POLLIN, .revents = 0},
                                     pollfd{.fd = wakes_, .events = POLLIN, .revents = 0}};
        auto const left = end ? std::chrono::ceil<std::chrono::milliseconds>(*end - steady_clock::now()) : -1ms;
        ::poll(events.data(), events.size(), end ? static_cast<int>(std::max(left, 0ms).count()) : -1);
        eventfd_t ignored = 0;
        ::eventfd_read(wakes_, &ignored);
        if (over_) return;
        signalfd_siginfo signal{};
        bool const heard = ::read(signals_, &signal, sizeof(signal)) == sizeof(signal);
        auto const number = static_cast<int>(signal.ssi_signo);
        if (heard && asked) ::_exit(128 + number);  // as a shell tells of a death by this signal
        if (!end && (heard || begun_)) end = steady_clock::now() + stop_max;
        if (heard) {
            asked = true;
            asked_(number);
        }
        if (end && steady_clock::now() >= *end) cut_short();
    }
}

}  // namespace esc::run
