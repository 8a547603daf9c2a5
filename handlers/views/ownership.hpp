// The forms around ownership: who is to own it, who acts for the owner, why, and what managers say to that.
#pragma once

#include "bot/slack/blocks.hpp"
#include "handlers/people.hpp"
#include "handlers/rules/access.hpp"
#include "handlers/rules/lifecycle.hpp"
#include "store/model.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace esc::views {

// Somebody who could own it, and what speaks for and against that.
struct Candidate {
    Person person{};
    std::int64_t open = 0;  // what they own already
    bool away = false;
};

// Names of the inputs.
inline constexpr std::string_view owner_block = "owner";
inline constexpr std::string_view code_block = "code";
inline constexpr std::string_view text_block = "text";
inline constexpr std::string_view glass_block = "break_glass";  // ticked: "yes"
inline constexpr std::string_view which_block = "which";        // "transfer" or "severity"
inline constexpr std::string_view until_block = "until";
inline constexpr std::string_view end_block = "end";  // ticked: "yes"

// What has been said already when a form opens: typed before it, or known.
struct Prefill {
    PersonId person{};
    std::string text{};
    std::string code{};  // of override_modal, as the next one
    bool glass = false;
};

// More people than a list can hold are chosen with Slack's own list of everybody.
[[nodiscard]] slack::blocks::Modal assign_modal(Escalation const& escalation, std::vector<Candidate> const& candidates);
[[nodiscard]] slack::blocks::Modal transfer_modal(Escalation const& escalation, std::vector<Candidate> const& candidates,
                                                  Prefill const& prefill);
// For who is no manager of the team it asks that the breaking of the glass be ticked.
[[nodiscard]] slack::blocks::Modal override_modal(Escalation const& escalation, std::vector<Candidate> const& candidates,
                                                  Prefill const& prefill, bool manager);
// Asks which request is meant where two wait, and for an owner where the transfer names none.
[[nodiscard]] slack::blocks::Modal approve_modal(Escalation const& escalation, std::vector<Candidate> const& candidates);
[[nodiscard]] slack::blocks::Modal deny_modal(Escalation const& escalation,
                                              std::optional<rules::ResolveRequest> const& asked = {});
// With a running coverage also the choice to end it; for who may do nothing else (rules::only_hands_back) only that.
enum class CoverForm : std::uint8_t { whole, hand_back };
[[nodiscard]] slack::blocks::Modal cover_modal(Escalation const& escalation, std::vector<Candidate> const& candidates,
                                               Prefill const& prefill, Instant suggested_until, CoverForm form);

}  // namespace esc::views
