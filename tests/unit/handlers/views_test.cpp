// Views: what must be on them, by state; golden files for the whole; and hostile text in every place where people write.
#include "handlers/views/views.hpp"
#include "handlers/views/parts.hpp"
#include "handlers/views/states.hpp"

#include "tests/unit/handlers/views_data.hpp"

#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace esc;
using namespace std::chrono_literals;
using slack::blocks::Message;
namespace blocks = slack::blocks;
namespace json = boost::json;

namespace {

std::string const card_link = "https://example.slack.com/archives/CTRIAGE/p1763888401000200";

std::string all_of(Message const& message) { return json::serialize(message.blocks_json()); }
bool has(Message const& message, std::string_view part) { return all_of(message).find(part) != std::string::npos; }

// "Claim!" for a primary one.
std::vector<std::string> buttons(Message const& message) {
    std::vector<std::string> out;
    for (auto const& block : message.blocks_json()) {
        if (block.at("type") != "actions") continue;
        for (auto const& element : block.at("elements").as_array()) {
            BOOST_TEST(element.at("value").as_string().starts_with("12:v7"));
            auto const* style = element.as_object().if_contains("style");
            out.push_back(std::string{std::string_view{element.at_pointer("/text/text").as_string()}} + (style ? "!" : ""));
        }
    }
    return out;
}

void check_buttons(Message const& message, std::vector<std::string> const& wanted) {
    auto const got = buttons(message);
    BOOST_TEST(got == wanted, boost::test_tools::per_element());
}

Escalation in_trouble(ClockKind kind, Duration past_due) {
    auto out = view_test::working();
    for (auto& clock : out.clocks)
        if (clock.kind == kind) {
            auto const shift = view_test::now() - past_due - clock.due;
            clock.due += shift;
            clock.started_at += shift;
            for (auto& point : clock.points) point.at += shift;
        }
    return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(view_texts)

BOOST_AUTO_TEST_CASE(card_buttons_follow_the_state) {
    auto const card = [](Escalation const& escalation) { return views::card(escalation, {}, {}, view_test::now()); };
    check_buttons(card(view_test::fresh()), {"Claim!", "Assign", "Severity", "Decline", "More"});
    check_buttons(card(view_test::working()), {"Reply sent", "Next step", "Wait", "Resolve!", "More"});
    check_buttons(card(view_test::assigned()), {"Accept!", "Reply sent", "Next step", "Resolve", "More"});
    check_buttons(card(view_test::resolved()), {"Reopen", "More"});
    auto replied = view_test::working();
    replied.clocks.erase(replied.clocks.begin());
    check_buttons(card(replied), {"Next step", "Wait", "Resolve!", "More"});
    replied.accepted_at.reset();
    check_buttons(card(replied), {"Accept!", "Next step", "Wait", "Resolve", "More"});
    for (auto const state : {State::waiting_customer, State::waiting_vendor, State::waiting_engineering, State::mitigated}) {
        auto still = view_test::working();
        still.state = state;
        check_buttons(card(still), {"Resume", "Next step", "Resolve!", "More"});
        still.accepted_at.reset();
        check_buttons(card(still), {"Accept!", "Resume", "Next step", "Resolve", "More"});
    }
    auto asked = view_test::waiting(State::waiting_engineering);
    check_buttons(card(asked), {"Accept!", "Resume", "Next step", "Resolve", "More"});
    asked.details.waiting->engineer_accepted_at = view_test::now();
    check_buttons(card(asked), {"Resume", "Next step", "Resolve!", "More"});
    for (auto const state : {State::closed, State::declined, State::merged}) {
        auto ended = view_test::resolved();
        ended.state = state;
        check_buttons(card(ended), {"More"});
    }
    auto merged = view_test::merged();
    check_buttons(card(merged), {"Unmerge", "More"});
    merged.details.merge->at = view_test::now() - rules::unmerge_window;
    check_buttons(card(merged), {"More"});
}

BOOST_AUTO_TEST_CASE(card_says_who_and_how_long) {
    auto const fresh = views::card(view_test::fresh(), {}, {}, view_test::now());
    BOOST_TEST(fresh.blocks_json()[0].at_pointer("/text/text") == "ESC-12 · SEV2 · Checkout fails for all users");
    for (auto const* part : {"*New* · No owner", "Owner 5m left · due <!date^", "First response 50m left · due", "Account: acme",
                             "> Since 08:40", "> Cards &amp; invoices", "Source message>"})
        BOOST_TEST(has(fresh, part), part);
    auto const owned = views::card(view_test::working(), {}, {}, view_test::now());
    BOOST_TEST(has(owned, "🔒 <@UANA>"));
    BOOST_TEST(!has(owned, "Owner 5m"));
    BOOST_TEST(has(views::card(view_test::assigned(), {}, {}, view_test::now()), "not accepted yet"));
    BOOST_TEST(has(views::card(view_test::resolved(), {}, {}, view_test::now()), "certificate was renewed"));
    BOOST_TEST(has(views::card(view_test::resolved(), {}, {}, view_test::now()), "Resolution met after 10m"));
    // What was broken stays on the card; what was kept is told at the end.
    auto late = *view_test::fresh().clock(ClockKind::owner);
    late.stopped_at = late.due + std::chrono::minutes{3};
    late.outcome = ClockOutcome::breached;
    auto kept = late;
    kept.stopped_at = kept.started_at + std::chrono::minutes{2};
    kept.outcome = ClockOutcome::met;
    BOOST_TEST(has(views::card(view_test::working(), {late}, {}, view_test::now()), "🔴 Owner breached, stopped after 18m"));
    BOOST_TEST(!has(views::card(view_test::working(), {kept}, {}, view_test::now()), "Owner met"));
    BOOST_TEST(has(views::card(view_test::resolved(), {kept}, {}, view_test::now()), "Owner met after 2m"));
    BOOST_TEST(!has(views::card(view_test::fresh(), {late}, {}, view_test::now()), "breached"));  // it went on
    auto moved = view_test::working();
    moved.account.clear();
    moved.hops = 2;
    moved.reopen_count = 1;
    for (auto const* part : {"Account unknown", "bounced 2×", "reopened 1×"})
        BOOST_TEST(has(views::card(moved, {}, {}, view_test::now()), part));
    moved.hops = 1;
    BOOST_TEST(!has(views::card(moved, {}, {}, view_test::now()), "bounced"));
    for (auto const* part : {"ESC-12", "SEV2", "Checkout fails", "New", "No owner", "First response 50m left", "acme"})
        BOOST_TEST(fresh.text.find(part) != std::string::npos, part);
}

BOOST_AUTO_TEST_CASE(card_marks_risk_and_breach) {
    auto const at = [](Duration past_due) {
        return views::card(in_trouble(ClockKind::first_response, past_due), {}, {}, view_test::now());
    };
    BOOST_TEST(has(at(-50min), "\"First response 50m left"));
    BOOST_TEST(has(at(-15min), "⚠ First response 15m left"));
    BOOST_TEST(has(at(0min), "⚠ First response 0s left"));
    BOOST_TEST(has(at(4min), "🔴 First response 4m over · was due"));
    BOOST_TEST(!has(at(4min), "⚠"));
}

BOOST_AUTO_TEST_CASE(alert_names_everything_and_offers_the_act) {
    auto const escalation = in_trouble(ClockKind::first_response, -12min);
    auto const fact = view_test::fact(escalation, ClockKind::first_response, rung_at_risk);
    auto const message = views::alert(fact, escalation, card_link, fact.point_at);
    for (auto const* part : {"⚠ At risk: First response", "15m left · due", "<https://example.slack.com", "|ESC-12>", "SEV2",
                             "Checkout fails", "🔒 <@UANA>", "Account: acme", "Reply sent"})
        BOOST_TEST(has(message, part), part);
    BOOST_TEST(!has(message, "late"));
    for (auto const* part : {"At risk", "First response", "15m left", "ESC-12", "SEV2", "acme"})
        BOOST_TEST(message.text.find(part) != std::string::npos, part);

    auto const unowned = view_test::fresh();
    check_buttons(views::alert(view_test::fact(unowned, ClockKind::owner, rung_critical), unowned, "", view_test::now()),
                  {"Claim!", "Assign", "Acknowledge"});
    check_buttons(views::alert(view_test::fact(unowned, ClockKind::resolution, rung_at_risk), unowned, "", view_test::now()),
                  {"Claim!", "Assign", "Acknowledge"});
}

BOOST_AUTO_TEST_CASE(alert_offers_what_its_reader_can_do) {
    auto covered = view_test::working();
    covered.details.coverage =
        Coverage{{"UCARL"}, {"UANA"}, view_test::now() - std::chrono::hours{1}, view_test::now() + std::chrono::hours{8}};
    auto const offered = [&](ClockKind kind, int rung, std::string const& to) {
        auto fact = view_test::fact(covered, kind, rung);
        fact.to = {to};
        Person reader;
        reader.id = {to};
        reader.role = to == "UMAX" ? Role::manager : to == "ULEA" ? Role::lead : to == "UREQ" ? Role::requester : Role::agent;
        return buttons(views::alert(fact, covered, "", view_test::now(), to.empty() ? std::nullopt : std::optional{reader}));
    };
    using Names = std::vector<std::string>;
    BOOST_TEST((offered(ClockKind::first_response, rung_at_risk, "UANA") ==
                Names{"Reply sent", "Next step", "Helpers", "Request transfer", "Acknowledge"}));
    BOOST_TEST((offered(ClockKind::resolution, rung_breach, "UANA") ==
                Names{"Resolve!", "Next step", "Helpers", "Request transfer", "Acknowledge"}));
    BOOST_TEST(
        (offered(ClockKind::resolution, rung_breach, "UCARL") == Names{"Resolve!", "Next step", "Helpers", "Acknowledge"}));
    BOOST_TEST((offered(ClockKind::resolution, rung_breach, "UMAX") == Names{"Resolve!", "Reassign", "Helpers", "Acknowledge"}));
    BOOST_TEST(
        (offered(ClockKind::resolution, rung_critical, "ULEA") == Names{"Helpers", "Acknowledge"}));  // resolving is not theirs
    BOOST_TEST((offered(ClockKind::resolution, rung_breach, "ULEA") == Names{"Reassign", "Helpers", "Acknowledge"}));
    BOOST_TEST((offered(ClockKind::resolution, rung_breach, "UREQ") == Names{}));
    BOOST_TEST((offered(ClockKind::first_response, rung_breach, "") == Names{"Reply sent", "Acknowledge"}));
}

BOOST_AUTO_TEST_CASE(alert_tells_what_is_planned) {
    auto planned = view_test::working();
    planned.details.next_step = NextStep{"Ask <!channel> the provider", {"UANA"}, view_test::now()};
    planned.details.promise = Promise{"An update", {}, {"UANA"}, view_test::now(), view_test::now() + std::chrono::hours{1}};
    auto const message =
        views::alert(view_test::fact(planned, ClockKind::resolution, rung_at_risk), planned, "", view_test::now());
    for (auto const* part : {"Planned: Ask &lt;!channel&gt;", "Promised by <!date^", "An update"})
        BOOST_TEST(has(message, part), part);
}

BOOST_AUTO_TEST_CASE(alert_on_a_clock_that_stands_still_says_so) {
    auto const before = view_test::working();
    auto const fact = view_test::fact(before, ClockKind::resolution, rung_at_risk);
    auto const message = views::alert(fact, view_test::waiting(State::waiting_customer), "", view_test::now());
    BOOST_TEST(has(message, "stands still"));
    check_buttons(message, {});
}

BOOST_AUTO_TEST_CASE(alert_forms_differ_by_rung) {
    auto const escalation = in_trouble(ClockKind::resolution, 4min);
    auto const said = [&](int rung) {
        return views::alert(view_test::fact(escalation, ClockKind::resolution, rung), escalation, "", view_test::now());
    };
    BOOST_TEST(has(said(rung_at_risk), "⚠ At risk"));
    BOOST_TEST(has(said(rung_critical), "⚠⚠ Critical"));
    BOOST_TEST(has(said(rung_breach), "🔴 Breached"));
    BOOST_TEST(has(said(rung_breach), "4m over · was due"));
}

BOOST_AUTO_TEST_CASE(alert_says_how_late_it_is) {
    auto const escalation = view_test::working();
    auto fact = view_test::fact(escalation, ClockKind::first_response, rung_at_risk);
    auto const at = [&](Duration fired_after, Duration sent_after) {
        fact.fired_at = fact.point_at + fired_after;
        return views::alert(fact, escalation, "", fact.point_at + sent_after);
    };
    BOOST_TEST(!has(at(0s, 5s), "late"));
    BOOST_TEST(has(at(0s, 6s), "6s late: it fell due in time but"));
    BOOST_TEST(has(at(42s, 42s), "42s late: the service was not running"));
    BOOST_TEST(at(42s, 42s).text.find("42s late") != std::string::npos);
    BOOST_TEST(has(at(2h, 2h), "2h 00m late"));
}

BOOST_AUTO_TEST_CASE(an_alert_that_is_edited_stays_as_late_as_it_was_posted) {
    auto const escalation = view_test::working();
    auto const fact = view_test::fact(escalation, ClockKind::first_response, rung_at_risk);
    auto const edited = [&](Duration posted_after) {
        return views::alert(fact, escalation, "", fact.point_at + 1h, {}, fact.point_at + posted_after);
    };
    BOOST_TEST(!has(edited(1s), "late"));
    BOOST_TEST(has(edited(32s), "32s late"));
}

BOOST_AUTO_TEST_CASE(alert_that_a_milder_severity_takes_back_says_so) {
    auto escalation = view_test::working();
    auto const now = view_test::now();
    auto fact = view_test::fact(escalation, ClockKind::first_response, rung_breach);
    fact.cause = rules::AlertCause::regrade;
    fact.due = fact.point_at = now - 1min;
    for (auto& clock : escalation.clocks) {
        clock = rules::start_clock(clock.kind, clock.generation, now - 1h, 24h, {});
        clock.outcome = ClockOutcome::breached;
    }
    auto const message = views::alert(fact, escalation, "", now);
    BOOST_TEST(has(message, fmt::format("Taken back: by the present severity, {}, it is not overdue. It is due",
                                        to_string(escalation.severity))));
    BOOST_TEST(!has(message, "1m over"));
    check_buttons(message, {});
}

BOOST_AUTO_TEST_CASE(alert_on_a_clock_that_has_stopped_asks_for_nothing) {
    auto const before = view_test::working();
    auto const fact = view_test::fact(before, ClockKind::first_response, rung_at_risk);
    auto replied = before;
    replied.clocks.erase(replied.clocks.begin());
    auto const message = views::alert(fact, replied, "", view_test::now());
    BOOST_TEST(has(message, "Meanwhile"));
    check_buttons(message, {});
}

BOOST_AUTO_TEST_CASE(open_form) {
    auto const config = default_config();
    auto const modal = views::open_modal(config, "{}").json();
    std::vector<std::string> ids;
    for (auto const& block : modal.at("blocks").as_array())
        if (block.at("type") == "input") ids.emplace_back(std::string_view{block.at("block_id").as_string()});
    for (auto const* id : {"title", "severity", "description", "account"})
        BOOST_TEST(std::count(ids.begin(), ids.end(), id) == 1, id);
    BOOST_TEST((modal.at("callback_id").as_string() == views::open_callback));
    BOOST_TEST(modal.at("private_metadata") == "{}");
    auto const text = json::serialize(modal);
    for (auto const severity : all_severities) {
        auto const& guide = config.text(severity);
        BOOST_TEST(text.find(guide.criteria) != std::string::npos);
        BOOST_TEST(text.find(guide.examples.front()) != std::string::npos);
        BOOST_TEST(text.find(guide.counter_examples.front()) != std::string::npos);
        BOOST_TEST(text.find("\"value\":\"" + std::string{to_string(severity)}) != std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(forms_on_an_existing_one_carry_its_version) {
    for (auto const& modal : {views::resolve_modal(view_test::working()), views::reopen_modal(view_test::resolved())}) {
        BOOST_TEST(modal.private_metadata == "12:v7");
        view_test::check_form(modal, {});
    }
    BOOST_TEST(json::serialize(views::resolve_modal(view_test::working()).json()).find("\"block_id\":\"resolution\"") !=
               std::string::npos);
    BOOST_TEST(json::serialize(views::reopen_modal(view_test::resolved()).json()).find("\"block_id\":\"reason\"") !=
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(short_answers) {
    auto const reply = views::status_reply(view_test::fresh(), default_config(), card_link, view_test::now());
    for (auto const* part : {"ESC-12", "SEV2", "*New* · No owner", "|Card>"}) BOOST_TEST(has(reply, part), part);
    BOOST_TEST(has(reply, default_config().text(Severity::sev2).criteria));
    auto const answer = views::raised_answer(view_test::fresh(), "");
    BOOST_TEST(answer.text.find("opened as SEV2") != std::string::npos);
    BOOST_TEST(!has(answer, "<http"));
    BOOST_TEST(has(views::raised_answer(view_test::working(), card_link), "|Open the card>"));
    BOOST_TEST(has(views::raised_answer(view_test::working(), card_link), "🔒 <@UANA>"));
    auto const outside = all_of(views::outsiders_reply());
    for (auto const* part : {"ESC-", "SEV", "<", "actions"}) BOOST_TEST(outside.find(part) == std::string::npos, part);
}

BOOST_AUTO_TEST_CASE(people_and_moments_stand_in_a_sentence) {
    auto const until = blocks::date(view_test::now()).text;
    rules::Said said{"{0} acts until {t0}, {1} asks.", {{"UANA"}, {}}, "Why?", {view_test::now()}};
    BOOST_TEST(views::sentence(said) == fmt::format("<@UANA> acts until {}, The service asks.\n> Why?", until));
    said = {"{0}{t0} {t1} {2} {t {", {{"UANA"}}, {}, {view_test::now()}};
    BOOST_TEST(views::sentence(said) == fmt::format("<@UANA>{} {{t1}} {{2}} {{t {{", until));  // what is not there stays
}

BOOST_AUTO_TEST_CASE(golden_messages) {
    auto const now = view_test::now();
    auto const breached = in_trouble(ClockKind::resolution, 4min);
    view_test::check_golden("card_new", view_test::as_json(views::card(view_test::fresh(), {}, {}, now)));
    view_test::check_golden("card_working", view_test::as_json(views::card(view_test::working(), {}, {}, now)));
    view_test::check_golden("card_assigned", view_test::as_json(views::card(view_test::assigned(), {}, {}, now)));
    view_test::check_golden("card_breached", view_test::as_json(views::card(breached, {}, {}, now)));
    view_test::check_golden("card_resolved", view_test::as_json(views::card(view_test::resolved(), {}, {}, now)));
    view_test::check_golden("status_reply", view_test::as_json(views::status_reply(view_test::working(), default_config(),
                                                                                   card_link, view_test::now())));
    view_test::check_golden("raised_answer", view_test::as_json(views::raised_answer(view_test::fresh(), card_link)));
    auto const at_risk = view_test::fact(view_test::fresh(), ClockKind::owner, rung_at_risk);
    view_test::check_golden("alert_at_risk",
                            view_test::as_json(views::alert(at_risk, view_test::fresh(), card_link, at_risk.point_at)));
    auto late = view_test::fact(breached, ClockKind::resolution, rung_breach);
    late.fired_at = late.point_at + 42s;
    view_test::check_golden("alert_breached_late", view_test::as_json(views::alert(late, breached, card_link, late.fired_at)));
}

BOOST_AUTO_TEST_CASE(golden_forms) {
    view_test::check_golden("modal_open", views::open_modal(default_config(), {}).json());
    view_test::check_golden("modal_resolve", views::resolve_modal(view_test::working()).json());
    view_test::check_golden("modal_reopen", views::reopen_modal(view_test::resolved()).json());
}

BOOST_AUTO_TEST_CASE(hostile_text_stays_text) {
    std::vector<std::string> const ours{"<@UANA>", "<@UBO>", "<!date^", "<https://example.slack.com/"};
    auto const now = view_test::now();
    auto config = default_config();
    for (auto const& text : view_test::hostile_texts()) {
        BOOST_TEST_CONTEXT(text.substr(0, 30)) {
            for (auto& level : config.severities) level = {text, {text, text}, {text}};
            for (auto escalation : {view_test::fresh(), view_test::working(), view_test::assigned(), view_test::resolved()}) {
                escalation.title = text;
                escalation.description = text;
                escalation.account = text;
                escalation.resolution = text;
                view_test::check_message(views::card(escalation, {}, {}, now), ours);
                view_test::check_message(views::status_reply(escalation, config, card_link, now), ours);
                view_test::check_message(views::raised_answer(escalation, card_link), ours);
                auto const kind = escalation.clocks.front().kind;
                view_test::check_message(views::alert(view_test::fact(escalation, kind, rung_breach), escalation, card_link, now),
                                         ours);
                view_test::check_form(views::resolve_modal(escalation), ours);
                view_test::check_form(views::reopen_modal(escalation), ours);
            }
            view_test::check_form(views::open_modal(config, "{}"), ours);
        }
    }
}

BOOST_AUTO_TEST_CASE(hostile_ids_and_links_stay_text) {
    auto const now = view_test::now();
    for (auto const& text : view_test::hostile_texts()) {
        auto escalation = view_test::working();
        escalation.owner = {text};
        escalation.raised_by = {text};
        escalation.source_permalink = text;
        view_test::check_message(views::card(escalation, {}, {}, now), {"<!date^"});
        view_test::check_message(views::raised_answer(escalation, text), {"<!date^"});
    }
}

BOOST_AUTO_TEST_SUITE_END()
