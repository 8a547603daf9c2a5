// What happened to one escalation, newest first: each event of the ledger as a sentence, with what was written below it.
#include "handlers/views/story.hpp"

#include "bot/slack/blocks.hpp"
#include "handlers/card_ref.hpp"
#include "handlers/rules/access.hpp"
#include "handlers/rules/work.hpp"
#include "handlers/views/event_facts.hpp"
#include "handlers/views/parts.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

namespace esc::views {

namespace blocks = slack::blocks;

namespace {

namespace json = boost::json;

constexpr std::size_t page_size = 20;
constexpr std::size_t text_max = 300;                          // of what was written, in one line
constexpr Duration happened_before = std::chrono::minutes{1};  // what is recorded later than that says when it happened

std::string who(LedgerEvent const& event) {
    return event.actor.empty() ? std::string{"The service"} : blocks::person(event.actor).text;
}

std::string clock_name(std::string_view kind) {
    auto const known = parse_clock_kind(kind);
    return known ? std::string{label(*known)} : word_of(kind);
}

std::string raised(LedgerEvent const& event, EventFacts const& facts) {
    auto const origin = facts.text("origin");
    std::string_view how = ".";
    if (origin == to_string(Origin::slack_message)) how = " from a message.";
    if (origin == to_string(Origin::slash_command)) how = " by typing.";
    if (origin == to_string(Origin::modal)) how = " with the form.";
    auto const severity = facts.word("severity");
    return fmt::format("{} raised it{}{}", who(event), severity.empty() ? "" : " as " + severity, how);
}

std::string refused(LedgerEvent const& event, EventFacts const& facts, std::string_view tried) {
    auto const owner = facts.text("owner");
    auto const why = facts.text("reason") == rules::refusal::owned && !owner.empty()
                         ? fmt::format("{} owned it", blocks::person({owner}).text)
                         : std::string{"it was refused"};
    return fmt::format("{} tried to {} it: {}.", who(event), tried, why);
}

std::string resolved(LedgerEvent const& event, EventFacts const& facts) {
    auto out = fmt::format("{} resolved it.", who(event));
    if (auto const cause = facts.word("cause"); !cause.empty()) out += fmt::format(" Cause: {}.", cause);
    if (facts.flag("unanswered")) out += " A message of the customer was left without an answer.";
    if (facts.flag("without_criteria")) out += " What was checked was not said.";
    if (auto const warranted = facts.word("warranted"); !warranted.empty()) out += fmt::format(" {} was warranted.", warranted);
    return out;
}

std::string point_passed(LedgerEvent const& event, EventFacts const& facts) {
    auto out =
        fmt::format("{} was {}.", clock_name(facts.text("clock")), rung_reached(facts.number("rung").value_or(rung_at_risk)));
    auto const late = Duration{facts.number("late_us").value_or(0)};
    if (late > late_from) out += fmt::format(" It was told {} late.", format_left(late));
    if (facts.text("cause") == "regrade") out += " The change of severity made it so.";
    if (facts.text("cause") == "unmerge") out += " That moment passed while it was merged.";
    if (event.type == EventType::point_passed && !facts.flag("alerts")) out += " A later warning was told in its place.";
    return out;
}

std::string overridden(LedgerEvent const& event, EventFacts const& facts) {
    auto out = fmt::format("{} gave it from {} to {}", who(event), facts.person("from"), facts.person("owner"));
    if (auto const code = facts.word("code"); !code.empty()) out += fmt::format(" ({})", code);
    out += '.';
    if (auto const asked_by = facts.text("asked_by"); !asked_by.empty() && asked_by != facts.text("from"))
        out += fmt::format(" {} had asked for another manager's word.", blocks::person({asked_by}).text);
    if (facts.flag("team_hop")) out += " It went to another team.";
    if (facts.flag("break_glass")) out += " The glass was broken: no manager could be reached.";
    return out;
}

std::string transfer_requested(LedgerEvent const& event, EventFacts const& facts) {
    auto out = fmt::format("{} asked {} for {}", who(event), facts.text("code").empty() ? "managers" : "another manager",
                           facts.text("to").empty() ? "another owner" : facts.person("to") + " as owner");
    if (auto const until = facts.instant("expires_us")) out += fmt::format(", until {}", at(*until));
    return out + ".";
}

std::string reminded(EventFacts const& facts) {
    auto const of = facts.text("of");
    if (of == "transfer") return "Managers were told again that a transfer waits for them.";
    if (of == "severity")
        return fmt::format("Leads and managers were told again that {} waits for their word.",
                           facts.word("severity", "another severity"));
    if (of == "owner_unavailable") return fmt::format("Managers were told again that {} is not there.", facts.person("owner"));
    if (of == "unconfirmed")
        return fmt::format("Managers were told that nobody has confirmed {}.", facts.word("severity", "the severity"));
    return "Somebody was told again about what waits for them.";
}

std::string coverage_started(LedgerEvent const& event, EventFacts const& facts) {
    auto out = fmt::format("{} let {} act for {}", who(event), facts.person("acting"), facts.person("owner", "the owner"));
    if (auto const until = facts.instant("until_us")) out += fmt::format(" until {}", at(*until));
    return out + ".";
}

std::string waited(LedgerEvent const& event, EventFacts const& facts) {
    auto out = fmt::format("{} put it on hold, waiting on {}", who(event),
                           facts.text("on").empty() ? std::string{"somebody"} : waits_on(facts.text("on")));
    if (auto const engineer = facts.text("engineer"); !engineer.empty())
        out += fmt::format(" ({})", blocks::person({engineer}).text);
    if (auto const since = facts.instant("since_us"); since && event.recorded_at - *since > happened_before)
        out += fmt::format(", since {}", at(*since));
    if (auto const until = facts.instant("until_us")) out += fmt::format(", until {} at the latest", at(*until));
    return out + ".";
}

std::string pause_overridden(LedgerEvent const& event, EventFacts const& facts) {
    auto out = fmt::format("{} let it wait for longer", who(event));
    if (auto const until = facts.instant("until_us")) out += fmt::format(", until {}", at(*until));
    if (auto const from = facts.instant("from_us")) out += fmt::format(" instead of {} at the latest", at(*from));
    return out + ":";
}

std::string resumed(LedgerEvent const& event, EventFacts const& facts) {
    if (facts.flag("by_itself")) return "The wait was over: it went back to working by itself.";
    if (facts.flag("fixed")) return fmt::format("{} said that engineering has fixed it.", who(event));
    return fmt::format("{} set it back to working.", who(event));
}

std::string severity_changed(LedgerEvent const& event, EventFacts const& facts) {
    auto const from = facts.word("from", "one severity");
    auto const to = facts.word("to", "another");
    auto out = from == to ? fmt::format("{} answered the questions: it stays {}", who(event), to)
                          : fmt::format("{} changed the severity from {} to {}", who(event), from, to);
    if (auto const code = facts.word("code"); !code.empty() && code != "other") out += fmt::format(" ({})", code);
    if (auto const asked_by = facts.text("asked_by"); !asked_by.empty())
        out += fmt::format(", as {} had asked", blocks::person({asked_by}).text);
    if (auto const computed = facts.word("computed"); !computed.empty() && computed != to)
        out += fmt::format("; the questions say {}", computed);
    return out + ".";
}

std::string somebody_joined(LedgerEvent const& event, EventFacts const& facts) {
    auto const person = facts.person("person");
    auto const as = facts.text("as");
    if (as == "watcher") return fmt::format("{} watches it.", person);
    if (as == "engineer") return fmt::format("{} works on it as an engineer.", person);
    if (facts.text("person") == event.actor.value) return fmt::format("{} helps.", person);
    return fmt::format("{} asked {} to help.", who(event), person);
}

std::string somebody_left(LedgerEvent const& event, EventFacts const& facts) {
    auto const person = facts.person("person");
    auto const verb = facts.text("as") == "watcher" ? "watch" : "help";
    if (facts.text("person") == event.actor.value) return fmt::format("{} does not {} any more.", person, verb);
    return fmt::format("{} said that {} does not {} any more.", who(event), person, verb);
}

std::string promise_kept(LedgerEvent const& event, EventFacts const& facts) {
    auto const due = facts.instant("due_us");
    if (due && event.recorded_at > *due)
        return fmt::format("{} kept the promise, {} late.", who(event), format_left(event.recorded_at - *due));
    return fmt::format("{} kept the promise.", who(event));
}

std::string sentence_of(LedgerEvent const& event, EventFacts const& facts) {
    switch (event.type) {
        case EventType::raised:
            return raised(event, facts);
        case EventType::located:
            if (facts.flag("described")) return fmt::format("{} said what it is about:", who(event));
            if (facts.flag("renamed")) return "Slack gave a channel of it another id.";
            if (facts.flag("moved")) return "Its card went to another place.";
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
            return event.actor.value == facts.text("owner")
                       ? fmt::format("{} accepted it.", who(event))
                       : fmt::format("{} accepted it for {}.", who(event), facts.person("owner", "its owner"));
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
            return facts.flag("deactivated")
                       ? fmt::format("{} was deactivated, or became a guest, and still owns it.", facts.person("owner"))
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
            if (facts.flag("confirmed"))
                return facts.flag("by_statement")
                           ? fmt::format("{} said that the customer has confirmed it: it was closed.", who(event))
                           : fmt::format("{} said that it is solved: it was closed.", who(event));
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
            if (facts.number("same_as")) return fmt::format("{} has the same ticket:", facts.key("same_as"));
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
        case EventType::said_before:
            return fmt::format("{} had said in the thread:", who(event));
        case EventType::pause_overridden:
            return pause_overridden(event, facts);
        case EventType::resolve_asked:
            if (facts.flag("denied")) return fmt::format("{} said that it is not solved yet:", who(event));
            return fmt::format("{} said, acting for {}, that it is solved, and asked for it to be resolved.", who(event),
                               facts.person("owner", "the owner"));
        case EventType::graded:
            return fmt::format("{} said that {} was warranted; it was {}.", who(event), facts.word("warranted", "another level"),
                               facts.word("was", "something else"));
        case EventType::sibling_left:
            return fmt::format("{} took {} out of {}, where this one stays: what it would give back has changed.", who(event),
                               facts.key("from"), facts.key("into"));
        case EventType::severity_expired:
            return fmt::format("Nobody decided about {} in time: it stays {}.", facts.word("asked_for", "another severity"),
                               facts.word("severity", "as it is"));
    }
    return fmt::format("{} did something that this version does not know.", who(event));
}

// "Owner met, First response breached": the clocks that ended with it.
std::string ended_clocks(EventFacts const& facts) {
    std::vector<std::string> all;
    for (auto const& one : facts.list("clocks")) {
        auto const* clock = one.is_object() ? one.get_object().if_contains("clock") : nullptr;
        auto const* outcome = one.is_object() ? one.get_object().if_contains("outcome") : nullptr;
        if (clock == nullptr || outcome == nullptr || !clock->is_string() || !outcome->is_string()) continue;
        all.push_back(fmt::format("{} {}", clock_name(clock->get_string()), word_of(outcome->get_string())));
    }
    return fmt::format("{}", fmt::join(all, ", "));
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
            auto const text = line(one.value().get_string(), text_max);
            if (text.empty()) continue;
            all.push_back(object.size() == 1 ? text : fmt::format("{}: {}", word_of(one.key()), text));
        }
    } else if (auto text = line(event.text, text_max); !text.empty()) {
        all.push_back(std::move(text));
    }
    return all;
}

std::string history_line(StoredEvent const& stored) {
    auto const& event = stored.event;
    EventFacts const facts{event};
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

}  // namespace

std::string event_sentence(StoredEvent const& event) { return sentence_of(event.event, EventFacts{event.event}); }

blocks::Message history(Escalation const& escalation, std::vector<StoredEvent> const& events, std::size_t page) {
    auto const pages = std::max<std::size_t>(1, (events.size() + page_size - 1) / page_size);
    page = std::clamp<std::size_t>(page, 1, pages);
    auto const heading = fmt::format("{} events, newest first · page {} of {}", events.size(), page, pages);
    blocks::Message message{.text = fmt::format("History of {}: {}.", headline(escalation), heading)};
    add(message, fmt::format("*{}*\n{}", headline(escalation), heading));
    auto const first = (page - 1) * page_size;
    auto const last = std::min(first + page_size, events.size());
    for (auto i = first; i < last; ++i) add(message, history_line(events[events.size() - 1 - i]));
    std::vector<blocks::Element> turns;
    if (page > 1) turns.push_back(page_button(escalation, history_newer_action, "Newer", page - 1));
    if (page < pages) turns.push_back(page_button(escalation, history_older_action, "Older", page + 1));
    if (!turns.empty()) message += blocks::actions("", std::move(turns));
    return message;
}

}  // namespace esc::views
