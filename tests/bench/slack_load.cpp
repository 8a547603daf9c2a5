// Plays Slack's side as fast as it can: hands out sockets, floods them with envelopes, keeps a fixed number unacknowledged,
// and counts acks. Frames are built and read by hand after the upgrade, so that this side is never the slower one.
//
//   slack_load --port P --sockets N --envelopes M --window W --kind reaction|message|command
//
// Prints one JSON line when it listens and one when it is done.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using Steady = std::chrono::steady_clock;

namespace {

constexpr int people = 50;

struct Options {
    unsigned short port = 0;
    std::size_t sockets = 2;
    std::size_t envelopes = 100'000;
    std::size_t window = 256;
    std::string kind = "reaction";
};

std::string person(std::size_t number) { return fmt::format("U0LOAD{:04}", number % people); }

// About 0.7 KB, as Slack sends it. The number makes every envelope, event and message its own.
std::string envelope(Options const& options, std::size_t number) {
    auto const id = fmt::format("{:08x}-0000-4000-8000-{:012}", number, number);
    if (options.kind == "command")
        return fmt::format(
            R"({{"envelope_id":"{}","type":"slash_commands","accepts_response_payload":true,"payload":{{"token":"none","team_id":"T0LOAD","team_domain":"load","channel_id":"C0LOAD","channel_name":"help","user_id":"{}","user_name":"load","command":"/escalate","text":"sev3 for:acme Checkout fails for user number {}","api_app_id":"A0LOAD","is_enterprise_install":"false","response_url":"http:\/\/127.0.0.1:{}\/response\/{}","trigger_id":"{}.1.load"}}}})",
            id, person(number), number, options.port, number, number);
    auto const inner =
        options.kind == "message"
            ? fmt::format(
                  R"({{"type":"message","channel":"C0QUIET","channel_type":"channel","user":"{}","text":"lunch, anyone? number {}","ts":"1790000000.{:06}","event_ts":"1790000000.{:06}"}})",
                  person(number), number, number, number)
            : fmt::format(
                  R"({{"type":"reaction_added","user":"{}","reaction":"rotating_light","item_user":"{}","item":{{"type":"message","channel":"C0LOAD","ts":"17{:08}.{:06}"}},"event_ts":"1790000000.{:06}"}})",
                  person(number), person(number + 1), 60'000'000 + number / 1'000'000, number % 1'000'000, number % 1'000'000);
    return fmt::format(
        R"({{"envelope_id":"{}","type":"events_api","accepts_response_payload":false,"retry_attempt":0,"retry_reason":"","payload":{{"token":"none","team_id":"T0LOAD","context_team_id":"T0LOAD","context_enterprise_id":null,"api_app_id":"A0LOAD","event":{},"type":"event_callback","event_id":"Ev{:010}","event_time":1790000000,"authorizations":[{{"enterprise_id":null,"team_id":"T0LOAD","user_id":"U0BOT","is_bot":true,"is_enterprise_install":false}}],"is_ext_shared_channel":false,"event_context":"4-eyJldCI6InJlYWN0aW9uX2FkZGVkIiwidGlkIjoiVDBMT0FEIn0"}}}})",
        id, inner, number);
}

// A server's text frame: FIN, no mask.
void append_frame(std::string& out, std::string_view text) {
    out += static_cast<char>(0x81);
    if (text.size() < 126) {
        out += static_cast<char>(text.size());
    } else {
        out += static_cast<char>(126);
        out += static_cast<char>(text.size() >> 8);
        out += static_cast<char>(text.size() & 0xff);
    }
    out += text;
}

struct Run {
    explicit Run(Options o) : options(std::move(o)), sent_at(options.envelopes), acked(options.envelopes) {
        frames.reserve(options.envelopes);
    }
    Options options;
    std::vector<std::string> frames{};  // built before the clock starts
    std::vector<Steady::time_point> sent_at;
    std::vector<bool> acked;
    std::vector<float> latencies_ms{};
    std::size_t next = 0;
    std::size_t acks = 0;
    std::size_t doubles = 0;
    std::size_t connected = 0;
    std::map<std::string, std::size_t> calls{};
    Steady::time_point first{};
    Steady::time_point last{};
    std::vector<std::shared_ptr<asio::steady_timer>> starts{};
    std::shared_ptr<asio::steady_timer> done{};
};

// One socket: keeps `window` envelopes in flight.
asio::awaitable<void> flood(tcp::socket& socket, Run& run, std::size_t window) {
    std::string out;
    std::string pongs;  // Bolt gives a connection up that answers none for 5 s
    std::vector<char> in(1U << 18);
    std::size_t held = 0;
    std::size_t in_flight = 0;
    while (true) {
        out = std::exchange(pongs, {});
        auto const now = Steady::now();
        while (in_flight < window && run.next < run.options.envelopes) {
            run.sent_at[run.next] = now;
            out += run.frames[run.next++];
            ++in_flight;
        }
        if (!out.empty()) co_await asio::async_write(socket, asio::buffer(out), asio::use_awaitable);
        held += co_await socket.async_read_some(asio::buffer(in.data() + held, in.size() - held), asio::use_awaitable);
        auto const heard = Steady::now();
        std::size_t at = 0;
        while (held - at >= 6) {
            auto const* frame = reinterpret_cast<unsigned char*>(in.data() + at);
            std::size_t length = frame[1] & 0x7f;
            std::size_t head = 2;
            if (length == 126) {
                length = (std::size_t{frame[2]} << 8) | frame[3];
                head = 4;
            } else if (length == 127) {
                throw std::runtime_error("a frame too large for an ack");
            }
            if (held - at < head + 4 + length) break;
            auto const* mask = frame + head;
            char* text = in.data() + at + head + 4;
            for (std::size_t i = 0; i < length; ++i)
                text[i] = static_cast<char>(static_cast<unsigned char>(text[i]) ^ mask[i % 4]);
            auto const opcode = frame[0] & 0x0f;
            at += head + 4 + length;
            if (opcode == 8) throw std::runtime_error("the client closed the socket");
            if (opcode == 9) {
                pongs += static_cast<char>(0x8a);
                pongs += static_cast<char>(length);  // a ping is never longer than 125
                pongs.append(text, length);
            }
            if (opcode != 1) continue;
            std::string_view const ack(text, length);
            auto const id = ack.find("-8000-");
            if (id == std::string_view::npos) continue;
            std::size_t number = 0;
            std::from_chars(ack.data() + id + 6, ack.data() + id + 18, number);
            if (number >= run.acked.size() || run.acked[number]) {
                ++run.doubles;
                continue;
            }
            run.acked[number] = true;
            run.latencies_ms.push_back(std::chrono::duration<float, std::milli>(heard - run.sent_at[number]).count());
            --in_flight;
            ++run.acks;
        }
        std::copy(in.begin() + static_cast<std::ptrdiff_t>(at), in.begin() + static_cast<std::ptrdiff_t>(held), in.begin());
        held -= at;
        if (run.acks == run.options.envelopes) {
            run.last = heard;
            run.done->cancel();
            for (;;) co_await socket.async_read_some(asio::buffer(in), asio::use_awaitable);
        }
    }
}

std::string answer(Run& run, std::string_view method) {
    ++run.calls[std::string(method)];
    if (method == "apps.connections.open")
        return fmt::format(R"({{"ok":true,"url":"ws://127.0.0.1:{}/link/?ticket=load&app_id=A0LOAD"}})", run.options.port);
    if (method == "auth.test")
        return R"({"ok":true,"url":"https://load.slack.example/","team":"load","team_id":"T0LOAD","user":"escalations","user_id":"U0BOT","bot_id":"B0BOT","is_enterprise_install":false})";
    if (method == "users.list") {
        std::string members;
        for (std::size_t number = 0; number < people; ++number)
            members += fmt::format(
                R"({}{{"id":"{}","team_id":"T0LOAD","name":"load{}","deleted":false,"is_admin":{},"is_bot":false,"is_restricted":false,"is_ultra_restricted":false,"tz":"Europe/Berlin","profile":{{"display_name":"load {}"}}}})",
                number == 0 ? "" : ",", person(number), number, number == 0, number);
        return fmt::format(R"({{"ok":true,"members":[{}],"response_metadata":{{"next_cursor":""}}}})", members);
    }
    if (method == "conversations.info")
        return R"({"ok":true,"channel":{"id":"C0LOAD","name":"help","is_channel":true,"is_private":false,"is_ext_shared":false,"is_member":true,"is_archived":false}})";
    if (method == "conversations.replies" || method == "conversations.history")
        return R"({"ok":true,"messages":[],"has_more":false,"response_metadata":{"next_cursor":""}})";
    if (method == "chat.getPermalink") return R"({"ok":true,"permalink":"https://load.slack.example/archives/C0LOAD/p1"})";
    return R"({"ok":true,"channel":"C0LOAD","ts":"1790000001.000001","message":{"ts":"1790000001.000001"}})";
}

asio::awaitable<void> serve(tcp::socket socket, Run& run) {
    beast::flat_buffer buffer;
    try {
        while (true) {
            http::request<http::string_body> request;
            co_await http::async_read(socket, buffer, request, asio::use_awaitable);
            if (beast::websocket::is_upgrade(request)) {
                beast::websocket::stream<tcp::socket&> upgrade(socket);
                co_await upgrade.async_accept(request, asio::use_awaitable);
                socket.set_option(tcp::no_delay(true));
                ++run.connected;
                std::string hello;
                append_frame(
                    hello,
                    fmt::format(
                        R"({{"type":"hello","num_connections":{},"connection_info":{{"app_id":"A0LOAD"}},"debug_info":{{"host":"load","approximate_connection_time":18060}}}})",
                        run.connected));
                co_await asio::async_write(socket, asio::buffer(hello), asio::use_awaitable);
                auto start = std::make_shared<asio::steady_timer>(socket.get_executor(), Steady::time_point::max());
                run.starts.push_back(start);
                if (run.starts.size() == run.options.sockets) {
                    // All are there; a moment for the program under test to fill its caches, then the clock starts.
                    asio::steady_timer settle(socket.get_executor(), std::chrono::seconds(2));
                    co_await settle.async_wait(asio::use_awaitable);
                    run.first = Steady::now();
                    for (auto const& waiting : run.starts) waiting->cancel();
                } else {
                    boost::system::error_code ignored;  // cancelled is what it waits for
                    co_await start->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
                }
                co_await flood(socket, run, run.options.window / run.options.sockets);
            }
            auto const target = std::string_view(request.target().data(), request.target().size());
            auto const from = target.rfind('/') + 1;
            http::response<http::string_body> response{http::status::ok, 11};
            response.set(http::field::content_type, "application/json");
            response.body() = answer(run, target.substr(from, target.find('?') - from));
            response.keep_alive(request.keep_alive());
            response.prepare_payload();
            co_await http::async_write(socket, response, asio::use_awaitable);
            if (!request.keep_alive()) co_return;
        }
    } catch (boost::system::system_error const& error) {
        if (error.code() != http::error::end_of_stream && run.acks > 0 && run.acks < run.options.envelopes)
            fmt::print(stderr, "slack_load: {}\n", error.code().message());
    }
}

asio::awaitable<void> accept(tcp::acceptor& acceptor, Run& run) {
    while (true) {
        auto socket = co_await acceptor.async_accept(asio::use_awaitable);
        asio::co_spawn(acceptor.get_executor(), serve(std::move(socket), run), [](std::exception_ptr error) {
            if (error) std::rethrow_exception(error);
        });
    }
}

Options read_options(int count, char** values) {
    Options options;
    for (int at = 1; at + 1 < count; at += 2) {
        std::string_view const name = values[at];
        std::string const value = values[at + 1];
        if (name == "--port")
            options.port = static_cast<unsigned short>(std::stoul(value));
        else if (name == "--sockets")
            options.sockets = std::stoul(value);
        else if (name == "--envelopes")
            options.envelopes = std::stoul(value);
        else if (name == "--window")
            options.window = std::stoul(value);
        else if (name == "--kind")
            options.kind = value;
        else
            throw std::invalid_argument(fmt::format("unknown option {}", name));
    }
    return options;
}

}  // namespace

int main(int count, char** values) try {
    auto options = read_options(count, values);
    asio::io_context io(1);
    tcp::acceptor acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), options.port));
    options.port = acceptor.local_endpoint().port();
    Run run(options);
    for (std::size_t number = 0; number < options.envelopes; ++number) {
        std::string frame;
        append_frame(frame, envelope(options, number));
        run.frames.push_back(std::move(frame));
    }
    run.latencies_ms.reserve(options.envelopes);
    run.done = std::make_shared<asio::steady_timer>(io, Steady::time_point::max());
    fmt::print("{{\"listening\":{}}}\n", options.port);
    std::fflush(stdout);
    asio::co_spawn(io, accept(acceptor, run), [](std::exception_ptr error) {
        if (error) std::rethrow_exception(error);
    });
    run.done->async_wait([&](boost::system::error_code) {
        auto& all = run.latencies_ms;
        std::sort(all.begin(), all.end());
        auto const seconds = std::chrono::duration<double>(run.last - run.first).count();
        fmt::print(
            R"({{"kind":"{}","envelopes":{},"acked":{},"doubles":{},"seconds":{:.3f},"acks_per_second":{:.0f},"p50_ms":{:.3f},"p99_ms":{:.3f},"max_ms":{:.3f}}})"
            "\n",
            options.kind, options.envelopes, run.acks, run.doubles, seconds, static_cast<double>(run.acks) / seconds,
            all[all.size() / 2], all[all.size() * 99 / 100], all.back());
        std::fflush(stdout);
    });
    io.run_for(std::chrono::minutes(10));  // the measuring script ends it sooner
    return run.acks == options.envelopes ? 0 : 1;
} catch (std::exception const& error) {
    fmt::print(stderr, "slack_load: {}\n", error.what());
    return 1;
}
