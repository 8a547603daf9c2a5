// The state of one Slack workspace, without any I/O: people, channels, messages, views, triggers, tickets and response URLs.
// Web API and user side both work on it; time is an argument.
#pragma once

#include "bot/base/time.hpp"
#include "tests/fake_slack/json.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace esc::fake {

struct Reaction {
    std::string name{};
    std::vector<std::string> users{};
};

struct Message {
    std::string ts{};
    std::string thread_ts{};  // the parent's ts in a reply, else empty
    std::string user{};
    std::string subtype{};
    std::string text{};  // as Slack stores it: & < > escaped in what people type
    json::array blocks{};
    json::array attachments{};
    std::optional<json::object> metadata{};
    std::vector<Reaction> reactions{};
    std::string edited_ts{};
    std::vector<json::array> earlier_blocks{};  // what a client that did not refresh may still show
    bool by_bot = false;
    bool broadcast = false;
};

struct View {
    std::string id{};
    std::string root_id{};
    std::string previous_id{};
    std::string hash{};
    json::object definition{};  // as the app sent it, with ids filled in
    json::object typed{};       // what the person entered so far: "block_id/action_id" → state value
};

struct Person {
    std::string id{};
    std::string handle{};  // without @
    std::string real_name{};
    std::string team_id{};
    std::string timezone = "Europe/Berlin";
    bool is_admin = false;
    bool is_owner = false;
    bool is_bot = false;
    bool is_deleted = false;
    bool is_single_channel_guest = false;
    bool is_guest = false;
    std::vector<View> modals{};  // the top one is last
    std::optional<View> home{};
};

struct Channel {
    std::string id{};
    std::string name{};     // without #; empty for a DM
    std::string im_user{};  // the person of a DM with the bot
    bool is_private = false;
    bool is_ext_shared = false;
    bool is_archived = false;
    std::set<std::string> members{};
    std::map<std::string, Message> messages{};                 // by ts
    std::map<std::string, std::vector<Message>> ephemerals{};  // by person
    std::int64_t last_ts_us = 0;

    [[nodiscard]] bool is_im() const { return !im_user.empty(); }
    [[nodiscard]] bool has(std::string const& user) const { return members.contains(user); }
};

struct UserGroup {
    std::string id{};
    std::string handle{};
    std::vector<std::string> users{};
};

struct Trigger {
    std::string user{};
    Instant made{};
    bool used = false;
    bool from_view = false;
};

struct ResponseUrl {
    std::string channel{};
    std::string user{};
    std::string message_ts{};  // empty for a command
    bool of_ephemeral = false;
    Instant made{};
    int uses = 0;
};

class Workspace {
public:
    Workspace();

    // --- identity ---
    static constexpr std::string_view team_id = "T04FAKE7Q2";
    static constexpr std::string_view team_name = "Demo workspace";
    static constexpr std::string_view team_domain = "demo";
    static constexpr std::string_view team_url = "https://demo.slack.example/";
    static constexpr std::string_view other_team_id = "T09CUST3L8";
    static constexpr std::string_view app_id = "A06ESCL8B1";
    static constexpr std::string_view bot_user = "U06BOTQ4ZX";
    static constexpr std::string_view bot_id = "B06BOT9RW3";
    std::string bot_token{};
    std::string app_token{};
    std::set<std::string> scopes{};

    std::map<std::string, Person> people{};     // by id
    std::map<std::string, Channel> channels{};  // by id
    std::map<std::string, UserGroup> groups{};  // by id

    // --- look-up: "U…", "@handle", "handle"; "C…", "#name", "name" ---
    [[nodiscard]] Person* person(std::string_view id_or_handle);
    [[nodiscard]] Channel* channel(std::string_view id_or_name);
    [[nodiscard]] Person* person_by_id(std::string_view id);
    [[nodiscard]] Channel* channel_by_id(std::string_view id);
    [[nodiscard]] Channel& dm_with(Person const& person);
    std::string give_another_id(Channel& channel);  // the one it had
    [[nodiscard]] View* view_by_id(std::string_view id, Person** owner = nullptr);
    [[nodiscard]] View* view_by_external_id(std::string_view external_id, Person** owner = nullptr);

    // --- messages ---
    // A ts no other message of this channel has, later than all of them. Other channels may have the same one, as in Slack.
    [[nodiscard]] std::string next_ts(Channel& channel, Instant now);
    Message& post(Channel& channel, Message message, Instant now);
    // Replies of a parent in order.
    [[nodiscard]] std::vector<Message const*> replies(Channel const& channel, std::string const& parent_ts) const;
    // A parent with replies leaves a tombstone.
    void remove(Channel& channel, std::string const& ts);
    [[nodiscard]] std::string permalink(Channel const& channel, Message const& message) const;
    // What people type, as Slack stores it: entities escaped, @handles, #channels and links made references.
    [[nodiscard]] std::string stored_text(std::string_view typed) const;
    // The text of a command whose should_escape is set: only @handles and #channels become references, with names.
    [[nodiscard]] std::string escaped_command_text(std::string_view typed) const;

    // --- views ---
    [[nodiscard]] View make_view(json::object definition);
    void touch(View& view, json::object definition);

    // --- things used once ---
    static constexpr Duration trigger_life = std::chrono::seconds{3};
    static constexpr Duration response_url_life = std::chrono::minutes{30};
    static constexpr int response_url_uses = 5;
    [[nodiscard]] std::string make_trigger(std::string const& user, Instant now, bool from_view);
    // The person, or Slack's error code in `error`.
    [[nodiscard]] std::optional<Trigger> use_trigger(std::string const& id, Instant now, std::string& error);
    [[nodiscard]] std::string make_ticket();
    [[nodiscard]] bool use_ticket(std::string const& ticket);
    [[nodiscard]] std::string make_response_url(ResponseUrl target);  // its path
    // The target, or Slack's error code in `error`.
    [[nodiscard]] std::optional<ResponseUrl> use_response_url(std::string const& path, Instant now, std::string& error);

    // Upper-case letters and digits, `length` of them; the same sequence in every run.
    [[nodiscard]] std::string random_id(std::string_view prefix, std::size_t length);

private:
    enum class Escaping : std::uint8_t { message, command };
    [[nodiscard]] std::string with_references(std::string const& text, Escaping escaping) const;
    void seed();
    std::mt19937_64 random_{20261123};
    std::map<std::string, Trigger> triggers_{};
    std::set<std::string> tickets_{};
    std::map<std::string, ResponseUrl> response_urls_{};
};

// block_id, action_id and emoji as Slack fills them in.
void fill_in_ids(Workspace& workspace, json::array& blocks);

}  // namespace esc::fake
