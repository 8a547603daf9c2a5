// Writes and reads the packed clocks.
#include "store/clocks.hpp"

#include "store/sql/connection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <concepts>
#include <cstdint>
#include <limits>
#include <system_error>

namespace esc {
namespace {

// Differences wrap around like unsigned numbers: every pair of instants survives the way there and back.
std::int64_t after_start(Instant at, Instant start) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(to_us(at)) - static_cast<std::uint64_t>(to_us(start)));
}
Instant from_start(std::int64_t us, Instant start) {
    return from_us(static_cast<std::int64_t>(static_cast<std::uint64_t>(us) + static_cast<std::uint64_t>(to_us(start))));
}

[[noreturn]] void damaged(std::string_view packed) {
    throw sql::DatabaseError(fmt::format("packed clocks cannot be read: \"{}\"", packed), 0);
}

// Takes a packed text apart from the left.
class Reader {
public:
    explicit Reader(std::string_view packed) : packed_(packed), rest_(packed) {}

    [[nodiscard]] bool at_end() const { return rest_.empty(); }
    [[nodiscard]] bool take(char expected) {
        if (!rest_.starts_with(expected)) return false;
        rest_.remove_prefix(1);
        return true;
    }
    void expect(char expected) {
        if (!take(expected)) damaged(packed_);
    }
    template <std::integral Integer>
    Integer number(Integer lowest = std::numeric_limits<Integer>::min(), Integer highest = std::numeric_limits<Integer>::max()) {
        Integer value = 0;
        auto const [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
        auto const length = static_cast<std::size_t>(end - rest_.data());
        if (error != std::errc{} || value < lowest || value > highest ||
            rest_.substr(0, length) != fmt::format_int(value).c_str())
            damaged(packed_);
        rest_.remove_prefix(length);
        return value;
    }
    std::vector<ClockPoint> points(Instant start) {
        std::vector<ClockPoint> points;
        if (take('-')) return points;
        do {
            ClockPoint point;
            point.rung = number<int>(0);
            expect('+');
            point.at = from_start(number<std::int64_t>(), start);
            points.push_back(point);
        } while (take('/'));
        return points;
    }
    SlaClock clock() {
        SlaClock clock;
        auto const kind = number<int>();
        auto const known = std::find_if(all_clock_kinds.begin(), all_clock_kinds.end(),
                                        [kind](ClockKind one) { return static_cast<int>(one) == kind; });
        if (known == all_clock_kinds.end()) damaged(packed_);
        clock.kind = *known;
        expect(',');
        clock.generation = number<int>(0);
        expect(',');
        clock.started_at = from_us(number<std::int64_t>());
        expect(',');
        clock.target = std::chrono::seconds{number<std::int64_t>()};
        expect(',');
        clock.due = from_start(number<std::int64_t>(), clock.started_at);
        expect(',');
        clock.outcome = static_cast<ClockOutcome>(number<int>(0, static_cast<int>(ClockOutcome::cancelled)));
        expect(',');
        clock.points_fired = number<int>(0);
        expect(',');
        if (take('p'))
            clock.paused_at = from_start(number<std::int64_t>(), clock.started_at);
        else if (!take('x'))
            clock.stopped_at = from_start(number<std::int64_t>(), clock.started_at);
        expect(',');
        clock.points = points(clock.started_at);
        if (take(',')) clock.paused = Duration{number<std::int64_t>(1)};
        if (static_cast<std::size_t>(clock.points_fired) > clock.points.size()) damaged(packed_);
        return clock;
    }

private:
    std::string_view packed_;
    std::string_view rest_;
};

void append_number(std::string& out, std::int64_t number) {
    fmt::format_int const digits(number);
    out.append(digits.data(), digits.size());
}

void append_points(std::string& out, std::vector<ClockPoint> const& points, Instant start) {
    if (points.empty()) out += '-';
    for (auto const& point : points) {
        if (&point != &points.front()) out += '/';
        append_number(out, point.rung);
        out += '+';
        append_number(out, after_start(point.at, start));
    }
}

}  // namespace

std::string pack_clocks(std::vector<SlaClock> const& clocks) {
    // By hand: this runs for every escalation that is written.
    std::string out;
    for (auto const& clock : clocks) {
        if (!out.empty()) out += ';';
        for (std::int64_t const number :
             {static_cast<std::int64_t>(clock.kind), std::int64_t{clock.generation}, to_us(clock.started_at),
              std::int64_t{clock.target.count()}, after_start(clock.due, clock.started_at),
              static_cast<std::int64_t>(clock.outcome), std::int64_t{clock.points_fired}}) {
            append_number(out, number);
            out += ',';
        }
        if (clock.stopped_at) {
            append_number(out, after_start(*clock.stopped_at, clock.started_at));
        } else if (clock.paused_at) {
            out += 'p';
            append_number(out, after_start(*clock.paused_at, clock.started_at));
        } else {
            out += 'x';
        }
        out += ',';
        append_points(out, clock.points, clock.started_at);
        if (clock.paused.count() != 0) {
            out += ',';
            append_number(out, clock.paused.count());
        }
    }
    return out;
}

std::vector<SlaClock> unpack_clocks(std::string_view packed) {
    std::vector<SlaClock> clocks;
    Reader reader(packed);
    if (reader.at_end()) return clocks;
    do {
        clocks.push_back(reader.clock());
    } while (reader.take(';'));
    if (!reader.at_end()) damaged(packed);
    return clocks;
}

std::string pack_points(std::vector<ClockPoint> const& points, Instant started_at) {
    std::string out;
    append_points(out, points, started_at);
    return out;
}

std::vector<ClockPoint> unpack_points(std::string_view packed, Instant started_at) {
    Reader reader(packed);
    auto points = reader.points(started_at);
    if (!reader.at_end()) damaged(packed);
    return points;
}

}  // namespace esc
