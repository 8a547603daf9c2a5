// The verbs in the order in which one thinks of them: whose it is, where it stands, the work on it, and looking.
#include "handlers/views/more.hpp"

#include "handlers/card_ref.hpp"
#include "handlers/views/parts.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace esc::views {

namespace blocks = slack::blocks;

namespace {

using rules::Verb;

enum class Group : std::uint8_t { ownership, state, work, look };

struct Entry {
    Verb verb;
    Group group;
    std::string_view what;
};

// In the order of the modal.
constexpr std::array entries{
    Entry{Verb::claim, Group::ownership, "Take it: you become its owner, locked until it is resolved."},
    Entry{Verb::accept, Group::ownership, "Say that you have it."},
    Entry{Verb::assign, Group::ownership, "Give it its first owner."},
    Entry{Verb::approve, Group::ownership, "Agree to what was asked for."},
    Entry{Verb::deny, Group::ownership, "Refuse what was asked for, and say why."},
    Entry{Verb::transfer, Group::ownership, "Ask a manager for another owner. Until then it stays yours."},
    Entry{Verb::override_owner, Group::ownership, "Give it to another owner at once, with a reason for the record."},
    Entry{Verb::cover, Group::ownership, "Let somebody act for the owner for a while."},
    Entry{Verb::replied, Group::state, "The customer has an answer: stops the response clock."},
    Entry{Verb::wait, Group::state, "It waits on the customer, a vendor or engineering."},
    Entry{Verb::resume, Group::state, "It goes on: back to working."},
    Entry{Verb::mitigate, Group::state, "A workaround is in place, the fix is still to come."},
    Entry{Verb::resolve, Group::state, "It is done, and how."},
    Entry{Verb::reopen, Group::state, "It is not done after all: same owner, the clock goes on."},
    Entry{Verb::severity, Group::state, "Answer the questions again, or set another level with a reason."},
    Entry{Verb::decline, Group::state, "It is no escalation; who raised it hears why."},
    Entry{Verb::undo, Group::state, "Take back what you raised by mistake."},
    Entry{Verb::merge, Group::state, "It is the same as another one: fold it into that."},
    Entry{Verb::unmerge, Group::state, "It is not the same after all: on its own again."},
    Entry{Verb::next_step, Group::work, "What happens next, so that everybody can see it."},
    Entry{Verb::promise, Group::work, "What the customer was promised, and by when; or that it was kept."},
    Entry{Verb::brief, Group::work, "What the next shift must know."},
    Entry{Verb::note, Group::work, "For the record and the card's thread."},
    Entry{Verb::helper, Group::work, "Who helps. The owner stays the owner."},
    Entry{Verb::watch, Group::work, "Hear of what happens to it, or stop that."},
    Entry{Verb::link, Group::work, "A ticket, an incident, a document."},
    Entry{Verb::acknowledge, Group::work, "You have seen the alert."},
    Entry{Verb::show, Group::look, "The card as it is now, for you alone."},
    Entry{Verb::explain_clock, Group::look, "Every deadline and its place in the queue, explained."},
    Entry{Verb::history, Group::look, "All that happened, in order."},
};
static_assert(entries.size() == rules::all_verbs.size());

std::string_view title_of(Group group) {
    switch (group) {
        case Group::ownership:
            return "Ownership";
        case Group::state:
            return "State";
        case Group::work:
            return "Work";
        case Group::look:
            return "Look";
    }
    return {};
}

bool alert_is_out(Escalation const& escalation) {
    return std::any_of(escalation.clocks.begin(), escalation.clocks.end(),
                       [](SlaClock const& clock) { return clock.running() && clock.points_fired > 0; });
}

bool to_be_accepted_by(Escalation const& escalation, rules::By const& by) {
    if (rules::is_owner(escalation, by.actor) && waits_for_acceptance(escalation)) return true;
    if (!waits_for_engineer(escalation)) return false;
    auto const& engineer = escalation.details.waiting->engineer;
    return engineer.empty() || engineer == by.actor.id;
}

// Is there anything to do with it now, whoever asks? Transfers are for managers to decide, severities for leads as well.
bool makes_sense(Verb verb, Escalation const& escalation, rules::By const& by) {
    auto const& details = escalation.details;
    switch (verb) {
        case Verb::claim:
        case Verb::assign:
            return !escalation.owned();
        case Verb::accept:
            return to_be_accepted_by(escalation, by);
        case Verb::approve:
            if (details.unconfirmed_since) return true;
            [[fallthrough]];
        case Verb::deny:
            return details.severity_request || (details.transfer && by.actor.role != Role::lead);
        case Verb::replied:
            return response_runs(escalation);
        case Verb::acknowledge:
            return alert_is_out(escalation);
        case Verb::reopen:
            return !details.close_at || by.now < *details.close_at;
        case Verb::undo:
            return !escalation.owned() && by.now < escalation.created_at + rules::undo_window;
        case Verb::unmerge:
            return details.merge && by.now < details.merge->at + rules::unmerge_window;
        case Verb::transfer:
        case Verb::override_owner:
        case Verb::cover:
        case Verb::severity:
        case Verb::wait:
        case Verb::resume:
        case Verb::mitigate:
        case Verb::next_step:
        case Verb::promise:
        case Verb::brief:
        case Verb::note:
        case Verb::helper:
        case Verb::watch:
        case Verb::resolve:
        case Verb::decline:
        case Verb::merge:
        case Verb::link:
        case Verb::show:
        case Verb::explain_clock:
        case Verb::history:
            break;
    }
    return true;
}

// "Its owner" out of "Its owner can …": who may, as the refusal says it.
std::string who_may(Error const& refusal) {
    auto who = refusal.message.substr(0, refusal.message.find(" can "));
    while (who.ends_with(',')) who.pop_back();
    return who;
}

std::string_view what(Entry const& entry, Escalation const& escalation, rules::By const& by) {
    bool const glass = entry.verb == Verb::override_owner && by.actor.role < Role::manager;
    if (glass) return "In an emergency, when no manager can be reached: give it to another owner. Managers are told.";
    bool const confirms = entry.verb == Verb::severity && escalation.details.unconfirmed_since && by.actor.role >= Role::lead;
    if (confirms) return "Confirm SEV1, or lower it with a reason.";
    if (entry.verb == Verb::accept && !rules::is_owner(escalation, by.actor)) return "As an engineer: say that you work on it.";
    return entry.what;
}

}  // namespace

std::vector<Verb> offered(Escalation const& escalation, rules::By const& by) {
    std::vector<Verb> out;
    for (auto const& entry : entries)
        if (makes_sense(entry.verb, escalation, by) && rules::may(entry.verb, escalation, by)) out.push_back(entry.verb);
    return out;
}

std::vector<std::string> for_others(Escalation const& escalation, rules::By const& by) {
    std::vector<std::pair<std::string, std::vector<std::string_view>>> kinds;
    for (auto const& entry : entries) {
        if (!makes_sense(entry.verb, escalation, by)) continue;
        auto const may = rules::may(entry.verb, escalation, by);
        if (may || may.error().cause != rules::refusal::role) continue;
        auto const who = who_may(may.error());
        auto kind = std::find_if(kinds.begin(), kinds.end(), [&](auto const& one) { return one.first == who; });
        if (kind == kinds.end()) kind = kinds.insert(kinds.end(), {who, {}});
        kind->second.push_back(label(entry.verb));
    }
    std::vector<std::string> out;
    out.reserve(kinds.size());
    for (auto const& [who, verbs] : kinds) out.push_back(fmt::format("{}: {}", who, fmt::join(verbs, ", ")));
    return out;
}

blocks::Modal more(Escalation const& escalation, rules::By const& by, std::string_view card_permalink) {
    blocks::Modal modal{.callback_id = std::string{more_action},
                        .title = fmt::format("{}: what now?", escalation.id),
                        .submit = {},
                        .close = "Close",
                        .private_metadata = handlers::CardRef::make(escalation)};
    modal += blocks::section(
        blocks::mrkdwn_text(fmt::format("{}\n{}", linked_headline(escalation, card_permalink), status(escalation, by.now))));
    auto const verbs = offered(escalation, by);
    std::optional<Group> last;
    for (auto const& entry : entries) {
        if (std::find(verbs.begin(), verbs.end(), entry.verb) == verbs.end()) continue;
        if (last != entry.group) modal += blocks::context({blocks::mrkdwn_text(fmt::format("*{}*", title_of(entry.group)))});
        last = entry.group;
        modal += blocks::section(blocks::mrkdwn_text(fmt::format("*{}*\n{}", label(entry.verb), what(entry, escalation, by))),
                                 verb_button(entry.verb, escalation));
    }
    if (auto const others = for_others(escalation, by); !others.empty())
        modal += blocks::context({blocks::mrkdwn_text(fmt::format("Others may do more:\n{}", fmt::join(others, "\n")))});
    return modal;
}

}  // namespace esc::views
