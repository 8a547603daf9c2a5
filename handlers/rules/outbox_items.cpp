#include "handlers/rules/outbox_items.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <utility>

namespace esc::rules {
namespace {

namespace json = boost::json;

OutboxItem item(OutboxKind kind, EscalationId id, std::string key, std::string body, Instant due_at) {
    return {std::move(key), kind, id, std::move(body), due_at};
}

Result<json::object> object_in(std::string_view body) {
    boost::system::error_code error;
    auto const value = json::parse(body, error);
    if (error || !value.is_object()) return fail(Errc::invalid, "expected a JSON object");
    return value.get_object();
}

Result<std::string> word(json::object const& object, std::string_view name) {
    auto const* value = object.if_contains(name);
    if (value == nullptr || !value->is_string()) return fail(Errc::invalid, "{}: expected a text", name);
    return std::string{value->get_string()};
}

Result<std::string> some_word(json::object const& object, std::string_view name) {
    ESC_TRY(auto text, word(object, name));
    if (text.empty()) return fail(Errc::invalid, "{}: must not be empty", name);
    return text;
}

}  // namespace

std::string card_key(EscalationId id) { return fmt::format("card:{}", id.number); }

OutboxItem card_item(EscalationId id, Instant due_at) { return item(OutboxKind::card, id, card_key(id), {}, due_at); }

OutboxItem status_reply_item(EscalationId id, Instant due_at) {
    return item(OutboxKind::status_reply, id, fmt::format("status:{}", id.number), {}, due_at);
}

OutboxItem locate_item(EscalationId id, Instant due_at) {
    return item(OutboxKind::locate, id, fmt::format("locate:{}", id.number), {}, due_at);
}

std::string ResponseFact::body() const { return json::serialize(json::object{{"url", url}}); }

Result<ResponseFact> ResponseFact::parse(std::string_view body) {
    ESC_TRY(auto const object, object_in(body));
    ESC_TRY(auto url, some_word(object, "url"));
    return ResponseFact{std::move(url)};
}

OutboxItem response_item(EscalationId id, ResponseFact const& fact, Instant due_at) {
    return item(OutboxKind::response, id, fmt::format("response:{}", id.number), fact.body(), due_at);
}

std::string NoticeFact::body() const {
    return json::serialize(json::object{{"to", to.value}, {"channel", channel.value}, {"text", text}});
}

Result<NoticeFact> NoticeFact::parse(std::string_view body) {
    ESC_TRY(auto const object, object_in(body));
    ESC_TRY(auto to, some_word(object, "to"));
    ESC_TRY(auto channel, word(object, "channel"));
    ESC_TRY(auto text, some_word(object, "text"));
    return NoticeFact{{std::move(to)}, {std::move(channel)}, std::move(text)};
}

OutboxItem notice_item(EscalationId id, std::string_view what, NoticeFact const& fact, Instant due_at) {
    return item(OutboxKind::notice, id, fmt::format("notice:{}:{}", id.number, what), fact.body(), due_at);
}

void refresh_surfaces(Decision& decision, Instant now) {
    auto const& after = decision.after;
    if (after.card_channel.empty()) return;
    decision.outbox.push_back(card_item(after.id, now));
    if (after.origin == Origin::slack_message) decision.outbox.push_back(status_reply_item(after.id, now));
}

}  // namespace esc::rules
