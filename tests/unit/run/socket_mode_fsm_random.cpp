// A Slack gone mad: random events in random order, and what has to hold all the same.
#include "tests/support/random_seed.hpp"
#include "tests/unit/run/socket_mode_machine.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <variant>
#include <vector>

using namespace std::chrono_literals;
using namespace esc::run;
using State = SocketModeFsm::State;

namespace {

// The adaptor's side, believing nothing: checks every action against what it knows itself.
struct World {
    explicit World(std::uint64_t seed) : engine(seed), options(pick_options()), fsm(options, [this] { return fraction(); }) {}

    double fraction() { return std::uniform_real_distribution<double>(0, 1)(engine); }
    int below(int limit) { return std::uniform_int_distribution<int>(0, limit - 1)(engine); }
    SocketModeFsm::Options pick_options() {
        SocketModeFsm::Options some;
        some.connections = 1 + below(4);
        some.connections_max = 3 + below(8);
        return some;
    }

    void take(Actions const& actions) {
        for (auto const& action : actions) {
            if (auto const* open = std::get_if<OpenConnection>(&action)) {
                BOOST_TEST_REQUIRE(sockets.insert(open->id).second);
                BOOST_TEST_REQUIRE(open->id > last);
                last = open->id;
                BOOST_TEST_REQUIRE(!stopped);
                BOOST_TEST_REQUIRE(!gave_up);
            } else if (auto const* close = std::get_if<CloseConnection>(&action)) {
                BOOST_TEST_REQUIRE(sockets.count(close->id) == 1U);
                BOOST_TEST_REQUIRE(closing.insert(close->id).second);  // once
            } else if (auto const* drain = std::get_if<DrainConnection>(&action)) {
                BOOST_TEST_REQUIRE(sockets.count(drain->id) == 1U);
                BOOST_TEST_REQUIRE((drain->until >= now));
            } else if (auto const* ack = std::get_if<SendAck>(&action)) {
                BOOST_TEST_REQUIRE(sockets.count(ack->id) == 1U);
            } else if (auto const* deliver = std::get_if<Deliver>(&action)) {
                BOOST_TEST_REQUIRE(sockets.count(deliver->id) == 1U);
                ++delivered;
            } else if (auto const* wake = std::get_if<WakeAt>(&action)) {
                wake_at = wake->at;
            } else {
                BOOST_TEST_REQUIRE(!gave_up);
                gave_up = true;
            }
        }
        check();
    }

    void check() {
        int opening = 0;
        int ready = 0;
        int staying = 0;
        BOOST_TEST_REQUIRE(fsm.connections() == sockets.size());
        BOOST_TEST_REQUIRE(static_cast<int>(sockets.size()) <= options.connections_max);
        for (auto const id : sockets) {
            auto const state = fsm.state(id);
            BOOST_TEST_REQUIRE(state.has_value());
            if (*state == State::opening || *state == State::awaiting_hello) ++opening;
            if (*state == State::ready) ++ready;
            if (*state == State::closing) BOOST_TEST_REQUIRE(closing.count(id) == 1U);
            if (*state != State::closing && *state != State::draining) ++staying;
        }
        BOOST_TEST_REQUIRE(opening <= 1);
        BOOST_TEST_REQUIRE(fsm.ready() == ready);
        int const wanted = std::clamp(options.connections, 1, std::max(1, options.connections_max - 1));
        BOOST_TEST_REQUIRE(ready <= wanted);  // the surplus drains
        BOOST_TEST_REQUIRE(staying <= wanted + 1);
        // Somebody sees to it: something is under way, a wake-up is set, or a socket still has to go.
        bool const room = static_cast<int>(sockets.size()) < options.connections_max;
        if (started && !stopped && !gave_up && ready < wanted && opening == 0 && room) BOOST_TEST_REQUIRE(wake_at.has_value());
    }

    void forget(ConnectionId id) {
        sockets.erase(id);
        closing.erase(id);
    }
    ConnectionId some_id() {
        if (sockets.empty() || below(20) == 0) return static_cast<ConnectionId>(below(1'000'000) + 1'000'000);
        auto at = sockets.begin();
        std::advance(at, below(static_cast<int>(sockets.size())));
        return *at;
    }
    esc::slack::Frame some_frame() {
        static std::vector<std::string> const reasons{"warning", "refresh_requested", "link_disabled", "too_many_websockets",
                                                      "?"};
        switch (below(9)) {
            case 0:
            case 1:
                return esc::slack::Hello{.num_connections = below(12),
                                         .approximate_connection_time = std::chrono::seconds(below(400))};
            case 2:
                return esc::slack::Hello{};
            case 3:
                return esc::slack::Disconnect{reasons[static_cast<std::size_t>(below(5))]};
            case 4:
                return esc::slack::Unreadable{below(2) == 0 ? "u" : "", "t", "w"};
            case 5:
                return esc::slack::Garbage{"g"};
            default:
                return esc::slack::Envelope{};
        }
    }

    void step() {
        switch (below(12)) {
            case 0:
            case 1:
            case 2:
                take(fsm.opened(some_id(), now));
                break;
            case 3: {
                auto const id = some_id();
                auto const state = fsm.state(id);
                bool const legal = !state || *state == State::opening || *state == State::closing;
                if (!legal) break;
                esc::Error error = esc::fail(below(3) == 0 ? esc::Errc::rate_limited : esc::Errc::unavailable, "no");
                error.retry_after = std::chrono::milliseconds(below(90'000));
                if (below(400) == 0) error.cause = "invalid_auth";
                forget(id);
                take(fsm.open_failed(id, error, now));
                break;
            }
            case 4: {
                auto const id = closing.empty() || below(3) == 0 ? some_id() : *closing.begin();
                forget(id);
                take(fsm.closed(id, "gone", now));
                break;
            }
            case 5:
            case 6:
                if (wake_at && below(4) != 0) {
                    now = std::max(now, *wake_at);
                    wake_at.reset();
                    take(fsm.tick(now));
                    break;
                }
                now += std::chrono::milliseconds(below(20'000));
                if (wake_at && *wake_at <= now) {
                    wake_at.reset();
                    take(fsm.tick(now));
                }
                break;
            default:
                take(fsm.frame(some_id(), some_frame(), now));
                break;
        }
    }

    std::mt19937_64 engine;
    SocketModeFsm::Options options;
    SocketModeFsm fsm;
    esc::Instant now = esc::from_us(1'790'000'000'000'000);
    std::set<ConnectionId> sockets;
    std::set<ConnectionId> closing;
    std::optional<esc::Instant> wake_at;
    ConnectionId last = 0;
    int delivered = 0;
    bool started = false;
    bool stopped = false;
    bool gave_up = false;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(socket_mode_fsm)

BOOST_AUTO_TEST_CASE(random_events_keep_the_promises) {
    std::uint64_t const base = esc::test::random_seed();
    // A round may give up at its first frame; all of them together must have carried envelopes.
    int delivered = 0;
    for (std::uint64_t round = 0; round < 150; ++round) {
        std::uint64_t const seed = base + round;
        BOOST_TEST_CONTEXT("seed " << seed) {
            World world(seed);
            world.started = true;
            world.take(world.fsm.start(world.now));
            for (int count = 0; count < 1'500; ++count) world.step();
            // The storm is over: a kind Slack brings everything back, unless it was given up.
            int const wanted = std::clamp(world.options.connections, 1, std::max(1, world.options.connections_max - 1));
            for (int turn = 0; turn < 200 && world.fsm.ready() < wanted && !world.gave_up; ++turn) {
                auto const ids = world.sockets;
                for (auto const id : ids) {
                    auto const state = world.fsm.state(id);
                    if (state == State::closing) world.forget(id), world.take(world.fsm.closed(id, "gone", world.now));
                    if (state == State::opening) world.take(world.fsm.opened(id, world.now));
                    if (state == State::opening || state == State::awaiting_hello)
                        world.take(world.fsm.frame(id, esc::slack::Hello{}, world.now));
                }
                if (!world.wake_at) continue;
                world.now = std::max(world.now, *world.wake_at);
                world.wake_at.reset();
                world.take(world.fsm.tick(world.now));
            }
            if (!world.gave_up) BOOST_TEST(world.fsm.ready() == wanted);
            delivered += world.delivered;
            world.stopped = true;
            world.take(world.fsm.stop(world.now));
            for (int count = 0; count < 300; ++count) world.step();
            while (!world.sockets.empty()) {
                auto const id = *world.sockets.begin();
                world.forget(id);
                world.take(world.fsm.closed(id, "gone", world.now));
            }
            BOOST_TEST(world.fsm.ready() == 0);
        }
    }
    BOOST_TEST(delivered > 0);
}

BOOST_AUTO_TEST_SUITE_END()
