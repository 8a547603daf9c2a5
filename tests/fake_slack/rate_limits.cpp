// Token buckets.
#include "tests/fake_slack/rate_limits.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace esc::fake {

int RateLimits::take(std::string const& key, double per_second, int burst, Instant now) {
    if (!enforced) return 0;
    auto const [it, fresh] = buckets_.try_emplace(key, Bucket{.tokens = static_cast<double>(burst), .filled = now});
    auto& bucket = it->second;
    auto const passed_s = std::chrono::duration<double>(now - bucket.filled).count();
    bucket.tokens = std::min(static_cast<double>(burst), bucket.tokens + passed_s * per_second);
    bucket.filled = now;
    constexpr double rounding = 1e-6;  // a second later is a whole token, whatever the sum of fractions says
    if (bucket.tokens + rounding >= 1) {
        bucket.tokens -= 1;
        return 0;
    }
    return std::max(1, static_cast<int>(std::ceil((1 - bucket.tokens) / per_second - rounding)));
}

int RateLimits::take_method(std::string const& method, int per_minute, Instant now) {
    return take(method, per_minute / 60.0, burst_of(per_minute), now);
}

int RateLimits::take_post(std::string const& channel, Instant now) { return take("#" + channel, 1.0, posts_burst, now); }

}  // namespace esc::fake
