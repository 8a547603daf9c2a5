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
#include <memory>

namespace esc::run {

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

    void identity(slack::Identity identity);
    [[nodiscard]] slack::Identity const& identity() const;
    // users.list page by page and the configured groups; a missing scope is one log line and a smaller directory. Repeated daily.
    boost::asio::awaitable<void> load();
    // Cached, else users.info within `limit`; when Slack does not answer: internal if `workspace` is ours, else an outsider.
    boost::asio::awaitable<Person> person(PersonId id, WorkspaceId workspace, std::chrono::steady_clock::duration limit);
    // Cached for a while, else conversations.info.
    boost::asio::awaitable<Result<slack::Channel>> channel(ChannelId id);
    // user_change tells how the person is from now on; names, roles and who is alerted follow at once.
    void person_changed(slack::User const& user);
    void forget_person(PersonId const& id);  // changed, and not told how
    void forget_channel(ChannelId const& id);
    boost::asio::awaitable<void> reload_group(GroupId group);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace esc::run
