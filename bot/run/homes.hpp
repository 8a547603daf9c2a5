// The Home tabs that people look at: shows what a handler answers, and shows it anew while somebody looks, when a commit has
// changed something and as time passes. Spends its own part of the calls that Slack grants; the newest content always wins.
#pragma once

#include "bot/base/config.hpp"
#include "bot/base/ids.hpp"
#include "bot/base/metrics.hpp"
#include "bot/base/time.hpp"
#include "bot/run/directory.hpp"
#include "bot/run/web_client.hpp"
#include "bot/slack/blocks.hpp"
#include "handlers/router.hpp"
#include "store/store.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <memory>

namespace esc::run {

class Homes {
public:
    Homes(boost::asio::any_io_executor executor, Clock& clock, handlers::Router const& router, Store& store, Directory& directory,
          WebClient& web, Metrics& metrics, std::shared_ptr<Config const> config);
    ~Homes();
    Homes(Homes const&) = delete;
    Homes& operator=(Homes const&) = delete;

    void start();
    // The person looks at it now. It is sent at once unless they see just that already, and kept up to date from now on.
    void show(PersonId const& person, WorkspaceId const& workspace, slack::blocks::Home home);
    // Something of ours is kept there.
    [[nodiscard]] bool shows(PersonId const& person) const;
    // A commit: of owner, state or severity, which is shown within seconds while the budget lasts, or of something else.
    enum class Change : std::uint8_t { other, ownership };
    void changed(Change change);
    [[nodiscard]] bool quiet() const;
    boost::asio::awaitable<void> stop();

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace esc::run
