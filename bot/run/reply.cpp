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
    Kind operator()(auto const&) const { return Kind::event; }
};

struct AddressOf {
    Address operator()(slack::SlashCommand const& in) const {
        return {.kind = Address::Kind::command,
                .user = in.user,
                .workspace = in.workspace,
                .presumed = in.workspace,
                .channel = in.channel,
                .response_url = in.response_url,
                .trigger_id = in.trigger_id};
    }
    Address operator()(slack::BlockAction const& in) const {
        return {.kind = Address::Kind::action,
                .user = in.user,
                .workspace = in.workspace,
                .presumed = in.user_workspace,
                .channel = in.message.channel,
                .response_url = in.response_url,
                .trigger_id = in.trigger_id};
    }
    Address operator()(slack::ViewSubmission const& in) const {
        return {.kind = Address::Kind::view,
                .user = in.user,
                .workspace = in.workspace,
                .presumed = in.user_workspace,
                .channel = channel_in(in.private_metadata),
                .response_url = {},
                .trigger_id = {}};
    }
    Address operator()(slack::Shortcut const& in) const {
        return {.kind = Address::Kind::shortcut,
                .user = in.user,
                .workspace = in.workspace,
                .presumed = in.workspace,
                .channel = in.message.channel,
                .response_url = in.response_url,
                .trigger_id = in.trigger_id};
    }
    Address operator()(slack::ReactionAdded const& in) const {
        // In a channel shared with others, somebody unknown may be one of them.
        return {.kind = Address::Kind::event,
                .user = in.user,
                .workspace = in.head.workspace,
                .presumed = in.head.shared_channel ? WorkspaceId{} : in.head.workspace,
                .channel = in.item.channel,
                .response_url = {},
                .trigger_id = {}};
    }
    Address operator()(auto const&) const { return {}; }
};

}  // namespace

Address::Kind kind_of(slack::Payload const& payload) { return std::visit(KindOf{}, payload); }
Address address_of(slack::Payload const& payload) { return std::visit(AddressOf{}, payload); }

blocks::Message plain_message(std::string_view sentence) {
    blocks::Message message{.text = std::string(sentence)};
    message += blocks::section(blocks::mrkdwn("{}", sentence));
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

blocks::Modal word_modal(std::string_view title, std::string_view sentence) {
    blocks::Modal modal{.callback_id = "esc.word", .title = std::string(title), .submit = {}, .close = "Close"};
    modal += blocks::section(blocks::mrkdwn("{}", sentence));
    return modal;
}

std::string view_answer(handlers::Outcome const& outcome, slack::ViewSubmission const& submission) {
    if (!outcome.reply.view_errors.empty()) {
        // Slack refuses an error for a block the form does not have; then the sentences replace the form.
        bool fits = true;
        for (auto const& [block, sentence] : outcome.reply.view_errors) fits = fits && submission.state.values.contains(block);
        if (fits) return slack::view_errors_json(outcome.reply.view_errors);
        return slack::view_update_json(word_modal("Not done", errors_as_message(outcome.reply.view_errors).text));
    }
    if (outcome.open_modal) return slack::view_update_json(*outcome.open_modal);
    if (outcome.refused && outcome.reply.message) {
        auto modal = word_modal("Not done", outcome.reply.message->text);
        if (!outcome.reply.message->blocks.empty()) {
            modal.blocks.clear();
            for (auto const& block : outcome.reply.message->blocks) modal.blocks.push_back(block.json);
        }
        return slack::view_update_json(modal);
    }
    return {};
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
        auto const shown = co_await web.call(slack::chat_post_ephemeral(address.channel, address.user, {}, message),
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

asio::awaitable<void> open_modal(WebClient& web, Address address, blocks::Modal modal, std::optional<blocks::Message> message) {
    auto const opened =
        co_await web.call(slack::views_open(address.trigger_id, modal), WebClient::Patience::interactive, views_open_limit);
    if (!opened && opened.error().code != Errc::timed_out) {
        bool const refused = opened.error().code == Errc::forbidden;
        if (refused)
            say_degraded("forms", opened.error(), address.user.value);
        else
            log::warning("form_not_opened", {{"cause", opened.error().cause}, {"error", opened.error().message}});
        message =
            plain_message(refused ? "Slack does not let me open a form here. /escalate help shows what works without one."
                                  : "The form could not be opened in the few seconds that Slack allows. Please press again.");
    }
    if (message) co_await tell_person(web, std::move(address), std::move(*message));
}

}  // namespace esc::run
