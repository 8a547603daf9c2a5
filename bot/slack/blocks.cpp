// The builders: every limit of Block Kit that concerns us is applied here, so that no text of any length from anybody makes
// Slack refuse a message.
#include "bot/slack/blocks.hpp"

#include "bot/base/utf8.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <set>

namespace json = boost::json;

namespace esc::slack::blocks {

namespace {

constexpr std::size_t text_max = 3000;
constexpr std::size_t header_max = 150;
constexpr std::size_t label_max = 2000;
constexpr std::size_t id_max = 255;
constexpr std::size_t button_text_max = 75;
constexpr std::size_t button_value_max = 2000;
constexpr std::size_t url_max = 3000;
constexpr std::size_t option_text_max = 75;
constexpr std::size_t option_value_max = 150;
constexpr std::size_t placeholder_max = 150;
constexpr std::size_t select_options_max = 100;
constexpr std::size_t radio_options_max = 10;  // and checkboxes
constexpr std::size_t confirm_text_max = 300;
constexpr std::int64_t date_time_min = 1'000'000'000;  // ten digits, says Slack
constexpr std::int64_t date_time_max = 9'999'999'999;
constexpr std::size_t context_elements_max = 10;
constexpr std::size_t actions_elements_max = 25;
constexpr std::size_t message_blocks_max = 50;
constexpr std::size_t view_blocks_max = 100;
constexpr std::size_t view_bytes_max = 240'000;  // of blocks; Slack takes 250 kB of all
constexpr std::size_t modal_title_max = 24;
constexpr std::size_t private_metadata_max = 3000;
constexpr int input_length_max = 3000;

// Slack refuses empty texts; a dash says that there is nothing.
std::string something(std::string text) {
    bool const blank = text.find_first_not_of(" \n\t") == std::string::npos;
    return blank ? std::string{"–"} : std::move(text);
}

std::string without_controls(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        auto const point = utf8::decode(text, at);
        if (!utf8::is_hidden_control(point.value)) out += text.substr(at, point.size);
        at += point.size;
    }
    return out;
}

json::object plain(std::string text) { return {{"type", "plain_text"}, {"text", something(std::move(text))}, {"emoji", true}}; }

json::object plain_line(std::string_view text, std::size_t limit) { return plain(cut(one_line(text), limit)); }

// Ids, values and metadata are for machines: shortened without a mark.
std::string shortened(std::string_view text, std::size_t limit) {
    std::size_t end = 0;
    for (std::size_t count = 0; count < limit && end < text.size(); ++count) end += utf8::decode(text, end).size;
    return cut(text.substr(0, end), limit);
}

json::object option_json(Option const& option) {
    json::object out{{"text", plain_line(option.text, option_text_max)}, {"value", shortened(option.value, option_value_max)}};
    if (!option.description.empty()) out["description"] = plain_line(option.description, option_text_max);
    return out;
}

// Slack knows an initial option by being the same as one of the options in all its fields.
enum class Picks : std::uint8_t { one, several };
Element choice_json(std::string_view type, Choice const& choice, std::size_t options_max, Picks picks = Picks::one) {
    json::array options;
    json::array initial;
    std::set<std::string> seen;
    auto const picked = [&](std::string_view value) {
        if (value.empty() || choice.initial_value.empty()) return false;
        if (picks == Picks::one) return value == choice.initial_value;
        return fmt::format(",{},", choice.initial_value).find(fmt::format(",{},", value)) != std::string::npos;
    };
    for (auto const& option : choice.options) {
        if (options.size() == options_max) break;
        if (!seen.insert(shortened(option.value, option_value_max)).second) continue;
        options.push_back(option_json(option));
        if (picked(option.value)) initial.push_back(options.back());
    }
    json::object out{{"type", type}, {"action_id", shortened(choice.action_id, id_max)}, {"options", std::move(options)}};
    if (!initial.empty() && picks == Picks::one) out["initial_option"] = std::move(initial.front());
    if (!initial.empty() && picks == Picks::several) out["initial_options"] = std::move(initial);
    return {std::move(out)};
}

json::object confirm_json(std::string_view question, Style style) {
    json::object out{{"title", plain("Are you sure?")},
                     {"text", plain_line(question, confirm_text_max)},
                     {"confirm", plain("Yes")},
                     {"deny", plain("No")}};
    if (style == Style::danger) out["style"] = "danger";
    return out;
}

json::object dropped_note(std::size_t count) {
    return context({mrkdwn_text(fmt::format("… and {} more that do not fit here", count))}).json;
}

// As many as a view may hold, by count and by size.
json::array in_view(std::vector<json::object const*> const& blocks) {
    json::array shown;
    std::size_t bytes = 0;
    for (std::size_t at = 0; at < blocks.size(); ++at) {
        bytes += json::serialize(*blocks[at]).size() + 1;
        bool const last_place = shown.size() + 1 == view_blocks_max;
        if (bytes > view_bytes_max || (last_place && at + 1 < blocks.size())) {
            shown.push_back(dropped_note(blocks.size() - at));
            break;
        }
        shown.push_back(*blocks[at]);
    }
    return shown;
}

}  // namespace

Text plain_text(std::string_view text) { return {plain(cut(without_controls(text), text_max))}; }

Text mrkdwn_text(std::string_view markup) {
    return {{{"type", "mrkdwn"}, {"text", something(cut_markup(markup, text_max))}, {"verbatim", true}}};
}

Element button(Button const& button) {
    json::object out{{"type", "button"},
                     {"action_id", shortened(button.action_id, id_max)},
                     {"text", plain_line(button.text, button_text_max)}};
    if (!button.value.empty()) out["value"] = shortened(button.value, button_value_max);
    switch (button.style) {
        case Style::normal:
            break;
        case Style::primary:
            out["style"] = "primary";
            break;
        case Style::danger:
            out["style"] = "danger";
            break;
    }
    // A cut address leads elsewhere: one that is too long is left out.
    if (!button.url.empty() && length(button.url) <= url_max) out["url"] = cut(button.url, url_max);
    if (!button.accessibility_label.empty())
        out["accessibility_label"] = cut(one_line(button.accessibility_label), button_text_max);
    if (!button.confirm.empty()) out["confirm"] = confirm_json(button.confirm, button.style);
    return {std::move(out)};
}

Element static_select(Choice const& choice) {
    auto out = choice_json("static_select", choice, select_options_max);
    if (!choice.placeholder.empty()) out.json["placeholder"] = plain_line(choice.placeholder, placeholder_max);
    return out;
}

Element radio_buttons(Choice const& choice) { return choice_json("radio_buttons", choice, radio_options_max); }

Element checkboxes(Choice const& choice) { return choice_json("checkboxes", choice, radio_options_max, Picks::several); }

Element datetimepicker(std::string_view action_id, std::optional<Instant> initial) {
    json::object out{{"type", "datetimepicker"}, {"action_id", shortened(action_id, id_max)}};
    auto const seconds = initial ? to_us(*initial) / 1'000'000 : 0;
    if (seconds >= date_time_min && seconds <= date_time_max) out["initial_date_time"] = seconds;
    return {std::move(out)};
}

Element plain_text_input(TextInput const& input) {
    auto const max_length = input.max_length > 0 ? std::min(input.max_length, input_length_max) : input_length_max;
    json::object out{{"type", "plain_text_input"}, {"action_id", shortened(input.action_id, id_max)}};
    if (input.multiline) out["multiline"] = true;
    if (input.min_length > 0) out["min_length"] = std::min(input.min_length, max_length);
    if (input.max_length > 0) out["max_length"] = max_length;
    if (!input.initial_value.empty())
        out["initial_value"] = cut(without_controls(input.initial_value), static_cast<std::size_t>(max_length));
    if (!input.placeholder.empty()) out["placeholder"] = plain_line(input.placeholder, placeholder_max);
    return {std::move(out)};
}

Element users_select(std::string_view action_id, std::string_view placeholder, PersonId const& initial) {
    json::object out{{"type", "users_select"}, {"action_id", shortened(action_id, id_max)}};
    if (!initial.empty()) out["initial_user"] = initial.value;
    if (!placeholder.empty()) out["placeholder"] = plain_line(placeholder, placeholder_max);
    return {std::move(out)};
}

Block header(std::string_view plain) { return {{{"type", "header"}, {"text", plain_line(plain, header_max)}}}; }

Block section(Text text) { return {{{"type", "section"}, {"text", std::move(text.json)}}}; }

Block section(Text text, Element accessory) {
    return {{{"type", "section"}, {"text", std::move(text.json)}, {"accessory", std::move(accessory.json)}}};
}

Block context(std::vector<Text> texts) {
    json::array elements;
    for (auto& text : texts) {
        if (elements.size() == context_elements_max) break;
        elements.push_back(std::move(text.json));
    }
    return {{{"type", "context"}, {"elements", std::move(elements)}}};
}

Block divider() { return {{{"type", "divider"}}}; }

Block actions(std::string_view block_id, std::vector<Element> elements) {
    json::array shown;
    for (auto& element : elements) {
        if (shown.size() == actions_elements_max) break;
        shown.push_back(std::move(element.json));
    }
    json::object out{{"type", "actions"}};
    if (!block_id.empty()) out["block_id"] = shortened(block_id, id_max);
    out["elements"] = std::move(shown);
    return {std::move(out)};
}

InputBlock input(Input input) {
    json::object out{{"type", "input"},
                     {"block_id", shortened(input.block_id, id_max)},
                     {"label", plain_line(input.label, label_max)},
                     {"element", std::move(input.element.json)}};
    if (!input.hint.empty()) out["hint"] = plain(cut(without_controls(input.hint), label_max));
    if (input.optional) out["optional"] = true;
    if (input.dispatch_action) out["dispatch_action"] = true;
    return {std::move(out)};
}

json::array Message::blocks_json() const {
    json::array out;
    auto const kept = blocks.size() > message_blocks_max ? message_blocks_max - 1 : blocks.size();
    for (std::size_t i = 0; i < kept; ++i) out.push_back(blocks[i].json);
    if (kept < blocks.size()) out.push_back(dropped_note(blocks.size() - kept));
    return out;
}

json::object Modal::json() const {
    std::vector<json::object const*> all;
    all.reserve(blocks.size());
    for (auto const& block : blocks) all.push_back(&block);
    json::object out{{"type", "modal"}, {"title", plain_line(title, modal_title_max)}};
    if (!callback_id.empty()) out["callback_id"] = shortened(callback_id, id_max);
    if (!submit.empty()) out["submit"] = plain_line(submit, modal_title_max);
    if (!close.empty()) out["close"] = plain_line(close, modal_title_max);
    if (!private_metadata.empty()) out["private_metadata"] = shortened(private_metadata, private_metadata_max);
    out["blocks"] = in_view(all);
    return out;
}

json::object Home::json() const {
    std::vector<json::object const*> all;
    all.reserve(blocks.size());
    for (auto const& block : blocks) all.push_back(&block.json);
    json::object out{{"type", "home"}};
    if (!private_metadata.empty()) out["private_metadata"] = shortened(private_metadata, private_metadata_max);
    out["blocks"] = in_view(all);
    return out;
}

}  // namespace esc::slack::blocks
