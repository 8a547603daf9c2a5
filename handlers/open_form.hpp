// The form of a new escalation: where it was opened from travels with it.
#pragma once

#include "handlers/router.hpp"
#include "handlers/views/raise.hpp"

#include <string>
#include <string_view>

namespace esc::handlers {

// As private_metadata. The dispatcher reads "channel" too: answers go there.
struct Origins {
    ChannelId channel{};
    std::string response_url{};
    MessageRef message{};  // what the form is about; empty without
    views::RaiseForm::Message about = views::RaiseForm::Message::none;

    [[nodiscard]] std::string metadata() const;
    [[nodiscard]] static Origins parse(std::string_view metadata);  // what is not there is empty
};
[[nodiscard]] Outcome open_form(Origins const& origins, views::RaiseForm form, Env const& env);

}  // namespace esc::handlers
