// What every engine must do, run over each address: one suite for all that handlers and the service rely on.
#include "store_fixture.hpp"

#include <fmt/format.h>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <memory>

namespace esc::test {
namespace {

char const* const engines[] = {"file", "memory", "file without readers"};

struct Fixture {
    explicit Fixture(std::string const& engine)
        : opened(Store::Options{.url = engine == "memory" ? "sqlite::memory:" : folder.url(),
                                .readers = engine == "file" ? 2 : 0}) {}
    Folder folder;
    Opened opened;

    template <class Function>
    auto get(Function query) {
        return opened.read(query);
    }
    Escalation escalation(std::int64_t number) {
        return get([number](Snapshot const& s) { return s.escalation(EscalationId{number}); }).value();
    }
    std::vector<std::int64_t> queue(QueueQuery const& query) {
        std::vector<std::int64_t> numbers;
        for (auto const& row : get([&query](Snapshot const& s) { return s.queue(query); })) numbers.push_back(row.id.number);
        return numbers;
    }
    std::optional<OutboxRow> outbox(std::string const& key) {
        return get([&key](Snapshot const& s) { return s.outbox_row(key); });
    }
    std::vector<std::string> due_keys(Instant now, int limit = 100) {
        std::vector<std::string> keys;
        for (auto const kind : all_outbox_kinds)
            for (auto const& row : get([=](Snapshot const& s) { return s.outbox_due(kind, now, limit); }))
                keys.push_back(row.item.key);
        return keys;
    }
    std::string counts() {
        auto const counts = get([](Snapshot const& s) { return s.queue_counts(); });
        return fmt::format("{} open, {} unowned, {} at risk, {} breached", counts.open, counts.unowned, counts.at_risk,
                           counts.breached);
    }
    // Changes an escalation by a function on its next version.
    void change(std::int64_t number, std::function<void(Decision&)> const& edit, Instant now = at(1000)) {
        opened.commit([number, edit, now](Tx& tx) {
            auto decision = changed(*tx.escalation(EscalationId{number}), EventType::claimed, now);
            edit(decision);
            tx.apply(decision);
        });
    }
    template <class Error>
    void refused(StoreWork work) {
        auto const result = opened.write(std::move(work));
        BOOST_TEST(result.status == WriteStatus::failed);
        BOOST_REQUIRE(result.error);
        BOOST_CHECK_THROW(std::rethrow_exception(result.error), Error);
    }
};

void fire(SlaClock& clock, int points) {
    clock.points_fired = points;
    if (points == 3) clock.outcome = ClockOutcome::breached;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(conformance)

BOOST_DATA_TEST_CASE(an_escalation_is_kept_with_every_field, boost::unit_test::data::make(engines), engine) {
    Fixture f(engine);
    BOOST_TEST(!f.get([](Snapshot const& s) { return s.escalation(EscalationId{1}); }));
    Escalation expected;
    f.opened.commit([&expected](Tx& tx) {
        auto decision = raised(tx.next_escalation_id());
        auto& row = decision.after;
        row.state = State::resolved;
        row.severity = Severity::sev4;
        row.title = std::string("quote ' and \0 byte and ü", 24);
        row.origin = Origin::slash_command;
        row.source.thread_ts = MessageTs{"1.2"};
        row.source_permalink = "https://example.invalid/p";
        row.owner = PersonId{"U1"};
        row.owned_since = at(1);
        row.accepted_at = at(2);
        row.hops = 2;
        row.reopen_count = 3;
        row.resolution = "done";
        row.resolved_at = at(3);
        row.card_channel = ChannelId{"C9"};
        row.clocks[0].stopped_at = at(1);
        row.clocks[0].outcome = ClockOutcome::met;
        row.clocks.resize(1);
        row.rank = -5;
        row.next_point.reset();
        tx.apply(decision);
        expected = row;
    });
    auto const kept = f.escalation(1);
    expected.event_count = 1;
    expected.ledger_head = kept.ledger_head;
    BOOST_TEST(text_of(kept) == text_of(expected));
    BOOST_TEST((kept.ledger_head != Digest{}));
}

BOOST_DATA_TEST_CASE(ids_count_up_and_none_is_skipped, boost::unit_test::data::make(engines), engine) {
    Fixture f(engine);
    for (int n = 0; n < 3; ++n) f.opened.commit(raise_one);
    BOOST_TEST(f.escalation(3).id.number == 3);
    f.refused<std::logic_error>([](Tx& tx) { tx.apply(raised(EscalationId{5})); });
    f.refused<std::logic_error>([](Tx& tx) { tx.apply(raised(EscalationId{3})); });
    f.opened.commit([](Tx& tx) { BOOST_TEST(tx.next_escalation_id().number == 4); });
}

BOOST_DATA_TEST_CASE(an_update_needs_the_version_before_it, boost::unit_test::data::make(engines), engine) {
    Fixture f(engine);
    f.opened.commit(raise_one);
    auto const first = f.escalation(1);
    f.change(1, [](Decision& d) { d.after.title = "other"; });
    BOOST_TEST(f.escalation(1).version == 2);
    BOOST_TEST(f.escalation(1).title == "other");
    f.refused<std::logic_error>([first](Tx& tx) { tx.apply(changed(first, EventType::claimed, at(5))); });
    f.refused<std::logic_error>([](Tx& tx) {
        auto decision = raised(EscalationId{7});
        decision.after.version = 2;
        tx.apply(decision);
    });
    f.refused<std::logic_error>([](Tx& tx) {
        auto decision = changed(*tx.escalation(EscalationId{1}), EventType::claimed, at(5));
        decision.events.clear();
        tx.apply(decision);
    });
    f.refused<std::logic_error>([](Tx& tx) {
        auto decision = changed(*tx.escalation(EscalationId{1}), EventType::resolved, at(5));
        decision.after.state = State::closed;  // with a next point
        tx.apply(decision);
    });
    BOOST_TEST(f.escalation(1).event_count == 2);
}

BOOST_DATA_TEST_CASE(a_source_makes_one_escalation, boost::unit_test::data::make(engines), engine) {
    Fixture f(engine);
    f.opened.commit(raise_one);
    f.opened.commit(raise_one);
    auto const link = raised(EscalationId{2}).links[0];
    BOOST_TEST(f.get([&](Snapshot const& s) { return s.by_source(link); }).value().number == 2);
    BOOST_TEST(!f.get([&](Snapshot const& s) { return s.by_source({.system = "jira", .external_id = link.external_id}); }));
    f.refused<sql::DatabaseError>([link](Tx& tx) {
        auto decision = raised(tx.next_escalation_id());
        decision.links = {link};
        tx.apply(decision);
    });
    BOOST_TEST(f.counts() == "2 open, 2 unowned, 0 at risk, 0 breached");
}

BOOST_DATA_TEST_CASE(the_queue_is_filtered_ranked_and_paged, boost::unit_test::data::make(engines), engine) {
    Fixture f(engine);
    for (int n = 0; n < 6; ++n) f.opened.commit(raise_one);
    // Number 6 first, 2 and 3 share a rank and are told apart by id.
    f.change(6, [](Decision& d) { d.after.rank = 1; });
    f.change(3, [](Decision& d) { d.after.rank = 7; });
    f.change(2, [](Decision& d) { d.after.rank = 7; });
    f.change(1, [](Decision& d) { d.after.owner = PersonId{"U1"}; });
    f.change(4, [](Decision& d) { d.after.owner = PersonId{"U2"}; });
    f.change(3, [](Decision& d) { fire(d.after.clocks[1], 1); });
    f.change(4, [](Decision& d) { fire(d.after.clocks[0], 3); });
    f.change(4, [](Decision& d) { fire(d.after.clocks[1], 2); });  // at risk as well, but breached counts
    using Numbers = std::vector<std::int64_t>;
    BOOST_TEST(f.queue({}) == (Numbers{6, 2, 3, 1, 4, 5}), boost::test_tools::per_element());
    BOOST_TEST(f.queue({.limit = 2, .offset = 1}) == (Numbers{2, 3}), boost::test_tools::per_element());
    BOOST_TEST(f.queue({.limit = 0}).empty());
    BOOST_TEST(f.queue({.limit = -1, .offset = -1}).empty());
    BOOST_TEST(f.queue({.offset = 6}).empty());
    BOOST_TEST(f.queue({.filter = QueueFilter::mine, .person = PersonId{"U2"}}) == Numbers{4}, boost::test_tools::per_element());
    BOOST_TEST(f.queue({.filter = QueueFilter::mine}).empty());
    BOOST_TEST(f.queue({.filter = QueueFilter::unowned}) == (Numbers{6, 2, 3, 5}), boost::test_tools::per_element());
    BOOST_TEST(f.queue({.filter = QueueFilter::at_risk}) == Numbers{3}, boost::test_tools::per_element());
    BOOST_TEST(f.queue({.filter = QueueFilter::breached}) == Numbers{4}, boost::test_tools::per_element());
    BOOST_TEST(f.counts() == "6 open, 4 unowned, 1 at risk, 1 breached");
    // A breach that a milder target has put ahead again is remembered and does not count.
    f.change(5, [](Decision& d) { d.after.clocks[0].outcome = ClockOutcome::breached; });
    BOOST_TEST(f.counts() == "6 open, 4 unowned, 1 at risk, 1 breached");
    // A clock that stops, and an escalation that is resolved, leave the counts; a reopened one returns.
    f.change(4, [](Decision& d) {
        d.closed_clocks = {d.after.clocks[0]};
        d.closed_clocks[0].stopped_at = at(2000);
        d.after.clocks.erase(d.after.clocks.begin());
        d.after.next_point = d.after.clocks[0].next_point()->at;
    });
    BOOST_TEST(f.counts() == "6 open, 4 unowned, 2 at risk, 0 breached");
    f.change(4, [](Decision& d) {
        d.after.state = State::resolved;
        d.after.clocks.clear();
        d.after.next_point.reset();
    });
    BOOST_TEST(f.counts() == "5 open, 4 unowned, 1 at risk, 0 breached");
    BOOST_TEST(f.queue({.filter = QueueFilter::mine, .person = PersonId{"U2"}}).empty());
    f.change(4, [](Decision& d) { d.after.state = State::working; });
    BOOST_TEST(f.counts() == "6 open, 4 unowned, 1 at risk, 0 breached");
}

BOOST_DATA_TEST_CASE(closed_clocks_become_rows_once, boost::unit_test::data::make(engines), engine) {
    Fixture f(engine);
    f.opened.commit(raise_one);
    auto closed = raised(EscalationId{1}).after.clocks[1];
    closed.stopped_at = at(100);
    closed.outcome = ClockOutcome::met;
    closed.points_fired = 2;
    f.change(1, [&](Decision& d) { d.closed_clocks = {closed}; });
    auto const kept = f.get([](Snapshot const& s) { return s.closed_clocks(EscalationId{1}); });
    BOOST_REQUIRE(kept.size() == 1u);
    BOOST_TEST(text_of(kept[0]) == text_of(closed));
    BOOST_TEST(f.get([](Snapshot const& s) { return s.closed_clocks(EscalationId{2}); }).empty());
    auto const close_again = [closed](std::function<void(SlaClock&)> const& edit) {
        return [closed, edit](Tx& tx) {
            auto decision = changed(*tx.escalation(EscalationId{1}), EventType::replied, at(5));
            decision.closed_clocks = {closed};
            edit(decision.closed_clocks[0]);
            tx.apply(decision);
        };
    };
    f.refused<sql::DatabaseError>(close_again([](SlaClock&) {}));
    f.refused<std::logic_error>(close_again([](SlaClock& clock) { clock.stopped_at.reset(); }));
    f.refused<std::logic_error>(close_again([](SlaClock& clock) { clock.outcome = ClockOutcome::running; }));
    f.opened.commit(close_again([](SlaClock& clock) { clock.generation = 1; }));
}

BOOST_DATA_TEST_CASE(due_points_are_found_earliest_first, boost::unit_test::data::make(engines), engine) {
    Fixture f(engine);
    BOOST_TEST(!f.get([](Snapshot const& s) { return s.earliest_point(); }));
    for (int n = 0; n < 4; ++n) f.opened.commit(raise_one);
    auto const move = [&f](std::int64_t number, std::optional<Instant> point) {
        f.change(number, [point](Decision& d) { d.after.next_point = point; });
    };
    move(1, at(30));
    move(2, at(10));
    move(3, std::nullopt);
    move(4, at(20));
    BOOST_TEST(to_us(f.get([](Snapshot const& s) { return s.earliest_point(); }).value()) == to_us(at(10)));
    auto const due = [&f](Instant now, int limit) {
        std::string numbers;
        for (auto const& row : f.get([=](Snapshot const& s) { return s.due(now, limit); })) numbers += row.id.key() + " ";
        return numbers;
    };
    BOOST_TEST(due(at(10) - Duration{1}, 10) == "");
    BOOST_TEST(due(at(10), 10) == "ESC-2 ");
    BOOST_TEST(due(at(100), 10) == "ESC-2 ESC-4 ESC-1 ");
    BOOST_TEST(due(at(100), 2) == "ESC-2 ESC-4 ");
}

BOOST_DATA_TEST_CASE(the_ledger_gives_back_what_was_recorded, boost::unit_test::data::make(engines), engine) {
    Fixture f(engine);
    f.opened.commit(raise_one);
    f.opened.commit(raise_one);
    f.opened.commit([](Tx& tx) {
        tx.record(EscalationId{1}, {{.type = EventType::claim_refused,
                                     .recorded_at = at(50),
                                     .source_time = at(49),
                                     .actor = PersonId{"U2"},
                                     .actor_role = Role::agent,
                                     .data = R"({"why":"owned"})",
                                     .text = "please",
                                     .trace = "env"}});
    });
    auto const events = f.get([](Snapshot const& s) { return s.events(EscalationId{1}); });
    BOOST_REQUIRE(events.size() == 2u);
    BOOST_TEST(events[0].sequence == 1);
    BOOST_TEST(events[1].sequence == 3);
    BOOST_TEST(events[1].number == 2);
    BOOST_TEST((events[0].previous_hash == Digest{}));
    BOOST_TEST((events[1].previous_hash == events[0].hash));
    BOOST_TEST((events[0].event.type == EventType::raised));
    BOOST_TEST(events[0].event.text == raised(EscalationId{1}).events[0].text);
    auto const& second = events[1].event;
    BOOST_TEST((second.type == EventType::claim_refused));
    BOOST_TEST(to_us(second.recorded_at) == to_us(at(50)));
    BOOST_TEST(to_us(second.source_time) == to_us(at(49)));
    BOOST_TEST(second.actor.value == "U2");
    BOOST_TEST((second.actor_role == Role::agent));
    BOOST_TEST(second.data == R"({"why":"owned"})");
    BOOST_TEST(second.text == "please");
    BOOST_TEST(second.trace == "env");
    BOOST_TEST(!events[1].text_erased);
    auto const row = f.escalation(1);
    BOOST_TEST(row.version == 1);
    BOOST_TEST(row.event_count == 2);
    BOOST_TEST((row.ledger_head == events[1].hash));
    f.refused<std::logic_error>([](Tx& tx) { tx.record(EscalationId{9}, {{}}); });
}

BOOST_DATA_TEST_CASE(outbox_items_are_renewed_not_doubled, boost::unit_test::data::make(engines), engine) {
    Fixture f(engine);
    auto const put = [&f](std::string key, std::int64_t due, std::string body) {
        f.opened.commit([=](Tx& tx) {
            tx.enqueue({.key = key, .kind = OutboxKind::alert, .escalation = EscalationId{4}, .body = body, .due_at = at(due)});
        });
    };
    put("b", 20, "one");
    put("a", 30, "");
    put("c", 10, "");
    BOOST_TEST(f.due_keys(at(9)).empty());
    BOOST_TEST(f.due_keys(at(30)) == (std::vector<std::string>{"c", "b", "a"}), boost::test_tools::per_element());
    BOOST_TEST(f.due_keys(at(30), 1) == (std::vector<std::string>{"c"}), boost::test_tools::per_element());
    BOOST_TEST(to_us(f.get([](Snapshot const& s) { return s.outbox_earliest(); }).value()) == to_us(at(10)));
    auto const id = f.outbox("b")->id;
    BOOST_TEST(text_of(*f.outbox("b")) ==
               fmt::format("{} b alert ESC-4 [one] due {} generation 1 attempts 0 sending 0 []", id, to_us(at(20))));
    put("b", 25, "two");  // later: the earlier moment stays
    put("b", 15, "three");
    BOOST_TEST(text_of(*f.outbox("b")) ==
               fmt::format("{} b alert ESC-4 [three] due {} generation 3 attempts 0 sending 0 []", id, to_us(at(15))));
    BOOST_TEST(f.get([](Snapshot const& s) { return s.outbox_depth(); }).waiting == 3);
}

BOOST_DATA_TEST_CASE(the_relays_bookkeeping, boost::unit_test::data::make(engines), engine) {
    Fixture f(engine);
    OutboxItem const item{.key = "k", .kind = OutboxKind::card, .escalation = EscalationId{1}, .due_at = at(10)};
    auto const put = [&] { f.opened.commit([item](Tx& tx) { tx.enqueue(item); }); };
    auto const row = [&] { return f.outbox("k").value(); };
    put();
    auto const id = row().id;
    f.opened.commit([id](Tx& tx) { tx.outbox_sending(id, at(11)); });
    BOOST_TEST(to_us(row().sending_since.value()) == to_us(at(11)));
    f.opened.commit([id](Tx& tx) { tx.outbox_retry(id, at(20), "rate_limited"); });
    BOOST_TEST(text_of(row()) ==
               fmt::format("{} k card ESC-1 [] due {} generation 1 attempts 1 sending 0 [rate_limited]", id, to_us(at(20))));
    f.opened.commit([id](Tx& tx) { tx.outbox_sending(id, at(21)); });
    f.opened.commit([id](Tx& tx) { tx.outbox_wait(id, at(40)); });
    BOOST_TEST(text_of(row()) ==
               fmt::format("{} k card ESC-1 [] due {} generation 1 attempts 1 sending 0 [rate_limited]", id, to_us(at(40))));
    // Renewed while it was being sent: what was sent is old, so it stays due with a clean slate.
    f.opened.commit([id](Tx& tx) { tx.outbox_sending(id, at(41)); });
    put();
    f.opened.commit([id](Tx& tx) { tx.outbox_done(id, 1); });
    BOOST_TEST(text_of(row()) ==
               fmt::format("{} k card ESC-1 [] due {} generation 2 attempts 0 sending 0 []", id, to_us(at(10))));
    // Dead: never due, counted apart, alive again when somebody wants it again.
    f.opened.commit([id](Tx& tx) { tx.outbox_retry(id, at(20), "x"); });
    f.opened.commit([id](Tx& tx) { tx.outbox_dead(id, "channel_not_found"); });
    BOOST_TEST(f.due_keys(at(10'000)).empty());
    BOOST_TEST(!f.get([](Snapshot const& s) { return s.outbox_earliest(); }));
    BOOST_TEST(f.get([](Snapshot const& s) { return s.outbox_depth(); }).waiting == 0);
    BOOST_TEST(f.get([](Snapshot const& s) { return s.outbox_depth(); }).dead == 1);
    BOOST_TEST(row().last_error == "channel_not_found");
    put();
    BOOST_TEST(f.due_keys(at(10)).size() == 1u);
    BOOST_TEST(row().attempts == 0);
    BOOST_TEST(f.get([](Snapshot const& s) { return s.outbox_depth(); }).dead == 0);
    f.opened.commit([id](Tx& tx) { tx.outbox_done(id, 3); });
    BOOST_TEST(!f.outbox("k"));
    f.opened.commit([id](Tx& tx) {  // it is gone: nothing to do, nothing to complain about
        tx.outbox_done(id, 3);
        tx.outbox_retry(id, at(1), "late");
    });
    BOOST_TEST(!f.outbox("k"));
}

BOOST_DATA_TEST_CASE(surfaces_and_settings_are_replaced, boost::unit_test::data::make(engines), engine) {
    Fixture f(engine);
    auto const get = [&f] { return f.get([](Snapshot const& s) { return s.surface("card:1"); }); };
    BOOST_TEST(!get());
    Surface surface{.key = "card:1",
                    .escalation = EscalationId{1},
                    .channel = ChannelId{"C1"},
                    .ts = MessageTs{"1.1"},
                    .permalink = "p",
                    .content_hash = "h",
                    .updated_at = at(1)};
    f.opened.commit([surface](Tx& tx) { tx.save_surface(surface); });
    surface.content_hash = "h2";
    surface.updated_at = at(2);
    f.opened.commit([surface](Tx& tx) { tx.save_surface(surface); });
    auto const kept = get().value();
    BOOST_TEST(kept.key == "card:1");
    BOOST_TEST(kept.escalation.number == 1);
    BOOST_TEST(kept.channel.value == "C1");
    BOOST_TEST(kept.ts.value == "1.1");
    BOOST_TEST(kept.permalink == "p");
    BOOST_TEST(kept.content_hash == "h2");
    BOOST_TEST(to_us(kept.updated_at) == to_us(at(2)));
    f.opened.commit([](Tx& tx) { tx.forget_surface("card:1"); });
    BOOST_TEST(!get());

    BOOST_TEST(!f.get([](Snapshot const& s) { return s.setting("bot"); }));
    f.opened.commit([](Tx& tx) { tx.set_setting("bot", "U0"); });
    f.opened.commit([](Tx& tx) { tx.set_setting("bot", ""); });
    BOOST_TEST(f.get([](Snapshot const& s) { return s.setting("bot"); }).value() == "");
}

BOOST_DATA_TEST_CASE(boards_are_kept_and_their_numbers_are_never_used_again, boost::unit_test::data::make(engines), engine) {
    Fixture f(engine);
    Board board{.channel = ChannelId{"C1"}, .pinned_by = PersonId{"U1"}, .pinned_at = at(1)};
    board.list = {.filter = QueueFilter::unowned, .severity = Severity::sev2, .account = "acme", .team = "support"};
    f.opened.commit([&board](Tx& tx) { board = tx.pin_board(board); });
    f.opened.commit([](Tx& tx) { BOOST_TEST(tx.pin_board({.channel = ChannelId{"C2"}}).id == 2); });
    f.refused<sql::DatabaseError>([](Tx& tx) { static_cast<void>(tx.pin_board({.channel = ChannelId{"C2"}})); });
    auto const kept = f.get([](Snapshot const& s) { return s.boards(); });
    BOOST_REQUIRE(kept.size() == 2u);
    BOOST_TEST(kept[0].id == board.id);
    BOOST_TEST(kept[0].channel.value == "C1");
    BOOST_TEST((kept[0].list.filter == QueueFilter::unowned));
    BOOST_TEST((kept[0].list.severity == Severity::sev2));
    BOOST_TEST(kept[0].list.account == "acme");
    BOOST_TEST(kept[0].list.team == "support");
    BOOST_TEST(kept[0].pinned_by.value == "U1");
    BOOST_TEST(to_us(kept[0].pinned_at) == to_us(at(1)));
    BOOST_TEST(!kept[1].list.severity);
    f.opened.commit([](Tx& tx) { tx.unpin_board(2); });
    f.opened.commit([](Tx& tx) { BOOST_TEST(tx.pin_board({.channel = ChannelId{"C2"}}).id == 3); });
}

BOOST_DATA_TEST_CASE(an_input_counts_once_until_its_key_is_forgotten, boost::unit_test::data::make(engines), engine) {
    Fixture f(engine);
    BOOST_TEST(f.opened.write(raise_one, "Ev1", at(1)).status == WriteStatus::committed);
    BOOST_TEST(f.opened.write(raise_one, "Ev1", at(2)).status == WriteStatus::duplicate);
    BOOST_TEST(f.opened.write(raise_one, "Ev2", at(2)).status == WriteStatus::committed);
    BOOST_TEST(f.opened.write(raise_one, "", at(2)).status == WriteStatus::committed);
    BOOST_TEST(f.opened.write(raise_one, "Ev3", at(9)).status == WriteStatus::committed);
    BOOST_TEST(f.counts() == "4 open, 4 unowned, 0 at risk, 0 breached");
    // A work that fails leaves its key unused.
    BOOST_TEST(f.opened.write([](Tx&) { throw std::runtime_error("no"); }, "Ev4", at(9)).status == WriteStatus::failed);
    BOOST_TEST(f.opened.write(raise_one, "Ev4", at(9)).status == WriteStatus::committed);

    auto const prune = [&f](Instant before, int limit) {
        int removed = -1;
        f.opened.commit([&](Tx& tx) { removed = tx.prune_inbox(before, limit); });
        return removed;
    };
    BOOST_TEST(prune(at(1), 10) == 0);
    BOOST_TEST(prune(at(9), 0) == 0);
    BOOST_TEST(prune(at(9), -1) == 0);
    BOOST_TEST(prune(at(9), 1) == 1);
    BOOST_TEST(f.opened.write(raise_one, "Ev1", at(10)).status == WriteStatus::committed);
    BOOST_TEST(f.opened.write(raise_one, "Ev2", at(10)).status == WriteStatus::duplicate);
    BOOST_TEST(prune(at(9), 10) == 1);
    BOOST_TEST(prune(at(9), 10) == 0);
}

BOOST_DATA_TEST_CASE(a_command_sees_ids_and_counts_of_its_own_transaction, boost::unit_test::data::make(engines), engine) {
    Fixture f(engine);
    f.opened.commit(raise_one);
    f.opened.commit([](Tx& tx) {
        BOOST_TEST(tx.queue_counts().open == 1);
        raise_one(tx);
        raise_one(tx);
        BOOST_TEST(tx.queue_counts().open == 3);
        BOOST_TEST(tx.queue_counts().unowned == 3);
        BOOST_TEST(tx.next_escalation_id().number == 4);
    });
    BOOST_TEST(f.get([](Snapshot const& s) { return s.queue_counts().open; }) == 3);
}

BOOST_DATA_TEST_CASE(a_reader_sees_one_state_and_its_error_comes_home, boost::unit_test::data::make(engines), engine) {
    Fixture f(engine);
    f.opened.commit(raise_one);
    BOOST_CHECK_THROW(f.get([](Snapshot const&) -> int { throw std::out_of_range("mine"); }), std::out_of_range);
    // The counts and the list are one state, although a writer works meanwhile.
    int done = 0;
    for (int n = 0; n < 50; ++n) f.opened.store->write({}, at(0), raise_one, [&done](WriteResult) { ++done; });
    for (int n = 0; n < 20; ++n) {
        auto const [counted, listed] = f.get([](Snapshot const& s) {
            auto const counts = s.queue_counts().open;
            return std::pair{counts, static_cast<std::int64_t>(s.queue({.limit = 1000}).size())};
        });
        BOOST_TEST(counted == listed);
    }
    f.opened.home.run_until([&done] { return done == 50; });
}

BOOST_DATA_TEST_CASE(a_commit_tells_what_somebody_sleeps_for, boost::unit_test::data::make(engines), engine) {
    Fixture f(engine);
    std::vector<CommitNotice> notices;
    f.opened.store->on_commit([&notices](CommitNotice const& notice) { notices.push_back(notice); });
    f.opened.commit([](Tx& tx) { tx.set_setting("a", "b"); });
    BOOST_TEST(notices.empty());
    f.opened.commit(raise_one);
    BOOST_REQUIRE(notices.size() == 1u);
    BOOST_TEST(notices[0].outbox_changed);
    BOOST_TEST(to_us(notices[0].earliest_point.value()) == to_us(raised(EscalationId{1}).after.next_point.value()));
    f.change(1, [](Decision& d) { d.after.next_point = at(77); });
    BOOST_REQUIRE(notices.size() == 2u);
    BOOST_TEST(!notices[1].outbox_changed);
    BOOST_TEST((notices[0].queue_changed && notices[1].queue_changed && !notices[1].boards_changed));
    BOOST_TEST(to_us(notices[1].earliest_point.value()) == to_us(at(77)));
    f.opened.write([](Tx& tx) {
        raise_one(tx);
        throw std::runtime_error("no");
    });
    BOOST_TEST(notices.size() == 2u);
    f.opened.commit([](Tx& tx) { tx.outbox_done(1, 1); });
    BOOST_TEST(notices.size() == 2u);
    f.opened.commit([](Tx& tx) { static_cast<void>(tx.pin_board({.channel = ChannelId{"C1"}})); });
    BOOST_REQUIRE(notices.size() == 3u);
    BOOST_TEST((notices[2].boards_changed && !notices[2].queue_changed));
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace esc::test
