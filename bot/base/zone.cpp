// Asks the date library, which in Debian reads the system's tzdata.
#include "bot/base/zone.hpp"

#include <date/tz.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <exception>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace esc {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using LocalDay = std::chrono::local_days;
using LocalTime = std::chrono::local_seconds;

// Nothing when the database does not know it, and for UTC, which needs none.
date::time_zone const* find_zone(std::string_view name) {
    // The library reads a file of this name: nothing that could lead out of the database's folder.
    if (name == "UTC" || name.empty() || name.front() == '/' || name.find("..") != std::string_view::npos) return nullptr;
    try {
        return date::locate_zone(name);
    } catch (std::exception const&) {
        return nullptr;  // how the library says "no such zone"
    }
}

// --- wall clock and instants -------------------------------------------------------------------------------------------------

LocalTime local_time(Instant at, date::time_zone const* zone) {
    auto const whole = std::chrono::floor<std::chrono::seconds>(at);
    auto const offset = zone == nullptr ? std::chrono::seconds{0} : zone->get_info(whole).offset;
    return LocalTime{whole.time_since_epoch() + offset};
}

// The moments at which the wall clock there shows `local`, earliest first: one, or two where clocks go back; where it is skipped
// the moment they go forward.
std::vector<Instant> moments(LocalTime local, date::time_zone const* zone) {
    auto const since = local.time_since_epoch();
    if (zone == nullptr) return {Instant{since}};
    auto const info = zone->get_info(date::local_seconds{since});
    switch (info.result) {
        case date::local_info::nonexistent:
            return {Instant{info.first.end}};
        case date::local_info::ambiguous:
            return {Instant{since - info.first.offset}, Instant{since - info.second.offset}};
        default:
            return {Instant{since - info.first.offset}};
    }
}

std::optional<Instant> first_after(LocalTime local, date::time_zone const* zone, Instant now) {
    for (auto const at : moments(local, zone))
        if (at > now) return at;
    return std::nullopt;
}

// --- reading -----------------------------------------------------------------------------------------------------------------

constexpr std::size_t words_max = 5;  // "in 1d 2h 30m 10s"

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
    return text;
}

// The first words in lower case, and where each ends in the text; at most one more than a moment can have.
struct Word {
    std::string text{};
    std::size_t end = 0;
};
std::vector<Word> first_words(std::string_view text) {
    std::vector<Word> words;
    std::size_t at = 0;
    while (words.size() <= words_max) {
        while (at < text.size() && is_space(text[at])) ++at;
        if (at == text.size()) break;
        auto const begin = at;
        while (at < text.size() && !is_space(text[at])) ++at;
        std::string word{text.substr(begin, at - begin)};
        std::transform(word.begin(), word.end(), word.begin(),
                       [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
        words.push_back({std::move(word), at});
    }
    return words;
}

// Exactly `least` to `most` digits.
std::optional<int> number(std::string_view digits, std::size_t least, std::size_t most) {
    if (digits.size() < least || digits.size() > most || digits.front() == '-') return std::nullopt;
    int value = 0;
    auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    return value;
}

// "14:30", "9:00"
std::optional<minutes> time_of_day(std::string_view word) {
    auto const colon = word.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    auto const hour = number(word.substr(0, colon), 1, 2);
    auto const minute = number(word.substr(colon + 1), 2, 2);
    if (!hour || !minute || *hour > 23 || *minute > 59) return std::nullopt;
    return hours{*hour} + minutes{*minute};
}

// "2026-11-24"
std::optional<LocalDay> day_of(std::string_view word) {
    if (word.size() != 10 || word[4] != '-' || word[7] != '-') return std::nullopt;
    auto const year = number(word.substr(0, 4), 4, 4);
    auto const month = number(word.substr(5, 2), 2, 2);
    auto const day = number(word.substr(8, 2), 2, 2);
    if (!year || !month || !day) return std::nullopt;
    std::chrono::year_month_day const date{std::chrono::year{*year}, std::chrono::month{static_cast<unsigned>(*month)},
                                           std::chrono::day{static_cast<unsigned>(*day)}};
    if (!date.ok()) return std::nullopt;
    return LocalDay{date};
}

// "mon", "monday"
std::optional<std::chrono::weekday> weekday_of(std::string_view word) {
    constexpr std::array<std::string_view, 7> names{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"};
    for (std::size_t i = 0; i < names.size(); ++i)
        if (word == names[i] || word == names[i].substr(0, 3)) return std::chrono::weekday{static_cast<unsigned>(i)};
    return std::nullopt;
}

Error not_understood() {
    return fail(Errc::invalid,
                "That is no moment: write 14:30, tomorrow 9:00, mon 10:00, 2026-11-24 14:30, 2h, in 90m or 1d 12h.");
}
Error is_over() { return fail(Errc::invalid, "That moment is over: name one that is still to come."); }

// On the first of these days on which it is still to come.
Result<Instant> on_one_of(std::vector<LocalDay> const& days_of_it, minutes time, date::time_zone const* zone, Instant now) {
    for (auto const day : days_of_it)
        if (auto const at = first_after(day + time, zone, now)) return *at;
    return is_over();
}

// Spaces between the parts of a span are left out: "2h 30m" is "2h30m".
Result<Instant> after_a_while(std::vector<Word> const& words, std::size_t first, std::size_t count, Instant now) {
    std::string span;
    for (auto i = first; i < count; ++i) span += words[i].text;
    auto const elapsed = parse_elapsed(span);
    if (!elapsed || elapsed->count() == 0) return not_understood();
    return now + *elapsed;
}

// All of the first `count` words.
Result<Instant> moment_of(std::vector<Word> const& words, std::size_t count, date::time_zone const* zone, Instant now) {
    auto const today = std::chrono::floor<days>(local_time(now, zone));
    auto const& first = words.front().text;
    auto const time = time_of_day(words[count - 1].text);
    if (time && count == 1) return on_one_of({today, today + days{1}, today + days{2}}, *time, zone, now);
    if (time && count == 2) {
        if (first == "today") return on_one_of({today}, *time, zone, now);
        if (first == "tomorrow") return on_one_of({today + days{1}}, *time, zone, now);
        if (auto const day = day_of(first)) return on_one_of({*day}, *time, zone, now);
        if (auto const weekday = weekday_of(first)) {
            auto const next = today + (*weekday - std::chrono::weekday{today});
            return on_one_of({next, next + days{7}}, *time, zone, now);
        }
    }
    return after_a_while(words, first == "in" ? 1 : 0, count, now);
}

}  // namespace

bool zone_exists(std::string_view name) { return name == "UTC" || find_zone(name) != nullptr; }

Result<Instant> parse_when(std::string_view text, std::string_view zone, Instant now) {
    auto const words = first_words(text);
    if (words.empty() || words.size() > words_max) return not_understood();
    return moment_of(words, words.size(), find_zone(zone), now);
}

Result<WhenAndRest> leading_when(std::string_view text, std::string_view zone, Instant now) {
    auto const words = first_words(text);
    auto const* const there = find_zone(zone);
    auto last = not_understood();
    for (auto count = std::min(words.size(), words_max); count > 0; --count) {
        auto const at = moment_of(words, count, there, now);
        if (at) return WhenAndRest{*at, trimmed(text.substr(words[count - 1].end))};
        // That a moment is over says more than that the shorter text is none.
        if (at.error() == is_over()) last = at.error();
    }
    return last;
}

}  // namespace esc
