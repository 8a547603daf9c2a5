// A link to where else it lives.
#include "handlers/act.hpp"
#include "handlers/raising.hpp"
#include "handlers/rules/work.hpp"
#include "handlers/views/work.hpp"

namespace esc::handlers {
namespace {

// The address belongs to one that is open: perhaps both are one. What is over gives it up.
Result<std::optional<Escalation>> holder(Escalation const& before, SourceLink const& link, std::string const& command,
                                         Tx const& tx) {
    auto const found = tx.by_source(link);
    if (!found) return std::optional<Escalation>{};
    auto other = tx.escalation(*found);
    if (*found != before.id && !(other && other->open())) return other;
    auto taken = *found == before.id ? fail(Errc::conflict, "{} has this link already.", before.id.key())
                                     : fail(Errc::conflict, "{} has this link already. If they are one: {} merge {} into {}.",
                                            other->id.key(), command, before.id.number, other->id.number);
    taken.cause = rules::refusal::target;
    return taken;
}

// No Act, since it decides about two: what is over gives up the link that this one takes.
Work link(CardRef const& ref, std::string url, bool typed, Env const& env) {
    return [ref, url = std::move(url), typed, config = env.config, who = by(env)](Tx& tx) {
        auto const before = look_up(tx, ref.id, who.actor);
        if (!before) {
            auto outcome = refuse(before.error());
            if (!typed) add_written(*outcome.reply.message, url);
            return outcome;
        }
        auto const refused = [&](Error const& error) {
            if (typed) return refuse(*before, error, tx);
            return refusal(*before, error,
                           {{rules::refusal::text, views::link_block}, {rules::refusal::target, views::link_block}}, url, tx);
        };
        auto const seen = rules::seen_by(who, *before);
        auto decision = rules::link(*before, url, seen);
        if (!decision) return refused(decision.error());
        if (tx.links(ref.id).size() >= rules::links_max)
            return refused(fail(Errc::conflict, "{} has {} links, and more it cannot have.", ref.id.key(), rules::links_max));
        auto const stored = as_stored(tx, decision->links.front());
        auto const other = holder(*before, stored, config->slack.escalate_command, tx);
        if (!other) return refused(other.error());
        if (*other) save(tx, rules::give_up_link(**other, stored, ref.id, seen));
        save(tx, *std::move(decision));
        return typed ? say(fmt::format("The link stands on {}.", ref.id.key())) : done();
    };
}

Query form(EscalationId id, Env const& env) {
    return open_form(
        rules::Verb::link, id,
        [](Escalation const& escalation, rules::By const&, Snapshot const& snapshot) {
            return views::link_modal(escalation, snapshot.links(escalation.id));
        },
        env);
}

// "<https://a|b>" and "<https://a>" as Slack writes links, or as typed.
std::string address_in(std::string_view word) {
    if (word.starts_with('<') && word.ends_with('>')) {
        word = word.substr(1, word.size() - 2);
        word = word.substr(0, word.find('|'));
    }
    return readable(word);
}

Result<Plan> by_button(slack::BlockAction const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.value));
    return Plan{form(ref.id, env)};
}

Result<Plan> by_form(slack::ViewSubmission const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.private_metadata));
    return Plan{link(ref, std::string{trimmed(in.state.get(views::link_block))}, false, env)};
}

Result<Plan> by_verb(Words const& words, Env const& env) {
    ESC_TRY(auto const id, words.key(0));
    if (words.size() == 1) return Plan{form(id, env)};
    return Plan{link({id, 0}, address_in(trimmed(words.rest(1))), true, env)};
}

}  // namespace

void register_link(Router& router) {
    router.action(route(rules::Verb::link), by_button);
    router.view(route(rules::Verb::link), by_form);
    router.verb("link", {"link 12 url", "a ticket, an incident, a document that belongs to it"}, by_verb);
}

}  // namespace esc::handlers
