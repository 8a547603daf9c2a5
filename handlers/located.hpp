// After a raise: what the relay found out about the source (text, permalink, kind of channel), and the command that writes
// it down, chooses where the card goes and asks for the card. Raised by the relay, not by a route.
#pragma once

#include "bot/slack/web_api.hpp"
#include "handlers/router.hpp"
#include "handlers/rules/alerts.hpp"
#include "handlers/rules/conversation.hpp"
#include "handlers/rules/thread_so_far.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace esc::handlers {

// Where the cards of its team go: the team's triage channel, else [channels] triage; empty: where it was raised.
[[nodiscard]] ChannelId const& triage_of(Escalation const& escalation, Config const& config);

// What `locate` has to find out, told from the stored escalation.
struct LocateFacts {
    EscalationId id{};
    // Nothing when it could not be had; `trouble` then says why, in words for the log.
    std::optional<slack::Channel> source_channel{};
    std::optional<slack::Channel> triage_channel{};  // [channels] triage, when configured
    std::optional<std::string> message_text{};       // readable text; never of a private channel's message
    std::vector<std::string> tickets{};              // that the message names; never of a private channel's
    MessageTs thread_ts{};                           // of the thread that the message answers in; empty at top level
    PersonId author{};                               // the message; empty for a bot's
    PersonId writer{};                               // of the message, else who is from outside in its thread; may be empty
    bool writer_external = false;                    // somebody of another workspace, or a guest: a customer
    bool writer_unknown = false;                     // Slack did not tell who wrote in that thread: perhaps a customer
    bool unseen = false;                             // Slack does not show the source's channel to the bot
    std::vector<rules::SaidBefore> said_before{};    // in its thread; taken down where only colleagues read
    bool thread_unread = false;                      // Slack will not tell what was said there
    rules::ThreadRead thread_read = rules::ThreadRead::whole;  // in part: perhaps a customer has written further down
    std::string permalink{};
    std::string trouble{};
};
// Card goes to [channels] triage, else to the channel where it was raised; never into a shared, direct, archived or unjoined
// channel: then leads (else managers, else admins) get the card by DM. From a private channel no text is copied: the title
// stays what the raiser typed, or "Message in a private channel".
[[nodiscard]] Work located(LocateFacts facts, Env const& env);

// Why a channel takes no card; empty: it does.
[[nodiscard]] std::string_view no_card_because(slack::Channel const& channel);

// The same for a card that its channel may not have any more: with nothing known of the source, never there.
[[nodiscard]] ChannelId card_place(LocateFacts const& facts, Escalation const& escalation, Config const& config,
                                   rules::Ladder const& ladder);

// The card goes to another place from now on.
[[nodiscard]] Work card_moved(EscalationId id, ChannelId place, Env const& env);

// Title and description as they are taken from a message's readable text; both empty where it says nothing.
[[nodiscard]] rules::SourceText source_text(std::string_view readable_text);

}  // namespace esc::handlers
