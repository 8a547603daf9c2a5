#include "handlers/rules/outbox_items.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
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

Result<std::vector<std::string>> words(json::object const& object, std::string_view name) {
    auto const* value = object.if_contains(name);
    if (value == nullptr || !value->is_array()) return fail(Errc::invalid, "{}: expected a list", name);
    std::vector<std::string> all;
    for (auto const& one : value->get_array()) {
        if (!one.is_string()) return fail(Errc::invalid, "{}: expected texts", name);
        all.emplace_back(one.get_string());
    }
    return all;
}

json::object object_of(Said const& said) {
    json::array people;
    for (auto const& person : said.people) people.emplace_back(person.value);
    json::object object{{"sentence", said.sentence}, {"people", std::move(people)}, {"quote", said.quote}};
    json::array moments;
    for (auto const moment : said.moments) moments.emplace_back(to_us(moment));
    if (!moments.empty()) object["moments"] = std::move(moments);
    return object;
}

// Most have none, and then the list is not written.
Result<std::vector<Instant>> moments_in(json::object const& object) {
    std::vector<Instant> all;
    auto const* value = object.if_contains("moments");
    if (value == nullptr) return all;
    if (!value->is_array()) return fail(Errc::invalid, "moments: expected a list");
    for (auto const& one : value->get_array()) {
        if (!one.is_int64()) return fail(Errc::invalid, "moments: expected whole numbers");
        all.push_back(from_us(one.get_int64()));
    }
    return all;
}

Result<Said> said_in(json::object const& object) {
    ESC_TRY(auto sentence, some_word(object, "sentence"));
    ESC_TRY(auto const names, words(object, "people"));
    ESC_TRY(auto quote, word(object, "quote"));
    Said said{std::move(sentence), {}, std::move(quote)};
    for (auto const& name : names) said.people.push_back({name});
    ESC_TRY(said.moments, moments_in(object));
    return said;
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
    auto object = object_of(said);
    object["to"] = to.value;
    object["channel"] = channel.value;
    object["buttons"] = json::array(buttons.begin(), buttons.end());
    return json::serialize(object);
}

Result<NoticeFact> NoticeFact::parse(std::string_view body) {
    ESC_TRY(auto const object, object_in(body));
    ESC_TRY(auto to, some_word(object, "to"));
    ESC_TRY(auto channel, word(object, "channel"));
    ESC_TRY(auto said, said_in(object));
    ESC_TRY(auto buttons, words(object, "buttons"));
    return NoticeFact{{std::move(to)}, {std::move(channel)}, std::move(said), std::move(buttons)};
}

OutboxItem notice_item(EscalationId id, std::string_view what, NoticeFact const& fact, Instant due_at) {
    return item(OutboxKind::notice, id, fmt::format("notice:{}:{}:{}", id.number, what, fact.to), fact.body(), due_at);
}

std::string occasion(std::string_view what, Decision const& decision) {
    return fmt::format("{}:v{}", what, decision.after.version + 1);
}

std::string asked_at(std::string_view what, Instant when) { return fmt::format("{}:{}", what, to_us(when)); }

void tell(Decision& decision, std::string_view what, std::vector<PersonId> const& people, Said const& said,
          std::vector<std::string> const& buttons, By const& by) {
    for (auto const& person : people)
        if (!person.empty() && person != by.actor.id)
            decision.outbox.push_back(
                notice_item(decision.after.id, what, {.to = person, .channel = {}, .said = said, .buttons = buttons}, by.now));
}

bool tells(Decision const& decision, PersonId const& person) {
    return std::any_of(decision.outbox.begin(), decision.outbox.end(), [&](OutboxItem const& item) {
        if (item.kind != OutboxKind::notice) return false;
        auto const fact = NoticeFact::parse(item.body);
        return fact && fact->to == person;
    });
}

// Most have none, and then the list is not written.
std::string ThreadNoteFact::body() const {
    auto object = object_of(said);
    json::array all;
    for (auto const& one : quotes) all.push_back({{"name", one.name}, {"at", to_us(one.at)}, {"text", one.text}});
    if (!all.empty()) object["quotes"] = std::move(all);
    return json::serialize(object);
}

Result<ThreadNoteFact> ThreadNoteFact::parse(std::string_view body) {
    ESC_TRY(auto const object, object_in(body));
    ThreadNoteFact fact;
    ESC_TRY(fact.said, said_in(object));
    auto const* quotes = object.if_contains("quotes");
    if (quotes == nullptr) return fact;
    if (!quotes->is_array()) return fail(Errc::invalid, "quotes: expected a list");
    for (auto const& one : quotes->get_array()) {
        auto const* at = one.is_object() ? one.get_object().if_contains("at") : nullptr;
        if (at == nullptr || !at->is_int64()) return fail(Errc::invalid, "quotes: expected objects with a moment");
        Quoted quoted;
        quoted.at = from_us(at->get_int64());
        ESC_TRY(quoted.name, word(one.get_object(), "name"));
        ESC_TRY(quoted.text, word(one.get_object(), "text"));
        fact.quotes.push_back(std::move(quoted));
    }
    return fact;
}

std::string CustomerReplyFact::body() const { return json::serialize(json::object{{"text", text}}); }

Result<CustomerReplyFact> CustomerReplyFact::parse(std::string_view body) {
    ESC_TRY(auto const object, object_in(body));
    ESC_TRY(auto text, some_word(object, "text"));
    return CustomerReplyFact{std::move(text)};
}

OutboxItem customer_reply_item(Escalation const& escalation, CustomerReplyFact const& fact, Instant due_at) {
    auto const& source = escalation.source;
    auto const thread = thread_link(source.channel, source.thread_ts.empty() ? source.ts : source.thread_ts);
    return item(OutboxKind::customer_reply, escalation.id, "customer:" + thread.external_id, fact.body(), due_at);
}

void say_in_thread(Decision& decision, Said const& said, Instant now, std::vector<Quoted> quotes) {
    auto const& after = decision.after;
    decision.outbox.push_back(item(OutboxKind::thread_note, after.id,
                                   fmt::format("thread:{}:v{}", after.id.number, after.version + 1),
                                   ThreadNoteFact{said, std::move(quotes)}.body(), now));
}

std::optional<OutboxKind> kind_of(std::string_view surface_key) {
    if (surface_key.starts_with("card:")) return OutboxKind::card;
    if (surface_key.starts_with("status:")) return OutboxKind::status_reply;
    if (surface_key.starts_with("thread:")) return OutboxKind::thread_note;
    if (surface_key.starts_with("notice:")) return OutboxKind::notice;
    if (surface_key.starts_with("alert:")) return OutboxKind::alert;
    return std::nullopt;
}

void refresh_surfaces(Decision& decision, Instant now) {
    auto const& after = decision.after;
    if (after.card_channel.empty()) return;
    decision.outbox.push_back(card_item(after.id, now));
    if (after.origin == Origin::slack_message) decision.outbox.push_back(status_reply_item(after.id, now));
}

}  // namespace esc::rules
