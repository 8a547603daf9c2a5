// views.open, views.push, views.update, views.publish.
#include "tests/fake_slack/block_kit.hpp"
#include "tests/fake_slack/web_api.hpp"

#include <boost/json/serialize.hpp>

namespace esc::fake {

namespace {

constexpr auto string = ArgumentType::string;
constexpr auto object = ArgumentType::object;
constexpr std::size_t stack_max = 3;

json::object view_problem(MethodCall& call, Surface surface, std::string const& own_id) {
    auto const view = object_of(call.arguments, "view");
    if (json::serialize(view).size() > view_bytes_max) return refusal("view_too_large");
    if (auto const complaints = check_view(view, surface); !complaints.empty())
        return with_messages("invalid_arguments", complaints);
    auto const* same = call.site.workspace.view_by_external_id(text_of(view, "external_id"));
    if (same != nullptr && same->id != own_id) return refusal("duplicate_external_id");
    return {};
}

json::object shown(MethodCall const& call, View const& view) {
    return {{"ok", true}, {"view", call.site.view_json(view)}, {"response_metadata", {{"messages", json::array()}}}};
}

json::object open(MethodCall& call) {
    if (auto problem = view_problem(call, Surface::modal, ""); !problem.empty()) return problem;
    std::string error;
    auto const trigger = call.site.workspace.use_trigger(call.text("trigger_id"), call.now, error);
    if (!trigger) return refusal(error);
    auto& person = *call.site.workspace.person_by_id(trigger->user);
    person.modals.clear();
    person.modals.push_back(call.site.workspace.make_view(object_of(call.arguments, "view")));
    return shown(call, person.modals.back());
}

json::object push(MethodCall& call) {
    if (auto problem = view_problem(call, Surface::modal, ""); !problem.empty()) return problem;
    std::string error;
    auto const trigger = call.site.workspace.use_trigger(call.text("trigger_id"), call.now, error);
    if (!trigger) return refusal(error);
    auto& person = *call.site.workspace.person_by_id(trigger->user);
    if (!trigger->from_view || person.modals.empty()) return refusal("invalid_trigger_id");
    if (person.modals.size() >= stack_max) return refusal("push_limit_reached");
    auto view = call.site.workspace.make_view(object_of(call.arguments, "view"));
    view.root_id = person.modals.front().id;
    view.previous_id = person.modals.back().id;
    person.modals.push_back(std::move(view));
    return shown(call, person.modals.back());
}

json::object update(MethodCall& call) {
    auto& workspace = call.site.workspace;
    auto* view = call.has("view_id") ? workspace.view_by_id(call.text("view_id"))
                                     : workspace.view_by_external_id(call.text("external_id"));
    if (view == nullptr) return refusal("not_found");
    auto const surface = text_of(view->definition, "type") == "home" ? Surface::home : Surface::modal;
    if (auto problem = view_problem(call, surface, view->id); !problem.empty()) return problem;
    if (call.has("hash") && call.text("hash") != view->hash) return refusal("hash_conflict");
    workspace.touch(*view, object_of(call.arguments, "view"));
    return shown(call, *view);
}

json::object publish(MethodCall& call) {
    auto& workspace = call.site.workspace;
    if (!call.site.app.home_tab) return refusal("not_enabled");
    auto* person = workspace.person_by_id(call.text("user_id"));
    if (person == nullptr || person->is_bot) return refusal("user_not_found");
    if (auto problem = view_problem(call, Surface::home, person->home ? person->home->id : ""); !problem.empty()) return problem;
    if (call.has("hash") && (!person->home || call.text("hash") != person->home->hash)) return refusal("hash_conflict");
    if (person->home) {
        workspace.touch(*person->home, object_of(call.arguments, "view"));
    } else {
        person->home = workspace.make_view(object_of(call.arguments, "view"));
    }
    return shown(call, *person->home);
}

}  // namespace

std::vector<Method> const& view_methods() {
    static std::vector<Method> const methods{
        {"views.open", 100, "", Tokens::bot, {{"trigger_id", string, true}, {"view", object, true}}, open},
        {"views.push", 100, "", Tokens::bot, {{"trigger_id", string, true}, {"view", object, true}}, push},
        {"views.update", 100, "", Tokens::bot, {{"view_id"}, {"external_id"}, {"view", object, true}, {"hash"}}, update},
        {"views.publish", 100, "", Tokens::bot, {{"user_id", string, true}, {"view", object, true}, {"hash"}}, publish},
    };
    return methods;
}

}  // namespace esc::fake
