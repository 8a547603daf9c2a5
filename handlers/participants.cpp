// Helpers and watchers.
#include "bot/base/words.hpp"
#include "bot/slack/blocks.hpp"
#include "handlers/act.hpp"
#include "handlers/rules/work.hpp"
#include "handlers/views/work.hpp"

namespace esc::handlers {
namespace {

namespace blocks = slack::blocks;
using Kind = Participant::Kind;

constexpr std::string_view off_word = "off";

// --- helpers -------------------------------------------------------------------------------------------------------------

Act help(CardRef const& ref, Person who) {
    return {.ref = ref, .rule = [who = std::move(who)](Escalation const& before, rules::By const& by, Tx const&) {
                return rules::join(before, Kind::helper, who.seen_by(before.team), by);
            }};
}

Act stop_helping(CardRef const& ref, PersonId who) {
    return {.ref = ref, .rule = [who = std::move(who)](Escalation const& before, rules::By const& by, Tx const&) {
                return rules::leave(before, Kind::helper, who, by);
            }};
}

Result<Person> known(PersonId const& id, Env const& env) {
    if (auto person = env.people->find(id)) return *std::move(person);
    return fail(Errc::not_found, "That person is not known here yet: somebody of this workspace can help.");
}

Query form(EscalationId id, Env const& env) {
    return open_form(
        rules::Verb::helper, id,
        [](Escalation const& escalation, rules::By const&, Snapshot const&) { return views::helpers_modal(escalation); }, env);
}

Result<Plan> helper_by_button(slack::BlockAction const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.value));
    return Plan{form(ref.id, env)};
}

Result<Plan> helper_by_form(slack::ViewSubmission const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.private_metadata));
    auto const chosen = in.state.get(views::helper_block);
    if (chosen.empty()) return Plan{refuse_in_view(views::helper_block, "Choose who should help.")};
    auto person = known({std::string{chosen}}, env);
    if (!person) return Plan{refuse_in_view(views::helper_block, person.error().message)};
    auto submitted = help(ref, *std::move(person));
    submitted.inputs = {{rules::refusal::target, views::helper_block}};
    return Plan{act(std::move(submitted), env)};
}

// The value is that of a card's button, a colon and the person.
Result<Plan> helper_off_by_button(slack::BlockAction const& in, Env const& env) {
    auto const colon = in.value.rfind(':');
    ESC_TRY(auto const ref, CardRef::parse(std::string_view{in.value}.substr(0, colon)));
    auto pressed = stop_helping(ref, {in.value.substr(colon + 1)});
    if (!in.view_id.empty())
        pressed.said = [](Acted const& acted) {
            Outcome outcome;
            outcome.replace_modal = views::helpers_modal(acted.after);
            return outcome;
        };
    return Plan{act(std::move(pressed), env)};
}

// "helper 12 @ana", "helper 12 off @ana", "helper 12"
Result<Plan> helper_by_verb(Words const& words, Env const& env) {
    ESC_TRY(auto const id, words.key(0));
    if (words.size() == 1) return Plan{form(id, env)};
    if (lower(words.at(1)) == off_word) {
        ESC_TRY(auto const who, words.person(2));
        auto typed = stop_helping({id, 0}, who);
        typed.said = [who](Acted const& acted) {
            return say(blocks::markup("{} does not help on {} any more.", blocks::person(who), acted.after.id));
        };
        return Plan{act(std::move(typed), env)};
    }
    ESC_TRY(auto const who, words.person(1));
    ESC_TRY(auto person, known(who, env));
    auto typed = help({id, 0}, std::move(person));
    typed.said = [who](Acted const& acted) {
        return say(blocks::markup("{} helps on {} now. The owner stays the same.", blocks::person(who), acted.after.id));
    };
    return Plan{act(std::move(typed), env)};
}

// --- watchers ------------------------------------------------------------------------------------------------------------

// On or off: whoever watches stops, and the other way round. It is said also after a press, since no card shows it.
enum class Switch : std::uint8_t { over, off };
Act watch(CardRef const& ref, Env const& env, Switch to = Switch::over) {
    return {.ref = ref,
            .rule =
                [to](Escalation const& before, rules::By const& by, Tx const&) {
                    return to == Switch::off || rules::watches(before, by.actor.id)
                               ? rules::leave(before, Kind::watcher, by.actor.id, by)
                               : rules::join(before, Kind::watcher, by.actor, by);
                },
            .said =
                [who = env.actor.id](Acted const& acted) {
                    auto const key = acted.after.id.key();
                    return say(rules::watches(acted.after, who)
                                   ? fmt::format("You watch {} now: changes of state, owner and severity come to you by direct "
                                                 "message.",
                                                 key)
                                   : fmt::format("You do not watch {} any more.", key));
                }};
}

Result<Plan> watch_by_button(slack::BlockAction const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.value));
    return Plan{act(watch(ref, env), env)};
}

// "watch 12", "watch 12 off"
Result<Plan> watch_by_verb(Words const& words, Env const& env) {
    ESC_TRY(auto const id, words.key(0));
    auto const behind = lower(words.rest(1));
    if (behind == off_word) return Plan{act(watch({id, 0}, env, Switch::off), env)};
    if (!behind.empty()) return fail(Errc::invalid, "Behind watch {} there is only off, to stop.", id.number);
    return Plan{act(watch({id, 0}, env), env)};
}

}  // namespace

void register_participants(Router& router) {
    router.action(route(rules::Verb::helper), helper_by_button);
    router.action(std::string{views::helper_off_action}, helper_off_by_button);
    router.view(route(rules::Verb::helper), helper_by_form);
    router.verb("helper", {"helper 12 @user", "ask somebody to help, the owner stays the same; helper 12 off @user ends it"},
                helper_by_verb);
    router.action(route(rules::Verb::watch), watch_by_button);
    router.verb("watch", {"watch 12 [off]", "hear of changes by direct message; once more, or with off, to stop"}, watch_by_verb);
}

}  // namespace esc::handlers
