#include "handlers/slips.hpp"

#include "bot/base/words.hpp"
#include "bot/slack/blocks.hpp"
#include "handlers/answers.hpp"
#include "handlers/queue.hpp"

#include <fmt/ranges.h>

#include <algorithm>

namespace esc::handlers {
namespace {

constexpr std::string_view help_verb = "help";
constexpr std::string_view queue_name = "queue";
constexpr std::string_view did_you_mean = "Did you mean";
constexpr std::size_t shortest_slip = 3;  // of two letters anything is a slip of everything

bool is_one_of(std::vector<std::string_view> const& names, std::string_view word) {
    return std::find(names.begin(), names.end(), word) != names.end();
}

std::string shown(std::string_view word) { return slack::blocks::cut(readable(word), 40); }

// "ESC-12" and "esc12" make no title, "12" and "#12" may.
bool written_out(std::string_view key) { return lower(key.substr(0, 3)) == "esc"; }

// "3." and "(ESC-3)"
std::optional<EscalationId> key_in_marks(std::string_view word) {
    constexpr std::string_view marks = ".,;:!?()[]\"'";
    auto const begin = word.find_first_not_of(marks);
    if (begin == std::string_view::npos) return std::nullopt;
    return typed_key(word.substr(begin, word.find_last_not_of(marks) - begin + 1));
}

std::string command_of(std::string_view verb, EscalationId id, std::string_view rest = {}) {
    return fmt::format("{} {}{}{}", verb, id.number, rest.empty() ? "" : " ", rest);
}

// "show3", "claimesc-12"
std::optional<Slip> glued(std::string_view word, VerbNames const& verbs) {
    for (auto const verb : verbs.with_key)
        if (word.starts_with(verb))
            if (auto const id = typed_key(word.substr(verb.size())))
                return Slip{.said = std::string{did_you_mean}, .meant = command_of(verb, *id)};
    return std::nullopt;
}

bool is_queue_command(std::string_view word, Config const& config) {
    return word == queue_name || word == lower(config.slack.queue_command);
}

Slip to_queue(std::string_view list) {
    return {.said = std::string{did_you_mean}, .meant = std::string{list}, .command = Slip::Command::queue};
}

std::optional<Slip> in_one_word(Words const& line, VerbNames const& verbs, Config const& config) {
    auto const word = lower(line.at(0));
    if (is_one_of(verbs.with_key, word))
        return Slip{.said = fmt::format("{} needs a key right after it", word),
                    .meant = verbs.all.find(word)->second.usage,
                    .complete = false};
    if (auto const id = line.key(0)) return Slip{.said = fmt::format("To see {}", id->key()), .meant = command_of("show", *id)};
    if (is_queue_command(word, config)) return to_queue({});
    if (names_a_queue(word)) return to_queue(word);
    if (auto slip = glued(word, verbs)) return slip;

    if (word.size() < shortest_slip) return std::nullopt;
    std::vector<std::string_view> names{queue_name};
    for (auto const& [name, help] : verbs.all) names.emplace_back(name);
    auto const meant = closest(word, names);
    if (edit_distance(word, meant) > 1) return std::nullopt;  // without a key nothing else speaks for a verb
    auto const said = fmt::format("There is no \"{}\". The closest is", shown(line.at(0)));
    if (meant == queue_name) return Slip{.said = said, .command = Slip::Command::queue};
    if (meant == help_verb) return Slip{.said = said, .meant = std::string{help_verb}};
    return Slip{.said = said, .meant = verbs.all.find(meant)->second.usage, .complete = false};
}

std::string help_on(std::string_view word, VerbNames const& verbs) {
    std::vector<std::string_view> names;
    for (auto const& [name, help] : verbs.all) names.emplace_back(name);
    auto const meant = closest(word, names);
    return looks_like(word, meant) ? fmt::format("{} {}", help_verb, meant) : std::string{help_verb};
}

std::optional<Slip> in_two_words(Words const& line, VerbNames const& verbs, Config const& config) {
    auto const first = lower(line.at(0));
    auto const second = lower(line.at(1));
    if (first == help_verb)
        return Slip{.said = fmt::format("There is no help on \"{}\". Did you mean", shown(line.at(1))),
                    .meant = help_on(second, verbs)};
    if (auto meant = help_on(first, verbs); second == help_verb && meant != help_verb)
        return Slip{.said = fmt::format("There is no help on \"{}\". Did you mean", shown(line.at(0))),
                    .meant = std::move(meant)};
    if (is_queue_command(first, config) && names_a_queue(second)) return to_queue(second);
    if (is_one_of(verbs.of_oneself, first)) {
        auto said = line.key(1) ? fmt::format("{} needs no key", first) : fmt::format("{} needs a moment", first);
        return Slip{.said = std::move(said), .meant = verbs.all.find(first)->second.usage, .complete = false};
    }
    if (is_one_of(verbs.with_key, first))
        if (auto const id = key_in_marks(second)) return Slip{.said = std::string{did_you_mean}, .meant = command_of(first, *id)};
    return std::nullopt;
}

// "12 claim", "ESC-12 resolve It works again", "claim ESC 12", "resolve #12 It works again"
std::optional<Slip> in_another_order(Words const& line, VerbNames const& verbs) {
    auto const first = lower(line.at(0));
    auto const second = lower(line.at(1));
    if (is_one_of(verbs.with_key, first)) {
        if (auto const id = line.key(2); id && second == "esc")
            return Slip{.said = std::string{did_you_mean}, .meant = command_of(first, *id, line.rest(3))};
        if (auto const id = line.key(1))
            return Slip{.said = std::string{did_you_mean}, .meant = command_of(first, *id, line.rest(2))};
    }
    if (auto const id = line.key(0); id && is_one_of(verbs.with_key, second) && (line.size() == 2 || written_out(first)))
        return Slip{.said = std::string{did_you_mean}, .meant = command_of(second, *id, line.rest(2))};
    return std::nullopt;
}

// A verb that does not exist. "clam 12" is a slip; "close 12" and "finish ESC-12" cannot be titles; "Deliver 12 …" is one.
std::optional<Slip> of_an_unknown_verb(Words const& line, VerbNames const& verbs) {
    auto const typed = line.at(0);
    auto const id = line.key(1);
    if (!id || is_one_of(verbs.of_oneself, lower(typed)) || lower(typed) == help_verb) return std::nullopt;
    auto const meant = closest(typed, verbs.with_key);
    auto said = fmt::format("There is no \"{}\". ", shown(typed));
    if (!meant.empty() && looks_like(typed, meant))
        return Slip{.said = said + "The closest is", .meant = command_of(meant, *id, line.rest(2))};
    if (!written_out(line.at(1)) && line.size() > 2) return std::nullopt;
    if (parse_severity(lower(typed)) || typed.find(':') != std::string_view::npos) return std::nullopt;  // "sev2 500" is a title
    return Slip{.said = said + fmt::format("With {} there are: {}.", id->key(), fmt::join(verbs.with_key, ", "))};
}

}  // namespace

std::optional<Slip> slip_in(Words const& line, VerbNames const& verbs, Config const& config) {
    if (line.size() == 0) return std::nullopt;
    if (line.size() == 1) return in_one_word(line, verbs, config);
    if (line.size() == 2)
        if (auto slip = in_two_words(line, verbs, config)) return slip;
    if (auto slip = in_another_order(line, verbs)) return slip;
    return of_an_unknown_verb(line, verbs);
}

}  // namespace esc::handlers
