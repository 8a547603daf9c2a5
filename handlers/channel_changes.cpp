// A channel that is shared with another organisation is read by people from outside from then on: what of ours stands there
// leaves. A private one gets another id then, and what is known of it goes on under that one.
#include "bot/base/log.hpp"
#include "handlers/answers.hpp"
#include "handlers/boards.hpp"
#include "handlers/channels.hpp"
#include "handlers/router.hpp"
#include "handlers/rules/lifecycle.hpp"
#include "handlers/rules/outbox_items.hpp"
#include "handlers/rules/parts.hpp"

#include <vector>

namespace esc::handlers {
namespace {

constexpr int page = 100;

// A channel has one board: what stands under the new id already stays.
void only_one_board(Tx& tx, ChannelId const& from, ChannelId const& to, Instant now) {
    auto const boards = tx.boards();
    auto const* moved = board_in(boards, from);
    if (!moved || !board_in(boards, to)) return;
    tx.unpin_board(moved->id);
    auto gone = *moved;
    gone.channel = to;
    tx.enqueue(board_item(gone, now));
}

std::vector<Escalation> alive_there(Snapshot const& snapshot, ChannelId const& channel) {
    std::vector<Escalation> found;
    for (EscalationId after{};;) {
        auto const some = snapshot.alive_in(channel, after, page);
        found.insert(found.end(), some.begin(), some.end());
        if (some.size() < static_cast<std::size_t>(page)) return found;
        after = some.back().id;
    }
}

Result<Plan> on_changed(slack::ChannelIdChanged const& in, Env const& env) {
    if (in.from == in.to) return Plan{Nothing{}};
    auto const& channels = env.config->channels;
    auto const is_old = [&in](ChannelId const& one) { return one == in.from; };
    auto configured = is_old(channels.triage) || is_old(channels.digests);
    for (auto const& team : env.config->teams) {
        configured = configured || is_old(team.triage) || is_old(team.channel);
        for (auto const& source : team.sources) configured = configured || source == in.from.value;
    }
    if (configured)
        log::warning("configured_channel_has_another_id",
                     {{"from", in.from.value}, {"to", in.to.value}, {"hint", "put the new id into the configuration"}});
    return Plan{Work{[from = in.from, to = in.to, by = rules::by_system(env.now, env.trace)](Tx& tx) {
        only_one_board(tx, from, to, by.now);
        tx.channel_renamed(from, to);
        for (auto const& before : alive_there(tx, from)) {
            auto decision = rules::decide(before);
            auto& after = decision.after;
            if (after.source.channel == from) after.source.channel = to;
            if (after.card_channel == from) after.card_channel = to;
            decision.events.push_back(rules::event_of(EventType::located, by,
                                                      {{"renamed", true},
                                                       {"from", from.value},
                                                       {"to", to.value},
                                                       {"channel", after.source.channel.value},
                                                       {"card_channel", after.card_channel.value}}));
            // What is merged shows nothing new, and a card that has left stays away.
            if (before.state != State::merged) rules::refresh_surfaces(decision, by.now);
            rules::finish(decision, by.now);
            save(tx, std::move(decision));
        }
        tx.enqueue(channel_item({to}, by.now));
        return done();
    }}};
}

Result<Plan> on_sharing(slack::ChannelSharing const& in, Env const& env) {
    return Plan{Work{[channel = in.channel, now = env.now](Tx& tx) {
        tx.enqueue(channel_item({channel}, now));
        return done();
    }}};
}

}  // namespace

void register_channel_changes(Router& router) {
    router.event(on_sharing);
    router.event(on_changed);
}

}  // namespace esc::handlers
