// `escalationd redact`: says what would be erased, asks, erases in small transactions beside the running service.
#include "handlers/redact.hpp"
#include "bot/base/config_checks.hpp"
#include "bot/run/service.hpp"
#include "store/store.hpp"

#include <fmt/format.h>

#include <unistd.h>
#include <chrono>
#include <iostream>
#include <utility>

namespace esc::run {
namespace {

constexpr int go_size = 100;  // escalations in one transaction: the service's commands hardly wait behind it

Instant now() { return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()); }

Result<handlers::Redaction> read_what(RedactWhat const& what) {
    handlers::Redaction redaction;
    redaction.limit = go_size;
    auto const named = (what.key.empty() ? 0 : 1) + (what.user.empty() ? 0 : 1) + (what.older_than.empty() ? 0 : 1);
    if (named != 1)
        return fail(Errc::invalid, "name one of: a key (ESC-12), --user U0PERSON, --older-than 400d (escalationd redact --help)");
    if (!what.key.empty()) {
        redaction.key = EscalationId::parse(what.key);
        if (!redaction.key) return fail(Errc::invalid, "\"{}\" is not a key: write ESC-12, esc-12 or 12", what.key);
    } else if (!what.user.empty()) {
        redaction.author = {what.user};
        if (what.user.size() < 2 || (what.user.front() != 'U' && what.user.front() != 'W'))
            return fail(Errc::invalid, "\"{}\" is not a person's id: it begins with U or W", what.user);
    } else {
        ESC_TRY(auto const age, config_checks::parse_days(what.older_than));
        redaction.over_before = now() - age;
    }
    return redaction;
}

struct Sum {
    std::int64_t escalations = 0;
    std::int64_t texts = 0;
    [[nodiscard]] std::string text() const { return fmt::format("{} texts of the ledger in {} escalations", texts, escalations); }
};

// `go` does one part and says where the next begins.
template <class Go>
Result<Sum> in_parts(handlers::Redaction redaction, Go const& go) {
    Sum sum;
    for (;;) {
        Result<handlers::Redacted> part = handlers::Redacted{};
        ESC_CHECK(go(redaction, part));
        if (!part) return part.error();
        sum.escalations += part->escalations;
        sum.texts += part->texts;
        if (!part->more) return sum;
        redaction.after = part->last;
    }
}

bool agreed() {
    std::string answer;
    std::cout << "They cannot be brought back. Type yes to go on: " << std::flush;
    return std::getline(std::cin, answer) && answer == "yes";
}

}  // namespace

int redact(Setup const& setup, RedactWhat const& what) {
    auto const redaction = read_what(what);
    if (!redaction) {
        complain(redaction.error().message);
        return exit_usage;
    }
    auto const url = setup.store_url();
    auto const found = in_parts(*redaction, [&url](handlers::Redaction const& part, Result<handlers::Redacted>& done) {
        return read_store(url, [&](Snapshot const& snapshot) { done = handlers::count_redactions(snapshot, part); });
    });
    if (!found) {
        complain(found.error().message);
        return exit_failed;
    }
    fmt::print("{}: {}\n", what.dry_run ? "would be erased" : "to be erased", found->text());
    std::fflush(stdout);
    if (what.dry_run || found->escalations == 0) return exit_done;
    if (!what.yes && isatty(STDIN_FILENO) == 0) {
        complain("nothing was erased: say --yes where nobody can be asked");
        return exit_usage;
    }
    if (!what.yes && !agreed()) {
        complain("nothing was erased");
        return exit_failed;
    }
    auto const erased = in_parts(*redaction, [&url](handlers::Redaction part, Result<handlers::Redacted>& done) -> Result<void> {
        ESC_CHECK(read_store(url, [&part](Snapshot const& snapshot) {
            if (auto ids = handlers::redactions(snapshot, part)) part.found = *std::move(ids);
        }));
        return write_store(url, [&](Tx& tx) { done = handlers::redact(tx, part, now()); });
    });
    if (!erased) {
        complain(erased.error().message);
        return exit_failed;
    }
    fmt::print(
        "erased: {}; while the service runs, cards and messages that showed them are written anew with the next thing "
        "that happens, within the hour at the latest\n",
        erased->text());
    return exit_done;
}

}  // namespace esc::run
