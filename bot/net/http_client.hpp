// HTTP/1.1 client with a keep-alive pool per origin and a deadline on every request.
#pragma once

#include "bot/base/result.hpp"
#include "bot/net/stream.hpp"
#include "bot/net/url.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace esc::net {

struct HttpRequest {
    std::string method = "POST";
    Url url{};
    std::vector<std::pair<std::string, std::string>> headers{};
    std::string body{};
};
struct HttpResponse {
    int status = 0;
    std::vector<std::pair<std::string, std::string>> headers{};
    std::string body{};
    [[nodiscard]] std::string_view header(std::string_view name) const;  // case-insensitive; empty when absent
};

class HttpClient {
public:
    struct Options {
        std::size_t connections_max = 8;  // per origin; more requests wait
        std::chrono::steady_clock::duration connect_limit = std::chrono::seconds{5};
        std::chrono::steady_clock::duration idle_limit =
            std::chrono::seconds{30};  // an idle connection older than this is not reused
        std::size_t body_bytes_max = 16U << 20;
        std::string user_agent = "escalationd";
    };
    HttpClient(boost::asio::any_io_executor executor, TlsContext& tls, Options options);
    ~HttpClient();
    HttpClient(HttpClient const&) = delete;
    HttpClient& operator=(HttpClient const&) = delete;

    // Errc::unavailable: nothing of the request was sent (it has not happened). Errc::timed_out: it may have happened
    // (deadline or a broken connection after the first byte went out). A kept connection that the peer had closed before
    // the request is retried once on a fresh one, only when no byte of an answer was seen and the caller says `repeatable`.
    enum class Repeat : std::uint8_t { never, repeatable };
    boost::asio::awaitable<Result<HttpResponse>> request(HttpRequest request, std::chrono::steady_clock::duration limit,
                                                         Repeat repeat);
    [[nodiscard]] std::size_t in_flight() const;

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace esc::net
