#include "handlers/redact.hpp"

#include "handlers/answers.hpp"
#include "handlers/boards.hpp"
#include "handlers/rules/outbox_items.hpp"
#include "handlers/rules/parts.hpp"
#include "handlers/rules/redaction.hpp"

#include <algorithm>

namespace esc::handlers {
namespace {

std::optional<PersonId> author_of(Redaction const& what) {
    if (what.author.empty()) return std::nullopt;
    return what.author;
}

// What we said in Slack and may repeat a text: facts carry it, and are said anew without it. Whose words a message quotes, and
// which title or plan it showed, is written down nowhere once it is sent: of one author, too, all of them go.
void say_anew(Tx& tx, EscalationId id, Instant now) {
    for (auto const& surface : tx.surfaces(id)) {
        rules::Said const said{"The text of this message was erased.", {}, {}};
        auto const kind = rules::kind_of(surface.key);
        if (kind == OutboxKind::thread_note) {
            tx.enqueue({surface.key, OutboxKind::thread_note, id, rules::ThreadNoteFact{said}.body(), now});
        } else if (kind == OutboxKind::notice || kind == OutboxKind::alert) {
            rules::NoticeFact fact;
            fact.to = {surface.key.substr(surface.key.rfind(':') + 1)};
            fact.said = said;
            tx.enqueue({surface.key, OutboxKind::notice, id, fact.body(), now});
        }
    }
}

}  // namespace

Result<std::vector<EscalationId>> redactions(Snapshot const& snapshot, Redaction const& what) {
    if (what.found) return *what.found;
    if (what.key) {
        if (!snapshot.escalation(*what.key)) return unknown(*what.key);
        return std::vector{*what.key};
    }
    if (!what.author.empty()) return snapshot.written_by(what.author, what.after, what.limit);
    if (what.over_before) return snapshot.over_before(*what.over_before, what.after, what.limit);
    return fail(Errc::invalid, "Nothing to erase was named.");
}

Result<Redacted> redact(Tx& tx, Redaction const& what, Instant now) {
    ESC_TRY(auto const ids, redactions(tx, what));
    Redacted done;
    done.more = !what.key && static_cast<int>(ids.size()) >= what.limit;
    for (auto const id : ids) {
        done.last = id;
        auto const texts = tx.erase_texts(id, author_of(what));
        auto decision = rules::redact(tx.escalation(id).value(), author_of(what), rules::by_system(now));
        if (!decision && texts == 0) continue;
        ++done.escalations;
        done.texts += texts;
        if (decision) save(tx, *std::move(decision));
        say_anew(tx, id, now);
    }
    if (done.escalations > 0)
        for (auto const& item : renewed_boards(tx, now)) tx.enqueue(item);
    return done;
}

Result<Redacted> count_redactions(Snapshot const& snapshot, Redaction const& what) {
    ESC_TRY(auto const ids, redactions(snapshot, what));
    Redacted found;
    found.more = !what.key && static_cast<int>(ids.size()) >= what.limit;
    for (auto const id : ids) {
        found.last = id;
        std::int64_t texts = 0;
        auto const escalation = snapshot.escalation(id).value();
        for (auto const& stored : snapshot.events(id))
            if (!stored.event.text.empty() && (what.author.empty() || rules::wrote(escalation, stored.event, what.author)))
                ++texts;
        auto const decision = rules::redact(escalation, author_of(what), {});
        if (!decision && texts == 0) continue;
        ++found.escalations;
        found.texts += texts;
    }
    return found;
}

}  // namespace esc::handlers
