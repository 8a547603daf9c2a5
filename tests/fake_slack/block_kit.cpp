// The checker walks blocks, elements and composition objects with a JSON pointer in hand and collects every complaint.
#include "tests/fake_slack/block_kit.hpp"

#include <boost/json/serialize.hpp>

#include <fmt/format.h>

#include <initializer_list>
#include <set>
#include <string_view>

namespace esc::fake {

namespace {

enum class Wording : std::uint8_t { plain, mrkdwn, either };
using Names = std::initializer_list<std::string_view>;

bool among(std::string_view name, Names names) {
    for (auto const candidate : names)
        if (candidate == name) return true;
    return false;
}

class Checker {
public:
    explicit Checker(Surface surface) : surface_(surface) {}

    void blocks(json::array const& list, std::string const& at);
    void view(json::object const& view);
    void complain(std::string_view what, std::string const& at) {
        complaints_.push_back(fmt::format("{} [json-pointer:{}]", what, at));
    }
    Complaints take() { return std::move(complaints_); }

    void fields(json::object const& object, std::string const& at, Names required, Names optional) {
        for (auto const name : required)
            if (!object.contains(name)) complain(fmt::format("missing required field: {}", name), at);
        for (auto const& member : object)
            if (!among(member.key(), required) && !among(member.key(), optional))
                complain(fmt::format("invalid additional property: {}", std::string_view(member.key())), at);
    }
    void string(json::object const& object, std::string const& at, std::string_view key, std::size_t max, std::size_t min = 0) {
        auto const* value = object.if_contains(key);
        if (value == nullptr) return;
        auto const here = fmt::format("{}/{}", at, key);
        if (!value->is_string()) return complain("must provide a string", here);
        auto const size = code_points(value->get_string());
        if (size > max) complain(fmt::format("must be less than {} characters", max + 1), here);
        if (size < min) complain(fmt::format("must be more than {} characters", min - 1), here);
    }
    void boolean(json::object const& object, std::string const& at, Names keys) {
        for (auto const key : keys)
            if (auto const* value = object.if_contains(key); value != nullptr && !value->is_bool())
                complain("must be a boolean", fmt::format("{}/{}", at, key));
    }
    void whole(json::object const& object, std::string const& at, std::string_view key, std::int64_t min, std::int64_t max) {
        auto const* value = object.if_contains(key);
        if (value == nullptr) return;
        auto const number = number_of(object, key);
        if (!number || *number < min || *number > max)
            complain(fmt::format("must be an integer from {} to {}", min, max), fmt::format("{}/{}", at, key));
    }
    void text(json::object const& object, std::string const& at, std::string_view key, std::size_t max,
              Wording wording = Wording::plain, std::size_t min = 1);
    // The array under `key` when it has between min and max items.
    json::array array(json::object const& object, std::string const& at, std::string_view key, std::size_t min, std::size_t max) {
        auto const here = fmt::format("{}/{}", at, key);
        auto const* value = object.if_contains(key);
        if (value == nullptr) return {};
        if (!value->is_array()) {
            complain("must provide an array", here);
            return {};
        }
        auto const size = value->get_array().size();
        if (size > max) complain(fmt::format("no more than {} items allowed", max), here);
        if (size < min) complain(fmt::format("no fewer than {} items allowed", min), here);
        return value->get_array();
    }

private:
    void block(json::object const& block, std::string const& at);
    void section(json::object const& block, std::string const& at);
    void input(json::object const& block, std::string const& at);
    void element(json::value const& value, std::string const& at, Names allowed);
    void choice(json::object const& element, std::string const& at, std::string_view type);
    void options(json::object const& element, std::string const& at, std::size_t min, std::size_t max);
    void option(json::value const& value, std::string const& at);
    void confirm(json::object const& element, std::string const& at);
    void rich_text(json::object const& block, std::string const& at);

    Surface surface_;
    Complaints complaints_{};
    std::set<std::string> action_ids_{};  // of the block at hand
    std::size_t markdown_ = 0;
    int focused_ = 0;
};

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
    } else {
        choice(element, at, type);
    }
}

void Checker::section(json::object const& block, std::string const& at) {
    fields(block, at, {"type"}, {"block_id", "text", "fields", "accessory", "expand"});
    if (!block.contains("text") && !block.contains("fields")) complain("missing required field: text or fields", at);
    text(block, at, "text", 3000, Wording::either);
    boolean(block, at, {"expand"});
    auto const columns = array(block, at, "fields", 1, 10);
    for (std::size_t i = 0; i < columns.size(); ++i)
        text({{"field", columns[i]}}, fmt::format("{}/fields/{}", at, i), "field", 2000, Wording::either);
    if (auto const* accessory = block.if_contains("accessory"))
        element(
            *accessory, at + "/accessory",
            {"button", "image", "static_select", "multi_static_select", "users_select", "multi_users_select", "channels_select",
             "conversations_select", "overflow", "checkboxes", "radio_buttons", "datepicker", "timepicker"});
}

void Checker::input(json::object const& block, std::string const& at) {
    if (surface_ == Surface::message) complain("input blocks are refused here: put them into a view", at);
    fields(block, at, {"type", "label", "element"}, {"block_id", "hint", "optional", "dispatch_action"});
    text(block, at, "label", 2000);
    text(block, at, "hint", 2000);
    boolean(block, at, {"optional", "dispatch_action"});
    if (auto const* inner = block.if_contains("element"))
        element(*inner, at + "/element",
                {"plain_text_input", "number_input", "email_text_input", "url_text_input", "static_select", "multi_static_select",
                 "users_select", "multi_users_select", "channels_select", "conversations_select", "checkboxes", "radio_buttons",
                 "datepicker", "timepicker", "datetimepicker"});
}

void Checker::rich_text(json::object const& block, std::string const& at) {
    fields(block, at, {"type", "elements"}, {"block_id"});
    auto const elements = array(block, at, "elements", 1, 1000);
    for (std::size_t i = 0; i < elements.size(); ++i) {
        auto const here = fmt::format("{}/elements/{}", at, i);
        auto const type = elements[i].is_object() ? text_of(elements[i].get_object(), "type") : std::string();
        if (!among(type, {"rich_text_section", "rich_text_list", "rich_text_quote", "rich_text_preformatted"})) {
            complain(fmt::format("unsupported type: {}", type), here + "/type");
            continue;
        }
        auto const& part = elements[i].get_object();
        fields(part, here, {"type", "elements"}, {"style", "indent", "border", "offset", "language"});
        whole(part, here, "indent", 0, 8);
        auto const inner = array(part, here, "elements", 0, 1000);
        for (std::size_t j = 0; j < inner.size(); ++j) {
            auto const kind = inner[j].is_object() ? text_of(inner[j].get_object(), "type") : std::string();
            if (!among(kind, {"text", "link", "emoji", "user", "usergroup", "channel", "broadcast", "date", "color",
                              "rich_text_section"}))
                complain(fmt::format("unsupported type: {}", kind), fmt::format("{}/elements/{}/type", here, j));
        }
    }
}

void Checker::block(json::object const& block, std::string const& at) {
    auto const type = text_of(block, "type");
    action_ids_.clear();
    string(block, at, "block_id", 255, 1);
    if (type == "section") {
        section(block, at);
    } else if (type == "actions") {
        fields(block, at, {"type", "elements"}, {"block_id"});
        auto const elements = array(block, at, "elements", 1, 25);
        for (std::size_t i = 0; i < elements.size(); ++i)
            element(elements[i], fmt::format("{}/elements/{}", at, i),
                    {"button", "static_select", "users_select", "channels_select", "conversations_select", "overflow",
                     "checkboxes", "radio_buttons", "datepicker", "timepicker", "datetimepicker"});
    } else if (type == "context") {
        fields(block, at, {"type", "elements"}, {"block_id"});
        auto const elements = array(block, at, "elements", 1, 10);
        for (std::size_t i = 0; i < elements.size(); ++i) {
            auto const here = fmt::format("{}/elements/{}", at, i);
            if (elements[i].is_object() && text_of(elements[i].get_object(), "type") == "image") {
                element(elements[i], here, {"image"});
            } else {
                text({{"text", elements[i]}}, here, "text", 3000, Wording::either);
            }
        }
    } else if (type == "header") {
        fields(block, at, {"type", "text"}, {"block_id", "level"});
        text(block, at, "text", 150);
        whole(block, at, "level", 1, 4);
    } else if (type == "divider") {
        fields(block, at, {"type"}, {"block_id"});
    } else if (type == "image") {
        fields(block, at, {"type", "alt_text"}, {"block_id", "image_url", "slack_file", "title"});
        string(block, at, "image_url", 3000, 1);
        string(block, at, "alt_text", 2000, 1);
        text(block, at, "title", 2000);
    } else if (type == "input") {
        input(block, at);
    } else if (type == "rich_text") {
        rich_text(block, at);
    } else if (type == "markdown" && surface_ == Surface::message) {
        fields(block, at, {"type", "text"}, {"block_id"});
        markdown_ += code_points(text_of(block, "text"));
        if (markdown_ > 12'000) complain("markdown blocks may hold 12000 characters together", at + "/text");
    } else {
        complain(fmt::format("unsupported type: {}", type), at + "/type");
    }
}

void Checker::blocks(json::array const& list, std::string const& at) {
    std::size_t const max = surface_ == Surface::message ? 50 : 100;
    if (list.size() > max) complain(fmt::format("no more than {} items allowed", max), at);
    std::set<std::string> ids;
    for (std::size_t i = 0; i < list.size(); ++i) {
        auto const here = fmt::format("{}/{}", at, i);
        if (!list[i].is_object()) {
            complain("must provide an object", here);
            continue;
        }
        block(list[i].get_object(), here);
        if (auto const id = text_of(list[i].get_object(), "block_id"); !id.empty() && !ids.insert(id).second)
            complain(fmt::format("`block_id` \"{}\" already exists", id), here + "/block_id");
    }
}

void Checker::view(json::object const& view) {
    std::string const at = "/view";
    bool const modal = surface_ == Surface::modal;
    if (text_of(view, "type") != (modal ? "modal" : "home"))
        complain(fmt::format("unsupported type: {}", text_of(view, "type")), at + "/type");
    if (modal) {
        fields(view, at, {"type", "title", "blocks"},
               {"submit", "close", "private_metadata", "callback_id", "clear_on_close", "notify_on_close", "external_id"});
    } else {
        fields(view, at, {"type", "blocks"}, {"private_metadata", "callback_id", "external_id"});
    }
    for (auto const* key : {"title", "submit", "close"}) text(view, at, key, 24);
    string(view, at, "private_metadata", 3000);
    string(view, at, "callback_id", 255);
    string(view, at, "external_id", 255);
    boolean(view, at, {"clear_on_close", "notify_on_close"});
    auto const* list = view.if_contains("blocks");
    if (list == nullptr) return;
    if (!list->is_array()) return complain("must provide an array", at + "/blocks");
    blocks(list->get_array(), at + "/blocks");
    bool has_input = false;
    for (auto const& item : list->get_array())
        has_input = has_input || (item.is_object() && text_of(item.get_object(), "type") == "input");
    if (modal && has_input && !view.contains("submit"))
        complain("`submit` is required when an `input` block is in the view", at + "/submit");
}

}  // namespace

Complaints check_blocks(json::array const& blocks, Surface surface, std::string const& pointer) {
    Checker checker(surface);
    checker.blocks(blocks, pointer);
    return checker.take();
}

Complaints check_view(json::object const& view, Surface surface) {
    Checker checker(surface);
    checker.view(view);
    return checker.take();
}

Complaints check_metadata(json::object const& metadata) {
    Checker checker(Surface::message);
    checker.fields(metadata, "/metadata", {"event_type", "event_payload"}, {"entities"});
    checker.string(metadata, "/metadata", "event_type", 255, 1);
    if (auto const* payload = metadata.if_contains("event_payload"); payload != nullptr && !payload->is_object())
        checker.complain("must provide an object", "/metadata/event_payload");
    return checker.take();
}

}  // namespace esc::fake
