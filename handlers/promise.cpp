// What somebody was promised until when, and that it was kept.
#include "bot/base/words.hpp"
#include "bot/base/zone.hpp"
#include "handlers/act.hpp"
#include "handlers/rules/work.hpp"
#include "handlers/views/parts.hpp"
#include "handlers/views/work.hpp"

#include <charconv>
#include <chrono>
#include <system_error>

namespace esc::handlers {
namespace {

namespace blocks = slack::blocks;
using namespace std::chrono_literals;

constexpr std::string_view kept_word = "kept";
constexpr std::int64_t seconds_max = 253'402'300'799;  // the year 9999

Act promise(CardRef const& ref, Promise promise, Env const& env) {
    return {
        .ref = ref,
        .rule = [promise = std::move(promise), config = env.config](Escalation const& before, rules::By const& by, Tx const&) {
            return rules::promise(before, promise, *config, by);
        }};
}

Act keep(CardRef const& ref) {
    return {.ref = ref,
            .rule = [](Escalation const& before, rules::By const& by, Tx const&) { return rules::keep_promise(before, by); }};
}

// There is one promise at a time: who makes another one is told which it replaces, since that one may have been kept.
Outcome promised(Acted const& acted) {
    auto outcome = say(fmt::format("Promised on {}, due {}. When it is done: promise {} kept.", acted.after.id.key(),
                                   blocks::date(acted.after.details.promise->due).text, acted.after.id.number));
    if (auto const& replaced = acted.before.details.promise)
        *outcome.reply.message += blocks::section(
            blocks::mrkdwn("It replaces the promise of {}, due {}, which nobody said was kept; its clock is cancelled:\n{}",
                           blocks::person(replaced->by), blocks::date(replaced->due), blocks::raw(views::quote(replaced->text))));
    return outcome;
}

// A full half-hour, at least one hour away.
Instant suggested_due(Instant now) { return std::chrono::ceil<std::chrono::duration<std::int64_t, std::ratio<1800>>>(now + 1h); }

Query form(EscalationId id, Instant due, Env const& env) {
    return open_form(
        rules::Verb::promise, id,
        [due](Escalation const& escalation, rules::By const&, Snapshot const&) { return views::promise_modal(escalation, due); },
        env);
}

Result<Plan> by_button(slack::BlockAction const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.value));
    return Plan{form(ref.id, suggested_due(env.now), env)};
}

Result<Plan> kept_by_button(slack::BlockAction const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.value));
    auto pressed = keep(ref);
    if (!in.view_id.empty())
        pressed.said = [due = suggested_due(env.now)](Acted const& acted) {
            Outcome outcome;
            outcome.replace_modal = views::promise_modal(acted.after, due);
            return outcome;
        };
    return Plan{act(std::move(pressed), env)};
}

std::optional<Instant> chosen_moment(std::string_view seconds) {
    std::int64_t value = 0;
    auto const [end, error] = std::from_chars(seconds.data(), seconds.data() + seconds.size(), value);
    if (error != std::errc{} || end != seconds.data() + seconds.size() || value < 0 || value > seconds_max) return std::nullopt;
    return Instant{std::chrono::seconds{value}};
}

Result<Plan> by_form(slack::ViewSubmission const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.private_metadata));
    auto const due = chosen_moment(in.state.get(views::promise_due_block));
    if (!due) return Plan{refuse_in_view(views::promise_due_block, "Say until when.")};
    Promise made;
    made.text = trimmed(in.state.get(views::promise_block));
    made.to = trimmed(in.state.get(views::promise_to_block));
    made.due = *due;
    auto written = fmt::format("{}\n{}", made.text, made.to);
    auto submitted = promise(ref, std::move(made), env);
    submitted.inputs = {{rules::refusal::text, views::promise_block}, {rules::refusal::guard, views::promise_due_block}};
    submitted.written = std::move(written);
    return Plan{act(std::move(submitted), env)};
}

// "promise 12 14:30 the fix is out", "promise 12 kept", "promise 12"
Result<Plan> by_verb(Words const& words, Env const& env) {
    ESC_TRY(auto const id, words.key(0));
    auto const text = readable(words.rest(1));
    if (text.empty()) return Plan{form(id, suggested_due(env.now), env)};
    if (lower(text) == kept_word) {
        auto typed = keep({id, 0});
        typed.said = [](Acted const& acted) { return say(fmt::format("The promise on {} is kept.", acted.after.id.key())); };
        return Plan{act(std::move(typed), env)};
    }
    ESC_TRY(auto const when, leading_when(text, zone_of(env), env.now));
    if (when.rest.empty()) return Plan{form(id, when.at, env)};
    Promise made;
    made.text = when.rest;
    made.due = when.at;
    auto typed = promise({id, 0}, std::move(made), env);
    typed.said = promised;
    return Plan{act(std::move(typed), env)};
}

}  // namespace

void register_promise(Router& router) {
    router.action(route(rules::Verb::promise), by_button);
    router.action(std::string{views::promise_kept_action}, kept_by_button);
    router.view(route(rules::Verb::promise), by_form);
    router.verb("promise",
                {"promise 12 14:30 text",
                 "what the customer was promised by then (tomorrow 9:00, mon 10:00, 2h); promise 12 kept, when it is done"},
                by_verb);
}

}  // namespace esc::handlers
