// Raising: the form of a new escalation, and what who raised it is told.
#pragma once

#include "bot/base/config.hpp"
#include "bot/slack/blocks.hpp"
#include "handlers/people.hpp"
#include "handlers/views/severity.hpp"
#include "store/model.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace esc::views {

// Inputs, by block id: title, the five questions, severity, code, severity_reason, description, account, link.
inline constexpr std::string_view open_callback = "esc.open";
inline constexpr std::string_view open_changed_action = "esc.open.changed";

struct RaiseForm {
    // What it is about, when it was opened on a message. From a private one nothing is filled in, and the form says so.
    enum class Message : std::uint8_t { none, readable, of_private_channel } message = Message::none;
    std::string title{};
    std::string description{};
    std::string account{};
    std::string link{};
    SeverityForm severity{};
};

// Severity is chosen from four options, each with its criterion, an example that fits and one that does not, or left to the
// answers. `private_metadata` comes back with the submission: where the form was opened from.
[[nodiscard]] slack::blocks::Modal open_modal(Config const& config, std::string private_metadata, RaiseForm const& form = {},
                                              Person const& actor = {});
// The answer when it was raised: "ESC-12 opened as SEV2", and later the link to the card. Undo stands there while nobody has it;
// what waits for a lead's word, and what looks like the same, is said.
[[nodiscard]] slack::blocks::Message raised_answer(Escalation const& escalation, std::string_view card_permalink);
// What of a new one waits for a lead's word, and what looks like the same: sentences of ours.
[[nodiscard]] std::string raised_notes(Escalation const& escalation);
// The answer when its source has an escalation already, with a way there.
[[nodiscard]] slack::blocks::Message raised_again_answer(Escalation const& escalation, std::string_view card_permalink);

}  // namespace esc::views
