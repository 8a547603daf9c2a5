// Every limit that Slack sets for what we build: at the limit and one above. The oracle shares no code with the builders.
#include "bot/slack/blocks.hpp"

#include "tests/support/block_limits.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace esc::slack::blocks;
namespace json = boost::json;

namespace {

// Two bytes each, so that counting bytes would show.
std::string letters(std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) out += "é";
    return out;
}

std::string text_at(json::value const& value, std::string_view pointer) {
    return std::string{std::string_view{value.at_pointer(pointer).as_string()}};
}

json::array in_message(Block block) {
    Message message;
    message += std::move(block);
    return message.blocks_json();
}

json::object in_modal(Element element) {
    Modal modal{.callback_id = "c", .title = "Title", .submit = "Save"};
    modal += input({.block_id = "b", .label = "Label", .element = std::move(element)});
    return modal.json();
}

void check_nothing(std::vector<std::string> const& violations) {
    for (auto const& violation : violations) BOOST_ERROR(violation);
}

// Builds with `limit` and `limit + 1` characters: the first stands untouched, the second is cut to the limit.
template <class Build>
void check_cut(std::size_t limit, std::string_view pointer, Build const& build) {
    BOOST_TEST_CONTEXT(pointer << " " << limit) {
        json::value const at_limit = build(letters(limit));
        BOOST_TEST(text_at(at_limit, pointer) == letters(limit));
        json::value const above = build(letters(limit + 1));
        BOOST_TEST(length(text_at(above, pointer)) == limit);
        for (auto const* value : {&at_limit, &above}) {
            if (value->is_array()) check_nothing(esc::test::check_message_blocks(value->get_array()));
            if (!value->is_object()) continue;
            bool const home = value->at("type") == "home";
            check_nothing(home ? esc::test::check_home(value->get_object()) : esc::test::check_modal(value->get_object()));
        }
    }
}

Element some_button() { return button({.action_id = "a", .text = "Go"}); }

Choice choice_of(std::size_t options) {
    Choice choice{.action_id = "a"};
    for (std::size_t i = 0; i < options; ++i) choice.options.push_back({.text = "t", .value = std::to_string(i)});
    return choice;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(block_kit)

BOOST_AUTO_TEST_CASE(lengths_in_messages) {
    check_cut(150, "/0/text/text", [](auto const& text) { return in_message(header(text)); });
    check_cut(3000, "/0/text/text", [](auto const& text) { return in_message(section(mrkdwn_text(text))); });
    check_cut(3000, "/0/text/text", [](auto const& text) { return in_message(section(plain_text(text))); });
    check_cut(3000, "/0/elements/0/text", [](auto const& text) { return in_message(context({mrkdwn_text(text)})); });
    check_cut(255, "/0/block_id", [](auto const& text) { return in_message(actions(text, {some_button()})); });
    check_cut(75, "/0/elements/0/text/text",
              [](auto const& text) { return in_message(actions("b", {button({.action_id = "a", .text = text})})); });
    check_cut(255, "/0/elements/0/action_id",
              [](auto const& text) { return in_message(actions("b", {button({.action_id = text, .text = "t"})})); });
    check_cut(2000, "/0/elements/0/value", [](auto const& text) {
        return in_message(actions("b", {button({.action_id = "a", .text = "t", .value = text})}));
    });
    check_cut(75, "/0/elements/0/accessibility_label", [](auto const& text) {
        return in_message(actions("b", {button({.action_id = "a", .text = "t", .accessibility_label = text})}));
    });
    check_cut(150, "/0/accessory/placeholder/text",
              [](auto const& text) { return in_message(section(mrkdwn_text("t"), users_select("a", text))); });
}

BOOST_AUTO_TEST_CASE(lengths_in_modals) {
    auto const modal = [](auto const& change) {
        Modal out{.callback_id = "c", .title = "Title"};
        out += section(mrkdwn_text("t"));
        change(out);
        return out.json();
    };
    check_cut(24, "/title/text", [&](auto const& text) { return modal([&](Modal& m) { m.title = text; }); });
    check_cut(24, "/submit/text", [&](auto const& text) { return modal([&](Modal& m) { m.submit = text; }); });
    check_cut(24, "/close/text", [&](auto const& text) { return modal([&](Modal& m) { m.close = text; }); });
    check_cut(255, "/callback_id", [&](auto const& text) { return modal([&](Modal& m) { m.callback_id = text; }); });
    check_cut(3000, "/private_metadata", [&](auto const& text) { return modal([&](Modal& m) { m.private_metadata = text; }); });

    auto const with_input = [](Input held) {
        Modal out{.callback_id = "c", .title = "Title", .submit = "Save"};
        out += input(std::move(held));
        return out.json();
    };
    auto const element = [] { return plain_text_input({.action_id = "a"}); };
    check_cut(2000, "/blocks/0/label/text",
              [&](auto const& text) { return with_input({.block_id = "b", .label = text, .element = element()}); });
    check_cut(2000, "/blocks/0/hint/text",
              [&](auto const& text) { return with_input({.block_id = "b", .label = "l", .element = element(), .hint = text}); });
    check_cut(255, "/blocks/0/block_id",
              [&](auto const& text) { return with_input({.block_id = text, .label = "l", .element = element()}); });
    check_cut(3000, "/blocks/0/element/initial_value",
              [](auto const& text) { return in_modal(plain_text_input({.action_id = "a", .initial_value = text})); });
    check_cut(20, "/blocks/0/element/initial_value", [](auto const& text) {
        return in_modal(plain_text_input({.action_id = "a", .initial_value = text, .max_length = 20}));
    });
    check_cut(150, "/blocks/0/element/placeholder/text",
              [](auto const& text) { return in_modal(plain_text_input({.action_id = "a", .placeholder = text})); });
    check_cut(150, "/blocks/0/element/placeholder/text", [](auto const& text) {
        auto choice = choice_of(1);
        choice.placeholder = text;
        return in_modal(static_select(choice));
    });
    for (auto const* field : {"text", "description", "value"})
        check_cut(std::string_view{field} == "value" ? 150 : 75,
                  std::string{"/blocks/0/element/options/0/"} + field + (std::string_view{field} == "value" ? "" : "/text"),
                  [&](auto const& text) {
                      Choice choice{.action_id = "a", .options = {{.text = "t", .value = "v"}}};
                      if (std::string_view{field} == "text") choice.options[0].text = text;
                      if (std::string_view{field} == "description") choice.options[0].description = text;
                      if (std::string_view{field} == "value") choice.options[0].value = text;
                      return in_modal(radio_buttons(choice));
                  });
}

BOOST_AUTO_TEST_CASE(lengths_of_a_question_before_a_button) {
    auto const asked = [](std::string text, Style style = Style::normal) {
        return in_message(actions("b", {button({.action_id = "a", .text = "Go", .style = style, .confirm = std::move(text)})}));
    };
    check_cut(300, "/0/elements/0/confirm/text/text", [&](auto const& text) { return asked(text); });
    BOOST_TEST(asked("Really?")[0].at_pointer("/elements/0/confirm/text/type") == "plain_text");
    BOOST_TEST(!asked("Really?")[0].at_pointer("/elements/0/confirm").as_object().contains("style"));
    BOOST_TEST(asked("Really?", Style::danger)[0].at_pointer("/elements/0/confirm/style") == "danger");
    BOOST_TEST(!asked("")[0].at_pointer("/elements/0").as_object().contains("confirm"));
    check_nothing(esc::test::check_message_blocks(asked("<!channel> \u202Enow\nor never?", Style::danger)));
}

BOOST_AUTO_TEST_CASE(lengths_in_a_home) {
    auto const home = [](auto const& change) {
        Home out{.private_metadata = "{}"};
        out += section(mrkdwn_text("t"));
        change(out);
        return out.json();
    };
    check_cut(3000, "/private_metadata", [&](auto const& text) { return home([&](Home& h) { h.private_metadata = text; }); });
    check_cut(3000, "/blocks/1/text/text",
              [&](auto const& text) { return home([&](Home& h) { h += section(mrkdwn_text(text)); }); });
    BOOST_TEST(!Home{}.json().contains("private_metadata"));
}

BOOST_AUTO_TEST_CASE(people_dates_and_ticked_boxes) {
    auto const at = [](std::int64_t seconds) { return esc::from_us(seconds * 1'000'000 + 999'999); };
    auto const date = [&](std::int64_t seconds) { return datetimepicker("a", at(seconds)); };
    BOOST_TEST(date(1'790'000'000).json.at("initial_date_time").as_int64() == 1'790'000'000);
    for (auto const seconds : {std::int64_t{1'000'000'000}, std::int64_t{9'999'999'999}}) {
        BOOST_TEST(date(seconds).json.contains("initial_date_time"));
        check_nothing(esc::test::check_modal(in_modal(date(seconds))));
    }
    for (auto const seconds : {std::int64_t{999'999'999}, std::int64_t{10'000'000'000}, std::int64_t{0}})
        BOOST_TEST(!date(seconds).json.contains("initial_date_time"));
    BOOST_TEST(!datetimepicker("a", {}).json.contains("initial_date_time"));
    check_cut(255, "/blocks/0/element/action_id", [](auto const& text) { return in_modal(datetimepicker(text, {})); });

    auto const person = in_modal(users_select("a", "Who?", {"U1"}));
    check_nothing(esc::test::check_modal(person));
    BOOST_TEST(text_at(person, "/blocks/0/element/initial_user") == "U1");
    BOOST_TEST(!users_select("a", "Who?").json.contains("initial_user"));

    Choice boxes{.action_id = "a",
                 .options = {{.text = "One", .value = "1"}, {.text = "Two", .value = "2"}, {.text = "Twelve", .value = "12"}}};
    auto const ticked = [&](std::string initial) {
        boxes.initial_value = std::move(initial);
        auto const modal = in_modal(checkboxes(boxes));
        check_nothing(esc::test::check_modal(modal));
        std::string values;
        auto const element = json::value(modal).at_pointer("/blocks/0/element").as_object();
        if (!element.contains("initial_options")) return values;
        for (auto const& option : element.at("initial_options").as_array()) values += option.at("value").as_string().c_str();
        return values;
    };
    BOOST_TEST(ticked("") == "");
    BOOST_TEST(ticked("12") == "12");
    BOOST_TEST(ticked("12,1") == "112");
    BOOST_TEST(ticked("3,,") == "");
}

BOOST_AUTO_TEST_CASE(an_input_may_tell_of_every_change) {
    auto const made = [](bool dispatch) {
        return input({.block_id = "b",
                      .label = "l",
                      .element = radio_buttons(choice_of(2)),
                      .optional = true,
                      .dispatch_action = dispatch})
            .json;
    };
    BOOST_TEST(made(true).at("dispatch_action").as_bool());
    BOOST_TEST(!made(false).contains("dispatch_action"));
}

BOOST_AUTO_TEST_CASE(counts) {
    for (std::size_t const count : {std::size_t{10}, std::size_t{11}}) {
        auto const blocks = in_message(context(std::vector<Text>(count, mrkdwn_text("t"))));
        check_nothing(esc::test::check_message_blocks(blocks));
        BOOST_TEST(blocks[0].at("elements").as_array().size() == 10U);
        auto const modal = in_modal(radio_buttons(choice_of(count)));
        check_nothing(esc::test::check_modal(modal));
        BOOST_TEST(json::value(modal).at_pointer("/blocks/0/element/options").as_array().size() == 10U);
        auto const boxes = in_modal(checkboxes(choice_of(count)));
        check_nothing(esc::test::check_modal(boxes));
        BOOST_TEST(json::value(boxes).at_pointer("/blocks/0/element/options").as_array().size() == 10U);
    }
    for (std::size_t const count : {std::size_t{25}, std::size_t{26}}) {
        std::vector<Element> buttons;
        for (std::size_t i = 0; i < count; ++i) buttons.push_back(button({.action_id = std::to_string(i), .text = "t"}));
        auto const blocks = in_message(actions("b", std::move(buttons)));
        check_nothing(esc::test::check_message_blocks(blocks));
        BOOST_TEST(blocks[0].at("elements").as_array().size() == 25U);
    }
    for (std::size_t const count : {std::size_t{100}, std::size_t{101}}) {
        auto const modal = in_modal(static_select(choice_of(count)));
        check_nothing(esc::test::check_modal(modal));
        BOOST_TEST(json::value(modal).at_pointer("/blocks/0/element/options").as_array().size() == 100U);
    }
}

BOOST_AUTO_TEST_CASE(too_many_blocks_end_with_a_word_about_it) {
    for (std::size_t const count : {std::size_t{50}, std::size_t{51}, std::size_t{500}}) {
        Message message;
        for (std::size_t i = 0; i < count; ++i) message += divider();
        auto const blocks = message.blocks_json();
        check_nothing(esc::test::check_message_blocks(blocks));
        BOOST_TEST(blocks.size() == 50U);
        auto const said = json::serialize(blocks.back()).find(std::to_string(count - 49) + " more") != std::string::npos;
        BOOST_TEST(said == (count > 50));
    }
    for (std::size_t const count : {std::size_t{100}, std::size_t{101}}) {
        Modal modal{.callback_id = "c", .title = "t"};
        for (std::size_t i = 0; i < count; ++i) modal += divider();
        check_nothing(esc::test::check_modal(modal.json()));
        BOOST_TEST(modal.json().at("blocks").as_array().size() == 100U);
        Home home;
        for (std::size_t i = 0; i < count; ++i) home += divider();
        auto const shown = home.json();
        check_nothing(esc::test::check_home(shown));
        BOOST_TEST(shown.at("blocks").as_array().size() == 100U);
        auto const said = json::serialize(shown).find(std::to_string(count - 99) + " more") != std::string::npos;
        BOOST_TEST(said == (count > 100));
    }
}

BOOST_AUTO_TEST_CASE(a_view_that_would_be_too_large_ends_with_a_word_about_it) {
    Home home;
    Modal modal{.callback_id = "c", .title = "t"};
    for (int i = 0; i < 99; ++i) {
        home += section(mrkdwn_text(letters(3000)));
        modal += section(mrkdwn_text(letters(3000)));
    }
    check_nothing(esc::test::check_home(home.json()));
    check_nothing(esc::test::check_modal(modal.json()));
    for (auto const& view : {home.json(), modal.json()}) {
        auto const& blocks = view.at("blocks").as_array();
        BOOST_TEST(blocks.size() > 30U);
        BOOST_TEST(json::serialize(blocks.back()).find("more that do not fit") != std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(length_is_checked_after_escaping) {
    // 3000 characters of "&" are 15 000 once escaped.
    auto const blocks = in_message(section(mrkdwn("{}", std::string(3000, '&'))));
    check_nothing(esc::test::check_message_blocks(blocks));
    auto const text = text_at(blocks, "/0/text/text");
    BOOST_TEST(length(text) <= 3000U);
    BOOST_TEST(text.ends_with("&amp;…"));
}

BOOST_AUTO_TEST_CASE(empty_texts_are_not_sent) {
    Message message;
    message += header(" \n ");
    message += section(mrkdwn_text(""));
    message += section(plain_text("\u202E"));
    message += actions("", {button({.action_id = "a", .text = ""})});
    check_nothing(esc::test::check_message_blocks(message.blocks_json()));
    auto const modal = in_modal(static_select({.action_id = "a", .options = {{.text = "", .value = "v"}}}));
    check_nothing(esc::test::check_modal(modal));
}

BOOST_AUTO_TEST_CASE(mrkdwn_is_verbatim_and_plain_text_shows_emoji) {
    auto const blocks = in_message(section(mrkdwn("{}", "@here")));
    BOOST_TEST(blocks[0].at("text").at("verbatim").as_bool());
    BOOST_TEST(in_message(header("x"))[0].at("text").at("emoji").as_bool());
    BOOST_TEST(esc::test::not_verbatim(blocks).empty());
}

BOOST_AUTO_TEST_CASE(option_values_are_unique_and_the_initial_one_is_a_copy) {
    Choice const choice{
        .action_id = "a",
        .options = {{.text = "One", .value = "1"}, {.text = "Again", .value = "1"}, {.text = "Two", .value = "2"}},
        .initial_value = "2"};
    auto const modal = in_modal(static_select(choice));
    check_nothing(esc::test::check_modal(modal));
    auto const element = json::value(modal).at_pointer("/blocks/0/element");
    BOOST_TEST(element.at("options").as_array().size() == 2U);
    BOOST_TEST(element.at("initial_option") == element.at_pointer("/options/1"));
    auto unknown = choice;
    unknown.initial_value = "9";
    BOOST_TEST(
        !json::value(in_modal(static_select(unknown))).at_pointer("/blocks/0/element").as_object().contains("initial_option"));
}

BOOST_AUTO_TEST_CASE(styles_and_addresses_of_buttons) {
    auto const made = [](Button const& held) { return button(held).json; };
    BOOST_TEST(!made({.action_id = "a", .text = "t"}).contains("style"));
    BOOST_TEST(made({.action_id = "a", .text = "t", .style = Style::primary}).at("style") == "primary");
    BOOST_TEST(made({.action_id = "a", .text = "t", .style = Style::danger}).at("style") == "danger");
    BOOST_TEST(!made({.action_id = "a", .text = "t"}).contains("value"));
    BOOST_TEST(made({.action_id = "a", .text = "t", .url = "https://a.b/" + std::string(2988, 'x')}).contains("url"));
    BOOST_TEST(!made({.action_id = "a", .text = "t", .url = "https://a.b/" + std::string(2989, 'x')}).contains("url"));
}

BOOST_AUTO_TEST_CASE(text_input_options) {
    auto const element = plain_text_input({.action_id = "a", .multiline = true, .min_length = 9000, .max_length = 9000}).json;
    BOOST_TEST(element.at("multiline").as_bool());
    BOOST_TEST(element.at("max_length").as_int64() == 3000);
    BOOST_TEST(element.at("min_length").as_int64() == 3000);
    BOOST_TEST(!plain_text_input({.action_id = "a"}).json.contains("max_length"));
}

BOOST_AUTO_TEST_CASE(the_oracle_finds_what_is_wrong) {
    auto const refused = [](std::string const& blocks) {
        return !esc::test::check_message_blocks(json::parse(blocks).as_array()).empty();
    };
    BOOST_TEST(refused("[]"));
    BOOST_TEST(refused(R"([{"type":"section"}])"));
    BOOST_TEST(refused(R"([{"type":"header","text":{"type":"mrkdwn","text":"x"}}])"));
    BOOST_TEST(refused(R"([{"type":"section","text":{"type":"mrkdwn","text":""}}])"));
    BOOST_TEST(refused(R"([{"type":"section","text":{"type":"mrkdwn","text":"x"},"accesory":{}}])"));
    BOOST_TEST(refused(R"([{"type":"actions","elements":[]}])"));
    BOOST_TEST(refused(R"([{"type":"divider","block_id":"a"},{"type":"divider","block_id":"a"}])"));
    BOOST_TEST(refused(
        R"([{"type":"input","label":{"type":"plain_text","text":"l"},"element":{"type":"plain_text_input","action_id":"a"}}])"));
    BOOST_TEST(refused("[" + json::serialize(header("x").json) + R"(,{"type":"header","text":{"type":"plain_text","text":")" +
                       std::string(151, 'x') + R"("}}])"));
    auto const refused_element = [](std::string const& element) {
        auto const view = R"({"type":"modal","title":{"type":"plain_text","text":"t"},"submit":{"type":"plain_text","text":"t"},)"
                          R"("blocks":[{"type":"input","label":{"type":"plain_text","text":"l"},"element":)" +
                          element + "}]}";
        return !esc::test::check_modal(json::parse(view).as_object()).empty();
    };
    BOOST_TEST(!refused_element(R"({"type":"datetimepicker","action_id":"a","initial_date_time":1790000000})"));
    BOOST_TEST(refused_element(R"({"type":"datetimepicker","action_id":"a","initial_date_time":1790000000000})"));
    BOOST_TEST(refused_element(
        R"({"type":"checkboxes","action_id":"a","options":[{"text":{"type":"plain_text","text":"x"},"value":"x"}],"initial_options":[]})"));
    BOOST_TEST(refused_element(R"({"type":"users_select","action_id":"a","initial_user":""})"));
    BOOST_TEST(refused(
        R"([{"type":"actions","elements":[{"type":"button","action_id":"a","text":{"type":"plain_text","text":"x"},"confirm":{}}]}])"));
    BOOST_TEST(!esc::test::check_home(json::parse(R"({"type":"modal","blocks":[{"type":"divider"}]})").as_object()).empty());
    BOOST_TEST(esc::test::tokens_of("a <!channel> b &lt;@U1&gt; <@U2").size() == 2U);
}

BOOST_AUTO_TEST_SUITE_END()
