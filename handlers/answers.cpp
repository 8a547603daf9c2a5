#include "handlers/answers.hpp"

#include "bot/base/zone.hpp"
#include "bot/slack/blocks.hpp"
#include "bot/slack/web_api.hpp"
#include "handlers/rules/outbox_items.hpp"
#include "handlers/rules/overtaken.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>

namespace esc::handlers {

namespace blocks = slack::blocks;

Outcome say(blocks::Message message) {
    Outcome outcome;
    outcome.reply.message = std::move(message);
    return outcome;
}

Outcome say(std::string plain_sentence) {
    blocks::Message message;
    message += blocks::section(blocks::mrkdwn_text(plain_sentence));
    message.text = std::move(plain_sentence);
    return say(std::move(message));
}

Outcome refused(Outcome said) {
    said.refused = true;
    return said;
}

Outcome refuse(Error const& error) { return refused(say(blocks::escape(error.message))); }

Outcome done() { return {}; }

rules::By by(Env const& env) { return {env.actor, env.now, env.trace, env.people->gone()}; }

Result<Escalation> look_up(Snapshot const& snapshot, EscalationId id, Person const& actor) {
    ESC_CHECK(rules::may_look(actor));
    if (auto found = snapshot.escalation(id)) return *std::move(found);
    return unknown(id);
}

Error unknown(EscalationId id) { return fail(Errc::not_found, "There is no {}.", id.key()); }

Outcome refuse(Escalation const& escalation, Error const& error, Snapshot const& snapshot) {
    auto outcome = refuse(error);
    if (error.cause == rules::refusal::owned)
        outcome.reply.message =
            say(blocks::markup("{} has it already. {}", blocks::person(escalation.owner), error.message)).reply.message;
    if (error.cause == rules::refusal::theirs) {
        auto const owner = blocks::markup("Its owner is {}.", blocks::person(escalation.owner));
        outcome.reply.message = say(fmt::format("{} {}", blocks::escape(error.message), owner)).reply.message;
    }
    if (auto const closes = escalation.details.close_at) {
        auto const sentence = blocks::escape(error.message);
        if (error.cause == rules::refusal::raisers)
            outcome.reply.message = say(sentence + blocks::markup(" Ask {}; else it closes {}.",
                                                                  blocks::person(escalation.raised_by), blocks::date(*closes)))
                                        .reply.message;
        if (error.cause == rules::refusal::own)
            outcome.reply.message = say(sentence + blocks::markup(" It closes {}.", blocks::date(*closes))).reply.message;
    }
    if (escalation.state != State::merged || error.code != Errc::conflict) return outcome;
    auto const on = goes_on_as(snapshot, escalation.id);
    auto const card = on ? snapshot.surface(rules::card_key(on->id)) : std::nullopt;
    if (card && !card->permalink.empty())
        *outcome.reply.message += blocks::context({blocks::mrkdwn("Its card: {}", blocks::link(card->permalink, on->id.key()))});
    return outcome;
}

std::optional<Escalation> goes_on_as(Snapshot const& snapshot, EscalationId id) {
    constexpr int merges_followed_max = 100;  // only a bound
    auto found = snapshot.escalation(id);
    for (int step = 0; found && found->state == State::merged && found->details.merge && step < merges_followed_max; ++step)
        found = snapshot.escalation(found->details.merge->into);
    return found;
}

Outcome refuse_in_view(std::string_view block_id, std::string sentence) {
    Outcome outcome;
    outcome.reply.view_errors.emplace_back(block_id, std::move(sentence));
    outcome.refused = true;
    return outcome;
}

Outcome refuse_in_view(std::string_view block_id, std::string sentence, std::string_view written) {
    auto gone = say(blocks::escape(sentence));
    add_written(*gone.reply.message, written);
    auto outcome = refuse_in_view(block_id, std::move(sentence));
    outcome.reply.after_form = std::move(gone.reply.message);
    return outcome;
}

void add_written(blocks::Message& message, std::string_view written) {
    if (trimmed(written).empty()) return;
    message += blocks::context({blocks::mrkdwn_text("You wrote:")});
    add_in_full(message, written);
}

void add_in_full(blocks::Message& message, std::string_view written) {
    constexpr std::size_t piece = 2900;     // characters; a section takes 3000
    constexpr std::size_t pieces_max = 10;  // more than Slack lets anybody type
    std::size_t at = 0;
    for (std::size_t count = 0; at < written.size() && count < pieces_max; ++count) {
        auto end = std::min(at + piece, written.size());
        while (end < written.size() && end > at + 1 && (static_cast<unsigned char>(written[end]) & 0xC0U) == 0x80U) --end;
        message += blocks::section(blocks::plain_text(written.substr(at, end - at)));
        at = end;
    }
}

void echo(Outcome& outcome, std::string_view heading, std::string_view typed) {
    auto& message = outcome.reply.message;
    if (!message || trimmed(typed).empty()) return;
    *message += blocks::context({blocks::mrkdwn_text(heading)});
    add_in_full(*message, typed);
}

void save(Tx& tx, Decision decision) {
    std::erase_if(decision.outbox, [&](OutboxItem const& item) {
        return item.kind == OutboxKind::status_reply && !tx.surface(item.key) && !tx.outbox_row(item.key);
    });
    if (rules::may_overtake(decision)) {
        auto const id = decision.after.id;
        if (auto const before = tx.escalation(id)) {
            auto changed = rules::overtaken(*before, decision, tx.surfaces(id), decision.after.updated_at);
            // What an older message becomes is not said in a new one as well.
            std::erase_if(decision.outbox, [&](OutboxItem const& item) {
                return item.kind == OutboxKind::notice &&
                       std::any_of(changed.begin(), changed.end(), [&](OutboxItem const& other) {
                           return other.kind == OutboxKind::notice && other.body == item.body;
                       });
            });
            std::move(changed.begin(), changed.end(), std::back_inserter(decision.outbox));
        }
    }
    tx.apply(decision);
}

bool refusal_is_kept(Error const& error, Person const& actor) {
    return error.cause == rules::refusal::owned || (error.code == Errc::forbidden && actor.role == Role::agent);
}

void record_refusal(Tx& tx, EventType type, Escalation const& before, Error const& why, rules::By const& by) {
    auto const event = rules::refused(type, before, why, by);
    auto const refused = tx.events(before.id, {type});
    auto const known = std::any_of(refused.begin(), refused.end(), [&](StoredEvent const& other) {
        return other.event.actor == event.actor && other.event.data == event.data;
    });
    if (!known) tx.record(before.id, {event});
}

void say_what_had_changed(Outcome& outcome, Escalation const& before, CardRef const& pressed) {
    auto const now = CardRef::shown_of(before);
    if (!pressed.shown) return;
    auto const& shown = *pressed.shown;
    std::vector<std::string> changes;
    if (shown.severity != now.severity) changes.push_back(blocks::markup("{} (was {})", now.severity, shown.severity));
    if (shown.state && shown.state != now.state)
        changes.push_back(blocks::markup("{} (was {})", rules::in_words(before), rules::in_words(*shown.state)));
    if (shown.owner != now.owner)
        changes.push_back(now.owner.empty() ? std::string{"without an owner"}
                                            : blocks::markup("{}'s", blocks::person(now.owner)));
    if (changes.empty()) return;
    auto const words =
        fmt::format("Done. The card you pressed was older: {} had become {}.", before.id.key(), fmt::join(changes, ", "));
    auto& message = outcome.reply.message;
    if (!message) {
        message = say(words).reply.message;
        return;
    }
    message->text += " " + words;
    *message += blocks::section(blocks::mrkdwn_text(words));
}

void refresh_if_stale(Tx& tx, Escalation const& current, CardRef const& pressed, Instant now) {
    if (pressed.version == 0 || pressed.version == current.version || current.card_channel.empty()) return;
    tx.enqueue(rules::card_item(current.id, now));
}

std::string zone_of(Env const& env) {
    auto const& own = env.actor.timezone;
    return zone_exists(own) ? own : env.config->service.timezone;
}

std::string readable(std::string_view slack_text) { return std::string{trimmed(slack::readable_text(slack_text))}; }

}  // namespace esc::handlers
