// The line after the escalate command, taken apart: sev1…sev4, for:<account>, owner:@user and link:<url> may stand anywhere, the
// rest is the title.
#pragma once

#include "bot/base/ids.hpp"
#include "bot/base/result.hpp"
#include "bot/base/vocabulary.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace esc::handlers {

struct OpenText {
    std::optional<Severity> severity{};
    std::string title{};        // one line, never empty, may be longer than a title
    std::string description{};  // links, and the whole title where it is too long for one
    std::string account{};
    std::optional<PersonId> owner{};
    std::vector<std::string> links{};  // web addresses, as typed; each is a line of the description too

    // Errc::invalid with a sentence that shows the right form: no title left, an unknown severity, two different ones, a quote
    // that is not closed, what is no web address after link:.
    [[nodiscard]] static Result<OpenText> parse(std::string_view slack_text);
};

}  // namespace esc::handlers
