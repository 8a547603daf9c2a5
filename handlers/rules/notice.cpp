#include "handlers/rules/notice.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace esc::rules {

namespace json = boost::json;

std::string NoticeFact::body() const {
    return json::serialize(json::object{{"to", to.value}, {"channel", channel.value}, {"text", text}});
}

OutboxItem notice(EscalationId id, std::string_view what, NoticeFact const& fact, Instant due_at) {
    return {fmt::format("notice:{}:{}", id.number, what), OutboxKind::notice, id, fact.body(), due_at};
}

}  // namespace esc::rules
