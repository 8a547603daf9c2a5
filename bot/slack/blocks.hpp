// Typed Block Kit builders. Distinct types keep an input out of a message; limits of docs.slack.dev/reference/block-kit are
// applied here, by cutting on a character boundary; text from people goes in as arguments and is escaped by type.
#pragma once

#include "bot/base/ids.hpp"
#include "bot/base/time.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <fmt/core.h>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace esc::slack::blocks {

// --- text -----------------------------------------------------------------------------------------------------------

// Foreign text for mrkdwn: & < > replaced, control and bidirectional-override characters removed, formatting marks broken
// with U+200B (docs.slack.dev/messaging/formatting-message-text; they cannot be escaped).
[[nodiscard]] std::string escape(std::string_view foreign);
// At most `limit` code points, ending in "…" when cut; never cuts inside a UTF-8 sequence. Invalid UTF-8 becomes U+FFFD.
[[nodiscard]] std::string cut(std::string_view text, std::size_t limit);
// The same for text that is markup already: also never inside a <token> or an &entity;.
[[nodiscard]] std::string cut_markup(std::string_view markup, std::size_t limit);
// Code points: what Slack's limits count.
[[nodiscard]] std::size_t length(std::string_view text);
// For plain_text: control and bidirectional-override characters removed, white space runs (also newlines) made one space.
[[nodiscard]] std::string one_line(std::string_view text);

// Arguments of mrkdwn() that are already markup of ours.
struct Raw {
    std::string text{};
};
[[nodiscard]] inline Raw raw(std::string text) { return {std::move(text)}; }
[[nodiscard]] Raw person(PersonId const& id);                          // <@U…>
[[nodiscard]] Raw channel(ChannelId const& id);                        // <#C…>
[[nodiscard]] Raw link(std::string_view url, std::string_view label);  // <url|label>; only http, https, mailto, else the label
// <!date^unix^{time}|Nov 23, 14:32 UTC>: shown in the reader's zone.
enum class DateForm : std::uint8_t { time, date_short_time };
[[nodiscard]] Raw date(Instant at, DateForm form = DateForm::date_short_time);

struct Text {
    boost::json::object json{};
};
[[nodiscard]] Text plain_text(std::string_view text);     // {"type":"plain_text","text":…,"emoji":true}; cut at 3000
[[nodiscard]] Text mrkdwn_text(std::string_view markup);  // {"type":"mrkdwn","text":…,"verbatim":true}; cut at 3000

namespace detail {
inline std::string argument(Raw const& r) { return r.text; }
inline std::string argument(std::string_view s) { return escape(s); }
inline std::string argument(std::string const& s) { return escape(s); }
inline std::string argument(char const* s) { return escape(s); }
inline std::string argument(EscalationId id) { return id.key(); }
inline std::string argument(std::integral auto number) { return fmt::format("{}", number); }
}  // namespace detail

// mrkdwn("{} {}", raw("*x*"), title): every argument but Raw is escaped.
template <class... Args>
[[nodiscard]] std::string markup(std::string_view format, Args const&... args) {
    return fmt::vformat(format, fmt::make_format_args(static_cast<std::string const&>(detail::argument(args))...));
}
template <class... Args>
[[nodiscard]] Text mrkdwn(std::string_view format, Args const&... args) {
    return mrkdwn_text(markup(format, args...));
}

// --- elements -------------------------------------------------------------------------------------------------------

enum class Style : std::uint8_t { normal, primary, danger };

struct Element {
    boost::json::object json{};
};
struct Button {
    std::string action_id{};
    std::string text{};   // ≤ 75, Slack shows about 30
    std::string value{};  // ≤ 2000
    Style style = Style::normal;
    std::string url{};  // optional; still sends a block action
    std::string accessibility_label{};
    std::string confirm{};  // a question that must be said yes to first: plain text, ≤ 300
};
[[nodiscard]] Element button(Button const& button);

struct Option {
    std::string text{};         // ≤ 75
    std::string value{};        // ≤ 150
    std::string description{};  // ≤ 75
};
struct Choice {
    std::string action_id{};
    std::vector<Option> options{};  // selects ≤ 100, radio buttons ≤ 10
    std::string initial_value{};    // value of one of the options, or empty
    std::string placeholder{};      // ≤ 150
};
[[nodiscard]] Element static_select(Choice const& choice);
[[nodiscard]] Element radio_buttons(Choice const& choice);

struct TextInput {
    std::string action_id{};
    std::string initial_value{};
    std::string placeholder{};
    bool multiline = false;
    int min_length = 0;
    int max_length = 0;  // 0: Slack's own (3000)
};
[[nodiscard]] Element plain_text_input(TextInput const& input);
[[nodiscard]] Element users_select(std::string_view action_id, std::string_view placeholder, PersonId const& initial = {});
// Several may be ticked; `initial_value` holds those ticked at first, joined by commas. ≤ 10
[[nodiscard]] Element checkboxes(Choice const& choice);
// docs.slack.dev/reference/block-kit/block-elements/datetime-picker-element: in the reader's zone, whole seconds.
[[nodiscard]] Element datetimepicker(std::string_view action_id, std::optional<Instant> initial);

// --- blocks ---------------------------------------------------------------------------------------------------------

struct Block {
    boost::json::object json{};
};
[[nodiscard]] Block header(std::string_view plain);  // ≤ 150
[[nodiscard]] Block section(Text text);
[[nodiscard]] Block section(Text text, Element accessory);
[[nodiscard]] Block context(std::vector<Text> texts);  // ≤ 10
[[nodiscard]] Block divider();
[[nodiscard]] Block actions(std::string_view block_id, std::vector<Element> elements);  // ≤ 25
// An input belongs into views only.
struct InputBlock {
    boost::json::object json{};
};
struct Input {
    std::string block_id{};
    std::string label{};  // ≤ 2000
    Element element{};
    std::string hint{};  // ≤ 2000
    bool optional = false;
    bool dispatch_action = false;  // a change is told at once, not only with the submission
};
[[nodiscard]] InputBlock input(Input input);

// --- messages and views ---------------------------------------------------------------------------------------------

struct Message {
    std::string text{};           // the notification and screen-reader text: a full summary, plain
    std::vector<Block> blocks{};  // ≤ 50; more are dropped and the last says so

    Message& operator+=(Block block) {
        blocks.push_back(std::move(block));
        return *this;
    }
    [[nodiscard]] boost::json::array blocks_json() const;
};

struct Modal {
    std::string callback_id{};
    std::string title{};   // ≤ 24
    std::string submit{};  // ≤ 24; empty only without inputs
    std::string close = "Cancel";
    std::string private_metadata{};             // ≤ 3000
    std::vector<boost::json::object> blocks{};  // ≤ 100

    Modal& operator+=(Block block) {
        blocks.push_back(std::move(block.json));
        return *this;
    }
    Modal& operator+=(InputBlock block) {
        blocks.push_back(std::move(block.json));
        return *this;
    }
    [[nodiscard]] boost::json::object json() const;
};

// The Home tab of one person.
struct Home {
    std::string private_metadata{};  // ≤ 3000: what it shows (filter, page), so that the next click knows
    std::vector<Block> blocks{};     // ≤ 100; more are dropped and the last says so

    Home& operator+=(Block block) {
        blocks.push_back(std::move(block));
        return *this;
    }
    [[nodiscard]] boost::json::object json() const;
};

}  // namespace esc::slack::blocks
