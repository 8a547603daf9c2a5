// One Web API call: waits for its turn, sends, obeys Retry-After, turns the answer into a Result.
#pragma once

#include "bot/base/config.hpp"
#include "bot/base/metrics.hpp"
#include "bot/base/time.hpp"
#include "bot/net/http_client.hpp"
#include "bot/run/lanes.hpp"
#include "bot/slack/web_api.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace esc::run {

class WebClient {
public:
    WebClient(net::HttpClient& http, Clock& clock, Environment const& environment, Metrics& metrics);
    ~WebClient();
    WebClient(WebClient const&) = delete;
    WebClient& operator=(WebClient const&) = delete;

    enum class Patience : std::uint8_t {
        interactive,  // a person waits and a trigger expires: no pacing wait, no second try
        steady,       // waits its turn; 429 puts the lane on hold and tries again up to three times; reads repeat once on
                      // `unavailable`
    };
    static constexpr std::chrono::seconds call_limit{15};
    // Whether a call that has waited for its turn is still to be made: nothing, or the reason why not.
    using Still = std::function<Result<void>()>;
    // Errors as parse_answer and HttpClient define them, and what `still` says. `limit` covers one try, not the waiting for a
    // turn.
    boost::asio::awaitable<Result<boost::json::object>> call(slack::Call call, Patience patience,
                                                             std::chrono::steady_clock::duration limit = call_limit,
                                                             Still still = {});
    // Posts to a response_url (allowed hosts only: that of the API's URL, *.slack.com, *.slack-gov.com, loopback when the API is
    // loopback).
    boost::asio::awaitable<Result<void>> respond(std::string response_url, std::string json_body,
                                                 std::chrono::steady_clock::duration limit = std::chrono::seconds{10});
    [[nodiscard]] std::size_t in_flight() const;
    // Called with the bot token's scopes, a list with commas, when Slack tells them first and whenever they have changed.
    void on_scopes(std::function<void(std::string_view told)> listener);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace esc::run
