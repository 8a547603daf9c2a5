// New escalations that people write down: the escalate command with text or as a form, and the global shortcut.
#include "bot/slack/blocks.hpp"
#include "bot/slack/web_api.hpp"
#include "handlers/answers.hpp"
#include "handlers/open_text.hpp"
#include "handlers/router.hpp"
#include "handlers/rules/lifecycle.hpp"
#include "handlers/rules/ownership.hpp"
#include "handlers/views/views.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace esc::handlers {
namespace {

namespace blocks = slack::blocks;
namespace json = boost::json;

// Where a form was opened from travels through its private_metadata.
struct Origins {
    ChannelId channel{};
    std::string response_url{};

    [[nodiscard]] std::string metadata() const {
        return json::serialize(json::object{{"channel", channel.value}, {"response_url", response_url}});
    }
    [[nodiscard]] static Origins parse(std::string_view metadata) {
        boost::system::error_code error;
        auto const value = json::parse(metadata, error);
        if (error || !value.is_object()) return {};
        auto const word = [&](std::string_view name) {
            auto const* found = value.get_object().if_contains(name);
            return found != nullptr && found->is_string() ? std::string{found->get_string()} : std::string{};
        };
        return {{word("channel")}, word("response_url")};
    }
};

Outcome open_form(Config const& config, Origins const& origins) {
    Outcome outcome;
    outcome.open_modal = views::open_modal(config, origins.metadata());
    return outcome;
}

// The owner, when one was named: agents may name themselves, leads and managers anybody.
// A refusal opens nothing, so it does not speak of the key that would have been the next.
Result<Decision> give(Escalation const& raised, Person const& owner, Config const& config, rules::By const& by) {
    auto given = owner.id == by.actor.id ? rules::claim(raised, by) : rules::assign(raised, owner, config, by);
    if (given) return given;
    if (given.error().code == Errc::invalid)
        return fail(Errc::invalid, "Nothing was opened: the owner must be an active agent, lead or manager.");
    return fail(given.error().code,
                "Nothing was opened: leads and managers name an owner, agents only themselves. "
                "Leave owner: out to open it without one.");
}

// A mention in a thread speaks of the thread: all who raise it there raise the same.
MessageRef source_of_mention(MessageRef const& mention) {
    if (mention.thread_ts.empty()) return mention;
    return {mention.channel, mention.thread_ts, {}};
}

// The escalation that this message or its thread has already. A thread whose escalation is over may have another.
std::optional<Escalation> raised_before(Tx const& tx, rules::RaiseRequest const& request) {
    if (request.origin != Origin::slack_message) return std::nullopt;
    auto const id = fmt::format("{}:{}", request.source.channel, request.source.ts);
    if (auto const known = tx.by_source({std::string{slack_system}, id, {}})) return tx.escalation(*known);
    if (auto const known = tx.by_source({std::string{thread_system}, id, {}}))
        if (auto escalation = tx.escalation(*known); escalation && escalation->open()) return escalation;
    return std::nullopt;
}

using Refuse = std::function<Outcome(Error const&)>;

// `once` names what may open only one escalation; empty: nothing does.
Work open(rules::RaiseRequest request, std::optional<Person> owner, Env const& env, Refuse refusal, SourceLink once = {}) {
    request.workspace = env.workspace;
    if (request.opened_at == Instant{}) request.opened_at = env.now;
    auto targets = env.config->targets(request.severity);
    return [request = std::move(request), owner = std::move(owner), targets = std::move(targets), who = by(env),
            config = env.config, refusal = std::move(refusal), once = std::move(once)](Tx& tx) {
        if (!once.external_id.empty())
            if (auto const known = tx.by_source(once)) return say(views::raised_answer(tx.escalation(*known).value(), {}));
        if (auto const known = raised_before(tx, request)) return say(views::raised_answer(*known, {}));
        auto numbered = request;
        numbered.id = tx.next_escalation_id();
        auto raised = rules::raise(numbered, targets, who);
        if (!raised) return refusal(raised.error());
        if (!once.external_id.empty()) raised->links.push_back(once);
        if (!owner) {
            tx.apply(*raised);
            return say(views::raised_answer(raised->after, {}));
        }
        auto given = give(raised->after, *owner, *config, who);
        if (!given) return refusal(given.error());
        tx.apply(*raised);
        tx.apply(*given);
        return say(views::raised_answer(given->after, {}));
    };
}

Result<Plan> by_command(slack::SlashCommand const& in, Env const& env) {
    if (trimmed(in.text).empty()) return Plan{open_form(*env.config, {in.channel, in.response_url})};
    ESC_TRY(auto const text, OpenText::parse(in.text));
    std::optional<Person> owner;
    if (text.owner) {
        owner = env.people->find(*text.owner);
        if (!owner) return fail(Errc::not_found, "The person after owner: is not known here: name somebody of this workspace.");
    }
    rules::RaiseRequest request;
    request.severity = text.severity.value_or(Severity::sev3);
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
    }
    return Plan{open(std::move(request), std::move(owner), env, [](Error const& error) { return refuse(error); })};
}

Result<Plan> by_form(slack::ViewSubmission const& in, Env const& env) {
    auto const title = blocks::one_line(trimmed(in.state.get("title")));
    auto const severity = parse_severity(in.state.get("severity"));
    Outcome wrong;
    auto const object = [&](std::string_view block, std::string sentence) {
        wrong.refused = true;
        wrong.reply.view_errors.emplace_back(block, std::move(sentence));
    };
    if (title.empty())
        object("title", "Say in a few words what is wrong.");
    else if (auto const length = blocks::length(title); length > rules::title_limit)
        object("title", fmt::format("At most {} characters, this is {}: the rest fits below.", rules::title_limit, length));
    if (!severity) object("severity", "Choose a severity.");
    if (wrong.refused) return Plan{std::move(wrong)};

    auto const origins = Origins::parse(in.private_metadata);
    rules::RaiseRequest request;
    request.severity = *severity;
    request.title = title;
    request.description = trimmed(in.state.get("description"));
    request.account = blocks::cut(blocks::one_line(trimmed(in.state.get("account"))), rules::account_limit);
    request.origin = Origin::modal;
    request.source.channel = origins.channel;
    request.response_url = origins.response_url;
    // A form whose answer was lost stays on the screen, and its button is pressed again.
    SourceLink const once{"slack", in.view_id.empty() ? std::string{} : "view:" + in.view_id};
    return Plan{open(
        std::move(request), {}, env, [](Error const& error) { return refuse_in_view("title", error.message); }, once)};
}

Result<Plan> by_shortcut(slack::Shortcut const&, Env const& env) { return Plan{open_form(*env.config, {})}; }

}  // namespace

void register_open(Router& router) {
    router.command("escalate", by_command);
    router.view(std::string{views::open_callback}, by_form);
    router.shortcut("new_escalation", by_shortcut);
}

}  // namespace esc::handlers
