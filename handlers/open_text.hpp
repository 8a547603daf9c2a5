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
    std::string description{};  // the whole title where it is too long for one
    std::string account{};
    std::optional<PersonId> owner{};
    std::vector<std::string> links{};  // web addresses, as typed

    // Errc::invalid with a sentence that shows the right form: no title left or only a key, an unknown severity, two different
    // ones, a quote that is not closed, what is no web address after link:.
    [[nodiscard]] static Result<OpenText> parse(std::string_view slack_text);
    // The same for a form, where the title may still be missing.
    [[nodiscard]] static Result<OpenText> read(std::string_view slack_text);
};

// "sev2 Checkout fails" and "sev 2 Checkout fails", also with a number there is not: a slip, not talk.
[[nodiscard]] bool begins_with_severity(std::string_view text);

}  // namespace esc::handlers
