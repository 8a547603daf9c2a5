// The fake without sockets: calls, people and a recording wire on a manual clock.
#pragma once

#include "tests/fake_slack/user_side.hpp"
#include "tests/fake_slack/web_api.hpp"

#include <boost/json/serialize.hpp>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace esc::fake {

struct RecordingWire final : Wire {
    void send(std::string text) override { sent.push_back(parse_json(text)->get_object()); }
    void close() override { closed = true; }
    void drop() override { dropped = true; }
    [[nodiscard]] json::object last() const { return sent.empty() ? json::object() : sent.back(); }
    std::vector<json::object> sent{};
    bool closed = false;
    bool dropped = false;
};

struct Fake {
    explicit Fake(AppManifest manifest = {}) : site(clock, std::move(manifest)), web(site), people(site) {
        site.base_url = "http://127.0.0.1:1";
    }

    WebAnswer call_with(std::string const& token, std::string const& method, json::object const& arguments) {
        return web.call({.method = method,
                         .verb = "POST",
                         .content_type = "application/json; charset=utf-8",
                         .authorization = "Bearer " + token,
                         .query = "",
                         .body = json::serialize(arguments)});
    }
    json::object call(std::string const& method, json::object const& arguments) {
        return call_with(site.workspace.bot_token, method, arguments).body;
    }
    // Slack's error code; "ok" when there is none.
    std::string error(std::string const& method, json::object const& arguments) {
        auto const answer = call(method, arguments);
        return flag_of(answer, "ok") ? "ok" : text_of(answer, "error");
    }
    std::string post(std::string const& channel, std::string const& text = "hello") {
        return text_of(call("chat.postMessage", {{"channel", channel}, {"text", text}}), "ts");
    }
    // The answer of a user action, or nothing while it waits for the bot.
    std::shared_ptr<std::optional<json::object>> begin(std::string const& name, json::object const& body) {
        auto answer = std::make_shared<std::optional<json::object>>();
        people.act(name, body, [answer](json::object done) { *answer = std::move(done); });
        return answer;
    }
    void control(std::string const& name, json::object const& body) {
        auto const answer = people.control(name, body);
        if (!flag_of(answer, "ok")) throw std::runtime_error(text_of(answer, "error"));
    }
    json::object act(std::string const& name, json::object const& body) { return begin(name, body)->value(); }

    std::shared_ptr<RecordingWire> connect() {
        auto wire = std::make_shared<RecordingWire>();
        connection = site.hub.attach(wire);
        return wire;
    }
    void ack(json::object const& envelope, std::optional<json::object> payload = std::nullopt) {
        json::object frame{{"envelope_id", envelope.at("envelope_id")}};
        if (payload) frame["payload"] = *payload;
        site.hub.received(connection, json::serialize(frame), false);
    }
    [[nodiscard]] std::size_t violations() const { return site.records.violations().size(); }
    [[nodiscard]] std::string channel(std::string_view name) { return site.workspace.channel(name)->id; }
    [[nodiscard]] std::string person(std::string_view handle) { return site.workspace.person(handle)->id; }

    ManualClock clock{from_us(1'795'000'000'000'000)};
    Site site;
    WebApi web;
    UserSide people;
    int connection = 0;
};

inline json::object plain(std::string const& text) { return {{"type", "plain_text"}, {"text", text}}; }
inline json::object modal(json::array blocks) {
    return {{"type", "modal"},
            {"title", plain("Title")},
            {"submit", plain("Save")},
            {"callback_id", "form"},
            {"blocks", std::move(blocks)}};
}
inline json::object text_input(std::string const& block_id) {
    return {{"type", "input"},
            {"block_id", block_id},
            {"label", plain("Label")},
            {"element", {{"type", "plain_text_input"}, {"action_id", "text"}, {"max_length", 10}}}};
}

}  // namespace esc::fake
