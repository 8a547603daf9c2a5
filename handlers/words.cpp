// Reading what people type after a command: words, keys and mentions.
#include "bot/base/words.hpp"
#include "bot/slack/blocks.hpp"
#include "handlers/answers.hpp"
#include "handlers/router.hpp"

#include <algorithm>
#include <cctype>

namespace esc::handlers {
namespace {

constexpr std::string_view no_break_space = "\xC2\xA0";

// Bytes of white space at `at`, 0 if there is none.
std::size_t space_at(std::string_view text, std::size_t at) {
    if (std::isspace(static_cast<unsigned char>(text[at])) != 0) return 1;
    return text.substr(at).starts_with(no_break_space) ? no_break_space.size() : 0;
}

// One past the word that starts at `at`. Slack's own tokens, "<@U1|Ana Lee>", are never torn apart.
std::size_t word_end(std::string_view text, std::size_t at) {
    while (at < text.size() && space_at(text, at) == 0) {
        auto const token = text[at] == '<' ? text.find_first_of(">\n", at) : std::string_view::npos;
        at = token != std::string_view::npos && text[token] == '>' ? token + 1 : at + 1;
    }
    return at;
}

}  // namespace

std::optional<EscalationId> typed_key(std::string_view word) {
    constexpr std::string_view prefix = "esc";
    if (word.starts_with('#')) {
        word.remove_prefix(1);
    } else if (lower(word.substr(0, prefix.size())) == prefix) {
        word.remove_prefix(prefix.size());
        if (word.starts_with('-')) word.remove_prefix(1);
    }
    if (word.empty() || std::isdigit(static_cast<unsigned char>(word.front())) == 0) return std::nullopt;
    return EscalationId::parse(word);
}

Words::Words(std::string_view text) : text_(text) {
    for (std::size_t at = 0; at < text_.size();) {
        if (auto const space = space_at(text_, at); space != 0) {
            at += space;
            continue;
        }
        auto const end = word_end(text_, at);
        words_.emplace_back(at, end - at);
        at = end;
    }
}

std::string_view Words::at(std::size_t index) const& {
    if (index >= words_.size()) return {};
    return std::string_view{text_}.substr(words_[index].first, words_[index].second);
}

Result<EscalationId> Words::key(std::size_t index) const {
    auto const word = at(index);
    if (word.empty()) return fail(Errc::invalid, "A key is missing, such as ESC-12.");
    if (auto const id = typed_key(word)) return *id;
    return fail(Errc::invalid, "\"{}\" is not a key: write ESC-12, esc-12 or 12.", slack::blocks::cut(word, 40));
}

Result<PersonId> Words::person(std::size_t index) const {
    auto const word = at(index);
    if (word.empty()) return fail(Errc::invalid, "A person is missing: type @ and pick a name from the list.");
    if (auto person = mentioned_person(word)) return *std::move(person);
    return fail(Errc::invalid, "\"{}\" is not a person: type @ and pick a name from the list.", slack::blocks::cut(word, 40));
}

std::string_view Words::rest(std::size_t index) const& {
    if (index >= words_.size()) return {};
    auto const last = words_.back().first + words_.back().second;
    return std::string_view{text_}.substr(words_[index].first, last - words_[index].first);
}

std::size_t Words::person_at(std::size_t index) const {
    return lower(at(index)) == "to" && mentioned_person(at(index + 1)) ? index + 1 : index;
}

std::string_view first_word(std::string_view text) { return text.substr(0, word_end(text, 0)); }

std::optional<PersonId> mentioned_person(std::string_view word) {
    if (!word.starts_with("<@") || !word.ends_with('>')) return std::nullopt;
    auto const inner = word.substr(2, word.size() - 3);
    auto const id = inner.substr(0, inner.find('|'));
    auto const plain =
        std::all_of(id.begin(), id.end(), [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '-'; });
    if (id.empty() || !plain) return std::nullopt;
    return PersonId{std::string{id}};
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && space_at(text, 0) != 0) text.remove_prefix(space_at(text, 0));
    while (!text.empty()) {
        if (text.ends_with(no_break_space))
            text.remove_suffix(no_break_space.size());
        else if (std::isspace(static_cast<unsigned char>(text.back())) != 0)
            text.remove_suffix(1);
        else
            break;
    }
    return text;
}

}  // namespace esc::handlers
