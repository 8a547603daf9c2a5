#include "handlers/rules/notice.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace esc::rules {

namespace json = boost::json;

std::string NoticeFact::body() const {
    return json::serialize(json::object{{"to", to.value}, {"channel", channel.value}, {"text", text}});
}

Result<NoticeFact> NoticeFact::parse(std::string_view body) {
    boost::system::error_code error;
    auto const value = json::parse(body, error);
    if (error || !value.is_object()) return fail(Errc::invalid, "notice: expected a JSON object");
    auto const word = [&](std::string_view name) {
        auto const* found = value.get_object().if_contains(name);
        return found != nullptr && found->is_string() ? std::string{found->get_string()} : std::string{};
    };
    NoticeFact fact{{word("to")}, {word("channel")}, word("text")};
    if (fact.to.empty()) return fail(Errc::invalid, "notice.to: expected a person");
    if (fact.text.empty()) return fail(Errc::invalid, "notice.text: expected a text");
    return fact;
}

OutboxItem notice(EscalationId id, std::string_view what, NoticeFact const& fact, Instant due_at) {
    return {fmt::format("notice:{}:{}", id.number, what), OutboxKind::notice, id, fact.body(), due_at};
}

}  // namespace esc::rules
