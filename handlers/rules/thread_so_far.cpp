#include "handlers/rules/thread_so_far.hpp"

#include "bot/base/time.hpp"
#include "bot/base/utf8.hpp"
#include "handlers/rules/outbox_items.hpp"
#include "handlers/rules/parts.hpp"

#include <string_view>
#include <utility>

namespace esc::rules {
namespace {

std::string cut(std::string_view text, std::size_t limit) {
    std::size_t at = 0;
    for (std::size_t count = 0; at < text.size(); at += utf8::decode(text, at).size)
        if (++count == limit && at + utf8::decode(text, at).size < text.size()) return std::string{text.substr(0, at)} + "…";
    return std::string{text};
}

std::string heading(std::size_t quoted, ThreadRead read) {
    if (read == ThreadRead::in_part) return "The thread is too long to be read to its end. From what I could read of it:";
    if (quoted < said_before_max) return "What was said in the thread before it was raised:";
    return "How the thread began, and the newest of what was said there before:";
}

}  // namespace

void keep(std::vector<SaidBefore>& said, SaidBefore one) {
    if (one.text.find_first_not_of(" \t\r\n") == std::string::npos) return;
    one.text = cut(one.text, said_text_limit);
    said.push_back(std::move(one));
    if (said.size() > said_before_max) said.erase(said.begin() + 1);
}

void attach_thread(Decision& decision, std::vector<SaidBefore> const& said, ThreadRead read, By const& by) {
    if (said.empty()) return;
    std::vector<Quoted> quotes;
    for (auto const& one : said) {
        auto event = event_of(EventType::said_before, by, {{"ts", one.ts.value}}, one.text);
        event.actor = one.by;
        event.actor_role = one.role;
        event.source_time = parse_slack_ts(one.ts.value).value_or(by.now);
        quotes.push_back({one.name, event.source_time, one.text});
        decision.events.push_back(std::move(event));
    }
    say_in_thread(decision, {heading(said.size(), read), {}, {}, {}}, by.now, std::move(quotes));
}

void say_thread_unread(Decision& decision, By const& by) {
    say_in_thread(decision,
                  {"It was raised in a thread, and Slack does not let me read what was said there before: look there yourself.",
                   {},
                   {},
                   {}},
                  by.now);
}

}  // namespace esc::rules
