// Every limit at its edge and one above, and what may stand where.
#include "tests/fake_slack/block_kit.hpp"
#include "tests/fake_slack/tests/fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <functional>
#include <string>
#include <vector>

namespace esc::fake {

BOOST_AUTO_TEST_SUITE(block_kit)

namespace {

std::string letters(std::size_t count) { return std::string(count, 'x'); }
json::object mrkdwn(std::string const& text) { return {{"type", "mrkdwn"}, {"text", text}}; }
json::object section(json::object text) { return {{"type", "section"}, {"text", std::move(text)}}; }
json::object button(std::string const& id) { return {{"type", "button"}, {"action_id", id}, {"text", plain("Go")}}; }
json::object actions(json::array elements) { return {{"type", "actions"}, {"elements", std::move(elements)}}; }
json::object option(std::string const& text, std::string const& value) { return {{"text", plain(text)}, {"value", value}}; }
template <class Value>
json::object with(json::object object, std::string_view key, Value const& value) {
    object[key] = value;
    return object;
}
json::object input(json::object element) { return {{"type", "input"}, {"label", plain("L")}, {"element", std::move(element)}}; }
json::array many(std::size_t count, std::function<json::object(std::size_t)> const& make) {
    json::array out;
    for (std::size_t i = 0; i < count; ++i) out.push_back(make(i));
    return out;
}
json::array options(std::size_t count) {
    return many(count, [](std::size_t i) { return option("o", std::to_string(i)); });
}
bool accepted(json::array const& blocks, Surface surface) { return check_blocks(blocks, surface).empty(); }

struct Limit {
    std::string_view name;
    std::size_t max;
    Surface surface;
    std::function<json::array(std::size_t)> blocks;
};

std::vector<Limit> limits() {
    auto one = [](json::object block) { return json::array{std::move(block)}; };
    return {
        {"message blocks", 50, Surface::message,
         [](std::size_t n) { return many(n, [](std::size_t) {
                                 return json::object{{"type", "divider"}};
                             }); }},
        {"modal blocks", 100, Surface::modal,
         [](std::size_t n) { return many(n, [](std::size_t) {
                                 return json::object{{"type", "divider"}};
                             }); }},
        {"home blocks", 100, Surface::home,
         [](std::size_t n) { return many(n, [](std::size_t) {
                                 return json::object{{"type", "divider"}};
                             }); }},
        {"section text", 3000, Surface::message, [=](std::size_t n) { return one(section(mrkdwn(letters(n)))); }},
        {"section fields", 10, Surface::message,
         [=](std::size_t n) {
             return one({{"type", "section"}, {"fields", many(n, [](std::size_t) { return mrkdwn("f"); })}});
         }},
        {"section field text", 2000, Surface::message,
         [=](std::size_t n) {
             return one({{"type", "section"}, {"fields", json::array{mrkdwn(letters(n))}}});
         }},
        {"actions elements", 25, Surface::message,
         [=](std::size_t n) { return one(actions(many(n, [](std::size_t i) { return button(std::to_string(i)); }))); }},
        {"context elements", 10, Surface::message,
         [=](std::size_t n) {
             return one({{"type", "context"}, {"elements", many(n, [](std::size_t) { return mrkdwn("c"); })}});
         }},
        {"header text", 150, Surface::message,
         [=](std::size_t n) {
             return one({{"type", "header"}, {"text", plain(letters(n))}});
         }},
        {"block_id", 255, Surface::message,
         [=](std::size_t n) {
             return one({{"type", "divider"}, {"block_id", letters(n)}});
         }},
        {"action_id", 255, Surface::message, [=](std::size_t n) { return one(actions({button(letters(n))})); }},
        {"button text", 75, Surface::message,
         [=](std::size_t n) { return one(actions({with(button("b"), "text", plain(letters(n)))})); }},
        {"button value", 2000, Surface::message,
         [=](std::size_t n) { return one(actions({with(button("b"), "value", letters(n))})); }},
        {"button label", 75, Surface::message,
         [=](std::size_t n) { return one(actions({with(button("b"), "accessibility_label", letters(n))})); }},
        {"select options", 100, Surface::message,
         [=](std::size_t n) {
             return one(actions({{{"type", "static_select"}, {"options", options(n)}}}));
         }},
        {"option text", 75, Surface::message,
         [=](std::size_t n) {
             return one(actions({{{"type", "static_select"}, {"options", json::array{option(letters(n), "v")}}}}));
         }},
        {"option value", 150, Surface::message,
         [=](std::size_t n) {
             return one(actions({{{"type", "static_select"}, {"options", json::array{option("o", letters(n))}}}}));
         }},
        {"placeholder", 150, Surface::message,
         [=](std::size_t n) {
             return one(actions({{{"type", "users_select"}, {"placeholder", plain(letters(n))}}}));
         }},
        {"overflow options", 5, Surface::message,
         [=](std::size_t n) {
             return one(actions({{{"type", "overflow"}, {"options", options(n)}}}));
         }},
        {"radio options", 10, Surface::modal,
         [=](std::size_t n) {
             return one(input({{"type", "radio_buttons"}, {"options", options(n)}}));
         }},
        {"checkbox options", 10, Surface::modal,
         [=](std::size_t n) {
             return one(input({{"type", "checkboxes"}, {"options", options(n)}}));
         }},
        {"input label", 2000, Surface::modal,
         [=](std::size_t n) {
             return one(with(input({{"type", "plain_text_input"}}), "label", plain(letters(n))));
         }},
        {"input hint", 2000, Surface::modal,
         [=](std::size_t n) {
             return one(with(input({{"type", "plain_text_input"}}), "hint", plain(letters(n))));
         }},
        {"input max_length", 3000, Surface::modal,
         [=](std::size_t n) {
             return one(input({{"type", "plain_text_input"}, {"max_length", n}}));
         }},
        {"initial value", 3000, Surface::modal,
         [=](std::size_t n) {
             return one(input({{"type", "plain_text_input"}, {"initial_value", letters(n)}}));
         }},
        {"confirm title", 100, Surface::message,
         [=](std::size_t n) {
             return one(actions(
                 {with(button("b"), "confirm",
                       json::object{
                           {"title", plain(letters(n))}, {"text", plain("t")}, {"confirm", plain("y")}, {"deny", plain("n")}})}));
         }},
        {"image alt text", 2000, Surface::message,
         [=](std::size_t n) {
             return one({{"type", "image"}, {"image_url", "https://x.example/i.png"}, {"alt_text", letters(n)}});
         }},
        {"markdown", 12'000, Surface::message,
         [=](std::size_t n) {
             return json::array{json::object{{"type", "markdown"}, {"text", letters(6000)}},
                                json::object{{"type", "markdown"}, {"text", letters(n - 6000)}}};
         }},
    };
}

}  // namespace

BOOST_AUTO_TEST_CASE(limits_hold_at_the_edge_and_one_above) {
    for (auto const& limit : limits()) {
        BOOST_TEST_CONTEXT(limit.name) {
            auto const complaints = check_blocks(limit.blocks(limit.max), limit.surface);
            BOOST_TEST(complaints.empty(), (complaints.empty() ? std::string() : complaints.front()));
            BOOST_TEST(!accepted(limit.blocks(limit.max + 1), limit.surface));
        }
    }
}

BOOST_AUTO_TEST_CASE(code_points_count_not_bytes) {
    std::string text;
    for (int i = 0; i < 150; ++i) text += "\u00e9";
    BOOST_TEST(accepted({json::object{{"type", "header"}, {"text", plain(text)}}}, Surface::message));
}

BOOST_AUTO_TEST_CASE(what_is_refused) {
    std::vector<std::pair<std::string_view, json::value>> const table{
        {"unknown block", json::object{{"type", "sektion"}}},
        {"unknown field", with(section(mrkdwn("x")), "accesory", 1)},
        {"mrkdwn in a header", json::object{{"type", "header"}, {"text", mrkdwn("x")}}},
        {"empty text", section(mrkdwn(""))},
        {"section without text", json::object{{"type", "section"}}},
        {"unknown element", actions({{{"type", "knob"}}})},
        {"text input in actions", actions({{{"type", "plain_text_input"}}})},
        {"input in a message", input({{"type", "plain_text_input"}})},
        {"wrong style", actions({with(button("b"), "style", "green")})},
        {"no elements", actions({})},
        {"verbatim in plain_text", section(with(plain("x"), "verbatim", true))},
        {"same action_id twice in a block", actions({button("b"), button("b")})},
        {"same option value twice",
         actions({{{"type", "static_select"}, {"options", json::array{option("a", "1"), option("b", "1")}}}})},
        {"initial option of none",
         actions(
             {{{"type", "static_select"}, {"options", json::array{option("a", "1")}}, {"initial_option", option("b", "2")}}})},
        {"not an object", "text"},
    };
    for (auto const& [name, block] : table) BOOST_TEST_CONTEXT(name) BOOST_TEST(!accepted({block}, Surface::message));
    auto const divider = json::object{{"type", "divider"}, {"block_id", "same"}};
    BOOST_TEST(!accepted({divider, divider}, Surface::message));
    BOOST_TEST(accepted({actions({button("b")}), actions({button("b")})}, Surface::message));
}

BOOST_AUTO_TEST_CASE(views) {
    auto const form = modal({text_input("a")});
    BOOST_TEST(check_view(form, Surface::modal).empty());
    for (auto const* key : {"title", "submit", "close"}) {
        BOOST_TEST(check_view(with(form, key, plain(letters(24))), Surface::modal).empty());
        BOOST_TEST(!check_view(with(form, key, plain(letters(25))), Surface::modal).empty());
    }
    BOOST_TEST(check_view(with(form, "private_metadata", letters(3000)), Surface::modal).empty());
    BOOST_TEST(!check_view(with(form, "private_metadata", letters(3001)), Surface::modal).empty());
    BOOST_TEST(!check_view(with(form, "callback_id", letters(256)), Surface::modal).empty());
    BOOST_TEST(!check_view(with(form, "submit_disabled", true), Surface::modal).empty());
    BOOST_TEST(!check_view(form, Surface::home).empty());
    auto without = form;
    without.erase("submit");
    BOOST_TEST(!check_view(without, Surface::modal).empty());
    without["blocks"] = json::array{json::object{{"type", "divider"}}};
    BOOST_TEST(check_view(without, Surface::modal).empty());
    without.erase("title");
    BOOST_TEST(!check_view(without, Surface::modal).empty());
}

BOOST_AUTO_TEST_CASE(metadata_shape) {
    json::object const good{{"event_type", "t"}, {"event_payload", {{"key", 1}}}};
    BOOST_TEST(check_metadata(good).empty());
    BOOST_TEST(!check_metadata({{"event_type", "t"}}).empty());
    BOOST_TEST(!check_metadata(with(good, "event_payload", "x")).empty());
    BOOST_TEST(!check_metadata(with(good, "other", 1)).empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace esc::fake
