// Escalations to write, and texts of rows to compare.
#include "store_fixture.hpp"

#include "bot/base/log.hpp"
#include "store/clocks.hpp"

#include <fmt/format.h>
#include <boost/test/unit_test.hpp>

namespace esc::test {

SlaClock clock_of(ClockKind kind, Instant start, std::chrono::seconds target) {
    SlaClock clock{.kind = kind, .started_at = start, .target = target, .due = start + target};
    clock.points = {{.rung = rung_at_risk, .at = start + target * 3 / 4},
                    {.rung = rung_critical, .at = start + target * 9 / 10},
                    {.rung = rung_breach, .at = clock.due + Duration{1}}};
    return clock;
}

namespace {

// Failures are provoked by the hundred: their log lines would hide what a test says.
struct Quiet {
    Quiet() {
        log::set_sink([](std::string_view) {});
    }
    ~Quiet() { log::set_sink({}); }
};
BOOST_TEST_GLOBAL_FIXTURE(Quiet);

void settle(Escalation& row) {
    row.next_point.reset();
    if (!row.open()) return;
    for (auto const& clock : row.clocks)
        if (auto const point = clock.next_point(); point && (!row.next_point || point->at < *row.next_point))
            row.next_point = point->at;
}

}  // namespace

Decision raised(EscalationId id) {
    auto const opened = at(id.number);
    Decision decision;
    auto& row = decision.after;
    row.id = id;
    row.workspace = WorkspaceId{"T1"};
    row.version = 1;
    row.severity = Severity::sev2;
    row.title = fmt::format("Checkout fails for {}", id);
    row.description = "Customers see an error when they pay, since the morning.";
    row.account = "acme";
    row.origin = Origin::slack_message;
    row.source = {.channel = ChannelId{"C1"}, .ts = MessageTs{fmt::format("17000{:05}.000100", id.number)}};
    row.raised_by = PersonId{"U_RAISER"};
    row.opened_at = opened;
    row.created_at = opened + std::chrono::seconds{2};
    row.updated_at = row.created_at;
    row.clocks = {clock_of(ClockKind::owner, opened, std::chrono::minutes{15}),
                  clock_of(ClockKind::first_response, opened, std::chrono::hours{1}),
                  clock_of(ClockKind::resolution, opened, std::chrono::hours{8})};
    row.rank = to_us(opened);
    settle(row);
    decision.events.push_back({.type = EventType::raised,
                               .recorded_at = row.created_at,
                               .source_time = opened,
                               .actor = row.raised_by,
                               .actor_role = Role::requester,
                               .data = R"({"severity":2,"origin":"slack_message"})",
                               .text = row.title + "\n" + row.description,
                               .trace = fmt::format("envelope-{}", id.number)});
    decision.outbox.push_back(
        {.key = fmt::format("locate:{}", id.number), .kind = OutboxKind::locate, .escalation = id, .due_at = row.created_at});
    decision.links.push_back({.system = "slack", .external_id = row.source.channel.value + ":" + row.source.ts.value});
    return decision;
}

Decision changed(Escalation const& before, EventType type, Instant now) {
    Decision decision{.after = before};
    auto& row = decision.after;
    ++row.version;
    row.updated_at = now;
    settle(row);
    decision.events.push_back({.type = type,
                               .recorded_at = now,
                               .source_time = now,
                               .actor = PersonId{"U_AGENT"},
                               .actor_role = Role::agent,
                               .data = "{}",
                               .trace = "trace"});
    return decision;
}

void raise_one(Tx& tx) { tx.apply(raised(tx.next_escalation_id())); }

std::string text_of(SlaClock const& clock) { return pack_clocks({clock}); }

std::string text_of(Escalation const& row) {
    auto const maybe = [](std::optional<Instant> at) { return at ? fmt::format("{}", to_us(*at)) : std::string("none"); };
    return fmt::format("{} {} v{} {} {} [{}] [{}] [{}] {} {}/{}/{} [{}] {} {} {} {} {} {} {} {} {} [{}] {} {} {{{}}} {} {} {} {}",
                       row.id, row.workspace, row.version, to_string(row.state), to_string(row.severity), row.title,
                       row.description, row.account, to_string(row.origin), row.source.channel, row.source.ts,
                       row.source.thread_ts, row.source_permalink, row.raised_by, to_us(row.opened_at), to_us(row.created_at),
                       to_us(row.updated_at), row.owner, maybe(row.owned_since), maybe(row.accepted_at), row.hops,
                       row.reopen_count, row.resolution, maybe(row.resolved_at), row.card_channel, pack_clocks(row.clocks),
                       row.rank, maybe(row.next_point), row.event_count, hex(bytes_of(row.ledger_head)));
}

std::string text_of(OutboxRow const& row) {
    return fmt::format("{} {} {} {} [{}] due {} generation {} attempts {} sending {} [{}]", row.id, row.item.key,
                       to_string(row.item.kind), row.item.escalation, row.item.body, to_us(row.item.due_at), row.generation,
                       row.attempts, row.sending_since ? to_us(*row.sending_since) : 0, row.last_error);
}

std::string problems(Verification const& verification) { return fmt::format("{}", fmt::join(verification.problems, "\n")); }

}  // namespace esc::test
