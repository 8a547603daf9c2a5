// One outbox item, by kind: what it looks like, where it goes, and what Slack's answer means for what is kept of it.
#include "bot/run/courier.hpp"

#include "bot/base/crypto.hpp"
#include "bot/base/log.hpp"
#include "bot/run/degraded.hpp"
#include "bot/run/doubt.hpp"
#include "bot/run/store_calls.hpp"
#include "handlers/channels.hpp"
#include "handlers/located.hpp"
#include "handlers/rules/alerts.hpp"
#include "handlers/rules/lifecycle.hpp"
#include "handlers/rules/outbox_items.hpp"
#include "handlers/views/views.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

namespace esc::run {

namespace asio = boost::asio;
namespace blocks = slack::blocks;
using namespace std::chrono_literals;

namespace {

constexpr Duration response_url_life = 29min;  // Slack ends it after 30
constexpr Duration text_patience = 1min;       // a notice does not wait longer for the text of the message
constexpr int response_attempts_max = 4;       // Slack allows five uses
constexpr Duration response_pause = 10s;       // while Slack does not tell who would read it
constexpr int thread_pages_max = 20;
constexpr int untold_attempts = 4;           // about 15 s
constexpr Duration channel_pause = 1min;     // between pages: the card and the reply of each are what Slack changes meanwhile
constexpr Duration channel_patience = 1min;  // cards that leave it come together
constexpr auto writer_limit = 5s;

constexpr std::string_view readers_changed = "readers_changed";  // the cause
using Lost = Outcomes::Lost;

// The message is not there any more, or not ours to change.
bool is_gone(std::string_view cause) {
    return cause == "message_not_found" || cause == "cant_update_message" || cause == "edit_window_closed";
}

// The channel takes nothing from us any more.
bool is_closed_to_us(std::string_view cause) {
    return cause == "is_archived" || cause == "is_inactive" || cause == "channel_not_found" || cause == "not_in_channel";
}

// Facts with buttons: once posted they are changed, and never posted a second time.
bool is_fact(OutboxKind kind) {
    return kind == OutboxKind::alert || kind == OutboxKind::notice || kind == OutboxKind::thread_note;
}

std::string hash_of(blocks::Message const& message) {
    return hex(bytes_of(sha256(message.text + '\n' + boost::json::serialize(message.blocks_json()))));
}

// When what offers to undo it does so no longer.
std::optional<Instant> undo_over_at(Escalation const& escalation, Instant now) {
    if (!rules::makes_sense(rules::Verb::undo, escalation, now)) return std::nullopt;
    return escalation.created_at + rules::undo_window;
}

// What is not there and not on its way.
void enqueue_missing(Tx& tx, std::vector<OutboxItem> const& items) {
    for (auto const& item : items)
        if (!tx.surface(item.key) && !tx.outbox_row(item.key)) tx.enqueue(item);
}

// The thread a message belongs to stands in its permalink; a reply's own ts opens no thread.
MessageTs thread_of(MessageRef const& source, std::string_view link) {
    if (!source.thread_ts.empty()) return source.thread_ts;
    constexpr std::string_view name = "thread_ts=";
    auto const at = link.find(name);
    if (at == std::string_view::npos) return source.ts;
    auto const value = link.substr(at + name.size());
    auto const text = value.substr(0, value.find_first_of("&#"));
    return parse_slack_ts(text) ? MessageTs{std::string(text)} : source.ts;
}

}  // namespace

Courier::Courier(Clock& clock, Store& store, Directory& directory, WebClient& web, std::shared_ptr<Config const> config)
    : clock_(clock),
      store_(store),
      directory_(directory),
      config_(std::move(config)),
      calls_(web, directory),
      outcomes_(clock, store) {}

asio::awaitable<DeliveryEnd> Courier::deliver(Delivery item) {
    auto const kind = item.row.item.kind;
    if (!item.escalation && kind != OutboxKind::board && kind != OutboxKind::channel) {
        log::error("outbox_without_escalation", {{"key", item.row.item.key}});
        co_return co_await outcomes_.finish(std::move(item), DeliveryEnd::dropped);
    }
    if (is_fact(kind) && item.row.item.body.empty()) co_return co_await may_it_stay(std::move(item));
    switch (kind) {
        case OutboxKind::locate:
            co_return co_await locate(std::move(item));
        case OutboxKind::card:
            co_return co_await card(std::move(item));
        case OutboxKind::status_reply:
            co_return co_await status_reply(std::move(item));
        case OutboxKind::alert:
            co_return co_await alert(std::move(item));
        case OutboxKind::response:
            co_return co_await response(std::move(item));
        case OutboxKind::notice:
            co_return co_await notice(std::move(item));
        case OutboxKind::thread_note:
            co_return co_await thread_note(std::move(item));
        case OutboxKind::board:
            co_return co_await board(std::move(item));
        case OutboxKind::customer_reply:
            co_return co_await customer_reply(std::move(item));
        case OutboxKind::channel:
            co_return co_await channel(std::move(item));
    }
    co_return DeliveryEnd::dropped;
}

// --- by kind ----------------------------------------------------------------------------------------------------------

asio::awaitable<DeliveryEnd> Courier::card(Delivery item) {
    auto message = views::card(*item.escalation, item.closed_clocks, item.links, clock_.now(), item.merged, item.asked);
    if (item.escalation->card_channel.empty()) {
        log::warning("card_without_place", {{"escalation", item.escalation->id.key()}});
        co_return co_await outcomes_.finish(std::move(item), DeliveryEnd::dropped);
    }
    slack::Post post{.channel = item.escalation->card_channel, .thread_ts = {}, .message = std::move(message), .metadata = {}};
    co_return co_await show(std::move(item), std::move(post));
}

asio::awaitable<DeliveryEnd> Courier::status_reply(Delivery item) {
    auto const& source = item.escalation->source;
    if (source.channel.empty() || source.ts.empty()) co_return co_await outcomes_.finish(std::move(item), DeliveryEnd::dropped);
    if (!item.card) {
        // What stands there and may not stay waits for no card; of what is over, none may come.
        if (!item.own) co_return co_await outcomes_.wait_for_card(std::move(item));
        auto const outsiders = co_await outsiders_read(item, item.own->channel, source.channel);
        if (!outsiders) co_return co_await not_told(std::move(item), outsiders.error());
        if (*outsiders) co_return co_await before_outsiders(std::move(item));
        if (!stays_away(*item.escalation)) co_return co_await outcomes_.wait_for_card(std::move(item));
    }
    auto const link = item.card ? co_await permalink(*item.card) : std::string{};
    auto const now = clock_.now();
    slack::Post post{.channel = source.channel,
                     .thread_ts = thread_of(source, item.escalation->source_permalink),
                     .message = views::status_reply(*item.escalation, *config_, link, now),
                     .metadata = {}};
    item.again_at = undo_over_at(*item.escalation, now);
    co_return co_await show(std::move(item), std::move(post));
}

// Nothing of ours is posted where people from outside read along. What was, before they came, tells nothing from then on; also
// what may have been posted just before a crash.
asio::awaitable<DeliveryEnd> Courier::before_outsiders(Delivery item) {
    auto const& source = item.escalation->source;
    slack::Post const post{.channel = source.channel,
                           .thread_ts = thread_of(source, item.escalation->source_permalink),
                           .message = {},
                           .metadata = {}};
    if (auto const recalled = co_await recall(item, post); !recalled)
        co_return co_await outcomes_.failed(std::move(item), recalled.error(), Lost::possible);
    if (!item.own) co_return co_await outcomes_.finish(std::move(item), DeliveryEnd::dropped);
    co_return co_await change(std::move(item), views::outsiders_reply());
}

asio::awaitable<DeliveryEnd> Courier::alert(Delivery item) {
    auto const fact = rules::AlertFact::parse(item.row.item.body);
    if (!fact) co_return co_await outcomes_.unreadable(std::move(item), fact.error());
    bool const in_thread = fact->to.empty();
    auto const ladder = ladder_of(item);
    if (!item.own && !item.row.sending_since && rules::outrun(*fact, *item.escalation, ladder, clock_.now()))
        co_return co_await outcomes_.finish(std::move(item), DeliveryEnd::dropped);
    // What stands there already waits for no card.
    auto const& beside = item.own ? item.own : item.card;
    if (in_thread && !beside) co_return co_await outcomes_.wait_for_card(std::move(item));
    // A DM does not wait for the card nor for its link: on time comes first.
    auto const link = item.card ? item.card->permalink : std::string{};
    slack::Post post{
        .channel = in_thread ? beside->channel : ChannelId{fact->to.value},
        .thread_ts = in_thread ? beside->ts : MessageTs{},
        .message = views::alert(*fact, *item.escalation, link, clock_.now(), in_thread ? std::nullopt : directory_.find(fact->to),
                                item.own ? parse_slack_ts(item.own->ts.value) : std::nullopt),
        .metadata = {}};
    item.if_given_up = rules::stand_ins(*fact, ladder);
    co_return co_await show(std::move(item), std::move(post));
}

asio::awaitable<DeliveryEnd> Courier::response(Delivery item) {
    auto fact = rules::ResponseFact::parse(item.row.item.body);
    if (!fact) co_return co_await outcomes_.unreadable(std::move(item), fact.error());
    bool const expired = clock_.now() - item.escalation->created_at > response_url_life;
    if (expired || item.row.attempts >= response_attempts_max)
        co_return co_await outcomes_.finish(std::move(item), DeliveryEnd::dropped);
    auto const outsiders = co_await outsiders_read(item, ChannelId{item.escalation->raised_by.value}, {});
    if (!outsiders) co_return co_await outcomes_.wait(std::move(item), response_pause);  // that was no try
    if (*outsiders) co_return co_await outcomes_.finish(std::move(item), DeliveryEnd::dropped);
    if (!item.card) co_return co_await outcomes_.wait_for_card(std::move(item));
    auto const link = co_await permalink(*item.card);
    auto json = slack::ephemeral_json(views::raised_answer(*item.escalation, link));
    auto const answered = co_await calls_.respond(std::move(fact->url), std::move(json));
    if (answered) co_return co_await outcomes_.finish(std::move(item), DeliveryEnd::posted);
    auto const code = answered.error().code;
    if (code == Errc::unavailable || code == Errc::rate_limited)
        co_return co_await outcomes_.failed(std::move(item), answered.error(), Lost::impossible);
    // Used up, expired, or perhaps delivered: the key was told in the first answer already.
    log::debug("response_url_over", {{"key", item.row.item.key}, {"error", answered.error().message}});
    co_return co_await outcomes_.finish(std::move(item), DeliveryEnd::dropped);
}

asio::awaitable<DeliveryEnd> Courier::notice(Delivery item) {
    auto fact = rules::NoticeFact::parse(item.row.item.body);
    if (!fact) co_return co_await outcomes_.unreadable(std::move(item), fact.error());
    // Who is asked shall read what it is about: the text is there with the card.
    bool const textless = item.escalation->title == rules::interim_title && !item.own && !item.card;
    if (textless && clock_.now() - item.escalation->created_at < text_patience)
        co_return co_await outcomes_.wait_for_card(std::move(item));
    auto const link = item.card ? item.card->permalink : std::string{};
    auto message = views::notice(*fact, *item.escalation, link, clock_.now(), directory_.find(fact->to));
    if (std::find(fact->buttons.begin(), fact->buttons.end(), to_string(rules::Verb::undo)) != fact->buttons.end())
        item.again_at = undo_over_at(*item.escalation, clock_.now());
    slack::Post post{.channel = ChannelId{fact->to.value}, .thread_ts = {}, .message = std::move(message), .metadata = {}};
    if (!item.own && !fact->channel.empty()) {
        auto const outsider = co_await outsiders_read(item, post.channel, {});
        if (!outsider) co_return co_await not_told(std::move(item), outsider.error());
        if (*outsider) co_return co_await kept_inside(std::move(item), false);
        auto const shown = co_await calls_.call(slack::chat_post_ephemeral(fact->channel, fact->to, {}, post.message));
        if (shown) co_return co_await outcomes_.finish(std::move(item), DeliveryEnd::posted);
        // Seen twice by one person, or not at all: twice does less harm.
        if (is_transient(shown.error().code))
            co_return co_await outcomes_.failed(std::move(item), shown.error(), Lost::impossible);
    }
    co_return co_await show(std::move(item), std::move(post));
}

asio::awaitable<DeliveryEnd> Courier::thread_note(Delivery item) {
    auto const fact = rules::ThreadNoteFact::parse(item.row.item.body);
    if (!fact) co_return co_await outcomes_.unreadable(std::move(item), fact.error());
    auto message = views::thread_note(*fact, *item.escalation);
    if (!item.own && !item.card) co_return co_await outcomes_.wait_for_card(std::move(item));
    // One that stands there changes only because its text was erased.
    auto const& beside = item.own ? *item.own : *item.card;
    slack::Post post{.channel = beside.channel, .thread_ts = beside.ts, .message = std::move(message), .metadata = {}};
    co_return co_await show(std::move(item), std::move(post));
}

// The only words of ours that are meant for people from outside: posted once, and never changed into anything else.
asio::awaitable<DeliveryEnd> Courier::customer_reply(Delivery item) {
    auto const fact = rules::CustomerReplyFact::parse(item.row.item.body);
    if (!fact) co_return co_await outcomes_.unreadable(std::move(item), fact.error());
    if (item.own) co_return co_await outcomes_.finish(std::move(item), DeliveryEnd::unchanged);
    if (item.escalation->state == State::declined)  // nobody looks into it any more
        co_return co_await outcomes_.finish(std::move(item), DeliveryEnd::dropped);
    auto const& source = item.escalation->source;
    slack::Post post{.channel = source.channel,
                     .thread_ts = thread_of(source, item.escalation->source_permalink),
                     .message = views::customer_reply(*fact),
                     .metadata = {}};
    co_return co_await this->post(std::move(item), std::move(post));
}

// A page of what stands there. The rest comes later, so that what is new has its turn; a restart goes on where this was.
asio::awaitable<DeliveryEnd> Courier::channel(Delivery item) {
    auto const fact = handlers::ChannelFact::parse(item.row.item.body);
    if (!fact) co_return co_await outcomes_.unreadable(std::move(item), fact.error());
    auto const ids = std::make_shared<std::vector<EscalationId>>();
    co_await read(store_, [ids, where = *fact](Snapshot const& snapshot) {
        *ids = snapshot.shown_in(where.channel, where.before, handlers::channel_page);
    });
    co_await outcomes_.save([ids, where = *fact, row = item.row, now = clock_.now()](Tx& tx) {
        for (auto const id : *ids) handlers::ask_anew(tx, id, where.channel, now);
        tx.outbox_done(row.id, row.generation);
        // Asked for again meanwhile, it begins anew.
        if (ids->size() >= static_cast<std::size_t>(handlers::channel_page) && !tx.outbox_row(row.item.key))
            tx.enqueue(handlers::channel_item({where.channel, ids->back()}, now + channel_pause));
    });
    co_return DeliveryEnd::updated;
}

// A fact whose words are written down nowhere any more. In a direct message it is read by whom its key names, or with the card
// above it.
asio::awaitable<DeliveryEnd> Courier::may_it_stay(Delivery item) {
    if (!item.own) co_return co_await outcomes_.finish(std::move(item), DeliveryEnd::dropped);
    auto const& key = item.row.item.key;
    ChannelId const reader{key.substr(key.rfind(':') + 1)};
    auto const& place = item.own->channel;
    bool const with_card = item.card && item.card->channel == place;
    Result<bool> outsiders = true;  // without either, nobody knows whom it is with any more
    if (!place.value.starts_with('D') || with_card || is_person(reader))
        outsiders = co_await outsiders_read(item, place, is_person(reader) ? reader : ChannelId{});
    if (!outsiders) co_return co_await not_told(std::move(item), outsiders.error());
    if (!*outsiders) co_return co_await outcomes_.finish(std::move(item), DeliveryEnd::unchanged);
    co_return co_await change(std::move(item), views::taken_back());
}

slack::PostMetadata Courier::mark_of(OutboxRow const& row) const {
    return {.key = row.item.key, .installation = installation_, .generation = static_cast<int>(row.generation)};
}

Surface Courier::surface_of(Delivery const& item, slack::Posted const& posted, std::string hash) const {
    return {.key = item.row.item.key,
            .escalation = item.row.item.escalation,
            .channel = posted.channel,
            .ts = posted.ts,
            .permalink = {},
            .content_hash = std::move(hash),
            .updated_at = clock_.now()};
}

// --- who reads it -----------------------------------------------------------------------------------------------------

// The one question before anything of ours is sent or changed anywhere. `sent_to` tells whom a direct message is with.
asio::awaitable<Result<bool>> Courier::outsiders_read(Delivery const& item, ChannelId place, ChannelId sent_to) {
    if (!item.escalation) {
        if (place.value.starts_with('D')) co_return true;
        co_return co_await calls_.outsiders_read(std::move(place));
    }
    auto const& escalation = *item.escalation;
    auto const& details = escalation.details;
    // Who wrote in the source's thread reads what else is said in that channel.
    if (place == escalation.source.channel && (details.shared_source || !details.customer.empty())) co_return true;
    if (place.value.starts_with('D')) {
        bool const of_card = sent_to.empty() || sent_to == place;
        place = of_card ? escalation.card_channel : sent_to;
        if (!is_person(place)) co_return true;  // nobody knows whom it is with any more
    }
    auto outsiders = co_await calls_.outsiders_read(place);  // not const: co_return would make a bool of a const result
    if (!outsiders || *outsiders || item.row.item.kind != OutboxKind::status_reply) co_return outsiders;
    co_return co_await outsiders_in(std::move(place), thread_of(escalation.source, escalation.source_permalink));
}

asio::awaitable<Result<bool>> Courier::outsiders_in(ChannelId channel, MessageTs thread) {
    auto const read = co_await read_thread(std::move(channel), std::move(thread), std::nullopt);
    if (!read) co_return read.error();
    co_return read->outsider || read->read == rules::ThreadRead::in_part;
}

// Whoever from outside has written in that thread reads what is answered there. When that is all that is asked, the first of
// them ends the reading.
asio::awaitable<Result<Courier::Thread>> Courier::read_thread(ChannelId channel, MessageTs thread,
                                                              std::optional<Instant> said_before) {
    Origin const origin{.workspace = directory_.identity().workspace, .channel = channel};
    Thread read;
    std::map<PersonId, Person> met;
    std::string cursor;
    for (int page = 0; page < thread_pages_max; ++page) {
        auto const answer = co_await calls_.call(slack::conversations_replies(channel, thread, {}, cursor));
        if (!answer && answer.error().cause == "thread_not_found") co_return read;
        if (!answer) co_return answer.error();
        for (auto const& message : slack::read_messages(*answer)) {
            if (!message.bot_id.empty() || message.user.empty()) continue;
            auto known = met.find(message.user);
            if (known == met.end()) {
                auto const writer = co_await directory_.person(message.user, origin, writer_limit);
                if (!writer) co_return writer.error();
                known = met.emplace(message.user, *writer).first;
            }
            auto const& writer = known->second;
            if (!read.outsider && writer.role == Role::outsider && writer.active) read.outsider = message.user;
            if (read.outsider && !said_before) co_return read;
            auto const at = parse_slack_ts(message.ts.value);
            if (!said_before || !at || *at >= *said_before) continue;
            rules::keep(read.said, {writer.id, writer.role, writer.name, message.ts, slack::readable_text(message.text)});
        }
        cursor = slack::next_cursor(*answer);
        if (cursor.empty()) co_return read;
    }
    read.read = rules::ThreadRead::in_part;
    co_return read;
}

// Slack does not say who reads it: nothing is sent, and Slack is asked again. Who would stand in for an alert's recipient does
// not wait for that for ever.
asio::awaitable<DeliveryEnd> Courier::not_told(Delivery item, Error error) {
    log::warning_seldom("readers " + error.cause, "not_sent_until_slack_tells_who_reads_it",
                        {{"key", item.row.item.key}, {"error", error.message}});
    if (item.row.attempts == untold_attempts) co_await also_to(item.if_given_up);
    co_return co_await outcomes_.failed(std::move(item), std::move(error), Lost::possible);
}

asio::awaitable<void> Courier::also_to(std::vector<OutboxItem> others) {
    if (others.empty()) co_return;
    co_await outcomes_.save([others = std::move(others)](Tx& tx) { enqueue_missing(tx, others); });
}

// People from outside would read it. The card goes elsewhere, and its thread with it; an alert goes to those who hear of it
// without them; nothing else is said.
asio::awaitable<DeliveryEnd> Courier::kept_inside(Delivery item, bool under_card) {
    if (item.row.item.kind == OutboxKind::card) co_return co_await place_inside(std::move(item));
    if (item.row.item.kind == OutboxKind::status_reply) co_return co_await before_outsiders(std::move(item));
    if (under_card) co_return co_await card_moves(std::move(item));
    std::vector<OutboxItem> instead;
    if (item.row.item.kind == OutboxKind::alert)
        if (auto const fact = rules::AlertFact::parse(item.row.item.body))
            instead = rules::without_recipient(*fact, ladder_of(item));
    log::info("not_sent_to_outsider", {{"key", item.row.item.key}});
    co_await outcomes_.save([id = item.row.id, generation = item.row.generation, instead](Tx& tx) {
        enqueue_missing(tx, instead);
        tx.outbox_done(id, generation);
    });
    co_return DeliveryEnd::dropped;
}

// --- posting and updating ---------------------------------------------------------------------------------------------

// What may have been posted just before a crash, or before its answer was lost, is found and written down as ours.
asio::awaitable<Result<void>> Courier::recall(Delivery& item, slack::Post post) {
    if (item.own || !item.row.sending_since) co_return Result<void>{};
    post.metadata = mark_of(item.row);
    auto const found = co_await find_posted(calls_, post, *item.row.sending_since);
    if (!found) co_return found.error();
    if (*found) {
        item.own = surface_of(item, **found, {});
        co_await outcomes_.save([surface = *item.own](Tx& tx) { tx.save_surface(surface); });
    }
    co_return Result<void>{};
}

asio::awaitable<DeliveryEnd> Courier::show(Delivery item, slack::Post post) {
    auto const kind = item.row.item.kind;
    auto const place = item.own ? item.own->channel : post.channel;
    item.readers_version = directory_.readers_version(place);
    auto const outsiders = co_await outsiders_read(item, place, post.channel);
    if (!outsiders) co_return co_await not_told(std::move(item), outsiders.error());
    if (*outsiders) {
        item.readers_version.reset();  // whoever else comes: what leaves does not ask again
        if (auto const recalled = co_await recall(item, post); !recalled)
            co_return co_await outcomes_.failed(std::move(item), recalled.error(), Lost::possible);
    }
    if (!item.own) {
        bool const under_card = item.card && !post.thread_ts.empty() && post.thread_ts == item.card->ts;
        co_return *outsiders ? co_await kept_inside(std::move(item), under_card)
                             : co_await this->post(std::move(item), std::move(post));
    }
    if (!*outsiders) co_return co_await change(std::move(item), std::move(post.message));
    if (kind == OutboxKind::status_reply) co_return co_await before_outsiders(std::move(item));
    auto const left = kind == OutboxKind::card && !stays_away(*item.escalation) ? views::withdrawn() : views::taken_back();
    co_return co_await change(std::move(item), left, After::withdrawal);
}

asio::awaitable<DeliveryEnd> Courier::post(Delivery item, slack::Post post) {
    bool const under_card = item.card && !post.thread_ts.empty() && post.thread_ts == item.card->ts;
    bool const is_card = item.row.item.kind == OutboxKind::card;
    post.metadata = mark_of(item.row);
    auto hash = hash_of(post.message);
    if (item.row.sending_since) {
        auto const found = co_await find_posted(calls_, post, *item.row.sending_since);
        if (!found && (is_transient(found.error().code) || slack::is_about_token(found.error().cause)))
            co_return co_await outcomes_.failed(std::move(item), found.error(), Lost::possible);
        if (!found) say_degraded("finding a message again after a crash", found.error(), post.channel.value);
        // What was found was rendered then; an empty hash makes the next change of state update it.
        if (found && *found) co_return co_await record(std::move(item), **found, {});
    }
    auto const since = clock_.now();
    item.row.sending_since = since;
    co_await outcomes_.save([id = item.row.id, since](Tx& tx) { tx.outbox_sending(id, since); });

    auto const answer = co_await calls_.call(slack::chat_post_message(post), while_the_same_read(item, post.channel));
    if (!answer) {
        auto const& error = answer.error();
        if (error.cause == readers_changed) co_return co_await outcomes_.wait(std::move(item), Duration{});
        bool const refused = error.code == Errc::forbidden || error.code == Errc::not_found;
        if (under_card && (error.cause == "thread_not_found" || is_gone(error.cause) || is_closed_to_us(error.cause)))
            co_return co_await lost_card(std::move(item));
        if (refused && item.board && !slack::is_about_token(error.cause)) {
            say_degraded(fmt::format("a board in {}", post.channel), error, item.row.item.key);
            auto const why = error.cause == "not_in_channel" || error.cause == "channel_not_found" ? views::BoardEnd::not_a_member
                                                                                                   : views::BoardEnd::refused;
            item.row.sending_since.reset();  // it was not posted
            co_return co_await take_board_away(std::move(item), why);
        }
        if (refused && is_card && !slack::is_about_token(error.cause)) {
            auto const elsewhere = co_await card_to_people(item, post);
            if (!elsewhere) co_return co_await not_told(std::move(item), elsewhere.error());
            if (*elsewhere) {
                say_degraded(fmt::format("cards in {}; sent by DM instead", post.channel), error, item.row.item.key);
                auto const [person, posted] = **elsewhere;
                co_return co_await record(std::move(item), posted, std::move(hash), person);
            }
        }
        co_return co_await outcomes_.failed(std::move(item), error,
                                            error.code == Errc::timed_out ? Lost::possible : Lost::impossible);
    }
    auto const posted = slack::read_posted(*answer);
    if (!posted) {
        auto const error = fail(Errc::internal, "chat.postMessage: {}", posted.error().message);
        co_return co_await outcomes_.failed(std::move(item), error, Lost::possible);
    }
    if (posted->thread_ts != post.thread_ts)
        log::warning("reply_in_other_thread",
                     {{"key", item.row.item.key}, {"asked", post.thread_ts.value}, {"got", posted->thread_ts.value}});
    co_return co_await record(std::move(item), *posted, std::move(hash));
}

// Between the question who reads there and the turn to send something others may have come.
WebClient::Still Courier::while_the_same_read(Delivery const& item, ChannelId channel) const {
    if (!item.readers_version) return {};
    return [this, channel = std::move(channel), version = *item.readers_version]() -> Result<void> {
        if (directory_.readers_version(channel) == version) return {};
        auto error = fail(Errc::unavailable, "others may read in {} by now", channel);
        error.cause = readers_changed;
        return error;
    };
}

asio::awaitable<DeliveryEnd> Courier::change(Delivery item, blocks::Message message, After after) {
    auto surface = *item.own;
    auto const kind = item.row.item.kind;
    bool const card_goes = after == After::withdrawal && kind == OutboxKind::card;
    auto const hash = hash_of(message);
    if (surface.content_hash == hash && !card_goes) co_return co_await outcomes_.finish(std::move(item), DeliveryEnd::unchanged);
    auto const answer = co_await calls_.call(slack::chat_update(surface.channel, surface.ts, message),
                                             while_the_same_read(item, surface.channel));
    if (!answer) {
        auto const& cause = answer.error().cause;
        if (cause == readers_changed) co_return co_await outcomes_.wait(std::move(item), Duration{});
        if (is_gone(cause) && is_fact(kind)) {
            // Who deleted it does not want it back.
            co_await outcomes_.save([key = surface.key](Tx& tx) { tx.forget_surface(key); });
            co_return co_await outcomes_.finish(std::move(item), DeliveryEnd::dropped);
        }
        // Who deleted it does not want it any more; pinned again it comes again.
        if (item.board && (is_gone(cause) || is_closed_to_us(cause)))
            co_return co_await board_over(std::move(item), views::BoardEnd::deleted);
        if (is_gone(cause) || (kind == OutboxKind::card && is_closed_to_us(cause))) {
            // Deleted by somebody, or its channel closed.
            co_return card_goes ? co_await card_left(std::move(item)) : co_await post_anew(std::move(item));
        }
        co_return co_await outcomes_.failed(std::move(item), answer.error(), Lost::impossible);
    }
    if (card_goes) co_return co_await card_left(std::move(item));
    surface.content_hash = hash;
    surface.updated_at = clock_.now();
    co_await outcomes_.save([surface, done = Done{item}](Tx& tx) {
        tx.save_surface(surface);
        done(tx);
    });
    co_return DeliveryEnd::updated;
}

// What else stands there is looked at as well, also where Slack did not tell that others read there. The next try posts the card
// where only colleagues read.
asio::awaitable<DeliveryEnd> Courier::card_left(Delivery item) {
    bool const anew = !stays_away(*item.escalation);
    auto const now = clock_.now();
    co_await outcomes_.save([left = *item.own, row = item.row, anew, version = item.escalation->version, now](Tx& tx) {
        tx.forget_surface(left.key);
        auto const asked = tx.outbox_row(left.key);
        auto const newest = tx.escalation(left.escalation);
        bool const only_looked_at =
            asked && newest && newest->version == version;  // by whoever went through the channel meanwhile
        if (anew)
            tx.outbox_wait(row.id, now);
        else
            tx.outbox_done(row.id, only_looked_at ? asked->generation : row.generation);
        if (!tx.outbox_row(handlers::channel_key(left.channel)))
            tx.enqueue(handlers::channel_item({left.channel}, now + channel_patience));
    });
    co_return anew ? DeliveryEnd::retry : DeliveryEnd::updated;
}

// The next try posts it, there or where it is taken.
asio::awaitable<DeliveryEnd> Courier::post_anew(Delivery item) {
    co_await outcomes_.save([key = item.own->key, id = item.row.id, now = clock_.now()](Tx& tx) {
        tx.forget_surface(key);
        tx.outbox_wait(id, now);
    });
    co_return DeliveryEnd::retry;
}

asio::awaitable<DeliveryEnd> Courier::tick(Delivery item) {
    if (!item.escalation || !item.escalation->open() || !item.own) co_return DeliveryEnd::unchanged;
    auto const surface = *item.own;
    auto const outsiders = co_await outsiders_read(item, surface.channel, {});
    if (!outsiders) co_return DeliveryEnd::dropped;
    if (*outsiders) {
        co_await outcomes_.save([id = surface.escalation, now = clock_.now()](Tx& tx) { tx.enqueue(rules::card_item(id, now)); });
        co_return DeliveryEnd::dropped;
    }
    auto const message = views::card(*item.escalation, item.closed_clocks, item.links, clock_.now(), item.merged, item.asked);
    auto const hash = hash_of(message);
    if (surface.content_hash == hash) co_return DeliveryEnd::unchanged;
    auto const answer = co_await calls_.call(slack::chat_update(surface.channel, surface.ts, message));
    auto const now = clock_.now();
    if (!answer) {
        auto const& cause = answer.error().cause;
        log::debug("card_not_ticked", {{"key", surface.key}, {"error", answer.error().message}});
        if (is_gone(cause) || is_closed_to_us(cause))
            co_await outcomes_.save([id = surface.escalation, now](Tx& tx) { tx.enqueue(rules::card_item(id, now)); });
        co_return DeliveryEnd::dropped;
    }
    co_await outcomes_.save([surface, hash, now](Tx& tx) {
        auto newest = tx.surface(surface.key);
        if (!newest || newest->ts != surface.ts) return;
        newest->content_hash = hash;
        newest->updated_at = now;
        tx.save_surface(*newest);
    });
    co_return DeliveryEnd::updated;
}

// The card whose thread this belongs to is gone: it comes anew, and with it the thread.
asio::awaitable<DeliveryEnd> Courier::lost_card(Delivery item) {
    co_await outcomes_.save([lost = *item.card, now = clock_.now()](Tx& tx) {
        auto const newest = tx.surface(lost.key);
        if (!newest || newest->ts != lost.ts) return;  // somebody else has noticed
        tx.forget_surface(lost.key);
        tx.enqueue(rules::card_item(lost.escalation, now));
    });
    co_return co_await outcomes_.wait_for_card(std::move(item));
}

// People from outside read the card's channel by now: the card goes first, and this follows it.
asio::awaitable<DeliveryEnd> Courier::card_moves(Delivery item) {
    co_await outcomes_.save([id = item.row.item.escalation, now = clock_.now()](Tx& tx) {
        // One that is tried already keeps its pace.
        if (!tx.outbox_row(rules::card_key(id))) tx.enqueue(rules::card_item(id, now));
    });
    co_return co_await outcomes_.wait_for_card(std::move(item));
}

// The triage channel if that is still ours alone, else whoever is to see new escalations; the next try posts it there.
asio::awaitable<DeliveryEnd> Courier::place_inside(Delivery item) {
    auto const& escalation = *item.escalation;
    handlers::LocateFacts facts{.id = escalation.id};
    if (auto const& triage = handlers::triage_of(escalation, *config_); !triage.empty()) {
        auto const outsiders = co_await outsiders_read(item, triage, {});
        if (!outsiders) co_return co_await not_told(std::move(item), outsiders.error());
        if (!*outsiders)
            if (auto info = co_await calls_.channel(triage)) facts.triage_channel = *std::move(info);
    }
    auto const place = handlers::card_place(facts, escalation, *config_, ladder_of(item));
    if (place == escalation.card_channel) {
        auto const nowhere = fail(Errc::unavailable, "no place that only colleagues read");
        say_degraded("cards", nowhere, item.row.item.key, "a lead, manager or admin, or [channels] triage, that is not shared");
        co_return co_await outcomes_.failed(std::move(item), nowhere, Lost::impossible);
    }
    auto const moved = handlers::card_moved(escalation.id, place, env_of(item));
    co_await outcomes_.save([moved, id = item.row.id, now = clock_.now()](Tx& tx) {
        static_cast<void>(moved(tx));  // it answers nobody
        tx.outbox_wait(id, now);
    });
    co_return DeliveryEnd::retry;
}

rules::Ladder Courier::ladder_of(Delivery const& item) const {
    return rules::ladders_of(directory_, *config_).of(item.escalation->team);
}

handlers::Env Courier::env_of(Delivery const& item) const {
    return {.now = clock_.now(),
            .actor = {},
            .workspace = directory_.identity().workspace,
            .trace = item.row.item.key,
            .config = config_,
            .people = &directory_,
            .bot = directory_.identity().bot_user};
}

asio::awaitable<DeliveryEnd> Courier::record(Delivery item, slack::Posted posted, std::string hash, ChannelId moved_to) {
    auto const surface = surface_of(item, posted, std::move(hash));
    handlers::Work moved;
    if (!moved_to.empty()) moved = handlers::card_moved(surface.escalation, std::move(moved_to), env_of(item));
    auto const version = item.escalation ? item.escalation->version : 0;
    // Others came while it was on its way: what asked for all that stands there may have looked before.
    bool const looked_at = moved || !item.readers_version || directory_.readers_version(surface.channel) == *item.readers_version;
    co_await outcomes_.save([surface, moved, row = item.row, done = Done{item}, version, looked_at,
                             found_again = surface.content_hash.empty(), now = clock_.now()](Tx& tx) {
        tx.save_surface(surface);
        if (!looked_at)
            tx.enqueue(row.item.kind == OutboxKind::board ? row.item : handlers::channel_item({surface.channel}, now));
        if (moved) static_cast<void>(moved(tx));  // it answers nobody
        // What changed while it was on its way has not seen that it is there: a fact is looked at once more, with the words that
        // it has by now. So is one that was found again, which says what was so when it was sent.
        auto const newest = tx.escalation(surface.escalation);
        bool const changed = row.item.kind != OutboxKind::thread_note && newest && newest->version != version;
        if (auto const asked = tx.outbox_row(row.item.key); asked && is_fact(row.item.kind) && (changed || found_again))
            tx.enqueue(asked->item);
        done(tx);
    });
    if (item.row.item.kind == OutboxKind::card) {
        co_await permalink(surface);  // those who wait for the card show it
        co_await outcomes_.card_is_there(surface.escalation);
    }
    co_return DeliveryEnd::posted;
}

// The surface's link; asked for and kept when it is not known. Empty when Slack does not tell: links are a convenience.
asio::awaitable<std::string> Courier::permalink(Surface surface) {
    if (!surface.permalink.empty()) co_return surface.permalink;
    auto const answer = co_await calls_.call(slack::chat_get_permalink(surface.channel, surface.ts));
    if (!answer) {
        log::debug("permalink_unknown", {{"key", surface.key}, {"error", answer.error().message}});
        co_return std::string{};
    }
    auto const* link = answer->if_contains("permalink");
    if (!link || !link->is_string()) co_return std::string{};
    auto const text = std::string(link->get_string());
    co_await outcomes_.save([surface, text](Tx& tx) {
        auto newest = tx.surface(surface.key);
        if (!newest || newest->ts != surface.ts) return;
        newest->permalink = text;
        tx.save_surface(*newest);
    });
    co_return text;
}

// A card whose channel refuses it goes to the first lead (else manager, else admin) who can be reached. An error: Slack does not
// tell whether they are colleagues still.
asio::awaitable<Result<std::optional<std::pair<ChannelId, slack::Posted>>>> Courier::card_to_people(Delivery const& item,
                                                                                                    slack::Post post) {
    constexpr std::size_t people_max = 5;
    auto people = directory_.leads(item.escalation->team);
    if (people.empty()) people = directory_.managers(item.escalation->team);
    if (people.empty()) people = directory_.admins();
    people.resize(std::min(people.size(), people_max));
    auto const channel = post.channel;
    std::optional<Error> untold;
    for (auto const& person : people) {
        if (person.value == channel.value) continue;
        post.channel = ChannelId{person.value};
        auto const outsider = co_await outsiders_read(item, post.channel, {});
        if (!outsider) untold = outsider.error();
        if (!outsider || *outsider) continue;
        auto const answer = co_await calls_.call(slack::chat_post_message(post));
        if (!answer) {
            log::debug("card_not_by_dm", {{"key", item.row.item.key}, {"error", answer.error().message}});
            continue;
        }
        if (auto const posted = slack::read_posted(*answer)) co_return std::pair{post.channel, *posted};
    }
    if (untold) co_return *std::move(untold);
    co_return std::nullopt;
}

}  // namespace esc::run
