#include "handlers/channels.hpp"

#include "handlers/rules/outbox_items.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <fmt/format.h>

namespace esc::handlers {

namespace json = boost::json;

std::string channel_key(ChannelId const& channel) { return fmt::format("channel:{}", channel); }

std::string ChannelFact::body() const {
    return json::serialize(json::object{{"channel", channel.value}, {"before", before.number}});
}

Result<ChannelFact> ChannelFact::parse(std::string_view body) {
    boost::system::error_code error;
    auto const value = json::parse(body, error);
    if (error || !value.is_object()) return fail(Errc::invalid, "expected a JSON object");
    auto const* channel = value.get_object().if_contains("channel");
    auto const* before = value.get_object().if_contains("before");
    if (channel == nullptr || !channel->is_string() || channel->get_string().empty())
        return fail(Errc::invalid, "channel: expected a text");
    if (before == nullptr || !before->is_int64()) return fail(Errc::invalid, "before: expected a number");
    return ChannelFact{{std::string{channel->get_string()}}, EscalationId{before->get_int64()}};
}

OutboxItem channel_item(ChannelFact const& fact, Instant due_at) {
    return {
        .key = channel_key(fact.channel), .kind = OutboxKind::channel, .escalation = {}, .body = fact.body(), .due_at = due_at};
}

void ask_anew(Tx& tx, EscalationId id, ChannelId const& channel, Instant now) {
    for (auto const& surface : tx.surfaces(id)) {
        auto const kind = rules::kind_of(surface.key);
        if (surface.channel != channel || !kind) continue;
        OutboxItem item{surface.key, *kind, id, {}, now};
        // What is to be sent has its words still, and is asked the same question.
        if (auto waiting = tx.outbox_row(surface.key)) {
            item = std::move(waiting->item);
            item.due_at = now;
        }
        tx.enqueue(item);
    }
}

}  // namespace esc::handlers
