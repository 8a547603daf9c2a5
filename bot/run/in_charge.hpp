// Looks every hour whether owners and acting owners are still there: what Slack told while the service was down, or never, must
// not leave an escalation with somebody who is gone.
#pragma once

#include "bot/base/config.hpp"
#include "bot/base/time.hpp"
#include "handlers/people.hpp"
#include "store/store.hpp"

#include <boost/asio/awaitable.hpp>

#include <memory>

namespace esc::run {

// Once. Readers find what is to be done; the writer only sees that. A store that takes nothing now is asked again next time.
boost::asio::awaitable<void> look_after_those_in_charge(Store& store, Clock& clock, People const& people,
                                                        std::shared_ptr<Config const> config);

}  // namespace esc::run
