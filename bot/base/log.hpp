// One event, one JSON line on stderr: ts, level, event, then the fields. Secrets that were registered are replaced
// wherever they appear. No message text from people above debug.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

namespace esc::log {

enum class Level : std::uint8_t { debug, info, warning, error };

struct Field {
    std::string_view key;
    std::variant<std::string_view, std::int64_t, double, bool> value;

    Field(std::string_view k, std::string_view v) : key(k), value(v) {}
    Field(std::string_view k, std::string const& v) : key(k), value(std::string_view(v)) {}
    Field(std::string_view k, char const* v) : key(k), value(std::string_view(v)) {}
    Field(std::string_view k, bool v) : key(k), value(v) {}
    Field(std::string_view k, double v) : key(k), value(v) {}
    template <class Integer>
        requires(std::is_integral_v<Integer> && !std::is_same_v<Integer, bool>)
    Field(std::string_view k, Integer v) : key(k), value(static_cast<std::int64_t>(v)) {}
};
using Fields = std::initializer_list<Field>;

void write(Level level, std::string_view event, Fields fields = {});
inline void debug(std::string_view event, Fields fields = {}) { write(Level::debug, event, fields); }
inline void info(std::string_view event, Fields fields = {}) { write(Level::info, event, fields); }
inline void warning(std::string_view event, Fields fields = {}) { write(Level::warning, event, fields); }
inline void error(std::string_view event, Fields fields = {}) { write(Level::error, event, fields); }

// A warning about something that stays wrong: once an hour for each `about`, at debug level in between.
void warning_seldom(std::string_view about, std::string_view event, Fields fields);

void set_level(Level lowest);
// Everything written from now on has `secret` replaced by "[redacted]". Empty and very short texts are ignored.
void add_secret(std::string_view secret);
// For tests: lines go here instead of stderr; an empty function restores stderr. What was warned of is forgotten.
void set_sink(std::function<void(std::string_view line)> sink);

}  // namespace esc::log
