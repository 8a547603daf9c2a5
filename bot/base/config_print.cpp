// The configuration as a person reads it: `escalationd check` and its --print.
#include "bot/base/config.hpp"
#include "bot/base/time.hpp"

#include <fmt/core.h>

#include <utility>

namespace esc {

namespace {

std::string toml_text(std::string_view text) {
    std::string result = "\"";
    for (char const c : text) {
        if (c == '"' || c == '\\') {
            result += '\\';
            result += c;
        } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
            result += fmt::format("\\u{:04X}", static_cast<unsigned>(c));
        } else {
            result += c;
        }
    }
    return result + '"';
}

std::string toml_list(std::vector<std::string> const& items) {
    std::string result = "[";
    for (std::string const& item : items) {
        if (result.size() > 1) result += ", ";
        result += toml_text(item);
    }
    return result + "]";
}

std::string point_text(AtRiskPoint const& point) {
    switch (point.form) {
        case AtRiskPoint::Form::percent_used:
            return fmt::format("{}%", point.percent);
        case AtRiskPoint::Form::time_left:
            return format_elapsed(point.left) + " left";
    }
    return {};
}

std::string at_risk_text(std::vector<AtRiskPoint> const& points) {
    if (points.empty()) return "built in: 75%, then 90% or 15m left";
    std::vector<std::string> texts;
    texts.reserve(points.size());
    for (AtRiskPoint const& point : points) texts.push_back(point_text(point));
    return toml_list(texts);
}

std::string target_text(std::optional<std::chrono::seconds> const& target) {
    return target ? toml_text(format_elapsed(*target)) : "none";
}

using Lines = std::vector<std::pair<std::string, std::string>>;

Lines list(Config const& config) {
    Lines lines{
        {"service.timezone", toml_text(config.service.timezone)},
        {"service.reopen_window", toml_text(format_elapsed(config.reopen_window))},
        {"service.pause_cap", toml_text(format_elapsed(config.service.pause_cap))},
        {"service.transfer_expiry", toml_text(format_elapsed(config.service.transfer_expiry))},
        {"service.away_limit", toml_text(format_elapsed(config.service.away_limit))},
        {"ownership.acting_resolves_sev1", fmt::format("{}", config.ownership.acting_resolves_sev1)},
        {"ownership.second_approver", fmt::format("{}", config.ownership.second_approver)},
        {"slack.mode", toml_text("socket")},
        {"slack.connections", fmt::format("{}", config.slack.connections)},
        {"slack.commands.escalate", toml_text(config.slack.escalate_command)},
        {"slack.commands.queue", toml_text(config.slack.queue_command)},
        {"store.url", toml_text(config.store.url)},
        {"http.listen", toml_text(config.http.listen)},
        {"channels.triage", toml_text(config.channels.triage.value)},
        {"channels.digests", toml_text(config.channels.digests.value)},
        {"people.admins", toml_list(config.people.admins)},
        {"people.managers", toml_list(config.people.managers)},
        {"people.leads", toml_list(config.people.leads)},
        {"people.agents", toml_list(config.people.agents)},
        {"people.guests", toml_text(config.people.guests_internal ? "internal" : "external")},
        {"intake.customer_reply", toml_text(config.intake.customer_reply)},
    };
    for (auto const& team : config.teams) {
        auto const key = [&](std::string_view name) { return fmt::format("team.{}.{}", team.name, name); };
        lines.emplace_back(key("members"), toml_list(team.members));
        lines.emplace_back(key("leads"), toml_list(team.leads));
        lines.emplace_back(key("managers"), toml_list(team.managers));
        lines.emplace_back(key("channel"), toml_text(team.channel.value));
        lines.emplace_back(key("triage"), toml_text(team.triage.value));
        lines.emplace_back(key("sources"), toml_list(team.sources));
    }
    lines.emplace_back("retention.texts",
                       config.retention.texts ? toml_text(fmt::format("{}d", config.retention.texts->count() / 86400)) : "none");
    for (auto const& [emoji, severity] : config.reactions) {
        lines.emplace_back("intake.reactions." + emoji, toml_text(to_string(severity)));
    }
    for (Severity const severity : all_severities) {
        auto const number = static_cast<int>(severity);
        SeverityText const& text = config.text(severity);
        lines.emplace_back(fmt::format("severity.{}.criteria", number), toml_text(text.criteria));
        lines.emplace_back(fmt::format("severity.{}.examples", number), toml_list(text.examples));
        lines.emplace_back(fmt::format("severity.{}.counter_examples", number), toml_list(text.counter_examples));
    }
    for (Severity const severity : all_severities) {
        auto const number = static_cast<int>(severity);
        SlaTargets const& targets = config.targets(severity);
        lines.emplace_back(fmt::format("sla.{}.owner", number), target_text(targets.owner));
        lines.emplace_back(fmt::format("sla.{}.first_response", number), target_text(targets.first_response));
        lines.emplace_back(fmt::format("sla.{}.next_response", number), target_text(targets.next_response));
        lines.emplace_back(fmt::format("sla.{}.resolution", number), target_text(targets.resolution));
        lines.emplace_back(fmt::format("sla.{}.engineering", number), target_text(targets.engineering));
        lines.emplace_back(fmt::format("sla.{}.at_risk", number), at_risk_text(targets.at_risk));
    }
    return lines;
}

}  // namespace

std::string ConfigProblem::text() const {
    std::string result = file;
    if (line > 0) result += fmt::format(":{}", line);
    if (!key.empty()) result += ": " + key;
    return result + ": " + message;
}

std::string print_config(ConfigReading const& reading) {
    Lines const default_lines = list(default_config());
    std::map<std::string_view, std::string_view> const defaults(default_lines.begin(), default_lines.end());
    std::string result;
    for (auto const& [key, value] : list(reading.config)) {
        result += fmt::format("{} = {}", key, value);
        auto const source = reading.sources.find(key);
        auto const standard = defaults.find(key);
        if (source == reading.sources.end()) {
            result += "  # default";
        } else if (standard == defaults.end()) {
            result += fmt::format("  # {}, no default", source->second);
        } else if (standard->second == value) {
            result += fmt::format("  # {}, same as the default", source->second);
        } else {
            result += fmt::format("  # {}, default {}", source->second, standard->second);
        }
        result += '\n';
    }
    return result;
}

}  // namespace esc
