// The configuration as plain data, and its reader. Immutable once read; a reload swaps a shared_ptr<Config const>.
#pragma once

#include "bot/base/ids.hpp"
#include "bot/base/result.hpp"
#include "bot/base/vocabulary.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace esc {

// When an alert before the breach is due, counted from a clock's start.
struct AtRiskPoint {
    enum class Form : std::uint8_t { percent_used, time_left } form = Form::percent_used;
    int percent = 75;              // with percent_used, 1…99
    std::chrono::seconds left{0};  // with time_left
    friend bool operator==(AtRiskPoint const&, AtRiskPoint const&) = default;
};

// Targets of one severity, elapsed seconds on a 24×7 calendar. A missing target means that the clock does not run.
struct SlaTargets {
    std::optional<std::chrono::seconds> owner{};  // to the first assignment; and from an assignment by another to its acceptance
    std::optional<std::chrono::seconds> first_response{};
    std::optional<std::chrono::seconds> resolution{};
    // Rung 1, rung 2, … as the configuration has them. Empty means the built-in rule: rung 1 at 75 % used, rung 2 at 90 % used
    // or 15 min left, whichever is earlier; but where 15 min left does not lie after rung 1, rung 2 is at 90 %.
    std::vector<AtRiskPoint> at_risk{};
    std::optional<std::chrono::seconds> next_response{};  // an unanswered message of the customer
    std::optional<std::chrono::seconds> engineering{};    // handed to engineering → accepted there by name
    friend bool operator==(SlaTargets const&, SlaTargets const&) = default;
};

struct SeverityText {
    std::string criteria{};
    std::vector<std::string> examples{};
    std::vector<std::string> counter_examples{};
};

// [[team]]. Whoever is listed here has that role for the team's escalations, and at least the workspace's.
struct TeamConfig {
    std::string name{};
    std::vector<std::string> members{};  // user ids and groups: agents of the team
    std::vector<std::string> leads{};
    std::vector<std::string> managers{};
    ChannelId channel{};
    ChannelId triage{};                  // where its cards go; empty: [channels] triage
    std::vector<std::string> sources{};  // channels whose messages are its own
    friend bool operator==(TeamConfig const&, TeamConfig const&) = default;
};

struct Config {
    struct Service {
        std::string timezone = "UTC";
        // How long a pause may last before it ends by itself (waiting on the customer or a vendor).
        std::chrono::seconds pause_cap{std::chrono::hours{24 * 3}};
        // How long a transfer request stands; half-way through managers are reminded.
        std::chrono::seconds transfer_expiry{std::chrono::hours{24}};
        // An owner who is away for longer than this is unavailable.
        std::chrono::seconds away_limit{std::chrono::hours{4}};
    } service{};
    struct Ownership {
        bool acting_resolves_sev1 = false;  // else it needs the owner's or a manager's word
        bool second_approver = false;       // from the second move on another manager must agree
    } ownership{};
    struct Slack {
        int connections = 2;  // 1…8: Slack allows 10 and a rolling restart needs room
        std::string escalate_command = "/escalate";
        std::string queue_command = "/queue";
    } slack{};
    struct Store {
        std::string url = "sqlite:escalations.db";
    } store{};
    struct Http {
        std::string listen = "127.0.0.1:8085";
    } http{};
    struct Channels {
        ChannelId triage{};
        ChannelId digests{};
    } channels{};
    struct People {  // user ids U…/W… and user groups S…
        std::vector<std::string> admins{};
        std::vector<std::string> managers{};
        std::vector<std::string> leads{};
        std::vector<std::string> agents{};
        bool guests_internal = false;  // guests of the workspace are colleagues; nobody from another one ever is
        [[nodiscard]] bool nobody() const { return admins.empty() && managers.empty() && leads.empty() && agents.empty(); }
    } people{};
    std::vector<TeamConfig> teams{};
    struct Retention {
        std::optional<std::chrono::seconds> texts{};  // texts of what is over are erased after that; nothing: kept
    } retention{};
    struct Intake {
        std::string customer_reply{};  // said once in the thread of a message that people from outside read; empty: nothing is
    } intake{};
    std::map<std::string, Severity, std::less<>> reactions{{"rotating_light", Severity::sev3}};  // emoji name → severity
    std::array<SeverityText, 4> severities{};                                                    // index: level − 1
    std::array<SlaTargets, 4> sla{};                                                             // index: level − 1
    // [service] reopen_window: how long after `resolved` an escalation may be reopened.
    std::chrono::seconds reopen_window{std::chrono::hours{24 * 7}};

    [[nodiscard]] SlaTargets const& targets(Severity severity) const { return sla[static_cast<std::size_t>(severity) - 1]; }
    [[nodiscard]] TeamConfig const* team(std::string_view name) const {
        for (auto const& one : teams)
            if (one.name == name) return &one;
        return nullptr;
    }
    [[nodiscard]] SeverityText const& text(Severity severity) const { return severities[static_cast<std::size_t>(severity) - 1]; }
};

struct ConfigProblem {
    std::string file{};
    int line = 0;  // 0: not tied to a line (environment)
    std::string key{};
    std::string message{};
    [[nodiscard]] std::string text() const;  // "escalation.toml:3: slack.connections: expected an integer from 1 to 8"
};

// The built-in defaults; the targets of all severities are 24×7 so far.
[[nodiscard]] Config default_config();

// Reads TOML over the defaults. All problems are collected, not only the first.
struct ConfigReading {
    Config config{};
    std::vector<ConfigProblem> problems{};         // empty: config is usable
    std::map<std::string, std::string> sources{};  // key → "escalation.toml:12"; keys not listed are defaults
};
[[nodiscard]] ConfigReading read_config_text(std::string_view toml, std::string file_name);
[[nodiscard]] ConfigReading read_config_file(std::string const& path);

// What comes from the environment, read once by main. Secrets live only here.
struct Environment {
    std::string bot_token{};
    std::string app_token{};
    std::string api_url = "https://slack.com/api/";
    std::string config_path{};  // ESCALATION_CONFIG
    std::string store_url{};    // ESCALATION_STORE, beats [store] url
    std::string notify_socket{};
};
[[nodiscard]] Environment read_environment();
// Plain http and ws only for loopback; a token with the wrong prefix is named without printing it. A token that is not there
// is no problem here: only `serve` needs them, and asks.
[[nodiscard]] std::vector<ConfigProblem> check_environment(Environment const& environment);

// Every key with its value, default and source, one a line (escalationd check --print).
[[nodiscard]] std::string print_config(ConfigReading const& reading);

}  // namespace esc
