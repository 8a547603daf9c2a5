// What the app answers outside the Web API: acknowledgements of commands and posts to response URLs.
#include "tests/fake_slack/block_kit.hpp"
#include "tests/fake_slack/user_side.hpp"

#include <boost/json/serialize.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace esc::fake {

namespace {

constexpr std::array<std::string_view, 14> response_keys{
    "text",  "blocks",     "attachments",  "response_type", "replace_original", "delete_original", "thread_ts",
    "parse", "link_names", "unfurl_links", "unfurl_media",  "metadata",         "mrkdwn",          "channel"};

void erase_message(std::vector<Message>& list, std::string const& ts) {
    std::erase_if(list, [&](Message const& message) { return message.ts == ts; });
}

}  // namespace

json::object UserSide::take_response(ResponseUrl const& target, json::object const& response) {
    for (auto const& member : response)
        if (std::find(response_keys.begin(), response_keys.end(), std::string_view(member.key())) == response_keys.end())
            return refusal(fmt::format("invalid_payload: unknown field {}", std::string_view(member.key())));
    auto& channel = *site_.workspace.channel_by_id(target.channel);
    auto const original = channel.messages.find(target.message_ts);
    bool const has_original = !target.of_ephemeral && original != channel.messages.end() && original->second.by_bot;
    if (flag_of(response, "delete_original")) {
        if (target.of_ephemeral) {
            erase_message(channel.ephemerals[target.user], target.message_ts);
        } else if (has_original) {
            auto const before = original->second;
            site_.workspace.remove(channel, before.ts);
            site_.message_deleted(channel, before, before.ts);
        }
        return {{"ok", true}};
    }
    auto const blocks = array_of(response, "blocks");
    auto const text = text_of(response, "text");
    if (text.empty() && blocks.empty() && array_of(response, "attachments").empty()) return refusal("no_text");
    if (auto const complaints = check_blocks(blocks, Surface::message); !complaints.empty())
        return with_messages("invalid_blocks", complaints);

    Message message;
    message.user = std::string(Workspace::bot_user);
    message.by_bot = true;
    message.text = text;
    message.blocks = blocks;
    message.attachments = array_of(response, "attachments");
    bool const replaces = flag_of(response, "replace_original");
    if (replaces && has_original) {
        auto const before = original->second;
        auto& changed = original->second;
        changed.earlier_blocks.push_back(changed.blocks);
        changed.text = text;
        changed.blocks = blocks;
        fill_in_ids(site_.workspace, changed.blocks);
        site_.message_changed(channel, before, changed);
        return {{"ok", true}, {"message", site_.message_json(channel, changed, true)}};
    }
    if (replaces && target.of_ephemeral) {
        for (auto& shown : channel.ephemerals[target.user]) {
            if (shown.ts != target.message_ts) continue;
            shown.text = text;
            shown.blocks = blocks;
            fill_in_ids(site_.workspace, shown.blocks);
            return {{"ok", true}, {"message", site_.message_json(channel, shown, true)}};
        }
    }
    if (text_of(response, "response_type") == "in_channel") {
        message.thread_ts = text_of(response, "thread_ts");
        auto const& posted = site_.workspace.post(channel, std::move(message), site_.clock.now());
        site_.message_posted(channel, posted);
        return {{"ok", true}, {"message", site_.message_json(channel, posted, true)}};
    }
    message.ts = site_.workspace.next_ts(channel, site_.clock.now());
    fill_in_ids(site_.workspace, message.blocks);
    auto shown = site_.message_json(channel, message, true);
    channel.ephemerals[target.user].push_back(std::move(message));
    return {{"ok", true}, {"message", std::move(shown)}};
}

std::pair<int, std::string> UserSide::respond(std::string const& path, std::string const& body) {
    std::string error;
    auto const target = site_.workspace.use_response_url(path, site_.clock.now(), error);
    if (!target) {
        site_.records.violation("posted to a response URL: " + error);
        return {404, error};
    }
    auto const parsed = parse_json(body);
    if (!parsed || !parsed->is_object()) {
        site_.records.violation("posted something to a response URL that is not a JSON object");
        return {400, "invalid_payload"};
    }
    auto const& response = parsed->get_object();
    if (text_of(response, "response_type") == "in_channel")
        if (site_.limits.take_post(target->channel, site_.clock.now()) > 0) return {429, "ratelimited"};
    auto const taken = take_response(*target, response);
    if (!taken.contains("error")) return {200, "ok"};
    site_.records.violation("posted to a response URL: " + text_of(taken, "error"));
    return {400, json::serialize(taken)};
}

}  // namespace esc::fake
