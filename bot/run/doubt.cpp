// Looking for a message of ours in a channel, a thread or a direct message.
#include "bot/run/doubt.hpp"

#include <string>
#include <utility>

namespace esc::run {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

using Found = Result<std::optional<slack::Posted>>;

constexpr Duration look_back = 60s;  // clocks of Slack and this machine may differ
constexpr int look_pages_max = 20;   // of history

std::string slack_ts(Instant at) {
    auto const us = to_us(at);
    return fmt::format("{}.{:06}", us / 1'000'000, us % 1'000'000);
}

asio::awaitable<Found> find_in(PatientCalls& calls, ChannelId channel, MessageTs thread, std::string oldest,
                               slack::PostMetadata wanted) {
    std::string cursor;
    for (int page = 0; page < look_pages_max; ++page) {
        auto const answer = co_await calls.call(thread.empty() ? slack::conversations_history(channel, oldest, cursor)
                                                               : slack::conversations_replies(channel, thread, oldest, cursor));
        if (!answer) co_return answer.error();
        for (auto const& message : slack::read_messages(*answer))
            if (message.metadata_key == wanted.key && message.metadata_installation == wanted.installation)
                co_return slack::Posted{.channel = channel, .ts = message.ts, .thread_ts = message.thread_ts};
        cursor = slack::next_cursor(*answer);
        if (cursor.empty()) break;
    }
    co_return std::nullopt;
}

}  // namespace

asio::awaitable<Found> find_posted(PatientCalls& calls, slack::Post post, Instant since) {
    auto const oldest = slack_ts(since - look_back);
    auto found = co_await find_in(calls, post.channel, post.thread_ts, oldest, *post.metadata);
    if (found || found.error().code != Errc::not_found || !post.thread_ts.empty()) co_return found;
    // A person's id is no channel for reading: ask for the DM's.
    auto const opened = co_await calls.call(slack::conversations_open(PersonId{post.channel.value}));
    if (!opened) co_return opened.error();
    auto const* channel = opened->if_contains("channel");
    auto const* id = channel && channel->is_object() ? channel->get_object().if_contains("id") : nullptr;
    if (!id || !id->is_string()) co_return fail(Errc::invalid, "conversations.open: channel.id: missing");
    co_return co_await find_in(calls, ChannelId{std::string(id->get_string())}, {}, oldest, *std::move(post.metadata));
}

}  // namespace esc::run
