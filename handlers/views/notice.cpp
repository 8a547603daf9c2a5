// What one person is told, and what is said in the card's thread: which escalation, the sentence, and what to press.
#include "handlers/rules/ownership.hpp"
#include "handlers/rules/severity.hpp"
#include "handlers/rules/work.hpp"
#include "handlers/views/parts.hpp"
#include "handlers/views/views.hpp"
#include "handlers/views/work.hpp"

#include <algorithm>

namespace esc::views {

namespace blocks = slack::blocks;

namespace {

constexpr std::size_t quoted_name_max = 80;

bool has(rules::NoticeFact const& fact, std::string_view word) {
    return std::find(fact.buttons.begin(), fact.buttons.end(), word) != fact.buttons.end();
}

}  // namespace

blocks::Message notice(rules::NoticeFact const& fact, Escalation const& escalation, std::string_view card_permalink, Instant now,
                       std::optional<Person> const& reader) {
    auto const said = sentence(fact.said);
    blocks::Message message{.text = fmt::format("{}: {}", headline(escalation), said)};
    message += blocks::section(blocks::mrkdwn_text(fmt::format("{}\n{}", linked_headline(escalation, card_permalink), said)));
    std::vector<blocks::Element> buttons;
    if (has(fact, rules::confirm_word) && escalation.details.unconfirmed_since &&
        for_reader(rules::Verb::approve, escalation, reader, now))
        buttons = confirm_buttons(escalation);
    rules::By const reading{reader ? reader->seen_by(escalation.team) : Person{.id = fact.to, .role = Role::requester}, now, {}};
    for (auto const verb : rules::all_verbs) {
        if (!has(fact, rules::to_string(verb)) || !for_reader(verb, escalation, reader, now)) continue;
        if (verb == rules::Verb::cover && rules::only_hands_back(escalation, reading)) {
            buttons.push_back(button(escalation, "esc.cover", "Hand back"));
            continue;
        }
        if (verb == rules::Verb::watch && rules::watches(escalation, fact.to)) {
            buttons.push_back(button(escalation, "esc.watch", "Stop watching"));
            continue;
        }
        auto const first = verb == rules::Verb::claim || verb == rules::Verb::accept || verb == rules::Verb::approve ||
                           verb == rules::Verb::describe || verb == rules::Verb::close;
        buttons.push_back(verb_button(verb, escalation, first ? blocks::Style::primary : blocks::Style::normal));
    }
    if (!buttons.empty()) message += blocks::actions("", std::move(buttons));
    return message;
}

blocks::Message thread_note(rules::ThreadNoteFact const& fact, Escalation const& escalation) {
    blocks::Message message{.text = fmt::format("{}: {}", escalation.id.key(), sentence(fact.said))};
    auto told = fact.said;
    told.quote.clear();
    auto words = sentence(told);
    // What somebody wrote is read here and nowhere else in full.
    for (auto const& quoted : quote_in_full(fact.said.quote)) {
        message += blocks::section(blocks::mrkdwn_text(words.empty() ? quoted : fmt::format("{}\n{}", words, quoted)));
        words.clear();
    }
    if (!words.empty()) message += blocks::section(blocks::mrkdwn_text(words));
    for (auto const& one : fact.quotes) {
        auto const name = one.name.empty() ? std::string{"Somebody"} : line(one.name, quoted_name_max);
        message += blocks::section(blocks::mrkdwn_text(fmt::format("{}, {}:\n{}", name, at(one.at), quote(one.text))));
    }
    return message;
}

}  // namespace esc::views
