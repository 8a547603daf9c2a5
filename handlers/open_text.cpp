#include "handlers/open_text.hpp"

#include "bot/base/words.hpp"
#include "bot/slack/blocks.hpp"
#include "bot/slack/web_api.hpp"
#include "handlers/answers.hpp"
#include "handlers/rules/lifecycle.hpp"
#include "handlers/rules/work.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace esc::handlers {
namespace {

namespace blocks = slack::blocks;

constexpr std::string_view severity_prefix = "sev";

// Phones and Macs type the curly ones.
constexpr std::array<std::string_view, 4> double_quotes{"\"", "\u201C", "\u201D", "\u201E"};
constexpr std::array<std::string_view, 3> single_quotes{"'", "\u2018", "\u2019"};

template <std::size_t Count>
std::string_view leading(std::string_view text, std::array<std::string_view, Count> const& quotes) {
    auto const found = std::find_if(quotes.begin(), quotes.end(), [&](auto quote) { return text.starts_with(quote); });
    return found == quotes.end() ? std::string_view{} : *found;
}

// The text after "for:" up to the closing quote, or to the end of the word.
struct Quoted {
    std::string_view value{};
    std::size_t size = 0;  // bytes taken, quotes included; 0: no quote here
    bool closed = true;
};
template <std::size_t Count>
Quoted quoted(std::string_view text, std::array<std::string_view, Count> const& quotes) {
    auto const opening = leading(text, quotes);
    if (opening.empty()) return {};
    for (auto at = opening.size(); at < text.size(); ++at)
        if (auto const closing = leading(text.substr(at), quotes); !closing.empty())
            return {text.substr(opening.size(), at - opening.size()), at + closing.size(), true};
    return {{}, text.size(), false};
}
Quoted quoted(std::string_view text) {
    auto const found = quoted(text, double_quotes);
    return found.size != 0 ? found : quoted(text, single_quotes);
}

bool is_number(std::string_view word) {
    return !word.empty() && std::all_of(word.begin(), word.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
}

// The first word; "sev 2" counts as one.
std::string_view first_token(std::string_view text) {
    auto const word = first_word(text);
    if (lower(word) != severity_prefix) return word;
    auto const number = first_word(trimmed(text.substr(word.size())));
    if (!is_number(number)) return word;
    return text.substr(0, static_cast<std::size_t>(number.data() + number.size() - text.data()));
}

// "sev1" … "sev4", "sev 2"; nothing for other words. "sev9" is a slip.
Result<std::optional<Severity>> severity_word(std::string_view word) {
    if (!lower(word).starts_with(severity_prefix)) return std::optional<Severity>{};
    auto const number = trimmed(word.substr(severity_prefix.size()));
    if (!is_number(number)) return std::optional<Severity>{};
    auto const name = fmt::format("{}{}", severity_prefix, number);
    if (auto const severity = parse_severity(name)) return std::optional{*severity};
    return fail(Errc::invalid, "There is no {}: severities are sev1, sev2, sev3 and sev4.", blocks::cut(name, 40));
}

// "<https://a|b>" and "<https://a>" as Slack writes links, or as typed.
std::string link_text(std::string_view word) {
    if (word.starts_with('<') && word.ends_with('>')) {
        word = word.substr(1, word.size() - 2);
        word = word.substr(0, word.find('|'));
    }
    return slack::readable_text(word);
}

class Parser {
public:
    explicit Parser(std::string_view text) : rest_(text) {}

    Result<OpenText> read() {
        while (!(rest_ = trimmed(rest_)).empty()) ESC_CHECK(token());
        text_.title = blocks::one_line(readable(title_));
        if (blocks::length(text_.title) > rules::title_limit) text_.description = text_.title;
        return std::move(text_);
    }

    Result<OpenText> parse() {
        ESC_TRY(auto text, read());
        if (trimmed(text.title).empty()) return fail(Errc::invalid, "A title is missing: say in a few words what is wrong.");
        if (auto const id = typed_key(trimmed(text.title)))
            return fail(Errc::invalid,
                        "\"{}\" alone is no title: say in a few words what is wrong. On an existing one a verb stands "
                        "in front: {}.",
                        text.title,
                        text.severity ? fmt::format("severity {} {} reason", id->number, lower(to_string(*text.severity)))
                                      : fmt::format("show {}", id->number));
        return text;
    }

private:
    Result<void> token() {
        auto const word = first_token(rest_);
        auto const name = lower(word.substr(0, word.find(':') + 1));
        if (name == "for:") return account();
        auto const size = word.size();
        auto const value = word.substr(name.size());
        ESC_TRY(auto const severity, severity_word(word));
        if (name == "owner:") {
            text_.owner = mentioned_person(value);
            if (!text_.owner)
                return fail(Errc::invalid, "After owner: comes a person: type owner:@ and pick a name from the list.");
        } else if (name == "link:") {
            auto address = link_text(value);
            if (auto const normal = rules::normal_url(address); !normal)
                return fail(Errc::invalid, "After link: comes a web address: link:https://example.com/1.{}",
                            address.empty() ? std::string{} : " " + normal.error().message);
            text_.links.push_back(std::move(address));
        } else if (severity) {
            if (text_.severity && *text_.severity != *severity)
                return fail(Errc::invalid, "There are two severities, {} and {}: keep one.", to_string(*text_.severity),
                            to_string(*severity));
            text_.severity = severity;
        } else {
            if (!title_.empty()) title_ += ' ';
            title_ += word;
        }
        rest_.remove_prefix(size);
        return {};
    }

    Result<void> account() {
        rest_.remove_prefix(std::string_view{"for:"}.size());
        auto const in_quotes = quoted(rest_);
        if (!in_quotes.closed) return fail(Errc::invalid, "The quote after for: is not closed: write for:\"Acme Corp\".");
        auto const size = in_quotes.size != 0 ? in_quotes.size : first_word(rest_).size();
        auto const value = in_quotes.size != 0 ? in_quotes.value : rest_.substr(0, size);
        text_.account = blocks::cut(blocks::one_line(readable(value)), rules::account_limit);
        if (text_.account.empty()) return fail(Errc::invalid, "After for: comes an account: for:acme or for:\"Acme Corp\".");
        rest_.remove_prefix(size);
        return {};
    }

    std::string_view rest_;
    std::string title_;  // as Slack wrote it
    OpenText text_;
};

}  // namespace

Result<OpenText> OpenText::read(std::string_view slack_text) { return Parser{slack_text}.read(); }

Result<OpenText> OpenText::parse(std::string_view slack_text) { return Parser{slack_text}.parse(); }

bool begins_with_severity(std::string_view text) {
    auto const severity = severity_word(first_token(trimmed(text)));
    return !severity || severity->has_value();
}

}  // namespace esc::handlers
