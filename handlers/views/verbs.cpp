#include "handlers/views/verbs.hpp"

#include <algorithm>

namespace esc::views {
namespace {

using rules::Verb;

constexpr VerbTable table{{
    {Verb::claim, Group::ownership, "Claim", "Take it: you become its owner, locked until it is resolved.", ""},
    {Verb::accept, Group::ownership, "Accept", "Say that you have it.", ""},
    {Verb::assign, Group::ownership, "Assign", "Give it its first owner.", "assign 12 @ana"},
    {Verb::approve, Group::ownership, "Approve", "Agree to what was asked for.", "approve 12"},
    {Verb::deny, Group::ownership, "Deny", "Refuse what was asked for, and say why.", "deny 12 Nobody else knows the exporter"},
    {Verb::transfer, Group::ownership, "Request transfer", "Ask a manager for another owner. Until then it stays yours.",
     "transfer 12 @ana I am on leave from tomorrow"},
    {Verb::override_owner, Group::ownership, "Reassign", "Give it to another owner at once, with a reason for the record.",
     "override 12 @ana skill Ana wrote the payment service"},
    {Verb::cover, Group::ownership, "Acting owner", "Let somebody act for the owner for a while.", "cover 12 @ana until 18:00"},
    {Verb::wait, Group::state, "Wait", "It waits on the customer, a vendor or engineering.",
     "wait 12 customer Asked which browser they use"},
    {Verb::resume, Group::state, "Resume", "It goes on: back to working.", "resume 12"},
    {Verb::mitigate, Group::state, "Mitigated", "A workaround is in place, the fix is still to come.",
     "mitigated 12 They pay by invoice until the fix is out"},
    {Verb::resolve, Group::state, "Resolve", "It is done, and how.", "resolve 12 The certificate was renewed"},
    {Verb::close, Group::state, "That solved it", "The customer says that it is solved: it is closed for good.", ""},
    {Verb::reopen, Group::state, "Reopen", "It is not done after all: same owner, the clock goes on.",
     "reopen 12 It fails again since noon"},
    {Verb::severity, Group::state, "Severity", "Answer the questions again, or set another level with a reason.",
     "severity 12 sev1 Nobody can log in any more"},
    {Verb::grade, Group::state, "Grade", "Say which level was warranted by what could be known then.", "grade 12 sev3"},
    {Verb::decline, Group::state, "Decline", "It is no escalation; who raised it hears why.",
     "decline 12 A question, answered in the thread"},
    {Verb::undo, Group::state, "Undo", "Take back what you raised by mistake.", ""},
    {Verb::merge, Group::state, "Merge", "It is the same as another one: fold it into that.", "merge 12 into 7"},
    {Verb::unmerge, Group::state, "Unmerge", "It is not the same after all: on its own again.", ""},
    {Verb::replied, Group::work, "Reply sent", "The customer has an answer: stops the response clock.", ""},
    {Verb::next_step, Group::work, "Next step", "What happens next, so that everybody can see it.",
     "next 12 Ask the provider for their logs"},
    {Verb::promise, Group::work, "Promise", "What the customer was promised, and by when; or that it was kept.",
     "promise 12 14:30 An update on the fix"},
    {Verb::brief, Group::work, "Handoff note", "What the next shift must know.", ""},
    {Verb::note, Group::work, "Note", "For the record and the card's thread.", "note 12 Only cards are affected, invoices work"},
    {Verb::describe, Group::work, "Describe", "Say what it is about: nothing is copied from a private channel.",
     "describe 12 Invoices are sent twice since Monday"},
    {Verb::helper, Group::work, "Helpers", "Who helps. The owner stays the owner.", "helper 12 @ana"},
    {Verb::watch, Group::work, "Watch", "Hear of what happens to it, or stop that.", ""},
    {Verb::link, Group::work, "Link", "A ticket, an incident, a document.", "link 12 https://tickets.example/4711"},
    {Verb::acknowledge, Group::work, "Acknowledge", "You have seen the alert.", ""},
    {Verb::show, Group::look, "Show", "The card as it is now, for you alone.", ""},
    {Verb::explain_clock, Group::look, "Explain clock", "Every deadline and its place in the queue, explained.", ""},
    {Verb::history, Group::look, "History", "All that happened, newest first.", ""},
}};

}  // namespace

std::string_view title_of(Group group) {
    switch (group) {
        case Group::ownership:
            return "Whose it is";
        case Group::state:
            return "Where it stands";
        case Group::work:
            return "The work on it";
        case Group::look:
            return "Looking";
    }
    return {};
}

VerbTable const& all_facts() { return table; }

VerbFacts const& facts_of(Verb verb) {
    return *std::find_if(table.begin(), table.end(), [verb](VerbFacts const& one) { return one.verb == verb; });
}

}  // namespace esc::views
