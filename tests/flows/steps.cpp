#include "tests/flows/steps.hpp"

#include "bot/base/words.hpp"
#include "handlers/router.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <functional>
#include <optional>
#include <regex>
#include <stdexcept>
#include <utility>
#include <vector>

namespace esc::flows {
namespace {

using Match = std::smatch;

[[noreturn]] void fail_step(std::string const& why) { throw std::runtime_error(why); }

class Flow {
public:
    Flow(BetweenSteps between, Used& used) : between_(between), used_(used) {}

    void given_config(std::string const& toml) {
        if (world_) fail_step("`given` comes before the first `when`");
        // "[[sla]] severity = 3 first_response = "10m"": one header and its keys on one line.
        std::string lines = std::regex_replace(toml, std::regex(R"(\s+(\w+)\s*=)"), "\n$1 =");
        config_ += "\n" + lines + "\n";
    }

    World& world() {
        // Who starts anew forgets its pace, and waiting for Slack's would move the clock between the steps.
        auto const limits = between_ == BetweenSteps::killed ? World::RateLimits::none : World::RateLimits::as_slack;
        if (!world_) world_ = std::make_unique<World>(config_, limits);
        return *world_;
    }

    // --- what people do ---
    void writes(std::string const& who, std::string const& channel, std::string const& text) {
        auto const answer = world().act("message", {{"user", who}, {"channel", channel}, {"text", text}});
        message_channel_ = channel;
        message_ts_ = thread_ts_ = std::string(answer.at("ts").as_string());
        said(text, "message");
    }
    void replies(std::string const& who, std::string const& where, std::string const& text) {
        auto const in_card = where == "card";
        auto const answer = world().act("message", {{"user", who},
                                                    {"channel", in_card ? std::string("#triage") : message_channel_},
                                                    {"thread_ts", in_card ? card().ts : message_ts_},
                                                    {"text", text}});
        reply_ts_ = std::string(answer.at("ts").as_string());
        said(text, "message");
    }
    void edits(std::string const& who, std::string const& text) {
        world().act("edit", {{"user", who}, {"channel", message_channel_}, {"ts", message_ts_}, {"text", text}});
        use("event", "message_changed");
    }
    void deletes(std::string const& who) {
        world().act("delete", {{"user", who}, {"channel", message_channel_}, {"ts", message_ts_}});
        use("event", "message_deleted");
    }
    // The newest reply becomes “the message”: what is said from now on still stands in the same thread.
    void takes_reply() { message_ts_ = reply_ts_; }
    void opens_home(std::string const& who) {
        world().act("open_home", {{"user", who}});
        use("event", "app_home_opened");
    }
    void reacts(std::string const& who, std::string const& name, bool add) {
        world().act(add ? "react" : "unreact",
                    {{"user", who}, {"channel", message_channel_}, {"ts", message_ts_}, {"name", name}});
        use("event", add ? "reaction_added" : "reaction_removed");
    }
    void types(std::string const& who, std::string const& channel, std::string const& text) {
        auto const space = text.find(' ');
        auto const answer = world().act("command", {{"user", who},
                                                    {"channel", channel},
                                                    {"command", text.substr(0, space)},
                                                    {"text", space == std::string::npos ? "" : text.substr(space + 1)}});
        if (auto const outcome = answer.at("outcome").as_string(); outcome != "acked")
            fail_step(fmt::format("the command was {}", std::string_view(outcome)));
        use("command", text.substr(1, space == std::string::npos ? space : space - 1));
        if (text.starts_with("/escalate ")) use_verb("verb", text.substr(space + 1));
        told_.clear();
        if (auto const* message = answer.if_contains("ephemeral"); message != nullptr && message->is_object()) {
            auto const* ts = message->get_object().if_contains("ts");
            for (auto const& reading : world().ephemerals(who))
                if (ts != nullptr && reading.ts == ts->as_string()) told_ = reading.text;
        }
    }
    void uses_shortcut(std::string const& who, std::string const& callback, bool on_message) {
        json::object body{{"user", who}, {"callback_id", callback}};
        if (on_message) {
            body["channel"] = message_channel_;
            body["ts"] = message_ts_;
        }
        world().act("shortcut", body);
        use("shortcut", callback);
    }
    // In the modal on top, or on the Home tab.
    void clicks_in_view(std::string const& who, std::string const& label, bool home) {
        auto const view = world().view(who, home ? "home" : "view");
        if (view.empty()) fail_step("no such view is open");
        auto const button = find_button(view.at("blocks").as_array(), label);
        if (!button) fail_step(fmt::format("no button {} in:\n{}", label, home ? world().home(who) : world().modal(who)));
        json::object body{{"user", who}, {"action_id", button->at("action_id")}, {"home", home}};
        if (auto const* value = button->if_contains("value")) body["value"] = *value;
        click(body);
    }
    // A select in the modal on top or at Home takes another value.
    void chooses(std::string const& who, std::string const& field, std::string const& value, bool home) {
        auto const view = world().view(who, home ? "home" : "view");
        if (view.empty()) fail_step("no such view is open");
        for (auto const& block : view.at("blocks").as_array()) {
            auto const id = block.as_object().if_contains("block_id");
            auto const element = first_field(block.as_object());
            if (id == nullptr || element.empty()) continue;
            if (id->as_string() != field && element.at("action_id").as_string() != field) continue;
            return click({{"user", who},
                          {"action_id", element.at("action_id")},
                          {"block_id", *id},
                          {"home", home},
                          {"value", entered(element, value)}});
        }
        fail_step(fmt::format("no field {} in:\n{}", field, home ? world().home(who) : world().modal(who)));
    }
    void clicks_ephemeral(std::string const& who, std::string const& label) {
        auto const found = newest_with(world().ephemerals(who), label);
        click({{"user", who}, {"channel", found.channel}, {"ts", found.ts}, {"action_id", action_of(found, label, false)}});
    }
    // Slack asks "are you sure", and they are not.
    void thinks_better(std::string const& who, std::string const& label) {
        auto const found = newest_with({card()}, label);
        auto const answer = world().act("click", {{"user", who},
                                                  {"channel", found.channel},
                                                  {"ts", found.ts},
                                                  {"action_id", action_of(found, label, false)},
                                                  {"deny", true}});
        if (answer.at("outcome").as_string() != "denied") fail_step("nothing asked whether it was meant");
    }
    void clicks(std::string const& who, std::string const& label, bool stale, bool in_dm) {
        auto const found = in_dm ? newest_with(world().direct_messages(who), label) : newest_with({card()}, label, stale);
        json::object body{
            {"user", who}, {"channel", found.channel}, {"ts", found.ts}, {"action_id", action_of(found, label, stale)}};
        if (in_dm) body["channel"] = "dm";
        if (stale) body["stale"] = true;
        click(body);
    }
    void submits(std::string const& who, std::string const& fields) {
        json::object values;
        auto const view = world().view(who);
        for (std::size_t from = 0; from <= fields.size();) {
            auto const end = std::min(fields.find(" | ", from), fields.size());
            auto const field = fields.substr(from, end - from);
            auto const equals = field.find('=');
            if (equals == std::string::npos) fail_step("a field is name=value");
            auto const name = field.substr(0, equals);
            auto const element = field_named(view, name);
            if (element.empty()) fail_step(fmt::format("no field {} in:\n{}", name, world().modal(who)));
            values[name] = entered(element, field.substr(equals + 1));
            from = end + 3;
        }
        submission_ = world().act("submit", {{"user", who}, {"values", values}});
        if (!submission_.contains("errors") && view.contains("callback_id"))
            use("view", std::string(view.at("callback_id").as_string()));
    }
    void passes(std::string const& span) { world().pass(parse_elapsed(span).value()); }
    void stops() { world().stop_bot(); }
    void starts() { world().start_bot(); }
    void killed() {
        if (!world_ || !world_->bot_runs()) return;
        world_->kill_bot();
        world_->start_bot();
    }
    void controls(std::string const& name, std::string const& body) {
        if (name == "user") use("event", "user_change");
        auto const answer = world().control(name, json::parse(body).as_object());
        if (name == "share") use("event", "channel_shared");
        if (answer.contains("was")) use("event", "channel_id_changed");
        world().settle();
    }

    // --- what people see ---
    World::Reading card() {
        auto const cards = cards_in("#triage");
        if (cards.empty()) fail_step("there is no card in #triage");
        return cards.back();
    }
    std::vector<World::Reading> cards_in(std::string const& channel) {
        auto all = world().history(channel);
        std::erase_if(all, [](World::Reading const& one) { return !one.from_bot; });
        return all;
    }
    std::string thread_text(std::string const& where) {
        auto const& [channel, ts] = where == "card" ? std::pair{std::string("#triage"), card().ts} : std::pair{where, thread_ts_};
        std::string text;
        for (auto const& reply : world().thread(channel, ts)) text += reply.text;
        return text;
    }
    std::string all_text(std::vector<World::Reading> const& messages) {
        std::string text;
        for (auto const& message : messages) text += message.text + "\n";
        return text;
    }
    std::string told() const { return told_; }
    std::string error_of(std::string const& field) const {
        auto const* errors = submission_.if_contains("errors");
        if (errors == nullptr || !errors->is_object()) return {};
        auto const* error = errors->get_object().if_contains(field);
        return error == nullptr ? std::string{} : std::string(error->as_string());
    }

    // Where people from outside read there is no key, no severity, no colleague's name and nothing about an account.
    void nothing_internal_outside() {
        if (!world_) return;
        static std::regex const internal(
            R"(ESC-\d|SEV\d|🔒|No owner|@(riley|ana|bo|lea|max)\b|ARR|[Hh]ealth|[Rr]enews|Enterprise)");
        for (auto const& message : world_->newly_told_outsiders())
            if (std::smatch found; std::regex_search(message.text, found, internal))
                fail_step(fmt::format("people from outside read “{}” in {}:\n{}", found.str(), message.channel, message.text));
    }
    void end() {
        world().settle();
        auto const violations = world().control("violations", {}).at("violations").as_array();
        if (!violations.empty()) fail_step("the bot did what Slack does not accept: " + json::serialize(violations));
        world().stop_bot();
        if (auto const problem = world().verify(); !problem.empty()) fail_step("verify: " + problem);
    }

private:
    void click(json::object const& body) {
        if (world().act("click", body).at("outcome").as_string() != "acked") fail_step("the click was not acknowledged");
        use("action", std::string(body.at("action_id").as_string()));
    }
    void use(std::string_view kind, std::string_view name) { used_.insert(fmt::format("{} {}", kind, name)); }
    // "claim 1", "away off": a verb has its key behind it, or is about oneself.
    void use_verb(std::string_view kind, std::string const& text) {
        handlers::Words const words{text};
        auto const verb = lower(words.at(0));
        if (words.key(1) || verb == "away" || verb == "help") use(kind, verb);
    }
    void said(std::string const& text, std::string_view event) {
        use("event", event);
        constexpr std::string_view name = "@bot ";
        if (!text.starts_with(name)) return;
        use("event", "app_mention");
        use_verb("mentioned", text.substr(name.size()));
    }
    static std::optional<json::object> find_button(json::array const& blocks, std::string const& label) {
        auto const is = [&](json::object const& element) {
            return element.contains("action_id") && element.contains("text") && element.at("type").as_string() == "button" &&
                   element.at("text").at("text").as_string() == label;
        };
        for (auto const& value : blocks) {
            auto const& block = value.as_object();
            if (auto const* accessory = block.if_contains("accessory"); accessory != nullptr && is(accessory->as_object()))
                return accessory->as_object();
            auto const* elements = block.if_contains("elements");
            if (elements == nullptr || block.at("type").as_string() != "actions") continue;
            for (auto const& element : elements->as_array())
                if (is(element.as_object())) return element.as_object();
        }
        return std::nullopt;
    }
    static std::optional<std::string> find_action(json::array const& blocks, std::string const& label) {
        auto const button = find_button(blocks, label);
        if (!button) return std::nullopt;
        return std::string(button->at("action_id").as_string());
    }
    // The element of a block that holds a value.
    static json::object first_field(json::object const& block) {
        for (auto const* key : {"element", "accessory"})
            if (auto const* element = block.if_contains(key); element != nullptr && element->as_object().contains("action_id"))
                return element->as_object();
        if (auto const* elements = block.if_contains("elements"); elements != nullptr && block.at("type") == "actions")
            for (auto const& element : elements->as_array())
                if (element.at("type").as_string() != "button") return element.as_object();
        return {};
    }
    static json::object field_named(json::object const& view, std::string const& name) {
        if (auto const* blocks = view.if_contains("blocks"))
            for (auto const& block : blocks->as_array())
                if (auto const* id = block.as_object().if_contains("block_id"); id != nullptr && id->as_string() == name)
                    return first_field(block.as_object());
        return {};
    }
    // What is written in a flow, as that kind of field takes it: a list by commas, a moment as seconds since 1970 or as "+2h".
    // "@bo" in a list of people: the option whose text begins with that name.
    static json::value named_option(json::object const& element, std::string const& name) {
        if (auto const* options = element.if_contains("options"); options != nullptr && options->is_array())
            for (auto const& option : options->get_array())
                if (std::string_view(option.at_pointer("/text/text").as_string()).starts_with(name + " "))
                    return option.at("value");
        return json::value("@" + name);
    }
    json::value entered(json::object const& element, std::string const& text) {
        auto const* type = element.if_contains("type");
        auto const kind = type == nullptr ? std::string{} : std::string(type->as_string());
        if (kind == "datetimepicker") {
            if (!text.starts_with('+')) return std::stoll(text);
            return to_unix(world().now() + parse_elapsed(text.substr(1)).value());
        }
        if (kind == "static_select" && text.starts_with('@')) return named_option(element, text.substr(1));
        if (kind != "checkboxes" && !kind.starts_with("multi_")) return json::value(text);
        json::array list;
        for (std::size_t from = 0; from < text.size();) {
            auto const end = std::min(text.find(',', from), text.size());
            list.emplace_back(text.substr(from, end - from));
            from = end + 1;
        }
        return list;
    }
    // A button that is gone from the message keeps the action id that the product gives its label.
    static std::string action_of(World::Reading const& message, std::string const& label, bool stale) {
        if (auto const id = find_action(message.blocks, label)) return *id;
        if (!stale) fail_step(fmt::format("no button {} in:\n{}", label, message.text));
        static std::vector<std::pair<std::string, std::string>> const other_names{
            {"Reply sent", "esc.replied"}, {"Next step", "esc.next"}, {"Mitigate", "esc.mitigated"}};
        for (auto const& [name, id] : other_names)
            if (label == name) return id;
        std::string id = "esc.";
        for (char const c : label) id += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        return id;
    }
    static World::Reading newest_with(std::vector<World::Reading> const& messages, std::string const& label, bool stale = false) {
        for (auto at = messages.rbegin(); at != messages.rend(); ++at)
            if (stale || find_action(at->blocks, label)) return *at;
        fail_step(fmt::format("no message has a button {}", label));
    }

    std::string config_{};
    BetweenSteps between_;
    Used& used_;
    std::unique_ptr<World> world_{};
    std::string message_channel_{};
    std::string message_ts_{};
    std::string thread_ts_{};  // the first message of the thread in which “the message” stands
    std::string reply_ts_{};
    std::string told_{};
    json::object submission_{};
};

std::vector<std::string> quoted(std::string const& text) {
    std::vector<std::string> words;
    static std::regex const word("\"([^\"]*)\"");
    for (std::sregex_iterator at(text.begin(), text.end(), word), end; at != end; ++at) words.push_back((*at)[1]);
    if (words.empty()) fail_step("nothing in quotes to look for");
    return words;
}

void expect(std::string const& seen, std::string const& has_or_not, std::string const& words) {
    auto const wanted = has_or_not != "has no";
    for (auto const& word : quoted(words))
        if ((seen.find(word) != std::string::npos) != wanted)
            fail_step(fmt::format("{} “{}” in:\n{}", wanted ? "no" : "unwanted", word, seen));
}

void expect_count(std::string const& seen, std::string const& count, std::string const& word) {
    auto const wanted = std::stoul(count);
    std::size_t found = 0;
    for (auto at = seen.find(word); at != std::string::npos; at = seen.find(word, at + 1)) ++found;
    if (found != wanted) fail_step(fmt::format("“{}” stands there {} times, not {}:\n{}", word, found, wanted, seen));
}

struct Step {
    std::regex form;
    std::function<void(Flow&, Match const&)> run;
};

std::vector<Step> const& steps() {
    static std::vector<Step> const all{
        {std::regex("given config (.+)"), [](Flow& f, Match const& m) { f.given_config(m[1]); }},
        {std::regex("when (@\\w+) in (#[\\w-]+) writes: (.+)"), [](Flow& f, Match const& m) { f.writes(m[1], m[2], m[3]); }},
        {std::regex("when (@\\w+) reacts (\\S+)"), [](Flow& f, Match const& m) { f.reacts(m[1], m[2], true); }},
        {std::regex("when (@\\w+) takes back (\\S+)"), [](Flow& f, Match const& m) { f.reacts(m[1], m[2], false); }},
        {std::regex("when (@\\w+) in (#[\\w-]+) types: (.+)"), [](Flow& f, Match const& m) { f.types(m[1], m[2], m[3]); }},
        {std::regex("when (\\d+) times (@\\w+) in (#[\\w-]+) types: (.+)"),
         [](Flow& f, Match const& m) {
             for (auto left = std::stoul(m[1]); left > 0; --left) f.types(m[2], m[3], m[4]);
         }},
        {std::regex("when (@\\w+) replies: (.+)"), [](Flow& f, Match const& m) { f.replies(m[1], "", m[2]); }},
        {std::regex("when (@\\w+) replies on the card: (.+)"), [](Flow& f, Match const& m) { f.replies(m[1], "card", m[2]); }},
        {std::regex("when (@\\w+) edits the message: (.+)"), [](Flow& f, Match const& m) { f.edits(m[1], m[2]); }},
        {std::regex("when (@\\w+) deletes the message"), [](Flow& f, Match const& m) { f.deletes(m[1]); }},
        {std::regex("when the reply is the message"), [](Flow& f, Match const&) { f.takes_reply(); }},
        {std::regex("when (@\\w+) opens (?:his|her) Home"), [](Flow& f, Match const& m) { f.opens_home(m[1]); }},
        {std::regex("when (@\\w+) uses the shortcut (\\S+) on the message"),
         [](Flow& f, Match const& m) { f.uses_shortcut(m[1], m[2], true); }},
        {std::regex("when (@\\w+) uses the shortcut (\\S+)"),
         [](Flow& f, Match const& m) { f.uses_shortcut(m[1], m[2], false); }},
        {std::regex("when (@\\w+) thinks better of (.+)"), [](Flow& f, Match const& m) { f.thinks_better(m[1], m[2]); }},
        {std::regex("when (@\\w+) chooses (\\S+?)=(.+) at Home"),
         [](Flow& f, Match const& m) { f.chooses(m[1], m[2], m[3], true); }},
        {std::regex("when (@\\w+) chooses (\\S+?)=(.+)"), [](Flow& f, Match const& m) { f.chooses(m[1], m[2], m[3], false); }},
        {std::regex("when (@\\w+) clicks (.+) at Home"), [](Flow& f, Match const& m) { f.clicks_in_view(m[1], m[2], true); }},
        {std::regex("when (@\\w+) clicks (.+) in the modal"),
         [](Flow& f, Match const& m) { f.clicks_in_view(m[1], m[2], false); }},
        {std::regex("when (@\\w+) clicks (.+) that only (?:he|she) sees"),
         [](Flow& f, Match const& m) { f.clicks_ephemeral(m[1], m[2]); }},
        {std::regex("when (@\\w+) clicks (.+) in (?:his|her) DM"),
         [](Flow& f, Match const& m) { f.clicks(m[1], m[2], false, true); }},
        {std::regex("when (@\\w+) clicks (.+) stale"), [](Flow& f, Match const& m) { f.clicks(m[1], m[2], true, false); }},
        {std::regex("when (@\\w+) clicks (.+)"), [](Flow& f, Match const& m) { f.clicks(m[1], m[2], false, false); }},
        {std::regex("when (@\\w+) submits (.+)"), [](Flow& f, Match const& m) { f.submits(m[1], m[2]); }},
        {std::regex("when (\\S+) pass(?:es)?"), [](Flow& f, Match const& m) { f.passes(m[1]); }},
        {std::regex("when the bot restarts"), [](Flow& f, Match const&) { f.stops(), f.starts(); }},
        {std::regex("when the bot stops"), [](Flow& f, Match const&) { f.stops(); }},
        {std::regex("when the bot starts"), [](Flow& f, Match const&) { f.starts(); }},
        {std::regex("when the control (\\w+) (\\{.*\\})"), [](Flow& f, Match const& m) { f.controls(m[1], m[2]); }},
        {std::regex("then the card (has no|has) (.+)"), [](Flow& f, Match const& m) { expect(f.card().text, m[1], m[2]); }},
        {std::regex("then (#[\\w-]+|card) thread (has no|has) (.+)"),
         [](Flow& f, Match const& m) { expect(f.thread_text(m[1]), m[2], m[3]); }},
        {std::regex("then (#[\\w-]+|card) thread counts (\\d+) \"(.+)\""),
         [](Flow& f, Match const& m) { expect_count(f.thread_text(m[1]), m[2], m[3]); }},
        {std::regex("then (#[\\w-]+) counts (\\d+) cards?"),
         [](Flow& f, Match const& m) {
             if (auto const found = f.cards_in(m[1]).size(); found != std::stoul(m[2])) fail_step(fmt::format("{} cards", found));
         }},
        {std::regex("then the bot is silent in (#[\\w-]+)"),
         [](Flow& f, Match const& m) {
             if (auto const said = f.world().said_by_bot(m.str(1)); !said.empty()) fail_step("it said:\n" + f.all_text(said));
         }},
        {std::regex("then the Home of (@\\w+) (has no|has) (.+)"),
         [](Flow& f, Match const& m) { expect(f.world().home(m.str(1)), m[2], m[3]); }},
        {std::regex("then (#[\\w-]+) (has no|has) (.+)"),
         [](Flow& f, Match const& m) { expect(f.all_text(f.world().history(m.str(1))), m[2], m[3]); }},
        {std::regex("then DM (@\\w+) (has no|has) (.+)"),
         [](Flow& f, Match const& m) { expect(f.all_text(f.world().direct_messages(m.str(1))), m[2], m[3]); }},
        {std::regex("then DM (@\\w+) counts (\\d+) \"(.+)\""),
         [](Flow& f, Match const& m) { expect_count(f.all_text(f.world().direct_messages(m.str(1))), m[2], m[3]); }},
        {std::regex("then (@\\w+) sees no (.+)"),
         [](Flow& f, Match const& m) { expect(f.all_text(f.world().ephemerals(m.str(1))), "has no", m[2]); }},
        {std::regex("then (@\\w+) sees (.+)"),
         [](Flow& f, Match const& m) {
             auto const seen = f.world().ephemerals(m.str(1));
             expect(seen.empty() ? std::string{} : seen.back().text, "has", m[2]);
         }},
        {std::regex("then @\\w+ is told (.+)"), [](Flow& f, Match const& m) { expect(f.told(), "has", m[1]); }},
        {std::regex("then the modal of (@\\w+) (has no|has) (.+)"),
         [](Flow& f, Match const& m) { expect(f.world().modal(m.str(1)), m[2], m[3]); }},
        {std::regex("then no modal is open for (@\\w+)"),
         [](Flow& f, Match const& m) {
             if (auto const modal = f.world().modal(m.str(1)); !modal.empty()) fail_step("a modal is open:\n" + modal);
         }},
        {std::regex("then the modal says (\\w+): (.+)"), [](Flow& f, Match const& m) { expect(f.error_of(m[1]), "has", m[2]); }},
    };
    return all;
}

}  // namespace

void play(std::filesystem::path const& file, BetweenSteps between_steps, Used& used) {
    std::ifstream in(file);
    if (!in) throw std::runtime_error("cannot read " + file.string());
    Flow flow(between_steps, used);
    std::string line;
    auto const at = [&](int number, std::exception const& error) {
        return std::runtime_error(fmt::format("{}:{}: {}\n  {}", file.filename().string(), number, line, error.what()));
    };
    int number = 0;
    while (std::getline(in, line)) {
        ++number;
        auto const text = std::regex_replace(line, std::regex("^\\s+|\\s+$|\\s+(?=\\s)"), "");
        if (text.empty() || text.front() == '#') continue;
        try {
            auto const& all = steps();
            Match match;
            auto const step =
                std::find_if(all.begin(), all.end(), [&](Step const& one) { return std::regex_match(text, match, one.form); });
            if (step == all.end()) throw std::runtime_error("there is no such step (tests/flows/README.md has them)");
            step->run(flow, match);
            if (between_steps == BetweenSteps::killed) flow.killed();
            flow.nothing_internal_outside();
        } catch (std::exception const& error) {
            throw at(number, error);
        }
    }
    try {
        flow.end();
    } catch (std::exception const& error) {
        throw at(number, error);
    }
}

}  // namespace esc::flows
