// Addresses of payloads and the ways of an answer. docs.slack.dev/interactivity/handling-user-interaction
#include "bot/run/reply.hpp"

#include "bot/base/log.hpp"
#include "bot/run/degraded.hpp"

#include <boost/json/parse.hpp>

#include <chrono>

namespace esc::run {

namespace asio = boost::asio;
namespace blocks = slack::blocks;
using namespace std::chrono_literals;

namespace {

constexpr auto views_open_limit = std::chrono::seconds{3};
constexpr auto tell_limit = std::chrono::seconds{10};

// The channel a form was opened from, which its maker left in private_metadata.
ChannelId channel_in(std::string_view private_metadata) {
    boost::system::error_code error;
    auto const value = boost::json::parse(private_metadata, error);
    if (error || !value.is_object()) return {};
    auto const* channel = value.get_object().if_contains("channel");
    if (!channel || !channel->is_string()) return {};
    return {std::string(channel->get_string())};
}

struct KindOf {
    using Kind = Address::Kind;
    Kind operator()(slack::SlashCommand const&) const { return Kind::command; }
    Kind operator()(slack::BlockAction const&) const { return Kind::action; }
    Kind operator()(slack::ViewSubmission const&) const { return Kind::view; }
    Kind operator()(slack::Shortcut const&) const { return Kind::shortcut; }
    Kind operator()(slack::AppMention const&) const { return Kind::mention; }
    Kind operator()(auto const&) const { return Kind::event; }
};

Address::Place place_of(slack::BlockAction const& in) {
    if (in.view_id.empty()) return Address::Place::message;
    return in.view_type == "home" ? Address::Place::home : Address::Place::modal;
}

// In a channel shared with others, somebody of whom nothing is told may be one of them.
Origin origin_of(slack::EventHead const& head, WorkspaceId const& told = {}) {
    auto const workspace = told.empty() && !head.shared_channel ? head.workspace : told;
    return {.workspace = workspace, .shared = head.shared_channel, .channel = {}};
}

// People from outside cannot type our commands nor use our shortcuts, but press what they see. A press does not tell whether
// its channel is shared; a direct message is none.
Origin origin_of(slack::BlockAction const& in) {
    auto const& channel = in.message.channel;
    bool const direct = channel.value.starts_with('D');
    return {.workspace = in.user_workspace, .channel = direct ? ChannelId{} : channel};
}

struct AddressOf {
    Address operator()(slack::SlashCommand const& in) const {
        return {.kind = Address::Kind::command,
                .user = in.user,
                .workspace = in.workspace,
                .origin = {.workspace = in.workspace},
                .channel = in.channel,
                .response_url = in.response_url,
                .trigger_id = in.trigger_id};
    }
    Address operator()(slack::BlockAction const& in) const {
        return {.kind = Address::Kind::action,
                .place = place_of(in),
                .user = in.user,
                .workspace = in.workspace,
                .origin = origin_of(in),
                .channel = in.message.channel,
                .response_url = in.response_url,
                .trigger_id = in.trigger_id,
                .view_id = in.view_id};
    }
    Address operator()(slack::ViewSubmission const& in) const {
        return {.kind = Address::Kind::view,
                .user = in.user,
                .workspace = in.workspace,
                .origin = {.workspace = in.user_workspace},
                .channel = channel_in(in.private_metadata),
                .view_id = in.view_id};
    }
    Address operator()(slack::Shortcut const& in) const {
        return {.kind = Address::Kind::shortcut,
                .user = in.user,
                .workspace = in.workspace,
                .origin = {.workspace = in.workspace},
                .channel = in.message.channel,
                .response_url = in.response_url,
                .trigger_id = in.trigger_id};
    }
    Address operator()(slack::AppMention const& in) const {
        auto address = event(in.head, in.user, in.message, in.user_workspace);
        address.kind = Address::Kind::mention;
        address.thread_ts = in.message.thread_ts;
        return address;
    }
    Address operator()(slack::ReactionAdded const& in) const { return event(in.head, in.user, in.item); }
    Address operator()(slack::ReactionRemoved const& in) const { return event(in.head, in.user, in.item); }
    Address operator()(slack::MessagePosted const& in) const { return event(in.head, in.user, in.message, in.user_workspace); }
    Address operator()(slack::MessageChanged const& in) const { return event(in.head, in.user, in.message); }
    Address operator()(slack::MessageDeleted const& in) const { return event(in.head, {}, in.message); }
    Address operator()(slack::AppHomeOpened const& in) const { return event(in.head, in.user, {}); }
    Address operator()(auto const&) const { return {}; }

    static Address event(slack::EventHead const& head, PersonId const& user, MessageRef const& message,
                         WorkspaceId const& user_workspace = {}) {
        return {.kind = Address::Kind::event,
                .user = user,
                .workspace = head.workspace,
                .origin = origin_of(head, user_workspace),
                .channel = message.channel};
    }
};

}  // namespace

Address::Kind kind_of(slack::Payload const& payload) { return std::visit(KindOf{}, payload); }
Address address_of(slack::Payload const& payload) { return std::visit(AddressOf{}, payload); }

blocks::Message plain_message(std::string_view sentence) {
    blocks::Message message{.text = blocks::escape(sentence)};
    message += blocks::section(blocks::mrkdwn_text(message.text));
    return message;
}

blocks::Message errors_as_message(std::vector<std::pair<std::string, std::string>> const& errors) {
    std::string all;
    for (auto const& [block, sentence] : errors) {
        if (!all.empty()) all += ' ';
        all += sentence;
    }
    return plain_message(all);
}

blocks::Modal word_modal(std::string_view title, std::string_view sentence) { return word_modal(title, plain_message(sentence)); }

blocks::Modal word_modal(std::string_view title, blocks::Message const& message) {
    blocks::Modal modal{.callback_id = "esc.word", .title = std::string(title), .submit = {}, .close = "Close"};
    for (auto const& block : message.blocks) modal += block;
    if (modal.blocks.empty()) modal += blocks::section(blocks::mrkdwn_text(message.text));
    return modal;
}

blocks::Modal as_modal(blocks::Message const& message, bool refused) {
    return word_modal(refused ? not_done_title : std::string_view{"Escalations"}, message);
}

ViewAnswer view_answer(handlers::Outcome const& outcome, slack::ViewSubmission const& submission) {
    auto const& errors = outcome.reply.view_errors;
    if (!errors.empty()) {
        // Slack refuses an error for a block the form does not have; then the sentences replace the form.
        bool fits = true;
        for (auto const& [block, sentence] : errors) fits = fits && submission.state.values.contains(block);
        if (fits) return {slack::view_errors_json(errors), !outcome.reply.message};
        return {slack::view_update_json(as_modal(errors_as_message(errors), true)), true};
    }
    if (outcome.open_modal) return {slack::view_update_json(*outcome.open_modal), false};
    if (outcome.replace_modal) return {slack::view_update_json(*outcome.replace_modal), false};
    if (outcome.refused && outcome.reply.message) return {slack::view_update_json(as_modal(*outcome.reply.message, true)), true};
    return {slack::view_clear_json(), false};
}

asio::awaitable<void> tell_person(WebClient& web, Address address, blocks::Message message) {
    Error last{};
    if (!address.response_url.empty()) {
        auto const answered = co_await web.respond(address.response_url, slack::ephemeral_json(message), tell_limit);
        if (answered) co_return;
        last = answered.error();
        if (last.code == Errc::timed_out) co_return;  // it may have arrived; twice is worse than the small risk
    }
    if (!address.channel.empty()) {
        auto const shown =
            co_await web.call(slack::chat_post_ephemeral(address.channel, address.user, address.thread_ts, message),
                              WebClient::Patience::interactive, tell_limit);
        if (shown) co_return;
        last = shown.error();
        if (last.code == Errc::timed_out) co_return;
    }
    slack::Post const post{.channel = {address.user.value}, .thread_ts = {}, .message = std::move(message), .metadata = {}};
    auto const posted = co_await web.call(slack::chat_post_message(post), WebClient::Patience::interactive, tell_limit);
    if (posted) co_return;
    if (posted.error().code == Errc::forbidden) say_degraded("answers to people", posted.error(), address.user.value);
    log::write(posted.error().code == Errc::forbidden ? log::Level::debug : log::Level::warning, "reply_lost",
               {{"user", address.user.value}, {"error", posted.error().message}, {"before", last.message}});
}

namespace {

// Why a view does not show, in the log and as the person is told.
blocks::Message not_opened(Error const& error, PersonId const& user) {
    if (error.code == Errc::forbidden) {
        say_degraded("forms", error, user.value);
        return plain_message(
            "Slack does not let me open a form here. Type help behind the command: it shows what works without one.");
    }
    log::warning("form_not_opened", {{"cause", error.cause}, {"error", error.message}});
    return plain_message("The form could not be opened in the few seconds that Slack allows. Please press again.");
}

}  // namespace

asio::awaitable<void> open_modal(WebClient& web, Address address, blocks::Modal modal, std::optional<blocks::Message> message) {
    auto const opened =
        co_await web.call(slack::views_open(address.trigger_id, modal), WebClient::Patience::interactive, views_open_limit);
    if (!opened && opened.error().code != Errc::timed_out) message = not_opened(opened.error(), address.user);
    if (message) co_await tell_person(web, std::move(address), std::move(*message));
}

asio::awaitable<void> push_modal(WebClient& web, Address address, blocks::Modal modal) {
    auto const pushed =
        co_await web.call(slack::views_push(address.trigger_id, modal), WebClient::Patience::interactive, views_open_limit);
    if (pushed || pushed.error().code == Errc::timed_out) co_return;
    if (pushed.error().cause == "push_limit_reached") {
        co_await update_modal(web, std::move(address), std::move(modal), {});
        co_return;
    }
    auto const message = not_opened(pushed.error(), address.user);
    co_await update_modal(web, std::move(address), as_modal(message, true), message);
}

asio::awaitable<void> update_modal(WebClient& web, Address address, blocks::Modal modal, std::optional<blocks::Message> message) {
    auto const updated =
        co_await web.call(slack::views_update(address.view_id, modal), WebClient::Patience::interactive, tell_limit);
    if (updated || updated.error().code == Errc::timed_out) co_return;
    // Closed meanwhile, most likely: that is no fault.
    log::debug("modal_not_updated", {{"cause", updated.error().cause}, {"error", updated.error().message}});
    if (message) co_await tell_person(web, std::move(address), std::move(*message));
}

}  // namespace esc::run
