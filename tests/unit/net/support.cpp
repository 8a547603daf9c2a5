// The raw peers. Blocking is never needed: everything runs on the test's own io_context.
#include "tests/unit/net/support.hpp"

#include "bot/net/task_group.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/test/unit_test.hpp>

#include <openssl/evp.h>

#include <array>
#include <chrono>

namespace esc::net::test {

namespace {
constexpr auto outcome = asio::as_tuple(asio::use_awaitable);
constexpr auto patience = std::chrono::seconds{60};  // only so that a hang ends; nothing is measured by it
}  // namespace

void run_all(asio::io_context& io, std::vector<Awaitable<>> coroutines) {
    auto left = coroutines.size();
    std::exception_ptr failure;
    for (auto& coroutine : coroutines)
        asio::co_spawn(io, std::move(coroutine), [&](std::exception_ptr exception) {
            --left;
            if (exception && !failure) failure = exception;
        });
    io.restart();
    auto const give_up = std::chrono::steady_clock::now() + patience;
    while (left > 0 && !failure && io.run_one_until(give_up) > 0) {
    }
    if (failure) {
        io.stop();
        std::rethrow_exception(failure);
    }
    BOOST_REQUIRE_MESSAGE(left == 0, left << " coroutines hang");
}

Awaitable<> settle() {
    auto const executor = co_await asio::this_coro::executor;
    for (int turn = 0; turn < 20; ++turn) co_await asio::post(executor, asio::use_awaitable);
}

Awaitable<bool> Peer::read_more() {
    std::array<char, 16384> chunk;
    auto const [error, size] = co_await socket_.async_read_some(asio::buffer(chunk), outcome);
    seen_.append(chunk.data(), size);
    co_return !error;
}

Awaitable<std::string> Peer::read_head() {
    while (seen_.find("\r\n\r\n") == std::string::npos)
        if (!co_await read_more()) throw std::runtime_error("closed before the empty line, after: " + seen_);
    auto const end = seen_.find("\r\n\r\n") + 4;
    auto head = seen_.substr(0, end);
    seen_.erase(0, end);
    co_return head;
}

Awaitable<std::string> Peer::read_bytes(std::size_t count) {
    while (seen_.size() < count)
        if (!co_await read_more()) throw std::runtime_error("closed early");
    auto bytes = seen_.substr(0, count);
    seen_.erase(0, count);
    co_return bytes;
}

Awaitable<Frame> Peer::read_frame() {
    Frame frame;
    auto const start = co_await read_bytes(2);
    frame.fin = (start[0] & 0x80) != 0;
    frame.opcode = start[0] & 0x0f;
    frame.masked = (start[1] & 0x80) != 0;
    std::size_t size = start[1] & 0x7f;
    if (size >= 126) {
        auto const longer = co_await read_bytes(size == 126 ? 2 : 8);
        size = 0;
        for (char const byte : longer) size = size << 8 | static_cast<unsigned char>(byte);
    }
    std::string mask(4, '\0');
    if (frame.masked) mask = co_await read_bytes(4);
    frame.payload = co_await read_bytes(size);
    for (std::size_t at = 0; at < size; ++at) frame.payload[at] = static_cast<char>(frame.payload[at] ^ mask[at % 4]);
    co_return frame;
}

Awaitable<std::string> Peer::read_rest() {
    while (co_await read_more()) {
    }
    co_return std::exchange(seen_, {});
}

Awaitable<> Peer::write(std::string bytes) { co_await asio::async_write(socket_, asio::buffer(bytes), asio::use_awaitable); }

Awaitable<bool> Peer::try_write(std::string bytes) {
    auto const [error, size] = co_await asio::async_write(socket_, asio::buffer(bytes), outcome);
    co_return !error;
}

Awaitable<std::string> Peer::upgrade() {
    auto head = co_await read_head();
    constexpr std::string_view field = "Sec-WebSocket-Key: ";
    auto const at = head.find(field) + field.size();
    auto const text = head.substr(at, head.find("\r\n", at) - at) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    std::array<unsigned char, 20> digest;
    EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha1(), nullptr);
    std::array<unsigned char, 32> base64;
    auto const size = EVP_EncodeBlock(base64.data(), digest.data(), static_cast<int>(digest.size()));
    std::string const accept(reinterpret_cast<char const*>(base64.data()), static_cast<std::size_t>(size));
    co_await write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
                   accept + "\r\n\r\n");
    co_return head;
}

void Peer::close() { socket_.close(); }

void Peer::reset() {
    socket_.set_option(asio::socket_base::linger(true, 0));
    socket_.close();
}

std::string frame(int opcode, std::string const& payload, bool fin) {
    std::string bytes(1, static_cast<char>((fin ? 0x80 : 0) | opcode));
    auto const size = payload.size();
    if (size < 126) {
        bytes += static_cast<char>(size);
    } else {
        bytes += static_cast<char>(size < 65536 ? 126 : 127);
        for (int shift = size < 65536 ? 8 : 56; shift >= 0; shift -= 8) bytes += static_cast<char>(size >> shift & 0xff);
    }
    return bytes + payload;
}

std::string ok(std::string const& body, std::string const& more_fields) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + more_fields + "\r\n" + body;
}

Listener::Listener(asio::io_context& io) : acceptor_(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {}

Awaitable<Peer> Listener::accept() { co_return Peer(co_await acceptor_.async_accept(asio::use_awaitable)); }

Awaitable<Peer> dial(std::uint16_t port) {
    tcp::socket socket(co_await asio::this_coro::executor);
    co_await socket.async_connect({asio::ip::address_v4::loopback(), port}, asio::use_awaitable);
    co_return Peer(std::move(socket));
}

}  // namespace esc::net::test
