// What each key of the file means: read over the defaults, with everything that is wrong collected, each with file, line and key.
// Keys that the product promises for later are refused by name, so that nobody believes them to work.
#include "bot/base/config.hpp"

#include "bot/base/config_checks.hpp"
#include "bot/base/config_table.hpp"
#include "bot/base/time.hpp"
#include "bot/base/utf8.hpp"
#include "bot/base/zone.hpp"

#include <fmt/core.h>
#include <toml++/toml.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <set>
#include <utility>

namespace esc {

namespace {

using config_checks::quoted;
using config_table::not_yet;
using config_table::Problem;
using config_table::Reader;
using config_table::Table;

constexpr std::size_t file_bytes_max = 1U << 20;
constexpr int connections_max = 8;
constexpr std::size_t at_risk_points_max = 4;
constexpr std::chrono::seconds target_max = std::chrono::hours{24 * 366};

bool is_upper_or_digit(char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

bool is_slack_id(std::string_view text, std::string_view first_letters) {
    return text.size() >= 2 && first_letters.find(text.front()) != std::string_view::npos &&
           std::all_of(text.begin(), text.end(), is_upper_or_digit);
}

Problem accept_channel(std::string const& text, ChannelId& into) {
    if (!is_slack_id(text, "CGD")) {
        return fmt::format("expected a channel's id such as \"C0TRIAGE\", not its name: {}", quoted(text));
    }
    into = ChannelId{text};
    return std::nullopt;
}

Problem check_person(std::string const& text) {
    if (is_slack_id(text, "UWS")) return std::nullopt;
    return fmt::format("expected the id of a user (U… or W…) or of a user group (S…), not {}", quoted(text));
}

Problem accept_command(std::string const& text, std::string& into) {
    constexpr std::size_t command_size_max = 32;  // Slack's
    bool const valid = text.size() >= 2 && text.size() <= command_size_max && text.front() == '/' &&
                       std::all_of(text.begin() + 1, text.end(), [](char c) {
                           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
                       });
    if (!valid) return fmt::format("expected a slash and lower-case letters, such as \"/escalate\", not {}", quoted(text));
    into = text;
    return std::nullopt;
}

// Of a target a day could be one of work.
Result<std::chrono::seconds> parse_target(std::string_view text) {
    if (text.find('d') != std::string_view::npos && text.find("bd") == std::string_view::npos)
        return fail(Errc::invalid, "days (d) are ambiguous: write elapsed hours, such as 24h for a day round the clock");
    return parse_elapsed(text);
}

Problem accept_target(std::string const& text, std::optional<std::chrono::seconds>& into) {
    auto const span = parse_target(text);
    if (!span) return span.error().message;
    if (*span <= std::chrono::seconds{0} || *span > target_max) return "expected more than nothing and at most a year";
    into = *span;
    return std::nullopt;
}

// Days, since nobody erases texts by the hour.
Problem accept_retention(std::string const& text, std::chrono::seconds& into) {
    auto const days = config_checks::parse_days(text);
    if (!days) return days.error().message;
    into = *days;
    return std::nullopt;
}

// Unlike a target, this window is far from any working day, so that "7d" can only mean seven times 24 hours.
Problem accept_window(std::string const& text, std::chrono::seconds& into) {
    auto const span = parse_elapsed(text);
    if (!span || *span > target_max) return "expected a span such as \"7d\" or \"36h\", at most a year";
    into = *span;
    return std::nullopt;
}

Result<AtRiskPoint> parse_at_risk(std::string_view text) {
    constexpr std::string_view left_suffix = " left";
    if (text.ends_with('%')) {
        int percent = 0;
        auto const* const last = text.data() + text.size() - 1;
        auto const [end, error] = std::from_chars(text.data(), last, percent);
        if (error == std::errc{} && end == last && percent >= 1 && percent <= 99) {
            return AtRiskPoint{.form = AtRiskPoint::Form::percent_used, .percent = percent};
        }
    } else if (text.ends_with(left_suffix)) {
        ESC_TRY(auto const left, parse_target(text.substr(0, text.size() - left_suffix.size())));
        if (left > std::chrono::seconds{0} && left <= target_max) {
            return AtRiskPoint{.form = AtRiskPoint::Form::time_left, .percent = 0, .left = left};
        }
    }
    return fail(Errc::invalid, "expected \"1%\" to \"99%\", or \"15m left\", not {}", quoted(text));
}

// Only points of the same form can be compared: whether 90 % comes before 15 minutes left depends on the target.
bool in_order(AtRiskPoint const& earlier, AtRiskPoint const& later) {
    if (earlier.form != later.form) return true;
    return earlier.form == AtRiskPoint::Form::percent_used ? earlier.percent < later.percent : earlier.left > later.left;
}

void read_at_risk(Table& table, std::vector<AtRiskPoint>& into) {
    std::vector<std::string> texts;
    std::vector<AtRiskPoint> points;
    table.texts("at_risk", texts, [&](std::string const& text) -> Problem {
        auto const point = parse_at_risk(text);
        if (!point) return point.error().message;
        if (!points.empty() && !in_order(points.back(), *point)) return "expected the points in order, the earliest first";
        if (points.size() == at_risk_points_max) return fmt::format("at most {} points", at_risk_points_max);
        points.push_back(*point);
        return std::nullopt;
    });
    toml::node const* const node = table.find("at_risk");
    if (node != nullptr && node->is_array() && node->as_array()->empty()) {
        table.report(*node, "at_risk", "expected at least one point; leave the key out for the built-in ones");
    }
    into = std::move(points);
}

void read_slack(Table& table, Config& config) {
    table.secrets(
        {{"bot_token", "SLACK_BOT_TOKEN"}, {"app_token", "SLACK_APP_TOKEN"}, {"signing_secret", "SLACK_SIGNING_SECRET"}});
    table.text("mode", [](std::string const& mode) -> Problem {
        if (mode == "socket") return std::nullopt;
        if (mode == "http") return fmt::format("\"http\" is {}: write \"socket\"", not_yet);
        return fmt::format("expected \"socket\", not {}", quoted(mode));
    });
    table.number("connections", [&](std::int64_t number) -> Problem {
        if (number < 1 || number > connections_max) return fmt::format("expected a whole number from 1 to {}", connections_max);
        config.slack.connections = static_cast<int>(number);
        return std::nullopt;
    });
    table.subtable("commands", [&](Table& commands) {
        commands.later({"handoff", "csat", "coach"});
        commands.text("escalate", [&](std::string const& text) { return accept_command(text, config.slack.escalate_command); });
        commands.text("queue", [&](std::string const& text) { return accept_command(text, config.slack.queue_command); });
        if (config.slack.escalate_command == config.slack.queue_command) {
            commands.report(commands.raw(), "queue", "two commands cannot have the same name");
        }
    });
}

void read_people(Table& table, Config::People& people) {
    table.later({"identity"});
    table.texts("admins", people.admins, check_person);
    table.texts("managers", people.managers, check_person);
    table.texts("leads", people.leads, check_person);
    table.texts("agents", people.agents, check_person);
    table.text("guests", [&](std::string const& text) -> Problem {
        if (text != "internal" && text != "external")
            return fmt::format("expected \"external\" (a guest counts as a customer) or \"internal\" (as a colleague), not {}",
                               quoted(text));
        people.guests_internal = text == "internal";
        return std::nullopt;
    });
}

// Customers read it: words and nothing else, since it is posted as plain text.
Problem accept_customer_reply(std::string const& text, std::string& into) {
    constexpr std::size_t longest = 300;
    if (utf8::length(text) > longest) return fmt::format("expected at most {} characters", longest);
    auto const says_nothing = text.find_first_not_of(" \t\r\n") == std::string::npos;
    if (says_nothing && !text.empty()) return "expected some words; leave the key out to say nothing";
    if (text.find_first_of("<>") != std::string::npos)
        return "expected plain words: it is posted as it stands, so mentions and links such as <@U0ANA> would not work";
    into = text;
    return std::nullopt;
}

// A table of reactions replaces the built-in one: who lists emoji means these and no others.
void read_reactions(Table& table, Config& config) {
    config.reactions.clear();
    for (auto const& [key, node] : table.raw()) {
        std::string const emoji(key.str());
        table.text(emoji, [&](std::string const& text) -> Problem {
            if (emoji.empty() || emoji.find_first_of(": ") != std::string::npos) return "expected an emoji's name without colons";
            auto const severity = parse_severity(text);
            if (!severity) return fmt::format("expected \"sev1\" to \"sev4\", not {}", quoted(text));
            config.reactions[emoji] = *severity;
            return std::nullopt;
        });
    }
}

// The severity that an entry of [[severity]] or [[sla]] is about; nothing (and a problem) when it does not say.
std::optional<Severity> read_level(Table& table, std::string_view section, std::string_view key, std::set<Severity>& seen) {
    toml::node const* const node = table.find(key);
    if (node == nullptr) {
        table.report(table.raw(), key, "missing: expected a whole number from 1 to 4");
        return std::nullopt;
    }
    std::int64_t const number = node->is_integer() ? node->as_integer()->get() : 0;
    if (number < 1 || number > 4) {
        table.report(*node, key, "expected a whole number from 1 to 4");
        return std::nullopt;
    }
    auto const severity = static_cast<Severity>(number);
    if (!seen.insert(severity).second) {
        table.report(*node, key, fmt::format("{} has an entry already", to_string(severity)));
        return std::nullopt;
    }
    table.rename(fmt::format("{}.{}", section, number));
    return severity;
}

Problem check_words(std::string const& text) {
    if (text.empty()) return "expected some words";
    return std::nullopt;
}

void read_severity(Table& table, Config& config, std::set<Severity>& seen) {
    auto const level = read_level(table, "severity", "level", seen);
    SeverityText ignored;
    SeverityText& into = level ? config.severities[static_cast<std::size_t>(*level) - 1] : ignored;
    table.text("criteria", [&](std::string const& text) -> Problem {
        if (auto problem = check_words(text)) return problem;
        into.criteria = text;
        return std::nullopt;
    });
    table.texts("examples", into.examples, check_words);
    table.texts("counter_examples", into.counter_examples, check_words);
}

// Only what an entry names is changed; the other targets of the severity stay the built-in ones.
void read_sla(Table& table, Config& config, std::set<Severity>& seen) {
    table.later({"tier", "team", "source", "update"});
    auto const level = read_level(table, "sla", "severity", seen);
    SlaTargets ignored;
    SlaTargets& into = level ? config.sla[static_cast<std::size_t>(*level) - 1] : ignored;
    table.text("calendar", [](std::string const& text) -> Problem {
        if (text == "always") return std::nullopt;
        return fmt::format("calendars are {}: write \"always\" or leave the key out", not_yet);
    });
    table.text("owner", [&](std::string const& text) { return accept_target(text, into.owner); });
    table.text("first_response", [&](std::string const& text) { return accept_target(text, into.first_response); });
    table.text("next_response", [&](std::string const& text) { return accept_target(text, into.next_response); });
    table.text("resolution", [&](std::string const& text) { return accept_target(text, into.resolution); });
    table.text("engineering", [&](std::string const& text) { return accept_target(text, into.engineering); });
    if (table.find("at_risk") != nullptr) read_at_risk(table, into.at_risk);
}

Problem accept_span(std::string const& text, std::chrono::seconds& into) {
    auto span = into;
    if (auto problem = accept_window(text, span)) return problem;
    if (span <= std::chrono::seconds{0}) return "expected more than nothing, such as \"36h\" or \"3d\"";
    into = span;
    return std::nullopt;
}

Problem check_source(std::string const& text) {
    if (is_slack_id(text, "CG")) return std::nullopt;
    return fmt::format("expected a channel's id such as \"C0SUPPORT\"; hooks as sources are {}: {}", not_yet, quoted(text));
}

void read_team(Table& table, Config& config, std::set<std::string>& sources_seen) {
    table.later({"calendar"});
    TeamConfig team;
    toml::node const* const name = table.find("name");
    if (name == nullptr) table.report(table.raw(), "name", "missing: expected the team's name");
    table.text("name", [&](std::string const& text) -> Problem {
        if (text.empty() || text.size() > 40 || text.find_first_of(" \t\n:") != std::string::npos)
            return "expected one word of at most 40 characters, as people type it behind team:";
        if (config.team(text) != nullptr) return fmt::format("there is a team {} already", quoted(text));
        team.name = text;
        return std::nullopt;
    });
    if (!team.name.empty()) table.rename("team." + team.name);
    table.texts("members", team.members, check_person);
    table.texts("leads", team.leads, check_person);
    table.texts("managers", team.managers, check_person);
    table.text("channel", [&](std::string const& text) { return accept_channel(text, team.channel); });
    table.text("triage", [&](std::string const& text) { return accept_channel(text, team.triage); });
    table.texts("sources", team.sources, [&](std::string const& text) -> Problem {
        if (auto problem = check_source(text)) return problem;
        if (!sources_seen.insert(text).second) return fmt::format("{} belongs to a team already", quoted(text));
        return std::nullopt;
    });
    if (!team.name.empty()) config.teams.push_back(std::move(team));
}

bool is_group(std::string const& id) { return id.starts_with('S'); }

// A group may have enough of them: who is in it only Slack knows.
bool could_be_two(std::vector<std::string> const& managers) {
    return std::set<std::string>(managers.begin(), managers.end()).size() >= 2 ||
           std::any_of(managers.begin(), managers.end(), is_group);
}

// A team without managers of its own has the workspace's; where nobody is named, those are its admins.
Problem check_second_approver(Config const& config) {
    constexpr std::string_view needs = "needs two managers at least, one who moves the owner and one who agrees";
    auto const& all = config.people.managers;
    bool const unnamed = config.people.nobody();
    if (config.teams.empty() && !unnamed && !could_be_two(all))
        return fmt::format("{}: name another one in people.managers, or leave this key out", needs);
    for (auto const& team : config.teams)
        if (team.managers.empty() ? !unnamed && !could_be_two(all) : !could_be_two(team.managers))
            return fmt::format("{}: name another one for the team {}{}, or leave this key out", needs, quoted(team.name),
                               team.managers.empty() ? " or in people.managers" : "");
    return std::nullopt;
}

void read_ownership(Table& table, Config& config) {
    table.flag("acting_resolves_sev1", [&](bool on) -> Problem {
        config.ownership.acting_resolves_sev1 = on;
        return std::nullopt;
    });
    table.flag("second_approver", [&](bool on) -> Problem {
        config.ownership.second_approver = on;
        return on ? check_second_approver(config) : std::nullopt;
    });
}

void read_root(Table& root, Config& config) {
    root.later({"calendar", "shift", "hook", "api_token", "pager"});
    root.subtable("service", [&](Table& table) {
        table.text("timezone", [&](std::string const& text) -> Problem {
            if (!zone_exists(text)) return fmt::format("expected a time zone such as \"Europe/Berlin\", not {}", quoted(text));
            config.service.timezone = text;
            return std::nullopt;
        });
        table.text("reopen_window", [&](std::string const& text) { return accept_span(text, config.reopen_window); });
        table.text("pause_cap", [&](std::string const& text) { return accept_span(text, config.service.pause_cap); });
        table.text("transfer_expiry", [&](std::string const& text) { return accept_span(text, config.service.transfer_expiry); });
        table.text("away_limit", [&](std::string const& text) { return accept_span(text, config.service.away_limit); });
    });
    root.subtable("slack", [&](Table& table) { read_slack(table, config); });
    root.subtable("store", [&](Table& table) {
        table.text("url", [&](std::string const& text) -> Problem {
            if (auto problem = config_checks::store_url_problem(text)) return problem;
            config.store.url = text;
            return std::nullopt;
        });
    });
    root.subtable("http", [&](Table& table) {
        table.text("listen", [&](std::string const& text) -> Problem {
            if (auto problem = config_checks::listen_problem(text)) return problem;
            config.http.listen = text;
            return std::nullopt;
        });
    });
    root.subtable("channels", [&](Table& table) {
        table.text("triage", [&](std::string const& text) { return accept_channel(text, config.channels.triage); });
        table.text("digests", [&](std::string const& text) { return accept_channel(text, config.channels.digests); });
    });
    root.subtable("people", [&](Table& table) { read_people(table, config.people); });
    root.subtable("intake", [&](Table& table) {
        table.text("customer_reply",
                   [&](std::string const& text) { return accept_customer_reply(text, config.intake.customer_reply); });
        table.subtable("reactions", [&](Table& reactions) { read_reactions(reactions, config); });
    });
    root.subtable("retention", [&](Table& table) {
        table.text("texts", [&](std::string const& text) -> Problem {
            std::chrono::seconds span{0};
            if (auto problem = accept_retention(text, span)) return problem;
            config.retention.texts = span;
            return std::nullopt;
        });
    });
    std::set<std::string> sources_seen;
    root.tables("team", [&](Table& table) { read_team(table, config, sources_seen); });
    // Behind the people and teams: it is checked against them.
    root.subtable("ownership", [&](Table& table) { read_ownership(table, config); });
    std::set<Severity> severities_seen;
    root.tables("severity", [&](Table& table) { read_severity(table, config, severities_seen); });
    std::set<Severity> targets_seen;
    root.tables("sla", [&](Table& table) { read_sla(table, config, targets_seen); });
    root.finish();
}

}  // namespace

ConfigReading read_config_text(std::string_view toml_text, std::string file_name) {
    ConfigReading reading;
    reading.config = default_config();
    Reader reader(reading, std::move(file_name));
    try {
        toml::table const parsed = toml::parse(toml_text);
        config_table::refuse_tokens(reader, parsed);
        Table root(reader, parsed, "");
        read_root(root, reading.config);
    } catch (toml::parse_error const& error) {
        reader.report(static_cast<int>(error.source().begin.line), "", std::string(error.description()));
    }
    std::stable_sort(reading.problems.begin(), reading.problems.end(),
                     [](auto const& a, auto const& b) { return a.line < b.line; });
    return reading;
}

ConfigReading read_config_file(std::string const& path) {
    auto const unreadable = [&](std::string message) {
        ConfigReading reading;
        reading.config = default_config();
        Reader(reading, path).report(0, "", std::move(message));
        return reading;
    };
    std::ifstream file(path, std::ios::binary);
    if (!file) return unreadable("cannot be opened");
    std::string text(file_bytes_max + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (file.bad()) return unreadable("cannot be read");
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (text.size() > file_bytes_max) return unreadable("is larger than 1 MiB");
    return read_config_text(text, path);
}

}  // namespace esc
