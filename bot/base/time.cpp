// Durations and instants as text, and the clock that tests and the demo move by hand.
#include "bot/base/time.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <system_error>

namespace esc {

namespace {

using namespace std::chrono_literals;

constexpr std::chrono::seconds elapsed_max = std::chrono::hours{24 * 3660};  // ten years: no sum of instants can overflow

struct Unit {
    std::string_view name;
    std::chrono::seconds size;
};
// Largest first, the order in which people write them.
constexpr std::array units{Unit{"d", 24h}, Unit{"h", 1h}, Unit{"m", 1min}, Unit{"s", 1s}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::optional<std::int64_t> parse_digits(std::string_view digits) {
    std::int64_t number = 0;
    auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    return number;
}

}  // namespace

Instant ManualClock::now() const { return from_us(now_us_.load()); }

Clock::TimerId ManualClock::call_at(Instant at, std::function<void()> callback) {
    TimerId const id = ++last_id_;
    timers_.emplace(at, std::pair{id, std::move(callback)});
    return id;
}

void ManualClock::cancel(TimerId id) {
    auto const found = std::find_if(timers_.begin(), timers_.end(), [&](auto const& timer) { return timer.second.first == id; });
    if (found != timers_.end()) timers_.erase(found);
}

void ManualClock::advance_to(Instant to) {
    // A callback may set and cancel timers or advance the clock itself, so nothing is held across the call, and time never
    // goes back, neither for a timer set in the past nor after a callback that went further than `to`.
    while (!timers_.empty() && timers_.begin()->first <= std::max(to, now())) {
        auto timer = timers_.extract(timers_.begin());
        now_us_.store(to_us(std::max(now(), timer.key())));
        timer.mapped().second();
    }
    now_us_.store(to_us(std::max(now(), to)));
}

std::optional<Instant> ManualClock::next_timer() const {
    if (timers_.empty()) return std::nullopt;
    return timers_.begin()->first;
}

Result<std::chrono::seconds> parse_elapsed(std::string_view text) {
    auto const misread = [&] {
        return fail(Errc::invalid, "\"{}\" is not a duration: write 90s, 15m, 4h or 1h30m", text.substr(0, 40));
    };
    std::chrono::seconds total{0};
    std::size_t next_unit = 0;
    std::string_view rest = text;
    do {
        auto const digit_count = static_cast<std::size_t>(std::find_if_not(rest.begin(), rest.end(), is_digit) - rest.begin());
        std::string_view const digits = rest.substr(0, digit_count);
        rest.remove_prefix(digit_count);
        auto const name_size = static_cast<std::size_t>(std::find_if(rest.begin(), rest.end(), is_digit) - rest.begin());
        std::string_view const name = rest.substr(0, name_size);
        rest.remove_prefix(name_size);
        if (digits.empty()) return misread();

        if (name == "bh" || name == "bd") {
            return fail(Errc::invalid,
                        "business hours and days ({}) are not supported yet: write elapsed hours, such as 4h or 24h", name);
        }
        auto const* const unit =
            std::find_if(units.begin() + next_unit, units.end(), [&](Unit const& u) { return u.name == name; });
        if (unit == units.end()) return misread();
        next_unit = static_cast<std::size_t>(unit - units.begin()) + 1;
        auto const number = parse_digits(digits);
        if (!number || *number > (elapsed_max - total) / unit->size) {
            return fail(Errc::invalid, "\"{}\" is too long: ten years at most", text.substr(0, 40));
        }
        total += *number * unit->size;
    } while (!rest.empty());
    return total;
}

std::string format_elapsed(std::chrono::seconds span) {
    std::string text;
    for (Unit const& unit : units) {
        if (unit.name == "d") continue;  // of a target a day could be one of work: hours are always understood
        if (auto const count = span / unit.size; count != 0) {
            text += fmt::format("{}{}", count, unit.name);
            span -= count * unit.size;
        }
    }
    return text.empty() ? "0s" : text;
}

std::string format_left(Duration left) {
    // The size of the smallest value does not fit its own type.
    if (left == Duration::min()) left = Duration::max();
    auto const seconds = std::chrono::floor<std::chrono::seconds>(std::chrono::abs(left)).count();
    auto const minutes = seconds / 60;
    auto const hours = minutes / 60;
    if (minutes == 0) return fmt::format("{}s", seconds);
    if (hours == 0) return fmt::format("{}m", minutes);
    if (hours < 24) return fmt::format("{}h {:02}m", hours, minutes % 60);
    return fmt::format("{}d {}h", hours / 24, hours % 24);
}

std::string to_iso(Instant at) {
    auto const day = std::chrono::floor<std::chrono::days>(at);
    std::chrono::year_month_day const date{day};
    std::chrono::hh_mm_ss const time{at - day};
    auto text =
        fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                    static_cast<unsigned>(date.day()), time.hours().count(), time.minutes().count(), time.seconds().count());
    if (time.subseconds().count() != 0) text += fmt::format(".{:06}", time.subseconds().count());
    return text + "Z";
}

std::string to_utc_text(Instant at) {
    static constexpr std::string_view months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    auto const day = std::chrono::floor<std::chrono::days>(at);
    std::chrono::year_month_day const date{day};
    std::chrono::hh_mm_ss const time{at - day};
    return fmt::format("{} {}, {:02}:{:02} UTC", months[static_cast<unsigned>(date.month()) - 1],
                       static_cast<unsigned>(date.day()), time.hours().count(), time.minutes().count());
}

std::optional<Instant> parse_slack_ts(std::string_view ts) {
    constexpr std::size_t second_digits_max = 11;  // until the year 5138
    constexpr std::size_t fraction_digits = 6;
    auto const dot = ts.find('.');
    if (dot == std::string_view::npos || dot == 0 || dot > second_digits_max) return std::nullopt;
    std::string_view const seconds = ts.substr(0, dot);
    std::string_view const fraction = ts.substr(dot + 1);
    if (fraction.size() != fraction_digits || !std::all_of(seconds.begin(), seconds.end(), is_digit) ||
        !std::all_of(fraction.begin(), fraction.end(), is_digit)) {
        return std::nullopt;
    }
    auto const whole = parse_digits(seconds);
    auto const micros = parse_digits(fraction);
    if (!whole || !micros) return std::nullopt;
    return Instant{std::chrono::seconds{*whole} + Duration{*micros}};
}

}  // namespace esc
