// Token buckets as "generic cell rate algorithm": one instant per lane says when the lane would be empty again.
#include "bot/run/lanes.hpp"

#include <algorithm>
#include <utility>

namespace esc::run {
namespace {

using namespace std::chrono_literals;

constexpr auto window = 60s;         // Slack counts per minute
constexpr int posts_a_minute = 300;  // "several hundred per minute" for the whole workspace
constexpr int posts_burst = 30;
constexpr auto channel_interval = 1s;
constexpr int channel_burst = 3;
constexpr Duration hold_unsaid = 1s;                // a 429 without Retry-After
constexpr std::chrono::milliseconds hold_max = 1h;  // a Retry-After beyond this is not believed
constexpr Duration forget_after = 1h;

}  // namespace

Instant Lanes::Lane::turn(Bucket const& bucket, Instant now) const {
    return std::max({now, bucket.held_until, bucket.free_at - burst_span()});
}

Lanes::Lane Lanes::shared_lane(slack::Call const& call) {
    if (call.tier == slack::Tier::special && !call.posts_to.empty())
        return {.key = "posts", .interval = Duration(window) / posts_a_minute, .burst = posts_burst};
    std::string key = "method:";
    key += call.method;
    if (call.tier == slack::Tier::special) return {.key = std::move(key)};
    int const a_minute = static_cast<int>(call.tier);
    return {.key = std::move(key), .interval = Duration(window) / a_minute, .burst = std::max(2, a_minute / 4)};
}

std::optional<Lanes::Lane> Lanes::channel_lane(slack::Call const& call) {
    if (call.posts_to.empty()) return std::nullopt;
    return Lane{.key = "channel:" + call.posts_to.value, .interval = channel_interval, .burst = channel_burst};
}

Lanes::Bucket Lanes::bucket(Lane const& lane) const {
    auto const found = buckets_.find(lane.key);
    return found == buckets_.end() ? Bucket{} : found->second;
}

Instant Lanes::take_turn(slack::Call const& call, Instant now) {
    Lane const shared = shared_lane(call);
    Bucket& shared_bucket = buckets_[shared.key];
    Instant const shared_turn = shared.turn(shared_bucket, now);
    // The shared lane is charged for its own turn, not for the channel's later one: else one busy channel would push
    // everybody else back.
    shared_bucket.free_at = std::max(shared_bucket.free_at, shared_turn) + shared.interval;
    auto const channel = channel_lane(call);
    if (!channel) return shared_turn;
    Bucket& channel_bucket = buckets_[channel->key];
    Instant const turn = channel->turn(channel_bucket, shared_turn);
    channel_bucket.free_at = std::max(channel_bucket.free_at, turn) + channel->interval;
    return turn;
}

Instant Lanes::next_turn(slack::Call const& call, Instant now) const {
    Lane const shared = shared_lane(call);
    Instant const shared_turn = shared.turn(bucket(shared), now);
    auto const channel = channel_lane(call);
    return channel ? channel->turn(bucket(*channel), shared_turn) : shared_turn;
}

void Lanes::hold(slack::Call const& call, Instant now, std::chrono::milliseconds retry_after) {
    auto const channel = channel_lane(call);
    Lane const lane = channel ? *channel : shared_lane(call);
    Duration const wait = retry_after.count() > 0 ? Duration(std::min(retry_after, hold_max)) : hold_unsaid;
    Bucket& bucket = buckets_[lane.key];
    Instant const until = now + wait;
    Duration const by = until - std::max(now, bucket.held_until);
    if (by <= Duration{0}) return;  // several calls were under way and all came back with the same answer
    bucket.held_until = until;
    bucket.moved += by;
    // The burst is spent: Slack has just said that there was too much.
    bucket.free_at = std::max(bucket.free_at, now + lane.burst_span()) + by;
}

Duration Lanes::moved(slack::Call const& call) const {
    Duration sum = bucket(shared_lane(call)).moved;
    if (auto const channel = channel_lane(call)) sum += bucket(*channel).moved;
    return sum;
}

void Lanes::prune(Instant now) {
    std::erase_if(buckets_, [now](auto const& entry) {
        return std::max(entry.second.free_at, entry.second.held_until) + forget_after <= now;
    });
}

}  // namespace esc::run
