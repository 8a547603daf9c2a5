#include "bot/run/patient_calls.hpp"

#include "bot/base/counted_while.hpp"

#include <utility>

namespace esc::run {

using boost::asio::awaitable;

awaitable<Result<boost::json::object>> PatientCalls::call(slack::Call call, WebClient::Still still) {
    CountedWhile const counted(under_way_);
    co_return co_await web_.call(std::move(call), WebClient::Patience::steady, WebClient::call_limit, std::move(still));
}

awaitable<Result<void>> PatientCalls::respond(std::string url, std::string json) {
    CountedWhile const counted(under_way_);
    co_return co_await web_.respond(std::move(url), std::move(json));
}

awaitable<Result<slack::Channel>> PatientCalls::channel(ChannelId id) {
    CountedWhile const counted(under_way_);
    co_return co_await directory_.channel(std::move(id));
}

awaitable<Result<bool>> PatientCalls::outsiders_read(ChannelId place) {
    CountedWhile const counted(under_way_);
    co_return co_await directory_.outsiders_read(std::move(place));
}

awaitable<Result<bool>> PatientCalls::outsider_among(ChannelId channel) {
    CountedWhile const counted(under_way_);
    co_return co_await directory_.outsider_among(std::move(channel));
}

}  // namespace esc::run
