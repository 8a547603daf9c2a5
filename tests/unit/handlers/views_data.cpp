// Builds the escalations without the rules: a view is tested by what it is given.
#include "tests/unit/handlers/views_data.hpp"

#include "handlers/rules/sla.hpp"
#include "tests/support/block_limits.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

namespace json = boost::json;

namespace esc::view_test {

namespace {

using namespace std::chrono_literals;
using test::check_message_blocks;
using test::check_modal;
using test::live_tokens;
using test::not_verbatim;
using test::tokens_of;

void check_tokens(std::vector<std::string> const& tokens, std::vector<std::string> const& allowed) {
    for (auto const& token : tokens) {
        bool const ours =
            std::any_of(allowed.begin(), allowed.end(), [&](auto const& begin) { return token.starts_with(begin); });
        if (!ours || !token.ends_with('>')) BOOST_ERROR("alive: " << token);
    }
}

void check_all(std::vector<std::string> const& violations) {
    for (auto const& violation : violations) BOOST_ERROR(violation);
}

}  // namespace

Instant now() { return std::chrono::sys_days{std::chrono::year{2026} / 11 / 23} + 9h; }

Escalation fresh() {
    Escalation out;
    out.id = {12};
    out.workspace = {"T1"};
    out.version = 7;
    out.severity = Severity::sev2;
    out.title = "Checkout fails for all users";
    out.description = "Since 08:40 every payment ends with an error.\nCards & invoices alike.";
    out.account = "acme";
    out.origin = Origin::slack_message;
    out.source = {{"C1"}, {"1763888400.000100"}, {}};
    out.source_permalink = "https://example.slack.com/archives/C1/p1763888400000100";
    out.raised_by = {"UBO"};
    out.opened_at = now() - 10min;
    out.created_at = out.opened_at;
    out.updated_at = now() - 9min;
    out.card_channel = {"CTRIAGE"};
    out.clocks = rules::start_clocks({.owner = 15min, .first_response = 1h, .resolution = 8h, .at_risk = {}}, out.opened_at);
    return out;
}

Escalation working() {
    auto out = fresh();
    out.state = State::working;
    out.owner = {"UANA"};
    out.owned_since = now() - 5min;
    out.accepted_at = out.owned_since;
    out.clocks.erase(out.clocks.begin());
    return out;
}

Escalation assigned() {
    auto out = working();
    out.accepted_at.reset();
    return out;
}

Escalation resolved() {
    auto out = working();
    out.state = State::resolved;
    out.resolution = "The payment provider's certificate was renewed.";
    out.resolved_at = now();
    out.clocks.erase(out.clocks.begin());
    out.clocks.front() = rules::stop_clock(out.clocks.front(), now());
    return out;
}

Escalation waiting(State on) {
    auto out = working();
    out.state = on;
    Waiting wait;
    wait.since = now() - 4min;
    wait.reason = "Which browser do they use?";
    wait.asked = on == State::waiting_customer;
    if (on == State::waiting_vendor) wait.reference = "PAY-4711";
    if (on != State::waiting_engineering) wait.until = now() + 72h;
    if (on == State::waiting_engineering) {
        wait.engineer = {"UENG"};
        wait.checklist = "Repro: pay\nLogs: attached\nImpact: all\nDeadline: tonight";
        out.clocks.push_back(rules::start_clock(ClockKind::engineering, 0, wait.since, 1h, {}));
    } else {
        out.clocks.back() = rules::pause_clock(out.clocks.back(), wait.since);
    }
    out.details.waiting = std::move(wait);
    return out;
}

Escalation mitigated() {
    auto out = working();
    out.state = State::mitigated;
    out.details.workaround = "Pay by invoice until the provider is back.";
    return out;
}

Escalation merged() {
    auto out = working();
    out.state = State::merged;
    out.owner = {};
    out.clocks.clear();
    out.details.merge = Merge{{7}, State::working, now() - 1h};
    return out;
}

Escalation declined() {
    auto out = fresh();
    out.state = State::declined;
    out.clocks.clear();
    out.details.declined_reason = "A question, answered in the thread.";
    return out;
}

Escalation fullest(std::string const& text) {
    auto out = waiting(State::waiting_engineering);
    out.version = 7;
    out.severity = Severity::sev1;
    for (auto* one : {&out.title, &out.description, &out.account, &out.team, &out.resolution}) *one = text;
    out.hops = 9;
    out.reopen_count = 9;
    out.accepted_at.reset();
    for (auto const kind : {ClockKind::owner, ClockKind::acceptance, ClockKind::next_response, ClockKind::promise}) {
        auto clock = rules::start_clock(kind, 3, now() - 10min, 5min, {}, now());
        clock.paused = 3h;
        out.clocks.push_back(clock);
    }
    auto& details = out.details;
    details.severity_request = SeverityRequest{{"UANA"}, Severity::sev1, "other", text, now()};
    details.unconfirmed_since = now();
    details.transfer = TransferRequest{{"UANA"}, {"UBO"}, text, now(), now() + 12h, now() + 24h};
    details.coverage = Coverage{{"UCARL"}, {"UANA"}, now() - 1h, now() + 8h};
    details.unavailable = Unavailable{now(), now() + 1h, true};
    details.waiting->reason = text;
    details.waiting->reference = text;
    details.waiting->checklist = text;
    details.waiting->until = now() + 72h;
    details.bounces = 9;
    for (auto* one : {&details.workaround, &details.exit_criteria, &details.cause, &details.declined_reason}) *one = text;
    details.merge = Merge{{7}, State::working, now()};
    details.close_at = now() + 72h;
    details.next_step = NextStep{text, {"UANA"}, now()};
    details.promise = Promise{text, text, {"UANA"}, now(), now() + 1h};
    details.brief = Brief{Brief::Trend::worse, text, text, text, text, {"UANA"}, now()};
    for (int i = 0; i < 30; ++i)
        details.participants.push_back({Participant::Kind::helper, {"UHELP" + std::to_string(i)}, now()});
    details.similar = {7};
    return out;
}

std::vector<SourceLink> links(std::size_t count, std::string const& path) {
    std::vector<SourceLink> out;
    for (std::size_t i = 0; i < count; ++i) {
        auto const url = "https://tickets.example/" + std::to_string(i) + path;
        out.push_back({std::string{url_system}, url, url});
    }
    return out;
}

rules::AlertFact fact(Escalation const& escalation, ClockKind kind, int rung) {
    auto const* clock = escalation.clock(kind);
    BOOST_TEST_REQUIRE(clock != nullptr);
    rules::AlertFact out{.escalation = escalation.id, .clock = kind, .generation = clock->generation, .rung = rung};
    for (auto const& point : clock->points)
        if (point.rung == rung) out.point_at = point.at;
    out.fired_at = out.point_at;
    out.due = clock->due;
    out.to = {"UANA"};
    return out;
}

std::vector<std::string> hostile_texts() {
    std::vector<std::string> out{
        "",
        " \n\t ",
        "<!channel> <!here> <!everyone> <@U666> <#C666> <!subteam^S666>",
        "<https://evil.example|https://bank.example> <http://evil.example>",
        "@channel #general https://evil.example",
        "```code``` `x` *bold* _i_ ~s~\n> quote\n>>> all",
        "\u202Etxt.exe \u2066\u2067\u2069 \u200F",
        "&lt;!channel&gt; &amp;",
        "{} {0} {:d} {date} %s %n",
        "a|b>c<d",
        "12:v7\",\"action_id\":\"esc.resolve",
        std::string{"nul\0inside", 10},
        "\xFF\xFE\xC0\xAF\xED\xA0\x80 broken \xE2\x82",
        "👩‍👩‍👧‍👦🏳️‍🌈👍🏽",
        std::string(10'000, 'x'),
        std::string(10'000, '&'),
        std::string(10'000, '<'),
        std::string(10'000, '\n'),
        std::string(10'000, '`'),
    };
    std::string many;
    for (int i = 0; i < 2'000; ++i) many += "<!channel>\n> é😀 ";
    out.push_back(many);
    std::string marks = "Z";
    for (int i = 0; i < 5'000; ++i) marks += "\u0301";
    out.push_back(marks);
    return out;
}

void check_message(slack::blocks::Message const& message, std::vector<std::string> const& allowed_tokens) {
    auto const json = test::as_json(message);
    check_all(check_message_blocks(message.blocks_json()));
    check_all(not_verbatim(json));
    check_tokens(live_tokens(json), allowed_tokens);
    check_tokens(tokens_of(message.text), allowed_tokens);
    BOOST_TEST(!message.text.empty());
}

void check_form(slack::blocks::Modal const& modal, std::vector<std::string> const& allowed_tokens) {
    auto const json = modal.json();
    check_all(check_modal(json));
    check_all(not_verbatim(json));
    check_tokens(live_tokens(json), allowed_tokens);
}

}  // namespace esc::view_test
