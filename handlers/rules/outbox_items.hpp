// What rules ask to become true outside, with the keys by which it is known again. An alert, which says more, has a file of
// its own (alerts.hpp).
#pragma once

#include "bot/base/ids.hpp"
#include "bot/base/result.hpp"
#include "bot/base/time.hpp"
#include "handlers/rules/access.hpp"
#include "store/model.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace esc::rules {

// Desired state: rendered from the newest escalation when its turn comes.
[[nodiscard]] std::string card_key(EscalationId id);  // "card:12": also the key of the card's surface
[[nodiscard]] OutboxItem card_item(EscalationId id, Instant due_at);
[[nodiscard]] OutboxItem status_reply_item(EscalationId id, Instant due_at);
[[nodiscard]] OutboxItem locate_item(EscalationId id, Instant due_at);

// The link to the card, told through the response_url of who raised it.
struct ResponseFact {
    std::string url{};
    [[nodiscard]] std::string body() const;  // JSON
    [[nodiscard]] static Result<ResponseFact> parse(std::string_view body);
};
[[nodiscard]] OutboxItem response_item(EscalationId id, ResponseFact const& fact, Instant due_at);

// What somebody is told: a sentence of ours in which {0}, {1} … stand for people and {t0}, {t1} … for moments, which each reader
// sees in their own zone, and below it what a person wrote. Which escalation it is about is said by the view.
struct Said {
    std::string sentence{};
    std::vector<PersonId> people{};
    std::string quote{};  // foreign, shown as a quote; may be empty
    std::vector<Instant> moments{};
    friend bool operator==(Said const&, Said const&) = default;
};

// A word to one person that is a fact, not a surface.
struct NoticeFact {
    PersonId to{};
    ChannelId channel{};  // said there, visible to that person only; empty: by DM
    Said said{};
    std::vector<std::string> buttons{};      // verbs as typed ("approve", "deny", "claim"): each acts on the escalation
    [[nodiscard]] std::string body() const;  // JSON
    [[nodiscard]] static Result<NoticeFact> parse(std::string_view body);
};
// "notice:12:<what>:<to>": one per escalation, occasion and person. What can happen more than once has the version in it.
[[nodiscard]] OutboxItem notice_item(EscalationId id, std::string_view what, NoticeFact const& fact, Instant due_at);
// "moved:v7": what happens to an escalation more than once, by the version that the decision makes.
[[nodiscard]] std::string occasion(std::string_view what, Decision const& decision);
// "transfer:1790000000000000": what is asked of people, by the moment of the request, so that a later one is another.
[[nodiscard]] std::string asked_at(std::string_view what, Instant when);
// The same to each of them, but never to who did it.
void tell(Decision& decision, std::string_view what, std::vector<PersonId> const& people, Said const& said,
          std::vector<std::string> const& buttons, By const& by);

// It tells that person something already: nobody gets two words for one action.
[[nodiscard]] bool tells(Decision const& decision, PersonId const& person);

// A line in the card's thread, the working conversation. One per version: "thread:12:v7".
struct Quoted {
    std::string name{};  // of who wrote it: a mention would call them
    Instant at{};
    std::string text{};
    friend bool operator==(Quoted const&, Quoted const&) = default;
};
struct ThreadNoteFact {
    Said said{};
    std::vector<Quoted> quotes{};  // what several wrote
    [[nodiscard]] std::string body() const;
    [[nodiscard]] static Result<ThreadNoteFact> parse(std::string_view body);
};
// For the version that the decision will have; asked for before it is ended.
void say_in_thread(Decision& decision, Said const& said, Instant now, std::vector<Quoted> quotes = {});

// What the configuration says to people from outside, as it was when the escalation was raised.
struct CustomerReplyFact {
    std::string text{};
    [[nodiscard]] std::string body() const;  // JSON
    [[nodiscard]] static Result<CustomerReplyFact> parse(std::string_view body);
};
[[nodiscard]] OutboxItem customer_reply_item(Escalation const& escalation, CustomerReplyFact const& fact, Instant due_at);

// What a message of ours is, told from its key; nothing where it is never changed once it is sent, and of boards, which are
// looked at by themselves.
[[nodiscard]] std::optional<OutboxKind> kind_of(std::string_view surface_key);

// Asks for the card, and for the short reply of a message source, to show the newest state; nothing before they are placed.
void refresh_surfaces(Decision& decision, Instant now);

}  // namespace esc::rules
