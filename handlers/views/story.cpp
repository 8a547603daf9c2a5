#include "handlers/views/story.hpp"

#include "handlers/card_ref.hpp"
#include "handlers/rules/rank.hpp"
#include "handlers/rules/sla.hpp"
#include "handlers/rules/work.hpp"
#include "handlers/views/parts.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <utility>

namespace esc::views {

namespace blocks = slack::blocks;

namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using rules::Verb;

constexpr std::size_t reason_max = 200;        // of a pause, in one line
constexpr std::size_t history_text_max = 300;  // of what was written, in one line
constexpr std::size_t name_max = 80;
constexpr std::size_t pauses_shown = 8;
constexpr std::size_t closed_shown = 25;  // a message takes fifty blocks
constexpr std::size_t links_shown = 15;
constexpr Duration late_from = 5s;          // a delay that nobody would call one
constexpr Duration happened_before = 1min;  // what is recorded later than that says when it happened

std::string at(Instant when) { return blocks::date(when).text; }

void add(blocks::Message& message, std::string const& markup) {
    if (!markup.empty()) message += blocks::section(blocks::mrkdwn_text(markup));
}
void add_small(blocks::Message& message, std::string const& markup) {
    if (!markup.empty()) message += blocks::context({blocks::mrkdwn_text(markup)});
}

void add_line(std::string& to, std::string_view line_of_it) {
    if (line_of_it.empty()) return;
    if (!to.empty()) to += '\n';
    to += line_of_it;
}

std::string joined(std::vector<std::string> const& parts, std::string_view between) {
    std::string out;
    for (auto const& part : parts) {
        if (!out.empty()) out += between;
        out += part;
    }
    return out;
}

// A code of ours as a word: "third_party" is "third party". Escaped, since it comes from the store.
std::string word_of(std::string_view code) {
    std::string word{code};
    std::replace(word.begin(), word.end(), '_', ' ');
    return line(word, name_max);
}

// Quoted, over as many sections as it takes, under a heading.
void add_in_full(blocks::Message& message, std::string_view heading, std::string_view text) {
    bool first = true;
    for (auto const& quoted : quote_in_full(text)) {
        add(message, first ? fmt::format("*{}*\n{}", heading, quoted) : quoted);
        first = false;
    }
}

// --- events --------------------------------------------------------------------------------------------------------------

// The facts of an event. What is missing or of another kind reads as nothing: a sentence can always be said.
class Facts {
public:
    explicit Facts(LedgerEvent const& event) {
        boost::system::error_code error;
        auto value = json::parse(event.data, error);
        if (!error && value.is_object()) object_ = std::move(value.get_object());
    }
    [[nodiscard]] std::string text(std::string_view name) const {
        auto const* value = object_.if_contains(name);
        return value != nullptr && value->is_string() ? std::string{value->get_string()} : std::string{};
    }
    [[nodiscard]] std::string word(std::string_view name, std::string_view otherwise = {}) const {
        auto word = word_of(text(name));
        return word.empty() ? std::string{otherwise} : word;
    }
    [[nodiscard]] std::optional<std::int64_t> number(std::string_view name) const {
        auto const* value = object_.if_contains(name);
        if (value == nullptr || !value->is_int64()) return std::nullopt;
        return value->get_int64();
    }
    [[nodiscard]] bool flag(std::string_view name) const {
        auto const* value = object_.if_contains(name);
        return value != nullptr && value->is_bool() && value->get_bool();
    }
    [[nodiscard]] std::string person(std::string_view name, std::string_view otherwise = "somebody") const {
        auto const id = text(name);
        return id.empty() ? std::string{otherwise} : blocks::person({id}).text;
    }
    [[nodiscard]] std::optional<Instant> instant(std::string_view name) const {
        auto const us = number(name);
        if (!us) return std::nullopt;
        return from_us(*us);
    }
    [[nodiscard]] std::string key(std::string_view name) const {
        auto const id = number(name);
        return id ? EscalationId{*id}.key() : std::string{"another one"};
    }
    [[nodiscard]] json::array list(std::string_view name) const {
        auto const* value = object_.if_contains(name);
        return value != nullptr && value->is_array() ? value->get_array() : json::array{};
    }

private:
    json::object object_{};
};

std::string who(LedgerEvent const& event) {
    return event.actor.empty() ? std::string{"The service"} : blocks::person(event.actor).text;
}

std::string clock_name(std::string_view kind) {
    auto const known = parse_clock_kind(kind);
    return known ? std::string{label(*known)} : word_of(kind);
}

std::string_view rung_reached(std::int64_t rung) {
    if (rung >= rung_breach) return "breached";
    return rung == rung_critical ? "critical" : "at risk";
}

std::string waits_on(std::string_view state) {
    constexpr std::string_view waiting = "waiting_";
    return word_of(state.starts_with(waiting) ? state.substr(waiting.size()) : state);
}

std::string raised(LedgerEvent const& event, Facts const& facts) {
    auto const origin = facts.text("origin");
    std::string_view how = ".";
    if (origin == to_string(Origin::slack_message)) how = " from a message.";
    if (origin == to_string(Origin::slash_command)) how = " by typing.";
    if (origin == to_string(Origin::modal)) how = " with the form.";
    auto const severity = facts.word("severity");
    return fmt::format("{} raised it{}{}", who(event), severity.empty() ? "" : " as " + severity, how);
}

std::string refused(LedgerEvent const& event, Facts const& facts, std::string_view tried) {
    auto const owner = facts.text("owner");
    auto const why = facts.text("reason") == rules::refusal::owned && !owner.empty()
                         ? fmt::format("{} owned it", blocks::person({owner}).text)
                         : std::string{"it was refused"};
    return fmt::format("{} tried to {} it: {}.", who(event), tried, why);
}

std::string resolved(LedgerEvent const& event, Facts const& facts) {
    auto out = fmt::format("{} resolved it.", who(event));
    if (auto const cause = facts.word("cause"); !cause.empty()) out += fmt::format(" Cause: {}.", cause);
    if (facts.flag("unanswered")) out += " A message of the customer was left without an answer.";
    if (facts.flag("without_criteria")) out += " What was checked was not said.";
    return out;
}

std::string point_passed(LedgerEvent const& event, Facts const& facts) {
    auto out =
        fmt::format("{} was {}.", clock_name(facts.text("clock")), rung_reached(facts.number("rung").value_or(rung_at_risk)));
    auto const late = Duration{facts.number("late_us").value_or(0)};
    if (late > late_from) out += fmt::format(" It was told {} late.", format_left(late));
    if (event.type == EventType::point_passed && !facts.flag("alerts")) out += " A later warning was told in its place.";
    return out;
}

std::string overridden(LedgerEvent const& event, Facts const& facts) {
    auto out = fmt::format("{} gave it from {} to {}", who(event), facts.person("from"), facts.person("owner"));
    if (auto const code = facts.word("code"); !code.empty()) out += fmt::format(" ({})", code);
    out += '.';
    if (facts.flag("break_glass")) out += " The glass was broken: no manager could be reached.";
    return out;
}

std::string transfer_requested(LedgerEvent const& event, Facts const& facts) {
    auto out = fmt::format("{} asked managers for {}", who(event),
                           facts.text("to").empty() ? "another owner" : facts.person("to") + " as owner");
    if (auto const until = facts.instant("expires_us")) out += fmt::format(", until {}", at(*until));
    return out + ".";
}

std::string reminded(Facts const& facts) {
    auto const of = facts.text("of").empty() ? facts.text("what") : facts.text("of");
    if (of == "transfer") return "Managers were told again that a transfer waits for them.";
    if (of == "owner_unavailable") return fmt::format("Managers were told again that {} is not there.", facts.person("owner"));
    if (of == "unconfirmed")
        return fmt::format("Managers were told that nobody has confirmed {}.", facts.word("severity", "the severity"));
    return "Somebody was told again about what waits for them.";
}

std::string coverage_started(LedgerEvent const& event, Facts const& facts) {
    auto out = fmt::format("{} let {} act for {}", who(event), facts.person("acting"), facts.person("owner", "the owner"));
    if (auto const until = facts.instant("until_us")) out += fmt::format(" until {}", at(*until));
    return out + ".";
}

std::string waited(LedgerEvent const& event, Facts const& facts) {
    auto out = fmt::format("{} put it on hold, waiting on {}", who(event),
                           facts.text("on").empty() ? std::string{"somebody"} : waits_on(facts.text("on")));
    if (auto const engineer = facts.text("engineer"); !engineer.empty())
        out += fmt::format(" ({})", blocks::person({engineer}).text);
    if (auto const since = facts.instant("since_us"); since && event.recorded_at - *since > happened_before)
        out += fmt::format(", since {}", at(*since));
    if (auto const until = facts.instant("until_us")) out += fmt::format(", until {} at the latest", at(*until));
    return out + ".";
}

std::string resumed(LedgerEvent const& event, Facts const& facts) {
    if (facts.flag("by_itself")) return "The wait was over: it went back to working by itself.";
    if (facts.flag("fixed")) return fmt::format("{} said that engineering has fixed it.", who(event));
    return fmt::format("{} set it back to working.", who(event));
}

std::string severity_changed(LedgerEvent const& event, Facts const& facts) {
    auto const from = facts.word("from", "one severity");
    auto const to = facts.word("to", "another");
    auto out = from == to ? fmt::format("{} answered the questions: it stays {}", who(event), to)
                          : fmt::format("{} changed the severity from {} to {}", who(event), from, to);
    if (auto const code = facts.word("code"); !code.empty()) out += fmt::format(" ({})", code);
    if (auto const asked_by = facts.text("asked_by"); !asked_by.empty())
        out += fmt::format(", as {} had asked", blocks::person({asked_by}).text);
    if (auto const computed = facts.word("computed"); !computed.empty() && computed != to)
        out += fmt::format("; the questions say {}", computed);
    return out + ".";
}

std::string somebody_joined(LedgerEvent const& event, Facts const& facts) {
    auto const person = facts.person("person");
    auto const as = facts.text("as");
    if (as == "watcher") return fmt::format("{} watches it.", person);
    if (as == "engineer") return fmt::format("{} works on it as an engineer.", person);
    if (facts.text("person") == event.actor.value) return fmt::format("{} helps.", person);
    return fmt::format("{} asked {} to help.", who(event), person);
}

std::string somebody_left(LedgerEvent const& event, Facts const& facts) {
    auto const person = facts.person("person");
    auto const verb = facts.text("as") == "watcher" ? "watch" : "help";
    if (facts.text("person") == event.actor.value) return fmt::format("{} does not {} any more.", person, verb);
    return fmt::format("{} said that {} does not {} any more.", who(event), person, verb);
}

std::string promise_kept(LedgerEvent const& event, Facts const& facts) {
    auto const due = facts.instant("due_us");
    if (due && event.recorded_at > *due)
        return fmt::format("{} kept the promise, {} late.", who(event), format_left(event.recorded_at - *due));
    return fmt::format("{} kept the promise.", who(event));
}

std::string sentence_of(LedgerEvent const& event, Facts const& facts) {
    switch (event.type) {
        case EventType::raised:
            return raised(event, facts);
        case EventType::located:
            return facts.flag("shared_source") ? "Its card was posted. People from outside can read where it was raised."
                                               : "Its card was posted.";
        case EventType::claimed:
            return fmt::format("{} took it.", who(event));
        case EventType::assigned:
            return fmt::format("{} assigned it to {}.", who(event), facts.person("owner"));
        case EventType::claim_refused:
            return refused(event, facts, "take");
        case EventType::assign_refused:
            return refused(event, facts, "assign");
        case EventType::replied:
            return facts.flag("by_statement") ? fmt::format("{} stated that the customer was answered.", who(event))
                                              : fmt::format("{} answered the customer.", who(event));
        case EventType::resolved:
            return resolved(event, facts);
        case EventType::reopened:
            return fmt::format("{} reopened it.", who(event));
        case EventType::point_passed:
            return point_passed(event, facts);
        case EventType::accepted:
            return fmt::format("{} accepted it.", who(event));
        case EventType::transfer_requested:
            return transfer_requested(event, facts);
        case EventType::transfer_denied:
            return fmt::format("{} denied the transfer that {} had asked for.", who(event), facts.person("asked_by"));
        case EventType::transfer_expired:
            return fmt::format("Nobody decided about the transfer that {} had asked for: {} still owns it.",
                               facts.person("asked_by"), facts.person("owner"));
        case EventType::overridden:
            return overridden(event, facts);
        case EventType::override_refused:
            return refused(event, facts, "give another owner to");
        case EventType::coverage_started:
            return coverage_started(event, facts);
        case EventType::coverage_ended:
            return fmt::format("{} does not act for {} any more.", facts.person("acting"), facts.person("owner", "the owner"));
        case EventType::owner_unavailable:
            return facts.flag("deactivated") ? fmt::format("{} was deactivated and still owns it.", facts.person("owner"))
                                             : fmt::format("{} is away and still owns it.", facts.person("owner"));
        case EventType::owner_back:
            return fmt::format("{} is there again.", facts.person("owner"));
        case EventType::waited:
            return waited(event, facts);
        case EventType::resumed:
            return resumed(event, facts);
        case EventType::mitigated:
            return fmt::format("{} put a workaround in place.", who(event));
        case EventType::engineering_accepted:
            return fmt::format("{} accepted it for engineering.", who(event));
        case EventType::bounced:
            return fmt::format("{} gave it back from engineering{}.", who(event),
                               facts.text("reason").empty() ? "" : fmt::format(" ({})", facts.word("reason")));
        case EventType::declined:
            return fmt::format("{} declined it.", who(event));
        case EventType::withdrawn:
            return fmt::format("{} took it back.", who(event));
        case EventType::merged:
            return fmt::format("{} merged it into {}.", who(event), facts.key("into"));
        case EventType::absorbed:
            return facts.flag("given_back") ? fmt::format("{} took {} out of it again.", who(event), facts.key("from"))
                                            : fmt::format("{} merged {} into it.", who(event), facts.key("from"));
        case EventType::unmerged:
            return fmt::format("{} took it out of {} again.", who(event), facts.key("into"));
        case EventType::closed:
            return "The time to reopen it was over: it was closed.";
        case EventType::severity_requested:
            return fmt::format("{} asked for {} instead of {}.", who(event), facts.word("to", "another severity"),
                               facts.word("from", "the one it has"));
        case EventType::severity_changed:
            return severity_changed(event, facts);
        case EventType::severity_denied:
            return fmt::format("{} said no to {}: it stays {}.", who(event), facts.word("asked_for", "another severity"),
                               facts.word("severity", "as it is"));
        case EventType::severity_confirmed:
            return fmt::format("{} confirmed {}.", who(event), facts.word("severity", "the severity"));
        case EventType::noted:
            return fmt::format("{} noted:", who(event));
        case EventType::next_step_set:
            return fmt::format("{} set the next step:", who(event));
        case EventType::promised: {
            auto const due = facts.instant("due_us");
            return due ? fmt::format("{} made a promise, due {}:", who(event), at(*due))
                       : fmt::format("{} made a promise:", who(event));
        }
        case EventType::promise_kept:
            return promise_kept(event, facts);
        case EventType::briefed: {
            auto const trend = facts.text("trend");
            if (trend.empty() || trend == rules::to_string(Brief::Trend::unknown))
                return fmt::format("{} wrote the handoff note:", who(event));
            return fmt::format("{} wrote the handoff note; it goes {}{}:", who(event), trend == "same" ? "the " : "",
                               word_of(trend));
        }
        case EventType::joined:
            return somebody_joined(event, facts);
        case EventType::left:
            return somebody_left(event, facts);
        case EventType::linked:
            return facts.number("given_to") ? fmt::format("Its link went to {}:", facts.key("given_to"))
                                            : fmt::format("{} linked:", who(event));
        case EventType::customer_wrote:
            return fmt::format("{} wrote as the customer.", who(event));
        case EventType::agent_wrote:
            return fmt::format("{} wrote in the customer's thread.", who(event));
        case EventType::source_edited:
            return fmt::format("{} edited the source message.", who(event));
        case EventType::source_deleted:
            return "The source message was deleted.";
        case EventType::raised_again:
            return fmt::format("{} raised the same once more.", who(event));
        case EventType::acknowledged:
            return fmt::format("{} has seen the alerts.", who(event));
        case EventType::redacted:
            return "Texts were erased.";
        case EventType::reminded:
            return reminded(facts);
    }
    return fmt::format("{} did something that this version does not know.", who(event));
}

// "Owner met, First response breached": the clocks that ended with it.
std::string ended_clocks(Facts const& facts) {
    std::vector<std::string> all;
    for (auto const& one : facts.list("clocks")) {
        auto const* clock = one.is_object() ? one.get_object().if_contains("clock") : nullptr;
        auto const* outcome = one.is_object() ? one.get_object().if_contains("outcome") : nullptr;
        if (clock == nullptr || outcome == nullptr || !clock->is_string() || !outcome->is_string()) continue;
        all.push_back(fmt::format("{} {}", clock_name(clock->get_string()), word_of(outcome->get_string())));
    }
    return joined(all, ", ");
}

// What was written, each text in one line. Several travel as one object, with their names.
std::vector<std::string> written(LedgerEvent const& event) {
    boost::system::error_code error;
    auto const value = json::parse(event.text, error);
    std::vector<std::string> all;
    auto const several = !error && value.is_object() && !value.get_object().empty() &&
                         std::all_of(value.get_object().begin(), value.get_object().end(),
                                     [](auto const& one) { return one.value().is_string(); });
    if (several) {
        auto const& object = value.get_object();
        for (auto const& one : object) {
            auto const text = line(one.value().get_string(), history_text_max);
            if (text.empty()) continue;
            all.push_back(object.size() == 1 ? text : fmt::format("{}: {}", word_of(one.key()), text));
        }
    } else if (auto text = line(event.text, history_text_max); !text.empty()) {
        all.push_back(std::move(text));
    }
    return all;
}

std::string history_line(StoredEvent const& stored) {
    auto const& event = stored.event;
    Facts const facts{event};
    auto out = fmt::format("{} · {}", at(event.recorded_at), sentence_of(event, facts));
    if (event.recorded_at - event.source_time > happened_before) out += fmt::format(" It happened {}.", at(event.source_time));
    if (auto const ended = ended_clocks(facts); !ended.empty()) out += fmt::format(" Clocks: {}.", ended);
    if (stored.text_erased) return out + " _The text was erased._";
    for (auto const& text : written(event)) out += "\n> " + text;
    return out;
}

blocks::Element page_button(Escalation const& escalation, std::string_view action, std::string text, std::size_t page) {
    auto spoken = fmt::format("{} events of {}", text, escalation.id);
    return blocks::button({.action_id = std::string{action},
                           .text = std::move(text),
                           .value = fmt::format("{}:{}", handlers::CardRef::make(escalation), page),
                           .accessibility_label = std::move(spoken)});
}

// --- clocks --------------------------------------------------------------------------------------------------------------

std::string_view measures(ClockKind kind) {
    switch (kind) {
        case ClockKind::owner:
            return "from being raised to its first owner";
        case ClockKind::acceptance:
            return "from being assigned to the owner's yes";
        case ClockKind::first_response:
            return "from being raised to the first answer to the customer";
        case ClockKind::next_response:
            return "from the oldest unanswered message of the customer to an answer";
        case ClockKind::promise:
            return "from a promise to its keeping";
        case ClockKind::resolution:
            return "from being raised to resolved; stands still while it waits on the customer or a vendor";
        case ClockKind::engineering:
            return "from being handed to engineering to an engineer's yes";
    }
    return {};
}

struct Pause {
    Instant from{};
    std::optional<Instant> to{};
    std::string on{};
    std::string reason{};
};

bool ends_a_wait(EventType type) {
    constexpr std::array ends{EventType::resumed,  EventType::bounced, EventType::mitigated,
                              EventType::resolved, EventType::merged,  EventType::declined};
    return std::find(ends.begin(), ends.end(), type) != ends.end();
}

// When it waited on the customer or a vendor, oldest first, as the ledger tells.
std::vector<Pause> pauses_of(std::vector<StoredEvent> const& events) {
    std::vector<Pause> pauses;
    bool open = false;
    for (auto const& stored : events) {
        auto const& event = stored.event;
        if (ends_a_wait(event.type) && open) {
            pauses.back().to = std::max(event.source_time, pauses.back().from);
            open = false;
        }
        if (event.type != EventType::waited) continue;
        Facts const facts{event};
        auto const on = facts.text("on");
        if (on != to_string(State::waiting_customer) && on != to_string(State::waiting_vendor)) continue;
        auto const reason = std::string_view{event.text}.substr(0, event.text.find('\n'));
        pauses.push_back({facts.instant("since_us").value_or(event.source_time), std::nullopt, waits_on(on),
                          stored.text_erased ? std::string{} : line(reason, reason_max)});
        open = true;
    }
    return pauses;
}

std::string pause_lines(SlaClock const& clock, std::vector<Pause> pauses) {
    if (clock.kind != ClockKind::resolution) return {};
    if (clock.stopped_at) std::erase_if(pauses, [&](Pause const& pause) { return pause.from >= *clock.stopped_at; });
    std::string lines;
    auto const hidden = pauses.size() > pauses_shown ? pauses.size() - pauses_shown : 0;
    if (hidden > 0) lines = fmt::format("⏸ {} earlier pauses; the history has them", hidden);
    for (auto i = hidden; i < pauses.size(); ++i) {
        auto const& pause = pauses[i];
        auto out = pause.to ? fmt::format("⏸ {} to {} ({})", at(pause.from), at(*pause.to), format_left(*pause.to - pause.from))
                            : fmt::format("⏸ since {}", at(pause.from));
        out += fmt::format(", waiting on {}", pause.on);
        if (!pause.reason.empty()) out += ": " + pause.reason;
        add_line(lines, out);
    }
    return lines;
}

// "Started … + target 1h + paused 20m = due …"
std::string due_as_sum(SlaClock const& clock) {
    auto out = fmt::format("Start {} + target {}", at(clock.started_at), format_elapsed(clock.target));
    if (clock.paused > Duration{0}) out += fmt::format(" + paused {}", format_left(clock.paused));
    out += fmt::format(" = due {}", at(clock.due));
    if (clock.paused_at) out += ", and later by what the pause still takes";
    return out;
}

// How a point that has passed was told: its event, by clock and rung; the newest counts.
StoredEvent const* told(std::vector<StoredEvent> const& events, SlaClock const& clock, ClockPoint const& point) {
    StoredEvent const* found = nullptr;
    for (auto const& stored : events) {
        if (stored.event.type != EventType::point_passed) continue;
        Facts const facts{stored.event};
        if (facts.text("clock") == to_string(clock.kind) && facts.number("rung") == point.rung &&
            facts.number("generation").value_or(0) <= clock.generation &&
            (facts.number("generation").value_or(0) < clock.generation || stored.event.source_time == point.at))
            found = &stored;
    }
    return found;
}

std::string point_line(SlaClock const& clock, std::size_t index, std::vector<StoredEvent> const& events) {
    auto const& point = clock.points[index];
    auto const name = point.rung >= rung_breach ? std::string_view{"breach"} : rung_reached(point.rung);
    if (static_cast<int>(index) >= clock.points_fired) {
        if (clock.stopped_at) return fmt::format("{} {}, not reached", name, at(point.at));
        return fmt::format("{} {}, to come", name, at(point.at));
    }
    auto const* stored = told(events, clock, point);
    if (stored == nullptr) return fmt::format("{} {}, passed without being told", name, at(point.at));
    Facts const facts{stored->event};
    auto const late = Duration{facts.number("late_us").value_or(0)};
    if (!facts.flag("alerts")) return fmt::format("{} {}, told with the one after it", name, at(stored->event.source_time));
    return fmt::format("{} {}, told{}", name, at(stored->event.source_time),
                       late > late_from ? fmt::format(" {} late", format_left(late)) : std::string{});
}

std::string point_lines(SlaClock const& clock, std::vector<StoredEvent> const& events) {
    std::vector<std::string> all;
    for (std::size_t i = 0; i < clock.points.size(); ++i) all.push_back(point_line(clock, i, events));
    return all.empty() ? std::string{} : "Points: " + joined(all, " · ");
}

std::string regrade_line(SlaClock const& clock, std::vector<StoredEvent> const& events) {
    if (clock.outcome != ClockOutcome::breached) return {};
    for (auto const& stored : events) {
        if (stored.event.type != EventType::severity_changed) continue;
        Facts const facts{stored.event};
        for (auto const& one : facts.list("breached_on_regrade")) {
            auto const* name = one.is_object() ? one.get_object().if_contains("clock") : &one;
            if (name != nullptr && name->is_string() && name->get_string() == to_string(clock.kind))
                return fmt::format("It became overdue by the change to {} {}, and is counted apart from what was late by itself.",
                                   facts.word("to"), at(stored.event.recorded_at));
        }
    }
    return {};
}

std::string clock_text(SlaClock const& clock, std::vector<Pause> const& pauses, std::vector<StoredEvent> const& events,
                       Instant now) {
    auto out = fmt::format("*{}*, {}", label(clock.kind), measures(clock.kind));
    add_line(out, clock.outcome == ClockOutcome::cancelled
                      ? fmt::format("{} cancelled: it counts neither as met nor as breached", label(clock.kind))
                      : countdown_and_due(clock, now));
    if (clock.stopped_at) out += fmt::format(" · stopped {}", at(*clock.stopped_at));
    add_line(out, due_as_sum(clock));
    if (clock.kind == ClockKind::resolution && clock.generation > 0)
        add_line(out, "It went on when this was reopened: the start is moved by the time that it was resolved.");
    add_line(out, pause_lines(clock, pauses));
    add_line(out, regrade_line(clock, events));
    add_line(out, point_lines(clock, events));
    return out;
}

// --- rank ----------------------------------------------------------------------------------------------------------------

// "− 30d 0h", "+ 1d 0h"
std::string signed_span(std::int64_t us) {
    return fmt::format("{} {}", us < 0 ? "−" : "+", us == 0 ? std::string{"0"} : format_left(Duration{us}));
}

std::string term_line(rules::RankTerm const& term, Escalation const& escalation) {
    using What = rules::RankTerm::What;
    switch (term.what) {
        case What::deadline:
            return fmt::format("{} · the earliest due time of a running clock, {}", at(from_us(term.us)), label(term.clock));
        case What::no_deadline:
            return fmt::format("{} · when it was raised, since no clock runs: it comes after all that have a deadline",
                               at(escalation.opened_at));
        case What::severity:
            return fmt::format("{} · head start of {}", signed_span(term.us), to_string(escalation.severity));
        case What::reopened:
            return fmt::format("{} · it was reopened", signed_span(term.us));
        case What::hops:
            return fmt::format("{} · its owner changed {}×", signed_span(term.us), escalation.hops);
        case What::no_owner:
            return fmt::format("{} · nobody owns it", signed_span(term.us));
    }
    return {};
}

std::string rank_text(Escalation const& escalation) {
    if (!escalation.open())
        return fmt::format("*Rank*, its place in the queue\nIt is {}: it has no place there.", to_string(escalation.state));
    std::string out = "*Rank*, its place in the queue: the earlier the sum, the further up";
    auto sum = Duration{0};
    auto begin = escalation.opened_at;
    for (auto const& term : rules::rank_terms(escalation)) {
        if (term.what == rules::RankTerm::What::deadline)
            begin = from_us(term.us);
        else if (term.what != rules::RankTerm::What::no_deadline)
            sum += Duration{term.us};
        add_line(out, term_line(term, escalation));
    }
    add_line(out, fmt::format("= {}", at(begin + sum)));
    return out;
}

// --- the whole -----------------------------------------------------------------------------------------------------------

std::string clocks_line(Escalation const& escalation, std::vector<SlaClock> const& closed, Instant now) {
    std::string lines;
    for (auto const& clock : escalation.clocks) add_line(lines, countdown_and_due(clock, now));
    for (auto const& clock : closed)
        if (escalation.clock(clock.kind) == nullptr &&
            (clock.outcome == ClockOutcome::breached || clock.outcome == ClockOutcome::met))
            add_line(lines, countdown_and_due(clock, now));
    return lines.empty() ? std::string{"No clock is running"} : lines;
}

std::string provenance(Escalation const& escalation) {
    auto out = fmt::format("{} · raised by {} {}", account(escalation), blocks::person(escalation.raised_by).text,
                           at(escalation.opened_at));
    if (!escalation.team.empty()) out += fmt::format(" · team {}", line(escalation.team, name_max));
    if (escalation.details.source_deleted)
        out += " · the source message was deleted";
    else if (!escalation.source_permalink.empty())
        out += " · " + blocks::link(escalation.source_permalink, "Source message").text;
    if (escalation.details.texts_erased) out += " · texts were erased";
    return out;
}

void add_waiting(blocks::Message& message, Escalation const& escalation) {
    auto const& waiting = escalation.details.waiting;
    if (!waiting) return;
    auto heading = fmt::format("{} since {}", state_word(escalation.state), at(waiting->since));
    if (waiting->until) heading += fmt::format(", until {}", at(*waiting->until));
    if (!waiting->engineer.empty())
        heading += fmt::format(", {} {}", blocks::person(waiting->engineer).text,
                               waiting->engineer_accepted_at ? "accepted" : "has not accepted yet");
    auto text = waiting->reason;
    if (!waiting->reference.empty()) text += "\nReference: " + waiting->reference;
    if (!waiting->checklist.empty()) text += "\n" + waiting->checklist;
    add_small(message, heading);
    add_in_full(message, "Why it waits", text);
}

void add_plans(blocks::Message& message, Escalation const& escalation) {
    auto const& details = escalation.details;
    if (auto const& next = details.next_step) {
        add_in_full(message, "Next step", next->text);
        add_small(message, fmt::format("by {} {}", blocks::person(next->by).text, at(next->at)));
    }
    if (auto const& promise = details.promise) {
        auto const to = line(promise->to, name_max);
        add_in_full(message, "Promise", promise->text);
        add_small(message, fmt::format("due {} · {} promised {} {}", at(promise->due), blocks::person(promise->by).text,
                                       to.empty() ? std::string{"the customer"} : to, at(promise->at)));
    }
    if (auto const& brief = details.brief) {
        add_small(message, fmt::format("Handoff note by {} {} · it goes {}", blocks::person(brief->by).text, at(brief->at),
                                       rules::to_string(brief->trend)));
        add_in_full(message, "Tried", brief->tried);
        add_in_full(message, "Theory", brief->theory);
        add_in_full(message, "Blocker", brief->blocker);
        add_in_full(message, "If … then", brief->if_then);
    }
}

void add_outcome(blocks::Message& message, Escalation const& escalation) {
    auto const& details = escalation.details;
    add_in_full(message, "Workaround", details.workaround);
    add_in_full(message, "Resolution", escalation.resolution);
    add_in_full(message, "What was checked", details.exit_criteria);
    add_in_full(message, "Declined", details.declined_reason);
    std::vector<std::string> facts;
    if (!details.cause.empty()) facts.push_back("cause: " + word_of(details.cause));
    if (details.preventable) facts.emplace_back(*details.preventable ? "preventable" : "not preventable");
    if (details.close_at && escalation.state == State::resolved)
        facts.push_back(fmt::format("can be reopened until {}", at(*details.close_at)));
    if (details.merge) facts.push_back(fmt::format("merged into {} {}", details.merge->into, at(details.merge->at)));
    add_small(message, joined(facts, " · "));
}

void add_requests(blocks::Message& message, Escalation const& escalation) {
    auto const& details = escalation.details;
    if (auto const& transfer = details.transfer) {
        add_small(message, fmt::format("✋ {} asks managers for {}, until {}", blocks::person(transfer->by).text,
                                       transfer->to.empty() ? "another owner" : blocks::person(transfer->to).text + " as owner",
                                       at(transfer->expires_at)));
        add_in_full(message, "Why a transfer", transfer->reason);
    }
    if (auto const& request = details.severity_request) {
        add_small(message, fmt::format("✋ {} asks for {}", blocks::person(request->by).text, to_string(request->to)));
        add_in_full(message, "Why another severity", request->reason);
    }
    if (details.coverage)
        add_small(message, fmt::format("{} acts for the owner from {} until {}", blocks::person(details.coverage->acting).text,
                                       at(details.coverage->from), at(details.coverage->until)));
}

std::string people_of(Escalation const& escalation, Participant::Kind kind) {
    std::vector<std::string> all;
    for (auto const& one : escalation.details.participants)
        if (one.kind == kind) all.push_back(blocks::person(one.person).text);
    return joined(all, ", ");
}

void add_people_and_links(blocks::Message& message, Escalation const& escalation, std::vector<SourceLink> const& links) {
    std::string lines;
    for (auto const& [kind, heading] :
         {std::pair{Participant::Kind::helper, "Helpers"}, std::pair{Participant::Kind::engineer, "Engineers"},
          std::pair{Participant::Kind::watcher, "Watchers"}})
        if (auto const people = people_of(escalation, kind); !people.empty())
            add_line(lines, fmt::format("*{}* {}", heading, people));
    std::size_t shown = 0;
    for (auto const& link : links) {
        if (link.url.empty()) continue;
        if (++shown <= links_shown) add_line(lines, "🔗 " + blocks::link(link.url, blocks::cut(link.url, name_max)).text);
    }
    if (shown > links_shown) add_line(lines, fmt::format("and {} more links", shown - links_shown));
    add(message, lines);
}

std::string may_do(std::vector<Verb> const& allowed, std::string_view command, Escalation const& escalation) {
    std::vector<std::string> names;
    for (auto const verb : allowed)
        if (verb != Verb::show) names.push_back(fmt::format("`{}`", rules::to_string(verb)));
    if (names.empty()) return {};
    return fmt::format("You can now: {}. Type it as `{} {} {}`.", joined(names, ", "), line(command, name_max),
                       rules::to_string(allowed.front()), escalation.id.number);
}

// What moves it on first, then the two that explain it: five are what one row shows.
std::vector<blocks::Element> buttons(Escalation const& escalation, std::vector<Verb> const& allowed) {
    constexpr std::array moves{Verb::claim,   Verb::accept,    Verb::replied, Verb::resume,
                               Verb::resolve, Verb::next_step, Verb::reopen,  Verb::unmerge};
    constexpr std::size_t moves_shown = 3;
    std::vector<blocks::Element> out;
    for (auto const verb : moves) {
        if (out.size() == moves_shown) break;
        if (verb == Verb::claim && escalation.owned()) continue;
        if (verb == Verb::accept && !waits_for_acceptance(escalation)) continue;
        if (verb == Verb::replied && escalation.clock(ClockKind::first_response) == nullptr &&
            escalation.clock(ClockKind::next_response) == nullptr)
            continue;
        if (std::find(allowed.begin(), allowed.end(), verb) != allowed.end()) out.push_back(verb_button(verb, escalation));
    }
    out.push_back(verb_button(Verb::explain_clock, escalation));
    out.push_back(verb_button(Verb::history, escalation));
    return out;
}

}  // namespace

std::string event_sentence(StoredEvent const& event) { return sentence_of(event.event, Facts{event.event}); }

blocks::Message whole(Escalation const& escalation, std::vector<SlaClock> const& closed, std::vector<SourceLink> const& links,
                      std::vector<rules::Verb> const& allowed, std::string_view command, Instant now) {
    blocks::Message message{.text = fmt::format("{}: {}, {}. {}", headline(escalation), state_word(escalation.state),
                                                owner(escalation), account(escalation))};
    message += blocks::header(plain_headline(escalation));
    add(message, status(escalation, now));
    add(message, clocks_line(escalation, closed, now));
    add_small(message, provenance(escalation));
    add_small(message, may_do(allowed, command, escalation));
    message += blocks::actions("", buttons(escalation, allowed));
    add_waiting(message, escalation);
    add_plans(message, escalation);
    add_outcome(message, escalation);
    add_requests(message, escalation);
    add_people_and_links(message, escalation, links);
    add_in_full(message, "Description", escalation.description);
    return message;
}

blocks::Message clocks_explained(Escalation const& escalation, std::vector<SlaClock> const& closed,
                                 std::vector<StoredEvent> const& events, Instant now) {
    blocks::Message message{.text = fmt::format("Clocks of {}", headline(escalation))};
    auto const pauses = pauses_of(events);
    add(message, fmt::format("*{}*", headline(escalation)));
    for (auto const& clock : escalation.clocks) {
        add(message, clock_text(clock, pauses, events, now));
        message.text += ". " + countdown_and_due(clock, now);
    }
    // Those of the newest generations are the ones that are asked about.
    auto over = closed;
    std::stable_sort(over.begin(), over.end(), [](SlaClock const& a, SlaClock const& b) { return a.stopped_at > b.stopped_at; });
    for (std::size_t i = 0; i < std::min(over.size(), closed_shown); ++i) add(message, clock_text(over[i], pauses, events, now));
    if (over.size() > closed_shown)
        add_small(message, fmt::format("and {} clocks that ended before; the history has them", over.size() - closed_shown));
    if (escalation.clocks.empty() && closed.empty()) add(message, "It has no clocks: no target is set for its severity.");
    add(message, rank_text(escalation));
    add_small(message,
              fmt::format("Clocks count elapsed time, day and night. Times are those of your own zone, as of {}.", at(now)));
    return message;
}

blocks::Message history(Escalation const& escalation, std::vector<StoredEvent> const& events, std::size_t page) {
    auto const pages = std::max<std::size_t>(1, (events.size() + history_page_size - 1) / history_page_size);
    page = std::clamp<std::size_t>(page, 1, pages);
    auto const heading = fmt::format("{} events, newest first · page {} of {}", events.size(), page, pages);
    blocks::Message message{.text = fmt::format("History of {}: {}.", headline(escalation), heading)};
    add(message, fmt::format("*{}*\n{}", headline(escalation), heading));
    auto const first = (page - 1) * history_page_size;
    auto const last = std::min(first + history_page_size, events.size());
    for (auto i = first; i < last; ++i) add(message, history_line(events[events.size() - 1 - i]));
    std::vector<blocks::Element> turns;
    if (page > 1) turns.push_back(page_button(escalation, history_newer_action, "Newer", page - 1));
    if (page < pages) turns.push_back(page_button(escalation, history_older_action, "Older", page + 1));
    if (!turns.empty()) message += blocks::actions("", std::move(turns));
    return message;
}

blocks::Modal as_modal(blocks::Message const& message, Escalation const& escalation, Verb verb, std::string_view word) {
    blocks::Modal modal{.callback_id = fmt::format("esc.{}", rules::to_string(verb)),
                        .title = fmt::format("{} {}", word, escalation.id),
                        .submit = {},
                        .close = "Close",
                        .private_metadata = handlers::CardRef::make(escalation)};
    for (auto const& block : message.blocks) modal += block;
    return modal;
}

}  // namespace esc::views
