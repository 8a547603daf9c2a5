// Text from people on its way into Slack and back: cut, cleaned, escaped, and turned into something readable. What comes out
// is always valid UTF-8 and cannot mention, link or notify by itself.
#include "bot/base/utf8.hpp"
#include "bot/slack/blocks.hpp"
#include "bot/slack/web_api.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace esc::slack {

namespace blocks {

namespace {

constexpr std::string_view ellipsis = "…";
constexpr std::string_view zero_width_space = "\u200B";

// Where at most `limit` code points end, and whether that is the whole text.
struct Prefix {
    std::size_t bytes = 0;
    bool whole = true;
};
Prefix prefix(std::string_view text, std::size_t limit) {
    std::size_t at = 0;
    for (std::size_t count = 0; at < text.size(); ++count) {
        if (count == limit) return {at, false};
        at += utf8::decode(text, at).size;
    }
    return {at, true};
}

std::string repaired(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        auto const point = utf8::decode(text, at);
        if (point.valid) {
            out.append(text.substr(at, point.size));
        } else {
            utf8::append(out, utf8::replacement);
        }
        at += point.size;
    }
    return out;
}

// The last start of a code point before `at`.
std::size_t step_back(std::string_view text, std::size_t at) {
    --at;
    while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U) --at;
    return at;
}

// Moves a cut back so that it does not fall between a character and what is drawn onto it.
std::size_t whole_character(std::string_view text, std::size_t at) {
    constexpr int patience = 16;  // a longer pile of marks is not a character but mischief
    auto moved = at;
    for (int i = 0; i < patience; ++i) {
        if (moved == 0) return moved;
        auto const before = step_back(text, moved);
        bool const joined = utf8::decode(text, before).value == 0x200D;
        if (!joined && !utf8::continues_character(utf8::decode(text, moved).value)) return moved;
        moved = before;
    }
    return at;
}

// Moves a cut back out of a <token> or an &entity;.
std::size_t whole_markup(std::string_view text, std::size_t at) {
    auto const kept = text.substr(0, at);
    auto const open = kept.rfind('<');
    if (open != std::string_view::npos && kept.find('>', open) == std::string_view::npos) return open;
    auto const entity = kept.rfind('&');
    if (entity != std::string_view::npos && kept.find(';', entity) == std::string_view::npos && at - entity < 5) return entity;
    return at;
}

bool is_id(std::string_view id) {
    constexpr std::size_t id_max = 64;
    return !id.empty() && id.size() <= id_max && std::all_of(id.begin(), id.end(), [](unsigned char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    });
}

bool starts_with_ignoring_case(std::string_view text, std::string_view lower_prefix) {
    if (text.size() < lower_prefix.size()) return false;
    return std::equal(lower_prefix.begin(), lower_prefix.end(), text.begin(), [](char wanted, char c) {
        return wanted == (c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
    });
}

bool may_be_linked(std::string_view url) {
    static constexpr std::array<std::string_view, 3> schemes{"http://", "https://", "mailto:"};
    return std::any_of(schemes.begin(), schemes.end(),
                       [&](auto scheme) { return starts_with_ignoring_case(url, scheme) && url.size() > scheme.size(); });
}

std::string encoded_url(std::string_view url) {
    std::string out;
    for (char const c : url) {
        auto const byte = static_cast<unsigned char>(c);
        if (c == '&') {
            out += "&amp;";
        } else if (byte <= 0x20 || byte >= 0x7F || c == '|' || c == '<' || c == '>' || c == '"' || c == '`') {
            out += fmt::format("%{:02X}", byte);
        } else {
            out += c;
        }
    }
    return out;
}

}  // namespace

std::size_t length(std::string_view text) { return utf8::length(text); }

std::string cut(std::string_view text, std::size_t limit) {
    if (prefix(text, limit).whole) return repaired(text);
    if (limit == 0) return {};
    return repaired(text.substr(0, whole_character(text, prefix(text, limit - 1).bytes))).append(ellipsis);
}

std::string cut_markup(std::string_view markup, std::size_t limit) {
    if (prefix(markup, limit).whole) return repaired(markup);
    if (limit == 0) return {};
    auto const end = whole_character(markup, prefix(markup, limit - 1).bytes);
    return repaired(markup.substr(0, whole_markup(markup, end))).append(ellipsis);
}

std::string escape(std::string_view foreign) {
    std::string out;
    out.reserve(foreign.size() + foreign.size() / 8);
    bool line_start = true;
    for (std::size_t at = 0; at < foreign.size();) {
        auto const point = utf8::decode(foreign, at);
        auto const bytes = foreign.substr(at, point.size);
        at += point.size;
        if (utf8::is_hidden_control(point.value)) continue;
        switch (point.value) {
            case U'&':
                out += "&amp;";
                break;
            case U'<':
                out += "&lt;";
                break;
            case U'>':
                // At the start of a line Slack draws a quote, escaped or not.
                if (line_start) out += zero_width_space;
                out += "&gt;";
                break;
            case U'*':
            case U'_':
            case U'~':
            case U'`':
                out += bytes;
                out += zero_width_space;
                break;
            case U'\t':
                out += ' ';
                break;
            case 0x2028:
            case 0x2029:
                out += '\n';
                break;
            default:
                if (point.valid) {
                    out += bytes;
                } else {
                    utf8::append(out, utf8::replacement);
                }
        }
        line_start = point.value == U'\n' || point.value == 0x2028 || point.value == 0x2029 ||
                     (line_start && (point.value == U' ' || point.value == U'\t'));
    }
    return out;
}

std::string one_line(std::string_view text) {
    std::string out;
    bool space = false;
    for (std::size_t at = 0; at < text.size();) {
        auto const point = utf8::decode(text, at);
        auto const bytes = text.substr(at, point.size);
        at += point.size;
        bool const blank = point.value == U' ' || (point.value >= U'\t' && point.value <= U'\r') || point.value == 0x85 ||
                           point.value == 0x2028 || point.value == 0x2029;
        if (blank) {
            space = !out.empty();
            continue;
        }
        if (utf8::is_hidden_control(point.value)) continue;
        if (space) out += ' ';
        space = false;
        if (point.valid) {
            out += bytes;
        } else {
            utf8::append(out, utf8::replacement);
        }
    }
    return out;
}

Raw person(PersonId const& id) {
    if (!is_id(id.value)) return raw(escape(id.value));
    return raw("<@" + id.value + ">");
}

Raw channel(ChannelId const& id) {
    if (!is_id(id.value)) return raw(escape(id.value));
    return raw("<#" + id.value + ">");
}

Raw link(std::string_view url, std::string_view label) {
    constexpr std::size_t url_max = 2900;  // a longer one would leave no room in a text of 3000
    auto const words = escape(one_line(label));
    auto const target = encoded_url(url);
    if (!may_be_linked(url) || target.size() > url_max) return raw(words.empty() ? escape(one_line(url)) : words);
    if (words.empty()) return raw("<" + target + ">");
    return raw("<" + target + "|" + words + ">");
}

Raw date(Instant at, DateForm form) {
    std::string_view shown = "{time}";
    switch (form) {
        case DateForm::time:
            shown = "{time}";
            break;
        case DateForm::date_short_time:
            shown = "{date_short_pretty} at {time}";
            break;
    }
    return raw(fmt::format("<!date^{}^{}|{}>", to_unix(at), shown, to_utc_text(at)));
}

}  // namespace blocks

namespace {

std::string decoded(std::string_view text) {
    static constexpr std::array<std::pair<std::string_view, char>, 3> entities{{{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}}};
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        auto const found = std::find_if(entities.begin(), entities.end(),
                                        [&](auto const& entity) { return text.substr(at).starts_with(entity.first); });
        if (found == entities.end()) {
            out += text[at++];
        } else {
            out += found->second;
            at += found->first.size();
        }
    }
    return out;
}

// A link's label may be anything its writer liked: the target stays visible unless the label is the target.
std::string readable_link(std::string_view target, std::string_view label) {
    if (label.empty()) return std::string{target.starts_with("mailto:") ? target.substr(7) : target};
    if (target.ends_with(label) || target.ends_with(std::string{label} + "/")) return std::string{label};
    return fmt::format("{} ({})", label, target);
}

// What stands between < and >.
std::string readable_token(std::string_view token) {
    auto const bar = token.find('|');
    auto const target = token.substr(0, bar);
    auto const label = bar == std::string_view::npos ? std::string_view{} : token.substr(bar + 1);
    auto const marked = [&](char mark, std::string_view id) {
        auto const shown = label.empty() ? id : label;
        return shown.starts_with(mark) ? std::string{shown} : mark + std::string{shown};
    };
    if (target.starts_with('@')) return marked('@', target.substr(1));
    if (target.starts_with('#')) return marked('#', target.substr(1));
    if (target.starts_with("!date^")) return std::string{label};
    if (target.starts_with("!subteam^")) return marked('@', target.substr(9));
    if (target.starts_with('!')) return marked('@', target.substr(1));
    return readable_link(target, label);
}

}  // namespace

std::string readable_text(std::string_view slack_text) {
    std::string out;
    while (!slack_text.empty()) {
        auto const open = slack_text.find('<');
        out += decoded(slack_text.substr(0, open));
        if (open == std::string_view::npos) break;
        slack_text.remove_prefix(open);
        auto const close = slack_text.find('>');
        if (close == std::string_view::npos) {
            out += decoded(slack_text);
            break;
        }
        out += decoded(readable_token(slack_text.substr(1, close - 1)));
        slack_text.remove_prefix(close + 1);
    }
    return out;
}

}  // namespace esc::slack
