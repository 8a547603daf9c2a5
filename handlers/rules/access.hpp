// Who may do what in which state, and what there is to do now: one table for every verb, asked by the rules before they decide
// and by every view that lists or shows what can be done. Guards that depend on what is asked for (texts, targets) stand with the
// rule itself.
#pragma once

#include "bot/base/result.hpp"
#include "bot/base/time.hpp"
#include "handlers/people.hpp"
#include "store/model.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace esc::rules {

// The acting side of every rule. The actor's role is the one in the escalation's team (Person::seen_by).
struct By {
    Person actor{};
    Instant now{};
    std::string trace{};
    Gone gone{};  // null: nobody is known to be
    [[nodiscard]] bool is_gone(PersonId const& person) const { return gone && gone->contains(person); }
};
// As the escalation's team sees the actor: roles are held in teams.
[[nodiscard]] By seen_by(By by, Escalation const& escalation);

// Why something was refused, as Error::cause. The message is a whole sentence without names, since rules know ids only;
// a handler that can render a mention adds who owns it (owned, theirs).
namespace refusal {
inline constexpr std::string_view owned = "owned";        // another person is the locked owner
inline constexpr std::string_view yours = "yours";        // the actor owns it already
inline constexpr std::string_view unowned = "unowned";    // needs an owner first
inline constexpr std::string_view not_open = "not_open";  // resolved or over
inline constexpr std::string_view state = "state";        // not in this state
inline constexpr std::string_view not_resolved = "not_resolved";
inline constexpr std::string_view too_late = "too_late";  // a window is over
inline constexpr std::string_view role = "role";          // this actor's role may not
inline constexpr std::string_view theirs = "theirs";      // the same, and its owner is among those who may
inline constexpr std::string_view raisers = "raisers";    // only who raised it may
inline constexpr std::string_view own = "own";            // nobody may: it was raised by who worked on it
inline constexpr std::string_view target = "target";      // that person or escalation cannot be it
inline constexpr std::string_view answered = "answered";  // no response clock runs (any more)
inline constexpr std::string_view text = "text";          // a text is missing or too short
inline constexpr std::string_view nothing = "nothing";    // nothing is there to decide or undo
inline constexpr std::string_view guard = "guard";        // something else must be done first
}  // namespace refusal

enum class Verb : std::uint8_t {
    claim,     // take what nobody owns; by who was assigned: accept
    accept,    // what one was assigned; or as engineer, what was handed to engineering
    assign,    // first owner, by a lead or manager
    transfer,  // the owner asks managers for another owner
    approve,   // a transfer (managers), a severity or the level that was warranted (leads, managers)
    deny,      // a transfer or a severity
    override_owner,
    cover,     // an acting owner for a while
    severity,  // set or ask for another one; confirm an unconfirmed SEV1
    grade,     // which level was warranted, of what is over
    wait,
    resume,  // from waiting or mitigated; by an engineer: give it back
    mitigate,
    replied,
    next_step,
    promise,  // make or keep one
    brief,
    note,
    describe,  // by who raised it from a private channel, where nothing is copied
    helper,
    watch,
    acknowledge,
    resolve,
    close,  // resolved, and who raised it says that it is solved; a manager for who is gone; who works on it for a customer
    reopen,
    decline,
    undo,  // by who raised it, within two minutes
    merge,
    unmerge,
    link,
    show,
    explain_clock,
    history,
};
inline constexpr std::array all_verbs{
    Verb::claim,       Verb::accept,   Verb::assign, Verb::transfer,      Verb::approve,  Verb::deny,     Verb::override_owner,
    Verb::cover,       Verb::severity, Verb::grade,  Verb::wait,          Verb::resume,   Verb::mitigate, Verb::replied,
    Verb::next_step,   Verb::promise,  Verb::brief,  Verb::note,          Verb::describe, Verb::helper,   Verb::watch,
    Verb::acknowledge, Verb::resolve,  Verb::close,  Verb::reopen,        Verb::decline,  Verb::undo,     Verb::merge,
    Verb::unmerge,     Verb::link,     Verb::show,   Verb::explain_clock, Verb::history};
[[nodiscard]] std::string_view to_string(Verb verb) noexcept;  // as typed: "override", "mitigated", "next", "clock"

[[nodiscard]] bool is_owner(Escalation const& escalation, Person const& person);  // the accountable one
[[nodiscard]] bool is_acting_owner(Escalation const& escalation, Person const& person, Instant now);
// Owner, or acting owner during coverage: who works on it now.
[[nodiscard]] bool is_responsible(Escalation const& escalation, Person const& person, Instant now);
[[nodiscard]] bool is_helper(Escalation const& escalation, Person const& person);
// While it waits on engineering: whom it was handed to, anybody but its owner if nobody was named.
[[nodiscard]] bool is_asked_engineer(Escalation const& escalation, Person const& person);
// Resolved, and raised by who worked on it then, who does not confirm it as well.
[[nodiscard]] bool is_own_work(Escalation const& escalation);
// Whom alerts and questions reach: the acting owner during coverage, else the owner; empty without one.
[[nodiscard]] PersonId responsible(Escalation const& escalation, Instant now);

// It has no owner, or its owner has not said yes yet.
[[nodiscard]] bool waits_for_acceptance(Escalation const& escalation);
// Engineering was asked and nobody there has accepted by name.
[[nodiscard]] bool waits_for_engineer(Escalation const& escalation);
// A clock to which a reply of ours is the answer runs.
[[nodiscard]] bool response_runs(Escalation const& escalation);
// Another severity was asked for, or one is not confirmed.
[[nodiscard]] bool severity_waits(Escalation const& escalation);
// It is over, and the level that was warranted waits for a lead's or manager's word.
[[nodiscard]] bool level_waits(Escalation const& escalation);
// Taken back by who raised it: what a lead or manager declines has a reason.
[[nodiscard]] bool is_withdrawn(Escalation const& escalation);

inline constexpr std::string_view private_title = "Message in a private channel";
// Raised from a private channel: it has no words but those that who raised it finds for it.
[[nodiscard]] bool is_wordless(Escalation const& escalation);

// Its state, for a sentence: "new", "waiting on the customer", "withdrawn".
[[nodiscard]] std::string in_words(Escalation const& escalation);
[[nodiscard]] std::string in_words(State state);
// "the customer", "a vendor", "engineering"; else nothing.
[[nodiscard]] std::string_view waits_on(State state);

// Who may do it with this one, for a sentence: "its owner, leads and managers". Refusals say it in the same words.
[[nodiscard]] std::string who_may(Verb verb, Escalation const& escalation, By const& by);
// Looking at the queue or at any escalation is for people of the workspace, and so is all else. The refusal names no escalation.
[[nodiscard]] Result<void> may_look(Person const& actor);
// Errc::forbidden says who may, Errc::conflict what stands in the way.
[[nodiscard]] Result<void> may(Verb verb, Escalation const& before, By const& by);
// Is there anything to do with it now, whoever does it? The state allows it, something waits for an approval, no window is over.
[[nodiscard]] bool makes_sense(Verb verb, Escalation const& escalation, Instant now);
// It makes sense and this person may: what lists and buttons for one person show.
[[nodiscard]] bool offered(Verb verb, Escalation const& escalation, By const& by);
[[nodiscard]] std::vector<Verb> offered(Escalation const& escalation, By const& by);

inline constexpr std::chrono::minutes undo_window{2};
inline constexpr std::chrono::hours unmerge_window{24 * 7};

}  // namespace esc::rules
