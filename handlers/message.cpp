// What is said, edited and deleted where escalations come from. Almost every message concerns none: one look-up tells.
#include "bot/slack/payloads.hpp"
#include "bot/slack/web_api.hpp"
#include "handlers/answers.hpp"
#include "handlers/away.hpp"
#include "handlers/located.hpp"
#include "handlers/rules/conversation.hpp"
#include "handlers/rules/facts.hpp"
#include "handlers/rules/merge.hpp"

#include <algorithm>
#include <functional>

namespace esc::handlers {
namespace {

// Whose source's thread it is. Before `located` has written the thread down, the message that it begins with tells.
std::optional<Escalation> escalation_of_thread(Tx const& tx, MessageRef const& message) {
    auto found = tx.by_source(thread_link(message.channel, message.thread_ts));
    if (!found) found = tx.by_source(message_link(message.channel, message.thread_ts));
    return found ? tx.escalation(*found) : std::nullopt;
}

// Whether its words may be kept and quoted goes by the channel it was written in: only that of the source is known, and only
// once `located` has looked at it. A merged one's thread or a linked message may be in a private one.
bool may_be_quoted(Escalation const& escalation, ChannelId const& channel) {
    return channel == escalation.source.channel && !escalation.card_channel.empty() && !escalation.details.private_source;
}

// What was merged into it, directly or not, and has that thread for its own: there, and in what lies between, the word is kept
// for an unmerge. Whether there is one.
bool keep_for_unmerge(Tx& tx, Escalation const& parent, MessageRef const& message, Instant at, rules::By const& by) {
    bool kept = false;
    for (auto const id : rules::merged_into_it(tx.events(parent.id, {EventType::absorbed}))) {
        auto const merged = tx.escalation(id);
        if (!merged || merged->state != State::merged || !merged->details.merge || merged->details.merge->into != parent.id)
            continue;
        auto const& source = merged->source;
        auto const its_own =
            source.channel == message.channel && (source.ts == message.thread_ts || source.thread_ts == message.thread_ts);
        if (!keep_for_unmerge(tx, *merged, message, at, by) && !its_own) continue;
        kept = true;
        if (auto decision = rules::overheard(*merged, by.actor.id, at, message.ts.value, by)) save(tx, *std::move(decision));
    }
    return kept;
}

struct Heard {
    rules::Talk talk{};
    bool known = false;  // this very message
};

Heard heard_before(Tx const& tx, Escalation const& escalation, MessageTs const& ts) {
    Heard heard;
    for (auto const& stored : tx.events(escalation.id, {EventType::customer_wrote, EventType::agent_wrote, EventType::replied})) {
        auto const& event = stored.event;
        auto const by_customer = event.type == EventType::customer_wrote;
        heard.known = heard.known || rules::Facts{event}.text("ts") == ts.value;
        (by_customer ? heard.talk.customer : heard.talk.colleagues).push_back(event.source_time);
    }
    std::sort(heard.talk.customer.begin(), heard.talk.customer.end());
    std::sort(heard.talk.colleagues.begin(), heard.talk.colleagues.end());
    return heard;
}

Result<Plan> on_posted(slack::MessagePosted const& in, Env const& env) {
    if (in.message.thread_ts.empty() || !env.actor.active) return Plan{Nothing{}};
    auto const at = std::min(parse_slack_ts(in.message.ts.value).value_or(env.now), env.now);
    return Plan{Work{[message = in.message, text = readable(in.text), at, config = env.config, who = by(env),
                      minding = env.actor.role == Role::outsider ? std::optional{Minding{env}} : std::nullopt](Tx& tx) {
        auto const before = escalation_of_thread(tx, message);
        if (!before || before->source.ts == message.ts) return done();
        auto const by = rules::seen_by(who, *before);
        auto const& details = before->details;
        Heard heard;
        auto const newest =
            std::max(details.customer_wrote_at.value_or(Instant::min()), details.replied_at.value_or(Instant::min()));
        if (at <= newest) heard = heard_before(tx, *before, message.ts);  // late, or once more
        if (heard.known) return done();
        auto const quoted =
            may_be_quoted(*before, message.channel) ? text : std::string{rules::only_thanks(text) ? "Thanks" : ""};
        auto decision = by.actor.role == Role::outsider
                            ? rules::customer_wrote(*before, by.actor.id, quoted, at, message.ts.value, heard.talk, *config, by)
                            : rules::colleague_wrote(*before, at, message.ts.value, by);
        if (by.actor.role == Role::outsider) {
            if (!decision) decision = rules::overheard(*before, by.actor.id, at, message.ts.value, by);
            keep_for_unmerge(tx, *before, message, at, by);
        }
        if (decision) save(tx, *std::move(decision));
        if (minding) minding->mind(tx, *before);  // they may have opened it again
        return done();
    }}};
}

// Done to the message that an escalation was raised from.
Work on_source(MessageRef const& message, std::function<std::optional<Decision>(Escalation const&)> change) {
    return [link = message_link(message.channel, message.ts), change = std::move(change)](Tx& tx) {
        auto const known = tx.by_source(link);
        auto const before = known ? tx.escalation(*known) : std::nullopt;
        if (!before) return done();
        if (auto decision = change(*before)) save(tx, *std::move(decision));
        return done();
    };
}

Result<Plan> on_changed(slack::MessageChanged const& in, Env const& env) {
    auto const at = parse_slack_ts(in.event_ts).value_or(env.now);
    return Plan{on_source(
        in.message, [channel = in.message.channel, text = readable(in.text), at, who = by(env)](Escalation const& before) {
            std::optional<rules::SourceText> follows;
            if (!may_be_quoted(before, channel)) return rules::source_edited(before, {}, follows, at, who);
            // Both came from the message when the one begins as the other does; what somebody typed stays.
            if (auto const taken = source_text(before.description); !taken.title.empty() && taken.title == before.title)
                follows = source_text(text);
            return rules::source_edited(before, text, follows, at, who);
        })};
}

Result<Plan> on_deleted(slack::MessageDeleted const& in, Env const& env) {
    auto const at = parse_slack_ts(in.event_ts).value_or(env.now);
    return Plan{
        on_source(in.message, [at, who = by(env)](Escalation const& before) { return rules::source_deleted(before, at, who); })};
}

}  // namespace

void register_message(Router& router) {
    router.event(on_posted);
    router.event(on_changed);
    router.event(on_deleted);
}

}  // namespace esc::handlers
