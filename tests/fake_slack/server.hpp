// HTTP and WebSocket on loopback for the fake: Beast for HTTP, own frames for Socket Mode.
#pragma once

#include "tests/fake_slack/site.hpp"
#include "tests/fake_slack/user_side.hpp"
#include "tests/fake_slack/web_api.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>

namespace esc::fake {

class Server {
public:
    Server(boost::asio::any_io_executor executor, Site& site, WebApi& web, UserSide& people);
    ~Server();
    Server(Server const&) = delete;
    Server& operator=(Server const&) = delete;
    Result<std::uint16_t> start(std::uint16_t port);
    // After this neither the clock nor the site is touched; sessions end when the executor runs them next.
    void stop();
    [[nodiscard]] std::size_t requests_under_way() const;

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace esc::fake
