// The yardstick: a WebSocket client that reads an envelope, parses it with Boost.JSON and acks it, on plain Beast, with no
// store and no program around it. Nothing on this wire can be much faster.
//
//   bare_loop PORT

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>

#include <fmt/core.h>

#include <exception>
#include <string>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace json = boost::json;
using asio::ip::tcp;

namespace {

asio::awaitable<void> loop(unsigned short port) {
    beast::websocket::stream<tcp::socket> socket(co_await asio::this_coro::executor);
    tcp::endpoint const server(asio::ip::address_v4::loopback(), port);
    co_await socket.next_layer().async_connect(server, asio::use_awaitable);
    socket.next_layer().set_option(tcp::no_delay(true));
    socket.auto_fragment(false);
    co_await socket.async_handshake(fmt::format("127.0.0.1:{}", port), "/link/?ticket=bare", asio::use_awaitable);
    socket.text(true);
    beast::flat_buffer buffer;
    std::string ack;
    while (true) {
        buffer.clear();
        co_await socket.async_read(buffer, asio::use_awaitable);
        unsigned char memory[16 * 1024];
        json::monotonic_resource resource(memory, sizeof memory);
        auto const value = json::parse({static_cast<char const*>(buffer.data().data()), buffer.size()}, &resource);
        auto const* id = value.as_object().if_contains("envelope_id");
        if (id == nullptr) continue;
        ack.assign("{\"envelope_id\":\"").append(id->as_string().data(), id->as_string().size()).append("\"}");
        co_await socket.async_write(asio::buffer(ack), asio::use_awaitable);
    }
}

}  // namespace

int main(int count, char** values) {
    if (count != 2) return 2;
    asio::io_context io(1);
    // Ends when the load generator is gone.
    asio::co_spawn(io, loop(static_cast<unsigned short>(std::stoul(values[1]))), [](std::exception_ptr) {});
    io.run();
    return 0;
}
