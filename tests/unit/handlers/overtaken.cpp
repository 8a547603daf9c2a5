// Messages with buttons that a decision overtakes, and those it leaves alone.
#include "handlers/rules/overtaken.hpp"

#include "handlers/rules/alerts.hpp"
#include "handlers/rules/outbox_items.hpp"
#include "tests/unit/handlers/people_and_times.hpp"

#include <boost/test/unit_test.hpp>

using namespace esc;
using namespace esc::handler_test;
using namespace std::chrono_literals;

namespace {

std::string alert_key(ClockKind clock, int generation, std::string to) {
    rules::AlertFact fact;
    fact.escalation = {12};
    fact.clock = clock;
    fact.generation = generation;
    fact.point_at = t0;
    fact.to = {std::move(to)};
    return fact.key();
}

Surface sent(std::string key) { return {.key = std::move(key), .escalation = {12}}; }

Escalation before() {
    Escalation escalation;
    escalation.id = {12};
    escalation.state = State::working;
    return escalation;
}

Decision decision(Escalation after, EventType type = EventType::noted) {
    Decision made{.after = std::move(after)};
    made.events.push_back({.type = type, .recorded_at = t0});
    return made;
}

std::vector<std::string> keys(std::vector<OutboxItem> const& items) {
    std::vector<std::string> all;
    for (auto const& item : items) all.push_back(item.key);
    return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(overtaken)

BOOST_AUTO_TEST_CASE(an_alerts_key_tells_what_it_is_about) {
    for (auto const* to : {"U_ANA", ""}) {
        auto const key = alert_key(ClockKind::first_response, 3, to);
        auto const fact = rules::AlertFact::from_key(key);
        BOOST_REQUIRE(fact.has_value());
        BOOST_TEST(fact->key() == key);
        BOOST_TEST(rules::AlertFact::parse(fact->body())->key() == key);
    }
    for (auto const* key : {"", "card:12", "alert:12", "alert:12:owner:0:1:5:", "alert:x:owner:0:1:5:U1", "alert:12:tea:0:1:5:U1",
                            "alert:12:owner:0:1:5x:U1", "alert:12:owner:0:1:5:U1:more", "notice:12:owner:0:1:5:U1"})
        BOOST_TEST(!rules::AlertFact::from_key(key).has_value(), key);
}

BOOST_AUTO_TEST_CASE(alerts_of_the_clock_that_was_closed_are_asked_for_anew_and_no_others) {
    std::vector<Surface> const messages{sent("card:12"), sent(alert_key(ClockKind::owner, 0, "U_ANA")),
                                        sent(alert_key(ClockKind::owner, 1, "U_ANA")), sent(alert_key(ClockKind::owner, 1, "")),
                                        sent(alert_key(ClockKind::resolution, 0, "U_ANA"))};
    auto made = decision(before());
    BOOST_TEST(!rules::may_overtake(made));
    BOOST_TEST(rules::overtaken(before(), made, messages, t0).empty());
    made.closed_clocks.push_back({.kind = ClockKind::owner, .generation = 1, .due = t0 + 5min});
    BOOST_TEST(rules::may_overtake(made));
    auto const items = rules::overtaken(before(), made, messages, t0);
    BOOST_TEST(keys(items) == (std::vector<std::string>{messages[2].key, messages[3].key}), boost::test_tools::per_element());
    BOOST_TEST((items[0].kind == OutboxKind::alert));
    BOOST_TEST((rules::AlertFact::parse(items[0].body)->due == t0 + 5min));
}

BOOST_AUTO_TEST_CASE(a_milder_severity_takes_back_what_is_not_so_any_more) {
    auto const with = [](std::chrono::hours target) {
        auto escalation = before();
        escalation.clocks = {rules::start_clock(ClockKind::first_response, 0, t0 - 2h, target, {}, t0)};
        escalation.clocks[0].outcome = ClockOutcome::breached;
        return escalation;
    };
    auto const breach = [](int generation, int rung) {
        auto fact = rules::AlertFact::from_key(alert_key(ClockKind::first_response, generation, "U_ANA")).value();
        fact.rung = rung;
        return sent(fact.key());
    };
    std::vector<Surface> const messages{breach(0, rung_breach), breach(0, rung_critical), breach(1, rung_breach),
                                        sent(alert_key(ClockKind::resolution, 0, "U_ANA"))};
    auto const changed = [&](std::chrono::hours from, std::chrono::hours target) {
        return keys(rules::overtaken(with(from), decision(with(target), EventType::severity_changed), messages, t0));
    };
    BOOST_TEST(changed(1h, 4h) == std::vector<std::string>{messages[0].key}, boost::test_tools::per_element());
    BOOST_TEST(changed(1h, 1h).empty());  // overdue all the same
    BOOST_TEST(changed(4h, 8h).empty());  // once
}

BOOST_AUTO_TEST_CASE(what_somebody_has_taken_on_is_not_offered_to_be_undone) {
    auto raised = before();
    raised.state = State::fresh;
    raised.raised_by = {"U_RAISER"};
    std::vector<Surface> const words{sent("notice:12:raised:U_RAISER"), sent("notice:12:raised_again:U_RAISER"),
                                     sent("notice:12:raised:U_ANA")};
    for (auto const type : {EventType::claimed, EventType::assigned, EventType::withdrawn, EventType::merged}) {
        auto const taken = decision(before(), type);
        BOOST_TEST(rules::may_overtake(taken));
        auto const items = rules::overtaken(raised, taken, words, t0);
        BOOST_TEST(keys(items) == std::vector<std::string>{"notice:12:raised:U_RAISER"}, boost::test_tools::per_element());
        BOOST_TEST(rules::NoticeFact::parse(items.front().body).value().buttons.empty());
    }
    BOOST_TEST(rules::overtaken(raised, decision(raised), words, t0).empty());
    BOOST_TEST(rules::overtaken(before(), decision(before(), EventType::overridden), words, t0).empty());
}

BOOST_AUTO_TEST_CASE(the_end_overtakes_every_alert) {
    for (auto const& [state, type] : {std::pair{State::resolved, EventType::resolved},
                                      {State::declined, EventType::declined},
                                      {State::merged, EventType::merged}}) {
        auto after = before();
        after.state = state;
        auto const made = decision(after, type);
        BOOST_TEST(rules::may_overtake(made));
        std::vector<Surface> const messages{sent(alert_key(ClockKind::resolution, 0, "U_ANA")), sent("status:12"),
                                            sent("notice:12:yours:v3:U_ANA")};
        BOOST_TEST(rules::overtaken(before(), made, messages, t0).size() == 1U);
    }
}

// What was asked then, by the message's key; `rest`: version and person.
std::string asked_of(std::string_view what, Instant at, std::string_view rest) {
    return fmt::format("notice:12:{}:{}:{}", what, to_us(at), rest);
}

BOOST_AUTO_TEST_CASE(a_settled_question_is_told_so_to_those_who_were_asked_and_to_nobody_asked_before) {
    struct Row {
        std::string_view name;
        EventType type;
        std::function<void(Details&)> asked;
        std::vector<std::string> settled;
    };
    std::vector<Surface> const messages{
        sent(asked_of("transfer", t0, "v3:U_MAX")),      sent(asked_of("transfer_reminder", t0, "v4:U_MAX")),
        sent(asked_of("severity", t0, "v5:U_LEA")),      sent("notice:12:severity_settled:v6:U_LEA"),
        sent("notice:12:unconfirmed:v7:U_MAX"),          sent("notice:123:transfer:v3:U_MAX"),
        sent(asked_of("transfer", t0 - 1h, "v1:U_MAX")), sent(asked_of("severity", t0 - 1h, "v2:U_LEA"))};
    std::vector<Row> const rows{
        {"transfer",
         EventType::transfer_denied,
         [](Details& d) { d.transfer = TransferRequest{.by = ana.id, .reason = "why", .at = t0}; },
         {messages[0].key, messages[1].key}},
        {"severity",
         EventType::severity_denied,
         [](Details& d) { d.severity_request = SeverityRequest{.by = ana.id, .reason = "why", .at = t0}; },
         {messages[2].key}},
        {"unconfirmed", EventType::severity_confirmed, [](Details& d) { d.unconfirmed_since = t0; }, {messages[4].key}}};
    for (auto const& row : rows) BOOST_TEST_CONTEXT(row.name) {
            auto asked = before();
            row.asked(asked.details);
            auto const made = decision(before(), row.type);
            BOOST_TEST(rules::may_overtake(made));
            auto const items = rules::overtaken(asked, made, messages, t0);
            BOOST_TEST(keys(items) == row.settled, boost::test_tools::per_element());
            auto const fact = rules::NoticeFact::parse(items.at(0).body).value();
            BOOST_TEST(fact.buttons.empty());
            BOOST_TEST(fact.to.value == items[0].key.substr(items[0].key.rfind(':') + 1));
            BOOST_TEST(!fact.said.sentence.empty());
            // As long as it waits, nobody is told anything.
            BOOST_TEST(rules::overtaken(asked, decision(asked, row.type), messages, t0).empty());
        }
}

BOOST_AUTO_TEST_CASE(a_question_that_an_older_version_asked_is_settled_all_the_same) {
    std::vector<Surface> messages{sent("notice:12:transfer:v3:U_MAX"), sent("notice:12:transfer_reminder:v4:U_MAX"),
                                  sent("notice:12:severity:v5:U_LEA"), sent("notice:12:severity_reminder:v6:U_LEA"),
                                  sent("notice:12:severity_settled:v7:U_LEA")};
    auto asked = before();
    asked.details.transfer = TransferRequest{.by = ana.id, .reason = "why", .at = t0};
    asked.details.severity_request = SeverityRequest{.by = ana.id, .reason = "why", .at = t0};
    auto const settled = [&] { return keys(rules::overtaken(asked, decision(before(), EventType::resolved), messages, t0)); };
    BOOST_TEST(settled() == (std::vector<std::string>{messages[0].key, messages[1].key, messages[2].key, messages[3].key}),
               boost::test_tools::per_element());
    // What has been asked since is known by its moment, and those before it were settled then.
    messages.push_back(sent(asked_of("transfer", t0, "v8:U_MAX")));
    messages.push_back(sent(asked_of("severity", t0, "v9:U_LEA")));
    BOOST_TEST(settled() == (std::vector<std::string>{messages[5].key, messages[6].key}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_question_asked_anew_overtakes_the_older_one_even_at_the_same_moment) {
    std::vector<Surface> const messages{sent(asked_of("transfer", t0, "v3:U_MAX")), sent(asked_of("severity", t0, "v5:U_LEA"))};
    auto asked = before();
    asked.details.transfer = TransferRequest{.by = ana.id, .reason = "why", .at = t0};
    asked.details.severity_request = SeverityRequest{.by = ana.id, .reason = "why", .at = t0};
    for (auto const& [type, message] : {std::pair{EventType::transfer_requested, 0U}, {EventType::severity_requested, 1U}}) {
        auto const made = decision(asked, type);
        BOOST_TEST(rules::may_overtake(made));
        auto const items = rules::overtaken(asked, made, messages, t0);
        BOOST_TEST(keys(items) == std::vector<std::string>{messages[message].key}, boost::test_tools::per_element());
        auto const fact = rules::NoticeFact::parse(items.at(0).body).value();
        BOOST_TEST(fact.buttons.empty());
        BOOST_TEST(fact.said.sentence.ends_with("{1} has asked anew: decide by the newest message."));
    }
}

BOOST_AUTO_TEST_CASE(a_clock_that_closed_without_an_event_settles_no_question) {
    auto asked = before();
    asked.details.transfer = TransferRequest{.by = ana.id, .reason = "why", .at = t0};
    Decision made{.after = asked};
    made.closed_clocks.push_back({.kind = ClockKind::owner, .generation = 1, .due = t0 + 5min});
    BOOST_TEST(rules::may_overtake(made));
    auto const alert = alert_key(ClockKind::owner, 1, "U_ANA");
    auto const items = rules::overtaken(asked, made, {sent(asked_of("transfer", t0, "v3:U_MAX")), sent(alert)}, t0);
    BOOST_TEST(keys(items) == std::vector<std::string>{alert}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(who_was_asked_reads_who_settled_it_and_how) {
    struct Case {
        EventType type;
        std::string_view data;
        std::string_view of_transfer;
        std::string_view of_severity;
    };
    for (auto const& one : {
             Case{EventType::transfer_denied, "{}", "{1} denied it.", {}},
             Case{EventType::transfer_expired, "{}", "Nobody decided in time, and {0} still owns it.", {}},
             Case{EventType::overridden, R"({"asked_for":true})", "{1} approved it: {2} owns it now.", {}},
             Case{EventType::overridden, "{}", "{1} moved it to {2}.", {}},
             Case{EventType::severity_denied, "{}", {}, "{1} denied it: it stays SEV2."},
             Case{EventType::severity_changed, R"({"asked_by":"U_ANA"})", {}, "{1} approved it: it is SEV2 now."},
             Case{EventType::severity_changed, "{}", {}, "{1} set it: it is SEV2 now."},
             Case{EventType::severity_confirmed, "{}", {}, "{1} confirmed SEV2."},
             Case{EventType::resolved, "{}", "{1} resolved it.", "{1} resolved it."},
             Case{EventType::merged, "{}", "{1} merged it into another one.", "{1} merged it into another one."},
         }) {
        auto asked = before();
        asked.details.transfer = TransferRequest{.by = ana.id, .reason = "why", .at = t0};
        asked.details.severity_request = SeverityRequest{.by = ana.id, .reason = "why", .at = t0};
        auto made = decision(before(), one.type);
        made.after.severity = Severity::sev2;
        made.events.front().data = one.data;
        made.events.front().actor = max.id;
        auto const items = rules::overtaken(
            asked, made, {sent(asked_of("transfer", t0, "v3:U_MAX")), sent(asked_of("severity", t0, "v5:U_LEA"))}, t0);
        BOOST_REQUIRE(items.size() == 2U);
        auto const transfer = rules::NoticeFact::parse(items[0].body).value().said;
        auto const severity = rules::NoticeFact::parse(items[1].body).value().said;
        if (!one.of_transfer.empty()) BOOST_TEST(transfer.sentence.ends_with(fmt::format("That is over: {}", one.of_transfer)));
        if (!one.of_severity.empty()) BOOST_TEST(severity.sentence.ends_with(fmt::format("That is over: {}", one.of_severity)));
        BOOST_TEST(transfer.people.at(1) == max.id);
    }
}

BOOST_AUTO_TEST_CASE(of_several_times_asked_to_resolve_only_the_last_one_ends) {
    std::vector<Surface> const asked{sent("notice:12:resolve_asked:v3:U_ANA"), sent("notice:12:resolve_asked:v10:U_ANA"),
                                     sent("notice:12:resolve_asked:v10:U_MAX")};
    auto after = before();
    after.owner = ana.id;
    auto const ends = [&](EventType type, std::string data) {
        auto made = decision(after, type);
        made.events.front().data = std::move(data);
        made.events.front().actor = max.id;
        made.outbox.push_back(rules::notice_item({12}, "resolved:v11",
                                                 {.to = ana.id, .channel = {}, .said = {"For you.", {}, {}}, .buttons = {}}, t0));
        BOOST_TEST(rules::may_overtake(made));
        auto const items = rules::overtaken(before(), made, asked, t0);
        BOOST_TEST(keys(items) == (std::vector<std::string>{asked[1].key, asked[2].key}), boost::test_tools::per_element());
        std::vector<std::string> words;
        for (auto const& item : items) words.push_back(rules::NoticeFact::parse(item.body).value().said.sentence);
        return words;
    };
    auto const over = [](std::string_view how) { return fmt::format("It waited to be resolved. That is over: {}", how); };
    auto const resolved = ends(EventType::resolved, R"({"asked_by":"U_BEN"})");
    BOOST_TEST(resolved[0] == "For you.");
    BOOST_TEST(resolved[1] == over("{1} resolved it."));
    BOOST_TEST(ends(EventType::resolved, "{}")[0] == over("{1} resolved it."));
    BOOST_TEST(ends(EventType::resolve_asked, R"({"denied":true})")[0] == over("{1} said no: it is not solved yet."));
    BOOST_TEST(ends(EventType::resolve_asked, "{}")[0] == over("{1} has asked anew: decide by the newest message."));
}

BOOST_AUTO_TEST_SUITE_END()
