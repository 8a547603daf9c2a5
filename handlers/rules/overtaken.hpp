// What was said with buttons and has been overtaken: warnings of clocks that have stopped, questions that are settled. Each is
// asked for anew under its own key, so that the message people have shows how it is and offers nothing more.
#pragma once

#include "bot/base/time.hpp"
#include "store/model.hpp"

#include <string_view>
#include <vector>

namespace esc::rules {

// The occasion of the notice that tells who raised it by direct message, with Undo.
inline constexpr std::string_view raised_occasion = "raised";

// Whether a decision can have overtaken anything: most have not, and need no look at what was sent.
[[nodiscard]] bool may_overtake(Decision const& decision);
// `sent`: the messages of this escalation that people have.
[[nodiscard]] std::vector<OutboxItem> overtaken(Escalation const& before, Decision const& decision,
                                                std::vector<Surface> const& sent, Instant now);

}  // namespace esc::rules
