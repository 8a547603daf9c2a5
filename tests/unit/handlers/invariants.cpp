// Random sequences of rules keep what must always hold.
#include "handlers/rules/alerts.hpp"
#include "handlers/rules/lifecycle.hpp"
#include "handlers/rules/rank.hpp"
#include "handlers/rules/severity.hpp"
#include "handlers/rules/waiting.hpp"
#include "handlers/rules/wakes.hpp"
#include "handlers/rules/work.hpp"
#include "store/replay.hpp"

#include "people_and_times.hpp"
#include "tests/support/random_seed.hpp"
#include "world.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <random>
#include <set>

namespace {

using namespace esc;
using namespace esc::handler_test;
namespace json = boost::json;

Person const actors[] = {outsider, raiser, bystander, ana, ben, lea, max, adm};

class Walk {
public:
    explicit Walk(std::uint64_t seed) : random_(seed) {
        auto wanted = request();
        wanted.opened_at = t0 - std::chrono::minutes{pick(90)};
        auto const raised = rules::raise(wanted, targets_at_random(), by(raiser)).value();
        now_ = t0;
        take(raised);
    }

    void step() {
        let_time_pass();
        auto const& who = actors[static_cast<std::size_t>(pick(std::size(actors)))];
        auto const actor = by(who, now_);
        auto const& to = actors[static_cast<std::size_t>(pick(std::size(actors)))];
        auto const because = std::string{"a reason that is long enough"};
        switch (pick(26)) {
            case 0:
                attempt(rules::claim(current_, actor));
                break;
            case 1:
                attempt(handler_test::assign(current_, to, actor));
                break;
            case 2:
                attempt(rules::replied(current_, actor));
                break;
            case 3:
                attempt(handler_test::resolve(current_, "done", actor));
                break;
            case 4:
                attempt(rules::reopen(current_, "not done", 1000h, actor, {}));
                break;
            case 5:
                attempt(rules::override_owner(current_, {.to = to, .code = "other", .text = because, .break_glass = pick(3) == 0},
                                              built_in(), ladder_, actor));
                break;
            case 6:
                attempt(rules::request_transfer(current_, pick(2) == 0 ? nullptr : &to, because, built_in(), ladder_, actor));
                break;
            case 7:
                attempt(rules::approve_transfer(current_, &to, built_in(), ladder_, actor, nullptr));
                break;
            case 8:
                attempt(rules::deny_transfer(current_, because, actor));
                break;
            case 9:
                attempt(rules::cover(current_, to, now_ + std::chrono::hours{pick(30)}, actor));
                break;
            case 10:
                attempt(rules::end_coverage(current_, actor));
                break;
            case 11:
            case 12:
                attempt(rules::wait(current_, wait_request(), built_in(), actor));
                break;
            case 13:
                attempt(rules::resume(current_, because, pick(2) == 0 ? "" : "other", ladder_, actor));
                break;
            case 14:
                attempt(rules::mitigate(current_, because, actor));
                break;
            case 15:
            case 16: {
                rules::SeverityChoice choice;
                choice.level = static_cast<Severity>(pick(4) + 1);
                if (pick(2) == 0) choice.answers = answers_at_random();
                if (pick(2) == 0) choice.reason = because;
                attempt(rules::set_severity(current_, choice, built_in(), ladder_, actor));
                break;
            }
            case 17:
                attempt(pick(2) == 0 ? rules::approve_severity(current_, built_in(), ladder_, actor)
                                     : rules::deny_severity(current_, because, actor));
                break;
            case 18:
                attempt(rules::decline(current_, because, actor));
                break;
            case 19:
                attempt(rules::undo(current_, rules::Raisers::one, actor));
                break;
            case 20:
                attempt(rules::promise(current_, {.text = "call back", .due = now_ + std::chrono::minutes{pick(600) + 1}},
                                       built_in(), actor));
                break;
            case 21:
                attempt(rules::keep_promise(current_, actor));
                break;
            case 22:
                if (auto const heard = rules::customer_wrote(current_, outsider.id, "It still fails", now_ - Duration{pick(2)},
                                                             "1700000000.000200", {}, built_in(), by(outsider, now_)))
                    take(*heard);
                break;
            case 23:
                if (auto const heard = rules::colleague_wrote(current_, now_, "1700000000.000300", actor)) take(*heard);
                break;
            case 24:
                if (auto const gone =
                        rules::owner_gone(current_, {.deactivated = pick(2) == 0, .until = now_ + 9h}, ladder_, actor))
                    take(*gone);
                break;
            default:
                if (auto const fired = rules::fire_due(current_, ladder_, now_)) take(*fired);
                while (auto const woken = rules::wake(current_, ladder_, now_)) take(*woken);
                break;
        }
    }

private:
    rules::WaitRequest wait_request() {
        rules::WaitRequest request;
        request.on = static_cast<State>(static_cast<std::int64_t>(State::waiting_customer) + pick(3));
        request.reason = "they must answer";
        request.asked = true;
        request.reference = "4711";
        request.review_at = now_ + std::chrono::hours{pick(60) + 1};
        request.repro = request.logs = request.impact = request.deadline = "said";
        return request;
    }
    SeverityAnswers answers_at_random() {
        SeverityAnswers answers;
        answers.impact = static_cast<SeverityAnswers::Impact>(pick(5));
        answers.workaround = static_cast<SeverityAnswers::Workaround>(pick(4));
        answers.scope = static_cast<SeverityAnswers::Scope>(pick(4));
        return answers;
    }
    std::int64_t pick(std::size_t count) { return static_cast<std::int64_t>(random_() % count); }

    SlaTargets targets_at_random() {
        SlaTargets some = targets();
        if (pick(4) == 0) some.owner.reset();
        if (pick(4) == 0) some.first_response.reset();
        if (pick(4) == 0) some.resolution.reset();
        if (pick(2) == 0)
            some.at_risk = {{AtRiskPoint::Form::percent_used, static_cast<int>(pick(99)) + 1, 0s},
                            {AtRiskPoint::Form::time_left, 75, std::chrono::seconds{pick(3600)}},
                            {AtRiskPoint::Form::percent_used, 95, 0s}};
        return some;
    }

    void let_time_pass() {
        switch (pick(5)) {
            case 0:
                break;
            case 1:
                now_ += Duration{pick(1000)};
                break;
            case 2:
                now_ += std::chrono::seconds{pick(7200)};
                break;
            case 3:
                now_ += std::chrono::hours{pick(30)};
                break;
            default:
                if (current_.next_point) now_ = std::max(now_, *current_.next_point - Duration{pick(2)});
                break;
        }
    }

    void attempt(Result<Decision> const& result) {
        if (result) take(*result);
    }

    void take(Decision const& decision) {
        auto const before = current_;
        current_ = decision.after;
        BOOST_REQUIRE_EQUAL(current_.version, before.version + 1);
        BOOST_REQUIRE(!decision.events.empty());
        BOOST_REQUIRE_EQUAL(current_.rank, rules::rank(current_));
        BOOST_REQUIRE(current_.next_point == rules::next_point(current_));

        // 1 and 2: an owner outside `new` and `declined`, and only an override by a manager or through broken glass moves it.
        BOOST_REQUIRE_EQUAL(current_.owned(), current_.state != State::fresh && current_.state != State::declined);
        if (before.owned() && current_.owner != before.owner) {
            auto const& event = decision.events.front();
            BOOST_REQUIRE_EQUAL(event.type, EventType::overridden);
            auto const glass = json::parse(event.data).at("break_glass").as_bool();
            BOOST_REQUIRE((event.actor_role == Role::manager || glass));
            BOOST_REQUIRE(!event.text.empty());
        }
        // 3: a clock owes its target from its start and what it was paused (that all of its time adds up: pauses.cpp).
        for (auto const& clock : current_.clocks) check_clock(clock);
        // 8: a severity that differs from the computed one was given with a reason.
        auto const& computed = current_.details.computed;
        if (current_.severity != before.severity && computed && *computed != current_.severity) {
            auto const graded = std::find_if(decision.events.begin(), decision.events.end(),
                                             [](LedgerEvent const& event) { return event.type == EventType::severity_changed; });
            if (before.version > 0) BOOST_REQUIRE((graded != decision.events.end() && !graded->text.empty()));
        }
        for (auto const& clock : decision.closed_clocks) {
            check_clock(clock);
            BOOST_REQUIRE(clock.stopped_at.has_value());
            BOOST_REQUIRE(clock.outcome != ClockOutcome::running);
            BOOST_REQUIRE(closed_.emplace(clock.kind, clock.generation).second);
        }
        // 4: nothing runs, and nothing will alert, once it is over.
        if (!current_.open()) {
            for (auto const& clock : current_.clocks) BOOST_REQUIRE(clock.stopped_at.has_value());
            BOOST_REQUIRE(current_.next_point == current_.details.close_at);  // the end of the window wakes, and nothing else
            BOOST_REQUIRE(!rules::fire_due(current_, {{lea.id}, {}, {}}, now_ + 10'000h).has_value());
        }
        // 6: the ledger tells what became of it.
        for (auto const& event : decision.events) replay(replayed_, event);
        auto const differences = esc::differences(replayed_, current_, replayed_.links);
        BOOST_REQUIRE_MESSAGE(differences.empty(), "after " << to_string(decision.events.back().type) << ": "
                                                            << (differences.empty() ? std::string{} : differences.front()));
        // 5: no alert twice.
        for (auto const& item : decision.outbox)
            if (item.kind == OutboxKind::alert) BOOST_REQUIRE(alerts_.insert(item.key).second);
    }

    static void check_clock(SlaClock const& clock) {
        BOOST_REQUIRE(clock.due == clock.started_at + clock.target + clock.paused);
        // A point that has fired stays where it was when a later pause moves due.
        if (clock.next_point()) BOOST_REQUIRE(clock.points.back().at == clock.due + 1us);
        for (std::size_t i = 1; i < clock.points.size(); ++i) BOOST_REQUIRE(clock.points[i - 1].at <= clock.points[i].at);
        if (clock.stopped_at && clock.outcome == ClockOutcome::met) BOOST_REQUIRE(*clock.stopped_at <= clock.due);
    }

    std::mt19937_64 random_;
    Instant now_ = t0;
    Escalation current_{};
    Replayed replayed_{};
    rules::Ladder const ladder_{{lea.id}, {max.id}, {adm.id}};
    std::set<std::pair<ClockKind, int>> closed_;
    std::set<std::string> alerts_;
};

BOOST_AUTO_TEST_SUITE(invariants)

BOOST_AUTO_TEST_CASE(random_walks_through_the_rules) {
    auto const first = test::random_seed();
    for (std::uint64_t i = 0; i < 400; ++i) {
        auto const seed = first + i;
        BOOST_TEST_CONTEXT("seed " << seed) {
            Walk walk{seed};
            for (int step = 0; step < 120; ++step) walk.step();
        }
    }
}

BOOST_AUTO_TEST_CASE(random_lines_against_the_store) {
    auto const seed = test::random_seed();
    BOOST_TEST_CONTEXT("seed " << seed) {
        std::mt19937_64 random{seed};
        auto const pick = [&](std::size_t count) { return static_cast<std::size_t>(random() % count); };
        World world;
        char const* const lines[] = {"claim {}",
                                     "assign {} <@U_BEN>",
                                     "replied {}",
                                     "resolve {} done",
                                     "reopen {} not done",
                                     "show {}",
                                     "claim",
                                     "sev1 Outage",
                                     "sev4 Question",
                                     "owner:<@U_ANA> Take it",
                                     "override {} <@U_BEN> skill he knows this part well",
                                     "transfer {} <@U_BEN> too much",
                                     "approve {} <@U_BEN>",
                                     "deny {} no",
                                     "wait {} customer asked for logs",
                                     "resume {}",
                                     "mitigated {} restarted",
                                     "next {} call them",
                                     "promise {} 2h a fix",
                                     "promise {} kept",
                                     "note {} seen",
                                     "helper {} <@U_BEN>",
                                     "watch {}",
                                     "severity {} sev1 it is worse",
                                     "severity {} sev4 it is nothing",
                                     "decline {} no",
                                     "undo {}",
                                     "merge {} into 1",
                                     "unmerge {}",
                                     "link {} https://example.com/{}",
                                     "cover {} <@U_BEN> until 3h",
                                     "ack {}",
                                     "history {}",
                                     "clock {}",
                                     "away until 9h",
                                     "away off"};
        for (int i = 0; i < 1500; ++i) {
            auto line = std::string{lines[pick(std::size(lines))]};
            auto const number = std::to_string(pick(6) + 1);
            for (auto at = line.find("{}"); at != std::string::npos; at = line.find("{}")) line.replace(at, 2, number);
            world.escalate(line, actors[pick(std::size(actors))]);
            if (pick(5) == 0) {
                world.now += std::chrono::minutes{pick(300)};
                world.run(handlers::fire_due_points(world.env({}), 10, std::make_shared<handlers::Fired>()));
            }
        }
        auto const problems = world.problems();
        BOOST_TEST(problems.empty(), (problems.empty() ? std::string{} : problems.front()));
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
