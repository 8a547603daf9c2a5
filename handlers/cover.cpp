// An acting owner for a while.
#include "bot/base/words.hpp"
#include "bot/base/zone.hpp"
#include "handlers/owners.hpp"
#include "handlers/rules/ownership.hpp"

#include <charconv>
#include <chrono>

namespace esc::handlers {
namespace {

namespace blocks = slack::blocks;

constexpr std::chrono::hours suggested_length{8};  // a shift

Act cover(CardRef const& ref, Person acting, Instant until) {
    return {.ref = ref, .rule = [acting = std::move(acting), until](Escalation const& before, rules::By const& by, Tx const&) {
                return rules::cover(before, acting.seen_by(before.team), until, by);
            }};
}

Act end(CardRef const& ref) {
    return {.ref = ref,
            .rule = [](Escalation const& before, rules::By const& by, Tx const&) { return rules::end_coverage(before, by); }};
}

Query form(EscalationId id, views::Prefill prefill, Env const& env) {
    auto const until = std::chrono::ceil<std::chrono::hours>(env.now + suggested_length);
    return open_form(
        rules::Verb::cover, id,
        [prefill = std::move(prefill), people = all_owners(env), until](Escalation const& escalation, rules::By const& by,
                                                                        Snapshot const& snapshot) {
            // Who only hands back chooses nobody.
            if (rules::only_hands_back(escalation, by))
                return views::cover_modal(escalation, {}, prefill, until, views::CoverForm::hand_back);
            return views::cover_modal(escalation, candidates(people, escalation, snapshot, by.now), prefill, until,
                                      views::CoverForm::whole);
        },
        env);
}

Result<Plan> by_button(slack::BlockAction const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.value));
    return Plan{form(ref.id, {}, env)};
}

// A datetimepicker's seconds since 1970.
std::optional<Instant> picked(std::string_view seconds) {
    std::int64_t read = 0;
    auto const [last, error] = std::from_chars(seconds.data(), seconds.data() + seconds.size(), read);
    // Slack's picker knows ten digits.
    if (error != std::errc{} || last != seconds.data() + seconds.size() || read <= 0 || read > 9'999'999'999) return std::nullopt;
    return from_us(read * 1'000'000);
}

Result<Plan> by_form(slack::ViewSubmission const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.private_metadata));
    if (in.state.get(views::end_block) == "yes") return Plan{act(end(ref), env)};
    auto acting = known_person({std::string{in.state.get(views::owner_block)}}, env);
    if (!acting) return Plan{refuse_in_view(views::owner_block, acting.error().message)};
    auto const until = picked(in.state.get(views::until_block));
    if (!until) return Plan{refuse_in_view(views::until_block, "Say until when.")};
    auto submitted = cover(ref, *std::move(acting), *until);
    submitted.inputs = {{rules::refusal::target, views::owner_block}, {rules::refusal::guard, views::until_block}};
    return Plan{act(std::move(submitted), env)};
}

// "cover 12 @user until 18:00", "cover 12 @user 2h", "cover 12 off"
Result<Plan> by_verb(Words const& words, Env const& env) {
    ESC_TRY(auto const id, words.key(0));
    if (words.size() == 1) return Plan{form(id, {}, env)};
    if (lower(words.at(1)) == "off") {
        auto typed = end({id, 0});
        typed.said = [](Acted const& acted) {
            return say(blocks::markup("Nobody acts for {} on {} any more.", blocks::person(acted.after.owner), acted.after.id));
        };
        return Plan{act(std::move(typed), env)};
    }
    ESC_TRY(auto const named, words.person(1));
    ESC_TRY(auto acting, known_person(named, env));
    auto const when = words.rest(lower(words.at(2)) == "until" ? 3 : 2);
    if (when.empty()) return Plan{form(id, {.person = acting.id}, env)};
    ESC_TRY(auto const until, parse_when(readable(when), zone_of(env), env.now));
    auto typed = cover({id, 0}, std::move(acting), until);
    typed.said = [](Acted const& acted) {
        auto const& coverage = *acted.after.details.coverage;
        return say(blocks::markup("{} acts for {} on {} until {}.", blocks::person(coverage.acting),
                                  blocks::person(acted.after.owner), acted.after.id, blocks::date(coverage.until)));
    };
    return Plan{act(std::move(typed), env)};
}

}  // namespace

void register_cover(Router& router) {
    router.action(route(rules::Verb::cover), by_button);
    router.view(route(rules::Verb::cover), by_form);
    router.verb(
        "cover",
        {"cover 12 @user until 18:00", "somebody acts for its owner meanwhile, who stays accountable; `cover 12 off` ends it"},
        by_verb);
}

}  // namespace esc::handlers
