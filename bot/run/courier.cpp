// What becomes of one outbox item, by kind. A post that may be out there twice is looked for before it is repeated; what
// only waits for something else is no failure.
#include "bot/run/courier.hpp"

#include "bot/base/crypto.hpp"
#include "bot/base/log.hpp"
#include "bot/run/dispatcher.hpp"
#include "handlers/views/views.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace esc::run {

namespace asio = boost::asio;
namespace blocks = slack::blocks;
using namespace std::chrono_literals;

namespace {

constexpr Duration backoff_first = 1s;
constexpr Duration backoff_max = 5min;
constexpr Duration look_back = 60s;        // clocks of Slack and this machine may differ
constexpr int look_pages_max = 20;         // of history, when a message may have been posted
constexpr Duration card_wait = 2s;         // only a safety net: a posted card wakes who waits for it
constexpr Duration card_wait_later = 60s;  // when the card is long in coming
constexpr Duration card_patience = 24h;
constexpr Duration response_url_life = 29min;  // Slack ends it after 30
constexpr int response_attempts_max = 4;       // Slack allows five uses
constexpr int unreadable_attempts_max = 10;

template <std::size_t size>
bool one_of(std::string_view cause, std::array<std::string_view, size> const& causes) {
    return std::find(causes.begin(), causes.end(), cause) != causes.end();
}
// The message is not there any more, or not ours to change.
constexpr std::array<std::string_view, 3> gone{"message_not_found", "cant_update_message", "edit_window_closed"};
// The token: everything fails alike until an admin mends it, so nothing is given up.
constexpr std::array<std::string_view, 6> token{"invalid_auth",  "not_authed",    "account_inactive",
                                                "token_revoked", "token_expired", "org_login_required"};

bool is_transient(Error const& error) {
    return error.code == Errc::unavailable || error.code == Errc::timed_out || error.code == Errc::rate_limited;
}

std::string hash_of(blocks::Message const& message) {
    return hex(bytes_of(sha256(message.text + '\n' + boost::json::serialize(message.blocks_json()))));
}

std::string text_in(std::string_view body, std::string_view name) {
    boost::system::error_code error;
    auto const value = boost::json::parse(body, error);
    if (error || !value.is_object()) return {};
    auto const* text = value.get_object().if_contains(name);
    return text && text->is_string() ? std::string(text->get_string()) : std::string{};
}

std::string slack_ts(Instant at) {
    auto const us = to_us(at);
    return fmt::format("{}.{:06}", us / 1'000'000, us % 1'000'000);
}

std::string card_key(EscalationId id) { return fmt::format("card:{}", id.number); }

std::string_view feature(OutboxKind kind) {
    switch (kind) {
        case OutboxKind::locate:
            return "text and link of escalated messages";
        case OutboxKind::card:
            return "cards";
        case OutboxKind::status_reply:
            return "replies in the source's thread";
        case OutboxKind::alert:
            return "alerts";
        case OutboxKind::response:
            return "link to the card after /escalate";
        case OutboxKind::notice:
            return "notices";
    }
    return "outbox";
}

std::string_view remedy(std::string_view cause) {
    if (cause == "missing_scope") return "the scope named in the error, and a reinstall of the app";
    if (cause == "not_in_channel" || cause == "channel_not_found") return "an invitation of the bot to the channel";
    if (cause == "is_archived") return "a channel that is not archived";
    if (cause == "messages_tab_disabled") return "the app's messages tab (App Home)";
    return "see the error";
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

Delivery Delivery::load(Snapshot const& snapshot, OutboxRow row) {
    Delivery item;
    item.escalation = snapshot.escalation(row.item.escalation);
    item.own = snapshot.surface(row.item.key);
    item.card = snapshot.surface(card_key(row.item.escalation));
    item.row = std::move(row);
    return item;
}

std::string Delivery::lane() const {
    switch (row.item.kind) {
        case OutboxKind::card:
            return own ? own->channel.value : escalation ? escalation->card_channel.value : row.item.key;
        case OutboxKind::status_reply:
            return escalation ? escalation->source.channel.value : row.item.key;
        case OutboxKind::alert: {
            auto const fact = rules::AlertFact::parse(row.item.body);
            if (fact && !fact->to.empty()) return fact->to.value;
            return card ? card->channel.value : row.item.key;
        }
        case OutboxKind::notice:
            return text_in(row.item.body, "to");
        case OutboxKind::locate:
        case OutboxKind::response:
            break;
    }
    return row.item.key;
}

Courier::Courier(Clock& clock, Store& store, Directory& directory, WebClient& web, std::shared_ptr<Config const> config)
    : clock_(clock),
      store_(store),
      directory_(directory),
      web_(web),
      config_(std::move(config)),
      random_(static_cast<std::minstd_rand::result_type>(std::random_device{}())) {}

asio::awaitable<DeliveryEnd> Courier::deliver(Delivery item) {
    if (!item.escalation) {
        log::error("outbox_without_escalation", {{"key", item.row.item.key}});
        co_return co_await finish(std::move(item), DeliveryEnd::dropped);
    }
    switch (item.row.item.kind) {
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
    }
    co_return DeliveryEnd::dropped;
}

// --- by kind ----------------------------------------------------------------------------------------------------------

asio::awaitable<DeliveryEnd> Courier::card(Delivery item) {
    auto message = views::card(*item.escalation, clock_.now());
    if (item.own) co_return co_await update(std::move(item), std::move(message));
    if (item.escalation->card_channel.empty()) {
        log::warning("card_without_place", {{"escalation", item.escalation->id.key()}});
        co_return co_await finish(std::move(item), DeliveryEnd::dropped);
    }
    slack::Post post{.channel = item.escalation->card_channel, .thread_ts = {}, .message = std::move(message), .metadata = {}};
    co_return co_await this->post(std::move(item), std::move(post));
}

asio::awaitable<DeliveryEnd> Courier::status_reply(Delivery item) {
    auto const& source = item.escalation->source;
    if (source.channel.empty() || source.ts.empty()) co_return co_await finish(std::move(item), DeliveryEnd::dropped);
    if (!item.card) co_return co_await wait_for_card(std::move(item));
    auto const link = co_await permalink(*item.card);
    auto message = views::status_reply(*item.escalation, *config_, link);
    if (item.own) co_return co_await update(std::move(item), std::move(message));
    slack::Post post{.channel = source.channel,
                     .thread_ts = thread_of(source, item.escalation->source_permalink),
                     .message = std::move(message),
                     .metadata = {}};
    co_return co_await this->post(std::move(item), std::move(post));
}

asio::awaitable<DeliveryEnd> Courier::alert(Delivery item) {
    auto const fact = rules::AlertFact::parse(item.row.item.body);
    if (!fact) co_return co_await unreadable(std::move(item), fact.error());
    bool const in_thread = fact->to.empty();
    if (in_thread && !item.card) co_return co_await wait_for_card(std::move(item));
    // A DM does not wait for the card nor for its link: on time comes first.
    auto const link = item.card ? item.card->permalink : std::string{};
    slack::Post post{.channel = in_thread ? item.card->channel : ChannelId{fact->to.value},
                     .thread_ts = in_thread ? item.card->ts : MessageTs{},
                     .message = views::alert(*fact, *item.escalation, link, clock_.now()),
                     .metadata = {}};
    co_return co_await this->post(std::move(item), std::move(post));
}

asio::awaitable<DeliveryEnd> Courier::response(Delivery item) {
    auto url = text_in(item.row.item.body, "url");
    bool const expired = clock_.now() - item.escalation->created_at > response_url_life;
    if (url.empty() || expired || item.row.attempts >= response_attempts_max)
        co_return co_await finish(std::move(item), DeliveryEnd::dropped);
    if (!item.card) co_return co_await wait_for_card(std::move(item));
    auto const link = co_await permalink(*item.card);
    auto json = slack::ephemeral_json(views::raised_answer(*item.escalation, link));
    auto const answered = co_await respond(std::move(url), std::move(json));
    if (answered) co_return co_await finish(std::move(item), DeliveryEnd::posted);
    auto const code = answered.error().code;
    if (code == Errc::unavailable || code == Errc::rate_limited)
        co_return co_await failed(std::move(item), answered.error(), Lost::impossible);
    // Used up, expired, or perhaps delivered: the key was told in the first answer already.
    log::debug("response_url_over", {{"key", item.row.item.key}, {"error", answered.error().message}});
    co_return co_await finish(std::move(item), DeliveryEnd::dropped);
}

asio::awaitable<DeliveryEnd> Courier::notice(Delivery item) {
    auto const& body = item.row.item.body;
    PersonId const to{text_in(body, "to")};
    ChannelId const channel{text_in(body, "channel")};
    auto const text = text_in(body, "text");
    if (to.empty() || text.empty())
        co_return co_await unreadable(std::move(item), fail(Errc::invalid, "a notice needs \"to\" and \"text\""));
    blocks::Message message{.text = text};
    message += blocks::section(blocks::mrkdwn_text(text));
    if (!channel.empty()) {
        auto const shown = co_await call(slack::chat_post_ephemeral(channel, to, {}, message));
        if (shown) co_return co_await finish(std::move(item), DeliveryEnd::posted);
        // Seen twice by one person, or not at all: twice does less harm.
        if (is_transient(shown.error())) co_return co_await failed(std::move(item), shown.error(), Lost::impossible);
    }
    slack::Post post{.channel = ChannelId{to.value}, .thread_ts = {}, .message = std::move(message), .metadata = {}};
    co_return co_await this->post(std::move(item), std::move(post));
}

// --- posting and updating ---------------------------------------------------------------------------------------------

asio::awaitable<DeliveryEnd> Courier::post(Delivery item, slack::Post post) {
    post.metadata = slack::PostMetadata{
        .key = item.row.item.key, .installation = installation_, .generation = static_cast<int>(item.row.generation)};
    auto hash = hash_of(post.message);
    if (item.row.sending_since) {
        auto const found = co_await find(item, post);
        if (!found && (is_transient(found.error()) || one_of(found.error().cause, token)))
            co_return co_await failed(std::move(item), found.error(), Lost::possible);
        if (!found)
            log::warning("feature_degraded", {{"feature", "finding a message again after a crash"},
                                              {"needs", remedy(found.error().cause)},
                                              {"error", found.error().message}});
        // What was found was rendered then; an empty hash makes the next change of state update it.
        if (found && *found) co_return co_await record(std::move(item), **found, {});
    }
    auto const since = clock_.now();
    item.row.sending_since = since;
    co_await save([id = item.row.id, since](Tx& tx) { tx.outbox_sending(id, since); });

    auto const answer = co_await call(slack::chat_post_message(post));
    if (!answer) {
        auto const& error = answer.error();
        bool const refused = error.code == Errc::forbidden || error.code == Errc::not_found;
        if (refused && item.row.item.kind == OutboxKind::card && !one_of(error.cause, token)) {
            auto const elsewhere = co_await card_to_people(item, post);
            if (elsewhere) {
                log::warning("feature_degraded", {{"feature", "cards in their channel; sent by DM instead"},
                                                  {"channel", post.channel.value},
                                                  {"needs", remedy(error.cause)},
                                                  {"error", error.message}});
                co_return co_await record(std::move(item), *elsewhere, std::move(hash));
            }
        }
        co_return co_await failed(std::move(item), error, error.code == Errc::timed_out ? Lost::possible : Lost::impossible);
    }
    auto const posted = slack::read_posted(*answer);
    if (!posted) {
        auto const error = fail(Errc::internal, "chat.postMessage: {}", posted.error().message);
        co_return co_await failed(std::move(item), error, Lost::possible);
    }
    if (posted->thread_ts != post.thread_ts)
        log::warning("reply_in_other_thread",
                     {{"key", item.row.item.key}, {"asked", post.thread_ts.value}, {"got", posted->thread_ts.value}});
    co_return co_await record(std::move(item), *posted, std::move(hash));
}

asio::awaitable<DeliveryEnd> Courier::update(Delivery item, blocks::Message message) {
    auto surface = *item.own;
    auto const hash = hash_of(message);
    if (surface.content_hash == hash) co_return co_await finish(std::move(item), DeliveryEnd::unchanged);
    auto const answer = co_await call(slack::chat_update(surface.channel, surface.ts, message));
    if (!answer) {
        if (one_of(answer.error().cause, gone)) {
            // Deleted by somebody: the next try posts it anew.
            co_await save([key = surface.key, id = item.row.id, now = clock_.now()](Tx& tx) {
                tx.forget_surface(key);
                tx.outbox_wait(id, now);
            });
            co_return DeliveryEnd::retry;
        }
        co_return co_await failed(std::move(item), answer.error(), Lost::impossible);
    }
    surface.content_hash = hash;
    surface.updated_at = clock_.now();
    co_await save([surface, id = item.row.id, generation = item.row.generation](Tx& tx) {
        tx.save_surface(surface);
        tx.outbox_done(id, generation);
    });
    co_return DeliveryEnd::updated;
}

asio::awaitable<DeliveryEnd> Courier::record(Delivery item, slack::Posted posted, std::string hash) {
    Surface surface{.key = item.row.item.key,
                    .escalation = item.row.item.escalation,
                    .channel = posted.channel,
                    .ts = posted.ts,
                    .permalink = {},
                    .content_hash = std::move(hash),
                    .updated_at = clock_.now()};
    co_await save([surface, id = item.row.id, generation = item.row.generation](Tx& tx) {
        tx.save_surface(surface);
        tx.outbox_done(id, generation);
    });
    if (item.row.item.kind == OutboxKind::card) co_await card_posted(std::move(surface));
    co_return DeliveryEnd::posted;
}

// Fetches the card's link and wakes the items that waited for the card.
asio::awaitable<void> Courier::card_posted(Surface surface) {
    auto const id = surface.escalation;
    co_await permalink(std::move(surface));
    std::vector<std::int64_t> rows;
    auto const [first, last] = waiting_.equal_range(id);
    for (auto at = first; at != last; ++at) rows.push_back(at->second);
    waiting_.erase(first, last);
    if (rows.empty()) co_return;
    co_await save([rows, now = clock_.now()](Tx& tx) {
        for (auto const row : rows) tx.outbox_wait(row, now);
    });
}

// The surface's link; asked for and kept when it is not known. Empty when Slack does not tell: links are a convenience.
asio::awaitable<std::string> Courier::permalink(Surface surface) {
    if (!surface.permalink.empty()) co_return surface.permalink;
    auto const answer = co_await call(slack::chat_get_permalink(surface.channel, surface.ts));
    if (!answer) {
        log::debug("permalink_unknown", {{"key", surface.key}, {"error", answer.error().message}});
        co_return std::string{};
    }
    auto const* link = answer->if_contains("permalink");
    if (!link || !link->is_string()) co_return std::string{};
    auto const text = std::string(link->get_string());
    co_await save([surface, text](Tx& tx) {
        auto newest = tx.surface(surface.key);
        if (!newest || newest->ts != surface.ts) return;
        newest->permalink = text;
        tx.save_surface(*newest);
    });
    co_return text;
}

// A card whose channel refuses it goes to the first lead (else manager, else admin) who can be reached.
asio::awaitable<std::optional<slack::Posted>> Courier::card_to_people(Delivery const& item, slack::Post post) {
    constexpr std::size_t people_max = 5;
    auto people = directory_.leads();
    if (people.empty()) people = directory_.managers();
    if (people.empty()) people = directory_.admins();
    people.resize(std::min(people.size(), people_max));
    auto const channel = post.channel;
    for (auto const& person : people) {
        if (person.value == channel.value) continue;
        post.channel = ChannelId{person.value};
        auto const answer = co_await call(slack::chat_post_message(post));
        if (!answer) {
            log::debug("card_not_by_dm", {{"key", item.row.item.key}, {"error", answer.error().message}});
            continue;
        }
        if (auto const posted = slack::read_posted(*answer)) co_return *posted;
    }
    co_return std::nullopt;
}

// --- doubt ------------------------------------------------------------------------------------------------------------

asio::awaitable<Result<std::optional<slack::Posted>>> Courier::find(Delivery const& item, slack::Post const& post) {
    auto const key = item.row.item.key;
    auto const oldest = slack_ts(*item.row.sending_since - look_back);
    auto found = co_await find_in(post.channel, post.thread_ts, oldest, key);
    if (found || found.error().code != Errc::not_found || !post.thread_ts.empty()) co_return found;
    // A person's id is no channel for reading: ask for the DM's.
    auto const opened = co_await call(slack::conversations_open(PersonId{post.channel.value}));
    if (!opened) co_return opened.error();
    auto const* channel = opened->if_contains("channel");
    auto const* id = channel && channel->is_object() ? channel->get_object().if_contains("id") : nullptr;
    if (!id || !id->is_string()) co_return fail(Errc::invalid, "conversations.open: channel.id: missing");
    co_return co_await find_in(ChannelId{std::string(id->get_string())}, {}, oldest, key);
}

asio::awaitable<Result<std::optional<slack::Posted>>> Courier::find_in(ChannelId channel, MessageTs thread, std::string oldest,
                                                                       std::string key) {
    std::string cursor;
    for (int page = 0; page < look_pages_max; ++page) {
        auto const answer = co_await call(thread.empty() ? slack::conversations_history(channel, oldest, cursor)
                                                         : slack::conversations_replies(channel, thread, oldest, cursor));
        if (!answer) co_return answer.error();
        for (auto const& message : slack::read_messages(*answer))
            if (message.metadata_key == key && message.metadata_installation == installation_)
                co_return slack::Posted{.channel = channel, .ts = message.ts, .thread_ts = message.thread_ts};
        cursor = slack::next_cursor(*answer);
        if (cursor.empty()) break;
    }
    co_return std::nullopt;
}

// --- outcomes ---------------------------------------------------------------------------------------------------------

asio::awaitable<DeliveryEnd> Courier::failed(Delivery item, Error error, Lost lost) {
    auto const id = item.row.id;
    bool const patient = one_of(error.cause, token);
    bool give_up = false;
    Duration delay = backoff(item.row.attempts);
    switch (error.code) {
        case Errc::rate_limited:
            delay = std::max<Duration>(error.retry_after, backoff_first);
            break;
        case Errc::unavailable:
        case Errc::timed_out:
            break;
        case Errc::internal:
            give_up = item.row.attempts >= unreadable_attempts_max;
            break;
        case Errc::invalid:
        case Errc::not_found:
        case Errc::conflict:
        case Errc::forbidden:
            give_up = !patient;
            break;
    }
    if (patient) delay = backoff_max;
    if (give_up) {
        auto const kind = item.row.item.kind;
        log::warning("feature_degraded", {{"feature", feature(kind)},
                                          {"needs", remedy(error.cause)},
                                          {"key", item.row.item.key},
                                          {"cause", error.cause},
                                          {"error", error.message}});
        co_await save([id, why = error.message](Tx& tx) { tx.outbox_dead(id, why); });
        co_return DeliveryEnd::dead;
    }
    log::debug("outbox_retry", {{"key", item.row.item.key}, {"error", error.message}, {"attempts", item.row.attempts}});
    co_await save([id, at = clock_.now() + delay, why = error.message, lost, since = item.row.sending_since](Tx& tx) {
        tx.outbox_retry(id, at, why);
        if (lost == Lost::possible && since) tx.outbox_sending(id, *since);
    });
    co_return DeliveryEnd::retry;
}

asio::awaitable<DeliveryEnd> Courier::wait_for_card(Delivery item) {
    auto const id = item.row.id;
    auto const age = clock_.now() - item.escalation->created_at;
    if (age > card_patience && clock_.now() - item.escalation->updated_at > card_patience) {
        log::warning("feature_degraded", {{"feature", feature(item.row.item.kind)},
                                          {"needs", "the card, which could not be posted"},
                                          {"key", item.row.item.key}});
        co_await save([id](Tx& tx) { tx.outbox_dead(id, "the card was never posted"); });
        co_return DeliveryEnd::dead;
    }
    auto const [first, last] = waiting_.equal_range(item.row.item.escalation);
    if (std::none_of(first, last, [id](auto const& entry) { return entry.second == id; }))
        waiting_.emplace(item.row.item.escalation, id);
    auto const at = clock_.now() + (age > card_wait_later ? card_wait_later : card_wait);
    co_await save([id, at](Tx& tx) { tx.outbox_wait(id, at); });
    co_return DeliveryEnd::waiting;
}

// A body of ours that cannot be read: a fault of the program, kept for an admin.
asio::awaitable<DeliveryEnd> Courier::unreadable(Delivery item, Error error) {
    log::error("outbox_unreadable", {{"key", item.row.item.key}, {"error", error.message}});
    co_await save([id = item.row.id, why = error.message](Tx& tx) { tx.outbox_dead(id, why); });
    co_return DeliveryEnd::dead;
}

asio::awaitable<DeliveryEnd> Courier::finish(Delivery item, DeliveryEnd end) {
    co_await save([id = item.row.id, generation = item.row.generation](Tx& tx) { tx.outbox_done(id, generation); });
    co_return end;
}

asio::awaitable<void> Courier::save(StoreWork work) {
    auto const result = co_await write(store_, {}, clock_.now(), std::move(work));
    switch (result.status) {
        case WriteStatus::committed:
        case WriteStatus::duplicate:
            co_return;
        case WriteStatus::failed:
            std::rethrow_exception(result.error);
        case WriteStatus::overloaded:
            throw std::runtime_error("the store's queue is full");
        case WriteStatus::stopped:
            throw std::runtime_error("the store is shutting down");
    }
}

asio::awaitable<Courier::Answer> Courier::call(slack::Call call) {
    Calling const counted(*this);
    co_return co_await web_.call(std::move(call), WebClient::Patience::steady);
}

asio::awaitable<Result<void>> Courier::respond(std::string url, std::string json) {
    Calling const counted(*this);
    co_return co_await web_.respond(std::move(url), std::move(json));
}

Duration Courier::backoff(int attempts) {
    auto const doubled = backoff_first * (std::int64_t{1} << std::clamp(attempts, 0, 9));
    auto const spread = std::uniform_real_distribution<double>{0.75, 1.25}(random_);
    return std::chrono::duration_cast<Duration>(std::min<Duration>(doubled, backoff_max) * spread);
}

}  // namespace esc::run
