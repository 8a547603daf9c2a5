#include "handlers/rules/describe.hpp"

#include "bot/base/utf8.hpp"
#include "handlers/rules/lifecycle.hpp"
#include "handlers/rules/outbox_items.hpp"
#include "handlers/rules/parts.hpp"
#include "handlers/rules/texts.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace esc::rules {

namespace json = boost::json;

Result<void> may_describe(Escalation const& before, By const& by) {
    ESC_CHECK(may(Verb::describe, before, by));
    if (!is_wordless(before))
        return refusal_error(Errc::conflict, refusal::state, "{} was not raised from a private channel: add a note instead.",
                             before.id.key());
    return {};
}

Result<Decision> describe(Escalation const& before, std::string const& title, std::string const& description, By const& by) {
    ESC_CHECK(may_describe(before, by));
    ESC_CHECK(needs_text(title, fmt::format("Say in a few words what {} is about.", before.id.key())));
    ESC_CHECK(fits_limit(description));
    if (utf8::length(title) > title_limit)
        return refusal_error(Errc::invalid, refusal::text, "The title is {} characters long, and {} are the most.",
                             utf8::length(title), title_limit);
    auto decision = decide(before);
    decision.after.title = title;
    decision.after.description = description;
    decision.events.push_back(event_of(EventType::located, by, {{"described", true}},
                                       json::serialize(json::object{{"title", title}, {"description", description}})));
    say_in_thread(decision, {"{0} says what it is about:", {by.actor.id}, title}, by.now);
    return ended(std::move(decision), by);
}

}  // namespace esc::rules
