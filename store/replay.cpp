#include "store/replay.hpp"

#include "store/details.hpp"
#include "store/facts.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

namespace esc {
namespace {

namespace json = boost::json;
using Kind = Participant::Kind;

PersonId person(Facts const& facts, std::string_view name) { return {facts.text(name)}; }

int small(Facts const& facts, std::string_view name) { return static_cast<int>(facts.number(name).value_or(0)); }

// Of the words that to_string gives.
std::optional<State> state_of(std::string_view word) {
    for (auto number = static_cast<int>(State::fresh); number <= static_cast<int>(State::merged); ++number)
        if (auto const state = static_cast<State>(number); to_string(state) == word) return state;
    return std::nullopt;
}

Severity severity_of(Facts const& facts, std::string_view name, Severity otherwise) {
    return parse_severity(facts.text(name)).value_or(otherwise);
}

Brief::Trend trend_of(std::string_view word) {
    if (word == "better") return Brief::Trend::better;
    if (word == "same") return Brief::Trend::same;
    return word == "worse" ? Brief::Trend::worse : Brief::Trend::unknown;
}

Kind kind_of(std::string_view word) {
    if (word == "watcher") return Kind::watcher;
    return word == "engineer" ? Kind::engineer : Kind::helper;
}

std::optional<SeverityAnswers> answers_of(Facts const& facts) {
    auto const list = facts.list("answers");
    std::array<std::uint8_t, 5> answers{};
    if (list.size() != answers.size()) return std::nullopt;
    for (std::size_t index = 0; index < answers.size(); ++index)
        if (auto const* number = list[index].if_int64()) answers[index] = static_cast<std::uint8_t>(*number);
    return SeverityAnswers{.impact = static_cast<SeverityAnswers::Impact>(answers[0]),
                           .scope = static_cast<SeverityAnswers::Scope>(answers[1]),
                           .workaround = static_cast<SeverityAnswers::Workaround>(answers[2]),
                           .data_exposed = static_cast<SeverityAnswers::YesNo>(answers[3]),
                           .contractual = static_cast<SeverityAnswers::YesNo>(answers[4])};
}

// A step: what an escalation is so far, and the event that comes next.
class Step {
public:
    Step(Replayed& so_far, LedgerEvent const& event) : so_far_(so_far), event_(event), facts_(event) {}

    void take() {
        by_type();
        // The owner's first action accepts, whichever it is.
        if (facts_.flag("accepted")) it_.accepted_at = event_.recorded_at;
    }

private:
    // Every type says here what it means for the escalation. One that is new says so, too.
    void by_type() {
        switch (event_.type) {
            case EventType::raised:
                return raised();
            case EventType::located:
                return located();
            case EventType::claimed:
            case EventType::assigned:
                it_.state = State::working;
                return owned_by(person(facts_, "owner"));
            case EventType::overridden:
                it_.hops = small(facts_, "hops");
                if (facts_.flag("team_hop")) ++details_.team_hops;
                details_.transfer.reset();
                details_.coverage.reset();
                details_.unavailable.reset();
                return owned_by(person(facts_, "owner"));
            case EventType::transfer_requested:
                details_.transfer = TransferRequest{.by = event_.actor,
                                                    .to = person(facts_, "to"),
                                                    .at = event_.recorded_at,
                                                    .expires_at = facts_.instant("expires_us").value_or(Instant{}),
                                                    .code = facts_.text("code")};
                return;
            case EventType::transfer_denied:
            case EventType::transfer_expired:
                return details_.transfer.reset();
            case EventType::coverage_started:
                details_.coverage = Coverage{.acting = person(facts_, "acting"),
                                             .by = event_.actor,
                                             .from = event_.recorded_at,
                                             .until = facts_.instant("until_us").value_or(Instant{})};
                return;
            case EventType::coverage_ended:
                return details_.coverage.reset();
            case EventType::owner_unavailable:
                details_.unavailable =
                    Unavailable{.since = details_.unavailable ? details_.unavailable->since : event_.recorded_at,
                                .deactivated = facts_.flag("deactivated"),
                                .until = facts_.instant("until_us")};
                return;
            case EventType::owner_back:
                return details_.unavailable.reset();
            case EventType::waited:
                return waited();
            case EventType::resumed:
                if (facts_.flag("fixed")) takes_part(Kind::engineer, event_.actor);
                return works_again();
            case EventType::bounced:
                details_.bounces = small(facts_, "bounces");
                return works_again();
            case EventType::mitigated:
                details_.waiting.reset();
                it_.state = State::mitigated;
                return;
            case EventType::pause_overridden:
                if (details_.waiting) details_.waiting->until = facts_.instant("until_us");
                return;
            case EventType::engineering_accepted:
                if (details_.waiting) {
                    details_.waiting->engineer = event_.actor;
                    details_.waiting->engineer_accepted_at = event_.recorded_at;
                }
                return takes_part(Kind::engineer, event_.actor);
            case EventType::resolved:
                return resolved();
            case EventType::reopened:
                it_.state = State::working;
                it_.reopen_count = small(facts_, "reopen_count");
                it_.resolved_at.reset();
                details_.close_at.reset();
                details_.cause.clear();
                details_.preventable.reset();
                details_.warranted.reset();
                return;
            case EventType::closed:
                it_.state = State::closed;
                details_.close_at.reset();
                details_.coverage.reset();
                return;
            case EventType::withdrawn:
                if (it_.origin == Origin::slack_message) --so_far_.links;  // it may be raised from again
                [[fallthrough]];
            case EventType::declined:
                it_.state = State::declined;
                return end_requests();
            case EventType::merged:
                details_.merge = Merge{.into = {facts_.number("into").value_or(0)},
                                       .state_before = state_of(facts_.text("from")).value_or(it_.state),
                                       .at = event_.recorded_at};
                it_.state = State::merged;
                so_far_.links -= links_listed();
                return;
            case EventType::unmerged:
                it_.state = state_of(facts_.text("to")).value_or(it_.state);
                details_.merge.reset();
                if (facts_.instant("resumed_us")) details_.waiting.reset();
                so_far_.links += facts_.number("links_back").value_or(0);
                return shared();
            case EventType::absorbed:
                so_far_.links += facts_.flag("given_back") ? -facts_.number("links_back").value_or(0) : links_listed();
                return shared();
            case EventType::severity_requested:
                graded();
                details_.severity_request = SeverityRequest{.by = event_.actor,
                                                            .to = severity_of(facts_, "to", it_.severity),
                                                            .code = facts_.text("code"),
                                                            .at = event_.recorded_at,
                                                            .expires_at = facts_.instant("expires_us").value_or(Instant{})};
                return;
            case EventType::severity_changed:
                it_.severity = severity_of(facts_, "to", it_.severity);
                if (!facts_.flag("requested")) details_.severity_request.reset();
                return graded();
            case EventType::severity_denied:
            case EventType::severity_expired:
                return details_.severity_request.reset();
            case EventType::severity_confirmed:
                details_.unconfirmed_since.reset();
                return details_.severity_request.reset();
            case EventType::graded:
                if (details_.warranted) {
                    details_.warranted->level = severity_of(facts_, "warranted", it_.severity);
                    details_.warranted->graded_by = event_.actor;
                }
                return;
            case EventType::next_step_set:
                details_.next_step = NextStep{.by = event_.actor, .at = event_.recorded_at};
                return;
            case EventType::promised:
                details_.promise =
                    Promise{.by = event_.actor, .at = event_.recorded_at, .due = facts_.instant("due_us").value_or(Instant{})};
                return;
            case EventType::promise_kept:
                return details_.promise.reset();
            case EventType::briefed:
                details_.brief = Brief{.trend = trend_of(facts_.text("trend")), .by = event_.actor, .at = event_.recorded_at};
                return;
            case EventType::joined:
                return takes_part(kind_of(facts_.text("as")), person(facts_, "person"));
            case EventType::left:
                std::erase_if(details_.participants, [&](Participant const& one) {
                    return one.kind == kind_of(facts_.text("as")) && one.person == person(facts_, "person");
                });
                return;
            case EventType::linked:
                // A ticket that another one keeps is none of its own.
                if (!facts_.has("same_as")) so_far_.links += facts_.has("given_to") ? -1 : 1;
                return;
            case EventType::customer_wrote:
                return customer_wrote();
            case EventType::replied:
                details_.replied_at = event_.recorded_at;
                return;
            case EventType::agent_wrote:
                details_.replied_at = std::max(details_.replied_at.value_or(event_.source_time), event_.source_time);
                return;
            case EventType::source_deleted:
                details_.source_deleted = true;
                return;
            case EventType::redacted:
                details_.texts_erased = details_.texts_erased || facts_.text("author").empty();
                return;
            // What was said, tried or told, and changes nothing but texts, clocks and reminders.
            case EventType::claim_refused:
            case EventType::assign_refused:
            case EventType::override_refused:
            case EventType::accepted:
            case EventType::point_passed:
            case EventType::noted:
            case EventType::source_edited:
            case EventType::said_before:
            case EventType::raised_again:
            case EventType::sibling_left:
            case EventType::resolve_asked:
            case EventType::acknowledged:
            case EventType::reminded:
                return;
        }
    }

    void raised() {
        so_far_.version = facts_.number("replay").value_or(0);
        so_far_.links = facts_.number("links").value_or(0);
        it_.severity = severity_of(facts_, "severity", it_.severity);
        it_.team = facts_.text("team");
        it_.origin = facts_.text("origin") == to_string(Origin::slack_message) ? Origin::slack_message : Origin::modal;
        it_.source = {{facts_.text("channel")}, {facts_.text("ts")}, {facts_.text("thread_ts")}};
        it_.raised_by = event_.actor;
        it_.opened_at = event_.source_time;
        it_.created_at = event_.recorded_at;
        graded();
    }

    void located() {
        if (facts_.flag("described")) return;
        it_.card_channel = {facts_.text("card_channel")};
        if (facts_.flag("moved")) return;
        if (facts_.flag("renamed")) {
            it_.source.channel = {facts_.text("channel")};
            return;
        }
        it_.source_permalink = facts_.text("permalink");
        it_.source.thread_ts = {facts_.text("thread_ts")};
        details_.customer = person(facts_, "customer");
        details_.author = person(facts_, "author");
        details_.private_source = facts_.flag("private_source");
        details_.shared_source = facts_.flag("outsiders_read_along");
    }

    void owned_by(PersonId owner) {
        it_.owner = std::move(owner);
        it_.owned_since = event_.recorded_at;
        it_.accepted_at.reset();
    }

    void waited() {
        it_.state = state_of(facts_.text("on")).value_or(it_.state);
        details_.waiting = Waiting{.since = facts_.instant("since_us").value_or(Instant{}),
                                   .asked = it_.state == State::waiting_customer,
                                   .until = facts_.instant("until_us"),
                                   .engineer = person(facts_, "engineer")};
    }
    void works_again() {
        details_.waiting.reset();
        it_.state = State::working;
    }

    void resolved() {
        it_.state = State::resolved;
        it_.resolved_at = event_.recorded_at;
        if (facts_.flag("by_statement")) details_.replied_at = event_.recorded_at;
        details_.waiting.reset();
        details_.cause = facts_.text("cause");
        if (facts_.has("preventable")) details_.preventable = facts_.flag("preventable");
        details_.close_at = facts_.instant("close_us");
        if (auto const level = parse_severity(facts_.text("warranted")))
            details_.warranted = Warranted{.level = *level, .by = event_.actor, .at = event_.recorded_at};
        end_requests();
    }

    void end_requests() {
        details_.transfer.reset();
        details_.severity_request.reset();
        details_.unavailable.reset();
        details_.unconfirmed_since.reset();
        details_.promise.reset();
    }

    // What is known of its severity from then on.
    void graded() {
        details_.answers = answers_of(facts_);
        details_.computed = parse_severity(facts_.text("computed"));
        details_.settled = parse_severity(facts_.text("settled"));
        if (!facts_.flag("unconfirmed"))
            details_.unconfirmed_since.reset();
        else if (!details_.unconfirmed_since)
            details_.unconfirmed_since = event_.recorded_at;
    }

    void takes_part(Kind kind, PersonId who) {
        auto& all = details_.participants;
        bool const known =
            std::any_of(all.begin(), all.end(), [&](Participant const& one) { return one.kind == kind && one.person == who; });
        if (!known) all.push_back({kind, std::move(who), event_.recorded_at});
    }

    // Others write again to what is over, which only tells who they are.
    void customer_wrote() {
        if (details_.customer.empty()) details_.customer = person(facts_, "author");
        if (!it_.open() && it_.state != State::resolved) return;
        details_.customer_wrote_at = std::max(details_.customer_wrote_at.value_or(event_.source_time), event_.source_time);
        if (facts_.flag("ended_wait")) works_again();
    }

    // What a merge brings and an unmerge takes, as it is then.
    void shared() {
        details_.customer = person(facts_, "customer");
        details_.customer_wrote_at = facts_.instant("customer_wrote_us");
        details_.replied_at = facts_.instant("replied_us");
        details_.promise.reset();
        if (auto const due = facts_.instant("promise_due_us"))
            details_.promise = Promise{
                .by = person(facts_, "promised_by"), .at = facts_.instant("promised_us").value_or(Instant{}), .due = *due};
        details_.participants.clear();
        for (auto const& one : facts_.list("people")) {
            if (!one.is_array() || one.get_array().size() != 3) continue;
            auto const& parts = one.get_array();
            if (!parts[0].is_int64() || !parts[1].is_string() || !parts[2].is_int64()) continue;
            details_.participants.push_back(
                {static_cast<Kind>(parts[0].get_int64()), {std::string{parts[1].get_string()}}, from_us(parts[2].get_int64())});
        }
    }

    std::int64_t links_listed() const {
        auto const list = facts_.list("links");
        return std::count_if(list.begin(), list.end(), [](json::value const& one) {
            return one.is_array() && !one.get_array().empty() && one.get_array()[0] != json::string{thread_system};
        });
    }

    Replayed& so_far_;
    Escalation& it_ = so_far_.told;
    Details& details_ = it_.details;
    LedgerEvent const& event_;
    Facts facts_;
};

// Without what no replay tells.
Details replayable(Details details) {
    if (auto& request = details.severity_request) {
        request->reason.clear();
        request->remind_at = {};
    }
    if (auto& transfer = details.transfer) {
        transfer->reason.clear();
        transfer->remind_at = {};
    }
    if (auto& waiting = details.waiting)
        for (auto* text : {&waiting->reason, &waiting->reference, &waiting->checklist}) text->clear();
    if (auto& brief = details.brief)
        for (auto* text : {&brief->tried, &brief->theory, &brief->blocker, &brief->if_then}) text->clear();
    if (auto& promise = details.promise)
        for (auto* text : {&promise->text, &promise->to}) text->clear();
    if (auto& next = details.next_step) next->text.clear();
    if (auto& merge = details.merge) {
        merge->parent_had.clear();
        merge->parent_got.clear();
        merge->parent_promise.reset();
    }
    if (auto& unavailable = details.unavailable) unavailable->next_alert_at = {};
    for (auto* text : {&details.workaround, &details.exit_criteria, &details.declined_reason}) text->clear();
    details.unconfirmed_alert_at.reset();
    details.generations.clear();
    details.similar = {};
    details.same_ticket = false;
    return details;
}

class Comparison {
public:
    template <class T>
    void fact(std::string_view name, T const& told, T const& is) {
        if (!(told == is)) differ(name, in_words(told), in_words(is));
    }

    void details(Details const& told, Details const& is) {
        if (told == is) return;
        auto const a = packed(told);
        auto const b = packed(is);
        auto const value = [](json::object const& object, std::string_view name) {
            auto const* one = object.if_contains(name);
            return one == nullptr ? std::string{"nothing"} : json::serialize(*one);
        };
        for (auto const& one : a)
            if (value(a, one.key()) != value(b, one.key())) differ(one.key(), value(a, one.key()), value(b, one.key()));
        for (auto const& one : b)
            if (!a.contains(one.key())) differ(one.key(), "nothing", value(b, one.key()));
    }

    std::vector<std::string> found{};

private:
    void differ(std::string_view name, std::string_view told, std::string_view is) {
        found.push_back(fmt::format("its ledger tells {} {}, and it has {}", name, told, is));
    }
    static std::string in_words(std::string const& text) { return text.empty() ? "nothing" : text; }
    static std::string in_words(State state) { return std::string{to_string(state)}; }
    static std::string in_words(Severity severity) { return std::string{to_string(severity)}; }
    static std::string in_words(std::int64_t number) { return std::to_string(number); }
    static std::string in_words(Instant at) { return std::to_string(to_us(at)); }
    static std::string in_words(std::optional<Instant> const& at) { return at ? in_words(*at) : "nothing"; }
    static json::object packed(Details const& details) {
        auto const text = pack_details(details);
        return text.empty() ? json::object{} : json::parse(text).as_object();
    }
};

}  // namespace

void add_severity_facts(json::object& facts, Details const& details) {
    if (details.computed) facts["computed"] = to_string(*details.computed);
    if (details.settled) facts["settled"] = to_string(*details.settled);
    if (auto const& it = details.answers)
        facts["answers"] = {static_cast<int>(it->impact), static_cast<int>(it->scope), static_cast<int>(it->workaround),
                            static_cast<int>(it->data_exposed), static_cast<int>(it->contractual)};
    if (details.unconfirmed_since) facts["unconfirmed"] = true;
    if (details.severity_request) facts["requested"] = true;
}

std::int64_t links_that_stay(std::vector<SourceLink> const& links) {
    return std::count_if(links.begin(), links.end(), [](SourceLink const& link) { return link.system != thread_system; });
}

void add_shared_facts(json::object& facts, Details const& details) {
    if (!details.customer.empty()) facts["customer"] = details.customer.value;
    if (details.customer_wrote_at) facts["customer_wrote_us"] = to_us(*details.customer_wrote_at);
    if (details.replied_at) facts["replied_us"] = to_us(*details.replied_at);
    if (auto const& promise = details.promise) {
        facts["promised_by"] = promise->by.value;
        facts["promised_us"] = to_us(promise->at);
        facts["promise_due_us"] = to_us(promise->due);
    }
    json::array people;
    for (auto const& one : details.participants)
        people.push_back(json::array{static_cast<int>(one.kind), one.person.value, to_us(one.since)});
    if (!people.empty()) facts["people"] = std::move(people);
}

void replay(Replayed& so_far, LedgerEvent const& event) { Step{so_far, event}.take(); }

std::vector<std::string> differences(Replayed const& replayed, Escalation const& row, std::int64_t links) {
    if (replayed.version < replay_version) return {};
    auto const& told = replayed.told;
    Comparison compare;
    compare.fact("state", told.state, row.state);
    compare.fact("severity", told.severity, row.severity);
    compare.fact("team", told.team, row.team);
    compare.fact("channel", told.source.channel.value, row.source.channel.value);
    compare.fact("message", told.source.ts.value, row.source.ts.value);
    compare.fact("thread", told.source.thread_ts.value, row.source.thread_ts.value);
    compare.fact("permalink", told.source_permalink, row.source_permalink);
    compare.fact("card's channel", told.card_channel.value, row.card_channel.value);
    compare.fact("raised by", told.raised_by.value, row.raised_by.value);
    compare.fact("opened at", told.opened_at, row.opened_at);
    compare.fact("raised at", told.created_at, row.created_at);
    compare.fact("owner", told.owner.value, row.owner.value);
    compare.fact("owned since", told.owned_since, row.owned_since);
    compare.fact("accepted at", told.accepted_at, row.accepted_at);
    compare.fact("hops", std::int64_t{told.hops}, std::int64_t{row.hops});
    compare.fact("reopen count", std::int64_t{told.reopen_count}, std::int64_t{row.reopen_count});
    compare.fact("resolved at", told.resolved_at, row.resolved_at);
    compare.fact("links", replayed.links, links);
    compare.details(told.details, replayable(row.details));
    return std::move(compare.found);
}

}  // namespace esc
