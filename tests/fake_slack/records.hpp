// What the fake remembers about the bot's behaviour, and the faults that a test ordered.
#pragma once

#include "bot/base/time.hpp"
#include "tests/fake_slack/json.hpp"

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace esc::fake {

struct JournalEntry {
    Instant at{};
    std::string method{};
    json::object arguments{};
    int status = 200;
    json::object answer{};
};

struct Fault {
    int times = 1;
    int status = 200;
    std::string error{};
    int retry_after_s = 0;
    bool after_effect = false;  // do it, then say it failed: the answer is lost
};

class Records {
public:
    explicit Records(Clock& clock) : clock_(clock) {}

    // Everything the bot did that Slack would not accept or that is bad manners.
    void violation(std::string what) {
        if (violations_.size() < kept_max) violations_.emplace_back(clock_.now(), std::move(what));
    }
    void called(JournalEntry entry) {
        entry.at = clock_.now();
        if (journal_.size() >= kept_max) journal_.pop_front();
        journal_.push_back(std::move(entry));
    }
    [[nodiscard]] std::vector<std::pair<Instant, std::string>> const& violations() const { return violations_; }
    [[nodiscard]] std::deque<JournalEntry> const& journal() const { return journal_; }

    void order(std::string const& method, Fault fault) { faults_[method] = std::move(fault); }
    void order_delay(std::string const& method, Duration delay) { delays_[method] = delay; }
    [[nodiscard]] std::optional<Fault> take_fault(std::string const& method) {
        for (auto const& name : {method, std::string("*")}) {
            auto const it = faults_.find(name);
            if (it == faults_.end()) continue;
            auto fault = it->second;
            if (--it->second.times <= 0) faults_.erase(it);
            return fault;
        }
        return std::nullopt;
    }
    [[nodiscard]] Duration delay(std::string const& method) const {
        auto const it = delays_.find(method);
        return it == delays_.end() ? Duration{0} : it->second;
    }

    static constexpr std::size_t kept_max = 100'000;  // a runaway bot must not fill the memory of the test machine

private:
    Clock& clock_;
    std::vector<std::pair<Instant, std::string>> violations_{};
    std::deque<JournalEntry> journal_{};
    std::map<std::string, Fault> faults_{};
    std::map<std::string, Duration> delays_{};
};

}  // namespace esc::fake
