// The words and buttons that views share.
#include "handlers/views/parts.hpp"

#include "handlers/card_ref.hpp"
#include "handlers/rules/lifecycle.hpp"
#include "handlers/rules/sla.hpp"
#include "handlers/views/verbs.hpp"
#include "handlers/views/views.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace esc::views {

namespace blocks = slack::blocks;

namespace {

constexpr std::size_t quote_max = 600;
constexpr std::size_t quote_lines_max = 12;
constexpr std::size_t quote_piece_max = 2700;  // of 3000 that a section takes: there is a heading, too
constexpr std::size_t line_part_max = 450;     // code points, of which escaping makes six times as many at most
constexpr std::size_t code_max = 80;
constexpr int bounces_shown_from = 2;

// Parts of at most so many code points that each fits a section when it is escaped.
std::vector<std::string_view> parts_of_line(std::string_view text) {
    std::vector<std::string_view> parts;
    std::size_t begin = 0;
    std::size_t count = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if ((static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U || count++ < line_part_max) continue;
        parts.push_back(text.substr(begin, at - begin));
        begin = at;
        count = 1;
    }
    if (begin < text.size()) parts.push_back(text.substr(begin));
    return parts;
}

std::string shown_title(Escalation const& escalation) {
    auto const line = blocks::one_line(escalation.title);
    return line.empty() ? std::string{"(no title)"} : blocks::cut(line, rules::title_limit);
}

std::string stopped(SlaClock const& clock) {
    auto const took = format_left(*clock.stopped_at - clock.started_at);
    switch (clock.outcome) {
        case ClockOutcome::met:
            return fmt::format("{} met after {}", label(clock.kind), took);
        case ClockOutcome::breached:
            if (rules::overdue(clock, *clock.stopped_at))
                return fmt::format("🔴 {} breached, stopped after {}", label(clock.kind), took);
            return fmt::format("{} stopped after {}, was overdue by an earlier severity", label(clock.kind), took);
        case ClockOutcome::running:
        case ClockOutcome::cancelled:
            break;
    }
    return fmt::format("{} stopped after {}", label(clock.kind), took);
}

// Where the time stands still, what is left is told as of then.
std::string left_of(SlaClock const& clock, Instant now) { return time_left(clock.due, clock.paused_at.value_or(now)); }

// What stands at the beginning of a sentence: "{0}" for the first of its people, "{t0}" for the first of its moments, else a
// character as it is.
struct Filled {
    std::size_t size = 1;
    std::string text{};
};
Filled filled_in(std::string_view rest, rules::Said const& said) {
    bool const moment = rest.starts_with("{t");
    std::size_t const digit_at = moment ? 2 : 1;
    if (rest.front() == '{' && rest.size() > digit_at + 1 && rest[digit_at + 1] == '}') {
        auto const which = static_cast<std::size_t>(rest[digit_at] - '0');
        if (moment && which < said.moments.size()) return {digit_at + 2, at(said.moments[which])};
        if (!moment && which < said.people.size()) {
            auto const& person = said.people[which];
            return {digit_at + 2, person.empty() ? std::string{"The service"} : blocks::person(person).text};
        }
    }
    return {1, std::string{rest.front()}};
}

std::string_view mark(SlaClock const& clock, Instant now) {
    switch (rules::look(clock, now)) {
        case rules::ClockLook::at_risk:
            return "⚠ ";
        case rules::ClockLook::breached:
            return "🔴 ";
        case rules::ClockLook::on_time:
        case rules::ClockLook::met:
            break;
    }
    return "";
}

blocks::Element button_with(std::string value, Escalation const& escalation, std::string_view action, std::string text,
                            blocks::Style style) {
    auto spoken = fmt::format("{} {}", text, escalation.id);
    return blocks::button({.action_id = std::string{action},
                           .text = std::move(text),
                           .value = std::move(value),
                           .style = style,
                           .accessibility_label = std::move(spoken)});
}

}  // namespace

blocks::Element button(Escalation const& escalation, std::string_view action, std::string text, blocks::Style style) {
    return button_with(handlers::CardRef::make(escalation), escalation, action, std::move(text), style);
}

std::string about_source(Escalation const& escalation) {
    std::string out;
    if (escalation.details.source_deleted)
        out += " · the source message was deleted";
    else if (!escalation.source_permalink.empty())
        out += " · " + blocks::link(escalation.source_permalink, "Source message").text;
    if (escalation.details.texts_erased) out += " · texts were erased";
    return out;
}

std::string plain_headline(Escalation const& escalation) {
    return fmt::format("{} · {} · {}", escalation.id, to_string(escalation.severity), shown_title(escalation));
}

std::string title(Escalation const& escalation) { return blocks::escape(shown_title(escalation)); }

std::string headline(Escalation const& escalation) { return blocks::escape(plain_headline(escalation)); }

std::string linked_headline(Escalation const& escalation, std::string_view card_permalink) {
    return fmt::format("{} · *{}* · {}", blocks::link(card_permalink, escalation.id.key()).text, to_string(escalation.severity),
                       title(escalation));
}

std::string capitalized(std::string words) {
    if (!words.empty() && words.front() >= 'a' && words.front() <= 'z')
        words.front() = static_cast<char>(words.front() - 'a' + 'A');
    return words;
}

std::string state_word(Escalation const& escalation) { return capitalized(rules::in_words(escalation)); }

std::string owner(Escalation const& escalation) {
    if (!escalation.owned()) return "No owner";
    auto const who = "🔒 " + blocks::person(escalation.owner).text;
    return escalation.open() && rules::waits_for_acceptance(escalation) ? who + " (not accepted yet)" : who;
}

std::string owner(Escalation const& escalation, Instant now) {
    auto out = owner(escalation);
    auto const& coverage = escalation.details.coverage;
    if (escalation.open() && coverage && rules::responsible(escalation, now) != escalation.owner)
        out += fmt::format(", {} acts until {}", blocks::person(coverage->acting).text, blocks::date(coverage->until).text);
    return out;
}

std::string account(Escalation const& escalation) {
    auto const name = blocks::cut(blocks::one_line(escalation.account), rules::account_limit);
    return name.empty() ? std::string{"Account unknown"} : "Account: " + blocks::escape(name);
}

std::string status(Escalation const& escalation, Instant now) {
    auto const& details = escalation.details;
    auto out = fmt::format("*{}* · {}", state_word(escalation), owner(escalation, now));
    if (escalation.open() && details.unavailable)
        out += details.unavailable->deactivated ? " · 🔴 owner unavailable (deactivated or a guest)" : " · 🔴 owner unavailable";
    if (escalation.open() && details.unconfirmed_since)
        out += fmt::format(" · ❗ unconfirmed {}", to_string(escalation.severity));
    if (escalation.hops >= bounces_shown_from) out += fmt::format(" · 🔴 bounced {}×", escalation.hops);
    if (details.bounces > 0) out += fmt::format(" · given back by engineering {}×", details.bounces);
    if (escalation.reopen_count > 0) out += fmt::format(" · reopened {}×", escalation.reopen_count);
    return out;
}

std::string time_left(Instant due, Instant now) {
    return fmt::format("{} {}", format_left(due - now), now > due ? "over" : "left");
}

std::string countdown(SlaClock const& clock, Instant now) {
    if (clock.stopped_at) return stopped(clock);
    return fmt::format("{}{}{} {}", clock.paused_at ? "⏸ " : "", mark(clock, now), label(clock.kind), left_of(clock, now));
}

std::string countdown_and_due(SlaClock const& clock, Instant now) {
    if (clock.stopped_at) return stopped(clock);
    if (clock.paused_at) return fmt::format("{} · paused since {}", countdown(clock, now), blocks::date(*clock.paused_at).text);
    return fmt::format("{} · {} {}", countdown(clock, now), now > clock.due ? "was due" : "due", blocks::date(clock.due).text);
}

SlaClock const* most_urgent(Escalation const& escalation) {
    SlaClock const* first = nullptr;
    for (auto const& clock : escalation.clocks)
        if (clock.running() && (first == nullptr || clock.due < first->due)) first = &clock;
    return first;
}

std::string row_countdown(Escalation const& escalation, Instant now, Due due) {
    auto const* clock = most_urgent(escalation);
    if (clock == nullptr) {
        auto const paused =
            std::find_if(escalation.clocks.begin(), escalation.clocks.end(), [](SlaClock const& one) { return !one.stopped_at; });
        if (paused == escalation.clocks.end()) return "No clock is running";
        clock = &*paused;
    }
    return due == Due::told ? countdown_and_due(*clock, now) : countdown(*clock, now);
}

std::string row(Escalation const& escalation, std::string_view card_permalink, Instant now, Due due) {
    auto out = fmt::format("*{}* · {} · {}\n{} · {} · {}", to_string(escalation.severity),
                           blocks::link(card_permalink, escalation.id.key()).text, title(escalation),
                           row_countdown(escalation, now, due), owner(escalation, now), account(escalation));
    if (escalation.state != State::working) out += fmt::format(" · {}", state_word(escalation));
    return out;
}

blocks::Element verb_button(rules::Verb verb, Escalation const& escalation, blocks::Style style) {
    return button(escalation, fmt::format("esc.{}", rules::to_string(verb)), std::string{label(verb)}, style);
}

blocks::Element card_button(rules::Verb verb, Escalation const& escalation, blocks::Style style) {
    return button_with(handlers::CardRef::make_of_card(escalation), escalation, fmt::format("esc.{}", rules::to_string(verb)),
                       std::string{label(verb)}, style);
}

bool for_reader(rules::Verb verb, Escalation const& escalation, std::optional<Person> const& reader, Instant now) {
    if (!reader) return rules::makes_sense(verb, escalation, now);
    return rules::offered(verb, escalation, {reader->seen_by(escalation.team), now, {}});
}

blocks::Element more_button(Escalation const& escalation, std::string text) {
    return button(escalation, more_action, std::move(text));
}

blocks::Element confirm_button(Escalation const& escalation) {
    auto const level = to_string(escalation.severity);
    return blocks::button(
        {.action_id = std::string{confirm_action},
         .text = fmt::format("Confirm {}", level),
         .value = handlers::CardRef::make(escalation),
         .style = blocks::Style::primary,
         .accessibility_label = fmt::format("Confirm {} of {}", level, escalation.id),
         .confirm = fmt::format("{} stays {}: you have seen that its criterion is met.", escalation.id, level)});
}

std::vector<blocks::Element> confirm_buttons(Escalation const& escalation) {
    auto const grade = fmt::format("esc.{}", rules::to_string(rules::Verb::severity));
    return {confirm_button(escalation), button(escalation, grade, "Lower")};
}

std::string asks_to_resolve(Escalation const& escalation, PersonId const& by) {
    return fmt::format("{}, who acts for {}, says that it is solved. Its owner or a manager resolves or denies it",
                       blocks::person(by).text, blocks::person(escalation.owner).text);
}

std::string warranted_line(Escalation const& escalation) {
    auto const& said = escalation.details.warranted;
    if (!said) return {};
    bool const waits = said->graded_by.empty();
    return fmt::format("*{} was warranted*, says {}{}", to_string(said->level),
                       blocks::person(waits ? said->by : said->graded_by).text,
                       waits ? "; a lead has not confirmed it yet." : ".");
}

std::string_view label(rules::Verb verb) { return facts_of(verb).label; }

blocks::Modal on_existing(Escalation const& escalation, rules::Verb verb, std::string_view word) {
    blocks::Modal modal{.callback_id = fmt::format("esc.{}", rules::to_string(verb)),
                        .title = fmt::format("{} {}", word, escalation.id),
                        .submit = std::string{word},
                        .private_metadata = handlers::CardRef::make(escalation)};
    modal += blocks::section(blocks::mrkdwn_text(headline(escalation)));
    return modal;
}

std::string sentence(rules::Said const& said) {
    std::string out;
    for (std::string_view rest = said.sentence; !rest.empty();) {
        auto const [size, text] = filled_in(rest, said);
        out += text;
        rest.remove_prefix(size);
    }
    if (auto const text = quote(said.quote); !text.empty()) out += "\n" + text;
    return out;
}

std::string quote(std::string_view foreign) {
    auto const text = blocks::escape(blocks::cut(foreign, quote_max));
    std::string out;
    std::size_t lines = 0;
    for (std::size_t at = 0; at < text.size();) {
        auto const end = std::min(text.find('\n', at), text.size());
        auto const line = std::string_view{text}.substr(at, end - at);
        at = end + 1;
        if (line.find_first_not_of(' ') == std::string_view::npos) continue;
        if (!out.empty()) out += '\n';
        if (++lines > quote_lines_max) return out + "> …";
        out += "> ";
        out += line;
    }
    return out;
}

std::vector<std::string> quote_in_full(std::string_view foreign) {
    constexpr std::size_t pieces_max = 8;
    std::vector<std::string> all;
    std::string piece;
    for (std::size_t from = 0; from < foreign.size();) {
        auto const end = std::min(foreign.find('\n', from), foreign.size());
        for (auto const part : parts_of_line(foreign.substr(from, end - from))) {
            auto const text = blocks::escape(part);
            if (text.find_first_not_of(' ') == std::string::npos) continue;
            if (!piece.empty() && blocks::length(piece) + blocks::length(text) > quote_piece_max) {
                all.push_back(std::exchange(piece, {}));
                if (all.size() == pieces_max) {
                    all.emplace_back("> …");
                    return all;
                }
            }
            if (!piece.empty()) piece += '\n';
            piece += "> " + text;
        }
        from = end + 1;
    }
    if (!piece.empty()) all.push_back(std::move(piece));
    return all;
}

std::string line(std::string_view foreign, std::size_t limit) {
    return blocks::escape(blocks::cut(blocks::one_line(foreign), limit));
}

std::string word_of(std::string_view code) {
    std::string word{code};
    std::replace(word.begin(), word.end(), '_', ' ');
    return line(word, code_max);
}

std::string at(Instant when) { return blocks::date(when).text; }

std::string as_of(Instant now) { return "as of " + at(std::chrono::floor<std::chrono::minutes>(now)); }

void add_line(std::string& to, std::string_view text) {
    if (text.empty()) return;
    if (!to.empty()) to += '\n';
    to += text;
}

void add(blocks::Message& message, std::string const& markup) {
    if (!markup.empty()) message += blocks::section(blocks::mrkdwn_text(markup));
}

void add_small(blocks::Message& message, std::string const& markup) {
    if (!markup.empty()) message += blocks::context({blocks::mrkdwn_text(markup)});
}

}  // namespace esc::views
