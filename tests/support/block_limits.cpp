// The table of limits as Slack's reference gives it, by block and element type.
#include "tests/support/block_limits.hpp"

#include <boost/json/serialize.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace json = boost::json;

namespace esc::test {

namespace {

// Code points of valid UTF-8.
long characters(std::string_view text) {
    long count = 0;
    for (char const c : text)
        if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) ++count;
    return count;
}

enum class Place { message, modal, home };

class Checker {
public:
    explicit Checker(Place place) : place_(place) {}

    void blocks(json::array const& blocks, long limit) {
        if (blocks.empty() || static_cast<long>(blocks.size()) > limit)
            report("/blocks", fmt::format("{} blocks, allowed are 1 to {}", blocks.size(), limit));
        for (std::size_t i = 0; i < blocks.size(); ++i) {
            auto const at = fmt::format("/blocks/{}", i);
            if (auto const* block = object(blocks[i], at)) this->block(*block, at);
        }
    }

    void home(json::object const& view) {
        keys(view, "", {"type", "blocks", "callback_id", "private_metadata", "external_id"});
        if (text(view, "type") != "home") report("", "a Home's type is home");
        string_length(view, "callback_id", "", 1, 255);
        string_length(view, "private_metadata", "", 0, 3000);
        if (auto const* list = array(view, "blocks", "")) blocks(*list, 100);
        size(view);
    }

    void view(json::object const& view) {
        keys(view, "",
             {"type", "title", "blocks", "submit", "close", "callback_id", "private_metadata", "external_id", "notify_on_close",
              "clear_on_close"});
        required_plain(view, "title", "", 24);
        optional_plain(view, "submit", "", 24);
        optional_plain(view, "close", "", 24);
        string_length(view, "callback_id", "", 1, 255);
        string_length(view, "private_metadata", "", 0, 3000);
        if (auto const* list = array(view, "blocks", "")) blocks(*list, 100);
        if (inputs_ > 0 && !view.contains("submit")) report("", "a modal with inputs needs submit");
        if (text(view, "type") != "modal") report("", "a modal's type is modal");
        size(view);
    }

    std::vector<std::string> take() { return std::move(found_); }

private:
    void size(json::object const& view) {
        if (auto const bytes = json::serialize(view).size(); bytes > 250'000) report("", fmt::format("{} bytes", bytes));
    }

    void report(std::string_view at, std::string_view what) { found_.push_back(fmt::format("{}: {}", at, what)); }

    json::object const* object(json::value const& value, std::string_view at) {
        if (auto const* found = value.if_object()) return found;
        report(at, "not an object");
        return nullptr;
    }
    json::object const* object(json::object const& from, std::string_view name, std::string_view at) {
        auto const* value = from.if_contains(name);
        if (value != nullptr && value->is_object()) return &value->get_object();
        report(at, fmt::format("{} is missing or not an object", name));
        return nullptr;
    }
    json::array const* array(json::object const& from, std::string_view name, std::string_view at) {
        auto const* value = from.if_contains(name);
        if (value != nullptr && value->is_array()) return &value->get_array();
        report(at, fmt::format("{} is missing or not an array", name));
        return nullptr;
    }
    static std::string text(json::object const& from, std::string_view name) {
        auto const* value = from.if_contains(name);
        return value != nullptr && value->is_string() ? std::string{std::string_view{value->get_string()}} : std::string{};
    }
    // Slack refuses what it does not know.
    void keys(json::object const& from, std::string_view at, std::set<std::string_view> const& known) {
        for (auto const& member : from)
            if (!known.contains(member.key())) report(at, fmt::format("unknown field {}", std::string_view{member.key()}));
    }
    // Absent is fine here.
    void string_length(json::object const& from, std::string_view name, std::string_view at, long least, long most) {
        auto const* value = from.if_contains(name);
        if (value == nullptr) return;
        if (!value->is_string()) return report(at, fmt::format("{} is not a string", name));
        auto const size = characters(value->get_string());
        if (size < least || size > most)
            report(at, fmt::format("{} has {} characters, allowed are {} to {}", name, size, least, most));
    }
    void required_string(json::object const& from, std::string_view name, std::string_view at, long most) {
        if (!from.contains(name)) return report(at, fmt::format("{} is missing", name));
        string_length(from, name, at, 1, most);
    }
    void text_object(json::object const& from, std::string_view name, std::string_view at, long most, bool only_plain) {
        auto const* value = object(from, name, at);
        if (value == nullptr) return;
        auto const here = fmt::format("{}/{}", at, name);
        this->text_object(*value, here, most, only_plain);
    }
    void text_object(json::object const& value, std::string_view at, long most, bool only_plain) {
        auto const type = text(value, "type");
        if (type == "plain_text") {
            keys(value, at, {"type", "text", "emoji"});
        } else if (type == "mrkdwn" && !only_plain) {
            keys(value, at, {"type", "text", "verbatim"});
        } else {
            report(at, fmt::format("text of type '{}' is not allowed here", type));
        }
        required_string(value, "text", at, most);
    }
    void required_plain(json::object const& from, std::string_view name, std::string_view at, long most) {
        text_object(from, name, at, most, true);
    }
    void optional_plain(json::object const& from, std::string_view name, std::string_view at, long most) {
        if (from.contains(name)) required_plain(from, name, at, most);
    }

    void block(json::object const& block, std::string const& at) {
        string_length(block, "block_id", at, 1, 255);
        if (auto const id = text(block, "block_id"); !id.empty() && !block_ids_.insert(id).second)
            report(at, fmt::format("block_id {} stands twice", id));
        auto const type = text(block, "type");
        if (type == "header") {
            keys(block, at, {"type", "block_id", "text", "level"});
            required_plain(block, "text", at, 150);
        } else if (type == "section") {
            section(block, at);
        } else if (type == "context") {
            context(block, at);
        } else if (type == "actions") {
            actions(block, at);
        } else if (type == "divider") {
            keys(block, at, {"type", "block_id"});
        } else if (type == "input" && place_ == Place::modal) {
            input(block, at);
        } else {
            report(at, fmt::format("block '{}' is not allowed here", type));
        }
    }

    void section(json::object const& block, std::string const& at) {
        keys(block, at, {"type", "block_id", "text", "fields", "accessory", "expand"});
        if (!block.contains("text") && !block.contains("fields")) report(at, "neither text nor fields");
        if (block.contains("text")) text_object(block, "text", at, 3000, false);
        if (block.contains("fields")) {
            if (auto const* fields = array(block, "fields", at)) {
                if (fields->empty() || fields->size() > 10) report(at, "1 to 10 fields are allowed");
                for (auto const& field : *fields)
                    if (auto const* held = object(field, at)) text_object(*held, at, 2000, false);
            }
        }
        if (block.contains("accessory"))
            if (auto const* accessory = object(block, "accessory", at)) element(*accessory, at + "/accessory");
    }

    void context(json::object const& block, std::string const& at) {
        keys(block, at, {"type", "block_id", "elements"});
        auto const* elements = array(block, "elements", at);
        if (elements == nullptr) return;
        if (elements->empty() || elements->size() > 10)
            report(at, fmt::format("{} elements, allowed are 1 to 10", elements->size()));
        for (std::size_t i = 0; i < elements->size(); ++i) {
            auto const here = fmt::format("{}/elements/{}", at, i);
            if (auto const* held = object((*elements)[i], here)) text_object(*held, here, 3000, false);
        }
    }

    void actions(json::object const& block, std::string const& at) {
        keys(block, at, {"type", "block_id", "elements"});
        auto const* elements = array(block, "elements", at);
        if (elements == nullptr) return;
        if (elements->empty() || elements->size() > 25)
            report(at, fmt::format("{} elements, allowed are 1 to 25", elements->size()));
        std::set<std::string> ids;
        for (std::size_t i = 0; i < elements->size(); ++i) {
            auto const here = fmt::format("{}/elements/{}", at, i);
            auto const* held = object((*elements)[i], here);
            if (held == nullptr) continue;
            element(*held, here);
            if (!ids.insert(text(*held, "action_id")).second) report(here, "the action_id stands twice in one block");
        }
    }

    void input(json::object const& block, std::string const& at) {
        ++inputs_;
        keys(block, at, {"type", "block_id", "label", "element", "hint", "optional", "dispatch_action"});
        required_plain(block, "label", at, 2000);
        optional_plain(block, "hint", at, 2000);
        for (auto const* name : {"optional", "dispatch_action"})
            if (auto const* value = block.if_contains(name); value != nullptr && !value->is_bool()) report(at, name);
        auto const* held = object(block, "element", at);
        if (held == nullptr) return;
        if (text(*held, "type") == "button") report(at, "a button is no input");
        element(*held, at + "/element");
    }

    void element(json::object const& element, std::string const& at) {
        required_string(element, "action_id", at, 255);
        if (element.contains("confirm")) confirm(element, at);
        auto const type = text(element, "type");
        if (type == "button") {
            keys(element, at, {"type", "action_id", "text", "value", "url", "style", "accessibility_label", "confirm"});
            required_plain(element, "text", at, 75);
            string_length(element, "value", at, 1, 2000);
            string_length(element, "url", at, 1, 3000);
            string_length(element, "accessibility_label", at, 1, 75);
            if (auto const style = text(element, "style"); !style.empty() && style != "primary" && style != "danger")
                report(at, fmt::format("style '{}'", style));
        } else if (type == "static_select") {
            keys(element, at, {"type", "action_id", "options", "initial_option", "placeholder", "confirm", "focus_on_load"});
            options(element, at, 100);
            optional_plain(element, "placeholder", at, 150);
        } else if (type == "radio_buttons") {
            keys(element, at, {"type", "action_id", "options", "initial_option", "confirm", "focus_on_load"});
            options(element, at, 10);
        } else if (type == "checkboxes") {
            keys(element, at, {"type", "action_id", "options", "initial_options", "confirm", "focus_on_load"});
            options(element, at, 10);
            initial_options(element, at);
        } else if (type == "datetimepicker") {
            keys(element, at, {"type", "action_id", "initial_date_time", "confirm", "focus_on_load"});
            date_time(element, at);
        } else if (type == "overflow") {
            keys(element, at, {"type", "action_id", "options", "confirm"});
            options(element, at, 5);
        } else if (type == "users_select") {
            keys(element, at, {"type", "action_id", "initial_user", "placeholder", "confirm", "focus_on_load"});
            optional_plain(element, "placeholder", at, 150);
            string_length(element, "initial_user", at, 1, 255);
        } else if (type == "plain_text_input" && place_ == Place::modal) {
            keys(element, at,
                 {"type", "action_id", "initial_value", "multiline", "min_length", "max_length", "placeholder", "focus_on_load",
                  "dispatch_action_config"});
            optional_plain(element, "placeholder", at, 150);
            text_input(element, at);
        } else {
            report(at, fmt::format("element '{}' is not allowed here", type));
        }
    }

    void confirm(json::object const& element, std::string const& at) {
        auto const here = at + "/confirm";
        auto const* held = object(element, "confirm", at);
        if (held == nullptr) return;
        keys(*held, here, {"title", "text", "confirm", "deny", "style"});
        required_plain(*held, "title", here, 100);
        required_plain(*held, "text", here, 300);
        required_plain(*held, "confirm", here, 30);
        required_plain(*held, "deny", here, 30);
        if (auto const style = text(*held, "style"); !style.empty() && style != "primary" && style != "danger")
            report(here, fmt::format("style '{}'", style));
    }

    void date_time(json::object const& element, std::string const& at) {
        auto const* value = element.if_contains("initial_date_time");
        if (value == nullptr) return;
        if (!value->is_int64() || std::to_string(value->get_int64()).size() != 10) report(at, "initial_date_time has ten digits");
    }

    // Those that are ticked at first: some, each a copy of one of the options.
    void initial_options(json::object const& element, std::string const& at) {
        if (!element.contains("initial_options")) return;
        auto const* ticked = array(element, "initial_options", at);
        auto const* options = array(element, "options", at);
        if (ticked == nullptr || options == nullptr) return;
        if (ticked->empty()) report(at, "initial_options is empty");
        for (auto const& one : *ticked)
            if (std::find(options->begin(), options->end(), one) == options->end())
                report(at, "one of initial_options is none of the options");
    }

    void text_input(json::object const& element, std::string const& at) {
        long most = 3000;
        if (auto const* value = element.if_contains("max_length")) {
            if (!value->is_int64() || value->get_int64() < 1 || value->get_int64() > 3000) return report(at, "max_length");
            most = value->get_int64();
        }
        if (auto const* value = element.if_contains("min_length"))
            if (!value->is_int64() || value->get_int64() < 0 || value->get_int64() > most) report(at, "min_length");
        string_length(element, "initial_value", at, 0, most);
    }

    void options(json::object const& element, std::string const& at, std::size_t most) {
        auto const* list = array(element, "options", at);
        if (list == nullptr) return;
        if (list->empty() || list->size() > most) report(at, fmt::format("{} options, allowed are 1 to {}", list->size(), most));
        auto const type = text(element, "type");
        bool const only_plain = type != "radio_buttons" && type != "checkboxes";
        std::set<std::string> values;
        bool initial_found = !element.contains("initial_option");
        for (std::size_t i = 0; i < list->size(); ++i) {
            auto const here = fmt::format("{}/options/{}", at, i);
            auto const* option = object((*list)[i], here);
            if (option == nullptr) continue;
            keys(*option, here, {"text", "value", "description", "url"});
            text_object(*option, "text", here, 75, only_plain);
            if (option->contains("description")) text_object(*option, "description", here, 75, only_plain);
            required_string(*option, "value", here, 150);
            if (!values.insert(text(*option, "value")).second) report(here, "the value stands twice");
            if (!initial_found) initial_found = element.at("initial_option") == (*list)[i];
        }
        if (!initial_found) report(at, "initial_option is none of the options");
    }

    Place place_;
    int inputs_ = 0;
    std::set<std::string> block_ids_;
    std::vector<std::string> found_;
};

// Calls `take` with every mrkdwn text object below `value`.
template <class Take>
void each_mrkdwn(json::value const& value, Take const& take) {
    if (auto const* list = value.if_array())
        for (auto const& element : *list) each_mrkdwn(element, take);
    auto const* object = value.if_object();
    if (object == nullptr) return;
    auto const* type = object->if_contains("type");
    if (type != nullptr && type->is_string() && std::string_view{type->get_string()} == "mrkdwn") take(*object);
    for (auto const& member : *object) each_mrkdwn(member.value(), take);
}

}  // namespace

std::vector<std::string> check_message_blocks(json::array const& blocks) {
    Checker checker{Place::message};
    checker.blocks(blocks, 50);
    return checker.take();
}

std::vector<std::string> check_modal(json::object const& view) {
    Checker checker{Place::modal};
    checker.view(view);
    return checker.take();
}

std::vector<std::string> check_home(json::object const& view) {
    Checker checker{Place::home};
    checker.home(view);
    return checker.take();
}

std::vector<std::string> tokens_of(std::string_view markup) {
    std::vector<std::string> tokens;
    for (auto open = markup.find('<'); open != std::string_view::npos; open = markup.find('<', open + 1)) {
        auto const close = markup.find('>', open);
        tokens.emplace_back(markup.substr(open, close == std::string_view::npos ? close : close - open + 1));
    }
    return tokens;
}

std::vector<std::string> live_tokens(json::value const& value) {
    std::vector<std::string> tokens;
    each_mrkdwn(value, [&](json::object const& text) {
        auto const* held = text.if_contains("text");
        if (held == nullptr || !held->is_string()) return;
        for (auto& token : tokens_of(held->get_string())) tokens.push_back(std::move(token));
    });
    return tokens;
}

std::vector<std::string> not_verbatim(json::value const& value) {
    std::vector<std::string> found;
    each_mrkdwn(value, [&](json::object const& text) {
        auto const* verbatim = text.if_contains("verbatim");
        if (verbatim == nullptr || !verbatim->is_bool() || !verbatim->get_bool())
            found.emplace_back(text.contains("text") && text.at("text").is_string() ? text.at("text").get_string().c_str() : "");
    });
    return found;
}

}  // namespace esc::test
