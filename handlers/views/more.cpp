#include "handlers/views/more.hpp"

#include "handlers/card_ref.hpp"
#include "handlers/rules/ownership.hpp"
#include "handlers/views/parts.hpp"
#include "handlers/views/verbs.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace esc::views {

namespace blocks = slack::blocks;

namespace {

using rules::Verb;

std::string_view what(VerbFacts const& facts, Escalation const& escalation, rules::By const& by) {
    bool const glass = facts.verb == Verb::override_owner && by.actor.role < Role::manager;
    if (glass) return "In an emergency, when no manager can be reached: give it to another owner. Managers are told.";
    bool const confirms = facts.verb == Verb::severity && escalation.details.unconfirmed_since && by.actor.role >= Role::lead;
    if (confirms) return "Confirm SEV1, or lower it with a reason.";
    if (facts.verb == Verb::accept && !rules::is_owner(escalation, by.actor)) return "As an engineer: say that you work on it.";
    if (facts.verb == Verb::cover && rules::only_hands_back(escalation, by)) return "You act for its owner: hand it back.";
    if (facts.verb == Verb::wait && is_waiting(escalation.state)) return "Let it wait for longer, with a reason for the record.";
    return facts.what;
}

}  // namespace

std::vector<std::string> for_others(Escalation const& escalation, rules::By const& by) {
    std::vector<std::pair<std::string, std::vector<std::string_view>>> kinds;
    for (auto const& one : all_facts()) {
        if (!rules::makes_sense(one.verb, escalation, by.now) || rules::may(one.verb, escalation, by)) continue;
        auto const who = capitalized(rules::who_may(one.verb, escalation, by));
        if (who.empty()) continue;
        auto kind = std::find_if(kinds.begin(), kinds.end(), [&](auto const& known) { return known.first == who; });
        if (kind == kinds.end()) kind = kinds.insert(kinds.end(), {who, {}});
        kind->second.push_back(one.label);
    }
    std::vector<std::string> out;
    out.reserve(kinds.size());
    for (auto const& [who, verbs] : kinds) out.push_back(fmt::format("{}: {}", who, fmt::join(verbs, ", ")));
    return out;
}

blocks::Modal more(Escalation const& escalation, rules::By const& by, std::string_view card_permalink) {
    blocks::Modal modal{.callback_id = std::string{more_action},
                        .title = fmt::format("{}: what now?", escalation.id),
                        .submit = {},
                        .close = "Close",
                        .private_metadata = handlers::CardRef::make(escalation)};
    modal += blocks::section(
        blocks::mrkdwn_text(fmt::format("{}\n{}", linked_headline(escalation, card_permalink), status(escalation, by.now))));
    std::optional<Group> last;
    for (auto const& one : all_facts()) {
        if (!rules::offered(one.verb, escalation, by)) continue;
        if (last != one.group) modal += blocks::context({blocks::mrkdwn_text(fmt::format("*{}*", title_of(one.group)))});
        last = one.group;
        modal += blocks::section(blocks::mrkdwn_text(fmt::format("*{}*\n{}", one.label, what(one, escalation, by))),
                                 verb_button(one.verb, escalation));
    }
    if (auto const others = for_others(escalation, by); !others.empty())
        modal += blocks::context({blocks::mrkdwn_text(fmt::format("Others may do more:\n{}", fmt::join(others, "\n")))});
    return modal;
}

}  // namespace esc::views
