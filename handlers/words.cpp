// Reading what people type after a command: words, keys, mentions, and what they probably meant.
#include "bot/slack/blocks.hpp"
#include "handlers/answers.hpp"
#include "handlers/router.hpp"

#include <algorithm>
#include <cctype>
#include <numeric>

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
    if (auto const id = EscalationId::parse(word)) return *id;
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

std::string lower(std::string_view text) {
    std::string out{text};
    std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before_last(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
    std::iota(last.begin(), last.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            auto const change = last[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U);
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, change});
            auto const swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
        }
        std::swap(before_last, last);
        std::swap(last, row);
    }
    return last[b.size()];
}

std::string_view closest(std::string_view word, std::vector<std::string_view> const& candidates) {
    constexpr std::size_t longest = 40;  // nobody means a verb by more than that
    auto const typed = lower(word.substr(0, longest));
    std::string_view best;
    auto best_distance = static_cast<std::size_t>(-1);
    for (auto const candidate : candidates) {
        auto const part = !typed.empty() && candidate.find(typed) != std::string_view::npos;  // "risk" means "at-risk"
        auto const distance = part ? 0 : edit_distance(typed, candidate);
        if (distance >= best_distance) continue;
        best = candidate;
        best_distance = distance;
    }
    return best;
}

bool looks_like(std::string_view word, std::string_view candidate) {
    auto const allowed = std::size_t{candidate.size() >= 6 ? 2U : 1U};
    return word.size() <= candidate.size() + allowed && edit_distance(lower(word), candidate) <= allowed;
}

}  // namespace esc::handlers
