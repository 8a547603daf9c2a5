#include "handlers/located.hpp"

#include "bot/slack/blocks.hpp"
#include "handlers/answers.hpp"
#include "handlers/raising.hpp"
#include "handlers/rules/access.hpp"
#include "handlers/rules/lifecycle.hpp"
#include "handlers/rules/outbox_items.hpp"
#include "handlers/rules/parts.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace esc::handlers {
namespace {

namespace blocks = slack::blocks;
namespace json = boost::json;

constexpr std::size_t description_limit = 3000;  // what a section shows

// What a source channel allows. Nothing known about it: nothing is shown there.
enum class Audience : std::uint8_t { unknown, colleagues, private_group, outsiders };

Audience audience_of(std::optional<slack::Channel> const& channel) {
    if (!channel) return Audience::unknown;
    if (channel->shared) return Audience::outsiders;  // also of a private one: then no text comes with the facts
    return channel->is_private || channel->direct ? Audience::private_group : Audience::colleagues;
}

bool takes_cards(std::optional<slack::Channel> const& channel) { return channel && no_card_because(*channel).empty(); }

// A user id as channel: posting there opens the direct message.
ChannelId direct_message(rules::Ladder const& ladder, PersonId const& raised_by) {
    for (auto const* group : {&ladder.leads, &ladder.managers, &ladder.admins})
        if (!group->empty()) return {group->front().value};
    return {raised_by.value};  // nobody else to turn to
}

// Nothing of ours is shown where somebody who has written is from outside, or may be.
bool writer_may_be_external(LocateFacts const& facts) {
    return facts.writer_external || facts.writer_unknown || facts.thread_read == rules::ThreadRead::in_part;
}

// A message's title is still to come: nobody typed one and no text has been written down.
bool wants_text(Escalation const& escalation) {
    return escalation.origin == Origin::slack_message && escalation.description.empty() &&
           (escalation.title == rules::interim_title || escalation.title == rules::textless_title);
}

void write_down_text(Escalation& after, LocateFacts const& facts, Audience audience) {
    if (!wants_text(after)) return;
    if (audience == Audience::private_group) {
        after.title = rules::private_title;
        return;
    }
    auto const may_copy = audience != Audience::unknown;  // it may be a private channel
    auto text = source_text(may_copy ? facts.message_text.value_or(std::string{}) : std::string{});
    after.title = text.title.empty() ? std::string{rules::textless_title} : std::move(text.title);
    after.description = std::move(text.description);
}

// A few words stand in many a description by chance: those must be a line of their own.
bool repeats(std::string_view description, std::string_view text) {
    constexpr std::size_t no_chance = 20;
    for (auto at = description.find(text); at != std::string_view::npos; at = description.find(text, at + 1)) {
        auto const end = at + text.size();
        bool const lines = (at == 0 || description[at - 1] == '\n') && (end == description.size() || description[end] == '\n');
        if (lines || text.size() >= no_chance) return true;
    }
    return false;
}

// Whose words those are, also where somebody sent them on in the form, or wrote more there.
void write_down_author(Escalation& after, LocateFacts const& facts) {
    auto const text = source_text(facts.message_text.value_or(std::string{}));
    if (text.title.empty() || facts.author.empty()) return;
    if (text.title == after.title || repeats(after.description, text.description)) after.details.author = facts.author;
}

// What the conversation in the source's thread goes by.
void write_down_source(Decision& decision, LocateFacts const& facts) {
    auto& after = decision.after;
    if (after.source.ts.empty()) return;
    auto& details = after.details;
    if (auto const& channel = facts.source_channel) {
        details.private_source = channel->is_private || channel->direct;
        details.shared_source = channel->shared || writer_may_be_external(facts);  // a guest reads along in a channel of ours
    }
    if (!facts.thread_ts.empty() && facts.thread_ts != after.source.ts) after.source.thread_ts = facts.thread_ts;
    if (facts.writer_external && details.customer.empty()) details.customer = facts.writer;
    auto const& first = after.source.thread_ts.empty() ? after.source.ts : after.source.thread_ts;
    decision.links.push_back(thread_link(after.source.channel, first));
}

// What the record has already is not said twice. From a mention's thread also the message that begins it: its words are nowhere
// else.
void write_down_thread(Decision& decision, LocateFacts const& facts, Audience audience, Snapshot const& snapshot,
                       rules::By const& who) {
    if (audience != Audience::colleagues) return;
    auto const& after = decision.after;
    if (snapshot.last_event(after.id, {EventType::said_before})) return;
    auto const text_taken = facts.message_text && source_text(*facts.message_text).description == after.description;
    auto said = facts.said_before;
    std::erase_if(said, [&](rules::SaidBefore const& one) { return one.ts == after.source.ts && text_taken; });
    rules::attach_thread(decision, said, facts.thread_read, who);
    if (facts.thread_unread) rules::say_thread_unread(decision, who);
}

// A private channel without the bot is none that Slack knows of.
bool is_away(LocateFacts const& facts) {
    return facts.source_channel ? !facts.source_channel->member && !facts.source_channel->direct : facts.unseen;
}

// Where no word of ours is for who reads along, the one that the configuration has for them. Nothing where nobody is known to be
// from outside.
bool customer_is_told(LocateFacts const& facts, Audience audience, Config const& config) {
    if (config.intake.customer_reply.empty() || !facts.source_channel) return false;
    auto const& channel = *facts.source_channel;
    return (audience == Audience::outsiders || facts.writer_external) && channel.member && !channel.archived && !channel.direct;
}

rules::Said private_word(LocateFacts const& facts, Audience audience, Config const& config, PersonId const& bot) {
    if (is_away(facts)) {
        if (bot.empty())
            return {"It is open. I am not in that channel and can read nothing that was or is said there: /invite me.", {}, {}};
        return {
            "It is open. I am not in that channel and can read nothing that was or is said there. To let me, type there: "
            "/invite {0}",
            {bot},
            {}};
    }
    if (customer_is_told(facts, audience, config))
        return {"It is open. People from outside read along here: nothing is posted but the one reply that is meant for them.",
                {},
                {}};
    if (audience == Audience::outsiders || facts.writer_external)
        return {"It is open. Nothing is posted here, since people from outside can read this channel.", {}, {}};
    if (facts.writer_unknown)
        return {"It is open. Nothing is posted here: Slack did not say who wrote the message, perhaps somebody from outside.",
                {},
                {}};
    if (facts.thread_read == rules::ThreadRead::in_part)
        return {
            "It is open. Nothing is posted here: the thread is too long for me to know whether somebody from outside has written "
            "in it.",
            {},
            {}};
    return {"It is open. Nothing could be posted in the message's own thread.", {}, {}};
}

OutboxItem told_privately(Escalation const& after, LocateFacts const& facts, Audience audience, Config const& config,
                          PersonId const& bot, Instant now) {
    auto const outsiders = audience == Audience::outsiders || (writer_may_be_external(facts) && facts.source_channel);
    auto const in_channel = outsiders && facts.source_channel->member && !facts.source_channel->archived;
    rules::NoticeFact const fact{
        after.raised_by, in_channel ? after.source.channel : ChannelId{}, private_word(facts, audience, config, bot), {}};
    return rules::notice_item(after.id, "located", fact, now);
}

// In the message's own thread, or in private where outsiders read along or nothing is known about the channel.
OutboxItem first_word(Escalation const& after, LocateFacts const& facts, Audience audience, Config const& config,
                      PersonId const& bot, Instant now) {
    auto const public_word = !writer_may_be_external(facts) &&
                             (audience == Audience::colleagues || audience == Audience::private_group) &&
                             facts.source_channel->member && !facts.source_channel->archived;
    if (!public_word) return told_privately(after, facts, audience, config, bot, now);
    return rules::status_reply_item(after.id, now);
}

// Apart from the first word, which may be said in the channel and stays as it is.
OutboxItem asked_to_describe(Escalation const& after, Instant now) {
    rules::Said const said{
        "You raised it from a private channel, and nothing was copied from there: say what it is about.", {}, {}};
    return rules::notice_item(after.id, "describe", {after.raised_by, {}, said, {std::string{to_string(rules::Verb::describe)}}},
                              now);
}

LedgerEvent located_event(Escalation const& before, Escalation const& after, LocateFacts const& facts, Audience audience,
                          rules::By const& who) {
    LedgerEvent event;
    event.type = EventType::located;
    event.recorded_at = who.now;
    event.source_time = who.now;
    event.trace = who.trace;
    json::object data{{"card_channel", after.card_channel.value},
                      {"shared_source", audience == Audience::outsiders},
                      {"outsiders_read_along", after.details.shared_source},
                      {"private_source", after.details.private_source},
                      {"customer", after.details.customer.value},
                      {"author", after.details.author.value},
                      {"thread_ts", after.source.thread_ts.value},
                      {"permalink", after.source_permalink}};
    if (!facts.trouble.empty()) data["trouble"] = facts.trouble;
    event.data = json::serialize(data);
    if (after.title != before.title)
        event.text = json::serialize(json::object{{"title", after.title}, {"description", after.description}});
    return event;
}

}  // namespace

std::string_view no_card_because(slack::Channel const& channel) {
    if (channel.archived) return "it is archived";
    if (channel.shared) return "it is shared with another organisation, and nothing internal is posted there";
    if (channel.direct) return "it is a direct message: choose a channel";
    if (!channel.member) return "the bot is not in it: invite it there";
    return {};
}

rules::SourceText source_text(std::string_view readable_text) {
    auto const text = trimmed(readable_text);
    return {blocks::cut(blocks::one_line(text), rules::title_limit), blocks::cut(text, description_limit)};
}

ChannelId const& triage_of(Escalation const& escalation, Config const& config) {
    auto const* team = config.team(escalation.team);
    return team == nullptr || team->triage.empty() ? config.channels.triage : team->triage;
}

// A triage channel that was chosen and takes no card does not put it where more people read along.
ChannelId card_place(LocateFacts const& facts, Escalation const& escalation, Config const& config, rules::Ladder const& ladder) {
    auto const& chosen = triage_of(escalation, config).empty() ? facts.source_channel : facts.triage_channel;
    bool const outsider_reads =
        writer_may_be_external(facts) && chosen && facts.source_channel && chosen->id == facts.source_channel->id;
    return takes_cards(chosen) && !outsider_reads ? chosen->id : direct_message(ladder, escalation.raised_by);
}

Work located(LocateFacts facts, Env const& env) {
    auto const ladders = rules::ladders_of(*env.people, *env.config);
    auto const audience = audience_of(facts.source_channel);
    return [facts = std::move(facts), ladders, audience, config = env.config, who = rules::by_system(env.now, env.trace),
            bot = env.bot](Tx& tx) {
        auto const before = tx.escalation(facts.id);
        if (!before) return done();
        Decision decision;
        decision.after = *before;
        auto& after = decision.after;
        auto const first_time = before->card_channel.empty();
        if (first_time) after.card_channel = card_place(facts, *before, *config, ladders.of(before->team));
        if (!facts.permalink.empty()) after.source_permalink = facts.permalink;
        write_down_text(after, facts, audience);
        write_down_author(after, facts);
        write_down_source(decision, facts);
        join_tickets(tx, decision, facts.tickets, who);
        write_down_thread(decision, facts, audience, tx, who);
        auto const changed = first_time || after.source_permalink != before->source_permalink || after.title != before->title ||
                             !(after.source == before->source) || !(after.details == before->details) ||
                             !decision.events.empty() || !decision.outbox.empty();
        if (!changed) return done();

        // First of all: what else was found out follows from it.
        decision.events.insert(decision.events.begin(), located_event(*before, after, facts, audience, who));
        if (first_time) {
            decision.outbox.push_back(rules::card_item(after.id, who.now));
            if (after.origin == Origin::slack_message)
                decision.outbox.push_back(first_word(after, facts, audience, *config, bot, who.now));
            if (after.origin == Origin::slack_message && customer_is_told(facts, audience, *config))
                decision.outbox.push_back(rules::customer_reply_item(after, {config->intake.customer_reply}, who.now));
            if (after.title == rules::private_title) decision.outbox.push_back(asked_to_describe(after, who.now));
            rules::finish(decision, who.now);
            tx.apply(decision);
        } else {
            rules::refresh_surfaces(decision, who.now);
            rules::finish(decision, who.now);
            save(tx, std::move(decision));
        }
        return done();
    };
}

Work card_moved(EscalationId id, ChannelId place, Env const& env) {
    return [id, place = std::move(place), who = by(env)](Tx& tx) {
        auto const before = tx.escalation(id);
        if (!before || before->card_channel == place) return done();
        auto decision = rules::decide(*before);
        decision.after.card_channel = place;
        decision.events.push_back(rules::event_of(EventType::located, who, {{"card_channel", place.value}, {"moved", true}}));
        rules::refresh_surfaces(decision, who.now);
        rules::finish(decision, who.now);
        save(tx, std::move(decision));
        return done();
    };
}

}  // namespace esc::handlers
