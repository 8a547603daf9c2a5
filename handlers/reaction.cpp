// A mapped emoji on a message opens an escalation. Nobody waits for an answer: the card and the short reply say it.
#include "bot/slack/payloads.hpp"
#include "handlers/answers.hpp"
#include "handlers/raising.hpp"
#include "handlers/router.hpp"
#include "handlers/rules/outbox_items.hpp"

#include <algorithm>
#include <utility>

namespace esc::handlers {
namespace {

// Who raises what is there already hears it once: where the message is, seen by nobody else; elsewhere by direct message.
void tell_raiser(Tx& tx, Raised const& raised, ChannelId const& channel, rules::By const& by) {
    rules::NoticeFact const fact{
        by.actor.id, channel, {"This message has been escalated already. Nothing new was opened.", {}, {}}, {}};
    tx.enqueue(rules::notice_item(raised.escalation.id, "raised_again", fact, by.now));
}

Result<Plan> on_reaction(slack::ReactionAdded const& in, Env const& env) {
    auto const severity = env.config->reactions.find(in.reaction);
    if (severity == env.config->reactions.end()) return Plan{Nothing{}};
    if (in.item.channel.empty() || in.item.ts.empty()) return Plan{Nothing{}};
    if (env.actor.role < Role::requester || !env.actor.active) return Plan{Nothing{}};  // outsiders, guests and bots

    Raising raising;
    raising.severity.level = severity->second;
    auto& request = raising.request;
    request.origin = Origin::slack_message;
    request.source = in.item;
    // The escalation begins with the reaction: on a message of last week the clocks have not been running since. An event
    // that arrives late keeps its time, and what passed meanwhile does not alert.
    request.opened_at = std::min(parse_slack_ts(in.event_ts).value_or(env.now), env.now);
    ESC_TRY(auto const raise, Raise::prepare(std::move(raising), env));
    auto const in_private = in.head.shared_channel || in.item.channel.value.starts_with('D');
    return Plan{Work{[raise, channel = in_private ? ChannelId{} : in.item.channel, who = by(env)](Tx& tx) {
        // The same message never makes a second one, whoever reacts with whatever emoji.
        auto const raised = raise(tx);
        if (!raised) return refuse(raised.error());
        if (raised->again && raised->first_time) tell_raiser(tx, *raised, channel, who);
        return done();
    }}};
}

}  // namespace

void register_reaction(Router& router) { router.event(on_reaction); }

}  // namespace esc::handlers
