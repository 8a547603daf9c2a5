// A warning's key tells all that it says; a question is known by the request that was settled.
#include "handlers/rules/overtaken.hpp"

#include "handlers/rules/alerts.hpp"
#include "handlers/rules/outbox_items.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace esc::rules {
namespace {

// Besides what closes a clock: the ends, and what settles a question.
constexpr std::array overtaking{
    EventType::resolved,        EventType::declined,          EventType::withdrawn,        EventType::merged,
    EventType::overridden,      EventType::transfer_denied,   EventType::transfer_expired, EventType::severity_changed,
    EventType::severity_denied, EventType::severity_confirmed};

std::optional<OutboxItem> stopped_alert(Surface const& sent, Decision const& decision, Instant now) {
    auto fact = AlertFact::from_key(sent.key);
    if (!fact) return std::nullopt;
    auto const closed = std::find_if(decision.closed_clocks.begin(), decision.closed_clocks.end(), [&](SlaClock const& clock) {
        return clock.kind == fact->clock && clock.generation == fact->generation;
    });
    if (closed != decision.closed_clocks.end())
        fact->due = closed->due;
    else if (decision.after.open())
        return std::nullopt;
    return OutboxItem{sent.key, OutboxKind::alert, decision.after.id, fact->body(), now};
}

// What managers and leads were asked, by the occasions of the notices that asked it.
struct Question {
    std::vector<std::string_view> occasions;
    Said settled;
};

std::vector<Question> settled_questions(Details const& before, Details const& after) {
    std::vector<Question> settled;
    if (auto const& asked = before.transfer; asked && (!after.transfer || after.transfer->at != asked->at))
        settled.push_back(
            {{"transfer", "transfer_reminder"},
             {"{0} asked for another owner. That is settled: the card shows who owns it.", {asked->by}, asked->reason}});
    if (auto const& asked = before.severity_request;
        asked && (!after.severity_request || after.severity_request->at != asked->at))
        settled.push_back(
            {{"severity"},
             {fmt::format("{{0}} asked for {}. That is settled: the card shows its severity.", to_string(asked->to)),
              {asked->by},
              asked->reason}});
    if (before.unconfirmed_since && !after.unconfirmed_since)
        settled.push_back({{"unconfirmed"}, {"Its severity needed a confirmation. That is settled.", {}, {}}});
    return settled;
}

// "notice:12:transfer:v7:U1"
std::optional<OutboxItem> settled_notice(Surface const& sent, EscalationId id, std::vector<Question> const& settled,
                                         Instant now) {
    for (auto const& question : settled)
        for (auto const occasion : question.occasions) {
            if (!sent.key.starts_with(fmt::format("notice:{}:{}:", id.number, occasion))) continue;
            auto const to = PersonId{sent.key.substr(sent.key.rfind(':') + 1)};
            NoticeFact const fact{.to = to, .channel = {}, .said = question.settled, .buttons = {}};
            return OutboxItem{sent.key, OutboxKind::notice, id, fact.body(), now};
        }
    return std::nullopt;
}

}  // namespace

bool may_overtake(Decision const& decision) {
    if (!decision.closed_clocks.empty()) return true;
    return std::any_of(decision.events.begin(), decision.events.end(), [](LedgerEvent const& event) {
        return std::find(overtaking.begin(), overtaking.end(), event.type) != overtaking.end();
    });
}

std::vector<OutboxItem> overtaken(Escalation const& before, Decision const& decision, std::vector<Surface> const& sent,
                                  Instant now) {
    auto const settled = settled_questions(before.details, decision.after.details);
    std::vector<OutboxItem> items;
    for (auto const& surface : sent) {
        if (auto alert = stopped_alert(surface, decision, now)) items.push_back(*std::move(alert));
        if (auto notice = settled_notice(surface, decision.after.id, settled, now)) items.push_back(*std::move(notice));
    }
    return items;
}

}  // namespace esc::rules
