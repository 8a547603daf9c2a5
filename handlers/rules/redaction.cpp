#include "handlers/rules/redaction.hpp"

#include "handlers/rules/lifecycle.hpp"
#include "handlers/rules/parts.hpp"

namespace esc::rules {
namespace {

void erase(std::string& text) {
    if (!text.empty()) text = erased_text;
}

}  // namespace

std::optional<Decision> redact(Escalation const& before, std::optional<PersonId> const& author, By const& by) {
    auto const wrote = [&author](PersonId const& person) { return !author || *author == person; };
    auto decision = decide(before);
    auto& after = decision.after;
    auto& details = after.details;
    if (wrote(before.raised_by) || wrote(details.customer) || wrote(details.author)) {
        erase(after.title);
        erase(after.description);
    }
    // Who resolved, declined or mitigated it is told by the ledger alone, so these go with the owner's texts.
    if (wrote(before.owner)) {
        erase(after.resolution);
        erase(details.exit_criteria);
        erase(details.workaround);
        if (auto& waiting = details.waiting) {
            erase(waiting->reason);
            erase(waiting->reference);
            erase(waiting->checklist);
        }
    }
    if (!author) erase(details.declined_reason);
    if (details.transfer && wrote(details.transfer->by)) erase(details.transfer->reason);
    if (details.severity_request && wrote(details.severity_request->by)) erase(details.severity_request->reason);
    if (details.next_step && wrote(details.next_step->by)) erase(details.next_step->text);
    if (details.promise && wrote(details.promise->by)) {
        erase(details.promise->text);
        erase(details.promise->to);
    }
    if (details.brief && wrote(details.brief->by))
        for (auto* text : {&details.brief->tried, &details.brief->theory, &details.brief->blocker, &details.brief->if_then})
            erase(*text);
    if (!author) details.texts_erased = true;

    auto const same = after.title == before.title && after.description == before.description &&
                      after.resolution == before.resolution && details == before.details;
    if (same) return std::nullopt;
    decision.events.push_back(event_of(EventType::redacted, by, {{"author", author ? author->value : std::string{}}}));
    return ended(std::move(decision), by);
}

bool wrote(Escalation const& escalation, LedgerEvent const& event, PersonId const& person) {
    bool const of_message = event.type == EventType::raised || event.type == EventType::located;
    return event.actor == person || (of_message && escalation.details.author == person);
}

}  // namespace esc::rules
