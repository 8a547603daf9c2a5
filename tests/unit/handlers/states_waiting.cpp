// Waiting on the customer, a vendor or engineering: who may, what is asked first, what pauses, and how it ends.
#include "handlers/rules/conversation.hpp"
#include "handlers/rules/wakes.hpp"

#include "states_data.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace esc;
using namespace esc::handler_test;
namespace no = rules::refusal;

Person const everybody[] = {outsider, bystander, raiser, adm, ana, ben, lea, max};

Result<Decision> wait(Escalation const& before, rules::WaitRequest const& request, rules::By const& by) {
    return rules::wait(before, request, with_engineering(), by);
}
rules::WaitRequest request_for(State on) {
    if (on == State::waiting_vendor) return on_vendor();
    return on == State::waiting_engineering ? on_engineering() : on_customer();
}

BOOST_AUTO_TEST_SUITE(states_waiting)

BOOST_AUTO_TEST_CASE(only_what_is_worked_on_can_be_put_on_hold) {
    for (auto const state : all_states)
        for (auto const on : {State::waiting_customer, State::waiting_vendor, State::waiting_engineering})
            BOOST_TEST_CONTEXT(to_string(state) << " to " << to_string(on)) {
                auto const before = of_severity(Severity::sev3, in(state));
                BOOST_TEST(wait(before, request_for(on), by(ana)).has_value() == (state == State::working));
            }
}

BOOST_AUTO_TEST_CASE(the_owner_puts_on_hold_and_for_a_vendor_on_a_sev1_or_sev2_a_lead_nods) {
    struct Row {
        State on;
        Severity severity;
        // outsider, bystander, raiser, admin, owner, other agent, lead, manager
        std::array<std::string_view, 8> expected;
    };
    std::array<std::string_view, 8> const owner_only{no::role, no::role, no::role, no::role, "", no::role, no::role, no::role};
    std::array<std::string_view, 8> const by_nod{no::role, no::role, no::role, no::role, no::role, no::role, "", ""};
    Row const rows[] = {
        {State::waiting_customer, Severity::sev1, owner_only},    {State::waiting_customer, Severity::sev4, owner_only},
        {State::waiting_engineering, Severity::sev1, owner_only}, {State::waiting_vendor, Severity::sev1, by_nod},
        {State::waiting_vendor, Severity::sev2, by_nod},          {State::waiting_vendor, Severity::sev3, owner_only},
        {State::waiting_vendor, Severity::sev4, owner_only}};
    for (auto const& row : rows)
        for (std::size_t who = 0; who < std::size(everybody); ++who)
            BOOST_TEST_CONTEXT(to_string(row.on) << " " << to_string(row.severity) << " by " << everybody[who].id) {
                auto const before = of_severity(row.severity);
                BOOST_TEST(cause_of(wait(before, request_for(row.on), by(everybody[who]))) == row.expected[who]);
                BOOST_TEST(cause_of(rules::may_wait(before, row.on, by(everybody[who]))) == row.expected[who]);
            }
    // A lead who owns it needs nobody else's nod, and a nod does not help in another state.
    BOOST_TEST(wait(of_severity(Severity::sev1, owned(lea)), on_vendor(), by(lea)).has_value());
    BOOST_TEST(cause_of(wait(of_severity(Severity::sev1, in(State::mitigated)), on_vendor(), by(lea))) == no::state);
}

BOOST_AUTO_TEST_CASE(an_acting_owner_waits_like_the_owner) {
    auto covered = of_severity(Severity::sev3);
    covered.details.coverage = Coverage{ben.id, lea.id, t0, t0 + 8h};
    BOOST_TEST(wait(covered, on_customer(), by(ben)).has_value());
    BOOST_TEST(cause_of(wait(covered, on_customer(), by(ben, t0 + 8h))) == no::role);
}

BOOST_AUTO_TEST_CASE(a_pause_needs_a_reason) {
    for (auto const on : {State::waiting_customer, State::waiting_vendor, State::waiting_engineering})
        for (auto const& text : {std::string{}, only_controls, too_long}) {
            auto request = request_for(on);
            request.reason = text;
            BOOST_TEST(cause_of(wait(of_severity(Severity::sev3), request, by(ana))) == no::text);
        }
    auto const decision = wait(owned(), on_customer("*Logs* <!channel>"), by(ana)).value();
    BOOST_TEST(decision.after.details.waiting->reason == "*Logs* <!channel>");
    BOOST_TEST(last_event(decision).text == "*Logs* <!channel>");
    BOOST_TEST(last_event(decision).data.find("Logs") == std::string::npos);
    BOOST_TEST(said_in_thread(decision));
}

BOOST_AUTO_TEST_CASE(waiting_on_the_customer_needs_a_question_since_they_last_wrote) {
    struct Row {
        char const* name;
        Escalation before;
        bool stated;
        std::string_view refused;
        std::optional<Instant> since;
    };
    auto const now = t0 + 2h;
    auto const customer = [](std::optional<Instant> wrote, std::optional<Instant> replied) {
        return of_customer(owned(), wrote, replied);
    };
    Row const rows[] = {
        {"nobody reads along: stated", owned(), true, "", now},
        {"nobody reads along: not stated", owned(), false, no::guard, {}},
        {"seen: asked, they never wrote again", customer({}, t0 + 1h), false, "", t0 + 1h},
        {"seen: asked after they wrote", customer(t0 + 30min, t0 + 1h), false, "", t0 + 1h},
        {"seen: they wrote after that", customer(t0 + 90min, t0 + 1h), false, no::guard, {}},
        {"seen: they wrote at that moment", customer(t0 + 1h, t0 + 1h), false, no::guard, {}},
        {"seen: nobody has answered", customer(t0 + 1h, {}), false, no::guard, {}},
        {"a statement does not count where messages are seen", customer(t0 + 90min, t0 + 1h), true, no::guard, {}},
    };
    for (auto const& row : rows) BOOST_TEST_CONTEXT(row.name) {
            auto request = on_customer();
            request.asked = row.stated;
            auto const result = wait(row.before, request, by(ana, now));
            BOOST_TEST(cause_of(result) == row.refused);
            if (!result) continue;
            BOOST_TEST((result->after.details.waiting->since == *row.since));
            BOOST_TEST((result->after.clock(ClockKind::resolution)->paused_at == row.since));
            BOOST_TEST(facts(last_event(*result)).at("by_statement").as_bool() == row.stated);
        }
}

BOOST_AUTO_TEST_CASE(a_question_older_than_the_longest_pause_must_be_asked_again) {
    auto const cap = with_engineering().service.pause_cap;
    auto const before = of_customer(owned(), {}, t0 + 1h);
    BOOST_TEST(wait(before, on_customer(), by(ana, t0 + 1h + cap - 1us)).has_value());
    BOOST_TEST(cause_of(wait(before, on_customer(), by(ana, t0 + 1h + cap))) == no::guard);
}

BOOST_AUTO_TEST_CASE(time_that_was_paused_once_is_not_paused_again) {
    auto const asked = of_customer(owned(), {}, t0 + 1h);
    auto const waited = wait(asked, on_customer(), by(ana, t0 + 2h)).value().after;
    auto const resumed = rules::resume(waited, {}, {}, ladder(), by(ana, t0 + 3h)).value().after;
    auto const again = wait(resumed, on_customer(), by(ana, t0 + 4h)).value().after;
    BOOST_TEST((again.clock(ClockKind::resolution)->paused_at == t0 + 3h));
    auto const over = rules::resume(again, {}, {}, ladder(), by(ana, t0 + 5h)).value().after;
    BOOST_TEST(over.clock(ClockKind::resolution)->paused.count() == Duration{4h}.count());  // from the first question on
}

BOOST_AUTO_TEST_CASE(a_pause_within_ten_minutes_of_a_customer_message_is_flagged) {
    struct Row {
        Duration after_message;
        bool flagged;
    };
    for (auto const& row : {Row{1min, true}, Row{10min, true}, Row{10min + 1us, false}, Row{5h, false}}) {
        auto const before = of_customer(owned(), t0 + 1h, t0 + 1h + row.after_message);
        auto const decision = wait(before, on_customer(), by(ana, t0 + 20h)).value();
        BOOST_TEST(facts(last_event(decision)).at("soon_after_customer").as_bool() == row.flagged);
    }
    BOOST_TEST(!facts(last_event(wait(owned(), on_customer(), by(ana)).value())).at("soon_after_customer").as_bool());
}

BOOST_AUTO_TEST_CASE(waiting_on_a_vendor_needs_a_reference_and_a_review_time_within_the_cap) {
    auto const cap = with_engineering().service.pause_cap;
    struct Row {
        std::string reference;
        std::optional<Instant> review_at;
        std::string_view refused;
    };
    Row const rows[] = {
        {"CASE-1", t0 + 1us, ""},  {"CASE-1", t0 + cap, ""},           {"CASE-1", t0 + cap + 1us, no::guard},
        {"CASE-1", t0, no::guard}, {"CASE-1", t0 - 1h, no::guard},     {"CASE-1", {}, no::guard},
        {"", t0 + 1h, no::text},   {only_controls, t0 + 1h, no::text}, {std::string(201, 'x'), t0 + 1h, no::text}};
    for (auto const& row : rows) {
        auto request = on_vendor();
        request.reference = row.reference;
        request.review_at = row.review_at;
        auto const result = wait(of_severity(Severity::sev3), request, by(ana));
        BOOST_TEST(cause_of(result) == row.refused);
        if (result) BOOST_TEST((result->after.next_point <= row.review_at));
    }
    auto const after = wait(of_severity(Severity::sev3), on_vendor(), by(ana)).value().after;
    BOOST_TEST(after.details.waiting->reference == "CASE-4711");
    BOOST_TEST((after.details.waiting->until == t0 + 24h));
    // The owner hears of a lead's nod.
    BOOST_TEST(told(wait(owned(), on_vendor(), by(lea)).value()) == std::vector<std::string>{"U_ANA"},
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_manager_waits_on_a_vendor_beyond_the_cap_on_record) {
    auto const cap = with_engineering().service.pause_cap;
    auto const before = of_severity(Severity::sev1);
    for (auto const& row : {std::pair{cap, false}, std::pair{cap + 1h, true}}) {
        auto const decision = wait(before, on_vendor(t0 + row.first), by(max)).value();
        BOOST_TEST((last_event(decision).type == EventType::pause_overridden) == row.second);
        BOOST_TEST((decision.after.details.waiting->until == t0 + row.first));
    }
    BOOST_TEST(cause_of(wait(before, on_vendor(t0 + cap + 1h), by(lea))) == no::guard);
    BOOST_TEST(cause_of(wait(before, on_vendor(t0 + rules::pause_longest + 1us), by(max))) == no::guard);
}

BOOST_AUTO_TEST_CASE(a_manager_lets_it_wait_for_longer_than_the_cap) {
    auto const cap = Duration{with_engineering().service.pause_cap};
    auto const longer = [&](Escalation const& before, rules::By const& by, Duration until = 240h,
                            std::string const& why = "They are on holiday") {
        return rules::wait_longer(before, t0 + until, why, by);
    };
    auto const before = in(State::waiting_customer);
    for (auto const& who : everybody) BOOST_TEST(longer(before, by(who)).has_value() == (who.id == max.id), who.id);
    for (auto const state : all_states)
        BOOST_TEST(longer(in(state), by(max)).has_value() == (state == State::waiting_customer || state == State::waiting_vendor),
                   to_string(state));
    struct Row {
        Duration until;
        std::string why;
        std::string_view refused;
    };
    for (auto const& row : {Row{cap + 1us, "Why", ""}, Row{cap, "Why", no::guard}, Row{1h, "Why", no::guard},
                            Row{rules::pause_longest, "Why", ""}, Row{rules::pause_longest + 1us, "Why", no::guard},
                            Row{240h, "", no::text}, Row{240h, only_controls, no::text}, Row{240h, too_long, no::text}})
        BOOST_TEST(cause_of(longer(before, by(max), row.until, row.why)) == row.refused);

    auto const decision = longer(before, by(max, t0 + 1h)).value();
    BOOST_TEST((decision.after.details.waiting->until == t0 + 240h));
    BOOST_TEST((decision.after.details.waiting->since == t0));
    BOOST_TEST(last_event(decision).type == EventType::pause_overridden);
    BOOST_TEST(last_event(decision).text == "They are on holiday");
    BOOST_TEST(facts(last_event(decision)).at("from_us").as_int64() == to_us(t0 + cap));
    BOOST_TEST(facts(last_event(decision)).at("until_us").as_int64() == to_us(t0 + 240h));
    BOOST_TEST(told(decision) == std::vector<std::string>{"U_ANA"}, boost::test_tools::per_element());
    BOOST_TEST(said_in_thread(decision));
    // It ends by itself then, and not before.
    BOOST_TEST(!rules::wake(decision.after, ladder(), t0 + 240h - 1us).has_value());
    BOOST_TEST(rules::wake(decision.after, ladder(), t0 + 240h)->after.state == State::working);
    // What waits is put on hold anew by nobody.
    BOOST_TEST(cause_of(wait(before, on_customer(), by(max))) == no::state);
    BOOST_TEST(wait(before, on_customer(), by(max)).error().message.find("wait 12 until") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(engineering_needs_all_four_answers_and_never_pauses) {
    for (auto const field :
         {&rules::WaitRequest::repro, &rules::WaitRequest::logs, &rules::WaitRequest::impact, &rules::WaitRequest::deadline})
        for (auto const& text : {std::string{}, only_controls, too_long}) {
            auto request = on_engineering();
            request.*field = text;
            BOOST_TEST(cause_of(wait(owned(), request, by(ana))) == no::text);
        }
    auto const decision = wait(owned(), on_engineering(eva.id), by(ana)).value();
    auto const& after = decision.after;
    BOOST_TEST(after.clock(ClockKind::resolution)->running());
    BOOST_TEST(after.clock(ClockKind::engineering)->running());
    BOOST_TEST((after.clock(ClockKind::engineering)->due == t0 + 30min));
    BOOST_TEST(!after.details.waiting->until.has_value());
    BOOST_TEST(after.details.waiting->checklist.find("Trace 12") != std::string::npos);
    BOOST_TEST(told(decision) == std::vector<std::string>{"U_EVA"}, boost::test_tools::per_element());
    BOOST_TEST(cause_of(wait(owned(), on_engineering(ana.id), by(ana))) == no::target);
    // Without a target there is no clock, and it waits all the same.
    auto const unmeasured = rules::wait(
                                owned(), on_engineering(),
                                [] {
                                    auto config = with_engineering();
                                    for (auto& targets : config.sla) targets.engineering.reset();
                                    return config;
                                }(),
                                by(ana))
                                .value()
                                .after;
    BOOST_TEST((unmeasured.clock(ClockKind::engineering) == nullptr));
}

BOOST_AUTO_TEST_CASE(an_engineer_accepts_by_name) {
    auto const unnamed = in(State::waiting_engineering);
    auto const named = wait(owned(), on_engineering(eva.id), by(ana)).value().after;
    struct Row {
        Escalation const& before;
        Person const& who;
        std::string_view refused;
    };
    for (auto const& row :
         {Row{unnamed, eva, ""}, Row{unnamed, ben, ""}, Row{unnamed, ana, no::role}, Row{unnamed, outsider, no::role},
          Row{named, eva, ""}, Row{named, ben, no::role}, Row{named, max, no::role}, Row{named, ana, no::role}})
        BOOST_TEST(cause_of(rules::accept(row.before, by(row.who, t0 + 10min))) == row.refused, row.who.id);

    auto const decision = rules::accept(unnamed, by(eva, t0 + 30min)).value();
    BOOST_TEST(last_event(decision).type == EventType::engineering_accepted);
    BOOST_TEST(closed_clock(decision, ClockKind::engineering)->outcome == ClockOutcome::met);
    BOOST_TEST(decision.after.state == State::waiting_engineering);
    BOOST_TEST(decision.after.details.waiting->engineer == eva.id);
    BOOST_TEST((decision.after.details.waiting->engineer_accepted_at == t0 + 30min));
    BOOST_REQUIRE_EQUAL(decision.after.details.participants.size(), 1U);
    BOOST_TEST((decision.after.details.participants[0].kind == Participant::Kind::engineer));
    BOOST_TEST(decision.after.owner == ana.id);
    BOOST_TEST(told(decision) == std::vector<std::string>{"U_ANA"}, boost::test_tools::per_element());
    BOOST_TEST(cause_of(rules::accept(decision.after, by(eva))) == no::yours);
    BOOST_TEST(cause_of(rules::accept(decision.after, by(ben))) == no::role);
    auto const late = rules::accept(unnamed, by(eva, t0 + 30min + 1us)).value();
    BOOST_TEST(closed_clock(late, ClockKind::engineering)->outcome == ClockOutcome::breached);
}

BOOST_AUTO_TEST_CASE(an_owner_who_has_not_accepted_accepts_ownership_also_while_engineering_works) {
    auto before = in(State::waiting_engineering);
    before.accepted_at.reset();
    auto const decision = rules::accept(before, by(ana)).value();
    BOOST_TEST(last_event(decision).type == EventType::accepted);
    BOOST_TEST(decision.after.accepted_at.has_value());
    BOOST_TEST((decision.after.clock(ClockKind::engineering) != nullptr));
}

BOOST_AUTO_TEST_CASE(who_may_resume_in_which_state) {
    struct Row {
        State state;
        // outsider, bystander, raiser, admin, owner, other agent, lead, manager
        std::array<std::string_view, 8> expected;
    };
    std::array<std::string_view, 8> const by_owner{no::role, no::role, no::role, no::role, "", no::role, no::role, ""};
    // Nobody was named: whoever of the workspace says how it was fixed.
    std::array<std::string_view, 8> const by_anybody{no::role, "", "", "", "", "", "", ""};
    for (auto const& row : {Row{State::waiting_customer, by_owner}, Row{State::waiting_vendor, by_owner},
                            Row{State::mitigated, by_owner}, Row{State::waiting_engineering, by_anybody}})
        for (std::size_t who = 0; who < std::size(everybody); ++who)
            BOOST_TEST_CONTEXT(to_string(row.state) << " by " << everybody[who].id) {
                auto const result = rules::resume(in(row.state), "Fixed in 4.2", {}, ladder(), by(everybody[who], t0 + 1h));
                BOOST_TEST(cause_of(result) == row.expected[who]);
                if (!result) continue;
                BOOST_TEST(result->after.state == State::working);
                BOOST_TEST(!result->after.details.waiting.has_value());
                BOOST_TEST(result->after.clock(ClockKind::resolution)->running());
                BOOST_TEST((result->after.clock(ClockKind::engineering) == nullptr));
                BOOST_TEST(result->after.owner == ana.id);
            }
    for (auto const state : {State::fresh, State::working, State::resolved, State::closed, State::declined, State::merged})
        BOOST_TEST(!rules::resume(in(state), "x", {}, ladder(), by(ana)).has_value());
}

BOOST_AUTO_TEST_CASE(an_engineer_says_how_it_was_fixed) {
    auto const before = in(State::waiting_engineering);
    for (auto const& text : {std::string{}, only_controls, too_long})
        BOOST_TEST(cause_of(rules::resume(before, text, {}, ladder(), by(eva))) == no::text);
    auto const decision = rules::resume(before, "Fixed in 4.2", {}, ladder(), by(eva, t0 + 10min)).value();
    BOOST_TEST(facts(last_event(decision)).at("fixed").as_bool());
    BOOST_TEST(last_event(decision).text == "Fixed in 4.2");
    BOOST_TEST(closed_clock(decision, ClockKind::engineering)->outcome == ClockOutcome::met);  // who fixes it has accepted it
    BOOST_TEST(decision.after.details.bounces == 0);
    BOOST_TEST(told(decision) == std::vector<std::string>{"U_ANA"}, boost::test_tools::per_element());
    // The owner goes on without a word, and what nobody accepted is cancelled.
    auto const by_owner = rules::resume(before, {}, {}, ladder(), by(ana, t0 + 10min)).value();
    BOOST_TEST(!facts(last_event(by_owner)).at("fixed").as_bool());
    BOOST_TEST(closed_clock(by_owner, ClockKind::engineering)->outcome == ClockOutcome::cancelled);
}

BOOST_AUTO_TEST_CASE(a_bounce_needs_a_reason_code) {
    auto const before = in(State::waiting_engineering);
    struct Row {
        std::string_view code;
        std::string text;
        std::string_view refused;
    };
    for (auto const& row : {Row{"not_ours", "", ""}, Row{"more_information", "", ""}, Row{"works_as_designed", "", ""},
                            Row{"cannot_reproduce", "", ""}, Row{"other", "Wrong team", ""}, Row{"other", "", no::text},
                            Row{"busy", "We have no time", no::text}}) {
        auto const result = rules::resume(before, row.text, row.code, ladder(), by(eva));
        BOOST_TEST(cause_of(result) == row.refused, row.code);
        if (!result) continue;
        BOOST_TEST(last_event(*result).type == EventType::bounced);
        BOOST_TEST(facts(last_event(*result)).at("reason").as_string() == row.code);
        BOOST_TEST(result->after.details.bounces == 1);
        BOOST_TEST(result->after.state == State::working);
    }
    for (auto const state : {State::waiting_customer, State::waiting_vendor, State::mitigated})
        BOOST_TEST(cause_of(rules::resume(in(state), {}, "not_ours", ladder(), by(ana))) == no::state);
}

BOOST_AUTO_TEST_CASE(a_second_bounce_alerts_managers_and_leads) {
    auto const first = rules::resume(in(State::waiting_engineering), {}, "not_ours", ladder(), by(eva)).value();
    BOOST_TEST(told(first) == std::vector<std::string>{"U_ANA"}, boost::test_tools::per_element());
    auto const again = wait(first.after, on_engineering(), by(ana)).value().after;
    auto const second = rules::resume(again, {}, "not_ours", ladder(), by(eva)).value();
    BOOST_TEST(second.after.details.bounces == 2);
    BOOST_TEST(told(second) == (std::vector<std::string>{"U_ANA", "U_LEA", "U_MAX"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_pause_ends_by_itself_at_the_cap_or_the_review_time) {
    auto const cap = with_engineering().service.pause_cap;
    struct Row {
        State state;
        Duration until;
    };
    for (auto const& row : {Row{State::waiting_customer, Duration{cap}}, Row{State::waiting_vendor, Duration{24h}}})
        BOOST_TEST_CONTEXT(to_string(row.state)) {
            auto const before = in(row.state);
            BOOST_TEST((before.details.waiting->until == t0 + row.until));
            BOOST_TEST(!rules::wake(before, ladder(), t0 + row.until - 1us).has_value());
            // Noticed an hour late: that hour is no pause.
            auto const decision = rules::wake(before, ladder(), t0 + row.until + 1h).value();
            BOOST_TEST(decision.after.state == State::working);
            BOOST_TEST(!decision.after.details.waiting.has_value());
            BOOST_TEST(decision.after.clock(ClockKind::resolution)->paused.count() == row.until.count());
            BOOST_TEST((last_event(decision).source_time == t0 + row.until));
            BOOST_TEST(facts(last_event(decision)).at("by_itself").as_bool());
            BOOST_TEST(told(decision) == (std::vector<std::string>{"U_ANA", "U_LEA"}), boost::test_tools::per_element());
            BOOST_TEST(!rules::wake(decision.after, ladder(), t0 + row.until + 1h).has_value());
        }
    BOOST_TEST(rules::wakes(in(State::waiting_engineering)).empty());
}

BOOST_AUTO_TEST_CASE(waiting_on_the_customer_may_end_at_a_time_that_was_said) {
    auto const config = with_engineering();
    auto const wait_until = [&](Instant at, rules::By const& who) {
        rules::WaitRequest request;
        request.reason = "Their logs";
        request.asked = true;
        request.review_at = at;
        auto before = owned();
        before.owner = who.actor.id;
        return rules::wait(before, request, config, who);
    };
    auto const now = by(ana).now;
    auto const decision = wait_until(now + 3h, by(ana)).value();
    BOOST_TEST((decision.after.details.waiting->until == now + 3h));
    BOOST_TEST(cause_of(wait_until(now, by(ana))) == no::guard);
    auto const beyond = now + config.service.pause_cap + 1s;
    BOOST_TEST(cause_of(wait_until(beyond, by(ana))) == no::guard);
    auto const longer = wait_until(beyond, by(max)).value();
    BOOST_TEST((longer.after.details.waiting->until == beyond));
    BOOST_TEST(std::count_if(longer.events.begin(), longer.events.end(),
                             [](LedgerEvent const& event) { return event.type == EventType::pause_overridden; }) == 1);
}

BOOST_AUTO_TEST_CASE(mitigated_needs_a_workaround_and_resolution_runs_on) {
    for (auto const& text : {std::string{}, only_controls, too_long})
        BOOST_TEST(cause_of(rules::mitigate(owned(), text, by(ana))) == no::text);
    for (auto const state : all_states) {
        bool const can = is_active(state) && state != State::mitigated;
        BOOST_TEST(rules::mitigate(in(state), "By invoice", by(ana, t0 + 1h)).has_value() == can, to_string(state));
    }
    for (auto const& who : everybody)
        BOOST_TEST(rules::mitigate(owned(), "By invoice", by(who)).has_value() == (who.id == ana.id), who.id);
    auto const decision = rules::mitigate(in(State::waiting_customer), "By invoice", by(ana, t0 + 1h)).value();
    BOOST_TEST(decision.after.details.workaround == "By invoice");
    BOOST_TEST(decision.after.clock(ClockKind::resolution)->running());
    BOOST_TEST(decision.after.clock(ClockKind::resolution)->paused.count() == Duration{1h}.count());
    BOOST_TEST(last_event(decision).text == "By invoice");
}

BOOST_AUTO_TEST_CASE(waiting_accepts_for_an_owner_who_had_not) {
    auto assigned = handler_test::assign(fresh(), ana, by(lea)).value().after;
    auto const decision = wait(assigned, on_customer(), by(ana, t0 + 1min)).value();
    BOOST_TEST((decision.after.accepted_at == t0 + 1min));
    BOOST_TEST(closed_clock(decision, ClockKind::acceptance)->outcome == ClockOutcome::met);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
