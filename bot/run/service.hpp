// What the subcommands do, apart from the command line itself: each returns the exit code and says in one line on stderr
// what is wrong. 0: done; 1: could not; 2: the configuration or the environment is at fault.
#pragma once

#include "bot/base/config.hpp"
#include "bot/run/app.hpp"

#include <string>
#include <string_view>

namespace esc::run {

inline constexpr int exit_done = 0;
inline constexpr int exit_failed = 1;
inline constexpr int exit_usage = 2;

// Writes "escalationd: …" and a line end to stderr.
void complain(std::string_view sentence);

// Reads the file of `path`, else of ESCALATION_CONFIG, else the defaults; complains about each problem of it and of the
// environment. With Tokens::required absent tokens are a problem too.
struct Setup {
    ConfigReading reading{};
    Environment environment{};
    bool usable = false;
    [[nodiscard]] std::string store_url() const {
        return environment.store_url.empty() ? reading.config.store.url : environment.store_url;
    }
};
enum class Tokens : std::uint8_t { optional, required };
[[nodiscard]] Setup read_setup(std::string const& path, Tokens tokens);

// Until SIGTERM or SIGINT (a second one ends at once), or until the service cannot go on. A stop that has not ended within
// 10 s is cut short and exits with exit_failed.
int serve(Setup const& setup, App::Parts parts);
int migrate(Setup const& setup);
int verify(Setup const& setup);
// Is the running service ready? Asks /readyz of [http] listen.
int healthcheck(Setup const& setup);

// bot/run/redact.cpp
struct RedactWhat {
    std::string key{};
    std::string user{};
    std::string older_than{};
    bool dry_run = false;
    bool yes = false;
};
int redact(Setup const& setup, RedactWhat const& what);

// bot/run/check.cpp
struct CheckWhat {
    bool online = false;
    bool print = false;
    bool routes = false;
};
int check(Setup const& setup, CheckWhat what);

}  // namespace esc::run
