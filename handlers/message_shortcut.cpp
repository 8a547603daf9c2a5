// "Escalate message" on any message: the form, with the message as its source. A message that has an escalation is told so.
#include "bot/slack/web_api.hpp"
#include "handlers/answers.hpp"
#include "handlers/open_form.hpp"
#include "handlers/raising.hpp"
#include "handlers/router.hpp"
#include "handlers/rules/lifecycle.hpp"
#include "handlers/rules/work.hpp"

#include <utility>

namespace esc::handlers {
namespace {

namespace blocks = slack::blocks;
using About = views::RaiseForm::Message;

// Slack tells the names of public channels only.
bool is_public(slack::Shortcut const& in) {
    auto const& name = in.channel_name;
    if (in.message.channel.value.starts_with('D') || in.message.channel.value.starts_with('G')) return false;
    return !name.empty() && name != "privategroup" && name != "directmessage" && !name.starts_with("mpdm-");
}

Result<Plan> by_shortcut(slack::Shortcut const& in, Env const& env) {
    if (env.actor.role < Role::requester || !env.actor.active)
        return fail(Errc::forbidden, "Only people of this workspace can raise an escalation. Ask a colleague there to do it.");
    if (in.message.channel.empty() || in.message.ts.empty())
        return fail(Errc::invalid, "Slack did not say which message that was. Please try again.");
    Origins const origins{in.message.channel, in.response_url, in.message,
                          is_public(in) ? About::readable : About::of_private_channel};
    views::RaiseForm form;
    if (origins.about == About::readable) {
        auto const text = readable(in.message_text);
        form.title = blocks::cut(blocks::one_line(text), rules::title_limit);
        form.description = blocks::cut(text, rules::work_text_limit);
    }
    return Plan{Work{[form = open_form(origins, std::move(form), env), source = message_link(in.message.channel, in.message.ts),
                      who = by(env)](Tx& tx) {
        auto const before = raised_before(tx, source, who);
        return before ? answer(*before) : form;
    }}};
}

}  // namespace

void register_message_shortcut(Router& router) { router.shortcut("escalate_message", by_shortcut); }

}  // namespace esc::handlers
