// Escalations to look at, and golden files to compare with, for the tests of views.
#pragma once

#include "bot/base/config.hpp"
#include "bot/slack/blocks.hpp"
#include "handlers/rules/alerts.hpp"
#include "store/model.hpp"
#include "tests/support/golden.hpp"

#include <boost/json/value.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace esc::view_test {

// 2026-11-23 09:00:00 UTC; opened ten minutes before.
[[nodiscard]] Instant now();
// New, SEV2, clocks: owner 15 min, first response 1 h, resolution 8 h.
[[nodiscard]] Escalation fresh();
[[nodiscard]] Escalation working();          // owned by UANA, accepted, first response runs
[[nodiscard]] Escalation assigned();         // owned by UANA, not accepted
[[nodiscard]] Escalation resolved();         // within its time
[[nodiscard]] Escalation waiting(State on);  // owned by UANA; the resolution clock is paused, but for engineering
[[nodiscard]] Escalation mitigated();
[[nodiscard]] Escalation merged();  // into ESC-7, an hour ago
[[nodiscard]] Escalation declined();
// Working, with all that can be set set, and texts as long as they can be (or longer): `text` everywhere where people write.
[[nodiscard]] Escalation fullest(std::string const& text);
[[nodiscard]] std::vector<SourceLink> links(std::size_t count, std::string const& path);
[[nodiscard]] rules::AlertFact fact(Escalation const& escalation, ClockKind kind, int rung);

// Texts that people should not be able to hurt with.
[[nodiscard]] std::vector<std::string> hostile_texts();

using test::as_json;
using test::check_golden;
// Limits, verbatim, and that only the given tokens (by their beginnings) are alive, in blocks and text.
void check_message(slack::blocks::Message const& message, std::vector<std::string> const& allowed_tokens);
void check_form(slack::blocks::Modal const& modal, std::vector<std::string> const& allowed_tokens);

}  // namespace esc::view_test
