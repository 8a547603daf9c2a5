// Everything the fake is made of, in one place, and how it looks as Slack's JSON: messages, people, channels, views, events.
#pragma once

#include "tests/fake_slack/app_manifest.hpp"
#include "tests/fake_slack/rate_limits.hpp"
#include "tests/fake_slack/records.hpp"
#include "tests/fake_slack/socket_hub.hpp"
#include "tests/fake_slack/workspace.hpp"

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace esc::fake {

struct Site {
    Site(Clock& the_clock, AppManifest manifest);

    Clock& clock;
    AppManifest app;
    Workspace workspace{};
    Records records;
    RateLimits limits{};
    SocketHub hub;
    std::string base_url{};                        // "http://127.0.0.1:4711"
    std::map<std::string, std::size_t> cursors{};  // opaque cursor → where to go on

    // --- as Slack shows it ---
    [[nodiscard]] json::object message_json(Channel const& channel, Message const& message, bool all_metadata) const;
    [[nodiscard]] json::object person_json(Person const& person) const;
    [[nodiscard]] json::object channel_json(Channel const& channel, std::string const& seen_by) const;
    [[nodiscard]] json::object view_json(View const& view) const;

    // --- events, sent when subscribed, when the scope is there, and when the bot is in the channel ---
    void message_posted(Channel const& channel, Message const& message);
    void message_changed(Channel const& channel, Message const& before, Message const& after);
    void message_deleted(Channel const& channel, Message const& before, std::string const& deleted_ts);
    void reaction_changed(Channel const& channel, Message const& message, std::string const& user, std::string const& name,
                          bool added);
    void channel_event(Channel const& channel, std::string const& type, std::string const& user);
    void sharing_changed(Channel const& channel);
    void channel_id_changed(Channel const& channel, std::string const& before);
    void home_opened(Person const& person, std::string const& tab);
    void person_changed(Person const& person);
    void group_changed(UserGroup const& group, std::vector<std::string> const& users_before);

    // --- interactions ---
    // type, user, team, api_app_id, token, trigger_id and what every interaction carries.
    [[nodiscard]] json::object interaction(std::string_view type, Person const& person, bool from_view);
    [[nodiscard]] std::string response_url(ResponseUrl target) {
        return base_url + workspace.make_response_url(std::move(target));
    }

private:
    void send(std::string const& subscription, Channel const* channel, json::object event);
};

constexpr std::string_view verification_token = "fk3VerificationTokenOld1";

}  // namespace esc::fake
