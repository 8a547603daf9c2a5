// People, groups and channels of the workspace, cached in memory. Roles come from the configuration and, when it names nobody,
// from Slack (workspace admins are managers, everyone internal an agent).
#pragma once

#include "bot/base/config.hpp"
#include "bot/base/time.hpp"
#include "bot/run/web_client.hpp"
#include "bot/slack/web_api.hpp"
#include "handlers/people.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <memory>

namespace esc::run {

// What a payload tells of who acts. It proves nothing, since guests have our workspace's id and events of people from outside
// can carry it too: looked at only where Slack never tells who anybody is, for want of users:read.
struct Origin {
    WorkspaceId workspace{};  // whose member they are said to be; empty: not told
    bool shared = false;      // people from outside are in that channel
    ChannelId channel{};      // Slack has to be asked whether this one is shared; empty: it has not
};

// What is sent to a person's id goes to them by direct message.
[[nodiscard]] inline bool is_person(ChannelId const& place) {
    return place.value.starts_with('U') || place.value.starts_with('W');
}

class Directory final : public People {
public:
    Directory(WebClient& web, Clock& clock, std::shared_ptr<Config const> config);
    ~Directory() override;

    // People
    [[nodiscard]] std::optional<Person> find(PersonId const& id) const override;
    [[nodiscard]] std::vector<PersonId> leads(std::string_view team) const override;
    [[nodiscard]] std::vector<PersonId> managers(std::string_view team) const override;
    [[nodiscard]] std::vector<Person> eligible_owners(std::string_view team) const override;
    [[nodiscard]] std::vector<PersonId> admins() const override;
    [[nodiscard]] Gone gone() const override;

    void identity(slack::Identity identity);
    [[nodiscard]] slack::Identity const& identity() const;
    // users.list page by page and the configured groups; a missing scope is one log line and a smaller directory. Repeated daily.
    boost::asio::awaitable<void> load();
    // Of those that find() knows, whom Slack itself has told about: who acts is never taken for more.
    [[nodiscard]] std::optional<Person> told(PersonId const& id) const;
    // Cached, else users.info within `limit`; somebody Slack does not have is an outsider. While Slack does not tell, for
    // whatever reason that may pass, the error is a transient one and nobody may be taken for anything. Without users:read, where
    // it never tells: the configuration's word for those it names; everybody else is a requester at most, and an outsider unless
    // `origin` is a channel of ours alone. Without anybody named, whoever is of the workspace is an agent.
    boost::asio::awaitable<Result<Person>> person(PersonId id, Origin origin, std::chrono::steady_clock::duration limit);
    // Cached for a while, else conversations.info.
    boost::asio::awaitable<Result<slack::Channel>> channel(ChannelId id);
    // People from outside read what is sent there: to a channel, or to a person by direct message. While Slack does not tell,
    // an error: nothing of ours may be sent there then.
    boost::asio::awaitable<Result<bool>> outsiders_read(ChannelId place);
    // Somebody from outside is in a channel of our own: a guest, whom Slack counts as of the workspace. Of more members than are
    // looked at, some may be.
    boost::asio::awaitable<Result<bool>> outsider_among(ChannelId channel);
    // Called when somebody else than before may read somewhere.
    void on_readers_changed(std::function<void()> listener);
    // user_change tells how the person is from now on; names, roles and who is alerted follow at once.
    void person_changed(slack::User const& user);
    void forget_person(PersonId const& id);  // changed, and not told how
    // Grows whenever Slack has told that others may read there: what was asked before may be true no longer.
    [[nodiscard]] std::int64_t readers_version(ChannelId const& id) const;
    void forget_channel(ChannelId const& id);  // changed, or the bot has come into it
    void forget_members(ChannelId const& id);  // somebody else has come into it
    boost::asio::awaitable<void> reload_group(GroupId group);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace esc::run
