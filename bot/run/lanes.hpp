// Pacing of Web API calls: when may this call go out? Per method (Slack's tiers) and, for posts, per channel (about one a
// second). Pure: time is an argument. docs.slack.dev/apis/web-api/rate-limits
#pragma once

#include "bot/base/ids.hpp"
#include "bot/base/time.hpp"
#include "bot/slack/web_api.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace esc::run {

class Lanes {
public:
    // Takes the next free turn at or after `now` and returns it. Calls of one lane get turns in the order they ask; a busy
    // channel does not hold up the others.
    Instant take_turn(slack::Call const& call, Instant now);
    // The turn it would get, without taking it.
    [[nodiscard]] Instant next_turn(slack::Call const& call, Instant now) const;
    // Slack said 429: nothing of this method before now + retry_after; for a post it is the channel's lane that is held.
    void hold(slack::Call const& call, Instant now, std::chrono::milliseconds retry_after);
    // How far holds have moved the lanes of this call, all in all. Who waits for a turn compares it with what it was when the
    // turn was taken and waits that much longer: so everybody keeps the order and the distance.
    [[nodiscard]] Duration moved(slack::Call const& call) const;
    // Lanes that have been idle for an hour are forgotten.
    void prune(Instant now);
    [[nodiscard]] std::size_t size() const { return buckets_.size(); }

private:
    struct Bucket {         // a token bucket: `burst` at once, then one each `interval`
        Instant free_at{};  // theoretical arrival time (GCRA)
        Instant held_until{};
        Duration moved{0};
    };
    struct Lane {
        std::string key{};
        Duration interval{0};  // 0: not paced, but it can be held
        int burst = 1;

        [[nodiscard]] Duration burst_span() const { return interval * (burst - 1); }
        [[nodiscard]] Instant turn(Bucket const& bucket, Instant now) const;
    };
    [[nodiscard]] static Lane shared_lane(slack::Call const& call);
    [[nodiscard]] static std::optional<Lane> channel_lane(slack::Call const& call);
    [[nodiscard]] Bucket bucket(Lane const& lane) const;

    std::map<std::string, Bucket, std::less<>> buckets_;
};

}  // namespace esc::run
