// What the handler files share: sentences for refusals, reading typed words, and saving a decision.
#pragma once

#include "bot/base/result.hpp"
#include "handlers/router.hpp"
#include "handlers/rules/access.hpp"
#include "handlers/rules/ownership.hpp"
#include "store/model.hpp"
#include "store/tx.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace esc::handlers {

[[nodiscard]] rules::By by(Env const& env);

// --- refusals -------------------------------------------------------------------------------------------------------

// The one place where a key that somebody named is looked up. Who may not look hears the same, without a key, whether there is
// one or not.
[[nodiscard]] Result<Escalation> look_up(Snapshot const& snapshot, EscalationId id, Person const& actor);
[[nodiscard]] Error unknown(EscalationId id);
// As refuse(error), with the owner's mention where somebody else's lock is the reason or the owner is who may, with who raised
// it and when it closes where only they close it sooner, and with the card of the one in which a merged one goes on.
[[nodiscard]] Outcome refuse(Escalation const& escalation, Error const& error, Snapshot const& snapshot);
// The modal stays open with what was typed; the sentence stands at that input. From the store's thread the answer may come when
// the modal is gone: then it says the sentence and what was written.
[[nodiscard]] Outcome refuse_in_view(std::string_view block_id, std::string sentence);
[[nodiscard]] Outcome refuse_in_view(std::string_view block_id, std::string sentence, std::string_view written);
// Adds to what is said in a form's place what was written in it, so that nothing is lost.
void add_written(slack::blocks::Message& message, std::string_view written);
// What somebody wrote, as it is, over as many sections as it takes.
void add_in_full(slack::blocks::Message& message, std::string_view written);
// Adds the typed line below a refusal, so that nothing is lost. Of a button nobody typed it.
void echo(Outcome& outcome, std::string_view heading, std::string_view typed);

// The one in which a merged escalation goes on, over as many merges as there were; itself when it was not merged.
[[nodiscard]] std::optional<Escalation> goes_on_as(Snapshot const& snapshot, EscalationId id);

// --- saving ---------------------------------------------------------------------------------------------------------

// tx.apply. The reply in a source's own thread is renewed only where `located` has asked for one: never into a shared channel.
// Warnings and questions that this overtakes lose their buttons.
void save(Tx& tx, Decision decision);
// What the ledger keeps of refusals: that somebody else owns it, and whatever an agent may not.
[[nodiscard]] bool refusal_is_kept(Error const& error, Person const& actor);
// Keeps a refused claim or assign in the ledger, once per actor, reason and version.
void record_refusal(Tx& tx, EventType type, Escalation const& before, Error const& why, rules::By const& by);
// What a press on an old card could not know of: adds to the answer what had become of the escalation before the press.
void say_what_had_changed(Outcome& outcome, Escalation const& before, CardRef const& pressed);
// The card that was pressed shows an older version than the record: bring it up to date. Typed commands carry version 0.
void refresh_if_stale(Tx& tx, Escalation const& current, CardRef const& pressed, Instant now);

// --- typed words ----------------------------------------------------------------------------------------------------

[[nodiscard]] std::string_view first_word(std::string_view text);  // up to white space; empty when it begins with some
[[nodiscard]] std::optional<PersonId> mentioned_person(std::string_view word);  // "<@U1>", "<@U1|ana>"
[[nodiscard]] std::string_view trimmed(std::string_view text);
// The zone in which the acting person types times: their own, where Slack tells one that is known, else the service's.
[[nodiscard]] std::string zone_of(Env const& env);
// Slack's text as a person reads it, trimmed.
[[nodiscard]] std::string readable(std::string_view slack_text);

}  // namespace esc::handlers
