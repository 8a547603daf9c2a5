// What happened, in order.
#include "handlers/act.hpp"
#include "handlers/views/story.hpp"

#include <charconv>
#include <system_error>

namespace esc::handlers {
namespace {

enum class Where : std::uint8_t { message, view, own_form };

// Pressed in a form or in Home, where no message can stand, it is a form; in that form the pages take each other's place.
Query history(EscalationId id, std::size_t page, Where where, Env const& env) {
    return look(
        id,
        [page, where](Escalation const& escalation, rules::By const& by, Snapshot const& snapshot) {
            if (auto const may = rules::may(rules::Verb::history, escalation, by); !may)
                return refuse(escalation, may.error(), snapshot);
            auto message = views::history(escalation, snapshot.events(escalation.id), page);
            if (where == Where::message) return say(std::move(message));
            Outcome outcome;
            auto& modal = where == Where::own_form ? outcome.replace_modal : outcome.open_modal;
            modal = views::as_modal(message, escalation, rules::Verb::history, "History");
            return outcome;
        },
        env);
}

std::size_t page_in(std::string_view digits) {
    std::size_t page = 0;
    auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), page);
    return error == std::errc{} && end == digits.data() + digits.size() ? page : 0;
}

Result<Plan> by_button(slack::BlockAction const& in, Env const& env) {
    ESC_TRY(auto const ref, CardRef::parse(in.value));
    return Plan{history(ref.id, 1, in.view_id.empty() ? Where::message : Where::view, env)};
}

// The value is that of a card's button, a colon and the page.
Result<Plan> turn(slack::BlockAction const& in, Env const& env) {
    auto const colon = in.value.rfind(':');
    ESC_TRY(auto const ref, CardRef::parse(std::string_view{in.value}.substr(0, colon)));
    auto const page = page_in(std::string_view{in.value}.substr(colon + 1));
    return Plan{history(ref.id, page, in.view_id.empty() ? Where::message : Where::own_form, env)};
}

// "history 12", "history 12 2"
Result<Plan> by_verb(Words const& words, Env const& env) {
    ESC_TRY(auto const id, words.key(0));
    auto const page = words.size() == 1 ? 1 : page_in(words.at(1));
    if (page == 0 || words.size() > 2)
        return fail(Errc::invalid, "After the key comes the page, if any: {} history {} 2.", env.config->slack.escalate_command,
                    id.number);
    return Plan{history(id, page, Where::message, env)};
}

}  // namespace

void register_history(Router& router) {
    router.action(route(rules::Verb::history), by_button);
    router.action(std::string{views::history_older_action}, turn);
    router.action(std::string{views::history_newer_action}, turn);
    router.verb("history", {"history 12 [page]", "all that happened, newest first; history 12 2 is the second page"}, by_verb);
}

}  // namespace esc::handlers
