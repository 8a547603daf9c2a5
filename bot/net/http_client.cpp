// The only file that instantiates Beast's HTTP client operations. What an error means to the caller is decided by one fact that
// every request carries along: whether a byte of it has gone out.
#include "bot/net/http_client.hpp"

#include "bot/base/counted_while.hpp"
#include "bot/net/connection_pool.hpp"
#include "bot/net/http_fields.hpp"
#include "bot/net/timeout.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <optional>
#include <utility>

namespace esc::net {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using std::chrono::steady_clock;

namespace {

constexpr auto outcome = asio::as_tuple(asio::use_awaitable);
constexpr std::uint32_t header_bytes_max = 32U << 10;
constexpr int interim_answers_max = 5;  // "100 Continue" and the like

// What is known about a request while it is under way, and afterwards about how it failed.
struct Progress {
    bool sent = false;      // a byte has gone out, on whatever connection
    bool answered = false;  // a byte of an answer has come in
    char const* step = "waiting for a free connection to";

    [[nodiscard]] Errc failure() const { return sent ? Errc::timed_out : Errc::unavailable; }
};

using WireRequest = http::request<http::string_body>;

Result<WireRequest> to_wire(HttpRequest request, std::string const& user_agent) {
    auto const verb = http::string_to_verb(request.method);
    if (verb == http::verb::unknown) return fail(Errc::invalid, "there is no HTTP method of that name");
    if (!is_sound_target(request.url.target))
        return fail(Errc::invalid, "the address holds characters that a request cannot hold");
    WireRequest wire(verb, request.url.target, 11);
    wire.set(http::field::host, request.url.host_header());
    wire.set(http::field::user_agent, user_agent);
    for (auto const& [name, value] : request.headers) {
        if (!is_sound_field(name, value)) return fail(Errc::invalid, "a header field holds characters that it cannot hold");
        wire.set(name, value);
    }
    wire.body() = std::move(request.body);
    wire.prepare_payload();
    return wire;
}

HttpResponse from_wire(http::response<http::string_body> wire) {
    HttpResponse response;
    response.status = static_cast<int>(wire.result_int());
    for (auto const& field : wire) response.headers.emplace_back(field.name_string(), field.value());
    response.body = std::move(wire.body());
    return response;
}

struct Exchange {
    Result<HttpResponse> result;
    bool reusable = false;
};

asio::awaitable<Exchange> exchange(Stream& stream, WireRequest const& request, std::size_t body_bytes_max, Progress& progress) {
    progress.step = "sending to";
    auto const [write_error, written] = co_await http::async_write(stream, request, outcome);
    if (written > 0) progress.sent = true;
    if (write_error)
        co_return Exchange{fail(progress.failure(), "the connection broke while sending: {}", write_error.message())};

    progress.step = "waiting for the answer of";
    beast::flat_buffer buffer;
    for (int answer = 0; answer < interim_answers_max; ++answer) {
        http::response_parser<http::string_body> parser;
        parser.header_limit(header_bytes_max);
        parser.body_limit(body_bytes_max);
        parser.skip(request.method() == http::verb::head);
        auto const [error, size] = co_await http::async_read(stream, buffer, parser, outcome);
        if (parser.got_some()) progress.answered = true;
        if (error == http::error::body_limit)
            co_return Exchange{fail(Errc::timed_out, "the answer is longer than {} bytes", body_bytes_max)};
        if (error) co_return Exchange{fail(Errc::timed_out, "no complete answer: {}", error.message())};
        if (parser.get().result_int() / 100 == 1) continue;
        bool const reusable = parser.keep_alive() && buffer.size() == 0;
        co_return Exchange{from_wire(parser.release()), reusable};
    }
    co_return Exchange{fail(Errc::timed_out, "more than {} interim answers", interim_answers_max)};
}

}  // namespace

struct HttpClient::Impl {
    Impl(TlsContext& t, Options o) : tls(t), options(std::move(o)), pool(options.connections_max, options.idle_limit) {}

    asio::awaitable<Result<HttpResponse>> attempts(Url url, WireRequest request, Repeat repeat, Progress& progress) {
        auto lease = co_await pool.acquire(url.origin());
        if (!lease) co_return fail(Errc::unavailable, "interrupted while waiting for a free connection to {}", url.origin());
        // A kept connection may turn out to be dead; a fresh one is only tried once.
        if (auto kept = lease->take_idle()) {
            auto [result, reusable] = co_await exchange(*kept, request, options.body_bytes_max, progress);
            if (reusable) lease->keep(*std::move(kept));
            bool const again = !result && !progress.answered && (!progress.sent || repeat == Repeat::repeatable);
            if (!again) co_return std::move(result);
            lease->forget_idle();
        }
        progress.step = "connecting to";
        auto stream = co_await connect(url, tls, options.connect_limit);
        if (!stream) co_return fail(progress.failure(), "{}", stream.error().message);
        auto [result, reusable] = co_await exchange(*stream, request, options.body_bytes_max, progress);
        if (reusable) lease->keep(*std::move(stream));
        co_return std::move(result);
    }

    TlsContext& tls;
    Options options;
    ConnectionPool pool;
    std::size_t in_flight = 0;
};

HttpClient::HttpClient(asio::any_io_executor, TlsContext& tls, Options options)
    : impl_(std::make_shared<Impl>(tls, std::move(options))) {}

HttpClient::~HttpClient() = default;

asio::awaitable<Result<HttpResponse>> HttpClient::request(HttpRequest request, steady_clock::duration limit, Repeat repeat) {
    auto const impl = impl_;
    CountedWhile const counted(impl->in_flight);
    auto const url = request.url;
    auto wire = to_wire(std::move(request), impl->options.user_agent);
    if (!wire) co_return std::move(wire).error();
    Progress progress;
    auto result = co_await with_timeout(impl->attempts(url, *std::move(wire), repeat, progress), limit, "the request");
    if (result || result.error().code != Errc::timed_out) co_return std::move(result);
    // The deadline, or a connection that broke; both may have been before anything was sent.
    auto error = std::move(result).error();
    error.code = progress.failure();
    error.message = std::string(progress.step) + " " + url.origin() + ": " + error.message;
    co_return error;
}

std::size_t HttpClient::in_flight() const { return impl_->in_flight; }

}  // namespace esc::net
