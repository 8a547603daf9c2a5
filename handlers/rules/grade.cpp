#include "handlers/rules/grade.hpp"

#include "handlers/rules/outbox_items.hpp"
#include "handlers/rules/parts.hpp"

#include <boost/json/object.hpp>

#include <algorithm>
#include <utility>

namespace esc::rules {
namespace {

void settle(Decision& decision, Severity level, By const& by) {
    auto& after = decision.after;
    auto& said = *after.details.warranted;
    decision.events.push_back(event_of(EventType::graded, by,
                                       {{"warranted", to_string(level)},
                                        {"said", to_string(said.level)},
                                        {"said_by", said.by.value},
                                        {"was", to_string(after.severity)}}));
    said.level = level;
    said.graded_by = by.actor.id;
}

}  // namespace

void warrant(Decision& decision, Severity level, Ladder const& ladder, By const& by) {
    auto& after = decision.after;
    after.details.warranted = {.level = level, .by = by.actor.id, .at = by.now, .graded_by = {}};
    if (may(Verb::grade, after, by)) return settle(decision, level, by);
    tell(decision, occasion("warranted", decision), leads_or_next(ladder),
         {fmt::format("{{0}} resolved it, and says that {} was warranted; it was {}. Approve it, or grade it by what could be "
                      "known then.",
                      to_string(level), to_string(after.severity)),
          {by.actor.id},
          {}},
         {std::string{to_string(Verb::approve)}, std::string{to_string(Verb::grade)}, "show"}, by);
}

Result<void> may_grade(Escalation const& before, By const& by) {
    ESC_CHECK(may(Verb::grade, before, by));
    auto const& said = before.details.warranted;
    if (!said)
        return refusal_error(Errc::conflict, refusal::nothing, "Nobody says that another level was warranted for {}.",
                             before.id.key());
    if (!said->graded_by.empty())
        return refusal_error(Errc::conflict, refusal::nothing, "{} is settled already: {} was warranted.", before.id.key(),
                             to_string(said->level));
    return {};
}

Result<Decision> grade(Escalation const& before, Severity level, By const& by) {
    ESC_CHECK(may_grade(before, by));
    auto const said = *before.details.warranted;
    auto decision = decide(before);
    settle(decision, level, by);
    tell(decision, occasion("graded", decision), {said.by},
         {level == said.level ? fmt::format("{{0}} agrees: {} was warranted.", to_string(level))
                              : fmt::format("{{0}} says that {} was warranted, not {}.", to_string(level), to_string(said.level)),
          {by.actor.id},
          {}},
         {}, by);
    return ended(std::move(decision), by);
}

}  // namespace esc::rules
