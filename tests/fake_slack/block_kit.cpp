// Blocks, views and metadata.
#include "tests/fake_slack/block_checker.hpp"

namespace esc::fake {

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
