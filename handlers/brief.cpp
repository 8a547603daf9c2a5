// The handoff note.
#include "handlers/act.hpp"
#include "handlers/rules/work.hpp"
#include "handlers/views/work.hpp"

#include <array>

namespace esc::handlers {
namespace {

namespace blocks = slack::blocks;

Query form(EscalationId id, Env const& env) {
    return open_form(
        rules::Verb::brief, id,
        [](Escalation const& escalation, rules::By const&, Snapshot const&) { return views::brief_modal(escalation); }, env);
}

// What is typed is mostly what was done: it stands below what the note says of that already.
Query form_with(EscalationId id, std::string const& tried, Env const& env) {
    auto form = open_form(
        rules::Verb::brief, id,
        [tried](Escalation const& escalation, rules::By const&, Snapshot const&) {
            return views::brief_modal(escalation, tried);
        },
        env);
    return [form = std::move(form), id, tried](Snapshot const& snapshot) {
        auto const last = snapshot.escalation(id).value_or(Escalation{}).details.brief.value_or(Brief{});
        auto const length = blocks::length(views::and_tried(last, tried));
        auto outcome = form(snapshot);
        if (!outcome.open_modal || length <= rules::work_text_limit) return outcome;
        return refuse(fail(Errc::invalid,
                           "What was tried would be {} characters long, and {} are the most: brief {} opens the form.", length,
                           rules::work_text_limit, id.number));
    };
}

Brief::Trend trend_of(std::string_view word) {
    constexpr std::array trends{Brief::Trend::better, Brief::Trend::same, Brief::Trend::worse};
    for (auto const trend : trends)
        if (rules::to_string(trend) == word) return trend;
    return Brief::Trend::unknown;
}

Result<Plan> by_button(slack::BlockAction const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.value));
    return Plan{form(ref.id, env)};
}

Result<Plan> by_form(slack::ViewSubmission const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.private_metadata));
    Brief brief;
    brief.trend = trend_of(in.state.get(views::trend_block));
    brief.tried = trimmed(in.state.get(views::tried_block));
    brief.theory = trimmed(in.state.get(views::theory_block));
    brief.blocker = trimmed(in.state.get(views::blocker_block));
    brief.if_then = trimmed(in.state.get(views::if_then_block));
    auto written = fmt::format("{}\n{}\n{}\n{}", brief.tried, brief.theory, brief.blocker, brief.if_then);
    std::string next_step{trimmed(in.state.get(views::next_step_block))};
    if (!next_step.empty()) written += "\n" + next_step;
    Act submitted{.ref = ref,
                  .rule = [brief = std::move(brief), next_step = std::move(next_step)](Escalation const& before,
                                                                                       rules::By const& by, Tx const&) {
                      return rules::brief(before, brief, by, next_step);
                  }};
    submitted.inputs = {{rules::refusal::text, views::trend_block}};
    submitted.written = std::move(written);
    return Plan{act(std::move(submitted), env)};
}

// It is written in a form only: four texts on one line would be read by nobody.
Result<Plan> by_verb(Words const& words, Env const& env) {
    ESC_TRY(auto const id, words.key(0));
    return Plan{form_with(id, readable(words.rest(1)), env)};
}

}  // namespace

void register_brief(Router& router) {
    router.action(route(rules::Verb::brief), by_button);
    router.view(route(rules::Verb::brief), by_form);
    router.verb(
        "brief",
        {"brief 12 [text]", "the handoff note: how it goes, what was tried, what to do if …; a text is added to what was tried"},
        by_verb);
}

}  // namespace esc::handlers
