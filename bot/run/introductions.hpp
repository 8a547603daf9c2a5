// Who acts, and whom they name, has to be known before a handler looks at it: whom the directory does not know is asked about
// first, in the time that a person has until Slack gives up.
#pragma once

#include "bot/base/counted_while.hpp"
#include "bot/base/metrics.hpp"
#include "bot/net/task_group.hpp"
#include "bot/run/directory.hpp"
#include "bot/run/reply.hpp"
#include "bot/slack/payloads.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

namespace esc::run {

class Introductions : public std::enable_shared_from_this<Introductions> {
public:
    using Met = std::function<void(Result<Person>)>;

    // `tasks` must live as long as a `Met` that has not been called.
    Introductions(net::TaskGroup& tasks, Directory& directory, Metrics& metrics);

    // Calls `met` with who acts: at once where nobody has to be asked about. Whom they name is then found in the directory, as
    // far as Slack told in time. False: too many others are asked about, and `met` is never called.
    [[nodiscard]] bool meet(Address const& address, slack::Payload const& payload, Met met);

private:
    using Deadline = std::chrono::steady_clock::time_point;

    [[nodiscard]] std::vector<PersonId> unmet_in(slack::Payload const& payload) const;
    static boost::asio::awaitable<void> ask_about_all(std::shared_ptr<Introductions> self, PersonId user, Origin origin,
                                                      std::vector<PersonId> unmet, Met met,
                                                      std::unique_ptr<CountedWhile> counted);
    static boost::asio::awaitable<void> ask_about(std::shared_ptr<Introductions> self, PersonId id, Deadline until,
                                                  std::unique_ptr<CountedWhile> counted);

    net::TaskGroup& tasks_;
    Directory& directory_;
    std::size_t lookups_ = 0;
    Counter refused_;
};

}  // namespace esc::run
