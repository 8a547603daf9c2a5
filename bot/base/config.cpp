// Reads the TOML file over the defaults and collects everything that is wrong with it, each with file, line and key.
// Keys that the product promises for later are refused by name, so that nobody believes them to work.
#include "bot/base/config.hpp"

#include "bot/base/config_checks.hpp"
#include "bot/base/time.hpp"
#include "bot/base/zone.hpp"

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <initializer_list>
#include <set>
#include <type_traits>
#include <utility>

namespace esc {

namespace {

using config_checks::quoted;

constexpr std::size_t file_bytes_max = 1U << 20;
constexpr int connections_max = 8;
constexpr std::size_t at_risk_points_max = 4;
constexpr std::chrono::seconds target_max = std::chrono::hours{24 * 366};
constexpr std::string_view not_yet = "not supported by this version yet";

// How many letters must be inserted, dropped, replaced or swapped with their neighbour to get from one word to the other.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::vector<std::size_t>> steps(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i) {
        for (std::size_t j = 0; j <= b.size(); ++j) {
            std::size_t& best = steps[i][j];
            if (i == 0 || j == 0) {
                best = i + j;
                continue;
            }
            bool const same = a[i - 1] == b[j - 1];
            best = std::min({steps[i - 1][j] + 1, steps[i][j - 1] + 1, steps[i - 1][j - 1] + (same ? 0 : 1)});
            bool const swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped) best = std::min(best, steps[i - 2][j - 2] + 1);
        }
    }
    return steps.back().back();
}

bool is_upper_or_digit(char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

bool is_slack_id(std::string_view text, std::string_view first_letters) {
    return text.size() >= 2 && first_letters.find(text.front()) != std::string_view::npos &&
           std::all_of(text.begin(), text.end(), is_upper_or_digit);
}

// One file being read: where problems and sources go.
class Reader {
public:
    Reader(ConfigReading& reading, std::string file) : reading_(reading), file_(std::move(file)) {}

    void report(int line, std::string key, std::string message) {
        reading_.problems.push_back({.file = file_, .line = line, .key = std::move(key), .message = std::move(message)});
    }
    void found(std::string key, toml::node const& node) {
        reading_.sources[std::move(key)] = fmt::format("{}:{}", file_, line_of(node));
    }
    [[nodiscard]] static int line_of(toml::node const& node) { return static_cast<int>(node.source().begin.line); }

private:
    ConfigReading& reading_;
    std::string file_;
};

// One table of the file. Every key that is asked for is a valid one; finish() reports the others.
class Table {
public:
    Table(Reader& reader, toml::table const& table, std::string path) : reader_(reader), table_(table), path_(std::move(path)) {}

    // Where the values are kept under, when the table alone does not say it: "sla.1".
    void rename(std::string path) { path_ = std::move(path); }
    [[nodiscard]] std::string path(std::string_view key) const {
        return path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
    }
    [[nodiscard]] toml::table const& raw() const { return table_; }

    [[nodiscard]] toml::node const* find(std::string_view key) {
        valid_.insert(std::string(key));
        return table_.get(key);
    }
    void report(toml::node const& node, std::string_view key, std::string message) {
        reader_.report(Reader::line_of(node), path(key), std::move(message));
    }
    void found(toml::node const& node, std::string_view key) { reader_.found(path(key), node); }

    // `accept` takes the value, or says what is wrong with it.
    template <class Accept>
    void text(std::string_view key, Accept accept) {
        value<std::string>(key, "a text in quotes", std::move(accept));
    }
    template <class Accept>
    void number(std::string_view key, Accept accept) {
        value<std::int64_t>(key, "a whole number", std::move(accept));
    }
    // Each item is accepted on its own, with its own line; the list is there as a whole or not at all.
    template <class Accept>
    void texts(std::string_view key, std::vector<std::string>& into, Accept accept) {
        toml::node const* const node = find(key);
        if (node == nullptr) return;
        toml::array const* const array = node->as_array();
        if (array == nullptr) return report(*node, key, "expected a list of texts in quotes");
        found(*node, key);
        std::vector<std::string> items;
        for (toml::node const& item : *array) {
            auto const* const string = item.as_string();
            if (string == nullptr) {
                report(item, key, "expected a list of texts in quotes");
            } else if (config_checks::looks_like_token(string->get())) {
                continue;  // reported by refuse_tokens; no other message may repeat it
            } else if (std::optional<std::string> problem = accept(string->get())) {
                report(item, key, std::move(*problem));
            } else {
                items.push_back(string->get());
            }
        }
        into = std::move(items);
    }
    template <class Read>
    void subtable(std::string_view key, Read read) {
        toml::node const* const node = find(key);
        if (node == nullptr) return;
        toml::table const* const table = node->as_table();
        if (table == nullptr) return report(*node, key, fmt::format("expected a table: [{}]", path(key)));
        Table inner(reader_, *table, path(key));
        read(inner);
        inner.finish();
    }
    template <class Read>
    void tables(std::string_view key, Read read) {
        toml::node const* const node = find(key);
        if (node == nullptr) return;
        toml::array const* const array = node->as_array();
        bool const all_tables =
            array != nullptr && std::all_of(array->begin(), array->end(), [](auto const& n) { return n.is_table(); });
        if (!all_tables) return report(*node, key, fmt::format("expected a list of tables: [[{}]]", path(key)));
        for (toml::node const& item : *array) {
            Table inner(reader_, *item.as_table(), path(key));
            read(inner);
            inner.finish();
        }
    }
    // Keys that will mean something one day.
    void later(std::initializer_list<std::string_view> keys) {
        for (std::string_view const key : keys) {
            if (toml::node const* const node = table_.get(key)) report(*node, key, std::string(not_yet));
            known_later_.insert(std::string(key));
        }
    }
    void secrets(std::initializer_list<std::pair<std::string_view, std::string_view>> keys) {
        for (auto const& [key, variable] : keys) {
            known_later_.insert(std::string(key));
            auto const* const node = table_.get(key);
            if (node == nullptr) continue;
            auto const text = node->value<std::string_view>();
            if (!text || !config_checks::looks_like_token(*text)) {  // else refuse_tokens has said it
                report(*node, key, fmt::format("a secret does not stand in this file: set {} in the environment", variable));
            }
        }
    }
    void finish() {
        for (auto const& [key, node] : table_) {
            if (valid_.contains(key.str()) || known_later_.contains(key.str())) continue;
            reader_.report(static_cast<int>(key.source().begin.line), path(key.str()), unknown(key.str()));
        }
    }

private:
    template <class T, class Accept>
    void value(std::string_view key, std::string_view expected, Accept accept) {
        toml::node const* const node = find(key);
        if (node == nullptr) return;
        auto const* const typed = node->as<T>();
        if (typed == nullptr) return report(*node, key, fmt::format("expected {}", expected));
        found(*node, key);
        if constexpr (std::is_same_v<T, std::string>) {
            if (config_checks::looks_like_token(typed->get()))
                return;  // reported by refuse_tokens; no other message may repeat it
        }
        if (std::optional<std::string> problem = accept(typed->get())) report(*node, key, std::move(*problem));
    }
    // Every table has at least one valid key.
    [[nodiscard]] std::string unknown(std::string_view key) const {
        key = key.substr(0, 64);  // a longer one resembles nothing, and comparing takes time by its length
        auto const closest = std::min_element(valid_.begin(), valid_.end(), [&](auto const& a, auto const& b) {
            return edit_distance(key, a) < edit_distance(key, b);
        });
        if (edit_distance(key, *closest) <= std::max<std::size_t>(2, closest->size() / 3)) {
            return fmt::format("unknown key, did you mean \"{}\"?", *closest);
        }
        return fmt::format("unknown key; valid here: {}", fmt::join(valid_, ", "));
    }

    Reader& reader_;
    toml::table const& table_;
    std::string path_;
    std::set<std::string, std::less<>> valid_{};
    std::set<std::string, std::less<>> known_later_{};
};

using Problem = std::optional<std::string>;

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

Problem accept_target(std::string const& text, std::optional<std::chrono::seconds>& into) {
    auto const span = parse_elapsed(text);
    if (!span) return span.error().message;
    if (*span <= std::chrono::seconds{0} || *span > target_max) return "expected more than nothing and at most a year";
    into = *span;
    return std::nullopt;
}

constexpr int retention_days_max = 3660;

// Days, since nobody erases texts by the hour.
Problem accept_retention(std::string const& text, std::chrono::seconds& into) {
    int days = 0;
    auto const* const last = text.data() + (text.empty() ? 0 : text.size() - 1);
    auto const [end, error] = std::from_chars(text.data(), last, days);
    if (!text.ends_with('d') || error != std::errc{} || end != last || days < 1 || days > retention_days_max)
        return fmt::format("expected a number of days such as \"400d\", at most {}d", retention_days_max);
    into = std::chrono::hours{24} * days;
    return std::nullopt;
}

// Unlike a target, this window is far from any working day, so that "7d" can only mean seven times 24 hours.
Problem accept_window(std::string const& text, std::chrono::seconds& into) {
    std::string elapsed = text;
    if (elapsed.size() > 1 && elapsed.back() == 'd') {
        int days = 0;
        auto const [end, error] = std::from_chars(elapsed.data(), elapsed.data() + elapsed.size() - 1, days);
        if (error != std::errc{} || end != elapsed.data() + elapsed.size() - 1 || days < 0 || days > 366) {
            return "expected a span such as \"7d\" or \"36h\", at most a year";
        }
        elapsed = fmt::format("{}h", days * 24);
    }
    auto const span = parse_elapsed(elapsed);
    if (!span) return span.error().message;
    if (*span > target_max) return "expected a span such as \"7d\" or \"36h\", at most a year";
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
        ESC_TRY(auto const left, parse_elapsed(text.substr(0, text.size() - left_suffix.size())));
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
    std::set<Severity> severities_seen;
    root.tables("severity", [&](Table& table) { read_severity(table, config, severities_seen); });
    std::set<Severity> targets_seen;
    root.tables("sla", [&](Table& table) { read_sla(table, config, targets_seen); });
    root.finish();
}

// A token anywhere in the file, whatever the key is called.
void refuse_tokens(Reader& reader, toml::node const& node, std::string const& path) {
    if (auto const* const table = node.as_table()) {
        for (auto const& [key, child] : *table) {
            refuse_tokens(reader, child, path.empty() ? std::string(key.str()) : fmt::format("{}.{}", path, key.str()));
        }
    } else if (auto const* const array = node.as_array()) {
        for (toml::node const& child : *array) refuse_tokens(reader, child, path);
    } else if (auto const* const text = node.as_string(); text != nullptr && config_checks::looks_like_token(text->get())) {
        reader.report(Reader::line_of(node), path,
                      "a token does not stand in this file: set SLACK_BOT_TOKEN and SLACK_APP_TOKEN in the environment");
    }
}

}  // namespace

ConfigReading read_config_text(std::string_view toml_text, std::string file_name) {
    ConfigReading reading;
    reading.config = default_config();
    Reader reader(reading, std::move(file_name));
    try {
        toml::table const parsed = toml::parse(toml_text);
        refuse_tokens(reader, parsed, "");
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
