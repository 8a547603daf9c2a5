// A post whose answer never came may be out there: this looks for it by its metadata before it is posted again.
#pragma once

#include "bot/base/time.hpp"
#include "bot/run/patient_calls.hpp"
#include "bot/slack/web_api.hpp"

#include <boost/asio/awaitable.hpp>

#include <optional>

namespace esc::run {

// The message of this post (which carries metadata), if there is one since `since`. An error: it could not be found out.
boost::asio::awaitable<Result<std::optional<slack::Posted>>> find_posted(PatientCalls& calls, slack::Post post, Instant since);

}  // namespace esc::run
