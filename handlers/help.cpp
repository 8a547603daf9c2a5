// What can be typed, told from the verbs that are registered: all of it on one page, or one verb with an example.
#include "handlers/answers.hpp"
#include "handlers/router.hpp"
#include "handlers/views/home.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>

namespace esc::handlers {
namespace {

namespace blocks = slack::blocks;

using Verbs = std::map<std::string, VerbHelp, std::less<>>;

struct Topic {
    std::string_view verb;
    std::string_view group;
    std::string_view example;  // empty: the usage is one
};
constexpr std::string_view whose = "Whose it is";
constexpr std::string_view where = "Where it stands";
constexpr std::string_view work = "The work on it";
constexpr std::string_view looking = "Looking";
constexpr std::array groups{whose, where, work, looking};

// In the order of the page. What is not listed here stands at the end of the last group.
constexpr std::array topics{
    Topic{"claim", whose, ""},
    Topic{"accept", whose, ""},
    Topic{"assign", whose, "assign 12 @ana"},
    Topic{"transfer", whose, "transfer 12 @ana I am on leave from tomorrow"},
    Topic{"approve", whose, "approve 12"},
    Topic{"deny", whose, "deny 12 Nobody else knows the exporter"},
    Topic{"override", whose, "override 12 @ana skill Ana wrote the payment service"},
    Topic{"cover", whose, "cover 12 @ana until 18:00"},
    Topic{"away", whose, "away until tomorrow 9:00"},
    Topic{"severity", where, "severity 12 sev1 Nobody can log in any more"},
    Topic{"wait", where, "wait 12 customer Asked which browser they use"},
    Topic{"resume", where, "resume 12"},
    Topic{"mitigated", where, "mitigated 12 They pay by invoice until the fix is out"},
    Topic{"resolve", where, "resolve 12 The certificate was renewed"},
    Topic{"reopen", where, "reopen 12 It fails again since noon"},
    Topic{"decline", where, "decline 12 A question, answered in the thread"},
    Topic{"undo", where, ""},
    Topic{"merge", where, "merge 12 into 7"},
    Topic{"unmerge", where, ""},
    Topic{"replied", work, ""},
    Topic{"next", work, "next 12 Ask the provider for their logs"},
    Topic{"promise", work, "promise 12 14:30 An update on the fix"},
    Topic{"brief", work, ""},
    Topic{"note", work, "note 12 Only cards are affected, invoices work"},
    Topic{"helper", work, "helper 12 @ana"},
    Topic{"watch", work, ""},
    Topic{"link", work, "link 12 https://tickets.example/4711"},
    Topic{"ack", work, ""},
    Topic{"show", looking, ""},
    Topic{"clock", looking, ""},
    Topic{"history", looking, ""},
    Topic{"help", looking, "help resolve"},
};

Topic const* topic_of(std::string_view verb) {
    auto const found = std::find_if(topics.begin(), topics.end(), [&](Topic const& one) { return one.verb == verb; });
    return found == topics.end() ? nullptr : &*found;
}

std::string line(std::string_view command, VerbHelp const& verb) {
    return fmt::format("`{} {}`  {}\n", command, verb.usage, verb.summary);
}

std::string lines_of(std::string_view group, Verbs const& verbs, std::string_view command) {
    std::string lines;
    for (auto const& topic : topics)
        if (auto const verb = verbs.find(topic.verb); topic.group == group && verb != verbs.end())
            lines += line(command, verb->second);
    if (group == groups.back())
        for (auto const& [name, verb] : verbs)
            if (topic_of(name) == nullptr) lines += line(command, verb);
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
    for (auto const group : groups)
        if (auto const lines = lines_of(group, verbs, escalate); !lines.empty())
            message += blocks::section(blocks::mrkdwn_text(fmt::format("*{}*\n{}", group, lines)));
    return message;
}

blocks::Message one(std::string_view name, VerbHelp const& verb, Config const& config) {
    auto const& escalate = config.slack.escalate_command;
    auto const* topic = topic_of(name);
    auto text = line(escalate, verb);
    if (topic != nullptr && !topic->example.empty()) text += fmt::format("For example: `{} {}`", escalate, topic->example);
    blocks::Message message{.text = text};
    message += blocks::section(blocks::mrkdwn_text(text));
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
        outcome.open_modal = in_modal(page(verbs, *env.config, env.bot));
        return Plan{std::move(outcome)};
    });
    router.verb("help", own, [verbs = std::move(verbs)](Words const& words, Env const& env) -> Result<Plan> {
        auto const verb = verbs.find(lower(words.at(0)));
        if (verb == verbs.end()) return Plan{say(page(verbs, *env.config, env.bot))};
        return Plan{say(one(verb->first, verb->second, *env.config))};
    });
}

}  // namespace esc::handlers
