// Verify finds whatever was changed behind the store's back, and nothing else.
#include "store/verify.hpp"

#include "store/ledger.hpp"
#include "store/sql/connection.hpp"
#include "store_fixture.hpp"

#include <boost/test/unit_test.hpp>

namespace esc::test {
namespace {

// Three escalations with seven events, one closed clock, and an anchor over all of it.
void fill(std::string const& url) {
    Opened opened(url);
    for (int n = 0; n < 3; ++n) opened.commit(raise_one);
    opened.commit([](Tx& tx) {
        auto decision = changed(*tx.escalation(EscalationId{1}), EventType::claimed, at(50));
        decision.after.state = State::working;
        decision.after.owner = PersonId{"U1"};
        decision.closed_clocks = {decision.after.clocks[0]};
        decision.closed_clocks[0].stopped_at = at(50);
        decision.closed_clocks[0].outcome = ClockOutcome::met;
        decision.after.clocks.erase(decision.after.clocks.begin());
        decision.after.next_point = decision.after.clocks[0].next_point()->at;
        tx.apply(decision);
    });
    opened.commit([](Tx& tx) {
        auto decision = changed(*tx.escalation(EscalationId{2}), EventType::point_passed, at(60));
        decision.after.clocks[0].points_fired = 1;
        decision.after.next_point = decision.after.clocks[0].next_point()->at;
        tx.apply(decision);
    });
    opened.commit([](Tx& tx) {
        auto decision = changed(*tx.escalation(EscalationId{3}), EventType::point_passed, at(60));
        decision.after.clocks[0].points_fired = 3;
        decision.after.clocks[0].outcome = ClockOutcome::breached;
        decision.after.next_point = decision.after.clocks[1].next_point()->at;
        tx.apply(decision);
    });
    opened.commit([](Tx& tx) {
        tx.record(EscalationId{1},
                  {{.type = EventType::claim_refused, .recorded_at = at(70), .source_time = at(70), .text = "why"}});
    });
}

void tamper(std::string const& url, std::string const& script) {
    auto const connection = sql::open_connection(url, sql::Access::read_write);
    connection->execute("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON;" + script);
}

struct Filled {
    Filled() { fill(folder.url()); }
    // Problems after a change to a copy.
    std::string after(std::string const& script) {
        auto const copy = folder.path() / "copy.db";
        std::filesystem::copy_file(folder.path() / "store.db", copy, std::filesystem::copy_options::overwrite_existing);
        tamper(folder.url("copy.db"), script);
        auto const verification = verify_store(folder.url("copy.db"));
        return verification ? problems(*verification) : verification.error().message;
    }
    Folder folder;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(verifying, Filled)

BOOST_AUTO_TEST_CASE(an_untouched_store_is_fine) {
    auto const verification = verify_store(folder.url()).value();
    BOOST_TEST(problems(verification) == "");
    BOOST_TEST(verification.escalations == 3);
    BOOST_TEST(verification.events == 7);
    BOOST_TEST(verification.erased_texts == 0);
}

BOOST_AUTO_TEST_CASE(every_field_of_the_ledger_is_guarded) {
    // One statement a line: what is changed. Each must be found in every event.
    for (std::string const column :
         {"hash = zeroblob(32)", "hash = zeroblob(31)", "escalation = escalation % 3 + 1, number = 100 + number",
          "escalation = 77", "number = number + 10", "type = 11 - type", "type = 99", "recorded_at = recorded_at + 1",
          "source_time = source_time - 1", "actor = actor || 'x'", "actor_role = (actor_role + 1) % 5", "data = data || ' '",
          "trace = 'x' || trace", "text_digest = zeroblob(32)",
          "previous_hash = CAST(iif(substr(previous_hash, 1, 1) = x'01', x'02', x'01') || substr(previous_hash, 2) AS BLOB)",
          "sequence = sequence + 100"})
        for (int sequence = 1; sequence <= 7; ++sequence) BOOST_TEST_CONTEXT(column << " in event " << sequence) {
                BOOST_TEST(after("UPDATE event SET " + column + " WHERE sequence = " + std::to_string(sequence)) != "");
            }
    // What is moved from one field into the next.
    BOOST_TEST(after("UPDATE event SET data = data || substr(trace, 1, 1), trace = substr(trace, 2) WHERE sequence = 1") != "");
    for (std::string const script : {
             "UPDATE event_text SET text = text || ' ' WHERE sequence = 1",
             "UPDATE event_text SET text = '' WHERE sequence = 1",
             "UPDATE event_text SET salt = zeroblob(16) WHERE sequence = 1",
             "UPDATE event_text SET sequence = 4 WHERE sequence = 1",  // to an event without text
             "UPDATE event_text SET sequence = 99 WHERE sequence = 1",
             "INSERT INTO event_text (sequence, salt, text) VALUES (4, x'00', 'made up')",
             "UPDATE event SET text_digest = x'' WHERE sequence = 1; DELETE FROM event_text WHERE sequence = 1",
             // Two events change places in the order over all.
             "UPDATE event SET sequence = 100 WHERE sequence = 1; UPDATE event SET sequence = 1 WHERE sequence = 2;"
             "UPDATE event SET sequence = 2 WHERE sequence = 100; UPDATE event_text SET sequence = 100 WHERE sequence = 1;"
             "UPDATE event_text SET sequence = 1 WHERE sequence = 2; UPDATE event_text SET sequence = 2 WHERE sequence = 100",
         })
        BOOST_TEST_CONTEXT(script) { BOOST_TEST(after(script) != ""); }
}

BOOST_AUTO_TEST_CASE(what_is_missing_is_noticed) {
    for (int sequence = 1; sequence <= 7; ++sequence) BOOST_TEST_CONTEXT(sequence) {
            auto const n = std::to_string(sequence);
            BOOST_TEST(after("DELETE FROM event WHERE sequence = " + n) != "");
            // The others close the gap.
            BOOST_TEST(after("DELETE FROM event WHERE sequence = " + n +
                             ";UPDATE event SET sequence = sequence - 1 WHERE sequence > " + n) != "");
        }
    BOOST_TEST(after("DELETE FROM escalation WHERE id = 2") != "");
    // The last escalation with everything that was known of it, the tally put right: the anchor remembers.
    auto const gone = after(
        "DELETE FROM event WHERE escalation = 3; DELETE FROM event_text WHERE sequence = 3; DELETE FROM source_link WHERE "
        "escalation = 3;"
        "DELETE FROM escalation WHERE id = 3; UPDATE tally SET open = 2, unowned = 1, breached = 0;"
        "UPDATE event SET sequence = 3 WHERE sequence = 7; UPDATE event_text SET sequence = 3 WHERE sequence = 7");
    BOOST_TEST(gone.find("anchor 1") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(anchors_are_guarded) {
    {
        Opened opened(folder.url());
        opened.commit(raise_one);
    }
    BOOST_TEST(after("") == "");
    for (std::string const script :
         {"UPDATE anchor SET upto = upto - 1 WHERE id = 1", "UPDATE anchor SET upto = upto + 1 WHERE id = 2",
          "UPDATE anchor SET recorded_at = recorded_at + 1 WHERE id = 1", "UPDATE anchor SET previous_hash = hash WHERE id = 1",
          "UPDATE anchor SET hash = zeroblob(32) WHERE id = 2", "UPDATE anchor SET id = 3 WHERE id = 2",
          "DELETE FROM anchor WHERE id = 1"})
        BOOST_TEST_CONTEXT(script) { BOOST_TEST(after(script) != ""); }
}

BOOST_AUTO_TEST_CASE(what_is_derived_is_recomputed) {
    struct {
        std::string script;
        std::string named;
    } const table[] = {
        {"UPDATE escalation SET event_count = 9 WHERE id = 2", "ESC-2"},
        {"UPDATE escalation SET ledger_head = zeroblob(32) WHERE id = 2", "ESC-2"},
        {"UPDATE escalation SET next_point = next_point + 1 WHERE id = 3", "ESC-3"},
        {"UPDATE escalation SET next_point = NULL WHERE id = 3", "ESC-3"},
        {"UPDATE escalation SET open = 0 WHERE id = 3", "ESC-3"},
        {"UPDATE escalation SET at_risk = 0 WHERE id = 2", "ESC-2"},
        {"UPDATE escalation SET breached = 1 WHERE id = 2", "ESC-2"},
        {"UPDATE escalation SET owner = '' WHERE id = 1", "ESC-1"},
        {"UPDATE escalation SET state = 8, open = 0 WHERE id = 1", "ESC-1"},
        {"UPDATE escalation SET state = 42 WHERE id = 1", "ESC-1"},
        {"UPDATE escalation SET clocks = clocks || ';' || clocks WHERE id = 1", "ESC-1"},
        {"UPDATE escalation SET clocks = 'garbage' WHERE id = 1", "ESC-1"},
        {"UPDATE escalation SET severity = 0 WHERE id = 1", "ESC-1"},
        {"UPDATE closed_clock SET stopped_at = started_at - 1", "ESC-1"},
        {"UPDATE closed_clock SET outcome = 0", "ESC-1"},
        {"UPDATE closed_clock SET escalation = 9", "ESC-9"},
        {"UPDATE source_link SET escalation = 9 WHERE escalation = 1", "slack"},
        {"UPDATE tally SET open = 4", "tally"},
        {"UPDATE tally SET unowned = 0", "tally"},
        {"UPDATE tally SET at_risk = 7", "tally"},
        {"UPDATE tally SET breached = breached - 1", "tally"},
        {"DELETE FROM tally", "tally"},
    };
    for (auto const& row : table) BOOST_TEST_CONTEXT(row.script) {
            auto const found = after(row.script);
            BOOST_TEST(found != "");
            BOOST_TEST(found.find(row.named) != std::string::npos);
        }
}

BOOST_AUTO_TEST_CASE(erased_texts_leave_the_chain_intact) {
    tamper(folder.url(), "DELETE FROM event_text WHERE sequence = 1");
    auto const verification = verify_store(folder.url()).value();
    BOOST_TEST(problems(verification) == "");
    BOOST_TEST(verification.erased_texts == 1);
    Opened opened(folder.url());
    auto const events = opened.read([](Snapshot const& s) { return s.events(EscalationId{1}); });
    BOOST_TEST(events[0].text_erased);
    BOOST_TEST(events[0].event.text == "");
    BOOST_TEST(!events[1].text_erased);  // never had one
    opened.commit([](Tx& tx) { tx.record(EscalationId{1}, {{.text = "next"}}); });
    opened.store.reset();
    BOOST_TEST(problems(verify_store(folder.url()).value()) == "");
}

BOOST_AUTO_TEST_CASE(an_anchor_is_written_by_day_and_by_number) {
    auto const anchors = [this] {
        auto const connection = sql::open_connection(folder.url("many.db"), sql::Access::read_only);
        static constexpr sql::Sql count{"SELECT count(*) FROM anchor"};
        auto& statement = connection->prepared(count);
        statement.step();
        return statement.integer(0);
    };
    {
        Opened opened(folder.url("many.db"));
        auto const record = [&opened](Instant when, std::size_t count) {
            opened.commit(
                [=](Tx& tx) { tx.record(EscalationId{1}, std::vector<LedgerEvent>(count, LedgerEvent{.recorded_at = when})); });
        };
        opened.commit(raise_one);
        record(at(0), 4094);
        BOOST_TEST(anchors() == 0);
        record(at(0), 1);
        BOOST_TEST(anchors() == 1);
        record(at(1), 1);
        BOOST_TEST(anchors() == 1);
        record(at(86'400), 1);
        BOOST_TEST(anchors() == 2);
        record(at(86'401), 1);
        BOOST_TEST(anchors() == 2);
    }
    BOOST_TEST(anchors() == 3);
    BOOST_TEST(problems(verify_store(folder.url("many.db")).value()) == "");
}

BOOST_AUTO_TEST_CASE(a_store_in_use_can_be_verified) {
    Opened opened(folder.url());
    opened.commit(raise_one);
    BOOST_TEST(problems(verify_store(folder.url()).value()) == "");
}

BOOST_AUTO_TEST_CASE(damage_below_the_tables_is_reported) {
    auto const path = folder.path() / "store.db";
    auto const size = std::filesystem::file_size(path);
    // The schema's page stays: everything else becomes noise.
    {
        std::FILE* file = std::fopen(path.c_str(), "r+b");
        BOOST_REQUIRE(file != nullptr);
        std::fseek(file, 2 * 4096, SEEK_SET);
        for (auto n = 2U * 4096U; n < size; ++n) std::fputc(static_cast<int>(n * 31 % 251), file);
        std::fclose(file);
    }
    auto const verification = verify_store(folder.url());
    BOOST_TEST((verification.has_error() || !verification->problems.empty()));
}

BOOST_AUTO_TEST_CASE(what_cannot_be_verified_is_an_error) {
    BOOST_TEST((verify_store("postgres:x").error().code == Errc::invalid));
    auto const missing = verify_store(folder.url("missing.db"));
    BOOST_TEST((missing.error().code == Errc::unavailable));
    BOOST_TEST(missing.error().message.find("missing.db") != std::string::npos);
    BOOST_TEST(!std::filesystem::exists(folder.path() / "missing.db"));
    tamper(folder.url(), "PRAGMA user_version = 99");
    BOOST_TEST((verify_store(folder.url()).error().code == Errc::unavailable));
}

BOOST_AUTO_TEST_SUITE_END()
}  // namespace esc::test
