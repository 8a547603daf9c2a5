// Random sequences of rules keep what must always hold.
#include "handlers/rules/alerts.hpp"
#include "handlers/rules/lifecycle.hpp"
#include "handlers/rules/rank.hpp"

#include "people_and_times.hpp"
#include "world.hpp"

#include <boost/test/unit_test.hpp>

#include <random>
#include <set>

namespace {

using namespace esc;
using namespace esc::handler_test;

Person const actors[] = {outsider, raiser, bystander, ana, ben, lea, max, adm};

class Walk {
public:
    explicit Walk(std::uint64_t seed) : random_(seed) {
        auto wanted = request();
        wanted.opened_at = t0 - std::chrono::minutes{pick(90)};
        auto const raised = rules::raise(wanted, targets_at_random(), by(raiser)).value();
        now_ = t0;
        used_ = now_ - raised.after.opened_at;
        resumed_at_ = now_;
        take(raised);
    }

    void step() {
        let_time_pass();
        auto const& who = actors[static_cast<std::size_t>(pick(std::size(actors)))];
        auto const actor = by(who, now_);
        auto const& to = actors[static_cast<std::size_t>(pick(std::size(actors)))];
        switch (pick(7)) {
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
                attempt(rules::reopen(current_, "not done", 1000h, actor));
                break;
            default:
                if (auto const fired = rules::fire_due(current_, {{lea.id}, {max.id}, {adm.id}}, now_)) take(*fired);
                break;
        }
    }

private:
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

        // 1 and 2: an owner outside `new`, and always the same.
        BOOST_REQUIRE_EQUAL(current_.owned(), current_.state != State::fresh);
        if (before.owned()) BOOST_REQUIRE_EQUAL(current_.owner, before.owner);

        // 3: a clock owes its target from its start, and has run for as long as the escalation was open.
        if (before.open() && !current_.open()) used_ += now_ - resumed_at_;
        if (!before.open() && current_.open()) resumed_at_ = now_;
        for (auto const& clock : current_.clocks) {
            check_clock(clock);
            if (clock.kind != ClockKind::resolution) continue;
            auto const until = clock.stopped_at.value_or(now_);
            auto const running = clock.running() ? used_ + (now_ - resumed_at_) : used_;
            BOOST_REQUIRE_EQUAL((until - clock.started_at).count(), running.count());
        }
        for (auto const& clock : decision.closed_clocks) {
            check_clock(clock);
            BOOST_REQUIRE(!clock.running());
            BOOST_REQUIRE(clock.outcome != ClockOutcome::running);
            BOOST_REQUIRE(closed_.emplace(clock.kind, clock.generation).second);
        }
        // 4: nothing runs, and nothing will alert, once it is over.
        if (!current_.open()) {
            for (auto const& clock : current_.clocks) BOOST_REQUIRE(!clock.running());
            BOOST_REQUIRE(!current_.next_point.has_value());
            BOOST_REQUIRE(!rules::fire_due(current_, {{lea.id}, {}, {}}, now_ + 10'000h).has_value());
        }
        // 5: no alert twice.
        for (auto const& item : decision.outbox)
            if (item.kind == OutboxKind::alert) BOOST_REQUIRE(alerts_.insert(item.key).second);
    }

    static void check_clock(SlaClock const& clock) {
        BOOST_REQUIRE(clock.due == clock.started_at + clock.target);
        BOOST_REQUIRE(clock.points.back().at == clock.due + 1us);
        for (std::size_t i = 1; i < clock.points.size(); ++i) BOOST_REQUIRE(clock.points[i - 1].at <= clock.points[i].at);
        if (clock.stopped_at && clock.outcome == ClockOutcome::met) BOOST_REQUIRE(*clock.stopped_at <= clock.due);
        if (clock.stopped_at && clock.outcome == ClockOutcome::breached) BOOST_REQUIRE(*clock.stopped_at > clock.due);
    }

    std::mt19937_64 random_;
    Instant now_ = t0;
    Escalation current_{};
    Duration used_{0};  // while open, up to resumed_at_
    Instant resumed_at_ = t0;
    std::set<std::pair<ClockKind, int>> closed_;
    std::set<std::string> alerts_;
};

BOOST_AUTO_TEST_SUITE(invariants)

BOOST_AUTO_TEST_CASE(random_walks_through_the_rules) {
    auto const start = std::random_device{}();
    for (std::uint64_t i = 0; i < 400; ++i) {
        auto const seed = (std::uint64_t{start} << 16U) + i;
        BOOST_TEST_CONTEXT("seed " << seed) {
            Walk walk{seed};
            for (int step = 0; step < 60; ++step) walk.step();
        }
    }
}

BOOST_AUTO_TEST_CASE(random_lines_against_the_store) {
    auto const seed = std::random_device{}();
    BOOST_TEST_CONTEXT("seed " << seed) {
        std::mt19937_64 random{seed};
        auto const pick = [&](std::size_t count) { return static_cast<std::size_t>(random() % count); };
        World world;
        char const* const lines[] = {
            "claim {}", "assign {} <@U_BEN>", "replied {}",    "resolve {} done",       "reopen {} not done", "show {}",
            "claim",    "sev1 Outage",        "sev4 Question", "owner:<@U_ANA> Take it"};
        for (int i = 0; i < 300; ++i) {
            auto const line = fmt::format(fmt::runtime(lines[pick(std::size(lines))]), pick(4) + 1);
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
