// People in modals and on the Home tab: clicks, submissions, closing.
#include "tests/fake_slack/block_kit.hpp"
#include "tests/fake_slack/user_side.hpp"

#include <fmt/format.h>

#include <optional>

namespace esc::fake {

namespace {

// The view as an interaction shows it.
json::object with_state(Site& site, View& view) {
    auto shown = site.view_json(view);
    shown["state"] = {{"values", form_state(site.workspace, view)}};
    return shown;
}

void close_top(Person& person) {
    if (!person.modals.empty()) person.modals.pop_back();
}

}  // namespace

void UserSide::click_view(Action& action, Done done) {
    auto& person = *action.person;
    bool const home = flag_of(action.body, "home");
    View* view = home ? (person.home ? &*person.home : nullptr) : (person.modals.empty() ? nullptr : &person.modals.back());
    if (view == nullptr) return done(refusal(fmt::format("@{} has no such view open.", person.handle)));
    auto const action_id = text_of(action.body, "action_id");
    auto const pressed = find_element(array_of(view->definition, "blocks"), action_id, text_of(action.body, "block_id"),
                                      text_of(action.body, "value"));
    if (!pressed) return done(refusal(fmt::format("The view shows no element {} with that value.", action_id)));
    if (thinks_better(action, pressed->element, done)) return;
    auto const now = site_.clock.now();
    auto const* given = action.body.if_contains("value");
    auto const acted = action_of(site_.workspace, *pressed, given == nullptr ? json::value(nullptr) : *given,
                                 fmt::format("{}.{:06}", to_us(now) / 1'000'000, to_us(now) % 1'000'000));
    if (!acted) return done(refusal("The element does not offer that value."));
    if (text_of(pressed->element, "type") != "button" && given != nullptr) {
        auto const entered = read_form(site_.workspace, *view, {{pressed->block_id, *given}});
        if (auto const* problem = entered.errors.if_contains(pressed->block_id); problem != nullptr && problem->is_string())
            return done(refusal(std::string(problem->get_string())));
    }
    auto payload = site_.interaction("block_actions", person, !home);
    payload["container"] = {{"type", "view"}, {"view_id", view->id}};
    payload["view"] = with_state(site_, *view);
    payload["actions"] = json::array{*acted};
    interact(std::move(payload), true, std::move(done));
}

void UserSide::submit(Action& action, Done done) {
    auto& person = *action.person;
    if (person.modals.empty()) return done(refusal(fmt::format("@{} has no view open.", person.handle)));
    auto& view = person.modals.back();
    if (!view.definition.contains("submit")) return done(refusal("The view has no submit button."));
    auto const reading = read_form(site_.workspace, view, object_of(action.body, "values"));
    if (!reading.errors.empty())
        return done({{"ok", true}, {"outcome", "refused_by_client"}, {"errors", reading.errors}, {"closed", false}});
    auto payload = site_.interaction("view_submission", person, true);
    payload["view"] = with_state(site_, view);
    payload["response_urls"] = json::array();
    site_.hub.send_request(Kind::interactive, std::move(payload), true,
                           [this, user = person.id, view_id = view.id, done = std::move(done)](
                               Delivery delivery, std::optional<json::object> const& ack) {
                               json::object out{{"ok", true}, {"outcome", to_string(delivery)}, {"closed", false}};
                               if (delivery == Delivery::acked)
                                   for (auto& member : after_submit(user, view_id, ack.value_or(json::object())))
                                       out[member.key()] = std::move(member.value());
                               done(std::move(out));
                           });
}

json::object UserSide::after_submit(std::string const& user, std::string const& view_id, json::object const& ack) {
    auto& workspace = site_.workspace;
    auto& person = *workspace.person_by_id(user);
    auto* view = workspace.view_by_id(view_id);
    if (view == nullptr) return {{"closed", true}};
    auto const refused = [&](std::string what) -> json::object {
        site_.records.violation("answered a submission with " + what);
        return {{"closed", false}, {"problem", "We had some trouble connecting. Try again?"}};
    };
    auto const action = text_of(ack, "response_action");
    if (ack.empty()) {
        close_top(person);
        return {{"closed", true}};
    }
    if (action == "clear") {
        person.modals.clear();
        return {{"closed", true}};
    }
    if (action == "errors") {
        auto const errors = object_of(ack, "errors");
        if (errors.empty()) return refused("response_action errors but without errors");
        for (auto const& member : errors) {
            bool known = false;
            for (auto const& block : array_of(view->definition, "blocks"))
                known = known || (text_of(block.get_object(), "block_id") == std::string_view(member.key()) &&
                                  text_of(block.get_object(), "type") == "input");
            if (!known || !member.value().is_string())
                return refused(
                    fmt::format("an error for {}, which is no input block of the view", std::string_view(member.key())));
        }
        return {{"closed", false}, {"errors", errors}};
    }
    if (action == "update" || action == "push") {
        auto definition = object_of(ack, "view");
        if (auto const complaints = check_view(definition, Surface::modal); !complaints.empty())
            return refused("a bad view: " + complaints.front());
        if (action == "update") {
            workspace.touch(*view, std::move(definition));
        } else if (person.modals.size() >= 3) {
            return refused("a fourth view on the stack");
        } else {
            auto pushed = workspace.make_view(std::move(definition));
            pushed.root_id = person.modals.front().id;
            pushed.previous_id = view->id;
            person.modals.push_back(std::move(pushed));
        }
        return {{"closed", false}, {"view", site_.view_json(person.modals.back())}};
    }
    return refused(fmt::format("an unknown response_action \"{}\"", action));
}

void UserSide::close_view(Action& action) {
    auto& person = *action.person;
    bool const all = flag_of(action.body, "all");
    auto& closed = all ? person.modals.front() : person.modals.back();
    auto payload = site_.interaction("view_closed", person, true);
    payload.erase("trigger_id");
    payload["view"] = with_state(site_, closed);
    payload["is_cleared"] = all;
    bool const notify = flag_of(closed.definition, "notify_on_close");
    if (all)
        person.modals.clear();
    else
        close_top(person);
    if (notify) interact(std::move(payload), false, [](json::object const&) {});
}

}  // namespace esc::fake
