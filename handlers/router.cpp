#include "handlers/router.hpp"

#include "bot/base/words.hpp"
#include "bot/slack/blocks.hpp"
#include "handlers/answers.hpp"
#include "handlers/more.hpp"
#include "handlers/open_text.hpp"
#include "handlers/slips.hpp"
#include "handlers/views/parts.hpp"
#include "handlers/views/views.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace esc::handlers {

#define HANDLER(name) void register_##name(Router& router);
#include "handlers/handlers.def"
#undef HANDLER

namespace {

constexpr std::string_view escalate_name = "escalate";
constexpr std::string_view queue_name = "queue";
constexpr std::string_view help_verb = "help";

template <class Handler>
void add(std::map<std::string, Handler, std::less<>>& table, std::string_view kind, std::string name, Handler handler) {
    auto const [place, added] = table.emplace(std::move(name), std::move(handler));
    if (!added) throw std::logic_error(fmt::format("{} {} is registered twice", kind, place->first));
}

template <class Handler>
Handler const* find(std::map<std::string, Handler, std::less<>> const& table, std::string_view name) {
    auto const found = table.find(name);
    return found == table.end() ? nullptr : &found->second;
}

namespace blocks = slack::blocks;

std::string_view route_name(std::string_view command, Config const& config) {
    if (command == config.slack.escalate_command) return escalate_name;
    if (command == config.slack.queue_command) return queue_name;
    return {};
}

// As it was typed, with people's names: Slack sends ids.
std::string as_typed(slack::SlashCommand const& in, Env const& env) {
    if (trimmed(in.text).empty()) return {};
    std::string text;
    std::string_view rest = in.text;
    for (auto at = rest.find("<@"); at != std::string_view::npos; at = rest.find("<@")) {
        text += rest.substr(0, at);
        rest.remove_prefix(at);
        auto const token = rest.substr(0, std::min(rest.find('>'), rest.size() - 1) + 1);
        auto const person = mentioned_person(token);
        auto const known = person ? env.people->find(*person) : std::nullopt;
        text += known && !known->name.empty() ? blocks::escape("@" + known->name) : std::string{token};
        rest.remove_prefix(token.size());
    }
    text += rest;
    return fmt::format("{}{}{}", in.command, in.command.empty() ? "" : " ", readable(text));
}

// The same plan, whose refusals say what was typed, or what the button stood for.
Plan echoing(Result<Plan> plan, slack::SlashCommand const& in, Env const& env, std::string_view heading = "You typed:") {
    auto const add_echo = [heading, typed = as_typed(in, env)](Outcome outcome) {
        if (outcome.refused) echo(outcome, heading, typed);
        return outcome;
    };
    if (!plan) return add_echo(refuse(plan.error()));
    if (auto* work = std::get_if<Work>(&*plan))
        return Work{[work = std::move(*work), add_echo](Tx& tx) { return add_echo(work(tx)); }};
    if (auto* query = std::get_if<Query>(&*plan))
        return Query{[query = std::move(*query), add_echo](Snapshot const& snapshot) { return add_echo(query(snapshot)); }};
    if (auto* outcome = std::get_if<Outcome>(&*plan)) return add_echo(std::move(*outcome));
    return *std::move(plan);
}

// "escalate sev2 x" and "/escalate sev2 x" without the first word; nothing when that is another.
std::optional<std::string_view> without_escalate(std::string_view text, Config const& config) {
    auto const word = first_word(text);
    auto const name = lower(word);
    if (name != escalate_name && name != lower(config.slack.escalate_command)) return std::nullopt;
    return trimmed(text.substr(word.size()));
}

// Somebody calls the bot, and does not only speak of it.
bool begins_with_name(PersonId const& bot, std::string_view text) { return trimmed(text).starts_with(fmt::format("<@{}", bot)); }

// What was written before the bot's name; `behind` is the end of `text`.
std::string_view before_name(std::string_view text, std::string_view behind) {
    auto const called = text.substr(0, static_cast<std::size_t>(behind.data() - text.data()));
    return trimmed(called.substr(0, called.rfind("<@")));
}

// "Our export is broken <@U1> escalate sev2" tells what is wrong before it calls; "hi <@U1> escalate" does not.
bool belongs_to_title(std::string_view before, std::string_view behind) {
    constexpr std::array<std::string_view, 10> polite{"hi", "hey", "hello", "ok", "okay", "please", "pls", "thanks", "and", "cc"};
    constexpr std::size_t sentence_min = 3;
    Words const words{before};
    if (behind.empty()) return words.size() >= sentence_min;
    for (std::size_t at = 0; at < words.size(); ++at) {
        auto word = lower(words.at(at));
        std::erase_if(word, [](char c) { return c == ',' || c == '.' || c == '!' || c == ':'; });
        if (std::find(polite.begin(), polite.end(), word) == polite.end()) return true;
    }
    return false;
}

// "help", and what asks for it elsewhere; none of it is a title.
bool asks_for_help(std::string_view word) { return word == help_verb || word == "?" || word == "-h" || word == "--help"; }

// A message with its mention, on the way to becoming a command.
template <class Message>
slack::SlashCommand spoken(Message const& in) {
    slack::SlashCommand command;
    command.workspace = in.head.workspace;
    command.user = in.user;
    command.channel = in.message.channel;
    command.text = in.text;
    command.message = in.message;
    return command;
}

Error no_route(std::string_view what) {
    return fail(Errc::not_found, "This {} is not known here any more: the message or form may be from another version.", what);
}

}  // namespace

void Router::command(std::string name, Command handler) { add(commands_, "command", std::move(name), std::move(handler)); }
void Router::verb(std::string name, VerbHelp help, Verb handler) {
    add(verbs_, "verb", name, std::move(handler));
    verb_help_.emplace(std::move(name), std::move(help));
}
void Router::verb_of_oneself(std::string name, Meant meant, VerbHelp help, Verb handler) {
    add(own_verbs_, "verb", name, {.meant = std::move(meant), .handler = std::move(handler)});
    verb_help_.emplace(std::move(name), std::move(help));
}
void Router::action(std::string action_id, Action handler) { add(actions_, "action", std::move(action_id), std::move(handler)); }
void Router::view(std::string callback_id, View handler) { add(views_, "view", std::move(callback_id), std::move(handler)); }
void Router::shortcut(std::string callback_id, ShortcutHandler handler) {
    add(shortcuts_, "shortcut", std::move(callback_id), std::move(handler));
}
namespace {

template <class Handler, class Handlers>
constexpr bool has_handler = false;
template <class Handler, class... Handlers>
constexpr bool has_handler<Handler, std::tuple<Handlers...> const> = (std::is_same_v<Handler, Handlers> || ...);

template <class Handler>
void set_event(Handler& place, Handler handler) {
    if (place) throw std::logic_error("an event is registered twice");
    place = std::move(handler);
}

}  // namespace

void Router::event(EventHandler<slack::ReactionAdded> handler) { set_event(std::get<0>(events_), std::move(handler)); }
void Router::event(EventHandler<slack::ReactionRemoved> handler) { set_event(std::get<1>(events_), std::move(handler)); }
void Router::event(EventHandler<slack::MessagePosted> handler) { set_event(std::get<2>(events_), std::move(handler)); }
void Router::event(EventHandler<slack::MessageChanged> handler) { set_event(std::get<3>(events_), std::move(handler)); }
void Router::event(EventHandler<slack::MessageDeleted> handler) { set_event(std::get<4>(events_), std::move(handler)); }
void Router::event(EventHandler<slack::AppHomeOpened> handler) { set_event(std::get<5>(events_), std::move(handler)); }
void Router::event(EventHandler<slack::UserChanged> handler) { set_event(std::get<6>(events_), std::move(handler)); }
void Router::event(EventHandler<slack::ChannelSharing> handler) { set_event(std::get<7>(events_), std::move(handler)); }
void Router::event(EventHandler<slack::ChannelIdChanged> handler) { set_event(std::get<8>(events_), std::move(handler)); }

struct Router::Prepare {
    Router const& router;
    Env const& env;

    Result<Plan> operator()(slack::SlashCommand const& in) const { return echoing(router.prepare_command(in, env), in, env); }
    Result<Plan> operator()(slack::BlockAction const& in) const {
        if (in.action_id == form_action) return form(in);
        auto const* handler = find(router.actions_, in.action_id);
        if (handler == nullptr) return no_route("button");
        auto plan = (*handler)(in, env);
        if (plan && in.view_callback_id == views::more_action) return in_more(*std::move(plan), in, env);
        return plan;
    }
    Result<Plan> operator()(slack::ViewSubmission const& in) const {
        auto const* handler = find(router.views_, in.callback_id);
        if (handler == nullptr) return no_route("form");
        return (*handler)(in, env);
    }
    Result<Plan> operator()(slack::Shortcut const& in) const {
        auto const* handler = find(router.shortcuts_, in.callback_id);
        if (handler == nullptr) return no_route("shortcut");
        return (*handler)(in, env);
    }
    Result<Plan> operator()(slack::MessagePosted const& in) const {
        auto const& handler = std::get<EventHandler<slack::MessagePosted>>(router.events_);
        if (!handler) return Plan{Nothing{}};
        // A colleague's command comes as a mention too. A customer commands nothing: their words stay their words.
        if (env.actor.role >= Role::requester && router.prepare_mention(spoken(in), env)) return Plan{Nothing{}};
        return handler(in, env);
    }
    Result<Plan> operator()(slack::AppMention const& in) const {
        if (env.actor.role < Role::requester) return from_outside(in);
        if (auto plan = router.prepare_mention(spoken(in), env)) return *std::move(plan);
        if (!begins_with_name(env.bot, in.text)) return Plan{Nothing{}};
        auto command = spoken(in);
        command.text = said_to(env.bot, in.text).value_or(std::string_view{});
        auto outcome =
            refused(say(blocks::markup("That is no command. {0} escalate Checkout fails – raises an escalation. {0} show 12 – "
                                       "shows one. {0} help – lists what else there is.",
                                       blocks::person(env.bot))));
        return echoing(Plan{std::move(outcome)}, command, env);
    }
    [[nodiscard]] Result<Plan> from_outside(slack::AppMention const& in) const {
        auto const said = said_to(env.bot, in.text);
        if (!said || (!begins_with_name(env.bot, in.text) && !without_escalate(*said, *env.config))) return Plan{Nothing{}};
        return fail(Errc::forbidden, "Only people of this workspace can raise an escalation. Ask a colleague there to do it.");
    }
    // The button that stands for words.
    [[nodiscard]] Result<Plan> form(slack::BlockAction const& in) const {
        slack::SlashCommand command;
        command.workspace = in.workspace;
        command.user = in.user;
        command.channel = in.message.channel;
        command.text = without_escalate(in.value, *env.config) ? in.value : fmt::format("{} {}", escalate_name, in.value);
        command.trigger_id = in.trigger_id;
        command.response_url = in.response_url;
        // The button's own message is nobody's; the thread it stands in is what was meant.
        if (in.message.thread_ts.empty())
            command.command = env.config->slack.escalate_command;
        else
            command.message = {in.message.channel, in.message.thread_ts, {}};
        if (auto plan = router.prepare_spoken(std::move(command), env, "Not done:")) return *std::move(plan);
        return no_route("button");
    }
    template <class Event>
    Result<Plan> operator()(Event const& in) const {
        if constexpr (has_handler<EventHandler<Event>, decltype(router.events_) const>) {
            auto const& handler = std::get<EventHandler<Event>>(router.events_);
            if (handler) return handler(in, env);
        }
        return Plan{Nothing{}};
    }
};

Result<Plan> Router::prepare(slack::Payload const& payload, Env const& env) const {
    return std::visit(Prepare{*this, env}, payload);
}

Result<Plan> Router::prepare_command(slack::SlashCommand const& in, Env const& env) const {
    auto const name = route_name(in.command, *env.config);
    auto const* handler = find(commands_, name);
    if (handler == nullptr)
        return fail(Errc::not_found, "{} is not a command of this app. There are {} and {}.", slack::blocks::cut(in.command, 40),
                    env.config->slack.escalate_command, env.config->slack.queue_command);
    if (name == escalate_name)
        if (auto plan = prepare_verb(in, env)) return *std::move(plan);
    if (name == queue_name)
        if (auto slip = slip_in_queue(Words{in.text}, verb_names(env))) return asked_back(*std::move(slip), in, env);
    return (*handler)(in, env);
}

std::optional<std::string_view> said_to(PersonId const& bot, std::string_view slack_text) {
    auto const name = fmt::format("<@{}", bot);
    for (auto at = slack_text.find(name); at != std::string_view::npos; at = slack_text.find(name, at + 1)) {
        auto const rest = slack_text.substr(at + name.size());
        if (!bot.empty() && !rest.starts_with('>') && !rest.starts_with('|')) continue;  // another, longer id
        auto const end = rest.find('>');
        if (end == std::string_view::npos) return std::nullopt;
        auto behind = trimmed(rest.substr(end + 1));
        if (behind.starts_with(':') || behind.starts_with(',')) behind = trimmed(behind.substr(1));
        return behind;
    }
    return std::nullopt;
}

std::optional<Result<Plan>> Router::prepare_mention(slack::SlashCommand in, Env const& env) const {
    auto const said = said_to(env.bot, in.text);
    if (!said) return std::nullopt;
    // In the middle of a sentence only the word "escalate" right behind the name makes it a command.
    if (!begins_with_name(env.bot, in.text) && !without_escalate(*said, *env.config)) return std::nullopt;
    auto text = said->empty() ? std::string{help_verb} : std::string{*said};
    if (auto const asked = without_escalate(*said, *env.config)) {
        auto const before = before_name(in.text, *said);
        auto title = in;
        title.text = *asked;
        if (belongs_to_title(before, *asked) && !prepare_verb(title, env))
            text = fmt::format("{} {} {}", escalate_name, before, *asked);
    }
    in.text = std::move(text);
    return prepare_spoken(std::move(in), env, "You typed:");
}

std::optional<Result<Plan>> Router::prepare_spoken(slack::SlashCommand in, Env const& env, std::string_view heading) const {
    auto const* handler = find(commands_, escalate_name);
    if (handler == nullptr) return std::nullopt;
    auto const asked = without_escalate(in.text, *env.config);
    if (asked) in.text = std::string{*asked};
    if (auto plan = prepare_verb(in, env)) return Result<Plan>{echoing(*std::move(plan), in, env, heading)};
    if (!asked && !begins_with_severity(in.text)) return std::nullopt;  // people also just talk
    return Result<Plan>{echoing((*handler)(in, env), in, env, heading)};
}

std::optional<Result<Plan>> Router::prepare_verb(slack::SlashCommand const& in, Env const& env) const {
    Words const words{in.text};
    if (words.size() == 0) return std::nullopt;
    auto const name = lower(words.at(0));
    // "help claim" and "claim help": what more there is to say about one verb.
    if (auto const* help = find(verbs_, help_verb)) {
        if (words.size() == 1 && asks_for_help(name)) return (*help)(Words{{}}, env);
        if (auto const other = lower(words.at(1)); words.size() == 2) {
            if (name == help_verb && verb_help_.contains(other)) return (*help)(Words{other}, env);
            if (other == help_verb && verb_help_.contains(name)) return (*help)(Words{name}, env);
        }
    }
    if (auto const* own = find(own_verbs_, name))
        if (words.size() == 1 || own->meant(Words{words.rest(1)}, env)) return own->handler(Words{words.rest(1)}, env);
    // "claim #4711 was paid twice" may be a title, "claim #4711" cannot.
    auto const key_is_sure = !words.at(1).starts_with('#') || words.size() == 2;
    auto const names = verb_names(env);
    if (auto const* handler = find(verbs_, name); handler != nullptr && name != help_verb && words.key(1) && key_is_sure) {
        if (auto slip = left_over(words, names)) return asked_back(*std::move(slip), in, env);
        return (*handler)(Words{words.rest(1)}, env);
    }
    if (auto slip = slip_in(words, names, *env.config)) return asked_back(*std::move(slip), in, env);
    return std::nullopt;
}

VerbNames Router::verb_names(Env const& env) const {
    VerbNames names{.all = verb_help_};
    for (auto const& [verb, help] : verb_help_) {
        if (own_verbs_.contains(verb))
            names.of_oneself.emplace_back(verb);
        else if (verb != help_verb)
            names.with_key.emplace_back(verb);
    }
    names.meant = [this, &env](std::string_view verb, Words const& behind) { return find(own_verbs_, verb)->meant(behind, env); };
    return names;
}

std::vector<std::string> Router::routes() const {
    std::vector<std::string> all;
    auto const list = [&](std::string_view kind, auto const& table) {
        for (auto const& entry : table) all.push_back(fmt::format("{} {}", kind, entry.first));
    };
    list("command", commands_);
    list("verb", verbs_);
    list("verb", own_verbs_);
    list("action", actions_);
    if (find(commands_, escalate_name) != nullptr) {
        all.push_back(fmt::format("action {}", form_action));
        all.emplace_back("event app_mention");
    }
    list("view", views_);
    list("shortcut", shortcuts_);
    constexpr std::array event_names{"reaction_added",  "reaction_removed", "message",
                                     "message_changed", "message_deleted",  "app_home_opened",
                                     "user_change",     "channel_shared",   "channel_id_changed"};
    std::size_t at = 0;
    std::apply(
        [&](auto const&... handlers) {
            ((handlers ? all.push_back(fmt::format("event {}", event_names[at++])) : static_cast<void>(++at)), ...);
        },
        events_);
    return all;
}

struct Router::Concerns {
    Router const& router;
    Config const& config;

    // Somebody waits for an answer, if only for the sentence that there is no such thing.
    bool operator()(slack::SlashCommand const&) const { return true; }
    bool operator()(slack::BlockAction const&) const { return true; }
    bool operator()(slack::ViewSubmission const&) const { return true; }
    bool operator()(slack::Shortcut const&) const { return true; }
    bool operator()(slack::ReactionAdded const& in) const {
        return std::get<EventHandler<slack::ReactionAdded>>(router.events_) &&
               config.reactions.find(in.reaction) != config.reactions.end();
    }
    // Only replies can belong to something; a channel's other messages are most of what a workspace says.
    bool operator()(slack::MessagePosted const& in) const {
        return std::get<EventHandler<slack::MessagePosted>>(router.events_) && !in.message.thread_ts.empty();
    }
    bool operator()(slack::AppMention const&) const { return find(router.commands_, escalate_name) != nullptr; }
    template <class Event>
    bool operator()(Event const&) const {
        if constexpr (has_handler<EventHandler<Event>, decltype(router.events_) const>)
            return static_cast<bool>(std::get<EventHandler<Event>>(router.events_));
        return false;
    }
};

bool Router::concerns_us(slack::Payload const& payload, Config const& config) const {
    return std::visit(Concerns{*this, config}, payload);
}

Router make_router() {
    Router router;
#define HANDLER(name) register_##name(router);
#include "handlers/handlers.def"
#undef HANDLER
    return router;
}

}  // namespace esc::handlers
