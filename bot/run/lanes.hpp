// Pacing of Web API calls: when may this call go out? Per method (Slack's tiers) and, for posts, per channel (about one a
// second). Pure: time is an argument. docs.slack.dev/apis/web-api/rate-limits
#pragma once

#include "bot/base/ids.hpp"
#include "bot/base/time.hpp"
#include "bot/slack/web_api.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace esc::run {

class Lanes {
public:
    // Takes the next free turn at or after `now` and returns it. Calls of one lane get turns in the order they ask.
    Instant take_turn(slack::Call const& call, Instant now);
    // The turn it would get, without taking it.
    [[nodiscard]] Instant next_turn(slack::Call const& call, Instant now) const;
    // Slack said 429: nothing of this method before now + retry_after; a post's channel too when only that was over.
    void hold(slack::Call const& call, Instant now, std::chrono::milliseconds retry_after);
    // Lanes that have been idle for an hour are forgotten.
    void prune(Instant now);

private:
    struct Bucket {         // a token bucket: `burst` at once, then one each `interval`
        Instant free_at{};  // theoretical arrival time (GCRA)
        Instant held_until{};
    };
    std::map<std::string, Bucket, std::less<>> buckets_;
};

}  // namespace esc::run
