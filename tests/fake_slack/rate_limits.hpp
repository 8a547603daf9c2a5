// Slack's rate limits as token buckets: one per method by tier, and one per channel for everything that posts. Slack keeps
// its burst sizes secret; here a bucket holds a quarter of a minute's worth, and five posts for a channel.
#pragma once

#include "bot/base/time.hpp"

#include <map>
#include <string>

namespace esc::fake {

class RateLimits {
public:
    bool enforced = true;
    // 0: go on; else the seconds to wait (Retry-After).
    [[nodiscard]] int take_method(std::string const& method, int per_minute, Instant now);
    [[nodiscard]] int take_post(std::string const& channel, Instant now);

    static constexpr int posts_burst = 5;
    [[nodiscard]] static int burst_of(int per_minute) { return per_minute < 4 ? 1 : per_minute / 4; }

private:
    struct Bucket {
        double tokens = 0;
        Instant filled{};
    };
    [[nodiscard]] int take(std::string const& key, double per_second, int burst, Instant now);
    std::map<std::string, Bucket> buckets_{};
};

}  // namespace esc::fake
