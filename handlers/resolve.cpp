// Resolving: a button opens the form, the form or the verb's text resolves.
#include "handlers/answers.hpp"
#include "handlers/router.hpp"
#include "handlers/rules/lifecycle.hpp"
#include "handlers/views/views.hpp"

namespace esc::handlers {
namespace {

constexpr std::string_view resolution_block = "resolution";

// Looks first, so that nobody types a text that will be refused.
Query open_form(EscalationId id, Person const& actor) {
    return [id, actor](Snapshot const& snapshot) {
        auto const escalation = snapshot.escalation(id);
        if (!escalation) return refuse_unknown(id);
        if (auto const may = rules::may_resolve(*escalation, actor); !may) return refuse(*escalation, may.error());
        Outcome outcome;
        outcome.open_modal = views::resolve_modal(*escalation);
        return outcome;
    };
}

Result<Plan> by_button(slack::BlockAction const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.value));
    return Plan{open_form(ref.id, env.actor)};
}

Result<Plan> by_form(slack::ViewSubmission const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.private_metadata));
    auto text = std::string{trimmed(in.state.get(resolution_block))};
    return Plan{Work{[id = ref.id, text = std::move(text), who = by(env)](Tx& tx) {
        auto const before = tx.escalation(id);
        if (!before) return refuse_in_view(resolution_block, fmt::format("There is no {}.", id.key()));
        auto decision = rules::resolve(*before, text, who);
        if (!decision) return refuse_in_view(resolution_block, decision.error().message);
        save(tx, *std::move(decision));
        return done();
    }}};
}

Result<Plan> by_verb(Words const& words, Env const& env) {
    ESC_TRY(auto const id, words.key(0));
    auto text = readable(words.rest(1));
    if (text.empty()) return Plan{open_form(id, env.actor)};
    return Plan{Work{[id, text = std::move(text), who = by(env)](Tx& tx) {
        auto const before = tx.escalation(id);
        if (!before) return refuse_unknown(id);
        auto decision = rules::resolve(*before, text, who);
        if (!decision) return refuse(*before, decision.error());
        save(tx, *std::move(decision));
        return say(fmt::format("{} is resolved.", id.key()));
    }}};
}

}  // namespace

void register_resolve(Router& router) {
    router.action(std::string{views::resolve_action}, by_button);
    router.view(std::string{views::resolve_callback}, by_form);
    router.verb("resolve", {"resolve 12 text", "it is done, and how (owner or manager)"}, by_verb);
}

}  // namespace esc::handlers
