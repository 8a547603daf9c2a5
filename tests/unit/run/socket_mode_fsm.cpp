// The connection machine, row by row of what Slack's protocol and other clients' mistakes have taught (events in, actions out).
#include "tests/unit/run/socket_mode_machine.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace std::chrono_literals;
using esc::test::Machine;
using State = Machine::State;

BOOST_AUTO_TEST_SUITE(socket_mode_fsm)

BOOST_AUTO_TEST_CASE(connections_open_one_after_the_other) {
    Machine m;
    BOOST_TEST(m.start() == "open 1");
    BOOST_TEST(m.fsm.ready() == 0);
    BOOST_TEST(m.opened(1) == "");  // an upgrade alone is not a connection
    BOOST_TEST(m.fsm.ready() == 0);
    BOOST_TEST(m.hello(1) == "open 2");
    BOOST_TEST(m.fsm.ready() == 1);
    BOOST_TEST(m.open_up(2) == "");
    BOOST_TEST(m.fsm.ready() == 2);
    BOOST_TEST(m.pass(24h) == "");  // no announced life: nothing is refreshed on suspicion
}

BOOST_AUTO_TEST_CASE(hello_has_a_deadline) {
    Machine m;
    m.start();
    m.opened(1);
    BOOST_TEST(m.pass(9s) == "");
    BOOST_TEST(m.pass(1s) == "close 1");
    BOOST_TEST(m.pass(250ms) == "open 2");  // half of the first back-off
    BOOST_TEST(m.fsm.reconnects().at("hello_timeout") == 1);
}

BOOST_AUTO_TEST_CASE(replacement_comes_before_removal) {
    for (std::string const reason : {"warning", "refresh_requested"}) {
        Machine m;
        m.two_ready();
        BOOST_TEST(m.disconnect(1, reason) == "open 3");
        BOOST_TEST(m.fsm.ready() == 2);
        BOOST_TEST(m.disconnect(1, reason) == "");  // said twice
        BOOST_TEST(m.envelope(1, "e1") == "deliver 1 e1");
        BOOST_TEST(m.opened(3) == "");  // not before its hello
        BOOST_TEST(m.hello(3) == "drain 1");
        BOOST_TEST((m.drain_for == 10s));
        BOOST_TEST((m.fsm.state(1) == State::draining));
        BOOST_TEST(m.envelope(1, "e2") == "deliver 1 e2");
        BOOST_TEST(m.fsm.ready() == 2);
        BOOST_TEST(m.pass(10s) == "close 1");
        BOOST_TEST(m.envelope(1, "e3") == "deliver 1 e3");
        BOOST_TEST(m.closed(1) == "");
        BOOST_TEST(m.fsm.reconnects().at(reason) == 1);
    }
}

BOOST_AUTO_TEST_CASE(announced_and_closed_before_the_replacement_is_there) {
    Machine m;
    m.two_ready();
    BOOST_TEST(m.disconnect(1, "warning") == "open 3");
    BOOST_TEST(m.closed(1) == "");  // one owner of reconnection: the replacement is on its way already
    BOOST_TEST(m.open_up(3) == "");
    BOOST_TEST(m.fsm.ready() == 2);
}

BOOST_AUTO_TEST_CASE(both_announced_at_once_are_replaced_one_by_one) {
    Machine m;
    m.two_ready();
    BOOST_TEST(m.disconnect(1, "warning") == "open 3");
    BOOST_TEST(m.disconnect(2, "warning") == "");
    BOOST_TEST(m.open_up(3) == "drain 1, open 4");
    BOOST_TEST(m.open_up(4) == "drain 2");
    BOOST_TEST(m.fsm.ready() == 2);
}

BOOST_AUTO_TEST_CASE(planned_refresh_at_80_to_90_percent_of_the_announced_life) {
    struct Row {
        double random;
        std::chrono::seconds after;
    };
    for (auto const& row : {Row{0, 14'448s}, Row{0.5, 15'351s}, Row{0.999, 16'252s}}) {
        Machine m({.connections = 1});
        m.random = row.random;
        m.start();
        m.open_up(1, 0, 18'060s);
        BOOST_TEST(m.pass_until_something() == "open 2");
        BOOST_TEST((std::chrono::abs(m.waited - row.after) < 1s));
        BOOST_TEST(m.open_up(2, 0, 18'060s) == "drain 1");
        BOOST_TEST(m.fsm.reconnects().at("planned") == 1);
    }
}

BOOST_AUTO_TEST_CASE(ages_are_staggered) {
    Machine m;
    m.start();
    m.open_up(1, 0, 18'000s);
    m.open_up(2, 0, 18'000s);
    BOOST_TEST(m.pass_until_something() == "open 3");
    BOOST_TEST((m.waited < 9'000s));
    BOOST_TEST(m.open_up(3, 0, 18'000s) == "drain 2");
    BOOST_TEST(m.pass(10s) == "close 2");
    m.closed(2);
    for (esc::run::ConnectionId next = 4; next < 12; ++next) {  // and they stay so
        BOOST_TEST(m.pass_until_something() == fmt::format("open {}", next));
        BOOST_TEST((m.waited > 7'000s));
        m.open_up(next, 0, 18'000s);
        esc::run::ConnectionId const replaced = next == 4 ? 1 : next - 2;
        BOOST_TEST(m.pass(10s) == fmt::format("close {}", replaced));
        m.closed(replaced);
    }
}

BOOST_AUTO_TEST_CASE(a_silly_announced_life_does_not_spin) {
    for (auto const life : {-5s, 0s, 1s, 20s}) {
        Machine m({.connections = 1});
        m.start();
        m.open_up(1, 0, life);
        BOOST_TEST(m.pass(29s) == "");
    }
}

BOOST_AUTO_TEST_CASE(too_many_websockets_closes_own_stale_ones_first_and_then_backs_off) {
    Machine m;
    m.two_ready();
    m.disconnect(1, "refresh_requested");
    m.opened(3);
    BOOST_TEST(m.disconnect(3, "too_many_websockets") == "close 1, close 3");
    BOOST_TEST(m.fsm.ready() == 1);
    m.closed(1);
    m.closed(3);
    BOOST_TEST(m.pass_until_something() == "open 4");
    BOOST_TEST((m.waited == 250ms));
    m.opened(4);
    BOOST_TEST(m.disconnect(4, "too_many_websockets") == "close 4");
    m.closed(4);
    BOOST_TEST(m.pass_until_something() == "open 5");
    BOOST_TEST((m.waited == 500ms));
}

BOOST_AUTO_TEST_CASE(too_many_websockets_while_draining_and_while_opening) {
    Machine m;
    m.two_ready();
    m.disconnect(1, "warning");
    m.open_up(3);
    BOOST_TEST((m.fsm.state(1) == State::draining));
    BOOST_TEST(m.disconnect(1, "too_many_websockets") == "close 1");
    BOOST_TEST(m.fsm.ready() == 2);

    Machine other;
    other.start();
    BOOST_TEST(other.disconnect(1, "too_many_websockets") == "close 1");  // before the upgrade was even told
    BOOST_TEST(other.opened(1) == "");
    BOOST_TEST((other.fsm.state(1) == State::closing));
    BOOST_TEST(other.closed(1) == "");
    BOOST_TEST(other.pass(1s) == "open 2");
}

BOOST_AUTO_TEST_CASE(link_disabled_goes_not_ready_and_asks_again_every_few_minutes) {
    Machine m;
    m.two_ready();
    BOOST_TEST(m.disconnect(2, "link_disabled") == "close 1, close 2");
    BOOST_TEST(m.fsm.link_disabled());
    BOOST_TEST(m.fsm.ready() == 0);
    m.closed(1);
    m.closed(2);
    BOOST_TEST(m.pass(299s) == "");
    BOOST_TEST(m.pass(1s) == "open 3");
    esc::Error wait = esc::fail(esc::Errc::rate_limited, "slow");
    wait.retry_after = 1s;
    BOOST_TEST(m.open_failed(3, wait) == "");
    BOOST_TEST(m.pass(299s) == "");
    BOOST_TEST(m.pass(1s) == "open 4");
    BOOST_TEST(m.fsm.link_disabled());
    BOOST_TEST(m.open_up(4) == "open 5");
    BOOST_TEST(!m.fsm.link_disabled());
}

BOOST_AUTO_TEST_CASE(an_unknown_reason_is_a_refresh_with_back_off) {
    Machine m;
    m.two_ready();
    BOOST_TEST(m.disconnect(1, "solar flare") == "");
    BOOST_TEST(m.fsm.ready() == 2);
    BOOST_TEST(m.pass_until_something() == "open 3");
    BOOST_TEST((m.waited == 250ms));
    BOOST_TEST(m.open_up(3) == "drain 1");
    BOOST_TEST(m.fsm.reconnects().at("other") == 1);
    BOOST_TEST(m.fsm.reconnects().count("solar flare") == 0U);
}

BOOST_AUTO_TEST_CASE(back_off_doubles_to_its_ceiling_with_full_jitter) {
    Machine m({.connections = 1});
    m.start();
    std::vector<esc::Duration> const expected{250ms, 500ms, 1s, 2s, 4s, 8s, 16s, 30s, 30s, 30s};  // half of 0.5 s … 60 s
    esc::run::ConnectionId id = 1;
    for (auto const wait : expected) {
        BOOST_TEST(m.open_failed(id) == "");
        ++id;
        BOOST_TEST(m.pass_until_something() == fmt::format("open {}", id));
        BOOST_TEST((m.waited == wait));
    }
    m.random = 0;
    BOOST_TEST(m.open_failed(id) == fmt::format("open {}", id + 1));
    for (int more = 0; more < 100; ++more) m.open_failed(++id);  // no overflow after a long outage
    BOOST_TEST((m.fsm.state(id + 1) == State::opening));
}

BOOST_AUTO_TEST_CASE(back_off_is_reset_only_after_hello_and_some_stable_time) {
    Machine m({.connections = 1});
    m.start();
    for (esc::run::ConnectionId id = 1; id <= 4; ++id) {  // hello, and gone: a loop that must not spin
        m.open_up(id);
        m.pass(5s);
        BOOST_TEST(m.closed(id) == "");
        m.pass_until_something();
    }
    BOOST_TEST((m.waited == 2s));
    m.open_up(5);
    m.pass(30s);
    BOOST_TEST(m.closed(5) == "");
    m.pass_until_something();
    BOOST_TEST((m.waited == 250ms));
}

BOOST_AUTO_TEST_CASE(an_old_stable_connection_does_not_excuse_a_flapping_one) {
    Machine m;
    m.two_ready();
    BOOST_TEST(m.closed(2) == "");
    for (esc::run::ConnectionId id = 3; id < 12; ++id) {
        BOOST_TEST(m.pass_until_something() == fmt::format("open {}", id));
        m.open_failed(id);
    }
    m.pass_until_something();
    BOOST_TEST((m.waited == 30s));
}

BOOST_AUTO_TEST_CASE(being_sent_away_again_and_again_does_not_spin) {
    Machine m({.connections = 1});
    m.random = 0.999;
    m.start();
    for (esc::run::ConnectionId id = 1; id <= 8; ++id) {
        m.open_up(id);
        BOOST_TEST(m.disconnect(id, "refresh_requested") == "");
        esc::Instant const begin = m.now;
        while (!m.fsm.state(id + 1)) m.pass_until_something();
        m.waited = m.now - begin;
    }
    BOOST_TEST((m.waited > 50s));
}

BOOST_AUTO_TEST_CASE(retry_after_wins) {
    Machine m;
    m.start();
    esc::Error error = esc::fail(esc::Errc::rate_limited, "too many");
    error.retry_after = 77s;
    BOOST_TEST(m.open_failed(1, error) == "");
    BOOST_TEST(m.pass_until_something() == "open 2");
    BOOST_TEST((m.waited == 77s));
}

BOOST_AUTO_TEST_CASE(some_errors_end_it) {
    for (std::string const cause : {"not_authed", "invalid_auth", "account_inactive", "user_removed_from_team", "team_disabled",
                                    "token_revoked", "missing_scope", "not_allowed_token_type"}) {
        Machine m;
        m.two_ready();
        m.disconnect(1, "warning");
        BOOST_TEST(m.refused(3, cause) == "give up " + cause);
        BOOST_TEST(m.pass(24h) == "");
        BOOST_TEST(m.fsm.ready() == 2);  // what still works goes on working
        BOOST_TEST(m.closed(1) == "");
        BOOST_TEST(m.closed(2) == "");
        BOOST_TEST(m.pass(24h) == "");
    }
}

BOOST_AUTO_TEST_CASE(other_errors_are_tried_again_for_ever) {
    for (std::string const cause : {"internal_error", "fatal_error", "", "unknown_method", "service_unavailable"}) {
        Machine m;
        m.start();
        for (esc::run::ConnectionId id = 1; id < 50; ++id) {
            BOOST_TEST(m.refused(id, cause) == "");
            BOOST_TEST(m.pass_until_something() == fmt::format("open {}", id + 1));
        }
    }
}

BOOST_AUTO_TEST_CASE(any_frame_in_any_state) {
    // state → how a machine with connection 3 in it is made; every frame goes into each, in every order of two.
    using Step = void (*)(Machine&);
    struct Row {
        State state;
        Step make;
    };
    std::vector<Row> const rows{
        {State::opening, [](Machine& m) { m.two_ready(), m.disconnect(1, "warning"); }},
        {State::awaiting_hello, [](Machine& m) { m.two_ready(), m.disconnect(1, "warning"), m.opened(3); }},
        {State::ready, [](Machine& m) { m.two_ready(), m.disconnect(1, "warning"), m.open_up(3); }},
        {State::draining,
         [](Machine& m) {
             m.two_ready(), m.disconnect(1, "warning"), m.open_up(3), m.pass(1min), m.closed(1);
             m.disconnect(3, "warning"), m.open_up(4);
         }},
        {State::closing, [](Machine& m) { m.two_ready(), m.disconnect(1, "warning"), m.disconnect(3, "warning"); }},
    };
    std::vector<esc::slack::Frame> const frames{esc::slack::Hello{},
                                                esc::slack::Disconnect{"warning"},
                                                esc::slack::Disconnect{"refresh_requested"},
                                                esc::slack::Disconnect{"link_disabled"},
                                                esc::slack::Disconnect{"too_many_websockets"},
                                                esc::slack::Disconnect{""},
                                                esc::slack::Unreadable{"u1", "odd", "why"},
                                                esc::slack::Unreadable{},
                                                esc::slack::Garbage{}};
    for (auto const& row : rows) {
        for (auto const& first : frames)
            for (auto const& second : frames) {
                Machine m;
                row.make(m);
                BOOST_TEST_REQUIRE((m.fsm.state(3) == row.state));
                BOOST_TEST(m.envelope(3, "e0") == "deliver 3 e0");
                m.frame(3, first);
                m.frame(3, second);
                BOOST_TEST(m.envelope(3, "e1") == "deliver 3 e1");
                BOOST_TEST(m.frame(3, esc::slack::Unreadable{"u2", "odd", "why"}) == "ack 3 u2");
                BOOST_TEST(m.frame(3, esc::slack::Unreadable{}) == "");
                m.closed(3);
                BOOST_TEST(m.envelope(3, "e2") == "");
                // Whatever that was: with a willing Slack everything comes back.
                for (int turn = 0; turn < 20 && m.fsm.ready() < 2; ++turn) {
                    m.pass(6min);
                    for (esc::run::ConnectionId id = 1; id < 20; ++id) {
                        if (m.fsm.state(id) == State::closing) m.closed(id);
                        if (m.fsm.state(id) == State::opening) m.open_up(id);
                    }
                }
                BOOST_TEST(m.fsm.ready() == 2);
            }
    }
}

BOOST_AUTO_TEST_CASE(garbage_is_counted_in_a_row) {
    Machine m;
    m.two_ready();
    for (int round = 0; round < 5; ++round) {
        for (int one = 0; one < 20; ++one) BOOST_TEST(m.garbage(1) == "");
        m.envelope(1, "e");
    }
    BOOST_TEST(m.pass(1min) == "");
    for (int one = 0; one < 21; ++one) BOOST_TEST(m.garbage(1) == "");
    BOOST_TEST(m.fsm.ready() == 2);  // replaced, not dropped
    BOOST_TEST(m.pass(1s) == "open 3");
    BOOST_TEST(m.open_up(3) == "drain 1");
    BOOST_TEST(m.fsm.reconnects().at("garbage") == 1);
}

BOOST_AUTO_TEST_CASE(two_notices_of_one_close_make_one_reconnect) {
    Machine m;
    m.two_ready();
    m.random = 0;
    BOOST_TEST(m.closed(1) == "open 3");
    BOOST_TEST(m.closed(1) == "");
    BOOST_TEST(m.open_failed(1) == "");
    BOOST_TEST(m.fsm.connections() == 2U);
}

BOOST_AUTO_TEST_CASE(unknown_ids_cause_nothing) {
    Machine m;
    m.two_ready();
    BOOST_TEST(m.opened(9) == "");
    BOOST_TEST(m.hello(9) == "");
    BOOST_TEST(m.envelope(9, "e") == "");
    BOOST_TEST(m.closed(9) == "");
    BOOST_TEST(m.refused(9, "invalid_auth") == "");
    BOOST_TEST(m.disconnect(9, "link_disabled") == "");
    BOOST_TEST(m.fsm.ready() == 2);
}

BOOST_AUTO_TEST_CASE(strangers_on_the_app_are_noticed) {
    Machine m;
    m.start();
    m.open_up(1, 1);
    BOOST_TEST(m.fsm.surplus() == 0);
    m.open_up(2, 3);
    BOOST_TEST(m.fsm.surplus() == 1);
    m.hello(2, 2);
    BOOST_TEST(m.fsm.surplus() == 0);
    m.closed(1);
    m.pass(1s);
    m.open_up(3, 3);  // Slack may still count the one that has just gone
    BOOST_TEST(m.fsm.surplus() == 0);
    m.pass(10min);
    m.hello(3, 3);
    BOOST_TEST(m.fsm.surplus() == 1);
    m.hello(3, 0);  // not told: what was known stays
    BOOST_TEST(m.fsm.surplus() == 1);
}

BOOST_AUTO_TEST_CASE(stop_closes_everything_and_opens_nothing) {
    Machine m;
    m.two_ready();
    m.disconnect(1, "warning");
    BOOST_TEST(m.stop() == "close 1, close 2, close 3");
    BOOST_TEST(m.envelope(1, "e") == "deliver 1 e");  // ack what comes
    BOOST_TEST(m.stop() == "");
    BOOST_TEST(m.disconnect(2, "too_many_websockets") == "");
    BOOST_TEST(m.opened(3) == "");
    BOOST_TEST(m.refused(3, "invalid_auth") == "");
    BOOST_TEST(m.closed(1) == "");
    BOOST_TEST(m.closed(2) == "");
    BOOST_TEST(m.pass(24h) == "");
    BOOST_TEST(m.fsm.connections() == 0U);
}

BOOST_AUTO_TEST_CASE(nothing_before_start) {
    Machine m;
    BOOST_TEST(m.pass(24h) == "");
    BOOST_TEST(m.stop() == "");
    BOOST_TEST(m.start() == "");
}

BOOST_AUTO_TEST_CASE(the_cap_leaves_room_for_replacement) {
    Machine m({.connections = 10});
    m.start();
    for (esc::run::ConnectionId id = 1; id <= 20; ++id) m.open_up(id);
    BOOST_TEST(m.fsm.ready() == 9);
    BOOST_TEST(m.pass(1min) == "");
    BOOST_TEST(m.disconnect(1, "warning") == "open 10");
    BOOST_TEST(m.disconnect(2, "warning") == "");
    BOOST_TEST(m.open_up(10) == "drain 1");  // ten sockets: the next replacement waits until one is gone
    BOOST_TEST(m.pass(10s) == "close 1");
    BOOST_TEST(m.closed(1) == "open 11");
}

BOOST_AUTO_TEST_SUITE_END()
