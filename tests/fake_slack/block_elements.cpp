// Elements (buttons, selects, inputs) and composition objects (texts, options, dialogs).
#include "tests/fake_slack/block_checker.hpp"

namespace esc::fake {

void Checker::text(json::object const& object, std::string const& at, std::string_view key, std::size_t max, Wording wording,
                   std::size_t min) {
    auto const* value = object.if_contains(key);
    if (value == nullptr) return;
    auto const here = fmt::format("{}/{}", at, key);
    if (!value->is_object()) return complain("must provide an object", here);
    auto const& text = value->get_object();
    auto const type = text_of(text, "type");
    if (type == "plain_text" && wording != Wording::mrkdwn) {
        fields(text, here, {"type", "text"}, {"emoji"});
    } else if (type == "mrkdwn" && wording != Wording::plain) {
        fields(text, here, {"type", "text"}, {"verbatim"});
    } else {
        complain(fmt::format("unsupported type: {}", type), here + "/type");
    }
    boolean(text, here, {"emoji", "verbatim"});
    string(text, here, "text", max, min);
}

void Checker::confirm(json::object const& element, std::string const& at) {
    auto const* value = element.if_contains("confirm");
    if (value == nullptr) return;
    auto const here = at + "/confirm";
    if (!value->is_object()) return complain("must provide an object", here);
    auto const& dialog = value->get_object();
    fields(dialog, here, {"title", "text", "confirm", "deny"}, {"style"});
    text(dialog, here, "title", 100);
    text(dialog, here, "text", 300, Wording::either);
    text(dialog, here, "confirm", 30);
    text(dialog, here, "deny", 30);
    if (dialog.contains("style") && !among(text_of(dialog, "style"), {"primary", "danger"}))
        complain("must be a valid enum value", here + "/style");
}

void Checker::option(json::value const& value, std::string const& at) {
    if (!value.is_object()) return complain("must provide an object", at);
    auto const& option = value.get_object();
    fields(option, at, {"text", "value"}, {"description", "url"});
    text(option, at, "text", 75, Wording::either);
    string(option, at, "value", 150, 1);
    text(option, at, "description", 75, Wording::either);
}

void Checker::options(json::object const& element, std::string const& at, std::size_t min, std::size_t max) {
    std::set<std::string> values;
    auto check = [&](json::array const& list, std::string const& here) {
        for (std::size_t i = 0; i < list.size(); ++i) {
            auto const pointer = fmt::format("{}/{}", here, i);
            option(list[i], pointer);
            if (list[i].is_object() && !values.insert(text_of(list[i].get_object(), "value")).second)
                complain("option values must be unique", pointer + "/value");
        }
    };
    if (element.contains("options") == element.contains("option_groups"))
        complain("exactly one of options and option_groups must be given", at);
    check(array(element, at, "options", min, max), at + "/options");
    auto const groups = array(element, at, "option_groups", 1, 100);
    for (std::size_t i = 0; i < groups.size(); ++i) {
        auto const here = fmt::format("{}/option_groups/{}", at, i);
        if (!groups[i].is_object()) {
            complain("must provide an object", here);
            continue;
        }
        auto const& group = groups[i].get_object();
        fields(group, here, {"label", "options"}, {});
        text(group, here, "label", 75);
        check(array(group, here, "options", 1, 100), here + "/options");
    }
    if (auto const* initial = element.if_contains("initial_option")) {
        option(*initial, at + "/initial_option");
        if (initial->is_object() && !values.contains(text_of(initial->get_object(), "value")))
            complain("initial_option must be one of the options", at + "/initial_option");
    }
    auto const initials = array(element, at, "initial_options", 1, max);
    for (auto const& item : initials)
        if (!item.is_object() || !values.contains(text_of(item.get_object(), "value")))
            complain("initial_options must be among the options", at + "/initial_options");
}

void Checker::choice(json::object const& element, std::string const& at, std::string_view type) {
    text(element, at, "placeholder", 150);
    if (type == "static_select") {
        fields(element, at, {"type"},
               {"action_id", "options", "option_groups", "initial_option", "confirm", "focus_on_load", "placeholder"});
        options(element, at, 1, 100);
    } else if (type == "multi_static_select") {
        fields(element, at, {"type"},
               {"action_id", "options", "option_groups", "initial_options", "confirm", "focus_on_load", "placeholder",
                "max_selected_items"});
        options(element, at, 1, 100);
    } else if (type == "radio_buttons") {
        fields(element, at, {"type", "options"}, {"action_id", "initial_option", "confirm", "focus_on_load"});
        options(element, at, 1, 10);
    } else if (type == "checkboxes") {
        fields(element, at, {"type", "options"}, {"action_id", "initial_options", "confirm", "focus_on_load"});
        options(element, at, 1, 10);
    } else if (type == "overflow") {
        fields(element, at, {"type", "options"}, {"action_id", "confirm"});
        options(element, at, 1, 5);
    } else if (type == "users_select") {
        fields(element, at, {"type"}, {"action_id", "initial_user", "confirm", "focus_on_load", "placeholder"});
        string(element, at, "initial_user", 20, 1);
    } else if (type == "multi_users_select") {
        fields(element, at, {"type"},
               {"action_id", "initial_users", "confirm", "focus_on_load", "placeholder", "max_selected_items"});
    } else if (type == "channels_select") {
        fields(element, at, {"type"},
               {"action_id", "initial_channel", "confirm", "focus_on_load", "placeholder", "response_url_enabled"});
    } else {  // conversations_select
        fields(element, at, {"type"},
               {"action_id", "initial_conversation", "default_to_current_conversation", "confirm", "focus_on_load", "placeholder",
                "response_url_enabled", "filter"});
    }
    whole(element, at, "max_selected_items", 1, 1000);
}

void Checker::element(json::value const& value, std::string const& at, Names allowed) {
    if (!value.is_object()) return complain("must provide an object", at);
    auto const& element = value.get_object();
    auto const type = text_of(element, "type");
    if (!among(type, allowed)) return complain(fmt::format("unsupported type: {}", type), at + "/type");
    if (type == "image") {
        fields(element, at, {"type", "alt_text"}, {"image_url", "slack_file"});
        string(element, at, "image_url", 3000, 1);
        string(element, at, "alt_text", 2000, 1);
        return;
    }
    string(element, at, "action_id", 255, 1);
    if (auto const id = text_of(element, "action_id"); !id.empty() && !action_ids_.insert(id).second)
        complain(fmt::format("`action_id` \"{}\" already exists for this block", id), at + "/action_id");
    boolean(element, at, {"focus_on_load", "multiline", "is_decimal_allowed", "default_to_current_conversation"});
    if (flag_of(element, "focus_on_load") && ++focused_ > 1) complain("only one element may have focus_on_load", at);
    confirm(element, at);
    if (type == "button") {
        fields(element, at, {"type", "text"}, {"action_id", "url", "value", "style", "confirm", "accessibility_label"});
        text(element, at, "text", 75);
        string(element, at, "value", 2000);
        string(element, at, "url", 3000, 1);
        string(element, at, "accessibility_label", 75);
        if (element.contains("style") && !among(text_of(element, "style"), {"primary", "danger"}))
            complain("must be a valid enum value", at + "/style");
    } else if (type == "plain_text_input") {
        fields(element, at, {"type"},
               {"action_id", "initial_value", "multiline", "min_length", "max_length", "dispatch_action_config", "focus_on_load",
                "placeholder"});
        whole(element, at, "min_length", 0, 3000);
        whole(element, at, "max_length", 1, 3000);
        string(element, at, "initial_value", static_cast<std::size_t>(number_of(element, "max_length").value_or(3000)));
        text(element, at, "placeholder", 150);
    } else if (type == "number_input") {
        fields(
            element, at, {"type", "is_decimal_allowed"},
            {"action_id", "initial_value", "min_value", "max_value", "dispatch_action_config", "focus_on_load", "placeholder"});
    } else if (type == "email_text_input" || type == "url_text_input") {
        fields(element, at, {"type"}, {"action_id", "initial_value", "dispatch_action_config", "focus_on_load", "placeholder"});
    } else if (type == "datepicker") {
        fields(element, at, {"type"}, {"action_id", "initial_date", "confirm", "focus_on_load", "placeholder"});
    } else if (type == "timepicker") {
        fields(element, at, {"type"}, {"action_id", "initial_time", "confirm", "focus_on_load", "placeholder", "timezone"});
    } else if (type == "datetimepicker") {
        fields(element, at, {"type"}, {"action_id", "initial_date_time", "confirm", "focus_on_load"});
        whole(element, at, "initial_date_time", 1'000'000'000, 9'999'999'999);  // ten digits
    } else {
        choice(element, at, type);
    }
}

}  // namespace esc::fake
