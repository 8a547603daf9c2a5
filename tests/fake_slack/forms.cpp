// State values by element type.
#include "tests/fake_slack/forms.hpp"

#include <fmt/format.h>

#include <utility>
#include <vector>

namespace esc::fake {

namespace {

json::value option_with(json::object const& element, std::string_view value) {
    auto search = [&](json::array const& options) -> json::value {
        for (auto const& option : options)
            if (option.is_object() && text_of(option.get_object(), "value") == value) return option;
        return nullptr;
    };
    if (auto found = search(array_of(element, "options")); !found.is_null()) return found;
    for (auto const& group : array_of(element, "option_groups"))
        if (group.is_object())
            if (auto found = search(array_of(group.get_object(), "options")); !found.is_null()) return found;
    return nullptr;
}

struct Entered {
    json::object value{};
    std::string problem{};
};

Entered empty_value(json::object const& element) {
    auto const type = text_of(element, "type");
    auto initial = [&](char const* key) -> json::value {
        auto const* value = element.if_contains(key);
        return value == nullptr ? json::value(nullptr) : *value;
    };
    auto list = [&](char const* key) -> json::value {
        auto value = initial(key);
        return value.is_array() ? value : json::value(json::array());
    };
    json::object out{{"type", type}};
    if (type == "static_select" || type == "radio_buttons")
        out["selected_option"] = initial("initial_option");
    else if (type == "multi_static_select" || type == "checkboxes")
        out["selected_options"] = list("initial_options");
    else if (type == "users_select")
        out["selected_user"] = initial("initial_user");
    else if (type == "multi_users_select")
        out["selected_users"] = list("initial_users");
    else if (type == "channels_select")
        out["selected_channel"] = initial("initial_channel");
    else if (type == "conversations_select")
        out["selected_conversation"] = initial("initial_conversation");
    else if (type == "datepicker")
        out["selected_date"] = initial("initial_date");
    else if (type == "timepicker")
        out["selected_time"] = initial("initial_time");
    else if (type == "datetimepicker")
        out["selected_date_time"] = initial("initial_date_time");
    else
        out["value"] = initial("initial_value");
    return {std::move(out), {}};
}

Entered enter_text(json::object const& element, json::string const& text) {
    auto const size = static_cast<std::int64_t>(code_points(text));
    auto const max = number_of(element, "max_length").value_or(3000);
    auto const min = number_of(element, "min_length").value_or(0);
    if (size > max) return {{}, fmt::format("This entry is {} characters too long.", size - max)};
    if (size < min) return {{}, fmt::format("This entry needs at least {} characters.", min)};
    return {{{"type", text_of(element, "type")}, {"value", text.empty() ? json::value(nullptr) : json::value(text)}}, {}};
}

// What the person enters, as a state value; null clears the field.
Entered enter(Workspace& workspace, json::object const& element, json::value const& given) {
    auto const type = text_of(element, "type");
    json::object out{{"type", type}};
    if (given.is_null()) {
        auto bare = element;
        for (auto const* key : {"initial_option", "initial_options", "initial_user", "initial_users", "initial_channel",
                                "initial_conversation", "initial_date", "initial_time", "initial_date_time", "initial_value"})
            bare.erase(key);
        return empty_value(bare);
    }
    bool const many = type == "checkboxes" || type == "multi_static_select" || type == "multi_users_select";
    if (type == "datetimepicker") {
        if (!given.is_number()) return {{}, "Pick a date and a time (Unix seconds)."};
        out["selected_date_time"] = given;
        return {std::move(out), {}};
    }
    if (many != given.is_array() || (!many && !given.is_string())) return {{}, fmt::format("A {} does not take this.", type)};
    json::array picked;
    for (auto const& item : many ? given.get_array() : json::array{given}) {
        if (!item.is_string()) return {{}, fmt::format("A {} does not take this.", type)};
        std::string_view const text = item.get_string();
        json::value value = item;
        if (type == "static_select" || type == "radio_buttons" || type == "checkboxes" || type == "multi_static_select" ||
            type == "overflow") {
            value = option_with(element, text);
            if (value.is_null()) return {{}, fmt::format("\"{}\" is none of the options.", text)};
        } else if (type == "users_select" || type == "multi_users_select") {
            auto const* person = workspace.person(text);
            if (person == nullptr) return {{}, fmt::format("There is no person {}.", text)};
            value = person->id;
        } else if (type == "channels_select" || type == "conversations_select") {
            auto const* channel = workspace.channel(text);
            if (channel == nullptr) return {{}, fmt::format("There is no channel {}.", text)};
            value = channel->id;
        }
        picked.push_back(std::move(value));
    }
    if (type == "checkboxes" || type == "multi_static_select")
        out["selected_options"] = std::move(picked);
    else if (type == "multi_users_select")
        out["selected_users"] = std::move(picked);
    else if (type == "static_select" || type == "radio_buttons" || type == "overflow")
        out["selected_option"] = picked[0];
    else if (type == "users_select")
        out["selected_user"] = picked[0];
    else if (type == "channels_select")
        out["selected_channel"] = picked[0];
    else if (type == "conversations_select")
        out["selected_conversation"] = picked[0];
    else if (type == "datepicker")
        out["selected_date"] = picked[0];
    else if (type == "timepicker")
        out["selected_time"] = picked[0];
    else
        return enter_text(element, given.get_string());
    return {std::move(out), {}};
}

bool is_empty(json::object const& value) {
    for (auto const& member : value)
        if (member.key() != "type")
            return member.value().is_null() || (member.value().is_array() && member.value().get_array().empty());
    return true;
}

bool keeps_state(json::object const& element) {
    auto const type = text_of(element, "type");
    return !type.empty() && type != "button" && type != "overflow" && type != "image";
}

// Every element of the view that has a value, with its block.
template <class Visit>
void each_field(json::object const& view, Visit visit) {
    for (auto const& item : array_of(view, "blocks")) {
        if (!item.is_object()) continue;
        auto const& block = item.get_object();
        auto const type = text_of(block, "type");
        if (type == "input") visit(block, object_of(block, "element"));
        if (type == "section" && keeps_state(object_of(block, "accessory"))) visit(block, object_of(block, "accessory"));
        if (type != "actions") continue;
        for (auto const& element : array_of(block, "elements"))
            if (element.is_object() && keeps_state(element.get_object())) visit(block, element.get_object());
    }
}

}  // namespace

FormReading read_form(Workspace& workspace, View& view, json::object const& given) {
    FormReading reading;
    json::object unknown = given;
    each_field(view.definition, [&](json::object const& block, json::object const& element) {
        auto const block_id = text_of(block, "block_id");
        auto const action_id = text_of(element, "action_id");
        auto const key = block_id + "/" + action_id;
        if (auto const* value = given.if_contains(block_id)) {
            unknown.erase(block_id);
            auto entered = enter(workspace, element, *value);
            if (!entered.problem.empty())
                reading.errors[block_id] = entered.problem;
            else
                view.typed[key] = std::move(entered.value);
        }
        auto const* typed = view.typed.if_contains(key);
        auto value = typed != nullptr ? typed->get_object() : empty_value(element).value;
        if (text_of(block, "type") == "input" && !flag_of(block, "optional") && is_empty(value) &&
            !reading.errors.contains(block_id))
            reading.errors[block_id] = "Please complete this required field.";
        auto values = object_of(reading.values, block_id);
        values[action_id] = std::move(value);
        reading.values[block_id] = std::move(values);
    });
    for (auto const& member : unknown) reading.errors[member.key()] = "The view has no field in a block of this id.";
    return reading;
}

json::object form_state(Workspace& workspace, View& view) { return read_form(workspace, view, {}).values; }

std::optional<Pressed> find_element(json::array const& blocks, std::string const& action_id, std::string const& block_id,
                                    std::string const& value) {
    for (auto const& item : blocks) {
        if (!item.is_object()) continue;
        auto const& block = item.get_object();
        auto const id = text_of(block, "block_id");
        if (!block_id.empty() && block_id != id) continue;
        auto elements = array_of(block, "elements");
        if (block.contains("accessory")) elements.push_back(block.at("accessory"));
        if (flag_of(block, "dispatch_action")) elements.push_back(block.at("element"));
        for (auto const& candidate : elements) {
            if (!candidate.is_object()) continue;
            auto const& element = candidate.get_object();
            if (text_of(element, "action_id") != action_id) continue;
            if (text_of(element, "type") == "button" && !value.empty() && text_of(element, "value") != value) continue;
            return Pressed{.element = element, .block_id = id};
        }
    }
    return std::nullopt;
}

std::optional<json::object> action_of(Workspace& workspace, Pressed const& pressed, json::value const& value,
                                      std::string const& action_ts) {
    json::object action{{"action_id", text_of(pressed.element, "action_id")},
                        {"block_id", pressed.block_id},
                        {"action_ts", action_ts},
                        {"type", text_of(pressed.element, "type")}};
    if (text_of(pressed.element, "type") == "button") {
        for (auto const* key : {"text", "value", "style"})
            if (auto const* field = pressed.element.if_contains(key)) action[key] = *field;
        return action;
    }
    auto entered = enter(workspace, pressed.element, value);
    if (!entered.problem.empty()) return std::nullopt;
    for (auto& member : entered.value) action[member.key()] = std::move(member.value());
    return action;
}

}  // namespace esc::fake
