#include "handlers/rules/conversation.hpp"

#include "handlers/rules/lifecycle.hpp"
#include "handlers/rules/outbox_items.hpp"
#include "handlers/rules/parts.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace esc::rules {
namespace {

constexpr std::size_t thanks_words_max = 12;

Instant clamped(Instant at, Escalation const& escalation, Instant now) {
    return std::clamp(at, std::min(escalation.opened_at, now), now);
}

// Words count until it is over for good.
bool has_conversation(Escalation const& escalation) { return escalation.open() || escalation.state == State::resolved; }

SlaClock* find(Escalation& escalation, ClockKind kind) {
    auto const found = std::find_if(escalation.clocks.begin(), escalation.clocks.end(),
                                    [kind](SlaClock const& clock) { return clock.kind == kind; });
    return found == escalation.clocks.end() ? nullptr : &*found;
}

// From now on the oldest of their messages without an answer is this one. What was told of the clock's points stays told.
void start_earlier(SlaClock& clock, Instant at, std::vector<AtRiskPoint> const& at_risk) {
    auto earlier = start_clock(clock.kind, clock.generation, at, clock.target, at_risk);
    earlier.points_fired = std::min(clock.points_fired, static_cast<int>(earlier.points.size()));
    earlier.outcome = clock.outcome;
    clock = std::move(earlier);
}

// When the message of `at` was answered, told from what was heard; nothing when an earlier message of theirs was waiting for the
// same answer, or none came.
std::optional<Instant> answer_of_its_own(Talk const& talk, Instant opened_at, Instant at) {
    auto previous = opened_at;  // what it was raised from is their first
    for (auto const one : talk.customer)
        if (one < at) previous = std::max(previous, one);
    std::optional<Instant> answered;
    auto between = false;
    for (auto const one : talk.colleagues) {
        if (one >= at && !answered) answered = one;
        between = between || (one >= previous && one < at);
    }
    return between ? answered : std::nullopt;
}

// The customer waits for an answer to what was written at `at`.
void expect_answer(Decision& decision, Instant at, Talk const& talk, Config const& config) {
    auto& after = decision.after;
    auto const& targets = config.targets(after.severity);
    auto const& replied_at = after.details.replied_at;
    if (replied_at && at < *replied_at) {  // the event came late, after the answer
        auto const answered_at = answer_of_its_own(talk, after.opened_at, at);
        if (!answered_at || !targets.next_response) return;
        auto const generation = ++after.details.generations[ClockKind::next_response];
        auto clock = start_clock(ClockKind::next_response, generation, at, *targets.next_response, targets.at_risk);
        decision.closed_clocks.push_back(stop_clock(std::move(clock), *answered_at));
        return;
    }
    if (after.clock(ClockKind::first_response) != nullptr) return;  // their first message is not answered yet
    if (auto* running = find(after, ClockKind::next_response); running != nullptr) {
        if (at < running->started_at) start_earlier(*running, at, targets.at_risk);
        return;
    }
    start_clock_at(decision, ClockKind::next_response, at, targets.next_response, targets.at_risk);
}

// They answered what we asked.
void stop_waiting(Decision& decision, Instant at) {
    leave_waiting(decision, at);
    decision.after.state = State::working;
}

// A breach that was told while the answer's event was still on its way was none.
bool take_back_breach(Decision& decision, ClockKind kind, Instant at) {
    auto* clock = find(decision.after, kind);
    if (clock == nullptr || clock->outcome != ClockOutcome::breached || at > clock->due) return false;
    clock->outcome = ClockOutcome::running;
    return true;
}

// Whoever works on it now knows of it: they wrote before since our last answer, and somebody owned it then.
bool is_told_of(Escalation const& escalation) {
    auto const& last = escalation.details.customer_wrote_at;
    auto const& replied_at = escalation.details.replied_at;
    return last && (!replied_at || *last >= *replied_at) && escalation.owned_since && *last >= *escalation.owned_since;
}

std::string quotable(Escalation const& escalation, std::string_view text) {
    auto const& details = escalation.details;
    return details.private_source || details.texts_erased ? std::string{} : std::string{text};
}

LedgerEvent said(EventType type, Instant at, std::string_view ts, boost::json::object data, std::string text, By const& by) {
    data["ts"] = ts;
    auto event = event_of(type, by, data, std::move(text));
    event.source_time = at;
    return event;
}

}  // namespace

void tell_reopened(Decision& decision, std::string_view by_whom, std::string const& quote, By const& by) {
    auto const& after = decision.after;
    auto const what = occasion("reopened", decision);
    std::vector<std::string> const buttons{"replied", "next", "resolve", "show"};
    tell(decision, what, {after.owner},
         {fmt::format("{}: it is open again, and yours as before.", by_whom), {by.actor.id}, quote}, buttons, by);
    if (auto const acting = responsible(after, by.now); acting != after.owner)
        tell(decision, what, {acting},
             {fmt::format("{}: it is open again, and you act for its owner, {{1}}.", by_whom), {by.actor.id, after.owner}, quote},
             buttons, by);
}

std::optional<Decision> customer_wrote(Escalation const& before, PersonId const& author, std::string_view text, Instant at,
                                       std::string_view ts, Talk const& talk, Config const& config, By const& by) {
    if (author.empty() || !has_conversation(before)) return std::nullopt;
    at = clamped(at, before, by.now);
    auto const& last = before.details.customer_wrote_at;
    if (last && *last == at && at < by.now) return std::nullopt;  // the same one; what is clamped to now may be another

    auto decision = decide(before);
    auto& after = decision.after;
    auto& details = after.details;
    // An internal message that a customer answers has a customer from then on.
    if (details.customer.empty()) details.customer = author;
    details.customer_wrote_at = last ? std::max(*last, at) : at;

    auto const quote = quotable(after, text);
    boost::json::object data{{"author", author.value}};
    auto const ended_wait =
        before.state == State::waiting_customer && before.details.waiting && at >= before.details.waiting->since;
    auto const resolved = before.state == State::resolved;
    auto const window_over = resolved && before.details.close_at && at > *before.details.close_at;
    auto const thanks = resolved && only_thanks(text);
    auto const reopens = resolved && !window_over && !thanks && before.resolved_at && at >= *before.resolved_at;
    if (ended_wait) {
        stop_waiting(decision, at);
        data["ended_wait"] = true;
        say_in_thread(decision, {"The customer answered: {0} is at work again.", {responsible(after, by.now)}, quote}, by.now);
        tell(decision, occasion("customer", decision), {responsible(after, by.now)},
             {"The customer answered: it is yours to move again.", {}, quote}, {}, by);
    }
    if (reopens) {
        open_again(decision, at);
        data["reopened"] = true;
    } else if (resolved && !thanks && !window_over) {
        tell(decision, occasion("customer", decision), {responsible(after, by.now)},
             {"The customer wrote just before it was resolved. Is it really done?", {}, quote}, {"reopen"}, by);
    }
    // What follows until our next answer is the same question.
    auto const asks_anew = before.open() && !ended_wait && !is_told_of(before) && customer_waits(details);
    if (asks_anew)
        tell(decision, occasion("customer", decision), {responsible(after, by.now)},
             {"The customer wrote: they wait for an answer.", {}, quote}, {"replied", "show"}, by);
    if (after.open()) expect_answer(decision, at, talk, config);
    if (resolved) data["only_thanks"] = thanks;
    if (!decision.closed_clocks.empty()) data["clocks"] = closed_facts(decision);
    decision.events.push_back(said(EventType::customer_wrote, at, ts, std::move(data), quote, by));
    if (reopens) {
        auto event = event_of(EventType::reopened, by,
                              {{"owner", after.owner.value}, {"reopen_count", after.reopen_count}, {"by_customer", true}});
        event.source_time = at;
        decision.events.push_back(std::move(event));
        say_in_thread(decision, {"The customer wrote again: it is open again, and {0}'s.", {after.owner}, quote}, by.now);
        tell_reopened(decision, "The customer wrote again", quote, by);
    }
    return ended(std::move(decision), by);
}

std::optional<Decision> overheard(Escalation const& before, PersonId const& author, Instant at, std::string_view ts,
                                  By const& by) {
    if (author.empty() || has_conversation(before)) return std::nullopt;
    auto decision = decide(before);
    auto& customer = decision.after.details.customer;
    if (!customer.empty() && before.state != State::merged) return std::nullopt;
    if (customer.empty()) customer = author;
    decision.events.push_back(
        said(EventType::customer_wrote, clamped(at, before, by.now), ts, {{"author", author.value}}, {}, by));
    refresh_surfaces(decision, by.now);
    finish(decision, by.now);
    return decision;
}

std::optional<Decision> colleague_wrote(Escalation const& before, Instant at, std::string_view ts, By const& by) {
    auto const& details = before.details;
    // Without a customer in the thread nobody outside reads it: an answer is then only by statement.
    if (details.customer.empty() || !before.open()) return std::nullopt;
    // What was said before it was raised answers nothing of it.
    if (at < before.opened_at) return std::nullopt;
    at = clamped(at, before, by.now);
    if (details.replied_at && at <= *details.replied_at && before.clock(ClockKind::first_response) == nullptr &&
        before.clock(ClockKind::next_response) == nullptr)
        return std::nullopt;

    auto decision = decide(before);
    auto& after = decision.after;
    accept_by_acting(decision, by);
    auto taken_back = false;
    for (auto const kind : {ClockKind::first_response, ClockKind::next_response}) {
        auto const* clock = after.clock(kind);
        if (clock == nullptr || at < clock->started_at) continue;
        taken_back = take_back_breach(decision, kind, at) || taken_back;
        close_clock(decision, kind, at);
    }
    auto const newest = !details.replied_at || at > *details.replied_at;
    if (newest) after.details.replied_at = at;
    if (!newest && decision.closed_clocks.empty()) return std::nullopt;
    boost::json::object data{{"clocks", closed_facts(decision)}};
    if (taken_back) {
        data["breach_taken_back"] = true;
        say_in_thread(decision, {"The answer came in time; Slack told of it late. The breach is taken back.", {}, {}}, by.now);
    }
    decision.events.push_back(said(EventType::agent_wrote, at, ts, std::move(data), {}, by));
    return ended(std::move(decision), by);
}

namespace {

// Words of somebody who is content. Anything else may be news of trouble.
constexpr std::array content_words{
    // what says it alone
    std::string_view{"thanks"}, std::string_view{"thank"},   std::string_view{"thx"},     std::string_view{"thankyou"},
    std::string_view{"ty"},     std::string_view{"tysm"},    std::string_view{"cheers"},  std::string_view{"danke"},
    std::string_view{"dank"},   std::string_view{"merci"},   std::string_view{"gracias"}, std::string_view{"grazie"},
    std::string_view{"great"},  std::string_view{"perfect"}, std::string_view{"awesome"}, std::string_view{"super"},
    std::string_view{"good"},   std::string_view{"gut"},     std::string_view{"nice"},    std::string_view{"excellent"},
    std::string_view{"works"},  std::string_view{"fixed"},   std::string_view{"solved"},  std::string_view{"resolved"},
    std::string_view{"ok"},     std::string_view{"okay"},    std::string_view{"perfekt"}, std::string_view{"prima"}};
constexpr std::array filler_words{
    std::string_view{"a"},        std::string_view{"all"},     std::string_view{"alles"},    std::string_view{"and"},
    std::string_view{"are"},      std::string_view{"best"},    std::string_view{"day"},      std::string_view{"everybody"},
    std::string_view{"everyone"}, std::string_view{"fast"},    std::string_view{"fine"},     std::string_view{"folks"},
    std::string_view{"for"},      std::string_view{"für"},     std::string_view{"guys"},     std::string_view{"have"},
    std::string_view{"help"},     std::string_view{"hi"},      std::string_view{"hilfe"},    std::string_view{"i"},
    std::string_view{"is"},       std::string_view{"it"},      std::string_view{"its"},      std::string_view{"it's"},
    std::string_view{"job"},      std::string_view{"lot"},     std::string_view{"many"},     std::string_view{"million"},
    std::string_view{"much"},     std::string_view{"now"},     std::string_view{"of"},       std::string_view{"quick"},
    std::string_view{"really"},   std::string_view{"regards"}, std::string_view{"schnelle"}, std::string_view{"schön"},
    std::string_view{"sehr"},     std::string_view{"so"},      std::string_view{"support"},  std::string_view{"team"},
    std::string_view{"that"},     std::string_view{"the"},     std::string_view{"to"},       std::string_view{"und"},
    std::string_view{"very"},     std::string_view{"vielen"},  std::string_view{"we"},       std::string_view{"well"},
    std::string_view{"work"},     std::string_view{"yes"},     std::string_view{"yep"},      std::string_view{"you"},
    std::string_view{"your"},     std::string_view{"weekend"}, std::string_view{"die"},      std::string_view{"ja"}};
constexpr std::array content_emoji{std::string_view{"+1"},
                                   std::string_view{"thumbsup"},
                                   std::string_view{"pray"},
                                   std::string_view{"tada"},
                                   std::string_view{"heart"},
                                   std::string_view{"smile"},
                                   std::string_view{"blush"},
                                   std::string_view{"slightly_smiling_face"},
                                   std::string_view{"grinning"},
                                   std::string_view{"clap"},
                                   std::string_view{"raised_hands"},
                                   std::string_view{"ok_hand"},
                                   std::string_view{"white_check_mark"},
                                   std::string_view{"heavy_check_mark"},
                                   std::string_view{"rocket"},
                                   std::string_view{"muscle"},
                                   std::string_view{"star"},
                                   std::string_view{"bow"},
                                   std::string_view{"heart_eyes"}};
constexpr std::array content_signs{std::string_view{"👍"}, std::string_view{"🙏"}, std::string_view{"🎉"}, std::string_view{"❤️"},
                                   std::string_view{"❤"},  std::string_view{"😊"}, std::string_view{"🙂"}, std::string_view{"😀"},
                                   std::string_view{"👏"}, std::string_view{"🙌"}, std::string_view{"👌"}, std::string_view{"✅"},
                                   std::string_view{"🚀"}, std::string_view{"💪"}};

template <std::size_t Count>
bool is_one_of(std::string_view word, std::array<std::string_view, Count> const& words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

std::string lower_ascii(std::string_view text) {
    std::string out{text};
    std::transform(out.begin(), out.end(), out.begin(),
                   [](unsigned char c) { return c < 0x80 ? static_cast<char>(std::tolower(c)) : static_cast<char>(c); });
    return out;
}

enum class Mood : std::uint8_t { content, filler, name, unknown };

// ":+1:", ":+1::skin-tone-2:"
Mood mood_of_emoji(std::string_view word) {
    auto const end = word.find(':', 1);
    auto name = word.substr(1, end == std::string_view::npos ? end : end - 1);
    return is_one_of(name, content_emoji) ? Mood::content : Mood::unknown;
}

Mood mood_of(std::string_view word) {
    constexpr std::string_view around = ".,!()*_~\"'-;";
    if (word.size() > 2 && word.front() == ':' && word.back() == ':') return mood_of_emoji(word);
    if (word.starts_with("<@") || word.starts_with('@')) return Mood::name;
    auto const first = word.find_first_not_of(around);
    if (first == std::string_view::npos) return Mood::filler;  // only marks
    word = word.substr(first, word.find_last_not_of(around) - first + 1);
    if (is_one_of(word, content_signs)) return Mood::content;
    auto const plain = lower_ascii(word);
    if (is_one_of(plain, content_words)) return Mood::content;
    if (is_one_of(plain, filler_words)) return Mood::filler;
    auto const letters = std::all_of(word.begin(), word.end(), [](unsigned char c) { return c >= 0x80 || std::isalpha(c) != 0; });
    return letters && std::isupper(static_cast<unsigned char>(word.front())) != 0 ? Mood::name : Mood::unknown;
}

}  // namespace

bool only_thanks(std::string_view text) {
    constexpr std::string_view space = " \t\r\n";
    std::size_t words = 0;
    std::size_t names = 0;
    auto content = false;
    for (auto at = text.find_first_not_of(space); at != std::string_view::npos; at = text.find_first_not_of(space, at)) {
        auto const end = std::min(text.find_first_of(space, at), text.size());
        auto const mood = mood_of(text.substr(at, end - at));
        at = end;
        if (mood == Mood::unknown || ++words > thanks_words_max) return false;
        // "Thanks Ana": one name, and not in front, where every word begins with a capital.
        if (mood == Mood::name && (!content || ++names > 1)) return false;
        content = content || mood == Mood::content;
    }
    return content;
}

Result<Decision> replied(Escalation const& before, By const& by) {
    ESC_CHECK(may(Verb::replied, before, by));
    if (before.clock(ClockKind::first_response) == nullptr && before.clock(ClockKind::next_response) == nullptr)
        return refusal_error(Errc::conflict, refusal::answered, "No response clock of {} runs: nothing to do.", before.id.key());

    auto decision = decide(before);
    accept_by_acting(decision, by);
    close_clock(decision, ClockKind::first_response, by.now);
    close_clock(decision, ClockKind::next_response, by.now);
    decision.after.details.replied_at = by.now;
    decision.events.push_back(event_of(EventType::replied, by, {{"by_statement", true}, {"clocks", closed_facts(decision)}}));
    return ended(std::move(decision), by);
}

std::optional<Decision> source_edited(Escalation const& before, std::string_view new_text,
                                      std::optional<SourceText> const& follows, Instant at, By const& by) {
    if (!has_conversation(before) || before.details.source_deleted) return std::nullopt;
    auto const text = quotable(before, new_text);
    auto const taken = follows && !text.empty() && !follows->title.empty();
    if (taken && follows->title == before.title && follows->description == before.description) return std::nullopt;
    auto decision = decide(before);
    if (taken) {
        decision.after.title = follows->title;
        decision.after.description = follows->description;
    }
    auto event = event_of(EventType::source_edited, by, {{"title_follows", taken}}, text);
    event.source_time = clamped(at, before, by.now);
    decision.events.push_back(std::move(event));
    say_in_thread(decision, {"The message it was raised from was edited.", {}, taken ? std::string{} : text}, by.now);
    return ended(std::move(decision), by);
}

std::optional<Decision> source_deleted(Escalation const& before, Instant at, By const& by) {
    if (!has_conversation(before) || before.details.source_deleted) return std::nullopt;
    auto decision = decide(before);
    decision.after.details.source_deleted = true;
    auto event = event_of(EventType::source_deleted, by, {});
    event.source_time = clamped(at, before, by.now);
    decision.events.push_back(std::move(event));
    say_in_thread(decision, {"The message it was raised from was deleted.", {}, {}}, by.now);
    return ended(std::move(decision), by);
}

}  // namespace esc::rules
