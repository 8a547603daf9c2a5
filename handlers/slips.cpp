#include "handlers/slips.hpp"

#include "bot/base/words.hpp"
#include "bot/slack/blocks.hpp"
#include "handlers/answers.hpp"
#include "handlers/queue.hpp"
#include "handlers/views/views.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace esc::handlers {
namespace {

namespace blocks = slack::blocks;

constexpr std::string_view help_verb = "help";
constexpr std::string_view did_you_mean = "Did you mean";
constexpr std::size_t shortest_slip = 3;  // of two letters anything is a slip of everything

// What other tools call our verbs. One without a verb may mean several.
struct Synonym {
    std::string_view word;
    std::string_view verb;
};
constexpr std::array synonyms{
    Synonym{"close", "resolve"}, Synonym{"closed", "resolve"}, Synonym{"done", "resolve"}, Synonym{"fixed", "resolve"},
    Synonym{"take", "claim"},    Synonym{"own", "claim"},      Synonym{"grab", "claim"},   Synonym{"reassign", "override"},
    Synonym{"snooze", "wait"},   Synonym{"pause", "wait"},     Synonym{"comment", "note"}, Synonym{"reject", "decline"},
    Synonym{"handoff", "brief"}, Synonym{"ping", ""}};
constexpr std::array<std::string_view, 3> queue_names{"queue", "list", "ls"};
// Between a verb and its key they say nothing: "done with 12".
constexpr std::array<std::string_view, 5> fillers{"esc", "escalation", "number", "on", "with"};
constexpr std::array<std::string_view, 4> selves{"i", "i'm", "i\u2019m", "im"};

template <class Names>
bool is_one_of(Names const& names, std::string_view word) {
    return std::find(names.begin(), names.end(), word) != names.end();
}

std::string shown(std::string_view text) { return blocks::cut(readable(text), 40); }

// "ESC-12" and "esc12" make no title, "12" and "#12" may.
bool written_out(std::string_view key) { return lower(key.substr(0, 3)) == "esc"; }

// "3." and "(ESC-3)", and "3" itself
std::optional<EscalationId> key_in_marks(std::string_view word) {
    constexpr std::string_view marks = ".,;:!?()[]\"'";
    auto const begin = word.find_first_not_of(marks);
    if (begin == std::string_view::npos) return std::nullopt;
    return typed_key(word.substr(begin, word.find_last_not_of(marks) - begin + 1));
}

Synonym const* synonym(std::string_view word) {
    auto const found = std::find_if(synonyms.begin(), synonyms.end(), [&](Synonym const& one) { return one.word == word; });
    return found == synonyms.end() ? nullptr : &*found;
}

// The verb that a word, in lower case, is or stands for; empty without.
std::string_view verb_called(std::string_view word, VerbNames const& verbs) {
    auto const name = std::find(verbs.with_key.begin(), verbs.with_key.end(), word);
    if (name != verbs.with_key.end()) return *name;
    auto const* other = synonym(word);
    return other != nullptr && is_one_of(verbs.with_key, other->verb) ? other->verb : std::string_view{};
}

// The usage names what may follow the key.
bool takes_words(std::string_view verb, VerbNames const& verbs) { return Words{verbs.all.find(verb)->second.usage}.size() > 2; }

std::string command_of(std::string_view verb, EscalationId id, std::string_view rest, VerbNames const& verbs) {
    if (rest.empty() || !takes_words(verb, verbs)) return fmt::format("{} {}", verb, id.number);
    return fmt::format("{} {} {}", verb, id.number, rest);
}

Slip meaning(std::string meant) { return Slip{.said = std::string{did_you_mean}, .meant = std::move(meant)}; }

Slip example(std::string said, std::string_view verb, VerbNames const& verbs) {
    return {.said = std::move(said), .meant = verbs.all.find(verb)->second.usage, .complete = false};
}

Slip to_see(EscalationId id) {
    return {.said = fmt::format("To see {}", id.key()), .meant = fmt::format("show {}", id.number), .to_see = id};
}

Slip to_queue(std::string_view words) {
    return {.said = std::string{did_you_mean}, .meant = std::string{words}, .command = Slip::Command::queue};
}

// "show3", "claimesc-12", "3show"
std::optional<Slip> glued(Words const& line, VerbNames const& verbs) {
    auto const word = lower(line.at(0));
    for (auto const verb : verbs.with_key) {
        std::string_view const typed = word;
        auto const id = typed.starts_with(verb) ? key_in_marks(typed.substr(verb.size()))
                        : typed.ends_with(verb) ? typed_key(typed.substr(0, typed.size() - verb.size()))
                                                : std::nullopt;
        if (id) return meaning(command_of(verb, *id, line.rest(1), verbs));
    }
    return std::nullopt;
}

// "claim 12, please", "assign @ana 12", "severity sev2 12", "claim esc 12", "done with 12": the key within two words.
std::optional<Slip> verb_first(Words const& line, VerbNames const& verbs) {
    auto const verb = verb_called(lower(line.at(0)), verbs);
    if (verb.empty()) return std::nullopt;
    std::string rest;
    auto const last = lower(line.at(1)) == "to" ? std::size_t{3} : std::size_t{2};
    for (std::size_t at = 1; at <= last; ++at) {
        if (auto const id = key_in_marks(line.at(at))) {
            rest += line.rest(at + 1);
            return meaning(command_of(verb, *id, trimmed(rest), verbs));
        }
        if (!is_one_of(fillers, lower(line.at(at)))) rest += fmt::format("{} ", line.at(at));
    }
    return std::nullopt;
}

// "12 claim", "ESC-12 resolve It works again"
std::optional<Slip> key_first(Words const& line, VerbNames const& verbs) {
    auto const id = key_in_marks(line.at(0));
    auto const second = lower(line.at(1));
    auto const verb = id ? verb_called(second, verbs) : std::string_view{};
    if (verb.empty() || (verb != second && line.size() > 2 && !written_out(line.at(0)))) return std::nullopt;
    return meaning(command_of(verb, *id, line.rest(2), verbs));
}

std::optional<Slip> verb_and_key(Words const& line, VerbNames const& verbs) {
    if (auto slip = glued(line, verbs)) return slip;
    if (auto slip = verb_first(line, verbs)) return slip;
    return key_first(line, verbs);
}

// "I am away 2h", "I'm away"
std::optional<Slip> of_oneself(Words const& line, VerbNames const& verbs) {
    constexpr std::size_t words_before_max = 3;
    for (std::size_t at = 1; at <= words_before_max && at < line.size(); ++at) {
        auto const verb = lower(line.at(at));
        if (!is_one_of(verbs.of_oneself, verb)) continue;
        auto const behind = line.rest(at + 1);
        if (behind.empty() ? is_one_of(selves, lower(line.at(0))) : verbs.meant(verb, Words{behind}))
            return meaning(behind.empty() ? verb : fmt::format("{} {}", verb, behind));
    }
    return std::nullopt;
}

bool is_queue_command(std::string_view word, Config const& config) {
    return is_one_of(queue_names, word) || word == lower(config.slack.queue_command);
}

std::optional<Slip> without_its_key(std::string_view word, VerbNames const& verbs) {
    if (!is_one_of(verbs.with_key, word)) return std::nullopt;
    return example(fmt::format("{} needs a key right after it", word), word, verbs);
}

std::optional<Slip> in_one_word(Words const& line, VerbNames const& verbs, Config const& config) {
    auto const word = lower(line.at(0));
    if (auto slip = without_its_key(word, verbs)) return slip;
    if (auto const id = key_in_marks(word)) return to_see(*id);
    if (is_queue_command(word, config)) return to_queue({});
    if (names_a_queue(word)) return to_queue(word);

    auto said = fmt::format("There is no \"{}\". The closest is", shown(line.at(0)));
    if (auto const verb = verb_called(word, verbs); !verb.empty()) return example(std::move(said), verb, verbs);
    if (word.size() < shortest_slip) return std::nullopt;
    std::vector<std::string_view> names{queue_names.front()};
    for (auto const& [name, help] : verbs.all) names.emplace_back(name);
    auto const meant = closest(word, names);
    if (edit_distance(word, meant) > 1) return std::nullopt;  // without a key nothing else speaks for a verb
    if (meant == queue_names.front()) return Slip{.said = std::move(said), .command = Slip::Command::queue};
    if (meant == help_verb) return Slip{.said = std::move(said), .meant = std::string{help_verb}};
    return example(std::move(said), meant, verbs);
}

std::string help_on(std::string_view word, VerbNames const& verbs) {
    std::vector<std::string_view> names;
    names.reserve(verbs.all.size());
    for (auto const& [name, help] : verbs.all) names.emplace_back(name);
    auto const meant = closest(word, names);
    return looks_like(word, meant) ? fmt::format("{} {}", help_verb, meant) : std::string{help_verb};
}

std::optional<Slip> in_two_words(Words const& line, VerbNames const& verbs, Config const& config) {
    auto const first = lower(line.at(0));
    auto const second = lower(line.at(1));
    if (first == help_verb && is_queue_command(second, config)) return to_queue(help_verb);
    if (first == help_verb)
        return Slip{.said = fmt::format("There is no help on \"{}\". Did you mean", shown(line.at(1))),
                    .meant = help_on(second, verbs)};
    if (auto meant = help_on(first, verbs); second == help_verb && meant != help_verb)
        return Slip{.said = fmt::format("There is no help on \"{}\". Did you mean", shown(line.at(0))),
                    .meant = std::move(meant)};
    if (is_queue_command(first, config) && (names_a_queue(second) || second == help_verb)) return to_queue(second);
    if (is_one_of(verbs.of_oneself, first))
        return example(line.key(1) ? fmt::format("{} needs no key", first) : fmt::format("{} needs a moment", first), first,
                       verbs);
    return without_its_key(first, verbs);
}

// Short words are near to many others: with a bare number and more behind it they begin a title.
constexpr std::size_t long_enough_to_be_meant = 5;

// A verb that does not exist. "clam 12" is a slip; "file 12" and "finish ESC-12" cannot be titles; "Deliver 12 …" and "Node 12 is
// down" are.
std::optional<Slip> of_an_unknown_verb(Words const& line, VerbNames const& verbs) {
    auto const typed = line.at(0);
    auto const id = line.key(1);
    if (!id || is_one_of(verbs.of_oneself, lower(typed)) || lower(typed) == help_verb) return std::nullopt;
    auto const is_synonym = synonym(lower(typed)) != nullptr;
    if (line.size() > 3 && typed.size() < long_enough_to_be_meant && !written_out(line.at(1)) && !is_synonym) return std::nullopt;
    auto const meant = closest(typed, verbs.with_key);
    auto said = fmt::format("There is no \"{}\". ", shown(typed));
    if (!meant.empty() && looks_like(typed, meant))
        return Slip{.said = said + "The closest is", .meant = command_of(meant, *id, line.rest(2), verbs)};
    if (!is_synonym) {
        if (!written_out(line.at(1)) && line.size() > 2) return std::nullopt;
        if (parse_severity(lower(typed)) || typed.find(':') != std::string_view::npos) return std::nullopt;
    }
    return Slip{.said = said + fmt::format("With {} there are: {}.", id->key(), fmt::join(verbs.with_key, ", "))};
}

constexpr std::size_t button_text_max = 2000;
constexpr std::size_t meant_max = 2000;  // characters shown; the echo below has all of it

Outcome question(Slip const& slip, slack::SlashCommand const& in, Config::Slack const& commands, PersonId const& bot) {
    auto const to_queue = slip.command == Slip::Command::queue;
    auto text = blocks::escape(slip.said);
    std::vector<blocks::Element> buttons;
    if (to_queue || !slip.meant.empty()) {
        text += ": ";
        if (to_queue)
            text += blocks::escape(commands.queue_command);
        else  // behind the bot's own name where somebody talks to it
            text += in.command.empty() ? blocks::person(bot).text : blocks::escape(commands.escalate_command);
        if (!slip.meant.empty()) text += " " + blocks::escape(blocks::cut(readable(slip.meant), meant_max));
        if (slip.complete && blocks::length(slip.meant) <= button_text_max)
            buttons.push_back(blocks::button({.action_id = std::string{to_queue ? views::queue_next_action : form_action},
                                              .text = "Yes, do that",
                                              .value = slip.meant,
                                              .style = blocks::Style::primary}));
    }
    if (in.command != commands.queue_command) {
        if (blocks::length(in.text) <= button_text_max)
            buttons.push_back(blocks::button(
                {.action_id = std::string{open_typed_action}, .text = "Open it as an escalation", .value = in.text}));
        else
            text += "\nIs it a title? Put sev1 to sev4 in front.";
    }
    auto outcome = refused(say(std::move(text)));
    if (!buttons.empty()) *outcome.reply.message += blocks::actions("", std::move(buttons));
    return outcome;
}

}  // namespace

std::optional<Slip> slip_in(Words const& line, VerbNames const& verbs, Config const& config) {
    if (line.size() == 0) return std::nullopt;
    auto const first = lower(line.at(0));
    if (first == help_verb) {
        // "help claim 12"
        if (line.size() == 3 && is_one_of(verbs.with_key, lower(line.at(1))) && key_in_marks(line.at(2)))
            return meaning(help_on(lower(line.at(1)), verbs));
    } else if (auto slip = verb_and_key(line, verbs)) {
        return slip;
    }
    if (line.size() == 1) return in_one_word(line, verbs, config);
    if (line.size() == 2)
        if (auto slip = in_two_words(line, verbs, config)) return slip;
    if (auto slip = of_oneself(line, verbs)) return slip;
    return of_an_unknown_verb(line, verbs);
}

std::optional<Slip> left_over(Words const& line, VerbNames const& verbs) {
    auto const verb = lower(line.at(0));
    auto const id = line.key(1);
    if (!id || line.size() < 3 || !is_one_of(verbs.with_key, verb) || takes_words(verb, verbs)) return std::nullopt;
    return Slip{.said = fmt::format("{} takes one key and no more: \"{}\" is left over. Did you mean", verb, shown(line.rest(2))),
                .meant = fmt::format("{} {}", verb, id->number)};
}

std::optional<Slip> slip_in_queue(Words const& line, VerbNames const& verbs) {
    if (line.size() == 1 && written_out(line.at(0)))
        if (auto const id = key_in_marks(line.at(0))) return to_see(*id);
    auto const first = lower(line.at(0));
    if (is_one_of(verbs.of_oneself, first) && (line.size() == 1 || verbs.meant(first, Words{line.rest(1)})))
        return meaning(fmt::format("{}", line.rest(0)));
    return verb_and_key(line, verbs);
}

Plan asked_back(Slip slip, slack::SlashCommand const& in, Env const& env) {
    if (!slip.to_see) return Plan{question(slip, in, env.config->slack, env.bot)};
    return Plan{Query{
        [slip = std::move(slip), in, config = env.config, bot = env.bot, actor = env.actor](Snapshot const& snapshot) mutable {
            if (auto const found = look_up(snapshot, *slip.to_see, actor); !found) {
                if (found.error().code == Errc::forbidden) return refuse(found.error());
                slip = {.said = found.error().message};
            }
            return question(slip, in, config->slack, bot);
        }}};
}

}  // namespace esc::handlers
