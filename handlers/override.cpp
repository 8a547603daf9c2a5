// A manager moves the owner; in an emergency a lead or admin does.
#include "bot/base/words.hpp"
#include "handlers/away.hpp"
#include "handlers/owners.hpp"
#include "handlers/rules/facts.hpp"
#include "handlers/rules/ownership.hpp"

#include <algorithm>
#include <chrono>

namespace esc::handlers {
namespace {

namespace blocks = slack::blocks;

constexpr std::string_view glass_word = "break-glass";
// Two who type at the same time: the second one cannot have seen what the first did.
constexpr std::chrono::seconds same_moment{10};

// Whether somebody else moved it since the form was opened or, typed, just now.
std::optional<StoredEvent> unseen_move(Escalation const& before, CardRef const& ref, rules::By const& by,
                                       Snapshot const& snapshot) {
    auto const moves = snapshot.events(before.id, {EventType::overridden});
    auto const unseen = std::find_if(moves.rbegin(), moves.rend(), [&](StoredEvent const& stored) {
        auto const& event = stored.event;
        return ref.version > 0 ? rules::version_made_by(event) > ref.version
                               : event.actor != by.actor.id && event.recorded_at + same_moment > by.now;
    });
    return unseen == moves.rend() ? std::nullopt : std::optional{*unseen};
}

Outcome moved_meanwhile(Escalation const& before, CardRef const& ref, StoredEvent const& move) {
    auto const again =
        ref.version > 0 ? std::string{"open the form anew"} : fmt::format("type it again after {} seconds", same_moment.count());
    return refused(say(blocks::markup("{} moved {} to {} meanwhile, so your move was not done. If it must move all the same, {}.",
                                      blocks::person(move.event.actor), before.id,
                                      blocks::person({rules::Facts{move.event}.text("owner")}), again)));
}

Work unless_moved(Act const& move, Env const& env) {
    return [work = minding_absence(act(move, env), move.ref.id, env), ref = move.ref, written = move.written,
            who = by(env)](Tx& tx) {
        auto const before = tx.escalation(ref.id);
        // Whoever may not move it is told that, and not what others do.
        if (before && rules::may(rules::Verb::override_owner, *before, rules::seen_by(who, *before)))
            if (auto const unseen = unseen_move(*before, ref, who, tx)) {
                auto outcome = moved_meanwhile(*before, ref, *unseen);
                add_written(*outcome.reply.message, written);
                return outcome;
            }
        return work(tx);
    };
}

Act move(CardRef const& ref, rules::OverrideRequest request, Env const& env) {
    return {
        .ref = ref,
        .rule =
            [request = std::move(request), people = all_owners(env), config = env.config,
             ladders = rules::ladders_of(*env.people, *env.config)](Escalation const& before, rules::By const& by, Tx const&) {
                auto seen = request;
                seen.to = request.to.seen_by(before.team);
                seen.from = find(people, before.owner);
                return rules::override_owner(before, seen, *config, ladders.of(before.team), by);
            },
        .keep_refusals_as = EventType::override_refused};
}

Outcome asked_another(Acted const& acted) {
    return say(blocks::markup("{} has moved before: another manager is asked to agree. Until then {} owns it.", acted.after.id,
                              blocks::person(acted.after.owner)));
}

Query form(EscalationId id, views::Prefill prefill, Env const& env) {
    return open_form(
        rules::Verb::override_owner, id,
        [prefill = std::move(prefill), people = all_owners(env)](Escalation const& escalation, rules::By const& by,
                                                                 Snapshot const& snapshot) {
            return views::override_modal(escalation, candidates(people, escalation, snapshot, by.now), prefill,
                                         by.actor.role >= Role::manager);
        },
        env);
}

Result<Plan> by_button(slack::BlockAction const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.value));
    return Plan{form(ref.id, {}, env)};
}

Result<Plan> by_form(slack::ViewSubmission const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.private_metadata));
    auto const to = known_person({std::string{in.state.get(views::owner_block)}}, env);
    if (!to) return Plan{refuse_in_view(views::owner_block, to.error().message)};
    std::string const text{trimmed(in.state.get(views::text_block))};
    auto submitted = move(ref,
                          {.to = *to,
                           .code = std::string{in.state.get(views::code_block)},
                           .text = text,
                           .break_glass = in.state.get(views::glass_block) == "yes"},
                          env);
    submitted.said = [](Acted const& acted) { return acted.after.owner == acted.before.owner ? asked_another(acted) : done(); };
    submitted.inputs = {{rules::refusal::target, views::owner_block},
                        {rules::refusal::guard, views::code_block},
                        {rules::refusal::text, views::text_block}};
    submitted.written = text;
    return Plan{unless_moved(telling_if_away(std::move(submitted)), env)};
}

// "override 12 [to] @user [code] [break-glass] why"; the two in any order.
Result<Plan> by_verb(Words const& words, Env const& env) {
    ESC_TRY(auto const id, words.key(0));
    if (words.size() == 1) return Plan{form(id, {}, env)};
    auto at = words.person_at(1);
    ESC_TRY(auto const person, words.person(at));
    ESC_TRY(auto const to, known_person(person, env));
    rules::OverrideRequest request{.to = to};
    ++at;
    for (bool coded = false;; ++at) {
        auto const word = lower(words.at(at));
        auto const is_code = std::any_of(rules::owner_reasons.begin(), rules::owner_reasons.end(),
                                         [&](rules::ReasonCode const& reason) { return reason.code == word; });
        if (!request.break_glass && word == glass_word) {
            request.break_glass = true;
        } else if (!coded && is_code) {
            request.code = word;
            coded = true;
        } else {
            break;
        }
    }
    request.text = readable(words.rest(at));
    if (request.text.empty()) return Plan{form(id, {.person = to.id, .code = request.code, .glass = request.break_glass}, env)};
    auto typed = move({id, 0}, std::move(request), env);
    typed.said = [](Acted const& acted) {
        if (acted.after.owner == acted.before.owner) return asked_another(acted);
        return say(blocks::markup("{} belongs to {} now, who is told and asked to accept.", acted.after.id,
                                  blocks::person(acted.after.owner)));
    };
    return Plan{unless_moved(telling_if_away(std::move(typed)), env)};
}

}  // namespace

void register_override(Router& router) {
    router.action(route(rules::Verb::override_owner), by_button);
    router.view(route(rules::Verb::override_owner), by_form);
    router.verb("override",
                {"override 12 @user [code] reason",
                 "give it another owner at once (managers; leads and admins only with break-glass before the reason)"},
                by_verb);
}

}  // namespace esc::handlers
