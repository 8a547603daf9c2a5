// From a payload to what is to be done: typed route tables, filled by register_<name>() of each handler file (handlers.def).
// A handler prepares on the io thread (parse, validate, no store) and returns Work for the store's thread, or an answer.
#pragma once

#include "bot/base/config.hpp"
#include "bot/base/result.hpp"
#include "bot/base/time.hpp"
#include "bot/slack/blocks.hpp"
#include "bot/slack/payloads.hpp"
#include "bot/slack/web_api.hpp"
#include "handlers/card_ref.hpp"
#include "handlers/people.hpp"
#include "store/tx.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

namespace esc::handlers {

// Everything a handler may know besides its payload. A Work captures what it needs by value.
struct Env {
    Instant now{};
    Person actor{};  // role outsider for people from outside and guests
    WorkspaceId workspace{};
    std::string trace{};  // envelope or event id, for ledger and log
    std::shared_ptr<Config const> config{};
    People const* people = nullptr;  // for prepare only, never captured by a Work
    PersonId bot{};                  // by what people mention us
};

// What the acting person is told. The dispatcher chooses the way by the payload: ack payload of a slash command, ephemeral
// through response_url for a button, errors or a replaced view for a modal, nothing for an event.
struct Reply {
    std::optional<slack::blocks::Message> message{};                 // ephemeral, to the actor only
    std::vector<std::pair<std::string, std::string>> view_errors{};  // block_id → sentence; the modal stays open
    // What is said in place of the errors, and of the message, once the modal is gone: with what was written in it.
    std::optional<slack::blocks::Message> after_form{};
};

struct Outcome;
// Runs on a reader thread: answers that only look (queue, show).
using Query = std::function<Outcome(Snapshot const&)>;

struct Outcome {
    Reply reply{};
    // Needs the payload's trigger; goes out before anything else. Pressed in a modal: on top of it. From a mention, which has no
    // trigger: a button that does the same. On a submission: in place of the form.
    std::optional<slack::blocks::Modal> open_modal{};
    std::optional<slack::blocks::Modal> replace_modal{};  // of a button in a modal: what that modal shows from now on
    std::optional<slack::blocks::Home> home{};            // the actor's Home tab from now on
    Query then{};                                         // of a Work: a look that gives the answer in place of this one
    bool refused = false;                                 // for the log and metrics
};
[[nodiscard]] Outcome say(slack::blocks::Message message);
[[nodiscard]] Outcome say(std::string plain_sentence);  // foreign text inside is escaped by the caller with blocks::escape
[[nodiscard]] Outcome refused(Outcome said);            // the same words, which tell why nothing was done
[[nodiscard]] Outcome refuse(Error const& error);
[[nodiscard]] Outcome done();  // nothing to say: the card shows it

// Runs on the store's thread, perhaps twice; must then give the same answer.
using Work = std::function<Outcome(Tx&)>;
// What prepare found: a command for the store, a look, an answer at once, or that this concerns nothing (no store, bare ack).
struct Nothing {};
using Plan = std::variant<Work, Query, Outcome, Nothing>;

// A key as people type it: "ESC-12", "12", and also "esc12" and "#12".
[[nodiscard]] std::optional<EscalationId> typed_key(std::string_view word);

// A verb's words after the verb itself: "claim 12", "assign 12 @ana because".
class Words {
public:
    explicit Words(std::string_view text);
    [[nodiscard]] std::size_t size() const { return words_.size(); }
    [[nodiscard]] std::string_view at(std::size_t index) const&;      // empty beyond the end
    std::string_view at(std::size_t index) const&& = delete;          // would look into what is gone
    [[nodiscard]] Result<EscalationId> key(std::size_t index) const;  // Errc::invalid with a helpful sentence
    [[nodiscard]] Result<PersonId> person(std::size_t index) const;   // "<@U1>", "<@U1|ana>"
    [[nodiscard]] std::size_t person_at(std::size_t index) const;     // one further where "to" stands before the person
    std::string_view rest(std::size_t index) const&& = delete;
    [[nodiscard]] std::string_view rest(std::size_t index) const&;  // from word `index` on, as typed
private:
    std::string text_;
    std::vector<std::pair<std::size_t, std::size_t>> words_;  // offset, length
};

struct VerbHelp {
    std::string usage{};    // "claim 12"
    std::string summary{};  // "take it: you become its owner, locked until resolved"
};

struct VerbNames;  // slips.hpp

class Router {
public:
    using Command = std::function<Result<Plan>(slack::SlashCommand const&, Env const&)>;
    // A verb on an existing escalation, typed as "/escalate <verb> <key> …".
    using Verb = std::function<Result<Plan>(Words const&, Env const&)>;
    using Action = std::function<Result<Plan>(slack::BlockAction const&, Env const&)>;
    using View = std::function<Result<Plan>(slack::ViewSubmission const&, Env const&)>;
    using ShortcutHandler = std::function<Result<Plan>(slack::Shortcut const&, Env const&)>;
    template <class Event>
    using EventHandler = std::function<Result<Plan>(Event const&, Env const&)>;

    // A second registration of the same key throws std::logic_error: found at start.
    void command(std::string name, Command handler);  // "escalate": the configured command is mapped to this name
    void verb(std::string name, VerbHelp help, Verb handler);
    // A verb without a key, about oneself: "/escalate away until 18:00". Alone, or where the words behind it are meant for it;
    // anything else may be a title.
    using Meant = std::function<bool(Words const&, Env const&)>;
    void verb_of_oneself(std::string name, Meant meant, VerbHelp help, Verb handler);
    void action(std::string action_id, Action handler);
    void view(std::string callback_id, View handler);
    void shortcut(std::string callback_id, ShortcutHandler handler);
    // Every event of its kind; the handler looks at it first. Mentions are no kind of their own: what stands behind the bot's
    // name is read as the escalate command's text, and a colleague's message that is such a command reaches no handler.
    void event(EventHandler<slack::ReactionAdded> handler);
    void event(EventHandler<slack::ReactionRemoved> handler);
    void event(EventHandler<slack::MessagePosted> handler);
    void event(EventHandler<slack::MessageChanged> handler);
    void event(EventHandler<slack::MessageDeleted> handler);
    void event(EventHandler<slack::AppHomeOpened> handler);
    void event(EventHandler<slack::UserChanged> handler);
    void event(EventHandler<slack::ChannelSharing> handler);
    void event(EventHandler<slack::ChannelIdChanged> handler);

    // No route: Errc::not_found with a sentence for the person. A slash command's refusals carry what was typed, so that
    // nothing is lost; whatever follows the escalate command is a verb only when a key follows it ("help" needs none). What is
    // nearly a command is asked about before it opens anything.
    [[nodiscard]] Result<Plan> prepare(slack::Payload const& payload, Env const& env) const;
    [[nodiscard]] std::map<std::string, VerbHelp, std::less<>> const& verbs() const { return verb_help_; }
    // "command escalate", "action esc.claim", … for `escalationd check` and the manifest check.
    [[nodiscard]] std::vector<std::string> routes() const;
    // Told in memory, before people are looked up and before any handler runs: can this payload concern us at all?
    // False for reactions that are not mapped and for events without a route.
    [[nodiscard]] bool concerns_us(slack::Payload const& payload, Config const& config) const;

private:
    struct Prepare;  // one overload per kind of payload
    struct Concerns;
    [[nodiscard]] Result<Plan> prepare_command(slack::SlashCommand const& in, Env const& env) const;
    // What is said to the bot, as the escalate command; nothing when it is talk.
    [[nodiscard]] std::optional<Result<Plan>> prepare_mention(slack::SlashCommand in, Env const& env) const;
    [[nodiscard]] std::optional<Result<Plan>> prepare_spoken(slack::SlashCommand in, Env const& env,
                                                             std::string_view heading) const;
    // The verb's plan, a question where something like a verb was typed (slips.hpp), or nothing: it is the text of a new
    // escalation.
    [[nodiscard]] std::optional<Result<Plan>> prepare_verb(slack::SlashCommand const& in, Env const& env) const;
    [[nodiscard]] VerbNames verb_names(Env const& env) const;  // looks into this and `env`

    std::map<std::string, Command, std::less<>> commands_;
    struct OwnVerb {
        Meant meant{};
        Verb handler{};
    };
    std::map<std::string, Verb, std::less<>> verbs_;
    std::map<std::string, OwnVerb, std::less<>> own_verbs_;
    std::map<std::string, VerbHelp, std::less<>> verb_help_;
    std::map<std::string, Action, std::less<>> actions_;
    std::map<std::string, View, std::less<>> views_;
    std::map<std::string, ShortcutHandler, std::less<>> shortcuts_;
    std::tuple<EventHandler<slack::ReactionAdded>, EventHandler<slack::ReactionRemoved>, EventHandler<slack::MessagePosted>,
               EventHandler<slack::MessageChanged>, EventHandler<slack::MessageDeleted>, EventHandler<slack::AppHomeOpened>,
               EventHandler<slack::UserChanged>, EventHandler<slack::ChannelSharing>, EventHandler<slack::ChannelIdChanged>>
        events_;
};

// The button that does what its value says, words of the escalate command: where a mention needs a form, since it has no
// trigger, and where a slip has one meaning.
inline constexpr std::string_view form_action = "esc.form";
// The button that opens the form of a new escalation with what was typed, its value: it was a title, and no slip.
inline constexpr std::string_view open_typed_action = "esc.open.typed";
// What stands behind the bot's name; nothing where it is not named. Without knowing the bot's id the first name counts.
[[nodiscard]] std::optional<std::string_view> said_to(PersonId const& bot, std::string_view slack_text);

// All of handlers.def.
[[nodiscard]] Router make_router();

}  // namespace esc::handlers
