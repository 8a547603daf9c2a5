// What the explanation of a clock prints adds up to what the clock has: the pauses that are over, and the one that is not.
#include "handlers/views/parts.hpp"
#include "handlers/views/story.hpp"

#include "states_data.hpp"

#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <functional>
#include <regex>

namespace {

using namespace esc;
using namespace esc::handler_test;

// An escalation with its ledger, as the rules make them.
struct Told {
    Escalation now{};
    std::vector<SlaClock> closed{};
    std::vector<StoredEvent> events{};

    void take(Decision decision) {
        now = std::move(decision.after);
        closed.insert(closed.end(), decision.closed_clocks.begin(), decision.closed_clocks.end());
        for (auto& event : decision.events) {
            StoredEvent stored;
            stored.event = std::move(event);
            events.push_back(std::move(stored));
        }
    }
    [[nodiscard]] SlaClock clock(ClockKind kind) const {
        if (auto const* running = now.clock(kind)) return *running;
        return *std::find_if(closed.begin(), closed.end(), [kind](SlaClock const& one) { return one.kind == kind; });
    }
    // The lines about the clock of that kind.
    [[nodiscard]] std::string lines(ClockKind kind, Instant at) const {
        auto const message = views::clocks_explained(now, closed, events, at);
        for (auto const& block : message.blocks_json()) {
            auto const* text = block.as_object().if_contains("text");
            if (text == nullptr) continue;
            auto const words = std::string{text->at("text").as_string()};
            if (words.starts_with("*" + std::string{label(kind)} + "*")) return words;
        }
        return {};
    }
};

Duration printed_pauses(std::string const& lines) {
    static std::regex const span{R"(⏸ <[^>]*> to <[^>]*> \((?:(\d+)d )?(?:(\d+)h ?)?(?:(\d+)m)?\))"};
    Duration sum{0};
    for (std::sregex_iterator it{lines.begin(), lines.end(), span}, end; it != end; ++it) {
        auto const part = [&](std::size_t index) { return (*it)[index].matched ? std::stoi((*it)[index].str()) : 0; };
        sum += std::chrono::hours{24 * part(1)} + std::chrono::hours{part(2)} + std::chrono::minutes{part(3)};
    }
    return sum;
}

Told waiting_since(Instant at) {
    Told told{of_customer(of_severity(Severity::sev3), t0, at)};
    told.take(rules::wait(told.now, on_customer(), with_engineering(), by(ana, at)).value());
    return told;
}
void customer_writes(Told& told, Instant at) {
    told.take(*rules::customer_wrote(told.now, told.now.details.customer, "Here", at, "1", {}, with_engineering(), by({}, at)));
}
void resumes(Told& told, Instant at) { told.take(rules::resume(told.now, {}, {}, ladder(), by(ana, at)).value()); }
// In another one between the two moments.
void merges(Told& told, Instant from, Instant to, rules::Undoing const& undoing = {}) {
    auto other = owned();
    other.id = {7};
    auto const both = rules::merge(told.now, other, {}, by(lea, from)).value();
    told.take(both.merged);
    told.take(rules::unmerge(told.now, both.parent.after, undoing, with_engineering(), ladder(), by(lea, to)).value().merged);
}

BOOST_AUTO_TEST_SUITE(clock_sums)

BOOST_AUTO_TEST_CASE(printed_pauses_add_up_to_what_the_clock_was_paused) {
    struct Row {
        char const* what;
        std::function<void(Told&)> then;  // of one that waits on its customer since t0 + 10 min
        Duration paused;
        bool stands_still = false;
    };
    Row const rows[] = {
        {"it still waits", [](Told&) {}, 0min, true},
        {"resumed", [](Told& told) { resumes(told, t0 + 30min); }, 20min},
        {"the customer answered", [](Told& told) { customer_writes(told, t0 + 50min); }, 40min},
        {"merged meanwhile, and waits still", [](Told& told) { merges(told, t0 + 20min, t0 + 60min); }, 10min, true},
        {"merged meanwhile, then resumed",
         [](Told& told) {
             merges(told, t0 + 20min, t0 + 60min);
             resumes(told, t0 + 70min);
         },
         60min},
        {"merged twice meanwhile, then answered",
         [](Told& told) {
             merges(told, t0 + 20min, t0 + 30min);
             merges(told, t0 + 40min, t0 + 50min);
             customer_writes(told, t0 + 70min);
         },
         60min},
        {"the customer answered in the other one",
         [](Told& told) {
             merges(told, t0 + 20min, t0 + 60min, {.talk = {{t0 + 40min, true}}});
         },
         30min},
        {"merged after the wait",
         [](Told& told) {
             resumes(told, t0 + 20min);
             merges(told, t0 + 30min, t0 + 60min);
         },
         10min},
        {"resolved while it waited",
         [](Told& told) { told.take(handler_test::resolve(told.now, "done", by(ana, t0 + 40min)).value()); }, 30min},
    };
    for (auto const& row : rows) BOOST_TEST_CONTEXT(row.what) {
            auto told = waiting_since(t0 + 10min);
            row.then(told);
            auto const clock = told.clock(ClockKind::resolution);
            auto const lines = told.lines(ClockKind::resolution, t0 + 2h);
            BOOST_TEST_CONTEXT(lines) {
                BOOST_TEST(clock.paused_at.has_value() == row.stands_still);
                // One that stands still is printed as one pause that is not over, whatever a merge has counted of it.
                auto const open = row.stands_still ? Duration{0} : Duration{row.paused};
                BOOST_TEST(clock.paused.count() == row.paused.count());
                BOOST_TEST(printed_pauses(lines).count() == open.count());
                BOOST_TEST((lines.find("⏸ since") != std::string::npos) == row.stands_still);
            }
        }
}

BOOST_AUTO_TEST_CASE(time_in_which_nobody_could_act_is_printed) {
    Told told{fresh()};
    merges(told, t0 + 5min, t0 + 65min);
    merges(told, t0 + 70min, t0 + 90min);
    auto const clock = told.clock(ClockKind::owner);
    auto const lines = told.lines(ClockKind::owner, t0 + 91min);
    BOOST_TEST((clock.paused == 80min));
    BOOST_TEST((printed_pauses(lines) == 80min), lines);
    BOOST_TEST(lines.find("paused 1h 20m") != std::string::npos, lines);
    BOOST_TEST(lines.find("merged into ESC-7") != std::string::npos, lines);
    // What is owed to the customer has run on.
    BOOST_TEST(told.clock(ClockKind::first_response).paused.count() == 0);
    BOOST_TEST(told.lines(ClockKind::first_response, t0 + 91min).find("⏸") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
