// The outbox item that comes first of every escalation: what Slack knows about the source, then the `located` command that
// places the card. What cannot be had delays the card only while it decides where the card may go.
#include "bot/base/log.hpp"
#include "bot/run/courier.hpp"
#include "bot/run/degraded.hpp"
#include "handlers/located.hpp"
#include "handlers/rules/tickets.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>

namespace esc::run {

namespace asio = boost::asio;

namespace {

constexpr std::string_view cards_in_triage = "cards in [channels] triage";
constexpr int attempts_max = 10;
constexpr int placement_attempts_max = 4;  // about 15 s; then the card goes where it can without knowing the channel

constexpr auto author_limit = std::chrono::seconds{5};

// From a private channel who wrote it and where is taken, never what was written.
void take(slack::HistoryMessage const& message, handlers::LocateFacts& facts) {
    if (message.bot_id.empty()) facts.writer = facts.author = message.user;
    facts.thread_ts = message.thread_ts;
    if (facts.source_channel->is_private || facts.source_channel->direct) return;
    facts.message_text = slack::readable_text(message.text);
    facts.tickets = rules::tickets_in(message.text);
}

// What went wrong, and whether asking again can help.
struct Troubles {
    std::string text{};
    std::chrono::milliseconds retry_after{0};
    bool placement = false;  // time would tell where the card may go
    bool content = false;    // time would tell the text or the link
    std::string unusual{};   // causes that are no missing right
    std::string where{};

    void add(std::string_view what, Error const& error, bool& when_transient, std::string_view feature) {
        if (error.code == Errc::forbidden)
            say_degraded(feature, error, where);
        else
            unusual += ' ' + (error.cause.empty() ? std::string(what) : error.cause);
        if (!text.empty()) text += "; ";
        text += what;
        text += ": ";
        text += error.message;
        retry_after = std::max(retry_after, error.retry_after);
        if (is_transient(error.code)) when_transient = true;
    }
};

}  // namespace

asio::awaitable<DeliveryEnd> Courier::locate(Delivery item) {
    auto const& escalation = *item.escalation;
    auto const& source = escalation.source;
    auto const& triage = handlers::triage_of(escalation, *config_);
    handlers::LocateFacts facts{.id = escalation.id};
    Troubles troubles{.where = escalation.id.key()};

    if (!triage.empty()) {
        auto info = co_await calls_.channel(triage);
        if (info) {
            facts.triage_channel = *info;
            if (!info->member || info->shared || info->archived)
                log::warning_seldom("triage " + triage.value, "feature_degraded",
                                    {{"feature", "cards in [channels] triage; sent by DM instead"},
                                     {"needs", "a channel that the bot is in, not shared and not archived"},
                                     {"channel", triage.value}});
        } else {
            troubles.add("triage channel", info.error(), troubles.placement, cards_in_triage);
            if (info.error().code == Errc::not_found)
                say_degraded(cards_in_triage, info.error(), triage.value, "a channel the bot can see");
        }
    }
    if (!source.channel.empty()) {
        auto info = co_await calls_.channel(source.channel);
        if (info) {
            facts.source_channel = *info;
        } else {
            facts.unseen = info.error().code == Errc::not_found;
            // With the triage channel known the card has its place, and only the text waits for this.
            troubles.add("source channel", info.error(), facts.triage_channel ? troubles.content : troubles.placement,
                         "knowing the channel an escalation comes from");
        }
    }
    if (!source.ts.empty()) {
        auto const link = co_await calls_.call(slack::chat_get_permalink(source.channel, source.ts));
        if (link) {
            if (auto const* text = link->if_contains("permalink"); text && text->is_string())
                facts.permalink = std::string(text->get_string());
        } else {
            troubles.add("permalink", link.error(), troubles.content, "links to escalated messages");
        }
        bool read = false;
        MessageTs thread;  // that it is in, or begins
        if (facts.source_channel && facts.source_channel->member) {
            auto const answer = co_await calls_.call(slack::one_message(source.channel, source.ts));
            if (answer) {
                read = true;
                for (auto const& message : slack::read_messages(*answer)) {
                    if (message.ts != source.ts) continue;
                    take(message, facts);
                    thread = message.begins_thread ? message.ts : message.thread_ts;
                }
            } else {
                troubles.add("message text", answer.error(), facts.triage_channel ? troubles.content : troubles.placement,
                             "the text of escalated messages");
            }
        }
        // With the triage channel known the card has its place, and the reply asks for itself who reads it.
        if (facts.source_channel && facts.source_channel->member && !read && !facts.triage_channel) facts.writer_unknown = true;
        if (!facts.writer.empty()) {
            bool const shared = facts.source_channel->shared;
            Origin const origin{.workspace = shared ? WorkspaceId{} : directory_.identity().workspace, .shared = shared};
            auto const author = co_await directory_.person(facts.writer, origin, author_limit);
            if (author) {
                facts.writer_external = author->role == Role::outsider && author->active;
            } else {
                // Perhaps a customer who reads there: nothing of ours is shown to them, and nobody is written down as one.
                troubles.add("author", author.error(), troubles.placement, "knowing who wrote escalated messages");
                facts.writer = {};
                facts.writer_unknown = true;
            }
        }
        auto const& from = facts.source_channel;
        bool const copied = from && !from->is_private && !from->direct && !from->shared;
        if (!thread.empty() && (copied || !facts.writer_external)) {
            auto talk = co_await read_thread(source.channel, thread, copied ? std::optional{escalation.opened_at} : std::nullopt);
            if (!talk) {
                bool const placed_without = facts.triage_channel || facts.writer_external;
                troubles.add("thread", talk.error(), placed_without ? troubles.content : troubles.placement,
                             "knowing who reads the threads of escalated messages");
                facts.writer_unknown = facts.writer_unknown || !placed_without;
                facts.thread_unread = true;
            } else {
                facts.said_before = std::move(talk->said);
                facts.thread_read = talk->read;
                if (talk->read == rules::ThreadRead::in_part)
                    troubles.add("thread", fail(Errc::conflict, "it is too long to be read to its end"), troubles.content, {});
                if (talk->outsider && !facts.writer_external) {
                    facts.writer = *talk->outsider;
                    facts.writer_external = true;
                }
            }
        }
    }

    auto const attempts = item.row.attempts;
    if (troubles.placement && attempts < placement_attempts_max) {
        log::debug("locate_waits", {{"escalation", escalation.id.key()}, {"error", troubles.text}});
        Error const error{.code = troubles.retry_after.count() > 0 ? Errc::rate_limited : Errc::unavailable,
                          .message = troubles.text,
                          .retry_after = troubles.retry_after};
        co_return co_await outcomes_.failed(std::move(item), error, Outcomes::Lost::impossible);
    }
    bool const again = (troubles.placement || troubles.content) && attempts < attempts_max;
    bool const placed = !escalation.card_channel.empty();
    facts.trouble = troubles.text;
    if (again) facts.thread_unread = false;  // not yet
    if (!troubles.unusual.empty() && !again)
        log::warning_seldom("source" + troubles.unusual, "source_not_read",
                            {{"escalation", escalation.id.key()}, {"error", troubles.text}});

    auto const env = env_of(item);
    // Once the card has its place, only complete facts are worth another run.
    handlers::Work work;
    if (!placed || !again) work = handlers::located(std::move(facts), env);
    auto const retry_at = clock_.now() + std::max<Duration>(troubles.retry_after, outcomes_.backoff(attempts));
    co_await outcomes_.save(
        [work, again, retry_at, id = item.row.id, generation = item.row.generation, why = troubles.text](Tx& tx) {
            if (work) static_cast<void>(work(tx));  // it answers nobody
            if (again)
                tx.outbox_retry(id, retry_at, why);
            else
                tx.outbox_done(id, generation);
        });
    co_return again ? DeliveryEnd::retry : DeliveryEnd::posted;
}

}  // namespace esc::run
