// The calls that outbox items make: all of them wait for their turn, and are counted while they do.
#pragma once

#include "bot/run/directory.hpp"
#include "bot/run/web_client.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <string>

namespace esc::run {

class PatientCalls {
public:
    PatientCalls(WebClient& web, Directory& directory) : web_(web), directory_(directory) {}

    boost::asio::awaitable<Result<boost::json::object>> call(slack::Call call, WebClient::Still still = {});
    boost::asio::awaitable<Result<void>> respond(std::string url, std::string json);
    boost::asio::awaitable<Result<slack::Channel>> channel(ChannelId id);
    boost::asio::awaitable<Result<bool>> outsiders_read(ChannelId place);
    boost::asio::awaitable<Result<bool>> outsider_among(ChannelId channel);
    // Sent, or waiting for their turn.
    [[nodiscard]] std::size_t under_way() const { return under_way_; }

private:
    WebClient& web_;
    Directory& directory_;
    std::size_t under_way_ = 0;
};

}  // namespace esc::run
