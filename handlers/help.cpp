// What can be typed, told from the verbs that are registered: all of it on one page, or one verb with an example.
#include "bot/base/words.hpp"
#include "handlers/answers.hpp"
#include "handlers/router.hpp"
#include "handlers/views/home.hpp"
#include "handlers/views/verbs.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>

namespace esc::handlers {
namespace {

namespace blocks = slack::blocks;

using Verbs = std::map<std::string, VerbHelp, std::less<>>;

// What is no verb on an escalation.
struct Topic {
    std::string_view verb;
    views::Group group;
    std::string_view example;
};
constexpr std::array topics{Topic{"away", views::Group::ownership, "away until tomorrow 9:00"},
                            Topic{"help", views::Group::look, "help resolve"}};

std::string_view example_of(std::string_view verb) {
    for (auto const& facts : views::all_facts())
        if (rules::to_string(facts.verb) == verb) return facts.example;
    auto const found = std::find_if(topics.begin(), topics.end(), [&](Topic const& one) { return one.verb == verb; });
    return found == topics.end() ? std::string_view{} : found->example;
}

std::string line(std::string_view command, VerbHelp const& verb) {
    return fmt::format("`{} {}`  {}\n", command, verb.usage, verb.summary);
}

std::string lines_of(views::Group group, Verbs const& verbs, std::string_view command) {
    std::string lines;
    auto const add = [&](std::string_view name) {
        if (auto const verb = verbs.find(name); verb != verbs.end()) lines += line(command, verb->second);
    };
    for (auto const& facts : views::all_facts())
        if (facts.group == group) add(rules::to_string(facts.verb));
    for (auto const& topic : topics)
        if (topic.group == group) add(topic.verb);
    return lines;
}

blocks::Message page(Verbs const& verbs, Config const& config, PersonId const& bot) {
    auto const& escalate = config.slack.escalate_command;
    blocks::Message message;
    message.text = fmt::format("{} opens an escalation, {} lists what is open.", escalate, config.slack.queue_command);
    message += blocks::section(blocks::mrkdwn_text(fmt::format(
        "`{0}` opens a form.\n`{0} sev2 for:acme Checkout fails for all users` opens one at once. `sev1` to `sev4`, "
        "`for:\"Acme Corp\"`, `owner:@user` and `link:https://…` may stand anywhere, the rest is the title.\n"
        "`{1}` shows what is open, most urgent first; `{1} help` has its lists and filters.\n"
        "In threads, where commands do not work, call me by my name and go on in the same words: {2} `claim 12`.\n"
        "On an existing one, with its key right after the verb (`ESC-12`, `esc-12` or `12`); `{0} help resolve` tells more about "
        "one:",
        escalate, config.slack.queue_command, blocks::person(bot).text)));
    for (auto const group : views::groups)
        if (auto const lines = lines_of(group, verbs, escalate); !lines.empty())
            message += blocks::section(blocks::mrkdwn_text(fmt::format("*{}*\n{}", views::title_of(group), lines)));
    return message;
}

blocks::Message one(std::string_view name, VerbHelp const& verb, Config const& config) {
    auto const& escalate = config.slack.escalate_command;
    auto text = line(escalate, verb);
    if (auto const example = example_of(name); !example.empty()) text += fmt::format("For example: `{} {}`", escalate, example);
    blocks::Message message{.text = text};
    message += blocks::section(blocks::mrkdwn_text(text));
    return message;
}

// Nothing of it is for people from outside.
blocks::Message help_for(Person const& reader, Verbs const& verbs, Env const& env) {
    if (reader.role >= Role::requester) return page(verbs, *env.config, env.bot);
    blocks::Message message{
        .text = "Only people of this workspace can raise escalations and work on them. Please ask your contact there."};
    message += blocks::section(blocks::plain_text(message.text));
    return message;
}

// In the App Home and in forms: the same, on top.
blocks::Modal in_modal(blocks::Message message) {
    blocks::Modal modal{.callback_id = "esc.help", .title = "Help", .submit = {}, .close = "Close"};
    for (auto& block : message.blocks) modal += std::move(block);
    return modal;
}

}  // namespace

// Registered last (handlers.def): it knows the verbs that were registered before.
void register_help(Router& router) {
    VerbHelp const own{"help [verb]", "this list, or more about one verb"};
    auto verbs = router.verbs();
    verbs.emplace("help", own);
    router.action(std::string{views::help_action}, [verbs](slack::BlockAction const&, Env const& env) -> Result<Plan> {
        Outcome outcome;
        outcome.open_modal = in_modal(help_for(env.actor, verbs, env));
        return Plan{std::move(outcome)};
    });
    router.verb("help", own, [verbs = std::move(verbs)](Words const& words, Env const& env) -> Result<Plan> {
        auto const verb = verbs.find(lower(words.at(0)));
        if (verb == verbs.end() || env.actor.role < Role::requester) return Plan{say(help_for(env.actor, verbs, env))};
        return Plan{say(one(verb->first, verb->second, *env.config))};
    });
}

}  // namespace esc::handlers
