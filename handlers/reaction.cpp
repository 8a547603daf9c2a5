// A mapped emoji on a message opens an escalation. Nobody waits for an answer: the card and the short reply say it.
#include "bot/slack/payloads.hpp"
#include "handlers/answers.hpp"
#include "handlers/router.hpp"
#include "handlers/rules/lifecycle.hpp"

#include <algorithm>

namespace esc::handlers {
namespace {

Result<Plan> on_reaction(slack::ReactionAdded const& in, Env const& env) {
    auto const severity = env.config->reactions.find(in.reaction);
    if (severity == env.config->reactions.end()) return Plan{Nothing{}};
    if (in.item.channel.empty() || in.item.ts.empty()) return Plan{Nothing{}};
    if (env.actor.role < Role::requester || !env.actor.active) return Plan{Nothing{}};  // outsiders, guests and bots

    rules::RaiseRequest request;
    request.workspace = env.workspace;
    request.severity = severity->second;
    request.origin = Origin::slack_message;
    request.source = in.item;
    // The escalation begins with the reaction: on a message of last week the clocks have not been running since. An event
    // that arrives late keeps its time, and what passed meanwhile does not alert.
    request.opened_at = std::min(parse_slack_ts(in.event_ts).value_or(env.now), env.now);
    return Plan{Work{[request, targets = env.config->targets(request.severity), who = by(env)](Tx& tx) {
        // The same message never makes a second one, whoever reacts with whatever emoji.
        if (tx.by_source({"slack", fmt::format("{}:{}", request.source.channel, request.source.ts)})) return done();
        auto numbered = request;
        numbered.id = tx.next_escalation_id();
        auto const raised = rules::raise(numbered, targets, who);
        if (!raised) return refuse(raised.error());
        tx.apply(*raised);
        return done();
    }}};
}

}  // namespace

void register_reaction(Router& router) { router.event(on_reaction); }

}  // namespace esc::handlers
