// A small HTTP/1.1 server: keep-alive, limits on everything, routes by exact path or by prefix (ending in '/').
#pragma once

#include "bot/base/result.hpp"
#include "bot/net/http_client.hpp"
#include "bot/net/task_group.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace esc::net {

struct ServerRequest {
    std::string method{};
    std::string path{};  // without query
    std::string query{};
    std::vector<std::pair<std::string, std::string>> headers{};
    std::string body{};
};

class HttpServer {
public:
    struct Options {
        std::size_t connections_max = 256;
        std::size_t header_bytes_max = 16U << 10;
        std::size_t body_bytes_max = 1U << 20;
        std::chrono::steady_clock::duration request_limit = std::chrono::seconds{10};  // to read one whole request
        std::chrono::steady_clock::duration idle_limit = std::chrono::seconds{60};
    };
    using Handler = std::function<boost::asio::awaitable<HttpResponse>(ServerRequest)>;

    HttpServer(boost::asio::any_io_executor executor, Options options);
    ~HttpServer();
    HttpServer(HttpServer const&) = delete;
    HttpServer& operator=(HttpServer const&) = delete;

    void route(std::string path, Handler handler);
    // "127.0.0.1:8085", "[::1]:0". Errc::unavailable names the address and why. Accepts from then on.
    Result<void> listen(std::string const& address);
    [[nodiscard]] std::uint16_t port() const;  // the bound port
    // No new connections or requests; running ones are finished, at most `limit`.
    boost::asio::awaitable<void> stop(std::chrono::steady_clock::duration limit);

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace esc::net
