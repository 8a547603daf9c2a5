// Builds one JSON line per event, takes the secrets out, and gives it to spdlog, which owns stderr.
#include "bot/base/log.hpp"

#include "bot/base/time.hpp"

#include <fmt/core.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

namespace esc::log {

namespace {

constexpr std::size_t secret_size_min = 6;  // replacing shorter texts would eat ordinary words
constexpr std::chrono::hours seldom{1};
constexpr std::size_t warned_max = 1'000;  // beyond it all may be said again
constexpr std::string_view redacted = "[redacted]";

std::atomic<Level> lowest_level{Level::info};

// Guards the secrets and the sink, and keeps lines whole and in order.
struct Output {
    std::mutex mutex{};
    std::vector<std::string> secrets{};  // longest first, so that a secret that contains another one goes as a whole
    std::function<void(std::string_view)> sink{};
    std::map<std::string, std::chrono::steady_clock::time_point, std::less<>> warned{};  // warning_seldom: about → last time
    spdlog::logger stderr_logger = make_logger();

    static spdlog::logger make_logger() {
        spdlog::logger logger("escalationd", std::make_shared<spdlog::sinks::stderr_sink_st>());
        logger.set_pattern("%v");
        logger.set_level(spdlog::level::trace);
        return logger;
    }
};

// Never destroyed: destructors of other statics may still log.
Output& output() {
    static auto* const instance = new Output;
    return *instance;
}

std::string_view name(Level level) {
    switch (level) {
        case Level::debug:
            return "debug";
        case Level::info:
            return "info";
        case Level::warning:
            return "warning";
        case Level::error:
            return "error";
    }
    return "error";
}

spdlog::level::level_enum spdlog_level(Level level) {
    switch (level) {
        case Level::debug:
            return spdlog::level::debug;
        case Level::info:
            return spdlog::level::info;
        case Level::warning:
            return spdlog::level::warn;
        case Level::error:
            return spdlog::level::err;
    }
    return spdlog::level::err;
}

// Bytes of the well-formed UTF-8 character at the start of `text`, 0 when there is none (Unicode 15, table 3-7).
std::size_t utf8_size(std::string_view text) {
    auto const byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
    auto const follows = [&](std::size_t i) { return (byte(i) & 0xc0U) == 0x80U; };
    unsigned const first = byte(0);
    if (first < 0x80) return 1;
    if (first >= 0xc2 && first <= 0xdf) return follows(1) ? 2 : 0;
    if (first >= 0xe0 && first <= 0xef) {
        bool const overlong = first == 0xe0 && byte(1) < 0xa0;
        bool const surrogate = first == 0xed && byte(1) > 0x9f;
        return follows(1) && follows(2) && !overlong && !surrogate ? 3 : 0;
    }
    if (first >= 0xf0 && first <= 0xf4) {
        bool const overlong = first == 0xf0 && byte(1) < 0x90;
        bool const too_large = first == 0xf4 && byte(1) > 0x8f;
        return follows(1) && follows(2) && follows(3) && !overlong && !too_large ? 4 : 0;
    }
    return 0;
}

void append_escaped(std::string& line, std::string_view text) {
    while (!text.empty()) {
        std::size_t const size = utf8_size(text);
        if (size == 0) {
            line += "\\ufffd";
            text.remove_prefix(1);
            continue;
        }
        char const c = text.front();
        if (c == '"' || c == '\\') {
            line += '\\';
            line += c;
        } else if (c == '\n') {
            line += "\\n";
        } else if (size == 1 && (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)) {
            line += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        } else {
            line += text.substr(0, size);
        }
        text.remove_prefix(size);
    }
}

std::string escaped(std::string_view text) {
    std::string result;
    append_escaped(result, text);
    return result;
}

void append_string(std::string& line, std::string_view text, std::vector<std::string> const& secrets) {
    line += '"';
    bool const hit = std::any_of(secrets.begin(), secrets.end(), [&](auto const& s) { return text.find(s) != text.npos; });
    if (hit) {
        // Before escaping, because escaping may change the secret's own characters.
        std::string clean(text);
        for (std::string const& secret : secrets) {
            for (std::size_t at = 0; (at = clean.find(secret, at)) != std::string::npos; at += redacted.size()) {
                clean.replace(at, secret.size(), redacted);
            }
        }
        append_escaped(line, clean);
    } else {
        append_escaped(line, text);
    }
    line += '"';
}

struct AppendValue {
    std::string& line;
    std::vector<std::string> const& secrets;

    void operator()(std::string_view text) const { append_string(line, text, secrets); }
    void operator()(std::int64_t number) const { line += fmt::format("{}", number); }
    void operator()(double number) const { line += std::isfinite(number) ? fmt::format("{}", number) : "null"; }
    void operator()(bool truth) const { line += truth ? "true" : "false"; }
};

}  // namespace

void write(Level level, std::string_view event, Fields fields) {
    if (level < lowest_level.load(std::memory_order_relaxed)) return;
    Output& out = output();
    std::lock_guard const lock(out.mutex);
    auto const now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    auto const millis = (now.time_since_epoch() % std::chrono::seconds{1}).count();
    std::string line = to_iso(std::chrono::floor<std::chrono::seconds>(now));
    line.pop_back();  // the Z goes behind the fraction, which always has three digits here
    line = fmt::format(R"({{"ts":"{}.{:03}Z","level":"{}","event":)", line, millis, name(level));
    append_string(line, event, out.secrets);
    for (Field const& field : fields) {
        line += ',';
        append_string(line, field.key, out.secrets);
        line += ':';
        std::visit(AppendValue{line, out.secrets}, field.value);
    }
    line += '}';
    if (out.sink) {
        out.sink(line);
    } else {
        out.stderr_logger.log(spdlog_level(level), spdlog::string_view_t(line.data(), line.size()));
    }
}

void warning_seldom(std::string_view about, std::string_view event, Fields fields) {
    auto const now = std::chrono::steady_clock::now();
    bool said = false;
    {
        Output& out = output();
        std::lock_guard const lock(out.mutex);
        if (out.warned.size() >= warned_max) out.warned.clear();
        auto const found = out.warned.find(about);
        said = found != out.warned.end() && now - found->second < seldom;
        if (!said) out.warned.insert_or_assign(std::string(about), now);
    }
    write(said ? Level::debug : Level::warning, event, fields);
}

void set_level(Level lowest) { lowest_level.store(lowest, std::memory_order_relaxed); }

void add_secret(std::string_view secret) {
    if (secret.size() < secret_size_min) return;
    Output& out = output();
    std::lock_guard const lock(out.mutex);
    // A secret may arrive inside JSON that is logged as text, so its escaped form is one too.
    for (std::string form : {escaped(secret), std::string(secret)}) {
        if (std::find(out.secrets.begin(), out.secrets.end(), form) == out.secrets.end()) out.secrets.push_back(std::move(form));
    }
    std::stable_sort(out.secrets.begin(), out.secrets.end(), [](auto const& a, auto const& b) { return a.size() > b.size(); });
}

void set_sink(std::function<void(std::string_view line)> sink) {
    Output& out = output();
    std::lock_guard const lock(out.mutex);
    out.warned.clear();
    out.sink = std::move(sink);
}

}  // namespace esc::log
