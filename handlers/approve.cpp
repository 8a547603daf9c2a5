// A manager's or lead's word on what was asked for: a transfer, a severity, or the level that was warranted. That it is not
// solved, as who acts for its owner says, is said here as well, by owner and managers; that it is, by resolving it.
#include "bot/base/words.hpp"
#include "handlers/asked.hpp"
#include "handlers/away.hpp"
#include "handlers/owners.hpp"
#include "handlers/rules/facts.hpp"
#include "handlers/rules/grade.hpp"
#include "handlers/rules/ownership.hpp"
#include "handlers/rules/severity.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <functional>

namespace esc::handlers {
namespace {

namespace blocks = slack::blocks;
using rules::Verb;

enum class Which : std::uint8_t { not_said, transfer, severity, resolve };

Which which_of(std::string_view word) {
    if (word == "transfer") return Which::transfer;
    if (word == "severity") return Which::severity;
    return word == "resolve" ? Which::resolve : Which::not_said;
}

// --- what is decided, once it is known what is meant ---------------------------------------------------------------------

Act approve_transfer(CardRef const& ref, std::optional<Person> to, std::vector<Person> people, Env const& env) {
    return {.ref = ref,
            .rule = [to = std::move(to), people = std::move(people), config = env.config,
                     ladders = rules::ladders_of(*env.people, *env.config)](Escalation const& before, rules::By const& by,
                                                                            Tx const&) {
                auto chosen = to;
                if (!chosen && before.details.transfer) chosen = find(people, before.details.transfer->to);
                if (chosen) chosen = chosen->seen_by(before.team);
                auto const from = find(people, before.owner);
                return rules::approve_transfer(before, chosen ? &*chosen : nullptr, *config, ladders.of(before.team), by,
                                               from ? &*from : nullptr);
            }};
}

Act approve_severity(CardRef const& ref, Env const& env) {
    return {.ref = ref,
            .rule = [config = env.config, ladders = rules::ladders_of(*env.people, *env.config)](Escalation const& before,
                                                                                                 rules::By const& by, Tx const&) {
                return rules::approve_severity(before, *config, ladders.of(before.team), by);
            }};
}

// The one that was said: another one is a grade.
Act approve_level(CardRef const& ref) {
    return {.ref = ref, .rule = [](Escalation const& before, rules::By const& by, Tx const&) {
                auto const& said = before.details.warranted;
                return rules::grade(before, said ? said->level : before.severity, by);
            }};
}

Act deny_transfer(CardRef const& ref, std::string reason) {
    return {.ref = ref, .rule = [reason = std::move(reason)](Escalation const& before, rules::By const& by, Tx const&) {
                return rules::deny_transfer(before, reason, by);
            }};
}

Act deny_severity(CardRef const& ref, std::string reason) {
    return {.ref = ref, .rule = [reason = std::move(reason)](Escalation const& before, rules::By const& by, Tx const&) {
                return rules::deny_severity(before, reason, by);
            }};
}

Act deny_resolve(CardRef const& ref, std::string reason) {
    return {.ref = ref, .rule = [reason = std::move(reason)](Escalation const& before, rules::By const& by, Tx const& tx) {
                auto const asked = waits_to_be_resolved(before, tx);
                return rules::deny_resolve(before, asked ? asked->asked_by : PersonId{}, reason, by);
            }};
}

// --- what is meant -------------------------------------------------------------------------------------------------------

std::string what_became(StoredEvent const& decided) {
    auto const& event = decided.event;
    auto const who = blocks::person(event.actor);
    auto const when = blocks::date(event.recorded_at);
    if (event.type == EventType::overridden)
        return blocks::markup("{} gave it to {}, {}.", who, blocks::person({rules::Facts{event}.text("owner")}), when);
    if (event.type == EventType::transfer_denied) return blocks::markup("{} denied the transfer, {}.", who, when);
    if (event.type == EventType::transfer_expired) return blocks::markup("The transfer expired, {}.", when);
    if (event.type == EventType::severity_expired) return blocks::markup("The request expired, {}.", when);
    if (event.type == EventType::severity_denied) return blocks::markup("{} denied the severity, {}.", who, when);
    if (event.type == EventType::graded)
        return blocks::markup("{} said that {} was warranted, {}.", who, rules::Facts{event}.text("warranted"), when);
    return blocks::markup("{} decided about the severity, {}.", who, when);
}

// Nothing waits: who was faster is told.
Outcome nothing_waits(Escalation const& escalation, Snapshot const& snapshot) {
    if (rules::level_waits(escalation))
        return refused(
            say(blocks::markup("No transfer of {0} waits, only the level that was warranted: approve {1}, without a name.",
                               escalation.id, escalation.id.number)));
    auto const decided =
        snapshot.last_event(escalation.id, {EventType::overridden, EventType::transfer_denied, EventType::transfer_expired,
                                            EventType::severity_changed, EventType::severity_denied,
                                            EventType::severity_confirmed, EventType::severity_expired, EventType::graded});
    auto text = blocks::markup("No request on {} waits for a decision.", escalation.id);
    if (decided) text += " " + what_became(*decided);
    return refused(say(std::move(text)));
}

// The request was made after the message or form that was answered: that one asked something else.
bool is_of_an_older_request(EventType request, Escalation const& escalation, CardRef const& ref, Snapshot const& snapshot) {
    if (ref.version == 0) return false;
    auto const asked = snapshot.last_event(escalation.id, {request});
    return asked && rules::version_made_by(asked->event) > ref.version;
}

Outcome changed_since(Escalation const& escalation) {
    auto const& transfer = *escalation.details.transfer;
    auto const who = blocks::person(transfer.by);
    return refused(
        say(transfer.to.empty()
                ? blocks::markup("{} has asked anew since: now for any other owner of {}. Decide by the newest request.", who,
                                 escalation.id)
                : blocks::markup("{} has asked anew since: now for {} as owner of {}. Decide by the newest request.", who,
                                 blocks::person(transfer.to), escalation.id)));
}

Outcome severity_changed_since(Escalation const& escalation) {
    auto const& request = *escalation.details.severity_request;
    return refused(say(blocks::markup("{} has asked since: now for {} on {}. Decide by the newest request.",
                                      blocks::person(request.by), std::string{to_string(request.to)}, escalation.id)));
}

// Opened again and resolved anew.
Outcome level_changed_since(Escalation const& escalation) {
    auto const& said = *escalation.details.warranted;
    return refused(say(blocks::markup("{} says now that {} was warranted for {}. Decide by the newest message.",
                                      blocks::person(said.by), std::string{to_string(said.level)}, escalation.id)));
}

// It waits to be resolved, and no approval does that.
Outcome resolve_it(Escalation const& escalation, rules::ResolveRequest const& asked, std::string_view command) {
    return refused(say(blocks::markup("{}, who acts for its owner, says that {} is solved. Resolve it: {} resolve {}",
                                      blocks::person(asked.asked_by), escalation.id, command, escalation.id.number)));
}

// "The severity still waits."
std::string still_waits(Acted const& acted) {
    auto const& after = acted.after;
    std::vector<std::string_view> all;
    if (after.details.transfer) all.emplace_back("a transfer");
    if (rules::severity_waits(after))
        all.emplace_back(after.details.severity_request ? "a severity" : "the confirmation of its severity");
    if (waits_to_be_resolved(after, acted.snapshot)) all.emplace_back("the word that it is solved");
    return all.empty() ? std::string{} : fmt::format(" Still waiting for a decision: {}.", fmt::join(all, ", "));
}

struct Asked {
    Verb verb = Verb::approve;
    CardRef ref{};
    Which which = Which::not_said;
    bool which_may_be_text = false;  // the word that says which may be a reason's first one
    bool owner_named = false;
    Act transfer{};
    Act severity{};
    Act resolve{};    // only to deny
    Act level{};      // only to approve
    Inputs inputs{};  // as an Act's: for both, and for what is refused before it is known which
    std::string written{};
    // Asks what is missing. In a form nothing is missing: there it stays empty.
    Query form{};
};

// Decides about whichever request waits; with two, about the one that was said, and without a word asks. A transfer that names
// nobody needs a name.
Work decide(Asked asked, Env const& env) {
    for (auto* one : {&asked.transfer, &asked.severity, &asked.resolve, &asked.level}) {
        one->inputs = asked.inputs;
        one->written = asked.written;
    }
    return [asked, on_transfer = minding_absence(act(telling_if_away(asked.transfer), env), asked.ref.id, env),
            on_severity = act(asked.severity, env), on_resolve = act(asked.resolve, env), on_level = act(asked.level, env),
            config = env.config, who = by(env)](Tx& tx) {
        auto const before = look_up(tx, asked.ref.id, who.actor);
        if (!before) return refuse(before.error());
        auto const by = rules::seen_by(who, *before);
        auto const not_now = [&](Outcome outcome) {
            refresh_if_stale(tx, *before, asked.ref, by.now);
            add_written(*outcome.reply.message, asked.written);
            return outcome;
        };
        auto const denies = asked.verb == Verb::deny;
        auto const transfer = before->details.transfer.has_value();
        auto const severity = denies ? before->details.severity_request.has_value() : rules::severity_waits(*before);
        auto const solved = waits_to_be_resolved(*before, tx);
        if (solved && !denies && !transfer && !severity)
            return not_now(resolve_it(*before, *solved, config->slack.escalate_command));
        auto const may = rules::may(asked.verb, *before, by);
        auto const resolve = denies && solved && (rules::has_the_last_word(*before, by) || (!transfer && !severity));
        if (!may) return resolve ? on_resolve(tx) : not_now(refuse(*before, may.error(), tx));
        auto const several = (transfer ? 1 : 0) + (severity ? 1 : 0) + (resolve ? 1 : 0) > 1;
        auto const ask = [&] {
            Outcome outcome;
            outcome.then = asked.form;
            return outcome;
        };
        // Of what is over nothing else waits.
        if (rules::level_waits(*before) && asked.which != Which::transfer)
            return is_of_an_older_request(EventType::resolved, *before, asked.ref, tx) ? not_now(level_changed_since(*before))
                                                                                       : on_level(tx);
        auto which = asked.which;
        if (which == Which::not_said && several) {
            if (asked.form) return ask();
            return not_now(refused(say(blocks::markup("Several things wait on {}: say which one you mean.", before->id))));
        }
        if (which == Which::not_said || (asked.which_may_be_text && !several))
            which = transfer ? Which::transfer : resolve ? Which::resolve : Which::severity;
        if (which == Which::resolve ? !resolve : which == Which::severity ? !severity : !transfer)
            return not_now(nothing_waits(*before, tx));
        if (which == Which::resolve) return on_resolve(tx);
        if (which == Which::severity) {
            auto const older =
                before->details.severity_request && is_of_an_older_request(EventType::severity_requested, *before, asked.ref, tx);
            return older ? not_now(severity_changed_since(*before)) : on_severity(tx);
        }
        if (is_of_an_older_request(EventType::transfer_requested, *before, asked.ref, tx)) return not_now(changed_since(*before));
        auto const nobody = asked.verb == Verb::approve && !asked.owner_named && before->details.transfer->to.empty();
        if (nobody && asked.form && by.actor.role >= Role::manager) return ask();
        return on_transfer(tx);
    };
}

// Looks anew, on a reader: the list of who could own it reads much.
Query form(Verb verb, EscalationId id, std::function<blocks::Modal(Escalation const&, rules::By const&, Snapshot const&)> modal,
           Env const& env) {
    return look(
        id,
        [verb, modal = std::move(modal)](Escalation const& escalation, rules::By const& by, Snapshot const& snapshot) {
            bool const solved = verb == Verb::deny && waits_to_be_resolved(escalation, snapshot).has_value();
            if (!solved || !rules::has_the_last_word(escalation, by)) {
                if (auto const may = rules::may(verb, escalation, by); !may) return refuse(escalation, may.error(), snapshot);
                if (!rules::makes_sense(verb, escalation, by.now)) return nothing_waits(escalation, snapshot);
            }
            Outcome outcome;
            outcome.open_modal = modal(escalation, by, snapshot);
            return outcome;
        },
        env);
}

// --- approve -------------------------------------------------------------------------------------------------------------

Outcome approved(Acted const& acted) {
    auto const& after = acted.after;
    if (after.owner != acted.before.owner)
        return say(blocks::markup("Approved: {} belongs to {} now.", after.id, blocks::person(after.owner)) + still_waits(acted));
    if (auto const& said = after.details.warranted; said && !after.open())
        return say(blocks::markup("Approved: {} was warranted for {}.", std::string{to_string(said->level)}, after.id));
    return say(blocks::markup("Approved: {} is {} now.", after.id, to_string(after.severity)) + still_waits(acted));
}

Asked approve(CardRef const& ref, Which which, std::optional<Person> const& to, bool tell, Env const& env) {
    auto people = all_owners(env);
    auto transfer = approve_transfer(ref, to, people, env);
    auto severity = approve_severity(ref, env);
    auto level = approve_level(ref);
    if (tell) transfer.said = severity.said = level.said = approved;
    return {.verb = Verb::approve,
            .ref = ref,
            .which = to && which == Which::not_said ? Which::transfer : which,
            .owner_named = to.has_value(),
            .transfer = std::move(transfer),
            .severity = std::move(severity),
            .level = std::move(level),
            .form = form(
                Verb::approve, ref.id,
                [people = std::move(people)](Escalation const& escalation, rules::By const& by, Snapshot const& snapshot) {
                    return views::approve_modal(escalation, candidates(people, escalation, snapshot, by.now));
                },
                env)};
}

// Where nothing else shows that it was done: a message stays as it is, Home and forms do not.
bool in_a_message(slack::BlockAction const& in) { return !in.message.channel.empty(); }

Result<Plan> approve_by_button(slack::BlockAction const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.value));
    return Plan{decide(approve(ref, Which::not_said, std::nullopt, in_a_message(in), env), env)};
}

Result<Plan> approve_by_form(slack::ViewSubmission const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.private_metadata));
    auto const to = chosen_person(in.state, views::owner_block, env);
    if (!to) return Plan{refuse_in_view(views::owner_block, to.error().message)};
    auto asked = approve(ref, which_of(in.state.get(views::which_block)), *to, false, env);
    asked.form = {};
    asked.inputs = {{rules::refusal::target, views::owner_block}};
    return Plan{decide(std::move(asked), env)};
}

// "approve 12", "approve 12 @ana", "approve 12 transfer @ana", "approve 12 severity"
Result<Plan> approve_by_verb(Words const& words, Env const& env) {
    ESC_TRY(auto const id, words.key(0));
    auto const which = which_of(lower(words.at(1)));
    std::size_t const at = which == Which::not_said ? 1 : 2;
    std::optional<Person> to;
    if (words.size() > at) {
        ESC_TRY(auto const named, words.person(at));
        ESC_TRY(to, known_person(named, env));
    }
    return Plan{decide(approve({id, 0}, which, to, true, env), env)};
}

// --- deny ----------------------------------------------------------------------------------------------------------------

Query deny_form(EscalationId id, Env const& env) {
    return form(
        Verb::deny, id,
        [](Escalation const& escalation, rules::By const& by, Snapshot const& snapshot) {
            auto asked = waits_to_be_resolved(escalation, snapshot);
            if (!rules::has_the_last_word(escalation, by)) asked.reset();
            return views::deny_modal(escalation, asked);
        },
        env);
}

Result<Plan> deny_by_button(slack::BlockAction const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.value));
    return Plan{deny_form(ref.id, env)};
}

Result<Plan> deny_by_form(slack::ViewSubmission const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.private_metadata));
    std::string const reason{trimmed(in.state.get(views::text_block))};
    return Plan{decide({.verb = Verb::deny,
                        .ref = ref,
                        .which = which_of(in.state.get(views::which_block)),
                        .transfer = deny_transfer(ref, reason),
                        .severity = deny_severity(ref, reason),
                        .resolve = deny_resolve(ref, reason),
                        .inputs = {{rules::refusal::text, views::text_block}},
                        .written = reason},
                       env)};
}

// "deny 12 he knows it best", "deny 12 severity nothing is down". Whether the first word says which one is known only when two
// wait: a reason may begin with it.
Result<Plan> deny_by_verb(Words const& words, Env const& env) {
    ESC_TRY(auto const id, words.key(0));
    auto const which = which_of(lower(words.at(1)));
    auto const all = readable(words.rest(1));
    auto const behind = readable(words.rest(2));
    if (all.empty() || (which != Which::not_said && behind.empty())) return Plan{deny_form(id, env)};
    auto transfer = deny_transfer({id, 0}, which == Which::transfer ? behind : all);
    auto severity = deny_severity({id, 0}, which == Which::severity ? behind : all);
    auto resolve = deny_resolve({id, 0}, which == Which::resolve ? behind : all);
    auto const denied = [](std::string_view what) {
        return [what](Acted const& acted) {
            return say(fmt::format("Denied: {}. Who asked is told, and {} stays as it is.", what, acted.after.id.key()) +
                       still_waits(acted));
        };
    };
    transfer.said = denied("the transfer");
    severity.said = denied("the severity");
    resolve.said = denied("it is not solved yet");
    return Plan{decide({.verb = Verb::deny,
                        .ref = {id, 0},
                        .which = which,
                        .which_may_be_text = true,
                        .transfer = std::move(transfer),
                        .severity = std::move(severity),
                        .resolve = std::move(resolve),
                        .form = deny_form(id, env)},
                       env)};
}

}  // namespace

void register_approve(Router& router) {
    router.action(route(Verb::approve), approve_by_button);
    router.view(route(Verb::approve), approve_by_form);
    router.verb("approve",
                {"approve 12 @user",
                 "grant a transfer (managers), a severity or the level that was warranted (leads, managers); a name only where "
                 "the request has none"},
                approve_by_verb);
    router.action(route(Verb::deny), deny_by_button);
    router.view(route(Verb::deny), deny_by_form);
    router.verb(
        "deny",
        {"deny 12 reason", "refuse a transfer (managers), a severity (leads, managers) or that it is solved (owner, managers)"},
        deny_by_verb);
}

}  // namespace esc::handlers
