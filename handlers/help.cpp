// What can be typed, told from the verbs that are registered.
#include "handlers/answers.hpp"
#include "handlers/router.hpp"

namespace esc::handlers {
namespace {

namespace blocks = slack::blocks;

slack::blocks::Message help(std::map<std::string, VerbHelp, std::less<>> const& verbs, Config const& config) {
    auto const& escalate = config.slack.escalate_command;
    std::string lines;
    for (auto const& [name, verb] : verbs) lines += fmt::format("`{} {}`  {}\n", escalate, verb.usage, verb.summary);
    blocks::Message message;
    message.text = fmt::format("{} opens an escalation, {} lists what is open.", escalate, config.slack.queue_command);
    message += blocks::section(blocks::mrkdwn_text(
        fmt::format("`{0}` opens a form.\n`{0} sev2 for:acme Checkout fails for all users` opens one at once. `sev1` to `sev4`, "
                    "`for:\"Acme Corp\"`, `owner:@user` and `link:https://…` may stand anywhere, the rest is the title.\n"
                    "`{1}` shows what is open, most urgent first; `{1} help` has its filters.",
                    escalate, config.slack.queue_command)));
    message += blocks::section(
        blocks::mrkdwn_text("On an existing one, with its key right after the verb (`ESC-12`, `esc-12` or `12`):\n" + lines));
    return message;
}

}  // namespace

// Registered last (handlers.def): it knows the verbs that were registered before.
void register_help(Router& router) {
    VerbHelp const own{"help", "this list"};
    auto verbs = router.verbs();
    verbs.emplace("help", own);
    router.verb("help", own, [verbs = std::move(verbs)](Words const&, Env const& env) -> Result<Plan> {
        return Plan{say(help(verbs, *env.config))};
    });
}

}  // namespace esc::handlers
