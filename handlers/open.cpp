// New escalations that people write down: the escalate command with text or as a form, and the global shortcut.
#include "handlers/answers.hpp"
#include "handlers/open_form.hpp"
#include "handlers/open_text.hpp"
#include "handlers/owners.hpp"
#include "handlers/raising.hpp"
#include "handlers/router.hpp"
#include "handlers/rules/lifecycle.hpp"
#include "handlers/rules/outbox_items.hpp"
#include "handlers/rules/overtaken.hpp"
#include "handlers/rules/tickets.hpp"
#include "handlers/rules/work.hpp"
#include "handlers/severity_form.hpp"
#include "handlers/views/raise.hpp"

#include <algorithm>
#include <utility>

namespace esc::handlers {
namespace {

namespace blocks = slack::blocks;

// A mention in a thread speaks of the thread: all who raise it there raise the same.
MessageRef source_of_mention(MessageRef const& mention) {
    if (mention.thread_ts.empty()) return mention;
    return {mention.channel, mention.thread_ts, {}};
}

// What somebody types names its tickets, wherever in it.
void name_tickets(Raising& raising, std::string_view typed) {
    for (auto const& url : rules::tickets_in(typed))
        if (auto links = links_of(url)) raising.links.insert(raising.links.end(), links->begin(), links->end());
}

// The form takes what is missing, and has the rest of it already.
Outcome or_by_form(Outcome refused, std::string_view typed) {
    constexpr std::size_t button_text_max = 2000;
    if (blocks::length(typed) <= button_text_max)
        *refused.reply.message += blocks::actions(
            "", {blocks::button(
                    {.action_id = std::string{open_typed_action}, .text = "Open the form", .value = std::string{typed}})});
    return refused;
}

Result<Plan> by_command(slack::SlashCommand const& in, Env const& env) {
    if (trimmed(in.text).empty()) return Plan{open_form({.channel = in.channel, .response_url = in.response_url}, {}, env)};
    auto const parsed = OpenText::parse(in.text);
    if (!parsed) return Plan{or_by_form(refuse(parsed.error()), in.text)};
    auto const& text = *parsed;
    Raising raising;
    if (text.owner) {
        raising.owner = env.people->find(*text.owner);
        if (!raising.owner)
            return fail(Errc::not_found, "The person after owner: is not known here: name somebody of this workspace.");
    }
    for (auto const& url : text.links) {
        ESC_TRY(auto links, links_of(url));
        raising.links.insert(raising.links.end(), links.begin(), links.end());
    }
    name_tickets(raising, in.text);
    raising.severity.level = text.severity;
    auto& request = raising.request;
    request.title = blocks::cut(text.title, rules::title_limit);
    request.description = text.description;
    request.account = text.account;
    request.origin = Origin::slash_command;
    request.source.channel = in.channel;
    request.response_url = in.response_url;
    if (!in.message.ts.empty()) {
        request.origin = Origin::slack_message;
        request.source = source_of_mention(in.message);
        request.opened_at = parse_slack_ts(in.message.ts.value).value_or(env.now);
        raising.thread = thread_link(request.source.channel, request.source.ts);
    }
    ESC_TRY(auto const raise, Raise::prepare(std::move(raising), env));
    return Plan{Work{[raise, text = in.text, typed = readable(in.text), who = by(env)](Tx& tx) {
        auto const raised = raise(tx);
        if (!raised && who.actor.role >= Role::requester) return or_by_form(refuse(raised.error()), text);
        if (!raised) return refuse(raised.error());
        auto outcome = answer(*raised);
        if (raised->again)
            add_written(*outcome.reply.message, typed);
        else
            say_if_away(outcome, raised->escalation, tx, who);
        return outcome;
    }}};
}

// The input that names an address which one has already.
std::string_view place_of(std::string const& address, slack::ViewState const& typed) {
    auto const names = [&](std::string_view text) {
        auto const all = rules::tickets_in(text);
        return std::any_of(all.begin(), all.end(), [&](auto const& url) { return rules::ticket_address(url) == address; });
    };
    if (auto const link = rules::normal_url(trimmed(typed.get("link"))); link && *link == address) return "link";
    if (names(typed.get("title"))) return "title";
    return names(typed.get("description")) ? "description" : "link";
}

// What is wrong with what was typed, each at its input.
class Complaints {
public:
    void add(std::string_view block, std::string sentence) {
        outcome_.refused = true;
        outcome_.reply.view_errors.emplace_back(block, std::move(sentence));
    }
    [[nodiscard]] bool any() const { return outcome_.refused; }
    [[nodiscard]] Outcome outcome() && { return std::move(outcome_); }

private:
    Outcome outcome_{};
};

// An address in the form has one already. It may be what was meant, and a word leads there; or the address is one of several
// that belong to both, and the form is sent again without it. Which it is nobody knows yet, so that nothing is recorded.
Outcome leads_to(Raised const& known, std::string_view place, std::string_view written) {
    auto outcome = refused(answer(known));
    outcome.reply.after_form = outcome.reply.message;
    add_written(*outcome.reply.after_form, written);
    outcome.reply.view_errors.emplace_back(
        place, fmt::format("{} has this {} already: I have sent you where it is. To open another one, take the {} out.",
                           known.escalation.id.key(), place == "link" ? "link" : "ticket", place == "link" ? "link" : "address"));
    return outcome;
}

Result<Plan> by_form(slack::ViewSubmission const& in, Env const& env) {
    auto const title = blocks::one_line(trimmed(in.state.get("title")));
    auto const origins = Origins::parse(in.private_metadata);
    Complaints complaints;
    if (title.empty())
        complaints.add("title", "Say in a few words what is wrong.");
    else if (auto const length = blocks::length(title); length > rules::title_limit)
        complaints.add("title",
                       fmt::format("At most {} characters, this is {}: the rest fits below.", rules::title_limit, length));
    if (!has_severity(in.state)) complaints.add(views::severity_block, "Choose a severity.");
    Raising raising;
    if (auto const url = std::string{trimmed(in.state.get("link"))}; !url.empty()) {
        if (auto links = links_of(url))
            raising.links = *std::move(links);
        else
            complaints.add("link", links.error().message);
    }
    name_tickets(raising, fmt::format("{}\n{}", in.state.get("title"), in.state.get("description")));
    raising.known_link = KnownLink::asks_back;
    raising.severity = severity_choice(in.state);
    auto& request = raising.request;
    request.title = title;
    request.description = trimmed(in.state.get("description"));
    request.account = blocks::cut(blocks::one_line(trimmed(in.state.get("account"))), rules::account_limit);
    request.origin = origins.message.ts.empty() ? Origin::modal : Origin::slack_message;
    request.source = origins.message.ts.empty() ? MessageRef{origins.channel, {}, {}} : origins.message;
    request.response_url = origins.response_url;
    // A form whose answer was lost stays on the screen, and its button is pressed again.
    if (!in.view_id.empty()) raising.once = {std::string{slack_system}, "view:" + in.view_id, {}};
    auto const raise = Raise::prepare(std::move(raising), env);
    if (!raise) complaints.add(views::severity_reason_block, raise.error().message);
    if (complaints.any()) return Plan{std::move(complaints).outcome()};
    auto written = title;
    if (auto const description = trimmed(in.state.get("description")); !description.empty())
        written += fmt::format("\n{}", description);
    return Plan{Work{[raise = *raise, written = std::move(written), typed = in.state, channel = origins.channel,
                      who = by(env)](Tx& tx) {
        auto const raised = raise(tx);
        if (!raised) return refuse_in_view("title", raised.error().message, written);
        // Without a channel the word is a direct message, which does not offer to undo what somebody has taken on.
        if (!raised->again && channel.empty()) {
            rules::NoticeFact const fact{who.actor.id,
                                         {},
                                         {std::string{trimmed("It is open. " + views::raised_notes(raised->escalation))}, {}, {}},
                                         {"undo"}};
            tx.enqueue(rules::notice_item(raised->escalation.id, rules::raised_occasion, fact, who.now));
            return done();
        }
        if (raised->again && !raised->known_address.empty())
            return leads_to(*raised, place_of(raised->known_address, typed), written);
        auto outcome = answer(*raised);
        if (raised->again) add_written(*outcome.reply.message, written);
        return outcome;
    }}};
}

// An answer or the level was changed: the form says what follows.
Result<Plan> by_change(slack::BlockAction const& in, Env const& env) {
    views::RaiseForm form;
    form.title = in.view_state.get("title");
    form.description = in.view_state.get("description");
    form.account = in.view_state.get("account");
    form.link = in.view_state.get("link");
    form.severity = severity_form(in.view_state);
    auto const origins = Origins::parse(in.view_private_metadata);
    form.message = origins.about;
    auto const team = team_for(*env.config, origins.channel, env.actor);
    Outcome outcome;
    outcome.replace_modal = views::open_modal(*env.config, in.view_private_metadata, form, env.actor.seen_by(team));
    return Plan{std::move(outcome)};
}

// What looked like a slip was a title. It goes into the form: two presses of a button shall not open two escalations.
Result<Plan> by_typed(slack::BlockAction const& in, Env const& env) {
    Origins origins{.channel = in.message.channel, .response_url = in.response_url};
    if (!in.message.thread_ts.empty()) {
        origins.message = {in.message.channel, in.message.thread_ts, {}};
        origins.about = views::RaiseForm::Message::readable;
    }
    // What cannot be taken apart is all title.
    auto const typed = OpenText::read(in.value);
    auto const text = readable(in.value);
    auto const all = typed ? typed->title : blocks::one_line(text);
    views::RaiseForm form;
    form.title = blocks::cut(all, rules::title_limit);
    if (form.title != (typed ? all : text)) form.description = typed ? all : text;
    if (typed) {
        form.account = typed->account;
        form.severity.level = typed->severity;
        if (!typed->links.empty()) form.link = typed->links.front();
        if (typed->owner || typed->links.size() > 1) form.description = text;  // the form has no place for them
    }
    return Plan{open_form(origins, std::move(form), env)};
}

Result<Plan> by_shortcut(slack::Shortcut const&, Env const& env) { return Plan{open_form({}, {}, env)}; }

}  // namespace

void register_open(Router& router) {
    router.command("escalate", by_command);
    router.view(std::string{views::open_callback}, by_form);
    router.action(std::string{views::open_changed_action}, by_change);
    router.action(std::string{open_typed_action}, by_typed);
    router.shortcut("new_escalation", by_shortcut);
}

}  // namespace esc::handlers
